# SPDX-License-Identifier: MIT
"""Virtio headers with more than 10 bytes."""

import struct

from scripts.vectors.packet import (
    DESTINATION, HOP_BY_HOP, UDP, packet, vnet)
from scripts.vectors.suite import (
    IP6, OPTION, UDP4, add, add_split, begin, entry, flow, forged, merge)

begin("header")

ONES = b"\xff"

# (end of the id, words, fields, csum_start, csum_offset, gso_type)
WAYS = (("tcp4", "TCP over IPv4", {}, 20, 16, 1),
        ("tcp6", "TCP over IPv6", IP6, 40, 16, 4),
        ("tcp6-extension", "TCP after an extension header",
         {**IP6, "extensions": [(HOP_BY_HOP, OPTION)]}, 48, 16, 4),
        ("udp4", "UDP over IPv4", UDP4, 20, 6, 5),
        ("udp6", "UDP over IPv6", {**IP6, **UDP4}, 40, 6, 5))


def both(name, title, rule, side, data, header, fate, segments,
         without=None, **more):
    """One packet for a table and for a split."""
    made = entry(data, header)
    add(name, title, rule, f"{side} vnet", [made], [fate],
        [] if fate.startswith("rejected") else [[0]], without=without, **more)
    add_split(f"{name}-split", f"Split: {title}", rule, f"{side} vnet", data,
              header, segments, without=without, **more)


# Headers of 12 bytes: VNET-001 counts the two that are not read.

LONG = {"config": {"vnet_len": 12}}
DATA = packet(size=10)

for over in range(4):
    rejected = over > 2
    both(f"header-12-hdr-len-{over}", f"A header of 12 bytes, and hdr_len is "
         f"{over} more than the packet has: "
         f"{'rejected' if rejected else 'accepted'}", "VNET-001",
         "boundary" if over in (2, 3) else "allows", DATA,
         vnet(hdr_len=len(DATA) + over, rest=bytes(2)),
         "rejected VNET-001" if rejected else "held",
         "EINVAL" if rejected else 1, **LONG)
both("header-10-hdr-len-1", "A header of 10 bytes, and hdr_len is 1 more than "
     "the packet has: rejected", "VNET-001", "refuses", DATA,
     vnet(hdr_len=len(DATA) + 1), "rejected VNET-001", "EINVAL",
     without=[entry(DATA, vnet(hdr_len=len(DATA)))])
both("header-12-csum", "A header of 12 bytes whose checksum field ends one byte "
     "behind the packet: rejected", "VNET-004", "boundary", DATA,
     vnet(1, csum_start=len(DATA) - 17, csum_offset=16, rest=bytes(2)),
     "rejected VNET-004", "EINVAL", **LONG)

for way, words, fields, start, offset, kind in WAYS:
    base = {**fields, "size": 25}
    header = (1, kind, start, 10, start, offset)
    made = entry(packet(**base), vnet(rest=ONES * 2))
    add(f"header-12-{way}", f"{words}: num_buffers means nothing", "VNET-001",
        "allows vnet", [made], ["held"], [[0]], **LONG)
    add_split(f"header-12-{way}-split", f"Split: {words}: num_buffers means "
              "nothing", "VNET-001", "allows vnet",
              packet(**base, checksum="seed"), vnet(*header, rest=ONES * 2), 3,
              **LONG)

add("header-12-csum-offset", "Both bytes of csum_offset stay before num_buffers",
    "VNET-001", "allows vnet",
    [entry(packet(size=300), vnet(1, 0, 0, 0, 20, 300, ONES * 2))], ["held"],
    [[0]], **LONG)

# Headers of 24 bytes that tell of a tunnel over UDP.

TAP = {"config": {"link": "ethernet", "vnet_len": 24}}
TUN = {"config": {"vnet_len": 24}}
BITS = {4: 0x20, 6: 0x40}
VXLAN = bytes.fromhex("0800000000000100")
GENEVE = bytes.fromhex("0000655800000100")
GENEVE_OPTIONS = bytes.fromhex("04006558000001000102800300000001"
                               "0102800100000002")[:24]
KINDS = {"vxlan": (4789, VXLAN), "geneve": (6081, GENEVE),
         "geneve-options": (6081, GENEVE_OPTIONS)}


