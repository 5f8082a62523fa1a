# SPDX-License-Identifier: MIT
"""The flow."""

from packet import DESTINATION, HOP_BY_HOP
from suite import (FAR6, IP6, NEAR, NO_KERNEL, OPTION, UDP4, add, begin, flow,
                   merge)

begin("key")

def separate(name, title, rule, change, base=None, **more):
    """Between two packets of a flow comes one of another flow."""
    flags = "merge deviation" if "config" in more else "merge"
    add(name, title, rule, flags, flow({}, change, **(base or {}))
        + flow({}, {}, **(base or {}))[1:], ["held", "held", "merged"],
        [[0, 2], [1]], **more)


for name, title, change in (
        ("key-ip4", "Another source port", {"source_port": 40001}),
        ("key-ip4-destination-port", "Another destination port",
         {"destination_port": 444}),
        ("key-ip4-source", "Another source address", {"source": "192.0.2.3"}),
        ("key-ip4-destination", "Another destination address",
         {"destination": "198.51.100.3"}),
        ("key-ip4-protocol", "UDP between the same ports", UDP4)):
    separate(name, title + " is another flow", "GRO-KEY-001", change)
for name, title, change in (
        ("key-ip6", "Another flow label", {"flow_label": 1}),
        ("key-ip6-port", "Another source port", {"source_port": 40001}),
        ("key-ip6-source", "Another source address",
         {"source": "2001:db8::3"}),
        ("key-ip6-destination", "Another destination address",
         {"destination": "2001:db8::3"}),
        ("key-ip6-extension", "An extension header",
         {"extensions": [(HOP_BY_HOP, OPTION)]})):
    separate(name, title + " is another flow", "GRO-KEY-002", change, IP6)
separate("key-ip6-extension-differs", "Another byte in an extension header is "
         "another flow", "GRO-KEY-002",
         {"extensions": [(DESTINATION, OPTION[:-1] + b"\x01")]},
         {**IP6, "extensions": [(DESTINATION, OPTION)]})
separate("key-ip6-extension-number", "The same bytes as another extension "
         "header are another flow", "GRO-KEY-002",
         {"extensions": [(HOP_BY_HOP, OPTION)]},
         {**IP6, "extensions": [(DESTINATION, OPTION)]})

# Read as IPv4, this address has protocol 6 and the usual IPv4 addresses.
separate("key-version", "K-1: an IPv4 packet is of no IPv6 flow",
         "GRO-KEY-001", {"version": 4, "source": "192.0.2.1"},
         {**IP6, "source": "2006:0:c000:201:c633:6402::1"}, config=NO_KERNEL)

add("key-far", "TCP behind byte 65470 has no flow: both are held, and leave "
    "unmerged", "GRO-KEY-003", "merge boundary", flow({}, {}, **FAR6),
    ["held", "held"], [[0], [1]])
merge("key-near", "TCP at byte 65464 has one: they merge", "GRO-KEY-003",
      "merge boundary", {}, {}, base={**FAR6, "extensions": NEAR})
