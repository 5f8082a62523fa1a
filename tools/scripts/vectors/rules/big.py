# SPDX-License-Identifier: MIT
"""Super-packets over 65535 bytes (BIG TCP)."""

from scripts.profiles import having
from scripts.vectors.packet import DESTINATION, HOP_BY_HOP
from scripts.vectors.suite import (
    IP6, NO_KERNEL, OPTION, TIMESTAMPS, UDP4, add, begin, flow,
    zero_checksum)

begin("big")

BIG = {"max_bytes": 131072}
UDP6 = {**IP6, **UDP4}
EXTENSION = {**IP6, "extensions": [(DESTINATION, OPTION)]}
HOPS = {**IP6, "extensions": [(HOP_BY_HOP, OPTION)]}
LONG = {**IP6, "extensions": [(DESTINATION, b"\1\1\14" + bytes(12))]}

# (end of the id, words, fields, bytes of the headers)
WAYS = (("tcp4", "TCP over IPv4", {}, 40),
        ("tcp6", "TCP over IPv6", IP6, 60))


def halves(total, headers, base):
    """Two packets whose super-packet has `total` bytes."""
    second = (total - headers) // 2
    return flow({"size": total - headers - second}, {"size": second}, **base)


def one(name, title, rule, flags, total, headers, base, **more):
    """The super-packet of two packets."""
    add(name, title, rule, f"{flags} merge", halves(total, headers, base),
        ["held", "merged"], [[0, 1]], **{"config": BIG, **more})


def two(name, title, rule, flags, total, headers, base, **more):
    """Two packets, whose super-packet would have `total` bytes."""
    add(name, title, rule, f"{flags} mismatch",
        halves(total, headers, base), ["held", f"held {rule}"], [[0], [1]],
        **{"config": BIG, "without": halves(65535, headers, base), **more})


# GRO-LIM-001: max_bytes.

for way, words, base, headers in WAYS:
    limit = {"max_bytes": 70000}
    one(f"big-limit-{way}", f"{words}: max_bytes is 70000, and so many bytes "
        "merge", "GRO-LIM-001", "boundary", 70000, headers, base, config=limit)
    two(f"big-limit-over-{way}", f"{words}: max_bytes is 70000, and 70001 "
        "bytes do not merge", "GRO-LIM-001", "refuses", 70001, headers, base,
        config=limit)
# GRO-LIM-002: what stays at 65535 bytes.

for way, words, base, headers in (
        ("udp4", "UDP over IPv4", UDP4, 28),
        ("udp6", "UDP over IPv6", UDP6, 48)):
    two(f"big-{way}", f"{words}: 65536 bytes do not merge, though max_bytes "
        "is 131072", "GRO-LIM-002", "refuses", 65536, headers, base)
    one(f"big-{way}-65535", f"{words}: 65535 bytes merge as ever",
        "GRO-LIM-002", "boundary", 65535, headers, base)
for way, words, base, headers in (
        ("tcp4", "TCP over IPv4", {}, 40),
        ("tcp6-extension", "TCP after an extension header", EXTENSION, 68)):
    two(f"big-usual-{way}", f"{words}: 65536 bytes do not merge in 6.1",
        "GRO-LIM-002", "refuses profile", 65536, headers, base,
        profile=having(big_ip4=False)[0])

one("big-not-udp", "65537 bytes of TCP merge where UDP stays at 65535",
    "GRO-LIM-002", "allows", 65537, 40, {})

# GRO-LIM-003: extension headers for which a jumbo header has no room.

two("big-extensions", "A jumbo header does not go with 16 bytes of extension "
    "headers: 65576 bytes do not merge", "GRO-LIM-003",
    "refuses deviation", 65576, 76, LONG, config={**BIG, **NO_KERNEL})
one("big-extensions-65575", "16 bytes of extension headers, without a jumbo "
    "header: 65575 bytes merge", "GRO-LIM-003", "boundary deviation", 65575,
    76, LONG, config={**BIG, **NO_KERNEL})
one("big-extensions-8", "A jumbo header goes with 8 bytes of extension "
    "headers", "GRO-LIM-003", "allows", 65576, 68, EXTENSION)

# GRO-OUT-013: IPv4.

one("big-ip4", "The total length of 65536 bytes is written as 0",
    "GRO-OUT-013", "boundary", 65536, 40, {})
one("big-ip4-timestamps", "The total length of 65700 bytes is written as 0",
    "GRO-OUT-013", "allows", 65700, 52, {"options": TIMESTAMPS})
one("big-ip4-usual", "The total length of 65535 bytes is written",
    "GRO-OUT-013", "refuses", 65535, 40, {}, without=flow({}, {}))

WHOLE = {"size": 65495}
add("big-ip4-ones", "A header checksum of 0xffff, and a total length that was "
    "65535: the checksum stays", "GRO-OUT-013", "boundary merge",
    flow({"ip_checksum": 0xffff}, {"size": 1}, **WHOLE,
         id=zero_checksum(**WHOLE)), ["held", "merged"], [[0, 1]], config=BIG)

# GRO-OUT-014 and GRO-OUT-015: IPv6.

one("big-ip6", "IPv6: 65575 bytes have a payload length of 65535",
    "GRO-OUT-014", "refuses", 65575, 60, IP6, without=flow({}, {}))
one("big-ip6-over", "IPv6: 65576 bytes have a payload length of 0",
    "GRO-OUT-014", "boundary", 65576, 60, IP6)
one("big-ip6-timestamps", "IPv6: 65700 bytes have a payload length of 0",
    "GRO-OUT-014", "allows", 65700, 72, {**IP6, "options": TIMESTAMPS})
one("big-ip6-65536", "IPv6: 65536 bytes have a payload length of 65496",
    "GRO-OUT-014", "refuses", 65536, 60, IP6, without=flow({}, {}))
one("big-jumbo", "A jumbo header stands behind the IPv6 header",
    "GRO-OUT-015", "allows", 65601, 60, IP6)
one("big-jumbo-extension", "A jumbo header stands before an extension header",
    "GRO-OUT-015", "allows", 65577, 68, EXTENSION)
one("big-jumbo-hops", "A jumbo header stands before a hop-by-hop header",
    "GRO-OUT-015", "boundary", 65576, 68, HOPS)
one("big-jumbo-none", "Without the jumbo header, as in 7.2, extension headers "
    "may be as long as they are", "GRO-OUT-015", "refuses profile", 65577, 76,
    LONG, profile=having(strips_jumbo=False)[0], without=flow({}, {}))
