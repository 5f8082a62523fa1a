# SPDX-License-Identifier: MIT
"""The link: what is different if packets begin with an Ethernet header."""

from scripts.vectors.packet import (
    DESTINATION, HOP_BY_HOP, packet, vnet)
from scripts.vectors.suite import (
    IP6, LOSSLESS, OPTION, UDP4, add, add_split, begin, bypass, entry,
    fault, flow, flush, merge, mismatch)

begin("link")

TAP = {"config": {"link": "ethernet"}}
ETHERNET = {"link": "ethernet", "size": 10}
ETHERNET6 = {**ETHERNET, **IP6}
UDP6 = {**IP6, **UDP4}
ARP, LLC = 0x0806, 24
ZERO = vnet()

# (end of the id, words, base, csum_start, csum_offset, gso_type)
WAYS = (("tcp4", "TCP over IPv4", {}, 34, 16, 1),
        ("tcp6", "TCP over IPv6", IP6, 54, 16, 4),
        ("tcp6-extension", "TCP after an extension header",
         {**IP6, "extensions": [(HOP_BY_HOP, OPTION)]}, 62, 16, 4),
        ("udp4", "UDP over IPv4", UDP4, 34, 6, 5),
        ("udp6", "UDP over IPv6", UDP6, 54, 6, 5))


def told(name, title, rule, side, data, header, fate, segments,
         without=None):
    """One packet for a table and for a split."""
    made = entry(data, header)
    add(name, title, rule, f"{side} link", [made], [fate],
        [] if fate.startswith("rejected") else [[0]], without=without, **TAP)
    add_split(f"{name}-split", f"Split: {title}", rule, f"{side} link", data,
              header, segments, without=without, **TAP)


# VNET-017: the virtio header ends inside the Ethernet header.

FRAME = packet(**ETHERNET)
for length in (0, 1, 13, 14, 15, 54):
    rejected = 0 < length < 14
    told(f"link-hdr-len-{length}", f"hdr_len is {length} before an Ethernet "
         f"header: {'rejected' if rejected else 'accepted'}", "VNET-017",
         "boundary" if length in (13, 14) else
         "refuses" if rejected else "allows", FRAME, vnet(hdr_len=length),
         "rejected VNET-017" if rejected else "held",
         "EINVAL" if rejected else 1,
         [entry(FRAME, ZERO)] if length == 1 else None)
told("vnet-hdr-len-link", "hdr_len is 13: it ends inside the Ethernet header: "
     "rejected", "VNET-017", "refuses", FRAME, vnet(hdr_len=13, gso_size=1),
     "rejected VNET-017", "EINVAL", [entry(FRAME, ZERO)])

# In lossless mode the same goes for the header with which a packet leaves, whose
# hdr_len is 0. Kernels are asked in linux mode. Only 6.1 takes such a csum_start.

for end in (13, 14):
    rejected = end < 14
    made = entry(FRAME, vnet(flags=1, hdr_len=54, csum_start=0,
                             csum_offset=end - 2))
    add(f"link-hdr-len-leaves-{end}", "Lossless: the checksum ends at byte "
        f"{end} of an Ethernet header: {'rejected' if rejected else 'accepted'}",
        "VNET-017", "boundary lossless link", [made],
        ["rejected VNET-017" if rejected else "passed GRO-LL-001"],
        [] if rejected else [[0]], profile="linux-6.1",
        config={"link": "ethernet", **LOSSLESS})

# VNET-004 to VNET-006 and VNET-014 count from the Ethernet header.

