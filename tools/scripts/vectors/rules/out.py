# SPDX-License-Identifier: MIT
"""The bytes that leave."""

from scripts.profiles import having
from scripts.vectors.packet import (
    DESTINATION, HOP_BY_HOP, ROUTING, TCP, packet, vnet)
from scripts.vectors.suite import (
    IP6, OPTION, TCP6_GSO, TCP_GSO, TIMESTAMPS, UDP4, UDP6_GSO, UDP_GSO, add,
    begin, flow, merge, pseudo_edge, zero_checksum)

begin("out")

UDP6 = {**IP6, **UDP4}
EXTENSION = {**IP6, "extensions": [(HOP_BY_HOP, OPTION)]}
LONG = {**IP6, "extensions": [
    (HOP_BY_HOP, OPTION), (ROUTING, b"\1" + bytes(14)),
    (DESTINATION, OPTION)]}

# (end of the id, words, fields, csum_start)
TCP_WAYS = (("tcp4", "TCP over IPv4", {}, 20),
            ("tcp4-options", "TCP with timestamps over IPv4",
             {"options": TIMESTAMPS}, 20),
            ("tcp6", "TCP over IPv6", IP6, 40),
            ("tcp6-extension", "TCP after an extension header", EXTENSION,
             48))
UDP_WAYS = (("udp4", "UDP over IPv4", UDP4, 20),
            ("udp6", "UDP over IPv6", UDP6, 40),
            ("udp6-extension", "UDP after an extension header",
             {**EXTENSION, **UDP4}, 48))
WAYS = TCP_WAYS + UDP_WAYS


def single(name, title, change, fate="held", side="allows", base=None,
           flags="merge", config=None):
    """One packet, which leaves as it came."""
    made = flow(change, **{"size": 9, **(base or {})})
    add(f"out-single-{name}", title, "GRO-OUT-001", f"{side} {flags}", made,
        [fate], [[0]], config=config)


def two(rule, name, title, base, *changes, side="allows", flags="merge",
        profile="linux-6.18"):
    """Packets that merge, two or as many as there are changes."""
    made = flow(*(changes or ({}, {})), **{"size": 9, **base})
    add(name, title, rule, f"{side} {flags}", made,
        ["held"] + ["merged"] * (len(made) - 1), [list(range(len(made)))],
        profile=profile, without=flow({}, {}, size=9)
        if side == "refuses" else None)


def stays(rule, name, title, change, base=None, fate="held", flags="merge",
          profile="linux-6.18"):
    """One packet, which the rule leaves alone."""
    made = {"size": 9, **(base or {})}
    add(name, title, rule, f"refuses {flags}", flow(change, **made), [fate],
        [[0]], profile=profile, without=flow({}, {}, **made))


# GRO-OUT-001: a packet by itself.

add("out-single", "A verified packet leaves as it came, with DATA_VALID",
    "GRO-OUT-001", "allows merge", flow({}), ["held"], [[0]])
add("out-single-partial", "NEEDS_CSUM is kept, and nothing else of the header",
    "GRO-OUT-001", "allows vnet", flow({"checksum": "seed",
                                        "vnet": vnet(3, 0, 60, 9, 20, 16)}),
    ["held"], [[0]])
add("out-single-gso", "The header of a GSO packet is kept", "GRO-OUT-001",
    "allows vnet", flow({"size": 300, "checksum": "seed", "flags": "APC",
                         "vnet": vnet(1, 0x81, 40, 100, 20, 16)}),
    ["passed GRO-IN-003"], [[0]])
add("out-single-short-tcp", "A right checksum shows though the header is short",
    "GRO-OUT-001", "boundary bypass", flow({"l4_cut": 19}),
    ["passed GRO-TCP-002"], [[0]])
