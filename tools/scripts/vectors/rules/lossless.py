# SPDX-License-Identifier: MIT
"""Lossless mode."""

from scripts.profiles import having
from scripts.vectors.packet import (
    DESTINATION, HOP_BY_HOP, ROUTING, packet, pattern, vnet)
from scripts.vectors.suite import (
    FAR6, IP6, LOSSLESS, NEAR, OPTION, SMALL, TCP_GSO, TIMESTAMPS, UDP4, add,
    begin, bits, everywhere, fault, first, flow, merge, number_for,
    zero_checksum)

begin("lossless")

# The profiles that know UDP super-packets, and those that do not.
USO = having(takes_uso=True)
NO_USO = having(takes_uso=False)


def lossy(name, title, rule, change, base=None, profile="linux-6.18",
          fate="passed"):
    """What Linux merges, and lossless mode does not."""
    inputs = flow({}, change, **(base or {}))
    linux = {"config": {}} if profile == "linux-6.18" else {"input": flow({},
                                                                        {})}
    add(name, f"{title}: it does not merge", rule, "refuses lossless", inputs,
        ["held", f"{fate} {rule}"], [[0], [1]], LOSSLESS, profile,
        without=linux)


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
    "GRO-LL-004", "refuses lossless profile", flow({}, {}, **UDP4),
    ["passed GRO-LL-004"] * 2, [[0], [1]], LOSSLESS, NO_USO[0],
    without={"config": {}})
add("ll-far", "TCP after byte 65470 passes: it could not be written back",
    "GRO-LL-011", "lossless refuses", flow({}, {}, **FAR6),
    ["passed GRO-LL-011"] * 2, [[0], [1]], LOSSLESS,
    without=flow({}, {}, **IP6))
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
    "allows lossless", flow({}, {}, {"size": 50, "flags": "AP"}),
    ["held", "merged", "merged"], [[0, 1, 2]], LOSSLESS)

# Another way through: (end of the id, words, base).
OVER_IP4 = ("", "", {})
OVER_UDP4 = ("-udp", " (UDP)", UDP4)
OVER_IP6 = ("-ip6", " (IPv6)", IP6)
OVER_UDP6 = ("-udp-ip6", " (UDP over IPv6)", {**IP6, **UDP4})
TCPS = OVER_IP4, OVER_IP6, ("-timestamps", " (timestamps)",
                            {"options": TIMESTAMPS})
ALL = OVER_IP4, OVER_UDP4, OVER_IP6, OVER_UDP6


def lose(outcome, name, title, rule, change, base=None, **more):
    """One fault that only lossless mode sees; Linux is asked without."""
    fault(outcome, name, f"Lossless: {title}", rule, change, base,
          **{"config": LOSSLESS, "flags": "refuses lossless", **more})


def keep(name, title, rule, *changes, base=None, flags="allows lossless",
         **more):
    merge(name, f"Lossless: {title}: it merges", rule, flags, *changes,
          base={**SMALL, **(base or {})}, config=LOSSLESS, **more)


def at_each_place(outcome, rule, name, title, change, base=None, **more):
    everywhere(outcome, rule, name, f"Lossless: {title}", change, base,
               config=LOSSLESS, flags="refuses lossless", **more)


# The virtio header that came with it.
for suffix, kind, base in ALL:
    l4 = 40 if "version" in base else 20
    field = 6 if "protocol" in base else 16
    partial = {"checksum": "seed", "vnet": vnet(1, 0, 0, 0, l4, field)}
    lose("flush", f"ll-vnet-partial{suffix}", f"NEEDS_CSUM{kind}",
         "GRO-LL-001", partial, base)
    lose("flush", f"ll-vnet-partial-right{suffix}", "NEEDS_CSUM beside "
         f"DATA_VALID, with a right checksum{kind}", "GRO-LL-001",
         {"vnet": vnet(3, 0, 0, 0, l4, field)}, base)
    first(f"ll-vnet{suffix}", f"Lossless: NEEDS_CSUM{kind}", "GRO-LL-001",
          partial, base, config=LOSSLESS, flags="refuses lossless")
    keep(f"ll-vnet-valid{suffix}", f"DATA_VALID{kind}", "GRO-LL-001", {},
         {"vnet": vnet(2)}, base=base)
    keep(f"ll-vnet-others{suffix}", f"All flags but NEEDS_CSUM{kind}",
         "GRO-LL-001", {}, {"vnet": vnet(0xfe)}, base=base,
         flags="boundary lossless")
