# SPDX-License-Identifier: MIT
"""The vectors of SPEC.md's rules, a suite a file, in the order of SPEC.md."""

from scripts.vectors.suite import NOTES, SUITES

NAMES = ("vnet", "header", "in", "link", "tag", "pppoe", "tunnel", "ip4", "ip6",
         "tcp", "udp", "key", "hash", "limits", "big", "list", "end", "out", "lossless", "gso",
         "peers")

__all__ = ["NAMES", "NOTES", "SUITES"]