for way, words, base, start, offset, kind in WAYS:
    fields = {**ETHERNET, **base}
    data = packet(**{**fields, "size": 25, "checksum": "seed"})
    header = {"flags": 1, "gso_type": kind, "hdr_len": start, "gso_size": 10,
              "csum_start": start, "csum_offset": offset}
    add(f"link-gso-{way}", f"{words} in Ethernet: a GSO packet passes",
        "GRO-IN-003", "refuses link", [entry(data, vnet(**header))],
        ["passed GRO-IN-003"], [[0]],
        without=[entry(data, vnet(**{**header, "gso_size": 25}))], **TAP)
    add_split(f"link-split-{way}", f"Split: {words} in Ethernet: each segment "
              "has the header", "GSO-OUT-009", "allows link split", data,
              vnet(**header), 3, **TAP)
    add_split(f"link-csum-start-{way}", f"Split: {words} in Ethernet: "
              "csum_start counts from the IP header: dropped", "GSO-005",
              "refuses link dropped", data,
              vnet(**{**header, "csum_start": start - 14}),
              "EINVAL" if way == "tcp6" and start - 14 < 40 else 0,
              without=[entry(data, vnet(**header))], **TAP)
    add(f"link-partial-{way}", f"{words} in Ethernet: with NEEDS_CSUM from L4 "
        "on the checksum is not verified", "GRO-OUT-001", "allows link",
        flow({"checksum": "wrong", "vnet": vnet(1, 0, 0, 0, start, offset)},
             **fields), ["held"], [[0]], **TAP)

# GRO-IN-004, GRO-IN-005: no packet, or none of IP.

for length in (0, 1, 13):
    told(f"link-short-{length}", f"{length} bytes of an Ethernet header: "
         "rejected", "GRO-IN-004", "boundary" if length == 13 else "refuses",
         FRAME[:length], ZERO, "rejected GRO-IN-004", "EINVAL",
         [entry(FRAME, ZERO)])
told("in-link", "12 bytes of an Ethernet header: rejected", "GRO-IN-004",
     "refuses", FRAME[:12], ZERO, "rejected GRO-IN-004", "EINVAL",
     [entry(FRAME, ZERO)])
told("link-short-14", "An Ethernet header and nothing else: passes",
     "GRO-IN-004", "boundary", FRAME[:14], ZERO, "passed GRO-IP4-001", 1)
told("link-short-34", "An Ethernet header and an IPv4 header: passes",
     "GRO-IN-004", "allows", FRAME[:34], ZERO, "passed GRO-TCP-002", 1)
for name, words, ethertype in (("arp", "ARP", ARP),):
    bypass(f"link-{name}", f"The type of {words}", "GRO-IN-005",
           {"ethertype": ethertype}, "bypass link", ETHERNET,
           without=flow({}, {}, **ETHERNET), **TAP)
add("in-type", "ARP passes, and the packets around it merge", "GRO-IN-005",
    "refuses bypass link", flow({}, {"ethertype": ARP}, **ETHERNET)
    + flow({}, {}, **ETHERNET)[1:], ["held", "passed GRO-IN-005", "merged"],
    [[1], [0, 2]], without=flow({}, {}, {}, **ETHERNET), **TAP)
for name, words, ethertype in (
        ("llc", "A length instead of a type", LLC),
        ("below-ip4", "The type before that of IPv4", 0x07ff),
        ("above-ip4", "The type after that of IPv4", 0x0801),
        ("below-ip6", "The type before that of IPv6", 0x86dc),
        ("above-ip6", "The type after that of IPv6", 0x86de)):
    add(f"link-{name}", f"{words}: the packet passes", "GRO-IN-005",
        "boundary bypass link" if "IPv" in words else "refuses bypass link",
        flow({"ethertype": ethertype}, **ETHERNET), ["passed GRO-IN-005"],
        [[0]], without=flow({}, **ETHERNET), **TAP)
for way, words, base, *_ in WAYS:
    add(f"link-type-{way}", f"{words} in Ethernet: the packet is held",
        "GRO-IN-005", "allows link", flow({}, **{**ETHERNET, **base}),
        ["held"], [[0]], **TAP)

# The IP version is that of the type. GRO-IP4-012, GRO-KEY-002, GRO-LL-005.

for version in (0, 3, 5, 6, 12, 15):
    bypass(f"ip4-version-{version}" if version != 5 else "ip4-version",
           f"The type of IPv4 and version {version}", "GRO-IP4-012",
           {"said_version": version}, "bypass link" if version not in (3, 5)
           else "boundary bypass link", ETHERNET,
           without=flow({}, {}, **ETHERNET), **TAP)
