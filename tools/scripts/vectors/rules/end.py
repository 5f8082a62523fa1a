# SPDX-License-Identifier: MIT
"""What leaves, and when."""

from scripts.vectors.packet import DESTINATION, FRAGMENT, ROUTING, packet, vnet
from scripts.vectors.suite import (
    FLUSH, IP6, LOSSLESS, OPTION, TCP_GSO, TIMESTAMPS, UDP4, UDP_GSO, add,
    another, begin, entry, flow)

begin("end")

UDP6 = {**IP6, **UDP4}
EXTENSION = {**IP6, "extensions": [(DESTINATION, OPTION)]}

# Ways of a packet through a table: (end of the id, words, fields).
TCP_WAYS = (("", "TCP over IPv4", {}),
            ("-ip6", "TCP over IPv6", IP6),
            ("-extension", "TCP after an extension header", EXTENSION),
            ("-options", "TCP with timestamps", {"options": TIMESTAMPS}))
UDP_WAYS = (("-udp", "UDP over IPv4", UDP4),
            ("-udp-ip6", "UDP over IPv6", UDP6),
            ("-udp-extension", "UDP after an extension header",
             {**EXTENSION, **UDP4}))


def early(name, title, rule, changes, fates, of, side="refuses", base=None,
          config=None, usual=None, profile="linux-6.18", flags="order"):
    """Of two held flows the younger one leaves before the poll ends. Without
    the fault `changes` are `usual`.
    """
    base = {"size": 8, **(base or {})}

    def inputs(told):
        return another(size=4) + flow({}, *told, **base)
    add(name, title, rule, f"{side} {flags}", inputs(changes),
        ["held", "held"] + fates, of, config=config, profile=profile,
        without=inputs(usual or [{}] * len(changes))
        if side == "refuses" else None)


def alone(name, title, rule, change, fate, side="refuses", base=None,
          config=None):
    """A packet whose flow has no held packet, beside another flow."""
    base = {"size": 8, **(base or {})}
    add(name, title, rule, f"{side} order",
        another(size=4) + flow(change, **base), ["held", fate],
        [[1], [0]] if fate.startswith("passed") else [[0], [1]],
        config=config, without=another(size=4) + flow({}, **base)
        if side == "refuses" else None)


def ends(name, words, rule, change, base, **more):
    """A packet with the change merges and ends; it is second, or third, or
    the next one begins anew.
    """
    early(name, f"{words} merges and is the last", rule, [change], ["merged"],
          [[1, 2], [0]], base=base, **more)
    early(f"{name}-third", f"{words} merges as third and is the last", rule,
          [{}, change], ["merged", "merged"], [[1, 2, 3], [0]], base=base,
          **more)


def goes_on(name, words, rule, base, side="allows"):
    """Packets like these merge and end nothing."""
    early(name, f"{words} merges and is not the last", rule, [{}, {}],
          ["merged"] * 2, [[0], [1, 2, 3]], side, base)


# GRO-END-001: flags.

early("end-flags", "PSH merges and ends the super-packet", "GRO-END-001",
      [{"flags": "AP"}], ["merged"], [[1, 2], [0]], base={"size": 100})
early("end-flags-fin", "FIN merges and ends the super-packet", "GRO-END-001",
      [{"flags": "AF"}], ["merged"], [[1, 2], [0]], base={"size": 100})
FLAGS = (("S", "syn"), ("R", "rst"), ("P", "psh"), ("F", "fin"), ("U", "urg"))
for flag, name in FLAGS:
    for way, words, base in TCP_WAYS:
        alone(f"end-flags-{name}-alone{way}", f"{words}: a packet with "
              f"{name.upper()} is not held", "GRO-END-001",
              {"flags": flag}, "passed GRO-END-001",
              base={"flags": "", **base})
