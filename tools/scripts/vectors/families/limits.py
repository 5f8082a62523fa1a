# SPDX-License-Identifier: MIT
"""A length, an offset or a number has each value around its limits."""

import itertools

from scripts.vectors.packet import HOP_BY_HOP, TCP, UDP

from scripts.vectors.families.expand import USUAL, add, apply, entry, stream

BASE = {**USUAL, "source_port": 50004, "size": 8}
TIMESTAMPS = b"\1\1\x08\x0a\0\0\0\1\0\0\0\2"
PADS = {"extensions": ((HOP_BY_HOP, bytes([0, 1, 4, 0, 0, 0, 0])),)}
LOSSLESS = {"mode": "lossless"}

TCP4 = {**BASE, "version": 4, "protocol": TCP}
TCP6 = {**BASE, "version": 6, "protocol": TCP}
UDP4 = {**BASE, "version": 4, "protocol": UDP}
UDP6 = {**BASE, "version": 6, "protocol": UDP}

# Behind a name: words, and a packet.
PACKETS = {
    "tcp4": ("TCP over IPv4", TCP4),
    "tcp6": ("TCP over IPv6", TCP6),
    "udp4": ("UDP over IPv4", UDP4),
    "udp6": ("UDP over IPv6", UDP6),
    "tcp4-option": ("TCP over IPv4 with timestamps",
                    {**TCP4, "options": TIMESTAMPS}),
    "tcp6-header": ("TCP over IPv6 after hop-by-hop options",
                    {**TCP6, **PADS}),
    "udp6-header": ("UDP over IPv6 after hop-by-hop options",
                    {**UDP6, **PADS}),
}
IP4 = ("tcp4", "udp4", "tcp4-option")
IP6 = ("tcp6", "udp6", "tcp6-header", "udp6-header")
ALL = tuple(PACKETS)
TCPS = ("tcp4", "tcp6", "tcp4-option", "tcp6-header")
UDPS = ("udp4", "udp6", "udp6-header")
FOUR = ("tcp4-option", "tcp6-header", "udp4", "udp6")

# A field of the second packet has each of these values, where that makes
# another packet: name, words, packets, field, values.
FIELDS = (
    ("cut", "cut after byte", ALL, "cut", range(1, 80)),
    ("l4-cut", "an L4 length of", ALL, "l4_cut", range(40)),
    ("ihl", "an IHL of", IP4, "ihl", range(16)),
    ("total-length", "a total_length of", IP4, "total_length",
     (*range(80), 65535)),
    ("payload-length", "a payload_length of", IP6, "payload_length",
     (*range(80), 65535)),
    ("udp-length", "a UDP length of", UDPS, "udp_length",
     (*range(20), 65535)),
    ("data-offset", "a data offset of", TCPS, "data_offset", range(16)),
    ("size", "a payload of", ALL, "size", (9, 10, 11)),
)

# As that, of both packets.
BOTH = (
    ("both", "both with a payload of", ALL, "size", (0, 1, 2, 7, 9)),
    ("sequence", "a first sequence number of", TCPS, "sequence",
     (0, 1, 0x7ffffff7, 0x7ffffff8, 0x7fffffff, 0xfffffff7, 0xfffffff8,
      0xfffffff9, 0xffffffff)),
)

# A field of the virtio header of the second packet: as above, and whether it
# needs a checksum, which is 1, and its gso_type.
HEADERS = (
    ("csum-start", "csum_start", FOUR, "csum_start",
     (*range(80), 65470, 65471, 65535), (1,), (0,)),
    ("csum-offset", "csum_offset", FOUR, "csum_offset",
     (*range(24), 65532, 65533, 65534, 65535), (1,), (0,)),
    ("hdr-len", "hdr_len", FOUR, "hdr_len", (*range(36, 80), 65535), (0, 1),
     (0,)),
    ("gso-size", "gso_size", FOUR, "gso_size",
     (*range(18), 65534, 65535), (0, 1), (1, 3, 4, 5)),
)

# What the identifications of three packets may do: the steps between them.
STEPS = (-1, 0, 1, 2)


def in_both_modes(suite, name, title, rule, inputs):
    for end, words, config in (("", "", {}),
                               ("-lossless", " (lossless)", LOSSLESS)):
        add(suite, name + end, title + words, "limits", [rule], "gro", config,
            inputs)


def second(name, words, kinds, field, values):
    """One after a packet that is held."""
    for kind, value in itertools.product(kinds, values):
        title, fields = PACKETS[kind]
        made = stream(fields, [[], [{field: value}]])
        if made != stream(fields, [[], []]):
            in_both_modes("limits-packets", f"limits-{name}-{kind}-{value}",
                          f"Behind a held packet, {title}: {words} {value}",
                          "GRO-END-008", made)


def shared(name, words, kinds, field, values):
    """Three packets that all begin with this."""
    for kind, value in itertools.product(kinds, values):
        title, fields = PACKETS[kind]
        in_both_modes("limits-streams", f"limits-{name}-{kind}-{value}",
                      f"Three of {title}: {words} {value}", "GRO-END-008",
                      stream({**fields, field: value}, [[], [], []]))