for way, words, base, l4 in WAYS:
    udp = "udp" in way
    at = 6 if udp else 16
    single(f"verified-{way}", f"{words}: a verified packet has DATA_VALID", {},
           base=base)
    single(f"wrong-{way}", f"{words}: a packet with a wrong checksum has none",
           {"checksum": "wrong"},
           "passed GRO-UDP-002" if udp else "passed GRO-TCP-001", "boundary",
           base, "bypass")
    single(f"partial-{way}", f"{words}: NEEDS_CSUM is kept with where it is",
           {"checksum": "seed", "vnet": vnet(1, csum_start=l4,
                                             csum_offset=at)}, base=base,
           flags="vnet")
    single(f"partial-behind-{way}", f"{words}: NEEDS_CSUM of a field after "
           "its own is kept", {"checksum": 1, "vnet": vnet(
               1, csum_start=l4 + 1, csum_offset=at)}, side="boundary",
           base=base, flags="vnet")
    single(f"valid-{way}", f"{words}: DATA_VALID that came is not kept when "
           "the checksum is wrong", {"checksum": "wrong", "vnet": vnet(2)},
           "passed GRO-UDP-002" if udp else "passed GRO-TCP-001", "boundary",
           base, "vnet")
    single(f"numbers-{way}", f"{words}: hdr_len, gso_size, csum_start and "
           "csum_offset of a plain packet are not kept",
           {"vnet": vnet(0, 0, 20, 9, l4, at)}, base=base, flags="vnet")
    single(f"padding-{way}", f"{words}: padding is kept, and nothing is "
           "verified", {"padding": b"\1\2\3", "checksum": "wrong"},
           "passed GRO-UDP-005" if udp else "passed GRO-IP6-002"
           if "version" in base else "passed GRO-IP4-006", base=base,
           flags="flush")
    gso = {"tcp4": TCP_GSO, "tcp6": TCP6_GSO, "udp4": UDP_GSO,
           "udp6": UDP6_GSO}[way[:4]]
    single(f"gso-{way}", f"{words}: the header of a GSO packet is kept",
           {"size": 30, "checksum": "seed",
            "vnet": vnet(**{**gso, "csum_start": l4, "gso_size": 11})},
           "passed GRO-IN-003", base=base, flags="vnet")
for way, words, base, gso_type in (("tcp4", "TCP over IPv4", {}, 1),
                                   ("tcp6", "TCP over IPv6", IP6, 4)):
    for bit, with_bit in ((0, "without"), (0x80, "with")):
        single(f"gso-whole-{way}-{bit}", f"{words}: of a GSO packet without "
               f"NEEDS_CSUM the type is kept {with_bit} the ECN bit",
               {"size": 70, "vnet": vnet(0xfe, gso_type | bit, 9, 11, 5, 6)},
               "passed GRO-IN-003", base=base, flags="vnet")
for name, words, change, fate, base in (
        ("psh", "with PSH", {"flags": "AP"}, "passed GRO-END-001", {}),
        ("empty", "without payload", {"size": 0}, "passed GRO-END-002", IP6),
        ("offset", "with a data offset of 4", {"data_offset": 4},
         "passed GRO-TCP-003", {}),
        ("no-checksum", "of UDP with a checksum of 0", {"checksum": 0},
         "passed GRO-UDP-004", UDP4),
        ("length", "of UDP with a wrong length field", {"udp_length": 9},
         "passed GRO-UDP-005", UDP6)):
    single(f"passes-{name}", f"A packet {words} is verified, passes, and has "
           "DATA_VALID", change, fate, base=base, flags="bypass")
for name, words, change, fate, base in (
        ("fragment", "A fragment", {"mf": True}, "passed GRO-IP4-004", {}),
        ("options", "A packet with IP options", {"ip_options": b"\1" * 4},
         "passed GRO-IP4-003", {}),
        ("header", "A packet with a wrong IP header checksum",
         {"ip_checksum": "wrong"}, "passed GRO-IP4-005", {}),
        ("reserved", "A packet with the reserved flag", {"reserved": True},
         "passed GRO-IP4-007", {}),
        ("length", "A packet with a payload_length of 7",
         {"payload_length": 7}, "passed GRO-IP6-002", IP6),
        ("udp-short", "7 bytes of UDP", {"l4_cut": 7}, "passed GRO-UDP-001",
         UDP4)):
    single(f"unverified-{name}", f"{words} is not verified, and has no "
           "DATA_VALID", change, fate, "boundary", base, "bypass")
single("before-l4", "NEEDS_CSUM of a field before the L4 header is kept, and "
       "the checksum verified", {"vnet": vnet(1, csum_start=24,
                                              csum_offset=0)},
       base=EXTENSION, flags="vnet")
single("trusted", "A trusted checksum counts as verified",
       {"checksum": "wrong"}, base=IP6, config={"csum": "trusted"})
for way, words, base, _ in WAYS:
    two("GRO-OUT-001", f"out-single-not-{way}", f"{words}: two packets do not "
        "leave as they came", base, side="refuses")

# GRO-OUT-002: the IPv4 header.

merge("out-ip4", "total_length and its checksum change, the identification "
      "does not", "GRO-OUT-002", "allows merge", {}, {}, {})
merge("out-ip4-checksum-zero", "A checksum that becomes 0 and not 0xffff",
      "GRO-OUT-002", "boundary merge", {}, {},
      base={"id": zero_checksum(size=200)})
