// SPDX-License-Identifier: MIT

// The package grove behind the adapter protocol of vectors/README.md. It trusts
// its runner: the port to Go shows how every line is checked.
package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"log"
	"os"
	"strconv"
	"strings"

	"grove"
)

const maxLine = 64 << 20

type object = map[string]any

// A configuration of the protocol.
type config struct {
	MaxFlows *uint32 `json:"max_flows"`
	UDP      *bool
	Csum     string
	Mode     string
	Link     string
	Tunnels  []string
	VnetLen  uint8  `json:"vnet_len"`
	MaxBytes uint32 `json:"max_bytes"`
	Fraglist bool
	Hash     bool
}

type request struct {
	Cmd, Op, Profile string
	Seq              int
	RawConfig        json.RawMessage `json:"config"`
	Config           config          `json:"-"`
	Input            []struct {
		Packet, Vnet string
		Hash         uint32
		Flush        bool
	}
}

func unhex(digits string) []byte {
	b, err := hex.DecodeString(digits)
	if err != nil {
		log.Fatal(err)
	}
	return b
}

func header(digits string) []byte {
	if digits == "" {
		return nil
	}
	return unhex(digits)
}

func output(vnet, packet []byte) object {
	word := func(at int) uint16 { return binary.LittleEndian.Uint16(vnet[at:]) }
	fields := object{"flags": vnet[0], "gso_type": vnet[1], "hdr_len": word(2),
		"gso_size": word(4), "csum_start": word(6), "csum_offset": word(8)}
	if len(vnet) == 24 {
		fields["outer_th_offset"], fields["inner_nh_offset"] = word(20), word(22)
	}
	return object{"packet": hex.EncodeToString(packet), "vnet": fields}
}

func skipped(err error) object {
	return object{"skipped": object{"reason": err.Error()}}
}

func (c *config) link() grove.Link {
	if c.Link == "ethernet" {
		return grove.LinkEthernet
	}
	return grove.LinkNone
}

// Such as "gre" and "vxlan:4789". An unknown name is that of no tunnel, which
// the library refuses.
func tunnelOf(name string) (tunnel grove.Tunnel) {
	kind, port, _ := strings.Cut(name, ":")
	number, _ := strconv.ParseUint(port, 10, 16)
	tunnel.Port = uint16(number)
	switch kind {
	case "ipip":
		tunnel.Protocol = grove.IPIP
	case "gre":
		tunnel.Protocol = grove.GRE
	case "vxlan":
		tunnel.Protocol = grove.VXLAN
	case "vxlan-gpe":
		tunnel.Protocol = grove.VXLANGPE
	case "geneve":
		tunnel.Protocol = grove.GENEVE
	case "pppoe":
		tunnel.Protocol = grove.PPPOE
	}
	return tunnel
}

func (r *request) table() (*grove.Table, error) {
	c := grove.Config{Profile: r.Profile, MaxFlows: 8, MaxPackets: uint32(len(r.Input) + 1),
		Lossless:    r.Config.Mode == "lossless",
		NoUDP:       r.Config.UDP != nil && !*r.Config.UDP,
		CsumTrusted: r.Config.Csum == "trusted",
		Link:        r.Config.link(),
		VnetLen:     r.Config.VnetLen,
		MaxBytes:    r.Config.MaxBytes,
		Fraglist:    r.Config.Fraglist,
		Hash:        r.Config.Hash}
	for _, name := range r.Config.Tunnels {
		c.Tunnels = append(c.Tunnels, tunnelOf(name))
	}
	if r.Config.MaxFlows != nil {
		c.MaxFlows = *r.Config.MaxFlows
	}
	return grove.NewTable(c)
}

func (r *request) gro() object {
	table, err := r.table()
	if err != nil {
		return skipped(err)
	}
	defer table.Free()
	for _, e := range r.Input {
		if e.Flush {
			table.Flush()
			continue
		}
		err := table.ReceiveWithHash(unhex(e.Packet), header(e.Vnet), e.Hash)
		if err != nil {
			return object{"error": err.Error()}
		}
	}
	table.Flush()
	outputs, verdicts, rules := []object{}, []string{}, []any{}
	for _, o := range table.Outputs() {
		answer := output(o.Vnet, bytes.Join(o.Slices, nil))
		answer["of"] = o.Of
		outputs = append(outputs, answer)
	}
	for _, fate := range table.Fates() {
		verdicts, rules = append(verdicts, fate.Verdict), append(rules, fate.Rule)
		if fate.Rule == "" {
			rules[len(rules)-1] = nil
		}
	}
	return object{"output": outputs, "verdict": verdicts, "rule": rules}
}

func (r *request) gso() object {
	splitter, err := grove.NewSplitter(grove.SplitConfig{Profile: r.Profile,
		Link: r.Config.link(), VnetLen: r.Config.VnetLen})
	if err != nil {
		return skipped(err)
	}
	defer splitter.Free()
	packet := unhex(r.Input[0].Packet)
	if splitter.Begin(packet, header(r.Input[0].Vnet)) != nil {
		return object{"rejected": "EINVAL"}
	}
	outputs, room := []object{}, maxLine/3
	buffer, vnet := make([]byte, len(packet)), make([]byte, r.Config.VnetLen)
	for n := splitter.Next(buffer, vnet); n > 0; n = splitter.Next(buffer, vnet) {
		if room -= n; room < 0 {
			return object{"error": "the answer is a line over 64 MiB"}
		}
		outputs = append(outputs, output(vnet, buffer[:n]))
	}
	return object{"output": outputs}
}

// An error if the configuration has a field that is not known here.
func (r *request) readConfig() error {
	r.Config.VnetLen = grove.VnetLen
	if r.RawConfig == nil {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(r.RawConfig))
	decoder.DisallowUnknownFields()
	return decoder.Decode(&r.Config)
}

func (r *request) answer() object {
	if err := r.readConfig(); err != nil {
		return skipped(err)
	}
	switch {
	case r.Cmd == "hello":
		return object{"impl": "grove-go", "version": "1.0", "profiles": grove.Profiles(),
			"ops": []string{"gro", "gso"}, "tiers": []string{"output", "verdict", "rule"}}
	case r.Op == "gro":
		return r.gro()
	}
	return r.gso()
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, maxLine)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var r request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			log.Fatal(err)
		}
		if r.Cmd == "bye" {
			return
		}
		answer := r.answer()
		if r.Cmd == "run" {
			answer["seq"] = r.Seq
		}
		if err := answers.Encode(answer); err != nil {
			log.Fatal(err)
		}
	}
}
