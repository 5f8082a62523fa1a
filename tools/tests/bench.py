#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove bench: what it measures, in both forms of output, and what it refuses.

    bench.py GROVE [Bench|Tun]

`Tun` measures `grove bench tun`. No test says how fast anything is.
"""

import json
import re
import shutil
import unittest

import support

GROVE = support.program_argument()
CONTESTANTS = ("limit", "fastest", "verified", "trusted")
FLOWS = (1, 8, 64, 128, 256, 512)
TRAFFIC = ("tcp", "vxlan", "udp", "tcp6", "udp6")
BY_DPDK = 2  # the first ones of these
# More packets than DPDK takes at once.
DPDK_FLOWS = FLOWS[:4]


def bench(*options, grove=GROVE):
    return (grove, "bench", "--rounds", "1", *options)


def measured(report, traffic):
    """The pairs of flows and contestant that have a time."""
    return {(cost["flows"], cost["contestant"]) for cost in report["costs"]
            if cost["traffic"] == traffic and cost["ns_per_packet"] > 0}


def pairs(*contestants, numbers=FLOWS):
    return {(flows, name) for flows in numbers for name in contestants}


class Bench(support.Test):
    def test_wrong_usage(self):
        for words, *options in (
                ("--rounds 0: expected a number", "--rounds", "0"),
                ("--rounds 1x: expected a number", "--rounds", "1x"),
                ("--only SCTP: expected TCP, UDP, TCP6, UDP6 or VXLAN", "--only", "SCTP"),
                ("tcp: it takes options only", "tcp"),
                ("--rounds", "tun", "--rounds", "0"),
                ("--fast", "tun", "--fast"),
                ("--megabytes", "tools", "--megabytes", "0"),
                ("--fast", "tools", "--fast")):
            with self.subTest(options):
                self.refuse(words, GROVE, "bench", *options)

    def test_json(self):
        report = json.loads(self.run_well(*bench("--json")))
        for traffic in TRAFFIC[BY_DPDK:]:
            self.assertEqual(measured(report, traffic), pairs(*CONTESTANTS))
        if report["no_dpdk"] is None:
            expected = pairs(*CONTESTANTS) | pairs("dpdk", numbers=DPDK_FLOWS)
        else:
            self.assertRegex(report["no_dpdk"], "^not built")
            expected = pairs(*CONTESTANTS)
        for traffic in TRAFFIC[:BY_DPDK]:
            self.assertEqual(measured(report, traffic), expected)
        for cost in report["costs"]:
            if cost["contestant"] in ("verified", "trusted"):
                self.assertEqual(cost["outputs_per_batch"],
                                 max(3, cost["flows"]), cost)
            elif cost["contestant"] == "dpdk":  # its versions merge otherwise
                self.assertGreaterEqual(cost["outputs_per_batch"],
                                        max(3, cost["flows"]), cost)
                self.assertLessEqual(cost["outputs_per_batch"], 128, cost)
        self.assertEqual(len(report["goals"]), 11)
        self.assertEqual([row["hosts"] for row in report["hosts"]], [128, 512])
        for row in report["hosts"]:
            self.assertGreater(row["ns_one_source"], 0, row)
            self.assertGreater(row["ns_random_flows"], 0, row)
        self.assertEqual(
            [(row["traffic"], row["contestant"]) for row in report["splits"]],
            [(traffic, name) for traffic in TRAFFIC if traffic != "vxlan"
             for name in ("memcpy", "limit", "copy")])
        for row in report["splits"]:
            self.assertGreater(row["ns_per_segment"], 0, row)
            self.assertGreater(row["segments"], 40, row)

    def test_json_of_one_traffic(self):
        for only in TRAFFIC[BY_DPDK:]:
            report = json.loads(self.run_well(*bench("--json", "--only",
                                                     only)))
            self.assertEqual(measured(report, only), pairs(*CONTESTANTS))
            for traffic in set(TRAFFIC) - {only}:
                self.assertEqual(measured(report, traffic), set())

    def expect_lines(self, pattern, count, table):
        self.assertEqual(len(re.findall(pattern, table, re.M)), count, table)

    def test_table(self):
        table = self.run_well(*bench("--only", "TCP"))
        self.expect_lines("^TCP 1448 ", len(FLOWS) + 1, table)
        self.expect_lines("^UDP 1200 ", 0, table)
        self.expect_lines("reached$|missed$|not measured$", 11, table)

    def alone(self):
        """A copy of grove without the programs beside it."""
        return shutil.copy(GROVE, self.folder / "grove")

    def test_without_the_program_for_dpdk(self):
        table = self.run_well(*bench("--only", "TCP", grove=self.alone()))
        self.expect_lines("^DPDK: not built: needs libdpdk-dev$", 1, table)

    def test_a_program_for_dpdk_that_says_nothing(self):
        grove = self.alone()
        support.write_script(self.folder / "grove-bench-dpdk", "exit 1\n")
        table = self.run_well(*bench("--only", "TCP", grove=grove))
        self.expect_lines("^DPDK: gives no answer", 1, table)

    def test_without_the_program_for_tun(self):
        done = support.run(self.alone(), "bench", "tun")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("there is no grove-bench-tun", done.stderr)


    def test_tools(self):
        report = json.loads(self.run_well(
            GROVE, "bench", "tools", "--megabytes", "2", "--json"))
        rows = report["rows"]
        self.assertLessEqual({"explain", "check"}, set(rows))
        self.assertTrue({"gen", "gen --unconfirmed"} & set(rows))
        for name, row in rows.items():
            self.assertGreater(row["packets"], 1000, name)
            for value in row.values():
                self.assertGreater(value, 0, name)
        self.assertGreaterEqual(len(report["goals"]), 3)
        table = self.run_well(GROVE, "bench", "tools", "--megabytes", "1")
        self.expect_lines("reached$|missed$", len(report["goals"]), table)


@unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
class Tun(support.Test):
    def test_json(self):
        report = json.loads(self.run_well(
            GROVE, "bench", "tun", "--rounds", "1", "--seconds", "1", "--json",
            timeout=240))
        self.assertEqual(len(report["rows"]), 3, report)
        for row in report["rows"]:
            self.assertEqual(set(row["gigabits"]),
                             {"offload", "no-offload", "veth"}, row)
            for rate in row["gigabits"].values():
                self.assertGreater(rate, 0, row)
            if row["cpu"] is not None:
                self.assertGreater(row["cpu_ref"], 0, row)
                self.assertLess(row["cpu_ref"], 1, row)
                self.assertAlmostEqual(sum(row["cpu"].values()), 1, 6, row)
        self.assertGreater(report["goal"]["ratio"], 0)
        self.assertEqual(list(report["queues"]), ["1", "2", "4"])
        for rate in report["queues"].values():
            self.assertGreater(rate, 0, report)

    def test_vxlan_over_taps(self):
        report = json.loads(self.run_well(
            GROVE, "bench", "tun", "--tap", "--rounds", "1", "--seconds", "1",
            "--json", timeout=120))
        self.assertEqual(len(report["rows"]), 2, report)
        for row in report["rows"]:
            self.assertEqual(set(row["gigabits"]),
                             {"24 bytes", "10 bytes", "no UDP", "veth"})
            for rate in row["gigabits"].values():
                self.assertGreater(rate, 0, row)
        self.assertGreater(report["goal"]["ratio"], 0)


support.main()
