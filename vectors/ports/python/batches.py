# SPDX-License-Identifier: MIT
"""The batches of vectors/accumulated/README.md."""

from types import SimpleNamespace as Flow

from words import fold, invert, put16, put32, sum_words, u16, u32

PORTS, A = "1f000050", "fd" + 29 * "0" + "1fd" + 29 * "0" + "2"
V4, V4_DF, V6, EXTENSION, *L4S = map(bytes.fromhex, (
    "45020000fffd0000400000000a0000010a000002",
    "45020000fffd4000400000000a0000010a000002",
    "6021234500003c40" + A,
    "3c00010400000000",
    PORTS + "00000000",
    PORTS + "ffffff80123456785010432100000000",
    PORTS + "ffffff80123456785090432100000000",
    PORTS + "ffffff801234567880104321000000000101080a0000000100000002"))
IPS = ((V4, 19), (V4_DF, 19), (V6, 16), (V6 + EXTENSION, 50),
       (V6 + EXTENSION + EXTENSION, 58))


def numbers(state):
    """SplitMix64"""
    def pick(n):
        nonlocal state
        state = (state + 0x9e3779b97f4a7c15) % 2**64
        z = (state ^ state >> 30) * 0xbf58476d1ce4e5b9 % 2**64
        z = (z ^ z >> 27) * 0x94d049bb133111eb % 2**64
        return (z ^ z >> 31) % n
    return pick


def batch(op, number):
    """Packets, each behind its virtio header, and None where a poll ends."""
    pick, entries = numbers(number), []
    faults = pick(8) if op == "gro" else 12
    flows = [new_flow(pick, k) for k in range(1 + pick(1 + pick(12)))]
    for _ in range(1 + pick(16) + 64 * (pick(64) == 0)):
        entries.append(packet(pick, flows[pick(len(flows))], faults))
        if pick(32) < faults:
            entries.append(None)
    return entries if op == "gro" else entries[:1]


def new_flow(pick, k):
    (ip, next_at), l4 = IPS[pick(5)], L4S[pick(4)]
    f = Flow(h=bytearray(10) + ip + l4, l4=10 + len(ip), size=pick(64))
    f.ip4, f.udp, f.step = len(ip) == 20, len(l4) == 8, pick(2)
    f.protocol, f.check = (17, f.l4 + 6) if f.udp else (6, f.l4 + 16)
    f.gso_type = 5 if f.udp else (1 if f.ip4 else 4) + (l4[13] & 0x80)
    f.h[next_at], f.h[f.l4 + 1] = f.protocol, k
    f.h[4], f.h[6], f.h[8] = f.size, f.l4 - 10, f.check - f.l4
    return f


def packet(pick, f, faults):
    kind = pick(4) if pick(16) < faults else 0
    n = pick(256) if kind > 1 or pick(16) < faults else f.size
    p = f.h + bytes(128 + pick(128) for _ in range(n))
    put16(f.h, 14, (u16(f.h, 14) + f.step) % 2**16)
    put32(f.h, f.l4 + 4, (u32(f.h, f.l4 + 4) + n) % 2**32)
    p[0], p[1] = kind % 2, kind // 2 * f.gso_type
    put16(p, *((12, len(p) - 10) if f.ip4 else (14, len(p) - 50)))
    if f.udp:
        put16(p, f.l4 + 4, len(p) - f.l4)
    if pick(16) < faults:
        at = pick(len(f.h))
        bits = (0, 7) if at in (1, 16 + 3 * f.ip4, 50, 51, 58) else range(8)
        p[at] ^= 1 << bits[pick(len(bits))]
    if f.ip4:
        put16(p, 20, invert(fold(sum_words(p[10:30]))))
    pseudo = sum_words(p[22:30] if f.ip4 else p[18:50]) + f.protocol
    put16(p, f.check, fold(pseudo + len(p) - f.l4))
    if kind % 2 == 0:
        put16(p, f.check, invert(fold(sum_words(p[f.l4:]))))
    if pick(32) < faults:
        put16(p, (4, 20, f.check)[pick(3)], 0xffff * pick(2))
    return p[:max(10, pick(len(f.h)))] if pick(32) < faults else p
