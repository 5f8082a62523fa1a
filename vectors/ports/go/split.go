// SPDX-License-Identifier: MIT

// SPEC section 14: split.

package main

// A super is a packet to be split, with its header as accepted.
type super struct {
	ip                 // in a tunnel, the inner one
	outer       *ip    // in a tunnel
	received    []byte // from the first byte on
	vnet        vnet
	tags        int // of VLAN, that were passed
	payload     int
	csumOffload bool
	stripsJumbo bool
	n           int // segments; 0 if the packet is dropped
}

// split gives the rule that rejects the packet, or how it is split.
func split(b []byte, v vnet, c *config, csumOffload bool) (*super, rule) {
	v, r := v.accept(b, c)
	if r == "" && c.hasLink() && isTag(be.Uint16(b[12:])) {
		v = v.behindTag()
	}
	s := &super{received: b, vnet: v, csumOffload: csumOffload}
	if r != "" || s.droppedBy(c) != "" {
		return s, r
	}
	s.n = 1
	if v.isGSO() {
		s.n = (len(s.bytes) - s.payload + v.GSOSize - 1) / v.GSOSize
		s.stripsJumbo = s.isJumbo(c.profile)
	}
	return s, ""
}

// droppedBy gives the first rule that drops the packet, and finds the headers.
func (s *super) droppedBy(c *config) (r rule) {
	b, v := s.received, s.vnet
	if r.is("GSO-011", c.hasLink() && isTag(be.Uint16(b[12:])) && len(b) < ethernetLength+6) ||
		r.is("GSO-012", v.told != 0 && !v.isGSO()) ||
		!v.isGSO() {
		return r
	}
	s.ip, s.tags = c.behindLink(b, tagsSplit)
	_ = r.is("GSO-001", v.typ() == gsoUDP) ||
		r.is("GSO-010", s.version == 0) ||
		s.cut(&r) ||
		v.told != 0 && s.protocol == udp && s.enterTunnel(&r) ||
		r.is("GSO-004", !v.kind().fits(s.version, s.protocol)) ||
		s.droppedL4(c.profile, &r)
	return r
}

// cut also finds l4.
func (h *ip) cut(r *rule) bool {
	_, whole := h.findL4()
	return r.is("GSO-002", h.version == 4 && !whole) ||
		r.is("GSO-003", h.version == 6 && !whole)
}

// enterTunnel finds the inner headers.
func (s *super) enterTunnel(r *rule) bool {
	outer, at := s.ip, s.vnet.InnerNH
	if r.is("GSO-013", outer.front+outer.l4 > at) {
		return true
	}
	s.outer = &outer
	s.ip = ip{bytes: s.received[at:], front: at, version: s.vnet.innerVersion(s.received)}
	return s.cut(r)
}

func (s *super) droppedL4(c *profile, r *rule) bool {
	v, needs, isTCP := s.vnet, s.vnet.needsCsum(), s.protocol == tcp
	if r.is("GSO-005", needs && v.CsumStart != s.front+s.l4 || !needs && s.farL4()) ||
		r.is("GSO-006", isTCP && s.l4Length() < 20) {
		return true
	}
	length := 8
	if isTCP {
		length = int(s.bytes[s.l4+12]>>4) * 4
	}
	s.payload = s.l4 + length
	return r.is("GSO-007", isTCP && length < 20 || length > s.l4Length()) ||
		r.is("GSO-008", len(s.bytes)-s.payload <= v.GSOSize) ||
		r.is("GSO-009", c.probesTCP && isTCP && !needs && s.bytes[s.probed()+12]>>4 < 5)
}

// isJumbo is the condition of GSO-OUT-007.
func (s *super) isJumbo(c *profile) bool {
	b, l4, hdrLen := s.bytes, s.front+s.l4, s.vnet.HdrLen
	inOnePiece := s.vnet.needsCsum() || c.showsCWR && c.checksCsumStart ||
		hdrLen == 0 || hdrLen >= l4 || l4 <= 60
	return c.stripsJumbo && s.vnet.typ() == gsoTCPv6 && len(b) > 65536 &&
		b[6] == 0 && s.l4 == 48 && b[42] == 0xc2 && s.tags <= 1 && inOnePiece
}