IP4_WAYS = (TCP_WAYS[0], TCP_WAYS[1], UDP_WAYS[0])
for way, words, base, _ in IP4_WAYS:
    base = {"size": 9, **base}
    at_zero = zero_checksum(**base)
    grown = zero_checksum(**{**base, "size": 18})
    for name, fault, number in (
            ("was-zero", "was 0", at_zero),
            ("becomes-zero", "becomes 0", grown),
            ("becomes-one", "becomes 1", grown - 1),
            ("becomes-fffe", "becomes 0xfffe", grown + 1)):
        two("GRO-OUT-002", f"out-ip4-checksum-{name}-{way}", f"{words}: the "
            f"header checksum {fault}", {**base, "id": number},
            side="boundary", flags="zero")
    two("GRO-OUT-002", f"out-ip4-checksum-was-ffff-{way}", f"{words}: the "
        "header checksum was 0xffff, which is right as well as 0",
        {**base, "id": at_zero}, {"ip_checksum": 0xffff}, {}, side="boundary",
        flags="zero")
    for name, fault, fields in (
            ("tos", "TOS", {"tos": 0xff}), ("ttl", "TTL", {"ttl": 255}),
            ("id", "identification, which wraps,", {"id": 0xffff}),
            ("no-df", "DF, which is not set,", {"df": False}),
            ("256", "total_length, which passes 256,", {"size": 120})):
        two("GRO-OUT-002", f"out-ip4-{name}-{way}", f"{words}: the {fault} of "
            "the super-packet", {**base, **fields}, {}, {}, {},
            flags="wrap" if name in ("id", "256") else "merge")
    stays("GRO-OUT-002", f"out-ip4-alone-{way}", f"{words}: one packet keeps "
          "a header checksum of 0xffff", {"ip_checksum": 0xffff},
          {**base, "id": at_zero}, flags="zero")
two("GRO-OUT-002", "out-ip4-id-fixed", "The identification that all have",
    {}, {"id": 7}, {"id": 7}, {"id": 7})
stays("GRO-OUT-002", "out-ip4-alone-length", "One packet keeps a total_length "
      "that is wrong", {"total_length": 7}, fate="passed GRO-IP4-006",
      flags="flush")

# GRO-OUT-003: the IPv6 header.

merge("out-ip6", "Extension headers stand once", "GRO-OUT-003", "allows merge",
      {}, {}, base={**IP6, "traffic_class": 0xb8, "extensions": [
          (HOP_BY_HOP, OPTION), (DESTINATION, OPTION)]})
IP6_WAYS = (TCP_WAYS[2], TCP_WAYS[3], ("tcp6-long", "TCP after three "
                                       "extension headers", LONG, 72),
            UDP_WAYS[1], UDP_WAYS[2])
for way, words, base, _ in IP6_WAYS:
    for name, fault, fields, changes in (
            ("two", "of two", {}, ({}, {})),
            ("short", "with a last packet of 1 byte", {},
             ({}, {}, {"size": 1})),
            ("256", "over 256", {"size": 120}, ({}, {}, {})),
            ("class", "and the traffic class", {"traffic_class": 0xff},
             ({}, {})),
            ("label", "and the flow label", {"flow_label": 0xfffff},
             ({}, {})),
            ("hops", "and the hop limit", {"hop_limit": 255}, ({}, {}))):
        two("GRO-OUT-003", f"out-ip6-{name}-{way}", f"{words}: the "
            f"payload_length {fault}", {**base, **fields}, *changes,
            side="boundary" if name in ("short", "256") else "allows")
    stays("GRO-OUT-003", f"out-ip6-alone-{way}", f"{words}: one packet keeps "
          "a payload_length that is wrong", {"payload_length": 7}, base,
          "passed GRO-IP6-002", "flush")

# GRO-OUT-004: the TCP header.

merge("out-tcp", "FIN and PSH of the last segment, everything else of the "
      "first", "GRO-OUT-004", "allows merge", {"urgent": 3}, {},
      {"flags": "AFP", "urgent": 4}, base={"options": TIMESTAMPS})
merge("out-tcp-ip6", "FIN and PSH of the last segment over IPv6",
      "GRO-OUT-004", "allows merge", {}, {}, {"flags": "AFP"},
      base={**IP6, "options": TIMESTAMPS})
