# SPDX-License-Identifier: MIT
"""UDP."""

from scripts.vectors.packet import (
    DEFAULTS, DESTINATION, UDP, addresses, ones_sum, packet, vnet)
from scripts.vectors.suite import (
    IP6, OPTION, SMALL, UDP4, add, begin, bits, bypass, even_destination,
    everywhere, fault, faults, first, flow, merge, mismatch)

begin("udp")

for name, title, rule, change in (
        ("udp-short", "7 bytes of UDP", "GRO-UDP-001", {"l4_cut": 7}),
        ("udp-checksum", "A wrong checksum", "GRO-UDP-002",
         {"checksum": "wrong"}),
        ("udp-no-checksum", "No checksum", "GRO-UDP-004", {"checksum": 0}),
        ("udp-length", "One byte fewer in the length field", "GRO-UDP-005",
         {"udp_length": 107}),
        ("udp-empty", "A datagram without payload", "GRO-UDP-005",
         {"size": 0}),
        ("udp-padded", "Padding makes the length field wrong", "GRO-UDP-005",
         {"padding": bytes(6)})):
    bypass(name, title, rule, change, base=UDP4)
OFF = {"udp": False}
add("udp-off", "Both packets pass where UDP is not to be coalesced",
    "GRO-UDP-003", "refuses bypass", flow({}, {}, **UDP4),
    ["passed GRO-UDP-003"] * 2, [[0], [1]], config=OFF,
    without={"config": {}})
mismatch("udp-larger", "One byte more than the first packet has",
         "GRO-UDP-006", UDP4, {"size": 101})
merge("udp-checksum-ffff", "A checksum that is 0xffff because 0 means none",
      "GRO-UDP-002", "merge boundary",
      {"payload": b"\0\0"}, {"payload": b"\0\0"}, base=UDP4)

# Another way through: (end of the id, words, base, where UDP begins).
OVER_IP4 = ("", "", UDP4, 20)
OVER_IP6 = ("-ip6", " (IPv6)", {**IP6, **UDP4}, 40)
BEHIND = ("-extension", " (IPv6, destination options)",
          {**IP6, **UDP4, "extensions": [(DESTINATION, OPTION)]}, 48)
ALL = OVER_IP4, OVER_IP6, BEHIND

# How much of the header is there.
for suffix, kind, base, l4 in ALL:
    for length in (2, 3, 4, 5, 6, 7):
        fault("bypass", f"udp-short-{length}{suffix}", f"{length} bytes and "
              f"no more of UDP{kind}", "GRO-UDP-001", {"l4_cut": length}, base,
              flags="boundary" if length == 7 else "refuses")
    fault("bypass", f"udp-short-0{suffix}", f"No byte of UDP{kind}",
          "GRO-UDP-001", {"l4_cut": 0}, base)
    fault("bypass", f"udp-short-7-partial{suffix}", "7 bytes of UDP with "
          f"NEEDS_CSUM{kind}", "GRO-UDP-001",
          {"l4_cut": 7, "vnet": vnet(1, 0, 0, 0, l4, 0)}, base)
    add(f"udp-short-not{suffix}", f"8 bytes of UDP: its length is read"
        f"{kind}", "GRO-UDP-001", "boundary",
        flow({}, {"size": 0}, **{**SMALL, **base}),
        ["held", "passed GRO-UDP-005"], [[1], [0]])
    merge(f"udp-short-not-9{suffix}", f"9 bytes of UDP{kind}", "GRO-UDP-001",
          "allows", {}, {}, base={**base, "size": 1})
add("udp-short-verified", "No byte of UDP, with addresses that would make its "
    "checksum right: it is not read", "GRO-UDP-001", "refuses bypass",
    flow({"l4_cut": 0, "destination": even_destination(UDP)}, **UDP4),
    ["passed GRO-UDP-001"], [[0]], without=flow({}, **UDP4))
everywhere("bypass", "GRO-UDP-001", "udp-short", "7 bytes of UDP",
           {"l4_cut": 7}, UDP4)