def l4_of(fields):
    return (20 if fields["version"] == 4 else 40) + 8 * len(
        fields.get("extensions", ()))


def header_of(fields, needs_csum, gso_type):
    """The virtio header of a packet."""
    head = {"flags": needs_csum, "gso_type": gso_type}
    if needs_csum:
        head["csum_start"] = l4_of(fields)
        head["csum_offset"] = 16 if fields["protocol"] == TCP else 6
    if gso_type:
        head["gso_size"] = 4
    return head


def headers(name, words, kinds, field, values, flags, types):
    """One packet with this virtio header, received, and split."""
    for kind, value, needs_csum, gso_type in itertools.product(
            kinds, values, flags, types):
        title, fields = PACKETS[kind]
        usual = header_of(fields, needs_csum, gso_type)
        if usual.get(field) == value:
            continue
        made = [entry({**fields, "vnet": {**usual, field: value},
                       "checksum": "seed" if needs_csum else None})]
        for op, lead, rule in (
                ("gro", "Receive", "GRO-OUT-001"),
                ("gso", "Split",
                 "GSO-OUT-005" if gso_type else "GSO-OUT-008")):
            add("limits-headers",
                f"limits-{name}-{kind}-{needs_csum}-{gso_type}-{value}-{op}",
                f"{lead} {title}, flags {needs_csum}, gso_type {gso_type}: "
                f"{words} {value}", "limits", [rule], op, {}, made)


def identifications():
    """Three packets over IPv4, and how their identifications go on."""
    for start, df, one, two in itertools.product((0, 0x1000, 0xffff),
                                                 (True, False), STEPS, STEPS):
        without = "" if df else "no-"
        in_both_modes(
            "limits-streams", f"limits-id-{start}-{without}df-{one}-{two}",
            f"Identifications from {start}, then {one:+}, then {two:+}, "
            f"{'with' if df else 'without'} DF", "GRO-IP4-011",
            stream({**TCP4, "id": start, "df": df},
                   [[], [{"id+": one - 1}], [{"id+": one + two - 2}]]))


def flows():
    """So many flows, then a packet of the first one and of the last one."""
    for kind, room in itertools.product(("tcp4", "udp6"), (1, 2, 3, 8)):
        title, fields = PACKETS[kind]
        for count in range(max(room - 1, 1), room + 2):
            firsts = [entry({**fields, "source_port": 50100 + i})
                      for i in range(count)]
            for name, again in (("first", 0), ("last", count - 1)):
                if count == 1 and name == "last":
                    continue
                following = apply({**fields, "source_port": 50100 + again},
                                  {"id+": 1, "sequence+": 8})
                add("limits-streams", f"limits-flows-{kind}-{room}-{count}-"
                    f"{name}", f"{title}, room for {room} flows: {count}, "
                    f"then the {name} one again", "limits", ["GRO-END-007"],
                    "gro", {} if room == 8 else {"max_flows": room},
                    firsts + [entry(following)])


def counts():
    """So many packets of a flow."""
    for kind, count in itertools.product(("tcp4", "udp4", "udp6"),
                                         (63, 64, 65, 128, 129)):
        title, fields = PACKETS[kind]
        add("limits-streams", f"limits-count-{kind}-{count}",
            f"{title}: {count} packets", "limits", ["GRO-END-004"], "gro", {},
            stream({**fields, "size": 1}, [[]] * count))


def totals():
    """A super-packet of 65535 bytes, one less and one more."""
    for kind in ("tcp4", "tcp6-header", "udp4", "udp6"):
        title, fields = PACKETS[kind]
        headers_length = l4_of(fields) + (
            20 if fields["protocol"] == TCP else 8)
        full, rest = divmod(65535 - headers_length, 1400)
        for more in (-1, 0, 1):
            add("limits-streams", f"limits-total-{kind}-{65535 + more}",
                f"{title}: {65535 + more} bytes in all", "limits",
                ["GRO-LIM-001"], "gro", {},
                stream({**fields, "size": 1400},
                       [[]] * full + [[{"size": rest + more}]]))


def segments():
    """UDP of so many segments."""
    for kind, size, more in itertools.product(("udp4", "udp6-header"), (1, 2),
                                              (-1, 0, 1)):
        title, fields = PACKETS[kind]
        head = {"flags": 1, "gso_type": 5, "gso_size": size,
                "csum_start": l4_of(fields), "csum_offset": 6}
        length = 128 * size + more
        add("limits-headers", f"limits-segments-{kind}-{size}-{length}",
            f"{title}: {length} bytes in segments of {size}", "limits",
            ["GSO-OUT-004"], "gso", {},
            [entry({**fields, "size": length, "checksum": "seed",
                    "vnet": head})])


for row in FIELDS:
    second(*row)
for row in BOTH:
    shared(*row)
for row in HEADERS:
    headers(*row)
for series in (identifications, flows, counts, totals, segments):
    series()
