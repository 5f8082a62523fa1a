#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Levels of agreement: grove check --level and grove diff --level.

    levels.py GROVE
"""
import json
import xml.etree.ElementTree

import support

GROVE = support.program_argument()
FAKE = str(support.TOOLS / "tests/adapters/fake.py")
RULES = support.ROOT / "vectors/rules"
PROFILE = ("--profile", "linux-6.18")
SAFE = ("--level", "safe")

# The reference as an adapter, and as one that is edited on its way. What stands
# before it ends after "bye", or grove would wait for its end.
ADAPTER = f"'{GROVE}' adapter"
LOSSLESS = (f"sed -uE 's/\"config\":[{{][}}]/"
            f"\"config\":{{\"mode\":\"lossless\"}}/; /bye/q' | {ADAPTER}")
NO_FLAGS = f"{ADAPTER} | sed -u 's/\"flags\":2/\"flags\":0/g'"
WRONG_OFFSET = f"{ADAPTER} | sed -u 's/\"csum_offset\":16/\"csum_offset\":6/g'"
# It knows no max_flows.
NO_MAX_FLOWS = (f"sed -uE '/\"max_flows\"/s/\"op\":\"gro\"/\"op\":\"no\"/; "
                f"/bye/q' | {ADAPTER} | sed -uE 's/\"error\":.*/"
                "\"skipped\":{\"reason\":\"no limit\"}}/'")


def claims(level):
    """The reference, which claims this level in its hello."""
    return f"{ADAPTER} | sed -u '1s/}}$/,\"level\":\"{level}\"}}/'"


def run(*args):
    return support.run(GROVE, *args)


class Test(support.Test):
    def report(self, status, *args):
        """The JSON of a check, which has this exit status."""
        done = self.expect_status(status, run("check", "--json", *args))
        return json.loads(done.stdout)

    def expect_kinds(self, report, **kinds):
        """The report has unsafe answers of these kinds only."""
        self.assertEqual({kind: count for kind, count in
                          report["kinds"].items() if count}, kinds)
        self.assertEqual(report["levels"]["unsafe"], sum(kinds.values()))


class Levels(Test):
    def test_the_reference(self):
        report = self.report(0, *SAFE, *PROFILE, RULES)
        self.assertEqual(report["levels"]["exact"], len(report["results"]))
        self.assertEqual((report["level"], report["groups"]), ("safe", []))

    def test_lossless_mode_beside_linux(self):
        report = self.report(0, *SAFE, *PROFILE, "--op", "gro", "--exec",
                             LOSSLESS, RULES / "ip4.json")
        self.expect_kinds(report)
        self.assertGreater(report["levels"]["safe"], 20)
        beside = report["beside_linux"]
        self.assertGreater(beside["more"], 20)
        self.assertGreater(beside["outputs"], beside["linux_outputs"])

    def test_hints(self):
        path = RULES / "end.json"
        options = *PROFILE, "--exec", NO_FLAGS, path
        report = self.report(0, "--level", "hints", *options)
        self.assertGreater(report["levels"]["hints"], 0)
        self.expect_kinds(report)
        report = self.report(1, *options)
        self.assertEqual(report["failed"], report["levels"]["hints"])

    def test_what_never_merges_is_safe(self):
        options = "--exec", f"{FAKE} honest", RULES / "key.json"
        report = self.report(0, *SAFE, *options)
        self.expect_kinds(report)
        self.assertEqual(report["beside_linux"]["fewer"], 0)
        self.assertGreater(self.report(1, *options)["failed"], 50)

    def test_a_claim(self):
        """The level of the hello counts, unless there is an option."""
        path = RULES / "end.json"
        for level in "exact", "hints", "safe":
            report = self.report(0, *PROFILE, "--exec", claims(level), path)
            self.assertEqual(report["level"], level)
        report = self.report(0, *PROFILE, "--exec", claims("safe"), "--level",
                             "exact", path)
        self.assertEqual(report["level"], "exact")
        done = run("check", "--exec", claims("good\\\\u001b"), path)
        self.expect_one_line(2, "it claims the level good?, which is none; "
                             "choose one by --level", done)

    def test_a_table_of_another_size_is_asked(self):
        """An adapter that has no max_flows is asked without it."""
        path = RULES / "end.json"
        options = *PROFILE, "--op", "gro", "--exec", NO_MAX_FLOWS, path
        self.assertGreater(self.report(0, *options)["skipped"], 0)
        report = self.report(0, *SAFE, *options)
        self.assertEqual(report["skipped"], 0)
        self.expect_kinds(report)

    def test_a_deviation_is_not_asked_again(self):
        """Its max_flows keeps kernels from being asked: they lose packets."""
        report = self.report(77, *SAFE, *PROFILE, "--tag", "deviation", "--exec",
                             NO_MAX_FLOWS, RULES / "ip4.json",
                             RULES / "tunnel.json")
        self.assertEqual(report["passed"], 0)
        self.assertGreaterEqual(report["skipped"], 2)

    def test_wrong_usage(self):
        for command in "check", "diff":
            self.refuse(f"grove {command}: --level good: give exact, hints or "
                        "safe", GROVE, command, "--level", "good")
        self.refuse("--level and --op roundtrip: this op has one level; leave "
                    "--level out", GROVE, "diff", "--op", "roundtrip", *SAFE)


class Kinds(Test):
    """Each kind of harm that an adapter does is found, and no other."""

    def test_misbehaviour(self):
        path = self.vectors("")
        for how, kind in (("exit", "crashes"), ("signal", "crashes"),
                          ("garbage", "crashes"), ("error", "loses"),
                          ("lost", "loses"), ("wrong", "refused")):
            with self.subTest(how):
                report = self.report(1, *SAFE, "--exec", f"{FAKE} {how} always",
                                     path)
                self.expect_kinds(report, **{kind: 1})

    def test_no_answer_in_time(self):
        report = self.report(1, *SAFE, "--timeout", "500", "--exec",
                             f"PROCESSES=/dev/null {FAKE} hang",
                             self.vectors("a0", "b0"))
        self.expect_kinds(report, hangs=1)

    def vectors(self, *packets):
        """A file of vectors of one packet each, which leaves as it is."""
        path = self.folder / "v.json"
        path.write_text(json.dumps({
            "schema": 1, "suite": "s", "spec": "1.0", "notes": {},
            "vectors": [
                {"id": f"v{packet}", "title": "a packet", "op": "gro",
                 "rules": ["GRO-IP4-001"], "input": [{"packet": whole}],
                 "expect": {"linux-6.18": {"output": [{"packet": whole}]}}}
                for packet in packets
                for whole in [packet + "4500" + "00" * 18]]}),
            encoding="utf-8")
        return path


class Reports(Test):
    def setUp(self):
        super().setUp()
        self.options = (*SAFE, *PROFILE, "--op", "gro", "--exec", WRONG_OFFSET,
                        RULES / "end.json")

    def test_json(self):
        report = self.report(1, *self.options)
        [group] = report["groups"]
        self.assertEqual((group["op"], group["kind"], group["count"]),
                         ("gro", "refused", report["failed"]))
        self.assertNotIn("field", group)
        self.assertGreater(group["rules"]["GRO-END-001"], 0)
        self.assertIn("VNET-012", group["why"][0])
        # Two segments of one byte, without anything that is not needed.
        self.assertEqual(len(group["question"]["input"]), 2)
        [result] = [result for result in report["results"]
                    if result["id"] == group["vector"]]
        self.assertEqual([result[key] for key in ("result", "level", "kind")],
                         ["failed", "unsafe", "refused"])

    def test_tap(self):
        done = self.expect_status(1, run("check", *self.options))
        self.assertIn("  level: unsafe\n  kind: refused\n", done.stdout)
        self.assertIn("\n  ---\n  level: hints\n  ...\n",
                      run("check", "--level", "hints", *PROFILE, "--exec",
                          NO_FLAGS, RULES / "end.json").stdout)
        table = [line for line in done.stdout.splitlines()
                 if line.startswith("# ")]
        self.assertRegex(table[0], r"^# levels: \d+ exact, \d+ hints, \d+ "
                         r"safe, (\d+) unsafe \(\1 refused\)$")
        self.assertRegex(table[1], "^# beside Linux, what is safe has fewer ")
        self.assertRegex(table[2], r"^# \d+ times gro refused: GRO-")
        json.loads(table[-1].removeprefix("# "))

    def test_junit(self):
        path = self.folder / "out.xml"
        run("check", "--junit", path, *self.options)
        types = {failure.get("type") for failure in
                 xml.etree.ElementTree.parse(path).iter("failure")}
        self.assertEqual(types, {"unsafe refused"})


class Diff(Test):
    def diff(self, status, adapter, *options):
        return self.expect_status(status, run(
            "diff", "--exec", adapter, *PROFILE, "--batches", "100",
            *options)).stdout

    def test_lossless_mode(self):
        """It needs no kernel, and the rules need more batches."""
        output = self.diff(1, LOSSLESS, *SAFE)
        self.assertRegex(output, r"levels: \d+ exact, \d+ hints, \d+ safe, 0 "
                         "unsafe\n")
        self.assertIn("do not differ", output)

    def test_harm(self):
        output = self.diff(1, WRONG_OFFSET, *SAFE, "--all", "--batches", "3")
        self.assertRegex(output, r"\n +\d+  unsafe refused \n")
        self.assertIn("shrunk to 2 packets", output)


support.main()
