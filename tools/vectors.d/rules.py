# SPDX-License-Identifier: MIT
"""The vectors of SPEC.md's rules, by suite: what goes in, and by which rule
each packet must do what. An expected fate is "held", "merged", "passed" or
"rejected" and, if a rule kept the packet from merging, its id.
"""

from packet import (DESTINATION, FRAGMENT, HOP_BY_HOP, ROUTING, UDP, fold,
                    packet, pattern, vnet)

NOTES = {
    "boundary": {
        "about": "A field or length has the last value on one side of a limit.",
        "effect": "A limit that is off by one loses merges, or makes "
                  "super-packets that a kernel refuses."},
    "bypass": {
        "about": "A packet that is not looked at any further passes at once "
                 "and leaves the held ones alone.",
        "effect": "In Linux it overtakes held packets of its own flow."},
    "flush": {
        "about": "A packet that cannot merge makes the held one of its flow "
                 "leave, and passes behind it."},
    "mismatch": {
        "about": "One field differs from the held one's, so that one header "
                 "could not stand for both.",
        "effect": "A merge would lose or forge the field."},
    "merge": {
        "about": "What must not keep a packet from merging."},
    "wrap": {
        "about": "A number passes the end of its width."},
    "profile": {
        "about": "Kernel series differ here."},
    "vnet": {
        "about": "The packet comes with a virtio_net_hdr of its own, as from "
                 "a virtual machine.",
        "effect": "A header that is taken on trust lets a guest name lengths "
                  "that the packet does not have."},
    "order": {
        "about": "Which packets leave before which."},
    "dropped": {
        "about": "A super-packet that Linux takes and cannot split: nothing "
                 "is delivered.",
        "effect": "Headers that a peer forged are read where they are not."},
    "split": {
        "about": "What the segments of a super-packet differ in."},
    "zero": {
        "about": "A checksum comes out as 0, which means none in UDP."},
    "lossless": {
        "about": "A merge that Linux makes and no split undoes to the byte."},
    "deviation": {
        "about": "SPEC.md differs from the kernel on purpose. max_flows is 9 "
                 "so that no kernel is asked: each holds 8."},
}

# Where everything is about IPv6, UDP or lossless mode.
IP6 = {"version": 6}
UDP4 = {"protocol": UDP}
LOSSLESS = {"mode": "lossless"}

# Of what SPEC.md does otherwise: a kernel that holds 8 flows is not asked.
NO_KERNEL = {"max_flows": 9}

FLUSH = {"flush": True}

SUITES = {}


def entry(data, header=None):
    """One packet of an input."""
    made = {} if header is None else {"vnet": header.hex()}
    return {**made, "packet": data.hex()}


def flow(*changes, **base):
    """Packets of one flow that follow each other, each with these changes.
    A change of a field that counts does not move what comes after it.
    """
    made = []
    sequence = base.pop("sequence", 0x10000000)
    number = base.pop("id", 0x1000)
    for change in changes:
        fields = {"sequence": sequence, "id": number, **base, **change}
        header = fields.pop("vnet", None)
        made.append(entry(packet(**fields), header))
        payload = fields.get("payload")
        size = fields.get("size", 100) if payload is None else len(payload)
        sequence += size
        number += 1
    return made


def another(**fields):
    """A packet of another flow than the usual one."""
    return flow({}, source_port=41000, **fields)


def add(name, title, rules, flags, inputs, fates, of, config=None,
        profile="linux-6.18"):
    """A vector: under `profile` the packets meet `fates`, and what leaves
    consists of the packets `of`, in order.
    """
    SUITES.setdefault(CURRENT, []).append({
        "id": name, "title": title, "rules": rules.split(),
        "flags": flags.split(), "input": inputs, "fates": fates, "of": of,
        "config": config or {}, "profile": profile, "op": "gro"})


def pair(name, title, rule, flags, base, change, fate="held", of=None, **more):
    """A packet is held; a second one of its flow meets `rule`."""
    add(name, title, rule, flags, flow({}, change, **base),
        ["held", f"{fate} {rule}"], of or [[0], [1]], **more)


def bypass(name, title, rule, change, flags="bypass", base=None, **more):
    """A second packet of a flow passes before the first one, which stays."""
    pair(name, f"{title}: it overtakes the held one", rule, flags, base or {},
         change, "passed", [[1], [0]], **more)


