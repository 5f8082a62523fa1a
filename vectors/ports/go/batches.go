// SPDX-License-Identifier: MIT

// The batches of vectors/accumulated/README.md.

package main

import (
	"encoding/hex"
	"strings"
)

type numbers uint64

// next is SplitMix64.
func (r *numbers) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

func (r *numbers) pick(n int) int { return int(r.next() % uint64(n)) }

func (r *numbers) any(choices ...int) int { return choices[r.pick(len(choices))] }

// Faults and kinds of packets.
const noFault, faultFlip, faultFlags, faultSize, faultCut, faultPad, faultZero, faultVnet = 0, 1, 2, 3, 4, 5, 6, 7
const kindPlain, kindCsum, kindSuper, kindLazy = 0, 1, 2, 3

func unhex(text string) []byte {
	b, _ := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	return b
}

const a6 = "fd000000000000000000000000000001 fd000000000000000000000000000002"

var ips = [][]byte{
	unhex("45020000 fffd0000 40000000 0a000001 0a000002"),
	unhex("45020000 fffd4000 40000000 0a000001 0a000002"),
	unhex("60212345 00000040" + a6),
	unhex("60212345 00000040" + a6 + "0000010400000000"),
	unhex("60212345 00003c40" + a6 + "2b00010400000000 0000010400000000"),
}
var nexts = []int{9, 9, 6, 40, 48}
var transports = [][]byte{ // U, T, O, C
	unhex("1f000050 00000000"),
	unhex("1f000050 ffffff80 12345678 50104321 00000000"),
	unhex("1f000050 ffffff80 12345678 80104321 00000000 0101080a 00000001 00000002"),
	unhex("1f000050 ffffff80 12345678 50904321 00000000"),
}

// batch gives packets with their headers, and entries that end a poll.
func batch(isGRO bool, number uint64) (entries []entry) {
	state := numbers(number)
	r, faults, flows, packets := &state, 6, make([]*generator, 1), 1
	if isGRO {
		faults = r.pick(4)
		flows = make([]*generator, 1+r.any(0, 0, 1, 2, 11))
	}
	for k := range flows {
		flows[k] = newGenerator(r, k)
	}
	if isGRO {
		packets += r.pick(16)
		if r.pick(64) == 0 {
			packets += 64
		}
	}
	for ; packets > 0; packets-- {
		g, fault, kind := flows[r.pick(len(flows))], noFault, kindPlain
		if r.pick(8) < faults {
			fault = r.any(faultFlip, faultFlip, faultFlip, faultFlip, faultFlip,
				faultFlip, faultFlags, faultSize, faultCut, faultCut, faultCut, faultPad,
				faultZero, faultVnet, faultVnet, faultVnet)
		}
		if !isGRO || fault == faultVnet || r.pick(16) < faults {
			kind = r.any(kindCsum, kindSuper, kindSuper, kindLazy)
		}
		p, header := g.next(r, kind, fault)
		entries = append(entries, entry{Packet: (*hexBytes)(&p), Vnet: header})
		if isGRO && r.pick(16) < faults {
			entries = append(entries, entry{Flush: true})
		}
	}
	return entries
}

// A generator makes the packets of a flow.
type generator struct {
	h                     []byte
	l4, check, size, step int
	isIPv4, isTCP         bool
}

func newGenerator(r *numbers, k int) *generator {
	i := r.pick(len(ips))
	t := transports[r.any(0, 0, 0, 1, 1, 1, 2, 2, 2, 3)]
	g := &generator{h: append(append([]byte{}, ips[i]...), t...),
		l4: len(ips[i]), isIPv4: len(ips[i]) == 20, isTCP: len(t) > 8}
	g.check, g.h[nexts[i]] = g.l4+6, udp
	if g.isTCP {
		g.check, g.h[nexts[i]] = g.l4+16, tcp
	}
	g.h[g.l4+1] = byte(k)
	g.size = 1 + r.pick(r.any(8, 64))
	g.step = r.any(1, 1, 1, 0)
	return g
}

// put writes 16 bits, if they lie inside of p.
func put(p []byte, at int, value int) {
	if at+2 <= len(p) {
		be.PutUint16(p[at:], uint16(value))
	}
}

