# SPDX-License-Identifier: MIT
"""Tunnels."""

import struct

from scripts.vectors.packet import (
    DESTINATION, GRE_CHECKSUM, GRE_KEY, UDP, ones_sum, packet, vnet)
from scripts.vectors.suite import (
    NO_KERNEL, OPTION, add, begin, bypass, entry, flow, flush, merge, mismatch)

begin("tunnel")

ARP, LLC = 0x0806, 24
BOTH = {"config": {"tunnels": ["ipip", "vxlan:4789"]}}
BY_GENEVE = {"config": {"tunnels": ["geneve:6081"]}}
BY_GRE = {"config": {"tunnels": ["gre", "ipip"]}}
BY_GPE = {"config": {"tunnels": ["vxlan-gpe:4790"]}}
TRUSTED = {"config": {**BOTH["config"], "csum": "trusted"}}
CHECKS = {"profile": "linux-7.2:checks_tunnel_length=yes"}
IPIP = {"tunnel": "ipip", "size": 10}
VXLAN = {"tunnel": "vxlan", "size": 10}
ZERO = {**VXLAN, "outer_checksum": 0}
OUTER6 = {"outer_version": 6}

# (end of the id, words, base)
KINDS = (("ipip", "IP in IP", IPIP),
         ("vxlan", "VXLAN", VXLAN),
         ("vxlan-zero", "VXLAN without an outer checksum", ZERO))
INNERS = [(f"{l4}{version}", f"{l4.upper()} over IPv{version}",
           {"version": version, **({"protocol": UDP} if l4 == "udp" else {})})
          for l4 in ("tcp", "udp") for version in (4, 6)]
# All of it: (end of the id, words, base)
ALL = [(f"{kind}-{inner}-in{outer}", f"{words}: {what} in IPv{outer}",
        {**base, **fields, "outer_version": outer})
       for kind, words, base in KINDS for inner, what, fields in INNERS
       for outer in (4, 6)]


def start_of_l4(base):
    """The offset of the inner TCP or UDP header."""
    outer = 40 if base.get("outer_version") == 6 else 20
    inner = 40 if base.get("version") == 6 else 20
    return outer + (0 if base["tunnel"] == "ipip" else 30) + inner


# GRO-KEY-005, GRO-OUT-009, GRO-OUT-010: what merges, and how it leaves.

for name, words, base in ALL:
    merge(f"tun-{name}", f"{words}: they merge", "GRO-KEY-005",
          "tunnel merge", {}, {}, {"size": 5}, base=base, **BOTH)
    merge(f"tun-{name}-link", f"{words}, in Ethernet: they merge",
          "GRO-KEY-005", "tunnel merge link", {}, {},
          base={**base, "link": "ethernet"},
          config={**BOTH["config"], "link": "ethernet"})
merge("out-tunnel", "The outer header is that of the first packet, with the "
      "length of all", "GRO-OUT-009", "tunnel merge", {}, {}, base=IPIP, **BOTH)
merge("out-tunnel-ip6", "The outer IPv6 header with extension headers leaves "
      "whole", "GRO-OUT-009", "tunnel merge boundary", {}, {},
      base={**VXLAN, **OUTER6, "outer_extensions": [(DESTINATION, OPTION)],
            "version": 6, "extensions": [(DESTINATION, OPTION)]}, **BOTH)
add("out-tunnel-alone", "A packet in a tunnel leaves alone: its outer header "
    "stays", "GRO-OUT-009", "refuses tunnel", flow({}, **IPIP), ["held"],
    [[0]], without=flow({}, {}, **IPIP), **BOTH)
merge("out-tunnel-udp", "The outer UDP checksum becomes the seed",
      "GRO-OUT-010", "tunnel merge", {}, {}, base=VXLAN, **BOTH)
USUAL = packet(**VXLAN, outer_source_port=0, sequence=0x10000000)
merge("out-tunnel-udp-ffff", "An outer UDP checksum of 0xffff becomes the seed",
      "GRO-OUT-010", "tunnel merge boundary", {}, {},
      base={**VXLAN, "outer_source_port": struct.unpack_from(">H", USUAL, 26)[0]
            }, **BOTH)
merge("out-tunnel-udp-push6", "PSH of the second packet, in a tunnel over IPv6",
      "GRO-OUT-010", "tunnel merge boundary", {}, {"flags": "AP"},
      base={**VXLAN, **OUTER6}, **BOTH)
merge("out-tunnel-udp-datagrams6", "Datagrams in a tunnel over IPv6",
      "GRO-OUT-010", "tunnel merge boundary", {}, {},
      base={**VXLAN, **OUTER6, "protocol": UDP}, **BOTH)
merge("out-tunnel-udp-datagrams6-long",
      "Datagrams with payload where TCP has its flags, in a tunnel over IPv6",
      "GRO-OUT-010", "tunnel merge boundary", {}, {},
      base={**VXLAN, **OUTER6, "protocol": UDP,
            "payload": bytes(range(40))}, **BOTH)
add("out-tunnel-udp-zero", "An outer UDP checksum of 0 stays 0", "GRO-OUT-010",
    "refuses tunnel merge", flow({}, {}, **ZERO), ["held", "merged"], [[0, 1]],
    without=flow({}, {}, **VXLAN), **BOTH)

# GRO-KEY-005: each part of the key.

