# SPDX-License-Identifier: MIT
"""The virtio header."""

from scripts.vectors.packet import (
    DEFAULTS, DESTINATION, FRAGMENT, HOP_BY_HOP, ROUTING, UDP, packet, vnet)
from scripts.vectors.suite import (
    IP6, OPTION, TCP6_GSO, TCP_GSO, UDP4, UDP6_GSO, UDP_GSO, add, add_split,
    begin, entry, flow, forged, merge)

begin("vnet")

UDP6 = {**IP6, **UDP4}
SMALL = {"gso_size": 10}
WHOLE = {"flags": 0, "csum_start": 0, "csum_offset": 0, "hdr_len": 0, **SMALL}
RIGHT = {"checksum": None}

# Super-packets of three segments, and packets that are none: the words for
# them, the virtio header, and what differs from 30 bytes of TCP over IPv4 with
# the seed of a checksum.
KINDS = {
    "tcp4": ("TCP over IPv4", {**TCP_GSO, **SMALL}, {}),
    "tcp6": ("TCP over IPv6", {**TCP6_GSO, **SMALL}, IP6),
    "ecn4": ("TCP over IPv4 with the ECN bit",
             {**TCP_GSO, **SMALL, "gso_type": 0x81}, {}),
    "ecn6": ("TCP over IPv6 with the ECN bit",
             {**TCP6_GSO, **SMALL, "gso_type": 0x84}, IP6),
    "udp4": ("UDP over IPv4", {**UDP_GSO, **SMALL}, UDP4),
    "udp6": ("UDP over IPv6", {**UDP6_GSO, **SMALL}, UDP6),
    "fragments4": ("gso_type 3 over IPv4",
                   {**UDP_GSO, **SMALL, "gso_type": 3}, UDP4),
    "fragments6": ("gso_type 3 over IPv6",
                   {**UDP6_GSO, **SMALL, "gso_type": 3}, UDP6),
    "whole4": ("TCP over IPv4 without NEEDS_CSUM", {**TCP_GSO, **WHOLE},
               RIGHT),
    "whole6": ("TCP over IPv6 without NEEDS_CSUM", {**TCP6_GSO, **WHOLE},
               {**IP6, **RIGHT}),
    "whole-fragments4": ("gso_type 3 over IPv4 without NEEDS_CSUM",
                         {**UDP_GSO, **WHOLE, "gso_type": 3},
                         {**UDP4, **RIGHT}),
    "whole-fragments6": ("gso_type 3 over IPv6 without NEEDS_CSUM",
                         {**UDP6_GSO, **WHOLE, "gso_type": 3},
                         {**UDP6, **RIGHT}),
    "plain4": ("no type over IPv4",
               {"flags": 1, "csum_start": 20, "csum_offset": 16}, {}),
    "plain6": ("no type over IPv6",
               {"flags": 1, "csum_start": 40, "csum_offset": 16}, IP6),
    "bare4": ("no type over IPv4 without NEEDS_CSUM", {}, RIGHT),
    "bare6": ("no type over IPv6 without NEEDS_CSUM", {}, {**IP6, **RIGHT}),
}


ON_61 = {"profile": "linux-6.1"}
ON_72 = {"profile": "linux-7.2"}


def one(kind, header, fields):
    """The entry of a packet of this kind with these changes. A number in the
    header may be a function of the packet's length.
    """
    _, usual, of_kind = KINDS[kind]
    fields = {"size": 30, "checksum": "seed", **of_kind, **fields}
    forge = fields.pop("forge", None)
    data = packet(**fields)
    if forge:
        data = forged(data, forge)
    return entry(data, vnet(**{
        name: value(len(data)) if callable(value) else value
        for name, value in {**usual, **header}.items()}))


def shown(rule, side, name, title, made, fate, segments, profile,
          without=None):
    """The same packet for a table and, if `segments` is told, for a split."""
    flags = f"{side} vnet" + " profile" * (profile != "linux-6.18")
    add(name, title, rule, flags, [made], [fate],
        [] if fate.startswith("rejected") else [[0]], profile=profile,
        without=without)
    if segments is not None:
        add_split(f"{name}-split", f"Split: {title}", rule, flags,
                  bytes.fromhex(made["packet"]), bytes.fromhex(made["vnet"]),
                  segments, profile, without)


def refuse(rule, name, title, kinds, header=None, broken=None, base=None,
           fields=None, side="refuses", split=True, profile="linux-6.18"):
    """Packets of these kinds are rejected for a fault in the header, or one in
    the packet that `broken` tells. The first one is also split.
    """
    for kind in kinds.split():
        shown(rule, side, f"vnet-{name}-{kind}",
              f"{KINDS[kind][0]}: {title}: rejected",
              one(kind, {**(base or {}), **(header or {})},
                  {**(fields or {}), **(broken or {})}),
              f"rejected {rule}",
              "EINVAL" if split and "fragments" not in kind else None, profile,
              [one(kind, base or {}, fields or {})]
              if side == "refuses" else None)
        split = False


def accept(rule, name, title, kinds, header=None, fields=None, fate=None,
           segments=None, side="allows", split=True, profile="linux-6.18"):
    """Packets of these kinds with this in the header are taken: a super-packet
    passes, and another one is held. The first one is also split.
    """
    for kind in kinds.split():
        gso = KINDS[kind][1].get("gso_type") and not fate
        shown(rule, side, f"vnet-{name}-{kind}",
              f"{KINDS[kind][0]}: {title}: accepted",
              one(kind, header or {}, fields or {}),
              "passed GRO-IN-003" if gso else fate or "held",
              ((3 if gso else 1) if segments is None else segments)
              if split and "fragments" not in kind else None, profile,
              [one(kind, {}, {"size": 31})] if side == "refuses" else None)
        split = False


