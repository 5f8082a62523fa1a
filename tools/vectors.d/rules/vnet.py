# SPDX-License-Identifier: MIT
"""The virtio header."""

from packet import DESTINATION, packet, vnet
from suite import IP6, TCP_GSO, UDP4, UDP_GSO, add, begin, entry, flow, merge

begin("vnet")

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