merge("ip4-version-4", "The type of IPv4 and version 4: they merge",
      "GRO-IP4-012", "link merge", {}, {}, base=ETHERNET, **TAP)
for version in (0, 4, 5, 7):
    merge(f"link-version-{version}-for-6", "The type of IPv6 and version "
          f"{version}: they merge all the same", "GRO-KEY-002",
          "link merge boundary", {}, {},
          base={**ETHERNET6, "said_version": version}, **TAP)
    add(f"key-link-version-{version}", f"Version {version} beside version 6 is "
        "another flow", "GRO-KEY-002", "refuses link merge",
        flow({}, {"said_version": version}, **ETHERNET6)
        + flow({}, {}, **ETHERNET6)[1:], ["held", "held", "merged"],
        [[0, 2], [1]], without=flow({}, {}, {}, **ETHERNET6), **TAP)
    mismatch(f"ll-version-{version}", f"Lossless: version {version} after "
             "version 6", "GRO-LL-005", ETHERNET6, {"said_version": version},
             "mismatch lossless link",
             config={**TAP["config"], **LOSSLESS})

# GRO-IP6-007: with another version, IPv6 headers are compared as IPv4 headers.

FIVE = {**ETHERNET6, "said_version": 5}
merge("ip6-version-hops", "The type of IPv6 and version 5: the hop limit may "
      "differ", "GRO-IP6-007", "link merge profile", {}, {"hop_limit": 63},
      base=FIVE, **TAP)
merge("ip6-version-class", "The type of IPv6 and version 5: the upper half of "
      "the traffic class may differ", "GRO-IP6-007", "link merge profile", {},
      {"traffic_class": 0x80}, base=FIVE, **TAP)
for version in (0, 4, 7, 15):
    merge(f"ip6-version-{version}-hops", f"The type of IPv6 and version "
          f"{version}: the hop limit may differ", "GRO-IP6-007",
          "link merge boundary profile", {}, {"hop_limit": 63},
          base={**ETHERNET6, "said_version": version}, **TAP)
for name, words, change, rule in (
        ("class-low", "the lower half of the traffic class differs",
         {"traffic_class": 8}, "GRO-IP4-009"),
        ("short", "a shorter packet", {"size": 5}, "GRO-IP4-011")):
    add(f"ip6-version-{name}", f"The type of IPv6 and version 5: {words}",
        "GRO-IP6-007", "refuses link mismatch profile",
        flow({}, change, **FIVE), ["held", f"held {rule}"], [[0], [1]],
        without=flow({}, {}, **FIVE), **TAP)
add("ip6-version-short-third", "The type of IPv6 and version 5: a shorter third "
    "packet", "GRO-IP6-007", "refuses link mismatch profile",
    flow({}, {}, {"size": 5}, **FIVE), ["held", "merged", "held GRO-IP4-011"],
    [[0, 1], [2]], without=flow({}, {}, {}, **FIVE), **TAP)
mismatch("ip6-version-6-hops", "The type of IPv6 and version 6: the hop limit "
         "differs", "GRO-IP6-006", ETHERNET6, {"hop_limit": 63},
         "mismatch link", **TAP)
mismatch("ll-version-hops", "Lossless: the type of IPv6 and version 5: the hop "
         "limit differs", "GRO-IP6-006", FIVE, {"hop_limit": 63},
         "mismatch lossless link", config={**TAP["config"], **LOSSLESS})

# GRO-KEY-004: the Ethernet header is part of the key.

USUAL = packet(**ETHERNET)[:12]
for at in range(12):
    name = "to_mac" if at < 6 else "from_mac"
    for bit in (0, 7) if at in (0, 5, 6, 11) else (3,):
        other = bytearray(USUAL)
        other[at] ^= 1 << bit
        change = {name: bytes(other[:6] if at < 6 else other[6:])}
        for suffix, words, base in (("", "", {}), ("-ip6", " (IPv6)", IP6)):
            fields = {**ETHERNET, **base}
            add("key-link" if (at, bit, suffix) == (6, 0, "") else
                f"key-link-{at}-{bit}{suffix}",
                f"Bit {bit} of byte {at} of the Ethernet header differs: "
                f"another flow{words}", "GRO-KEY-004", "refuses link merge",
                flow({}, change, **fields) + flow({}, {}, **fields)[1:],
                ["held", "held", "merged"], [[0, 2], [1]],
                without=flow({}, {}, {}, **fields), **TAP)