def flush(name, title, rule, base, change, flags="flush"):
    """A second packet of a flow lets the first one leave and passes."""
    pair(name, f"{title}: the held one leaves, this passes", rule, flags, base,
         change, "passed")


def mismatch(name, title, rule, base, change, flags="mismatch", **more):
    """A second packet of a flow lets the first one leave and is held."""
    pair(name, f"{title}: the held one leaves, this is held", rule, flags,
         base, change, **more)


def merge(name, title, rule, flags, *changes, base=None, **more):
    """All packets become one super-packet."""
    add(name, title, rule, flags, flow(*changes, **(base or {})),
        ["held"] + ["merged"] * (len(changes) - 1),
        [list(range(len(changes)))], **more)


# --- The virtio header -------------------------------------------------------
CURRENT = "vnet"

# A TCP super-packet of three segments, and a UDP one.
TCP_GSO = {"flags": 1, "gso_type": 1, "hdr_len": 40, "gso_size": 100,
           "csum_start": 20, "csum_offset": 16}
UDP_GSO = {**TCP_GSO, "gso_type": 5, "hdr_len": 28, "csum_offset": 6}


def with_header(name, title, rule, header, fate, flags="vnet", fields=None,
                **more):
    """One packet, with this virtio header."""
    data = packet(**{"size": 300, "checksum": "seed", **(fields or {})})
    add(name, title, rule, flags, [entry(data, vnet(**header))], [fate],
        [] if fate.startswith("rejected") else [[0]], **more)


for name, title, rule, header, fields in (
        ("vnet-hdr-len-exceeds", "hdr_len is one more than the packet has",
         "VNET-001", {"hdr_len": 341}, {}),
        ("vnet-hdr-len-wraps", "csum_start and csum_offset add up to over "
         "65535, which is 2 in 16 bits: the field lies beyond the packet",
         "VNET-004", {"gso_type": 0, "gso_size": 0, "hdr_len": 0,
                      "csum_start": 40000, "csum_offset": 25536}, {}),
        ("vnet-type-unknown", "gso_type 2 does not exist", "VNET-002",
         {"gso_type": 2}, {}),
        ("vnet-type-ecn-alone", "The ECN bit without a type is no type",
         "VNET-002", {"gso_type": 0x80}, {}),
        ("vnet-size-zero", "Segments of 0 bytes", "VNET-003", {"gso_size": 0},
         {}),
        ("vnet-csum-beyond", "A TCP header from csum_start on ends one byte "
         "behind the packet", "VNET-004", {"csum_start": 321}, {}),
        ("vnet-csum-start-low", "csum_start lies in the IPv4 header",
         "VNET-005", {"gso_type": 0, "gso_size": 0, "csum_start": 19}, {}),
        ("vnet-csum-start-low-ip6", "csum_start lies in the IPv6 header",
         "VNET-005", {"gso_type": 4, "csum_start": 39}, IP6),
        ("vnet-gso-short", "59 bytes, too few for IPv6 and TCP",
         "VNET-006", {"flags": 0, "gso_type": 4, "hdr_len": 0},
         {**IP6, "cut": 59}),
        ("vnet-udp-no-csum", "A UDP super-packet with a whole checksum",
         "VNET-008", {**UDP_GSO, "flags": 0}, {**UDP4, "checksum": None}),
        ("vnet-udp-csum-offset", "csum_offset 16 in a UDP super-packet",
         "VNET-009", {**UDP_GSO, "csum_offset": 16}, UDP4),
        ("vnet-udp-ecn", "The ECN bit on a UDP super-packet", "VNET-010",
         {**UDP_GSO, "gso_type": 0x85}, UDP4),
        ("vnet-udp-129-segments", "A UDP super-packet of 129 segments",
         "VNET-011", {**UDP_GSO, "gso_size": 1}, {**UDP4, "size": 129}),
        ("vnet-tcp-csum-offset", "csum_offset 6 in a TCP super-packet",
         "VNET-012", {"csum_offset": 6}, {}),
        ("vnet-size-65535", "gso_size 65535, which means something else in "
         "Linux", "VNET-013", {"gso_size": 65535}, {})):
    with_header(name, f"{title}: rejected", rule, {**TCP_GSO, **header},
                f"rejected {rule}", fields=fields)

