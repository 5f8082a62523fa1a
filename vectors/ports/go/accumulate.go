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

func putRecord(to *bytes.Buffer, v vnet, b []byte) {
	put32(to, len(b))
	to.Write([]byte{byte(v.Flags), byte(v.GSOType)})
	for _, field := range []int{v.HdrLen, v.GSOSize, v.CsumStart, v.CsumOffset} {
		to.Write([]byte{byte(field), byte(field >> 8)})
	}
	to.Write(b)
}

func putInput(to *bytes.Buffer, input []entry) {
	put32(to, len(input))
	for _, e := range input {
		if e.Flush {
			put32(to, mark)
		} else {
			putRecord(to, e.header, *e.Packet)
		}
	}
}

func putOutputs(to *bytes.Buffer, outputs []output) {
	put32(to, len(outputs))
	for _, o := range outputs {
		o.Vnet.HdrLen = 0
		putRecord(to, o.Vnet, o.Packet)
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
	putOutputs(to, t.toWrite)
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
	putOutputs(to, outputs)
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

// accumulate prints the line of that name, of so many batches.
func accumulate(name string, isGRO bool, count uint64, answer func(*bytes.Buffer, []entry)) {
	digest, buffer := sha256.New(), &bytes.Buffer{}
	for number := uint64(0); number < count; number++ {
		answer(buffer, inputOf(batch(isGRO, number)))
		digest.Write(buffer.Bytes())
		buffer.Reset()
	}
	fmt.Printf("%x  %s-%d\n", digest.Sum(nil), name, count)
}

func accumulateAll(number string) {
	count, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		log.Fatal(err)
	}
	accumulate("gro-inputs", true, count, putInput)
	accumulate("gso-inputs", false, count, putInput)
	for _, name := range profileNames() {
		c := newConfig(findProfile(name))
		for suffix, mode := range map[string]string{"": "linux", "-lossless": "lossless"} {
			configured := c
			configured.Mode = mode
			accumulate("gro-"+name+suffix, true, count, func(to *bytes.Buffer, input []entry) {
				putGRO(to, input, configured)
			})
		}
		accumulate("gso-"+name, false, count, func(to *bytes.Buffer, input []entry) {
			putGSO(to, input, c)
		})
	}
}