add("key-link-bypass", "Lossless: a packet that bypasses makes the held one "
    "leave, whatever its Ethernet header is", "GRO-KEY-004", "boundary link",
    flow({}, {"mf": True, "from_mac": b"\2" * 6}, **ETHERNET),
    ["held", "passed GRO-IP4-004"], [[0], [1]],
    config={**TAP["config"], **LOSSLESS})
for way, words, base, *_ in WAYS:
    merge(f"link-{way}", f"{words} in Ethernet: they merge", "GRO-KEY-004",
          "link merge", {}, {}, {}, base={**ETHERNET, **base}, **TAP)
    merge(f"out-link-{way}", f"{words} in Ethernet: the first packet's header "
          "leaves, and offsets count from it", "GRO-OUT-008", "link merge",
          {}, {}, base={**ETHERNET, **base}, **TAP)
merge("out-link", "The Ethernet header of a super-packet is that of its first "
      "packet", "GRO-OUT-008", "link merge boundary", {}, {},
      base={**ETHERNET, "to_mac": bytes(6), "from_mac": b"\xff" * 6}, **TAP)
add("out-link-alone", "A packet by itself leaves with its own Ethernet header",
    "GRO-OUT-008", "refuses link merge", flow({}, **ETHERNET), ["held"],
    [[0]], without=flow({}, {}, **ETHERNET), **TAP)
merge("link-broadcast", "To the broadcast address: they merge", "GRO-KEY-004",
      "link merge boundary", {}, {}, base={**ETHERNET, "to_mac": b"\xff" * 6},
      **TAP)

# GRO-KEY-003 counts from the Ethernet header.

DESTINATIONS = [(DESTINATION, b"\xff" + bytes(2046))] * 31
for name, words, units, joined in (
        ("near", "byte 65470: they merge", 240, True),
        ("far", "byte 65478 has no flow", 241, False)):
    far = {**ETHERNET6, "extensions": DESTINATIONS + [
        (DESTINATION, bytes([units]) + bytes(units * 8 + 6))]}
    add(f"key-link-{name}", f"In Ethernet, TCP at {words}", "GRO-KEY-003",
        "boundary link merge", flow({}, {}, **far),
        ["held", "merged" if joined else "held"],
        [[0, 1]] if joined else [[0], [1]], **TAP)

# Padding to 60 bytes.

PADDED = {"size": 2, "padding": bytes(4)}
for suffix, words, base, rule in (("", "", {}, "GRO-IP4-006"),):
    flush(f"link-padded{suffix}", f"A frame that is padded to 60 bytes{words}",
          rule, {**ETHERNET, **base, "size": 2}, PADDED, "flush link", **TAP)
fault("bypass", "link-padded-udp", "A UDP frame that is padded to 60 bytes",
      "GRO-UDP-005", {"size": 2, "padding": bytes(16)},
      {**ETHERNET, **UDP4, "size": 2}, flags="link", **TAP)

# GRO-LIM-001: the Ethernet header does not count.

for name, last, merges in (("most", 0, True), ("over", 1, False)):
    size = 1000
    count = (65535 - 40) // size
    rest = 65535 - 40 - count * size + last
    made = flow(*[{} for _ in range(count)], {"size": rest},
                **{**ETHERNET, "size": size})
    add(f"limit-link-{name}", f"A super-packet of {65535 + last} bytes behind "
        f"its Ethernet header: {'it merges' if merges else 'two leave'}",
        "GRO-LIM-001", f"{'boundary' if merges else 'refuses'} link", made,
        ["held"] + ["merged"] * (count - 1)
        + ["merged" if merges else "held GRO-LIM-001"],
        [list(range(count + 1))] if merges else
        [list(range(count)), [count]],
        without=None if merges else made[:-1], **TAP)

