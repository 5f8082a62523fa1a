// SPDX-License-Identifier: MIT

// wireguard-go's TUN device behind the adapter protocol of vectors/README.md.
//
// Both ops go through the kernel. What Write writes for a batch is read back by
// a packet socket on the device. A super-packet is sent by the kernel through
// the device, and Read splits it.
package main

import (
	"bytes"
	"errors"
	"log"
	"os"
	"strings"
	"time"

	"golang.zx2c4.com/wireguard/device"
	"golang.zx2c4.com/wireguard/tun"
	"grove.invalid/protocol"
)

// offset is where wireguard-go puts a packet into its buffers.
const offset = device.MessageTransportOffsetContent

// mark is a datagram after which Read has nothing left to read.
var mark = []byte{
	0x45, 0, 0, 28, 0, 0, 0x40, 0, 64, 17, 0x4e, 0x59,
	192, 0, 2, 77, 198, 51, 100, 77, 0, 7, 0, 7, 0, 8, 0, 0,
}

// noRoom is why a packet near the longest one is skipped: its MTU is less.
const noRoom = protocol.Skipped("its buffers have no room for such a packet")

// overflows is how Read says so. Only the kernel knows whether a packet is one
// buffer or many, since a super-packet of one segment is none (VNET-014).
const overflows = "overflows bufs element len"

// probe is another one, which is sent until the device takes packets.
var probe = append(mark[:24:24], 0, 9, 0, 0)

type wireguard struct {
	device  *tunnel
	buffers [][]byte
	sizes   []int
}

func newWireguard() (*wireguard, error) {
	device, err := open()
	if err != nil {
		return nil, err
	}
	peer := wireguard{device: device}
	for range device.tun.BatchSize() {
		peer.buffers = append(peer.buffers, buffer())
	}
	peer.sizes = make([]int, len(peer.buffers))
	return &peer, peer.wait()
}

// wait sends probes until one is read. A device that was just opened takes no
// packets for a while.
func (peer *wireguard) wait() error {
	read := make(chan struct{})
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		for {
			select {
			case <-read:
				return
			case <-time.After(10 * time.Millisecond):
				peer.device.send(nil, probe)
			}
		}
	}()
	_, err := peer.device.tun.Read(peer.buffers, peer.sizes, offset)
	close(read)
	<-sent
	if err == nil {
		_, _, err = peer.readToMark()
	}
	return err
}

// buffer is as wireguard-go allocates it.
func buffer() []byte { return make([]byte, device.MaxMessageSize) }

func (*wireguard) Hello() protocol.Hello {
	return protocol.Hello{
		Impl: "wireguard-go", Version: protocol.Version("golang.zx2c4.com/wireguard"),
		Profiles: []string{"linux-6.18"}, Ops: []string{"gro", "gso"},
		Tiers: []string{"output"}, Level: "safe",
	}
}

// write writes a poll in batches as large as wireguard-go's.
func (peer *wireguard) write(poll [][]byte) ([]protocol.Output, error) {
	var outputs []protocol.Output
	for len(poll) > 0 {
		count := min(len(poll), peer.device.tun.BatchSize())
		_, err := peer.device.tun.Write(poll[:count], offset)
		if err != nil {
			log.Print(err) // what it did not write does not arrive
		}
		written, err := peer.device.written()
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, written...)
		poll = poll[count:]
	}
	return outputs, nil
}

func cannot(question *protocol.Question, entry protocol.Entry) protocol.Skipped {
	switch {
	case question.Has("udp", "false"):
		return "it always coalesces UDP"
	case question.Has("csum", `"trusted"`):
		return "it always verifies checksums"
	case entry.HasVnet():
		return "its packets have no virtio header"
	case !entry.Flush && len(entry.Packet) == 0:
		return "its caller drops an empty packet"
	case len(entry.Packet) > device.MaxMessageSize-offset:
		return noRoom
	}
	return ""
}

// Coalesce writes each poll.
func (peer *wireguard) Coalesce(question *protocol.Question) ([]protocol.Output, error) {
	var outputs []protocol.Output
	var poll [][]byte
	for _, entry := range append(question.Input, protocol.Entry{Flush: true}) {
		if why := cannot(question, entry); why != "" {
			return nil, why
		}
		if !entry.Flush {
			one := buffer()
			poll = append(poll, one[:offset+copy(one[offset:], entry.Packet)])
			continue
		}
		written, err := peer.write(poll)
		if err != nil {
			return nil, err
		}
		outputs = append(outputs, written...)
		poll = nil
	}
	return outputs, nil
}

func (peer *wireguard) taken(count int) []protocol.Output {
	var outputs []protocol.Output
	for i := range count {
		packet := peer.buffers[i][offset : offset+peer.sizes[i]]
		outputs = append(outputs, protocol.Output{
			Packet: append(protocol.Hex{}, packet...),
		})
	}
	return outputs
}

// Split has the kernel send a super-packet through the device, and reads it.
func (peer *wireguard) Split(entry protocol.Entry) ([]protocol.Output, error) {
	if len(entry.Packet) > device.MaxMessageSize {
		return nil, noRoom
	}
	if !peer.device.send(entry.Vnet, entry.Packet) {
		return nil, protocol.Skipped("no kernel hands such a packet to a TUN device")
	}
	outputs, refusal, err := peer.readToMark()
	switch {
	case err != nil:
		return nil, err
	case refusal != nil && strings.Contains(refusal.Error(), overflows):
		return nil, noRoom
	case refusal != nil:
		return nil, protocol.ErrRejected
	case outputs == nil:
		return nil, protocol.Skipped("the kernel drops such a packet before its TUN device")
	}
	return outputs, nil
}

// readToMark reads all that is there, and tells why Read refused some.
func (peer *wireguard) readToMark() (outputs []protocol.Output, refusal, err error) {
	if !peer.device.send(nil, mark) {
		return nil, nil, errors.New("the kernel does not send the mark")
	}
	for {
		count, err := peer.device.tun.Read(peer.buffers, peer.sizes, offset)
		read := peer.taken(count)
		if count == 1 && bytes.Equal(read[0].Packet, mark) {
			return outputs, refusal, nil
		}
		outputs = append(outputs, read...)
		if err != nil && !errors.Is(err, tun.ErrTooManySegments) {
			log.Print(err)
			refusal = err
		}
	}
}

func main() {
	peer, err := newWireguard()
	if err != nil {
		log.Fatal(err)
	}
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		err = protocol.Bench(peer, os.Stdin, os.Stdout)
	} else {
		err = protocol.Serve(peer, os.Stdin, os.Stdout)
	}
	if err != nil {
		log.Fatal(err)
	}
}
