# SPDX-License-Identifier: MIT
"""The packet by itself."""

from packet import packet, vnet
from suite import IP6, TCP_GSO, add, begin, entry, flow, flush

begin("in")

for name, title, data in (
        ("in-version", "IP version 5: rejected", b"\x55" + packet()[1:]),
        ("in-empty", "A packet of no bytes: rejected", b"")):
    add(name, title, "GRO-IN-001", "boundary", [entry(data)],
        ["rejected GRO-IN-001"], [])
add("in-length", "65576 bytes are more than an IP packet can have: rejected",
    "GRO-IN-002", "boundary deviation",
    flow({"size": 65576 - 60, "payload_length": 0}, **IP6),
    ["rejected GRO-IN-002"], [])
add("in-length-most", "65575 bytes are as many as an IP packet can have: held",
    "GRO-END-008", "boundary", flow({"size": 65575 - 60}, **IP6), ["held"],
    [[0]])
flush("in-gso", "A GSO packet", "GRO-IN-003", {},
      {"size": 300, "checksum": "seed", "vnet": vnet(**TCP_GSO)}, "flush vnet")
