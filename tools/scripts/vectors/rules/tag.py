# SPDX-License-Identifier: MIT
"""VLAN tags, behind the Ethernet header of the link and inside of tunnels."""

from scripts.vectors.packet import HOP_BY_HOP, UDP, packet, vnet
from scripts.vectors.suite import (
    IP6, LOSSLESS, OPTION, UDP4, add, begin, bypass, entry, flow, merge)

begin("tag")

TAP = {"config": {"link": "ethernet"}}
ETHERNET = {"link": "ethernet", "size": 10}
CUSTOMER, SERVICE = 0x8100, 0x88a8
ONE = [(CUSTOMER, 42)]
TAGGED = {**ETHERNET, "tags": ONE}


def tags(count):
    """So many tags, each with a number of its own."""
    return [(CUSTOMER, number + 1) for number in range(count)]


# Section 4: tags are passed, and the packets behind them merge.

WAYS = (("tcp4", "TCP over IPv4", {}), ("tcp6", "TCP over IPv6", IP6),
        ("tcp6-extension", "TCP after an extension header",
         {**IP6, "extensions": [(HOP_BY_HOP, OPTION)]}),
        ("udp4", "UDP over IPv4", UDP4),
        ("udp6", "UDP over IPv6", {**IP6, **UDP4}))
KINDS = (("one", "a VLAN tag", ONE),
         ("service", "a service tag", [(SERVICE, 42)]),
         ("two", "a service tag and a VLAN tag",
          [(SERVICE, 7), (CUSTOMER, 42)]),
         ("most", "13 VLAN tags", tags(13)))
for way, words, base in WAYS:
    for kind, what, these in KINDS[:3] if "udp" in way else KINDS:
        merge(f"tag-{way}-{kind}", f"{words} behind {what}: they merge",
              "GRO-KEY-004", "link merge", {}, {}, {"size": 5},
              base={**ETHERNET, **base, "tags": these}, **TAP)
    merge(f"out-tag-{way}", f"{words} behind a VLAN tag: that of the first "
          "packet leaves, and offsets count from the first byte",
          "GRO-OUT-008", "link merge", {}, {}, base={**TAGGED, **base}, **TAP)
    for kind, what, these in KINDS[:3]:
        merge(f"tag-{way}-{kind}-lossless", f"Lossless: {words} behind {what}: "
              "they merge", "GRO-KEY-004", "link merge lossless", {}, {},
              base={**ETHERNET, **base, "tags": these},
              config={**TAP["config"], **LOSSLESS})
for tci in (0, 0x1000, 0xe001, 0xffff):
    merge(f"tag-tci-{tci:04x}", f"A VLAN tag with TCI {tci:#06x}: they merge",
          "GRO-KEY-004", "link merge boundary", {}, {},
          base={**ETHERNET, "tags": [(CUSTOMER, tci)]}, **TAP)
add("out-tag-alone", "A packet behind a VLAN tag leaves alone as it came",
    "GRO-OUT-008", "refuses link merge", flow({}, **TAGGED), ["held"], [[0]],
    without=flow({}, {}, **TAGGED), **TAP)

# GRO-UDP-008: one tag less than for TCP, and one Ethernet header less.

for way, words, base in WAYS[3:]:
    for count in (12, 13):
        add(f"udp-tags-{way}-{count}", f"{words} behind {count} VLAN tags: they "
            f"{'merge' if count == 12 else 'pass'}", "GRO-UDP-008",
            "allows link" if (way, count) == ("udp4", 12) else "boundary link",
            flow({}, {}, **{**ETHERNET, **base, "tags": tags(count)}),
            ["held", "merged"] if count == 12 else ["passed GRO-UDP-008"] * 2,
            [[0, 1]] if count == 12 else [[0], [1]], **TAP)
add("udp-nested", "Datagrams behind 13 VLAN tags pass", "GRO-UDP-008",
    "refuses link bypass", flow({}, {}, **{**ETHERNET, **UDP4, "size": 11,
                                           "tags": tags(13)}),
    ["passed GRO-UDP-008"] * 2, [[0], [1]],
    without=flow({}, {}, **{**ETHERNET, **UDP4, "size": 11,
                            "tags": tags(12)}), **TAP)