with_header("vnet-gso-protocol", "A UDP packet that claims to be TCP: rejected",
            "VNET-007", {**TCP_GSO, "flags": 0}, "rejected VNET-007",
            "vnet profile", UDP4, profile="linux-7.2")
with_header("vnet-hdr-len-whole", "hdr_len is the whole packet: accepted",
            "GRO-IN-003", {**TCP_GSO, "hdr_len": 340}, "passed GRO-IN-003",
            "vnet boundary")
with_header("vnet-udp-128-segments",
            "A UDP super-packet of 128 segments: accepted",
            "GRO-IN-003", {**UDP_GSO, "gso_size": 1}, "passed GRO-IN-003",
            "vnet boundary", {**UDP4, "size": 128})
with_header("vnet-clamp", "Segments of 7 bytes become segments of 8",
            "VNET-015", {**TCP_GSO, "gso_size": 7}, "passed GRO-IN-003",
            "vnet profile", profile="linux-7.2")
with_header("vnet-udp-fragments",
            "gso_type 3 counts the UDP header as payload: accepted",
            "GRO-IN-003", {**UDP_GSO, "gso_type": 3, "gso_size": 307},
            "passed GRO-IN-003", "vnet boundary", UDP4)
with_header("vnet-udp-fragments-not", "gso_type 3 with one byte more in "
            "gso_size: taken as a plain packet, held", "VNET-014",
            {**UDP_GSO, "gso_type": 3, "gso_size": 308}, "held",
            "vnet boundary", UDP4)
for name, start, fate in (("vnet-csum-far", 65471, "rejected VNET-016"),
                          ("vnet-csum-far-not", 65470, "held")):
    with_header(name, f"csum_start {start}: {fate.split()[0]}", "VNET-016",
                {"flags": 1, "csum_start": start}, fate, "vnet boundary",
                {**IP6, "size": start + 2 - 60, "checksum": None})
merge("vnet-not-gso", "One segment is no super-packet: it is held and grows",
      "VNET-014", "vnet boundary",
      *[{"checksum": "seed", "vnet": vnet(**TCP_GSO)}] * 2)
add("vnet-data-valid", "DATA_VALID is not believed: the checksum is verified",
    "GRO-TCP-001", "vnet", flow({"checksum": "wrong", "vnet": vnet(2)}),
    ["passed GRO-TCP-001"], [[0]])
add("vnet-csum-before-l4", "NEEDS_CSUM for a field before the L4 header does "
    "not spare the L4 checksum", "GRO-TCP-001", "vnet",
    flow({"checksum": "wrong", "vnet": vnet(1, csum_start=40, csum_offset=0)},
         **IP6, extensions=[(DESTINATION, bytes(7))]),
    ["passed GRO-TCP-001"], [[0]])

# --- The packet by itself ----------------------------------------------------
CURRENT = "in"

for name, title, data in (
        ("in-version", "IP version 5: rejected", b"\x55" + packet()[1:]),
        ("in-empty", "A packet of no bytes: rejected", b"")):
    add(name, title, "GRO-IN-001", "boundary", [entry(data)],
        ["rejected GRO-IN-001"], [])
add("in-length", "65576 bytes are more than an IP packet can have: rejected",
    "GRO-IN-002", "boundary deviation",
    flow({"size": 65576 - 60, "payload_length": 0}, **IP6),
    ["rejected GRO-IN-002"], [])
add("in-length-most", "65575 bytes are as many as an IP packet can have: held",
    "GRO-END-008", "boundary", flow({"size": 65575 - 60}, **IP6), ["held"],
    [[0]])
flush("in-gso", "A GSO packet", "GRO-IN-003", {},
      {"size": 300, "checksum": "seed", "vnet": vnet(**TCP_GSO)}, "flush vnet")

# --- IPv4 --------------------------------------------------------------------
CURRENT = "ip4"

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

# --- IPv6 --------------------------------------------------------------------
CURRENT = "ip6"

OPTION = bytes([0, 1, 4, 0, 0, 0, 0])  # one PadN, a header of 8 bytes

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

# --- TCP ---------------------------------------------------------------------
CURRENT = "tcp"

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

TIMESTAMPS = b"\x01\x01\x08\x0a\0\0\0\x01\0\0\0\x02"

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

