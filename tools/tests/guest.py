#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""The newest kernel of a series that is in the cache of tools/kernels, asked
under QEMU. Nothing is fetched.

    guest.py GROVE SERIES
"""

import json
import sys

import support
from scripts.kernels import cache, suites

RULES = support.ROOT / "vectors/rules"


def newest():
    """The newest release of the series that is here, or None."""
    here = [release for release in cache.kernels().values()
            if suites.series_of(release) == SERIES]
    if not cache.machine_folder().exists():
        return None
    return max(here, key=suites.order, default=None)


class Guest(support.Test):
    def setUp(self):
        super().setUp()
        self.release = newest()
        if self.release is None:
            self.skipTest(f"no kernel of Linux {SERIES} in {cache.FOLDER}; "
                          f"run tools/kernels fetch {SERIES}")

    def check(self, vectors):
        return support.run(support.TOOLS / "kernels", "--grove", GROVE, "check",
                           "--on", self.release, vectors, timeout=600)

    def test_rules(self):
        done = self.expect_status(0, self.check(RULES))
        self.assertRegex(done.stdout, rf"(?m)^linux {self.release} +\d{{4}} +0 ")

    def test_planted_mistake(self):
        """A vector with a wrong answer is one that the kernel contradicts."""
        content = json.loads((RULES / "udp.json").read_text("utf-8"))
        content["vectors"] = content["vectors"][:2]
        wrong = content["vectors"][0]
        wrong["expect"] = {profile: {"output": []}
                           for profile in wrong["expect"]}
        path = self.write("udp.json", json.dumps(content))
        done = self.expect_status(1, self.check(path))
        self.assertIn(f"failed: {wrong['id']}: ", done.stdout)


if __name__ == "__main__":
    GROVE = support.program_argument()
    SERIES = sys.argv.pop(1)
    support.main()
