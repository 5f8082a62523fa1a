# SPDX-License-Identifier: MIT
"""Split."""

import suite
from packet import (DESTINATION, FRAGMENT, HOP_BY_HOP, ROUTING, UDP, fold,
                    packet, vnet)
from suite import IP6, OPTION, TCP_GSO, TIMESTAMPS, UDP4, UDP_GSO, begin, entry

begin("gso")

TCP6_GSO = {**TCP_GSO, "gso_type": 4, "hdr_len": 60, "csum_start": 40}
UDP6_GSO = {**UDP_GSO, "hdr_len": 48, "csum_start": 40}


def split_bytes(name, title, rules, flags, data, header, segments,
                profile="linux-6.18"):
    """These bytes become so many segments under `profile`; 0: they are dropped;
    "EINVAL": they are rejected.
    """
    suite.CURRENT.append({
        "id": name, "title": title, "rules": rules.split(),
        "flags": flags.split(), "input": [entry(data, vnet(**header))],
        "segments": segments, "config": {}, "profile": profile, "op": "gso"})


def split(name, title, rules, flags, header, fields, segments, **more):
    """As split_bytes(), of a super-packet of 250 bytes or what `fields` say."""
    split_bytes(name, title, rules, flags,
                packet(**{"size": 250, "checksum": "seed", **fields}), header,
                segments, **more)


def seed_for_zero(protocol, **fields):
    """A seed with which the first segment of 100 bytes has the checksum 0."""
    at = 20 + (16 if protocol != UDP else 6)
    first = packet(protocol=protocol, **fields)
    whole = packet(protocol=protocol, size=250, checksum="seed", **fields)
    return fold(int.from_bytes(whole[at:at + 2], "big")
                + int.from_bytes(first[at:at + 2], "big"))


split("gso-rejected", "A header that a TUN refuses is refused here: rejected",
      "VNET-012", "vnet", {**TCP_GSO, "csum_offset": 6}, {}, "EINVAL")
split("gso-plain-instead", "A payload of gso_size is no super-packet",
      "VNET-014 GSO-OUT-008", "boundary", {**TCP_GSO, "gso_size": 250}, {}, 1)
split("gso-clamp", "Segments of 7 bytes become segments of 8", "VNET-015",
      "profile", {**TCP_GSO, "gso_size": 7}, {}, 32, profile="linux-7.2")

