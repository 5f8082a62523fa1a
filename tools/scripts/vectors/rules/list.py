# SPDX-License-Identifier: MIT
"""Lists of packets, with `fraglist`."""

from scripts.vectors.packet import vnet
from scripts.vectors.suite import (
    FAR6, FLUSH, IP6, OPTION, TCP_GSO, TIMESTAMPS, UDP4, add, another, begin,
    entry, flow)

begin("list")

LISTS = {"config": {"fraglist": True}}
SMALL = {"size": 8}

UDP6 = {**UDP4, **IP6}
EXTENDED = [(0, OPTION)]

# (end of the id, end of the title, fields, l4, csum_offset)
WAYS = (("", "", {}, 20, 16), ("-ip6", " (IPv6)", IP6, 40, 16))
WAYS_UDP = (("-udp", " (UDP)", UDP4, 20, 6),
            ("-udp6", " (UDP over IPv6)", UDP6, 40, 6))


def listed(name, title, rules, side, inputs, fates, of, **more):
    """A vector of a table that makes lists. Each packet leaves by itself: `of`
    is the order.
    """
    add(name, title, rules, f"{side} list", inputs, fates,
        [[number] for number in of], **{**LISTS, **more})


def chain(count):
    return ["held"] + ["merged"] * (count - 1)


def partial(l4, offset, **fields):
    """The fields of a packet whose checksum is not computed yet."""
    return {"vnet": vnet(1, csum_start=l4, csum_offset=offset),
            "checksum": "seed", **fields}


def beside(base, *rest):
    """A packet of another flow among those of a list: the list leaves whole."""
    made = flow({}, {}, {}, **base)
    return made[:1] + another(**base) + made[1:] + list(rest)


# GRO-OUT-016: a list leaves as its packets. Another flow shows it.

for suffix, words, base, l4, offset in WAYS + WAYS_UDP:
    base = {**base, **SMALL}
    listed(f"list-out{suffix}", f"Three packets of a list leave together{words}",
           "GRO-OUT-016", "allows", beside(base),
           ["held", "held", "merged", "merged"], [0, 2, 3, 1])
    listed(f"list-out-two{suffix}", f"Two packets of a list{words}",
           "GRO-OUT-016", "boundary", flow({}, {}, **base), chain(2), [0, 1])
    listed(f"list-out-one{suffix}", f"One packet is no list{words}",
           "GRO-OUT-016", "refuses", flow({}, **base), ["held"], [0],
           without=flow({}, {}, **base))
    listed(f"list-out-short{suffix}", f"A shorter packet ends a list{words}",
           "GRO-OUT-016", "allows",
           another(**base) + flow({}, {"size": 7}, {}, **base),
           ["held", "held", "merged", "held"], [1, 2, 0, 3])
    listed(f"list-out-poll{suffix}", f"A list ends with the poll{words}",
           "GRO-OUT-016", "allows",
           flow({}, {}, **base) + [FLUSH] + flow({}, {}, **base),
           chain(2) * 2, [0, 1, 2, 3])
    listed(f"list-out-csum{suffix}", "A list of packets whose checksums are not "
           f"computed{words}", "GRO-OUT-016", "allows",
           flow(partial(l4, offset), partial(l4, offset), **base), chain(2),
           [0, 1])
listed("list-out-evicted", "Of nine flows the oldest leaves as a list",
       "GRO-OUT-016", "allows",
       flow({}, {}, **SMALL) + [one for port in range(8)
                                for one in flow({}, source_port=50 + port,
                                                **SMALL)],
       ["held", "merged"] + ["held"] * 8, range(10))
listed("list-out-options", "A list of segments with options", "GRO-OUT-016",
       "allows", flow({}, {}, options=TIMESTAMPS, **SMALL), chain(2), [0, 1])
listed("list-out-extension", "A list behind an extension header",
       "GRO-OUT-016", "allows",
       flow({}, {}, extensions=EXTENDED, **IP6, **SMALL), chain(2), [0, 1])
