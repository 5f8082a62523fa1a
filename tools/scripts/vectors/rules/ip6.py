# SPDX-License-Identifier: MIT
"""IPv6."""

from scripts.vectors.packet import (
    DESTINATION, FRAGMENT, HOP_BY_HOP, ROUTING, TCP, UDP, packet)
from scripts.vectors.suite import (
    IP6, NO_KERNEL, OPTION, SMALL, UDP4, add, begin, bits, bypass,
    even_destination, everywhere, fault, faults, first, flow, flush, merge,
    mismatch)

begin("ip6")

for name, title, rule, change in (
        ("ip6-short", "39 bytes", "GRO-IP6-001", {"cut": 39}),
        ("ip6-extension-cut", "Destination options that go on after the "
         "packet", "GRO-IP6-003",
         {"extensions": [(DESTINATION, bytes([16]) + OPTION[1:])]}),
        ("ip6-protocol", "An ICMPv6 packet", "GRO-IP6-004",
         {"protocol": 58}),
        ("ip6-fragment", "A fragment header is not walked", "GRO-IP6-004",
         {"extensions": [(FRAGMENT, bytes(7))]})):
    bypass(name, title, rule, change, base=IP6)
add("ip6-encapsulated", "K-2: TCP in IPv6 in IPv6 passes", "GRO-IP6-004",
    "deviation refuses", flow(*[{"payload": packet(sequence=100 * i, **IP6)}
                                for i in range(2)], **IP6, protocol=41),
    ["passed GRO-IP6-004"] * 2, [[0], [1]], NO_KERNEL,
    without=flow({}, {}, **IP6))
for name, title, change in (
        ("ip6-padded", "Six bytes after the end that payload_length says",
         {"padding": bytes(6)}),
        ("ip6-jumbo", "A payload_length of 0", {"payload_length": 0})):
    flush(name, title, "GRO-IP6-002", IP6, change)
mismatch("ip6-class-differs", "Another ECN field in the traffic class",
         "GRO-IP6-005", IP6, {"traffic_class": 1})
mismatch("ip6-hops-differ", "Another hop limit", "GRO-IP6-006", IP6,
         {"hop_limit": 63})

# Between the IPv6 header and L4: (end of the id, words, headers).
NONE = ("", "", ())
ONE = ("-hop", " after hop-by-hop options", [(HOP_BY_HOP, OPTION)])
TWO = ("-hop-route", " after hop-by-hop options and a routing header of 16 "
       "bytes", [(HOP_BY_HOP, OPTION), (ROUTING, bytes([1]) + bytes(14))])
KINDS = ((HOP_BY_HOP, "hop", "hop-by-hop options"),
         (ROUTING, "route", "a routing header"),
         (DESTINATION, "destination", "destination options"))


def over(protocol, extensions=NONE):
    """(end of the id, words, base) of TCP or UDP after these headers."""
    suffix, words, headers = extensions
    more = ("-udp", " (UDP)", UDP4) if protocol == UDP else ("", "", {})
    return (suffix + more[0], words + more[1],
            {**IP6, **more[2], "extensions": headers})


ALL = [over(protocol, headers) for protocol in (TCP, UDP)
       for headers in (NONE, ONE, TWO)]

# How many bytes are there; as in ip4.
NOTHING = {"l4_cut": 0, "destination": even_destination(TCP, **IP6)}

faults("bypass", "GRO-IP6-001",
       [(f"ip6-short-{length}", f"An IPv6 packet of {length} bytes",
         {"cut": length})
        for length in (1, 4, 6, 7, 8, 19, 20, 24, 28, 38)], [over(TCP)])
fault("bypass", "ip6-short-verified", "39 bytes of what would be right with "
      "40", "GRO-IP6-001", {**NOTHING, "cut": 39}, IP6, flags="boundary")
everywhere("bypass", "GRO-IP6-001", "ip6-short", "39 bytes of IPv6",
           {"cut": 39}, IP6)
first("ip6-short", "39 bytes of IPv6", "GRO-IP6-001", {"cut": 39}, IP6)
add("ip6-short-not", "40 bytes: TCP is read, its checksum is right",
    "GRO-IP6-001", "boundary", flow({}, NOTHING, **IP6),
    ["held", "passed GRO-TCP-002"], [[1], [0]])
add("ip6-short-not-udp", "40 bytes: UDP is read, and too short",
    "GRO-IP6-001", "allows", flow({}, {"l4_cut": 0}, **IP6, **UDP4),
    ["held", "passed GRO-UDP-001"], [[1], [0]])

# The walk. TCP and its payload are 28 bytes, which an extension header with a
# larger length includes.
def telling(kind, number, before=()):
    """A header that says it has `number` units of 8 bytes behind the first,
    and has not.
    """
    return {"extensions": [*before, (kind, bytes([number]) + OPTION[1:])]}


def whole(number):
    """So many units after the first."""
    return bytes([number]) + OPTION[1:] + bytes(8 * number)