def tunnel(inner, outer=None, kind="vxlan", checksum=True, own=None):
    """A super-packet in a tunnel, in Ethernet: its bytes, and the offsets of
    the outer UDP header, the inner IP header and the inner L4 header.
    """
    port, header = KINDS[kind]
    header = header if own is None else own
    frame = packet(**{"link": "ethernet", "size": 25, "checksum": "seed",
                      **inner})
    fields = {"link": "ethernet", **(outer or {}), "protocol": UDP,
              "destination_port": port, "payload": header + frame,
              "checksum": "seed"}
    data = packet(**fields)
    l4 = len(data) - len(header) - len(frame) - 8
    if not checksum:
        data = data[:l4 + 6] + bytes(2) + data[l4 + 8:]
    inner_nh = l4 + 8 + len(header) + 14
    return data, l4, inner_nh


def told(made, version, way, checksum=True, header=None, **fields):
    """Its virtio header. `fields` differ from the right ones; those that are
    functions get the right value.
    """
    data, outer_th, inner_nh = made
    _, _, _, start, offset, kind = way
    right = {"flags": 9 if checksum else 1, "gso_type": BITS[version] | kind,
             "hdr_len": inner_nh + start, "gso_size": 10,
             "csum_start": inner_nh + start, "csum_offset": offset,
             "outer_th": outer_th, "inner_nh": inner_nh}
    for name, value in fields.items():
        right[name] = value(right[name]) if callable(value) else value
    offsets = struct.pack("<HH", right.pop("outer_th"), right.pop("inner_nh"))
    return vnet(**right, rest=(header or bytes(10)) + offsets)


TCP4, TCP6, TCP6_EXTENSION, UDP4_WAY, UDP6_WAY = WAYS
OUTERS = ((4, "IPv4", {}), (6, "IPv6", IP6))
MADE = tunnel({})
RIGHT = told(MADE, 4, TCP4)
HELD = [entry(packet(link="ethernet"), vnet(rest=bytes(14)))]
FLAGS = "vnet header"


def split_told(name, title, rule, side, header, segments, made=MADE,
               without=None, **more):
    """A super-packet in a tunnel, and its virtio header."""
    more = {**TAP, **more}
    add_split(name, f"Split: {title}", rule, f"{side} {FLAGS}", made[0],
              header, segments,
              without=[entry(made[0], RIGHT)] if without is True else without,
              **more)


def refused(name, title, rule, side, header, made=MADE, right=None):
    """A header that `rule` rejects, for a split and for a table."""
    twin = [entry(made[0], right or RIGHT)] if side == "refuses" else None
    split_told(f"{name}-split", title, rule, side, header, "EINVAL", made,
               without=twin)
    add(name, title, rule, f"{side} {FLAGS}", [entry(made[0], header)],
        [f"rejected {rule}"], [], without=twin and HELD, **TAP)


# VNET-018 to VNET-020: what is in the tunnel.

for bits, name in ((0x60, "both"),):
    refused(f"vnet-tunnel-{name}", "Both bits of tunnels: rejected",
            "VNET-018", "refuses", told(MADE, 4, TCP4, gso_type=bits | 1))
refused("vnet-tunnel-both-udp", "Both bits of tunnels, with the ECN bit: "
        "rejected", "VNET-018", "boundary",
        told(MADE, 4, TCP4, gso_type=0xe1))
for version, words, outer in OUTERS:
    split_told(f"vnet-tunnel-one-{version}", f"The bit of a tunnel over "
               f"{words}: accepted", "VNET-018", "allows",
               told(tunnel({}, outer), version, TCP4), 3, tunnel({}, outer))
for kind, name, side in ((0, "none", "boundary"), (3, "type", "refuses"),
                         (0x80, "ecn", "boundary"),
                         (0x83, "type-ecn", "boundary")):
    refused(f"vnet-tunnel-{name}", f"A tunnel, and gso_type "
            f"{kind | 0x20:#04x}: rejected", "VNET-019", side,
            told(MADE, 4, TCP4, gso_type=kind | 0x20))
for way in WAYS:
    made = tunnel(way[2])
    split_told(f"vnet-tunnel-{way[0]}", f"{way[1]} in a tunnel: accepted",
               "VNET-019", "allows", told(made, 4, way), 3, made)
    add(f"out-told-{way[0]}", f"{way[1]} in a tunnel: a GSO packet passes",
        "GRO-OUT-011", f"allows {FLAGS}", [entry(made[0], told(made, 4, way))],
        ["passed GRO-UDP-007"], [[0]], **TAP)
for name, flags in (("csum", 8), ("csum-0", 0), ("csum-2", 2)):
    refused(f"vnet-tunnel-{name}", f"A tunnel, and flags {flags}: rejected",
            "VNET-020", "refuses" if name == "csum" else "boundary",
            told(MADE, 4, TCP4, flags=flags))
