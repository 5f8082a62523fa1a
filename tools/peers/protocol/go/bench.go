// SPDX-License-Identifier: MIT

package protocol

import (
	"bufio"
	"encoding/json"
	"io"
	"time"
)

// warmUp is the number of batches that are not measured, before those that are.
const warmUp = 20

// Measured does the work of one batch, and says how long the peer's part of it
// took, and how many packets it gave.
type Measured func() (time.Duration, int, error)

// Bencher is a peer whose speed can be measured.
type Bencher interface {
	MeasureCoalesce(packets [][]byte) (Measured, error)
	MeasureSplit(entry Entry) (Measured, error)
}

// Order is a request to measure: a batch to coalesce, or a super-packet.
type Order struct {
	Op      string `json:"op"`
	Batches int    `json:"batches"`
	Packets []Hex  `json:"packets"`
	Entry
}

type figures struct {
	Nanoseconds float64 `json:"ns"`
	Outputs     int     `json:"outputs"`
}

func measure(peer Bencher, order *Order) (any, error) {
	var batch Measured
	var err error
	packets := make([][]byte, len(order.Packets))
	for i, packet := range order.Packets {
		packets[i] = packet
	}
	if order.Op == "gro" {
		batch, err = peer.MeasureCoalesce(packets)
	} else {
		batch, err = peer.MeasureSplit(order.Entry)
	}
	if err != nil {
		return map[string]string{"skipped": err.Error()}, nil
	}
	var sum time.Duration
	var outputs int
	for i := range warmUp + order.Batches {
		took, count, err := batch()
		if err != nil {
			return nil, err
		}
		if i >= warmUp {
			sum += took
		}
		outputs = count
	}
	return figures{float64(sum.Nanoseconds()) / float64(order.Batches), outputs}, nil
}

// Bench answers orders to measure until the end of the input.
func Bench(peer Bencher, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, lineMax)
	answers := json.NewEncoder(out)
	for lines.Scan() {
		var order Order
		if err := json.Unmarshal(lines.Bytes(), &order); err != nil {
			return err
		}
		found, err := measure(peer, &order)
		if err != nil {
			return err
		}
		if err := answers.Encode(found); err != nil {
			return err
		}
	}
	return lines.Err()
}
