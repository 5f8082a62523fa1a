# SPDX-License-Identifier: MIT
"""Packets with hashes, and the buckets of a table."""

from scripts.vectors.packet import DESTINATION, vnet
from scripts.vectors.suite import (
    FLUSH, IP6, OPTION, TIMESTAMPS, UDP4, add, begin, flow)

begin("hash")

SMALL = {"size": 8}
UDP6 = {**IP6, **UDP4}
WAYS = (("", "TCP over IPv4", {}), ("-ip6", "TCP over IPv6", IP6),
        ("-extension", "TCP after an extension header",
         {**IP6, "extensions": [(DESTINATION, OPTION)]}),
        ("-options", "TCP with timestamps", {"options": TIMESTAMPS}),
        ("-udp", "UDP over IPv4", UDP4), ("-udp-ip6", "UDP over IPv6", UDP6),
        ("-link", "TCP in Ethernet", {"link": "ethernet"}))


def put(name, title, rules, side, *rest, config=None, **more):
    """A vector of a table whose packets have hashes."""
    add(name, title, rules, f"{side} hash", *rest,
        config={**(config or {}), "hash": True}, **more)


def link_of(base):
    return {"link": "ethernet"} if "link" in base else {}


def hashes(*numbers, **base):
    """Consecutive packets of one flow, with these hashes."""
    return flow(*({"hash": number} for number in numbers), **SMALL, **base)


def flows(*numbers, **base):
    """A packet each of so many flows, with these hashes."""
    return [made for port, number in enumerate(numbers)
            for made in flow({}, source_port=port, hash=number, **SMALL,
                             **base)]


def single(*numbers):
    return [[number] for number in numbers]


# GRO-KEY-006: the hash is part of the key.

put("key-hash", "Hashes of one bucket differ: two flows", "GRO-KEY-006",
    "refuses", hashes(8, 16), ["held"] * 2, single(0, 1),
    without=hashes(8, 8))
for way, words, base in WAYS:
    named = {"config": link_of(base)}
    for suffix, title, numbers in (
            ("bucket", "buckets", (5, 6)),
            ("high", "highest bits", (5, 2**31 + 5)),
            ("none", "presence of a hash", (0, 8))):
        put(f"key-hash-{suffix}{way}", f"{words}: another hash is another "
            f"flow ({title})", "GRO-KEY-006", "refuses",
            hashes(*numbers, **base), ["held"] * 2, single(0, 1), **named,
            without=hashes(numbers[1], numbers[1], **base))
    put(f"key-hash-same{way}", f"{words}: packets with the same hash merge",
        "GRO-KEY-006", "allows", hashes(*[0x12345678] * 3, **base),
        ["held", "merged", "merged"], [[0, 1, 2]], **named)
    put(f"key-hash-turns{way}", f"{words}: packets with two hashes in turns",
        "GRO-KEY-006", "boundary",
        [made for pair in zip(hashes(9, 9, **base), hashes(1, 1, **base))
         for made in pair], ["held", "held", "merged", "merged"],
        [[0, 2], [1, 3]], **named)
for bit in range(32):
    put(f"key-hash-bit-{bit}", f"Hashes that differ in bit {bit}: two flows",
        "GRO-KEY-006", "boundary", hashes(2**bit ^ 0x6db6db6d, 0x6db6db6d),
        ["held"] * 2,
        single(*((1, 0) if bit < 3 and (2**bit ^ 5) > 5 else (0, 1))))
for number in (1, 7, 2**32 - 1):
    put(f"key-hash-of-{number}", f"Packets with hash {number} merge",
        "GRO-KEY-006", "boundary", hashes(number, number),
        ["held", "merged"], [[0, 1]])
put("key-hash-ports", "One hash, and other ports: two flows", "GRO-KEY-006",
    "boundary", flows(3, 3), ["held"] * 2, single(0, 1))
for name, words, change, fate in (
        ("flags", "PSH and no data", {"flags": "AP", "size": 0},
         "passed GRO-END-001"),
        ("empty", "no data", {"size": 0}, "passed GRO-END-002"),
        ("flush", "padding", {"padding": b"\0"}, "passed GRO-IP4-006"),
        ("window", "another window", {"window": 1}, "held")):
    put(f"key-hash-beside-{name}", f"A packet with {words} and another hash "
        "leaves the held one in the table", "GRO-KEY-006", "boundary",
        hashes(4) + flow({}, {"hash": 12, **change}, **SMALL)[1:]
        + flow({}, {"hash": 4}, **SMALL)[1:],
        ["held", fate, "merged"],
        [[1], [0, 2]] if fate.startswith("passed") else [[0, 2], [1]])
put("key-hash-partial", "Packets whose checksums are not computed merge, "
    "with one hash", "GRO-KEY-006", "allows",
    flow(*[{"hash": 77, "checksum": "seed",
            "vnet": vnet(1, csum_start=20, csum_offset=16)}] * 2, **SMALL),
    ["held", "merged"], [[0, 1]])
put("key-hash-poll", "The end of a poll separates packets with one hash",
    "GRO-KEY-006", "boundary",
    hashes(6) + [FLUSH] + flow({}, {"hash": 6}, **SMALL)[1:], ["held"] * 2,
    single(0, 1))
# GRO-END-007: eight in a bucket.

for bucket in range(8):
    full = [bucket + 8 * number for number in range(8)]
    put(f"end-hash-{bucket}", f"Of nine flows in bucket {bucket} the oldest "
        "leaves", "GRO-END-007", "refuses", flows(*full, bucket + 64),
        ["held"] * 9, single(*range(9)), without=flows(*full))