for flags in (1, 3, 9, 0xf9, 0xff):
    split_told(f"vnet-tunnel-flags-{flags}", f"A tunnel, and flags "
               f"{flags:#04x}: accepted", "VNET-020", "allows",
               told(MADE, 4, TCP4, flags=flags), 3)

# VNET-021, VNET-022: the offsets, each at its edges.

OPTIONS4 = {"ip_options": bytes(40)}
LONG_OUTER = tunnel({}, OPTIONS4)
LONG_RIGHT = told(LONG_OUTER, 4, TCP4)
for bits, least in ((0x20, 34), (0x40, 54)):
    for name, by in (("below", -1), ("least", 0), ("above", 1)):
        header = told(LONG_OUTER, 4, TCP4, gso_type=bits | 1,
                      outer_th=least + by)
        title = (f"A tunnel with bit {bits:#04x} and outer_th_offset "
                 f"{least + by}: ")
        if by < 0:
            refused(f"vnet-tunnel-outer-{bits:x}-{name}", title + "rejected",
                    "VNET-021", "boundary", header, LONG_OUTER)
        else:
            split_told(f"vnet-tunnel-outer-{bits:x}-{name}",
                       title + "accepted", "VNET-021", "boundary", header, 3,
                       LONG_OUTER)
refused("vnet-tunnel-offset", "A tunnel, and outer_th_offset is 0: rejected",
        "VNET-021", "refuses", told(MADE, 4, TCP4, outer_th=0))
refused("vnet-tunnel-inner", "A tunnel, and inner_nh_offset is 0: rejected",
        "VNET-021", "refuses", told(MADE, 4, TCP4, inner_nh=0))
refused("vnet-tunnel-start", "A tunnel, and csum_start is that of the outer "
        "UDP header: rejected", "VNET-021", "refuses",
        told(MADE, 4, TCP4, csum_start=MADE[1]))
for name, inner_nh, fits in (("below", MADE[1] + 7, False),
                             ("least", MADE[1] + 8, True)):
    header = told(MADE, 4, TCP4, inner_nh=inner_nh)
    title = f"A tunnel, and inner_nh_offset is {inner_nh - MADE[1]} after " \
            "outer_th_offset: "
    if fits:
        split_told(f"vnet-tunnel-inner-{name}", title + "accepted",
                   "VNET-021", "boundary", header, 0)
    else:
        refused(f"vnet-tunnel-inner-{name}", title + "rejected", "VNET-021",
                "boundary", header)
for way, least in ((TCP4, 20), (TCP6, 40), (UDP4_WAY, 20), (UDP6_WAY, 20)):
    made = tunnel(way[2])
    for name, by in (("below", -1), ("least", 0)):
        header = told(made, 4, way, csum_start=made[2] + least + by)
        title = f"{way[1]} in a tunnel, and csum_start is {least + by} " \
                "after inner_nh_offset: "
        rejected = by < 0 or way is UDP6_WAY
        rule = "VNET-022" if way is UDP6_WAY and by == 0 else "VNET-021"
        if rejected:
            refused(f"vnet-tunnel-start-{way[0]}-{name}", title + "rejected",
                    rule, "boundary", header, made)
        else:
            split_told(f"vnet-tunnel-start-{way[0]}-{name}",
                       title + "accepted", rule, "boundary", header, 3, made)
UDP6_MADE = tunnel(UDP6_WAY[2])
UDP6_RIGHT = told(UDP6_MADE, 4, UDP6_WAY)
refused("vnet-tunnel-ip6", "UDP over IPv6 in a tunnel, and csum_start lies in "
        "its IPv6 header: rejected", "VNET-022", "refuses",
        told(UDP6_MADE, 4, UDP6_WAY, csum_start=UDP6_MADE[2] + 30),
        UDP6_MADE, UDP6_RIGHT)
refused("vnet-tunnel-ip6-39", "UDP over IPv6 in a tunnel, and csum_start is 39 "
        "after inner_nh_offset: rejected", "VNET-022", "boundary",
        told(UDP6_MADE, 4, UDP6_WAY, csum_start=UDP6_MADE[2] + 39), UDP6_MADE)
split_told("vnet-tunnel-ip6-40", "UDP over IPv6 in a tunnel, and csum_start is "
           "40 after inner_nh_offset: accepted", "VNET-022", "allows",
           UDP6_RIGHT, 3, UDP6_MADE)
for way, said, rule in ((TCP4, 6, "VNET-022"), (TCP6, 4, "GSO-004")):
    made = tunnel({**way[2], "said_version": said})
    split_told(f"vnet-tunnel-{way[0]}-says-{said}", f"{way[1]} in a tunnel, and "
               f"its IP header says version {said}: split", rule, "allows",
               told(made, 4, way), 3, made)

