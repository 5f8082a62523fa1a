# SPDX-License-Identifier: MIT
"""The packet by itself."""

from scripts.vectors.packet import packet, vnet
from scripts.vectors.suite import (
    IP6, TCP6_GSO, TCP_GSO, UDP4, UDP6_GSO, UDP_GSO, add, add_split, another,
    begin, entry, flow, flush)

begin("in")

UDP6 = {**IP6, **UDP4}
ZERO = vnet()


def told(name, title, rule, side, data, fate, twin=None):
    """One packet for a table and for a split."""
    rejected = fate.startswith("rejected")
    without = None if twin is None else [entry(twin, ZERO)]
    add(name, title, rule, side, [entry(data)], [fate],
        [] if rejected else [[0]], without=without)
    add_split(f"{name}-split", f"Split: {title}", rule, side, data, ZERO,
              "EINVAL" if rejected else 1, without=without)


# GRO-IN-001: neither IPv4 nor IPv6.

told("in-empty", "A packet of no bytes: rejected", "GRO-IN-001", "refuses",
     b"", "rejected GRO-IN-001", packet(size=8))
told("in-version", "IP version 5: rejected", "GRO-IN-001", "boundary",
     b"\x55" + packet(size=8)[1:], "rejected GRO-IN-001")
for shape, fields in (("4", {}), ("6", IP6)):
    right = packet(size=8, **fields)
    for version in range(16):
        if version in (4, 6):
            continue
        beside = version in (5, 7) or bin(version ^ int(shape)).count("1") == 1
        if shape == "6" and not beside:
            continue
        data = bytes([version << 4 | right[0] & 15]) + right[1:]
        told(f"in-version-{version}-for-{shape}", f"IP version {version} where "
             f"{shape} would be right: rejected", "GRO-IN-001",
             "boundary" if version in (5, 7) else "refuses", data,
             "rejected GRO-IN-001",
             None if version in (5, 7) else right)
    told(f"in-version-{shape}", f"IP version {shape}: held", "GRO-IN-001",
         "allows", right, "held")
for byte, rule in ((0x40, "GRO-IP4-001"), (0x4f, "GRO-IP4-001"),
                   (0x60, "GRO-IP6-001"), (0x6f, "GRO-IP6-001")):
    told(f"in-one-byte-{byte:x}", f"A packet of the byte {byte:#x}: passes",
         "GRO-IN-001", "boundary", bytes([byte]), f"passed {rule}")
for byte in (0x3f, 0x50, 0x5f, 0x70, 0xc5, 0xe0):
    told(f"in-one-byte-{byte:x}", f"A packet of the byte {byte:#x}: rejected",
         "GRO-IN-001", "refuses", bytes([byte]), "rejected GRO-IN-001",
         bytes([0x45]) + packet(size=8)[1:])
for name, data in (("empty", b""), ("version", b"\x05" + packet()[1:])):
    fine = flow({}, {}, {}, size=8)
    add(f"in-{name}-between", f"A packet of {len(data)} bytes that is no IP "
        "packet between two that merge: rejected, and they merge",
        "GRO-IN-001", "refuses", [fine[0], entry(data), fine[1]],
        ["held", "rejected GRO-IN-001", "merged"], [[0, 2]], without=fine)

# GRO-IN-002: larger than an IP packet can be.

add("in-length", "65576 bytes are more than an IP packet can have: rejected",
    "GRO-IN-002", "refuses deviation",
    flow({"size": 65576 - 60, "payload_length": 0}, **IP6),
    ["rejected GRO-IN-002"], [], without=flow({"size": 65575 - 60}, **IP6))
add_split("in-length-split", "Split: 65576 bytes: rejected", "GRO-IN-002",
          "boundary deviation", packet(**IP6, size=65576 - 60,
                                       payload_length=0), ZERO, "EINVAL")
add("in-length-most", "65575 bytes are as many as an IP packet can have: held",
    "GRO-IN-002", "boundary", flow({"size": 65575 - 60}, **IP6), ["held"],
    [[0]])
add("in-length-usual", "1500 bytes: held", "GRO-IN-002", "allows",
    flow({"size": 1460}), ["held"], [[0]])