def edge(rule, *case, **more):
    """What is accepted by one."""
    accept(rule, *case, side="boundary", **more)


def spare(rule, *case, **more):
    """What the rule does not change, and neither a usual super-packet."""
    accept(rule, *case, side="refuses", **more)


def size(more=0):
    """A number of the header that is the packet's length and some more."""
    return lambda length: length + more


# Each rule of the table once between two packets that merge.
def around(kind, header):
    first, second = flow({}, {}, **{"size": 30, **KINDS[kind][2]})
    return [first, one(kind, header, {}), second]


for rule, name, kind, fault in (
        ("VNET-001", "hdr-len", "tcp4", {"hdr_len": 71}),
        ("VNET-002", "type", "tcp4", {"gso_type": 2}),
        ("VNET-003", "size-zero", "tcp6", {"gso_size": 0}),
        ("VNET-004", "csum-beyond", "tcp4", {"csum_start": 52}),
        ("VNET-005", "csum-start-low", "tcp6", {"csum_start": 39}),
        ("VNET-009", "udp-csum-offset", "udp4", {"csum_offset": 7}),
        ("VNET-010", "udp-ecn", "udp6", {"gso_type": 0x85}),
        ("VNET-012", "tcp-csum-offset", "tcp6", {"csum_offset": 17}),
        ("VNET-013", "size-65535", "udp4", {"gso_size": 65535})):
    add(f"vnet-{name}-between", f"{KINDS[kind][0]}: a header with "
        f"{', '.join(f'{n} {v}' for n, v in fault.items())} between two "
        "packets of the flow: rejected, and they merge", rule, "refuses vnet",
        around(kind, fault), ["held", f"rejected {rule}", "merged"], [[0, 2]],
        without=around(kind, {}))


# Each rule once, in a packet of 300 bytes.
for name, title, rule, header, fields, usual in (
        ("vnet-hdr-len-exceeds", "hdr_len is one more than the packet has",
         "VNET-001", {"hdr_len": 341}, {}, TCP_GSO),
        ("vnet-hdr-len-wraps", "csum_start and csum_offset add up to over "
         "65535, which is 2 in 16 bits: the field lies beyond the packet",
         "VNET-004", {"csum_start": 40000, "csum_offset": 25536}, {},
         {"flags": 1, "csum_start": 20, "csum_offset": 16}),
        ("vnet-type-unknown", "gso_type 2 does not exist", "VNET-002",
         {"gso_type": 2}, {}, TCP_GSO),
        ("vnet-type-ecn-alone", "The ECN bit without a type is no type",
         "VNET-002", {"gso_type": 0x80}, {}, TCP_GSO),
        ("vnet-size-zero", "Segments of 0 bytes", "VNET-003", {"gso_size": 0},
         {}, TCP_GSO),
        ("vnet-csum-beyond", "A TCP header from csum_start on ends one byte "
         "after the packet", "VNET-004", {"csum_start": 321}, {}, TCP_GSO),
        ("vnet-csum-start-low", "csum_start lies in the IPv4 header",
         "VNET-005", {"csum_start": 19}, {},
         {"flags": 1, "csum_start": 20, "csum_offset": 16}),
        ("vnet-csum-start-low-ip6", "csum_start lies in the IPv6 header",
         "VNET-005", {"csum_start": 39}, IP6, TCP6_GSO),
        ("vnet-gso-short", "59 bytes, too few for IPv6 and TCP",
         "VNET-006", {"cut": 59}, IP6,
         {"gso_type": 4, "gso_size": 100}),
        ("vnet-udp-no-csum", "A UDP super-packet with a whole checksum",
         "VNET-008", {"flags": 0}, {**UDP4, "checksum": None}, UDP_GSO),
        ("vnet-udp-csum-offset", "csum_offset 16 in a UDP super-packet",
         "VNET-009", {"csum_offset": 16}, UDP4, UDP_GSO),
        ("vnet-udp-ecn", "The ECN bit on a UDP super-packet", "VNET-010",
         {"gso_type": 0x85}, UDP4, UDP_GSO),
        ("vnet-udp-129-segments", "A UDP super-packet of 129 segments",
         "VNET-011", {"gso_size": 1}, {**UDP4, "size": 129},
         {**UDP_GSO, "gso_size": 2}),
        ("vnet-tcp-csum-offset", "csum_offset 6 in a TCP super-packet",
         "VNET-012", {"csum_offset": 6}, {}, TCP_GSO),
        ("vnet-size-65535", "gso_size 65535, which means something else in "
         "Linux", "VNET-013", {"gso_size": 65535}, {}, TCP_GSO),
        ("vnet-gso-protocol", "A UDP packet that claims to be TCP",
         "VNET-007", {"protocol": UDP}, RIGHT,
         {"gso_type": 1, "gso_size": 100})):
    fields = {"size": 300, "checksum": "seed", **fields}
    broken = {n: fault for n, fault in header.items() if n in DEFAULTS
              and n != "flags"}
    add(name, f"{title}: rejected", rule, "refuses vnet",
        [entry(packet(**{**fields, **broken}),
               vnet(**{**usual, **{n: value for n, value in header.items()
                                   if n not in broken}}))],
        [f"rejected {rule}"], [],
        profile="linux-7.2" if rule == "VNET-007" else "linux-6.18",
        without=[entry(packet(**fields), vnet(**usual))])

