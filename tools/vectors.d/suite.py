# SPDX-License-Identifier: MIT
"""How the files of rules/ say what goes in, and by which rule each packet must
do what. An expected fate is "held", "merged", "passed" or "rejected" and, if a
rule kept the packet from merging, its id.
"""

from packet import DESTINATION, UDP, packet

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

# A TCP super-packet of three segments, and a UDP one.
TCP_GSO = {"flags": 1, "gso_type": 1, "hdr_len": 40, "gso_size": 100,
           "csum_start": 20, "csum_offset": 16}
UDP_GSO = {**TCP_GSO, "gso_type": 5, "hdr_len": 28, "csum_offset": 6}

OPTION = bytes([0, 1, 4, 0, 0, 0, 0])  # one PadN, a header of 8 bytes

TIMESTAMPS = b"\x01\x01\x08\x0a\0\0\0\x01\0\0\0\x02"

# Whole extension headers before byte 65472, and the last one before it.
FAR = [(DESTINATION, b"\xff" + bytes(2046))] * 31 + [
    (DESTINATION, bytes([242]) + bytes(1942))]
NEAR = FAR[:-1] + [(DESTINATION, bytes([241]) + bytes(1934))]
FAR6 = {**IP6, "size": 10, "extensions": FAR}

SUITES = {}


def begin(name):
    """The suite that the next vectors belong to."""
    global CURRENT
    CURRENT = SUITES.setdefault(name, [])



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


def zero_checksum(**fields):
    """An identification with which the IPv4 header checksum is 0."""
    for number in range(65536):
        if packet(id=number, **fields)[10:12] == b"\0\0":
            return number
    raise ValueError(fields)


def add(name, title, rules, flags, inputs, fates, of, config=None,
        profile="linux-6.18"):
    """A vector: under `profile` the packets meet `fates`, and what leaves
    consists of the packets `of`, in order.
    """
    CURRENT.append({
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
