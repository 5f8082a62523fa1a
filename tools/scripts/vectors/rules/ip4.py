# SPDX-License-Identifier: MIT
"""IPv4."""

from scripts.vectors.packet import TCP, UDP, packet
from scripts.vectors.suite import (
    NO_KERNEL, OVER_TCP, OVER_UDP, SMALL, TIMESTAMPS, UDP4, WITH_OPTIONS, add,
    begin, bits, bypass, even_destination, everywhere, fault, faults, first,
    flow, flush, merge, mismatch, zero_checksum)

begin("ip4")

BOTH = OVER_TCP, OVER_UDP

for name, title, rule, change in (
        ("ip4-short", "19 bytes", "GRO-IP4-001", {"cut": 19}),
        ("ip4-protocol", "An ICMP packet", "GRO-IP4-002", {"protocol": 1}),
        ("ip4-options", "An IPv4 header of 24 bytes", "GRO-IP4-003",
         {"ip_options": b"\x01\x01\x01\x01"}),
        ("ip4-fragment", "The first fragment of a packet", "GRO-IP4-004",
         {"mf": True, "df": False}),
        ("ip4-checksum", "A wrong header checksum", "GRO-IP4-005",
         {"ip_checksum": "wrong"})):
    bypass(name, title, rule, change)
add("ip4-encapsulated", "K-2: TCP in IPv4 in IPv4 passes", "GRO-IP4-002",
    "deviation refuses", flow(*[{"payload": packet(sequence=100 * i, id=i)}
                                for i in range(2)], protocol=4),
    ["passed GRO-IP4-002"] * 2, [[0], [1]], NO_KERNEL, without=flow({}, {}))
for name, title, rule, change in (
        ("ip4-padded", "Six bytes after the end that total_length says",
         "GRO-IP4-006", {"padding": bytes(6)}),
        ("ip4-truncated", "One byte fewer than total_length says",
         "GRO-IP4-006", {"cut": 139}),
        ("ip4-reserved", "The reserved flag is set", "GRO-IP4-007",
         {"reserved": True})):
    flush(name, title, rule, {}, change)
for name, title, rule, change in (
        ("ip4-ttl-differs", "Another TTL", "GRO-IP4-008", {"ttl": 63}),
        ("ip4-tos-differs", "Another ECN field in the TOS", "GRO-IP4-009",
         {"tos": 1}),
        ("ip4-df-differs", "DF on the first packet only", "GRO-IP4-010",
         {"df": False}),
        ("ip4-id-jumps", "An identification is left out", "GRO-IP4-011",
         {"id": 0x1002})):
    mismatch(name, title, rule, {}, change)
merge("ip4-id-wraps", "Identification 65535 is followed by 0", "GRO-IP4-011",
      "merge wrap", {"id": 65535}, {"id": 0}, {"id": 1})
merge("ip4-id-stays", "All identifications are equal, with DF", "GRO-IP4-011",
      "merge", *[{"id": 7}] * 3)
merge("ip4-id-stays-no-df", "All identifications are equal, without DF",
      "GRO-IP4-011", "merge profile", *[{"id": 7, "df": False}] * 3)
add("ip4-id-stays-then-steps", "Two equal identifications and one that "
    "increments", "GRO-IP4-011", "refuses mismatch",
    flow({"id": 7}, {"id": 7}, {"id": 8}),
    ["held", "merged", "held GRO-IP4-011"], [[0, 1], [2]],
    without=flow({"id": 7}, {"id": 7}, {"id": 7}))
add("ip4-id-steps-then-stays", "An identification that increments once only",
    "GRO-IP4-011", "refuses mismatch", flow({"id": 7}, {"id": 8}, {"id": 8}),
    ["held", "merged", "held GRO-IP4-011"], [[0, 1], [2]],
    without=flow({"id": 7}, {"id": 8}, {"id": 9}))

# How many bytes are there. The packet that leaves shows whether the checksum is
# right, so a checksum is right for TCP of no bytes.
NOTHING = {"l4_cut": 0, "destination": even_destination(TCP)}

faults("bypass", "GRO-IP4-001",
       [(f"ip4-short-{length}", f"An IPv4 packet of {length} bytes",
         {"cut": length}) for length in (1, 2, 4, 9, 10, 12, 16, 18)])
fault("bypass", "ip4-short-verified", "19 bytes of what would be right with "
      "20", "GRO-IP4-001", {**NOTHING, "cut": 19}, flags="boundary",
      without=flow({}, {}))
everywhere("bypass", "GRO-IP4-001", "ip4-short", "19 bytes of IPv4",
           {"cut": 19})
