// SPDX-License-Identifier: MIT

package grove

import (
	"bytes"
	"testing"
)

// UDP over IPv4 without a checksum, which passes.
var packet = []byte{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 102, 207, 10, 0, 0, 1,
	10, 0, 0, 2, 0, 1, 0, 2, 0, 8, 0, 0}

func TestWrongProfile(t *testing.T) {
	for _, name := range []string{"linux", "linux-6.1:"} {
		if _, err := NewTable(Config{Profile: name}); err == nil {
			t.Errorf("a table with the profile %q", name)
		}
		if _, err := NewSplitter(SplitConfig{Profile: name}); err == nil {
			t.Errorf("a splitter with the profile %q", name)
		}
	}
}

func TestPolls(t *testing.T) {
	table, err := NewTable(Config{MaxPackets: 1})
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < 3; i++ {
		if table.Receive(packet, make([]byte, 9)) == nil {
			t.Error("a virtio header of 9 bytes")
		}
		if err := table.Receive(packet, nil); err != nil {
			t.Error(err)
		}
		if table.Receive(packet, nil) == nil {
			t.Error("two packets where one has room")
		}
		table.Flush()
		o := table.Outputs()
		if len(o) != 1 || !bytes.Equal(bytes.Join(o[0].Slices, nil), packet) {
			t.Errorf("%v", o)
		}
		if err := table.Clear(); err != nil {
			t.Error(err)
		}
	}
}

func TestSmallBuffer(t *testing.T) {
	s, err := NewSplitter(SplitConfig{})
	if err != nil || s.Begin(packet, nil) != nil {
		t.Fatal("the packet is refused")
	}
	buffer := make([]byte, 28)
	for i, size := range []int{0, 27, 28} {
		if n := s.Next(buffer[:size], nil); n != 28 {
			t.Errorf("step %d: %d bytes", i, n)
		}
	}
	if n := s.Next(buffer, nil); n != 0 || !bytes.Equal(buffer, packet) {
		t.Errorf("%d bytes more, % x", n, buffer)
	}
	if err := s.Begin(nil, nil); err != ErrRejected {
		t.Errorf("an empty packet: %v", err)
	}
}
