# SPDX-License-Identifier: MIT
"""TCP."""

from scripts.vectors.packet import (
    DEFAULTS, DESTINATION, TCP, addresses, ones_sum, packet, vnet)
from scripts.vectors.suite import (
    IP6, OPTION, SMALL, TIMESTAMPS, add, begin, bits, bypass, even_destination,
    everywhere, fault, faults, first, flow, merge, mismatch, pair)

begin("tcp")

for name, title, rule, change in (
        ("tcp-checksum", "A wrong checksum of TCP", "GRO-TCP-001",
         {"checksum": "wrong"}),
        ("tcp-short", "19 bytes of TCP, with a right checksum", "GRO-TCP-002",
         {"l4_cut": 19}),
        ("tcp-offset", "Data offset 4, with a right checksum", "GRO-TCP-003",
         {"data_offset": 4}),
        ("tcp-offset-beyond", "A data offset that ends after the packet",
         "GRO-TCP-003", {"data_offset": 15, "size": 10})):
    bypass(name, title, rule, change)

for name, title, rule, base, change in (
        ("tcp-cwr", "CWR on the second packet", "GRO-TCP-004", {},
         {"flags": "AC"}),
        ("tcp-cwr-both", "CWR on both packets", "GRO-TCP-004",
         {"flags": "AC"}, {}),
        ("tcp-flags-differ", "ECE on the second packet only", "GRO-TCP-005",
         {}, {"flags": "AE"}),
        ("tcp-cwr-first", "CWR on the first packet only", "GRO-TCP-005", {},
         {"flags": "A"}),
        ("tcp-accurate-ecn-differs", "AE, once NS, on the second packet only",
         "GRO-TCP-005", {}, {"flags": "Ae"}),
        ("tcp-window-differs", "Another window", "GRO-TCP-006", {},
         {"window": 1001}),
        ("tcp-ack-differs", "Another acknowledgment number", "GRO-TCP-007",
         {}, {"acknowledgment": 0x20000001}),
        ("tcp-ack-differs-no-ack", "Another acknowledgment number, without "
         "ACK", "GRO-TCP-007", {"flags": ""}, {"acknowledgment": 1}),
        ("tcp-options-differ", "A timestamp in the options differs",
         "GRO-TCP-008", {"options": TIMESTAMPS},
         {"options": TIMESTAMPS[:-1] + b"\x03"}),
        ("tcp-options-added", "The second packet has options, the first one "
         "has none", "GRO-TCP-008", {}, {"options": TIMESTAMPS}),
        ("tcp-larger", "One byte of TCP more than the first packet has",
         "GRO-TCP-010", {}, {"size": 101}),
        ("tcp-sequence-gap", "A byte is missing", "GRO-TCP-011", {},
         {"sequence": 0x10000065}),
        ("tcp-sequence-repeats", "The first packet again", "GRO-TCP-011", {},
         {"sequence": 0x10000000})):
    flags = "mismatch profile" if "cwr" in name else "mismatch"
    if name == "tcp-cwr-first":
        add(name, title, rule, f"refuses {flags}", flow({"flags": "AC"}, {}),
            ["held", f"held {rule}"], [[0], [1]], without=flow({}, {}))
    else:
        mismatch(name, title, rule, base, change, flags,
                 without=flow({}, {}) if name == "tcp-cwr-both"
                 else flow({}, {}, **base))
pair("tcp-empty",
     "A pure acknowledgment makes the held packet leave and passes",
     "GRO-TCP-009", "mismatch", {}, {"size": 0}, "passed")
merge("tcp-sequence-wraps", "The sequence number passes 2^32", "GRO-TCP-011",
      "merge wrap", {}, {"sequence": 50}, base={"sequence": 2**32 - 50})
merge("tcp-urgent-differs", "Urgent pointers are not compared without URG",
      "GRO-OUT-004", "merge", {}, {"urgent": 9})