at_each_place("flush", "GRO-LL-001", "ll-vnet-partial", "NEEDS_CSUM", {
    "checksum": "seed", "vnet": vnet(1, 0, 0, 0, 20, 16)})


# Checksums that may be 0 or 0xffff: both are right.
for suffix, kind, base in (OVER_IP4, OVER_UDP4):
    small = {**SMALL, **base}
    lose("flush", f"ll-ip4-checksum-ffff{suffix}",
         f"an IPv4 header checksum of 0xffff{kind}", "GRO-LL-002",
         {"ip_checksum": 0xffff}, {**base, "id": zero_checksum(**small) - 1})
    add(f"ll-ip4-checksum-first{suffix}", "Lossless: an IPv4 header checksum "
        f"of 0xffff{kind}: it passes, the next one is held", "GRO-LL-002",
        "refuses lossless", flow({"ip_checksum": 0xffff}, {}, **small,
                                 id=zero_checksum(**small)),
        ["passed GRO-LL-002", "held"], [[0], [1]], LOSSLESS,
        without={"config": {}})
    for value, flags in ((0, "boundary"), (0xfffe, "boundary"),
                         (0x00ff, "allows"), (0xff00, "allows"),
                         (0x7fff, "allows")):
        keep(f"ll-ip4-checksum-{value:04x}{suffix}", "an IPv4 header checksum "
             f"of {value:#06x}{kind}", "GRO-LL-002", {}, {},
             base={**base, "id": number_for(value, **small) - 1},
             flags=f"{flags} lossless")
for suffix, kind, base in (OVER_IP6, OVER_UDP6):
    keep(f"ll-ip4-checksum-not{suffix}", "0xffff in an address of IPv6, where "
         f"IPv4 has its checksum{kind}", "GRO-LL-002", {}, {},
         base={**base, "source": "2001:ffff::1"}, flags="boundary lossless")


def payload_for(checksum, **fields):
    """8 bytes with which the TCP checksum of the second packet is this."""
    second = {**fields, "sequence": 0x10000008, "id": 0x1001}
    l4 = 40 if fields.get("version") == 6 else 20
    at = l4 + (6 if fields.get("protocol") == 17 else 16)
    with_zeros = int.from_bytes(
        packet(payload=bytes(8), **second)[at:at + 2], "big")
    word = (with_zeros - checksum) % 0xffff
    return word.to_bytes(2, "big") + bytes(6)


for suffix, kind, base in (OVER_IP4, OVER_IP6):
    lose("flush", f"ll-tcp-checksum-ffff{suffix}",
         f"a TCP checksum of 0xffff{kind}", "GRO-LL-003",
         {"payload": payload_for(0, **base), "checksum": 0xffff}, base)
    for value, flags in ((0, "boundary"), (0xfffe, "boundary"),
                         (0x00ff, "allows"), (0xff00, "allows"),
                         (0x7fff, "allows")):
        keep(f"ll-tcp-checksum-{value:04x}{suffix}", f"a TCP checksum of "
             f"{value:#06x}{kind}", "GRO-LL-003", {},
             {"payload": payload_for(value, **base), "checksum": value},
             base=base, flags=f"{flags} lossless")
    lose("flush", f"ll-tcp-checksum-trusted{suffix}", "a TCP checksum of "
         f"0xffff that is trusted{kind}", "GRO-LL-003",
         {"checksum": 0xffff}, base, config={**LOSSLESS, "csum": "trusted"})
    first(f"ll-tcp-checksum-trusted{suffix}", "Lossless: a TCP checksum of "
          f"0xffff that is trusted{kind}", "GRO-LL-003", {"checksum": 0xffff},
          base, config={**LOSSLESS, "csum": "trusted"},
          flags="refuses lossless")
    udp = {**base, **UDP4}
    keep(f"ll-tcp-checksum-udp{suffix}", "a UDP checksum of 0xffff, which "
         f"comes back so{kind}", "GRO-LL-003", {},
         {"payload": payload_for(0, **udp), "checksum": 0xffff},
         base=udp, flags="boundary lossless")