for name, title, rule, fields, header, fate in (
        ("vnet-hdr-len-whole", "hdr_len is the whole packet: accepted",
         "VNET-001", {}, {**TCP_GSO, "hdr_len": 340}, "passed GRO-IN-003"),
        ("vnet-udp-128-segments", "A UDP super-packet of 128 segments: "
         "accepted", "VNET-011", {**UDP4, "size": 128},
         {**UDP_GSO, "gso_size": 1}, "passed GRO-IN-003"),
        ("vnet-clamp", "Segments of 7 bytes become segments of 8", "VNET-015",
         {}, {**TCP_GSO, "gso_size": 7}, "passed GRO-IN-003"),
        ("vnet-udp-fragments", "gso_type 3 counts the UDP header as payload: "
         "accepted", "VNET-014", UDP4,
         {**UDP_GSO, "gso_type": 3, "gso_size": 307}, "passed GRO-IN-003"),
        ("vnet-udp-fragments-not", "gso_type 3 with one byte more in "
         "gso_size: taken as a plain packet, held", "VNET-014", UDP4,
         {**UDP_GSO, "gso_type": 3, "gso_size": 308}, "held")):
    add(name, title, rule, "boundary vnet",
        [entry(packet(**{"size": 300, "checksum": "seed", **fields}),
               vnet(**header))], [fate], [[0]],
        profile="linux-7.2" if rule == "VNET-015" else "linux-6.18")

# VNET-001: hdr_len, or the end of the checksum field, is over len.

ALL = "tcp6 udp4 udp6 fragments4 whole4 plain6 bare4 bare6"
refuse("VNET-001", "hdr-len-exceeds", "hdr_len is len + 1", ALL,
       {"hdr_len": size(1)})
edge("VNET-001", "hdr-len-whole", "hdr_len is len", ALL, {"hdr_len": size()})
for number, words in ((0, "hdr_len is 0"), (1, "hdr_len is 1, which read "
                                            "backwards is 256"),
                      (21, "hdr_len ends inside of the TCP header")):
    accept("VNET-001", f"hdr-len-{number}", words, "tcp4 whole4 bare4",
           {"hdr_len": number})
edge("VNET-001", "hdr-len-256-whole", "hdr_len is len, which is 256", "bare4",
     {"hdr_len": 256}, {"size": 216})
for number, words in ((256, "hdr_len is 256, whose low byte is 0"),
                      (0x8000, "hdr_len is 32768, negative in 16 bits"),
                      (0xffff, "hdr_len is 65535")):
    refuse("VNET-001", f"hdr-len-{number}", words, "tcp4 bare4",
           {"hdr_len": number})
refuse("VNET-001", "csum-end", "the checksum field ends at len + 1",
       "plain4 bare4", {"flags": 1, "csum_start": size(-1)},
       base={"csum_offset": 0})
refuse("VNET-001", "csum-end-far", "the checksum field ends at 32768",
       "plain4", {"csum_offset": 32746})
refuse("VNET-001", "csum-end-farthest", "the checksum field ends at 65535",
       "plain4", {"csum_offset": 65513}, side="boundary")
refuse("VNET-001", "csum-end-over-hdr-len", "hdr_len is len, and the checksum "
       "field ends at len + 1", "plain6", {"csum_start": size(-17)},
       base={"hdr_len": size()})
edge("VNET-001", "csum-end-whole", "the checksum field ends at len",
     "plain4 plain6", {"csum_start": size(-2), "csum_offset": 0})
accept("VNET-001", "csum-unread", "csum_start and csum_offset are 65535, "
       "which nothing reads", "whole4 whole6 bare4 bare6",
       {"csum_start": 65535, "csum_offset": 65535})
accept("VNET-001", "csum-unread-valid", "csum_start is 65535, which "
       "DATA_VALID does not mean", "whole4 bare4",
       {"flags": 2, "csum_start": 65535})

# VNET-002: every type that exists, and what is beside them.

accept("VNET-002", "type", "that type", "tcp4 tcp6 ecn4 ecn6 udp6 fragments4 "
       "whole4 plain4")
accept("VNET-002", "type-ecn", "gso_type 0x83", "fragments4 fragments6",
       {"gso_type": 0x83})
edge("VNET-002", "type-last", "gso_type 5, the last one", "udp4")
for number in (2, 6, 0x82, 0x86):
    refuse("VNET-002", f"type-{number}", f"gso_type {number:#x}", "tcp4",
           {"gso_type": number}, side="boundary")
for kind, usual in (("tcp4", 1), ("fragments4", 3), ("tcp6", 4), ("udp4", 5)):
    for bit in (3, 4, 5, 6):
        refuse("VNET-002", f"type-bit-{bit}", f"gso_type with bit {bit}", kind,
               {"gso_type": usual | 1 << bit})
refuse("VNET-002", "type-no-bit", "bit 3 alone", "plain4 bare6",
       {"gso_type": 8})
refuse("VNET-002", "type-ecn-alone", "the ECN bit alone", "plain4 bare6",
       {"gso_type": 0x80})
refuse("VNET-002", "type-255", "gso_type 0xff", "tcp4 udp6 bare4",
       {"gso_type": 255})
for kind in ("udp4", "udp6"):
    words, header, fields = KINDS[kind]
    made = one(kind, {}, {})
    for op, told in ((add, ([made], ["rejected VNET-002"], [])),
                     (add_split, (bytes.fromhex(made["packet"]),
                                  bytes.fromhex(made["vnet"]), "EINVAL"))):
        op(f"vnet-type-6.1-{kind}{'-split' * (op is add_split)}",
           f"{'Split: ' * (op is add_split)}{words}: Linux 6.1 does not know "
           "gso_type 5: rejected", "VNET-002", "refuses vnet profile", *told,
           profile="linux-6.1", without={"profile": "linux-6.12"})

# VNET-003: gso_size 0.

refuse("VNET-003", "size-zero", "gso_size 0", "tcp4 tcp6 ecn4 udp4 udp6 "
       "fragments4 whole4 whole6 whole-fragments4", {"gso_size": 0})
for kind, count in (("tcp4", 30), ("udp4", 30), ("fragments4", None),
                    ("whole6", 30)):
    edge("VNET-003", "size-one", "gso_size 1", kind, {"gso_size": 1},
         segments=count)
