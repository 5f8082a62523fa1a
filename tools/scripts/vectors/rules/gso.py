# SPDX-License-Identifier: MIT
"""Split."""

from scripts.vectors.packet import (
    DESTINATION, FRAGMENT, HOP_BY_HOP, ROUTING, TCP, UDP, fold, packet, vnet)
from scripts.vectors.suite import (
    FAR, IP6, OPTION, TCP6_GSO, TCP_GSO, TIMESTAMPS, UDP4, UDP6_GSO, UDP_GSO,
    add_split, begin, entry, forged, pseudo_edge)

begin("gso")

UDP6 = {**IP6, **UDP4}
DROPPED = 0
PADS = [(HOP_BY_HOP, OPTION)]
WHOLE = {"flags": 0, "csum_start": 0, "csum_offset": 0, "hdr_len": 0}

# Super-packets: the words for them, the virtio header, and what differs from
# TCP over IPv4 with the seed of a checksum.
KINDS = {
    "tcp4": ("TCP over IPv4", TCP_GSO, {}),
    "tcp4-options": ("TCP with options over IPv4 with options",
                     {**TCP_GSO, "csum_start": 24},
                     {"ip_options": b"\1" * 4, "options": TIMESTAMPS}),
    "tcp6": ("TCP over IPv6", TCP6_GSO, IP6),
    "tcp6-extension": ("TCP after an extension header",
                       {**TCP6_GSO, "csum_start": 48},
                       {**IP6, "extensions": PADS}),
    "udp4": ("UDP over IPv4", UDP_GSO, UDP4),
    "udp4-options": ("UDP over IPv4 with options",
                     {**UDP_GSO, "csum_start": 24},
                     {**UDP4, "ip_options": b"\1" * 4}),
    "udp6": ("UDP over IPv6", UDP6_GSO, UDP6),
    "udp6-extension": ("UDP after an extension header",
                       {**UDP6_GSO, "csum_start": 48},
                       {**UDP6, "extensions": PADS}),
    "whole4": ("TCP over IPv4 without NEEDS_CSUM", {**TCP_GSO, **WHOLE},
               {"checksum": None}),
    "whole6": ("TCP over IPv6 without NEEDS_CSUM", {**TCP6_GSO, **WHOLE},
               {**IP6, "checksum": None}),
}
TCP_KINDS = [kind for kind in KINDS if "udp" not in kind]
UDP_KINDS = [kind for kind in KINDS if "udp" in kind]


def split(name, title, rule, flags, header, fields, segments, **more):
    """A super-packet of 250 bytes or what `fields` say."""
    add_split(name, title, rule, flags,
              packet(**{"size": 250, "checksum": "seed", **fields}),
              vnet(**header), segments, **more)


def made(kind, header, fields):
    """(bytes, virtio header) of a packet of 25 bytes in segments of 10."""
    _, usual, of_kind = KINDS[kind]
    fields = {"size": 25, "checksum": "seed", **of_kind, **fields}
    forge = fields.pop("forge", None)
    data = packet(**fields)
    return forged(data, forge) if forge else data, vnet(
        **{**usual, "gso_size": 10, **header})


def dropped(rule, name, title, kinds, broken=None, header=None, fields=None,
            base=None, side="refuses", flag="dropped", **more):
    """Super-packets of these kinds are dropped for what is `broken` in the
    packet or wrong in the header.
    """
    for kind in kinds.split():
        data, told = made(kind, {**(base or {}), **(header or {})},
                          {**(fields or {}), **(broken or {})})
        right, usual = made(kind, base or {}, fields or {})
        add_split(f"gso-{name}-{kind}", f"{KINDS[kind][0]}: {title}: dropped",
                  rule, f"{side} {flag}", data, told, DROPPED,
                  without=[entry(right, usual)] if side == "refuses" else None,
                  **more)


def shown(rule, name, title, kinds, fields=None, header=None, segments=3,
          side="allows", flag="split", **more):
    """Super-packets of these kinds become so many segments."""
    for kind in kinds.split() if isinstance(kinds, str) else kinds:
        add_split(f"gso-{name}-{kind}", f"{KINDS[kind][0]}: {title}", rule,
                  f"{side} {flag}", *made(kind, header or {}, fields or {}),
                  segments,
                  without=[entry(*made(kind, {}, {"size": 26}))]
                  if side == "refuses" else None, **more)


def seed_for_zero(protocol, **fields):
    """A seed with which the first segment of 100 bytes has the checksum 0."""
    at = 20 + (16 if protocol != UDP else 6)
    first = packet(protocol=protocol, **fields)
    whole = packet(protocol=protocol, size=250, checksum="seed", **fields)
    return fold(int.from_bytes(whole[at:at + 2], "big")
                + int.from_bytes(first[at:at + 2], "big"))


def seed_of(kind, which):
    """A seed with which the first or the last of segments of 10 bytes of 25
    has the checksum 0.
    """
    _, header, fields = KINDS[kind]
    at = header["csum_start"] + header["csum_offset"]
    fields = {"sequence": 0x10000000, "id": 0x1000, **fields}
    whole = packet(**{**fields, "size": 25, "checksum": "seed"})
    payload = whole[-25:][:10] if which == "first" else whole[-5:]
    more = 0 if which == "first" else 20
    one = packet(**{**fields, "payload": payload,
                    "sequence": fields["sequence"] + more})
    return fold(int.from_bytes(whole[at:at + 2], "big")
                + int.from_bytes(one[at:at + 2], "big"))


def urgent_for_zero(kind):
    """An urgent pointer with which the first segment has the checksum 0."""
    l4 = 40 if KINDS[kind][2].get("version") == 6 else 20
    first = packet(**{**KINDS[kind][2], "size": 10})
    return int.from_bytes(first[l4 + 16:l4 + 18], "big")


split("gso-rejected", "A header that a TUN refuses is refused here: rejected",
      "VNET-012", "refuses vnet", {**TCP_GSO, "csum_offset": 6}, {}, "EINVAL",
      without=[entry(packet(size=250, checksum="seed"), vnet(**TCP_GSO))])
split("gso-plain-instead", "A payload of gso_size is no super-packet",
      "VNET-014", "boundary", {**TCP_GSO, "gso_size": 250}, {}, 1)
