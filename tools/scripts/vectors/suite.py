# SPDX-License-Identifier: MIT
"""The functions with which the files of rules/ describe vectors: the input, and
the fate of each packet. A fate is "held", "merged", "passed" or "rejected",
followed by the id of the rule if a rule kept the packet from merging.

A vector shows one side of one rule: the rule lets the packet through, this rule
alone refuses it, or a number is at the limit of the rule. A vector that refuses
has a twin: the same input without the fault. No rule may refuse the twin.
"""

import ipaddress
import struct

from scripts.vectors.packet import (
    DEFAULTS, DESTINATION, UDP, addresses, ones_sum, packet)

ASPECTS = {"allows", "refuses", "boundary"}

NOTES = {
    "allows": {
        "about": "The rule is checked and does not apply.",
        "effect": "A rule that applies too often loses merges."},
    "refuses": {
        "about": "The packet has one fault, and only this rule finds it. If "
                 "the rule describes an output, this is the nearest case "
                 "that it does not change.",
        "effect": "Without the rule something is merged, split or accepted "
                  "that a kernel treats in another way."},
    "boundary": {
        "about": "A field or length has the last value on one side of a limit.",
        "effect": "A limit that is off by one loses merges, or makes "
                  "super-packets that a kernel refuses."},
    "bypass": {
        "about": "A packet that is not examined further passes at once, and "
                 "the held super-packets stay.",
        "effect": "In Linux it overtakes held packets of its own flow."},
    "flush": {
        "about": "A packet that can never merge makes the held super-packet "
                 "of its flow leave, and then passes."},
    "mismatch": {
        "about": "One field differs from that of the held super-packet, so "
                 "that one header cannot stand for both packets.",
        "effect": "A merge would lose or falsify the field."},
    "merge": {
        "about": "This difference must not keep a packet from merging."},
    "link": {
        "about": "Packets begin with an Ethernet header, as at a TAP device.",
        "effect": "Offsets that do not count from there lie 14 bytes too "
                  "early."},
    "tunnel": {
        "about": "Packets in a tunnel that ends at the host.",
        "effect": "The inner packet, or the outer header, is looked at in "
                  "another way than a kernel does."},
    "header": {
        "about": "The virtio header has 12 or 24 bytes, and may tell of a "
                 "tunnel over UDP.",
        "effect": "A tunnel that is not noticed, or not checked, gives "
                  "segments whose outer headers are wrong."},
    "hash": {
        "about": "Packets have hashes, as those that a network card with RSS "
                 "receives.",
        "effect": "Packets of one flow whose hashes differ are merged, or "
                  "super-packets leave in another order."},
    "list": {
        "about": "Packets are coalesced into lists, as with rx-gro-list.",
        "effect": "The packets of a list leave one after the other, so that a "
                  "list that ends too early or too late changes their order."},
    "wrap": {
        "about": "A number exceeds its width and wraps."},
    "profile": {
        "about": "Kernel series differ here."},
    "vnet": {
        "about": "The packet has a virtio_net_hdr of its own, as packets from "
                 "a virtual machine do.",
        "effect": "If the header is not checked, a guest can claim lengths "
                  "that the packet does not have."},
    "order": {
        "about": "The order in which packets leave."},
    "dropped": {
        "about": "Linux accepts this super-packet and cannot split it: "
                 "nothing is delivered.",
        "effect": "Otherwise headers that a peer forged are read at a wrong "
                  "place."},
    "split": {
        "about": "The fields in which the segments of a super-packet differ."},
    "zero": {
        "about": "A computed checksum is 0, which means \"none\" in UDP."},
    "lossless": {
        "about": "Linux merges here, and a split does not give back the same "
                 "bytes."},
    "peer": {
        "about": "Other programs differ from Linux here, or once had a bug: "
                 "vectors/PEERS.md.",
        "effect": "A new implementation may make the same mistake."},
    "deviation": {
        "about": "SPEC.md differs from the kernel on purpose. max_flows is 9 "
                 "so that no kernel is asked: each holds 8."},
}