# Without a tunnel, bytes 10 to 23 mean nothing. On a TUN, too.

for way in WAYS:
    data = packet(**{**way[2], "link": "ethernet", "size": 25,
                     "checksum": "seed"})
    start = way[3] + 14
    add_split(f"header-24-{way[0]}", f"Split: {way[1]}: bytes 10 to 23 mean "
              "nothing without the bit of a tunnel", "VNET-002",
              f"allows {FLAGS}", data,
              vnet(9, way[5], start, 10, start, way[4], rest=ONES * 14), 3,
              **TAP)
    add(f"header-24-{way[0]}-held", f"{way[1]}: bytes 10 to 23 mean nothing",
        "VNET-002", f"allows {FLAGS}",
        [entry(packet(**{**way[2], "link": "ethernet", "size": 25}),
               vnet(rest=ONES * 14))], ["held"], [[0]], **TAP)
for length in (10, 12):
    header = RIGHT[:length]
    add_split(f"header-{length}-tunnel", f"Split: a header of {length} bytes "
              "with the bit of a tunnel: rejected", "VNET-002",
              f"boundary {FLAGS}", MADE[0], header, "EINVAL",
              config={"link": "ethernet", "vnet_len": length})
for over in (0, 1):
    both(f"header-24-hdr-len-{over}", f"A header of 24 bytes, and hdr_len is "
         f"{over} more than the packet has: "
         f"{'rejected' if over else 'accepted'}", "VNET-001",
         "boundary", DATA, vnet(hdr_len=len(DATA) + over, rest=bytes(14)),
         "rejected VNET-001" if over else "held", "EINVAL" if over else 1,
         **TUN)
refused("header-24-tunnel-hdr-len", "A tunnel, and hdr_len is over the packet: "
        "rejected", "VNET-001", "boundary",
        told(MADE, 4, TCP4, hdr_len=len(MADE[0]) + 1))
for name, data, first in (("tun-ip4", tunnel({}, OPTIONS4), 4),
                          ("tun-ip6", tunnel({}, {**IP6, "extensions": [
                              (HOP_BY_HOP, OPTION)] * 2}), 6)):
    made = data[0][14:], data[1] - 14, data[2] - 14
    add_split(f"header-24-{name}", "Split: a tunnel without a link, whose outer "
              f"IPv{first} header is long enough", "VNET-021", f"allows {FLAGS}",
              made[0], told(made, first, TCP4), 3, **TUN)
usual = MADE[0][14:], MADE[1] - 14, MADE[2] - 14
add_split("header-24-tun-short", "Split: a tunnel without a link, after 20 "
          "bytes of IPv4: rejected", "VNET-021", f"boundary {FLAGS}", usual[0],
          told(usual, 4, TCP4), "EINVAL", **TUN)

# GRO-UDP-007, GRO-OUT-011: a table lets them pass.

PLAIN = told(MADE, 4, TCP4, gso_size=1000)
UDP_FLOW = [entry(packet(**{"link": "ethernet", "protocol": UDP,
                            "destination_port": 4789, "size": 10}))]
add("udp-tunnel", "A super-packet in a tunnel overtakes a held datagram of its "
    "outer flow", "GRO-UDP-007", f"refuses bypass {FLAGS}",
    UDP_FLOW + [entry(MADE[0], RIGHT)],
    ["held", "passed GRO-UDP-007"], [[1], [0]],
    without=UDP_FLOW, **TAP)
add("udp-tunnel-plain", "A tunnel that is no GSO packet passes",
    "GRO-UDP-007", f"boundary bypass {FLAGS}",
    UDP_FLOW + [entry(MADE[0], PLAIN)],
    ["held", "passed GRO-UDP-007"], [[1], [0]], **TAP)
add("udp-tunnel-none", "Without the bit of a tunnel, a datagram is held",
    "GRO-UDP-007", f"allows {FLAGS}", [entry(
        packet(**{"link": "ethernet", "protocol": UDP, "size": 10}),
        vnet(rest=ONES * 14))], ["held"], [[0]], **TAP)
for version, words, outer in OUTERS:
    made = tunnel({}, outer)
    add("out-told" if version == 4 else "out-told-ip6",
        f"A super-packet in a tunnel over {words} leaves with the fields of "
        "its tunnel", "GRO-OUT-011", f"refuses {FLAGS}",
        [entry(made[0], told(made, version, TCP4))], ["passed GRO-UDP-007"],
        [[0]], without=HELD, **TAP)
