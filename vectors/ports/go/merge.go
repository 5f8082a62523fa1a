// SPDX-License-Identifier: MIT

// SPEC sections 7, the flow, and 8, against the held one.

package main

import "bytes"

// Section 7

// A flow is the key of its packets; with strings it can be compared at once.
type flow struct {
	version, protocol int
	addresses, ports  string
	label, next       uint32 // and extensions: of IPv6, not in lossless mode
	extensions        string
	alone             int // GRO-KEY-003: the packet's number
}

// findFlow is for packets that no rule of sections 3 to 5 makes bypass.
func (p *packet) findFlow(lossless bool) {
	if p.flowKnown = p.l4Length() >= 4; !p.flowKnown {
		return
	}
	// GRO-KEY-001
	ends := string(addresses(p.bytes))
	p.flow = flow{p.version(), p.protocol, ends, string(p.bytes[p.l4 : p.l4+4]), 0, 0, "", 0}
	// GRO-KEY-002
	if p.version() == 6 && !lossless {
		p.flow.label, p.flow.next = be.Uint32(p.bytes)&0xfffff, uint32(p.bytes[6])
		p.flow.extensions = string(p.bytes[40:p.l4])
	}
	if p.l4 > 65470 && !lossless {
		p.flow.alone = p.index
	}
}

// Section 8

// differs gives the first rule that keeps the packet from merging.
func (h *held) differs(p *packet, c *config) (r rule) {
	isTCP, isIPv4, length := p.protocol == tcp, p.version() == 4, p.payloadLength()
	mine, its := p.bytes, h.first.bytes
	class := be.Uint16(mine) ^ be.Uint16(its)
	_ = isTCP && h.differsTCP(p, c.profile, &r) ||
		r.is("GRO-UDP-006", !isTCP && length > h.gsoSize) ||
		isIPv4 && h.differsIPv4(p, c.profile, &r) ||
		r.is("GRO-IP6-005", !isIPv4 && class&0x0ff0 != 0) ||
		r.is("GRO-IP6-006", !isIPv4 && mine[7] != its[7]) ||
		r.is("GRO-TCP-009", isTCP && length == 0) ||
		r.is("GRO-TCP-010", isTCP && length > h.gsoSize) ||
		r.is("GRO-TCP-011", isTCP && p.sequence() != h.nextSequence) ||
		r.is("GRO-LIM-001", h.total+length > 65535) ||
		c.lossless() && h.differsLossless(p, c.profile, &r)
	return r
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

func (h *held) differsIPv4(p *packet, c *profile, r *rule) bool {
	mine, its := p.bytes, h.first.bytes
	id := be.Uint16(its[4:])
	if !h.fixedIDWith(p, c) {
		id += uint16(h.packets)
	}
	return r.is("GRO-IP4-008", mine[8] != its[8]) ||
		r.is("GRO-IP4-009", mine[1] != its[1]) ||
		r.is("GRO-IP4-010", (mine[6]^its[6])&0x40 != 0) ||
		r.is("GRO-IP4-011", be.Uint16(mine[4:]) != id)
}

// fixedIDWith is what fixed_id is, or becomes by this second packet.
// GRO-IP4-011
func (h *held) fixedIDWith(p *packet, c *profile) bool {
	if h.packets > 1 {
		return h.fixedID
	}
	mine, its := p.bytes, h.first.bytes
	return p.version() == 4 && be.Uint16(mine[4:]) == be.Uint16(its[4:]) &&
		(mine[6]&0x40 != 0 || !c.fixedIDNeedsDF)
}

// merge appends the payload of a packet if no rule keeps it from merging.
func (h *held) merge(p *packet, c *profile) {
	h.fixedID = h.fixedIDWith(p, c)
	h.payloads = append(h.payloads, p.bytes[p.payload:]...)
	h.of = append(h.of, p.index)
	h.packets++
	h.total += p.payloadLength()
	h.nextSequence += uint32(p.payloadLength())
	if p.protocol == tcp {
		h.flags |= p.tcpFlags() & finPsh
	}
}