for flags, words in (("AP", "PSH"), ("AF", "FIN"), ("AFP", "FIN and PSH")):
    for way, of_way, base in TCP_WAYS:
        name = words.lower().replace(" ", "-")
        ends(f"end-flags-{name}{way}-last", f"{of_way}: a packet with {words}",
             "GRO-END-001", {"flags": flags}, base)
    early(f"end-flags-{flags.lower()}-next", f"{words} ends; what follows "
          "begins anew and grows", "GRO-END-001", [{"flags": flags}, {}, {}],
          ["merged", "held", "merged"], [[1, 2], [0], [3, 4]])
for flag, name, side in (("", "no flag", "boundary"),
                         ("A", "ACK", "boundary"), ("E", "ECE", "boundary"),
                         ("C", "CWR", "allows"), ("e", "AE", "allows"),
                         ("x", "the lowest reserved bit", "allows"),
                         ("y", "the middle reserved bit", "allows"),
                         ("z", "the highest reserved bit", "allows")):
    end = name.lower().replace(" ", "-")
    for way, words, base in TCP_WAYS[:2]:
        alone(f"end-flags-{end}-alone{way}", f"{words}: a packet with {name} "
              "alone is held", "GRO-END-001", {"flags": flag}, "held", side,
              base)
        if flag != "C":
            goes_on(f"end-flags-{end}-merged{way}", f"{words}: {name} on all",
                    "GRO-END-001", {**base, "flags": flag}, side)
early("end-flags-cwr-7.2", "CWR on all merges in Linux 7.2 and ends nothing",
      "GRO-END-001", [{}, {}], ["merged"] * 2, [[0], [1, 2, 3]], "allows",
      {"flags": "AC"}, profile="linux-7.2", flags="order profile")
early("end-flags-differ", "RST makes the held packet leave and passes",
      "GRO-END-001", [{"flags": "AR"}], ["passed GRO-TCP-005"],
      [[1], [2], [0]], "boundary", {"size": 100})
for flag, name in FLAGS:
    rule = "GRO-TCP-006" if flag in "FP" else "GRO-TCP-005"
    early(f"end-flags-{name}-mismatch", f"A packet with {name.upper()} and "
          "another window makes the held packet leave and passes",
          "GRO-END-001",
          [{"flags": "A" + flag, "window": 1}], [f"passed {rule}"],
          [[1], [2], [0]], "boundary")
for way, words, base in UDP_WAYS[:2]:
    alone(f"end-flags-no{way}", f"{words}: a payload that is no TCP flags is "
          "held", "GRO-END-001", {"payload": b"\xff" * 12}, "held", "allows",
          base)
alone("end-flags-lossless", "Lossless: a packet with PSH is not held",
      "GRO-END-001", {"flags": "AP"}, "passed GRO-END-001", config=LOSSLESS)

# GRO-END-002: no payload.

alone("end-empty", "A pure acknowledgment is not held", "GRO-END-002",
      {"size": 0}, "passed GRO-END-002")
for way, words, base in TCP_WAYS:
    if way:
        alone(f"end-empty{way}", f"{words}: a packet without payload is not "
              "held", "GRO-END-002", {"size": 0}, "passed GRO-END-002",
              base=base)
    alone(f"end-empty-not{way}", f"{words}: a packet of one byte is held",
          "GRO-END-002", {"size": 1}, "held", "boundary", base)
    early(f"end-empty-mismatch{way}", f"{words}: a packet without payload and "
          "with another window makes the held packet leave and passes",
          "GRO-END-002", [{"size": 0, "window": 1}], ["passed GRO-TCP-006"],
          [[1], [2], [0]], "boundary", base)
    goes_on(f"end-empty-one-byte{way}", f"{words}: a byte after a byte",
            "GRO-END-002", {**base, "size": 1})
for way, words, base in UDP_WAYS:
    alone(f"end-empty-not{way}", f"{words}: a packet of one byte is held",
          "GRO-END-002", {"size": 1}, "held", "boundary", base)
alone("end-empty-all-options", "40 bytes of options and no payload are not "
      "held", "GRO-END-002", {"size": 0}, "passed GRO-END-002",
      base={"options": b"\1" * 40})
alone("end-empty-lossless", "Lossless: a pure acknowledgment is not held",
      "GRO-END-002", {"size": 0}, "passed GRO-END-002", config=LOSSLESS)