for name, title, rule, header, fields in (
        ("gso-fragments", "gso_type 3, which asks for IP fragments",
         "GSO-001", {**UDP_GSO, "gso_type": 3}, UDP4),
        ("gso-ip4-header", "An IHL of 4", "GSO-002",
         {**TCP_GSO, "csum_start": 20}, {"forge": (0, 0x44)}),
        ("gso-ip4-header-cut", "IPv4 options that end behind the packet",
         "GSO-002", {**TCP_GSO, "flags": 0, "gso_size": 1},
         {"size": 3, "forge": (0, 0x4f)}),
        ("gso-ip6-extension-cut", "An extension header that ends behind the "
         "packet", "GSO-003", {**TCP6_GSO, "hdr_len": 68, "csum_start": 48},
         {**IP6, "extensions": [(DESTINATION, b"\xff" + bytes(6))]}),
        ("gso-ip6-short", "39 bytes, too few for an IPv6 header", "GSO-003",
         {**UDP6_GSO, "gso_size": 1, "hdr_len": 0, "csum_start": 28},
         {**IP6, **UDP4, "cut": 39}),
        ("gso-protocol", "A UDP packet that claims to be TCP", "GSO-004",
         TCP_GSO, UDP4),
        ("gso-protocol-udp", "A TCP packet that claims to be UDP", "GSO-004",
         UDP_GSO, {}),
        ("gso-protocol-ip4", "An IPv4 packet that claims to be IPv6",
         "GSO-004", {**TCP6_GSO, "csum_start": 40},
         {"ip_options": bytes(20)}),
        ("gso-protocol-ip6", "An IPv6 packet that claims to be IPv4",
         "GSO-004", {**TCP_GSO, "csum_start": 40}, IP6),
        ("gso-protocol-ip6-fragment", "A fragment header, which is not walked",
         "GSO-004", {**TCP6_GSO, "csum_start": 48},
         {**IP6, "extensions": [(FRAGMENT, bytes(7))]}),
        ("gso-csum-start", "csum_start is 4 bytes behind the TCP header",
         "GSO-005", {**TCP_GSO, "csum_start": 24}, {}),
        ("gso-csum-start-udp", "csum_start is at the end of the IPv4 header "
         "as it is without options", "GSO-005", UDP_GSO,
         {**UDP4, "ip_options": b"\1" * 4}),
        ("gso-tcp-short", "IPv4 options leave 12 bytes for TCP", "GSO-006",
         {**TCP_GSO, "flags": 0, "hdr_len": 0, "gso_size": 1},
         {"ip_options": b"\1" * 40, "l4_cut": 12}),
        ("gso-tcp-offset", "A data offset of 4", "GSO-007", TCP_GSO,
         {"data_offset": 4}),
        ("gso-tcp-offset-cut", "TCP options that end behind the packet",
         "GSO-007", {**TCP_GSO, "gso_size": 10}, {"size": 39,
                                                  "data_offset": 15}),
        ("gso-one-segment", "A payload of gso_size, with TCP options, which "
         "VNET-014 takes for payload", "GSO-008", TCP_GSO,
         {"size": 100, "options": TIMESTAMPS})):
    data = packet(**{"size": 250, "checksum": "seed",
                     **{n: v for n, v in fields.items() if n != "forge"}})
    if "forge" in fields:
        at, byte = fields["forge"]
        data = data[:at] + bytes([byte]) + data[at + 1:]
    split_bytes(name, f"{title}: dropped", rule,
                "deviation" if rule == "GSO-001" else "dropped", data, header,
                0)

split("gso-one-segment-not", "A payload of gso_size and a byte: two segments",
      "GSO-008", "boundary", TCP_GSO, {"size": 101, "options": TIMESTAMPS}, 2)
split("gso-out-ip4", "Identifications count on and wrap; options, flags and "
      "the fragment field stay; the length and checksum that came are not "
      "read", "GSO-OUT-001", "split wrap", {**TCP_GSO, "csum_start": 24},
      {"id": 0xfffe, "ip_options": b"\1" * 4, "total_length": 7, "df": False,
       "reserved": True, "mf": True, "ip_checksum": "wrong", "tos": 3}, 3)
split("gso-out-ip6", "payload_length is that of the segment; extension "
      "headers are copied", "GSO-OUT-002", "split",
      {**TCP6_GSO, "hdr_len": 84, "csum_start": 64},
      {**IP6, "payload_length": 7, "traffic_class": 3,
       "extensions": [(HOP_BY_HOP, OPTION), (ROUTING, b"\1" + bytes(14))]}, 3)
split("gso-out-tcp", "Sequence numbers wrap; FIN and PSH come last, CWR comes "
      "first, everything else on all", "GSO-OUT-003", "split wrap", TCP_GSO,
      {"sequence": 0xffffff9c, "flags": "FPUECAe", "urgent": 9,
       "options": TIMESTAMPS}, 3)
split("gso-out-tcp-ip6", "The same over IPv6", "GSO-OUT-003", "split wrap",
      TCP6_GSO, {**IP6, "sequence": 0xffffff9c, "flags": "FPUECAe",
                 "urgent": 9, "options": TIMESTAMPS}, 3)
split("gso-out-tcp-syn", "SYN and RST are on all segments", "GSO-OUT-003",
      "split", TCP_GSO, {"flags": "SRA"}, 3)
split("gso-out-tcp-ecn", "The ECN bit changes nothing: CWR comes first",
      "GSO-OUT-003", "split", {**TCP_GSO, "gso_type": 0x81}, {"flags": "AC"},
      3)
split("gso-out-udp", "The length field is that of the segment", "GSO-OUT-004",
      "split", UDP_GSO, UDP4, 3)