for kind in ("tcp4", "udp4"):
    accept("VNET-003", "size-256", "gso_size 256, whose low byte is 0", kind,
           {"gso_size": 256}, {"size": 300}, segments=2)
edge("VNET-003", "size-no-type", "gso_size 0", "plain4 plain6 bare4")

# VNET-004: what is at csum_start ends behind the packet.

for kind in ("tcp4", "tcp6", "ecn4"):
    edge("VNET-004", "csum-start-last", "a TCP header from csum_start on ends "
         "at len", kind, {"csum_start": size(-20)}, fate="held")
    refuse("VNET-004", "csum-beyond-one", "a TCP header from csum_start on "
           "ends at len + 1", kind, {"csum_start": size(-19)}, side="boundary")
    refuse("VNET-004", "csum-beyond-two", "the checksum field ends at len, "
           "and the TCP header after it", kind, {"csum_start": size(-18)})
edge("VNET-004", "csum-start-last", "a UDP header from csum_start on ends at "
     "len", "udp4 udp6 fragments4", {"csum_start": size(-8)}, fate="held")
for offset in (0, 5):
    refuse("VNET-004", f"csum-beyond-offset-{offset}", "a UDP header from "
           f"csum_start on ends at len + 1, the field at {offset} does not",
           "fragments4 fragments6", {"csum_start": size(-7)},
           base={"csum_offset": offset})
    edge("VNET-004", f"csum-last-offset-{offset}", "a UDP header from "
         f"csum_start on ends at len, the field at {offset} before",
         "fragments4", {"csum_start": size(-8), "csum_offset": offset},
         fate="held")
for start, offset, words in ((20, 65514, "at 65536, 0 in 16 bits"),
                             (20, 65535, "at 65557, 21 in 16 bits"),
                             (32768, 32766, "at 65536, 0 in 16 bits, from "
                              "32768 on"),
                             (65470, 64, "at 65536, 0 in 16 bits, from 65470 "
                              "on"),
                             (65470, 134, "at 65606, 70 in 16 bits")):
    refuse("VNET-004", f"csum-wraps-{start}-{offset}", "the checksum field "
           f"ends {words}", "plain4",
           {"csum_start": start, "csum_offset": offset}, split=start != 20)
refuse("VNET-004", "csum-wraps-of-65535", "65535 bytes, of which the checksum "
       "field ends at 65536", "plain6", {"csum_offset": 65494},
       fields={"size": 65475}, side="boundary", split=False)
accept("VNET-004", "csum-start-255", "csum_start 255, which read backwards is "
       "65280", "plain4 plain6", {"csum_start": 255}, {"size": 300})
accept("VNET-004", "csum-start-256", "csum_start 256, which read backwards is "
       "1", "plain4 plain6", {"csum_start": 256}, {"size": 300})
accept("VNET-004", "csum-offset-256", "csum_offset 256, which read backwards "
       "is 1", "plain4 plain6", {"csum_offset": 256}, {"size": 300})

# VNET-016: csum_start is too far. Only a large packet has it there.

for start, fate in ((65471, "rejected VNET-016"), (65470, "held")):
    add("vnet-csum-far" + "-not" * (fate == "held"),
        f"csum_start {start}: {fate.split()[0]}", "VNET-016", "boundary vnet",
        [entry(packet(**IP6, size=start + 2 - 60),
               vnet(flags=1, csum_start=start))], [fate],
        [[0]] * (fate == "held"))
refuse("VNET-016", "csum-farthest", "csum_start 65535", "tcp6",
       {"csum_start": 65535}, fields={"size": 65496}, split=False)
accept("VNET-016", "csum-near", "csum_start is that of TCP", "plain4 udp6")

# VNET-005: csum_start is in the IP header.

for kind in ("tcp4", "ecn4", "udp4", "udp6", "fragments4", "fragments6",
             "plain4", "plain6"):
    refuse("VNET-005", "csum-start-19", "csum_start 19", kind,
           {"csum_start": 19}, side="boundary")
for kind in ("tcp6", "ecn6"):
    for start in (39, 20, 32):
        refuse("VNET-005", f"csum-start-{start}", f"csum_start {start}", kind,
               {"csum_start": start},
               side="boundary" if start == 39 else "refuses")
for kind in ("tcp4", "tcp6", "udp4", "fragments6", "plain4", "plain6"):
    for start in (0, 4):
        refuse("VNET-005", f"csum-start-{start}", f"csum_start {start}", kind,
               {"csum_start": start}, split=not start)
edge("VNET-005", "csum-start-40", "csum_start 40", "tcp6 ecn6")
edge("VNET-005", "csum-start-20", "csum_start 20", "tcp4 ecn4 udp4 fragments4 "
     "plain4")
edge("VNET-005", "csum-start-20", "csum_start 20, in the IPv6 header",
     "udp6 fragments6", {"csum_start": 20}, split=False)
edge("VNET-005", "csum-start-20", "csum_start 20, in the IPv6 header",
     "plain6", {"csum_start": 20}, RIGHT)
accept("VNET-005", "csum-start-6.1", "csum_start 0, which Linux 6.1 does not "
       "look at", "plain4 plain6", {"csum_start": 0}, RIGHT,
       profile="linux-6.1")
accept("VNET-005", "csum-start-unread", "csum_start 0, which nothing reads",
       "whole6 bare4", {"csum_start": 0})

# VNET-006: a super-packet without NEEDS_CSUM is shorter than its headers.

SHORT = {"whole4": 40, "whole6": 60, "whole-fragments4": 28,
         "whole-fragments6": 28}