# GRO-END-003: a short segment.

early("end-short", "A segment that is one byte short merges and is the last",
      "GRO-END-003", [{"size": 99}], ["merged"], [[1, 2], [0]], "boundary",
      {"size": 100})
early("end-short-udp", "A shorter datagram merges and is the last",
      "GRO-END-003", [{"size": 1}], ["merged"], [[1, 2], [0]],
      base={**UDP4, "size": 100})
for way, words, base in TCP_WAYS + UDP_WAYS:
    ends(f"end-short-one{way}", f"{words}: a payload of 1 byte and not 8",
         "GRO-END-003", {"size": 1}, base)
    early(f"end-short-seven{way}", f"{words}: a payload of 7 bytes and not 8 "
          "is the last", "GRO-END-003", [{"size": 7}], ["merged"],
          [[1, 2], [0]], "boundary", base)
    early(f"end-short-not{way}", f"{words}: payloads of 8 bytes go on",
          "GRO-END-003", [{}, {}], ["merged"] * 2, [[0], [1, 2, 3]],
          "boundary", base)
    early(f"end-short-next{way}", f"{words}: after a payload of 1 byte and "
          "not 8 the next one begins anew", "GRO-END-003",
          [{"size": 1}, {"size": 1}, {"size": 1}],
          ["merged", "held", "merged"], [[1, 2], [0], [3, 4]], base=base)
for way, words, base in (TCP_WAYS[0], UDP_WAYS[0]):
    goes_on(f"end-short-ones{way}", f"{words}: a payload of 1 byte, as the "
            "first,", "GRO-END-003", {**base, "size": 1})
    early(f"end-short-256{way}", f"{words}: a payload of 44 bytes and not 300 "
          "merges and is the last", "GRO-END-003", [{"size": 44}], ["merged"],
          [[1, 2], [0]], base={**base, "size": 300})
    early(f"end-short-255{way}", f"{words}: a payload of 255 bytes and not "
          "256 merges and is the last", "GRO-END-003", [{"size": 255}],
          ["merged"], [[1, 2], [0]], "boundary", {**base, "size": 256})
early("end-short-lossless", "Lossless: a short segment is the last",
      "GRO-END-003", [{"size": 9}], ["merged"], [[1, 2], [0]],
      base={"size": 10}, config=LOSSLESS)

# GRO-END-004: the 64th datagram.

early("end-count", "The 64th datagram is the last", "GRO-END-004",
      [{}] * 64, ["merged"] * 63 + ["held"],
      [list(range(1, 65)), [0], [65]], "boundary", UDP4)
for way, words, base in UDP_WAYS:
    early(f"end-count-64{way}", f"{words}: the 64th packet is the last",
          "GRO-END-004", [{}] * 63, ["merged"] * 63,
          [list(range(1, 65)), [0]], base={**base, "size": 1},
          usual=[{}] * 62)
    early(f"end-count-63{way}", f"{words}: the 63rd packet is not the last",
          "GRO-END-004", [{}] * 62, ["merged"] * 62,
          [[0], list(range(1, 64))], "boundary", {**base, "size": 1})
early("end-count-twice", "The 64th and the 128th datagram are the last",
      "GRO-END-004", [{}] * 127, ["merged"] * 63 + ["held"] + ["merged"] * 63,
      [list(range(1, 65)), list(range(65, 129)), [0]], "boundary",
      {**UDP4, "size": 1})
for way, words, base in TCP_WAYS[:2]:
    early(f"end-count-65{way}", f"{words}: 65 packets are one super-packet",
          "GRO-END-004", [{}] * 64, ["merged"] * 64,
          [[0], list(range(1, 66))], "allows", {**base, "size": 1})
early("end-count-lossless", "Lossless: the 64th datagram is the last",
      "GRO-END-004", [{}] * 63, ["merged"] * 63, [list(range(1, 65)), [0]],
      base={**UDP4, "size": 1}, config=LOSSLESS, usual=[{}] * 62)