split("gso-clamp", "A split into segments of 7 bytes is one into 8", "VNET-015",
      "boundary profile", {**TCP_GSO, "gso_size": 7}, {}, 32,
      profile="linux-7.2")

# Each rule once, in a packet of 250 bytes: what is right, and the fault.
for name, title, rule, header, fields, fault, broken in (
        ("gso-fragments", "gso_type 3, which asks for IP fragments",
         "GSO-001", UDP_GSO, UDP4, {"gso_type": 3}, {}),
        ("gso-ip4-header", "An IHL of 4", "GSO-002", TCP_GSO, {}, {},
         {"forge": {0: 0x44}}),
        ("gso-ip4-header-cut", "IPv4 options that end after the packet",
         "GSO-002", {**TCP_GSO, **WHOLE, "gso_size": 1}, {"size": 3}, {},
         {"forge": {0: 0x4f}}),
        ("gso-ip6-extension-cut", "An extension header that ends after the "
         "packet", "GSO-003", {**TCP6_GSO, "csum_start": 48},
         {**IP6, "extensions": [(DESTINATION, bytes(7))]}, {},
         {"extensions": [(DESTINATION, b"\xff" + bytes(6))]}),
        ("gso-ip6-short", "39 bytes, too few for an IPv6 header", "GSO-003",
         UDP6_GSO, UDP6, {"gso_size": 1, "hdr_len": 0, "csum_start": 28},
         {"cut": 39}),
        ("gso-protocol", "A UDP packet that claims to be TCP", "GSO-004",
         TCP_GSO, {}, {}, UDP4),
        ("gso-protocol-udp", "A TCP packet that claims to be UDP", "GSO-004",
         UDP_GSO, UDP4, {}, {"protocol": TCP}),
        ("gso-protocol-ip4", "An IPv4 packet that claims to be IPv6",
         "GSO-004", {**TCP_GSO, "csum_start": 40}, {"ip_options": bytes(20)},
         {"gso_type": 4}, {}),
        ("gso-protocol-ip6", "An IPv6 packet that claims to be IPv4",
         "GSO-004", TCP6_GSO, IP6, {"gso_type": 1}, {}),
        ("gso-protocol-ip6-fragment", "A fragment header, which is not walked",
         "GSO-004", {**TCP6_GSO, "csum_start": 48},
         {**IP6, "extensions": [(DESTINATION, bytes(7))]}, {},
         {"extensions": [(FRAGMENT, bytes(7))]}),
        ("gso-csum-start", "csum_start is 4 bytes after the TCP header",
         "GSO-005", TCP_GSO, {}, {"csum_start": 24}, {}),
        ("gso-csum-start-udp", "csum_start is at the end of the IPv4 header "
         "as it is without options", "GSO-005", {**UDP_GSO, "csum_start": 24},
         {**UDP4, "ip_options": b"\1" * 4}, {"csum_start": 20}, {}),
        ("gso-tcp-short", "IPv4 options leave 12 bytes for TCP", "GSO-006",
         {**TCP_GSO, **WHOLE, "gso_size": 1}, {"ip_options": b"\1" * 40}, {},
         {"l4_cut": 12}),
        ("gso-tcp-offset", "A data offset of 4", "GSO-007", TCP_GSO, {}, {},
         {"data_offset": 4}),
        ("gso-tcp-offset-cut", "TCP options that end after the packet",
         "GSO-007", {**TCP_GSO, "gso_size": 10}, {"size": 39}, {},
         {"data_offset": 15}),
        ("gso-one-segment", "A payload of gso_size, with TCP options, which "
         "VNET-014 takes for payload", "GSO-008", TCP_GSO,
         {"size": 101, "options": TIMESTAMPS}, {}, {"size": 100})):
    right, data = [
        forged(packet(**made), forge) if forge else packet(**made)
        for made, forge in (
            ({"size": 250, "checksum": "seed", **fields}, None),
            ({"size": 250, "checksum": "seed", **fields,
              **{n: value for n, value in broken.items() if n != "forge"}},
             broken.get("forge")))]
    add_split(name, f"{title}: dropped", rule, "refuses " + (
        "deviation" if rule == "GSO-001" else "dropped"), data,
        vnet(**{**header, **fault}), DROPPED,
        without=[entry(right, vnet(**header))])

# GSO-001: gso_type 3.

dropped("GSO-001", "fragments", "gso_type 3", "udp4 udp4-options udp6 "
        "udp6-extension", header={"gso_type": 3}, flag="deviation")
dropped("GSO-001", "fragments-ecn", "gso_type 0x83", "udp4 udp6",
        header={"gso_type": 0x83}, flag="deviation")
dropped("GSO-001", "fragments-whole", "gso_type 3 without NEEDS_CSUM",
        "udp4 udp6", header={"gso_type": 3, "flags": 0}, flag="deviation")
dropped("GSO-001", "fragments-tcp", "gso_type 3", "tcp4 tcp6",
        header={"gso_type": 3}, flag="deviation")
for kind in ("udp4", "udp6"):
    dropped("GSO-001", "fragments-two", "gso_type 3, 33 bytes with the UDP "
            "header in segments of 32", kind,
            header={"gso_type": 3, "gso_size": 32}, side="boundary",
            flag="deviation")
    shown("GSO-001", "fragments-one", "gso_type 3, 33 bytes with the UDP "
          "header in segments of 33: plain", kind, {},
          {"gso_type": 3, "gso_size": 33}, 1, "boundary", "vnet")
shown("GSO-001", "type", "a type that is split", KINDS)

# GSO-002: the IPv4 header.

for byte in (0x40, 0x41, 0x42, 0x44):
    dropped("GSO-002", f"ip4-byte-{byte:x}", f"an IHL of {byte & 15}",
            "tcp4 udp4" if byte > 0x42 else "tcp4", {"forge": {0: byte}},
            side="boundary" if byte == 0x44 else "refuses")
for kind in ("tcp4", "udp4"):
    dropped("GSO-002", "ip4-options-cut", "an IHL of 15, which ends after "
            "the packet", kind, {"forge": {0: 0x4f}},
            fields={"size": 59 - (40 if kind == "tcp4" else 28)})
dropped("GSO-002", "ip4-options-cut", "an IHL of 15, which ends after the "
        "packet", "whole4", {"forge": {0: 0x4f}}, fields={"size": 19})