# Another way through: (end of the id, words, base).
OVER_IP4 = ("", "", {})
OVER_IP6 = ("-ip6", " (IPv6)", IP6)
BEHIND = ("-extension", " (IPv6, destination options)",
          {**IP6, "extensions": [(DESTINATION, OPTION)]})
WITH_OPTIONS = ("-timestamps", " (timestamps)", {"options": TIMESTAMPS})
ALL = OVER_IP4, OVER_IP6, BEHIND, WITH_OPTIONS


def l4_of(base):
    if base.get("version") != 6:
        return 20
    return 40 + sum(1 + len(data) for _, data in base.get("extensions", ()))


# The checksum of the second packet, and what a mistake would make of it.
def second(base, **more):
    fields = {**SMALL, **base, **more}
    fields["sequence"] = 0x10000000 + fields["size"]
    return packet(id=0x1001, **fields)


def checksum(base, **more):
    at = l4_of(base) + 16
    return int.from_bytes(second(base, **more)[at:at + 2], "big")


def plus(value, word):
    """A checksum whose sum has another word less."""
    return ones_sum(value.to_bytes(2, "big") + word.to_bytes(2, "big"))


def mistakes(base):
    right = checksum(base)
    odd = second(base, size=9)
    from_l4 = odd[l4_of(base):]
    last = from_l4[-1]
    address = b"".join(addresses({**DEFAULTS, **base}))
    length = len(from_l4) - 1
    return (
        ("zero", "0", {"checksum": 0}),
        ("ffff", "0xffff", {"checksum": 0xffff}),
        ("inverted", "not inverted", {"checksum": right ^ 0xffff}),
        ("swapped", "in the other byte order",
         {"checksum": right >> 8 | (right & 0xff) << 8}),
        ("seed", "that of the pseudo-header, without NEEDS_CSUM",
         {"checksum": "seed"}),
        ("addresses", "made without the addresses",
         {"checksum": plus(right, ones_sum(address))}),
        ("protocol", "made without the protocol",
         {"checksum": plus(right, TCP)}),
        ("length", "made without the length",
         {"checksum": plus(right, length)}),
        ("header", "made without the TCP header's length",
         {"checksum": plus(right, length - 8)}),
        ("odd", "made without an odd last byte",
         {"size": 9, "checksum": plus(checksum(base, size=9), last << 8)}),
        ("odd-low", "made with an odd last byte in the low half",
         {"size": 9, "checksum": plus(plus(
             checksum(base, size=9), last << 8), last ^ 0xffff)}))


faults("bypass", "GRO-TCP-001",
       bits("tcp-checksum", "The TCP checksum", 16, checksum({}), "checksum"))
for suffix, kind, base in ALL:
    for name, words, change in mistakes(base):
        fault("bypass", f"tcp-checksum-{name}{suffix}", f"A TCP checksum that "
              f"is {words}{kind}", "GRO-TCP-001", change, {**base, "size": 9})
    merge(f"tcp-checksum-right{suffix}", f"An odd payload with a right "
          f"checksum{kind}", "GRO-TCP-001", "allows", {}, {"size": 7},
          base={**SMALL, **base, "size": 9})
for name, words, difference in (("more", "one more than right", 1),
                                ("less", "one less than right", -1)):
    fault("bypass", f"tcp-checksum-{name}", f"A TCP checksum that is {words}",
          "GRO-TCP-001", {"checksum": checksum({}) + difference},
          flags="boundary")
everywhere("bypass", "GRO-TCP-001", "tcp-checksum", "A wrong TCP checksum",
           {"checksum": "wrong"})
first("tcp-checksum", "A wrong TCP checksum", "GRO-TCP-001",
      {"checksum": "wrong"})
ZERO = packet(id=0x1001, sequence=0x10000008, payload=bytes(8))[36:38]
for name, value in (("zero", 0), ("ffff", 0xffff)):
    merge(f"tcp-checksum-right-{name}", f"A TCP checksum of {value:#x}, where "
          "0 is what comes out", "GRO-TCP-001", "boundary", {},
          {"payload": ZERO + bytes(6), "checksum": value}, base=SMALL)
