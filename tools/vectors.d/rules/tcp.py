# SPDX-License-Identifier: MIT
"""TCP."""

from suite import TIMESTAMPS, add, begin, bypass, flow, merge, mismatch, pair

begin("tcp")

for name, title, rule, change in (
        ("tcp-checksum", "A wrong checksum", "GRO-TCP-001",
         {"checksum": "wrong"}),
        ("tcp-short", "19 bytes of TCP, with a right checksum", "GRO-TCP-002",
         {"l4_cut": 19}),
        ("tcp-offset", "Data offset 4, with a right checksum", "GRO-TCP-003",
         {"data_offset": 4}),
        ("tcp-offset-beyond", "A data offset that ends behind the packet",
         "GRO-TCP-003", {"data_offset": 15, "size": 10})):
    bypass(name, title, rule, change)

for name, title, rule, base, change in (
        ("tcp-cwr", "CWR on the second packet", "GRO-TCP-004", {},
         {"flags": "AC"}),
        ("tcp-cwr-both", "CWR on both packets", "GRO-TCP-004",
         {"flags": "AC"}, {}),
        ("tcp-flags-differ", "ECE on the second packet only", "GRO-TCP-005",
         {}, {"flags": "AE"}),
        ("tcp-cwr-first", "CWR on the first packet only", "GRO-TCP-005", {},
         {"flags": "A"}),
        ("tcp-accurate-ecn-differs", "AE, once NS, on the second packet only",
         "GRO-TCP-005", {}, {"flags": "Ae"}),
        ("tcp-window-differs", "Another window", "GRO-TCP-006", {},
         {"window": 1001}),
        ("tcp-ack-differs", "Another acknowledgment number", "GRO-TCP-007",
         {}, {"acknowledgment": 0x20000001}),
        ("tcp-ack-differs-no-ack", "Another acknowledgment number, without "
         "ACK", "GRO-TCP-007", {"flags": ""}, {"acknowledgment": 1}),
        ("tcp-options-differ", "A timestamp in the options differs",
         "GRO-TCP-008", {"options": TIMESTAMPS},
         {"options": TIMESTAMPS[:-1] + b"\x03"}),
        ("tcp-options-added", "The second packet has options, the first one "
         "has none", "GRO-TCP-008", {}, {"options": TIMESTAMPS}),
        ("tcp-larger", "One byte more than the first packet has",
         "GRO-TCP-010", {}, {"size": 101}),
        ("tcp-sequence-gap", "A byte is missing", "GRO-TCP-011", {},
         {"sequence": 0x10000065}),
        ("tcp-sequence-repeats", "The first packet again", "GRO-TCP-011", {},
         {"sequence": 0x10000000})):
    flags = "mismatch profile" if "cwr" in name else "mismatch"
    if name == "tcp-cwr-first":
        add(name, title, rule, flags, flow({"flags": "AC"}, {}),
            ["held", f"held {rule}"], [[0], [1]])
    else:
        mismatch(name, title, rule, base, change, flags)
pair("tcp-empty", "A pure acknowledgment lets the held one leave and passes",
     "GRO-TCP-009", "mismatch", {}, {"size": 0}, "passed")
merge("tcp-sequence-wraps", "The sequence number passes 2^32", "GRO-TCP-011",
      "merge wrap", {}, {"sequence": 50}, base={"sequence": 2**32 - 50})
merge("tcp-urgent-differs", "Urgent pointers are not compared without URG",
      "GRO-OUT-004", "merge", {}, {"urgent": 9})