# GRO-END-005: what does not merge lets the held one leave.

early("end-mismatch",
      "A packet that does not merge makes the held packet leave",
      "GRO-END-005", [{"window": 1}], ["held GRO-TCP-006"], [[1], [0], [2]],
      base={"size": 100})
early("end-mismatch-flush", "A packet that is flushed does so, too",
      "GRO-END-005", [{"padding": bytes(6)}], ["passed GRO-IP4-006"],
      [[1], [2], [0]], base={"size": 100})
for way, words, base in TCP_WAYS + UDP_WAYS:
    udp, ip6 = "udp" in way, "version" in base
    early(f"end-mismatch-larger{way}", f"{words}: a larger payload lets the "
          "held packet leave", "GRO-END-005", [{"size": 9}],
          ["held GRO-UDP-006" if udp else "held GRO-TCP-010"],
          [[1], [0], [2]], base=base)
    early(f"end-mismatch-third{way}", f"{words}: another TTL on the third "
          "packet lets two merged ones leave", "GRO-END-005",
          [{}, {"hop_limit" if ip6 else "ttl": 1}],
          ["merged", "held GRO-IP6-006" if ip6 else "held GRO-IP4-008"],
          [[1, 2], [0], [3]], base=base)
    header = UDP_GSO if udp else TCP_GSO
    start = 20 if not ip6 else 48 if "extensions" in base else 40
    change = {"size": 30, "checksum": "seed", "vnet": vnet(**{
        **header, "gso_size": 2, "csum_start": start, "hdr_len": 0,
        "gso_type": 5 if udp else 4 if ip6 else 1})}
    early(f"end-mismatch-gso{way}", f"{words}: a GSO packet makes the held "
          "packet leave, and after it another begins", "GRO-END-005", [change, {}],
          ["passed GRO-IN-003", "held"], [[1], [2], [0], [3]], base=base)
    change = {"checksum": "wrong"}
    early(f"end-mismatch-bypass{way}", f"{words}: a wrong checksum lets "
          "nothing leave", "GRO-END-005", [change],
          ["passed GRO-UDP-002" if udp else "passed GRO-TCP-001"],
          [[2], [0], [1]], "allows", base)
    early(f"end-mismatch-other{way}", f"{words}: a larger payload of a port "
          "beside makes nothing leave", "GRO-END-005",
          [{"size": 9, "source_port": 40001}], ["held"], [[0], [1], [2]],
          "boundary", base)
early("end-mismatch-twice", "Each of three windows lets the one before leave",
      "GRO-END-005", [{"window": 1}, {"window": 2}], ["held GRO-TCP-006"] * 2,
      [[1], [2], [0], [3]])

# GRO-END-007: the table is full. A kernel holds 8.


def ports(count, **fields):
    """A packet each of so many flows."""
    return [made for port in range(count)
            for made in flow({}, source_port=port, **{"size": 4, **fields})]


add("end-evicted", "A ninth flow lets the oldest leave, though it grew last",
    "GRO-END-007", "refuses order",
    ports(8, size=100) + flow({}, {}, source_port=0)[1:]
    + flow({}, source_port=8) + flow({}, {}, {}, source_port=0)[2:],
    ["held"] * 8 + ["merged", "held", "held"],
    [[0, 8], [1], [2], [3], [4], [5], [6], [7], [9], [10]],
    without=ports(8, size=100) + flow({}, {}, {}, source_port=0)[1:])
add("end-evicted-not", "A flow's own held packet leaves first and makes room",
    "GRO-END-007", "boundary order",
    ports(8, size=100) + flow({}, {"window": 1}, source_port=7)[1:],
    ["held"] * 8 + ["held GRO-TCP-006"],
    [[7], [0], [1], [2], [3], [4], [5], [6], [8]])
add("end-evicted-eight", "Eight flows are held", "GRO-END-007",
    "boundary order", ports(8), ["held"] * 8, [[n] for n in range(8)])