for way in WAYS:
    made = tunnel(way[2], IP6)
    add(f"out-told-{way[0]}-in6", f"{way[1]} in a tunnel over IPv6: a GSO "
        "packet passes", "GRO-OUT-011", f"boundary {FLAGS}",
        [entry(made[0], told(made, 6, way))], ["passed GRO-UDP-007"], [[0]],
        **TAP)
made = tunnel({}, IP6)
add("out-told-bit", "The bit of the other IP version leaves as the right one",
    "GRO-OUT-011", f"boundary {FLAGS}", [entry(made[0], told(made, 4, TCP4))],
    ["passed GRO-UDP-007"], [[0]], **TAP)
add("out-told-outer", "outer_th_offset leaves as the offset of the outer UDP "
    "header", "GRO-OUT-011", f"boundary {FLAGS}",
    [entry(MADE[0], told(MADE, 4, TCP4, outer_th=40))],
    ["passed GRO-UDP-007"], [[0]], **TAP)

far = tunnel({}, {**IP6, "extensions": [(DESTINATION, b"\x1f" + bytes(254))]})
add("out-told-far", "The inner IP header is over 255 bytes from the first byte",
    "GRO-OUT-011", f"boundary {FLAGS}", [entry(far[0], told(far, 6, TCP4))],
    ["passed GRO-UDP-007"], [[0]], **TAP)
split_told("gso-tunnel-far", "the inner IP header is over 255 bytes from the "
           "first byte", "GSO-OUT-010", "boundary", told(far, 6, TCP4), 3, far)
add("out-told-rest", "A GSO packet without the bit of a tunnel leaves with zeros "
    "behind its fields", "GRO-OUT-011", f"allows {FLAGS}",
    [entry(packet(**{"link": "ethernet", "size": 25, "checksum": "seed"}),
           vnet(1, 1, 54, 10, 34, 16, rest=ONES * 14))],
    ["passed GRO-IN-003"], [[0]], **TAP)

add("out-told-header", "The outer IPv4 header is not whole: outer_th_offset stays",
    "GRO-OUT-011", f"boundary {FLAGS}",
    [entry(forged(MADE[0], {14: 0x44}), told(MADE, 4, TCP4, outer_th=40))],
    ["passed GRO-IP4-003"], [[0]], **TAP)

# GRO-OUT-012: a super-packet that was coalesced in a tunnel.

ENDED = {"config": {**TAP["config"], "tunnels": ["vxlan:4789"]}}
IN_VXLAN = {"link": "ethernet", "tunnel": "vxlan", "size": 10}
for outer in (4, 6):
    for way in WAYS:
        for end, words, zero in (("", "", {}), ("-zero", ", without an outer "
                                 "checksum", {"outer_checksum": 0})):
            merge(f"out-tell-{outer}-{way[0]}{end}", f"{way[1]} in VXLAN over "
                  f"IPv{outer}{words}: the header tells of the tunnel",
                  "GRO-OUT-012", "header merge", {}, {},
                  base={**IN_VXLAN, **way[2], "size": 10, **zero,
                        "outer_version": outer}, **ENDED)
merge("out-tell-ipip", "No header tells of IP in IP", "GRO-OUT-012",
      "allows header merge", {}, {}, base={**IN_VXLAN, "tunnel": "ipip"},
      config={**TAP["config"], "tunnels": ["ipip"]})
merge("out-tell-none", "No header tells of a tunnel where there is none",
      "GRO-OUT-012", "allows header merge", {}, {},
      base={"link": "ethernet", "size": 10}, **ENDED)
merge("out-tell-6.16", "No header tells of VXLAN in Linux 6.16", "GRO-OUT-012",
      "allows header merge", {}, {}, base=IN_VXLAN, profile="linux-6.16",
      **ENDED)
merge("out-tell", "outer_th_offset does not count outer extension headers",
      "GRO-OUT-012", "boundary header merge", {}, {},
      base={**IN_VXLAN, "outer_version": 6,
            "outer_extensions": [(HOP_BY_HOP, OPTION)]}, **ENDED)
add("out-tell-alone", "A packet in a tunnel that leaves alone tells nothing",
    "GRO-OUT-012", "refuses header", flow({}, **IN_VXLAN), ["held"], [[0]],
    without=flow({}, {}, **IN_VXLAN), **ENDED)

# Split: GSO-011 and tags.

def tags(*types):
    return b"".join(struct.pack(">HH", kind, number + 1)
                    for number, kind in enumerate(types))


