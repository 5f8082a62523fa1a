# SPDX-License-Identifier: MIT
"""The flow."""

import ipaddress
import struct

from scripts.vectors.packet import (
    DEFAULTS, DESTINATION, HOP_BY_HOP, ROUTING, addresses)
from scripts.vectors.suite import (
    FAR6, IP6, LOSSLESS, NEAR, NO_KERNEL, OPTION, SMALL, UDP4, add, begin,
    bits, flow, merge, side)

begin("key")


def separate(name, title, rule, change, base=None, **more):
    """Between two packets of a flow comes one of another flow."""
    base = base or {}
    add(name, title, rule, side(more.pop("flags", "merge"), "refuses"),
        flow({}, change, **base) + flow({}, {}, **base)[1:],
        ["held", "held", "merged"], [[0, 2], [1]],
        **{"without": flow({}, {}, {}, **base), **more})


for name, title, change in (
        ("key-ip4", "Another source port", {"source_port": 40001}),
        ("key-ip4-destination-port", "Another destination port",
         {"destination_port": 444}),
        ("key-ip4-source", "Another source address", {"source": "192.0.2.3"}),
        ("key-ip4-destination", "Another destination address",
         {"destination": "198.51.100.3"}),
        ("key-ip4-protocol", "UDP between the same ports", UDP4)):
    separate(name, title + " is another flow", "GRO-KEY-001", change)
for name, title, change in (
        ("key-ip6", "Another flow label", {"flow_label": 1}),
        ("key-ip6-port", "Another source port", {"source_port": 40001}),
        ("key-ip6-source", "Another source address",
         {"source": "2001:db8::3"}),
        ("key-ip6-destination", "Another destination address",
         {"destination": "2001:db8::3"}),
        ("key-ip6-extension", "An extension header",
         {"extensions": [(HOP_BY_HOP, OPTION)]})):
    separate(name, f"{title} of IPv6 is another flow", "GRO-KEY-002", change,
             IP6)
separate("key-ip6-extension-differs", "Another byte in an extension header is "
         "another flow", "GRO-KEY-002",
         {"extensions": [(DESTINATION, OPTION[:-1] + b"\x01")]},
         {**IP6, "extensions": [(DESTINATION, OPTION)]})
separate("key-ip6-extension-number", "The same bytes as another extension "
         "header are another flow", "GRO-KEY-002",
         {"extensions": [(HOP_BY_HOP, OPTION)]},
         {**IP6, "extensions": [(DESTINATION, OPTION)]})

# Read as IPv4, this address has protocol 6 and the usual IPv4 addresses.
separate("key-version", "K-1: an IPv4 packet is of no IPv6 flow",
         "GRO-KEY-001", {"version": 4, "source": "192.0.2.1"},
         {**IP6, "source": "2006:0:c000:201:c633:6402::1"}, config=NO_KERNEL,
         flags="merge deviation")

add("key-far", "TCP after byte 65470 has no flow: both are held, and leave "
    "unmerged", "GRO-KEY-003", "merge refuses", flow({}, {}, **FAR6),
    ["held", "held"], [[0], [1]], without=flow({}, {}, **IP6))
merge("key-near", "TCP at byte 65464 has one: they merge", "GRO-KEY-003",
      "merge boundary", {}, {}, base={**FAR6, "extensions": NEAR})

# Another way through: (end of the id, words, base).
OVER_IP4 = ("", "", {})
OVER_UDP4 = ("-udp", " (UDP)", UDP4)
OVER_IP6 = ("-ip6", " (IPv6)", IP6)
OVER_UDP6 = ("-udp-ip6", " (UDP over IPv6)", {**IP6, **UDP4})
EXTENDED = {**IP6, "extensions": [(HOP_BY_HOP, OPTION)]}
BEHIND = ("-extension", " (IPv6, hop-by-hop options)", EXTENDED)
BEHIND_UDP = ("-udp-extension", " (UDP over IPv6, hop-by-hop options)",
              {**EXTENDED, **UDP4})
IP4_BOTH = OVER_IP4, OVER_UDP4
IP6_ALL = OVER_IP6, OVER_UDP6, BEHIND, BEHIND_UDP


