// SPDX-License-Identifier: MIT

package main

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// Two TCP packets over IPv4, 20 bytes of payload each, checksums not computed.
func tcpPair(t testing.TB) [2][]byte {
	var pair [2][]byte
	for i := range pair {
		b, err := hex.DecodeString("4500003c000040004006000" +
			"00a0000010a000002" + "03e80050000000000000000050100100" + "00000000" +
			strings.Repeat("5a", 20))
		if err != nil {
			t.Fatal(err)
		}
		b[5], b[27] = byte(i), byte(i*20)
		be.PutUint16(b[10:], ^fold(sum(b[:20])))
		h := ip{bytes: b, version: 4, protocol: tcp}
		be.PutUint16(b[36:], ^fold(h.pseudo(40)+sum(b[20:])))
		pair[i] = b
	}
	return pair
}

func configOf(profile, mode, link string) config {
	c := newConfig(findProfile(profile))
	c.Mode, c.Link = mode, link
	return c
}

// An Ethernet header and a VLAN tag.
var frame = unhex("020000000001 020000000002 8100 0001 0800")

// behind puts bytes before both packets.
func behind(front []byte, pair [2][]byte) [2][]byte {
	for i := range pair {
		pair[i] = append(append([]byte{}, front...), pair[i]...)
	}
	return pair
}

func TestCoalesceThenSplit(t *testing.T) {
	pair := tcpPair(t)
	for _, name := range profileNames() {
		coalesceThenSplit(t, pair, configOf(name, "lossless", "none"), name)
		coalesceThenSplit(t, behind(frame, pair), configOf(name, "lossless", "ethernet"), name)
	}
}

// inVXLAN puts packets into a VXLAN with a UDP checksum.
func inVXLAN(pair [2][]byte) [2][]byte {
	outer := unhex("020000000001 020000000002 0800" +
		"45000000000040004011 0000 0a000003 0a000004" + "c00012b500000000" +
		"0800000000000100" + "020000000005 020000000006 0800")
	pair = behind(outer, pair)
	for i, b := range pair {
		h := ip{bytes: b[14:], version: 4, protocol: udp, l4: 20}
		be.PutUint16(b[16:], uint16(len(b)-14))
		be.PutUint16(b[18:], uint16(i))
		be.PutUint16(b[24:], ^fold(sum(b[14:34])))
		be.PutUint16(b[38:], uint16(len(b)-34))
		be.PutUint16(b[40:], ^fold(h.pseudo(len(b)-34)+sum(b[34:])))
	}
	return pair
}

func TestCoalesceThenSplitTunnel(t *testing.T) {
	for _, name := range []string{"linux-6.18", "linux-7.2"} {
		c := configOf(name, "linux", "ethernet")
		c.Tunnels, c.VnetLen = []tunnel{{"vxlan", 4789}}, 24
		coalesceThenSplit(t, inVXLAN(tcpPair(t)), c, name)
	}
}

func TestTunnelNames(t *testing.T) {
	for name, want := range map[string]bool{
		"ipip": true, "gre": true, "vxlan:4789": true, "vxlan-gpe:1": true, "geneve:65535": true,
		"pppoe": true, "pppoe:1": false, "": false, "ipip:1": false, "vxlan": false, "vxlan:": false, "vxlan:0": false,
		"vxlan:01": false, "geneve:65536": false, "gre:": false, "vlan:1": false,
	} {
		var got tunnel
		if is := got.UnmarshalText([]byte(name)) == nil; is != want {
			t.Errorf("%q: %t", name, is)
		}
	}
}

