// SPDX-License-Identifier: MIT

// SPEC section 3: the virtio header.

package main

import "encoding/binary"

// Values of flags, and of gso_type.
const needsCsum, dataValid, outerCsum = 1, 2, 8
const gsoTCPv4, gsoUDP, gsoTCPv6, gsoUDPL4, gsoECN = 1, 3, 4, 5, 0x80

// The bits of tunnels.
const gsoTunnel4, gsoTunnel6 = 0x20, 0x40
const gsoTunnels = gsoTunnel4 | gsoTunnel6

// tunnelBit is that of the version of the outer IP header.
func tunnelBit(version int) int {
	if version == 6 {
		return gsoTunnel6
	}
	return gsoTunnel4
}

// GRO-IN-002, VNET-016
const maxLength, maxCsumStart = 65575, 65470

// A kind is what follows from a gso_type without the ECN bit; version 0 is any.
type kind struct{ l4min, version, protocol int }

var kinds = map[int]kind{
	gsoTCPv4: {20, 4, tcp},
	gsoUDP:   {8, 0, udp},
	gsoTCPv6: {20, 6, tcp},
	gsoUDPL4: {8, 0, udp},
}

var l3mins = map[int]int{0: 20, gsoTCPv4: 20, gsoUDP: 20, gsoTCPv6: 40, gsoUDPL4: 20}

func (k kind) fits(version, protocol int) bool {
	return (k.version == 0 || k.version == version) && k.protocol == protocol
}

// vnet is a virtio_net_hdr.
type vnet struct {
	Flags      int `json:"flags"`
	GSOType    int `json:"gso_type"`
	HdrLen     int `json:"hdr_len"`
	GSOSize    int `json:"gso_size"`
	CsumStart  int `json:"csum_start"`
	CsumOffset int `json:"csum_offset"`

	// In a header that tells of a tunnel; else 0.
	OuterTH int `json:"outer_th_offset,omitempty"`
	InnerNH int `json:"inner_nh_offset,omitempty"`
	told    int // the bits of tunnels
}

// unread is the number of bytes that are not read, but count as the packet's.
func (c *config) unread() int {
	if !c.profile.countsUnread || c.canTell() {
		return 0
	}
	return c.VnetLen - 10
}

// canTell reports whether a header can tell of a tunnel.
func (c *config) canTell() bool { return c.profile.takesTunnels && c.VnetLen == 24 }

// vnetOf reads it as it is on the wire.
func vnetOf(b []byte) vnet {
	field := func(at int) int { return int(binary.LittleEndian.Uint16(b[at:])) }
	v := vnet{Flags: int(b[0]), GSOType: int(b[1]), HdrLen: field(2),
		GSOSize: field(4), CsumStart: field(6), CsumOffset: field(8)}
	if len(b) == 24 {
		v.OuterTH, v.InnerNH = field(20), field(22)
	}
	return v
}

// tell finds out whether the header tells of a tunnel.
func (v *vnet) tell(c *config) {
	if c.canTell() {
		v.told = v.GSOType & gsoTunnels
	}
	if v.told == 0 {
		v.OuterTH, v.InnerNH = 0, 0
	}
}

func (v vnet) typ() int        { return v.GSOType &^ (gsoECN | v.told) } // "type"
func (v vnet) kind() kind      { return kinds[v.typ()] }
func (v vnet) needsCsum() bool { return v.Flags&needsCsum != 0 }
func (v vnet) isTCP() bool     { return v.kind().protocol == tcp }
func (v vnet) isGSO() bool     { return v.GSOType != 0 } // if accepted

// behindTag is the header after the link's VLAN tag was taken off. GSO-OUT-012
func (v vnet) behindTag() vnet {
	if v.needsCsum() && v.CsumStart < ethernetLength+4 && v.typ() != gsoUDPL4 {
		v.Flags, v.CsumStart, v.CsumOffset = 0, 0, 0
	}
	return v
}

