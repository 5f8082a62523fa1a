# SPDX-License-Identifier: MIT
"""SPEC.md section 1: bytes, 16-bit words and ones'-complement sums."""

REJECT, BYPASS, FLUSH = "reject", "bypass", "flush"     # outcomes


def u16(data, at):
    return int.from_bytes(data[at:at + 2], "big")


def u32(data, at):
    return int.from_bytes(data[at:at + 4], "big")


def put16(data, at, value):
    data[at:at + 2] = value.to_bytes(2, "big")


def put32(data, at, value):
    data[at:at + 4] = value.to_bytes(4, "big")


def sum_words(data):
    """The exact sum; an odd last byte is the high half of a word."""
    return 256 * sum(data[0::2]) + sum(data[1::2])


def fold(x):
    while x > 0xffff:
        x = (x & 0xffff) + (x >> 16)
    return x


def invert(x):
    """~x"""
    return x ^ 0xffff


def first(rules):
    """The first rule that holds, or None. Conditions are evaluated in turn,
    so that one may rely on those before it."""
    for rule, holds in rules:
        if holds:
            return rule
    return None
