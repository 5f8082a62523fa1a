// SPDX-License-Identifier: MIT

// SPEC section 2, the table of profiles and their names.

package main

import (
	"strconv"
	"strings"
)

// The columns, and the values of each.
var columns = []struct{ name, values string }{
	{"min_tcp_gso_size", "0 8"},
	{"takes_uso", "no yes"},
	{"checks_csum_start", "no yes"},
	{"dissects", "no yes"},
	{"refuses_cwr", "no yes"},
	{"compares_cwr", "no yes"},
	{"shows_cwr", "no yes"},
	{"fixed_id_needs_df", "no yes"},
	{"max_udp_segments", "64"},
	{"strips_jumbo", "no yes"},
	{"probes_tcp", "no yes"},
	{"takes_tunnels", "no yes"},
	{"counts_unread", "no yes"},
	{"big_ip4", "no yes"},
	{"lists_tcp", "no yes"},
	{"flushed_beside", "no yes"},
	{"checks_tunnel_length", "no yes"},
}

// The values stand in the order of the columns, the oldest profile first.
var rows = []struct{ name, values string }{
	{"linux-6.1", "8 no no no yes no yes yes 64 yes no no no no no no no"},
	{"linux-6.12", "8 yes yes no yes no yes yes 64 yes no no no yes yes yes no"},
	{"linux-6.16", "0 yes yes no yes yes no yes 64 yes no no yes yes yes yes no"},
	{"linux-6.18", "0 yes yes no yes yes no no 64 yes no yes yes yes yes yes no"},
	{"linux-7.2", "8 yes yes yes no yes no no 64 no no yes yes yes yes yes no"},
}

var aliases = map[string]string{"linux-7.3": "linux-7.2:checks_tunnel_length=yes"}

func profileNames() (names []string) {
	for _, row := range rows {
		names = append(names, row.name)
	}
	return names
}

// profileOf has a field for each value.
func profileOf(values []string) *profile {
	number := func(i int) int { n, _ := strconv.Atoi(values[i]); return n }
	is := func(i int) bool { return values[i] == "yes" }
	p := &profile{number(0), is(1), is(13), is(14), is(15), is(2), nil, is(3), is(11), is(12), is(4), is(5), is(6), is(7),
		number(8), is(9), is(10), is(16)}
	if p.checksCsumStart {
		p.l3mins = l3mins
	}
	return p
}

// nameOf is the only name of the profile with these values.
func nameOf(values []string) (name string) {
	fewest := len(columns) + 1
	for _, row := range rows {
		var changes []string
		for i, value := range strings.Fields(row.values) {
			if values[i] != value {
				changes = append(changes, columns[i].name+"="+values[i])
			}
		}
		if len(changes) < fewest { // of several, the oldest one stays
			fewest = len(changes)
			name = row.name
			if fewest > 0 {
				name += ":" + strings.Join(changes, ",")
			}
		}
	}
	return name
}

// change sets the value of a column by "column=value".
func change(values []string, text string) bool {
	word := strings.SplitN(text, "=", 2)
	for i, column := range columns {
		if column.name != word[0] || len(word) == 1 {
			continue
		}
		for _, value := range strings.Fields(column.values) {
			if value == word[1] {
				values[i] = value
				return true
			}
		}
	}
	return false
}

// findProfile is nil if no profile has this name.
func findProfile(name string) *profile {
	if profile, is := aliases[name]; is {
		name = profile
	}
	word := strings.SplitN(name, ":", 2)
	for _, row := range rows {
		if row.name != word[0] {
			continue
		}
		values := strings.Fields(row.values)
		if len(word) == 1 {
			return profileOf(values)
		}
		for _, text := range strings.Split(word[1], ",") {
			if !change(values, text) {
				return nil
			}
		}
		if nameOf(values) == name {
			return profileOf(values)
		}
	}
	return nil
}