def tagged(data, *types):
    return data[:12] + tags(*types) + data[12:]


FRAME = packet(link="ethernet", size=10)
ETHERNET = {"config": {"link": "ethernet"}}
for length in range(14, 22):
    data = tagged(FRAME, 0x8100)[:length]
    cut = length < 20
    add_split("gso-tag-cut" if length == 17 else f"gso-tag-cut-{length}",
              f"Split: a frame of {length} bytes with a VLAN tag: "
              f"{'dropped' if cut else 'accepted'}", "GSO-011",
              "refuses vnet" if length == 17 else "boundary vnet", data,
              vnet(), 0 if cut else 1,
              without=[entry(FRAME, vnet())] if length == 17 else None,
              **ETHERNET)
SUPER = packet(link="ethernet", size=25, checksum="seed")
for name, types in (("one", [0x8100]), ("service", [0x88a8]),
                    ("two", [0x88a8, 0x8100]), ("seven", [0x8100] * 7),
                    ("eight", [0x8100] * 8), ("others", [0x9100])):
    data = tagged(SUPER, *types)
    start = 34 + 4 * len(types)
    passed = name not in ("eight", "others")
    add_split(f"gso-tag-{name}", f"Split: a super-packet behind "
              f"{len(types)} tags of type {types[0]:#06x}: "
              f"{'split' if passed else 'dropped'}",
              "GSO-OUT-009" if passed else "GSO-010",
              f"{'allows' if passed else 'boundary'} vnet split", data,
              vnet(1, 1, 0, 10, start, 16), 3 if passed else 0, **ETHERNET)
# GSO-OUT-012: Linux 6.1 forgets csum_start if it is before the end of a tag.

TAG_CSUM = {"profile": "linux-6.1", **ETHERNET}
FORGOTTEN = [entry(tagged(FRAME, 0x8100), vnet(1, 0, 0, 0, 17, 30))]
for start in 0, 13, 14, 17, 18, 19:
    forgets = start < 18
    add_split(f"gso-out-tag-csum-{start}", f"Split in Linux 6.1: behind a VLAN "
              f"tag, csum_start is {start}: the checksum is "
              f"{'not ' if forgets else ''}computed", "GSO-OUT-012",
              f"{'boundary' if forgets else 'refuses'} vnet",
              tagged(FRAME, 0x8100), vnet(1, 0, 0, 0, start, 30), 1,
              without=None if forgets else FORGOTTEN, **TAG_CSUM)
add_split("gso-out-tag-csum-no-tag", "Split in Linux 6.1: without a VLAN tag, "
          "csum_start is 0: the checksum is computed", "GSO-OUT-012",
          "refuses vnet", FRAME, vnet(1, 0, 0, 0, 0, 30), 1,
          without=FORGOTTEN, **TAG_CSUM)
for name, types in (("", [0x8100]), ("-service", [0x88a8]),
                    ("-two", [0x88a8, 0x8100])):
    add_split(f"gso-out-tag-csum{name}", f"Split in Linux 6.1: behind "
              f"{len(types)} tags, the first of type {types[0]:#06x}, "
              "csum_start is 5: a super-packet is split as one without "
              "NEEDS_CSUM", "GSO-OUT-012", "allows vnet split",
              tagged(SUPER, *types), vnet(1, 1, 0, 10, 5, 16), 3, **TAG_CSUM)
add_split("gso-out-tag-csum-6", "Split in Linux 6.1: behind a VLAN tag, "
          "csum_start is 5: a super-packet of IPv6 is split as one without "
          "NEEDS_CSUM", "GSO-OUT-012", "allows vnet split",
          tagged(packet(link="ethernet", size=25, checksum="seed", **IP6),
                 0x8100), vnet(1, 4, 0, 10, 5, 16), 3, **TAG_CSUM)
# VNET-007: Linux 7.2 looks behind up to 15 tags.

BARE = packet(link="ethernet", size=25)
for count in (1, 15, 16):
    fits = count <= 15
    add(f"vnet-7.2-tags-{count}", f"A super-packet behind {count} VLAN tag"
        f"{'s'[:count - 1]} in Linux 7.2: {'accepted' if fits else 'rejected'}",
        "VNET-007", "boundary vnet",
        [entry(tagged(BARE, *[0x8100] * count), vnet(0, 1, 0, 10))],
        ["rejected VNET-007" if not fits else
         "passed GRO-IN-003" if count == 1 else "passed GRO-IN-005"],
        [[0]] if fits else [], profile="linux-7.2", **ETHERNET)
