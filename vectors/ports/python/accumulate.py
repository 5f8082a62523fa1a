# SPDX-License-Identifier: MIT
"""python3 accumulate.py N: the lines of vectors/accumulated/SHA256SUMS for N
batches."""

import hashlib
import struct
import sys

from batches import batch
from config import PROFILES, Config
from layered import TUNNELS_OF, VNET_LENGTH, layered_batch
from split import split
from table import Table
from vnet import Vnet

MARK = struct.pack("<I", 0xffffffff)


def record(vnet, data, vnet_len):
    fields = struct.pack("<BBHHHH", *list(vnet.fields().values())[:6])
    if vnet_len == 24:
        fields += struct.pack("<10xHH", vnet.outer_th_offset,
                              vnet.inner_nh_offset)
    return struct.pack("<I", len(data)) + fields + data


def received(packet, vnet_len):
    """What a table is given, or None where a poll ends."""
    return packet and (Vnet.from_wire(packet[:vnet_len]),
                       bytes(packet[vnet_len:]))


def inputs(vnet_len):
    def answer(entries):
        records = [MARK if entry is None else record(*entry, vnet_len)
                   for entry in entries]
        return struct.pack("<I", len(records)) + b"".join(records)
    return answer


def outputs(packets, vnet_len):
    records = [record(vnet.but(hdr_len=0), data, vnet_len)
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
        return outputs(table.to_write, config.vnet_len)
    return answer


def gso(config):
    def answer(entries):
        vnet, data = entries[0]
        segments = split(data, vnet, config)
        return MARK if segments is None else outputs(segments, config.vnet_len)
    return answer


def layered(profile, mode):
    return Config(profile, mode=mode, link="ethernet",
                  tunnels=TUNNELS_OF[mode],
                  vnet_len=VNET_LENGTH if profile.takes_tunnels else 10)


def answers():
    """Name, kind of batches, and what makes bytes of the entries of one."""
    for op in "gro", "gso":
        yield f"{op}-inputs", op, inputs(10)
    yield "layers-inputs", "layers", inputs(VNET_LENGTH)
    for name, profile in PROFILES.items():
        yield f"gro-{name}", "gro", gro(Config(profile))
        yield (f"gro-{name}-lossless", "gro",
               gro(Config(profile, mode="lossless")))
        yield f"gso-{name}", "gso", gso(Config(profile))
        yield f"layers-{name}", "layers", gro(layered(profile, "linux"))
        lossless = layered(profile, "lossless")
        if lossless.all_are_told:
            yield f"layers-{name}-lossless", "layers", gro(lossless)


BATCHES = {"gro": (lambda number: batch("gro", number), 10),
           "gso": (lambda number: batch("gso", number), 10),
           "layers": (layered_batch, VNET_LENGTH)}


def main():
    count = int(sys.argv[1])
    streams = [(name, kind, answer, hashlib.sha256())
               for name, kind, answer in answers()]
    for kind, (make, vnet_len) in BATCHES.items():
        for number in range(count):
            entries = [received(packet, vnet_len) for packet in make(number)]
            for _, its_kind, answer, digest in streams:
                if its_kind == kind:
                    digest.update(answer(entries))
    for name, _, _, digest in streams:
        print(f"{digest.hexdigest()}  {name}-{count}")


if __name__ == "__main__":
    main()