EMPTY = {"whole4": "passed GRO-END-002", "whole6": "passed GRO-END-002",
         "whole-fragments4": "passed GRO-UDP-005",
         "whole-fragments6": "passed GRO-IP6-001"}
for kind, least in SHORT.items():
    refuse("VNET-006", "gso-short", f"{least - 1} bytes", kind,
           broken={"cut": least - 1})
    for count, words in ((0, "none"), (1, "one")):
        refuse("VNET-006", f"gso-short-{words}", f"{count} bytes", kind,
               broken={"cut": count})
    edge("VNET-006", "gso-short-not", f"{least} bytes", kind, fields=(
        {"cut": least} if kind == "whole-fragments6" else {"size": 0}),
        fate=EMPTY[kind])
refuse("VNET-006", "gso-short-ip4", "40 bytes, enough for IPv4", "whole6",
       broken={"cut": 40})
accept("VNET-006", "gso-long", "41 bytes", "whole4", fields={"size": 1},
       fate="held")
accept("VNET-006", "gso-long", "61 bytes", "whole6", fields={"size": 1},
       fate="held")
accept("VNET-006", "gso-enough", "as much as it takes", "whole4 whole6 "
       "whole-fragments4")
for kind, least, fate in (("whole4", 20, "passed GRO-TCP-002"),
                          ("whole6", 20, "passed GRO-IP6-001"),
                          ("whole-fragments4", 8, "passed GRO-IP4-001")):
    refuse("VNET-006", "gso-short-6.1", f"{least - 1} bytes in Linux 6.1",
           kind, broken={"cut": least - 1}, profile="linux-6.1")
    edge("VNET-006", "gso-short-6.1-not", f"{least} bytes in Linux 6.1", kind,
         {"gso_size": 20}, {"cut": least}, fate=fate, profile="linux-6.1")

# VNET-007: Linux 7.2 looks whether a super-packet without NEEDS_CSUM is what
# it claims to be.

FOR_72 = (
    # kind, header and packet, bytes of headers, fate of a packet of these
    ("whole4", "", {}, 40, "passed GRO-END-002"),
    ("whole4", "-options-4", {"ip_options": b"\1" * 4}, 44,
     "passed GRO-IP4-003"),
    ("whole4", "-options-40", {"ip_options": b"\1" * 40}, 80,
     "passed GRO-IP4-003"),
    ("whole6", "", {}, 60, "passed GRO-END-002"),
    ("whole6", "-hop-by-hop", {"extensions": [(HOP_BY_HOP, OPTION)]}, 68,
     "passed GRO-END-002"),
    ("whole6", "-routing", {"extensions": [(ROUTING, b"\1" + bytes(14))]}, 76,
     "passed GRO-END-002"),
    ("whole6", "-destination-twice",
     {"extensions": [(DESTINATION, OPTION)] * 2}, 76, "passed GRO-END-002"),
    ("whole-fragments4", "", {}, 28, "passed GRO-UDP-005"),
    ("whole-fragments4", "-options-40", {"ip_options": b"\1" * 40}, 68,
     "passed GRO-IP4-003"),
    ("whole-fragments6", "", {}, 48, "passed GRO-UDP-005"),
    ("whole-fragments6", "-destination",
     {"extensions": [(DESTINATION, OPTION)]}, 56, "passed GRO-UDP-005"),
)
for kind, name, fields, least, fate in FOR_72:
    words = name.replace("-", " ").strip() or "no options"
    refuse("VNET-007", f"7.2-short{name}", f"{words}, {least - 1} bytes in "
           "Linux 7.2", kind, fields=fields, broken={"cut": least - 1},
           side="boundary", **ON_72)
    edge("VNET-007", f"7.2-short{name}-not", f"{words}, {least} bytes in "
         "Linux 7.2", kind, {"gso_size": 1}, {**fields, "size": 0}, fate=fate,
         **ON_72)
    if least > 60:
        accept("VNET-007", f"7.2-long{name}", f"{words} in Linux 7.2", kind,
               fields=fields, fate="passed GRO-IP4-003" if "4" in kind
               else None, segments=3, **ON_72)
refuse("VNET-007", "7.2-short-none", "0 bytes in Linux 7.2", "whole4 whole6 "
       "whole-fragments4", broken={"cut": 0}, **ON_72)
for bit in range(8):
    refuse("VNET-007", f"7.2-protocol-bit-{bit}", f"protocol {6 ^ 1 << bit} in "
           "Linux 7.2", "whole4", broken={"forge": {9: 6 ^ 1 << bit}},
           split=not bit, **ON_72)
    refuse("VNET-007", f"7.2-protocol-bit-{bit}", "next header "
           f"{6 ^ 1 << bit} in Linux 7.2", "whole6",
           broken={"forge": {6: 6 ^ 1 << bit}}, split=not bit, **ON_72)
for number in (FRAGMENT, 51, 59, 17):
    refuse("VNET-007", f"7.2-extension-{number}", "next header "
           f"{number} after hop-by-hop options in Linux 7.2", "whole6",
           fields={"extensions": [(HOP_BY_HOP, OPTION)]},
           broken={"forge": {40: number}}, **ON_72)
# Linux 7.2 passes 16 extension headers, and a fragment header as the last.
for count in (16, 17):
    for kind in ("whole6", "whole-fragments6"):
        for name, words, last in (
                ("", "destination options", (DESTINATION, OPTION)),
                ("-fragment", "extension headers, the last one that of a "
                 "fragment,", (FRAGMENT, bytes(7)))):
            fields = {"extensions": [(DESTINATION, OPTION)] * (count - 1)
                      + [last]}
            case = ("VNET-007", f"7.2-{count}-extensions{name}", f"{count} "
                    f"{words} in Linux 7.2", kind)
            if count == 17:
                # No split: Linux 6.12 drops them, by K-5 of SPEC.md.
                refuse(*case, broken=fields, side="boundary", split=False,
                       **ON_72)
            else:
                edge(*case, fields=fields, fate="passed GRO-IP6-004"
                     if name else None, segments=0 if name else None, **ON_72)
