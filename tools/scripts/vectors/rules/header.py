# SPDX-License-Identifier: MIT
"""Virtio headers with more than 10 bytes."""

from scripts.vectors.packet import HOP_BY_HOP, packet, vnet
from scripts.vectors.suite import (
    IP6, OPTION, UDP4, add, add_split, begin, entry)

begin("header")

ONES = b"\xff"

# (end of the id, words, fields, csum_start, csum_offset, gso_type)
WAYS = (("tcp4", "TCP over IPv4", {}, 20, 16, 1),
        ("tcp6", "TCP over IPv6", IP6, 40, 16, 4),
        ("tcp6-extension", "TCP after an extension header",
         {**IP6, "extensions": [(HOP_BY_HOP, OPTION)]}, 48, 16, 4),
        ("udp4", "UDP over IPv4", UDP4, 20, 6, 5),
        ("udp6", "UDP over IPv6", {**IP6, **UDP4}, 40, 6, 5))


def both(name, title, rule, side, data, header, fate, segments,
         without=None, **more):
    """One packet for a table and for a split."""
    made = entry(data, header)
    add(name, title, rule, f"{side} vnet", [made], [fate],
        [] if fate.startswith("rejected") else [[0]], without=without, **more)
    add_split(f"{name}-split", f"Split: {title}", rule, f"{side} vnet", data,
              header, segments, without=without, **more)


# Headers of 12 bytes: VNET-001 counts the two that are not read.

LONG = {"config": {"vnet_len": 12}}
DATA = packet(size=10)

for over in range(4):
    rejected = over > 2
    both(f"header-12-hdr-len-{over}", f"A header of 12 bytes, and hdr_len is "
         f"{over} more than the packet has: "
         f"{'rejected' if rejected else 'accepted'}", "VNET-001",
         "boundary" if over in (2, 3) else "allows", DATA,
         vnet(hdr_len=len(DATA) + over, rest=bytes(2)),
         "rejected VNET-001" if rejected else "held",
         "EINVAL" if rejected else 1, **LONG)
both("header-10-hdr-len-1", "A header of 10 bytes, and hdr_len is 1 more than "
     "the packet has: rejected", "VNET-001", "refuses", DATA,
     vnet(hdr_len=len(DATA) + 1), "rejected VNET-001", "EINVAL",
     without=[entry(DATA, vnet(hdr_len=len(DATA)))])
both("header-12-csum", "A header of 12 bytes whose checksum field ends one byte "
     "behind the packet: rejected", "VNET-004", "boundary", DATA,
     vnet(1, csum_start=len(DATA) - 17, csum_offset=16, rest=bytes(2)),
     "rejected VNET-004", "EINVAL", **LONG)

for way, words, fields, start, offset, kind in WAYS:
    base = {**fields, "size": 25}
    header = (1, kind, start, 10, start, offset)
    made = entry(packet(**base), vnet(rest=ONES * 2))
    add(f"header-12-{way}", f"{words}: num_buffers means nothing", "VNET-001",
        "allows vnet", [made], ["held"], [[0]], **LONG)
    add_split(f"header-12-{way}-split", f"Split: {words}: num_buffers means "
              "nothing", "VNET-001", "allows vnet",
              packet(**base, checksum="seed"), vnet(*header, rest=ONES * 2), 3,
              **LONG)