listed("list-out-far", "Packets whose L4 header is far make no list",
       "GRO-OUT-016", "boundary", flow({}, {}, **FAR6),
       ["held", "held"], [0, 1])
listed("list-out-12", "A list with virtio headers of 12 bytes", "GRO-OUT-016",
       "allows", flow({}, {}, **SMALL), chain(2), [0, 1],
       config={"fraglist": True, "vnet_len": 12})
for without, name in ((True, "on"), (False, "off")):
    listed(f"list-no-udp-{name}", "With `udp` false, datagrams "
           f"{'make a list' if without else 'pass'}, since `fraglist` is "
           f"{'true' if without else 'false'}", "GRO-UDP-003",
           "boundary", flow({}, {}, **UDP4, **SMALL),
           chain(2) if without else ["passed GRO-UDP-003"] * 2, [0, 1],
           config={"udp": False, **({"fraglist": True} if without else {})})

listed("list-id-bypass", "A datagram with a wrong checksum passes, and the "
       "identification stays after it (UDP)", "GRO-IP4-011", "allows",
       flow(*[{"id": 7}] * 2, {"id": 7, "checksum": "wrong"}, {"id": 7},
            **UDP4, **SMALL),
       ["held", "merged", "passed GRO-UDP-002", "merged"], [2, 0, 1, 3])

# GRO-LIST-001: all flags are compared.

for flag, words in (("P", "PSH"), ("F", "FIN")):
    name = words.lower()
    listed(f"list-flags{'' if flag == 'P' else '-' + name}", f"{words}: the "
           "list leaves, the packet passes",
           "GRO-LIST-001", "refuses", beside(SMALL, *flow(
               {"flags": "A" + flag}, sequence=0x10000018, id=0x1003, **SMALL)),
           ["held", "held", "merged", "merged", "passed GRO-LIST-001"],
           [0, 2, 3, 4, 1], without={"config": {}})
    add(f"list-flags-{name}-super", f"{words}, and a super-packet",
        "GRO-LIST-001", "allows list", flow({}, {"flags": "A" + flag}, **SMALL),
        chain(2), [[0, 1]])
    listed(f"list-flags-{name}-ip6", f"{words}: the list leaves, the packet "
           "passes (IPv6)", "GRO-LIST-001", "refuses",
           flow({}, {"flags": "A" + flag}, **IP6, **SMALL),
           ["held", "passed GRO-LIST-001"], [0, 1], without={"config": {}})
listed("list-flags-cwr", "CWR on the first packet only: the list leaves",
       "GRO-LIST-001", "refuses", flow({"flags": "AC"}, {}, **SMALL),
       ["held", "held GRO-LIST-001"], [0, 1], profile="linux-6.12",
       without={"config": {}})
listed("list-flags-alone", "PSH on both packets: none is held",
       "GRO-LIST-001", "boundary", flow({}, {}, flags="AP", **SMALL),
       ["passed GRO-END-001"] * 2, [0, 1])
listed("list-flags-same", "Flags that stay, and a window that stays",
       "GRO-LIST-001", "allows",
       flow({}, {}, flags="AE", window=7, **SMALL), chain(2), [0, 1])

# GRO-LIST-002: TCP with and without NEEDS_CSUM.

for suffix, words, base, l4, offset in WAYS:
    base = {**base, **SMALL}
    listed(f"list-tcp-csum{suffix}", "NEEDS_CSUM on the second packet only: the "
           f"list leaves{words}", "GRO-LIST-002", "refuses",
           flow({}, partial(l4, offset), **base),
           ["held", "held GRO-LIST-002"], [0, 1],
           without=flow({}, {}, **base))
    listed(f"list-tcp-csum-first{suffix}", "NEEDS_CSUM on the first packet "
           f"only: the list leaves{words}", "GRO-LIST-002", "refuses",
           flow(partial(l4, offset), {}, {}, **base),
           ["held", "held GRO-LIST-002", "merged"], [0, 1, 2],
           without=flow({}, {}, {}, **base))
    listed(f"list-tcp-csum-both{suffix}", f"NEEDS_CSUM on all packets{words}",
           "GRO-LIST-002", "allows",
           flow(*[partial(l4, offset)] * 3, **base), chain(3), [0, 1, 2])

