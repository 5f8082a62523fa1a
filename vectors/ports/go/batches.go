// SPDX-License-Identifier: MIT

// The batches of vectors/accumulated/README.md.

package main

import (
	"encoding/hex"
	"strings"
)

func unhex(text string) []byte {
	b, _ := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	return b
}

const ports, extension = "1f000050", "3c00010400000000"
const ip6 = "60212345 00003c40 fd000000000000000000000000000001 fd000000000000000000000000000002"

var ips = []struct {
	bytes  []byte
	nextAt int
}{
	{unhex("45020000 fffd0000 40000000 0a000001 0a000002"), 19},
	{unhex("45020000 fffd4000 40000000 0a000001 0a000002"), 19},
	{unhex(ip6), 16},
	{unhex(ip6 + extension), 50},
	{unhex(ip6 + extension + extension), 58},
}
var l4s = [][]byte{
	unhex(ports + "00000000"),
	unhex(ports + "ffffff80 12345678 50104321 00000000"),
	unhex(ports + "ffffff80 12345678 50904321 00000000"),
	unhex(ports + "ffffff80 12345678 80104321 00000000 0101080a 00000001 00000002"),
}

type numbers uint64

// pick gives the next number of SplitMix64, mod n.
func (r *numbers) pick(n int) int {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

// batch gives packets, each behind its virtio header, and nil where a poll ends.
func batch(isGRO bool, number uint64) (entries [][]byte) {
	r, faults := numbers(number), 12
	if isGRO {
		faults = r.pick(8)
	}
	flows := make([]*generator, 1+r.pick(1+r.pick(12)))
	for k := range flows {
		flows[k] = newGenerator(&r, k)
	}
	packets := 1 + r.pick(16)
	if r.pick(64) == 0 {
		packets += 64
	}
	for ; packets > 0; packets-- {
		entries = append(entries, flows[r.pick(len(flows))].next(&r, faults))
		if !isGRO {
			break
		}
		if r.pick(32) < faults {
			entries = append(entries, nil)
		}
	}
	return entries
}

// A generator makes the packets of a flow.
type generator struct {
	h                              []byte
	l4, size, step, check, gsoType int
	isIPv4                         bool
	protocol                       byte
}

func newGenerator(r *numbers, k int) *generator {
	ip, l4 := ips[r.pick(5)], l4s[r.pick(4)]
	g := &generator{h: make([]byte, 10), l4: 10 + len(ip.bytes), size: r.pick(64), step: r.pick(2)}
	g.h = append(append(g.h, ip.bytes...), l4...)
	g.isIPv4, g.protocol, g.check, g.gsoType = len(ip.bytes) == 20, udp, g.l4+6, gsoUDPL4
	if len(l4) > 8 {
		g.protocol, g.check, g.gsoType = tcp, g.l4+16, gsoTCPv6+int(l4[13]&gsoECN)
		if g.isIPv4 {
			g.gsoType += gsoTCPv4 - gsoTCPv6
		}
	}
	g.h[ip.nextAt], g.h[g.l4+1] = g.protocol, byte(k)
	g.h[4], g.h[6], g.h[8] = byte(g.size), byte(g.l4-10), byte(g.check-g.l4)
	return g
}

func (g *generator) next(r *numbers, faults int) []byte {
	kind, n := 0, g.size
	if r.pick(16) < faults {
		kind = r.pick(4)
	}
	if kind > 1 || r.pick(16) < faults {
		n = r.pick(256)
	}
	p := append([]byte{}, g.h...)
	for i := 0; i < n; i++ {
		p = append(p, byte(128+r.pick(128)))
	}
	be.PutUint16(g.h[14:], be.Uint16(g.h[14:])+uint16(g.step))
	be.PutUint32(g.h[g.l4+4:], be.Uint32(g.h[g.l4+4:])+uint32(n))
	p[0], p[1] = byte(kind%2), byte(kind/2*g.gsoType)
	g.putLengths(p)
	if r.pick(16) < faults {
		g.flip(r, p)
	}
	g.putChecksums(p, kind%2 == 0)
	if r.pick(32) < faults {
		at := []int{4, 20, g.check}[r.pick(3)]
		be.PutUint16(p[at:], uint16(0xffff*r.pick(2)))
	}
	if r.pick(32) < faults {
		length := r.pick(len(g.h))
		if length < 10 {
			length = 10
		}
		p = p[:length]
	}
	return p
}

func (g *generator) putLengths(p []byte) {
	if g.isIPv4 {
		be.PutUint16(p[12:], uint16(len(p)-10))
	} else {
		be.PutUint16(p[14:], uint16(len(p)-50))
	}
	if g.protocol == udp {
		be.PutUint16(p[g.l4+4:], uint16(len(p)-g.l4))
	}
}

func (g *generator) flip(r *numbers, p []byte) {
	at := r.pick(len(g.h))
	switch {
	case at == 1, g.isIPv4 && at == 19, !g.isIPv4 && at == 16, at == 50, at == 51, at == 58:
		p[at] ^= 1 << (7 * r.pick(2))
	default:
		p[at] ^= 1 << r.pick(8)
	}
}

func (g *generator) putChecksums(p []byte, complete bool) {
	pseudo := uint64(g.protocol) + uint64(len(p)-g.l4)
	if g.isIPv4 {
		be.PutUint16(p[20:], ^fold(sum(p[10:30])))
		pseudo += sum(p[22:30])
	} else {
		pseudo += sum(p[18:50])
	}
	be.PutUint16(p[g.check:], fold(pseudo))
	if complete {
		be.PutUint16(p[g.check:], ^fold(sum(p[g.l4:])))
	}
}