func (g *generator) next(r *numbers, kind, fault int) ([]byte, vnet) {
	n := g.size
	if kind == kindSuper || kind == kindLazy {
		n = r.pick(256)
	} else if fault == faultSize {
		n = r.pick(2 * g.size)
	}
	p, fill := append([]byte{}, g.h...), r.pick(128)
	for i := 0; i < n; i++ {
		p = append(p, byte(128+(fill+i)%128))
	}
	if g.isIPv4 {
		put(g.h, 4, int(be.Uint16(g.h[4:]))+g.step)
	}
	if g.isTCP {
		sequence := g.h[g.l4+4:]
		be.PutUint32(sequence, be.Uint32(sequence)+uint32(n))
	}
	when := r.pick(3)
	if when == 0 {
		p = g.damage(r, fault, p)
	}
	g.putLengths(p)
	if when == 1 {
		p = g.damage(r, fault, p)
	}
	g.putChecksums(kind, p)
	if when == 2 {
		p = g.damage(r, fault, p)
	}
	return p, g.header(r, kind, fault)
}

func (g *generator) putLengths(p []byte) {
	if g.isIPv4 {
		put(p, 2, len(p))
	} else {
		put(p, 4, len(p)-40)
	}
	if !g.isTCP {
		put(p, g.l4+4, len(p)-g.l4)
	}
}

func (g *generator) putChecksums(kind int, p []byte) {
	if g.isIPv4 && len(p) >= 20 {
		put(p, 10, 0)
		put(p, 10, int(^fold(sum(p[:20]))))
	}
	if len(p) < g.check+2 {
		return
	}
	put(p, g.check, 0)
	s := uint64(len(p) - g.l4)
	if g.isTCP {
		s += tcp
	} else {
		s += udp
	}
	if g.isIPv4 { // though a flip may have changed the version
		s += sum(p[12:20])
	} else {
		s += sum(p[8:40])
	}
	if kind == kindPlain || kind == kindLazy {
		s = uint64(orFFFF(^fold(s+sum(p[g.l4:])), !g.isTCP))
	}
	put(p, g.check, int(fold(s)))
}

func (g *generator) damage(r *numbers, fault int, p []byte) []byte {
	switch fault {
	case faultFlip:
		g.flip(r, p, r.pick(len(g.h)))
	case faultFlags:
		g.flip(r, p, g.l4+13)
	case faultZero:
		a, b := 4, 10
		if r.pick(2) == 1 {
			a, b = g.l4, g.check
		}
		put(p, a, int(fold(uint64(be.Uint16(p[a:]))+uint64(be.Uint16(p[b:])))))
		put(p, b, r.any(0, 0xffff))
	case faultCut:
		if length := r.pick(g.l4 + 32); length < len(p) {
			p = p[:length]
		}
	case faultPad:
		p = append(p, make([]byte, 1+r.pick(8))...)
	}
	return p
}

func (g *generator) flip(r *numbers, p []byte, at int) {
	bit := r.pick(8)
	if g.isIPv4 && at == 9 || !g.isIPv4 && (at == 6 || at == 40 || at == 41 || at == 48) {
		bit = 0
	}
	if at < len(p) {
		p[at] ^= 1 << bit
	}
}

func (g *generator) header(r *numbers, kind, fault int) (v vnet) {
	var w [5]int
	if kind == kindCsum || kind == kindSuper {
		w = [5]int{1, len(g.h), 0, g.l4, g.check - g.l4}
	}
	if kind == kindSuper || kind == kindLazy {
		gsoType := 5
		if g.isTCP {
			gsoType = 4 + int(g.h[g.l4+13]&0x80)
		}
		if g.isTCP && g.isIPv4 {
			gsoType -= 3
		}
		w[0] += 256 * gsoType
		w[2] = g.size
	}
	if fault == faultVnet {
		i := r.pick(5)
		flipped := w[i] ^ 1<<r.pick(16)
		w[i] = r.any(0, 0xffff, flipped, flipped)
		if w[0]/256%128 == 3 {
			w[0] ^= 256
		}
	}
	return vnet{w[0] % 256, w[0] / 256, w[1], w[2], w[3], w[4]}
}
