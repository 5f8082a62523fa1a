// SPDX-License-Identifier: MIT
package main

import (
	"time"

	"grove.invalid/protocol"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/stack/gro"
)

// speed measures gVisor, which verifies all checksums.
type speed struct{}

// counter counts what leaves.
type counter int

// DeliverNetworkPacket counts a packet.
func (count *counter) DeliverNetworkPacket(tcpip.NetworkProtocolNumber,
	*stack.PacketBuffer) {
	*count++
}

// DeliverLinkPacket is never called.
func (*counter) DeliverLinkPacket(tcpip.NetworkProtocolNumber,
	*stack.PacketBuffer) {
}

// MeasureCoalesce measures Enqueue for each packet, and Flush.
func (speed) MeasureCoalesce(packets [][]byte) (protocol.Measured, error) {
	var count counter
	var table gro.GRO
	table.Init(true)
	table.Dispatcher = &count
	buffers := make([]*stack.PacketBuffer, len(packets))
	return func() (time.Duration, int, error) {
		for i, packet := range packets {
			buffers[i] = packetOf(append([]byte{}, packet...))
		}
		count = 0
		start := time.Now()
		for _, buffer := range buffers {
			table.Enqueue(buffer)
		}
		for before := counter(-1); before != count; {
			before = count
			table.Flush()
		}
		took := time.Since(start)
		for _, buffer := range buffers {
			buffer.DecRef()
		}
		return took, int(count), nil
	}, nil
}

// MeasureSplit is not possible.
func (speed) MeasureSplit(protocol.Entry) (protocol.Measured, error) {
	return nil, protocol.Skipped("no public function splits a packet")
}