merge("tcp-checksum-carries", "A TCP checksum whose sum of 64 bits must be "
      "folded three times", "GRO-TCP-001", "boundary",
      {"payload": bytes.fromhex("c4bb86c3d1c427103c344c4189eb2f1e")}, {},
      base={"size": 16, "destination": "198.51.118.160"})
merge("tcp-checksum-trusted", "A wrong TCP checksum that is trusted",
      "GRO-TCP-001", "allows", {}, {"checksum": "wrong"}, base=SMALL,
      config={"csum": "trusted"})
for suffix, kind, base in (OVER_IP4, OVER_IP6, BEHIND):
    for distance in (0, 1, 24):
        merge(f"tcp-checksum-partial-{distance}{suffix}", "A wrong TCP "
              f"checksum with NEEDS_CSUM, csum_start {distance} after l4"
              f"{kind}", "GRO-TCP-001", "allows" if distance else "boundary",
              {}, {"checksum": "wrong", "vnet": vnet(
                  1, 0, 0, 0, l4_of(base) + distance, 0)},
              base={**SMALL, **base})
fault("bypass", "tcp-checksum-partial-before", "A wrong TCP checksum with "
      "NEEDS_CSUM, csum_start 1 before l4", "GRO-TCP-001",
      {"checksum": "wrong", "vnet": vnet(1, 0, 0, 0, 47, 0)}, BEHIND[2],
      flags="boundary")

# How much of the header is there. With fewer than 18 bytes there is no checksum
# to verify: it is not computed yet, or trusted.
for suffix, kind, base in ALL:
    l4 = l4_of(base)
    for length in (18, 19):
        fault("bypass", f"tcp-short-{length}{suffix}", f"{length} bytes of "
              f"TCP{kind}", "GRO-TCP-002", {"l4_cut": length}, base,
              flags="boundary" if length == 19 else "refuses")
    for length in (2, 4, 12, 13, 16):
        fault("bypass", f"tcp-short-{length}{suffix}", f"{length} bytes of "
              f"TCP with NEEDS_CSUM{kind}", "GRO-TCP-002",
              {"l4_cut": length, "vnet": vnet(1, 0, 0, 0, l4, 0)}, base)
    fault("unheld", f"tcp-short-not{suffix}", f"No byte after the TCP header"
          f"{kind}", "GRO-TCP-009", {"size": 0}, base,
          flags="boundary")
    merge(f"tcp-short-not-21{suffix}", f"One byte after the TCP header{kind}",
          "GRO-TCP-002", "allows", {}, {}, base={**base, "size": 1})
for length in (0, 1, 3, 8):
    fault("bypass", f"tcp-short-{length}-trusted", f"{length} bytes of TCP, "
          "checksums are trusted", "GRO-TCP-002", {"l4_cut": length},
          config={"csum": "trusted"})
fault("bypass", "tcp-short-0-verified", "No byte of TCP, with addresses that "
      "make its checksum right", "GRO-TCP-002",
      {"l4_cut": 0, "destination": even_destination(TCP)})
everywhere("bypass", "GRO-TCP-002", "tcp-short", "19 bytes of TCP",
           {"l4_cut": 19})