for way, words, base in TCP_WAYS + UDP_WAYS:
    full = ports(8, **base)
    new = flow({}, {}, source_port=8, size=4, **base)
    add(f"end-evicted-one{way}", f"{words}: a ninth flow lets the oldest "
        "leave, and grows", "GRO-END-007", "refuses order", full + new,
        ["held"] * 9 + ["merged"],
        [[n] for n in range(8)] + [[8, 9]], without=full)
    add(f"end-evicted-anew{way}", f"{words}: the evicted flow begins anew, and "
        "lets the next one leave", "GRO-END-007", "refuses order",
        full + new[:1] + flow({}, {}, source_port=0, size=4, **base)[1:]
        + flow({}, {}, source_port=1, size=4, **base)[1:],
        ["held"] * 11, [[n] for n in range(11)], without=full)
for name, words, change, fate in (
        ("empty", "without payload", {"size": 0}, "passed GRO-END-002"),
        ("psh", "with PSH", {"flags": "AP"}, "passed GRO-END-001"),
        ("bypass", "with a wrong checksum", {"checksum": "wrong"},
         "passed GRO-TCP-001"),
        ("flush", "with padding", {"padding": b"\0"}, "passed GRO-IP4-006"),
        ("gso", "with GSO", {"size": 30, "checksum": "seed",
                             "vnet": vnet(**{**TCP_GSO, "gso_size": 10})},
         "passed GRO-IN-003")):
    add(f"end-evicted-not-{name}", f"A packet of a ninth flow {words} passes "
        "and makes nothing leave", "GRO-END-007", "allows order",
        ports(8) + flow(change, source_port=8, size=4), ["held"] * 8 + [fate],
        [[8]] + [[n] for n in range(8)])
add("end-evicted-not-merge", "A packet that merges in a full table lets "
    "nothing leave", "GRO-END-007", "allows order",
    ports(8) + flow({}, {}, source_port=7, size=4)[1:],
    ["held"] * 8 + ["merged"], [[n] for n in range(7)] + [[7, 8]])
for name, words, change, fate, first in (
        ("psh", "PSH", {"flags": "AP"}, "merged", [[7, 8]]),
        ("short", "a short segment", {"size": 3}, "merged", [[7, 8]]),
        ("flush", "padding", {"padding": b"\0"}, "passed GRO-IP4-006",
         [[7], [8]])):
    add(f"end-evicted-room-{name}", f"In a full table {words} makes room: a "
        "ninth flow makes nothing leave", "GRO-END-007", "boundary order",
        ports(8) + flow({}, change, source_port=7, size=4)[1:]
        + flow({}, source_port=8, size=4), ["held"] * 8 + [fate, "held"],
        first + [[n] for n in range(7)] + [[9]])
add("end-evicted-mixed", "TCP and UDP of both IP versions share the eight "
    "places", "GRO-END-007", "refuses order",
    [made for base in ({}, IP6, UDP4, UDP6) for made in ports(2, **base)]
    + another(size=4), ["held"] * 9, [[n] for n in range(9)],
    without=[made for base in ({}, IP6, UDP4, UDP6)
             for made in ports(2, **base)])
add("end-evicted-two", "A ninth and a tenth flow let the two oldest leave, the "
    "oldest first", "GRO-END-007", "refuses order",
    ports(10) + flow({}, {}, source_port=2, size=4)[1:],
    ["held"] * 10 + ["merged"],
    [[0], [1], [2, 10]] + [[n] for n in range(3, 10)], without=ports(8))
add("end-evicted-flush", "The end of a poll makes room for eight",
    "GRO-END-007", "boundary order", ports(8) + [FLUSH] + ports(8),
    ["held"] * 16, [[n] for n in range(16)])
for most in (1, 2, 9):
    add(f"end-evicted-of-{most}", f"Flow {most + 1} is one too many for "
        f"max_flows {most}", "GRO-END-007", "boundary order",
        ports(most + 1) + flow({}, {}, source_port=0, size=4)[1:],
        ["held"] * (most + 2), [[n] for n in range(most + 2)],
        config={"max_flows": most})
    add(f"end-evicted-of-{most}-not", f"Flow {most} is not one too many for "
        f"max_flows {most}", "GRO-END-007", "boundary order",
        ports(most) + flow({}, {}, source_port=0, size=4)[1:],
        ["held"] * most + ["merged"],
        [[0, most]] + [[n] for n in range(1, most)],
        config={"max_flows": most})

