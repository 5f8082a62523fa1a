# SPDX-License-Identifier: MIT
"""SPEC.md section 2, the receive step, and section 9: what leaves, and when.
"""

from held import (FIN, PSH, RST, SYN, URG, Held, differences, leaving,
                  single)
from ip import TCP
from packet import BYPASS, FLUSH, REJECT, parse
from words import first

BUCKETS = 8


class Table:
    def __init__(self, config):
        self.config = config
        # Of each bucket the held ones by flow; the oldest is the first.
        self.buckets = [{} for _ in range(BUCKETS)]
        self.to_write = []      # (virtio header, bytes, indices of packets)
        self.received = 0

    def receive(self, data, vnet, hash=0):
        """Gives the packet's verdict and its rule."""
        config = self.config
        packet = parse(data, vnet, hash if config.hash else 0, config)
        packet.index = self.received
        self.received += 1
        if packet.outcome == REJECT:
            return "rejected", packet.rule
        bucket = self.bucket(packet)
        addresses = packet.outermost.addresses
        if config.lossless and packet.flow is None and addresses:
            for held in list(bucket.values()):           # GRO-END-006
                if held.first.outermost.addresses == addresses:
                    self.leave(held)
        held = bucket.get(packet.flow)
        if packet.outcome == BYPASS:
            if held and config.lossless:
                self.leave(held)                            # GRO-END-006
            return self.passes(packet, packet.rule)
        if held:
            mismatch = first(differences(held, packet, config))
            packet.rule = packet.rule or mismatch
            if is_beside(packet, mismatch, config.profile):
                held.is_overtaken(packet, config)
                return self.passes(packet, packet.rule)
            if not packet.rule:
                return self.merge(held, packet)
            self.leave(held)                                # GRO-END-005
        if packet.outcome == FLUSH:
            return self.passes(packet, packet.rule)
        alone = first(alone_passes(packet))
        if alone:
            return self.passes(packet, packet.rule or alone)
        if len(bucket) == config.max_flows:                 # GRO-END-007
            self.leave(oldest(bucket))
        bucket[packet.flow] = Held(packet)
        return "held", packet.rule

    def merge(self, held, packet):
        held.append(packet, self.config)
        if first(endings(held, packet, self.config.profile)):
            self.leave(held)
        return "merged", None

    def flush(self):
        for bucket in self.buckets:                         # GRO-END-008
            while bucket:
                self.leave(oldest(bucket))

    def bucket(self, packet):
        return self.buckets[packet.hash % BUCKETS]

    def leave(self, held):
        del self.bucket(held.first)[held.first.flow]
        self.to_write += leaving(held, self.config)

    def passes(self, packet, rule):
        self.to_write.append((*single(packet), [packet.index]))
        return "passed", rule


def oldest(bucket):
    return next(iter(bucket.values()))


def is_beside(packet, mismatch, profile):
    """GRO-LIST-004, which is not for every flushed packet."""
    return mismatch == "GRO-LIST-004" and (
        packet.outcome != FLUSH or profile.flushed_beside
        or packet.vnet.is_gso)


# Section 9

def ends_by_flags(packet):
    return (packet.protocol == TCP
            and packet.flags & (URG | PSH | RST | SYN | FIN))


def endings(held, packet, profile):
    """Each rule by which a merged packet ends the held one."""
    yield "GRO-END-001", ends_by_flags(packet)
    yield "GRO-END-003", packet.payload_length < held.gso_size
    yield "GRO-END-004", (packet.protocol != TCP
                          and held.packets == profile.max_udp_segments)


def alone_passes(packet):
    """Each rule by which a packet that did not merge is not held."""
    yield "GRO-END-001", ends_by_flags(packet)
    yield "GRO-END-002", packet.protocol == TCP and packet.payload_length == 0