OTHERS = [
    ("source", "source address", IPIP, {"outer_source": "203.0.113.9"}),
    ("destination", "destination address", IPIP,
     {"outer_destination": "203.0.113.9"}),
    ("source6", "source address (IPv6)", {**IPIP, **OUTER6},
     {"outer_source": "2001:db8:1::9"}),
    ("destination6", "destination address (IPv6)", {**IPIP, **OUTER6},
     {"outer_destination": "2001:db8:1::9"}),
    ("source-first", "first byte of the source address", IPIP,
     {"outer_source": "204.0.113.1"}),
    ("source6-first", "first byte of the source address (IPv6)",
     {**IPIP, **OUTER6}, {"outer_source": "2101:db8:1::1"}),
    ("label", "flow label", {**IPIP, **OUTER6}, {"outer_flow_label": 0x12344}),
    ("extension", "extension header", {
        **IPIP, **OUTER6, "outer_extensions": [(DESTINATION, OPTION)]},
     {"outer_extensions": [(DESTINATION, b"\0\1\4\0\0\0\1")]}),
    ("more", "number of extension headers", {
        **IPIP, **OUTER6, "outer_extensions": [(DESTINATION, OPTION)]},
     {"outer_extensions": [(DESTINATION, OPTION)] * 2}),
    ("source-port", "source port", VXLAN, {"outer_source_port": 50001}),
    ("checksum", "UDP checksum, of which one is 0,", VXLAN,
     {"outer_checksum": 0}),
    ("vni", "VNI", VXLAN, {"vni": 2}),
    ("vni-zero", "VNI, without checksums,", ZERO, {"vni": 2}),
    ("flags", "first flag", VXLAN,
     {"own": struct.pack(">II", 0x88000000, 0x100)}),
    ("reserved", "last reserved bit", VXLAN,
     {"own": struct.pack(">II", 0x08000000, 0x101)}),
    ("reserved-3", "reserved byte 3", VXLAN,
     {"own": struct.pack(">II", 0x08000001, 0x100)}),
    ("to-mac", "inner destination address of Ethernet", VXLAN,
     {"frame": b"\2\0\0\0\0\5\2\0\0\0\0\3"}),
    ("from-mac", "inner source address of Ethernet", VXLAN,
     {"frame": b"\2\0\0\0\0\4\2\0\0\0\0\2"}),
    ("frames", "number of Ethernet headers", VXLAN, {"frames": 2}),
    ("version", "IP version", IPIP, OUTER6),
    ("plain", "tunnel, of which there is none,", IPIP, {"tunnel": None}),
]
for name, words, base, change in OTHERS:
    title = words.rstrip(",")
    add("key-tunnel" if name == "source" else f"key-tunnel-{name}",
        f"Tunnel: another outer {title} is another flow", "GRO-KEY-005",
        "boundary tunnel merge" if name in ("reserved", "vni") else
        "refuses tunnel merge",
        flow({}, change, **base) + flow({}, {}, **base)[1:],
        ["held", "held", "merged"], [[0, 2], [1]],
        without=flow({}, {}, {}, **base), **BOTH)

add("key-tunnel-port", "Tunnel: another outer destination port is another flow",
    "GRO-KEY-005", "refuses tunnel merge",
    flow({}, {"outer_destination_port": 4788}, **VXLAN) +
    flow({}, {}, **VXLAN)[1:], ["held", "held", "merged"], [[0, 2], [1]],
    without=flow({}, {}, {}, **VXLAN),
    config={"tunnels": ["vxlan:4788", "vxlan:4789"]})
add("key-tunnel-none", "Tunnel: a packet in a tunnel is of another flow than one "
    "in none", "GRO-KEY-005", "boundary tunnel merge",
    flow({}, {"tunnel": "ipip"}, size=10) + flow({}, {}, size=10)[1:],
    ["held", "held", "merged"], [[0, 2], [1]], **BOTH)
for name, words, fields in (("ports", "a datagram", {"protocol": UDP}),
                            ("ports-tcp", "TCP", {})):
    add(f"key-tunnel-{name}", "K-13: a datagram in no tunnel is of another flow "
        f"than {words} in VXLAN with the same ports", "GRO-KEY-005",
        "refuses tunnel merge deviation",
        flow({}, {"tunnel": None, "protocol": UDP, "source": "203.0.113.1",
                  "destination": "203.0.113.2"}, **VXLAN, **fields) +
        flow({}, {}, **VXLAN, **fields)[1:],
        ["held", "held", "merged"], [[0, 2], [1]],
        without=flow({}, {}, {}, **VXLAN, **fields),
        config={**BOTH["config"], **NO_KERNEL})
add("tun-port-0", "A datagram to port 0 is in no tunnel", "GRO-UDP-003",
    "allows tunnel", flow({}, {}, protocol=UDP, destination_port=0, size=10),
    ["held", "merged"], [[0, 1]], **BOTH)

# GRO-UDP-001, GRO-UDP-002 and the rules of the walk through a tunnel.

bypass("tun-udp-short", "VXLAN: 7 bytes of an outer UDP header", "GRO-UDP-001",
       {"outer_l4_cut": 7}, "bypass tunnel", VXLAN, **BOTH)
bypass("tun-udp-checksum", "VXLAN: a wrong outer checksum", "GRO-UDP-002",
       {"outer_checksum": "wrong"}, "bypass tunnel", VXLAN, **BOTH)
bypass("tun-unverified", "VXLAN: padding, so that the outer checksum is not "
       "verified", "GRO-TUN-001", {"padding": b"", "outer_padding": b"\0"},
       "bypass tunnel", VXLAN, **BOTH)
bypass("tun-unverified-ip6", "VXLAN over IPv6: padding, so that the outer "
       "checksum is not verified", "GRO-TUN-001", {"outer_padding": b"\0"},
       "bypass tunnel", {**VXLAN, **OUTER6}, **BOTH)
bypass("tun-unverified-reserved", "VXLAN: the reserved flag is set in the "
       "outer header", "GRO-TUN-001", {"outer_reserved": True},
       "bypass tunnel", VXLAN, **BOTH)
flush("tun-unverified-zero", "VXLAN: padding, without an outer checksum",
      "GRO-IP4-006", ZERO, {"outer_padding": b"\0"}, "flush tunnel", **BOTH)
add("tun-unverified-none", "VXLAN: padding after a packet without an outer "
    "checksum: flushed", "GRO-TUN-001", "allows tunnel flush",
    flow({}, {"outer_padding": b"\0"}, **ZERO),
    ["held", "passed GRO-IP4-006"], [[0], [1]], **BOTH)
add("tun-unverified-partial", "VXLAN: padding, and NEEDS_CSUM: flushed",
    "GRO-TUN-001", "boundary tunnel flush",
    flow({}, {"outer_padding": b"\0",
              "vnet": vnet(1, 0, 0, 0, start_of_l4(VXLAN), 16)}, **VXLAN),
    ["held", "passed GRO-IP4-006"], [[0], [1]], **BOTH)