# GRO-END-008: the poll ends.

add("end-poll", "The end of a poll separates what would merge", "GRO-END-008",
    "allows order", another() + flow({}) + [FLUSH] + flow({}, {})[1:]
    + another(id=0x1001, sequence=0x10000064), ["held"] * 4,
    [[0], [1], [2], [3]])
for way, words, base in TCP_WAYS + UDP_WAYS:
    base = {"size": 8, **base}
    made = flow({}, {}, {}, {}, **base)
    older = another(size=4)
    add(f"end-poll-two{way}", f"{words}: two merge, the poll ends, and two "
        "merge", "GRO-END-008", "allows order",
        older + made[:2] + [FLUSH] + made[2:],
        ["held", "held", "merged", "held", "merged"],
        [[0], [1, 2], [3, 4]])
    add(f"end-poll-not{way}", f"{words}: without the end of a poll all merge",
        "GRO-END-008", "refuses order", older + made,
        ["held", "held"] + ["merged"] * 3, [[0], [1, 2, 3, 4]],
        without=older + made[:2])
for name, words, inputs, count in (
        ("empty", "An end of a poll before the first packet",
         [FLUSH] + flow({}, {}, size=8), [[0, 1]]),
        ("twice", "Two ends of a poll are like one",
         flow({}, size=8) + [FLUSH, FLUSH] + flow({}, {}, size=8)[1:],
         [[0], [1]]),
        ("last", "An end of a poll after the last packet",
         flow({}, {}, size=8) + [FLUSH], [[0, 1]]),
        ("alone", "An end of a poll and no packet", [FLUSH], [])):
    add(f"end-poll-{name}", words, "GRO-END-008", "boundary order", inputs,
        [fate for of in count for fate in ["held"] + ["merged"]
         * (len(of) - 1)], count)
for most in (3, 8):
    made = ports(most)
    back = [packet for port in reversed(range(most))
            for packet in flow({}, {}, source_port=port, size=4)[1:]]
    add(f"end-poll-order-{most}", f"Of {most} flows the oldest leaves first, "
        "though all grew in the other order", "GRO-END-008", "allows order",
        made + back, ["held"] * most + ["merged"] * most,
        [[n, 2 * most - 1 - n] for n in range(most)])
add("end-poll-order-anew", "A flow that began anew is the youngest",
    "GRO-END-008", "boundary order",
    ports(3) + flow({}, {"window": 1}, source_port=0, size=4)[1:],
    ["held"] * 3 + ["held GRO-TCP-006"], [[0], [1], [2], [3]])
add("end-poll-lossless", "Lossless: the end of a poll separates what would "
    "merge", "GRO-END-008", "allows order lossless",
    flow({}, size=8) + [FLUSH] + flow({}, {}, size=8)[1:], ["held"] * 2,
    [[0], [1]], config=LOSSLESS)

# GRO-END-006: lossless mode, in which nothing overtakes its flow.


def keeps_order(name, title, changes, fates, of, side="refuses", base=None,
                config=None, without=None, before=()):
    """In lossless mode, beside an older flow between the same addresses."""
    base = {"size": 8, **(base or {})}
    older = another(**{**base, "size": 4})
    add(name, f"Lossless: {title}", "GRO-END-006", f"{side} order lossless",
        list(before) + older + flow({}, *changes, **base), fates, of,
        config=config or LOSSLESS,
        without=list(before) + older + flow({}, *(without or [{}]), **base)
        if side == "refuses" else None)


early("end-order", "Lossless: a bad packet does not overtake its flow",
      "GRO-END-006", [{"checksum": "wrong"}], ["passed GRO-TCP-001"],
      [[1], [2], [0]], base={"size": 100}, config=LOSSLESS,
      flags="order lossless")
