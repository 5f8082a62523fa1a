// SPDX-License-Identifier: MIT

// The batches with layers of vectors/accumulated/README.md.

package main

const innerFrame = "020000000004 020000000003"

var linkTags = [][]byte{nil, unhex("81000065"), unhex("88a80064 81000065")}

// What follows an outer IP header: its protocol, and the bytes with IPv4 inside
// and with IPv6 inside.
type behindOuter struct {
	protocols [2]byte
	bytes     [2][]byte
}

var tunnelRows = []behindOuter{
	{[2]byte{4, 41}, [2][]byte{nil, nil}},
	{[2]byte{47, 47}, [2][]byte{unhex("20000800 0000002a"), unhex("200086dd 0000002a")}},
	overUDP("c00012b5 00000000 08000000 00002a00"+innerFrame, "0800", "86dd"),
	overUDP("c00012b6 00000000", "0c000001 00002a00", "0c000002 00002a00"),
	overUDP("c00017c1 00000000 00006558 00002a00"+innerFrame, "0800", "86dd"),
}

func overUDP(both, ip4, ip6 string) behindOuter {
	return behindOuter{[2]byte{udp, udp}, [2][]byte{unhex(both + ip4), unhex(both + ip6)}}
}

// A level is an IP header, and the checksum behind it, if there is one.
type level struct {
	ip, l4, check int
	isIPv4        bool
	protocol      byte
}

// A layered makes the packets of a flow; the last level is the innermost one.
type layered struct {
	h          []byte
	size, step int
	levels     []level
}

// layeredBatch gives packets without virtio headers, and nil where a poll ends.
func layeredBatch(number uint64) (entries [][]byte) {
	r := numbers(number)
	faults := r.pick(4)
	flows := make([]*layered, 1+r.pick(4))
	for k := range flows {
		flows[k] = newLayered(&r, byte(k))
	}
	for packets := 1 + r.pick(24); packets > 0; packets-- {
		entries = append(entries, flows[r.pick(len(flows))].next(&r, faults))
		if r.pick(64) < faults {
			entries = append(entries, nil)
		}
	}
	return entries
}

func newLayered(r *numbers, k byte) *layered {
	tunnel, outer, inner, choice := r.pick(8), r.pick(3), r.pick(3), r.pick(3)
	g := &layered{h: unhex("020000000002 020000000001"), size: 12 + r.pick(64), step: 1}
	isOverUDP := tunnel > 4
	if !isOverUDP {
		g.step = r.pick(2)
		g.h = append(g.h, linkTags[choice]...)
	}
	if outer == 2 {
		g.h = append(g.h, 0x86, 0xdd)
	} else {
		g.h = append(g.h, 0x08, 0x00)
	}
	g.addIP(outer)
	if tunnel > 2 {
		row := tunnelRows[tunnel-3]
		g.last().protocol = row.protocols[inner/2]
		g.h = append(g.h, row.bytes[inner/2]...)
		if isOverUDP && choice > 0 {
			g.last().check = g.last().l4 + 6
		}
		g.addIP(inner)
	}
	g.addL4(l4s[[]int{0, 1, 3}[r.pick(3)]], k)
	return g
}

func (g *layered) last() *level { return &g.levels[len(g.levels)-1] }

func (g *layered) addIP(n int) {
	at := len(g.h)
	g.h = append(g.h, ips[n].bytes...)
	g.levels = append(g.levels, level{ip: at, l4: len(g.h), isIPv4: n < 2})
}

func (g *layered) addL4(l4 []byte, k byte) {
	last := g.last()
	last.protocol, last.check = udp, last.l4+6
	if len(l4) > 8 {
		last.protocol, last.check = tcp, last.l4+16
	}
	g.h = append(g.h, l4...)
	g.h[last.l4+1] = k
	for _, l := range g.levels {
		if l.isIPv4 {
			g.h[l.ip+9] = l.protocol
		} else {
			g.h[l.ip+6] = l.protocol
		}
	}
}

func (g *layered) next(r *numbers, faults int) []byte {
	n := g.size
	if r.pick(16) < faults {
		n = 12 + r.pick(244)
	}
	p := append([]byte{}, g.h...)
	for i := 0; i < n; i++ {
		p = append(p, byte(128+r.pick(128)))
	}
	g.advance(n)
	for _, l := range g.levels {
		l.putLengths(p)
	}
	if r.pick(16) < faults {
		at := r.pick(len(g.h))
		p[at] ^= 1 << r.pick(8)
	}
	for i := range g.levels {
		g.levels[len(g.levels)-1-i].putChecksums(p)
	}
	if r.pick(32) < faults {
		be.PutUint16(p[g.last().check:], uint16(0xffff*r.pick(2)))
	}
	if r.pick(32) < faults {
		p = p[:22+r.pick(len(g.h)-22)]
	}
	return p
}

// advance changes the headers of the next packet: this one has n bytes.
func (g *layered) advance(n int) {
	for _, l := range g.levels {
		if l.isIPv4 {
			be.PutUint16(g.h[l.ip+4:], be.Uint16(g.h[l.ip+4:])+uint16(g.step))
		}
	}
	at := g.last().l4 + 4
	be.PutUint32(g.h[at:], be.Uint32(g.h[at:])+uint32(n))
}

func (l *level) putLengths(p []byte) {
	if l.isIPv4 {
		be.PutUint16(p[l.ip+2:], uint16(len(p)-l.ip))
	} else {
		be.PutUint16(p[l.ip+4:], uint16(len(p)-l.l4))
	}
	if l.protocol == udp {
		be.PutUint16(p[l.l4+4:], uint16(len(p)-l.l4))
	}
}

func (l *level) putChecksums(p []byte) {
	addresses := p[l.ip+8 : l.ip+40]
	if l.isIPv4 {
		addresses = p[l.ip+12 : l.ip+20]
		be.PutUint16(p[l.ip+10:], ^fold(sum(p[l.ip:l.ip+20])))
	}
	if l.check == 0 {
		return
	}
	pseudo := sum(addresses) + uint64(l.protocol) + uint64(len(p)-l.l4)
	be.PutUint16(p[l.check:], fold(pseudo))
	be.PutUint16(p[l.check:], ^fold(sum(p[l.l4:])))
}
