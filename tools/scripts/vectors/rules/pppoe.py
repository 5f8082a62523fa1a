# SPDX-License-Identifier: MIT
"""PPPoE, behind the Ethernet header of the link and inside of tunnels."""

from scripts.vectors.packet import HOP_BY_HOP, UDP, vnet
from scripts.vectors.suite import (
    IP6, OPTION, UDP4, add, begin, bypass, flow, merge)

begin("pppoe")

TAP = {"config": {"link": "ethernet", "tunnels": ["pppoe"]}}
TUNNELS = {"config": {"link": "ethernet", "tunnels": [
    "ipip", "gre", "vxlan:4789", "vxlan-gpe:4790", "geneve:6081", "pppoe"]}}
BARE = {"config": {"tunnels": ["gre", "vxlan:4789", "pppoe"]}}
OFF = {"config": {"link": "ethernet"}}
SESSION = {"link": "ethernet", "size": 10, "pppoe": 7}
IN_GRE = {"tunnel": "gre", "size": 10, "frames": 0, "inner_pppoe": 7}


def tags(count):
    """So many VLAN tags, each with a number of its own."""
    return [(0x8100, number + 1) for number in range(count)]


# What merges, and how it leaves.

WAYS = (("tcp4", "TCP over IPv4", {}), ("tcp6", "TCP over IPv6", IP6),
        ("tcp6-extension", "TCP after an extension header",
         {**IP6, "extensions": [(HOP_BY_HOP, OPTION)]}),
        ("udp4", "UDP over IPv4", UDP4),
        ("udp6", "UDP over IPv6", {**IP6, **UDP4}))
for way, words, fields in WAYS:
    base = {**SESSION, **fields}
    merge(f"ppp-{way}", f"{words} in PPPoE: they merge", "GRO-KEY-007",
          "link tunnel merge", {}, {}, {"size": 5}, base=base, **TAP)
    merge(f"out-ppp-{way}", f"{words} in PPPoE: the length is that of all",
          "GRO-OUT-017", "link tunnel merge", {}, {}, base=base, **TAP)
    merge(f"ppp-{way}-tag", f"{words} in PPPoE behind a VLAN tag: they merge",
          "GRO-OUT-017", "link tunnel merge", {}, {},
          base={**base, "tags": tags(1)}, **TAP)
add("out-ppp-alone", "A packet in PPPoE leaves alone as it came",
    "GRO-OUT-017", "refuses link tunnel", flow({}, **SESSION), ["held"], [[0]],
    without=flow({}, {}, **SESSION), **TAP)
for session in (0, 1, 0xffff):
    merge(f"ppp-session-{session}", f"Session {session} of PPPoE: they merge",
          "GRO-KEY-007", "link tunnel merge boundary", {}, {},
          base={**SESSION, "pppoe": session}, **TAP)
merge("out-ppp-one", "PPPoE with one byte of data: they merge", "GRO-OUT-017",
      "link tunnel merge boundary", {}, {}, base={**SESSION, "size": 1}, **TAP)
for name, words, start in (("right", "TCP header", 42), ("far", "data", 62)):
    merge(f"ppp-partial-{name}", "NEEDS_CSUM in PPPoE: csum_start is at the "
          f"{words}", "GRO-TCP-001", "link tunnel merge boundary",
          {"checksum": "wrong", "vnet": vnet(1, 0, 0, 0, start, 0)},
          {"checksum": "wrong", "vnet": vnet(1, 0, 0, 0, start, 0)},
          base=SESSION, **TAP)
bypass("ppp-partial-before", "NEEDS_CSUM in PPPoE, and csum_start is before the "
       "TCP header", "GRO-TCP-001",
       {"checksum": "wrong", "vnet": vnet(1, 0, 0, 0, 41, 16)},
       "bypass link tunnel", SESSION, **TAP)

# GRO-PPP-001 to GRO-PPP-004: what is not looked into.