early("end-order-unknown", "Lossless: a fragment overtakes nothing between its "
      "addresses", "GRO-END-006", [{"mf": True, "df": False}],
      ["passed GRO-IP4-004"], [[0], [1], [2]], base={"size": 100},
      config=LOSSLESS, flags="order lossless")
add("end-order-elsewhere", "Lossless: a fragment overtakes what goes the other "
    "way", "GRO-END-006", "allows order lossless",
    flow({}, {"mf": True, "source": "198.51.100.2",
              "destination": "192.0.2.1"}),
    ["held", "passed GRO-IP4-004"], [[1], [0]], config=LOSSLESS)

# The flow is known: its held one leaves, and nothing else.
for way, words, base in TCP_WAYS + UDP_WAYS:
    udp = "udp" in way
    cases = [("checksum", "a wrong checksum", {"checksum": "wrong"},
              "GRO-UDP-002" if udp else "GRO-TCP-001")]
    if udp:
        cases += [("zero", "a checksum of 0", {"checksum": 0}, "GRO-UDP-004"),
                  ("length", "a length field of 9", {"udp_length": 9},
                   "GRO-UDP-005"),
                  ("short", "7 bytes of UDP", {"l4_cut": 7}, "GRO-UDP-001"),
                  ("empty", "no payload", {"size": 0}, "GRO-UDP-005")]
    else:
        cases += [("offset", "a data offset of 4", {"data_offset": 4},
                   "GRO-TCP-003"),
                  ("short", "19 bytes of TCP", {"l4_cut": 19},
                   "GRO-TCP-002")]
    cases += [("four", "4 bytes of L4", {"l4_cut": 4},
               "GRO-UDP-001" if udp else "GRO-TCP-001")]
    for name, fault, change, rule in cases:
        keeps_order(f"end-order-{name}{way}", f"{words} with {fault} lets the "
                    "held packet of its flow leave, and no other", [change],
                    ["held", "held", f"passed {rule}"], [[1], [2], [0]],
                    "boundary" if name == "four" else "refuses", base)
    keeps_order(f"end-order-three{way}", f"{words} with 3 bytes of L4 lets all "
                "between its addresses leave", [{"l4_cut": 3}],
                ["held", "held", "passed GRO-UDP-001" if udp else
                 "passed GRO-TCP-001"], [[0], [1], [2]], "boundary", base)
    port = {"checksum": "wrong", "source_port": 40001}
    keeps_order(f"end-order-port{way}", f"{words} of a port beside with a "
                "wrong checksum makes nothing leave", [port],
                ["held", "held", f"passed {cases[0][3]}"], [[2], [0], [1]],
                "boundary", base)
    add(f"end-order-linux{way}", f"{words}: in linux mode a wrong checksum "
        "makes nothing leave", "GRO-END-006", "allows order",
        flow({}, {"checksum": "wrong"}, **{"size": 8, **base}),
        ["held", f"passed {cases[0][3]}"], [[1], [0]])

# The flow is not known: all between the addresses leaves, the oldest first.
UNKNOWN4 = (
    ("fragment", "more-fragments", {"mf": True}, "GRO-IP4-004"),
    ("offset", "a fragment offset", {"forge": {7: 1}}, "GRO-IP4-004"),
    ("options", "IP options", {"ip_options": b"\1" * 4}, "GRO-IP4-003"),
    ("icmp", "ICMP", {"protocol": 1}, "GRO-IP4-002"),
    ("header", "a wrong IP header checksum", {"ip_checksum": "wrong"},
     "GRO-IP4-005"),
    ("bare", "an IP header and no more", {"l4_cut": 0}, "GRO-TCP-001"))
UNKNOWN6 = (
    ("fragment-header", "a fragment header",
     {"extensions": [(FRAGMENT, bytes(7))]}, "GRO-IP6-004"),
    ("cut", "an extension header that is cut",
     {"extensions": [(ROUTING, b"\xff" + bytes(6))]}, "GRO-IP6-003"),
    ("icmp", "ICMPv6", {"protocol": 58}, "GRO-IP6-004"),
    ("bare", "an IP header and no more", {"l4_cut": 0}, "GRO-TCP-001"))