# GRO-LIST-003: 64 segments; GRO-END-004 has that limit for datagrams.

def many(count, base):
    """So many packets of a flow, the second one after a packet of another."""
    made = flow(*[{}] * count, **base)
    return made[:1] + another(**base) + made[1:]


def many_fates(count, last):
    fates = (chain(64) + [last])[:count]
    return fates[:1] + ["held"] + fates[1:]


SIDES = {63: "allows", 64: "boundary", 65: "refuses"}
for count, side in SIDES.items():
    order = [0] + list(range(2, count + 1))
    order = order[:64] + [1] + order[64:]
    words = "two lists" if count > 64 else "one list"
    listed(f"list-count{'' if count == 65 else f'-{count}'}",
           f"{count} segments: {words}", "GRO-LIST-003", side,
           many(count, SMALL), many_fates(count, "held GRO-LIST-003"), order,
           without={"config": {}} if count == 65 else None)
    listed(f"list-count-udp-{count}", f"{count} datagrams: {words}",
           "GRO-END-004", "boundary", many(count, {**UDP4, **SMALL}),
           many_fates(count, "held"), order)

# GRO-LIST-004: UDP with and without NEEDS_CSUM.

for suffix, words, base, l4, offset in WAYS_UDP:
    base = {**base, **SMALL}
    name = "list-udp-csum" if suffix == "-udp" else "list-udp-csum-ip6"
    words = "" if suffix == "-udp" else " (IPv6)"
    listed(name, "NEEDS_CSUM on the second datagram only: it overtakes the "
           f"list{words}", "GRO-LIST-004", "refuses",
           flow({}, partial(l4, offset), **base),
           ["held", "passed GRO-LIST-004"], [1, 0],
           without=flow({}, {}, **base))
    listed(f"{name}-first", "NEEDS_CSUM on the first datagram only: the second "
           f"one overtakes it{words}", "GRO-LIST-004", "refuses",
           flow(partial(l4, offset), {}, **base),
           ["held", "passed GRO-LIST-004"], [1, 0],
           without=flow({}, {}, **base))
    listed(f"{name}-both", f"NEEDS_CSUM on all datagrams{words}",
           "GRO-LIST-004", "allows",
           flow(*[partial(l4, offset)] * 3, **base), chain(3), [0, 1, 2])
    listed(f"{name}-between", "A datagram that overtakes a list does not end "
           f"it{words}", "GRO-LIST-004", "refuses",
           flow({}, **base) + flow({}, partial(l4, offset), **base)[1:]
           + flow({}, {}, **base)[1:],
           ["held", "passed GRO-LIST-004", "merged"], [1, 0, 2],
           without=flow({}, {}, {}, **base))
    listed(f"{name}-larger", "NEEDS_CSUM and a longer payload: the list "
           f"leaves{words}", "GRO-LIST-004", "boundary",
           flow({}, partial(l4, offset, size=9), **base),
           ["held", "held GRO-UDP-006"], [0, 1])

# The identification, once a datagram with the same one has overtaken the list.

for step, joins in ((0, True), (1, False)):
    listed(f"list-udp-csum-id-{step}", "A datagram with the identification of "
           "the list overtakes it. The next one "
           f"{'has it, too' if joins else 'counts up: the list leaves'}",
           "GRO-LIST-004", "boundary",
           flow({}, partial(20, 6, id=0x1000), {"id": 0x1000 + step}, **UDP4,
                **SMALL),
           ["held", "passed GRO-LIST-004",
            "merged" if joins else "held GRO-IP4-011"], [1, 0, 2])