for way, words, base, _ in TCP_WAYS:
    for name, flags in (("psh", "AP"), ("fin", "AF"), ("both", "AFP")):
        two("GRO-OUT-004", f"out-tcp-{name}-{way}", f"{words}: "
            f"{'FIN and PSH' if name == 'both' else name.upper()} of the "
            "second packet", base, {}, {"flags": flags})
    two("GRO-OUT-004", f"out-tcp-none-{way}", f"{words}: neither FIN nor PSH",
        base, {}, {}, side="boundary")
    two("GRO-OUT-004", f"out-tcp-wrap-{way}", f"{words}: the sequence number "
        "of the first, after which it wraps", {**base,
                                                "sequence": 0xfffffff7},
        {}, {}, {}, side="boundary", flags="wrap")
    two("GRO-OUT-004", f"out-tcp-odd-{way}", f"{words}: the seed of an odd "
        "length", base, {}, {"size": 8}, side="boundary")
    stays("GRO-OUT-004", f"out-tcp-alone-{way}", f"{words}: one packet keeps "
          "its checksum", {"urgent": 7}, base)
for name, words, fields in (
        ("window", "window", {"window": 0xffff}),
        ("ack", "acknowledgment number", {"acknowledgment": 0xffffffff}),
        ("ece", "ECE", {"flags": "AE"}), ("ae", "AE", {"flags": "Ae"}),
        ("reserved", "reserved bits", {"flags": "Axyz"}),
        ("no-ack", "flags, none at all,", {"flags": ""}),
        ("long-options", "40 bytes of options", {"options": b"\1" * 40})):
    two("GRO-OUT-004", f"out-tcp-{name}", f"The {words} of the first packet",
        fields)
two("GRO-OUT-004", "out-tcp-urgent", "The urgent pointer of the first packet "
    "and not of the last", {}, {"urgent": 0}, {"urgent": 7}, side="boundary")
two("GRO-OUT-004", "out-tcp-urgent-first", "The urgent pointer of the first "
    "packet, the last has none", {}, {"urgent": 7}, {"urgent": 0},
    side="boundary")


def seed_address(seed, **fields):
    """A source address with which the seed of 18 bytes is that. The seed rises
    by one when the address rises by one, modulo 0xffff.
    """
    at = 20 + (6 if fields.get("protocol") else 16)
    made = packet(size=18, checksum="seed", source="10.0.0.0", **fields)
    high = (seed - int.from_bytes(made[at:at + 2], "big")) % 0xffff
    return f"10.0.{high >> 8}.{high & 255}"


for rule, way, words, base in (("GRO-OUT-004", "tcp", "TCP", {}),
                               ("GRO-OUT-006", "udp", "UDP", UDP4)):
    for seed in (0xffff, 1, 0x8000, 0xff):
        two(rule, f"out-{way}-seed-{seed:x}", f"{words}: a seed of {seed:#x}",
            {**base, "source": seed_address(seed, **base)}, side="boundary",
            flags="zero")
    two(rule, f"out-{way}-seed-carry", f"{words}: a seed with many carries",
        {**IP6, **base, "source": "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe",
         "destination": "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffd"},
        side="boundary", flags="zero")

# What is added in 32 bits carries twice: of both packets, or of the first.
for way, words, base, _ in (TCP_WAYS[0], TCP_WAYS[2], UDP_WAYS[0],
                            UDP_WAYS[1]):
    rule = "GRO-OUT-006" if "udp" in way else "GRO-OUT-004"
    header = 8 if "udp" in way else 20
    for count, whose in ((18, "super-packet"), (9, "first packet")):
        source, destination = pseudo_edge(
            base.get("version", 4), base.get("protocol", TCP), header + count)
        two(rule, f"out-{way}-pseudo-carry-{count}", f"{words}: the 32-bit "
            f"words of the {whose}'s pseudo-header add up to all ones and a "
            "carry", {**base, "source": source, "destination": destination},
            side="boundary", flags="zero")

# GRO-OUT-005: the ECN bit of gso_type.

merge("out-ecn", "CWR on the first packet becomes the ECN bit", "GRO-OUT-005",
      "allows profile", {"flags": "AC"}, {}, profile="linux-6.12")
two("GRO-OUT-005", "out-ecn-not", "CWR on both packets becomes no ECN bit",
    {"flags": "AC", "size": 100}, side="refuses", flags="profile",
    profile="linux-7.2")
