# SPDX-License-Identifier: MIT
"""Limits."""

from suite import IP6, UDP4, add, another, begin, flow

begin("limits")

# 40 + 5 * 13099 and 48 + 3 * 21829 are 65535.
add("limit-65536", "A super-packet has 65535 bytes; one more byte begins the "
    "next one", "GRO-LIM-001", "mismatch boundary",
    flow(*[{}] * 5, {"size": 1}, size=13099),
    ["held"] + ["merged"] * 4 + ["held GRO-LIM-001"], [[0, 1, 2, 3, 4], [5]])
add("limit-65536-udp", "The same with UDP over IPv6", "GRO-LIM-001",
    "mismatch boundary",
    flow(*[{}] * 3, {"size": 1}, **IP6, **UDP4, size=21829),
    ["held"] + ["merged"] * 2 + ["held GRO-LIM-001"], [[0, 1, 2], [3]])
add("limit-flows", "With max_flows 1, every other flow evicts the held one",
    "GRO-END-007", "boundary", flow({}) + another() + another(id=0x1001),
    ["held", "held", "held GRO-TCP-011"], [[0], [1], [2]],
    config={"max_flows": 1})