for length in range(8):
    bypass(f"ppp-cut-{length}" if length != 7 else "ppp-short",
           f"PPPoE is cut after {length} bytes", "GRO-PPP-001",
           {"cut": 14 + length},
           "bypass link tunnel" + (" boundary" if length == 0 else ""),
           SESSION, **TAP)
bypass("ppp-cut-8", "PPPoE is whole, and nothing is behind it", "GRO-IP4-001",
       {"cut": 22, "pppoe_length_by": -50}, "bypass link tunnel boundary",
       SESSION, **TAP)
bypass("ppp-cut-41", "19 bytes of an IPv4 header in PPPoE", "GRO-IP4-001",
       {"cut": 41, "pppoe_length_by": -31}, "bypass link tunnel boundary",
       SESSION, **TAP)
for name, words, code in (
        ("ppp-code", "The code of PPPoE is that of a discovery", 0x1109),
        ("ppp-code-bit-0", "Bit 0 of the code of PPPoE is set", 0x1101),
        ("ppp-code-bit-7", "Bit 7 of the code of PPPoE is set", 0x1180),
        ("ppp-version-2", "The version of PPPoE is 2", 0x2100),
        ("ppp-version-0", "The version of PPPoE is 0", 0x0100),
        ("ppp-type-2", "The type of PPPoE is 2", 0x1200),
        ("ppp-type-0", "The type of PPPoE is 0", 0x1000)):
    bypass(name, words, "GRO-PPP-002", {"pppoe_code": code},
           "bypass link tunnel" + (" boundary" if code == 0x1101 else ""),
           SESSION, **TAP)
for by in (-52, -8, -2, -1, 1, 2, 8, 256):
    bypass("ppp-length" if by == 1 else f"ppp-length-by{by}",
           f"The length of PPPoE is wrong by {by:+}", "GRO-PPP-003",
           {"pppoe_length_by": by}, "bypass link tunnel"
           + (" boundary" if by == -1 else ""), SESSION, **TAP)
for count in (1, 8):
    bypass(f"ppp-padded-{count}", f"{count} bytes of padding that the length of "
           "PPPoE does not count", "GRO-PPP-003",
           {"padding": bytes(count), "pppoe_length_by": -count},
           "bypass link tunnel", SESSION, **TAP)
add("ppp-length-all", "All have the same wrong length of PPPoE: each passes",
    "GRO-PPP-003", "boundary link tunnel bypass",
    flow({}, {}, **{**SESSION, "pppoe_length_by": 1}),
    ["passed GRO-PPP-003"] * 2, [[0], [1]], **TAP)
add("ppp-length-first", "The first packet has a wrong length of PPPoE: it is "
    "not held", "GRO-PPP-003", "boundary link tunnel bypass",
    flow({"pppoe_length_by": -1}, {}, {}, **SESSION),
    ["passed GRO-PPP-003", "held", "merged"], [[0], [1, 2]], **TAP)
add("ppp-length-padding", "The length of PPPoE counts padding behind IP: it "
    "flushes", "GRO-IP4-006", "boundary link tunnel flush",
    flow({}, {"padding": b"\0"}, **SESSION), ["held", "passed GRO-IP4-006"],
    [[0], [1]], **TAP)
for name, words, protocol in (
        ("ppp-protocol", "LCP", 0xc021), ("ppp-compressed", "A protocol of one "
         "byte", 0x2145), ("ppp-vj", "Compressed TCP", 0x002d),
        ("ppp-protocol-0", "No protocol", 0)):
    bypass(name, f"{words} in PPPoE", "GRO-PPP-004",
           {"pppoe_protocol": protocol}, "bypass link tunnel", SESSION, **TAP)
for protocol in (0x20, 0x22, 0x56, 0x58):
    bypass(f"ppp-protocol-{protocol:02x}", f"The protocol {protocol:#06x} in "
           "PPPoE", "GRO-PPP-004", {"pppoe_protocol": protocol},
           "bypass link tunnel boundary", SESSION, **TAP)