add("tun-unverified-trusted", "VXLAN: padding, and trusted checksums: flushed",
    "GRO-TUN-001", "boundary tunnel flush",
    flow({}, {"outer_padding": b"\0"}, **VXLAN),
    ["held", "passed GRO-IP4-006"], [[0], [1]], **TRUSTED)

# GRO-TUN-009: the length field of the outer UDP header.

WRONG = {"outer_udp_length_by": 1}
bypass("tun-length", "VXLAN: the outer UDP length is 1 too long", "GRO-TUN-009",
       WRONG, "bypass tunnel", ZERO, config={"tunnels": ["vxlan:4789"]},
       **CHECKS)
for by in (-88, -1, 8):
    bypass(f"tun-length-by{by}", f"VXLAN: the outer UDP length is wrong by "
           f"{by:+}", "GRO-TUN-009", {"outer_udp_length_by": by},
           "bypass tunnel boundary" if by == -1 else "bypass tunnel",
           {**ZERO, "size": 30}, **BOTH, **CHECKS)
for name, words, base, config in (
        ("ip6", "VXLAN over IPv6", {**ZERO, **OUTER6}, BOTH),
        ("udp", "VXLAN, UDP inside", {**ZERO, "protocol": UDP}, BOTH),
        ("link", "VXLAN, in Ethernet", {**ZERO, "link": "ethernet"},
         {"config": {**BOTH["config"], "link": "ethernet"}}),
        ("summed", "VXLAN with a right outer checksum", VXLAN, BOTH),
        ("trusted", "VXLAN, trusted checksums", VXLAN, TRUSTED),
        ("gpe", "VXLAN-GPE", {**ZERO, "tunnel": "vxlan-gpe"}, BY_GPE),
        ("geneve", "GENEVE", {**ZERO, "tunnel": "geneve"}, BY_GENEVE)):
    bypass(f"tun-length-{name}", f"{words}: the outer UDP length is 1 too long",
           "GRO-TUN-009", WRONG, "bypass tunnel", base, **config, **CHECKS)
add("tun-length-first", "VXLAN: the first packet has a wrong outer UDP length: "
    "it is not held", "GRO-TUN-009", "boundary tunnel bypass",
    flow(WRONG, {}, {}, **ZERO), ["passed GRO-TUN-009", "held", "merged"],
    [[0], [1, 2]], **BOTH, **CHECKS)
add("tun-length-all", "VXLAN: all have the same wrong outer UDP length: each "
    "passes", "GRO-TUN-009", "boundary tunnel bypass",
    flow({}, {}, **ZERO, **WRONG), ["passed GRO-TUN-009"] * 2, [[0], [1]],
    **BOTH, **CHECKS)
add("tun-length-shorter", "VXLAN: a packet that is shorter than its outer UDP "
    "length, which is that of the held one", "GRO-TUN-009",
    "boundary tunnel bypass",
    flow({}, {"size": 9, **WRONG}, **ZERO), ["held", "passed GRO-TUN-009"],
    [[1], [0]], **BOTH, **CHECKS)
add("tun-length-partial", "VXLAN: a wrong outer UDP length, and NEEDS_CSUM",
    "GRO-TUN-009", "boundary tunnel bypass",
    flow({}, {**WRONG, "vnet": vnet(1, 0, 0, 0, start_of_l4(VXLAN), 16)},
         **ZERO), ["held", "passed GRO-TUN-009"], [[1], [0]], **BOTH, **CHECKS)
add("tun-length-padded", "VXLAN: padding, and an outer UDP length that does "
    "not count it", "GRO-TUN-009", "boundary tunnel bypass",
    flow({}, {"outer_padding": b"\0"}, **ZERO), ["held", "passed GRO-TUN-009"],
    [[1], [0]], **BOTH, **CHECKS)
merge("tun-length-right", "VXLAN: right outer UDP lengths", "GRO-TUN-009",
      "tunnel merge", {}, {}, base=ZERO, **BOTH, **CHECKS)
add("tun-length-gre", "GRE has no length: they merge", "GRO-TUN-009",
    "allows tunnel merge", flow({}, {}, tunnel="gre", size=10, frames=0),
    ["held", "merged"], [[0, 1]], **BY_GRE, **CHECKS)

for cut, rule in ((8, "GRO-TUN-003"), (15, "GRO-TUN-003"),
                  (16, "GRO-TUN-004"), (29, "GRO-TUN-004"),
                  (30, "GRO-IP4-001"), (49, "GRO-IP4-001"),
                  (50, "GRO-TCP-002")):
    add(f"tun-cut-{cut}", f"VXLAN: {cut} bytes from the outer UDP header on: "
        "the packet passes", rule,
        "boundary tunnel bypass" if cut in (15, 16, 29, 30) else
        "refuses tunnel bypass", flow({"outer_l4_cut": cut}, **VXLAN),
        [f"passed {rule}"], [[0]], without=flow({}, **VXLAN), **BOTH)
bypass("tun-short", "VXLAN: 7 bytes of its header", "GRO-TUN-003",
       {"outer_l4_cut": 15}, "bypass tunnel", VXLAN, **BOTH)
bypass("tun-frame-short", "VXLAN: 13 bytes of the inner Ethernet header",
       "GRO-TUN-004", {"outer_l4_cut": 29}, "bypass tunnel", VXLAN, **BOTH)
for rule, name in (("GRO-TUN-003", "short"), ("GRO-TUN-004", "frame-short"),
                   ("GRO-TUN-006", "type")):
    merge(f"tun-{name}-not", f"VXLAN: {rule} finds nothing", rule,
          "tunnel merge", {}, {}, base=VXLAN, **BOTH)
for count in (1, 2, 9, 10):
    merge(f"tun-frames-{count}", f"VXLAN: {count} Ethernet headers: they merge",
          "GRO-TUN-005", "tunnel merge boundary" if count == 10 else
          "tunnel merge", {}, {}, base={**VXLAN, "frames": count}, **BOTH)
for count in (11, 12):
    bypass(f"tun-frames-{count}", f"VXLAN: {count} Ethernet headers",
           "GRO-TUN-005", {"frames": count}, "bypass tunnel", VXLAN, **BOTH)
bypass("tun-frames-11-short", "VXLAN: 11 Ethernet headers, the last one of "
       "which has 13 bytes", "GRO-TUN-005",
       {"frames": 11, "outer_l4_cut": 16 + 11 * 14 - 1}, "bypass tunnel", VXLAN,
       **BOTH)
