# SPDX-License-Identifier: MIT
"""python3 accumulate.py N: the lines of vectors/accumulated/SHA256SUMS for N
batches."""

import hashlib
import struct
import sys

from batches import batch
from config import PROFILES, Config
from split import split
from table import Table
from vnet import Vnet

MARK = struct.pack("<I", 0xffffffff)


def record(vnet, data):
    return struct.pack("<IBBHHHH", len(data), *vnet.fields().values()) + data


def received(packet):
    """What a table is given, or None where a poll ends."""
    return packet and (Vnet.from_wire(packet[:10]), bytes(packet[10:]))


def inputs(entries):
    records = [MARK if entry is None else record(*entry) for entry in entries]
    return struct.pack("<I", len(records)) + b"".join(records)


def outputs(packets):
    records = [record(vnet.but(hdr_len=0), data)
               for vnet, data, *_ in packets]
    return struct.pack("<I", len(records)) + b"".join(records)


def gro(config):
    def answer(entries):
        table = Table(config)
        for entry in entries:
            if entry is None:
                table.flush()
            else:
                vnet, data = entry
                table.receive(data, vnet)
        table.flush()
        return outputs(table.to_write)
    return answer


def gso(config):
    def answer(entries):
        vnet, data = entries[0]
        segments = split(data, vnet, config)
        return MARK if segments is None else outputs(segments)
    return answer


def answers():
    """Name, op, and what makes bytes of the entries of a batch."""
    for op in "gro", "gso":
        yield f"{op}-inputs", op, inputs
    for name, profile in PROFILES.items():
        yield f"gro-{name}", "gro", gro(Config(profile))
        yield (f"gro-{name}-lossless", "gro",
               gro(Config(profile, mode="lossless")))
        yield f"gso-{name}", "gso", gso(Config(profile))


def main():
    count = int(sys.argv[1])
    streams = [(name, op, answer, hashlib.sha256())
               for name, op, answer in answers()]
    for op in "gro", "gso":
        for number in range(count):
            entries = [received(packet) for packet in batch(op, number)]
            for _, its_op, answer, digest in streams:
                if its_op == op:
                    digest.update(answer(entries))
    for name, _, _, digest in streams:
        print(f"{digest.hexdigest()}  {name}-{count}")


if __name__ == "__main__":
    main()