bypass("ppp-protocol-ip6", "The protocol of IPv6, and an IPv4 header behind it",
       "GRO-IP6-004", {"pppoe_protocol": 0x57}, "bypass link tunnel boundary",
       {**SESSION, "size": 40}, **TAP)
bypass("ppp-protocol-ip4", "The protocol of IPv4, and an IPv6 header behind it",
       "GRO-IP4-002", {"pppoe_protocol": 0x21}, "bypass link tunnel boundary",
       {**SESSION, **IP6, "traffic_class": 0x50, "source": "20::1"}, **TAP)
for rule, name in (("GRO-PPP-001", "short"), ("GRO-PPP-002", "code"),
                   ("GRO-PPP-003", "length"), ("GRO-PPP-004", "protocol")):
    merge(f"ppp-{name}-right", f"PPPoE without a fault: {rule} does not apply",
          rule, "link tunnel merge", {}, {}, base=SESSION, **TAP)

# GRO-IN-005: what is not PPPoE, or not to be looked into.

add("ppp-off", "PPPoE is not among the tunnels: each packet passes",
    "GRO-IN-005", "boundary link bypass", flow({}, {}, **SESSION),
    ["passed GRO-IN-005"] * 2, [[0], [1]], **OFF)
for kind, frames in (("gre", 0), ("gre", 1), ("vxlan", 1)):
    base = {"link": "ethernet", "size": 10, "tunnel": kind, "frames": frames,
            "inner_pppoe": 7}
    add(f"ppp-off-{kind}-{frames}", f"PPPoE in {kind} with {frames} Ethernet "
        "headers, and it is not among the tunnels: each packet passes",
        "GRO-TUN-006", "boundary tunnel link bypass", flow({}, {}, **base),
        ["passed GRO-TUN-006"] * 2, [[0], [1]],
        config={"link": "ethernet", "tunnels": ["gre", "vxlan:4789"]})
for number in (0, 1):
    add(f"ppp-ip-protocol-{number}", f"The protocol {number} of IPv4, where PPPoE "
        "is among the tunnels", "GRO-IP4-002", "boundary tunnel link bypass",
        flow({}, link="ethernet", size=10, protocol=number, payload=bytes(30)),
        ["passed GRO-IP4-002"], [[0]], **TUNNELS)
bypass("ppp-discovery", "A frame of PPPoE that discovers", "GRO-IN-005",
       {"ethertype": 0x8863}, "bypass link tunnel", SESSION, **TAP)

# PPPoE counts as a VLAN tag: 13 in all, and one less for UDP.

for count, joins in ((12, True), (13, False)):
    add(f"ppp-tags-{count}", f"PPPoE behind {count} VLAN tags: they "
        f"{'merge' if joins else 'pass'}", "GRO-IN-005",
        "boundary link tunnel", flow({}, {}, **{**SESSION, "tags": tags(count)}),
        ["held", "merged"] if joins else ["passed GRO-IN-005"] * 2,
        [[0, 1]] if joins else [[0], [1]], **TAP)
for count, joins in ((11, True), (12, False)):
    add(f"ppp-tags-udp-{count}", f"Datagrams in PPPoE behind {count} VLAN tags: "
        f"they {'merge' if joins else 'pass'}", "GRO-UDP-008",
        "boundary link tunnel",
        flow({}, {}, **{**SESSION, **UDP4, "tags": tags(count)}),
        ["held", "merged"] if joins else ["passed GRO-UDP-008"] * 2,
        [[0, 1]] if joins else [[0], [1]], **TAP)

# GRO-KEY-007: the session is part of the key.

