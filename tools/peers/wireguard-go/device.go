// SPDX-License-Identifier: MIT
package main

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
	"golang.zx2c4.com/wireguard/tun"
	"grove.invalid/protocol"
)

// What the script `devices` makes.
const (
	inName  = "peer-in"
	outName = "peer-out"
	mtu     = 65535
)

// room is for packets that were written and are not read yet, in bytes.
const room = 64 << 20

// tunnel is a TUN device of wireguard-go.
type tunnel struct {
	tun    tun.Device
	in     *os.File // the other device: what is written there goes to tun
	socket int      // sees what is written to tun
	buffer []byte
}

func openIn() (*os.File, error) {
	file, err := os.OpenFile("/dev/net/tun", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	request, err := unix.NewIfreq(inName)
	if err != nil {
		return nil, err
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI | unix.IFF_VNET_HDR)
	return file, unix.IoctlIfreq(int(file.Fd()), unix.TUNSETIFF, request)
}

func index(socket int) (int, error) {
	request, err := unix.NewIfreq(outName)
	if err != nil {
		return 0, err
	}
	err = unix.IoctlIfreq(socket, unix.SIOCGIFINDEX, request)
	return int(request.Uint32()), err
}

// networkOrder is what a protocol is in the address of a packet socket.
func networkOrder(value uint16) uint16 { return value<<8 | value>>8 }

func openSocket() (int, error) {
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	number, err := index(socket)
	return socket, errors.Join(err,
		unix.SetsockoptInt(socket, unix.SOL_PACKET, unix.PACKET_VNET_HDR, 1),
		unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, room),
		unix.Bind(socket, &unix.SockaddrLinklayer{
			Protocol: networkOrder(unix.ETH_P_ALL), Ifindex: number,
		}))
}

func open() (*tunnel, error) {
	in, err := openIn()
	if err != nil {
		return nil, err
	}
	out, err := tun.CreateTUN(outName, mtu)
	if err != nil {
		return nil, err
	}
	socket, err := openSocket()
	return &tunnel{out, in, socket, make([]byte, protocol.VnetLen+mtu)}, err
}

// written is what the kernel has received from the device since the last call.
func (tunnel *tunnel) written() ([]protocol.Output, error) {
	var outputs []protocol.Output
	for {
		length, from, err := unix.Recvfrom(tunnel.socket, tunnel.buffer,
			unix.MSG_DONTWAIT)
		if err == unix.EAGAIN {
			return outputs, nil
		}
		if err != nil {
			return nil, err
		}
		if from.(*unix.SockaddrLinklayer).Pkttype == unix.PACKET_OUTGOING {
			continue
		}
		packet := tunnel.buffer[protocol.VnetLen:length]
		outputs = append(outputs, protocol.Output{
			Vnet:   protocol.VnetOf(tunnel.buffer),
			Packet: append(protocol.Hex{}, packet...),
		})
	}
}

// send has the kernel send a packet through the device. False: it refuses to.
func (tunnel *tunnel) send(vnet, packet []byte) bool {
	wire := make([]byte, protocol.VnetLen, protocol.VnetLen+len(packet))
	copy(wire, vnet)
	_, err := tunnel.in.Write(append(wire, packet...))
	return err == nil
}
