#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/proofs: the proofs of the gate, and that each can fail.

Negative controls: each planted fault of these proofs is refuted, and in copies
of the sources, a proof excludes every input, or a bound is too small.
"""
import pathlib
import tempfile
import unittest

import support
from scripts import command, faults
from scripts.proofs import cbmc, page, prover, table

PROOFS = support.TOOLS / "proofs"


def by_name(name, root=table.ROOT):
    """The proof of this name."""
    return table.choose(table.read(root), [name])[0]


class Usage(support.Test):
    def test_refusals(self):
        self.refuse("nothing: no such proof or group", PROOFS, "nothing")
        self.refuse("--jobs 0: give 1 or more", PROOFS, "--jobs", "0")

    def test_list(self):
        said = self.run_well(PROOFS, "--list")
        for proof in table.read():
            self.assertIn(f"{proof.name} ({proof.group})\n", said)

    def test_no_network(self):
        """Nothing is left in the cache, and the reason is one line."""
        sources = self.folder / "sources"
        sources.write_text("deb http://127.0.0.1:9/debian trixie main\n")
        settings = self.folder / "apt.conf"
        settings.write_text(f'Dir::Etc::SourceList "{sources}";\n'
                            'Dir::Etc::SourceParts "/dev/null";\n')
        done = support.run(PROOFS, "vnet", env=support.environment(
            XDG_CACHE_HOME=str(self.folder), APT_CONFIG=str(settings)))
        self.expect_status(support.SKIPPED, done)
        self.assertIn("proofs: SKIP: no network", done.stderr)
        self.assertEqual(["lock"], sorted(
            path.name for path in (self.folder / "grove-proofs").iterdir()))


class Table(unittest.TestCase):
    def test_the_page_has_every_proof(self):
        text = page.PAGE.read_text(encoding="utf-8")
        shown = text.partition(page.BEGIN)[2].partition(page.END)[0]
        for proof in table.read():
            self.assertIn(f"| `{proof.name}` | {proof.proves} | {proof.bound} |",
                          shown)
        self.assertEqual(len(table.read()), shown.count("| `"))

    def test_the_page_keeps_the_rows_of_other_proofs(self):
        proofs = table.read()[:2]
        rows = [{"name": proof.name, "proves": proof.proves,
                 "bound": proof.bound, "verdict": "holds", "checks": number,
                 "seconds": 0} for number, proof in enumerate(proofs)]
        body = "".join(map(page.cell, rows))
        self.assertEqual(rows, page.merged([], body, proofs))
        rows[1]["checks"] = 7
        self.assertEqual(rows, page.merged([rows[1]], body, proofs))
        other = [proofs[0]._replace(bound="another one"), proofs[1]]
        with self.assertRaisesRegex(command.Problem, proofs[0].name):
            page.merged([], body, other)

    def test_each_proof_has_a_fault(self):
        found = {name for fault in faults.planted()
                 for name in fault.found_by("proof")}
        self.assertEqual({proof.name for proof in table.read()}, found)


class Proofs(support.Test):
    def setUp(self):
        super().setUp()
        try:
            cbmc.fetch(command.complain)
        except command.Skip as reason:
            self.skipTest(str(reason))

    def test_hold(self):
        self.run_well(PROOFS, "gate", timeout=300)

    def test_refute_faults(self):
        self.run_well(PROOFS, "--controls", "gate", timeout=300)

    def test_an_assumption_that_excludes_everything(self):
        with tempfile.TemporaryDirectory() as name:
            tree = pathlib.Path(name)
            faults.copy_tree(tree)
            harness = tree / table.FOLDER / "vnet.c"
            text = harness.read_text(encoding="utf-8")
            harness.write_text(text.replace(
                "ASSUME(at < GROVE_VNET_LEN);",
                "ASSUME(at < GROVE_VNET_LEN && at > GROVE_VNET_LEN);"))
            verdict = prover.ask(by_name("vnet", tree), tree)
        self.assertEqual("vacuous", verdict.kind)
        self.assertIn("reaches: ", verdict.places[0])

    def test_a_bound_that_is_too_small(self):
        proof = by_name("ip4-checksum")
        loop = "sum_of_rest.0"
        few = proof._replace(unwind={loop: proof.unwind[loop] - 1})
        verdict = prover.ask(few, table.ROOT)
        self.assertEqual("refuted", verdict.kind)
        self.assertIn("unwinding assertion", "".join(verdict.places))


support.main()
