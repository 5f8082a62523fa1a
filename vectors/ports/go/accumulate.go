// SPDX-License-Identifier: MIT

// The lines of vectors/accumulated/SHA256SUMS.

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"log"
	"strconv"
)

const mark = 0xffffffff

func put32(to *bytes.Buffer, value int) {
	to.Write(binary.LittleEndian.AppendUint32(nil, uint32(value)))
}

func putRecord(to *bytes.Buffer, v vnet, b []byte, vnetLen int) {
	header := []byte{byte(v.Flags), byte(v.GSOType)}
	for _, field := range []int{v.HdrLen, v.GSOSize, v.CsumStart, v.CsumOffset} {
		header = append(header, byte(field), byte(field>>8))
	}
	if vnetLen == 24 {
		header = append(header, make([]byte, 10)...)
		header = append(header, byte(v.OuterTH), byte(v.OuterTH>>8), byte(v.InnerNH), byte(v.InnerNH>>8))
	}
	put32(to, len(b))
	to.Write(header)
	to.Write(b)
}

// putInput is for virtio headers of so many bytes.
func putInput(vnetLen int) func(*bytes.Buffer, []entry) {
	return func(to *bytes.Buffer, input []entry) {
		put32(to, len(input))
		for _, e := range input {
			if e.Flush {
				put32(to, mark)
			} else {
				putRecord(to, e.header, *e.Packet, vnetLen)
			}
		}
	}
}

func putOutputs(to *bytes.Buffer, outputs []output, c config) {
	put32(to, len(outputs))
	for _, o := range outputs {
		o.Vnet.HdrLen = 0
		putRecord(to, o.Vnet, o.Packet, c.VnetLen)
	}
}

func putGRO(to *bytes.Buffer, input []entry, c config) {
	t := newTable(c)
	for i, e := range input {
		if e.Flush {
			t.flush()
		} else {
			t.receive(i, *e.Packet, e.header, 0)
		}
	}
	t.flush()
	putOutputs(to, t.toWrite, c)
}

func putGSO(to *bytes.Buffer, input []entry, c config) {
	s, rejected := split(*input[0].Packet, input[0].header, &c, false)
	if rejected != "" {
		put32(to, mark)
		return
	}
	var outputs []output
	for i := 0; i < s.n; i++ {
		outputs = append(outputs, s.segment(i))
	}
	putOutputs(to, outputs, c)
}

// inputOf is a batch as the adapter would have it.
func inputOf(packets [][]byte) []entry {
	input := make([]entry, len(packets))
	for i, p := range packets {
		if p == nil {
			input[i].Flush = true
		} else {
			b := hexBytes(p[10:])
			input[i] = entry{Packet: &b, header: vnetOf(p[:10])}
		}
	}
	return input
}

func groInput(number uint64) []entry { return inputOf(batch(true, number)) }

func gsoInput(number uint64) []entry { return inputOf(batch(false, number)) }

// layeredInput has virtio headers that are 0.
func layeredInput(number uint64) []entry {
	var input []entry
	for _, p := range layeredBatch(number) {
		b := hexBytes(p)
		input = append(input, entry{Packet: &b, Flush: p == nil})
	}
	return input
}

// layeredConfig is that of the batches with layers.
func layeredConfig(p *profile, mode string) config {
	c := newConfig(p)
	c.Mode, c.Link = mode, "ethernet"
	c.Tunnels = []tunnel{{"vxlan", 4789}, {"vxlan-gpe", 4790}, {"geneve", 6081}}
	if !c.lossless() {
		c.Tunnels = append(c.Tunnels, tunnel{"ipip", 0}, tunnel{"gre", 0})
	}
	if p.takesTunnels {
		c.VnetLen = 24
	}
	return c
}

// accumulate prints the line of that name, of so many batches.
func accumulate(name string, count uint64, input func(uint64) []entry, answer func(*bytes.Buffer, []entry)) {
	digest, buffer := sha256.New(), &bytes.Buffer{}
	for number := uint64(0); number < count; number++ {
		answer(buffer, input(number))
		digest.Write(buffer.Bytes())
		buffer.Reset()
	}
	fmt.Printf("%x  %s-%d\n", digest.Sum(nil), name, count)
}

// accumulateProfile prints the lines of a profile.
func accumulateProfile(name string, count uint64) {
	p := findProfile(name)
	plain := newConfig(p)
	accumulate("gso-"+name, count, gsoInput, func(to *bytes.Buffer, input []entry) {
		putGSO(to, input, plain)
	})
	for suffix, mode := range map[string]string{"": "linux", "-lossless": "lossless"} {
		c := plain
		c.Mode = mode
		accumulate("gro-"+name+suffix, count, groInput, func(to *bytes.Buffer, input []entry) {
			putGRO(to, input, c)
		})
		layered := layeredConfig(p, mode)
		if !layered.known() {
			continue // section 11: virtio headers do not tell of all tunnels
		}
		accumulate("layers-"+name+suffix, count, layeredInput, func(to *bytes.Buffer, input []entry) {
			putGRO(to, input, layered)
		})
	}
}

func accumulateAll(number string) {
	count, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	accumulate("gro-inputs", count, groInput, putInput(10))
	accumulate("gso-inputs", count, gsoInput, putInput(10))
	accumulate("layers-inputs", count, layeredInput, putInput(24))
	for _, name := range profileNames() {
		accumulateProfile(name, count)
	}
}