# Base fields for IPv6, UDP and lossless mode.
IP6 = {"version": 6}
UDP4 = {"protocol": UDP}
LOSSLESS = {"mode": "lossless"}

# A config for deviations of SPEC.md from Linux: a kernel holds 8 flows, so that
# it is not asked.
NO_KERNEL = {"max_flows": 9}

FLUSH = {"flush": True}

# A TCP super-packet of three segments, and a UDP one.
TCP_GSO = {"flags": 1, "gso_type": 1, "hdr_len": 40, "gso_size": 100,
           "csum_start": 20, "csum_offset": 16}
UDP_GSO = {**TCP_GSO, "gso_type": 5, "hdr_len": 28, "csum_offset": 6}
TCP6_GSO = {**TCP_GSO, "gso_type": 4, "hdr_len": 60, "csum_start": 40}
UDP6_GSO = {**UDP_GSO, "hdr_len": 48, "csum_start": 40}

OPTION = bytes([0, 1, 4, 0, 0, 0, 0])  # one PadN, a header of 8 bytes

TIMESTAMPS = b"\x01\x01\x08\x0a\0\0\0\x01\0\0\0\x02"

# A short payload, for vectors that are about headers.
SMALL = {"size": 8}

# Variants, which most implementations process by different code: (end of the
# id, end of the title, base).
OVER_TCP = ("", "", {})
OVER_UDP = ("-udp", " (UDP)", UDP4)
WITH_OPTIONS = ("-timestamps", " (with timestamps)", {"options": TIMESTAMPS})

# Whole extension headers before byte 65472, and the last one before it.
FAR = [(DESTINATION, b"\xff" + bytes(2046))] * 31 + [
    (DESTINATION, bytes([242]) + bytes(1942))]
NEAR = FAR[:-1] + [(DESTINATION, bytes([241]) + bytes(1934))]
FAR6 = {**IP6, "size": 10, "extensions": FAR}

SUITES = {}
TAKEN = set()


def begin(name):
    """Begins a suite; the next vectors belong to it."""
    global CURRENT
    CURRENT = SUITES.setdefault(name, [])


def take(name, title):
    """Reserves an id and a title, which no other vector may have."""
    for unique in ("id", name), ("title", title):
        if unique in TAKEN:
            raise ValueError(f"a second vector with {unique}")
        TAKEN.add(unique)


def forged(data, changes):
    """The packet with other bytes at these offsets. The checksum of an IPv4
    header is corrected.
    """
    made = bytearray(data)
    for at, byte in changes.items():
        made[at] = byte
    if data[0] >> 4 == 4 and min(changes) < 20:
        made[10:12] = bytes(2)
        made[10:12] = struct.pack(">H", ones_sum(bytes(made[:20])) ^ 0xffff)
    return bytes(made)


def entry(data, header=None, number=0):
    """One packet of an input; `number` is its hash."""
    made = {} if header is None else {"vnet": header.hex()}
    return {**made, "packet": data.hex(),
            **({} if number == 0 else {"hash": number})}


def flow(*changes, **base):
    """Consecutive packets of one flow, each with its changes. A change of a
    sequence number or identification does not affect later packets.
    """
    made = []
    sequence = base.pop("sequence", 0x10000000)
    number = base.pop("id", 0x1000)
    for change in changes:
        fields = {"sequence": sequence, "id": number, **base, **change}
        header = fields.pop("vnet", None)
        forge = fields.pop("forge", None)
        hashed = fields.pop("hash", 0)
        data = packet(**fields)
        made.append(entry(forged(data, forge) if forge else data, header,
                          hashed))
        payload = fields.get("payload")
        size = fields.get("size", 100) if payload is None else len(payload)
        sequence += size
        number += 1
    return made


def another(**fields):
    """A packet of another flow than the usual one."""
    return flow({}, source_port=41000, **fields)


