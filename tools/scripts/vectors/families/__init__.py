# SPDX-License-Identifier: MIT
"""Thousands of vectors: all combinations of a few parts."""

from scripts.vectors.families.expand import SUITES

NAMES = ("fields", "sequences", "headers", "limits")

NOTES = {
    "fields": {
        "about": "Two packets of one flow with each pair of settings of two "
                 "different header fields.",
        "effect": "Two fields at once show a comparison with the wrong "
                  "packet, or one that is made only if another field is "
                  "equal."},
    "sequences": {
        "about": "A sequence of a few kinds of packets.",
        "effect": "State that one packet leaves in the table is used for the "
                  "next packet."},
    "headers": {
        "about": "A super-packet with each pair of settings of two different "
                 "fields of its virtio header.",
        "effect": "If the header is not checked, a guest can claim lengths "
                  "that the packet does not have."},
    "limits": {
        "about": "A length, an offset or a number on both sides of its limit, "
                 "and often every possible value.",
        "effect": "A limit that is off by one loses merges, makes "
                  "super-packets that a kernel refuses, or reads beyond the "
                  "packet."},
}

__all__ = ["NAMES", "NOTES", "SUITES"]
