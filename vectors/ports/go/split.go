// SPDX-License-Identifier: MIT

// SPEC section 14: split.

package main

// A super is a packet to be split, with its header as accepted.
type super struct {
	bytes                    []byte
	vnet                     vnet
	protocol, l4, payload    int
	csumOffload, stripsJumbo bool
	n                        int // segments; 0 if the packet is dropped
}

// split gives the rule that rejects the packet, or how it is split.
func split(b []byte, v vnet, c *profile, csumOffload bool) (*super, rule) {
	v, r := v.accept(b, c)
	s := &super{bytes: b, vnet: v, csumOffload: csumOffload, n: 1}
	if r != "" || !v.isGSO() {
		return s, r
	}
	if s.n = 0; s.droppedBy(c) == "" {
		s.n = (len(b) - s.payload + v.GSOSize - 1) / v.GSOSize
	}
	// GSO-OUT-007
	s.stripsJumbo = c.stripsJumbo && v.typ() == gsoTCPv6 &&
		len(b) > 65536 && b[6] == 0 && s.l4 == 48 && b[42] == 0xc2
	return s, ""
}

// droppedBy gives the first rule that drops the packet, and finds the headers.
func (s *super) droppedBy(c *profile) (r rule) {
	b, v := s.bytes, s.vnet
	protocol, l4, _, whole := ipHeaders(b)
	s.protocol, s.l4, s.payload = protocol, l4, l4+8
	needs := v.needsCsum()
	if r.is("GSO-001", v.typ() == gsoUDP) ||
		r.is("GSO-002", version(b) == 4 && !whole) ||
		r.is("GSO-003", version(b) == 6 && !whole) ||
		r.is("GSO-004", !v.kind().fits(version(b), protocol)) ||
		r.is("GSO-005", needs && v.CsumStart != l4 || !needs && l4 > maxCsumStart) ||
		r.is("GSO-006", protocol == tcp && l4+20 > len(b)) {
		return r
	}
	if protocol == tcp {
		s.payload = l4 + int(b[l4+12]>>4)*4
	}
	_ = r.is("GSO-007", protocol == tcp && s.payload < l4+20 || s.payload > len(b)) ||
		r.is("GSO-008", len(b)-s.payload <= v.GSOSize) ||
		r.is("GSO-009", c.probesTCP && protocol == tcp && !needs && b[probed(b)+12]>>4 < 5)
	return r
}

// segment makes segment i.
func (s *super) segment(i int) output {
	if !s.vnet.isGSO() {
		return s.plain()
	}
	from, l4 := s.payload+i*s.vnet.GSOSize, s.l4
	to, last := from+s.vnet.GSOSize, i == s.n-1
	if last {
		to = len(s.bytes)
	}
	b := append([]byte{}, s.bytes[:s.payload]...)
	b = append(b, s.bytes[from:to]...)
	if version(b) == 4 {
		// GSO-OUT-001
		be.PutUint16(b[2:], uint16(len(b)))
		be.PutUint16(b[4:], be.Uint16(b[4:])+uint16(i))
		be.PutUint16(b[10:], 0)
		be.PutUint16(b[10:], ^fold(sum(b[:l4])))
	} else {
		be.PutUint16(b[4:], uint16(len(b)-40)) // GSO-OUT-002
	}
	offset := 16
	if s.protocol == tcp {
		// GSO-OUT-003
		be.PutUint32(b[l4+4:], be.Uint32(b[l4+4:])+uint32(i*s.vnet.GSOSize))
		if !last {
			b[l4+13] &^= finPsh
		}
		if i > 0 {
			b[l4+13] &^= cwr
		}
	} else {
		offset = 6
		be.PutUint16(b[l4+4:], uint16(len(b)-l4)) // GSO-OUT-004
	}
	s.setChecksum(b, l4+offset)
	// GSO-OUT-007
	if s.stripsJumbo {
		b = append(b[:40], b[48:]...)
		b[6] = tcp
		be.PutUint16(b[4:], be.Uint16(b[4:])-8)
		l4 -= 8
	}
	// GSO-OUT-006
	o := output{Packet: b}
	if s.csumOffload {
		o.Vnet = vnet{Flags: needsCsum, CsumStart: l4, CsumOffset: offset}
	}
	return o
}

// orFFFF replaces a checksum of 0, if the caller wants that.
func orFFFF(checksum uint16, replace bool) uint16 {
	if replace && checksum == 0 {
		return 0xffff
	}
	return checksum
}

// setChecksum sets the checksum field, which is at this offset. GSO-OUT-005
func (s *super) setChecksum(b []byte, field int) {
	before, now := len(s.bytes)-s.l4, len(b)-s.l4 // "old" and "new"
	if s.protocol == udp {
		before, now = int(be.Uint16(s.bytes[s.l4+4:])), int(be.Uint16(b[s.l4+4:]))
	}
	seed := be.Uint16(s.bytes[field:])
	if !s.vnet.needsCsum() {
		seed = fold(pseudo(s.bytes, s.protocol, before))
	}
	part := fold(uint64(seed) + 0xffffffff - uint64(before) + uint64(now))
	be.PutUint16(b[field:], part)
	if !s.csumOffload {
		part = ^fold(sum(b[s.l4:]))
		be.PutUint16(b[field:], orFFFF(part, s.protocol == udp))
	}
}

// plain is the one segment of a packet that is not a GSO packet. GSO-OUT-008
func (s *super) plain() output {
	v := s.vnet
	if !v.needsCsum() || s.csumOffload {
		return output{Vnet: v, Packet: s.bytes}
	}
	b := append([]byte{}, s.bytes...)
	checksum := orFFFF(^fold(sum(b[v.CsumStart:])), true)
	be.PutUint16(b[v.CsumStart+v.CsumOffset:], checksum) // it fits, by VNET-004
	return output{Packet: b}
}