# The data offset, where the header and 8 bytes are there.
for suffix, kind, base in (OVER_IP4, OVER_IP6, BEHIND):
    for offset in (0, 1, 2, 3, 4, 8, 9, 12, 15):
        fault("bypass", f"tcp-offset-{offset}{suffix}",
              f"A data offset of {offset} with 28 bytes of TCP{kind}",
              "GRO-TCP-003", {"data_offset": offset}, base,
              flags="boundary" if offset in (4, 8) else "refuses")
    fault("bypass", f"tcp-offset-6-20{suffix}", "A data offset of 6 with 20 "
          f"bytes of TCP{kind}", "GRO-TCP-003",
          {"data_offset": 6, "size": 0}, base)
    fault("bypass", f"tcp-offset-15-59{suffix}", "A data offset of 15 with 59 "
          f"bytes of TCP{kind}", "GRO-TCP-003",
          {"data_offset": 15, "size": 39}, {**base, "size": 39},
          flags="boundary")
    add(f"tcp-offset-7{suffix}", "Options to the last byte, as in the held "
        f"packet{kind}: the payload is empty", "GRO-TCP-003", "boundary",
        flow({}, {"size": 0}, **{**SMALL, **base, "options": b"\1" * 8}),
        ["held", "passed GRO-TCP-009"], [[0], [1]])
    add(f"tcp-offset-7-other{suffix}", "Options to the last byte, where the "
        f"held packet has payload{kind}", "GRO-TCP-003", "boundary",
        flow({}, {"data_offset": 7}, **SMALL, **base),
        ["held", "passed GRO-TCP-008"], [[0], [1]])
    merge(f"tcp-offset-15-whole{suffix}", "A data offset of 15 with payload"
          f"{kind}", "GRO-TCP-003", "allows", {}, {},
          base={**SMALL, **base, "options": b"\1" * 40})
everywhere("bypass", "GRO-TCP-003", "tcp-offset", "A data offset of 4",
           {"data_offset": 4})
first("tcp-offset", "A data offset of 4", "GRO-TCP-003", {"data_offset": 4})

# CWR, by profile.
for suffix, kind, base in ALL:
    fault("mismatch", f"tcp-cwr-second{suffix}", f"CWR on the second one"
          f"{kind}", "GRO-TCP-004", {"flags": "AC"}, base,
          profile="linux-6.12", flags="refuses profile")
    add(f"tcp-cwr-each{suffix}", f"CWR on each of two{kind}: none merges",
        "GRO-TCP-004", "refuses profile", flow({}, {}, **{
            **SMALL, **base, "flags": "AC"}),
        ["held", "held GRO-TCP-004"], [[0], [1]],
        without=flow({}, {}, **SMALL, **base))
    merge(f"tcp-cwr-each-7.2{suffix}", f"CWR on each of two, where that is no "
          f"matter{kind}", "GRO-TCP-004", "allows profile", {}, {},
          base={**SMALL, **base, "flags": "AC"}, profile="linux-7.2")
    merge(f"tcp-cwr-started{suffix}", f"CWR on the first one, where that is no "
          f"matter{kind}", "GRO-TCP-004", "allows profile", {"flags": "AC"},
          {}, base={**SMALL, **base}, profile="linux-6.12")
    fault("mismatch", f"tcp-cwr-compared{suffix}", "CWR on the second one, "
          f"where it is compared{kind}", "GRO-TCP-005", {"flags": "AC"}, base,
          profile="linux-7.2", flags="refuses profile")
for flag, name in (("E", "ece"), ("e", "ae")):
    merge(f"tcp-cwr-not-{name}", f"{name.upper()} on both, beside CWR in the "
          "header", "GRO-TCP-004", "boundary", {}, {},
          base={**SMALL, "flags": "A" + flag})
everywhere("mismatch", "GRO-TCP-004", "tcp-cwr-second", "CWR with ECE on all",
           {"flags": "AEC"}, {"flags": "AE"}, ("third", "beside"))

# The 12 bits between data offset and window.
FLAGS = (("U", "URG"), ("S", "SYN"), ("R", "RST"), ("E", "ECE"), ("e", "AE"),
         ("x", "the last reserved bit"), ("y", "the middle reserved bit"),
         ("z", "the first reserved bit"))