for kind, short, words in KINDS:
    one = [(kind, OPTION)]
    for number in (4, 5, 127, 128, 255):
        fault("bypass", f"ip6-cut-{short}-{number}",
              f"Of {words} {number * 8 + 8} bytes are told, 36 are there",
              "GRO-IP6-003", telling(kind, number), IP6,
              flags="boundary" if number == 4 else "refuses")
    for length in (40, 41, 42, 47):
        fault("bypass", f"ip6-cut-{short}-at-{length}",
              f"{length} bytes, and {words} of 8 bytes begin at 40",
              "GRO-IP6-003", {"extensions": one, "cut": length,
                              "payload_length": length - 40}, IP6)
    fault("bypass", f"ip6-cut-{short}-verified", f"{words.capitalize()} "
          "without the last byte, where TCP without a byte would be right",
          "GRO-IP6-003", {**NOTHING, "extensions": one, "cut": 47,
                          "payload_length": 7}, IP6, flags="boundary")
    add(f"ip6-cut-{short}-not", f"{words.capitalize()} that end with the "
        "packet: TCP is read, its checksum is right", "GRO-IP6-003",
        "boundary", flow({}, {**NOTHING, "extensions": one}, **IP6),
        ["held", "passed GRO-TCP-002"], [[1], [0]])
    fault("bypass", f"ip6-cut-{short}-second", f"Hop-by-hop options, and "
          f"{words} that go on after the packet", "GRO-IP6-003",
          telling(kind, 4, [(HOP_BY_HOP, OPTION)]), IP6)
    fault("bypass", f"ip6-cut-{short}-second-at-49", f"Hop-by-hop options, "
          f"and one byte of {words}", "GRO-IP6-003",
          {"extensions": [(HOP_BY_HOP, OPTION), *one], "cut": 49,
           "payload_length": 9}, IP6)
    fault("bypass", f"ip6-cut-{short}-udp", f"{words.capitalize()} that go on "
          "after a UDP packet", "GRO-IP6-003", telling(kind, 3),
          {**IP6, **UDP4})
    for number in (0, 1, 2, 31):
        merge(f"ip6-walk-{short}-{number}", f"{words.capitalize()} of "
              f"{number * 8 + 8} bytes are walked", "GRO-IP6-003", "allows",
              {}, {}, base={**SMALL, **IP6,
                            "extensions": [(kind, whole(number))]})
    merge(f"ip6-walk-{short}-udp", f"{words.capitalize()} before UDP are "
          "walked", "GRO-IP6-003", "allows", {}, {},
          base={**SMALL, **IP6, **UDP4, "extensions": one})
    for other, other_short, other_words in KINDS:
        merge(f"ip6-walk-{short}-{other_short}", f"{words.capitalize()} and "
              f"{other_words} are walked", "GRO-IP6-003", "allows", {}, {},
              base={**SMALL, **IP6, "extensions": [*one, (other, OPTION)]})
for name, title, headers in (
        ("most", "Destination options of 2048 bytes are walked",
         [(DESTINATION, whole(255))]),
        ("many", "Nine extension headers are walked",
         [(kind, OPTION) for kind, _, _ in KINDS] * 3),
        ("jumbo", "A jumbo payload option is not read",
         [(HOP_BY_HOP, b"\0\xc2\4\0\1\0\0")]),
        ("alert", "A router alert is not read",
         [(HOP_BY_HOP, b"\0\5\2\0\0\1\0")]),
        ("forged", "Options that go on after their header are not read",
         [(HOP_BY_HOP, b"\0\x3e\xff\xff\xff\xff\xff")]),
        ("segments-left", "A routing header with segments left is not looked "
         "at", [(ROUTING, b"\0\0\1\0\0\0\0")])):
    merge(f"ip6-walk-{name}", title, "GRO-IP6-003",
          "boundary" if name == "most" else "allows", {}, {},
          base={**SMALL, **IP6, "extensions": headers})
everywhere("bypass", "GRO-IP6-003", "ip6-cut", "Destination options that go on "
           "after the packet", telling(DESTINATION, 4), IP6)
first("ip6-cut", "Hop-by-hop options that go on after the packet",
      "GRO-IP6-003", telling(HOP_BY_HOP, 4), IP6)

# Neighbours of 6 and of 17; then headers that the walk does not pass. Some of
# them look like one that it passes.
ENCAPSULATING = 4, 41, 47, 50
for protocol in (TCP, UDP):
    usual = "TCP" if protocol == TCP else "UDP"
    for suffix, words, base in (over(protocol), over(protocol, ONE)):
        at = 40 if base["extensions"] else 6
        end = suffix.replace("-udp", "")
        behind = words.replace(" (UDP)", "")
        merge(f"ip6-protocol-{protocol}{end}", f"Next header {protocol}"
              f"{behind} is {usual}", "GRO-IP6-004", "allows", {}, {},
              base={**SMALL, **base})
        for other in [protocol - 1, protocol + 1] + [
                protocol ^ 1 << bit for bit in range(1, 8)]:
            fault("bypass", f"ip6-protocol-{other}-not-{protocol}{end}",
                  f"{usual} with next header {other} and not {protocol}"
                  f"{behind}", "GRO-IP6-004", {"forge": {at: other}}, base,
                  flags="boundary" if abs(other - protocol) == 1
                  else "refuses",
                  config=NO_KERNEL if other in ENCAPSULATING else None)