for kind, name, most, base in (
        ("ipip", "IP in IP", 12, None), ("gre", "GRE", 11, {}),
        ("vxlan", "VXLAN", 10, {}), ("vxlan-gpe", "VXLAN-GPE", 10, {}),
        ("geneve", "GENEVE", 10, {})):
    port = {"vxlan": ":4789", "vxlan-gpe": ":4790", "geneve": ":6081"}
    for count in (most - 1, most):
        joins = count < most
        around = {"tags": tags(count)} if base is None else {"frames": count}
        add(f"udp-nested-{kind}-{count}", f"Datagrams in {name} with {count} "
            f"{'VLAN tags' if base is None else 'Ethernet headers'}: they "
            f"{'merge' if joins else 'pass'}", "GRO-UDP-008",
            "boundary tunnel" + (" link" if base is None else ""),
            flow({}, {}, **{**UDP4, "size": 10, "tunnel": kind, **around,
                            **(ETHERNET if base is None else {})}),
            ["held", "merged"] if joins else ["passed GRO-UDP-008"] * 2,
            [[0, 1]] if joins else [[0], [1]],
            config={**(TAP["config"] if base is None else {}),
                    "tunnels": [kind + port.get(kind, "")]})

# GRO-KEY-004: the tags are part of the key.

for name, words, base, change in (
        *((f"tci-{bit}", f"Bit {bit} of a TCI", TAGGED,
           {"tags": [(CUSTOMER, 42 ^ 1 << bit)]}) for bit in (0, 11, 12, 15)),
        ("type", "The type of a tag", TAGGED, {"tags": [(SERVICE, 42)]}),
        ("none", "The number of tags, of which one has none,", TAGGED, {"tags": []}),
        ("more", "The number of tags, of which one has two,", TAGGED, {"tags": ONE * 2}),
        ("second", "The TCI of the second tag", {**ETHERNET, "tags": ONE * 2},
         {"tags": [*ONE, (CUSTOMER, 43)]}),
        ("second-type", "The type of the second tag",
         {**ETHERNET, "tags": ONE * 2}, {"tags": [*ONE, (SERVICE, 42)]}),
        ("address", "An address before a tag", TAGGED,
         {"from_mac": b"\2\0\1\0\0\1"}),
        ("address-last", "The last byte of the addresses before a tag", TAGGED,
         {"from_mac": b"\2\0\0\0\0\3"})):
    add(f"key-tag-{name}", f"{words} differs: another flow", "GRO-KEY-004",
        "refuses link merge",
        flow({}, change, **base) + flow({}, {}, **base)[1:],
        ["held", "held", "merged"], [[0, 2], [1]],
        without=flow({}, {}, {}, **base), **TAP)

# GRO-IN-005: what is behind the tags, and too many of them.

add("tag-bare", "A VLAN tag that says IPv4, and nothing behind it",
    "GRO-IP4-001", "boundary link bypass", flow({"cut": 18}, **TAGGED),
    ["passed GRO-IP4-001"], [[0]], **TAP)
for name, words, change in (
        ("arp", "ARP behind a VLAN tag", {"ethertype": 0x0806}),
        ("llc", "A length behind a VLAN tag", {"ethertype": 24}),
        ("other", "A tag of type 0x9100", {"tags": [(0x9100, 42)]}),
        ("below", "A tag of type 0x80ff", {"tags": [(0x80ff, 42)]}),
        ("above", "A tag of type 0x88a9", {"tags": [(0x88a9, 42)]})):
    bypass(f"tag-{name}", words, "GRO-IN-005", change, "bypass link", TAGGED,
           without=flow({}, {}, **TAGGED), **TAP)
for way, words, base in WAYS:
    add(f"tag-{way}-14", f"{words} behind 14 VLAN tags: they pass",
        "GRO-IN-005", "boundary bypass link",
        flow({}, {}, **{**ETHERNET, **base, "tags": tags(14)}),
        ["passed GRO-IN-005"] * 2, [[0], [1]], **TAP)
