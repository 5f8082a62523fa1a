// SPDX-License-Identifier: MIT

// A port of GRO and GSO to Go, from SPEC.md alone, behind the adapter protocol
// of vectors/README.md.

package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log"
	"os"
	"strconv"
)

const maxLine = 64 << 20

type object = map[string]any

// hexBytes are hex digits in JSON.
type hexBytes []byte

// MarshalText writes the digits.
func (b hexBytes) MarshalText() ([]byte, error) {
	return []byte(hex.EncodeToString(b)), nil
}

// UnmarshalText reads the digits.
func (b *hexBytes) UnmarshalText(digits []byte) (err error) {
	*b, err = hex.DecodeString(string(digits))
	return err
}

type request struct {
	Cmd, Op, Profile string

	Protocol           int
	Seq, Config, Input json.RawMessage
}

// An entry of the input is a packet, or the end of a poll.
type entry struct {
	Packet, Vnet *hexBytes
	Hash         uint32
	Flush        bool

	header vnet // that Vnet is
}

// strict decodes JSON and refuses fields that are not known.
func strict(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// UnmarshalJSON is strict, as the request, with its x- fields, is not.
func (e *entry) UnmarshalJSON(text []byte) error {
	type plain entry
	err := strict(text, (*plain)(e))
	if err == nil && ((e.Packet == nil) != e.Flush || e.Flush && e.Hash != 0) {
		err = errors.New("an entry is a packet or a flush")
	}
	return err
}

func main() {
	if len(os.Args) > 1 {
		accumulateAll(os.Args[1])
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		reply := answer(lines.Bytes())
		if _, err := os.Stdout.Write(reply); err != nil || reply == nil {
			return
		}
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

// answer gives the line that answers one, or nothing to bye.
func answer(line []byte) []byte {
	var r request
	reply, err := object{}, json.Unmarshal(line, &r)
	if err == nil && r.Cmd == "bye" {
		return nil
	}
	if err == nil {
		reply, err = r.run()
	}
	if err != nil {
		reply = object{"error": err.Error()}
	}
	text := r.encode(reply)
	if len(text) > maxLine {
		text = r.encode(object{"error": "the answer is a line over 64 MiB"})
	}
	return text
}

// encode adds the seq, if it can be read.
func (r *request) encode(reply object) []byte {
	if seq, err := strconv.Atoi(string(r.Seq)); err == nil {
		reply["seq"] = seq
	}
	text, _ := json.Marshal(reply) // which takes all that is in an answer
	return append(text, '\n')
}

func (r *request) run() (object, error) {
	if r.Cmd == "hello" && r.Protocol == 1 {
		return object{"impl": "grove-port-go", "version": "1.0",
			"profiles": profileNames(),
			"ops":      []string{"gro", "gso"},
			"tiers":    []string{"output", "verdict", "rule"}}, nil
	}
	if _, err := strconv.Atoi(string(r.Seq)); err != nil || r.Cmd != "run" || r.Input == nil {
		return nil, errors.New("no such request, or a field of it is missing")
	}
	// The configuration says how long virtio headers are.
	c, err := r.config()
	if err != nil {
		return object{"skipped": object{"reason": err.Error()}}, nil
	}
	input, err := r.input(c.VnetLen)
	switch {
	case err != nil:
		return nil, err
	case r.Op == "gro":
		return runGRO(input, c), nil
	case r.Op == "gso" && len(input) == 1 && !input[0].Flush:
		return runGSO(input[0], c)
	}
	return nil, errors.New("op is neither gro nor gso of one packet")
}

func (r *request) input(vnetLen int) ([]entry, error) {
	var input []entry
	err := json.Unmarshal(r.Input, &input)
	if err == nil && input == nil {
		err = errors.New("input is not a list")
	}
	for i, e := range input {
		if e.Vnet == nil {
			continue
		}
		if len(*e.Vnet) != vnetLen {
			return nil, errors.New("vnet does not have vnet_len bytes")
		}
		input[i].header = vnetOf(*e.Vnet)
	}
	return input, err
}

// config reads the profile and the configuration.
func (r *request) config() (config, error) {
	c := newConfig(findProfile(r.Profile))
	if r.Config != nil {
		if err := strict(r.Config, &c); err != nil {
			return c, err
		}
	}
	if !c.known() {
		return c, errors.New("profile or config has an unknown value")
	}
	return c, nil
}

func runGRO(input []entry, c config) object {
	t := newTable(c)
	verdicts, rules := []string{}, []*rule{}
	for _, e := range input {
		if e.Flush {
			t.flush()
			continue
		}
		verdict, id := t.receive(len(verdicts), *e.Packet, e.header, e.Hash)
		verdicts, rules = append(verdicts, verdict), append(rules, &id)
		if id == "" {
			rules[len(rules)-1] = nil
		}
	}
	t.flush()
	return object{"output": t.toWrite, "verdict": verdicts, "rule": rules}
}

func runGSO(e entry, c config) (object, error) {
	s, rejected := split(*e.Packet, e.header, &c, false)
	if rejected != "" {
		return object{"rejected": "EINVAL"}, nil
	}
	outputs, length := []output{}, 0
	for i := 0; i < s.n; i++ {
		outputs = append(outputs, s.segment(i))
		if length += len(outputs[i].Packet); length > maxLine/3 {
			return nil, errors.New("the answer is a line over 64 MiB")
		}
	}
	return object{"output": outputs}, nil
}