# --- UDP ---------------------------------------------------------------------
CURRENT = "udp"

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

# --- The flow ----------------------------------------------------------------
CURRENT = "key"


def separate(name, title, rule, change, base=None, **more):
    """Between two packets of a flow comes one of another flow."""
    flags = "merge deviation" if "config" in more else "merge"
    add(name, title, rule, flags, flow({}, change, **(base or {}))
        + flow({}, {}, **(base or {}))[1:], ["held", "held", "merged"],
        [[0, 2], [1]], **more)


for name, title, change in (
        ("key-ip4", "Another source port", {"source_port": 40001}),
        ("key-ip4-destination-port", "Another destination port",
         {"destination_port": 444}),
        ("key-ip4-source", "Another source address", {"source": "192.0.2.3"}),
        ("key-ip4-destination", "Another destination address",
         {"destination": "198.51.100.3"}),
        ("key-ip4-protocol", "UDP between the same ports", UDP4)):
    separate(name, title + " is another flow", "GRO-KEY-001", change)
for name, title, change in (
        ("key-ip6", "Another flow label", {"flow_label": 1}),
        ("key-ip6-port", "Another source port", {"source_port": 40001}),
        ("key-ip6-source", "Another source address",
         {"source": "2001:db8::3"}),
        ("key-ip6-destination", "Another destination address",
         {"destination": "2001:db8::3"}),
        ("key-ip6-extension", "An extension header",
         {"extensions": [(HOP_BY_HOP, OPTION)]})):
    separate(name, title + " is another flow", "GRO-KEY-002", change, IP6)
separate("key-ip6-extension-differs", "Another byte in an extension header is "
         "another flow", "GRO-KEY-002",
         {"extensions": [(DESTINATION, OPTION[:-1] + b"\x01")]},
         {**IP6, "extensions": [(DESTINATION, OPTION)]})
separate("key-ip6-extension-number", "The same bytes as another extension "
         "header are another flow", "GRO-KEY-002",
         {"extensions": [(HOP_BY_HOP, OPTION)]},
         {**IP6, "extensions": [(DESTINATION, OPTION)]})

# Read as IPv4, this address has protocol 6 and the usual IPv4 addresses.
separate("key-version", "K-1: an IPv4 packet is of no IPv6 flow",
         "GRO-KEY-001", {"version": 4, "source": "192.0.2.1"},
         {**IP6, "source": "2006:0:c000:201:c633:6402::1"}, config=NO_KERNEL)

# Whole extension headers before byte 65472, and the last one before it.
FAR = [(DESTINATION, b"\xff" + bytes(2046))] * 31 + [
    (DESTINATION, bytes([242]) + bytes(1942))]
NEAR = FAR[:-1] + [(DESTINATION, bytes([241]) + bytes(1934))]
FAR6 = {**IP6, "size": 10, "extensions": FAR}
add("key-far", "TCP behind byte 65470 has no flow: both are held, and leave "
    "unmerged", "GRO-KEY-003", "merge boundary", flow({}, {}, **FAR6),
    ["held", "held"], [[0], [1]])
merge("key-near", "TCP at byte 65464 has one: they merge", "GRO-KEY-003",
      "merge boundary", {}, {}, base={**FAR6, "extensions": NEAR})

# --- Limits ------------------------------------------------------------------
CURRENT = "limits"

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

# --- What leaves, and when ---------------------------------------------------
CURRENT = "end"


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

# --- The bytes that leave ----------------------------------------------------
CURRENT = "out"


def zero_checksum(**fields):
    """An identification with which the IPv4 header checksum is 0."""
    for number in range(65536):
        if packet(id=number, **fields)[10:12] == b"\0\0":
            return number
    raise ValueError(fields)


add("out-single", "A verified packet leaves as it came, with DATA_VALID",
    "GRO-OUT-001", "merge", flow({}), ["held"], [[0]])
add("out-single-partial", "NEEDS_CSUM is kept, and nothing else of the header",
    "GRO-OUT-001", "vnet", flow({"checksum": "seed",
                                 "vnet": vnet(3, 0, 60, 9, 20, 16)}),
    ["held"], [[0]])
