// SPDX-License-Identifier: MIT

// SPEC section 5, tunnels.

package main

import (
	"errors"
	"strconv"
	"strings"
)

// A tunnel ends at the host; without UDP it has no port.
type tunnel struct {
	kind string
	port int
}

// A tunnelKind has the largest number of Ethernet headers and VLAN tags before
// the inner IP header, and what reads the tunnel's own header: it gives its
// length and the type of what follows, or bypasses.
type tunnelKind struct {
	overUDP   bool
	protocols []int
	frames    int
	own       func(p *packet, b []byte) (length int, typ uint16, bypasses bool)
}

var tunnelKinds = map[string]tunnelKind{
	"ipip":      {false, []int{4, 41}, 12, ownIPIP},
	"gre":       {false, []int{47}, 11, ownGRE},
	"vxlan":     {true, []int{udp}, 10, ownVXLAN},
	"vxlan-gpe": {true, []int{udp}, 10, ownVXLANGPE},
	"geneve":    {true, []int{udp}, 10, ownGENEVE},
	"pppoe":     {}, // it stands behind no IP header
}

// UnmarshalText reads it as the configuration has it.
func (t *tunnel) UnmarshalText(text []byte) error {
	name, port, _ := strings.Cut(string(text), ":")
	kind, known := tunnelKinds[name]
	n, _ := strconv.Atoi(port)
	want := name
	if kind.overUDP {
		want += ":" + strconv.Itoa(n)
		known = known && 0 < n && n < 65536
	}
	if !known || want != string(text) {
		return errors.New("a tunnel is unknown")
	}
	*t = tunnel{name, n}
	return nil
}

// ends reports whether the tunnel ends in a packet with these headers.
func (t tunnel) ends(h *ip) bool {
	for _, protocol := range tunnelKinds[t.kind].protocols {
		if h.protocol == protocol {
			return protocol != udp ||
				h.l4Length() >= 8 && int(be.Uint16(h.bytes[h.l4+2:])) == t.port
		}
	}
	return false
}

// tunnelOf gives the kind of the tunnel, or nothing.
func (c *config) tunnelOf(h *ip) string {
	for _, t := range c.Tunnels {
		if t.ends(h) {
			return t.kind
		}
	}
	return ""
}

// An outer is what stands before the inner IP header.
type outer struct {
	ip
	kind       string
	absent     bool // the outer UDP header has no checksum
	own        int  // offset of the tunnel's own header
	ownKey     []byte
	inner      string // Ethernet headers, VLAN tags and PPPoE inside, as compared
	uncomputed bool   // a checksum is there, and not computed yet
}

func (o *outer) overUDP() bool { return tunnelKinds[o.kind].overUDP }

// parseTunnel enters a tunnel, and reports whether the packet bypasses.
func (p *packet) parseTunnel(c *config) bool {
	kind := c.tunnelOf(&p.ip)
	if kind == "" {
		return false
	}
	o := &outer{ip: p.ip, kind: kind, own: p.l4}
	p.outer = o
	if o.overUDP() && p.parseOuterUDP(c) {
		return true
	}
	own := p.bytes[o.own:]
	length, typ, bypasses := tunnelKinds[kind].own(p, own)
	unknown := versions[typ] == 0 && frameLength(typ) == 0 && !c.isPPPoE(typ)
	if bypasses || p.meets(bypass, "GRO-TUN-006", unknown) ||
		kind == "gre" && p.parseGRE(c, own) {
		return true
	}
	return p.parseInside(c, own[length:], typ) || p.parseIP(c)
}

func (p *packet) parseOuterUDP(c *config) bool {
	o := p.outer
	o.own += 8
	o.absent = be.Uint16(p.bytes[p.l4+6:]) == 0
	o.uncomputed = !o.absent && p.uncomputed()
	unverified := p.outcome == flush && !o.absent && c.Csum == "verify" && !p.vnet.needsCsum()
	wrong := c.profile.checksTunnelLength && int(be.Uint16(p.bytes[p.l4+4:])) != p.l4Length()
	return p.meets(bypass, "GRO-UDP-002", !p.verify(c, p.pseudo(p.l4Length()), o.absent)) ||
		p.meets(bypass, "GRO-TUN-001", unverified) ||
		p.meets(bypass, "GRO-TUN-009", wrong)
}