for count, words in ((10, "10 bytes"), (11, "11 bytes")):
    edge("VNET-014", f"7.2-fragment-{count}", f"{words} after a fragment "
         "header, in segments of 10 in Linux 7.2", "whole6",
         {}, {"extensions": [(FRAGMENT, b"\0\0\1" + bytes(4))],
              "size": count}, "passed GRO-IP6-004", 1 if count == 10 else 0,
         **ON_72)
for name, words, extensions in (
        ("destination", "destination options",
         [(FRAGMENT, bytes(7)), (DESTINATION, OPTION)]),
        ("fragment", "another one", [(FRAGMENT, bytes(7))] * 2)):
    refuse("VNET-007", f"7.2-fragment-{name}", f"a fragment header and {words} "
           "after it in Linux 7.2", "whole6",
           broken={"extensions": extensions}, **ON_72)
for left in (7, 27, 28):
    case = ("VNET-007", f"7.2-fragment-cut-{left}", "a fragment header and TCP "
            f"of {left} bytes in all in Linux 7.2", "whole6")
    cut = {"extensions": [(FRAGMENT, bytes(7))], "cut": 40 + left}
    if left < 28:
        refuse(*case, broken=cut, side="boundary", **ON_72)
    else:
        edge(*case, fields=cut, fate="passed GRO-IP6-004", **ON_72)
refuse("VNET-007", "7.2-fragment-none", "a fragment header of which no byte is "
       "there in Linux 7.2", "whole6",
       broken={"extensions": [(FRAGMENT, bytes(7))], "cut": 40}, **ON_72)
refuse("VNET-007", "7.2-fragment-ip4", "protocol 44 and what would be a "
       "fragment header before TCP, in Linux 7.2", "whole4",
       broken={"protocol": FRAGMENT, "payload": b"\6" + bytes(47)}, **ON_72)
refuse("VNET-007", "7.2-extension-cut", "hop-by-hop options that end after "
       "the packet in Linux 7.2", "whole6 whole-fragments6",
       fields={"extensions": [(HOP_BY_HOP, OPTION)]},
       broken={"forge": {41: 255}}, **ON_72)
for kind, number in (("whole-fragments4", 6), ("whole-fragments4", 136),
                     ("whole-fragments6", 6), ("whole-fragments6", 136)):
    refuse("VNET-007", f"7.2-protocol-{number}", f"protocol {number} in Linux "
           "7.2", kind, broken={"forge": {9 if "4" in kind else 6: number}},
           **ON_72)
for kind, byte, words in (("whole4", 0x65, "IP version 6"),
                          ("whole4", 0x55, "IP version 5"),
                          ("whole4", 0x44, "an IHL of 4"),
                          ("whole4", 0x40, "an IHL of 0"),
                          ("whole6", 0x40, "IP version 4, an IHL of 0"),
                          ("whole6", 0x70, "IP version 7"),
                          ("whole-fragments4", 0x44, "an IHL of 4"),
                          ("whole-fragments4", 0x75, "IP version 7"),
                          ("whole-fragments6", 0x50, "IP version 5")):
    refuse("VNET-007", f"7.2-byte-{byte:x}", f"{words} in Linux 7.2", kind,
           broken={"forge": {0: byte}}, **ON_72)
refuse("VNET-007", "7.2-other-version", "gso_type 4 in Linux 7.2", "whole4",
       {"gso_type": 4}, **ON_72)
refuse("VNET-007", "7.2-other-version", "gso_type 1 in Linux 7.2", "whole6",
       {"gso_type": 1}, **ON_72)
for kind, gso_type in (("tcp4", 4), ("tcp6", 1)):
    edge("VNET-007", "7.2-marked", f"gso_type {gso_type} in Linux 7.2", kind,
         {"gso_type": gso_type, "csum_start": 40}, {"size": 50}, split=False,
         **ON_72)

# VNET-008 to VNET-011: UDP_L4.

for flags in (0, 2, 0xfe):
    refuse("VNET-008", f"udp-no-csum-{flags}", f"flags {flags:#x}",
           "udp4 udp6", {"flags": flags}, side="boundary" if flags == 2
           else "refuses")
edge("VNET-008", "udp-csum", "flags 0x3", "udp4 udp6", {"flags": 3})
accept("VNET-008", "udp-csum-255", "flags 0xff", "udp4 udp6", {"flags": 255})
accept("VNET-008", "udp-csum-other", "flags 0", "fragments4 whole4",
       {"flags": 0})

for bit in (0, 1, 2, 3, 4, 5, 8):
    kinds = "udp4 udp6" if not bit else "udp4"
    refuse("VNET-009", f"udp-csum-offset-bit-{bit}", "csum_offset "
           f"{6 ^ 1 << bit}", kinds, {"csum_offset": 6 ^ 1 << bit},
           fields={"size": 300}, base={"gso_size": 100},
           side="boundary" if 6 ^ 1 << bit == 7 else "refuses")
refuse("VNET-009", "udp-csum-offset-5", "csum_offset 5", "udp4 udp6",
       {"csum_offset": 5}, side="boundary")
refuse("VNET-009", "udp-csum-offset-tcp", "csum_offset 16", "udp6",
       {"csum_offset": 16})
accept("VNET-009", "udp-csum-offset-6", "csum_offset 6", "udp4 udp6")
accept("VNET-009", "udp-csum-offset-other", "csum_offset 16", "fragments4 "
       "fragments6", {"csum_offset": 16})

refuse("VNET-010", "udp-ecn", "gso_type 0x85", "udp4 udp6",
       {"gso_type": 0x85})
