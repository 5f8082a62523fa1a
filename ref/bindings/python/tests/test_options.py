# SPDX-License-Identifier: MIT
"""Each option has its effect, and a wrong one is an error that names it."""

import unittest

import grove
from grove import Link, Protocol, Tunnel
from packets import frame, in_ip, in_vxlan, tcp, udp

GRE = Tunnel(Protocol.GRE)


def coalesce(packets, **options):
    table = grove.Table(**options)
    for packet in packets:
        table.receive(packet)
    table.flush()
    return table.outputs()


def counts(packets, **options):
    """How many packets are in each output."""
    return [len(output.of) for output in coalesce(packets, **options)]


def split(output, **options):
    segments = list(grove.split(output.packet, output.vnet, **options))
    assert not any(any(vnet) for vnet, _ in segments)
    return [packet for _, packet in segments]


def merged(packets, *tunnels):
    """The number of outputs, and csum_start of the first one."""
    outputs = coalesce(packets, tunnels=tunnels)
    return len(outputs), outputs[0].vnet[6]


class Effects(unittest.TestCase):
    def test_link(self):
        frames = [frame(udp(1)), frame(udp(2))]
        self.assertEqual(counts(frames, link=Link.ETHERNET), [2])
        output, = coalesce(frames, link=Link.ETHERNET)
        self.assertEqual(split(output, link=Link.ETHERNET), frames)
        with self.assertRaises(grove.Rejected):
            split(output)
        # Without it, they begin with no IP header.
        self.assertEqual(coalesce(frames), [])

    def test_tunnels(self):
        ip = [in_ip(udp(1)), in_ip(udp(2))]
        self.assertEqual(merged(ip, GRE), (2, 0))
        self.assertEqual(merged(ip, GRE, Tunnel(Protocol.IPIP)), (1, 40 + 40))
        # What is not looked into is UDP.
        vxlan = [in_vxlan(udp(1)), in_vxlan(udp(2))]
        for tunnel, expected in (
                (Tunnel(Protocol.GENEVE, 4790), (1, 40)),
                (Tunnel(Protocol.VXLAN, 4790), (1, 40)),
                (Tunnel(Protocol.VXLAN_GPE, 4789), (2, 0)),
                (Tunnel(Protocol.VXLAN, 4789), (1, 40 + 8 + 8 + 14 + 40))):
            self.assertEqual(merged(vxlan, GRE, tunnel), expected, tunnel)

    def test_vnet_len(self):
        packets = [frame(in_vxlan(udp(1))), frame(in_vxlan(udp(2)))]
        output, = coalesce(packets, link=Link.ETHERNET, lossless=True,
                           tunnels=[Tunnel(Protocol.VXLAN, 4789)], vnet_len=24)
        self.assertEqual(list(output.vnet[20:]),
                         [14 + 40, 0, 14 + 40 + 8 + 8 + 14, 0])
        self.assertEqual(split(output, link=Link.ETHERNET, vnet_len=24),
                         packets)

        packets = [udp(1), udp(2)]
        for vnet_len in 0, 10, 12:
            output, = coalesce(packets, vnet_len=vnet_len)
            self.assertEqual(len(output.vnet), vnet_len or 10)
            self.assertEqual(split(output, vnet_len=vnet_len), packets)

    def test_csum_offload(self):
        output, = coalesce([udp(1), udp(2)])
        for offload in False, True:
            vnet, _ = next(grove.split(output.packet, output.vnet,
                                       csum_offload=offload))
            self.assertEqual(vnet[0], int(offload))

    def test_received_vnet(self):
        table = grove.Table(vnet_len=12)
        table.receive(udp(1), bytes(12))
        table.receive(udp(1), b"\0\2" + bytes(10))  # no gso_type
        self.assertEqual([fate.verdict for fate in table.fates()],
                         ["held", "rejected"])
        with self.assertRaisesRegex(ValueError, "vnet: 10 bytes; give 12"):
            table.receive(udp(1), bytes(10))
        with self.assertRaisesRegex(ValueError, "vnet: 12 bytes; give 10"):
            grove.split(udp(1), bytes(12))

    def test_max_bytes(self):
        packets = [tcp(number, 10000) for number in range(10)]
        self.assertEqual(counts(packets), [6, 4])
        self.assertEqual(counts(packets, max_bytes=90060), [9, 1])

    def test_fraglist(self):
        packets = [udp(1), udp(2), udp(3)]
        outputs = coalesce(packets, fraglist=True, no_udp=True)
        self.assertEqual([output.packet for output in outputs], packets)
        self.assertEqual([output.rest for output in outputs], [2, 1, 0])
        self.assertEqual([output.rest for output in coalesce(packets)], [0])

    def test_hash(self):
        for hash, expected in (True, [2, 1]), (False, [1, 1, 1]):
            table = grove.Table(hash=hash, max_flows=1)
            table.receive(udp(1), hash=8)
            table.receive(tcp(0, 8), hash=1)
            table.receive(udp(1), hash=8)
            table.flush()
            self.assertEqual([len(output.of) for output in table.outputs()],
                             expected)
        with self.assertRaisesRegex(OverflowError, "^hash: "):
            table.receive(udp(1), hash=2**32)

    def test_seed(self):
        packets = [udp(1), tcp(0, 8), udp(2), tcp(1, 8)]
        self.assertEqual(coalesce(packets, seed=1), coalesce(packets))