# Each VLAN tag counts 4 bytes.
for count, end, words, fields, headers in (
        (1, "", "TCP", {}, 40), (2, "", "TCP", {}, 40),
        (1, "-udp", "UDP", UDP4, 28)):
    size = (65535 - 4 * count - headers + 1) // 2
    for name, last, merges in (("most", size - 1, True), ("over", size, False)):
        made = flow({}, {"size": last}, **{
            **ETHERNET, **fields, "size": size,
            "tags": [(0x8100, number + 1) for number in range(count)]})
        add(f"limit-tags-{count}-{name}{end}", f"A super-packet of {words} with "
            f"{headers + size + last} bytes behind {count} VLAN tags: "
            f"{'it merges' if merges else 'two leave'}", "GRO-LIM-001",
            f"{'boundary' if merges else 'refuses'} link", made,
            ["held", "merged" if merges else "held GRO-LIM-001"],
            [[0, 1]] if merges else [[0], [1]],
            without=None if merges else made[:-1], **TAP)

# Split: GSO-010, and the header of each segment.

DATA = {**ETHERNET, "size": 25, "checksum": "seed"}
GSO = {"flags": 1, "gso_type": 1, "hdr_len": 54, "gso_size": 10,
       "csum_start": 34, "csum_offset": 16}
for name, words, ethertype in (
        ("gso-type", "the type of ARP", ARP),
        ("gso-type-llc", "a length instead of a type", LLC),
        ("gso-type-0", "type 0", 0)):
    add_split(name, f"Split: a super-packet with {words}: dropped", "GSO-010",
              "refuses link dropped", packet(**DATA, ethertype=ethertype),
              vnet(**GSO), 0, without=[entry(packet(**DATA), vnet(**GSO))],
              **TAP)
for name, ethertype in (("below", 0x07ff), ("above", 0x0801)):
    add_split(f"gso-type-{name}", f"Split: a super-packet with type "
              f"{ethertype:#06x}: dropped", "GSO-010",
              "boundary link dropped", packet(**DATA, ethertype=ethertype),
              vnet(**GSO), 0, **TAP)
add_split("gso-type-ip4", "Split: a super-packet with the type of IPv4",
          "GSO-010", "allows link", packet(**DATA), vnet(**GSO), 3, **TAP)
add_split("gso-type-ip6-for-4", "Split: a super-packet of IPv4 with the type "
          "of IPv6: dropped", "GSO-004", "refuses link dropped",
          packet(**DATA, ethertype=0x86dd),
          vnet(**GSO), 0, without=[entry(packet(**DATA), vnet(**GSO))], **TAP)
add_split("gso-out-link", "Split: an Ethernet header with other addresses "
          "stands before each segment", "GSO-OUT-009", "boundary link split",
          packet(**DATA, from_mac=b"\xff" * 6, to_mac=bytes(6)), vnet(**GSO),
          3, **TAP)
add_split("gso-out-link-none", "Split: without a link nothing stands before "
          "the IP header", "GSO-OUT-009", "refuses link split",
          packet(**{**DATA, "link": "none"}), vnet(**{**GSO, "hdr_len": 40,
                                                      "csum_start": 20}), 3,
          without=[entry(packet(**{**DATA, "link": "none", "size": 5}), ZERO)])
add_split("gso-link-version", "Split: the IP version is that of the type",
          "GSO-002", "allows link", packet(**DATA, said_version=5),
          vnet(**GSO), 3, **TAP)

add_split("gso-link-near", "Split: without NEEDS_CSUM, TCP at byte 65470",
          "GSO-005", "boundary link split",
          packet(**{**DATA, "version": 6, "extensions": DESTINATIONS + [
              (DESTINATION, bytes([240]) + bytes(240 * 8 + 6))]}),
          vnet(0, 4, 0, 10), 3, **TAP)

# Section 6: a csum_start inside the header of the link.

add("link-partial-6.1", "csum_start is 4, and the TCP checksum is wrong, in "
    "Linux 6.1: held", "GRO-TCP-001", "boundary link",
    [entry(packet(**{**ETHERNET, "checksum": "wrong"}),
           vnet(1, 0, 0, 0, 4, 16))],
    ["held"], [[0]], profile="linux-6.1", **TAP)