add("out-single-gso", "The header of a GSO packet is kept", "GRO-OUT-001",
    "vnet", flow({"size": 300, "checksum": "seed", "flags": "APC",
                  "vnet": vnet(1, 0x81, 40, 100, 20, 16)}),
    ["passed GRO-IN-003"], [[0]])
add("out-single-short-tcp", "A right checksum shows though the header is short",
    "GRO-OUT-001", "bypass", flow({"l4_cut": 19}), ["passed GRO-TCP-002"],
    [[0]])
merge("out-ip4", "total_length and its checksum change, the identification "
      "does not", "GRO-OUT-002", "merge", {}, {}, {})
merge("out-ip4-checksum-zero", "A checksum that becomes 0 and not 0xffff",
      "GRO-OUT-002", "merge boundary", {}, {},
      base={"id": zero_checksum(size=200)})
merge("out-ip6", "Extension headers stand once", "GRO-OUT-003", "merge",
      {}, {}, base={**IP6, "traffic_class": 0xb8, "extensions": [
          (HOP_BY_HOP, OPTION), (DESTINATION, OPTION)]})
merge("out-tcp", "FIN and PSH of the last segment, everything else of the "
      "first", "GRO-OUT-004", "merge", {"urgent": 3}, {},
      {"flags": "AFP", "urgent": 4}, base={"options": TIMESTAMPS})
merge("out-tcp-ip6", "The same over IPv6", "GRO-OUT-004", "merge", {}, {},
      {"flags": "AFP"}, base={**IP6, "options": TIMESTAMPS})
merge("out-ecn", "CWR on the first packet becomes the ECN bit", "GRO-OUT-005",
      "profile", {"flags": "AC"}, {}, profile="linux-6.12")
merge("out-ecn-not", "CWR on both packets becomes no ECN bit", "GRO-OUT-005",
      "profile", {"flags": "AC"}, {"flags": "AC"}, profile="linux-7.2")
merge("out-udp", "The UDP length and the checksum's seed", "GRO-OUT-006",
      "merge", {}, {}, {"size": 50}, base=UDP4)
merge("out-udp-ip6", "The same over IPv6", "GRO-OUT-006", "merge", {}, {},
      {"size": 50}, base={**IP6, **UDP4})
merge("out-vnet", "The virtio header is the super-packet's, not its packets'",
      "GRO-OUT-007", "vnet", {"checksum": "seed",
                              "vnet": vnet(1, 0, 40, 0, 20, 16)}, {},
      base={"options": TIMESTAMPS})

# --- Lossless mode -----------------------------------------------------------
CURRENT = "lossless"


def lossy(name, title, rule, change, base=None, profile="linux-6.18",
          fate="passed", first=None):
    """What Linux merges, and lossless mode does not."""
    add(name, f"{title}: it does not merge", rule, "lossless",
        flow(first or {}, change, **(base or {})),
        ["held", f"{fate} {rule}"], [[0], [1]], LOSSLESS, profile)


def whole_zero(**fields):
    """A payload with which the TCP checksum is 0."""
    rest = pattern(0, 98)
    found = packet(payload=b"\0\0" + rest, **fields)
    return found[36:38] + rest


lossy("ll-vnet", "A packet whose checksum is yet to be computed", "GRO-LL-001",
      {"checksum": "seed", "vnet": vnet(1, 0, 0, 0, 20, 16)})
lossy("ll-ip4-checksum", "An IPv4 header checksum of 0xffff", "GRO-LL-002",
      {"ip_checksum": 0xffff}, {"id": zero_checksum() - 1})
lossy("ll-tcp-checksum", "A TCP checksum of 0xffff", "GRO-LL-003",
      {"payload": whole_zero(sequence=0x10000064), "checksum": 0xffff})
add("ll-udp-write", "UDP passes where no UDP super-packet can be written",
    "GRO-LL-004", "lossless profile", flow({}, {}, **UDP4),
    ["passed GRO-LL-004"] * 2, [[0], [1]], LOSSLESS, "linux-6.1")
add("ll-far", "TCP behind byte 65470 passes: it could not be written back",
    "GRO-LL-011", "lossless boundary", flow({}, {}, **FAR6),
    ["passed GRO-LL-011"] * 2, [[0], [1]], LOSSLESS)
lossy("ll-flow-label", "Another flow label", "GRO-LL-005", {"flow_label": 1},
      IP6, fate="held")