func coalesceThenSplit(t *testing.T, pair [2][]byte, c config, name string) {
	table := newTable(c)
	for i, want := range []string{"held", "merged"} {
		if got, r := table.receive(i, pair[i], vnet{}, 0); got != want {
			t.Fatalf("%s: packet %d: %s by %q", name, i, got, r)
		}
	}
	table.flush()
	if len(table.toWrite) != 1 {
		t.Fatalf("%s: %d packets leave", name, len(table.toWrite))
	}
	o := table.toWrite[0]
	s, r := split(o.Packet, o.Vnet, &c, false)
	if r != "" || s.n != 2 {
		t.Fatalf("%s: %d segments, rejected by %q", name, s.n, r)
	}
	for i := range pair {
		if !bytes.Equal(s.segment(i).Packet, pair[i]) {
			t.Errorf("%s: segment %d differs", name, i)
		}
	}
}

// The adapter cannot ask for csum_offload: what the reader then completes is
// what comes out without it.
func TestChecksumOffload(t *testing.T) {
	pair := tcpPair(t)
	super := append(pair[0], pair[1][40:]...)
	header := vnet{GSOType: gsoTCPv4, GSOSize: 20}
	c := configOf("linux-6.18", "linux", "none")
	whole, _ := split(super, header, &c, false)
	parts, _ := split(super, header, &c, true)
	if whole.n != 2 || parts.n != 2 {
		t.Fatalf("%d and %d segments", whole.n, parts.n)
	}
	for i := 0; i < parts.n; i++ {
		o := parts.segment(i)
		if o.Vnet != (vnet{Flags: needsCsum, CsumStart: 20, CsumOffset: 16}) {
			t.Errorf("segment %d: header %v", i, o.Vnet)
		}
		s, r := split(o.Packet, o.Vnet, &c, false)
		if r != "" || !bytes.Equal(s.segment(0).Packet, whole.segment(i).Packet) {
			t.Errorf("segment %d differs", i)
		}
	}
}

func TestBadLines(t *testing.T) {
	lines := map[string]string{
		``:                       `{"error":`,
		`[]`:                     `{"error":`,
		`{"cmd":"hello"}`:        `{"error":`,
		`{"cmd":"run","seq":1}`:  `"seq":1}`,
		`{"cmd":"?","seq":null}`: `{"error":`,
		`{"cmd":"run","seq":2,"op":"gro","profile":"?","input":[]}`:                                                                             `"skipped"`,
		`{"cmd":"run","seq":2,"op":"gro","profile":"linux-6.1","config":{"a":1},"input":[]}`:                                                    `"skipped"`,
		`{"cmd":"run","seq":3,"op":"gro","profile":"linux-6.1","input":null}`:                                                                   `"error"`,
		`{"cmd":"run","seq":3,"op":"gro","profile":"linux-6.1","input":[null]}`:                                                                 `"error"`,
		`{"cmd":"run","seq":2,"op":"gro","profile":"linux-6.1","config":{"vnet_len":11},"input":[{}]}`:                                          `"skipped"`,
		`{"cmd":"run","seq":2,"op":"gro","profile":"linux-6.1","config":{"fraglist":true,"link":"ethernet"},"input":[]}`:                        `"skipped"`,
		`{"cmd":"run","seq":2,"op":"gro","profile":"linux-6.1","config":{"fraglist":true,"max_bytes":65536},"input":[]}`:                        `"skipped"`,
		`{"cmd":"run","seq":3,"op":"gro","profile":"linux-6.1","config":{"vnet_len":12},"input":[{"packet":"","vnet":"00000000000000000000"}]}`: `"error"`,
		`{"cmd":"run","seq":3,"op":"gro","profile":"linux-6.1","input":[{"packet":"4"}]}`:                                                       `"error"`,
		`{"cmd":"run","seq":3,"op":"gro","profile":"linux-6.1","input":[{"packet":"","vnet":"00"}]}`:                                            `"error"`,
		`{"cmd":"run","seq":3,"op":"gro","profile":"linux-6.1","input":[{"packet":"","flush":true}]}`:                                           `"error"`,
		`{"cmd":"run","seq":4,"op":"gso","profile":"linux-6.1","input":[{"flush":true}]}`:                                                       `"error"`,
		`{"cmd":"run","seq":5,"op":"gso","profile":"linux-6.1","input":[{"packet":""}]}`:                                                        `"EINVAL"`,
	}
	for line, want := range lines {
		if got := string(answer([]byte(line))); !strings.Contains(got, want) {
			t.Errorf("%s: %s", line, got)
		}
	}
}

