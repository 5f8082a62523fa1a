# SPDX-License-Identifier: MIT
"""Every sequence of up to three packets over an alphabet of kinds of packets,
and of a few of them with the end of a poll in between; and long ones at
random, in which flows come and go.
"""

import itertools
import random

from scripts.vectors.packet import FRAGMENT, TCP, UDP

from scripts.vectors.families.expand import (
    USUAL, add, apply, entry, following, stream)

BASE = {**USUAL, "size": 8}
PORTS = {TCP: 50002, UDP: 50012}

# What makes three segments of a packet, by protocol and IP version.
GSO = {"flags": 1, "gso_size": 8}
HEADERS = {
    (TCP, 4): {**GSO, "gso_type": 1, "hdr_len": 40, "csum_start": 20,
               "csum_offset": 16},
    (TCP, 6): {**GSO, "gso_type": 4, "hdr_len": 60, "csum_start": 40,
               "csum_offset": 16},
    (UDP, 4): {**GSO, "gso_type": 5, "hdr_len": 28, "csum_start": 20,
               "csum_offset": 6},
    (UDP, 6): {**GSO, "gso_type": 5, "hdr_len": 48, "csum_start": 40,
               "csum_offset": 6},
}

FRAGMENTS = {4: {"mf": True}, 6: {"extensions": ((FRAGMENT, bytes(7)),)}}


def kinds(protocol, ip_version):
    """The alphabet: names, words, changes."""
    common = {
        "next": ("the next segment", {}),
        "short": ("a shorter one", {"size": 4}),
        "long": ("a longer one", {"size": 12}),
        "empty": ("an empty one", {"size": 0}),
        "wrong": ("one with a wrong checksum", {"checksum": "wrong"}),
        "other": ("one of another flow", {"source_port+": 1, "aside": True}),
        "fragment": ("a fragment", FRAGMENTS[ip_version]),
        "gso": ("a super-packet", {
            "size": 24, "checksum": "seed",
            "vnet": HEADERS[protocol, ip_version]}),
    }
    if protocol == UDP:
        return {
            **common,
            "none": ("one without checksum", {"checksum": 0}),
            "tcp": ("one of TCP", {"protocol": TCP, "aside": True})}
    return {
        **common,
        "again": ("bytes that were there",
                  {"sequence+": -8, "aside": True}),
        "psh": ("one with PSH", {"flags+": "P"}),
        "fin": ("one with FIN", {"flags+": "F"}),
        "syn": ("one with SYN", {"flags+": "S"}),
        "cwr": ("one with CWR", {"flags+": "C"}),
        "udp": ("one of UDP", {"protocol": UDP, "aside": True})}


# Where a poll ends: only among these, of three packets.
FEW = ("next", "short", "other", "psh")
FLUSH = {"flush": ("the end of the poll", None)}


def sequences(alphabet):
    """Lists of names."""
    for count in (1, 2, 3):
        yield from itertools.product(alphabet, repeat=count)
    for one, two in itertools.product(alphabet, repeat=2):
        yield one, "flush", two
    few = [name for name in FEW if name in alphabet]
    for one, two, three in itertools.product(few, repeat=3):
        yield one, "flush", two, three
        yield one, two, "flush", three


# Over the other IP version without these, which are the same there.
SAME = ("again", "fin", "syn", "udp")

SUITES = {
    "tcp4": ("TCP over IPv4", TCP, 4, {}, ()),
    "tcp6": ("TCP over IPv6", TCP, 6, {}, SAME),
    "udp4": ("UDP over IPv4", UDP, 4, {}, ()),
    "udp6": ("UDP over IPv6", UDP, 6, {}, ()),
    "tcp4-lossless": ("TCP over IPv4 (lossless)", TCP, 4,
                      {"mode": "lossless"}, ()),
    "tcp6-lossless": ("TCP over IPv6 (lossless)", TCP, 6,
                      {"mode": "lossless"}, SAME),
    "udp6-lossless": ("UDP over IPv6 (lossless)", UDP, 6,
                      {"mode": "lossless"}, ()),
}


def vectors(kind, title, protocol, ip_version, config, without):
    base = {**BASE, "protocol": protocol, "version": ip_version,
            "source_port": PORTS[protocol]}
    letters = {**kinds(protocol, ip_version), **FLUSH}
    for names in sequences([name for name in letters if name != "flush"
                            and name not in without]):
        words = ", ".join(letters[name][0] for name in names)
        changes = [None if name == "flush" else [letters[name][1]]
                   for name in names]
        add(f"sequences-{kind}", f"sequence-{kind}-{'-'.join(names)}",
            f"A row of {title}: {words}", "sequences", ["GRO-END-008"],
            "gro", config, stream(base, changes))


# Of the long ones: how many there are, their packets, and how often a kind is
# drawn.
LONG = 32
PACKETS = 48
LIKELY = ("next",) * 10 + ("short", "empty", "wrong", "psh", "psh")


def long_ones(kind, title, protocol, ip_version, flows):
    """Each packet is of a flow at random, and goes on where that was."""
    letters = kinds(protocol, ip_version)
    likely = [name for name in LIKELY if name in letters]
    for number in range(LONG):
        dice = random.Random(number)  # its random() is the same for ever
        at = {port: {**USUAL, "size": 8, "protocol": protocol,
                     "version": ip_version, "source_port": 50200 + port}
              for port in range(flows)}
        made = []
        for _ in range(PACKETS):
            port = int(dice.random() * flows)
            name = likely[int(dice.random() * len(likely))]
            fields = apply(at[port], letters[name][1])
            made.append(entry(fields))
            at[port] = following(at[port], fields)
        add(f"sequences-{kind}", f"sequence-{kind}-{flows}-{number}",
            f"{PACKETS} packets of {flows} flows of {title}, number {number}",
            "sequences", ["GRO-END-007"], "gro", {}, made)


for suite, row in SUITES.items():
    vectors(suite, *row)
for room in (8, 10):
    long_ones("tables-tcp4", "TCP over IPv4", TCP, 4, room)
    long_ones("tables-udp6", "UDP over IPv6", UDP, 6, room)
