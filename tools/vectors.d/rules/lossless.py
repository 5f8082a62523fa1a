# SPDX-License-Identifier: MIT
"""Lossless mode."""

from packet import DESTINATION, packet, pattern, vnet
from suite import (FAR6, IP6, LOSSLESS, OPTION, UDP4, add, begin, flow,
                   zero_checksum)

begin("lossless")

def lossy(name, title, rule, change, base=None, profile="linux-6.18",
          fate="passed", first=None):
    """What Linux merges, and lossless mode does not."""
    add(name, f"{title}: it does not merge", rule, "lossless",
        flow(first or {}, change, **(base or {})),
        ["held", f"{fate} {rule}"], [[0], [1]], LOSSLESS, profile)


def whole_zero(**fields):
    """A payload with which the TCP checksum is 0."""
    rest = pattern(0, 98)
    found = packet(payload=b"\0\0" + rest, **fields)
    return found[36:38] + rest


lossy("ll-vnet", "A packet whose checksum is yet to be computed", "GRO-LL-001",
      {"checksum": "seed", "vnet": vnet(1, 0, 0, 0, 20, 16)})
lossy("ll-ip4-checksum", "An IPv4 header checksum of 0xffff", "GRO-LL-002",
      {"ip_checksum": 0xffff}, {"id": zero_checksum() - 1})
lossy("ll-tcp-checksum", "A TCP checksum of 0xffff", "GRO-LL-003",
      {"payload": whole_zero(sequence=0x10000064), "checksum": 0xffff})
add("ll-udp-write", "UDP passes where no UDP super-packet can be written",
    "GRO-LL-004", "lossless profile", flow({}, {}, **UDP4),
    ["passed GRO-LL-004"] * 2, [[0], [1]], LOSSLESS, "linux-6.1")
add("ll-far", "TCP behind byte 65470 passes: it could not be written back",
    "GRO-LL-011", "lossless boundary", flow({}, {}, **FAR6),
    ["passed GRO-LL-011"] * 2, [[0], [1]], LOSSLESS)
lossy("ll-flow-label", "Another flow label", "GRO-LL-005", {"flow_label": 1},
      IP6, fate="held")
lossy("ll-extension", "Another byte in an extension header", "GRO-LL-006",
      {"extensions": [(DESTINATION, OPTION[:-1] + b"\x01")]},
      {**IP6, "extensions": [(DESTINATION, OPTION)]}, fate="held")
lossy("ll-id", "Equal identifications", "GRO-LL-007", {"id": 0x1000},
      fate="held")
lossy("ll-urgent", "Another urgent pointer", "GRO-LL-008", {"urgent": 9},
      fate="held")
lossy("ll-cwr", "CWR on both packets", "GRO-LL-009", {}, {"flags": "AC"},
      "linux-7.2", "held")
lossy("ll-size", "Segments of 7 bytes", "GRO-LL-010", {}, {"size": 7},
      fate="held")
add("ll-merge", "What a split undoes merges as in Linux", "GRO-OUT-007",
    "lossless", flow({}, {}, {"size": 50, "flags": "AP"}),
    ["held", "merged", "merged"], [[0, 1, 2]], LOSSLESS)
