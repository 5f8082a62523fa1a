#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""What `fuzz/run seeds` makes corpora of: seeds.py FUZZ-SEEDS

There are seeds for each target, and all of them hold. Those that stay in a
corpus whatever it covers leave half of the repository's room to what campaigns
find.
"""

from pathlib import Path

from tests import support

SEEDS = support.program_argument()
TARGETS = sorted(path.stem for path in
                 (support.ROOT / "fuzz/targets").glob("*.c"))
MOST_KEPT = 1024 * 1024


class Seeds(support.Test):
    @classmethod
    def setUpClass(cls):
        folder = support.scratch(cls.addClassCleanup)
        cls.seeds = folder / "seeds"
        cls.done = support.run(SEEDS, support.ROOT / "vectors", cls.seeds,
                               timeout=240)

    def setUp(self):
        super().setUp()
        self.expect_status(0, self.done)

    def test_wrong_usage(self):
        self.refuse("give a vector file or folder", SEEDS, self.folder,
                    self.folder / "none")
        self.refuse("usage: fuzz-seeds VECTORS OUT", SEEDS)

    def test_every_target_has_seeds(self):
        for target in TARGETS:
            with self.subTest(target):
                self.assertNotEqual(list((self.seeds / target).iterdir()), [])

    def test_seeds_hold(self):
        """Asking the kernel or an adapter is slow, and other tests ask them
        the same vectors.
        """
        for target in TARGETS:
            if not target.startswith("diff_"):
                with self.subTest(target):
                    self.run_well(Path(SEEDS).parent / target,
                                  self.seeds / target, timeout=240)

    def test_size(self):
        kept = sum(path.stat().st_size
                   for path in (self.seeds / "shown").glob("*/*"))
        self.assertLessEqual(kept, MOST_KEPT,
                             "lower most_shown in fuzz/seeds.c")


support.main()