for name, words, ethertype in (
        ("", "ARP", ARP), ("-llc", "a length", LLC),
        ("-below-ip4", "the type before that of IPv4", 0x07ff),
        ("-above-ip4", "the type after that of IPv4", 0x0801),
        ("-below-ip6", "the type before that of IPv6", 0x86dc),
        ("-above-ip6", "the type after that of IPv6", 0x86de)):
    bypass(f"tun-type{name}", f"VXLAN: inside is {words}", "GRO-TUN-006",
           {"inner_type": ethertype}, "boundary bypass tunnel"
           if "IPv" in words else "bypass tunnel", VXLAN, **BOTH)

# One tunnel only.

for name, words, base in KINDS[:2]:
    bypass(f"tun-nested-udp{'' if name == 'vxlan' else '-ipip'}",
           f"{words}: UDP to the port of VXLAN inside", "GRO-TUN-002",
           {"protocol": UDP, "destination_port": 4789}, "bypass tunnel",
           base, without=flow({}, {}, protocol=UDP, **base), **BOTH)
    for port in (4788, 4790):
        merge(f"tun-{name}-port-{port}", f"{words}: UDP to port {port} inside: "
              "they merge", "GRO-TUN-002", "tunnel merge boundary"
              if port == 4788 else "tunnel merge", {}, {},
              base={**base, "protocol": UDP, "destination_port": port}, **BOTH)
    for version, rule in ((4, "GRO-IP4-002"), (6, "GRO-IP6-004")):
        for protocol in (4, 41):
            add(f"tun-nested-{name}-{version}-{protocol}",
                f"{words}: protocol {protocol} in IPv{version} inside passes",
                rule, "refuses tunnel bypass",
                flow(*[{"payload": packet(version=6 if protocol == 41 else 4,
                                          sequence=100 * i, id=i)}
                       for i in range(2)], protocol=protocol, version=version,
                     **{key: value for key, value in base.items()
                        if key != "size"}),
                [f"passed {rule}"] * 2, [[0], [1]],
                without=flow({}, {}, version=version, **base), **BOTH)
for port in (4788, 4790):
    merge(f"tun-not-vxlan-{port}", f"UDP to port {port} is no tunnel: it "
          "merges as UDP", "GRO-UDP-006", "tunnel merge", {}, {},
          base={"protocol": UDP, "destination_port": port}, **BOTH)
add("tun-only-vxlan", "Only VXLAN is a tunnel: IP in IP passes, as K-2 says",
    "GRO-IP4-002", "deviation refuses tunnel", flow({}, {}, **IPIP),
    ["passed GRO-IP4-002"] * 2, [[0], [1]],
    without={"input": flow({}, {}, **VXLAN)},
    config={"tunnels": ["vxlan:4789"], "max_flows": 9})
bypass("tun-protocol-0", "Protocol 0, which is that of no tunnel", "GRO-IP4-002",
       {"forge": {9: 0}}, "bypass tunnel", VXLAN, **BOTH)
add("tun-only-ipip", "Only IP in IP is a tunnel: packets to port 4789 merge "
    "as UDP", "GRO-UDP-006", "allows tunnel merge",
    flow({}, {}, **{**VXLAN, "outer_id": 7}), ["held", "merged"], [[0, 1]],
    config={"tunnels": ["ipip"]})

# Section 5 and 6 inside.

for name, words, base in KINDS:
    bypass(f"tun-{name}-inner-checksum", f"{words}: a wrong inner checksum",
           "GRO-TCP-001", {"checksum": "wrong"}, "bypass tunnel", base, **BOTH)
    bypass(f"tun-{name}-inner-options", f"{words}: an inner header of 24 bytes",
           "GRO-IP4-003", {"ip_options": b"\1\1\1\1"}, "bypass tunnel", base,
           **BOTH)
    bypass(f"tun-{name}-inner-fragment", f"{words}: an inner fragment",
           "GRO-IP4-004", {"mf": True}, "bypass tunnel", base, **BOTH)
    bypass(f"tun-{name}-outer-options", f"{words}: an outer header of 24 bytes",
           "GRO-IP4-003", {"outer_ip_options": b"\1\1\1\1"}, "bypass tunnel",
           base, **BOTH)
    bypass(f"tun-{name}-outer-ip-checksum", f"{words}: a wrong checksum of the "
           "outer header", "GRO-IP4-005", {"outer_ip_checksum": "wrong"},
           "bypass tunnel", base, **BOTH)
    flush(f"tun-{name}-inner-padded", f"{words}: padding behind the inner "
          "packet", "GRO-IP4-006", base, {"padding": b"\0\0"}, "flush tunnel",
          **BOTH)
    flush(f"tun-{name}-inner-padded6", f"{words}: padding behind the inner "
          "IPv6 packet", "GRO-IP6-002", {**base, "version": 6},
          {"padding": b"\0\0"}, "flush tunnel", **BOTH)
    gso = vnet(1, 1, 0, 4, start_of_l4(base), 16)
    flush(f"tun-{name}-gso", f"{words}: a GSO packet", "GRO-IN-003", base,
          {"vnet": gso}, "flush tunnel vnet", **BOTH)
    add(f"tun-{name}-partial", f"{words}: with NEEDS_CSUM from the inner TCP "
        "header on its checksum is not verified", "GRO-TCP-001",
        "boundary tunnel vnet",
        flow({"checksum": "wrong",
              "vnet": vnet(1, 0, 0, 0, start_of_l4(base), 16)}, **base),
        ["held"], [[0]], **BOTH)
    add(f"tun-{name}-flags", f"{words}: a packet that leaves alone has "
        "DATA_VALID", "GRO-OUT-001", "allows tunnel", flow({}, **base),
        ["held"], [[0]], **BOTH)
for name, words, base in KINDS[:1]:
    flush(f"tun-{name}-outer-padded", f"{words}: padding behind the outer "
          "packet", "GRO-IP4-006", base, {"outer_padding": b"\0"},
          "flush tunnel", **BOTH)