for profile in having(shows_cwr=True):
    version = profile[6:]
    for way, words, base, _ in TCP_WAYS:
        two("GRO-OUT-005", f"out-ecn-{version}-{way}", f"{words}: CWR on the "
            f"first of three packets becomes the ECN bit in Linux {version}",
            base, {"flags": "AC"}, {}, {"flags": "AP"}, flags="profile",
            profile=profile)
    for flags, name in (("AE", "ECE"), ("Ae", "AE")):
        two("GRO-OUT-005", f"out-ecn-{version}-{name.lower()}", f"{name} on "
            f"both packets becomes no ECN bit in Linux {version}",
            {"flags": flags}, side="boundary", flags="profile",
            profile=profile)
    two("GRO-OUT-005", f"out-ecn-{version}-tos", "Congestion experienced in "
        f"the TOS becomes no ECN bit in Linux {version}", {"tos": 3},
        side="boundary", flags="profile", profile=profile)
    two("GRO-OUT-005", f"out-ecn-{version}-udp", "UDP has no ECN bit in Linux "
        f"{version}", {**UDP4, "payload": b"\xff" * 12}, side="boundary",
        flags="profile", profile=profile)
    stays("GRO-OUT-005", f"out-ecn-{version}-alone", "CWR on one packet "
          f"becomes no ECN bit in Linux {version}", {"flags": "AC"},
          flags="profile", profile=profile)
for way, words, base, _ in TCP_WAYS[2:]:
    two("GRO-OUT-005", f"out-ecn-not-{way}", f"{words}: CWR on both packets "
        "becomes no ECN bit in Linux 7.2", {**base, "flags": "AC"},
        side="refuses", flags="profile", profile="linux-7.2")

# GRO-OUT-006: the UDP header.

merge("out-udp", "The UDP length and the checksum's seed", "GRO-OUT-006",
      "allows merge", {}, {}, {"size": 50}, base=UDP4)
merge("out-udp-ip6", "The UDP length and the checksum's seed over IPv6",
      "GRO-OUT-006", "allows merge", {}, {}, {"size": 50}, base=UDP6)
for way, words, base, _ in UDP_WAYS:
    for name, fault, fields, changes in (
            ("two", "of two packets", {}, ({}, {})),
            ("odd", "of an odd length", {}, ({}, {"size": 8})),
            ("256", "over 256", {"size": 120}, ({}, {}, {})),
            ("ones", "of 64 bytes of payload", {"size": 1}, ({},) * 64)):
        two("GRO-OUT-006", f"out-udp-{name}-{way}", f"{words}: length field "
            f"and seed {fault}", {**base, **fields}, *changes,
            side="boundary" if name != "two" else "allows")
    stays("GRO-OUT-006", f"out-udp-alone-{way}", f"{words}: one packet keeps "
          "its checksum", {"payload": b"alone"}, base)

# GRO-OUT-007: the virtio header of a super-packet.

merge("out-vnet", "The virtio header is the super-packet's, not its packets'",
      "GRO-OUT-007", "allows vnet", {"checksum": "seed",
                                     "vnet": vnet(1, 0, 40, 0, 20, 16)}, {},
      base={"options": TIMESTAMPS})
for way, words, base, l4 in WAYS + (("tcp6-long", "TCP after three extension "
                                     "headers", LONG, 72),):
    at = 6 if "udp" in way else 16
    partial = {"checksum": "seed",
               "vnet": vnet(1, csum_start=l4, csum_offset=at)}
    for name, fault, changes in (
            ("both", "both packets have NEEDS_CSUM", (partial, partial)),
            ("second", "the second packet has NEEDS_CSUM", ({}, partial)),
            ("first", "the first packet has NEEDS_CSUM", (partial, {})),
            ("valid", "both packets have DATA_VALID",
             ({"vnet": vnet(2)},) * 2),
            ("numbers", "the packets have a hdr_len and a gso_size",
             ({"vnet": vnet(0, 0, 28, 5, 1, 2)},) * 2),
            ("behind", "the packets have NEEDS_CSUM of another field",
             ({"vnet": vnet(1, csum_start=l4 + 1, csum_offset=at)},) * 2)):
        two("GRO-OUT-007", f"out-vnet-{name}-{way}", f"{words}: the header of "
            f"a super-packet, {fault}", base, *changes, flags="vnet",
            side="boundary" if name in ("second", "behind") else "allows")
    for size, last in ((1, 1), (255, 1), (256, 255)):
        if size == 1 or way in ("tcp4", "udp6"):
            two("GRO-OUT-007", f"out-vnet-size-{size}-{way}", f"{words}: a "
                f"gso_size of {size}", {**base, "size": size}, {},
                {"size": last}, side="boundary", flags="vnet")
    two("GRO-OUT-007", f"out-vnet-short-{way}", f"{words}: gso_size is the "
        "first payload's, and not that of a last one of 2 bytes", base, {},
        {}, {"size": 2}, side="boundary", flags="vnet")
    stays("GRO-OUT-007", f"out-vnet-alone-{way}", f"{words}: one packet with "
          "NEEDS_CSUM is no super-packet", partial, base, flags="vnet")