lossy("ll-extension", "Another byte in an extension header", "GRO-LL-006",
      {"extensions": [(DESTINATION, OPTION[:-1] + b"\x01")]},
      {**IP6, "extensions": [(DESTINATION, OPTION)]}, fate="held")
lossy("ll-id", "Equal identifications", "GRO-LL-007", {"id": 0x1000},
      fate="held")
lossy("ll-urgent", "Another urgent pointer", "GRO-LL-008", {"urgent": 9},
      fate="held")
lossy("ll-cwr", "CWR on both packets", "GRO-LL-009", {}, {"flags": "AC"},
      "linux-7.2", "held")
lossy("ll-size", "Segments of 7 bytes", "GRO-LL-010", {}, {"size": 7},
      fate="held")
add("ll-merge", "What a split undoes merges as in Linux", "GRO-OUT-007",
    "lossless", flow({}, {}, {"size": 50, "flags": "AP"}),
    ["held", "merged", "merged"], [[0, 1, 2]], LOSSLESS)

# --- Split -------------------------------------------------------------------
CURRENT = "gso"

TCP6_GSO = {**TCP_GSO, "gso_type": 4, "hdr_len": 60, "csum_start": 40}
UDP6_GSO = {**UDP_GSO, "hdr_len": 48, "csum_start": 40}


def split_bytes(name, title, rules, flags, data, header, segments,
                profile="linux-6.18"):
    """These bytes become so many segments under `profile`; 0: they are dropped;
    "EINVAL": they are rejected.
    """
    SUITES.setdefault(CURRENT, []).append({
        "id": name, "title": title, "rules": rules.split(),
        "flags": flags.split(), "input": [entry(data, vnet(**header))],
        "segments": segments, "config": {}, "profile": profile, "op": "gso"})


def split(name, title, rules, flags, header, fields, segments, **more):
    """As split_bytes(), of a super-packet of 250 bytes or what `fields` say."""
    split_bytes(name, title, rules, flags,
                packet(**{"size": 250, "checksum": "seed", **fields}), header,
                segments, **more)


def seed_for_zero(protocol, **fields):
    """A seed with which the first segment of 100 bytes has the checksum 0."""
    at = 20 + (16 if protocol != UDP else 6)
    first = packet(protocol=protocol, **fields)
    whole = packet(protocol=protocol, size=250, checksum="seed", **fields)
    return fold(int.from_bytes(whole[at:at + 2], "big")
                + int.from_bytes(first[at:at + 2], "big"))


split("gso-rejected", "A header that a TUN refuses is refused here: rejected",
      "VNET-012", "vnet", {**TCP_GSO, "csum_offset": 6}, {}, "EINVAL")
split("gso-plain-instead", "A payload of gso_size is no super-packet",
      "VNET-014 GSO-OUT-008", "boundary", {**TCP_GSO, "gso_size": 250}, {}, 1)
split("gso-clamp", "Segments of 7 bytes become segments of 8", "VNET-015",
      "profile", {**TCP_GSO, "gso_size": 7}, {}, 32, profile="linux-7.2")

