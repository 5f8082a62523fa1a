// SPDX-License-Identifier: MIT

// gVisor's GRO behind the adapter protocol of vectors/README.md.
//
// gVisor hands a super-packet to its own stack, which needs neither a virtio
// header nor checksums. A receiver of the protocol needs both, so the adapter
// writes what a program would that passes the super-packet on: the payload of
// the first packet is gso_size, and the checksum is left to the receiver. Of
// the headers it writes only the checksums.
package main

import (
	"encoding/binary"
	"flag"
	"log"
	"os"

	"grove.invalid/protocol"
	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/checksum"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/stack/gro"
)

const (
	needsCsum      = 1
	gsoTCP4        = 1
	gsoTCP6        = 4
	tcpCsumOffset  = 16
	tcpOffsetField = 12
)

var once = flag.Bool("once", false, "flush once at the end")

// held is a packet that gVisor may hold.
type held struct {
	packet  *stack.PacketBuffer
	size    int // its length in bytes, as it was seen last
	payload int // of its first packet, in bytes
	of      []int
}

type gvisor struct {
	gro     gro.GRO
	held    []*held
	number  int  // of the packet that is enqueued
	uneven  bool // a super-packet has a segment that is longer than the first
	outputs []protocol.Output
}

func (*gvisor) Hello() protocol.Hello {
	return protocol.Hello{
		Impl: "gVisor", Version: protocol.Version("gvisor.dev/gvisor"),
		Profiles: []string{"linux-6.18"}, Ops: []string{"gro"},
		Tiers: []string{"output"}, Level: "safe",
	}
}

// headersOf is where TCP begins in a packet that was merged, and where it ends.
func headersOf(packet []byte) (tcp, end int) {
	tcp = header.IPv4MinimumSize
	if header.IPVersion(packet) == header.IPv6Version {
		tcp = header.IPv6MinimumSize
		for next := packet[6]; next != uint8(header.TCPProtocolNumber); {
			next, tcp = packet[tcp], tcp+8*(int(packet[tcp+1])+1)
		}
	}
	return tcp, tcp + int(packet[tcp+tcpOffsetField]>>4)*4
}

func pseudoSum(packet []byte, length int) uint16 {
	if header.IPVersion(packet) == header.IPv4Version {
		ip := header.IPv4(packet)
		return header.PseudoHeaderChecksum(header.TCPProtocolNumber,
			ip.SourceAddress(), ip.DestinationAddress(), uint16(length))
	}
	ip := header.IPv6(packet)
	return header.PseudoHeaderChecksum(header.TCPProtocolNumber,
		ip.SourceAddress(), ip.DestinationAddress(), uint16(length))
}

// finish writes the checksums that gVisor's own stack does not need.
func finish(packet []byte, payload int) *protocol.Vnet {
	tcp, _ := headersOf(packet)
	vnet := protocol.Vnet{
		Flags: needsCsum, GSOType: gsoTCP6, GSOSize: uint16(payload),
		CsumStart: uint16(tcp), CsumOffset: tcpCsumOffset,
	}
	if header.IPVersion(packet) == header.IPv4Version {
		vnet.GSOType = gsoTCP4
		ip := header.IPv4(packet)
		ip.SetChecksum(0)
		ip.SetChecksum(^checksum.Checksum(packet[:tcp], 0))
	}
	binary.BigEndian.PutUint16(packet[tcp+tcpCsumOffset:],
		pseudoSum(packet, len(packet)-tcp))
	return &vnet
}

// notice finds out whether the packet that is enqueued was merged into one.
func (peer *gvisor) notice(one *held) {
	added := one.packet.Data().Size() - one.size
	if added == 0 {
		return
	}
	if len(one.of) == 1 {
		data := one.packet.Data().ToBuffer()
		_, headers := headersOf(data.Flatten())
		one.payload = one.size - headers
	}
	peer.uneven = peer.uneven || added > one.payload
	one.size += added
	one.of = append(one.of, peer.number)
}

func (peer *gvisor) forget(packet *stack.PacketBuffer) *held {
	for i, one := range peer.held {
		if one.packet == packet {
			peer.held = append(peer.held[:i], peer.held[i+1:]...)
			return one
		}
	}
	return nil
}

// DeliverNetworkPacket takes a packet that leaves.
func (peer *gvisor) DeliverNetworkPacket(_ tcpip.NetworkProtocolNumber,
	packet *stack.PacketBuffer) {
	data := packet.Data().ToBuffer()
	output := protocol.Output{Packet: data.Flatten()}
	one := peer.forget(packet)
	peer.notice(one)
	output.Of = one.of
	if len(one.of) > 1 {
		output.Vnet = finish(output.Packet, one.payload)
	}
	peer.outputs = append(peer.outputs, output)
}

// DeliverLinkPacket is never called.
func (*gvisor) DeliverLinkPacket(tcpip.NetworkProtocolNumber,
	*stack.PacketBuffer) {
}

func packetOf(bytes []byte) *stack.PacketBuffer {
	packet := stack.NewPacketBuffer(stack.PacketBufferOptions{
		Payload: buffer.MakeWithData(bytes),
	})
	packet.NetworkProtocolNumber = header.IPv4ProtocolNumber
	if header.IPVersion(bytes) == header.IPv6Version {
		packet.NetworkProtocolNumber = header.IPv6ProtocolNumber
	}
	return packet
}

func (peer *gvisor) enqueue(bytes []byte) {
	packet := packetOf(bytes)
	peer.held = append(peer.held, &held{
		packet: packet, size: len(bytes), of: []int{peer.number},
	})
	peer.gro.Enqueue(packet)
	if packet.Data().Size() != len(bytes) { // it is in another one
		peer.forget(packet)
	}
	for _, other := range peer.held {
		peer.notice(other)
	}
	peer.number++
}

// Coalesce gives gVisor the packets. A poll ends with one Flush, as a poll of
// gVisor's devices does. A Flush leaves packets behind, which later polls send:
// so the last poll is followed by others, unless asked `once`.
func (*gvisor) Coalesce(question *protocol.Question) ([]protocol.Output, error) {
	peer := gvisor{}
	peer.gro.Init(true)
	peer.gro.Dispatcher = &peer
	if question.Has("csum", `"trusted"`) {
		return nil, protocol.Skipped(
			"what it trusts contains the IPv4 header checksum")
	}
	for _, entry := range question.Input {
		version := header.IPVersion(entry.Packet)
		switch {
		case entry.Flush:
			peer.gro.Flush()
		case entry.HasVnet():
			return nil, protocol.Skipped("its packets have no virtio header")
		case version != header.IPv4Version && version != header.IPv6Version:
			return nil, protocol.Skipped("its caller knows the IP version")
		default:
			peer.enqueue(entry.Packet)
		}
	}
	peer.gro.Flush()
	for left := -1; !*once && left != len(peer.held); {
		left = len(peer.held)
		peer.gro.Flush()
	}
	if peer.uneven {
		return nil, protocol.Skipped(
			"its own stack needs no lengths of segments, and no gso_size has these")
	}
	return peer.outputs, nil
}

// Split is not asked.
func (*gvisor) Split(protocol.Entry) ([]protocol.Output, error) {
	return nil, protocol.Skipped("no public function splits a packet")
}

func main() {
	flag.Parse()
	answer := func() error {
		return protocol.Serve(&gvisor{}, os.Stdin, os.Stdout)
	}
	if flag.Arg(0) == "bench" {
		answer = func() error {
			return protocol.Bench(speed{}, os.Stdin, os.Stdout)
		}
	}
	if err := answer(); err != nil {
		log.Fatal(err)
	}
}
