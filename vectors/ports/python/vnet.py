# SPDX-License-Identifier: MIT
"""SPEC.md section 3: the virtio header."""

import struct
from dataclasses import dataclass

from ip import TCP, UDP, dissected_headers

NEEDS_CSUM, DATA_VALID, OUTER_CSUM = 1, 2, 8                # flags
NONE, TCPV4, UDP_FRAGMENTS, TCPV6, UDP_L4 = 0, 1, 3, 4, 5   # gso_type
ECN = 0x80
TUNNEL4, TUNNEL6 = 0x20, 0x40       # the bits of tunnels


@dataclass
class Vnet:
    flags: int = 0
    gso_type: int = 0
    hdr_len: int = 0
    gso_size: int = 0
    csum_start: int = 0
    csum_offset: int = 0
    # In a header that tells of a tunnel, else 0; `told` are its bits of them.
    outer_th_offset: int = 0
    inner_nh_offset: int = 0
    told: int = 0

    @classmethod
    def from_wire(cls, data):
        vnet = cls(*struct.unpack_from("<BBHHHH", data))
        if len(data) == 24:
            vnet.outer_th_offset, vnet.inner_nh_offset = struct.unpack_from(
                "<HH", data, 20)
        return vnet

    def but(self, **changes):
        """A copy with other values."""
        return Vnet(**{**self.__dict__, **changes})

    def fields(self):
        """Those of an answer, by name."""
        fields = dict(self.__dict__)
        told = fields.pop("told")
        if not told:
            del fields["outer_th_offset"], fields["inner_nh_offset"]
        return fields

    @property
    def needs_csum(self):
        return bool(self.flags & NEEDS_CSUM)

    @property
    def is_gso(self):
        return self.gso_type != NONE

    @property
    def type(self):
        return self.gso_type & ~(ECN | self.told)

    @property
    def is_tcp(self):
        return self.type in (TCPV4, TCPV6)

    def l3min(self, profile):
        if not profile.checks_csum_start:
            return 0
        return 40 if self.type == TCPV6 else 20

    @property
    def l4min(self):
        return {TCPV4: 20, TCPV6: 20, UDP_FRAGMENTS: 8, UDP_L4: 8,
                NONE: 0}[self.type]


def tell(vnet, config):
    """The header, with what it tells of a tunnel."""
    if config.vnet_len != 24:
        return vnet
    told = vnet.gso_type & (TUNNEL4 | TUNNEL6) if config.can_tell else 0
    if told:
        return vnet.but(told=told)
    return vnet.but(outer_th_offset=0, inner_nh_offset=0)


def told_refusals(vnet):
    """Those of a header that tells of a tunnel."""
    yield "VNET-018", vnet.told == TUNNEL4 | TUNNEL6
    yield "VNET-019", vnet.type in (NONE, UDP_FRAGMENTS)
    yield "VNET-020", not vnet.needs_csum
    outer_min = 34 if vnet.told == TUNNEL4 else 54
    inner_min = 40 if vnet.type == TCPV6 else 20
    yield "VNET-021", (
        vnet.outer_th_offset < outer_min
        or vnet.inner_nh_offset < vnet.outer_th_offset + 8
        or vnet.csum_start < vnet.inner_nh_offset + inner_min)


def inner_version(data, vnet):
    """That of the IP header at inner_nh_offset."""
    if vnet.is_tcp:
        return 4 if vnet.type == TCPV4 else 6
    return 6 if data[vnet.inner_nh_offset] >> 4 == 6 else 4


def vnet_refusals(data, vnet, config):
    """The rules that reject, each with whether it holds."""
    profile = config.profile
    needs_csum = vnet.needs_csum
    sum_end = vnet.csum_start + vnet.csum_offset + 2

    h = vnet.hdr_len
    if needs_csum and sum_end > h:
        h = sum_end % 2**16
    yield "VNET-001", h > len(data) + config.unread
    yield "VNET-017", h and h < config.link_length
    if vnet.told:
        yield from told_refusals(vnet)
    types = [TCPV4, UDP_FRAGMENTS, TCPV6]
    if profile.takes_uso:
        types.append(UDP_L4)
    yield "VNET-002", vnet.is_gso and vnet.type not in types
    yield "VNET-003", vnet.is_gso and vnet.gso_size == 0
    need = vnet.csum_start + max(vnet.csum_offset + 2, vnet.l4min)
    yield "VNET-004", needs_csum and need > len(data)
    yield "VNET-016", needs_csum and vnet.csum_start > 65470
    yield "VNET-005", needs_csum and vnet.csum_start < vnet.l3min(profile)
    dissected = (profile.dissects and vnet.is_gso and not needs_csum
                 and vnet.type != UDP_L4)
    yield "VNET-006", (vnet.is_gso and not needs_csum and not dissected
                       and vnet.l3min(profile) + vnet.l4min > len(data))
    yield "VNET-007", dissected and not is_of_type(data, vnet, config)
    if vnet.type == UDP_L4:     # takes_uso, by VNET-002
        yield "VNET-008", not needs_csum
        yield "VNET-009", vnet.csum_offset != 6
        yield "VNET-010", vnet.gso_type & ECN
        yield "VNET-011", (len(data) - vnet.csum_start - 8
                           > 128 * vnet.gso_size)
    yield "VNET-012", vnet.is_tcp and needs_csum and vnet.csum_offset != 16
    yield "VNET-013", vnet.is_gso and vnet.gso_size == 65535
    if vnet.told and vnet.type == UDP_L4:
        yield "VNET-022", (inner_version(data, vnet) == 6
                           and vnet.csum_start < vnet.inner_nh_offset + 40)


def is_of_type(data, vnet, config):
    """VNET-007"""
    version, headers = dissected_headers(data, config)
    if headers is None:
        return False
    protocol, l4 = headers
    return ((version, protocol) in {TCPV4: [(4, TCP)], TCPV6: [(6, TCP)],
                                    UDP_FRAGMENTS: [(4, UDP), (6, UDP)]
                                    }[vnet.type]
            and len(data) - l4 >= vnet.l4min)


def accept(data, vnet, config):
    """What an accepted header becomes."""
    kept = NEEDS_CSUM | OUTER_CSUM if vnet.told else NEEDS_CSUM
    vnet = vnet.but(flags=vnet.flags & kept)
    if not vnet.needs_csum:
        vnet.csum_start = vnet.csum_offset = 0
    # VNET-015
    if vnet.is_tcp:
        vnet.gso_size = max(vnet.gso_size, config.profile.min_tcp_gso_size)
    # VNET-014
    if vnet.is_gso:
        h = headers_end(data, vnet, config)
        if vnet.gso_size >= len(data) - h:
            vnet.gso_type = NONE
    if not vnet.is_gso:
        vnet.hdr_len = vnet.gso_size = 0
        vnet.flags &= NEEDS_CSUM
        vnet.outer_th_offset = vnet.inner_nh_offset = 0
    return vnet


def leaves_short(vnet, config):
    """VNET-017 for an accepted header, with which the packet leaves."""
    return (vnet.needs_csum and not vnet.is_gso
            and vnet.csum_start + vnet.csum_offset + 2 < config.link_length)


def headers_end(data, vnet, config):
    """h of VNET-014"""
    if vnet.needs_csum:
        l4 = vnet.csum_start
    elif config.profile.dissects:
        _, (_, l4) = dissected_headers(data, config)
    else:
        l4 = vnet.l3min(config.profile)
    h = l4 + vnet.l4min
    return h - 8 if vnet.type == UDP_FRAGMENTS else h