first("ip4-short", "19 bytes of IPv4", "GRO-IP4-001", {"cut": 19})
add("ip4-short-not", "20 bytes: TCP is read, its checksum is right",
    "GRO-IP4-001", "boundary", flow({}, NOTHING),
    ["held", "passed GRO-TCP-002"], [[1], [0]])
add("ip4-short-not-udp", "20 bytes: UDP is read, and too short",
    "GRO-IP4-001", "allows", flow({}, {"l4_cut": 0}, **UDP4),
    ["held", "passed GRO-UDP-001"], [[1], [0]])

# Neighbours of 6 and of 17, each with TCP or UDP behind; then others.
ENCAPSULATING = 4, 41, 47, 50
for protocol, base in ((TCP, {}), (UDP, UDP4)):
    usual = "TCP" if protocol == TCP else "UDP"
    merge(f"ip4-protocol-{protocol}", f"Protocol {protocol} is {usual}",
          "GRO-IP4-002", "allows", {}, {}, base={**SMALL, **base})
    for other in [protocol - 1, protocol + 1] + [
            protocol ^ 1 << bit for bit in range(1, 8)]:
        fault("bypass", f"ip4-protocol-{other}-not-{protocol}",
              f"{usual} with protocol {other} and not {protocol}",
              "GRO-IP4-002", {"forge": {9: other}}, base,
              flags="boundary" if abs(other - protocol) == 1 else "refuses",
              config=NO_KERNEL if other in ENCAPSULATING else None)
for other in (0, 2, 27, 33, 41, 43, 44, 47, 50, 51, 59, 60, 89, 132, 136, 255):
    fault("bypass", f"ip4-protocol-{other}", f"TCP with protocol {other}",
          "GRO-IP4-002", {"forge": {9: other}},
          config=NO_KERNEL if other in ENCAPSULATING else None)
everywhere("bypass", "GRO-IP4-002", "ip4-protocol", "An ICMP packet of IPv4",
           {"protocol": 1})

# IHL, with and without the bytes that it counts.
for ihl in range(5):
    fault("bypass", f"ip4-ihl-{ihl}", f"IHL {ihl}", "GRO-IP4-003",
          {"forge": {0: 0x40 | ihl}},
          flags="boundary" if ihl == 4 else "refuses")
for ihl in range(6, 16):
    fault("bypass", f"ip4-ihl-{ihl}", f"IHL {ihl}, whole", "GRO-IP4-003",
          {"ip_options": b"\x01" * 4 * (ihl - 5)},
          flags="boundary" if ihl == 6 else "refuses")
fault("bypass", "ip4-ihl-6-zeros", "IHL 6, options of zeros", "GRO-IP4-003",
      {"ip_options": bytes(4)})
fault("bypass", "ip4-ihl-15-beyond", "IHL 15 with 48 bytes", "GRO-IP4-003",
      {"forge": {0: 0x4f}})
fault("bypass", "ip4-ihl-6-udp", "IHL 6 before UDP", "GRO-IP4-003",
      {"ip_options": b"\x01" * 4}, UDP4)
everywhere("bypass", "GRO-IP4-003", "ip4-ihl-6", "IHL 6",
           {"ip_options": b"\x01" * 4})
add("ip4-ihl-6-both", "Equal options on both packets: both pass",
    "GRO-IP4-003", "refuses bypass",
    flow({}, {}, **SMALL, ip_options=b"\x01" * 4),
    ["passed GRO-IP4-003"] * 2, [[0], [1]], without=flow({}, {}, **SMALL))
merge("ip4-ihl-5", "IHL 5", "GRO-IP4-003", "boundary", {}, {}, base=SMALL)
merge("ip4-ihl-5-timestamps", "IHL 5 before TCP options", "GRO-IP4-003",
      "allows", {}, {}, base={**SMALL, "options": TIMESTAMPS})


# Flags and fragment offset.
def fragment(word):
    return {"forge": {6: word >> 8, 7: word & 0xff}}


DF = 0x4000
for bit in range(14):
    what = f"Bit {bit} of the fragment offset" if bit < 13 else "More fragments"
    fault("bypass", f"ip4-fragment-bit-{bit}", f"{what} is set, with DF",
          "GRO-IP4-004", fragment(DF | 1 << bit),
          flags="boundary" if bit in (0, 13) else "refuses")
for name, title, word in (
        ("last", "The last fragment", 0x00b9),
        ("middle", "A fragment between others", 0x20b9),
        ("all", "All bits of the offset", 0x1fff)):
    fault("bypass", f"ip4-fragment-{name}", title, "GRO-IP4-004",
          fragment(word))
    fault("bypass", f"ip4-fragment-{name}-udp", f"{title}, of UDP",
          "GRO-IP4-004", fragment(word), UDP4)
