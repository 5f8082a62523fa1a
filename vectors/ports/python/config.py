# SPDX-License-Identifier: MIT
"""SPEC.md section 2: profiles, and the configuration of a table."""

from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace

from ip import UDP
from link import ETHERNET_LENGTH, GRO_TAGS, SPLIT_TAGS
from tunnel import ends

NAMES = ("linux-6.1", "linux-6.12", "linux-6.16", "linux-6.18", "linux-7.2")
ALIASES = {"linux-7.3": "linux-7.2:checks_tunnel_length=yes"}

COLUMNS = {
    "min_tcp_gso_size":  (8,     8,     0,     0,     8),
    "takes_uso":         (False, True,  True,  True,  True),
    "checks_csum_start": (False, True,  True,  True,  True),
    "dissects":          (False, False, False, False, True),
    "refuses_cwr":       (True,  True,  True,  True,  False),
    "compares_cwr":      (False, False, True,  True,  True),
    "shows_cwr":         (True,  True,  False, False, False),
    "fixed_id_needs_df": (True,  True,  True,  False, False),
    "max_udp_segments":  (64,    64,    64,    64,    64),
    "strips_jumbo":      (True,  True,  True,  True,  False),
    "probes_tcp":        (False, False, False, False, False),
    "takes_tunnels":     (False, False, False, True,  True),
    "counts_unread":     (False, False, True,  True,  True),
    "big_ip4":           (False, True,  True,  True,  True),
    "lists_tcp":         (False, True,  True,  True,  True),
    "flushed_beside":    (False, True,  True,  True,  True),
    "checks_tunnel_length": (False, False, False, False, False),
}

# The values of a column by their spelling.
FLAG = {"no": False, "yes": True}
VALUES = {**dict.fromkeys(COLUMNS, FLAG),
          "min_tcp_gso_size": {"0": 0, "8": 8},
          "max_udp_segments": {"64": 64}}

ROWS = {name: dict(zip(COLUMNS, row))
        for name, row in zip(NAMES, zip(*COLUMNS.values()))}

PROFILES = {name: SimpleNamespace(**row) for name, row in ROWS.items()}


def changes(row, base):
    """The columns of the row that differ from those of the base."""
    return [column for column in COLUMNS if row[column] != base[column]]


def name_of(row):
    """The only name of this profile. min() takes the first of equals."""
    base = min(NAMES, key=lambda name: len(changes(row, ROWS[name])))
    words = [f"{column}={word}" for column in changes(row, ROWS[base])
             for word, value in VALUES[column].items()
             if value == row[column]]
    return ":".join([base, ",".join(words)][:1 + bool(words)])


def profile_of(name):
    """The profile with this name; None if there is none."""
    name = ALIASES.get(name, name)
    base, colon, text = name.partition(":")
    if not colon:
        return PROFILES.get(name)
    row = dict(ROWS.get(base, {}))
    for change in text.split(","):
        column, _, word = change.partition("=")
        if column not in row or word not in VALUES[column]:
            return None
        row[column] = VALUES[column][word]
    return SimpleNamespace(**row) if name_of(row) == name else None


@dataclass
class Config:
    profile: SimpleNamespace
    max_flows: int = 8
    udp: bool = True
    csum: str = "verify"    # or "trusted"
    mode: str = "linux"     # or "lossless"
    link: str = "none"      # or "ethernet"
    tunnels: tuple = ()
    vnet_len: int = 10
    max_bytes: int = 65535
    fraglist: bool = False
    hash: bool = False

    @property
    def lossless(self):
        return self.mode == "lossless"

    @cached_property
    def ethernet(self):
        return self.link == "ethernet"

    @cached_property
    def link_length(self):
        return ETHERNET_LENGTH if self.ethernet else 0

    @cached_property
    def most_tags(self):
        """Section 4: how many VLAN tags are passed."""
        return SPLIT_TAGS if self.lossless else GRO_TAGS

    def makes_list(self, packet):
        """Section 8, "Lists": it is coalesced into a list."""
        return self.fraglist and (packet.protocol == UDP
                                  or self.profile.lists_tcp)

    @property
    def has_pppoe(self):
        """Section 4, "PPPoE"""
        return "pppoe" in self.tunnels

    @property
    def all_are_told(self):
        """Section 11: virtio headers tell of all tunnels, as it needs."""
        return (self.ethernet and self.can_tell
                and self.profile.checks_csum_start
                and all(":" in tunnel for tunnel in self.tunnels))

    @cached_property
    def ends(self):
        """Section 5, of tunnels"""
        return ends(self.tunnels)

    @cached_property
    def unread(self):
        """Section 3"""
        if self.profile.counts_unread and not self.can_tell:
            return self.vnet_len - 10
        return 0

    @cached_property
    def can_tell(self):
        """Section 3: a header can tell of a tunnel."""
        return self.profile.takes_tunnels and self.vnet_len == 24