for suffix, kind, base in ALL:
    for flag, words in FLAGS:
        name = f"tcp-flag-{flag.lower() if flag != 'e' else 'ae'}"
        fault("unheld" if flag in "USR" else "mismatch",
              f"{name}-second{suffix}", f"On the second one only: {words}"
              f"{kind}", "GRO-TCP-005", {"flags": "A" + flag}, base)
        if flag in "USR":
            continue
        add(f"{name}-first{suffix}", f"On the first one only: {words}{kind}",
            "GRO-TCP-005", "refuses mismatch",
            flow({"flags": "A" + flag}, {}, **SMALL, **base),
            ["held", "held GRO-TCP-005"], [[0], [1]],
            without=flow({}, {}, **SMALL, **base))
        merge(f"{name}-both{suffix}", f"On both: {words}{kind}",
              "GRO-TCP-005", "allows", {}, {},
              base={**SMALL, **base, "flags": "A" + flag})
    for flag, words in (("P", "PSH"), ("F", "FIN"), ("PF", "PSH and FIN")):
        merge(f"tcp-flag-{flag.lower()}-second{suffix}",
              f"On the second one only: {words}{kind}: it merges",
              "GRO-TCP-005", "boundary", {}, {"flags": "A" + flag},
              base={**SMALL, **base})
    fault("mismatch", f"tcp-flag-a-second{suffix}", "On the first one only: "
          f"ACK{kind}", "GRO-TCP-005", {"flags": ""}, base)
    fault("mismatch", f"tcp-flag-a-first{suffix}", "On the second one only: "
          f"ACK{kind}", "GRO-TCP-005", {"flags": "A"}, {**base, "flags": ""})
    merge(f"tcp-flag-a-none{suffix}", f"ACK on none{kind}", "GRO-TCP-005",
          "allows", {}, {}, base={**SMALL, **base, "flags": ""})
    add(f"tcp-cwr-first-compared{suffix}", "CWR on the first one, where it is "
        f"compared{kind}", "GRO-TCP-005", "boundary profile",
        flow({"flags": "AC"}, {}, **SMALL, **base),
        ["held", "held GRO-TCP-005"], [[0], [1]],
        without=flow({}, {}, **SMALL, **base))
everywhere("mismatch", "GRO-TCP-005", "tcp-flag-e", "ECE", {"flags": "AE"})
everywhere("mismatch", "GRO-TCP-005", "tcp-flag-x", "A reserved bit",
           {"flags": "Ax"})

