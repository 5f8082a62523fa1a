# SPDX-License-Identifier: MIT
"""IPv6."""

from packet import DESTINATION, FRAGMENT, packet
from suite import (IP6, NO_KERNEL, OPTION, add, begin, bypass, flow, flush,
                   mismatch)

begin("ip6")

for name, title, rule, change in (
        ("ip6-short", "39 bytes", "GRO-IP6-001", {"cut": 39}),
        ("ip6-extension-cut", "Destination options that go on behind the "
         "packet", "GRO-IP6-003",
         {"extensions": [(DESTINATION, bytes([16]) + OPTION[1:])]}),
        ("ip6-protocol", "An ICMPv6 packet", "GRO-IP6-004",
         {"protocol": 58}),
        ("ip6-fragment", "A fragment header is not walked", "GRO-IP6-004",
         {"extensions": [(FRAGMENT, bytes(7))]})):
    bypass(name, title, rule, change, base=IP6)
add("ip6-encapsulated", "K-2: TCP in IPv6 in IPv6 passes", "GRO-IP6-004",
    "deviation", flow(*[{"payload": packet(sequence=100 * i, **IP6)}
                        for i in range(2)], **IP6, protocol=41),
    ["passed GRO-IP6-004"] * 2, [[0], [1]], NO_KERNEL)
for name, title, change in (
        ("ip6-padded", "Six bytes behind the end that payload_length tells",
         {"padding": bytes(6)}),
        ("ip6-jumbo", "A payload_length of 0", {"payload_length": 0})):
    flush(name, title, "GRO-IP6-002", IP6, change)
mismatch("ip6-class-differs", "Another ECN field in the traffic class",
         "GRO-IP6-005", IP6, {"traffic_class": 1})
mismatch("ip6-hops-differ", "Another hop limit", "GRO-IP6-006", IP6,
         {"hop_limit": 63})
