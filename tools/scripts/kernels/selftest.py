# SPDX-License-Identifier: MIT
"""Writes vectors as a test of the kernel's own, in one file of C."""

import pathlib

from scripts import command, outfile, profiles, stored
from scripts.vectors import confirmed

TEMPLATE = pathlib.Path(__file__).with_name("selftest.c.in")
VECTORS = profiles.ROOT / "vectors/rules"

# What the file may have. A poll of a kernel has up to 64 packets.
MAX_LINES = 999
MAX_PACKETS = 12
MAX_BYTES = 512

WIDTH = 100
INDENT = 16  # columns of two tabs

# The names of headers in the file.
NONE = bytes(10).hex()
NAMES = {NONE: "NONE", "02" + NONE[2:]: "VALID"}
FIELDS = (("flags", 1), ("gso_type", 1), (None, 2), ("gso_size", 2),
          ("csum_start", 2), ("csum_offset", 2))


def header(vnet):
    """The digits of a virtio header without hdr_len."""
    return "".join(vnet.get(name, 0).to_bytes(size, "little").hex()
                   for name, size in FIELDS)


def whole(output, packets):
    """The bytes of an output."""
    if "packet" in output:
        return output["packet"]
    return output["header"] + "".join(
        packets[index][2 * at:2 * (at + size)]
        for index, at, size in output["payload"])


def inputs(vector):
    """The packets of a vector, each with the digits of its header; None if it
    has more than one poll.
    """
    packets = [item for item in vector["input"] if "packet" in item]
    if vector["input"][:len(packets)] != packets:
        return None
    return [(item.get("vnet", NONE), item["packet"]) for item in packets]


def outputs(vector):
    """What leaves on every kernel; None if kernels differ."""
    answers = [confirmed.answer(vector["expect"], profile)
               for profile in vector["expect"]]
    if any(answer["output"] != answers[0]["output"] for answer in answers):
        return None
    packets = [packet for _, packet in inputs(vector)]
    return [(header(output.get("vnet", {})), whole(output, packets))
            for output in answers[0]["output"]]


def fits(vector):
    """Whether the test can ask this vector, and kernels of all rows did."""
    if vector["op"] != "gro" or vector["config"] or confirmed.lacks(vector):
        return False
    if confirmed.MODEL in vector["confirmed"] or inputs(vector) is None:
        return False
    left = outputs(vector)
    return left is not None and len(vector["input"]) <= MAX_PACKETS and all(
        len(packet) <= 2 * MAX_BYTES for _, packet in inputs(vector) + left)


def size(vector):
    return sum(map(len, map(str, inputs(vector) + outputs(vector))))


def chosen(vectors):
    """The smallest vector for each rule and each side of it. Those that show a
    refusal come first.
    """
    order = [rule.id for rule in profiles.rules()
             if rule.id.startswith("GRO-")]
    for side in ("refuses", "allows"):
        best = {}
        for vector in vectors:
            rule = vector["rules"][0]
            if side in vector["flags"] and rule in order:
                best[rule] = min(best.get(rule, vector), vector, key=size)
        yield from (best[rule] for rule in order if rule in best)


def packet_lines(one):
    """A packet as the initializer of struct packet."""
    vnet, digits = one
    head = f"{{ {NAMES.get(vnet) or chr(34) + vnet + chr(34)}, "
    room = WIDTH - INDENT - len('"" },')
    first = room - len(head)
    parts = [digits[:first]]
    parts += [digits[at:at + room - 2]
              for at in range(first, len(digits), room - 2)]
    text = "\n\t\t  ".join(f'"{part}"' for part in parts)
    return f"\t\t{head}{text} }},\n"


def test(vector):
    """A vector as the initializer of struct test."""
    name = f"{vector['id']}: {vector['title']}"
    return (f'\t{{ "{name}", {{\n'
            + "".join(map(packet_lines, inputs(vector))) + "\t}, {\n"
            + "".join(map(packet_lines, outputs(vector))) + "\t} },\n")


def text(vectors):
    """The whole file, with as many vectors as its length allows."""
    template = TEMPLATE.read_text(encoding="utf-8")
    template = template.replace("@MAX_PACKETS@", str(MAX_PACKETS))
    room = MAX_LINES - template.count("\n")
    tests = []
    for vector in chosen([one for one in vectors if fits(one)]):
        lines = test(vector)
        if lines.count("\n") <= room:
            room -= lines.count("\n")
            tests.append(lines)
    if not tests:
        raise command.Problem(f"{VECTORS}: no vector for the test; restore it")
    return template.replace("@TESTS@", "".join(tests))


def write(path):
    """Writes the file; returns the number of its lines and of its tests."""
    vectors = [vector for file in sorted(VECTORS.glob("*.json"))
               for vector in stored.load(file)["vectors"]]
    made = text(vectors)
    outfile.write(path, made.encode(),
                  "make room or a way to write there, or choose another file")
    return made.count("\n"), made.count("\n\t{ ")
