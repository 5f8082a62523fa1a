# SPDX-License-Identifier: MIT
"""The batches of vectors/accumulated/README.md."""

import struct
from types import SimpleNamespace

from words import fold, invert, put16, put32, sum_words, u16, u32

A = "fd" + 29 * "0" + "1" + "fd" + 29 * "0" + "2"
IPS = [(bytes.fromhex(text), next_at) for text, next_at in (
    ("45020000fffd0000400000000a0000010a000002", 9),
    ("45020000fffd4000400000000a0000010a000002", 9),
    ("6021234500000040" + A, 6),
    ("6021234500000040" + A + "0000010400000000", 40),
    ("6021234500003c40" + A + "2b000104000000000000010400000000", 48))]
U, T, O, C = (bytes.fromhex("1f000050" + text) for text in (
    "00000000",
    "ffffff80123456785010432100000000",
    "ffffff801234567880104321000000000101080a0000000100000002",
    "ffffff80123456785090432100000000"))
FAULTS = (6 * ["FLIP"] + ["FLAGS", "SIZE"] + 3 * ["CUT"] + ["PAD", "ZERO"]
          + 3 * ["VNET"])


class Numbers:
    def __init__(self, state):
        self.state = state

    def next(self):
        """SplitMix64"""
        self.state = z = (self.state + 0x9e3779b97f4a7c15) % 2**64
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 % 2**64
        z = (z ^ z >> 27) * 0x94d049bb133111eb % 2**64
        return z ^ z >> 31

    def pick(self, n):
        return self.next() % n

    def any(self, *choices):
        return choices[self.pick(len(choices))]


def batch(op, number):
    """A list of (bytes, virtio header), and of None where a poll ends."""
    r, entries, gro = Numbers(number), [], op == "gro"
    faults = r.pick(4) if gro else 6
    last = r.any(0, 0, 1, 2, 11) if gro else 0
    flows = [new_flow(r, k) for k in range(last + 1)]
    packets = 1
    if gro:
        packets += r.pick(16)
        packets += 0 if r.pick(64) else 64
    for _ in range(packets):
        flow = r.any(*flows)
        fault = r.any(*FAULTS) if r.pick(8) < faults else None
        odd = not gro or fault == "VNET" or r.pick(16) < faults
        kind = r.any("CSUM", "SUPER", "SUPER", "LAZY") if odd else "PLAIN"
        entries.append(packet(r, flow, kind, fault))
        if gro and r.pick(16) < faults:
            entries.append(None)
    return entries


def new_flow(r, k):
    (ip, next_at), transport = r.any(*IPS), r.any(U, U, U, T, T, T, O, O, O, C)
    f = SimpleNamespace(h=bytearray(ip + transport), l4=len(ip))
    f.ip4, f.tcp = len(ip) == 20, len(transport) > 8
    f.h[next_at], f.h[f.l4 + 1] = 6 if f.tcp else 17, k
    f.size, f.step = 1 + r.pick(r.any(8, 64)), r.any(1, 1, 1, 0)
    f.check = f.l4 + (16 if f.tcp else 6)
    return f


def packet(r, f, kind, fault):
    """Its bytes, and those of its virtio header."""
    gso = kind in ("SUPER", "LAZY")
    n = (r.pick(256) if gso else
         r.pick(2 * f.size) if fault == "SIZE" else f.size)
    fill = r.pick(128)
    p = f.h + bytes(128 + (fill + i) % 128 for i in range(n))
    if f.ip4:
        put(f.h, 4, u16(f.h, 4) + f.step)
    if f.tcp:
        put32(f.h, f.l4 + 4, (u32(f.h, f.l4 + 4) + n) % 2**32)
    when = r.pick(3)
    if when == 0:
        damage(r, f, fault, p)
    put(p, *((2, len(p)) if f.ip4 else (4, len(p) - 40)))
    if not f.tcp:
        put(p, f.l4 + 4, len(p) - f.l4)
    if when == 1:
        damage(r, f, fault, p)
    put_checksums(f, kind, p)
    if when == 2:
        damage(r, f, fault, p)
    w = [0, 0, 0, 0, 0]
    if kind in ("CSUM", "SUPER"):
        w = [1, len(f.h), 0, f.l4, f.check - f.l4]
    if gso:
        gso_type = 5
        if f.tcp:
            gso_type = (1 if f.ip4 else 4) + (f.h[f.l4 + 13] & 0x80)
        w[0] += 256 * gso_type
        w[2] = f.size
    if fault == "VNET":
        i = r.pick(5)
        flipped = w[i] ^ 1 << r.pick(16)
        w[i] = r.any(0, 0xffff, flipped, flipped)
        if w[0] // 256 % 128 == 3:
            w[0] ^= 256
    return bytes(p), struct.pack("<5H", *w)


def put_checksums(f, kind, p):
    if f.ip4 and len(p) >= 20:
        put(p, 10, 0)
        put(p, 10, invert(fold(sum_words(p[:20]))))
    if len(p) < f.check + 2:
        return
    put(p, f.check, 0)
    s = sum_words(p[12:20] if f.ip4 else p[8:40])
    s += (6 if f.tcp else 17) + len(p) - f.l4
    if kind in ("PLAIN", "LAZY"):
        s = invert(fold(s + sum_words(p[f.l4:])))
        if s == 0 and not f.tcp:
            s = 0xffff
    put(p, f.check, fold(s))


def damage(r, f, fault, p):
    if fault == "FLIP":
        flip(r, f, p, r.pick(len(f.h)))
    elif fault == "FLAGS":
        flip(r, f, p, f.l4 + 13)
    elif fault == "ZERO":
        a, b = r.any((4, 10), (f.l4, f.check))
        put(p, a, fold(u16(p, a) + u16(p, b)))
        put(p, b, r.any(0, 0xffff))
    elif fault == "CUT":
        del p[r.pick(f.l4 + 32):]
    elif fault == "PAD":
        p += bytes(1 + r.pick(8))


def flip(r, f, p, at):
    bit = r.pick(8)
    if at in ((9,) if f.ip4 else (6, 40, 41, 48)):
        bit = 0
    if at < len(p):
        p[at] ^= 1 << bit


def put(p, at, value):
    """Writes 16 bits, if they lie inside of p."""
    if at + 2 <= len(p):
        put16(p, at, value % 2**16)
