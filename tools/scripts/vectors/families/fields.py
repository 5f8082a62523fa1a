# SPDX-License-Identifier: MIT
"""Two packets of one flow, and every two settings of different header fields:
of those that rules look at, and of those that none does. A setting says what
both packets, the first and the second one have.
"""

from scripts.vectors.packet import DESTINATION, HOP_BY_HOP, ROUTING, UDP

from scripts.vectors.families.expand import USUAL, add, apply, pairs, stream

BASE = {**USUAL, "source_port": 50001, "size": 8}


def both(name, words, change):
    return name, words, (change, {}, {})


def first(name, words, change):
    return name, words, ({}, change, {})


def second(name, words, change):
    return name, words, ({}, {}, change)


# Of IPv4 and IPv6 alike.
LENGTH = [second("more", "the second's IP length is more by 1",
                 {"ip_length_by": 1}),
          second("padded", "a byte after the second", {"padding": b"\0"}),
          first("padded-first", "a byte after the first",
                {"padding": b"\0"})]

IP4 = {
    "tos": [second("high", "the TOS's highest bit differs", {"tos~": 0x80}),
            second("low", "the TOS's lowest bit differs", {"tos~": 1}),
            both("all", "a TOS of 255 on both", {"tos": 255})],
    "id": [second("jumps", "an identification is left out", {"id+": 1}),
           second("stays", "the identification stays", {"id+": -1}),
           second("back", "the identification goes back", {"id+": -2}),
           both("wraps", "the identification wraps", {"id": 0xffff})],
    "df": [second("differs", "the second one may be fragmented",
                  {"df": False}),
           first("first", "the first one may be fragmented", {"df": False}),
           both("none", "both may be fragmented", {"df": False})],
    "reserved": [second("second", "the reserved flag on the second",
                        {"reserved": True}),
                 first("first", "the reserved flag on the first",
                       {"reserved": True})],
    "fragment": [second("second", "more fragments after the second",
                        {"mf": True}),
                 first("first", "more fragments after the first",
                       {"mf": True})],
    "ttl": [second("less", "a TTL less by 1", {"ttl+": -1}),
            second("high", "the TTL's highest bit differs", {"ttl~": 0x80}),
            both("zero", "a TTL of 0 on both", {"ttl": 0})],
    "source": [second("low", "the source's last bit differs",
                      {"source": "192.0.2.0"}),
               second("high", "the source's first bit differs",
                      {"source": "64.0.2.1"})],
    "destination": [second("low", "the destination's last bit differs",
                           {"destination": "198.51.100.3"}),
                    second("high", "the destination's first bit differs",
                           {"destination": "70.51.100.2"})],
    "length": LENGTH,
    "ip-checksum": [second("wrong", "the second's IPv4 checksum is wrong",
                           {"ip_checksum": "wrong"}),
                    first("wrong-first", "the first's IPv4 checksum is wrong",
                          {"ip_checksum": "wrong"})],
}

IP6 = {
    "class": [second("high", "the traffic class's highest bit differs",
                     {"traffic_class~": 0x80}),
              second("low", "the traffic class's lowest bit differs",
                     {"traffic_class~": 1}),
              both("all", "a traffic class of 255 on both",
                   {"traffic_class": 255})],
    "label": [second("low", "the flow label's lowest bit differs",
                     {"flow_label~": 1}),
              second("high", "the flow label's highest bit differs",
                     {"flow_label~": 0x80000}),
              both("none", "a flow label of 0 on both", {"flow_label": 0})],
    "hops": [second("less", "a hop limit less by 1", {"hop_limit+": -1}),
             second("high", "the hop limit's highest bit differs",
                    {"hop_limit~": 0x80}),
             both("zero", "a hop limit of 0 on both", {"hop_limit": 0})],
    "source": [second("low", "the source's last bit differs",
                      {"source": "2001:db8::"}),
               second("high", "the source's first bit differs",
                      {"source": "a001:db8::1"})],
    "destination": [second("low", "the destination's last bit differs",
                           {"destination": "2001:db8::3"}),
                    second("high", "the destination's first bit differs",
                           {"destination": "a001:db8::2"})],
    "length": LENGTH,
}