edge("VNET-010", "udp-ecn-not", "gso_type 5", "udp4 udp6")
accept("VNET-010", "udp-ecn-other", "gso_type 0x83", "whole-fragments4 "
       "whole-fragments6", {"gso_type": 0x83})

for kind in ("udp4", "udp6"):
    for number, payload in ((1, 128), (2, 256), (3, 384)):
        edge("VNET-011", f"udp-{payload}-of-{number}", f"{payload} bytes in "
             f"segments of {number}", kind, {"gso_size": number},
             {"size": payload}, segments=128)
        refuse("VNET-011", f"udp-{payload + 1}-of-{number}", f"{payload + 1} "
               f"bytes in segments of {number}", kind, {"gso_size": number},
               fields={"size": payload + 1}, base={"gso_size": number + 1})
for number in (256, 512):
    accept("VNET-011", f"udp-size-{number}", "segments of "
           f"{number}, of which 128 have {number * 128} bytes", "udp4 udp6",
           {"gso_size": number}, {"size": number + 1}, segments=2)
refuse("VNET-011", "udp-csum-start", "129 bytes after a csum_start that is "
       "not that of UDP", "udp6", {"csum_start": 39},
       fields={"size": 128}, base={"gso_size": 1})
accept("VNET-011", "udp-csum-start-late", "128 bytes after a csum_start that "
       "is not that of UDP", "udp6", {"csum_start": 41, "gso_size": 1},
       {"size": 129}, split=False)
accept("VNET-011", "udp-segments-other", "129 segments", "tcp4 fragments4",
       {"gso_size": 1}, {"size": 129}, segments=129)

# VNET-012: csum_offset of TCP.

for bit in range(9):
    kinds = "tcp4 tcp6 ecn4" if not bit else "tcp4 tcp6"
    refuse("VNET-012", f"tcp-csum-offset-bit-{bit}", "csum_offset "
           f"{16 ^ 1 << bit}", kinds, {"csum_offset": 16 ^ 1 << bit},
           fields={"size": 300}, base={"gso_size": 100},
           side="refuses" if bit else "boundary", split=bit in (0, 4))
refuse("VNET-012", "tcp-csum-offset-15", "csum_offset 15", "tcp4 tcp6 ecn6",
       {"csum_offset": 15}, side="boundary")
refuse("VNET-012", "tcp-csum-offset-udp", "csum_offset 6", "tcp4 tcp6",
       {"csum_offset": 6})
accept("VNET-012", "tcp-csum-offset-16", "csum_offset 16", "tcp4 ecn6")
accept("VNET-012", "tcp-csum-offset-other", "csum_offset 6", "plain4 bare4 "
       "whole4 whole6", {"csum_offset": 6})

# VNET-013: gso_size 65535.

refuse("VNET-013", "size-65535", "gso_size 65535", "tcp4 tcp6 ecn4 udp4 udp6 "
       "fragments4 whole4 whole6 whole-fragments4", {"gso_size": 65535})
for number in (65534, 32767, 32768, 0xff00):
    accept("VNET-013", f"size-{number}", f"gso_size {number}", "tcp4 udp6",
           {"gso_size": number}, fate="held",
           side="boundary" if number == 65534 else "allows")
edge("VNET-013", "size-65534", "gso_size 65534", "tcp6 fragments4 whole4",
     {"gso_size": 65534}, fate="held")
accept("VNET-013", "size-65535", "gso_size 65535", "plain4 plain6 bare4",
       {"gso_size": 65535})

# The first of two faults names the rule.

for name, kind, header, rule in (
        ("no-csum", "udp4", {"flags": 0}, "VNET-008"),
        ("csum-offset", "udp4", {"csum_offset": 7}, "VNET-009"),
        ("ecn", "udp6", {"gso_type": 0x85}, "VNET-010"),
        ("csum-offset", "tcp4", {"csum_offset": 15}, "VNET-012"),
        ("csum-offset", "tcp6", {"csum_offset": 15}, "VNET-012")):
    add(f"vnet-first-{name}-{kind}", f"{KINDS[kind][0]}: gso_size 65535 and "
        f"{' '.join(f'{n} {v}' for n, v in header.items())}, which is looked "
        "at first: rejected", rule, "vnet",
        [one(kind, {"gso_size": 65535, **header}, {})], [f"rejected {rule}"],
        [])

# VNET-015: segments that Linux 7.2 makes larger.

for kind in ("tcp4", "tcp6", "ecn4", "whole4", "whole6"):
    for number in (1, 4, 7, 8):
        accept("VNET-015", f"7.2-clamp-{number}", f"gso_size {number} in Linux "
               "7.2", kind, {"gso_size": number}, segments=4, split=number > 4,
               side="boundary" if number > 4 else "allows", **ON_72)
for kind in ("udp4", "udp6", "fragments4"):
    spare("VNET-015", "7.2-clamp-not", "gso_size 7 in Linux 7.2", kind,
          {"gso_size": 7}, segments=5, **ON_72)
spare("VNET-015", "6.18-clamp-not", "gso_size 7 in Linux 6.18", "tcp4 ecn6 "
      "whole4", {"gso_size": 7}, segments=5)
for kind in ("tcp4", "tcp6", "whole6"):
    edge("VNET-015", "7.2-clamp-whole", "gso_size 7 for 8 bytes in Linux 7.2",
         kind, {"gso_size": 7}, {"size": 8}, fate="held", **ON_72)
    edge("VNET-015", "7.2-clamp-two", "gso_size 7 for 9 bytes in Linux 7.2",
         kind, {"gso_size": 7}, {"size": 9}, segments=2, **ON_72)

# VNET-014: a packet with one segment is not a super-packet.

