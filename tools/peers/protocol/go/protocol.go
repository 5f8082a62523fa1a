// SPDX-License-Identifier: MIT

// Package protocol puts a peer that is written in Go behind the adapter
// protocol of vectors/README.md.
package protocol

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"runtime/debug"
)

// VnetLen is the length of a virtio header in bytes.
const VnetLen = 10

// lineMax is the longest line of the protocol in bytes.
const lineMax = 64 << 20

// Skipped is an error that says why the peer cannot be asked.
type Skipped string

func (reason Skipped) Error() string { return string(reason) }

// ErrRejected says that the peer refuses to split a super-packet.
var ErrRejected = errors.New("EINVAL")

// Hello is what the adapter says of itself.
type Hello struct {
	Impl     string   `json:"impl"`
	Version  string   `json:"version"`
	Profiles []string `json:"profiles"`
	Ops      []string `json:"ops"`
	Tiers    []string `json:"tiers"`
	Level    string   `json:"level"`
}

// Hex is bytes, which are hex digits in JSON.
type Hex []byte

// UnmarshalJSON reads hex digits.
func (bytes *Hex) UnmarshalJSON(text []byte) error {
	var digits string
	if err := json.Unmarshal(text, &digits); err != nil {
		return err
	}
	var err error
	*bytes, err = hex.DecodeString(digits)
	return err
}

// MarshalJSON writes hex digits.
func (bytes Hex) MarshalJSON() ([]byte, error) {
	return json.Marshal(hex.EncodeToString(bytes))
}

// Entry is a packet of the input, or the end of a poll.
type Entry struct {
	Flush  bool `json:"flush"`
	Vnet   Hex  `json:"vnet"`
	Packet Hex  `json:"packet"`
}

// HasVnet tells whether the packet came with a virtio header that says
// something.
func (entry Entry) HasVnet() bool {
	for _, field := range entry.Vnet {
		if field != 0 {
			return true
		}
	}
	return false
}

// Question is a request to run.
type Question struct {
	Cmd    string                     `json:"cmd"`
	Seq    int64                      `json:"seq"`
	Op     string                     `json:"op"`
	Config map[string]json.RawMessage `json:"config"`
	Input  []Entry                    `json:"input"`
}

// Has tells whether a field of the configuration has this value, in JSON.
func (question *Question) Has(field, value string) bool {
	return string(question.Config[field]) == value
}

// Vnet is the virtio header of an output. The length of the headers is left
// out.
type Vnet struct {
	Flags      uint8  `json:"flags"`
	GSOType    uint8  `json:"gso_type"`
	GSOSize    uint16 `json:"gso_size"`
	CsumStart  uint16 `json:"csum_start"`
	CsumOffset uint16 `json:"csum_offset"`
}

// VnetOf reads a virtio header as it is on the wire.
func VnetOf(wire []byte) *Vnet {
	return &Vnet{
		Flags: wire[0], GSOType: wire[1],
		GSOSize:    binary.LittleEndian.Uint16(wire[4:]),
		CsumStart:  binary.LittleEndian.Uint16(wire[6:]),
		CsumOffset: binary.LittleEndian.Uint16(wire[8:]),
	}
}

// Output is a packet that leaves.
type Output struct {
	Vnet   *Vnet `json:"vnet,omitempty"`
	Packet Hex   `json:"packet"`
	Of     []int `json:"of,omitempty"`
}

// Peer is what is asked.
type Peer interface {
	Hello() Hello
	Coalesce(question *Question) ([]Output, error)
	Split(entry Entry) ([]Output, error)
}

type skipped struct {
	Reason string `json:"reason"`
}

type answer struct {
	Seq      int64     `json:"seq"`
	Output   *[]Output `json:"output,omitempty"`
	Skipped  *skipped  `json:"skipped,omitempty"`
	Rejected string    `json:"rejected,omitempty"`
	Error    string    `json:"error,omitempty"`
}

func answerOf(seq int64, outputs []Output, err error) answer {
	var reason Skipped
	switch {
	case err == nil && outputs == nil:
		return answer{Seq: seq, Output: &[]Output{}}
	case err == nil:
		return answer{Seq: seq, Output: &outputs}
	case errors.As(err, &reason):
		return answer{Seq: seq, Skipped: &skipped{string(reason)}}
	case errors.Is(err, ErrRejected):
		return answer{Seq: seq, Rejected: err.Error()}
	}
	return answer{Seq: seq, Error: err.Error()}
}

// unknown tells why no peer in Go has such a configuration, or "".
func unknown(question *Question) Skipped {
	for field := range question.Config {
		switch {
		case field == "max_flows" || field == "udp" || field == "csum":
		case field == "mode" && question.Has("mode", `"linux"`):
		case field == "mode":
			return "it has no lossless mode"
		default:
			return "it has no such configuration"
		}
	}
	return ""
}

func run(peer Peer, question *Question) answer {
	if why := unknown(question); why != "" {
		return answerOf(question.Seq, nil, why)
	}
	if question.Op == "gro" {
		outputs, err := peer.Coalesce(question)
		return answerOf(question.Seq, outputs, err)
	}
	outputs, err := peer.Split(question.Input[0])
	return answerOf(question.Seq, outputs, err)
}

// Serve answers questions until "bye" or the end of the input.
func Serve(peer Peer, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, lineMax)
	answers := json.NewEncoder(out)
	for lines.Scan() {
		var question Question
		if err := json.Unmarshal(lines.Bytes(), &question); err != nil {
			return err
		}
		var said any
		switch question.Cmd {
		case "hello":
			said = peer.Hello()
		case "bye":
			return nil
		default:
			said = run(peer, &question)
		}
		if err := answers.Encode(said); err != nil {
			return err
		}
	}
	return lines.Err()
}

// Version is the version of a module that the program is built with.
func Version(module string) string {
	info, _ := debug.ReadBuildInfo()
	for _, one := range info.Deps {
		if one.Path == module {
			return one.Version
		}
	}
	return "unknown"
}