// rejected gives the first rule that rejects the packet.
func (v vnet) rejected(b []byte, c *config) (r rule) {
	prof := c.profile
	k, known := kinds[v.typ()]
	known = known && v.typ() != 0 && (v.typ() != gsoUDPL4 || prof.takesUSO)
	needs, end, h := v.needsCsum(), v.CsumStart+v.CsumOffset+2, v.HdrLen
	if needs && end > h {
		h = end & 0xffff
	}
	isUSO, guessed := v.typ() == gsoUDPL4, v.isGSO() && !needs
	dissected := guessed && prof.dissects && !isUSO
	ip, whole := c.dissect(b)
	ofType := whole && k.fits(ip.version, ip.protocol) && ip.l4Length() >= k.l4min
	_ = r.is("GRO-IN-002", len(b) > maxLength) ||
		r.is("GRO-IN-004", len(b) < c.linkLength()) ||
		r.is("VNET-001", h > len(b)+c.unread()) ||
		r.is("VNET-017", h != 0 && h < c.linkLength()) ||
		v.told != 0 && v.rejectedTold(&r) ||
		r.is("VNET-002", v.isGSO() && !known) ||
		r.is("VNET-003", v.isGSO() && v.GSOSize == 0) ||
		r.is("VNET-004", needs && (end > len(b) || v.CsumStart+k.l4min > len(b))) ||
		r.is("VNET-016", needs && v.CsumStart > maxCsumStart) ||
		r.is("VNET-005", needs && v.CsumStart < prof.l3mins[v.typ()]) ||
		r.is("VNET-006", guessed && !dissected && prof.l3mins[v.typ()]+k.l4min > len(b)) ||
		r.is("VNET-007", dissected && !ofType) ||
		r.is("VNET-008", isUSO && !needs) ||
		r.is("VNET-009", isUSO && v.CsumOffset != 6) ||
		r.is("VNET-010", isUSO && v.GSOType&gsoECN != 0) ||
		r.is("VNET-011", isUSO && len(b)-v.CsumStart-8 > 128*v.GSOSize) ||
		r.is("VNET-012", v.isTCP() && needs && v.CsumOffset != 16) ||
		r.is("VNET-013", v.isGSO() && v.GSOSize == 65535) ||
		r.is("VNET-022", v.told != 0 && isUSO && v.innerVersion(b) == 6 &&
			v.CsumStart < v.InnerNH+40) ||
		r.is("GRO-IN-001", !c.hasLink() && version(b) != 4 && version(b) != 6)
	return r
}

// rejectedTold is for a header that tells of a tunnel.
func (v vnet) rejectedTold(r *rule) bool {
	outerMin, innerMin := 34, 20
	if v.told == gsoTunnel6 {
		outerMin = 54
	}
	if v.typ() == gsoTCPv6 {
		innerMin = 40
	}
	return r.is("VNET-018", v.told == gsoTunnels) ||
		r.is("VNET-019", v.typ() == 0 || v.typ() == gsoUDP) ||
		r.is("VNET-020", !v.needsCsum()) ||
		r.is("VNET-021", v.OuterTH < outerMin || v.InnerNH < v.OuterTH+8 ||
			v.CsumStart < v.InnerNH+innerMin)
}

// innerVersion is that of the IP header at inner_nh_offset.
func (v vnet) innerVersion(b []byte) int {
	if k := v.kind(); k.version != 0 {
		return k.version
	}
	if version(b[v.InnerNH:]) == 6 {
		return 6
	}
	return 4
}

// accept gives the rule that rejects the packet, or what its header becomes.
func (v vnet) accept(b []byte, c *config) (vnet, rule) {
	prof := c.profile
	v.tell(c)
	if r := v.rejected(b, c); r != "" {
		return vnet{}, r
	}
	if v.told == 0 {
		v.Flags &^= outerCsum
	}
	v.Flags &= needsCsum | outerCsum
	l4 := v.CsumStart
	if !v.needsCsum() {
		l4, v.CsumStart, v.CsumOffset = prof.l3mins[v.typ()], 0, 0
		if prof.dissects && v.isGSO() {
			ip, _ := c.dissect(b) // whole, by VNET-007
			l4 = ip.front + ip.l4
		}
	}
	// VNET-015
	if v.isTCP() && v.GSOSize < prof.minTCPGSOSize {
		v.GSOSize = prof.minTCPGSOSize
	}
	// VNET-014
	h := l4 + v.kind().l4min
	if v.typ() == gsoUDP {
		h -= 8
	}
	if v.isGSO() && v.GSOSize >= len(b)-h {
		v.GSOType, v.OuterTH, v.InnerNH = 0, 0, 0
	}
	if !v.isGSO() {
		v.HdrLen, v.GSOSize = 0, 0
		v.Flags &= needsCsum
	}
	return v, ""
}

// leavesShort is VNET-017 for an accepted header, with which the packet leaves.
func (v vnet) leavesShort(c *config) bool {
	return v.needsCsum() && !v.isGSO() && v.CsumStart+v.CsumOffset+2 < c.linkLength()
}
