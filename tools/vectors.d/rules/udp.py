# SPDX-License-Identifier: MIT
"""UDP."""

from suite import UDP4, add, begin, bypass, flow, merge, mismatch

begin("udp")

for name, title, rule, change in (
        ("udp-short", "7 bytes of UDP", "GRO-UDP-001", {"l4_cut": 7}),
        ("udp-checksum", "A wrong checksum", "GRO-UDP-002",
         {"checksum": "wrong"}),
        ("udp-no-checksum", "No checksum", "GRO-UDP-004", {"checksum": 0}),
        ("udp-length", "One byte fewer in the length field", "GRO-UDP-005",
         {"udp_length": 107}),
        ("udp-empty", "A datagram without payload", "GRO-UDP-005",
         {"size": 0}),
        ("udp-padded", "Padding makes the length field wrong", "GRO-UDP-005",
         {"padding": bytes(6)})):
    bypass(name, title, rule, change, base=UDP4)
add("udp-off", "Both packets pass where UDP is not to be coalesced",
    "GRO-UDP-003", "bypass", flow({}, {}, **UDP4),
    ["passed GRO-UDP-003"] * 2, [[0], [1]], config={"udp": False})
mismatch("udp-larger", "One byte more than the first packet has",
         "GRO-UDP-006", UDP4, {"size": 101})
merge("udp-checksum-ffff", "A checksum that is 0xffff because 0 means none",
      "GRO-UDP-002", "merge boundary",
      {"payload": b"\0\0"}, {"payload": b"\0\0"}, base=UDP4)
