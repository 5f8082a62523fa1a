# SPDX-License-Identifier: MIT
"""What fails says why, and outputs are whole."""

import unittest

import grove

# UDP over IPv4 without a checksum, which passes.
PACKET = bytes.fromhex("4500001c00000000401166cf0a0000010a000002"
                       "0001000200080000")


class Test(unittest.TestCase):
    def test_wrong_profile(self):
        for name in "linux", "linux-6.1:", "linux-6.1\0":
            with self.assertRaises(grove.Error):
                grove.Table(name)
            with self.assertRaises(grove.Error):
                list(grove.split(PACKET, profile=name))

    def test_polls(self):
        table = grove.Table(max_packets=1)
        for _ in range(3):
            with self.assertRaises(ValueError):
                table.receive(PACKET, bytes(9))
            table.receive(PACKET)
            with self.assertRaises(grove.Error):
                table.receive(PACKET)
            table.flush()
            self.assertEqual([(output.packet, output.of)
                              for output in table.outputs()], [(PACKET, [0])])
            table.clear()
            self.assertEqual(table.outputs(), [])

    def test_split(self):
        self.assertEqual(list(grove.split(PACKET)), [(bytes(10), PACKET)])
        with self.assertRaisesRegex(grove.Error, "GRO-IN-001"):
            grove.split(b"")


if __name__ == "__main__":
    unittest.main()