def number_for(checksum, **fields):
    """The lowest identification with which the IPv4 header checksum is this. The
    checksum falls by one when the identification rises by one, modulo 0xffff.
    """
    with_zero = int.from_bytes(packet(id=0, **fields)[10:12], "big")
    return (with_zero - checksum) % 0xffff


def zero_checksum(**fields):
    """An identification with which the IPv4 header checksum is 0."""
    return number_for(0, **fields)


def even_destination(protocol, length=0, **fields):
    """A destination address with which the checksum 0 of `length` zero bytes
    is correct: the sum of the pseudo-header is 0xffff.
    """
    source, destination = addresses({**DEFAULTS, **fields})
    word = 0xffff - ones_sum(source + destination[:-2]
                             + struct.pack(">II", protocol, length))
    return str(ipaddress.ip_address(destination[:-2]
                                    + struct.pack(">H", word)))


def pseudo_edge(version, protocol, length):
    """Addresses with which the sum of the 32-bit words of the pseudo-header is
    0xffffffff and a carry, so that folding carries twice. The pseudo-header is
    that of so many bytes of L4.
    """
    ones = 0xffffffff
    if version == 4:
        source, last = 0xfffffff0, ones + 0x10 - length - protocol
        return [str(ipaddress.IPv4Address(one)) for one in (source, last)]
    last = ones + 7 - length - protocol
    return ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
            str(ipaddress.IPv6Address((ones << 96 | ones << 64 | ones << 32)
                                      + last))]


def add(name, title, rules, flags, inputs, fates, of, config=None,
        profile="linux-6.18", without=None):
    """Adds a vector. Under `profile` the packets have these fates, and the
    outputs consist of the packets `of`, in order. `without` is the twin: the
    input without the fault, or the fields of the vector that differ.
    """
    take(name, title)
    if isinstance(without, list):
        without = {"input": without}
    CURRENT.append({
        "id": name, "title": title, "rules": rules.split(),
        "flags": flags.split(), "input": inputs, "fates": fates, "of": of,
        "config": config or {}, "profile": profile, "op": "gro",
        "without": without})


def add_split(name, title, rules, flags, data, header, segments,
              profile="linux-6.18", without=None, config=None):
    """Adds a vector of op gso. Under `profile` these bytes become so many
    segments; 0: they are dropped; "EINVAL": they are rejected. `without` is the
    twin, as for add().
    """
    take(name, title)
    if isinstance(without, list):
        without = {"input": without}
    CURRENT.append({
        "id": name, "title": title, "rules": rules.split(),
        "flags": flags.split(), "input": [entry(data, header)],
        "segments": segments, "config": config or {}, "profile": profile,
        "op": "gso",
        "without": without})


def side(flags, usual):
    """The flags, with the usual side of a rule if they name no side."""
    return flags if ASPECTS & set(flags.split()) else f"{usual} {flags}"


def pair(name, title, rule, flags, base, change, fate="held", of=None, **more):
    """A packet is held; `rule` refuses the second packet of its flow."""
    add(name, title, rule, side(flags, "refuses"), flow({}, change, **base),
        ["held", f"{fate} {rule}"], of or [[0], [1]],
        **{"without": flow({}, {}, **base), **more})


def bypass(name, title, rule, change, flags="bypass", base=None, **more):
    """A second packet of a flow passes before the first one, which stays."""
    pair(name, f"{title}: it overtakes the held packet", rule, flags,
         base or {}, change, "passed", [[1], [0]], **more)


def flush(name, title, rule, base, change, flags="flush", **more):
    """A second packet of a flow flushes the first one and passes."""
    pair(name, f"{title}: the held packet leaves, this one passes", rule,
         flags, base, change, "passed", **more)


def mismatch(name, title, rule, base, change, flags="mismatch", **more):
    """A second packet of a flow flushes the first one and is held."""
    pair(name, f"{title}: the held packet leaves, this one is held", rule,
         flags, base, change, **more)