# GRO-IN-003: a GSO packet lets the held one leave.

KINDS = {
    "tcp4": ("TCP over IPv4", TCP_GSO, {}),
    "tcp6": ("TCP over IPv6", TCP6_GSO, IP6),
    "udp4": ("UDP over IPv4", UDP_GSO, UDP4),
    "udp6": ("UDP over IPv6", UDP6_GSO, UDP6),
    "ecn4": ("TCP over IPv4 with the ECN bit", {**TCP_GSO, "gso_type": 0x81},
             {}),
    "ecn6": ("TCP over IPv6 with the ECN bit", {**TCP6_GSO, "gso_type": 0x84},
             IP6),
    "fragments4": ("gso_type 3", {**UDP_GSO, "gso_type": 3}, UDP4),
    "whole4": ("TCP over IPv4 without NEEDS_CSUM",
               {"gso_type": 1}, {}),
    "whole6": ("TCP over IPv6 without NEEDS_CSUM", {"gso_type": 4}, IP6),
}


def gso(header, size=30, gso_size=10):
    """The change that makes a packet of a flow a GSO packet."""
    made = {"size": size, "vnet": vnet(**{**header, "gso_size": gso_size})}
    return {**made, "checksum": "seed"} if header.get("flags") else made


flush("in-gso", "A GSO packet", "GRO-IN-003", {},
      {"size": 300, "checksum": "seed", "vnet": vnet(**TCP_GSO)}, "flush vnet")
for kind, (words, header, fields) in KINDS.items():
    base = {"size": 30, **fields}
    if kind != "tcp4":
        flush(f"in-gso-{kind}", f"A GSO packet, {words}", "GRO-IN-003", base,
              gso(header), "flush vnet")
    add(f"in-gso-alone-{kind}", f"{words}: a GSO packet whose flow has no held "
        "one passes, and nothing of another flow leaves", "GRO-IN-003",
        "refuses flush vnet", another(size=4) + flow(gso(header), **base),
        ["held", "passed GRO-IN-003"], [[1], [0]],
        without=another(size=4) + flow({}, **base))
    if "fragments" in kind:
        continue
    add(f"in-gso-third-{kind}", f"{words}: a GSO packet lets two merged ones "
        "leave, and the packet after it begins anew", "GRO-IN-003",
        "refuses flush vnet",
        flow({}, {}, gso(header), {}, {}, **base),
        ["held", "merged", "passed GRO-IN-003", "held", "merged"],
        [[0, 1], [2], [3, 4]], without=flow({}, {}, {}, {}, {}, **base))
    add(f"in-gso-one-segment-{kind}", f"{words}: a GSO packet of one segment "
        "merges", "GRO-IN-003", "allows merge vnet",
        flow({}, gso(header, 30, 30), **base), ["held", "merged"], [[0, 1]])
    add(f"in-gso-two-segments-{kind}", f"{words}: a GSO packet of two "
        "segments, the last one of a byte, makes the held packet leave",
        "GRO-IN-003", "boundary flush vnet",
        flow({}, gso(header, 11), **base), ["held", "passed GRO-IN-003"],
        [[0], [1]])

# The flow that leaves is that of the addresses and ports, not of gso_type.
for kind, other in (("tcp4", UDP_GSO), ("udp4", {**TCP_GSO, "gso_type": 3})):
    words, _, fields = KINDS[kind]
    base = {"size": 30, **fields}
    flush(f"in-gso-other-type-{kind}", f"{words}: a GSO packet of gso_type "
          f"{other['gso_type']}", "GRO-IN-003", base, gso(other),
          "boundary flush vnet")
# The checksum of a GSO packet is not verified. That of a plain packet after it
# is.
for kind in ("whole4", "whole6"):
    words, header, fields = KINDS[kind]
    flush(f"in-gso-checksum-{kind}", f"{words}: a GSO packet with a wrong "
          "checksum", "GRO-IN-003", {"size": 30, **fields},
          {**gso(header), "checksum": "wrong"}, "flush vnet",
          without=flow({}, {}, size=30, **fields))