// parseInside passes what stands before the inner IP header.
func (p *packet) parseInside(c *config, b []byte, typ uint16) bool {
	most, rest := tunnelKinds[p.outer.kind].frames, b
	for {
		length := frameLength(typ)
		if length > 0 {
			p.frames++
		}
		if p.meets(bypass, "GRO-TUN-005", p.frames > most) ||
			p.meets(bypass, "GRO-TUN-004", length > len(rest)) {
			return true
		}
		if length == 0 {
			break
		}
		typ, rest = be.Uint16(rest[length-2:]), rest[length:]
	}
	at := len(p.received) - len(rest)
	if c.isPPPoE(typ) {
		if p.meets(bypass, "GRO-TUN-005", p.frames == most) || p.parsePPPoE(at) {
			return true
		}
	} else {
		p.ip = ip{bytes: rest, front: at, version: versions[typ]}
	}
	p.outer.inner = p.compared(len(p.received)-len(b), p.front)
	return p.meets(bypass, "GRO-TUN-006", p.version == 0)
}

// frameLength is that of the header that a type says follows, 0 if it is IP or
// unknown.
func frameLength(typ uint16) int {
	switch {
	case typ == typeEthernet:
		return ethernetLength
	case isTag(typ):
		return tagLength
	}
	return 0
}

func (p *packet) short(b []byte, length int) bool {
	return p.meets(bypass, "GRO-TUN-003", len(b) < length)
}

func ownIPIP(p *packet, b []byte) (length int, typ uint16, bypasses bool) {
	if p.protocol == 4 {
		return 0, typeIPv4, false
	}
	return 0, typeIPv6, false
}

// The flags of GRE.
const greChecksum, greKey = 0x8000, 0x2000

func ownGRE(p *packet, b []byte) (length int, typ uint16, bypasses bool) {
	if p.short(b, 4) {
		return 0, 0, true
	}
	flags, length := be.Uint16(b), 4
	hasChecksum, hasKey := flags&greChecksum != 0, flags&greKey != 0
	for _, has := range []bool{hasChecksum, hasKey} {
		if has {
			length += 4
		}
	}
	if p.meets(bypass, "GRO-TUN-007", flags&^(greChecksum|greKey) != 0) || p.short(b, length) {
		return 0, 0, true
	}
	p.outer.ownKey = b[:4]
	if hasKey {
		p.outer.ownKey = b[:8]
	}
	return length, be.Uint16(b[2:]), false
}

// parseGRE verifies the checksum of GRE. GRO-TUN-008
func (p *packet) parseGRE(c *config, own []byte) bool {
	hasChecksum := be.Uint16(own)&greChecksum != 0
	p.outer.uncomputed = hasChecksum && p.uncomputed()
	return p.meets(bypass, "GRO-TUN-008", hasChecksum && !p.verify(c, 0, false))
}

func ownVXLAN(p *packet, b []byte) (length int, typ uint16, bypasses bool) {
	if p.short(b, 8) {
		return 0, 0, true
	}
	p.outer.ownKey = b[:8]
	return 8, typeEthernet, false
}

// The types by the next protocol of VXLAN-GPE.
var typesGPE = map[byte]uint16{1: typeIPv4, 2: typeIPv6, 3: typeEthernet}

func ownVXLANGPE(p *packet, b []byte) (length int, typ uint16, bypasses bool) {
	if p.short(b, 8) || p.meets(bypass, "GRO-TUN-007", b[0]&0x35 != 0x04) {
		return 0, 0, true
	}
	p.outer.ownKey = b[:8]
	return 8, typesGPE[b[3]], false
}

func ownGENEVE(p *packet, b []byte) (length int, typ uint16, bypasses bool) {
	if p.short(b, 8) || p.meets(bypass, "GRO-TUN-007", b[0]&0xc0 != 0 || b[1]&0x80 != 0) {
		return 0, 0, true
	}
	length = 8 + int(b[0]&0x3f)*4
	if p.short(b, length) {
		return 0, 0, true
	}
	p.outer.ownKey = b[:length]
	return length, be.Uint16(b[2:]), false
}
