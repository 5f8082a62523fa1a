// SPDX-License-Identifier: MIT

// SPEC section 4, the link: what stands before the IP header.

package main

const ethernetLength, tagLength = 14, 4

// The most VLAN tags that are passed: by VNET-007, a split and GRO.
const tagsDissected, tagsSplit, tagsGRO = 15, 7, 13

// The types of Ethernet.
const typeIPv4, typeIPv6, typeEthernet = 0x0800, 0x86dd, 0x6558

// The IP version by the type.
var versions = map[uint16]int{typeIPv4: 4, typeIPv6: 6}

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
