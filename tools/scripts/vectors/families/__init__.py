# SPDX-License-Identifier: MIT
"""Thousands of vectors: all combinations of a few parts."""

from scripts.vectors.families.expand import SUITES

NAMES = ("fields", "sequences", "headers", "limits")

NOTES = {
    "fields": {
        "about": "Two packets of one flow with every two settings of "
                 "different header fields.",
        "effect": "What is compared with the wrong packet, or only if "
                  "something else is equal, shows in two fields at once."},
    "sequences": {
        "about": "A sequence of a few kinds of packets.",
        "effect": "What one packet leaves behind in the table is taken for "
                  "the next one's."},
    "headers": {
        "about": "A super-packet with every two settings of different fields "
                 "of its virtio header.",
        "effect": "A header that is taken on trust lets a guest name lengths "
                  "that the packet does not have."},
    "limits": {
        "about": "A length, an offset or a number on both sides of its limit, "
                 "and often each value there is.",
        "effect": "A limit that is off by one loses merges, makes what a "
                  "kernel refuses, or reads behind the packet."},
}

__all__ = ["NAMES", "NOTES", "SUITES"]
