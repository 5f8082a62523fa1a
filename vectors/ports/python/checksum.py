# SPDX-License-Identifier: MIT
"""SPEC.md section 6, "Verifying"."""

from ip import GRE, UDP
from words import FLUSH, fold, sum_words, u16


def pseudo_sum(ip, length):
    """p"""
    return sum_words(ip.addresses) + ip.protocol + length


def uncomputed(packet):
    return (packet.vnet.needs_csum
            and packet.vnet.csum_start >= packet.front + packet.l4)


def checksum_is_right(packet, config):
    """Or taken as right: that of TCP, UDP or GRE, whichever begins at l4.
    Notes whether the packet is verified."""
    if packet.outcome == FLUSH:     # by one of the four rules
        return True
    if packet.vnet.needs_csum and (
            uncomputed(packet)
            or packet.vnet.csum_start < config.link_length):
        return True
    p = 0
    if packet.protocol != GRE:
        p = pseudo_sum(packet, packet.l4_length)
    if (config.csum == "trusted"
            or packet.protocol == UDP and u16(packet.data, packet.l4 + 6) == 0
            or fold(p + sum_words(packet.data[packet.l4:])) == 0xffff):
        packet.verified = True
        return True
    return bool(packet.outer) and is_right_inside(packet, packet.outer, p)


def is_right_inside(packet, outer, p):
    """The inner checksum beside that of the tunnel, which is not computed."""
    if not outer.uncomputed:
        return False
    inner_l4 = packet.front + packet.l4
    s = sum_words(packet.received[outer.front + outer.l4:inner_l4])
    if outer.over_udp:
        s += pseudo_sum(outer, outer.l4_length)
    return fold(s) == fold(p)
