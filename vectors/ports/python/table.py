# SPDX-License-Identifier: MIT
"""SPEC.md section 2, the receive step, and section 9: what leaves, and when.
"""

from held import (FIN, PSH, RST, SYN, URG, Held, differences, leaving,
                  single)
from ip import TCP
from packet import BYPASS, FLUSH, REJECT, parse
from words import first


class Table:
    def __init__(self, config):
        self.config = config
        self.held = {}          # by flow; the oldest is the first
        self.to_write = []      # (virtio header, bytes, indices of packets)
        self.received = 0

    def receive(self, data, vnet):
        """Gives the packet's verdict and its rule."""
        config = self.config
        packet = parse(data, vnet, config)
        packet.index = self.received
        self.received += 1
        if packet.outcome == REJECT:
            return "rejected", packet.rule
        addresses = packet.outermost.addresses
        if config.lossless and packet.flow is None and addresses:
            for held in list(self.held.values()):           # GRO-END-006
                if held.first.outermost.addresses == addresses:
                    self.leave(held)
        held = self.held.get(packet.flow)
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
        if len(self.held) == config.max_flows:              # GRO-END-007
            self.leave(self.oldest())
        self.held[packet.flow] = Held(packet)
        return "held", packet.rule

    def merge(self, held, packet):
        held.append(packet, self.config)
        if first(endings(held, packet, self.config.profile)):
            self.leave(held)
        return "merged", None

    def flush(self):
        while self.held:                                    # GRO-END-008
            self.leave(self.oldest())

    def oldest(self):
        return next(iter(self.held.values()))

    def leave(self, held):
        del self.held[held.first.flow]
        self.to_write += leaving(held, self.config)

    def passes(self, packet, rule):
        self.to_write.append((*single(packet), [packet.index]))
        return "passed", rule


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