for other in (1, 41, 42, 44, 47, 50, 51, 59, 61, 89, 132, 135, 136, 139, 140,
              255):
    config = NO_KERNEL if other in ENCAPSULATING else None
    near = other in (1, 42, 44, 59, 61, 255)
    flags = "boundary" if near else "refuses"
    fault("bypass", f"ip6-header-{other}", f"A header {other} before TCP is "
          "not walked", "GRO-IP6-004", {"extensions": [(other, OPTION)]}, IP6,
          flags=flags, config=config)
    fault("bypass", f"ip6-header-{other}-hop", f"A header {other} after "
          "hop-by-hop options is not walked", "GRO-IP6-004",
          {"extensions": [(HOP_BY_HOP, OPTION), (other, OPTION)]}, IP6,
          flags=flags, config=config)
everywhere("bypass", "GRO-IP6-004", "ip6-protocol", "An ICMPv6 packet of IPv6",
           {"protocol": 58}, IP6)
first("ip6-protocol", "An ICMPv6 packet", "GRO-IP6-004", {"protocol": 58}, IP6)

# payload_length; of TCP each of its bits, where 28 is right.
faults("flush", "GRO-IP6-002",
       bits("ip6-length", "payload_length", 16, 28, "payload_length"),
       [over(TCP)])
for suffix, words, base in ALL:
    rest = 16 if "protocol" in base else 28
    right = rest + sum(1 + len(data) for _, data in base["extensions"])
    wrong = [("more", "one more than there is", right + 1),
             ("less", "one less than there is", right - 1),
             ("zero", "0", 0), ("ffff", "65535", 65535),
             ("len", "the IPv6 header, too", right + 40)]
    if base["extensions"]:
        wrong.append(("l4", "without the extension headers", rest))
    for name, told, length in wrong:
        fault("flush", f"ip6-length-{name}{suffix}",
              f"payload_length is {told}{words}", "GRO-IP6-002",
              {"payload_length": length}, base,
              flags="boundary" if name in ("more", "less") else "refuses")
    merge(f"ip6-length-right{suffix}", f"payload_length is what is there"
          f"{words}", "GRO-IP6-002", "allows", {}, {}, base={**SMALL, **base})
for suffix, words, base in (over(TCP), over(TCP, TWO)):
    for name, title, change in (
            ("padding-1", "One byte of padding", {"padding": b"\0"}),
            ("padding-wrong", "Padding, where no checksum is read",
             {"padding": bytes(6), "checksum": "wrong"}),
            ("padding-ffff", "Padding that is not 0",
             {"padding": b"\xff" * 6})):
        fault("flush", f"ip6-length-{name}{suffix}", f"{title}, of IPv6{words}",
              "GRO-IP6-002", change, base,
              flags="boundary" if name == "padding-1" else "refuses")
everywhere("flush", "GRO-IP6-002", "ip6-padded", "Padding of IPv6",
           {"padding": bytes(6)}, IP6)
first("ip6-padded", "Padding after IPv6", "GRO-IP6-002",
      {"padding": bytes(6)}, IP6)

# Traffic class and hop limit.
for field, short, words, usual, rule in (
        ("traffic_class", "class", "traffic class", 0x50, "GRO-IP6-005"),
        ("hop_limit", "hops", "hop limit", 64, "GRO-IP6-006")):
    for protocol in (TCP, UDP):
        suffix, kind, base = over(protocol)
        faults("mismatch", rule,
               bits(f"ip6-{short}", f"The {words}", 8, usual, field),
               ((suffix, kind, {**base, field: usual}),))
    for suffix, kind, base in ALL:
        fault("mismatch", f"ip6-{short}-more{suffix}",
              f"The {words} is one more than the first packet's{kind}", rule,
              {field: 128}, {**base, field: 127}, flags="boundary")
        merge(f"ip6-{short}-same{suffix}", f"The {words} is the first "
              f"packet's{kind}", rule, "allows", {}, {},
              base={**SMALL, **base, field: 255})
    fault("mismatch", f"ip6-{short}-less", f"The {words} is one less than the "
          "first packet's", rule, {field: 127}, {**IP6, field: 128},
          flags="boundary")
    fault("mismatch", f"ip6-{short}-wraps", f"The {words} is 255 where the "
          "first packet has 0", rule, {field: 255}, {**IP6, field: 0},
          flags="boundary")
    everywhere("mismatch", rule, f"ip6-{short}", f"Another {words}",
               {field: usual + 1}, {**IP6, field: usual})
