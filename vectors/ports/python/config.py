# SPDX-License-Identifier: MIT
"""SPEC.md section 2: profiles, and the configuration of a table."""

from dataclasses import dataclass
from types import SimpleNamespace

NAMES = ("linux-6.1", "linux-6.12", "linux-6.18", "linux-7.2")

COLUMNS = {
    "min_tcp_gso_size":  (8,     8,     0,     8),
    "takes_uso":         (False, True,  True,  True),
    "checks_csum_start": (False, True,  True,  True),
    "dissects":          (False, False, False, True),
    "refuses_cwr":       (True,  True,  True,  False),
    "compares_cwr":      (False, False, True,  True),
    "shows_cwr":         (True,  True,  False, False),
    "fixed_id_needs_df": (True,  True,  False, False),
    "max_udp_segments":  (64,    64,    64,    64),
    "strips_jumbo":      (True,  True,  True,  False),
}

PROFILES = {name: SimpleNamespace(**dict(zip(COLUMNS, column)))
            for name, column in zip(NAMES, zip(*COLUMNS.values()))}


@dataclass
class Config:
    profile: SimpleNamespace
    max_flows: int = 8
    udp: bool = True
    csum: str = "verify"    # or "trusted"
    mode: str = "linux"     # or "lossless"

    @property
    def lossless(self):
        return self.mode == "lossless"