for name, title, rule, header, fields in (
        ("gso-fragments", "gso_type 3, which asks for IP fragments",
         "GSO-001", {**UDP_GSO, "gso_type": 3}, UDP4),
        ("gso-ip4-header", "An IHL of 4", "GSO-002",
         {**TCP_GSO, "csum_start": 20}, {"forge": (0, 0x44)}),
        ("gso-ip4-header-cut", "IPv4 options that end behind the packet",
         "GSO-002", {**TCP_GSO, "flags": 0, "gso_size": 1},
         {"size": 3, "forge": (0, 0x4f)}),
        ("gso-ip6-extension-cut", "An extension header that ends behind the "
         "packet", "GSO-003", {**TCP6_GSO, "hdr_len": 68, "csum_start": 48},
         {**IP6, "extensions": [(DESTINATION, b"\xff" + bytes(6))]}),
        ("gso-ip6-short", "39 bytes, too few for an IPv6 header", "GSO-003",
         {**UDP6_GSO, "gso_size": 1, "hdr_len": 0, "csum_start": 28},
         {**IP6, **UDP4, "cut": 39}),
        ("gso-protocol", "A UDP packet that claims to be TCP", "GSO-004",
         TCP_GSO, UDP4),
        ("gso-protocol-udp", "A TCP packet that claims to be UDP", "GSO-004",
         UDP_GSO, {}),
        ("gso-protocol-ip4", "An IPv4 packet that claims to be IPv6",
         "GSO-004", {**TCP6_GSO, "csum_start": 40},
         {"ip_options": bytes(20)}),
        ("gso-protocol-ip6", "An IPv6 packet that claims to be IPv4",
         "GSO-004", {**TCP_GSO, "csum_start": 40}, IP6),
        ("gso-protocol-ip6-fragment", "A fragment header, which is not walked",
         "GSO-004", {**TCP6_GSO, "csum_start": 48},
         {**IP6, "extensions": [(FRAGMENT, bytes(7))]}),
        ("gso-csum-start", "csum_start is 4 bytes behind the TCP header",
         "GSO-005", {**TCP_GSO, "csum_start": 24}, {}),
        ("gso-csum-start-udp", "csum_start is at the end of the IPv4 header "
         "as it is without options", "GSO-005", UDP_GSO,
         {**UDP4, "ip_options": b"\1" * 4}),
        ("gso-tcp-short", "IPv4 options leave 12 bytes for TCP", "GSO-006",
         {**TCP_GSO, "flags": 0, "hdr_len": 0, "gso_size": 1},
         {"ip_options": b"\1" * 40, "l4_cut": 12}),
        ("gso-tcp-offset", "A data offset of 4", "GSO-007", TCP_GSO,
         {"data_offset": 4}),
        ("gso-tcp-offset-cut", "TCP options that end behind the packet",
         "GSO-007", {**TCP_GSO, "gso_size": 10}, {"size": 39,
                                                  "data_offset": 15}),
        ("gso-one-segment", "A payload of gso_size, with TCP options, which "
         "VNET-014 takes for payload", "GSO-008", TCP_GSO,
         {"size": 100, "options": TIMESTAMPS})):
    data = packet(**{"size": 250, "checksum": "seed",
                     **{n: v for n, v in fields.items() if n != "forge"}})
    if "forge" in fields:
        at, byte = fields["forge"]
        data = data[:at] + bytes([byte]) + data[at + 1:]
    split_bytes(name, f"{title}: dropped", rule,
                "deviation" if rule == "GSO-001" else "dropped", data, header,
                0)

split("gso-one-segment-not", "A payload of gso_size and a byte: two segments",
      "GSO-008", "boundary", TCP_GSO, {"size": 101, "options": TIMESTAMPS}, 2)
split("gso-out-ip4", "Identifications count on and wrap; options, flags and "
      "the fragment field stay; the length and checksum that came are not "
      "read", "GSO-OUT-001", "split wrap", {**TCP_GSO, "csum_start": 24},
      {"id": 0xfffe, "ip_options": b"\1" * 4, "total_length": 7, "df": False,
       "reserved": True, "mf": True, "ip_checksum": "wrong", "tos": 3}, 3)
split("gso-out-ip6", "payload_length is that of the segment; extension "
      "headers are copied", "GSO-OUT-002", "split",
      {**TCP6_GSO, "hdr_len": 84, "csum_start": 64},
      {**IP6, "payload_length": 7, "traffic_class": 3,
       "extensions": [(HOP_BY_HOP, OPTION), (ROUTING, b"\1" + bytes(14))]}, 3)
split("gso-out-tcp", "Sequence numbers wrap; FIN and PSH come last, CWR comes "
      "first, everything else on all", "GSO-OUT-003", "split wrap", TCP_GSO,
      {"sequence": 0xffffff9c, "flags": "FPUECAe", "urgent": 9,
       "options": TIMESTAMPS}, 3)
split("gso-out-tcp-ip6", "The same over IPv6", "GSO-OUT-003", "split wrap",
      TCP6_GSO, {**IP6, "sequence": 0xffffff9c, "flags": "FPUECAe",
                 "urgent": 9, "options": TIMESTAMPS}, 3)
split("gso-out-tcp-syn", "SYN and RST are on all segments", "GSO-OUT-003",
      "split", TCP_GSO, {"flags": "SRA"}, 3)
split("gso-out-tcp-ecn", "The ECN bit changes nothing: CWR comes first",
      "GSO-OUT-003", "split", {**TCP_GSO, "gso_type": 0x81}, {"flags": "AC"},
      3)