# The checksum of the second packet, and what a mistake would make of it.
def second(base, **more):
    fields = {**SMALL, **base, **more}
    fields["sequence"] = 0x10000000 + fields["size"]
    return packet(id=0x1001, **fields)


def checksum(base, l4, **more):
    return int.from_bytes(second(base, **more)[l4 + 6:l4 + 8], "big")


def plus(value, *words):
    """A checksum whose sum has these words less."""
    return ones_sum(b"".join(word.to_bytes(2, "big")
                             for word in (value, *words)))


def mistakes(base, l4):
    right = checksum(base, l4, size=9)
    last = second(base, size=9)[-1]
    address = b"".join(addresses({**DEFAULTS, **base}))
    return (
        ("ones", "0xffff", 0xffff),
        ("inverted", "not inverted", right ^ 0xffff),
        ("swapped", "in the other byte order",
         right >> 8 | (right & 0xff) << 8),
        ("seed", "that of the pseudo-header, without NEEDS_CSUM", "seed"),
        ("addresses", "made without the addresses",
         plus(right, ones_sum(address))),
        ("protocol", "made without the protocol", plus(right, UDP)),
        ("length", "made without the length", plus(right, 17)),
        ("odd", "made without an odd last byte", plus(right, last << 8)),
        ("odd-low", "made with an odd last byte in the low half",
         plus(right, last << 8, last ^ 0xffff)))


faults("bypass", "GRO-UDP-002",
       bits("udp-checksum", "The UDP checksum", 16, checksum(UDP4, 20),
            "checksum"), (OVER_IP4[:3],))
for suffix, kind, base, l4 in ALL:
    for name, words, value in mistakes(base, l4):
        fault("bypass", f"udp-checksum-{name}{suffix}", f"A UDP checksum that "
              f"is {words}{kind}", "GRO-UDP-002", {"checksum": value},
              {**base, "size": 9})
    merge(f"udp-checksum-right{suffix}", f"An odd payload with a right UDP "
          f"checksum{kind}", "GRO-UDP-002", "allows", {}, {"size": 7},
          base={**base, "size": 9})
    for distance in (0, 1, 12):
        merge(f"udp-checksum-partial-{distance}{suffix}", "A wrong UDP "
              f"checksum with NEEDS_CSUM, csum_start {distance} after l4"
              f"{kind}", "GRO-UDP-002", "allows" if distance else "boundary",
              {}, {"checksum": "wrong", "vnet": vnet(
                  1, 0, 0, 0, l4 + distance, 0)}, base={**SMALL, **base})
    for name, words, difference in (("more", "one more than right", 1),
                                    ("less", "one less than right", -1)):
        fault("bypass", f"udp-checksum-{name}{suffix}", f"A UDP checksum that "
              f"is {words}{kind}", "GRO-UDP-002",
              {"checksum": checksum(base, l4) + difference}, base,
              flags="boundary")
fault("bypass", "udp-checksum-partial-before", "A wrong UDP checksum with "
      "NEEDS_CSUM, csum_start 1 before l4", "GRO-UDP-002",
      {"checksum": "wrong", "vnet": vnet(1, 0, 0, 0, 47, 0)}, BEHIND[2],
      flags="boundary")
merge("udp-checksum-carries", "A UDP checksum whose sum of 64 bits must be "
      "folded three times", "GRO-UDP-002", "boundary",
      {"payload": bytes.fromhex("7bd5d47e446fcec2a3d811736110e578")}, {},
      base={**UDP4, "size": 16, "destination": "198.51.118.161"})
merge("udp-checksum-trusted", "A wrong UDP checksum that is trusted",
      "GRO-UDP-002", "allows", {}, {"checksum": "wrong"},
      base={**SMALL, **UDP4}, config={"csum": "trusted"})
everywhere("bypass", "GRO-UDP-002", "udp-checksum", "A wrong UDP checksum",
           {"checksum": "wrong"}, UDP4)
first("udp-checksum", "A wrong UDP checksum", "GRO-UDP-002",
      {"checksum": "wrong"}, UDP4)

