// SPDX-License-Identifier: MIT

// SPEC sections 4 to 6: the packet by itself, IP, TCP and UDP.

package main

// parse finds what a packet is, and what the rules make of it by itself.
func parse(index int, bytes []byte, header vnet, hash uint32, c *config) *packet {
	p := &packet{index: index, received: bytes, hash: hash}
	if p.vnet, p.rule = header.accept(bytes, c); p.rule != "" {
		p.outcome = reject
		return p
	}
	if p.meets(reject, "VNET-017", c.lossless() && p.vnet.leavesShort(c)) {
		return p
	}
	p.meets(flush, "GRO-IN-003", p.vnet.isGSO())
	p.ip, p.frames = c.behindLink(bytes, c.tagsPassed())
	if p.parseLinkPPPoE(c) || p.meets(bypass, "GRO-IN-005", p.version == 0) ||
		p.parseIP(c) || p.parseTunnel(c) {
		return p
	}
	p.findFlow(c)
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

// parseIP reports whether the packet bypasses, as the next four do.
func (p *packet) parseIP(c *config) bool {
	if p.version == 4 {
		return p.parseIPv4(c)
	}
	return p.parseIPv6(c)
}

// isPassed reports whether a rule is for the protocol or a tunnel of it.
func (p *packet) isPassed(c *config) bool {
	return p.protocol == tcp || p.protocol == udp ||
		p.outer == nil && c.tunnelOf(&p.ip) != ""
}

func (p *packet) parseIPv4(c *config) bool {
	b := p.bytes
	if p.meets(bypass, "GRO-IP4-001", len(b) < 20) {
		return true
	}
	p.protocol, p.l4 = int(b[9]), 20
	fragment := be.Uint16(b[6:])
	if p.meets(bypass, "GRO-IP4-002", !p.isPassed(c)) ||
		p.meets(bypass, "GRO-IP4-012", version(b) != 4) ||
		p.meets(bypass, "GRO-IP4-003", b[0]&15 != 5) ||
		p.meets(bypass, "GRO-IP4-004", fragment&0x3fff != 0) ||
		p.meets(bypass, "GRO-IP4-005", fold(sum(b[:20])) != 0xffff) {
		return true
	}
	p.meets(flush, "GRO-IP4-006", be.Uint16(b[2:]) != uint16(len(b)))
	p.meets(flush, "GRO-IP4-007", fragment&0x8000 != 0)
	return false
}

func (p *packet) parseIPv6(c *config) bool {
	if p.meets(bypass, "GRO-IP6-001", len(p.bytes) < 40) {
		return true
	}
	next, l4, _, whole := walk(p.bytes, len(p.bytes))
	p.protocol, p.l4 = next, l4
	p.meets(flush, "GRO-IP6-002", int(be.Uint16(p.bytes[4:])) != len(p.bytes)-40)
	return p.meets(bypass, "GRO-IP6-003", !whole) ||
		p.meets(bypass, "GRO-IP6-004", !p.isPassed(c))
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

// findL4 is the walk for both versions, IPv4 options being walked, too: VNET-007
// and section 14. It counts the extension headers.
func (h *ip) findL4() (extensions int, whole bool) {
	b := h.bytes
	switch {
	case h.version == 4 && len(b) >= 20:
		h.protocol, h.l4 = int(b[9]), int(b[0]&15)*4
		return 0, h.l4 >= 20 && h.l4 <= len(b)
	case h.version == 6 && len(b) >= 40:
		h.protocol, h.l4, extensions, whole = walk(b, len(b))
	}
	return extensions, whole
}

// dissect is the same for VNET-007: it passes a fragment header, too.
func (c *config) dissect(b []byte) (ip, bool) {
	h, passed := c.behindLink(b, tagsDissected)
	extensions, whole := h.findL4()
	passed += extensions
	if h.version == 6 && h.protocol == 44 && h.l4+8 <= len(h.bytes) {
		h.protocol, h.l4, passed = int(h.bytes[h.l4]), h.l4+8, passed+1
	}
	return h, whole && passed <= 16
}

// probed is where GSO-009 expects the TCP header; the headers are whole.
func (h *ip) probed() int {
	l4 := h.l4
	if h.version == 6 {
		_, l4, _, _ = walk(h.bytes, 16)
	}
	if l4 > len(h.bytes)%65536 {
		return len(h.bytes) % 65536
	}
	return l4
}

// Section 6

// addresses are those of an IP header, or nothing if it is not whole.
func (h *ip) addresses() []byte {
	switch {
	case h.version == 4 && len(h.bytes) >= 20:
		return h.bytes[12:20]
	case h.version == 6 && len(h.bytes) >= 40:
		return h.bytes[8:40]
	}
	return nil
}

// pseudo is the sum of the addresses, the protocol and the L4 length.
func (h *ip) pseudo(l4Length int) uint64 {
	return sum(h.addresses()) + uint64(h.protocol) + uint64(l4Length)
}

// uncomputed reports whether the L4 checksum is still to be computed.
func (p *packet) uncomputed() bool {
	return p.vnet.needsCsum() && p.vnet.CsumStart >= p.front+p.l4
}

// verify reports whether a checksum of what begins at l4 is right, or taken as
// right; pseudo is the sum of its pseudo-header.
func (p *packet) verify(c *config, pseudo uint64, absent bool) bool {
	if p.outcome == flush || p.uncomputed() ||
		p.vnet.needsCsum() && p.vnet.CsumStart < c.linkLength() {
		return true
	}
	if c.Csum == "trusted" || absent || fold(pseudo+sum(p.bytes[p.l4:])) == 0xffff {
		p.verified = true
		return true
	}
	return p.outer != nil && p.outer.uncomputed && p.isRightInside(pseudo)
}

// isRightInside compares the inner checksum with the outer one, which is not
// computed yet.
func (p *packet) isRightInside(pseudo uint64) bool {
	o := p.outer
	s := sum(o.bytes[o.l4 : p.front-o.front+p.l4])
	if o.overUDP() {
		s += o.pseudo(o.l4Length())
	}
	return fold(s) == fold(pseudo)
}

func (p *packet) parseTCP(c *config) bool {
	if p.meets(bypass, "GRO-TCP-001", !p.verify(c, p.pseudo(p.l4Length()), false)) ||
		p.meets(bypass, "GRO-TCP-002", p.l4Length() < 20) {
		return true
	}
	offset := int(p.bytes[p.l4+12] >> 4)
	p.payload = p.l4 + offset*4
	return p.meets(bypass, "GRO-TCP-003", offset < 5 || offset*4 > p.l4Length())
}

// mostFrames is what section 4 or GRO-TUN-005 lets pass.
func (p *packet) mostFrames() int {
	if p.outer != nil {
		return tunnelKinds[p.outer.kind].frames
	}
	return tagsGRO
}

func (p *packet) parseUDP(c *config) bool {
	if p.meets(bypass, "GRO-UDP-001", p.l4Length() < 8) {
		return true
	}
	length := int(be.Uint16(p.bytes[p.l4+4:]))
	absent := be.Uint16(p.bytes[p.l4+6:]) == 0
	p.payload = p.l4 + 8
	return p.meets(bypass, "GRO-UDP-002", !p.verify(c, p.pseudo(p.l4Length()), absent)) ||
		p.meets(bypass, "GRO-TUN-002", p.outer != nil && c.tunnelOf(&p.ip) != "") ||
		p.meets(bypass, "GRO-UDP-008", p.frames == p.mostFrames()) ||
		p.meets(bypass, "GRO-UDP-007", p.vnet.told != 0) ||
		p.meets(bypass, "GRO-UDP-003", !c.UDP && !c.Fraglist) ||
		p.meets(bypass, "GRO-UDP-004", absent) ||
		p.meets(bypass, "GRO-UDP-005", length != p.l4Length() || length == 8)
}