for kind in ("tcp4", "tcp6", "ecn4", "ecn6", "udp4", "udp6", "whole4",
             "whole6"):
    edge("VNET-014", "one-segment", "10 bytes in segments of 10", kind,
         fields={"size": 10}, fate="held")
    edge("VNET-014", "two-segments", "11 bytes in segments of 10", kind,
         fields={"size": 11}, segments=2)
for kind in ("fragments4", "fragments6", "whole-fragments4"):
    edge("VNET-014", "one-segment", "2 bytes and the UDP header in segments of "
         "10", kind, fields={"size": 2}, fate="held")
    edge("VNET-014", "two-segments", "3 bytes and the UDP header in segments "
         "of 10", kind, fields={"size": 3})
accept("VNET-014", "large-segment", "30 bytes in segments of 40000",
       "tcp4 tcp6 udp4 fragments6 whole4", {"gso_size": 40000}, fate="held")
accept("VNET-014", "large-segment-ecn", "30 bytes in segments of 256",
       "ecn4 ecn6", {"gso_size": 256}, fate="held")
spare("VNET-014", "segments", "three segments", "tcp4 ecn6 udp6 whole4 "
      "fragments4")

for number, fate in ((30, "held"), (29, None)):
    edge("VNET-014", f"{number}-bytes", "2 bytes and the headers after the "
         f"first 20 in segments of {number}", "whole-fragments6",
         {"gso_size": number}, {"size": 2}, fate=fate)

# It counts from csum_start. What follows 20 bytes of TCP counts as payload.
for name, words, header, fields in (
        ("options", "4 bytes of TCP options and 6 in segments of 10", {},
         {"options": b"\1" * 4, "size": 6}),
        ("csum-start", "14 bytes from csum_start on, 4 less after it, in "
         "segments of 10", {"csum_start": 24}, {"size": 14})):
    edge("VNET-014", f"one-segment-{name}", words, "tcp4", header, fields,
         fate="held", segments=1)
    edge("VNET-014", f"two-segments-{name}", f"{words}, and one more", "tcp4",
         header, {**fields, "size": fields["size"] + 1}, split=False)
edge("VNET-014", "one-segment-csum-start-far", "the last 20 bytes from "
     "csum_start on", "tcp4 tcp6", {"csum_start": size(-20), "gso_size": 1},
     fate="held")
# Without NEEDS_CSUM it does not count options either, except in Linux 7.2.
for profile, payload in (("linux-6.18", 6), ("linux-7.2", 10)):
    for more, count in ((0, 1), (1, 0 if payload == 6 else 2)):
        edge("VNET-014", f"{profile[6:]}-ip-options-{payload + more}",
             f"4 bytes of IP options and {payload + more} in segments of 10 in "
             f"Linux {profile[6:]}", "whole4", {},
             {"ip_options": b"\1" * 4, "size": payload + more},
             fate="passed GRO-IP4-003", segments=count, profile=profile)
    for more in (0, 1):
        of_size = payload * 2 - 10
        edge("VNET-014", f"{profile[6:]}-extension-{of_size + more}",
             f"8 bytes of extension header and {of_size + more} in segments of "
             f"10 in Linux {profile[6:]}", "whole6", {},
             {"extensions": [(DESTINATION, OPTION)], "size": of_size + more},
             fate=None if more else "held", segments=2,
             split=profile == "linux-7.2" and more == 1, profile=profile)
for kind, more in (("whole4", 20), ("whole6", 40)):
    edge("VNET-014", "6.1-one-segment", f"30 bytes in segments of {30 + more} "
         "in Linux 6.1", kind, {"gso_size": 30 + more}, fate="held",
         **ON_61)
    edge("VNET-014", "6.1-two-segments", "30 bytes in segments of "
         f"{29 + more} in Linux 6.1", kind, {"gso_size": 29 + more},
         split=False, **ON_61)

# What becomes a plain packet merges like one.
merge("vnet-not-gso", "One segment is no super-packet: it is held and grows",
      "VNET-014", "boundary vnet",
      *[{"checksum": "seed", "vnet": vnet(**TCP_GSO)}] * 2)
for kind in ("tcp6", "ecn4", "udp4", "udp6"):
    words, header, fields = KINDS[kind]
    merge(f"vnet-not-gso-{kind}", f"{words}: two of one segment each merge",
          "VNET-014", "allows vnet",
          *[{"checksum": "seed", "vnet": vnet(**header)}] * 2,
          base={**fields, "size": 10})

# Every bit of flags except NEEDS_CSUM has no meaning.
for name, title, side, header in (
        ("vnet-data-valid", "DATA_VALID is not believed", "refuses", vnet(2)),
        ("vnet-flags-254", "No bit but NEEDS_CSUM is believed", "boundary",
         vnet(0xfe))):
    add(name, f"{title}: the checksum is verified", "GRO-TCP-001",
        f"{side} vnet", flow({"checksum": "wrong", "vnet": header}),
        ["passed GRO-TCP-001"], [[0]], without=flow({"vnet": header}))
for start, right in ((40, False), (47, False), (48, True), (49, True)):
    words = ("spares" if right else "does not spare")
    add("vnet-csum-before-l4" + f"-{start}" * (start > 40),
        f"NEEDS_CSUM from {start} on, where the L4 header is at 48, {words} "
        "the L4 checksum", "GRO-TCP-001",
        ("boundary" if start in (47, 48) else "allows" if right
         else "refuses") + " vnet",
        flow({"checksum": "wrong",
              "vnet": vnet(1, csum_start=start, csum_offset=0)},
             **IP6, extensions=[(DESTINATION, bytes(7))]),
        ["held" if right else "passed GRO-TCP-001"], [[0]],
        without=flow({"vnet": vnet(1, csum_start=start)}, **IP6,
                     extensions=[(DESTINATION, bytes(7))])
        if start == 40 else None)
