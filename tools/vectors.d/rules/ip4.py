# SPDX-License-Identifier: MIT
"""IPv4."""

from packet import packet
from suite import NO_KERNEL, add, begin, bypass, flow, flush, merge, mismatch

begin("ip4")

for name, title, rule, change in (
        ("ip4-short", "19 bytes", "GRO-IP4-001", {"cut": 19}),
        ("ip4-protocol", "An ICMP packet", "GRO-IP4-002", {"protocol": 1}),
        ("ip4-options", "An IPv4 header of 24 bytes", "GRO-IP4-003",
         {"ip_options": b"\x01\x01\x01\x01"}),
        ("ip4-fragment", "The first fragment of a packet", "GRO-IP4-004",
         {"mf": True, "df": False}),
        ("ip4-checksum", "A wrong header checksum", "GRO-IP4-005",
         {"ip_checksum": "wrong"})):
    bypass(name, title, rule, change)
add("ip4-encapsulated", "K-2: TCP in IPv4 in IPv4 passes", "GRO-IP4-002",
    "deviation", flow(*[{"payload": packet(sequence=100 * i, id=i)}
                        for i in range(2)], protocol=4),
    ["passed GRO-IP4-002"] * 2, [[0], [1]], NO_KERNEL)
for name, title, rule, change in (
        ("ip4-padded", "Six bytes behind the end that total_length tells",
         "GRO-IP4-006", {"padding": bytes(6)}),
        ("ip4-truncated", "One byte fewer than total_length tells",
         "GRO-IP4-006", {"cut": 139}),
        ("ip4-reserved", "The reserved flag is set", "GRO-IP4-007",
         {"reserved": True})):
    flush(name, title, rule, {}, change)
for name, title, rule, change in (
        ("ip4-ttl-differs", "Another TTL", "GRO-IP4-008", {"ttl": 63}),
        ("ip4-tos-differs", "Another ECN field in the TOS", "GRO-IP4-009",
         {"tos": 1}),
        ("ip4-df-differs", "DF on the first packet only", "GRO-IP4-010",
         {"df": False}),
        ("ip4-id-jumps", "An identification is left out", "GRO-IP4-011",
         {"id": 0x1002})):
    mismatch(name, title, rule, {}, change)
merge("ip4-id-wraps", "Identification 65535 is followed by 0", "GRO-IP4-011",
      "merge wrap", {"id": 65535}, {"id": 0}, {"id": 1})
merge("ip4-id-stays", "All identifications are equal, with DF", "GRO-IP4-011",
      "merge", *[{"id": 7}] * 3)
merge("ip4-id-stays-no-df", "All identifications are equal, without DF",
      "GRO-IP4-011", "merge profile", *[{"id": 7, "df": False}] * 3)
add("ip4-id-stays-then-steps", "Two equal identifications and one that "
    "increments", "GRO-IP4-011", "mismatch",
    flow({"id": 7}, {"id": 7}, {"id": 8}),
    ["held", "merged", "held GRO-IP4-011"], [[0, 1], [2]])
add("ip4-id-steps-then-stays", "An identification that increments once only",
    "GRO-IP4-011", "mismatch", flow({"id": 7}, {"id": 8}, {"id": 8}),
    ["held", "merged", "held GRO-IP4-011"], [[0, 1], [2]])
