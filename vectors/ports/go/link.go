// SPDX-License-Identifier: MIT

// SPEC section 4, the link and PPPoE: what stands before the IP header.

package main

const ethernetLength, tagLength = 14, 4

// The most VLAN tags that are passed: by VNET-007, a split and GRO.
const tagsDissected, tagsSplit, tagsGRO = 15, 7, 13

// The types of Ethernet.
const typeIPv4, typeIPv6, typeEthernet, typePPPoE = 0x0800, 0x86dd, 0x6558, 0x8864

// The IP version by the type.
var versions = map[uint16]int{typeIPv4: 4, typeIPv6: 6}

// The length of PPPoE, and the IP version by the protocol of PPP.
const pppoeLength = 8

var versionsPPP = map[uint16]int{0x0021: 4, 0x0057: 6}

func isTag(typ uint16) bool { return typ == 0x8100 || typ == 0x88a8 }

// linkLength is that of the header of the link.
func (c *config) linkLength() int {
	if c.hasLink() {
		return ethernetLength
	}
	return 0
}

// tagsPassed is how many VLAN tags GRO passes at most.
func (c *config) tagsPassed() int {
	if c.lossless() {
		return tagsSplit
	}
	return tagsGRO
}

// behindLink gives the IP header behind the link, of which nothing but the
// version is known, and the number of VLAN tags that were passed.
func (c *config) behindLink(b []byte, most int) (h ip, tags int) {
	if !c.hasLink() {
		return ip{bytes: b, version: version(b)}, 0
	}
	if len(b) < ethernetLength {
		return ip{}, 0
	}
	typ, end := be.Uint16(b[12:]), ethernetLength
	for isTag(typ) && tags < most && end+tagLength <= len(b) {
		typ, end, tags = be.Uint16(b[end+2:]), end+tagLength, tags+1
	}
	return ip{bytes: b[end:], front: end, version: versions[typ]}, tags
}

// hasPPPoE reports whether PPPoE is passed.
func (c *config) hasPPPoE() bool {
	for _, t := range c.Tunnels {
		if t.kind == "pppoe" {
			return true
		}
	}
	return false
}

// isPPPoE reports whether the type says that PPPoE follows, and is passed.
func (c *config) isPPPoE(typ uint16) bool { return typ == typePPPoE && c.hasPPPoE() }

// parseLinkPPPoE passes PPPoE behind the tags of the link, if it is there, and
// reports whether the packet bypasses.
func (p *packet) parseLinkPPPoE(c *config) bool {
	return p.front > 0 && p.frames < c.tagsPassed() && c.isPPPoE(be.Uint16(p.received[p.front-2:])) &&
		p.parsePPPoE(p.front)
}

// parsePPPoE passes PPPoE, which is at this offset of the packet.
func (p *packet) parsePPPoE(at int) bool {
	b := p.received[at:]
	if p.meets(bypass, "GRO-PPP-001", len(b) < pppoeLength) ||
		p.meets(bypass, "GRO-PPP-002", be.Uint16(b) != 0x1100) ||
		p.meets(bypass, "GRO-PPP-003", int(be.Uint16(b[4:])) != len(b)-6) {
		return true
	}
	p.frames++
	p.pppoe = append(p.pppoe, at)
	p.ip = ip{bytes: b[pppoeLength:], front: at + pppoeLength, version: versionsPPP[be.Uint16(b[6:])]}
	return p.meets(bypass, "GRO-PPP-004", p.version == 0)
}

// compared is what the key has of the bytes up to end: not the length of PPPoE.
// GRO-KEY-007
func (p *packet) compared(from, end int) string {
	b := append([]byte{}, p.received[:end]...)
	for _, at := range p.pppoe {
		if at < end {
			be.PutUint16(b[at+4:], 0)
		}
	}
	return string(b[from:])
}