add("vnet-7.2-tags-udp", "A UDP super-packet behind a VLAN tag that says TCP in "
    "Linux 7.2: rejected", "VNET-007", "boundary vnet",
    [entry(tagged(packet(link="ethernet", size=25, protocol=UDP), 0x8100),
           vnet(0, 1, 0, 10))],
    ["rejected VNET-007"], [], profile="linux-7.2", **ETHERNET)
add("vnet-7.2-tag-cut", "A frame of 17 bytes with a VLAN tag in Linux 7.2: "
    "rejected", "VNET-007", "boundary vnet",
    [entry(tagged(BARE, 0x8100)[:17], vnet(0, 1, 0, 10))],
    ["rejected VNET-007"], [], profile="linux-7.2", **ETHERNET)
LAST = packet(**{"link": "ethernet", "size": 25, **IP6,
                 "extensions": [(DESTINATION, OPTION)]})
LONGER = packet(**{"link": "ethernet", "size": 25, **IP6,
                   "extensions": [(DESTINATION, OPTION)] * 2})
for count, data in ((1, LAST), (2, LONGER)):
    fits = count == 1
    add(f"vnet-7.2-tags-extensions-{count}", "A super-packet behind 15 VLAN tags "
        f"and {count} extension header{'s'[:count - 1]} in Linux 7.2: "
        f"{'accepted' if fits else 'rejected'}", "VNET-007", "boundary vnet",
        [entry(tagged(data, *[0x8100] * 15), vnet(0, 4, 0, 10))],
        ["passed GRO-IN-005" if fits else "rejected VNET-007"],
        [[0]] if fits else [], profile="linux-7.2", **ETHERNET)
JUMBO = packet(**{"link": "ethernet", **IP6, "payload_length": 0,
                  "extensions": [(HOP_BY_HOP, b"\0\xc2\4\0\0\0\0")],
                  "size": 65475, "checksum": "seed"})
add_split("gso-out-jumbo-tag", "Split: behind one tag the jumbo option goes",
          "GSO-OUT-007", "boundary vnet split profile", tagged(JUMBO, 0x8100),
          vnet(1, 4, 86, 40000, 66, 16), 2, **ETHERNET)
add_split("gso-out-jumbo-tags", "Split: behind two tags the jumbo option stays",
          "GSO-OUT-007", "boundary vnet split", tagged(JUMBO, 0x88a8, 0x8100),
          vnet(1, 4, 90, 40000, 70, 16), 2, **ETHERNET)
add_split("gso-tag-whole", "Split: a frame with a whole VLAN tag is given as it "
          "is", "GSO-011", "allows vnet", tagged(FRAME, 0x8100), vnet(), 1,
          **ETHERNET)

# GSO-012, GSO-013.

for checksum in (True, False):
    header = told(MADE, 4, TCP4, checksum, gso_size=1000)
    split_told("gso-no-tunnel" if checksum else "gso-no-tunnel-bare",
               "a tunnel, and gso_size is over the payload"
               f"{'' if checksum else ', no outer checksum'}: dropped",
               "GSO-012", "refuses dropped", header, 0, without=True)
for size in (24, 25):
    split_told(f"gso-no-tunnel-{size}", f"a tunnel with 25 bytes, and gso_size "
               f"is {size}", "GSO-012", "boundary",
               told(MADE, 4, TCP4, gso_size=size), 2 if size == 24 else 0)
split_told("gso-no-tunnel-gso", "a tunnel with a GSO packet: split",
           "GSO-012", "allows", RIGHT, 3)
for name, inner_nh, drop in (("header", 60, True), ("header-73", 73, True)):
    header = told(LONG_OUTER, 4, TCP4, outer_th=34, inner_nh=inner_nh)
    split_told(f"gso-tunnel-{name}", "the outer UDP header is "
               f"{74 - inner_nh} behind inner_nh_offset: dropped", "GSO-013",
               "refuses dropped" if name == "header" else "boundary dropped",
               header, 0, LONG_OUTER,
               without=[entry(LONG_OUTER[0], LONG_RIGHT)]
               if name == "header" else None)
# In its extension header stands what may be an inner IPv6 header, up to UDP.
HOLLOW = packet(**{"link": "ethernet", **IP6, **UDP4, "size": 60,
                   "checksum": "seed", "extensions": [
                       (DESTINATION, b"\7\1\24" + bytes(20) + packet(**{
                           **IP6, **UDP4, "size": 0})[:40])]})
