// SPDX-License-Identifier: MIT

// SPEC section 11: lossless mode.

package main

import "bytes"

// allAreTold reports whether virtio headers tell of all tunnels.
func (c *config) allAreTold() bool {
	for _, t := range c.Tunnels {
		if t.port == 0 {
			return false
		}
	}
	return c.hasLink() && c.canTell() && c.profile.checksCsumStart
}

// parseLossless flushes what no split would give back.
func (p *packet) parseLossless(c *profile) bool {
	b, o := p.bytes, p.outer
	return p.meets(flush, "GRO-LL-001", p.vnet.needsCsum()) ||
		p.meets(flush, "GRO-LL-002", p.hasOnes() || p.outermost().hasOnes()) ||
		p.meets(flush, "GRO-LL-003", p.protocol == tcp && be.Uint16(b[p.l4+16:]) == 0xffff) ||
		p.meets(flush, "GRO-LL-004", p.protocol == udp && !c.takesUSO) ||
		p.meets(flush, "GRO-LL-011", p.farL4()) ||
		p.meets(flush, "GRO-LL-012", o != nil && int(be.Uint16(o.bytes[o.l4+4:])) != o.l4Length()) ||
		p.meets(flush, "GRO-LL-013", o != nil && p.protocol == udp && p.version == 6 && version(b) != 6)
}

// hasOnes reports whether the checksum of an IPv4 header is 0xffff.
func (h *ip) hasOnes() bool { return h.version == 4 && be.Uint16(h.bytes[10:]) == 0xffff }

// differsLossless follows the rules of section 8.
func (h *held) differsLossless(p *packet, c *config, r *rule) bool {
	isIPv6, isTCP := p.version == 6, p.protocol == tcp
	mine, its, itsL4 := p.bytes, h.first.bytes, h.first.l4
	return r.is("GRO-LL-005", isIPv6 && p.label() != h.first.label()) ||
		r.is("GRO-LL-006", isIPv6 && (mine[6] != its[6] || !bytes.Equal(mine[40:p.l4], its[40:itsL4]))) ||
		r.is("GRO-LL-007", h.fixedIDWith(p, c) || p.outer != nil && !p.outer.counts(h)) ||
		r.is("GRO-LL-008", isTCP && be.Uint16(mine[p.l4+18:]) != be.Uint16(its[itsL4+18:])) ||
		r.is("GRO-LL-009", isTCP && p.tcpFlags()&cwr != 0) ||
		r.is("GRO-LL-010", isTCP && h.gsoSize < 8)
}

// counts reports whether the outer identification is the one of a split.
func (o *outer) counts(h *held) bool {
	return o.version == 6 || be.Uint16(o.bytes[4:]) == be.Uint16(h.first.outer.bytes[4:])+uint16(len(h.packets))
}

// leaveBetween lets every held one leave that may be of the flow of a packet
// whose flow is not known. GRO-END-006
func (t *table) leaveBetween(p *packet) {
	out := p.outermost()
	between := string(out.addresses()) // empty: equal to no flow's
	for e := t.bucket(p).Front(); e != nil; {
		next, its := e.Next(), e.Value.(*held).first.outermost()
		if its.version == out.version && string(its.addresses()) == between {
			t.leave(e)
		}
		e = next
	}
}
