# SPDX-License-Identifier: MIT
"""Super-packets with every two settings of different fields of their virtio
header, or of what a split reads of them: split (op gso), and received behind
a packet of their flow (op gro).
"""

from scripts.vectors.packet import HOP_BY_HOP, TCP, UDP

from scripts.vectors.families.expand import USUAL, add, apply, entry, pairs

# Three segments of 8 bytes.
BASE = {**USUAL, "source_port": 50003, "size": 24, "checksum": "seed"}
HEADER = {"flags": 1, "gso_size": 8}


def header(name, words, change):
    return name, words, (change, {})


def packet(name, words, change):
    return name, words, ({}, change)


TYPES = {"none": 0, "tcp4": 1, "unknown-2": 2, "fragments": 3, "tcp6": 4,
         "udp": 5, "unknown-6": 6, "none-ecn": 0x80, "tcp4-ecn": 0x81,
         "tcp6-ecn": 0x84, "udp-ecn": 0x85}
SIZES = (0, 1, 7, 9, 23, 24, 25, 65535)

HEADERS = {
    "flags": [header("none", "flags 0", {"flags": 0}),
              header("valid", "flags 2", {"flags": 2}),
              header("both", "flags 3", {"flags": 3}),
              header("others", "flags 254", {"flags": 0xfe})],
    "type": [header(name, f"gso_type {value}", {"gso_type": value})
             for name, value in TYPES.items()],
    "size": [header(str(size), f"gso_size {size}", {"gso_size": size})
             for size in SIZES],
    "start": [header("less", "csum_start less by 1", {"csum_start+": -1}),
              header("more", "csum_start more by 1", {"csum_start+": 1}),
              header("zero", "csum_start 0", {"csum_start": 0}),
              header("end", "csum_start 65535", {"csum_start": 65535})],
    "offset": [header("less", "csum_offset less by 1", {"csum_offset+": -1}),
               header("more", "csum_offset more by 1", {"csum_offset+": 1}),
               header("zero", "csum_offset 0", {"csum_offset": 0}),
               header("end", "csum_offset 65535", {"csum_offset": 65535})],
    "hdr-len": [header("zero", "hdr_len 0", {"hdr_len": 0}),
                header("less", "hdr_len less by 1", {"hdr_len+": -1}),
                header("whole", "hdr_len of all 24 bytes more",
                       {"hdr_len+": 24}),
                header("beyond", "hdr_len of 25 bytes more",
                       {"hdr_len+": 25}),
                header("end", "hdr_len 65535", {"hdr_len": 65535})],
}

PAYLOAD = {
    "payload": [packet(str(size), f"a payload of {size}", {"size": size})
                for size in (0, 1, 8, 9, 16, 23, 25)],
    "checksum": [packet("zero", "a seed of 0", {"checksum": 0}),
                 packet("all", "a seed of 65535", {"checksum": 0xffff}),
                 packet("whole", "a whole checksum", {"checksum": None})],
    "length": [packet("more", "an IP length more by 1", {"ip_length_by": 1})],
}

TCP_PACKETS = {
    **PAYLOAD,
    "sequence": [packet("wraps", "a sequence number that wraps",
                        {"sequence": 0xfffffff8})],
    "bits": [packet("ends", "FIN, PSH, and CWR", {"flags+": "FPC"}),
             packet("syn", "SYN, RST, and URG", {"flags+": "SRU"})],
    "data-offset": [packet("low", "a data offset of 4", {"data_offset": 4}),
                    packet("far", "a data offset of 15",
                           {"data_offset": 15})],
}

UDP_PACKETS = {
    **PAYLOAD,
    "udp-length": [packet("more", "a UDP length more by 1",
                          {"udp_length_by": 1})],
}

IP4_PACKETS = {
    "id": [packet("wraps", "an identification that wraps", {"id": 0xfffe})],
    "fragment": [packet("more", "more fragments", {"mf": True})],
}