listed("list-udp-csum-id-other", "A datagram with the next identification "
       "overtakes the list, and the next one has it, too: it merges",
       "GRO-LIST-004", "boundary",
       flow({}, partial(20, 6, id=0x1001), {"id": 0x1001}, **UDP4, **SMALL),
       ["held", "passed GRO-LIST-004", "merged"], [1, 0, 2])

# A flushed datagram overtakes a list, too.

for suffix, words, base, change, rule in (
        ("", "", UDP4, {"reserved": True}, "GRO-IP4-007"),
        ("-ip6", " (IPv6)", UDP6, {"ip_length_by": 1}, "GRO-IP6-002")):
    base = {**base, **SMALL}
    listed(f"list-udp-flushed{suffix}", "A flushed datagram overtakes the "
           f"list{words}", "GRO-LIST-004", "boundary",
           flow({}, change, **base), ["held", f"passed {rule}"], [1, 0])
    listed(f"list-udp-flushed-larger{suffix}", "A flushed datagram with a "
           f"longer payload: the list leaves{words}",
           "GRO-LIST-004", "boundary",
           flow({}, {**change, "size": 9}, **base),
           ["held", f"passed {rule}"], [0, 1])
listed("list-udp-flushed-csum", "A flushed datagram, and all have NEEDS_CSUM: "
       "the list leaves", "GRO-LIST-004", "boundary",
       flow(partial(20, 6), partial(20, 6, reserved=True), **UDP4, **SMALL),
       ["held", "passed GRO-IP4-007"], [0, 1])
listed("list-tcp-flushed", "A flushed segment: the list leaves",
       "GRO-LIST-002", "boundary",
       flow({}, {"reserved": True}, **SMALL), ["held", "passed GRO-IP4-007"],
       [0, 1])
for step, joins in ((0, True), (1, False)):
    listed(f"list-udp-flushed-id-{step}", "A flushed datagram with the "
           "identification of the list overtakes it. The next one "
           f"{'has it, too' if joins else 'counts up: the list leaves'}",
           "GRO-LIST-004", "boundary",
           flow({}, {"reserved": True, "id": 0x1000}, {"id": 0x1000 + step},
                **UDP4, **SMALL),
           ["held", "passed GRO-IP4-007",
            "merged" if joins else "held GRO-IP4-011"], [1, 0, 2])
GSO_PACKET = flow({}, {"size": 300, "checksum": "seed",
                       "vnet": vnet(**TCP_GSO)}, size=300)
listed("list-udp-gso", "A GSO packet of UDP overtakes the list", "GRO-LIST-004",
       "boundary", flow({}, {"vnet": vnet(**TCP_GSO)}, size=300, **UDP4),
       ["held", "passed GRO-IN-003"], [1, 0])
listed("list-gso", "A GSO packet: the list leaves", "GRO-OUT-016",
       "boundary", GSO_PACKET, ["held", "passed GRO-IN-003"], [0, 1])

# GRO-LIST-005: headers count.

for protocol, base, header in (("tcp", {}, 40), ("udp", UDP4, 28),
                               ("tcp6", IP6, 60), ("udp6", UDP6, 48)):
    size = 20000
    over = 65535 - header - 3 * size     # of the payload of the last packet
    for more, side in (-1, "allows"), (0, "boundary"), (1, "refuses"):
        last = {"size": over - header + more}
        name = f"list-limit-{protocol}-{65535 + more}"
        if protocol != "tcp" and side == "allows":
            continue
        listed("list-limit" if name == "list-limit-tcp-65536" else name,
               f"With the headers of the last packet, {protocol} would have "
               f"{65535 + more} bytes", "GRO-LIST-005", side,
               flow({}, {}, {}, last, size=size, **base),
               chain(3) + ["held GRO-LIST-005" if more > 0 else "merged"],
               range(4), without={"config": {}} if more > 0 else None)