split_told("gso-tunnel-header-hollow", "inner_nh_offset lies in an extension "
           "header, in which stands an IPv6 header: dropped", "GSO-013",
           "boundary dropped",
           vnet(1, 0x45, 118, 10, 118, 6,
                rest=bytes(10) + struct.pack("<HH", 54, 78)), 0, (HOLLOW,))
split_told("gso-tunnel-header-right", "the outer UDP header is before "
           "inner_nh_offset: split", "GSO-013", "allows", LONG_RIGHT, 3,
           LONG_OUTER)

# GSO-OUT-010, GSO-OUT-011: the bytes, for each outer and inner header.

for kind in KINDS:
    for version, words, outer in OUTERS:
        for way in WAYS:
            for checksum in (True, False):
                made = tunnel(way[2], outer, kind, checksum)
                end = "" if checksum else "-bare"
                split_told(
                    f"gso-out-tunnel-{kind}-{version}-{way[0]}{end}",
                    f"{way[1]} in {kind} over {words}, "
                    f"{'with' if checksum else 'without'} an outer checksum",
                    "GSO-OUT-011" if checksum else "GSO-OUT-010", "allows",
                    told(made, version, way, checksum), 3, made)
for name, words, rule, outer in (
        ("", "an outer identification that wraps, and options", "GSO-OUT-010",
         {"id": 65535, "ip_options": bytes(40)}),
        ("-extension", "an outer extension header", "GSO-OUT-010",
         {**IP6, "extensions": [(HOP_BY_HOP, OPTION)]}),
        ("-checksum", "an inner identification that wraps", "GSO-OUT-011",
         {})):
    made = tunnel({"id": 65534}, outer)
    version = outer.get("version", 4)
    split_told(f"gso-out-tunnel{name}", words, rule, "boundary",
               told(made, version, TCP4), 3, made)
for name, outer in (("plain", {}), ("plain-ip6", IP6)):
    data = packet(**{"link": "ethernet", "size": 25, "checksum": "seed",
                     **outer, **UDP4})
    start = 34 if name == "plain" else 54
    for rule in ("GSO-OUT-010", "GSO-OUT-011"):
        add_split(f"{rule.lower()}-{name}", f"Split: UDP over IPv"
                  f"{4 if start == 34 else 6} without a tunnel, as {rule} "
                  "leaves it", rule,
                  f"refuses {FLAGS} split", data,
                  vnet(9, 5, start, 10, start, 6, rest=bytes(14)), 3,
                  without=[entry(packet(link="ethernet", size=10),
                                 vnet(rest=bytes(14)))], **TAP)
# The inner IP header begins within the outer UDP header, or at an odd place.
for gap in range(9):
    made = tunnel({"link": "none"}, OPTIONS4, own=bytes(8))
    data = made[0][:made[1] + gap] + made[0][made[1] + 16:]
    made = data, 34, made[1] + gap
    for checksum in (True, False):
        split_told(f"gso-out-tunnel-overlap-{gap}"
                   + ("" if checksum else "-bare"),
                   f"the inner IP header begins {gap} bytes after the outer "
                   f"UDP header{'' if checksum else ', without a checksum'}",
                   "GSO-OUT-011" if checksum else "GSO-OUT-010",
                   "boundary", told(made, 4, TCP4, checksum), 3, made)
for odd in (1, 3):
    made = tunnel({}, own=VXLAN + bytes(odd))
    for way in (TCP4, TCP6_EXTENSION, UDP6_WAY):
        made = tunnel(way[2], own=VXLAN + bytes(range(1, odd + 1)))
        split_told(f"gso-out-tunnel-odd-{odd}-{way[0]}",
                   f"{way[1]} in a tunnel, {odd} bytes behind its header",
                   "GSO-OUT-011",
                   "boundary", told(made, 4, way), 3, made)
for field in (0, 1, 0xfffe, 0xffff):
    made = MADE[0][:MADE[1] + 6] + struct.pack(">H", field) \
        + MADE[0][MADE[1] + 8:], *MADE[1:]
    split_told(f"gso-out-tunnel-seed-{field:x}", f"the outer checksum begins "
               f"with {field:#06x}", "GSO-OUT-011", "boundary",
               told(made, 4, TCP4), 3, made)
# What tells of a tunnel has no effect if the outer protocol is not UDP.
data = packet(link="ethernet", size=25, checksum="seed", **OPTIONS4)
add_split("gso-tunnel-tcp", "Split: TCP with the bit of a tunnel is split as "
          "TCP", "GSO-OUT-010", f"boundary {FLAGS} split", data,
          vnet(9, 0x21, 0, 10, 74, 16,
               rest=bytes(10) + struct.pack("<HH", 34, 42)), 3, **TAP)
