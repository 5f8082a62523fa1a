// SPDX-License-Identifier: MIT

// SPEC sections 4 to 6: the packet by itself, IP, TCP and UDP.

package main

// parse finds what a packet is, and what the rules make of it by itself.
func parse(index int, bytes []byte, header vnet, c *config) *packet {
	p := &packet{index: index, bytes: bytes}
	if p.vnet, p.rule = header.accept(bytes, c.profile); p.rule != "" {
		p.outcome = reject
		return p
	}
	p.meets(flush, "GRO-IN-003", p.vnet.isGSO())
	if p.version() == 4 && p.parseIPv4() || p.version() == 6 && p.parseIPv6() {
		return p
	}
	p.findFlow(c.lossless())
	_ = p.protocol == tcp && p.parseTCP(c) || p.protocol == udp && p.parseUDP(c) ||
		c.lossless() && p.parseLossless(c.profile)
	return p
}

// meets notes the outcome of a rule: a bypass takes precedence over a flush,
// the first of two with one outcome over the second. It is used as rule.is is.
func (p *packet) meets(outcome int, id rule, condition bool) bool {
	if outcome > p.outcome && p.rule.is(id, condition) {
		p.outcome = outcome
	}
	return condition
}

// Section 5

// parseIPv4 reports whether the packet bypasses, as the next three do.
func (p *packet) parseIPv4() bool {
	b := p.bytes
	if p.meets(bypass, "GRO-IP4-001", len(b) < 20) {
		return true
	}
	p.protocol, p.l4 = int(b[9]), 20
	fragment := be.Uint16(b[6:])
	if p.meets(bypass, "GRO-IP4-002", p.protocol != tcp && p.protocol != udp) ||
		p.meets(bypass, "GRO-IP4-003", b[0]&15 != 5) ||
		p.meets(bypass, "GRO-IP4-004", fragment&0x3fff != 0) ||
		p.meets(bypass, "GRO-IP4-005", fold(sum(b[:20])) != 0xffff) {
		return true
	}
	p.meets(flush, "GRO-IP4-006", be.Uint16(b[2:]) != uint16(len(b)))
	p.meets(flush, "GRO-IP4-007", fragment&0x8000 != 0)
	return false
}

func (p *packet) parseIPv6() bool {
	if p.meets(bypass, "GRO-IP6-001", len(p.bytes) < 40) {
		return true
	}
	next, l4, _, whole := walk(p.bytes, len(p.bytes))
	p.protocol, p.l4 = next, l4
	p.meets(flush, "GRO-IP6-002", int(be.Uint16(p.bytes[4:])) != len(p.bytes)-40)
	return p.meets(bypass, "GRO-IP6-003", !whole) ||
		p.meets(bypass, "GRO-IP6-004", next != tcp && next != udp)
}

// walk passes the extension headers of an IPv6 packet of 40 bytes or more, at
// most so many, and counts them; it is not whole if one of them does not fit.
func walk(b []byte, most int) (next, l4, passed int, whole bool) {
	next, l4 = int(b[6]), 40
	for passed < most && (next == 0 || next == 43 || next == 60) {
		if l4+2 > len(b) || l4+(int(b[l4+1])+1)*8 > len(b) {
			return 0, 0, 0, false
		}
		next, l4, passed = int(b[l4]), l4+(int(b[l4+1])+1)*8, passed+1
	}
	return next, l4, passed, true
}

// ipHeaders is the walk for both versions, IPv4 options being walked, too:
// VNET-007 and section 14.
func ipHeaders(b []byte) (protocol, l4, extensions int, whole bool) {
	switch {
	case version(b) == 4 && len(b) >= 20:
		l4 = int(b[0]&15) * 4
		return int(b[9]), l4, 0, l4 >= 20 && l4 <= len(b)
	case version(b) == 6 && len(b) >= 40:
		return walk(b, len(b))
	}
	return 0, 0, 0, false
}

// dissect is the same for VNET-007: it passes a fragment header, too.
func dissect(b []byte) (protocol, l4 int, whole bool) {
	protocol, l4, passed, whole := ipHeaders(b)
	if version(b) == 6 && protocol == 44 && l4+8 <= len(b) {
		protocol, l4, passed = int(b[l4]), l4+8, passed+1
	}
	return protocol, l4, whole && passed <= 16
}

// probed is where GSO-009 expects the TCP header; the headers are whole.
func probed(b []byte) int {
	_, l4, _, _ := ipHeaders(b)
	if version(b) == 6 {
		_, l4, _, _ = walk(b, 16)
	}
	if l4 > len(b)%65536 {
		return len(b) % 65536
	}
	return l4
}

// Section 6

// addresses are those of an IP header, or nothing if it is not whole.
func addresses(b []byte) []byte {
	switch {
	case version(b) == 4 && len(b) >= 20:
		return b[12:20]
	case version(b) == 6 && len(b) >= 40:
		return b[8:40]
	}
	return nil
}

// pseudo is the sum of the addresses, the protocol and the L4 length.
func pseudo(b []byte, protocol, l4Length int) uint64 {
	return sum(addresses(b)) + uint64(protocol) + uint64(l4Length)
}

// verify reports whether the L4 checksum is right, or taken as right.
func (p *packet) verify(c *config, absent bool) bool {
	if p.outcome == flush || p.vnet.needsCsum() && p.vnet.CsumStart >= p.l4 {
		return true
	}
	s := pseudo(p.bytes, p.protocol, p.l4Length()) + sum(p.bytes[p.l4:])
	p.verified = c.Csum == "trusted" || absent || fold(s) == 0xffff
	return p.verified
}

func (p *packet) parseTCP(c *config) bool {
	if p.meets(bypass, "GRO-TCP-001", !p.verify(c, false)) ||
		p.meets(bypass, "GRO-TCP-002", p.l4Length() < 20) {
		return true
	}
	offset := int(p.bytes[p.l4+12] >> 4)
	p.payload = p.l4 + offset*4
	return p.meets(bypass, "GRO-TCP-003", offset < 5 || offset*4 > p.l4Length())
}

func (p *packet) parseUDP(c *config) bool {
	if p.meets(bypass, "GRO-UDP-001", p.l4Length() < 8) {
		return true
	}
	length := int(be.Uint16(p.bytes[p.l4+4:]))
	absent := be.Uint16(p.bytes[p.l4+6:]) == 0
	p.payload = p.l4 + 8
	return p.meets(bypass, "GRO-UDP-002", !p.verify(c, absent)) ||
		p.meets(bypass, "GRO-UDP-003", !c.UDP) ||
		p.meets(bypass, "GRO-UDP-004", absent) ||
		p.meets(bypass, "GRO-UDP-005", length != p.l4Length() || length == 8)
}
