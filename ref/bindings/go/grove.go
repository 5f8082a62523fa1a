// SPDX-License-Identifier: MIT

// Package grove coalesces and splits the packets of TUN and TAP devices exactly
// as Linux does. It is an interface to libgrove, and has no logic of its own. It
// needs cgo.
package grove

/*
#cgo CFLAGS: -std=gnu11 -O2
#include <stdlib.h>
#include <string.h>
#include "grove.h"

// cgo lets no memory of Go that C gets point to memory of Go, as a configuration
// would to its tunnels.
static enum grove_error new_table(struct grove_config config,
                                  const struct grove_tunnel *tunnels,
                                  struct grove_table **table)
{
    config.tunnels = tunnels;
    return grove_table_new(&config, table);
}

// cgo does not let C keep a pointer to Go's memory, so a packet is copied, with
// its virtio header before it.
static enum grove_error receive(struct grove_table *table, uint8_t *copy,
                                size_t vnet_len, size_t len, uint32_t hash)
{
    const struct grove_packet packet = {copy + vnet_len, len, copy, hash};

    return grove_receive(table, &packet);
}

static enum grove_split_result begin(struct grove_split *split,
                                     uint8_t *copy, size_t vnet_len, size_t len,
                                     enum grove_rule *rule)
{
    const struct grove_packet packet = {copy + vnet_len, len, copy, 0};

    return grove_split_begin(split, &packet, rule);
}
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// VnetLen is the usual length of a virtio_net_hdr in bytes.
const VnetLen = C.GROVE_VNET_LEN

// A Link is what a packet begins with.
type Link int

const (
	LinkNone     Link = C.GROVE_LINK_NONE     // the IP header, as at a TUN device
	LinkEthernet Link = C.GROVE_LINK_ETHERNET // an Ethernet header, as at a TAP device
)

// A Protocol is that of a tunnel.
type Protocol int

const (
	IPIP     Protocol = C.GROVE_TUNNEL_IPIP      // IPv4 or IPv6 in IPv4 or IPv6
	GRE      Protocol = C.GROVE_TUNNEL_GRE       // without a port, as IPIP
	VXLAN    Protocol = C.GROVE_TUNNEL_VXLAN     // over UDP, as the next two
	VXLANGPE Protocol = C.GROVE_TUNNEL_VXLAN_GPE // it says what is inside
	GENEVE   Protocol = C.GROVE_TUNNEL_GENEVE
	PPPOE    Protocol = C.GROVE_TUNNEL_PPPOE // behind its Ethernet type, without a port
)

// A Tunnel ends at the host.
type Tunnel struct {
	Protocol Protocol
	Port     uint16 // destination port of UDP; 0: it is not over UDP
}

// Config is the configuration of a table. Its zero value is a good one.
type Config struct {
	Profile     string // "linux-6.18"; empty: the newest
	MaxFlows    uint32 // held before the oldest is evicted; 0: 128
	MaxPackets  uint32 // between two calls of Clear; 0: 128, or MaxFlows
	Lossless    bool   // merge only what a split gives back
	NoUDP       bool   // UDP passes
	CsumTrusted bool   // L4 checksums were verified before
	Seed        uint64 // of the flow hash; 0: random; outputs are the same
	Link        Link   // what packets begin with

	// Tunnels are those that end here, up to 8. Lossless mode has those over
	// UDP, with LinkEthernet and a VnetLen of 24.
	Tunnels []Tunnel

	VnetLen  uint8  // of virtio headers, in bytes: 10, 12 or 24; 0: 10
	MaxBytes uint32 // the longest super-packet, 65535 to 524280; 0: 65535

	// Fraglist coalesces into lists of packets, as with rx-gro-list: each packet
	// of a list is an output, and they follow one another.
	Fraglist bool

	// Hash: packets have hashes, as those that a network card with RSS receives.
	// Then there are 8 buckets, and up to MaxFlows are held in each.
	Hash bool
}

// SplitConfig is the configuration of a splitter. Its zero value is a good one.
type SplitConfig struct {
	Profile     string // as in Config
	CsumOffload bool   // the reader computes checksums
	Link        Link   // what packets begin with
	VnetLen     uint8  // as in Config
}

// An Output is a packet that leaves. It is valid until Clear.
type Output struct {
	Vnet   []byte   // its virtio header
	Slices [][]byte // its bytes, in pieces
	Of     []int    // the numbers of its packets since Clear, from 0
	Rest   int      // with Fraglist: so many of the next are of the same list
}

// A Fate is what happened to a packet.
type Fate struct {
	Verdict string // "held", "merged", "passed" or "rejected"
	Rule    string // the id of what kept it from merging, or ""
}

// ErrRejected is the error of a packet whose write(2) the kernel refuses.
var ErrRejected = errors.New("the kernel rejects the packet")

func errorOf(err C.enum_grove_error) error {
	if err == C.GROVE_OK {
		return nil
	}
	return errors.New(C.GoString(C.grove_error_words(err)))
}

func ruleOf(rule C.enum_grove_rule) string {
	if rule == C.GROVE_RULE_NONE {
		return ""
	}
	return C.GoString(C.grove_rule_id(rule))
}

// name is NULL for an empty name. The caller frees it.
func name(profile string) *C.char {
	if profile == "" {
		return nil
	}
	return C.CString(profile)
}

// Profiles gives the profiles that have a name of their own, the oldest first.
func Profiles() (names []string) {
	for _, name := range unsafe.Slice(C.grove_profiles(), 1<<10) {
		if name == nil {
			break
		}
		names = append(names, C.GoString(name))
	}
	return names
}

// vnetLen is a length of virtio headers, in which 0 means the usual one.
func vnetLen(length uint8) int {
	if length == 0 {
		return VnetLen
	}
	return int(length)
}

// copyOf is a packet in C's memory, behind its virtio header.
func copyOf(packet, vnet []byte, vnetLen int) (*C.uint8_t, error) {
	if vnet != nil && len(vnet) != vnetLen {
		return nil, fmt.Errorf("the virtio header has %d bytes, and not %d", len(vnet), vnetLen)
	}
	memory := C.malloc(C.size_t(vnetLen + len(packet))) // it never gives NULL
	bytes := unsafe.Slice((*byte)(memory), vnetLen+len(packet))
	for i := range bytes[:vnetLen] {
		bytes[i] = 0
	}
	copy(bytes, vnet)
	copy(bytes[vnetLen:], packet)
	return (*C.uint8_t)(memory), nil
}

// A Table coalesces packets. It is for one goroutine at a time.
type Table struct {
	table   *C.struct_grove_table
	vnetLen int
	copies  []*C.uint8_t
}

// tunnelsOf is a copy of the tunnels as C has them.
func tunnelsOf(tunnels []Tunnel) *C.struct_grove_tunnel {
	if len(tunnels) == 0 {
		return nil
	}
	raw := make([]C.struct_grove_tunnel, len(tunnels))
	for i, tunnel := range tunnels {
		raw[i].protocol = C.enum_grove_tunnel_protocol(tunnel.Protocol)
		raw[i].port = C.uint16_t(tunnel.Port)
	}
	return &raw[0]
}

// By Config.Lossless.
var modes = map[bool]C.enum_grove_mode{
	false: C.GROVE_MODE_LINUX,
	true:  C.GROVE_MODE_LOSSLESS,
}

// NewTable makes a table. The error says what of the configuration is wrong.
func NewTable(config Config) (*Table, error) {
	t := &Table{vnetLen: vnetLen(config.VnetLen)}
	profile := name(config.Profile)
	defer C.free(unsafe.Pointer(profile))
	raw := C.struct_grove_config{
		profile:      profile,
		max_flows:    C.uint32_t(config.MaxFlows),
		max_packets:  C.uint32_t(config.MaxPackets),
		mode:         modes[config.Lossless],
		no_udp:       C.bool(config.NoUDP),
		csum_trusted: C.bool(config.CsumTrusted),
		seed:         C.uint64_t(config.Seed),
		link:         C.enum_grove_link(config.Link),
		tunnel_count: C.uint32_t(len(config.Tunnels)),
		vnet_len:     C.uint8_t(t.vnetLen),
		max_bytes:    C.uint32_t(config.MaxBytes),
		fraglist:     C.bool(config.Fraglist),
		hash:         C.bool(config.Hash),
	}
	err := errorOf(C.new_table(raw, tunnelsOf(config.Tunnels), &t.table))
	if err != nil {
		return nil, err
	}
	runtime.SetFinalizer(t, (*Table).Free)
	return t, nil
}

// Free releases the table. Without it, the garbage collector does.
func (t *Table) Free() {
	C.grove_table_free(t.table)
	t.table = nil
	t.forget()
}

func (t *Table) forget() {
	for _, bytes := range t.copies {
		C.free(unsafe.Pointer(bytes))
	}
	t.copies = t.copies[:0]
}

// Receive takes a copy of a packet, and of its virtio header of VnetLen bytes,
// which may be nil.
func (t *Table) Receive(packet, vnet []byte) error {
	return t.ReceiveWithHash(packet, vnet, 0)
}

// ReceiveWithHash is Receive for a packet with this hash, as the device gave it.
// It is read only with Config.Hash.
func (t *Table) ReceiveWithHash(packet, vnet []byte, hash uint32) error {
	bytes, err := copyOf(packet, vnet, t.vnetLen)
	if err != nil {
		return err
	}
	err = errorOf(C.receive(t.table, bytes, C.size_t(t.vnetLen), C.size_t(len(packet)),
		C.uint32_t(hash)))
	if err != nil {
		C.free(unsafe.Pointer(bytes))
		return err
	}
	t.copies = append(t.copies, bytes)
	return nil
}

// Flush ends the poll: every held super-packet leaves.
func (t *Table) Flush() { C.grove_flush(t.table) }

// Clear forgets all packets and outputs. Flush first.
func (t *Table) Clear() error {
	err := errorOf(C.grove_clear(t.table))
	if err == nil {
		t.forget()
	}
	return err
}

// Outputs gives what has left since Clear, in order.
func (t *Table) Outputs() []Output {
	var count C.size_t
	list := C.grove_to_write(t.table, &count)
	outputs := make([]Output, count)
	for i, raw := range unsafe.Slice(list, int(count)) {
		o := &outputs[i]
		for _, iov := range unsafe.Slice(raw.iov, int(raw.iovcnt)) {
			piece := unsafe.Slice((*byte)(iov.iov_base), int(iov.iov_len))
			o.Slices = append(o.Slices, piece)
		}
		o.Vnet, o.Slices = o.Slices[0], o.Slices[1:]
		for n := raw.first; n != C.GROVE_NO_PACKET; n = C.grove_next_packet(t.table, n) {
			o.Of = append(o.Of, int(n))
		}
		o.Rest = int(raw.rest)
	}
	return outputs
}

// Fates gives what happened to each packet since Clear.
func (t *Table) Fates() []Fate {
	fates := make([]Fate, int(C.grove_received(t.table)))
	for i := range fates {
		fate := C.grove_fate_of(t.table, C.uint32_t(i))
		verdict := C.GoString(C.grove_verdict_words(fate.verdict))
		fates[i] = Fate{verdict, ruleOf(fate.rule)}
	}
	return fates
}

// A Splitter splits super-packets. It is for one goroutine at a time.
type Splitter struct {
	split   *C.struct_grove_split
	vnetLen int
	packet  *C.uint8_t
}

// NewSplitter makes a splitter. The error says what of the configuration is
// wrong.
func NewSplitter(config SplitConfig) (*Splitter, error) {
	s := &Splitter{vnetLen: vnetLen(config.VnetLen)}
	raw := C.struct_grove_split_config{
		profile:      name(config.Profile),
		csum_offload: C.bool(config.CsumOffload),
		link:         C.enum_grove_link(config.Link),
		vnet_len:     C.uint8_t(s.vnetLen),
	}
	defer C.free(unsafe.Pointer(raw.profile))
	if err := errorOf(C.grove_split_new(&raw, &s.split)); err != nil {
		return nil, err
	}
	runtime.SetFinalizer(s, (*Splitter).Free)
	return s, nil
}

// Free releases the splitter. Without it, the garbage collector does.
func (s *Splitter) Free() {
	C.grove_split_free(s.split)
	C.free(unsafe.Pointer(s.packet))
	s.split, s.packet = nil, nil
}

// Begin takes a copy of a packet, and of its virtio header, which may be nil. A
// packet that the kernel drops has no segments. The error is ErrRejected for a
// packet that it refuses.
func (s *Splitter) Begin(packet, vnet []byte) error {
	bytes, err := copyOf(packet, vnet, s.vnetLen)
	if err != nil {
		return err
	}
	var rule C.enum_grove_rule
	result := C.begin(s.split, bytes, C.size_t(s.vnetLen), C.size_t(len(packet)), &rule)
	C.free(unsafe.Pointer(s.packet))
	s.packet = bytes
	if result == C.GROVE_SPLIT_REJECTED {
		return ErrRejected
	}
	return nil
}

// Next copies the next segment into buffer, and its virtio header into vnet, of
// VnetLen bytes or more, which may be nil. It gives the length, or 0 if there is
// none. If the length is over that of the buffer, nothing was written, and the
// segment stays the next one.
func (s *Splitter) Next(buffer, vnet []byte) int {
	var none byte
	to := &none
	if len(buffer) > 0 {
		to = &buffer[0]
	}
	var at *byte
	if vnet != nil {
		at = &vnet[:s.vnetLen:len(vnet)][0]
	}
	return int(C.grove_split_copy(s.split, (*C.uint8_t)(to), C.size_t(len(buffer)),
		(*C.uint8_t)(at)))
}