add("tun-trusted", "VXLAN: trusted checksums are wrong outside and inside: "
    "they merge", "GRO-TCP-001", "boundary tunnel",
    flow(*[{"checksum": "wrong", "outer_checksum": "wrong"}] * 2, **VXLAN),
    ["held", "merged"], [[0, 1]], **TRUSTED)


def follows(by):
    """A packet whose inner checksum is wrong, and would be right if that of
    the outer UDP header was. `by` is added to the outer one.
    """
    usual = packet(**VXLAN, checksum="wrong", outer_checksum=0)
    outer = struct.pack(">II", 17, len(usual) - 20) + usual[12:20]
    inner = usual[62:70] + struct.pack(">II", 6, len(usual) - 70)
    missing = (ones_sum(inner) - ones_sum(outer + usual[20:70])) % 0xffff
    return packet(**VXLAN, checksum="wrong",
                  outer_checksum=(missing + by) % 0xffff)


for start, words in ((20, "the outer UDP header"), (22, "the byte after it")):
    add(f"tun-follows-{start}", "VXLAN: NEEDS_CSUM from "
        f"{words} on, and the inner checksum follows", "GRO-TCP-001",
        "boundary tunnel vnet",
        [entry(follows(0), vnet(1, 0, 0, 0, start, 6))], ["held"], [[0]],
        **BOTH)
for name, by, words in (("", 1, ""), ("-less", -1, ": it is one too little")):
    add(f"tun-follows-not{name}", "VXLAN: NEEDS_CSUM from the outer UDP header "
        f"on, and the inner checksum does not follow{words}", "GRO-TCP-001",
        "refuses tunnel vnet bypass",
        [entry(follows(by), vnet(1, 0, 0, 0, 20, 6))], ["passed GRO-TCP-001"],
        [[0]], without=[entry(follows(0), vnet(1, 0, 0, 0, 20, 6))], **BOTH)


def follows_zero(checksum):
    """A packet without an outer checksum: if it had one, an inner checksum that
    is wrong would follow from its 0. A reserved field sees to that.
    """
    def made(reserved):
        return packet(**ZERO, checksum=checksum,
                      own=struct.pack(">II", 0x08000000 | reserved, 0x100))
    usual = made(0)
    outer = struct.pack(">II", 17, len(usual) - 20) + usual[12:20]
    inner = usual[62:70] + struct.pack(">II", 6, len(usual) - 70)
    return made((ones_sum(inner) - ones_sum(outer + usual[20:70])) % 0xffff)


add("tun-follows-zero", "VXLAN without an outer checksum: nothing follows from "
    "it, and the inner one is wrong", "GRO-TCP-001",
    "refuses tunnel bypass", [entry(follows_zero("wrong"))],
    ["passed GRO-TCP-001"], [[0]], without=[entry(follows_zero(None))], **BOTH)

# Section 8: both IP headers are compared.

for name, words, base in KINDS:
    for field, rule, outer, change in (
            ("ttl", "GRO-IP4-008", 4, {"outer_ttl": 63}),
            ("tos", "GRO-IP4-009", 4, {"outer_tos": 1}),
            ("df", "GRO-IP4-010", 4, {"outer_df": False}),
            ("id", "GRO-IP4-011", 4, {"outer_id": 0x5002}),
            ("class", "GRO-IP6-005", 6, {"outer_traffic_class": 0x10}),
            ("hops", "GRO-IP6-006", 6, {"outer_hop_limit": 63})):
        mismatch(f"tun-{name}-{field}", f"{words}: the outer {field} differs",
                 rule, {**base, "outer_version": outer, "outer_df": False}
                 if field == "id" else {**base, "outer_version": outer},
                 change, "mismatch tunnel", **BOTH)
    for field, rule, version, change in (
            ("ttl", "GRO-IP4-008", 4, {"ttl": 63}),
            ("id", "GRO-IP4-011", 4, {"id": 0x1003, "outer_id": 0x5001}),
            ("hops", "GRO-IP6-006", 6, {"hop_limit": 63})):
        mismatch(f"tun-{name}-inner-{field}", f"{words}: the inner {field} "
                 "differs", rule, {**base, "version": version}, change,
                 "mismatch tunnel", **BOTH)

merge("tun-version-5", "IP in IP: the inner IPv6 header has version 5: the hop "
      "limit may differ", "GRO-IP6-007", "tunnel merge profile", {},
      {"hop_limit": 63}, base={**IPIP, "version": 6, "said_version": 5}, **BOTH)
merge("tun-version-5-vxlan", "VXLAN: the inner IPv6 header has version 5: the "
      "hop limit may differ", "GRO-IP6-007", "tunnel merge profile", {},
      {"hop_limit": 63}, base={**VXLAN, "version": 6, "said_version": 5},
      **BOTH)

# GRO-IP4-011: the identifications of three packets, outside and inside.

STEPS = {"counts": (7, 8, 9), "stays": (7, 7, 7), "wraps": (65535, 0, 1)}
for outer, outside in STEPS.items():
    for inner, inside in STEPS.items():
        for outer_df in (True, False):
            for df in (True, False):
                end = f"{outer}-{inner}-{'df' if outer_df else 'no'}-" \
                      f"{'df' if df else 'no'}"
                merge(f"tun-id-{end}", f"IP in IP: the outer identification "
                      f"{outer}, {'with' if outer_df else 'without'} DF; the "
                      f"inner one {inner}, {'with' if df else 'without'} DF",
                      "GRO-IP4-011", "tunnel merge profile",
                      *[{"outer_id": a, "id": b}
                        for a, b in zip(outside, inside)],
                      base={**IPIP, "outer_df": outer_df, "df": df}, **BOTH)
merge("tun-id-6-counts", "IPv6 in IPv4: the outer identification counts",
      "GRO-IP4-011", "tunnel merge", {}, {}, {},
      base={**IPIP, "version": 6, "outer_df": False}, **BOTH)
merge("tun-id-6-stays", "IPv6 in IPv4: the outer identification stays",
      "GRO-IP4-011", "tunnel merge profile", *[{"outer_id": 7}] * 3,
      base={**IPIP, "version": 6, "outer_df": False}, **BOTH)