# Window and acknowledgment number.
for field, short, words, width, usual, rule in (
        ("window", "window", "window", 16, 0x1234, "GRO-TCP-006"),
        ("acknowledgment", "ack", "acknowledgment number", 32, 0x12345678,
         "GRO-TCP-007")):
    end = 2**width - 1
    half = 2**(width - 1)
    swapped = int.from_bytes(usual.to_bytes(width // 8, "little"), "big")
    faults("mismatch", rule,
           bits(f"tcp-{short}", f"The {words}", width, usual, field),
           (("", "", {field: usual}),))
    for suffix, kind, base in ALL:
        for name, told, one, two in (
                ("more", "one more", half - 1, half),
                ("less", "one less", half, half - 1),
                ("wraps", f"{end} after 0", 0, end),
                ("wraps-back", f"0 after {end}", end, 0)):
            fault("mismatch", f"tcp-{short}-{name}{suffix}",
                  f"The {words} is {told}{kind}", rule, {field: two},
                  {**base, field: one}, flags="boundary")
        merge(f"tcp-{short}-same{suffix}", f"The {words} is {end} on both"
              f"{kind}", rule, "allows", {}, {},
              base={**SMALL, **base, field: end})
    fault("mismatch", f"tcp-{short}-swapped", f"The {words} in the other byte "
          "order", rule, {field: swapped}, {field: usual})
    merge(f"tcp-{short}-zero", f"The {words} is 0 on both", rule, "allows",
          {}, {}, base={**SMALL, field: 0})
    everywhere("mismatch", rule, f"tcp-{short}", f"Another {words}",
               {field: usual}, {field: usual + 1})
for suffix, kind, base in (OVER_IP4, OVER_IP6):
    merge(f"tcp-ack-same-no-ack{suffix}", "The acknowledgment number is the "
          f"same, without ACK{kind}", "GRO-TCP-007", "boundary", {}, {},
          base={**SMALL, **base, "flags": ""})

# Options. Their kinds and lengths are not read: only their bytes are compared.
LONGEST = bytes(range(2, 42))


def byte_differs(options, at):
    return options[:at] + bytes([options[at] ^ 0x10]) + options[at + 1:]


for suffix, kind, base in (OVER_IP4, OVER_IP6, BEHIND):
    for at in range(12) if not suffix else (0, 3, 4, 11):
        fault("mismatch", f"tcp-options-byte-{at}{suffix}",
              f"Byte {at} of 12 bytes of options differs{kind}",
              "GRO-TCP-008", {"options": byte_differs(TIMESTAMPS, at)},
              {**base, "options": TIMESTAMPS},
              flags="boundary" if at in (0, 11) else "refuses")
    for at in range(40) if not suffix else (0, 8, 19, 31, 32, 39):
        fault("mismatch", f"tcp-options-40-byte-{at}{suffix}",
              f"Byte {at} of 40 bytes of options differs{kind}",
              "GRO-TCP-008", {"options": byte_differs(LONGEST, at)},
              {**base, "options": LONGEST})
    for one, two in ((12, 16), (16, 12), (12, 8), (0, 4), (4, 0), (36, 40),
                     (40, 36), (0, 40)):
        fault("mismatch", f"tcp-options-{one}-{two}{suffix}", f"{one} bytes of "
              f"options, then {two}, equal as far as they go{kind}",
              "GRO-TCP-008", {"options": LONGEST[:two]},
              {**base, "options": LONGEST[:one]})
    for length in (0, 4, 8, 12, 36, 40):
        merge(f"tcp-options-same-{length}{suffix}",
              f"The same {length} bytes of options{kind}", "GRO-TCP-008",
              "allows", {}, {},
              base={**SMALL, **base, "options": LONGEST[:length]})
    fault("mismatch", f"tcp-options-moved{suffix}", "4 bytes of options and 8 "
          f"of payload, then 8 and 4 in the same length{kind}", "GRO-TCP-008",
          {"options": b"\1" * 8, "size": 4}, {**base, "options": b"\1" * 4})
    fault("mismatch", f"tcp-options-end{suffix}", "No-operation, then end of "
          f"options{kind}", "GRO-TCP-008", {"options": bytes(4)},
          {**base, "options": b"\1" * 4})
    merge(f"tcp-options-forged{suffix}", f"Options that are not any{kind}",
          "GRO-TCP-008", "allows", {}, {},
          base={**SMALL, **base, "options": b"\2\0\x08\xff"})
everywhere("mismatch", "GRO-TCP-008", "tcp-options", "Another timestamp",
           {"options": byte_differs(TIMESTAMPS, 7)}, {"options": TIMESTAMPS})

# The length of the payload.
for suffix, kind, base in ALL:
    for name, flags, words in (("a", "A", ""), ("ap", "AP", " with PSH"),
                               ("af", "AF", " with FIN")):
        fault("unheld", f"tcp-empty-{name}{suffix}", "A packet without payload"
              f"{words}{kind}", "GRO-TCP-009", {"size": 0, "flags": flags},
              base)
    fault("unheld", f"tcp-empty-none{suffix}", "A packet without payload, no "
          f"flag{kind}", "GRO-TCP-009", {"size": 0}, {**base, "flags": ""})
    for size in (1, 7):
        merge(f"tcp-empty-not-{size}{suffix}", f"A payload of {size}{kind}",
              "GRO-TCP-009", "boundary" if size == 1 else "allows", {},
              {"size": size}, base={**SMALL, **base})
    for one, two in ((1, 2), (8, 9), (8, 16), (8, 264), (127, 128),
                     (128, 384), (255, 256), (256, 257)):
        fault("mismatch", f"tcp-larger-{one}-{two}{suffix}", f"A payload of "
              f"{two} after one of {one}{kind}", "GRO-TCP-010", {"size": two},
              {**base, "size": one},
              flags="boundary" if two == one + 1 else "refuses")
        merge(f"tcp-larger-not-{one}-{two}{suffix}", f"A payload of {one} "
              f"after one of {two}{kind}", "GRO-TCP-010", "allows", {},
              {"size": one}, base={**base, "size": two})
    for size in (1, 8, 255, 256):
        merge(f"tcp-larger-not-{size}{suffix}", f"A payload of {size} after "
              f"one of {size}{kind}", "GRO-TCP-010", "boundary", {}, {},
              base={**base, "size": size})
everywhere("unheld", "GRO-TCP-009", "tcp-empty", "No payload", {"size": 0})
everywhere("mismatch", "GRO-TCP-010", "tcp-larger", "One byte more",
           {"size": 9}, places=("third", "beside", "again"))

# Sequence numbers: (end of the id, words, that of the first packet, the error
# of that of the second).
faults("mismatch", "GRO-TCP-011",
       bits("tcp-sequence", "The sequence number", 32, 0x10000008,
            "sequence"))
FIRST = 0x10000000
for suffix, kind, base in ALL:
    for name, words, one, wrong in (
            ("more", "one byte is missing", FIRST, 1),
            ("less", "one byte comes again", FIRST, -1),
            ("again", "the first packet again", FIRST, -8),
            ("before", "what comes before the first packet", FIRST, -16),
            ("skips", "a packet is missing", FIRST, 8),
            ("far", "half of the numbers ahead", FIRST, 2**31),
            ("wrap-more", "one byte is missing where numbers wrap",
             2**32 - 8, 1),
            ("wrap-less", "one byte comes again where numbers wrap",
             2**32 - 8, -1),
            ("wrap-again", "the first packet again where numbers wrap",
             2**32 - 8, -8),
            ("sign-less", "one byte comes again where the sign changes",
             2**31 - 8, -1)):
        change = {"sequence": (one + 8 + wrong) % 2**32}
        fault("mismatch", f"tcp-sequence-{name}{suffix}", f"Out of sequence, "
              f"{words}{kind}", "GRO-TCP-011", change,
              {**base, "sequence": one},
              flags="boundary" if wrong in (1, -1) else "refuses",
              without=flow({}, {}, **{**SMALL, **base, "sequence": one}))
    for name, one in (("wraps-to-0", 2**32 - 8), ("wraps-inside", 2**32 - 4),
                      ("wraps-late", 2**32 - 16), ("sign", 2**31 - 8),
                      ("to-the-end", 2**32 - 24), ("from-0", 0)):
        merge(f"tcp-sequence-{name}{suffix}", f"Three in sequence, the first "
              f"one at {one}{kind}", "GRO-TCP-011",
              "allows" if name in ("from-0", "sign") else "boundary wrap",
              *[{"sequence": (one + 8 * i) % 2**32} for i in range(3)],
              base={**SMALL, **base})
for name, words, wrong in (("more", "one byte is missing", 1),
                           ("less", "one byte comes again", -1),
                           ("second", "the second packet again", -8),
                           ("first", "the first packet again", -16),
                           ("skips", "a packet is missing", 8)):
    for start in (FIRST, 2**32 - 16):
        end = "" if start == FIRST else "-wraps"
        numbers = [(start + 8 * i) % 2**32 for i in range(3)]
        right = [{"sequence": number} for number in numbers]
        add(f"tcp-sequence-third-{name}{end}", f"Third of its flow, {words}"
            f"{', where numbers wrap' if end else ''}", "GRO-TCP-011",
            "refuses mismatch", flow(*right[:2], {
                "sequence": (numbers[2] + wrong) % 2**32}, **SMALL),
            ["held", "merged", "held GRO-TCP-011"], [[0, 1], [2]],
            without=flow(*right, **SMALL))
add("tcp-sequence-again-first", "The first packet again: the second one held "
    "goes on", "GRO-TCP-011", "refuses mismatch",
    flow({}, **SMALL) + flow({}, {}, **SMALL),
    ["held", "held GRO-TCP-011", "merged"], [[0], [1, 2]],
    without=flow({}, {}, {}, **SMALL))
