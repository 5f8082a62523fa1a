// SPDX-License-Identifier: MIT

// SPEC sections 2, the receive step, and 9: what leaves, and when.

package main

import "container/list"

// A table holds super-packets, and lists in toWrite what has left it.
type table struct {
	config
	buckets [8]list.List // of *held, the oldest first
	byFlow  map[flow]*list.Element
	toWrite []output
}

func newTable(c config) *table {
	return &table{config: c, byFlow: map[flow]*list.Element{}, toWrite: []output{}}
}

// receive takes a packet, and gives its verdict and its rule.
func (t *table) receive(index int, b []byte, header vnet, hash uint32) (string, rule) {
	if !t.Hash {
		hash = 0
	}
	p := parse(index, b, header, hash, &t.config)
	if p.outcome == reject {
		return "rejected", p.rule
	}
	if t.lossless() && !p.flowKnown {
		t.leaveBetween(p) // GRO-END-006
	}
	e := t.byFlow[p.flow] // none if the flow is not known
	if p.outcome == bypass {
		if e != nil && t.lossless() {
			t.leave(e) // GRO-END-006
		}
		return t.pass(p)
	}
	if e != nil {
		if verdict := t.meet(e, p); verdict != "" {
			return verdict, p.rule
		}
	}
	flags, empty := p.hasEndFlags(), p.protocol == tcp && p.payloadLength() == 0
	if p.outcome == flush || flags || empty {
		_ = p.rule != "" || p.rule.is("GRO-END-001", flags) || p.rule.is("GRO-END-002", empty)
		return t.pass(p)
	}
	t.hold(p)
	return "held", p.rule
}

// meet is for a packet that does not bypass, and the held one of its flow. There
// is no verdict if that leaves.
func (t *table) meet(e *list.Element, p *packet) (verdict string) {
	h := e.Value.(*held)
	mismatch := h.differs(p, &t.config)
	if p.outcome == none {
		p.rule = mismatch
	}
	switch {
	case h.isOvertaken(p, mismatch, t.profile):
		h.overtake(p, &t.config)
		verdict, _ = t.pass(p)
		return verdict
	case p.rule == "":
		h.merge(p, &t.config)
		if h.endsWith(p, t.profile) {
			t.leave(e)
		}
		return "merged"
	}
	t.leave(e) // GRO-END-005
	return ""
}

func (t *table) pass(p *packet) (string, rule) {
	t.toWrite = append(t.toWrite, p.single())
	return "passed", p.rule
}

// endsWith reports whether the held one leaves with a packet that was merged.
func (h *held) endsWith(p *packet, c *profile) bool {
	return p.hasEndFlags() || // GRO-END-001
		p.payloadLength() < h.gsoSize || // GRO-END-003
		p.protocol == udp && len(h.packets) == c.maxUDPSegments // GRO-END-004
}

func (p *packet) hasEndFlags() bool {
	return p.protocol == tcp && p.tcpFlags()&endFlags != 0
}

func (t *table) hold(p *packet) {
	bucket := t.bucket(p)
	if bucket.Len() >= t.MaxFlows {
		t.leave(bucket.Front()) // GRO-END-007
	}
	h := &held{first: p, packets: []*packet{p}, gsoSize: p.payloadLength(),
		total: len(p.outermost().bytes)}
	if p.protocol == tcp {
		h.nextSequence = p.sequence() + uint32(p.payloadLength())
	}
	t.byFlow[p.flow] = bucket.PushBack(h)
}

func (t *table) bucket(p *packet) *list.List { return &t.buckets[p.hash%8] }

func (t *table) leave(e *list.Element) {
	h := e.Value.(*held)
	t.bucket(h.first).Remove(e)
	delete(t.byFlow, h.first.flow)
	t.toWrite = append(t.toWrite, h.outputs(&t.config)...)
}

// flush ends the poll. GRO-END-008
func (t *table) flush() {
	for i := range t.buckets {
		for t.buckets[i].Len() > 0 {
			t.leave(t.buckets[i].Front())
		}
	}
}