split("gso-out-udp-ip6", "The same over IPv6", "GSO-OUT-004", "split",
      UDP6_GSO, {**IP6, **UDP4}, 3)
split("gso-out-checksum", "The seed is trusted: a wrong one makes wrong "
      "checksums", "GSO-OUT-005", "split", TCP_GSO, {"checksum": 0x1234}, 3)
split("gso-out-checksum-ffff", "A seed of 0xffff is one of 0", "GSO-OUT-005",
      "zero", TCP_GSO, {"checksum": 0xffff}, 3)
split("gso-out-checksum-udp", "UDP's length field is trusted: a wrong one "
      "makes wrong checksums", "GSO-OUT-005", "split", UDP_GSO,
      {**UDP4, "udp_length": 7}, 3)
split("gso-out-checksum-udp-wrap", "A segment of UDP over 65535 bytes: its "
      "length counts mod 65536, in the checksum, too", "GSO-OUT-004 GSO-OUT-005",
      "split wrap", {**UDP_GSO, "gso_size": 65534},
      {**UDP4, "size": 65547, "total_length": 39, "udp_length": 19}, 2)
split("gso-out-checksum-tcp-long", "One of TCP: its length counts whole in the "
      "checksum", "GSO-OUT-005", "split wrap", {**TCP_GSO, "gso_size": 65534},
      {"size": 65535, "total_length": 39}, 2)
split("gso-out-checksum-unmarked", "Without NEEDS_CSUM the checksum field is "
      "not read", "GSO-OUT-005", "split", {**TCP_GSO, "flags": 0},
      {"checksum": 0x1234}, 3)
split("gso-out-checksum-unmarked-ip6", "The same over IPv6", "GSO-OUT-005",
      "split", {**TCP6_GSO, "flags": 0}, {**IP6, "checksum": 0x1234}, 3)
split("gso-out-checksum-tcp-zero", "A TCP checksum of 0 stays 0",
      "GSO-OUT-005", "zero", TCP_GSO, {"checksum": seed_for_zero(6)}, 3)
split("gso-out-checksum-udp-zero", "A UDP checksum of 0 becomes 0xffff",
      "GSO-OUT-005", "zero", UDP_GSO,
      {**UDP4, "checksum": seed_for_zero(UDP)}, 3)
split("gso-out-vnet", "Segments have a virtio header of zeros, whatever the "
      "super-packet had", "GSO-OUT-006", "vnet",
      {**TCP_GSO, "flags": 3, "gso_type": 0x81}, {}, 3)
split("gso-out-plain", "The checksum of a packet that is no super-packet is "
      "computed", "GSO-OUT-008", "vnet", {"flags": 1, "csum_start": 20,
                                          "csum_offset": 16}, {}, 1)
split("gso-out-plain-anywhere", "The field may be anywhere behind csum_start, "
      "at an odd place, too", "GSO-OUT-008", "boundary",
      {"flags": 1, "csum_start": 21, "csum_offset": 267}, {}, 1)
split("gso-out-plain-zero", "A checksum of 0 becomes 0xffff, in TCP, too",
      "GSO-OUT-008", "zero", {"flags": 1, "csum_start": 38, "csum_offset": 0},
      {"payload": b"\xff\xff", "urgent": 0}, 1)
split("gso-out-plain-untouched", "Without NEEDS_CSUM a wrong packet stays as "
      "it is", "GSO-OUT-008", "vnet", {"flags": 2, "csum_start": 20,
                                       "csum_offset": 16},
      {"checksum": "wrong", "total_length": 7, "ip_checksum": "wrong"}, 1)
split("gso-out-jumbo", "In a super-packet of 65537 bytes the hop-by-hop "
      "header with the jumbo option goes", "GSO-OUT-007", "profile boundary",
      {**TCP6_GSO, "hdr_len": 68, "csum_start": 48, "gso_size": 40000},
      {**IP6, "extensions": [(HOP_BY_HOP, b"\0\xc2\4\0\0\0\0")],
       "payload_length": 0, "size": 65537 - 68}, 2)