def ip_address(packed):
    return str(ipaddress.ip_address(packed))


def rule_of(base):
    return "GRO-KEY-002" if base.get("version") == 6 else "GRO-KEY-001"


def both(name, title, change, variants):
    """The second packet is of another flow by this change."""
    for suffix, words, base in variants:
        separate(f"{name}{suffix}", f"{title} is another flow{words}",
                 rule_of(base), change, {**SMALL, **base}, flags="")


# Ports, each bit of both.
for field, usual in (("source_port", 40000), ("destination_port", 443)):
    words = field.replace("_", " ")
    short = words.replace(" ", "-")
    for name, title, change in bits(f"key-{short}", f"Another {words}", 16,
                                    usual, field):
        both(name, title.replace(" differs", ""), change,
             [OVER_IP4, OVER_IP6] + [OVER_UDP4, BEHIND_UDP] * (
                 name.endswith(("-0", "-15"))))
both("key-ports-swapped", "The reverse of the ports",
     {"source_port": 443, "destination_port": 40000}, IP4_BOTH + IP6_ALL)
both("key-port-bytes", "A source port in the other byte order",
     {"source_port": 0x409c}, IP4_BOTH)

# Addresses, a bit of each byte.
for version, variants in ((4, IP4_BOTH), (6, IP6_ALL)):
    usual = addresses({**DEFAULTS, "version": version})
    for which, name in enumerate(("source", "destination")):
        for at in range(len(usual[0])):
            made = bytearray(usual[which])
            made[at] ^= 1 << at % 8
            both(f"key-{name}-byte-{at}", f"Another byte {at} in the {name} "
                 "address", {name: ip_address(bytes(made))},
                 variants[:2 if at in (0, len(made) - 1) else 1])
    one, two = map(ip_address, usual)
    both("key-addresses-swapped", "The reverse of the addresses",
         {"source": two, "destination": one}, variants)
    both("key-way-back", "The way back", {
        "source": two, "destination": one, "source_port": 443,
        "destination_port": 40000}, variants)

# TCP and UDP of the same ports; IPv4 and IPv6.
separate("key-protocol-tcp", "TCP between the ports of UDP is another flow",
         "GRO-KEY-001", {"protocol": 6}, {**SMALL, **UDP4}, flags="boundary")
for suffix, words, base in IP6_ALL:
    other = 6 if "protocol" in base else 17
    separate(f"key-protocol-{other}{suffix}", f"Protocol {other} between the "
             f"same ports is another flow{words}", "GRO-KEY-002",
             {"protocol": other}, {**SMALL, **base}, flags="boundary")
for suffix, words, base in IP4_BOTH:
    separate(f"key-version-6{suffix}", "An IPv6 packet of the same ports is "
             f"another flow{words}", "GRO-KEY-001", IP6, {**SMALL, **base},
             flags="boundary")

AS_IP4 = {**IP6, "source": "c000:201:c633:6402::", "destination": "::"}
separate("key-version-as-6", "An IPv6 packet whose source is both addresses is "
         "another flow", "GRO-KEY-001", AS_IP4, SMALL, flags="boundary")
separate("key-version-as-4", "An IPv4 packet between the halves of a source is "
         "another flow", "GRO-KEY-002",
         {"version": 4, "source": None, "destination": None},
         {**SMALL, **AS_IP4}, flags="boundary")

# The flow label, each bit, and what is behind the IPv6 header.
for name, title, change in bits("key-label", "Another flow label", 20,
                                0x12345, "flow_label"):
    both(name, title.replace(" differs", ""), change,
         IP6_ALL if name.endswith(("-0", "-3", "-16", "-19"))
         else IP6_ALL[:1])