PORTS = {
    "source-port": [second("low", "the source port's lowest bit differs",
                           {"source_port~": 1}),
                    second("high", "the source port's highest bit differs",
                           {"source_port~": 0x8000})],
    "destination-port": [
        second("low", "the destination port's lowest bit differs",
               {"destination_port~": 1}),
        second("high", "the destination port's highest bit differs",
               {"destination_port~": 0x8000})],
}

PAYLOAD = {
    "payload": [second("shorter", "a second one of 7 bytes", {"size": 7}),
                second("longer", "a second one of 9 bytes", {"size": 9}),
                second("empty", "an empty second one", {"size": 0}),
                first("empty-first", "an empty first one", {"size": 0}),
                both("byte", "a payload of 1 byte on both", {"size": 1}),
                second("zeros", "a second one of zeros",
                       {"payload": bytes(8)})],
    "checksum": [second("wrong", "the second's L4 checksum is wrong",
                        {"checksum": "wrong"}),
                 first("wrong-first", "the first's L4 checksum is wrong",
                       {"checksum": "wrong"})],
}

FLAGS = {"psh": ("P", "PSH"), "cwr": ("C", "CWR"), "fin": ("F", "FIN"),
         "ece": ("E", "ECE"), "syn": ("S", "SYN"), "rst": ("R", "RST"),
         "urg": ("U", "URG"), "ae": ("e", "AE"),
         "bit-9": ("x", "reserved bit 9"), "bit-10": ("y", "reserved bit 10"),
         "bit-11": ("z", "reserved bit 11")}

TCP_FIELDS = {
    **PORTS,
    "sequence": [second("more", "a byte is left out", {"sequence+": 1}),
                 second("less", "a byte comes again", {"sequence+": -1}),
                 second("again", "the sequence number stays",
                        {"sequence+": -8}),
                 both("wraps", "the sequence number wraps",
                      {"sequence": 0xfffffff8})],
    "ack": [second("low", "the acknowledgment's lowest bit differs",
                   {"acknowledgment~": 1}),
            second("high", "the acknowledgment's highest bit differs",
                   {"acknowledgment~": 1 << 31})],
    "offset": [second("low", "a data offset of 4 on the second",
                      {"data_offset": 4}),
               second("far", "a data offset of 15 on the second",
                      {"data_offset": 15})],
    "flags": [*(second(name, f"{words} on the second", {"flags+": letter})
                for name, (letter, words) in FLAGS.items()),
              *(first(f"{name}-first", f"{FLAGS[name][1]} on the first",
                      {"flags+": FLAGS[name][0]})
                for name in ("fin", "syn", "psh", "urg", "cwr")),
              *(both(f"{name}-both", f"{FLAGS[name][1]} on both",
                     {"flags+": FLAGS[name][0]})
                for name in ("psh", "ece", "cwr"))],
    "window": [second("low", "the window's lowest bit differs",
                      {"window~": 1}),
               second("high", "the window's highest bit differs",
                      {"window~": 0x8000})],
    "urgent": [second("second", "an urgent pointer on the second",
                      {"urgent": 1}),
               both("both", "an urgent pointer of 65535 on both",
                    {"urgent": 65535})],
    "options": [second("more", "the second one has four NOPs more",
                       {"options+": b"\1\1\1\1"}),
                first("more-first", "the first one has four NOPs more",
                      {"options+": b"\1\1\1\1"})],
    **PAYLOAD,
}

UDP_FIELDS = {
    **PORTS,
    "udp-length": [second("less", "the second's UDP length is less by 1",
                          {"udp_length_by": -1}),
                   second("more", "the second's UDP length is more by 1",
                          {"udp_length_by": 1}),
                   first("less-first", "the first's UDP length is less by 1",
                         {"udp_length_by": -1})],
    **PAYLOAD,
    "checksum": [*PAYLOAD["checksum"],
                 second("none", "the second has no UDP checksum",
                        {"checksum": 0}),
                 first("none-first", "the first has no UDP checksum",
                       {"checksum": 0}),
                 both("none-both", "none has a UDP checksum",
                      {"checksum": 0})],
}