for outer, inner in (((7, 7, 8), (7, 8, 9)), ((7, 8, 8), (7, 8, 9)),
                     ((7, 8, 9), (7, 7, 8)), ((7, 8, 9), (7, 8, 8)),
                     ((7, 8, 7), (7, 7, 7)), ((7, 8, 8), (7, 7, 7))):
    add(f"tun-id-{'-'.join(map(str, outer + inner))}",
        f"IP in IP: the outer identifications are {outer}, the inner ones "
        f"{inner}", "GRO-IP4-011", "refuses tunnel mismatch profile",
        flow(*[{"outer_id": a, "id": b} for a, b in zip(outer, inner)],
             **{**IPIP, "outer_df": False}),
        ["held", "merged", "held GRO-IP4-011"], [[0, 1], [2]],
        without=flow(*[{"outer_id": i, "id": i} for i in (7, 8, 9)],
                     **{**IPIP, "outer_df": False}), **BOTH)

# GRO-LIM-001 counts from the outer header; GRO-KEY-003 from the first byte.

for name, words, base in KINDS[:2]:
    head = start_of_l4(base) + 20
    for last, merges in ((0, True), (1, False)):
        size = 1000
        count = (65535 - head) // size
        rest = 65535 - head - count * size + last
        made = flow(*[{} for _ in range(count)], {"size": rest},
                    **{**base, "size": size})
        add(f"limit-tunnel-{name}-{last}", f"{words}: {65535 + last} bytes "
            f"from the outer header on: {'it merges' if merges else 'two'}",
            "GRO-LIM-001", f"{'boundary' if merges else 'refuses'} tunnel",
            made, ["held"] + ["merged"] * (count - 1)
            + ["merged" if merges else "held GRO-LIM-001"],
            [list(range(count + 1))] if merges else
            [list(range(count)), [count]],
            without=None if merges else made[:-1], **BOTH)
DESTINATIONS = [(DESTINATION, b"\xff" + bytes(2046))] * 31
for name, units, joined in (("near", 239, True), ("far", 240, False)):
    far = {**IPIP, "version": 6, "extensions": DESTINATIONS + [
        (DESTINATION, bytes([units]) + bytes(units * 8 + 6))]}
    add(f"key-tunnel-{name}", f"IP in IP: TCP at byte {65476 - 8 * joined}: "
        f"{'they merge' if joined else 'no flow'}", "GRO-KEY-003",
        "boundary tunnel merge", flow({}, {}, **far),
        ["held", "merged" if joined else "held"],
        [[0, 1]] if joined else [[0], [1]], **BOTH)

# VXLAN-GPE.

GPE = {"tunnel": "vxlan-gpe", "size": 10}
for name, words, fields in INNERS:
    for frames, inside in ((0, "no Ethernet"), (1, "Ethernet")):
        merge(f"tun-gpe-{name}-{frames}", f"VXLAN-GPE: {words} in {inside}: "
              "they merge", "GRO-TUN-007", "tunnel merge", {}, {},
              base={**GPE, **fields, "frames": frames,
                    "outer_checksum": 0 if frames else None}, **BY_GPE)
for flags, words in ((0x08, "no next protocol"), (0x1c, "version 1"),
                     (0x2c, "version 2"), (0x0d, "the OAM bit")):
    bypass("tun-header-gpe" if flags == 0x08 else f"tun-header-gpe-{flags:02x}",
           f"VXLAN-GPE: {words}", "GRO-TUN-007",
           {"own": struct.pack(">II", flags << 24 | 3, 0x100)},
           "bypass tunnel", GPE, **BY_GPE)
for flags in (0x04, 0x06, 0x44, 0x84):
    merge(f"tun-header-gpe-{flags:02x}", f"VXLAN-GPE: flags {flags:#04x}: they "
          "merge", "GRO-TUN-007", "tunnel merge boundary", {}, {},
          base={**GPE, "own": struct.pack(">II", flags << 24 | 3, 0x100)},
          **BY_GPE)
for number in (0, 4, 5, 255):
    bypass(f"tun-type-gpe-{number}", f"VXLAN-GPE: next protocol {number}",
           "GRO-TUN-006", {"own": struct.pack(">II", 0x0c000000 | number,
                                              0x100)},
           "bypass tunnel", GPE, **BY_GPE)
bypass("tun-short-gpe", "VXLAN-GPE: 7 bytes of its header", "GRO-TUN-003",
       {"outer_l4_cut": 15}, "bypass tunnel", GPE, **BY_GPE)
merge("tun-frames-10-gpe", "VXLAN-GPE: 10 Ethernet headers: they merge",
      "GRO-TUN-005", "tunnel merge boundary", {}, {},
      base={**GPE, "frames": 10}, **BY_GPE)
bypass("tun-frames-11-gpe", "VXLAN-GPE: 11 Ethernet headers", "GRO-TUN-005",
       {"frames": 11}, "bypass tunnel", GPE, **BY_GPE)
for name, words, change in (
        ("next", "next protocol", {"own": struct.pack(">II", 0x0c000001, 256),
                                   "frames": 0}),
        ("reserved", "second byte", {"own": struct.pack(">II", 0x0c010003,
                                                        256)})):
    add(f"key-tunnel-gpe-{name}", f"VXLAN-GPE: another {words} is another flow",
        "GRO-KEY-005", "refuses tunnel merge",
        flow({}, change, **GPE) + flow({}, {}, **GPE)[1:],
        ["held", "held", "merged"], [[0, 2], [1]],
        without=flow({}, {}, {}, **GPE), **BY_GPE)

# GENEVE.

GENEVE = {"tunnel": "geneve", "size": 10}


def geneve(first=0, flags=0, inside=0x6558, options=b""):
    """Its header."""
    return {"own": struct.pack(">BBHI", first, flags, inside, 0x100) + options}


for name, words, fields in INNERS:
    for frames, inside in ((0, "no Ethernet"), (1, "Ethernet")):
        merge(f"tun-geneve-{name}-{frames}", f"GENEVE: {words} in {inside}: "
              "they merge", "GRO-TUN-007", "tunnel merge", {}, {},
              base={**GENEVE, **fields, "frames": frames,
                    "outer_checksum": 0 if frames else None}, **BY_GENEVE)
