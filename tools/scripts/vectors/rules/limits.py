# SPDX-License-Identifier: MIT
"""Limits."""

from scripts.vectors.suite import (
    IP6, SMALL, UDP4, add, another, begin, flow, merge)

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
add("limit-flows", "With max_flows 1, every other flow evicts the held packet",
    "GRO-END-007", "boundary", flow({}) + another() + another(id=0x1001),
    ["held", "held", "held GRO-TCP-011"], [[0], [1], [2]],
    config={"max_flows": 1})

# Two halves whose sum is too long, one packet that is too long alone, and the
# longest one with options.
add("limit-halves", "Two packets of 32788 bytes: 65536 would be one too many",
    "GRO-LIM-001", "refuses mismatch",
    flow({}, {}, size=32748),
    ["held", "held GRO-LIM-001"], [[0], [1]], without=flow({}, {}, size=32747))
add("limit-already", "A packet of 65575 bytes, and a byte that it cannot take",
    "GRO-LIM-001", "refuses mismatch", flow({}, {"size": 1}, **IP6,
                                            size=65535 - 20),
    ["held", "held GRO-LIM-001"], [[0], [1]],
    without=flow({}, {"size": 1}, **IP6, size=100))
for suffix, words, base in (("", "TCP", {}), ("-ip6", "TCP over IPv6", IP6)):
    merge(f"limit-not-100{suffix}", f"100 packets of {words} are not too many",
          "GRO-LIM-001", "allows", *[{}] * 100, base={**base, "size": 1})
    merge(f"limit-not-63-udp{suffix}", f"63 of UDP where {words} could be more",
          "GRO-LIM-001", "allows", *[{}] * 63, base={**base, **UDP4, "size": 1})


# Many flows. Some end and some are evicted. A table must still find each of the
# others.
def lot(state):
    """The next random number, by the generator of D. E. Knuth's MMIX. The
    stored vectors depend on its numbers.
    """
    return (state * 6364136223846793005 + 1442695040888963407) % 2**64


class Crowd:
    """Packets of many flows, and what becomes of them in a table."""

    def __init__(self, max_flows, base):
        self.max_flows = max_flows
        self.base = base
        self.sent = {}
        self.held = {}
        self.inputs, self.fates, self.of = [], [], []

    def leave(self, port):
        self.of.append(self.held.pop(port))

    def send(self, port, last):
        """A packet, which is the last one of its super-packet or not."""
        count = self.sent.setdefault(port, 0)
        flags = "AP" if last and port in self.held else "A"
        self.inputs += flow({}, source_port=port, id=count, flags=flags,
                            sequence=8 * count, **SMALL, **self.base)
        self.sent[port] += 1
        number = len(self.fates)
        if port in self.held:
            self.fates.append("merged")
            self.held[port].append(number)
            if flags == "AP":
                self.leave(port)
            return
        self.fates.append("held")
        if len(self.held) == self.max_flows:
            self.leave(next(iter(self.held)))
        self.held[port] = [number]

    def end(self):
        for port in list(self.held):
            self.leave(port)


def crowd(max_flows, ports, packets, base, words):
    made = Crowd(max_flows, base)
    state = ports
    for _ in range(packets):
        state = lot(state)
        made.send(1000 + (state >> 33) % ports, (state >> 60) < 4)
    made.end()
    kind = f"-ip{base.get('version', 4)}"
    add(f"limit-crowd-{max_flows}-{ports}{kind}", f"{packets} packets of "
        f"{ports} flows{words}, of which {max_flows} are held",
        "GRO-END-007", "allows" if max_flows >= ports else "refuses",
        made.inputs, made.fates, made.of, config={"max_flows": max_flows},
        without={"config": {"max_flows": ports}})


for max_flows, ports, packets in ((8, 8, 60), (8, 12, 80), (8, 40, 80),
                                  (1, 2, 12), (2, 3, 20), (3, 5, 30),
                                  (9, 16, 60)):
    crowd(max_flows, ports, packets, {}, "")
    crowd(max_flows, ports, packets, IP6, " over IPv6")
crowd(64, 64, 300, {}, "")
crowd(100, 130, 400, {}, "")