for count in (15, 16, 17, 20):
    add(f"tag-{count}", f"{count} VLAN tags: they pass", "GRO-IN-005",
        "refuses bypass link",
        flow({}, {}, **{**ETHERNET, "tags": tags(count)}),
        ["passed GRO-IN-005"] * 2, [[0], [1]],
        without=flow({}, {}, **{**ETHERNET, "tags": tags(13)}), **TAP)
for count in (7, 8):
    joins = count == 7
    add(f"ll-tag-{count}", f"Lossless: {count} VLAN tags: they "
        f"{'merge' if joins else 'pass, since no split passes them'}",
        "GRO-IN-005", "boundary lossless link",
        flow({}, {}, **{**ETHERNET, "tags": tags(count)}),
        ["held", "merged"] if joins else ["passed GRO-IN-005"] * 2,
        [[0, 1]] if joins else [[0], [1]],
        config={**TAP["config"], **LOSSLESS})

# Behind tags: lengths, the virtio header, and the rules that count offsets.

merge("tag-short-last", "A shorter packet behind a VLAN tag: it ends the "
      "super-packet", "GRO-END-003", "link merge boundary", {}, {"size": 1},
      base=TAGGED, **TAP)
add("tag-padded", "A frame with a VLAN tag that is padded to 60 bytes",
    "GRO-IP4-006", "boundary link",
    flow({}, {"size": 1, "padding": bytes(1)}, **TAGGED),
    ["held", "passed GRO-IP4-006"], [[0], [1]], **TAP)
for way, words, base, start, offset in (
        ("tcp4", "TCP over IPv4", {}, 38, 16),
        ("udp6", "UDP over IPv6", {**IP6, **UDP4}, 58, 6)):
    add(f"tag-partial-{way}", f"{words} behind a VLAN tag: with NEEDS_CSUM the "
        "checksum is not verified", "GRO-OUT-001", "allows link",
        flow({"checksum": "wrong", "vnet": vnet(1, 0, 0, 0, start, offset)},
             **{**TAGGED, **base}), ["held"], [[0]], **TAP)
add("tag-partial-start", "csum_start is 18 in a frame with a VLAN tag, and the "
    "TCP checksum is wrong, in Linux 6.1", "GRO-TCP-001", "boundary link",
    [entry(packet(**{**TAGGED, "checksum": "wrong"}),
           vnet(1, 0, 0, 0, 18, 16))],
    ["passed GRO-TCP-001"], [[0]], profile="linux-6.1", **TAP)
for way, words, base, start, offset, gso in (
        ("tcp4", "TCP over IPv4", {}, 38, 16, 1),
        ("tcp6", "TCP over IPv6", IP6, 58, 16, 4)):
    data = packet(**{**TAGGED, **base, "size": 25, "checksum": "seed"})
    add(f"tag-gso-{way}", f"{words} behind a VLAN tag: a GSO packet passes",
        "GRO-IN-003", "refuses link",
        [entry(data, vnet(1, gso, start, 10, start, offset))],
        ["passed GRO-IN-003"], [[0]],
        without=[entry(data, vnet(1, gso, start, 25, start, offset))], **TAP)

# Tunnels behind tags, and tags inside of tunnels. GRO-TUN-005: too many.

TUNNELS = {"config": {"link": "ethernet", "tunnels": [
    "ipip", "gre", "vxlan:4789", "vxlan-gpe:4790", "geneve:6081"]}}