# Profiles whose kernels accept no UDP super-packet.
for suffix, kind, base in (OVER_UDP4, OVER_UDP6):
    add(f"ll-udp-write-both{suffix}", "Lossless: UDP where no super-packet of "
        f"it can be written{kind}: both pass", "GRO-LL-004",
        "refuses lossless profile", flow({}, {}, **SMALL, **base),
        ["passed GRO-LL-004"] * 2, [[0], [1]], LOSSLESS,
        NO_USO[0], without={"profile": USO[0]})
    for profile in USO:
        keep(f"ll-udp-write-{profile[6:]}{suffix}", "UDP where it can be "
             f"written, {profile}{kind}", "GRO-LL-004", {}, {}, base=base,
             profile=profile, flags="boundary lossless profile"
             if profile == USO[0] else "allows lossless profile")
for suffix, kind, base in (OVER_IP4, OVER_IP6):
    keep(f"ll-udp-write-tcp{suffix}", "TCP where no UDP super-packet can be "
         f"written{kind}", "GRO-LL-004", {}, {}, base=base,
         profile=NO_USO[0], flags="boundary lossless profile")

# Where the L4 header is.
add("ll-near", "Lossless: TCP at byte 65464 is held", "GRO-LL-011",
    "lossless boundary", flow({}, **{**FAR6, "extensions": NEAR}), ["held"],
    [[0]], LOSSLESS)
