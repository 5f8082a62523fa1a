// SPDX-License-Identifier: MIT

// SPEC section 10: what leaves, the bytes.

package main

// An output is an entry of to_write, or a segment of section 14.
type output struct {
	Vnet   vnet     `json:"vnet"`
	Packet hexBytes `json:"packet"`
	Of     []int    `json:"of,omitempty"` // the packets inside, by index
}

// single is the packet as it came. GRO-OUT-001
func (p *packet) single() output {
	header := p.vnet
	if header.isGSO() && header.told != 0 {
		header.retell(p)
	}
	if p.verified && !header.needsCsum() {
		header.Flags = dataValid
	}
	return output{header, p.received, []int{p.index}}
}

// retell changes what the header tells of a tunnel. GRO-OUT-011
func (v *vnet) retell(p *packet) {
	h := *p.outermost()
	v.GSOType = v.GSOType&^gsoTunnels | tunnelBit(h.version)
	if _, whole := h.findL4(); whole {
		v.OuterTH = h.front + h.l4
	}
}

// outputs are the entries of to_write.
func (h *held) outputs(c *config) (entries []output) {
	if len(h.packets) > 1 && !c.makesList(h.first) {
		return []output{h.superPacket(c)}
	}
	for _, p := range h.packets { // GRO-OUT-016
		entries = append(entries, p.single())
	}
	return entries
}

// superPacket is for two or more packets.
func (h *held) superPacket(c *config) output {
	first, l4 := h.first, h.first.l4
	packet, of := append([]byte{}, first.received[:first.front+first.payload]...), []int{} // GRO-OUT-008
	for _, p := range h.packets {
		packet, of = append(packet, p.bytes[p.payload:]...), append(of, p.index)
	}
	for _, at := range first.pppoe {
		be.PutUint16(packet[at+4:], uint16(len(packet)-at-6)) // GRO-OUT-017
	}
	b := packet[first.front:]
	// GRO-OUT-007
	header := vnet{Flags: needsCsum, GSOType: gsoTCPv4, HdrLen: first.front + first.payload,
		GSOSize: h.gsoSize, CsumStart: first.front + l4, CsumOffset: 16}
	if first.version == 6 {
		header.GSOType = gsoTCPv6
	}
	first.putLength(b)
	if first.protocol == tcp {
		b[l4+13] |= h.flags // GRO-OUT-004
		if c.profile.showsCWR && first.tcpFlags()&cwr != 0 {
			header.GSOType |= gsoECN // GRO-OUT-005
		}
	} else {
		be.PutUint16(b[l4+4:], uint16(len(b)-l4)) // GRO-OUT-006
		header.GSOType, header.CsumOffset = gsoUDPL4, 6
	}
	seed := fold(first.pseudo(len(b) - l4))
	be.PutUint16(b[l4+header.CsumOffset:], seed)
	if first.outer != nil {
		h.putOuter(packet[first.outer.front:], c.profile) // GRO-OUT-009
		if c.canTell() && first.outer.overUDP() {
			header.tellOf(first)
		}
	}
	if first.getsJumbo(len(b), c.profile) {
		packet = putJumbo(packet)
		header.CsumStart += 8
		header.HdrLen += 8
	}
	return output{header, packet, of}
}

// putJumbo adds the jumbo header to a packet without a link. GRO-OUT-015
func putJumbo(b []byte) []byte {
	jumbo := be.AppendUint32([]byte{b[6], 0, 0xc2, 4}, uint32(len(b)-32))
	b[6] = 0
	return append(append(append([]byte{}, b[:40]...), jumbo...), b[40:]...)
}

// putOuter changes the outer headers, with which b begins.
func (h *held) putOuter(b []byte, c *profile) {
	o := h.first.outer
	o.putLength(b)
	if !o.overUDP() {
		return
	}
	// GRO-OUT-010
	length := len(b) - o.l4
	be.PutUint16(b[o.l4+4:], uint16(length))
	if !o.absent {
		addresses := sum(h.outerAddresses(c))
		be.PutUint16(b[o.l4+6:], fold(addresses+udp+uint64(length)))
	}
}

// outerAddresses are the bytes that stand for the outer addresses in the seed.
func (h *held) outerAddresses(c *profile) []byte {
	o, b := h.first.outer, h.first.bytes
	from, to := 12, 20
	if o.version == 6 {
		from, to = 8, 40
	}
	if c.checksCsumStart || len(b) < to { // K-7
		return o.addresses()
	}
	b = append([]byte{}, b...)
	if h.first.protocol == tcp {
		b[h.first.l4+13] |= h.flags
	}
	return b[from:to]
}

// tellOf tells of the tunnel of a super-packet. GRO-OUT-012
func (v *vnet) tellOf(first *packet) {
	o, l4 := first.outer, first.outer.l4
	if o.version == 6 {
		l4 = 40
	}
	v.GSOType |= tunnelBit(o.version)
	v.OuterTH, v.InnerNH = o.front+l4, first.front
	if !o.absent {
		v.Flags |= outerCsum
	}
}

// putLength says in the IP header, with which b begins, how long b is.
func (h *ip) putLength(b []byte) {
	if h.version == 6 {
		be.PutUint16(b[4:], lengthField(len(b)-40)) // GRO-OUT-003
		return
	}
	// GRO-OUT-002
	length := lengthField(len(b))
	s := uint64(^be.Uint16(b[10:])) + uint64(^be.Uint16(b[2:]))
	be.PutUint16(b[10:], ^fold(s+uint64(length)))
	be.PutUint16(b[2:], length)
}

// lengthField is 0 for a length that does not fit. GRO-OUT-013, GRO-OUT-014
func lengthField(length int) uint16 {
	if length > 65535 {
		return 0
	}
	return uint16(length)
}
