// SPDX-License-Identifier: MIT
package main

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
	"grove.invalid/protocol"
)

// MeasureCoalesce measures Write, with its writes to the device. No packet
// socket sees them.
func (peer *wireguard) MeasureCoalesce(packets [][]byte) (protocol.Measured, error) {
	if err := unix.Close(peer.device.socket); err != nil && err != unix.EBADF {
		return nil, err
	}
	batch := make([][]byte, len(packets))
	rooms := make([][]byte, len(packets))
	for i := range rooms {
		rooms[i] = buffer()
	}
	return func() (time.Duration, int, error) {
		for i, packet := range packets {
			batch[i] = rooms[i][:offset+copy(rooms[i][offset:], packet)]
		}
		start := time.Now()
		_, err := peer.device.tun.Write(batch, offset)
		return time.Since(start), 0, err
	}, nil
}

// MeasureSplit measures Read, with its read from the device.
func (peer *wireguard) MeasureSplit(entry protocol.Entry) (protocol.Measured, error) {
	return func() (time.Duration, int, error) {
		if !peer.device.send(entry.Vnet, entry.Packet) {
			return 0, 0, errors.New("the kernel does not send a super-packet")
		}
		start := time.Now()
		count, err := peer.device.tun.Read(peer.buffers, peer.sizes, offset)
		return time.Since(start), count, err
	}, nil
}