for suffix, kind, base in (OVER_IP6, OVER_UDP6):
    for length in (8, 2048):
        keep(f"ll-near-{length}{suffix}", f"L4 after {length} bytes of "
             f"extension header{kind}", "GRO-LL-011", {}, {}, base={
                 **base, "extensions": [(DESTINATION, bytes(
                     [length // 8 - 1]) + bytes(length - 2))]})

# The flow label, and the extension headers.
for suffix, kind, base in (OVER_IP6, OVER_UDP6):
    for name, title, change in bits("ll-label", "flow label", 20, 0x12345,
                                    "flow_label"):
        if not kind.startswith(" (UDP") or name[-2:] in ("-0", "19"):
            lose("mismatch", name + suffix, title + kind, "GRO-LL-005", change,
                 base)
    keep(f"ll-label-same{suffix}", f"a flow label of ones on both{kind}",
         "GRO-LL-005", {}, {}, base={**base, "flow_label": 0xfffff})
    keep(f"ll-label-zero{suffix}", f"no flow label on both{kind}",
         "GRO-LL-005", {}, {}, base={**base, "flow_label": 0},
         flags="boundary lossless")
    for name, title, one, two in (
            ("added", "an extension header where none was", (),
             [(HOP_BY_HOP, OPTION)]),
            ("removed", "no extension header where one was",
             [(HOP_BY_HOP, OPTION)], ()),
            ("number", "another number of the extension header",
             [(HOP_BY_HOP, OPTION)], [(DESTINATION, OPTION)]),
            ("number-less", "a lower number of the extension header",
             [(DESTINATION, OPTION)], [(HOP_BY_HOP, OPTION)]),
            ("longer", "an extension header of 16 bytes, not 8",
             [(HOP_BY_HOP, OPTION)],
             [(HOP_BY_HOP, b"\1" + OPTION[1:] + bytes(8))]),
            ("shorter", "an extension header of 8 bytes, not 16",
             [(HOP_BY_HOP, b"\1" + OPTION[1:] + bytes(8))],
             [(HOP_BY_HOP, OPTION)]),
            ("second-added", "a second extension header",
             [(HOP_BY_HOP, OPTION)],
             [(HOP_BY_HOP, OPTION), (ROUTING, OPTION)]),
            ("second-number", "another number of the second extension header",
             [(HOP_BY_HOP, OPTION), (DESTINATION, OPTION)],
             [(HOP_BY_HOP, OPTION), (ROUTING, OPTION)])):
        lose("mismatch", f"ll-extension-{name}{suffix}", f"{title}{kind}",
             "GRO-LL-006", {"extensions": two}, {**base, "extensions": one},
             without=flow({}, {}, **SMALL, **base))
    for at in range(1, 7):
        made = bytearray(OPTION)
        made[at] ^= 1 << at
        lose("mismatch", f"ll-extension-byte-{at + 1}{suffix}", f"another byte "
             f"{at + 1} in the extension header{kind}", "GRO-LL-006",
             {"extensions": [(ROUTING, bytes(made))]},
             {**base, "extensions": [(ROUTING, OPTION)]},
             flags=f"{'boundary' if at == 6 else 'refuses'} lossless")
    for name, headers in (("one", [(ROUTING, OPTION)]),
                          ("two", [(HOP_BY_HOP, OPTION), (ROUTING, OPTION)])):
        keep(f"ll-extension-same-{name}{suffix}", f"{name} equal extension "
             f"header{'s' if name == 'two' else ''}{kind}", "GRO-LL-006", {},
             {}, {}, base={**base, "extensions": headers})
at_each_place("mismatch", "GRO-LL-005", "ll-label", "another flow label",
              {"flow_label": 1}, IP6)
at_each_place("mismatch", "GRO-LL-006", "ll-extension", "an extension header",
              {"extensions": [(HOP_BY_HOP, OPTION)]}, IP6)

# Identifications that do not count.
for suffix, kind, base in (OVER_IP4, OVER_UDP4):
    for number in (0, 0x1000, 65535):
        for df in (True, False):
            words = "" if df else ", without DF"
            end = suffix if df else f"-no-df{suffix}"
            lose("mismatch", f"ll-id-{number}{end}", f"two identifications of "
                 f"{number}{words}{kind}", "GRO-LL-007", {"id": number},
                 {**base, "id": number, "df": df},
                 without={"config": {}})
    keep(f"ll-id-counts{suffix}", f"identifications that count{kind}",
         "GRO-LL-007", {}, {}, {}, base=base)
    keep(f"ll-id-wraps{suffix}", f"identifications that wrap{kind}",
         "GRO-LL-007", {"id": 65535}, {"id": 0}, {"id": 1}, base=base,
         flags="boundary lossless")
add("ll-id-again", "Lossless: three equal identifications: none merges",
    "GRO-LL-007", "refuses lossless", flow(*[{"id": 7}] * 3, **SMALL),
    ["held"] + ["held GRO-LL-007"] * 2, [[0], [1], [2]], LOSSLESS,
    without={"config": {}})
add("ll-id-unfixed", "Lossless: equal identifications without DF where two "
    "series want that do not follow", "GRO-IP4-011",
    "boundary lossless profile", flow(*[{"id": 7}] * 2, **SMALL, df=False),
    ["held", "held GRO-IP4-011"], [[0], [1]], LOSSLESS, "linux-6.12")

# The urgent pointer, and CWR.
for suffix, kind, base in TCPS:
    for name, title, change in bits("ll-urgent", "urgent pointer", 16, 0x1234,
                                    "urgent"):
        if not suffix or name[-2:] in ("-0", "15"):
            lose("mismatch", name + suffix, title + kind, "GRO-LL-008", change,
                 {**base, "urgent": 0x1234})
    lose("mismatch", f"ll-urgent-first{suffix}", "an urgent pointer on the "
         f"first one only{kind}", "GRO-LL-008", {"urgent": 0},
         {**base, "urgent": 1}, flags="boundary lossless")
    keep(f"ll-urgent-same{suffix}", f"the same urgent pointer{kind}",
         "GRO-LL-008", {}, {}, base={**base, "urgent": 65535})
    cwr = flow({}, {}, **SMALL, **base, flags="AC")
    add(f"ll-cwr-both{suffix}", "Lossless: CWR on both, where it could be "
        f"merged{kind}", "GRO-LL-009", "refuses lossless profile", cwr,
        ["held", "held GRO-LL-009"], [[0], [1]], LOSSLESS,
        having(refuses_cwr=False)[0], without={"config": {}})
    add(f"ll-cwr-other{suffix}", "Lossless: CWR on both, where it is refused "
        f"before{kind}", "GRO-TCP-004", "boundary lossless profile", cwr,
        ["held", "held GRO-TCP-004"], [[0], [1]], LOSSLESS)
    keep(f"ll-cwr-first{suffix}", "CWR on the first one only, where it is not "
         f"compared{kind}", "GRO-LL-009", {"flags": "AC"}, {}, base=base,
         profile="linux-6.12", flags="boundary lossless profile")
    for profile in having(compares_cwr=True):
        keep(f"ll-cwr-not-{profile[6:]}{suffix}", "FIN and PSH on the second "
             f"one, all bits of the window set, {profile}{kind}", "GRO-LL-009",
             {}, {"flags": "APF"}, base={**base, "window": 65535},
             profile=profile, flags="boundary lossless profile")
    keep(f"ll-cwr-ece{suffix}", f"ECE and AE on both{kind}", "GRO-LL-009", {},
         {}, base={**base, "flags": "AEe"}, profile="linux-7.2",
         flags="allows lossless profile")
at_each_place("mismatch", "GRO-LL-008", "ll-urgent", "another urgent pointer",
              {"urgent": 9})

# How short segments may be.
for suffix, kind, base in TCPS:
    for size in range(1, 8):
        add(f"ll-size-{size}{suffix}", f"Lossless: TCP payloads of {size}"
            f"{kind}", "GRO-LL-010",
            "boundary lossless" if size == 7 else "refuses lossless",
            flow({}, {}, **base, size=size), ["held", "held GRO-LL-010"],
            [[0], [1]], LOSSLESS, without={"config": {}})
    for size in (8, 9, 264):
        keep(f"ll-size-{size}{suffix}", f"TCP payloads of {size}{kind}",
             "GRO-LL-010", {}, {}, base={**base, "size": size},
             flags="boundary lossless" if size == 8 else "allows lossless")
    keep(f"ll-size-short{suffix}", f"a TCP payload of 1 after one of 8{kind}",
         "GRO-LL-010", {}, {"size": 1}, base=base)
for suffix, kind, base in (OVER_UDP4, OVER_UDP6):
    for size in (1, 7):
        keep(f"ll-size-{size}{suffix}", f"UDP payloads of {size}{kind}",
             "GRO-LL-010", {}, {}, base={**base, "size": size},
             flags="boundary lossless")


# As Linux, too; but before a packet overtakes its flow, the held one leaves.
def as_linux(name, title, rule, change, base=None, **more):
    fault("flush", f"ll-linux-{name}", f"Lossless: {title}", rule, change, base,
          **{"config": LOSSLESS, "flags": "refuses lossless", **more})


def differs(name, title, rule, change, base=None):
    fault("mismatch", f"ll-linux-{name}", f"Lossless: {title}", rule, change,
          base, config=LOSSLESS, flags="refuses lossless")


CUT = [(HOP_BY_HOP, bytes([4]) + OPTION[1:])]
for rule, title, change, base in (
        ("GRO-IP4-002", "ICMP", {"protocol": 1}, {}),
        ("GRO-IP4-003", "IPv4 options", {"ip_options": bytes(4)}, {}),
        ("GRO-IP4-004", "a fragment", {"mf": True}, {}),
        ("GRO-IP4-005", "a wrong IPv4 checksum", {"ip_checksum": "wrong"}, {}),
        ("GRO-IP4-006", "padding", {"padding": bytes(6)}, {}),
        ("GRO-IP4-007", "the reserved flag", {"reserved": True}, {}),
        ("GRO-IP6-002", "padding of IPv6", {"padding": bytes(6)}, IP6),
        ("GRO-IP6-003", "an extension header that is cut",
         {"extensions": CUT}, IP6),
        ("GRO-IP6-004", "ICMPv6", {"protocol": 58}, IP6),
        ("GRO-IN-003", "a GSO packet", {
            "size": 300, "checksum": "seed", "vnet": vnet(**TCP_GSO)}, {}),
        ("GRO-TCP-001", "a wrong TCP checksum", {"checksum": "wrong"}, {}),
        ("GRO-TCP-002", "19 bytes of TCP", {"l4_cut": 19}, {}),
        ("GRO-TCP-003", "a data offset of 4", {"data_offset": 4}, {}),
        ("GRO-TCP-009", "an acknowledgment", {"size": 0}, {}),
        ("GRO-UDP-001", "7 bytes of UDP", {"l4_cut": 7}, UDP4),
        ("GRO-UDP-002", "a wrong UDP checksum", {"checksum": "wrong"}, UDP4),
        ("GRO-UDP-004", "no UDP checksum", {"checksum": 0}, UDP4),
        ("GRO-UDP-005", "a wrong UDP length", {"udp_length": 15}, UDP4)):
    as_linux(rule[4:].lower(), title, rule, change, base)
for rule, title, change, base in (
        ("GRO-TCP-004", "CWR", {"flags": "AC"}, {}),
        ("GRO-TCP-005", "ECE", {"flags": "AE"}, {}),
        ("GRO-TCP-006", "another window", {"window": 1}, {}),
        ("GRO-TCP-007", "another acknowledgment number",
         {"acknowledgment": 1}, {}),
        ("GRO-TCP-008", "other options", {"options": TIMESTAMPS}, {}),
        ("GRO-TCP-010", "a longer payload", {"size": 9}, {}),
        ("GRO-TCP-011", "a gap", {"sequence": 1}, {}),
        ("GRO-UDP-006", "a longer datagram", {"size": 9}, UDP4),
        ("GRO-IP4-008", "another TTL", {"ttl": 1}, {}),
        ("GRO-IP4-009", "another TOS", {"tos": 1}, {}),
        ("GRO-IP4-010", "no DF", {"df": False}, {}),
        ("GRO-IP4-011", "a jump of identifications", {"id": 1}, {}),
        ("GRO-IP6-005", "another traffic class", {"traffic_class": 1}, IP6),
        ("GRO-IP6-006", "another hop limit", {"hop_limit": 1}, IP6)):
    differs(rule[4:].lower(), title, rule, change, base)


# A packet whose flow is not known may be of any flow between its addresses: all
# held ones between them leave, and no others.
def between(name, title, held, packets, fates, of, rule="GRO-END-006",
            flags="boundary lossless order", **more):
    add(f"ll-between-{name}", f"Lossless: {title}", rule, flags,
        held + packets, ["held"] * len(held) + fates, of, LOSSLESS, **more)


TO_NOWHERE = {**IP6, "source": "c000:201:c633:6402::", "destination": "::"}
ICMP, ICMP6 = "passed GRO-IP4-002", "passed GRO-IP6-004"
for name, title, field, address in (
        ("destination", "to another destination", "destination", "2001:db8::3"),
        ("net", "to another net", "destination", "2001:db9::2"),
        ("source", "from another source", "source", "2001:db8::3"),
        ("source-net", "from another net", "source", "2001:db9::1")):
    between(name, f"ICMPv6 {title} overtakes", flow({}, **SMALL, **IP6),
            flow({"protocol": 58}, **SMALL, **{**IP6, field: address}),
            [ICMP6], [[1], [0]])
between("same", "ICMPv6 lets all of its addresses leave, the oldest first",
        flow({}, **SMALL, **IP6) + flow({}, **SMALL, **{
            **IP6, "source": "2001:db8::3"})
        + flow({}, source_port=1, flow_label=7, **SMALL, **IP6),
        flow({"protocol": 58}, **SMALL, **IP6), [ICMP6],
        [[0], [2], [3], [1]])
between("version-4", "ICMP overtakes IPv6 whose source is both its addresses",
        flow({}, **SMALL, **TO_NOWHERE),
        flow({"protocol": 1}, **SMALL), [ICMP], [[1], [0]])
between("version-6", "ICMPv6 whose source is both addresses overtakes IPv4",
        flow({}, **SMALL), flow({"protocol": 58}, **SMALL, **TO_NOWHERE),
        [ICMP6], [[1], [0]])
ANY4 = {"source": "0.0.0.0", "destination": "0.0.0.0"}
ANY6 = {**IP6, "source": "::", "destination": "::"}
for version, any_address, length in (4, ANY4, 19), (6, ANY6, 39):
    between(f"short-{version}", f"{length} bytes of IPv{version} have no "
            "addresses, not those of zeros, either",
            flow({}, **SMALL, **any_address),
            flow({"cut": length}, **SMALL, **any_address),
            [f"passed GRO-IP{version}-001"], [[1], [0]])
    between(f"zeros-{version}", f"addresses of zeros are addresses of "
            f"IPv{version}", flow({}, **SMALL, **any_address),
            flow({"protocol": 253}, **SMALL, **any_address),
            [ICMP if version == 4 else ICMP6], [[0], [1]])
for protocol, words in ((6, "TCP"), (1, "ICMP")):
    between(f"rejected-{protocol}", f"{words} with a virtio header that is "
            "rejected makes nothing leave", flow({}, **SMALL), flow(
                {"protocol": protocol, "vnet": vnet(hdr_len=1000)}, **SMALL)
            + flow({}, {}, **SMALL)[1:],
            ["rejected VNET-001", "merged"], [[0, 2]])
between("far", "TCP after byte 65470 is of its flow, which leaves, and of no "
        "other", flow({}, **SMALL, **IP6) + flow({}, source_port=1, **SMALL,
                                                 **IP6),
        flow({}, **FAR6), ["passed GRO-LL-011"], [[0], [2], [1]], "GRO-LL-011")

# Tunnels: what a split gives back of the outer headers.

INTO = {"link": "ethernet", "tunnels": ["vxlan:4789", "vxlan-gpe:4790",
                                        "geneve:6081"], "vnet_len": 24}
TOLD = {"config": {**INTO, **LOSSLESS}, "flags": "lossless tunnel"}
IN_VXLAN = {"link": "ethernet", "tunnel": "vxlan", "size": 8}
OVER6 = {**IN_VXLAN, "outer_version": 6}
UNSUMMED = {**IN_VXLAN, "outer_checksum": 0}
INNERS = [(f"{name}{version}", {"version": version, **fields})
          for name, fields in (("tcp", {}), ("udp", UDP4))
          for version in (4, 6)]


def refused(outcome, name, title, rule, change, base, **more):
    """As lose(), in a tunnel; Linux is asked without."""
    flags = f"{more.pop('side', 'refuses')} {TOLD['flags']}"
    fault(outcome, name, f"Lossless, in a tunnel: {title}", rule, change, base,
          config=TOLD["config"], flags=flags, **more)


for inner, fields in INNERS:
    for kind, base in (("vxlan", IN_VXLAN), ("vxlan-zero", UNSUMMED),
                       ("geneve", {**IN_VXLAN, "tunnel": "geneve"}),
                       ("gpe", {**IN_VXLAN, "tunnel": "vxlan-gpe",
                                "frames": 0})):
        for outer in (4, 6):
            merge(f"ll-tunnel-{kind}-{inner}-in{outer}", f"Lossless: {kind}, "
                  f"{inner}, over IPv{outer}: they merge", "GRO-OUT-012",
                  "allows lossless tunnel", {}, {}, {"size": 5},
                  base={**base, **fields, "outer_version": outer},
                  config=TOLD["config"])
for count, rest in ((7, "merge"), (8, "pass")):
    tags = [(0x8100, number + 1) for number in range(count)]
    add(f"ll-tunnel-tags-{count}", f"Lossless: VXLAN behind {count} VLAN tags: "
        f"they {rest}", "GRO-IN-005", "boundary lossless tunnel",
        flow({}, {}, **IN_VXLAN, tags=tags),
        ["held", "merged"] if count == 7 else ["passed GRO-IN-005"] * 2,
        [[0, 1]] if count == 7 else [[0], [1]], TOLD["config"])

# GRO-LL-012: the outer UDP length. It is not summed where it is wrong.
for by in (-1, 1, 8):
    for name, words, base in (("", "", UNSUMMED),
                              ("-ip6", " (IPv6)", {**UNSUMMED, **OVER6}),
                              ("-udp", " (UDP inside)", {**UNSUMMED, **UDP4})):
        end = "" if by == 1 else f"-by-{by}"
        refused("flush", f"ll-tunnel-length{end}{name}",
                f"an outer UDP length that is {by} too long{words}",
                "GRO-LL-012", {"outer_udp_length_by": by}, base,
                side="boundary" if abs(by) == 1 else "refuses")

merge("ll-tunnel-length-right", "Lossless: right outer UDP lengths: they merge",
      "GRO-LL-012", "allows lossless tunnel", {}, {}, base=UNSUMMED,
      config=TOLD["config"])

# GRO-LL-013: a split finds the version of UDP in the first byte.
UDP6 = {**IN_VXLAN, **IP6, **UDP4}
for version in (0, 4, 5, 7):
    name = "" if version == 5 else f"-{version}"
    add(f"ll-tunnel-version{name}", "Lossless, in a tunnel: UDP over IPv6 whose "
        f"header says {version}", "GRO-LL-013",
        f"{'boundary' if version in (5, 7) else 'refuses'} lossless tunnel",
        flow({}, {}, **UDP6, said_version=version),
        ["passed GRO-LL-013"] * 2, [[0], [1]], TOLD["config"],
        without=flow({}, {}, **UDP6))
    merge(f"ll-tunnel-version-{version}-tcp", "Lossless, in a tunnel: TCP over "
          f"IPv6 whose header says {version}: they merge", "GRO-LL-013",
          "allows lossless tunnel", {}, {},
          base={**IN_VXLAN, **IP6, "said_version": version},
          config=TOLD["config"])

# GRO-LL-007: a split counts the outer identification up.
for name, words, change, base in (
        ("stays", "the outer identification stays", {"outer_id": 7},
         {**IN_VXLAN, "outer_id": 7}),
        ("wraps", "the outer identification stays at 65535",
         {"outer_id": 65535}, {**IN_VXLAN, "outer_id": 65535})):
    add(f"ll-tunnel-id-{name}", f"Lossless, in a tunnel: {words}", "GRO-LL-007",
        "refuses lossless tunnel", flow({}, change, **base),
        ["held", "held GRO-LL-007"], [[0], [1]], TOLD["config"],
        without={"config": INTO})
merge("ll-tunnel-id-wrap", "Lossless, in a tunnel: the outer identification "
      "goes from 65535 to 0: they merge", "GRO-LL-007",
      "boundary lossless tunnel", {"outer_id": 65535}, {"outer_id": 0},
      base=IN_VXLAN, config=TOLD["config"])
merge("ll-tunnel-id-three", "Lossless, in a tunnel: three outer "
      "identifications in a row: they merge", "GRO-LL-007",
      "allows lossless tunnel", {"outer_id": 6}, {"outer_id": 7},
      {"outer_id": 8}, base=IN_VXLAN, config=TOLD["config"])

# GRO-LL-002: the outer header.
ZERO_SUM = int.from_bytes(packet(outer_id=0, **IN_VXLAN)[24:26], "big")
refused("flush", "ll-tunnel-ip4-checksum", "an outer IPv4 header checksum of "
        "0xffff", "GRO-LL-002", {"outer_ip_checksum": 0xffff},
        {**IN_VXLAN, "id": ZERO_SUM - 0x4001})
ZERO_INNER = next(number for number in range(65536) if packet(
    id=number, outer_id=7, **IN_VXLAN)[74:76] == b"\0\0")
refused("flush", "ll-tunnel-inner-checksum", "an inner IPv4 header checksum of "
        "0xffff", "GRO-LL-002", {"ip_checksum": 0xffff},
        {**IN_VXLAN, "id": ZERO_INNER - 1})

# GRO-LL-005 comes before GRO-LL-007.
add("ll-tunnel-label", "Lossless, in a tunnel: another inner flow label, and the "
    "outer identification stays", "GRO-LL-005", "refuses lossless tunnel",
    flow({}, {"flow_label": 1}, **IN_VXLAN, **IP6, outer_id=7),
    ["held", "held GRO-LL-005"], [[0], [1]], TOLD["config"],
    without={"config": INTO})

# GRO-END-006: the outer addresses decide.
TO_OTHER = {"outer_destination": "203.0.113.9"}
TUNNEL_FLOWS = flow({}, **IN_VXLAN) + flow({}, **{**IN_VXLAN, **TO_OTHER})
for name, words, change, fate, of in (
        ("inner", "an inner fragment lets all between its outer addresses leave",
         {"mf": True}, "passed GRO-IP4-004", [[0], [2], [1]]),
        ("inner-elsewhere", "an inner fragment to elsewhere, between the same "
         "outer addresses", {"mf": True, "destination": "198.51.100.9"},
         "passed GRO-IP4-004", [[0], [2], [1]]),
        ("outer", "an outer fragment", {"outer_mf": True},
         "passed GRO-IP4-004", [[0], [2], [1]]),
        ("type", "ARP inside", {"inner_type": 0x0806}, "passed GRO-TUN-006",
         [[0], [2], [1]])):
    add(f"end-order-tunnel-{name}", f"Lossless, in a tunnel: {words}",
        "GRO-END-006", "refuses order lossless tunnel",
        TUNNEL_FLOWS + flow({}, change, **IN_VXLAN)[1:],
        ["held", "held", fate], of, TOLD["config"],
        without=TUNNEL_FLOWS + flow({}, {}, **IN_VXLAN)[1:])
add("end-order-tunnel-known", "Lossless, in a tunnel: a wrong inner checksum "
    "lets its flow leave only", "GRO-END-006", "refuses order lossless tunnel",
    flow({}, **IN_VXLAN, source_port=1)
    + flow({}, {"checksum": "wrong"}, **IN_VXLAN),
    ["held", "held", "passed GRO-TCP-001"], [[1], [2], [0]], TOLD["config"],
    without=flow({}, **IN_VXLAN, source_port=1) + flow({}, {}, **IN_VXLAN))