OF_TCP = {**HEADER, "csum_offset": 16}
OF_UDP = {**HEADER, "csum_offset": 6}
OPTIONS = {"ip_options": b"\1" * 4, "options": b"\1" * 4}
PADS = {"extensions": ((HOP_BY_HOP, bytes([0, 1, 4, 0, 0, 0, 0])),)}

# Behind a name: words, the virtio header, the packet, and what is split.
PACKETS = {
    "tcp4": ("TCP over IPv4",
             {**OF_TCP, "gso_type": 1, "hdr_len": 40, "csum_start": 20},
             {"version": 4, "protocol": TCP}, "GSO-OUT-001 GSO-OUT-003"),
    "tcp4-options": ("TCP with options over IPv4 with options",
                     {**OF_TCP, "gso_type": 1, "hdr_len": 48,
                      "csum_start": 24},
                     {"version": 4, "protocol": TCP, **OPTIONS},
                     "GSO-OUT-001 GSO-OUT-003"),
    "tcp6-header": ("TCP over IPv6 after hop-by-hop options",
                    {**OF_TCP, "gso_type": 4, "hdr_len": 68,
                     "csum_start": 48},
                    {"version": 6, "protocol": TCP, **PADS},
                    "GSO-OUT-002 GSO-OUT-003"),
    "udp4": ("UDP over IPv4",
             {**OF_UDP, "gso_type": 5, "hdr_len": 28, "csum_start": 20},
             {"version": 4, "protocol": UDP}, "GSO-OUT-001 GSO-OUT-004"),
    "udp6": ("UDP over IPv6",
             {**OF_UDP, "gso_type": 5, "hdr_len": 48, "csum_start": 40},
             {"version": 6, "protocol": UDP}, "GSO-OUT-002 GSO-OUT-004"),
}


def changing(table, usual, fields):
    """The table without the settings that change nothing of the packet."""
    return {field: [setting for setting in row
                    if apply(usual, setting[2][0]) != usual
                    or apply(fields, setting[2][1]) != fields]
            for field, row in table.items()}


def super_packets(usual, fields, table):
    """(names, words, virtio header, packet)"""
    yield "usual", "as usual", usual, fields
    for names, words, chosen in pairs(changing(table, usual, fields)):
        yield (names, words, apply(usual, *(change[0] for change in chosen)),
               apply(fields, *(change[1] for change in chosen)))


def splits(kind, title, usual, fields, rules):
    """Op gso: a packet without gso_type is not a super-packet."""
    version4 = fields["version"] == 4
    table = {**HEADERS, **(IP4_PACKETS if version4 else {}),
             **(TCP_PACKETS if fields["protocol"] == TCP else UDP_PACKETS)}
    for names, words, head, one in super_packets(usual, {**BASE, **fields},
                                                 table):
        add(f"headers-split-{kind}", f"headers-split-{kind}-{names}",
            f"Split {title}: {words}", "headers",
            rules.split() if head["gso_type"] else ["GSO-OUT-008"], "gso", {},
            [entry({**one, "vnet": head})])


def receptions(kind, title, usual, fields):
    """Op gro: after a packet without a header."""
    held = {**BASE, **fields, "size": 8, "checksum": None}
    following = apply({**BASE, **fields}, {"id+": 1, "sequence+": 8})
    table = {**HEADERS, "payload": PAYLOAD["payload"]}
    for names, words, head, one in super_packets(usual, following, table):
        add(f"headers-receive-{kind}", f"headers-receive-{kind}-{names}",
            f"Receive {title}: {words}", "headers", ["GRO-OUT-007"], "gro",
            {}, [entry(held), entry({**one, "vnet": head})])


for suite, row in PACKETS.items():
    splits(suite, *row)
for suite in ("tcp4", "tcp6-header", "udp4", "udp6"):
    receptions(suite, *PACKETS[suite][:3])