TIMESTAMPS = b"\1\1\x08\x0a\0\0\0\1\0\0\0\2"
SACK = b"\1\1\5\x0a\0\0\0\1\0\0\0\2"
PAD = bytes([1, 4, 0, 0, 0, 0])
HOP = (HOP_BY_HOP, b"\0" + PAD)
ROUTE = (ROUTING, bytes([1, 4, 0, 0, 0, 0, 0] + 8 * [9]))

# What of a table is enough where something stands in front or behind.
ENOUGH = 3

LAST_OPTION = {"options": [
    *TCP_FIELDS["options"],
    second("byte", "the last byte of the options differs", {"options~": 1})]}

# Behind a name: words, the IP version, the table, what both packets are, and
# the settings that only these packets can have.
PACKETS = {
    "tcp4": ("TCP over IPv4", 4, TCP_FIELDS, {}, {}),
    "tcp4-option": ("TCP over IPv4, with timestamps", 4, TCP_FIELDS,
                    {"options": TIMESTAMPS}, LAST_OPTION),
    "tcp4-options": ("TCP over IPv4, with timestamps and SACK", 4, TCP_FIELDS,
                     {"options": TIMESTAMPS + SACK}, LAST_OPTION),
    "tcp6": ("TCP over IPv6", 6, TCP_FIELDS, {}, {}),
    "udp4": ("UDP over IPv4", 4, UDP_FIELDS, {"protocol": UDP}, {}),
    "udp6": ("UDP over IPv6", 6, UDP_FIELDS, {"protocol": UDP}, {}),
}

# IPv6 once more, behind extension headers.
HEADERS = {
    "header": ("after hop-by-hop options", (HOP,), {"extension": [
        second("byte", "a byte of the extension header differs",
               {"extensions": ((HOP_BY_HOP, b"\0\1\4\0\0\0\1"),)}),
        second("kind", "the extension header is of another kind",
               {"extensions": ((DESTINATION, HOP[1]),)}),
        second("none", "the second one has no extension header",
               {"extensions": ()})]}),
    "headers": ("after two extension headers", (HOP, ROUTE), {"extension": [
        second("byte", "the last byte of the extension headers differs",
               {"extensions": (HOP, (ROUTING, ROUTE[1][:-1] + b"\0"))}),
        second("order", "the extension headers are in another order",
               {"extensions": (ROUTE, HOP)}),
        second("one", "the second one has one extension header less",
               {"extensions": (HOP,)})]}),
}

for kind in ("tcp6", "udp6"):
    for end, (behind, extensions, settings) in HEADERS.items():
        title, ip_version, fields, usual, _ = PACKETS[kind]
        PACKETS[f"{kind}-{end}"] = (f"{title} {behind}", ip_version, fields,
                                    {**usual, "extensions": extensions},
                                    settings)


def vectors(kind, title, ip_version, fields, usual, settings):
    base = {**BASE, "version": ip_version, **usual}
    rule = "GRO-KEY-001" if ip_version == 4 else "GRO-KEY-002"
    table = {**(IP4 if ip_version == 4 else IP6), **fields}
    if settings:
        table = {**{field: row[:ENOUGH] for field, row in table.items()},
                 **settings}
    for names, words, chosen in [("same", "nothing differs", []),
                                 *pairs(table)]:
        shared = apply(base, *(setting[0] for setting in chosen))
        changes = [[setting[place] for setting in chosen]
                   for place in (1, 2)]
        add(f"fields-{kind}", f"fields-{kind}-{names}",
            f"Two of {title}: {words}", "fields", [rule], "gro", {},
            stream(shared, changes))


for kind, row in PACKETS.items():
    vectors(kind, *row)