// FuzzNoPanic asks both operations for every prefix of a packet. The lower bits
// of layers say which layers there are, and whether there are lists.
func FuzzNoPanic(f *testing.F) {
	pair := tcpPair(f)
	f.Add(pair[0], uint8(0), uint8(0), uint8(0), uint16(0), uint16(0), uint16(0), uint16(0))
	f.Add(pair[1], uint8(0), uint8(1), uint8(1), uint16(0), uint16(7), uint16(20), uint16(16))
	f.Add(behind(frame, pair)[1], uint8(1), uint8(0), uint8(0), uint16(0), uint16(0), uint16(0), uint16(0))
	f.Add(pair[1], uint8(8), uint8(0), uint8(0), uint16(0), uint16(0), uint16(0), uint16(0))
	f.Add(inVXLAN(pair)[1], uint8(3), uint8(0), uint8(0), uint16(0), uint16(0), uint16(0), uint16(0))
	f.Add(inVXLAN(pair)[1], uint8(7), uint8(9), uint8(0x21), uint16(0), uint16(7), uint16(84), uint16(16))
	f.Fuzz(func(t *testing.T, b []byte, layers, flags, gsoType uint8,
		hdrLen, size, start, offset uint16) {
		header := vnet{Flags: int(flags), GSOType: int(gsoType), HdrLen: int(hdrLen),
			GSOSize: int(size), CsumStart: int(start), CsumOffset: int(offset),
			OuterTH: 34, InnerNH: int(start - 20)}
		for _, name := range profileNames() {
			for _, mode := range []string{"linux", "lossless"} {
				c := withLayers(configOf(name, mode, "none"), layers)
				receivePrefixes(c, pair[0], b, header)
				splitPrefixes(c, b, header, flags > 3)
			}
		}
	})
}

func withLayers(c config, layers uint8) config {
	if layers&1 != 0 {
		c.Link = "ethernet"
	}
	if layers&2 != 0 && c.Mode == "linux" {
		c.Tunnels = []tunnel{{"ipip", 0}, {"gre", 0}, {"vxlan", 4789}, {"vxlan-gpe", 4790}, {"geneve", 6081}}
	}
	if layers&4 != 0 {
		c.VnetLen = 24
	}
	c.Fraglist = layers&8 != 0 && c.isPlain()
	return c
}

func receivePrefixes(c config, first, b []byte, header vnet) {
	table := newTable(c)
	table.receive(0, first, vnet{}, 0)
	for end := range append(b, 0) {
		table.receive(end, b[:end:end], header, 0)
	}
	table.receive(0, b, vnet{}, 0)
	table.receive(0, b, vnet{}, 0)
	table.flush()
}

func splitPrefixes(c config, b []byte, header vnet, csumOffload bool) {
	for end := range append(b, 0) {
		s, _ := split(b[:end:end], header, &c, csumOffload)
		for i := 0; i < s.n; i++ {
			s.segment(i)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]bool{
		"linux-6.12": true, "linux-7.3": true,
		"linux-6.12:min_tcp_gso_size=0":         true,
		"linux-7.2:dissects=no":                 true,
		"linux-6.1:checks_csum_start=yes":       true,
		"linux-6.12:takes_uso=no":               true,
		"linux-6.16:takes_tunnels=yes":          true,
		"linux-6.18:fixed_id_needs_df=yes":      false, // linux-6.16 is older
		"linux-7.2:checks_tunnel_length=yes":    true,
		"linux-7.3:dissects=no":                 false,
		"linux-6.1:takes_uso=no":                false,
		"linux-6.1:min_tcp_gso_size=7":          false,
		"linux-6.1:takes_uso=yes,takes_uso=yes": false,
		"linux-6.1:":                            false,
		"":                                      false,
	} {
		if got := findProfile(name) != nil; got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
}
