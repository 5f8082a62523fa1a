// SPDX-License-Identifier: MIT

// SPEC sections 7, the flow, and 8, against the held one.

package main

import "bytes"

// Section 7

// A flow is the key of its packets; with strings it can be compared at once.
type flow struct {
	ipKey
	link   string // GRO-KEY-004
	tunnel tunnelKey
	alone  int    // GRO-KEY-003: the packet's number
	hash   uint32 // GRO-KEY-006
}

// A tunnelKey is the part of a key that a tunnel has. GRO-KEY-005
type tunnelKey struct {
	kind       string
	outer      ipKey
	absent     bool
	own, inner string
}

// An ipKey is the part of a key that an IP header has.
type ipKey struct {
	version, protocol int
	addresses, ports  string
	label, next       uint32 // and extensions: of IPv6, not in lossless mode
	extensions        string
}

// key is that of an IP header; an outer one has ports in a tunnel over UDP.
func (h *ip) key(lossless, hasPorts bool) ipKey {
	// GRO-KEY-001
	k := ipKey{version: h.version, protocol: h.protocol, addresses: string(h.addresses())}
	if hasPorts {
		k.ports = string(h.bytes[h.l4 : h.l4+4])
	}
	// GRO-KEY-002
	if h.version == 6 && !lossless {
		k.label, k.next = h.label(), uint32(h.bytes[6])
		k.extensions = string(h.bytes[40:h.l4])
	}
	return k
}

// label is the flow label and the upper 4 bits of the header, which are those of
// the version without a link and a tunnel.
func (h *ip) label() uint32 { return be.Uint32(h.bytes) & 0xf00fffff }

// findFlow is for packets that no rule of sections 3 to 5 makes bypass.
func (p *packet) findFlow(c *config) {
	if p.flowKnown = p.l4Length() >= 4; !p.flowKnown {
		return
	}
	p.flow = flow{ipKey: p.key(c.lossless(), true), link: p.compared(0, p.outermost().front),
		hash: p.hash}
	if o := p.outer; o != nil {
		p.flow.tunnel = tunnelKey{o.kind, o.key(false, o.overUDP()), o.absent,
			string(o.ownKey), o.inner}
	}
	if p.farL4() && !c.lossless() {
		p.flow.alone = p.index
	}
}

// Section 8

// differs gives the first rule that keeps the packet from merging.
func (h *held) differs(p *packet, c *config) (r rule) {
	isTCP, length := p.protocol == tcp, p.payloadLength()
	_ = isTCP && h.differsTCP(p, c.profile, &r) ||
		r.is("GRO-UDP-006", !isTCP && length > h.gsoSize) ||
		p.outer != nil && p.outer.differs(&h.first.outer.ip, h.outerIDWith(p, c), c, &r) ||
		p.differs(&h.first.ip, h.idWith(p, c), c, &r) ||
		r.is("GRO-TCP-009", isTCP && length == 0) ||
		r.is("GRO-TCP-010", isTCP && length > h.gsoSize) ||
		r.is("GRO-TCP-011", isTCP && p.sequence() != h.nextSequence) ||
		c.makesList(p) && h.differsList(p, &r) ||
		!c.makesList(p) && p.exceeds(p.outermost().front-c.linkLength()+h.total+length, c, &r) ||
		c.lossless() && h.differsLossless(p, c, &r)
	return r
}

// exceeds is about a super-packet of the packet's flow with so many bytes.
func (p *packet) exceeds(total int, c *config, r *rule) bool {
	extensions := p.version == 6 && p.l4 > 40
	usual := p.protocol == udp || !c.profile.bigIP4 && (p.version == 4 || extensions)
	return r.is("GRO-LIM-001", total > c.MaxBytes) ||
		r.is("GRO-LIM-002", total > 65535 && usual) ||
		r.is("GRO-LIM-003", p.l4 > 48 && p.getsJumbo(total, c.profile))
}

// differsList is section 8, "Lists".
func (h *held) differsList(p *packet, r *rule) bool {
	needs, oneNeeds := p.vnet.needsCsum(), p.vnet.needsCsum() != h.first.vnet.needsCsum()
	if p.protocol == udp {
		return r.is("GRO-LIST-004", oneNeeds || !needs && !p.verified) || h.exceedsList(p, r)
	}
	const compared = finPsh | cwr
	return r.is("GRO-LIST-001", (p.tcpFlags()^h.first.tcpFlags())&compared != 0) ||
		r.is("GRO-LIST-002", oneNeeds) ||
		r.is("GRO-LIST-003", len(h.packets) == 64) ||
		h.exceedsList(p, r)
}

func (h *held) exceedsList(p *packet, r *rule) bool {
	return r.is("GRO-LIST-005", h.total+len(p.bytes) > 65535)
}

