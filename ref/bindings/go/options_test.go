// SPDX-License-Identifier: MIT

// Each option has its effect, and a wrong one is an error that names it.

package grove

import (
	"reflect"
	"strings"
	"testing"
)

// A left is a copy of an output.
type left struct {
	vnet, packet []byte
	packets      int
	rest         int
}

func coalesce(t *testing.T, config Config, packets ...[]byte) (all []left) {
	t.Helper()
	table, err := NewTable(config)
	if err != nil {
		t.Fatal(err)
	}
	defer table.Free()
	for _, packet := range packets {
		if err := table.Receive(packet, nil); err != nil {
			t.Fatal(err)
		}
	}
	table.Flush()
	for _, o := range table.Outputs() {
		all = append(all, left{join(o.Vnet), join(o.Slices...), len(o.Of), o.Rest})
	}
	return all
}

// How many packets are in each output.
func counts(all []left) (counts []int) {
	for _, one := range all {
		counts = append(counts, one.packets)
	}
	return counts
}

func expect(t *testing.T, got, expected any) {
	t.Helper()
	if !reflect.DeepEqual(got, expected) {
		t.Errorf("%v, expected %v", got, expected)
	}
}

func split(t *testing.T, config SplitConfig, packet left) (segments [][]byte) {
	t.Helper()
	splitter, err := NewSplitter(config)
	if err != nil {
		t.Fatal(err)
	}
	defer splitter.Free()
	if splitter.Begin(packet.packet, packet.vnet) != nil {
		return nil
	}
	buffer, vnet := make([]byte, 1000), make([]byte, len(packet.vnet))
	for n := splitter.Next(buffer, vnet); n != 0; n = splitter.Next(buffer, vnet) {
		segments = append(segments, join(buffer[:n]))
		expect(t, vnet, make([]byte, len(vnet)))
	}
	return segments
}

func TestLink(t *testing.T) {
	frames := [][]byte{frame(udp(1)), frame(udp(2))}
	all := coalesce(t, Config{Link: LinkEthernet}, frames...)
	expect(t, counts(all), []int{2})
	expect(t, split(t, SplitConfig{Link: LinkEthernet}, all[0]), frames)
	expect(t, split(t, SplitConfig{}, all[0]), [][]byte(nil))
	// Without it, they begin with no IP header.
	expect(t, len(coalesce(t, Config{}, frames...)), 0)
}

// The number of outputs, and csum_start of the first one.
func merged(t *testing.T, packets [][]byte, tunnels ...Tunnel) [2]int {
	all := coalesce(t, Config{Tunnels: tunnels}, packets...)
	return [2]int{len(all), int(all[0].vnet[6])}
}

func TestTunnels(t *testing.T) {
	ip := [][]byte{inIP(udp(1)), inIP(udp(2))}
	expect(t, merged(t, ip, Tunnel{Protocol: GRE}), [2]int{2, 0})
	expect(t, merged(t, ip, Tunnel{Protocol: GRE}, Tunnel{Protocol: IPIP}), [2]int{1, 40 + 40})
	// What is not looked into is UDP.
	vxlan := [][]byte{inVXLAN(udp(1)), inVXLAN(udp(2))}
	expect(t, merged(t, vxlan, Tunnel{VXLAN, 4790}), [2]int{1, 40})
	expect(t, merged(t, vxlan, Tunnel{VXLANGPE, 4789}), [2]int{2, 0})
	expect(t, merged(t, vxlan, Tunnel{GENEVE, 6081}, Tunnel{VXLAN, 4789}),
		[2]int{1, 40 + 8 + 8 + 14 + 40})
}

func TestVnetLen(t *testing.T) {
	config := Config{Link: LinkEthernet, Tunnels: []Tunnel{{VXLAN, 4789}}, VnetLen: 24,
		Lossless: true}
	packets := [][]byte{frame(inVXLAN(udp(1))), frame(inVXLAN(udp(2)))}
	all := coalesce(t, config, packets...)
	expect(t, all[0].vnet[20:], []byte{14 + 40, 0, 14 + 40 + 8 + 8 + 14, 0})
	expect(t, split(t, SplitConfig{Link: LinkEthernet, VnetLen: 24}, all[0]), packets)

	packets = [][]byte{udp(1), udp(2)}
	all = coalesce(t, Config{VnetLen: 12}, packets...)
	expect(t, len(all[0].vnet), 12)
	expect(t, split(t, SplitConfig{VnetLen: 12}, all[0]), packets)
	expect(t, split(t, SplitConfig{VnetLen: 10}, all[0]), [][]byte(nil))
}

func TestCsumOffload(t *testing.T) {
	packet := coalesce(t, Config{}, udp(1), udp(2))[0]
	for _, offload := range []bool{false, true} {
		splitter, err := NewSplitter(SplitConfig{CsumOffload: offload})
		if err != nil || splitter.Begin(packet.packet, packet.vnet) != nil {
			t.Fatal("it is not split")
		}
		vnet := make([]byte, 10)
		splitter.Next(make([]byte, 1000), vnet)
		expect(t, vnet[0] == 1, offload)
		splitter.Free()
	}
}

