# SPDX-License-Identifier: MIT
"""The bytes that leave."""

from packet import DESTINATION, HOP_BY_HOP, vnet
from suite import (IP6, OPTION, TIMESTAMPS, UDP4, add, begin, flow, merge,
                   zero_checksum)

begin("out")

add("out-single", "A verified packet leaves as it came, with DATA_VALID",
    "GRO-OUT-001", "merge", flow({}), ["held"], [[0]])
add("out-single-partial", "NEEDS_CSUM is kept, and nothing else of the header",
    "GRO-OUT-001", "vnet", flow({"checksum": "seed",
                                 "vnet": vnet(3, 0, 60, 9, 20, 16)}),
    ["held"], [[0]])
add("out-single-gso", "The header of a GSO packet is kept", "GRO-OUT-001",
    "vnet", flow({"size": 300, "checksum": "seed", "flags": "APC",
                  "vnet": vnet(1, 0x81, 40, 100, 20, 16)}),
    ["passed GRO-IN-003"], [[0]])
add("out-single-short-tcp", "A right checksum shows though the header is short",
    "GRO-OUT-001", "bypass", flow({"l4_cut": 19}), ["passed GRO-TCP-002"],
    [[0]])
merge("out-ip4", "total_length and its checksum change, the identification "
      "does not", "GRO-OUT-002", "merge", {}, {}, {})
merge("out-ip4-checksum-zero", "A checksum that becomes 0 and not 0xffff",
      "GRO-OUT-002", "merge boundary", {}, {},
      base={"id": zero_checksum(size=200)})
merge("out-ip6", "Extension headers stand once", "GRO-OUT-003", "merge",
      {}, {}, base={**IP6, "traffic_class": 0xb8, "extensions": [
          (HOP_BY_HOP, OPTION), (DESTINATION, OPTION)]})
merge("out-tcp", "FIN and PSH of the last segment, everything else of the "
      "first", "GRO-OUT-004", "merge", {"urgent": 3}, {},
      {"flags": "AFP", "urgent": 4}, base={"options": TIMESTAMPS})
merge("out-tcp-ip6", "The same over IPv6", "GRO-OUT-004", "merge", {}, {},
      {"flags": "AFP"}, base={**IP6, "options": TIMESTAMPS})
merge("out-ecn", "CWR on the first packet becomes the ECN bit", "GRO-OUT-005",
      "profile", {"flags": "AC"}, {}, profile="linux-6.12")
merge("out-ecn-not", "CWR on both packets becomes no ECN bit", "GRO-OUT-005",
      "profile", {"flags": "AC"}, {"flags": "AC"}, profile="linux-7.2")
merge("out-udp", "The UDP length and the checksum's seed", "GRO-OUT-006",
      "merge", {}, {}, {"size": 50}, base=UDP4)
merge("out-udp-ip6", "The same over IPv6", "GRO-OUT-006", "merge", {}, {},
      {"size": 50}, base={**IP6, **UDP4})
merge("out-vnet", "The virtio header is the super-packet's, not its packets'",
      "GRO-OUT-007", "vnet", {"checksum": "seed",
                              "vnet": vnet(1, 0, 40, 0, 20, 16)}, {},
      base={"options": TIMESTAMPS})