put("end-hash-eight", "Eight flows in each bucket are held", "GRO-END-007",
    "boundary", flows(*range(64)), ["held"] * 64,
    single(*(8 * age + bucket for bucket in range(8) for age in range(8))))
put("end-hash-two", "Nine flows in two buckets are held", "GRO-END-007",
    "allows", flows(*[7] * 8, 6), ["held"] * 9, single(8, *range(8)))
put("end-hash-oldest", "The oldest of the bucket leaves, not of the table",
    "GRO-END-007", "boundary", flows(2, *[3] * 9, 1), ["held"] * 11,
    single(1, 10, 0, *range(2, 10)))
put("end-hash-each", "In each of two buckets the oldest leaves", "GRO-END-007",
    "boundary", flows(*[5, 1] * 9), ["held"] * 18,
    single(0, 1, *range(3, 18, 2), *range(2, 18, 2)))
put("end-hash-grows", "A full bucket, and a packet that merges: none leaves",
    "GRO-END-007", "allows",
    flows(*[4] * 8) + flow({}, {}, source_port=0, hash=4, **SMALL)[1:],
    ["held"] * 8 + ["merged"], [[0, 8], *single(*range(1, 8))])
put("end-hash-room", "A packet of a full bucket mismatches: it takes the "
    "place of its flow", "GRO-END-007", "boundary",
    flows(*[4] * 8) + flow({}, {"window": 1}, source_port=3, hash=4,
                           **SMALL)[1:],
    ["held"] * 8 + ["held GRO-TCP-006"], single(3, 0, 1, 2, 4, 5, 6, 7, 8))
put("end-hash-again", "The oldest leaves, and after the poll all have room",
    "GRO-END-007", "boundary",
    flows(*[6] * 9) + [FLUSH] + flows(*[6] * 8), ["held"] * 17,
    single(*range(17)))
for number in range(1, 8):
    put(f"end-hash-gap-{number}", f"Bucket {number} is full, and those beside "
        "it have one each: its oldest leaves", "GRO-END-007", "boundary",
        flows(number - 1, *[number] * 8, (number + 1) % 8, number),
        ["held"] * 11,
        single(1, *([9] if number == 7 else []), 0, *range(2, 9), 10,
               *([] if number == 7 else [9])))
for most in (1, 2, 9):
    full = [number % 2 for number in range(2 * most)]
    put(f"end-hash-of-{most}", f"Two full buckets, and one packet more, with "
        f"max_flows {most}", "GRO-END-007", "boundary",
        flows(*full, 1), ["held"] * (2 * most + 1),
        single(1, *range(0, 2 * most, 2), *range(3, 2 * most, 2), 2 * most),
        config={"max_flows": most})

# GRO-END-008: the order of the buckets.

put("end-poll-hash", "Buckets leave in the order of their numbers",
    "GRO-END-008", "allows", flows(*range(7, -1, -1)), ["held"] * 8,
    single(*range(7, -1, -1)))
put("end-poll-hash-ages", "In a bucket the oldest leaves first", "GRO-END-008",
    "boundary", flows(9, 8, 1, 0, 17, 16), ["held"] * 6,
    single(1, 3, 5, 0, 2, 4))
put("end-poll-hash-high", "Only hash mod 8 chooses the bucket", "GRO-END-008",
    "boundary", flows(2**32 - 1, 2**31, 2**32 - 2, 1), ["held"] * 4,
    single(1, 3, 2, 0))
put("end-poll-hash-none", "Packets without a hash are in bucket 0",
    "GRO-END-008", "boundary", flows(1, 0, 8, 0), ["held"] * 4,
    single(1, 2, 3, 0))
put("end-poll-hash-left", "A bucket that was emptied, and filled again",
    "GRO-END-008", "boundary",
    flows(2, 1) + flow({}, {"flags": "AP"}, source_port=1, hash=1,
                       **SMALL)[1:]
    + flows(2, 1, 1, 0)[2:], ["held", "held", "merged", "held", "held"],
    [[1, 2], [4], [3], [0]])
for bucket in range(8):
    put(f"end-poll-hash-anew-{bucket}", f"Bucket {bucket} is filled again "
        "after a poll, and its oldest grows", "GRO-END-008", "boundary",
        flows(bucket, bucket) + [FLUSH]
        + flows(*range(bucket, bucket + 64, 8))
        + flow({}, {}, source_port=0, hash=bucket, **SMALL)[1:],
        ["held"] * 10 + ["merged"],
        [[0], [1], [2, 10], *single(*range(3, 10))])
for first, second in ((0, 1), (3, 6), (6, 7), (5, 5)):
    order = single(0, 4, 3) if first == second else single(0, 3, 4)
    put(f"end-poll-hash-gone-{first}-{second}", "The youngest of bucket "
        f"{second} leaves, and others come: that of bucket {first} stays "
        "before it", "GRO-END-008", "boundary",
        flows(first, second) + flow({}, {"flags": "AP"}, source_port=1,
                                    hash=second, **SMALL)[1:]
        + flows(0, 0, (first + (first == second)) % 8, second)[2:],
        ["held", "held", "merged", "held", "held"], [[1, 2], *order])
for first in range(8):
    for second in range(8):
        put(f"end-poll-hash-{first}-{second}", f"A flow of bucket {first}, "
            f"and one of bucket {second}", "GRO-END-008", "boundary",
            flows(first, second), ["held"] * 2,
            single(1, 0) if second < first else single(0, 1))