for name, words, base, change in (
        *((f"bit-{bit}", f"Bit {bit} of the session", SESSION,
           {"pppoe": 7 ^ 1 << bit}) for bit in (0, 7, 8, 15)),
        ("none", "PPPoE or none", SESSION, {"pppoe": None}),
        ("tagged", "The session behind a VLAN tag", {**SESSION, "tags": tags(1)},
         {"pppoe": 8}),
        ("ip6", "The session of IPv6", {**SESSION, **IP6}, {"pppoe": 8}),
        ("ipip", "The session before IP in IP", {**SESSION, "tunnel": "ipip"},
         {"pppoe": 8}),
        ("inside", "The session inside of GRE",
         {**IN_GRE, "link": "ethernet"}, {"inner_pppoe": 8}),
        ("both", "The session before GRE, and the same one inside",
         {**IN_GRE, "link": "ethernet", "pppoe": 7}, {"pppoe": 8})):
    add(f"key-ppp-{name}" if name != "bit-0" else "key-ppp",
        f"{words} differs: another flow", "GRO-KEY-007",
        "refuses link tunnel merge",
        flow({}, change, **base) + flow({}, {}, **base)[1:],
        ["held", "held", "merged"], [[0, 2], [1]],
        without=flow({}, {}, {}, **base), **TUNNELS)
BOTH = {**IN_GRE, "link": "ethernet"}
for name, words, first, second in (
        ("swapped", "The sessions before GRE and inside of it, which are swapped,",
         (7, 8), (8, 7)),
        ("high", "Bit 15 of the session before GRE", (7, 8), (0x8007, 8)),
        ("carry", "Bit 0 of the session before GRE, and bit 15 of that inside,",
         (0, 0x8000), (1, 0))):
    base = {**BOTH, "pppoe": first[0], "inner_pppoe": first[1]}
    add(f"key-ppp-{name}", f"{words} differs: another flow", "GRO-KEY-007",
        "refuses link tunnel merge",
        flow({}, {"pppoe": second[0], "inner_pppoe": second[1]}, **base)
        + flow({}, {}, **base)[1:], ["held", "held", "merged"], [[0, 2], [1]],
        without=flow({}, {}, {}, **base), **TUNNELS)
add("key-ppp-label", "The flow label in PPPoE differs: another flow",
    "GRO-KEY-002", "refuses link tunnel merge",
    flow({}, {"flow_label": 1}, **{**SESSION, **IP6})
    + flow({}, {}, **{**SESSION, **IP6})[1:],
    ["held", "held", "merged"], [[0, 2], [1]],
    without=flow({}, {}, {}, **{**SESSION, **IP6}), **TAP)
add("key-ppp-address", "An address before PPPoE differs: another flow",
    "GRO-KEY-004", "refuses link tunnel merge",
    flow({}, {"from_mac": b"\2\0\1\0\0\1"}, **SESSION)
    + flow({}, {}, **SESSION)[1:], ["held", "held", "merged"], [[0, 2], [1]],
    without=flow({}, {}, {}, **SESSION), **TAP)

# GRO-LIM-001: PPPoE counts 8 bytes.

for end, words, fields, headers in (("", "TCP", {}, 48), ("-udp", "UDP", UDP4, 36),
                                    ("-tag", "TCP behind a tag",
                                     {"tags": tags(1)}, 52)):
    size = (65535 - headers + 1) // 2
    most = 65535 - headers - size
    for name, last, joins in (("most", most, True), ("over", most + 1, False)):
        made = flow({}, {"size": last}, **{**SESSION, **fields, "size": size})
        add(f"limit-ppp-{name}{end}", f"A super-packet of {words} in PPPoE with "
            f"{headers + size + last} bytes behind the link: "
            f"{'it merges' if joins else 'two leave'}", "GRO-LIM-001",
            f"{'boundary' if joins else 'refuses'} link tunnel", made,
            ["held", "merged" if joins else "held GRO-LIM-001"],
            [[0, 1]] if joins else [[0], [1]],
            without=None if joins else made[:-1], **TAP)

# Tunnels in PPPoE, and PPPoE in tunnels.