everywhere("bypass", "GRO-IP4-004", "ip4-fragment", "A first fragment",
           fragment(0x2000))
first("ip4-fragment", "A first fragment of IPv4", "GRO-IP4-004",
      fragment(0x2000))
merge("ip4-fragment-df", "DF alone is no fragment", "GRO-IP4-004", "boundary",
      {}, {}, base=SMALL)
merge("ip4-fragment-none", "A fragment field of 0", "GRO-IP4-004", "allows",
      {}, {}, base={**SMALL, "df": False})


# The header checksum of the second packet.
def checksum(base):
    return int.from_bytes(packet(id=0x1001, **SMALL, **base)[10:12], "big")


RIGHT = checksum({})
faults("bypass", "GRO-IP4-005",
       bits("ip4-checksum", "The IPv4 header checksum", 16, RIGHT,
            "ip_checksum"))
faults("bypass", "GRO-IP4-005", [
    (f"ip4-checksum-{name}", f"The IPv4 header checksum is {words}",
     {"ip_checksum": value}) for name, words, value in (
         ("zero", "0", 0), ("ffff", "0xffff", 0xffff),
         ("inverted", "not inverted", RIGHT ^ 0xffff),
         ("swapped", "in the other byte order",
          RIGHT >> 8 | (RIGHT & 0xff) << 8))])
for name, words, difference in (("more", "one more than right", 1),
                                ("less", "one less than right", -1)):
    for suffix, kind, base in BOTH:
        fault("bypass", f"ip4-checksum-{name}{suffix}",
              f"The IPv4 header checksum is {words}{kind}", "GRO-IP4-005",
              {"ip_checksum": checksum(base) + difference}, base,
              flags="boundary")
everywhere("bypass", "GRO-IP4-005", "ip4-checksum", "A wrong IPv4 checksum",
           {"ip_checksum": "wrong"})
first("ip4-checksum", "A wrong IPv4 checksum", "GRO-IP4-005",
      {"ip_checksum": "wrong"})
fault("bypass", "ip4-checksum-trusted", "L4 checksums are trusted, that of "
      "IPv4 is not", "GRO-IP4-005", {"ip_checksum": "wrong"},
      config={"csum": "trusted"})
BEFORE_ZERO = zero_checksum(**SMALL) - 1
merge("ip4-checksum-right-zero", "0 is the right IPv4 header checksum",
      "GRO-IP4-005", "boundary", {}, {}, base={**SMALL, "id": BEFORE_ZERO})
merge("ip4-checksum-right-ffff", "0xffff where 0 is right is right, too",
      "GRO-IP4-005", "boundary", {}, {"ip_checksum": 0xffff},
      base={**SMALL, "id": BEFORE_ZERO})
merge("ip4-checksum-right", "Right IPv4 header checksums, all bits of the "
      "addresses set", "GRO-IP4-005", "allows", {}, {},
      base={**SMALL, "source": "223.255.255.255",
            "destination": "223.255.255.254"})

# total_length; of TCP each of its bits, where 48 is right.
faults("flush", "GRO-IP4-006",
       bits("ip4-length", "total_length", 16, 48, "total_length"))
for suffix, kind, base, right in (("", "", {}, 48),
                                  ("-udp", " (UDP)", UDP4, 36)):
    for name, words, length in (
            ("more", "one more than there is", right + 1),
            ("less", "one less than there is", right - 1),
            ("header", "that of the IPv4 header", 20), ("zero", "0", 0),
            ("ffff", "65535", 65535), ("payload", "without the IPv4 header",
                                       right - 20)):
        fault("flush", f"ip4-length-{name}{suffix}",
              f"total_length is {words}{kind}", "GRO-IP4-006",
              {"total_length": length}, base,
              flags="boundary" if name in ("more", "less") else "refuses")
for name, title, change in (
        ("padding-1", "One byte of padding", {"padding": b"\0"}),
        ("padding-wrong", "Padding, where no checksum is read",
         {"padding": bytes(6), "checksum": "wrong"}),
        ("padding-ffff", "Padding that is not 0", {"padding": b"\xff" * 6}),
        ("cut-1", "The last byte is cut", {"cut": 47})):
    fault("flush", f"ip4-length-{name}", title, "GRO-IP4-006", change,
          flags="boundary" if name[-1] == "1" else "refuses")
fault("flush", "ip4-length-padding-timestamps", "Padding after TCP with "
      "options", "GRO-IP4-006", {"padding": bytes(4)},
      {"options": TIMESTAMPS})