// isOvertaken reports whether a packet with this rule passes beside the list.
// GRO-LIST-004
func (h *held) isOvertaken(p *packet, r rule, c *profile) bool {
	return r == "GRO-LIST-004" &&
		(p.outcome == none || p.vnet.isGSO() || c.flushedBeside)
}

// getsJumbo is whether a super-packet with so many bytes does. GRO-OUT-015
func (h *ip) getsJumbo(total int, c *profile) bool {
	return h.version == 6 && total > 65575 && c.stripsJumbo
}

func (h *held) differsTCP(p *packet, c *profile, r *rule) bool {
	mine := p.bytes[p.l4:p.payload]
	its := h.first.bytes[h.first.l4:h.first.payload]
	var compared uint16 = 0xfff &^ finPsh
	if !c.comparesCWR {
		compared &^= cwr
	}
	bits := be.Uint16(mine[12:]) ^ be.Uint16(its[12:])
	return r.is("GRO-TCP-004", c.refusesCWR && p.tcpFlags()&cwr != 0) ||
		r.is("GRO-TCP-005", bits&compared != 0) ||
		r.is("GRO-TCP-006", be.Uint16(mine[14:]) != be.Uint16(its[14:])) ||
		r.is("GRO-TCP-007", be.Uint32(mine[8:]) != be.Uint32(its[8:])) ||
		r.is("GRO-TCP-008", !bytes.Equal(mine[20:], its[20:]))
}

// differs compares a header with that of the first packet; id is the
// identification that follows.
func (h *ip) differs(first *ip, id uint16, c *config, r *rule) bool {
	mine, its := h.bytes, first.bytes
	class := be.Uint16(mine) ^ be.Uint16(its)
	if !h.comparesAsIPv4(c) {
		return r.is("GRO-IP6-005", class&0x0ff0 != 0) ||
			r.is("GRO-IP6-006", mine[7] != its[7])
	}
	return r.is("GRO-IP4-008", mine[8] != its[8]) ||
		r.is("GRO-IP4-009", mine[1] != its[1]) ||
		r.is("GRO-IP4-010", (mine[6]^its[6])&0x40 != 0) ||
		r.is("GRO-IP4-011", h.id() != id)
}

// comparesAsIPv4 is true of an IPv6 header, too, by GRO-IP6-007.
func (h *ip) comparesAsIPv4(c *config) bool {
	return h.version == 4 ||
		c.profile.checksCsumStart && !c.lossless() && version(h.bytes) != 6
}

func (h *ip) id() uint16 { return be.Uint16(h.bytes[4:]) }
func (h *ip) df() bool   { return h.bytes[6]&0x40 != 0 }

// idWith is the identification that follows, by GRO-IP4-011.
func (h *held) idWith(p *packet, c *config) uint16 {
	return h.idAfter(&h.first.ip, h.fixedIDWith(p, c))
}

func (h *held) idAfter(first *ip, fixed bool) uint16 {
	if fixed {
		return first.id()
	}
	return first.id() + uint16(len(h.packets))
}

// fixedIDWith is what fixed_id is, or becomes by this second packet.
func (h *held) fixedIDWith(p *packet, c *config) bool {
	if len(h.packets) > 1 || h.fixedID { // overtake stored it
		return h.fixedID
	}
	return p.staysAt(&h.first.ip, c)
}

func (h *ip) staysAt(first *ip, c *config) bool {
	return h.comparesAsIPv4(c) && h.id() == first.id() &&
		(h.df() || !c.profile.fixedIDNeedsDF)
}

// outerIDWith is idWith for the outer header of a tunnel.
func (h *held) outerIDWith(p *packet, c *config) uint16 {
	first := &h.first.outer.ip
	switch {
	case !c.profile.fixedIDNeedsDF:
		return h.idAfter(first, h.outerFixedIDWith(p, c))
	case p.outer.df():
		return p.outer.id() // it always follows
	}
	return h.idAfter(first, c.profile.checksCsumStart && h.fixedID)
}

func (h *held) outerFixedIDWith(p *packet, c *config) bool {
	if len(h.packets) > 1 {
		return h.outerFixedID
	}
	return p.outer.staysAt(&h.first.outer.ip, c)
}

// overtake is for a packet that passes beside the list. GRO-IP4-011
func (h *held) overtake(p *packet, c *config) {
	if c.profile.checksCsumStart {
		h.fixedID = h.fixedIDWith(p, c)
	}
}

// merge appends the payload of a packet if no rule keeps it from merging.
func (h *held) merge(p *packet, c *config) {
	h.fixedID = h.fixedIDWith(p, c)
	if p.outer != nil {
		h.outerFixedID = h.outerFixedIDWith(p, c)
	}
	h.packets = append(h.packets, p)
	h.total += p.payloadLength()
	h.nextSequence += uint32(p.payloadLength())
	if p.protocol == tcp {
		h.flags |= p.tcpFlags() & finPsh
	}
}