class Errors(unittest.TestCase):
    def test_table(self):
        for words, options in (
                ("no such link", {"link": 2}),
                ("a tunnel is not one", {"tunnels": [Tunnel(Protocol.VXLAN)]}),
                ("a tunnel is not one", {"tunnels": [GRE, (Protocol.GRE, 1)]}),
                ("a tunnel is not one", {"tunnels": [(9, 1)]}),
                ("more tunnels", {"tunnels": [GRE] * 9}),
                ("in lossless mode, tunnels",
                 {"tunnels": [GRE], "lossless": True}),
                ("vnet_len", {"vnet_len": 11}),
                ("max_bytes is not", {"max_bytes": 65534}),
                ("max_bytes is not", {"max_bytes": 524281}),
                ("max_bytes over 65535", {"max_bytes": 65536, "lossless": True}),
                ("max_bytes over 65535",
                 {"max_bytes": 65536, "link": Link.ETHERNET}),
                ("fraglist", {"fraglist": True, "max_bytes": 65536}),
                ("fraglist", {"fraglist": True, "lossless": True}),
                ("fraglist", {"fraglist": True, "tunnels": [GRE]}),
                ("hash", {"hash": True, "lossless": True}),
                ("hash", {"hash": True, "fraglist": True}),
                ("hash", {"hash": True, "max_bytes": 65536})):
            with self.assertRaisesRegex(grove.Error, words):
                grove.Table(**options)

    def test_split(self):
        for words, options in (("vnet_len", {"vnet_len": 11}),
                               ("no such link", {"link": 2})):
            with self.assertRaisesRegex(grove.Error, words):
                grove.split(udp(1), **options)

    def test_what_does_not_fit(self):
        for error, words, options in (
                (OverflowError, "^vnet_len: ", {"vnet_len": 256 + 10}),
                (OverflowError, "^max_bytes: ", {"max_bytes": -1}),
                (OverflowError, "^seed: ", {"seed": 2**64}),
                (OverflowError, "^port: ",
                 {"tunnels": [Tunnel(Protocol.VXLAN, 2**16)]}),
                (TypeError, "^max_bytes: ", {"max_bytes": "65536"}),
                (TypeError, "^link: ", {"link": None})):
            with self.assertRaisesRegex(error, words):
                grove.Table(**options)


if __name__ == "__main__":
    unittest.main()
