// SPDX-License-Identifier: MIT

// SPEC sections 1, terms and data model, and 2, profiles and configuration.

package main

import "encoding/binary"

// Packets are big-endian. Whoever reads a field has compared its offset with
// the length before.
var be = binary.BigEndian

// fold ends a ones'-complement sum of 16-bit words.
func fold(x uint64) uint16 {
	for x > 0xffff {
		x = x&0xffff + x>>16
	}
	return uint16(x)
}

// sum adds up the 16-bit words of b; an odd last byte is the high half of one.
func sum(b []byte) (s uint64) {
	for i, octet := range b {
		s += uint64(octet) << (8 - 8*(i%2))
	}
	return s
}

// version is the upper 4 bits of the first byte, 0 without one.
func version(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	return int(b[0] >> 4)
}

// The protocols.
const tcp, udp = 6, 17

// Flags of TCP; endFlags are URG, PSH, RST, SYN and FIN.
const finPsh, endFlags, cwr = 0x09, 0x2f, 0x80

// A rule is the id of one; "" is none.
type rule string

// is sets the rule if the condition is true. A chain of calls with || between
// them is a table of SPEC: it ends with the first condition that is true, and
// the later ones, which rely on it, are not evaluated.
func (r *rule) is(id rule, condition bool) bool {
	if condition {
		*r = id
	}
	return condition
}

// The outcomes of a packet by itself; the greater one takes precedence.
const none, flush, bypass, reject = 0, 1, 2, 3

// An ip is an IP header, and what section 5 finds behind it. Its offsets count
// from its first byte, but compared with csum_start they count from the first
// byte of the packet.
type ip struct {
	bytes                 []byte // to the end of the packet
	front                 int    // the number of bytes before it
	version, protocol, l4 int    // version is 0 if it is not IP
}

func (h *ip) l4Length() int { return len(h.bytes) - h.l4 }
func (h *ip) farL4() bool   { return h.front+h.l4 > maxCsumStart }

// A packet is its bytes, and what sections 3 to 7 find in them. If the outcome
// is none or flush, all its headers are whole and all fields are known.
type packet struct {
	ip               // in a tunnel, the inner one
	outer     *outer // in a tunnel
	index     int    // of the input
	hash      uint32
	received  []byte // from the first byte on
	frames    int    // VLAN tags, PPPoE and, in a tunnel, Ethernet headers
	pppoe     []int  // where it is
	vnet      vnet   // as accepted
	outcome   int
	rule      rule // that decided the outcome
	payload   int  // offset
	verified  bool
	flow      flow
	flowKnown bool
}

func (p *packet) payloadLength() int { return len(p.bytes) - p.payload }

// outermost is the first IP header.
func (p *packet) outermost() *ip {
	if p.outer != nil {
		return &p.outer.ip
	}
	return &p.ip
}

func (p *packet) sequence() uint32 { return be.Uint32(p.bytes[p.l4+4:]) }
func (p *packet) tcpFlags() byte   { return p.bytes[p.l4+13] }

// A held super-packet may still grow.
type held struct {
	first   *packet
	packets []*packet // all of them, as received

	gsoSize, total int

	nextSequence uint32
	flags        byte

	fixedID, outerFixedID bool
}

// Section 2

// A profile is what kernels do where they differ.
type profile struct {
	minTCPGSOSize                     int         // VNET-015
	takesUSO                          bool        // VNET-002, GRO-LL-004
	bigIP4                            bool        // GRO-LIM-002
	listsTCP, flushedBeside           bool        // section 8, "Lists"
	checksCsumStart                   bool        // GRO-IP6-007, GSO-OUT-007
	l3mins                            map[int]int // by type: checks_csum_start, or 0
	dissects                          bool        // VNET-007, VNET-014
	takesTunnels, countsUnread        bool        // section 3
	refusesCWR, comparesCWR, showsCWR bool        // GRO-TCP-004; GRO-TCP-005; GRO-OUT-005
	fixedIDNeedsDF                    bool        // GRO-IP4-011
	maxUDPSegments                    int         // GRO-END-004
	stripsJumbo                       bool        // GRO-OUT-015, GSO-OUT-007
	probesTCP                         bool        // GSO-009
	checksTunnelLength                bool        // GRO-TUN-009
}

type config struct {
	profile  *profile
	MaxFlows int `json:"max_flows"`
	UDP      bool
	Csum     string // verify or trusted
	Mode     string // linux or lossless, section 11
	Link     string // none or ethernet
	Tunnels  []tunnel
	VnetLen  int `json:"vnet_len"`
	MaxBytes int `json:"max_bytes"`
	Fraglist bool
	Hash     bool
}

func newConfig(p *profile) config {
	return config{p, 8, true, "verify", "linux", "none", nil, 10, 65535, false, false}
}

func (c *config) known() bool {
	return c.profile != nil && c.MaxFlows >= 1 && c.MaxFlows <= 65536 &&
		(c.Csum == "verify" || c.Csum == "trusted") &&
		(c.Mode == "linux" || c.lossless()) &&
		(c.Link == "none" || c.hasLink()) &&
		(len(c.Tunnels) == 0 || len(c.Tunnels) <= 8 && (!c.lossless() || c.allAreTold())) &&
		(c.VnetLen == 10 || c.VnetLen == 12 || c.VnetLen == 24) &&
		(c.MaxBytes == 65535 || c.MaxBytes > 65535 && c.MaxBytes <= 524280 && c.isPlain()) &&
		(!c.Fraglist || c.MaxBytes == 65535 && c.isPlain()) &&
		(!c.Hash || c.MaxBytes == 65535 && !c.lossless() && !c.Fraglist)
}

// isPlain is true of a table with packets of linux mode in nothing else.
func (c *config) isPlain() bool { return !c.lossless() && !c.hasLink() && len(c.Tunnels) == 0 }

// makesList reports whether the packet is coalesced into a list.
func (c *config) makesList(p *packet) bool {
	return c.Fraglist && (p.protocol == udp || c.profile.listsTCP)
}

func (c *config) lossless() bool { return c.Mode == "lossless" }
func (c *config) hasLink() bool  { return c.Link == "ethernet" }