split("gso-out-udp", "The length field is that of the segment", "GSO-OUT-004",
      "split", UDP_GSO, UDP4, 3)
split("gso-out-udp-ip6", "The same over IPv6", "GSO-OUT-004", "split",
      UDP6_GSO, {**IP6, **UDP4}, 3)
split("gso-out-checksum", "The seed is trusted: a wrong one makes wrong "
      "checksums", "GSO-OUT-005", "split", TCP_GSO, {"checksum": 0x1234}, 3)
split("gso-out-checksum-ffff", "A seed of 0xffff is one of 0", "GSO-OUT-005",
      "zero", TCP_GSO, {"checksum": 0xffff}, 3)
split("gso-out-checksum-udp", "UDP's length field is trusted: a wrong one "
      "makes wrong checksums", "GSO-OUT-005", "split", UDP_GSO,
      {**UDP4, "udp_length": 7}, 3)
split("gso-out-checksum-udp-wrap", "A segment of UDP over 65535 bytes: its "
      "length counts mod 65536, in the checksum, too", "GSO-OUT-004 GSO-OUT-005",
      "split wrap", {**UDP_GSO, "gso_size": 65534},
      {**UDP4, "size": 65547, "total_length": 39, "udp_length": 19}, 2)
split("gso-out-checksum-tcp-long", "One of TCP: its length counts whole in the "
      "checksum", "GSO-OUT-005", "split wrap", {**TCP_GSO, "gso_size": 65534},
      {"size": 65535, "total_length": 39}, 2)
split("gso-out-checksum-unmarked", "Without NEEDS_CSUM the checksum field is "
      "not read", "GSO-OUT-005", "split", {**TCP_GSO, "flags": 0},
      {"checksum": 0x1234}, 3)
split("gso-out-checksum-unmarked-ip6", "The same over IPv6", "GSO-OUT-005",
      "split", {**TCP6_GSO, "flags": 0}, {**IP6, "checksum": 0x1234}, 3)
split("gso-out-checksum-tcp-zero", "A TCP checksum of 0 stays 0",
      "GSO-OUT-005", "zero", TCP_GSO, {"checksum": seed_for_zero(6)}, 3)
split("gso-out-checksum-udp-zero", "A UDP checksum of 0 becomes 0xffff",
      "GSO-OUT-005", "zero", UDP_GSO,
      {**UDP4, "checksum": seed_for_zero(UDP)}, 3)
split("gso-out-vnet", "Segments have a virtio header of zeros, whatever the "
      "super-packet had", "GSO-OUT-006", "vnet",
      {**TCP_GSO, "flags": 3, "gso_type": 0x81}, {}, 3)
split("gso-out-plain", "The checksum of a packet that is no super-packet is "
      "computed", "GSO-OUT-008", "vnet", {"flags": 1, "csum_start": 20,
                                          "csum_offset": 16}, {}, 1)
split("gso-out-plain-anywhere", "The field may be anywhere behind csum_start, "
      "at an odd place, too", "GSO-OUT-008", "boundary",
      {"flags": 1, "csum_start": 21, "csum_offset": 267}, {}, 1)
split("gso-out-plain-zero", "A checksum of 0 becomes 0xffff, in TCP, too",
      "GSO-OUT-008", "zero", {"flags": 1, "csum_start": 38, "csum_offset": 0},
      {"payload": b"\xff\xff", "urgent": 0}, 1)
split("gso-out-plain-untouched", "Without NEEDS_CSUM a wrong packet stays as "
      "it is", "GSO-OUT-008", "vnet", {"flags": 2, "csum_start": 20,
                                       "csum_offset": 16},
      {"checksum": "wrong", "total_length": 7, "ip_checksum": "wrong"}, 1)
split("gso-out-jumbo", "In a super-packet of 65537 bytes the hop-by-hop "
      "header with the jumbo option goes", "GSO-OUT-007", "profile boundary",
      {**TCP6_GSO, "hdr_len": 68, "csum_start": 48, "gso_size": 40000},
      {**IP6, "extensions": [(HOP_BY_HOP, b"\0\xc2\4\0\0\0\0")],
       "payload_length": 0, "size": 65537 - 68}, 2)