# A table that is not for UDP.
for suffix, kind, base, l4 in ALL:
    add(f"udp-off-both{suffix}", f"UDP is not to be coalesced: both pass{kind}",
        "GRO-UDP-003", "refuses bypass", flow({}, {}, **SMALL, **base),
        ["passed GRO-UDP-003"] * 2, [[0], [1]], config=OFF,
        without={"config": {}})
    add(f"udp-off-partial{suffix}", "UDP is not to be coalesced, its checksums "
        f"are yet to be computed: both pass{kind}", "GRO-UDP-003",
        "refuses bypass",
        flow(*[{"checksum": "seed", "vnet": vnet(1, 0, 0, 0, l4, 6)}] * 2,
             **SMALL, **base),
        ["passed GRO-UDP-003"] * 2, [[0], [1]], config=OFF,
        without={"config": {}})
    add(f"udp-off-wrong{suffix}", "UDP is not to be coalesced: a wrong "
        f"checksum is seen before that{kind}", "GRO-UDP-003", "boundary",
        flow({"checksum": "wrong"}, {}, **SMALL, **base),
        ["passed GRO-UDP-002", "passed GRO-UDP-003"], [[0], [1]], config=OFF)
    merge(f"udp-off-not{suffix}", f"UDP is to be coalesced{kind}",
          "GRO-UDP-003", "allows", {}, {}, base={**SMALL, **base},
          config={"udp": True})
for suffix, kind, base in (("", "", {}), ("-ip6", " (IPv6)", IP6)):
    merge(f"udp-off-tcp{suffix}", f"TCP where UDP is not to be coalesced"
          f"{kind}", "GRO-UDP-003", "boundary", {}, {},
          base={**SMALL, **base}, config=OFF)
add("udp-off-beside", "UDP is not to be coalesced: it overtakes TCP between "
    "the same ports", "GRO-UDP-003", "refuses bypass",
    flow({}, **SMALL) + flow({}, **SMALL, **UDP4)
    + flow({}, {}, **SMALL)[1:], ["held", "passed GRO-UDP-003", "merged"],
    [[1], [0, 2]], config=OFF, without={"config": {}})

# No checksum, and those that are nearly none.
for suffix, kind, base, l4 in ALL:
    fault("bypass", f"udp-no-checksum{suffix or '-second'}",
          f"No UDP checksum on the second one{kind}", "GRO-UDP-004",
          {"checksum": 0}, base)
    first(f"udp-no-checksum{suffix}", f"No UDP checksum{kind}", "GRO-UDP-004",
          {"checksum": 0}, base)
    add(f"udp-no-checksum-both{suffix}", f"No UDP checksum on both: both pass"
        f"{kind}", "GRO-UDP-004", "refuses bypass",
        flow({}, {}, **SMALL, **base, checksum=0),
        ["passed GRO-UDP-004"] * 2, [[0], [1]],
        without=flow({}, {}, **SMALL, **base))
    fault("bypass", f"udp-no-checksum-partial{suffix}", "A UDP checksum of 0 "
          f"with NEEDS_CSUM{kind}", "GRO-UDP-004",
          {"checksum": 0, "vnet": vnet(1, 0, 0, 0, l4, 6)}, base,
          flags="boundary")
    zero = plus(checksum(base, l4, payload=bytes(8)))
    merge(f"udp-no-checksum-ffff{suffix}", "A UDP checksum of 0xffff where 0 "
          f"comes out{kind}", "GRO-UDP-004", "boundary", {},
          {"payload": zero.to_bytes(2, "big") + bytes(6)},
          base={**SMALL, **base})
    for value in (0x0001, 0x0100, 0x8000):
        word = plus(zero, value ^ 0xffff)
        merge(f"udp-no-checksum-{value:04x}{suffix}", f"A UDP checksum of "
              f"{value:#06x}{kind}", "GRO-UDP-004",
              "boundary" if value == 1 else "allows", {},
              {"payload": word.to_bytes(2, "big") + bytes(6),
               "checksum": value}, base={**SMALL, **base})