// segment makes segment i.
func (s *super) segment(i int) output {
	if !s.vnet.isGSO() {
		return s.plain()
	}
	from, l4, last := s.payload+i*s.vnet.GSOSize, s.l4, i == s.n-1
	to := from + s.vnet.GSOSize
	if last {
		to = len(s.bytes)
	}
	// GSO-OUT-009
	packet := append([]byte{}, s.received[:s.front+s.payload]...)
	packet = append(packet, s.bytes[from:to]...)
	b := packet[s.front:]
	s.putSegmentIP(b, i)
	offset := 16
	if s.protocol == tcp {
		s.putSegmentTCP(b, i, last)
	} else {
		offset = 6
		be.PutUint16(b[l4+4:], uint16(len(b)-l4)) // GSO-OUT-004
	}
	part := s.setChecksum(b, l4+offset)
	if s.outer != nil {
		s.putOuter(packet, i, part)
	}
	// GSO-OUT-007
	if s.stripsJumbo {
		b[6] = tcp
		be.PutUint16(b[4:], be.Uint16(b[4:])-8)
		packet = append(packet[:s.front+40], b[48:]...)
		l4 -= 8
	}
	// GSO-OUT-006
	o := output{Packet: packet}
	if s.csumOffload {
		o.Vnet = vnet{Flags: needsCsum, CsumStart: s.front + l4, CsumOffset: offset}
	}
	return o
}

// putSegmentIP changes the IP header with which the rest of the segment begins.
func (h *ip) putSegmentIP(b []byte, i int) {
	if h.version == 6 {
		be.PutUint16(b[4:], uint16(len(b)-40)) // GSO-OUT-002
		return
	}
	// GSO-OUT-001
	be.PutUint16(b[2:], uint16(len(b)))
	be.PutUint16(b[4:], be.Uint16(b[4:])+uint16(i))
	be.PutUint16(b[10:], 0)
	be.PutUint16(b[10:], ^fold(sum(b[:h.l4])))
}

// putSegmentTCP follows GSO-OUT-003.
func (s *super) putSegmentTCP(b []byte, i int, last bool) {
	header := b[s.l4:]
	be.PutUint32(header[4:], be.Uint32(header[4:])+uint32(i*s.vnet.GSOSize))
	if !last {
		header[13] &^= finPsh
	}
	if i > 0 {
		header[13] &^= cwr
	}
}

// orFFFF replaces a checksum of 0, if the caller wants that.
func orFFFF(checksum uint16, replace bool) uint16 {
	if replace && checksum == 0 {
		return 0xffff
	}
	return checksum
}

// setChecksum sets the checksum field, which is at this offset, and gives
// "part". GSO-OUT-005
func (s *super) setChecksum(b []byte, field int) uint16 {
	before, now := s.l4Length(), len(b)-s.l4 // "old" and "new"
	if s.protocol == udp {
		before, now = int(be.Uint16(s.bytes[s.l4+4:])), int(be.Uint16(b[s.l4+4:]))
	}
	seed := be.Uint16(s.bytes[field:])
	if !s.vnet.needsCsum() {
		seed = fold(s.pseudo(before))
	}
	part := fold(uint64(seed) + 0xffffffff - uint64(before) + uint64(now))
	be.PutUint16(b[field:], part)
	if !s.csumOffload {
		complete := ^fold(sum(b[s.l4:]))
		be.PutUint16(b[field:], orFFFF(complete, s.protocol == udp))
	}
	return part
}

// putOuter changes the outer headers, once the inner ones are complete.
// GSO-OUT-010
func (s *super) putOuter(packet []byte, i int, part uint16) {
	o, at := s.outer, s.outer.front+s.outer.l4
	o.putSegmentIP(packet[o.front:], i)
	header, before, now := packet[at:], len(s.received)-at, len(packet)-at
	be.PutUint16(header[4:], uint16(now))
	if s.vnet.Flags&outerCsum == 0 {
		return
	}
	// GSO-OUT-011
	seed := be.Uint16(s.received[at+6:])
	be.PutUint16(header[6:], fold(uint64(seed)+0xffffffff-uint64(before)+uint64(now)))
	complete := ^fold(sum(packet[at:s.front+s.l4]) + uint64(^part))
	be.PutUint16(header[6:], orFFFF(complete, true))
}

// plain is the one segment of a packet that is not a GSO packet. GSO-OUT-008
func (s *super) plain() output {
	v := s.vnet
	if !v.needsCsum() || s.csumOffload {
		return output{Vnet: v, Packet: s.received}
	}
	b := append([]byte{}, s.received...)
	checksum := orFFFF(^fold(sum(b[v.CsumStart:])), true)
	be.PutUint16(b[v.CsumStart+v.CsumOffset:], checksum) // it fits, by VNET-004
	return output{Packet: b}
}