for version, base, cases in ((4, {}, UNKNOWN4), (6, IP6, UNKNOWN6)):
    apart = flow({}, size=4, **{**base, "source": "192.0.2.9" if version == 4
                                else "2001:db8::9"})
    for name, fault, change, rule in cases:
        keeps_order(f"end-order-all-{name}-ip{version}", f"IPv{version}: "
                    f"{fault} lets all between its addresses leave, the "
                    "oldest first", [change],
                    ["held"] * 3 + [f"passed {rule}"],
                    [[1], [2], [3], [0]], "boundary" if name == "bare"
                    else "refuses", base, before=apart)
    # Addresses that differ in one bit, at either end of each.
    first = 12 if version == 4 else 8
    size = 4 if version == 4 else 16
    for at in (first, first + size - 1, first + size, first + 2 * size - 1):
        for bit in (0, 7):
            data = bytearray(packet(size=8, protocol=1, **base))
            data[at] ^= 1 << bit
            if version == 4:
                data[10:12] = bytes(2)  # not verified by GRO-IP4-002
            add(f"end-order-address-{at}-{bit}-ip{version}", "Lossless: what "
                f"is no TCP makes nothing leave: bit {bit} of byte {at} of the "
                f"IPv{version} header, in an address, differs", "GRO-END-006",
                "boundary order lossless" if bit == 0 else
                "allows order lossless",
                flow({}, size=8, **base) + [entry(bytes(data))],
                ["held", f"passed GRO-IP{version}-00"
                 f"{2 if version == 4 else 4}"], [[1], [0]], config=LOSSLESS)
for version, base, least, rule in ((4, {}, 20, "GRO-IP4-00"),
                                   (6, IP6, 40, "GRO-IP6-00")):
    held = flow({}, size=8, **base)
    short = packet(size=8, **base)
    add(f"end-order-too-short-ip{version}", f"Lossless: {least - 1} bytes of "
        f"IPv{version} let nothing leave", "GRO-END-006",
        "boundary order lossless", held + [entry(short[:least - 1])],
        ["held", f"passed {rule}1"], [[1], [0]], config=LOSSLESS)
    udp = flow({"checksum": "wrong"}, size=8, protocol=17, **base)
    add(f"end-order-other-protocol-ip{version}", f"Lossless: an IPv{version} "
        "UDP packet with a wrong checksum lets nothing of TCP leave",
        "GRO-END-006", "allows order lossless",
        held + udp, ["held", "passed GRO-UDP-002"], [[1], [0]], config=LOSSLESS)
    add(f"end-order-too-short-next-ip{version}", f"Lossless: {least - 1} bytes "
        f"of IPv{version} let nothing leave, after a packet of those addresses",
        "GRO-END-006", "allows order lossless",
        held + udp + [entry(short[:least - 1])],
        ["held", "passed GRO-UDP-002", f"passed {rule}1"], [[1], [2], [0]],
        config=LOSSLESS)
    add(f"end-order-rejected-ip{version}", "Lossless: a rejected packet lets "
        f"nothing of IPv{version} leave", "GRO-END-006",
        "boundary order lossless",
        held + [entry(short, vnet(hdr_len=len(short) + 1))]
        + flow({}, {}, size=8, **base)[1:],
        ["held", "rejected VNET-001", "merged"], [[0, 2]], config=LOSSLESS)
    add(f"end-order-grown-ip{version}", f"Lossless: ICMP over IPv{version} "
        "lets two merged ones leave, and what follows begins anew",
        "GRO-END-006", "refuses order lossless",
        flow({}, {}, {"protocol": 1 if version == 4 else 58}, size=8, **base)
        + flow({}, {}, {}, size=8, **base)[2:],
        ["held", "merged", f"passed {rule}{2 if version == 4 else 4}",
         "held"], [[0, 1], [2], [3]], config=LOSSLESS,
        without=flow({}, {}, {}, size=8, **base))
