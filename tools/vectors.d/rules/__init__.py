# SPDX-License-Identifier: MIT
"""The vectors of SPEC.md's rules, a suite a file, in the order of SPEC.md."""

import importlib

from suite import SUITES

for name in ("vnet", "in", "ip4", "ip6", "tcp", "udp", "key", "limits", "end",
             "out", "lossless", "gso"):
    importlib.import_module(f"rules.{name}")

__all__ = ["SUITES"]
