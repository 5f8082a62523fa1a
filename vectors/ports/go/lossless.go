// SPDX-License-Identifier: MIT

// SPEC section 11: lossless mode.

package main

import "bytes"

// parseLossless flushes what no split would give back.
func (p *packet) parseLossless(c *profile) bool {
	b := p.bytes
	return p.meets(flush, "GRO-LL-001", p.vnet.needsCsum()) ||
		p.meets(flush, "GRO-LL-002", p.version == 4 && be.Uint16(b[10:]) == 0xffff) ||
		p.meets(flush, "GRO-LL-003", p.protocol == tcp && be.Uint16(b[p.l4+16:]) == 0xffff) ||
		p.meets(flush, "GRO-LL-004", p.protocol == udp && !c.takesUSO) ||
		p.meets(flush, "GRO-LL-011", p.farL4())
}

// differsLossless follows the rules of section 8.
func (h *held) differsLossless(p *packet, c *config, r *rule) bool {
	isIPv6, isTCP := p.version == 6, p.protocol == tcp
	mine, its, itsL4 := p.bytes, h.first.bytes, h.first.l4
	return r.is("GRO-LL-005", isIPv6 && p.label() != h.first.label()) ||
		r.is("GRO-LL-006", isIPv6 && (mine[6] != its[6] || !bytes.Equal(mine[40:p.l4], its[40:itsL4]))) ||
		r.is("GRO-LL-007", h.fixedIDWith(p, c)) ||
		r.is("GRO-LL-008", isTCP && be.Uint16(mine[p.l4+18:]) != be.Uint16(its[itsL4+18:])) ||
		r.is("GRO-LL-009", isTCP && p.tcpFlags()&cwr != 0) ||
		r.is("GRO-LL-010", isTCP && h.gsoSize < 8)
}

// leaveBetween lets every held one leave that may be of the flow of a packet
// whose flow is not known. GRO-END-006
func (t *table) leaveBetween(p *packet) {
	between := string(p.addresses()) // empty: equal to no flow's
	for e := t.byAge.Front(); e != nil; {
		next, f := e.Next(), e.Value.(*held).first.flow
		if f.version == p.version && f.addresses == between {
			t.leave(e)
		}
		e = next
	}
}