def merge(name, title, rule, flags, *changes, base=None, **more):
    """All packets become one super-packet."""
    add(name, title, rule, side(flags, "allows"),
        flow(*changes, **(base or {})),
        ["held"] + ["merged"] * (len(changes) - 1),
        [list(range(len(changes)))], **more)


# The outcomes of a packet with a fault: its fate, and words for the title.
OUTCOMES = {
    "bypass": ("passed", "it overtakes the held packet"),
    "flush": ("passed", "the held packet leaves, this one passes"),
    "unheld": ("passed", "the held packet leaves, this one passes"),
    "mismatch": ("held", "the held packet leaves, this one is held"),
}

# The places of a packet with a fault: the fates of the packets before and after
# it, and the outputs by outcome. An "again" packet has the same fault, and
# merges with it.
PLACES = {
    "second": (["held"], [], {
        "bypass": [[1], [0]], "flush": [[0], [1]], "unheld": [[0], [1]],
        "mismatch": [[0], [1]]}),
    "third": (["held", "merged"], [], {
        "bypass": [[2], [0, 1]], "flush": [[0, 1], [2]],
        "unheld": [[0, 1], [2]], "mismatch": [[0, 1], [2]]}),
    "beside": (["held", "held"], [], {
        "bypass": [[2], [0], [1]], "flush": [[1], [2], [0]],
        "unheld": [[1], [2], [0]], "mismatch": [[1], [0], [2]]}),
    "between": (["held"], ["merged"], {"bypass": [[1], [0, 2]]}),
    "again": (["held"], ["merged"], {"mismatch": [[0], [1, 2]]}),
}

PLACE_WORDS = {"second": "", "third": ", third of its flow",
               "beside": ", beside another flow",
               "between": ", between two that merge",
               "again": ", and on the one after"}


def placed(place, change, base):
    """The packets of a vector with `change` at this place."""
    if place == "third":
        return flow({}, {}, change, **base)
    if place == "beside":
        return another(size=4) + flow({}, change, **base)
    if place == "between" and change:
        return flow({}, change, **base) + flow({}, {}, **base)[1:]
    if place in ("between", "again"):
        return flow({}, change, change, **base)
    return flow({}, change, **base)


def fault(outcome, name, title, rule, change, base=None, place="second",
          **more):
    """One packet, at this place, has a fault, and `rule` refuses it."""
    base = {**SMALL, **(base or {})}
    fate, words = OUTCOMES[outcome]
    before, behind, of = PLACES[place]
    flags = side(more.pop("flags", ""), "refuses").strip()
    if place != "second":
        name += f"-{place}"
    add(name, f"{title}{PLACE_WORDS[place]}: {words}", rule, flags,
        placed(place, change, base), before + [f"{fate} {rule}"] + behind,
        of[outcome], **{"without": placed(place, {}, base), **more})


def faults(outcome, rule, cases, variants=(("", "", {}),), **more):
    """A vector for each case (id, title, change) in each variant (end of the
    id, end of the title, base).
    """
    for name, title, change in cases:
        for suffix, words, base in variants:
            fault(outcome, name + suffix, title + words, rule, change, base,
                  **more)


def everywhere(outcome, rule, name, title, change, base=None,
               places=("third", "beside", "between", "again"), **more):
    """The same fault at each place that is possible."""
    for place in places:
        if outcome in PLACES[place][2]:
            fault(outcome, name, title, rule, change, base, place, **more)


def first(name, title, rule, change, base=None, **more):
    """The first packet has a fault and passes; the second one is held."""
    base = {**SMALL, **(base or {})}
    add(f"{name}-first", f"{title}: it passes, the next one is held", rule,
        side(more.pop("flags", ""), "refuses").strip(),
        flow(change, {}, **base), [f"passed {rule}", "held"], [[0], [1]],
        **{"without": flow({}, {}, **base), **more})


def bits(name, words, width, usual, field):
    """Cases with one flipped bit of a field each."""
    return [(f"{name}-bit-{bit}", f"{words}: bit {bit} differs",
             {field: usual ^ 1 << bit}) for bit in range(width)]