for count in (1, 2, 63):
    merge(f"tun-geneve-options-{count}", f"GENEVE: options of {4 * count} "
          "bytes: they merge", "GRO-OUT-009", "tunnel merge boundary", {}, {},
          base={**GENEVE, **OUTER6, "geneve_options": bytes(range(4)) * count},
          **BY_GENEVE)
for name, words, own in (("version", "version 1", geneve(first=0x40)),
                         ("version-2", "version 2", geneve(first=0x80)),
                         ("oam", "the OAM bit", geneve(flags=0x80))):
    bypass(f"tun-header-geneve-{name}", f"GENEVE: {words}", "GRO-TUN-007", own,
           "bypass tunnel", GENEVE, **BY_GENEVE)
for flags in (0x01, 0x40):
    merge(f"tun-header-geneve-{flags:02x}", f"GENEVE: flags {flags:#04x}: they "
          "merge", "GRO-TUN-007", "tunnel merge boundary", {}, {},
          base={**GENEVE, **geneve(flags=flags)}, **BY_GENEVE)
for inside in (0, 0x0801, ARP):
    bypass(f"tun-type-geneve-{inside}", f"GENEVE: type {inside:#06x}",
           "GRO-TUN-006", geneve(inside=inside), "bypass tunnel", GENEVE,
           **BY_GENEVE)
bypass("tun-short-geneve", "GENEVE: 7 bytes of its header", "GRO-TUN-003",
       {"outer_l4_cut": 15}, "bypass tunnel", GENEVE, **BY_GENEVE)
bypass("tun-geneve-none", "GENEVE: nothing behind the outer UDP header",
       "GRO-TUN-003", {"outer_l4_cut": 8}, "bypass tunnel", GENEVE, **BY_GENEVE)
bypass("tun-short-geneve-version", "GENEVE: 7 bytes of its header, which say "
       "version 1", "GRO-TUN-003", {**geneve(first=0x40), "outer_l4_cut": 15},
       "bypass tunnel", GENEVE, **BY_GENEVE)
bypass("tun-cut-geneve-16", "GENEVE: its header and nothing behind it",
       "GRO-TUN-004", {"outer_l4_cut": 16}, "boundary bypass tunnel", GENEVE,
       **BY_GENEVE)
for cut, rule in ((23, "GRO-TUN-003"), (24, "GRO-TUN-004")):
    bypass(f"tun-cut-geneve-{cut}", f"GENEVE: options of 8 bytes, and "
           f"{cut - 16} of them are there", rule,
           {**geneve(first=2, options=bytes(8)), "outer_l4_cut": cut},
           "boundary bypass tunnel", GENEVE, **BY_GENEVE)
merge("tun-frames-10-geneve", "GENEVE: 10 Ethernet headers: they merge",
      "GRO-TUN-005", "tunnel merge boundary", {}, {},
      base={**GENEVE, "frames": 10}, **BY_GENEVE)
bypass("tun-frames-11-geneve", "GENEVE: 11 Ethernet headers", "GRO-TUN-005",
       {"frames": 11}, "bypass tunnel", GENEVE, **BY_GENEVE)
for name, words, change in (
        ("type", "type", {**geneve(inside=0x0800), "frames": 0}),
        ("flags", "critical bit", geneve(flags=0x40)),
        ("vni", "VNI", {"vni": 2}),
        ("option", "option", {"geneve_options": b"\0\0\0\1"}),
        ("length", "length of the options", {"geneve_options": bytes(8)})):
    base = {**GENEVE, "geneve_options": bytes(4)} \
        if name in ("option", "length") else GENEVE
    add(f"key-tunnel-geneve-{name}", f"GENEVE: another {words} is another flow",
        "GRO-KEY-005", "refuses tunnel merge",
        flow({}, change, **base) + flow({}, {}, **base)[1:],
        ["held", "held", "merged"], [[0, 2], [1]],
        without=flow({}, {}, {}, **base), **BY_GENEVE)

# GRE.

GRE4 = {"tunnel": "gre", "size": 10, "frames": 0}
SUM = {**GRE4, "gre_flags": GRE_CHECKSUM}
KEYED = {**GRE4, "gre_flags": GRE_KEY}
for name, words, fields in INNERS:
    for flags in (0, GRE_KEY, GRE_CHECKSUM, GRE_KEY | GRE_CHECKSUM):
        # With both, the checksum is compared: these payloads have one sum.
        same = {"payload": bytes(10)} if flags & 0x2000 and flags & 0x8000 \
            else {}
        merge(f"tun-gre-{name}-{flags >> 12:x}", f"GRE: {words}, flags "
              f"{flags:#06x}: they merge", "GRO-TUN-007", "tunnel merge",
              same, same, base={**GRE4, **fields, "gre_flags": flags},
              **BY_GRE)
    for outer in (4, 6):
        merge(f"tun-gre-{name}-in{outer}-frame", f"GRE: {words} in Ethernet, "
              f"in IPv{outer}: they merge", "GRO-TUN-006", "tunnel merge",
              {}, {}, base={**GRE4, **fields, "frames": 1,
                            "outer_version": outer}, **BY_GRE)
merge("tun-gre-shorter", "GRE: a shorter packet, so that the inner headers "
      "differ: they merge", "GRO-KEY-005", "tunnel merge", {}, {"size": 5},
      base=GRE4, **BY_GRE)
for bit in (0, 2, 3, 11, 12, 14):
    bypass(f"tun-header-gre-{bit}", f"GRE: bit {bit} of the flags",
           "GRO-TUN-007", {"own": struct.pack(">HHI", 1 << bit, 0x0800, 0)},
           "bypass tunnel", GRE4, **BY_GRE)
bypass("tun-gre-cut", "GRE: its header and nothing behind it", "GRO-IP4-001",
       {"cut": 24}, "bypass tunnel", GRE4, **BY_GRE)
bypass("tun-gre-sequence", "GRE: a sequence number", "GRO-TUN-007",
       {"own": struct.pack(">HHI", 0x1000, 0x0800, 1)}, "bypass tunnel", GRE4,
       **BY_GRE)
bypass("tun-gre-checksum", "GRE: a wrong checksum", "GRO-TUN-008",
       {"gre_checksum": "wrong"}, "bypass tunnel", SUM, **BY_GRE)