LONG = bytes([1, 1, 12]) + bytes(12)
for suffix, words, more in (("", "", {}), ("-udp", " (UDP)", UDP4)):
    base = {**SMALL, **IP6, **more}
    for kind, name in ((HOP_BY_HOP, "hop"), (ROUTING, "route"),
                       (DESTINATION, "destination")):
        for at in range(1, 15):
            made = bytearray(LONG)
            made[at] ^= 1 << at % 8
            separate(f"key-extension-{name}-byte-{at + 1}{suffix}", "Another "
                     f"byte {at + 1} in extension header {kind} is another "
                     f"flow{words}", "GRO-KEY-002",
                     {"extensions": [(kind, bytes(made))]},
                     {**base, "extensions": [(kind, LONG)]},
                     flags="boundary" if at in (1, 14) else "")
    for name, title, one, two in (
            ("removed", "No extension header, where one was,",
             [(DESTINATION, OPTION)], ()),
            ("longer", "An extension header of 16 bytes, not 8,",
             [(DESTINATION, OPTION)], [(DESTINATION, LONG)]),
            ("shorter", "An extension header of 8 bytes, not 16,",
             [(DESTINATION, LONG)], [(DESTINATION, OPTION)]),
            ("second-added", "A second extension header",
             [(HOP_BY_HOP, OPTION)],
             [(HOP_BY_HOP, OPTION), (DESTINATION, OPTION)]),
            ("second-byte", "Another last byte in the second extension header",
             [(HOP_BY_HOP, OPTION), (DESTINATION, OPTION)],
             [(HOP_BY_HOP, OPTION), (DESTINATION, OPTION[:-1] + b"\x01")]),
            ("second-number", "Another number of the second extension header",
             [(HOP_BY_HOP, OPTION), (DESTINATION, OPTION)],
             [(HOP_BY_HOP, OPTION), (ROUTING, OPTION)]),
            ("order", "The other order of two extension headers",
             [(ROUTING, OPTION), (DESTINATION, OPTION)],
             [(DESTINATION, OPTION), (ROUTING, OPTION)])):
        separate(f"key-extension-{name}{suffix}", f"{title} is another flow"
                 f"{words}", "GRO-KEY-002", {"extensions": two},
                 {**base, "extensions": one}, flags="")

