// SPDX-License-Identifier: MIT

// Packets over IPv6 with right checksums.

package grove

import (
	"bytes"
	"encoding/binary"
)

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func ip6(protocol byte, l4 []byte) []byte {
	packet := []byte{0x60, 0, 0, 0, byte(len(l4) >> 8), byte(len(l4)), protocol, 64}
	return join(packet, bytes.Repeat([]byte{0xfd}, 16), bytes.Repeat([]byte{0xfc}, 16), l4)
}

// The same of TCP or UDP, whose checksum is at this offset.
func summed(protocol byte, l4 []byte, at int) []byte {
	pseudo := []byte{0, protocol, byte(len(l4) >> 8), byte(len(l4))}
	covered := join(ip6(0, nil)[8:], pseudo, l4)
	total := uint32(0)
	for i := 0; i < len(covered); i += 2 {
		total += uint32(binary.BigEndian.Uint16(covered[i:]))
	}
	for total>>16 != 0 {
		total = total>>16 + total&0xffff
	}
	binary.BigEndian.PutUint16(l4[at:], ^uint16(total))
	return ip6(protocol, l4)
}

func udpTo(port uint16, payload []byte) []byte {
	length := len(payload) + 8
	header := []byte{0, 7, byte(port >> 8), byte(port), byte(length >> 8), byte(length), 0, 0}
	return summed(17, join(header, payload), 6)
}

// UDP with 8 bytes of payload.
func udp(fill byte) []byte { return udpTo(9, bytes.Repeat([]byte{fill}, 8)) }

// Segment `number` of a TCP stream, of this payload.
func tcp(number, payload int) []byte {
	header := []byte{0, 7, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 5 << 4, 0x10, 1, 0, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(header[4:], uint32(number*payload))
	return summed(6, join(header, make([]byte, payload)), 16)
}

// The packet in an Ethernet frame.
func frame(packet []byte) []byte {
	return join(bytes.Repeat([]byte{2}, 12), []byte{0x86, 0xdd}, packet)
}

// The packet in IPv6.
func inIP(packet []byte) []byte { return ip6(41, packet) }

// The packet in VXLAN.
func inVXLAN(packet []byte) []byte {
	return udpTo(4789, join([]byte{8, 0, 0, 0, 0, 0, 1, 0}, frame(packet)))
}