bypass("tun-gre-checksum-0", "GRE: a checksum of 0 is wrong", "GRO-TUN-008",
       {"gre_checksum": 0}, "boundary bypass tunnel", SUM, **BY_GRE)
merge("tun-gre-checksum-right", "GRE: right checksums: they merge",
      "GRO-TUN-008", "tunnel merge", {}, {}, base=SUM, **BY_GRE)
flush("tun-gre-checksum-padded", "GRE: padding, so that the checksum is not "
      "verified", "GRO-IP4-006", SUM, {"outer_padding": b"\0"},
      "flush tunnel", **BY_GRE)
add("tun-gre-checksum-partial", "GRE: a wrong checksum, and NEEDS_CSUM from "
    "the GRE header on: it is not verified", "GRO-TUN-008", "boundary tunnel",
    flow({"gre_checksum": "wrong", "vnet": vnet(1, 0, 0, 0, 20, 4)}, **SUM),
    ["held"], [[0]], **BY_GRE)
add("tun-gre-checksum-trusted", "GRE: trusted checksums are wrong: they merge",
    "GRO-TUN-008", "boundary tunnel",
    flow(*[{"gre_checksum": "wrong"}] * 2, **SUM), ["held", "merged"],
    [[0, 1]], config={**BY_GRE["config"], "csum": "trusted"})
add("tun-gre-flags", "GRE: a right checksum: DATA_VALID, though the inner one "
    "is wrong", "GRO-TCP-001", "refuses tunnel bypass",
    flow({"checksum": "wrong"}, **SUM), ["passed GRO-TCP-001"], [[0]],
    without=flow({}, **SUM), **BY_GRE)


def follows_gre(by):
    """As follows(), for the checksum of GRE, to which `by` is added."""
    usual = packet(**SUM, checksum="wrong", gre_checksum=0)
    inner = usual[40:48] + struct.pack(">II", 6, len(usual) - 48)
    missing = (ones_sum(inner) - ones_sum(usual[20:48])) % 0xffff
    return packet(**SUM, checksum="wrong", gre_checksum=(missing + by) % 0xffff)


add("tun-follows-gre", "GRE: NEEDS_CSUM from its header on, and the inner "
    "checksum follows", "GRO-TCP-001", "boundary tunnel vnet",
    [entry(follows_gre(0), vnet(1, 0, 0, 0, 20, 4))], ["held"], [[0]],
    **BY_GRE)
add("tun-follows-gre-not", "GRE: NEEDS_CSUM from its header on, and the inner "
    "checksum does not follow", "GRO-TCP-001", "refuses tunnel vnet bypass",
    [entry(follows_gre(1), vnet(1, 0, 0, 0, 20, 4))], ["passed GRO-TCP-001"],
    [[0]], without=[entry(follows_gre(0), vnet(1, 0, 0, 0, 20, 4))], **BY_GRE)
for cut, base in ((3, GRE4), (7, SUM), (7, KEYED),
                  (11, {**GRE4, "gre_flags": GRE_KEY | GRE_CHECKSUM})):
    whole = packet(**base)
    add(f"tun-short-gre-{base.get('gre_flags', 0) >> 12:x}",
        f"GRE: flags {base.get('gre_flags', 0):#06x} and {cut} bytes",
        "GRO-TUN-003", "refuses tunnel bypass",
        [entry(packet(protocol=47, id=0x5000, source="203.0.113.1",
                      destination="203.0.113.2", payload=whole[20:20 + cut]))],
        ["passed GRO-TUN-003"], [[0]], without=[entry(whole)], **BY_GRE)
for inside in (0, 0x0801, ARP):
    bypass(f"tun-type-gre-{inside}", f"GRE: type {inside:#06x}",
           "GRO-TUN-006", {"own": struct.pack(">HH", 0, inside)},
           "bypass tunnel", GRE4, **BY_GRE)
bypass("tun-type-gre-checksum", "GRE: type 0x0806, and a wrong checksum",
       "GRO-TUN-006", {"own": struct.pack(">HHI", GRE_CHECKSUM, ARP, 0),
                       "gre_checksum": "wrong"}, "bypass tunnel", SUM, **BY_GRE)
merge("tun-frames-11-gre", "GRE: 11 Ethernet headers: they merge",
      "GRO-TUN-005", "tunnel merge boundary", {}, {},
      base={**GRE4, "frames": 11}, **BY_GRE)
bypass("tun-frames-12-gre", "GRE: 12 Ethernet headers", "GRO-TUN-005",
       {"frames": 12}, "bypass tunnel", {**GRE4, "frames": 1}, **BY_GRE)
for name, words, base, change in (
        ("key", "key", KEYED, {"gre_key": 2}),
        ("flags", "set of flags", GRE4, {"gre_flags": GRE_KEY}),
        ("type", "type", {**GRE4, "frames": 1}, {"frames": 0})):
    add(f"key-tunnel-gre-{name}", f"GRE: another {words} is another flow",
        "GRO-KEY-005", "refuses tunnel merge",
        flow({}, change, **base) + flow({}, {}, **base)[1:],
        ["held", "held", "merged"], [[0, 2], [1]],
        without=flow({}, {}, {}, **base), **BY_GRE)


def keyed(number, checksum):
    """A packet with this checksum, by a key that fits it."""
    fields = {**GRE4, "gre_flags": GRE_KEY | GRE_CHECKSUM,
              "sequence": 0x10000000 + 10 * number, "id": 0x1000 + number,
              "gre_checksum": checksum}
    rest = ones_sum(packet(**fields, gre_key=0)[20:])
    return entry(packet(**fields, gre_key=rest ^ 0xffff))


USUAL = [keyed(number, 0x1234) for number in range(3)]
add("key-tunnel-gre-checksum", "GRE: with a key, another checksum is another "
    "flow", "GRO-KEY-005", "refuses tunnel merge",
    [USUAL[0], keyed(1, 0x1235), USUAL[1]], ["held", "held", "merged"],
    [[0, 2], [1]], without=USUAL, **BY_GRE)
for base, name in ((IPIP, "ipip"), (GRE4, "gre")):
    bypass(f"tun-nested-gre-in-{name}", f"GRE inside of {name}", "GRO-IP4-002",
           {"protocol": 47}, "bypass tunnel", base, **BY_GRE)