# What is one flow.
for suffix, words, base in IP4_BOTH + IP6_ALL:
    top = ("203.0.113.255", "203.0.113.254") if "version" not in base else (
        "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        "2001:db8:ffff:ffff:ffff:ffff:ffff:fffe")
    for name, title, fields in (
            ("usual", "The same key", {}),
            ("zeros", "Ports of 0", {
                "source_port": 0, "destination_port": 0, "flow_label": 0}),
            ("ones", "Ports of 65535, addresses of ones", {
                "source_port": 65535, "destination_port": 65535,
                "source": top[0], "destination": top[1],
                "flow_label": 0xfffff}),
            ("equal", "Equal ports and equal addresses", {
                "source_port": 7, "destination_port": 7, "source": top[0],
                "destination": top[0]})):
        merge(f"key-same-{name}{suffix}", f"{title}{words}: one flow",
              rule_of(base), "allows", {}, {}, base={**SMALL, **base, **fields})
for version, field, value, rule in (
        (4, "ttl", 63, "GRO-IP4-008"), (4, "tos", 0xb8, "GRO-IP4-009"),
        (4, "df", False, "GRO-IP4-010"), (4, "id", 9, "GRO-IP4-011"),
        (6, "traffic_class", 0xb8, "GRO-IP6-005"),
        (6, "hop_limit", 63, "GRO-IP6-006")):
    base = {**SMALL, **(IP6 if version == 6 else {})}
    add(f"key-not-{field.replace('_', '-')}", f"Another {field} is the same "
        f"flow of IPv{version}: the held packet leaves", rule_of(base),
        "boundary",
        flow({}, {field: value}, **base) + flow({}, {}, source_port=1, **base),
        ["held", f"held {rule}", "held", "merged"], [[0], [1], [2, 3]])
merge("key-behind-8", "TCP after 8 bytes of extension header has a flow",
      "GRO-KEY-003", "allows", {}, {}, base={**SMALL, **EXTENDED})
merge("key-behind-2048", "TCP after 2048 bytes of extension header has a flow",
      "GRO-KEY-003", "allows", {}, {}, base={**SMALL, **IP6, "extensions": [
          (DESTINATION, b"\xff" + bytes(2046))]})

# The flow is known where the ports are there, and not a byte before.
for suffix, words, base in IP4_BOTH + IP6_ALL:
    rule = "GRO-UDP-001" if "protocol" in base else "GRO-TCP-002"
    for length, of in ((4, [[0], [2], [1]]), (5, [[0], [2], [1]]),
                       (3, [[0], [1], [2]])):
        known = "known" if length > 3 else "not known"
        add(f"key-ports-{length}{suffix}", f"Lossless: with {length} bytes of "
            f"L4 the flow is {known}{words}", rule_of(base),
            "boundary lossless",
            flow({}, **SMALL, **base) + flow({}, source_port=1, **SMALL, **base)
            + flow({}, {"l4_cut": length}, **SMALL, **base)[1:],
            ["held", "held", f"passed {rule}"], of,
            {**LOSSLESS, "csum": "trusted"})


# Two flows with the same hash in a table like ref/flows.c, if its seed is 0. A
# multiplication mixes each word of a key in, so a change of the next word can
# cancel a change of a word.
def mix(value, word):
    value = (value ^ word) * 0x9e3779b97f4a7c15 % 2**64
    return value ^ value >> 32


def word_of(data):
    return int.from_bytes(data, "little")


def made_up(state, one, two, behind):
    """What is behind the word `two`, to hash as `behind` does after `one`."""
    return behind ^ mix(state, one) ^ mix(state, two)


def transport(version, source_port):
    return (source_port << 16 | 443) << 32 | 6 << 8 | version


def collide(name, title, rule, change, base):
    separate(f"key-collide-{name}", f"{title} that a hash takes for the same "
             "is another flow", rule, change, base, flags="boundary")


SOURCE6, DESTINATION6 = addresses({**DEFAULTS, **IP6})
WORDS = [word_of(SOURCE6[:8]), word_of(SOURCE6[8:]), word_of(DESTINATION6[:8]),
         word_of(DESTINATION6[8:])]


def ip6_words(words):
    data = struct.pack("<4Q", *words)
    return {"source": ip_address(data[:16]),
            "destination": ip_address(data[16:])}


usual = word_of(b"".join(addresses(DEFAULTS)))
other = made_up(0, transport(4, 40000), transport(4, 40001), usual)
collide("ip4", "Ports and addresses", "GRO-KEY-001", {
    "source_port": 40001,
    "source": ip_address(struct.pack("<Q", other)[:4]),
    "destination": ip_address(struct.pack("<Q", other)[4:])}, SMALL)
other = made_up(0, transport(6, 40000), transport(6, 40001), WORDS[0])
collide("ip6", "Ports and source", "GRO-KEY-002",
        {"source_port": 40001, **ip6_words([other, *WORDS[1:]])},
        {**SMALL, **IP6})
state = mix(0, transport(6, 40000))
for at, name in enumerate(("source", "source and destination", "destination")):
    changed = list(WORDS)
    changed[at] ^= 1 << 40
    changed[at + 1] = made_up(state, WORDS[at], changed[at], WORDS[at + 1])
    collide(name.replace(" and ", "-"), f"Addresses, {name}", "GRO-KEY-002",
            ip6_words(changed), {**SMALL, **IP6})
    state = mix(state, WORDS[at])


def network(label, length):
    return label << 32 | HOP_BY_HOP << 24 | length


state = mix(state, WORDS[3])
PADDING = bytes([6, 0]) + OPTION[1:]
for label in range(2**20):
    other = struct.pack("<Q", made_up(state, network(0x12345, 8),
                                      network(label, 8), word_of(PADDING)))
    if label != 0x12345 and other[:2] == PADDING[:2]:
        break
collide("label", "A flow label and extension header", "GRO-KEY-002",
        {"flow_label": label, "extensions": [(HOP_BY_HOP, other[1:])]},
        {**SMALL, **EXTENDED})
state = mix(state, network(0x12345, 16))
one = bytes([6]) + LONG
two = one[:7] + b"\x55"
other = struct.pack("<Q", made_up(state, word_of(one[:8]), word_of(two),
                                  word_of(one[8:])))
collide("extension", "An extension header", "GRO-KEY-002",
        {"extensions": [(HOP_BY_HOP, two[1:] + other)]},
        {**SMALL, **IP6, "extensions": [(HOP_BY_HOP, LONG)]})