fault("bypass", "udp-no-checksum-trusted", "No UDP checksum, checksums are "
      "trusted", "GRO-UDP-004", {"checksum": 0}, UDP4,
      config={"csum": "trusted"})
everywhere("bypass", "GRO-UDP-004", "udp-no-checksum", "No UDP checksum",
           {"checksum": 0}, UDP4)

# The length field; each of its bits, where 16 is right.
faults("bypass", "GRO-UDP-005",
       bits("udp-length", "The UDP length", 16, 16, "udp_length"),
       (OVER_IP4[:3],))
for suffix, kind, base, l4 in ALL:
    for name, words, length in (
            ("more", "one more than there is", 17),
            ("less", "one less than there is", 15), ("zero", "0", 0),
            ("header", "that of the UDP header", 8),
            ("payload", "without the UDP header", 9),
            ("short", "less than a UDP header", 7), ("ffff", "65535", 65535)):
        # 8 bytes of payload would be confused with "header".
        size = 9 if name == "payload" else 8
        fault("bypass", f"udp-length-{name}{suffix}", f"The UDP length is "
              f"{words}{kind}", "GRO-UDP-005", {"udp_length": length},
              {**base, "size": size},
              flags="boundary" if name in ("more", "less") else "refuses")
    fault("bypass", f"udp-length-padding{suffix}", f"One byte after the "
          f"datagram{kind}", "GRO-UDP-005",
          {"size": 9, "udp_length": 16}, base)
    fault("bypass", f"udp-length-partial{suffix}", "A UDP length one too small "
          f"with NEEDS_CSUM{kind}", "GRO-UDP-005",
          {"udp_length": 15, "vnet": vnet(1, 0, 0, 0, l4, 6)}, base)
    fault("bypass", f"udp-empty{suffix or '-second'}", f"A UDP header and no "
          f"payload{kind}", "GRO-UDP-005", {"size": 0}, base,
          flags="boundary")
    add(f"udp-empty-both{suffix}", f"No UDP payload in both: both pass{kind}",
        "GRO-UDP-005", "refuses bypass", flow({}, {}, **base, size=0),
        ["passed GRO-UDP-005"] * 2, [[0], [1]],
        without=flow({}, {}, **base, size=1))
    for size in (1, 2, 247, 248, 249):
        merge(f"udp-length-right-{size}{suffix}", f"{size} bytes of UDP "
              f"payload in both{kind}", "GRO-UDP-005",
              "boundary" if size == 1 else "allows", {}, {},
              base={**base, "size": size})
everywhere("bypass", "GRO-UDP-005", "udp-length", "A UDP length one too small",
           {"udp_length": 15}, UDP4)
everywhere("bypass", "GRO-UDP-005", "udp-empty", "No UDP payload",
           {"size": 0}, UDP4)
first("udp-length", "A UDP length one too small", "GRO-UDP-005",
      {"udp_length": 15}, UDP4)

# The length of the payload.
for suffix, kind, base, l4 in ALL:
    for one, two in ((1, 2), (8, 9), (8, 16), (8, 264), (127, 128),
                     (128, 384), (255, 256), (256, 257)):
        fault("mismatch", f"udp-larger-{one}-{two}{suffix}", f"{two} bytes of "
              f"UDP payload after {one}{kind}", "GRO-UDP-006", {"size": two},
              {**base, "size": one},
              flags="boundary" if two == one + 1 else "refuses")
        merge(f"udp-larger-not-{one}-{two}{suffix}", f"{one} bytes of UDP "
              f"payload after {two}{kind}", "GRO-UDP-006", "allows", {},
              {"size": one}, base={**base, "size": two})
    merge(f"udp-larger-not{suffix}", f"Three UDP payloads of the same length"
          f"{kind}", "GRO-UDP-006", "boundary", {}, {}, {},
          base={**SMALL, **base})
everywhere("mismatch", "GRO-UDP-006", "udp-larger", "One byte of UDP more",
           {"size": 9}, UDP4)
