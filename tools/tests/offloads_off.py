#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""offloads_off.py: tools/record has packets as on a wire, or says why not."""

import shutil
import unittest

import support

SCRIPT = support.TOOLS / "scripts/record/offloads_off.sh"


@unittest.skipUnless(support.has_rights(), "it needs root")
@unittest.skipUnless(shutil.which("ethtool"), "it needs ethtool")
class OffloadsOff(support.Test):
    def switch(self, device, before=":"):
        return support.run("unshare", "--net", "sh", "-euc",
                           f"{before}; exec {SCRIPT} {device}")

    def test_what_a_device_lacks(self):
        done = self.switch("one", "ip link add one type veth peer two")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_what_stays_on(self):
        """The loopback device has offloads that nothing switches off."""
        done = self.switch("lo")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"^lo: [a-z-]+ is still on; record "
                         r"where `ethtool -K lo` can switch it off\n$")

    def test_no_device(self):
        done = self.switch("none")
        self.assertEqual(
            (done.returncode, done.stderr),
            (1, "none: `ethtool -k` knows no such device; create it first\n"))

    def test_no_ethtool(self):
        done = support.run("/bin/sh", SCRIPT, "lo", env={"PATH": "/none"})
        self.assertEqual((done.returncode, done.stderr),
                         (1, "lo: no ethtool; install ethtool\n"))


if __name__ == "__main__":
    support.main()