everywhere("flush", "GRO-IP4-006", "ip4-padded", "Padding",
           {"padding": bytes(6)})
first("ip4-padded", "Padding after IPv4", "GRO-IP4-006",
      {"padding": bytes(6)})
merge("ip4-length-right", "total_length is what is there", "GRO-IP4-006",
      "allows", {}, {}, base=SMALL)
for name, title, change, fate in (
        ("65536", "65536 bytes, of which total_length says 0: held",
         {}, "held"),
        ("65536-not", "65536 bytes, of which total_length says 65535: passes",
         {"total_length": 65535}, "passed GRO-IP4-006")):
    add(f"ip4-length-{name}", title, "GRO-IP4-006", "boundary wrap",
        flow(change, size=65536 - 40), [fate], [[0]])

everywhere("flush", "GRO-IP4-007", "ip4-reserved", "The reserved flag",
           {"reserved": True})
first("ip4-reserved", "The reserved flag", "GRO-IP4-007", {"reserved": True})
faults("flush", "GRO-IP4-007",
       [("ip4-reserved-df", "The reserved flag beside DF", {"reserved": True})],
       (OVER_TCP, OVER_UDP, WITH_OPTIONS), flags="boundary")
for suffix, kind, base in BOTH:
    fault("flush", f"ip4-reserved-no-df{suffix}",
          f"The reserved flag without DF{kind}", "GRO-IP4-007",
          {"reserved": True}, {**base, "df": False})
fault("flush", "ip4-reserved-wrong", "The reserved flag, where no checksum is "
      "looked at", "GRO-IP4-007", {"reserved": True, "checksum": "wrong"})
add("ip4-reserved-both", "The reserved flag on each of two: both pass",
    "GRO-IP4-007", "refuses flush", flow({}, {}, **SMALL, reserved=True),
    ["passed GRO-IP4-007"] * 2, [[0], [1]], without=flow({}, {}, **SMALL))
merge("ip4-reserved-not", "No reserved flag", "GRO-IP4-007", "allows", {}, {},
      base=SMALL)
merge("ip4-reserved-not-df", "DF is not the reserved flag (UDP)",
      "GRO-IP4-007", "boundary", {}, {}, base={**SMALL, **UDP4})

# TTL and TOS.
for field, usual, rule in (("ttl", 64, "GRO-IP4-008"),
                           ("tos", 0x50, "GRO-IP4-009")):
    words = field.upper()
    base = {field: usual}
    for suffix, kind, more in BOTH:
        faults("mismatch", rule, bits(f"ip4-{field}", words, 8, usual, field),
               ((suffix, kind, {**base, **more}),))
    for name, kind, one, two in (
            ("more", "one more than the first packet's", 127, 128),
            ("less", "one less than the first packet's", 128, 127),
            ("wraps", "255 where the first packet has 0", 0, 255)):
        fault("mismatch", f"ip4-{field}-{name}", f"The {words} is {kind}",
              rule, {field: two}, {field: one}, flags="boundary",
              without=flow({}, {}, **SMALL, **{field: one}))
    everywhere("mismatch", rule, f"ip4-{field}", f"Another {words}",
               {field: usual + 1}, base)
    for value in (0, 255):
        merge(f"ip4-{field}-{value}", f"Both packets have {words} {value}",
              rule, "allows", {}, {}, base={**SMALL, field: value})

# DF.
for suffix, kind, base in BOTH:
    fault("mismatch", f"ip4-df-first{suffix}", f"DF on the first one only"
          f"{kind}", "GRO-IP4-010", {"df": False}, base, flags="boundary")
    fault("mismatch", f"ip4-df-second{suffix}", f"DF on the second one only"
          f"{kind}", "GRO-IP4-010", {"df": True}, {**base, "df": False},
          flags="boundary")
    merge(f"ip4-df-both{suffix}", f"DF on both{kind}", "GRO-IP4-010",
          "allows", {}, {}, base={**SMALL, **base})
    merge(f"ip4-df-none{suffix}", f"DF on none{kind}", "GRO-IP4-010",
          "allows", {}, {}, base={**SMALL, **base, "df": False})
everywhere("mismatch", "GRO-IP4-010", "ip4-df", "No DF", {"df": False})
everywhere("mismatch", "GRO-IP4-010", "ip4-df-set", "DF", {"df": True},
           {"df": False})

# Identifications. Of a packet whose predecessor has 0x1001 0x1002 is right.
for suffix, kind, base in BOTH:
    faults("mismatch", "GRO-IP4-011",
           bits("ip4-id", "The identification", 16, 0x1002, "id"),
           ((suffix, kind, {**base, "id": 0x1001}),),
           without=flow({}, {}, **{**SMALL, **base, "id": 0x1001}))