for kind, most in (("ipip", 12), ("gre", 11), ("vxlan", 10), ("vxlan-gpe", 10),
                   ("geneve", 10)):
    base = {**SESSION, "tunnel": kind}
    frames = 0 if kind == "ipip" else 1
    for version in (4, 6):
        merge(f"ppp-{kind}-in{version}", f"A {kind} tunnel over IPv{version} in "
              "PPPoE: both lengths are those of all", "GRO-OUT-017",
              "tunnel merge link", {}, {}, {"size": 5},
              base={**base, "outer_version": version}, **TUNNELS)
    for count, joins in ((most - frames - 1, True), (most - frames, False)):
        add(f"ppp-{kind}-tags-{count}", f"A {kind} tunnel in PPPoE behind "
            f"{count} VLAN tags: they {'merge' if joins else 'pass'}",
            "GRO-TUN-005", "boundary tunnel link",
            flow({}, {}, **{**base, "tags": tags(count)}),
            ["held", "merged"] if joins else ["passed GRO-TUN-005"] * 2,
            [[0, 1]] if joins else [[0], [1]], **TUNNELS)
    if kind == "ipip":
        continue
    inside = {"link": "ethernet", "size": 10, "tunnel": kind, "inner_pppoe": 7}
    for way, words, fields in WAYS[0], WAYS[1], WAYS[3]:
        merge(f"ppp-inside-{kind}-{way}", f"{words} in PPPoE in a {kind} tunnel: "
              "they merge", "GRO-OUT-017", "tunnel merge link", {}, {},
              base={**inside, **fields}, **TUNNELS)
    merge(f"ppp-both-{kind}", f"A {kind} tunnel in PPPoE, and PPPoE inside of it: "
          "three lengths are those of all", "GRO-OUT-017",
          "tunnel merge link boundary", {}, {}, {"size": 5},
          base={**inside, "pppoe": 8, "outer_version": 6,
                "outer_extensions": [(HOP_BY_HOP, OPTION)], **IP6,
                "extensions": [(HOP_BY_HOP, OPTION)]}, **TUNNELS)
    merge(f"ppp-inside-{kind}-tag", f"PPPoE behind a VLAN tag in a {kind} "
          "tunnel: they merge", "GRO-OUT-017", "tunnel merge link", {}, {},
          base={**inside, "inner_tags": tags(1)}, **TUNNELS)
    bypass(f"ppp-inside-{kind}-length", f"A wrong length of PPPoE in a {kind} "
           "tunnel", "GRO-PPP-003", {"inner_pppoe_length_by": 1},
           "bypass tunnel link", inside, **TUNNELS)
    for count, joins in ((most - 2, True), (most - 1, False)):
        add(f"ppp-inside-{kind}-tags-{count}", f"PPPoE behind {count} VLAN tags "
            f"in a {kind} tunnel: they {'merge' if joins else 'pass'}",
            "GRO-TUN-005", "boundary tunnel link",
            flow({}, {}, **{**inside, "inner_tags": tags(count)}),
            ["held", "merged"] if joins else ["passed GRO-TUN-005"] * 2,
            [[0, 1]] if joins else [[0], [1]], **TUNNELS)
for kind in ("gre", "geneve"):
    inside = {"link": "ethernet", "size": 10, "tunnel": kind, "frames": 0,
              "inner_pppoe": 7}
    merge(f"ppp-named-{kind}", f"A {kind} header whose type is that of PPPoE: "
          "they merge", "GRO-OUT-017", "tunnel merge link boundary", {}, {},
          base=inside, **TUNNELS)
merge("ppp-bare", "PPPoE in GRE, without a link: they merge", "GRO-OUT-017",
      "tunnel merge", {}, {}, base=IN_GRE, **BARE)
bypass("ppp-bare-length", "A wrong length of PPPoE in GRE, without a link",
       "GRO-PPP-003", {"inner_pppoe_length_by": -1}, "bypass tunnel", IN_GRE,
       **BARE)
merge("ppp-bare-vxlan", "PPPoE in VXLAN, without a link: they merge",
      "GRO-OUT-017", "tunnel merge", {}, {},
      base={"tunnel": "vxlan", "size": 10, "inner_pppoe": 7, "protocol": UDP},
      **BARE)