for words in range(11):
    for kind in ("tcp4", "udp4", "whole4"):
        if kind != "tcp4" and words not in (0, 1, 10):
            continue
        shown("GSO-002", f"ip4-ihl-{words + 5}", f"an IHL of {words + 5}",
              kind, {"ip_options": b"\1\7\3\4" * words},
              {} if kind == "whole4" else {"csum_start": 20 + 4 * words},
              side="boundary" if words in (0, 10) else "allows")

# GSO-003: IPv6 and its extension headers.

for name, number in (("hop-by-hop", HOP_BY_HOP), ("routing", ROUTING),
                     ("destination", DESTINATION)):
    one = {"extensions": [(number, OPTION)]}
    for kind in ("tcp6-extension", "udp6-extension", "whole6"):
        for length in (255, 8) if kind == "tcp6-extension" else (255,):
            dropped("GSO-003", f"ip6-{name}-{length}", f"{name} options of "
                    f"{length * 8 + 8} bytes, which end after the packet",
                    kind, {"forge": {41: length}}, fields=one)
    two = {"extensions": [(HOP_BY_HOP, OPTION), (number, OPTION)]}
    dropped("GSO-003", f"ip6-second-{name}", "hop-by-hop options, and "
            f"{name} options that end after the packet", "tcp6",
            {"forge": {49: 255}}, fields=two, base={"csum_start": 56})
    for length in (8, 16, 264, 2048):
        fields = {"extensions": [
            (number, bytes([length // 8 - 1]) + bytes(length - 2))]}
        for kind in ("tcp6", "udp6"):
            if kind == "tcp6" or length == 264:
                shown("GSO-003", f"ip6-{name}-{length}-whole", f"{name} "
                      f"options of {length} bytes", kind, fields,
                      {"csum_start": 40 + length}, segments=3,
                      side="allows" if length < 2048 else "boundary")
dropped("GSO-003", "ip6-short", "39 bytes", "udp6",
        {"cut": 39}, {"gso_size": 1, "hdr_len": 0, "csum_start": 28},
        side="boundary")
dropped("GSO-003", "ip6-shorter", "30 bytes", "udp6", {"cut": 30},
        {"gso_size": 1, "hdr_len": 0, "csum_start": 20, "csum_offset": 6})

# GSO-004: the protocol is not that of the type. Every bit of it.

for kind, at, usual in (("tcp4", 9, 6), ("udp4", 9, 17), ("tcp6", 6, 6),
                        ("udp6", 6, 17), ("tcp6-extension", 40, 6),
                        ("udp6-extension", 40, 17), ("whole4", 9, 6)):
    for bit in range(8):
        if bit and kind in ("whole4", "udp6-extension"):
            continue
        dropped("GSO-004", f"protocol-bit-{bit}", "protocol "
                f"{usual ^ 1 << bit}", kind,
                {"forge": {at: usual ^ 1 << bit}},
                side="refuses" if bit else "boundary")
for number in (FRAGMENT, 51, 59, 135, 50):
    dropped("GSO-004", f"next-header-{number}", f"next header {number}, which "
            "is not walked", "tcp6-extension udp6-extension",
            {"forge": {6: number}})
dropped("GSO-004", "other-protocol", "gso_type of TCP over IPv4 and UDP",
        "tcp4", {"protocol": UDP})
dropped("GSO-004", "other-protocol", "gso_type of TCP over IPv6 and UDP",
        "tcp6", {"protocol": UDP})
dropped("GSO-004", "other-protocol", "gso_type 5 and TCP",
        "udp4 udp6 udp6-extension", {"protocol": TCP})
dropped("GSO-004", "other-version", "gso_type 4", "tcp4",
        header={"gso_type": 4}, fields={"ip_options": bytes(20)},
        base={"csum_start": 40})
dropped("GSO-004", "other-version", "gso_type 1", "tcp6 tcp6-extension",
        header={"gso_type": 1})
dropped("GSO-004", "other-version-ecn", "gso_type 0x81", "tcp6",
        header={"gso_type": 0x81})
shown("GSO-004", "protocol", "its protocol is that of the type", KINDS)
shown("GSO-004", "protocol-ecn", "with the ECN bit", "tcp4 whole4", {},
      {"gso_type": 0x81})
shown("GSO-004", "protocol-ecn", "with the ECN bit", "tcp6 whole6", {},
      {"gso_type": 0x84})

# GSO-005: csum_start is not where the L4 header is.

for kind in ("tcp4", "tcp4-options", "tcp6", "tcp6-extension", "udp4",
             "udp4-options", "udp6", "udp6-extension"):
    l4 = KINDS[kind][1]["csum_start"]
    for off in (1, -1, 4, -4, -8, 256):
        if l4 + off < (40 if "tcp6" in kind else 20):
            continue  # which VNET-005 rejects
        dropped("GSO-005", f"csum-start-{l4 + off}", "csum_start "
                f"{l4 + off} and not {l4}", kind,
                header={"csum_start": l4 + off},
                fields={"size": 300} if off == 256 else {},
                base={"gso_size": 10},
                side="boundary" if abs(off) == 1 else "refuses")
shown("GSO-005", "csum-start", "csum_start is where the L4 header is",
      [kind for kind in KINDS if "whole" not in kind])
shown("GSO-005", "csum-start-unread", "csum_start 36, which nothing reads",
      "whole4 whole6", {}, {"csum_start": 36, "csum_offset": 6})
# The nearest one that is split, at 65464, would be three times as long.
dropped("GSO-005", "far-65472", "TCP is at 65472", "whole6",
        {"extensions": FAR}, fields={"size": 11})

# GSO-006: too few bytes for a TCP header. Linux 7.2 rejects it by VNET-007.

for length in (0, 1, 13, 19):
    dropped("GSO-006", f"tcp-short-{length}", f"{length} bytes of TCP",
            "whole4", {"l4_cut": length}, base={"gso_size": 1},
            fields={"ip_options": b"\1" * 40},
            side="boundary" if length == 19 else "refuses")
for length in (14, 19):
    dropped("GSO-006", f"tcp-short-{length}", f"{length} bytes of TCP after "
            "an extension header", "whole6", {"l4_cut": length},
            base={"gso_size": 1}, fields={"extensions": PADS},
            side="boundary" if length == 19 else "refuses")
shown("GSO-006", "tcp-22", "22 bytes of TCP, two segments", "tcp4 tcp6 "
      "tcp6-extension whole4 whole6", {"size": 2}, {"gso_size": 1}, 2,
      side="boundary")
shown("GSO-006", "tcp-long", "a TCP header and more", TCP_KINDS)

# GSO-007: the data offset.

for offset in (0, 1, 4):
    dropped("GSO-007", f"tcp-offset-{offset}", f"a data offset of {offset}",
            "tcp4 tcp6 tcp6-extension whole4" if offset == 4 else "tcp4",
            {"data_offset": offset}, side="boundary" if offset == 4
            else "refuses")
for offset, room in ((6, 23), (15, 59), (15, 40)):
    dropped("GSO-007", f"tcp-offset-{offset}-of-{room}", "a data offset of "
            f"{offset} in {room} bytes of TCP", "tcp4 tcp6 whole6",
            {"data_offset": offset}, fields={"size": room - 20},
            base={"gso_size": 1}, side="boundary" if room != 40
            else "refuses")
for offset in (6, 15):
    shown("GSO-007", f"tcp-offset-{offset}-whole", f"a data offset of {offset} "
          f"in {offset * 4 + 2} bytes of TCP", "tcp4 tcp6 whole6",
          {"data_offset": offset, "size": offset * 4 - 18}, {"gso_size": 1}, 2,
          "boundary")
shown("GSO-007", "tcp-offset", "all data offsets are whole", TCP_KINDS)

# GSO-008: one segment that VNET-014 took for more.

for kind in ("tcp4", "tcp6", "tcp6-extension", "whole4", "whole6"):
    for length in (0, 1, 9, 10, 11):
        fields = {"options": TIMESTAMPS, "size": length}
        if length > 10:
            shown("GSO-008", f"one-segment-{length}", f"TCP options and "
                  f"{length} bytes in segments of 10", kind, fields, {}, 2,
                  "boundary", "split")
        elif kind == "tcp4" or length in (1, 10):
            dropped("GSO-008", f"one-segment-{length}", "TCP options and "
                    f"{length} bytes in segments of 10", kind, fields,
                    fields={"options": TIMESTAMPS, "size": 11},
                    side="boundary" if length == 10 else "refuses")
for length, count in ((10, DROPPED), (11, 2)):
    shown("GSO-008", f"one-segment-ip-options-{length}", "4 bytes of IP "
          f"options and {length} of payload in segments of 10" + ": dropped"
          * (not count), "whole4", {"ip_options": b"\1" * 4, "size": length},
          {}, count, "boundary", "profile")
    shown("GSO-008", f"one-segment-extension-{length}", "8 bytes of extension "
          f"header and {length} of payload in segments of 10" + ": dropped"
          * (not count), "whole6", {"extensions": PADS, "size": length}, {},
          count, "boundary", "profile")
shown("GSO-008", "segments", "three segments", KINDS)

# GSO-009: a second look at the TCP header, at another place.

PROBES = {"profile": "linux-7.2:dissects=no,probes_tcp=yes"}
# The upper 4 bits of their first byte are 4 and 5.
OFFSET_4, OFFSET_5 = "79.255.255.255", "80.0.0.0"
MANY = {"extensions": [(DESTINATION, OPTION)] * 17}


def probed(name, title, fields, segments, side, header=None, right=None):
    """A super-packet of TCP over IPv4 without NEEDS_CSUM, in segments of 40,000
    bytes; `right` has what the twin has instead.
    """
    base, usual = (IP6, TCP6_GSO) if fields.get("version") == 6 else (
        {}, TCP_GSO)
    told = vnet(**{**usual, **WHOLE, "gso_size": 40000, **(header or {})})
    add_split(f"gso-probe-{name}", title + ": dropped" * (segments == DROPPED),
              "GSO-009", f"{side} " + ("split", "dropped")[segments == DROPPED],
              packet(**{**base, **fields}), told, segments,
              without=right and [entry(packet(**{**base, **fields, **right}),
                                       told)], **PROBES)


probed("65536", "65536 bytes, and the source address begins with 4 bits that "
       "are no data offset", {"source": "10.0.0.1", "size": 65496}, DROPPED,
       "refuses", right={"size": 65495})
probed("65535", "65535 bytes: the probe finds the TCP header",
       {"source": "10.0.0.1", "size": 65495}, 2, "boundary")
for address, offset in ((OFFSET_4, 4), (OFFSET_5, 5)):
    probed(f"65536-offset-{offset}", "65536 bytes, and the first 4 bits of the "
           f"source address are {offset}",
           {"source": address, "size": 65496}, DROPPED if offset == 4 else 2,
           "boundary")
for size, word in ((65515, 0x0001), (65516, 0x1000)):
    probed(f"{size + 40}", f"{size + 40} bytes: the probe begins at byte "
           f"{size - 65496}", {"size": size, "acknowledgment": word << 16},
           DROPPED if size == 65515 else 2, "boundary")
probed("65575-ip6", "65575 bytes of IPv6: the probe begins a byte before the "
       "TCP header", {"version": 6, "size": 65515, "acknowledgment": 0x10},
       DROPPED, "boundary")
probed("65536-ip6", "65536 bytes of IPv6 with the ECN bit: the probe begins "
       "with the IP header", {"version": 6, "size": 65476, "flags": "AC",
                              "source": "2001:db8::1"}, DROPPED, "refuses",
       {"gso_type": 0x84}, {"size": 65475})
for number, offset in ((0x4fffffff, 4), (0x50000000, 5)):
    probed(f"17-extensions-offset-{offset}", "17 extension headers, and the "
           f"first 4 bits of the sequence number are {offset}",
           {"version": 6, "sequence": number, "size": 25, **MANY},
           DROPPED if offset == 4 else 3, "boundary", {"gso_size": 10})
probed("17-extensions", "17 extension headers: the probe begins at the last "
       "one", {"version": 6, "sequence": 0, "size": 25, **MANY}, DROPPED,
       "refuses", {"gso_size": 10},
       {"extensions": [(DESTINATION, OPTION)] * 16})
probed("18-extensions", "18 extension headers of 8 bytes: the probe reads the "
       "last one", {"version": 6, "size": 25, "extensions": [
           *MANY["extensions"], (DESTINATION, b"\0\1\4\x50\0\0\0")]}, 3,
       "boundary", {"gso_size": 10})
probed("16-extensions", "16 extension headers: the probe finds the TCP header",
       {"version": 6, "sequence": 0, "size": 25,
        "extensions": [(DESTINATION, OPTION)] * 16}, 3, "boundary",
       {"gso_size": 10})
for kind in ("whole4", "whole6"):
    shown("GSO-009", "probe", "the probe finds the TCP header", kind, **PROBES)
shown("GSO-009", "probe-needs-csum", "with NEEDS_CSUM nothing is probed",
      "tcp6", {**MANY, "sequence": 0}, {"csum_start": 176}, 3, **PROBES)
shown("GSO-009", "probe-udp", "nothing is probed", "udp6", MANY,
      {"csum_start": 176}, 3, **PROBES)

# GSO-OUT-001: the IPv4 header.

split("gso-one-segment-not", "A payload of gso_size and a byte: two segments",
      "GSO-008", "boundary", TCP_GSO, {"size": 101, "options": TIMESTAMPS}, 2)
split("gso-out-ip4", "Identifications count on and wrap; options, flags and "
      "the fragment field stay; the length and checksum that came are not "
      "read", "GSO-OUT-001", "allows split wrap",
      {**TCP_GSO, "csum_start": 24},
      {"id": 0xfffe, "ip_options": b"\1" * 4, "total_length": 7, "df": False,
       "reserved": True, "mf": True, "ip_checksum": "wrong", "tos": 3}, 3)
IP4_KINDS = "tcp4 tcp4-options udp4 udp4-options whole4"
for number, words, side in ((0xfffd, "end at 0xffff", "boundary"),
                            (0xfffe, "wrap to 0", "boundary"),
                            (0xffff, "go on at 0", "allows"),
                            (0x7fff, "pass 0x8000", "allows"),
                            (0xff, "pass 0x100", "allows"),
                            (0, "begin at 0", "allows")):
    shown("GSO-OUT-001", f"id-{number:x}", f"identifications {words}",
          "tcp4 udp4" if side == "boundary" else "tcp4", {"id": number},
          side=side)
for name, words, fields in (
        ("tos", "the TOS is on all", {"tos": 0xff}),
        ("ttl", "the TTL is on all", {"ttl": 1}),
        ("no-df", "no DF, and identifications count all the same",
         {"df": False}),
        ("mf", "more-fragments is on all", {"mf": True, "df": False}),
        ("reserved", "the reserved flag is on all", {"reserved": True}),
        ("fragment", "a fragment offset of 1 is on all", {"forge": {7: 1}}),
        ("fragment-high", "a fragment offset of 4096 is on all",
         {"forge": {6: 0x10}}),
        ("length", "a total_length of 7 is not read", {"total_length": 7}),
        ("length-0", "a total_length of 0 is not read", {"total_length": 0}),
        ("checksum", "a wrong header checksum is not read",
         {"ip_checksum": "wrong"}),
        ("checksum-0", "a header checksum of 0 is not read",
         {"ip_checksum": 0}),
        ("padding", "padding is payload", {"padding": b"\1\2\3"})):
    shown("GSO-OUT-001", f"ip4-{name}", words, "tcp4 udp4" if name in (
        "no-df", "length", "padding") else "tcp4", fields)
for kind in IP4_KINDS.split():
    # What a first segment must add so that its header checksum is 0.
    zero = int.from_bytes(packet(**{**KINDS[kind][2], "size": 10, "id": 0})
                          [10:12], "big")
    shown("GSO-OUT-001", "ip4-checksum-zero", "the header checksum of the "
          "first segment is 0", kind, {"id": zero}, side="boundary",
          flag="zero")
shown("GSO-OUT-001", "ip4-plain", "a plain packet keeps a total_length of 7, "
      "a wrong header checksum and its identification", "tcp4 udp4",
      {"total_length": 7, "ip_checksum": "wrong"}, {"gso_size": 25}, 1,
      side="refuses")

# GSO-OUT-002: the IPv6 header.

split("gso-out-ip6", "payload_length is that of the segment; extension "
      "headers are copied", "GSO-OUT-002", "allows split",
      {**TCP6_GSO, "hdr_len": 84, "csum_start": 64},
      {**IP6, "payload_length": 7, "traffic_class": 3,
       "extensions": [(HOP_BY_HOP, OPTION), (ROUTING, b"\1" + bytes(14))]}, 3)
for name, words, fields in (
        ("length", "a payload_length of 7 is not read", {"payload_length": 7}),
        ("length-0", "a payload_length of 0 is not read",
         {"payload_length": 0}),
        ("class", "the traffic class is on all", {"traffic_class": 0xff}),
        ("label", "the flow label is on all", {"flow_label": 0xfffff}),
        ("hops", "the hop limit is on all", {"hop_limit": 1}),
        ("padding", "padding is payload", {"padding": b"\1\2\3"})):
    shown("GSO-OUT-002", f"ip6-{name}", words, "tcp6 udp6-extension"
          if name == "length" else "udp6" if name == "padding" else "tcp6",
          fields)
shown("GSO-OUT-002", "ip6-segments", "a last segment of 5 bytes",
      "tcp6 tcp6-extension udp6 udp6-extension whole6")
shown("GSO-OUT-002", "ip6-last-one", "a last segment of 1 byte",
      "tcp6 udp6 tcp6-extension", {"size": 21}, side="boundary")
shown("GSO-OUT-002", "ip6-last-whole", "a last segment of gso_size",
      "tcp6 udp6 tcp6-extension", {"size": 30}, side="boundary")
shown("GSO-OUT-002", "ip6-plain", "a plain packet keeps a payload_length of 7",
      "tcp6 udp6", {"payload_length": 7}, {"gso_size": 25}, 1, side="refuses")

# GSO-OUT-003: the TCP header.

split("gso-out-tcp", "Sequence numbers wrap; FIN and PSH come last, CWR comes "
      "first, everything else on all", "GSO-OUT-003", "boundary split wrap",
      TCP_GSO, {"sequence": 0xffffff9c, "flags": "FPUECAe", "urgent": 9,
                "options": TIMESTAMPS}, 3)
split("gso-out-tcp-ip6", "Sequence numbers over IPv6 wrap; FIN and PSH come "
      "last, CWR comes first", "GSO-OUT-003", "boundary split wrap",
      TCP6_GSO, {**IP6, "sequence": 0xffffff9c, "flags": "FPUECAe",
                 "urgent": 9, "options": TIMESTAMPS}, 3)
split("gso-out-tcp-syn", "SYN and RST are on all segments", "GSO-OUT-003",
      "refuses split", TCP_GSO, {"flags": "SRA"}, 3,
      without=[entry(packet(size=250, checksum="seed"), vnet(**TCP_GSO))])
split("gso-out-tcp-ecn", "The ECN bit changes nothing: CWR comes first",
      "GSO-OUT-003", "allows split", {**TCP_GSO, "gso_type": 0x81},
      {"flags": "AC"}, 3)
for flag, words in (("F", "FIN comes last"), ("P", "PSH comes last"),
                    ("C", "CWR comes first")):
    shown("GSO-OUT-003", f"tcp-flag-{flag.lower()}", words, TCP_KINDS,
          {"flags": "A" + flag})
    shown("GSO-OUT-003", f"tcp-flag-{flag.lower()}-two", f"{words} of two",
          "tcp4 tcp6", {"flags": "A" + flag, "size": 20}, segments=2,
          side="boundary")
    shown("GSO-OUT-003", f"tcp-flag-{flag.lower()}-plain", "a plain packet "
          f"keeps {words.split()[0]}", "tcp4 whole6",
          {"flags": "A" + flag}, {"gso_size": 40}, 1, side="boundary")
for flag, words in (("S", "SYN"), ("R", "RST"), ("U", "URG"), ("E", "ECE"),
                    ("e", "AE"), ("x", "the lowest reserved bit"),
                    ("y", "the middle reserved bit"),
                    ("z", "the highest reserved bit")):
    shown("GSO-OUT-003", f"tcp-flag-{words.lower().replace(' ', '-')}",
          f"{words} is on all", "tcp4 tcp6-extension", {"flags": "A" + flag},
          side="refuses")
for name, words, fields in (
        ("no-ack", "no flag at all", {"flags": ""}),
        ("window", "the window is on all", {"window": 0xffff}),
        ("ack", "the acknowledgment number is on all",
         {"acknowledgment": 0xffffffff}),
        ("urgent", "the urgent pointer without URG is on all",
         {"urgent": 0x8001}),
        ("options-60", "40 bytes of options are on all",
         {"options": TIMESTAMPS * 3 + b"\1" * 4})):
    shown("GSO-OUT-003", f"tcp-{name}", words, "tcp4 tcp6", fields)
shown("GSO-OUT-003", "tcp-all-but-psh", "FIN comes last and CWR first, all "
      "others on all", TCP_KINDS, {"flags": "FSRAUECexyz"}, side="boundary")
for number, words in ((0xfffffff5, "end at 0xffffffff, with the first byte "
                       "after the first segment"),
                      (0xfffffff6, "go on at 0 in the second segment"),
                      (0xffffffec, "go on at 0 in the third segment"),
                      (0xffffffff, "go on at 9"),
                      (0x7ffffff6, "pass 0x80000000"),
                      (0xfffa, "pass 0x10000")):
    shown("GSO-OUT-003", f"tcp-sequence-{number:x}", f"sequence numbers "
          f"{words}", "tcp4 whole6" if number > 0xf0000000 else "tcp4",
          {"sequence": number}, side="boundary"
          if number > 0xf0000000 else "allows", flag="wrap")

# GSO-OUT-004: the UDP header.

split("gso-out-udp", "UDP's length field is that of the segment", "GSO-OUT-004",
      "allows split", UDP_GSO, UDP4, 3)
split("gso-out-udp-ip6", "The length field over IPv6 is that of the segment",
      "GSO-OUT-004", "allows split", UDP6_GSO, UDP6, 3)
shown("GSO-OUT-004", "udp-segments",
      "the length field of a last segment of 5 bytes", UDP_KINDS)
shown("GSO-OUT-004", "udp-last-one",
      "the length field of a last segment of 1 byte", UDP_KINDS,
      {"size": 11}, segments=2, side="boundary")
shown("GSO-OUT-004", "udp-last-whole",
      "the length field of a last segment of gso_size", UDP_KINDS,
      {"size": 20}, segments=2, side="boundary")
shown("GSO-OUT-004", "udp-size-one", "128 segments of a byte", "udp4",
      {"size": 128}, {"gso_size": 1}, 128, side="boundary")
shown("GSO-OUT-004", "udp-plain", "a plain packet keeps a length field of 7",
      "udp4 udp6", {"udp_length": 7}, {"gso_size": 25}, 1, side="refuses")
split("gso-out-checksum-udp-wrap", "A segment of UDP over 65535 bytes: its "
      "length counts mod 65536, in the checksum, too", "GSO-OUT-004",
      "boundary split wrap", {**UDP_GSO, "gso_size": 65534},
      {**UDP4, "size": 65547, "total_length": 39, "udp_length": 19}, 2)

# GSO-OUT-005: the checksum.

split("gso-out-checksum", "The seed is trusted: a wrong one makes wrong "
      "checksums", "GSO-OUT-005", "allows split", TCP_GSO,
      {"checksum": 0x1234}, 3)
split("gso-out-checksum-ffff", "A seed of 0xffff is one of 0", "GSO-OUT-005",
      "boundary zero", TCP_GSO, {"checksum": 0xffff}, 3)
split("gso-out-checksum-udp", "UDP's length field is trusted: a wrong one "
      "makes wrong checksums", "GSO-OUT-005", "allows split", UDP_GSO,
      {**UDP4, "udp_length": 7}, 3)
split("gso-out-checksum-tcp-long", "One of TCP: its length counts whole in the "
      "checksum", "GSO-OUT-005", "boundary split wrap",
      {**TCP_GSO, "gso_size": 65534}, {"size": 65535, "total_length": 39}, 2)
split("gso-out-checksum-unmarked", "Without NEEDS_CSUM the checksum field is "
      "not read", "GSO-OUT-005", "allows split", {**TCP_GSO, "flags": 0},
      {"checksum": 0x1234}, 3)
split("gso-out-checksum-unmarked-ip6", "Without NEEDS_CSUM the checksum field "
      "is not read over IPv6", "GSO-OUT-005",
      "allows split", {**TCP6_GSO, "flags": 0}, {**IP6, "checksum": 0x1234}, 3)
split("gso-out-checksum-tcp-zero", "A TCP checksum of 0 stays 0",
      "GSO-OUT-005", "boundary zero", TCP_GSO, {"checksum": seed_for_zero(6)},
      3)
split("gso-out-checksum-udp-zero", "A UDP checksum of 0 becomes 0xffff",
      "GSO-OUT-005", "boundary zero", UDP_GSO,
      {**UDP4, "checksum": seed_for_zero(UDP)}, 3)
for kind in KINDS:
    marked = "whole" not in kind
    for seed in (0, 1, 0xfffe, 0xffff) if marked else (0,):
        if kind in ("tcp4", "udp6") or seed == 0:
            shown("GSO-OUT-005", f"seed-{seed:x}", f"a seed of {seed:#x}",
                  kind, {"checksum": seed}, flag="zero",
                  side="allows" if seed == 1 else "boundary")
    # Two segments, so that the sum of a whole one is on both sides.
    for size, gso_size in ((21, 7), (24, 9), (3, 1), (22, 11)):
        if kind in ("tcp4", "udp4", "whole6") or size == 24:
            shown("GSO-OUT-005", f"odd-{gso_size}", f"{size} bytes in odd "
                  f"segments of {gso_size}", kind, {"size": size},
                  {"gso_size": gso_size}, -(-size // gso_size))
for length in (0, 8, 0xfff8, 0xffff):
    shown("GSO-OUT-005", f"udp-length-{length:x}", "a UDP length field of "
          f"{length:#x} is trusted", "udp4 udp6", {"udp_length": length},
          side="boundary" if length in (0, 0xffff) else "allows")
for kind in KINDS:
    if "whole" in kind:
        continue
    for which in ("first", "last"):
        shown("GSO-OUT-005", f"zero-{which}", f"the checksum of the {which} "
              "segment is 0", kind, {
                  "checksum": seed_of(kind, which)}, side="boundary",
              flag="zero")
for kind in ("whole4", "whole6"):
    for count, words in ((25, "super-packet's"), (10, "first segment's")):
        ends = dict(zip(("source", "destination"), pseudo_edge(
            KINDS[kind][2].get("version", 4), TCP, 20 + count)))
        shown("GSO-OUT-005", f"pseudo-carry-{count}", f"the 32-bit words of "
              f"the {words} pseudo-header add up to all ones and a carry",
              kind, ends, side="boundary", flag="zero")
for kind in ("whole4", "whole6"):
    shown("GSO-OUT-005", "zero-whole", "the checksum of the first segment is "
          "0", kind, {"urgent": urgent_for_zero(kind)}, side="boundary",
          flag="zero")
shown("GSO-OUT-005", "plain-seed", "the seed of a plain packet without "
      "NEEDS_CSUM stays", "whole4 whole6", {"checksum": "seed"},
      {"gso_size": 25}, 1, side="refuses")

# GSO-OUT-006: the virtio header.

split("gso-out-vnet", "Segments have a virtio header of zeros, whatever the "
      "super-packet had", "GSO-OUT-006", "boundary vnet",
      {**TCP_GSO, "flags": 3, "gso_type": 0x81}, {}, 3)
for kind in KINDS:
    marked = KINDS[kind][1]["flags"]
    shown("GSO-OUT-006", "vnet-flags", "every other bit of flags is set", kind,
          {}, {"flags": 0xfe | marked}, flag="vnet",
          side="boundary" if marked else "allows")
    shown("GSO-OUT-006", "vnet-hdr-len", "hdr_len is one byte", kind, {},
          {"hdr_len": 1}, flag="vnet")
shown("GSO-OUT-006", "vnet-plain", "a plain packet has one of zeros, too",
      "tcp4 udp6", {}, {"gso_size": 25, "flags": 3}, 1, side="refuses",
      flag="vnet")

# GSO-OUT-007: the jumbo payload option, in super-packets over 65536 bytes.

JUMBO = [(HOP_BY_HOP, b"\0\xc2\4\0\0\0\0")]
JUMBO_GSO = {**TCP6_GSO, "hdr_len": 68, "csum_start": 48, "gso_size": 40000}
split("gso-out-jumbo", "In a super-packet of 65537 bytes the hop-by-hop "
      "header with the jumbo option goes", "GSO-OUT-007",
      "boundary profile", JUMBO_GSO,
      {**IP6, "extensions": JUMBO, "payload_length": 0, "size": 65537 - 68}, 2)
split("gso-out-jumbo-largest", "In a super-packet of 65575 bytes without "
      "NEEDS_CSUM and with the ECN bit it goes, too", "GSO-OUT-007",
      "allows profile", {"gso_type": 0x84, "gso_size": 40000},
      {**IP6, "extensions": JUMBO, "payload_length": 1, "size": 65575 - 68,
       "flags": "APC"}, 2)
split("gso-out-jumbo-65536", "In a super-packet of 65536 bytes the hop-by-hop "
      "header with the jumbo option stays", "GSO-OUT-007", "boundary",
      JUMBO_GSO, {**IP6, "extensions": JUMBO, "size": 65536 - 68}, 2)
for name, words, header, fields in (
        ("option", "another option at its place", {},
         {"extensions": [(HOP_BY_HOP, b"\0\xc3\4\0\0\0\0")]}),
        ("destination", "the option in destination options", {},
         {"extensions": [(DESTINATION, JUMBO[0][1])]}),
        ("longer", "the option in a header of 16 bytes", {"csum_start": 56},
         {"extensions": [(HOP_BY_HOP, b"\1\xc2\4" + bytes(12))]}),
        ("udp", "the option before UDP", {"gso_type": 5, "csum_offset": 6},
         {**UDP4, "size": 65500})):
    split(f"gso-out-jumbo-{name}", f"In a super-packet over 65536 bytes "
          f"{words} stays", "GSO-OUT-007", "refuses", {**JUMBO_GSO, **header},
          {**IP6, "extensions": JUMBO, "payload_length": 0,
           "size": 65475, **fields}, 2,
          without=[entry(packet(**IP6, size=250, checksum="seed"),
                         vnet(**TCP6_GSO))])

split("gso-out-jumbo-bare-20", "With 48 bytes before TCP, hdr_len 20, without "
      "NEEDS_CSUM: the option goes", "GSO-OUT-007", "boundary profile",
      {"gso_type": 4, "hdr_len": 20, "gso_size": 40000},
      {**IP6, "extensions": JUMBO, "payload_length": 0, "size": 65475}, 2)
for name, flags, hdr_len, goes in (
        ("begun", 1, 0, True), ("short", 1, 20, True), ("bare", 0, 0, True),
        ("bare-20", 0, 20, False),
        ("bare-61", 0, 61, False), ("bare-62", 0, 62, True)):
    split(f"gso-out-jumbo-link-{name}", "With 62 bytes before TCP, hdr_len "
          f"{hdr_len}, {'with' if flags else 'without'} NEEDS_CSUM: the option "
          f"{'goes' if goes else 'stays'}", "GSO-OUT-007",
          "boundary profile" if goes else "boundary",
          {**JUMBO_GSO, "flags": flags, "hdr_len": hdr_len,
           "csum_start": 62 * flags, "csum_offset": 16 * flags},
          {**IP6, "link": "ethernet", "extensions": JUMBO, "payload_length": 0,
           "size": 65470}, 2, config={"link": "ethernet"})

shown("GSO-OUT-007", "out-jumbo-small", "in a small super-packet the jumbo "
      "payload option stays", "tcp6-extension whole6", {"extensions": JUMBO},
      side="refuses", flag="split")

# GSO-OUT-008: a packet that is not a super-packet.

PLAIN = {"flags": 1, "csum_start": 20, "csum_offset": 16}
split("gso-out-plain", "The checksum of a packet that is no super-packet is "
      "computed", "GSO-OUT-008", "allows vnet", PLAIN, {}, 1)
split("gso-out-plain-anywhere", "The field may be anywhere after csum_start, "
      "at an odd place, too", "GSO-OUT-008", "boundary vnet",
      {"flags": 1, "csum_start": 21, "csum_offset": 267}, {}, 1)
split("gso-out-plain-zero", "A checksum of 0 becomes 0xffff, in TCP, too",
      "GSO-OUT-008", "boundary zero", {"flags": 1, "csum_start": 38,
                                       "csum_offset": 0},
      {"payload": b"\xff\xff", "urgent": 0}, 1)
split("gso-out-plain-untouched", "Without NEEDS_CSUM a wrong packet stays as "
      "it is", "GSO-OUT-008", "allows vnet", {"flags": 2, "csum_start": 20,
                                              "csum_offset": 16},
      {"checksum": "wrong", "total_length": 7, "ip_checksum": "wrong"}, 1)
for kind in KINDS:
    # Of a super-packet, all of it in one segment.
    shown("GSO-OUT-008", "plain", "a payload of gso_size: one segment", kind,
          {} if "whole" in kind else {"options": b""},
          {"gso_size": 25 + len(KINDS[kind][2].get("options", b""))
           + len(KINDS[kind][2].get("ip_options", b""))
           * ("udp" not in kind and "options" not in KINDS[kind][2])}, 1,
          flag="vnet")
for start, offset, size in ((20, 0, 8), (20, 46, 8), (47, 0, 9), (46, 0, 8),
                            (45, 1, 8), (39, 1, 7), (40, 1, 7), (20, 1, 7),
                            (33, 14, 9), (32, 14, 8)):
    at = start + offset
    if at + 2 > 40 + size:
        at, offset = 40 + size - 2, 40 + size - 2 - start
    split(f"gso-out-plain-from-{start}-at-{at}-of-{40 + size}", f"The "
          f"checksum of the bytes {start} to {39 + size} at {at}",
          "GSO-OUT-008", "boundary vnet" if at + 2 == 40 + size
          else "allows vnet",
          {"flags": 1, "csum_start": start, "csum_offset": offset},
          {"size": size}, 1)
for name, words, fields, header in (
        ("icmp", "ICMP", {"protocol": 1}, {"csum_offset": 2}),
        ("fragment", "a fragment", {"mf": True, "df": False}, {}),
        ("syn", "a SYN", {"flags": "S", "size": 0}, {}),
        ("udp", "UDP", UDP4, {"csum_offset": 6}),
        ("udp-6", "UDP over IPv6", UDP6,
         {"csum_start": 40, "csum_offset": 6}),
        ("tcp-6", "TCP over IPv6", IP6, {"csum_start": 40}),
        ("ihl", "an IPv4 packet with an IHL of 0", {"forge": {0: 0x40}}, {}),
        ("wrong", "a packet whose lengths and header checksum are wrong",
         {"total_length": 7, "ip_checksum": "wrong"}, {})):
    shown("GSO-OUT-008", f"plain-{name}", f"the checksum of {words} is "
          "computed", "tcp4", fields,
          {**PLAIN, "gso_type": 0, **header}, 1, flag="vnet")
    shown("GSO-OUT-008", f"plain-{name}-whole", f"without NEEDS_CSUM {words} "
          "stays as it is", "tcp4", {**fields, "checksum": "wrong"},
          {**PLAIN, "gso_type": 0, **header, "flags": 0}, 1, flag="vnet",
          side="boundary")
for data, words in ((b"\x45", "A packet of one byte"),
                    (packet(size=0)[:19], "19 bytes"),
                    (packet(**IP6, size=0)[:39], "39 bytes of IPv6")):
    add_split(f"gso-out-plain-{len(data)}", f"{words}: one segment",
              "GSO-OUT-008", "boundary vnet", data, vnet(), 1)
add_split("gso-out-plain-no-header", "A packet without a virtio header: one "
          "segment", "GSO-OUT-008", "allows", packet(size=30), None, 1)
add_split("gso-out-plain-two-bytes", "The last two bytes of 22 are a checksum "
          "of themselves", "GSO-OUT-008", "boundary vnet",
          packet(size=0)[:22], vnet(flags=1, csum_start=20), 1)
for kind in ("tcp4", "udp6"):
    shown("GSO-OUT-008", "plain-not", "a payload of gso_size and a byte is "
          "no plain packet", kind, {"size": 11}, {}, 2, side="refuses",
          flag="vnet")