func TestReceivedVnet(t *testing.T) {
	table, err := NewTable(Config{VnetLen: 12})
	if err != nil {
		t.Fatal(err)
	}
	vnet := make([]byte, 12)
	expect(t, table.Receive(udp(1), vnet), nil)
	wrong(t, table.Receive(udp(1), vnet[:10]), "10 bytes, and not 12")
	vnet[1] = 2 // no gso_type
	expect(t, table.Receive(udp(1), vnet), nil)
	expect(t, table.Fates()[1].Verdict, "rejected")
}

func TestShortVnetOfSegments(t *testing.T) {
	splitter, err := NewSplitter(SplitConfig{VnetLen: 12})
	if err != nil || splitter.Begin(udp(1), nil) != nil {
		t.Fatal("the packet is refused")
	}
	defer func() {
		if recover() == nil {
			t.Error("a virtio header was written beyond its end")
		}
	}()
	splitter.Next(make([]byte, 100), make([]byte, 12)[:10])
}

func TestMaxBytes(t *testing.T) {
	var packets [][]byte
	for number := 0; number < 10; number++ {
		packets = append(packets, tcp(number, 10000))
	}
	expect(t, counts(coalesce(t, Config{}, packets...)), []int{6, 4})
	expect(t, counts(coalesce(t, Config{MaxBytes: 90060}, packets...)), []int{9, 1})
}

func TestFraglist(t *testing.T) {
	packets := [][]byte{udp(1), udp(2), udp(3)}
	all := coalesce(t, Config{Fraglist: true, NoUDP: true}, packets...)
	expect(t, counts(all), []int{1, 1, 1})
	for i, one := range all {
		expect(t, one.packet, packets[i])
		expect(t, one.rest, len(packets)-1-i)
	}
	expect(t, coalesce(t, Config{}, packets...)[0].rest, 0)
}

func TestHash(t *testing.T) {
	for hash, expected := range map[bool][]int{true: {2, 1}, false: {1, 1, 1}} {
		table, err := NewTable(Config{Hash: hash, MaxFlows: 1})
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range []struct {
			packet []byte
			hash   uint32
		}{{udp(1), 8}, {tcp(0, 8), 1}, {udp(1), 8}} {
			expect(t, table.ReceiveWithHash(one.packet, nil, one.hash), nil)
		}
		table.Flush()
		var counts []int
		for _, o := range table.Outputs() {
			counts = append(counts, len(o.Of))
		}
		expect(t, counts, expected)
	}
}

func TestSeed(t *testing.T) {
	packets := [][]byte{udp(1), tcp(0, 8), udp(2), tcp(1, 8)}
	expect(t, coalesce(t, Config{Seed: 1}, packets...), coalesce(t, Config{}, packets...))
}

func wrong(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("%v, expected %q", err, words)
	}
}

func TestWrongOptions(t *testing.T) {
	gre := Tunnel{Protocol: GRE}
	for _, test := range []struct {
		config Config
		words  string
	}{
		{Config{Link: 2}, "no such link"},
		{Config{Link: -1}, "no such link"},
		{Config{Tunnels: []Tunnel{gre, {}}}, "a tunnel is not one"},
		{Config{Tunnels: []Tunnel{{Protocol: VXLAN}}}, "a tunnel is not one"},
		{Config{Tunnels: []Tunnel{{GRE, 1}}}, "a tunnel is not one"},
		{Config{Tunnels: []Tunnel{{9, 1}}}, "a tunnel is not one"},
		{Config{Tunnels: []Tunnel{gre, gre, gre, gre, gre, gre, gre, gre, gre}}, "more tunnels"},
		{Config{Tunnels: []Tunnel{gre}, Lossless: true}, "in lossless mode, tunnels"},
		{Config{VnetLen: 11}, "vnet_len"},
		{Config{MaxBytes: 65534}, "max_bytes is not"},
		{Config{MaxBytes: 524281}, "max_bytes is not"},
		{Config{MaxBytes: 65536, Lossless: true}, "max_bytes over 65535"},
		{Config{MaxBytes: 65536, Link: LinkEthernet}, "max_bytes over 65535"},
		{Config{MaxBytes: 65536, Fraglist: true}, "fraglist"},
		{Config{Fraglist: true, Lossless: true}, "fraglist"},
		{Config{Fraglist: true, Tunnels: []Tunnel{gre}}, "fraglist"},
		{Config{Hash: true, Lossless: true}, "hash"},
		{Config{Hash: true, Fraglist: true}, "hash"},
		{Config{Hash: true, MaxBytes: 65536}, "hash"},
	} {
		_, err := NewTable(test.config)
		wrong(t, err, test.words)
	}
	_, err := NewSplitter(SplitConfig{VnetLen: 11})
	wrong(t, err, "vnet_len")
	_, err = NewSplitter(SplitConfig{Link: 2})
	wrong(t, err, "no such link")
}