def follow(numbers, fate, title, name=None, flags="refuses", df=True,
           profile="linux-6.18", right=None, **base):
    """Packets with these identifications; the last one meets this fate, and
    would merge if they were `right`, and the others merge.
    """
    last = len(numbers) - 1
    whole = list(range(last + 1))
    base = {**SMALL, "df": df, **base}
    right = right or [(numbers[0] + i) % 65536 for i in whole]
    merges = fate == "merged"
    add(name or "ip4-id-" + "-".join(map(str, numbers)), title, "GRO-IP4-011",
        flags, flow(*[{"id": number} for number in numbers], **base),
        ["held"] + ["merged"] * (last - 1)
        + [fate if merges else f"{fate} GRO-IP4-011"],
        [whole] if merges else [whole[:-1], [last]], profile=profile,
        without=flow(*[{"id": number} for number in right], **base))


KEPT, ALONE = ": it merges", ": it does not merge"
for numbers, fate, title, flags in (
        ([7, 9], "held", "One identification is left out", "boundary"),
        ([7, 6], "held", "The identification counts down", "boundary"),
        ([7, 8, 10], "held", "The third identification is one too far",
         "boundary"),
        ([7, 8, 7], "held", "The third identification is that of the first",
         "refuses"),
        ([7, 8, 8], "held", "The third identification is that of the second",
         "boundary"),
        ([7, 8, 9], "merged", "Three identifications in a row", "boundary"),
        ([7, 8, 9, 11], "held", "The fourth identification is one too far",
         "refuses"),
        ([7, 8, 9, 7], "held", "The fourth identification is the first again",
         "refuses"),
        ([65535, 0], "merged", "0 follows 65535", "boundary"),
        ([65535, 1], "held", "1 does not follow 65535", "boundary"),
        ([65534, 65535, 0, 1], "merged", "Four that pass 65535", "boundary"),
        ([65534, 65535, 65535], "held", "65535 stays", "refuses"),
        ([0, 65535], "held", "65535 does not follow 0", "refuses"),
        ([32767, 32768], "merged", "32768 follows 32767", "boundary"),
        ([255, 256], "merged", "256 follows 255", "boundary"),
        ([255, 0], "held", "0 does not follow 255", "refuses"),
        ([0x1000, 0x1100], "held", "Counted in the other byte order",
         "refuses")):
    follow(numbers, fate, title + (KEPT if fate == "merged" else ALONE),
           flags=flags)
for numbers, fate, title, flags in (
        ([0, 0], "merged", "Both are 0", "allows"),
        ([65535, 65535, 65535], "merged", "All are 65535", "allows"),
        ([7, 7, 7, 7], "merged", "Four equal ones", "boundary"),
        ([7, 7, 8], "held", "Two equal ones, and the next number", "boundary"),
        ([7, 7, 9], "held", "Two equal ones, and the number that a third one "
         "would have that counts", "refuses"),
        ([7, 7, 6], "held", "Two equal ones, and one less", "boundary"),
        ([7, 7, 7, 10], "held", "Three equal ones, and the number that a "
         "fourth one would have that counts", "refuses"),
        ([7, 7, 7, 8], "held", "Three equal ones, and the next number",
         "refuses"),
        ([65535, 65535, 1], "held", "Two of 65535, and what would be its third",
         "refuses")):
    words = KEPT if fate == "merged" else ALONE
    numbered = "-".join(map(str, numbers))
    for suffix, kind, base in BOTH:
        follow(numbers, fate, title + kind + words,
               f"ip4-fixed-{numbered}{suffix}", flags,
               right=numbers[:1] * len(numbers), **base)
    if fate != "merged":
        continue
    # Without DF two series merge these, and two do not.
    follow(numbers, fate, f"{title}, without DF{KEPT}",
           f"ip4-fixed-{numbered}-no-df", f"{flags} profile", False)
    same = [{"id": number} for number in numbers]
    add(f"ip4-unfixed-{numbered}", f"{title}, without DF, in series that want "
        "it: none merges", "GRO-IP4-011", "refuses profile",
        flow(*same, **SMALL, df=False),
        ["held"] + ["held GRO-IP4-011"] * (len(same) - 1),
        [[i] for i in range(len(same))], profile="linux-6.12",
        without=flow(*same, **SMALL))
follow([7, 8, 9], "merged", "Counted, without DF, in series that want it for "
       f"equal ones{KEPT}", "ip4-unfixed-counted", "allows profile", False,
       "linux-6.12")
