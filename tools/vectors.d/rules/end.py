# SPDX-License-Identifier: MIT
"""What leaves, and when."""

from packet import packet
from suite import FLUSH, LOSSLESS, UDP4, add, another, begin, flow

begin("end")

def early(name, title, rule, changes, fates, of, flags="order", base=None,
          config=None):
    """Of two held flows the younger one leaves before the poll ends."""
    add(name, title, rule, flags,
        another() + flow({}, *changes, **(base or {})),
        ["held", "held"] + fates, of, config=config)


early("end-flags", "PSH merges and ends the super-packet", "GRO-END-001",
      [{"flags": "AP"}], ["merged"], [[1, 2], [0]])
early("end-flags-fin", "FIN merges and ends the super-packet", "GRO-END-001",
      [{"flags": "AF"}], ["merged"], [[1, 2], [0]])
for flag, name in (("S", "syn"), ("R", "rst"), ("P", "psh"), ("F", "fin"),
                   ("U", "urg")):
    add(f"end-flags-{name}-alone", f"A packet with {name.upper()} is not held",
        "GRO-END-001", "order", another() + flow({"flags": flag}),
        ["held", "passed GRO-END-001"], [[1], [0]])
early("end-flags-differ", "RST lets the held one leave and passes",
      "GRO-TCP-005 GRO-END-001", [{"flags": "AR"}], ["passed GRO-TCP-005"],
      [[1], [2], [0]])
add("end-empty", "A pure acknowledgment is not held", "GRO-END-002", "order",
    another() + flow({"size": 0}), ["held", "passed GRO-END-002"], [[1], [0]])
early("end-short", "A segment that is one byte short merges and is the last",
      "GRO-END-003", [{"size": 99}], ["merged"], [[1, 2], [0]],
      "order boundary")
early("end-short-udp", "A shorter datagram merges and is the last",
      "GRO-END-003", [{"size": 1}], ["merged"], [[1, 2], [0]], base=UDP4)
early("end-count", "The 64th datagram is the last", "GRO-END-004",
      [{}] * 64, ["merged"] * 63 + ["held"],
      [list(range(1, 65)), [0], [65]], "order boundary",
      base={**UDP4, "size": 8})
early("end-mismatch", "A packet that does not merge lets the held one leave",
      "GRO-END-005", [{"window": 1}], ["held GRO-TCP-006"], [[1], [0], [2]])
early("end-mismatch-flush", "A packet that is flushed does so, too",
      "GRO-END-005", [{"padding": bytes(6)}], ["passed GRO-IP4-006"],
      [[1], [2], [0]])
add("end-evicted", "A ninth flow lets the oldest leave, though it grew last",
    "GRO-END-007", "order boundary",
    [packet for port in range(8) for packet in flow({}, source_port=port)]
    + flow({}, {}, source_port=0)[1:] + flow({}, source_port=8)
    + flow({}, {}, {}, source_port=0)[2:],
    ["held"] * 8 + ["merged", "held", "held"],
    [[0, 8], [1], [2], [3], [4], [5], [6], [7], [9], [10]])
add("end-evicted-not", "A flow's own held one leaves first and makes room",
    "GRO-END-005", "order boundary",
    [packet for port in range(8) for packet in flow({}, source_port=port)]
    + flow({}, {"window": 1}, source_port=7)[1:],
    ["held"] * 8 + ["held GRO-TCP-006"],
    [[7], [0], [1], [2], [3], [4], [5], [6], [8]])
add("end-poll", "The end of a poll separates what would merge", "GRO-END-008",
    "order", another() + flow({}) + [FLUSH] + flow({}, {})[1:]
    + another(id=0x1001, sequence=0x10000064), ["held"] * 4,
    [[0], [1], [2], [3]])
early("end-order", "Lossless: a bad packet does not overtake its flow",
      "GRO-END-006", [{"checksum": "wrong"}], ["passed GRO-TCP-001"],
      [[1], [2], [0]], "order lossless", config=LOSSLESS)
early("end-order-unknown", "Lossless: a fragment overtakes nothing between its "
      "addresses", "GRO-END-006", [{"mf": True, "df": False}],
      ["passed GRO-IP4-004"], [[0], [1], [2]], "order lossless",
      config=LOSSLESS)
add("end-order-elsewhere", "Lossless: a fragment overtakes what goes the other "
    "way", "GRO-END-006", "order lossless",
    flow({}, {"mf": True, "source": "198.51.100.2",
              "destination": "192.0.2.1"}),
    ["held", "passed GRO-IP4-004"], [[1], [0]], config=LOSSLESS)
