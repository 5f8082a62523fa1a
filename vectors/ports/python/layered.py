# SPDX-License-Identifier: MIT
"""The batches with layers of vectors/accumulated/README.md."""

from types import SimpleNamespace as Level

from batches import L4S, V4, V4_DF, V6, numbers
from words import fold, invert, put16, put32, sum_words, u16, u32

TUNNELS_OF = {"linux": ("ipip", "gre", "vxlan:4789", "vxlan-gpe:4790",
                        "geneve:6081"),
              "lossless": ("vxlan:4789", "vxlan-gpe:4790", "geneve:6081")}
VNET_LENGTH = 24
FRAME = "020000000004020000000003"
VXLAN = "c00012b5000000000800000000002a00" + FRAME
GPE = "c00012b6000000000c0000"
GENEVE = "c00017c1000000000000655800002a00" + FRAME

# The protocol and the bytes, with IPv4 inside and with IPv6 inside.
TUNNELS = [[(protocol, bytes.fromhex(text)) for protocol, text in row] for row in (
    ((4, ""), (41, "")),
    ((47, "200008000000002a"), (47, "200086dd0000002a")),
    ((17, VXLAN + "0800"), (17, VXLAN + "86dd")),
    ((17, GPE + "0100002a00"), (17, GPE + "0200002a00")),
    ((17, GENEVE + "0800"), (17, GENEVE + "86dd")))]


def layered_batch(number):
    """Packets, each behind its virtio header, and None where a poll ends."""
    pick, entries = numbers(number), []
    faults = pick(4)
    flows = [new_flow(pick, k) for k in range(1 + pick(4))]
    for _ in range(1 + pick(24)):
        frame = packet(pick, flows[pick(len(flows))], faults)
        entries.append(bytes(VNET_LENGTH) + frame)
        if pick(64) < faults:
            entries.append(None)
    return entries


def new_flow(pick, k):
    tunnel, outer, inner, choice = pick(8), pick(3), pick(3), pick(3)
    f = Level(size=12 + pick(64), levels=[],
              h=bytearray.fromhex("020000000002020000000001"))
    over_udp = tunnel > 4
    f.step = 1 if over_udp else pick(2)
    if not over_udp:
        tags = ("", "81000065", "88a8006481000065")[choice]
        f.h += bytes.fromhex(tags)
    f.h += bytes.fromhex("86dd" if outer == 2 else "0800")
    last = add_ip(f, outer)
    if tunnel > 2:
        last.protocol, own = TUNNELS[tunnel - 3][inner == 2]
        f.h += own
        last.check = last.l4 + 6 if over_udp and choice else 0
        last = add_ip(f, inner)
    l4 = L4S[(0, 1, 3)[pick(3)]]
    udp = len(l4) == 8
    last.protocol, last.check = (17, last.l4 + 6) if udp else (6, last.l4 + 16)
    f.h += l4
    f.h[last.l4 + 1] = k
    for level in f.levels:
        f.h[level.ip + (9 if level.ip4 else 6)] = level.protocol
    return f


def add_ip(f, n):
    level = Level(ip=len(f.h), ip4=n < 2)
    f.h += (V4, V4_DF, V6)[n]
    level.l4 = len(f.h)
    f.levels.append(level)
    return level


def packet(pick, f, faults):
    n = 12 + pick(244) if pick(16) < faults else f.size
    p = f.h + bytes(128 + pick(128) for _ in range(n))
    advance(f, n)
    for level in f.levels:
        put_lengths(level, p)
    if pick(16) < faults:
        at = pick(len(f.h))
        p[at] ^= 1 << pick(8)
    for level in reversed(f.levels):
        put_checksums(level, p)
    if pick(32) < faults:
        put16(p, f.levels[-1].check, 0xffff * pick(2))
    return p[:22 + pick(len(f.h) - 22)] if pick(32) < faults else p


def advance(f, n):
    for level in f.levels:
        if level.ip4:
            at = level.ip + 4
            put16(f.h, at, (u16(f.h, at) + f.step) % 2**16)
    at = f.levels[-1].l4 + 4
    put32(f.h, at, (u32(f.h, at) + n) % 2**32)


def put_lengths(level, p):
    if level.ip4:
        put16(p, level.ip + 2, len(p) - level.ip)
    else:
        put16(p, level.ip + 4, len(p) - level.l4)
    if level.protocol == 17:
        put16(p, level.l4 + 4, len(p) - level.l4)


def put_checksums(level, p):
    ip, l4 = level.ip, level.l4
    if level.ip4:
        put16(p, ip + 10, invert(fold(sum_words(p[ip:ip + 20]))))
    if level.check:
        pseudo = sum_words(p[ip + (12 if level.ip4 else 8):l4])
        put16(p, level.check, fold(pseudo + level.protocol + len(p) - l4))
        put16(p, level.check, invert(fold(sum_words(p[l4:]))))