for kind, most in (("ipip", 12), ("gre", 11), ("vxlan", 10), ("vxlan-gpe", 10),
                   ("geneve", 10)):
    base = {**ETHERNET, "tunnel": kind}
    framed = kind != "ipip"
    frames = 1 if framed else 0
    if kind == "gre":
        base["frames"] = 1
    for version in (4, 6):
        merge(f"tag-tunnel-{kind}-in{version}", f"A {kind} tunnel over IPv"
              f"{version} behind a VLAN tag: they merge", "GRO-KEY-005",
              "tunnel merge link", {}, {}, {"size": 5},
              base={**base, "tags": ONE, "outer_version": version}, **TUNNELS)
    for count, joins in ((most - frames, True), (most - frames + 1, False)):
        add(f"tag-tunnel-{kind}-{count}", f"A {kind} tunnel behind {count} VLAN "
            f"tags: they {'merge' if joins else 'pass'}", "GRO-TUN-005",
            "boundary tunnel link",
            flow({}, {}, **{**base, "tags": tags(count)}),
            ["held", "merged"] if joins else ["passed GRO-TUN-005"] * 2,
            [[0, 1]] if joins else [[0], [1]], **TUNNELS)
    if not framed:
        continue
    inside = {**base, "inner_tags": ONE}
    for way, words, inner in WAYS[0], WAYS[1], WAYS[3]:
        merge(f"tag-inside-{kind}-{way}", f"{words} behind a VLAN tag in a "
              f"{kind} tunnel: they merge", "GRO-KEY-005", "tunnel merge link",
              {}, {}, base={**inside, **inner}, **TUNNELS)
    merge(f"tag-inside-{kind}-two", f"Two tags in a {kind} tunnel behind a tag: "
          "they merge", "GRO-KEY-005", "tunnel merge link boundary", {}, {},
          base={**base, "tags": ONE,
                "inner_tags": [(SERVICE, 1), (CUSTOMER, 2)]}, **TUNNELS)
    add(f"key-tag-inside-{kind}", f"The TCI of a tag in a {kind} tunnel "
        "differs: another flow", "GRO-KEY-005", "refuses tunnel merge link",
        flow({}, {"inner_tags": [(CUSTOMER, 43)]}, **inside)
        + flow({}, {}, **inside)[1:], ["held", "held", "merged"],
        [[0, 2], [1]], without=flow({}, {}, {}, **inside), **TUNNELS)
    for count, joins in ((most - 1, True), (most, False)):
        add(f"tag-inside-{kind}-{count}", f"{count} VLAN tags in a {kind} "
            f"tunnel: they {'merge' if joins else 'pass'}", "GRO-TUN-005",
            "boundary tunnel link",
            flow({}, {}, **{**base, "inner_tags": tags(count)}),
            ["held", "merged"] if joins else ["passed GRO-TUN-005"] * 2,
            [[0, 1]] if joins else [[0], [1]], **TUNNELS)
    for count, joins in ((most - 3, True), (most - 2, False)):
        add(f"tag-around-{kind}-{count}", f"2 VLAN tags before a {kind} tunnel "
            f"and {count} inside: they {'merge' if joins else 'pass'}",
            "GRO-TUN-005", "boundary tunnel link",
            flow({}, {}, **{**base, "tags": tags(2), "inner_tags": tags(count)}),
            ["held", "merged"] if joins else ["passed GRO-TUN-005"] * 2,
            [[0, 1]] if joins else [[0], [1]], **TUNNELS)

# Without a link, tags can stand inside of a tunnel only.

VXLAN = {"tunnel": "vxlan", "size": 10, "inner_tags": ONE}
BARE = {"config": {"tunnels": ["vxlan:4789", "gre"]}}
merge("tag-inside", "A VLAN tag inside of VXLAN: they merge", "GRO-TUN-006",
      "tunnel merge", {}, {}, base=VXLAN, **BARE)
merge("tag-inside-udp", "Datagrams behind a VLAN tag inside of VXLAN: they "
      "merge", "GRO-TUN-006", "tunnel merge", {}, {},
      base={**VXLAN, "protocol": UDP}, **BARE)
bypass("tag-inside-arp", "ARP behind a VLAN tag inside of VXLAN", "GRO-TUN-006",
       {"inner_type": 0x0806}, "bypass tunnel", VXLAN, **BARE)
merge("tag-inside-gre", "GRE whose type is that of a VLAN tag: they merge",
      "GRO-TUN-006", "tunnel merge boundary", {}, {},
      base={"tunnel": "gre", "size": 10, "frames": 0,
            "own": bytes.fromhex("00008100002a0800")}, **BARE)
for length in (1, 2, 3):
    bypass(f"tag-inside-cut-{length}", f"{length} bytes of a VLAN tag inside of "
           "VXLAN", "GRO-TUN-004",
           {"outer_l4_cut": 30 + length}, "bypass tunnel",
           {**VXLAN, "outer_checksum": 0}, **BARE)
