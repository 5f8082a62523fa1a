#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""The command line of grove, grove check, adapter and kernel.

    check.py GROVE
"""
import json
import os
import struct
import subprocess
import unittest
import xml.etree.ElementTree
from pathlib import Path

import support

GROVE = support.program_argument()


def run(*args, **options):
    return support.run(GROVE, *args, **options)


def vector(name, packet, answers):
    """A vector of one packet; `answers` has the output of each profile."""
    return {"id": name, "title": "a <title> & more", "flags": [name],
            "rules": ["GRO-IP4-001"], "op": "gro",
            "input": [{"packet": packet}],
            "expect": {profile: {"output": [{"packet": output}]}
                       for profile, output in answers.items()}}


def vector_file(*vectors):
    return json.dumps({"schema": 1, "suite": "s", "spec": "1.0",
                       "notes": {v["id"]: {"about": ""} for v in vectors},
                       "vectors": vectors})


GOOD = vector("good", "45aa", {"linux-6.1": "45aa", "linux-6.18": "45aa"})
BAD = vector("bad", "45aa", {"linux-6.18": "45ab"})
UNKNOWN = vector("unknown", "45aa", {"linux-9.9": "45aa"})
GSO = {**vector("gso", "45aa", {"linux-6.18": "45aa"}), "op": "gso"}

# The part of JUnit that Jenkins, GitLab and GitHub's actions read. Each element
# has its possible parents, its required attributes and its optional ones.
TOTALS = {"name", "tests", "failures", "errors", "skipped", "time"}
JUNIT = {
    "testsuites": ({None}, TOTALS, set()),
    "testsuite": ({"testsuites"}, TOTALS, {"file"}),
    "properties": ({"testsuite"}, set(), set()),
    "property": ({"properties"}, {"name", "value"}, set()),
    "testcase": ({"testsuite"}, {"classname", "name", "time"}, {"file"}),
    "failure": ({"testcase"}, {"message", "type"}, set()),
    "error": ({"testcase"}, {"message", "type"}, set()),
    "skipped": ({"testcase"}, {"message"}, set()),
}


class Test(support.Test):
    def expect(self, done, status, stderr):
        self.assertEqual((done.returncode, done.stderr), (status, stderr))

    def expect_refused(self, done, line):
        self.expect(done, 2, f"grove: {line}\n")
        self.assertEqual(done.stdout, "")


class Command(Test):
    def test_help(self):
        done = run("--help")
        self.expect(done, 0, "")
        for name in ("gen", "check", "diff", "explain", "bench", "adapter",
                     "kernel"):
            self.assertIn(f"\n  {name} ", done.stdout)
            self.assertIn(f"Usage: grove {name} ", run(name, "--help").stdout)

    def test_version(self):
        self.assertRegex(run("--version").stdout, r"^grove \d+\.\d+\.\d+\n$")
        self.assertEqual(run("check", "--version").stdout,
                         run("--version").stdout)

    def test_wrong_usage(self):
        self.expect_refused(run(), "no command; `grove --help` lists them")
        self.expect_refused(run("what"), "what: no such command; `grove "
                                         "--help` lists them")
        for args in (["check"], ["check", "--what", "."],
                     ["check", "--op", "gr", "."],
                     ["diff", "--op", "gr"],
                     ["check", "--timeout", "0", "."],
                     ["check", "--timeout", "1s", "."],
                     ["check", "--kernel", "--exec", "cat", "."],
                     ["adapter", "more"], ["kernel", "--profile", "linux-9"]):
            done = run(*args)
            self.assertEqual((done.returncode, done.stdout), (2, ""), args)
            self.assertTrue(done.stderr.startswith(f"grove {args[0]}: "), args)

    def test_numbers(self):
        for args, option, bounds in (
                (["check", "."], "timeout", "1 to 86400000"),
                (["diff"], "batches", "0 to 18446744073709551615"),
                (["diff"], "seed", "0 to 18446744073709551615"),
                (["accumulate"], "first", "0 to 18446744073709551615"),
                (["accumulate"], "batches", "0 to 18446744073709551615"),
                (["explain", "."], "max-flows", "1 to 65536"),
                (["bench"], "rounds", "1 to 100000")):
            for number in ("", "-1", " -5", " 5", "+5", "5 ", "1e3", "0x5",
                           "18446744073709551616"):
                self.expect_usage(
                    [*args, f"--{option}", number],
                    f"--{option} {number}: expected a number from {bounds}")

    def test_arguments_where_there_are_none(self):
        for command in "accumulate", "adapter", "bench", "diff", "kernel":
            self.expect_usage([command, "more"],
                              "more: it takes options only")

    def expect_usage(self, args, line):
        done = run(*args)
        self.expect(done, 2, f"grove {args[0]}: {line}\n")
        self.assertEqual(done.stdout, "")

    def test_a_full_disk(self):
        path = self.write("v.json", vector_file(GOOD))
        with open("/dev/full", "w", encoding="ascii") as full:
            done = run("check", path, stdout=full)
        self.assertEqual(done.returncode, 2)
        self.assertIn("grove: stdout: cannot be written", done.stderr)


class Check(Test):
    def test_tap(self):
        path = self.write("v.json", vector_file(GOOD, BAD, UNKNOWN, GSO))
        done = run("check", path)
        self.expect(done, 1, "3 passed, 1 failed, 1 skipped\n")
        lines = done.stdout.splitlines()
        self.assertEqual(lines[:8], [
            "TAP version 14", "1..5", "ok 1 - good linux-6.1",
            "ok 2 - good linux-6.18", "not ok 3 - bad linux-6.18", "  ---",
            f'  file: "{path}"', '  title: "a <title> & more"'])
        self.assertEqual(lines[8:10], ["  level: safe", "  differences: |"])
        self.assertRegex(lines[10], "^    output 0: .*0xaa, expected 0xab")
        self.assertEqual(lines[11], "  ...")
        self.assertRegex(lines[12], "^ok 4 - unknown linux-9.9 # SKIP .")
        self.assertEqual(lines[13], "ok 5 - gso linux-6.18")

    def test_json(self):
        path = self.write("v.json", vector_file(GOOD, BAD, UNKNOWN))
        done = run("check", "--json", path)
        report = json.loads(done.stdout)
        self.assertEqual(done.returncode, 1)
        self.assertEqual([report[k] for k in ("passed", "failed", "skipped")],
                         [2, 1, 1])
        self.assertEqual([r["result"] for r in report["results"]],
                         ["passed", "passed", "failed", "skipped"])
        self.assertEqual(report["results"][2]["id"], "bad")
        self.assertEqual(len(report["results"][2]["why"]), 1)

    def junit(self, *args):
        """Runs the check. Returns its exit status and its JUnit file, whose
        form and totals are right.
        """
        out = str(self.folder / "out.xml")
        status = run("check", "--junit", out, *args).returncode
        root = xml.etree.ElementTree.parse(out).getroot()
        self.expect_junit(root)
        for element in root.iter():
            if element.tag in ("testsuites", "testsuite"):
                self.expect_totals(element)
        return status, root

    def expect_junit(self, element, parent=None):
        """All elements and attributes are in JUNIT."""
        parents, required, optional = JUNIT[element.tag]
        self.assertIn(parent, parents)
        self.assertLessEqual(required, set(element.keys()))
        self.assertLessEqual(set(element.keys()), required | optional)
        for child in element:
            self.expect_junit(child, element.tag)

    def expect_totals(self, element):
        cases = list(element.iter("testcase"))
        for name, count in (
                ("tests", len(cases)), ("errors", 0),
                ("failures", len(list(element.iter("failure")))),
                ("skipped", len(list(element.iter("skipped"))))):
            self.assertEqual(int(element.get(name)), count, name)
        total = sum(float(case.get("time")) for case in cases)
        self.assertAlmostEqual(float(element.get("time")), total, 3)

    def test_junit(self):
        one = self.write("one.json", vector_file(GOOD, BAD, UNKNOWN))
        two = self.write("a<&\">.json", vector_file(GSO))
        status, root = self.junit(one, two)
        suites = root.findall("testsuite")
        self.assertEqual((status, [suite.get("file") for suite in suites]),
                         (1, [one, two]))
        cases = suites[0].findall("testcase")
        self.assertEqual([[case.get(k) for k in ("classname", "name", "file")]
                          for case in cases],
                         [["s", "good linux-6.1", None],
                          ["s", "good linux-6.18", None],
                          ["s", "bad linux-6.18", one],
                          ["s", "unknown linux-9.9", one]])
        failure = cases[2].find("failure")
        self.assertRegex(failure.get("message"),
                         "^output 0: [^\n]*expected 0xab[^\n]*$")
        self.assertEqual(failure.text.splitlines(), [
            "a <title> & more", "GRO-IP4-001", failure.get("message")])
        self.assertIn("linux-9.9", cases[3].find("skipped").get("message"))
        self.assertEqual({p.get("name"): p.get("value")
                          for p in suites[0].iter("property")},
                         {"implementation": self.reference_name(),
                          "spec": "1.0"})

    def reference_name(self):
        path = self.write("name.json", vector_file(GSO))
        return json.loads(run("check", "--json", path).stdout)[
            "implementation"]

    def test_names_that_are_not_utf8(self):
        """A report says so instead of the name, and stays valid."""
        path = self.write(os.fsdecode(b"\xff.json"), vector_file(GOOD))
        known = self.write(os.fsdecode(b"\xfe.txt"), "good\n")
        args = ["--json", "--known-failures", known, path]
        status, root = self.junit(*args)
        self.assertEqual(status, 1)
        for case in root.iter("testcase"):
            self.assertEqual(case.get("file"), "not UTF-8")
            self.assertEqual(case.find("failure").get("message"), "not UTF-8")
        for result in json.loads(run("check", *args).stdout)["results"]:
            self.assertEqual(result["file"], "not UTF-8")
            self.assertEqual(result["why"], ["not UTF-8"])

    def test_junit_names_are_unique(self):
        path = self.write("v.json", vector_file(GOOD, BAD, UNKNOWN, GSO))
        names = [(case.get("classname"), case.get("name"))
                 for case in self.junit(path)[1].iter("testcase")]
        self.assertEqual(len(names), len(set(names)))

    def test_junit_that_cannot_be_written(self):
        path = self.write("v.json", vector_file(GOOD))
        out = str(self.folder / "none" / "out.xml")
        self.expect(run("check", "--junit", out, path), 2, f"grove: {out}: No "
                    "such file or directory; choose another place\n")

    def test_choice(self):
        path = self.write("v.json", vector_file(GOOD, BAD, GSO))
        for options, status, line in (
                (["--profile", "linux-6.1"], 0, "1 passed, 0 failed, 0"),
                (["--tag", "bad"], 1, "0 passed, 1 failed, 0"),
                (["--tag", "good"], 0, "2 passed, 0 failed, 0"),
                (["--op", "gso"], 0, "1 passed, 0 failed, 0"),
                (["--op", "gro"], 1, "2 passed, 1 failed, 0")):
            self.expect(run("check", *options, path), status,
                        line + " skipped\n")
        for options in (["--profile", "linux-6.12"], ["--tag", "no"]):
            self.expect_refused(
                run("check", *options, path), f"{path}: no vector to check "
                "here; see --profile, --tag and --op")

    def known(self, *lines):
        return self.write("known.txt", "".join(f"{line}\n" for line in lines))

    def test_known_failures(self):
        path = self.write("v.json", vector_file(GOOD, BAD, UNKNOWN))
        known = self.known("# a comment", "", "  bad # and why", "unknown\r")
        done = run("check", "--known-failures", known, path)
        self.expect(done, 0, "2 passed, 0 failed, 1 skipped, 1 failed as "
                    "known\n")
        lines = done.stdout.splitlines()
        self.assertEqual(lines[4], "not ok 3 - bad linux-6.18 "
                         "# TODO known failure")
        self.assertRegex(lines[10], "^    output 0: .*expected 0xab")
        report = json.loads(run("check", "--json", "--known-failures", known,
                                path).stdout)
        self.assertEqual(report["known"], 1)
        self.assertEqual(report["results"][2]["result"], "known")
        status, root = self.junit("--known-failures", known, path)
        self.assertEqual((status, root.get("failures")), (0, "0"))
        self.assertIn("known failure: output 0: ", list(
            root.iter("skipped"))[0].get("message"))

    def test_nothing_but_known_failures(self):
        path = self.write("v.json", vector_file(BAD))
        self.expect(run("check", "--known-failures", self.known("bad"), path),
                    0, "0 passed, 0 failed, 0 skipped, 1 failed as known\n")

    def test_a_known_failure_that_passes(self):
        path = self.write("v.json", vector_file(GOOD, BAD))
        known = self.known("bad", "good")
        done = run("check", "--known-failures", known, path)
        self.expect(done, 1, "0 passed, 2 failed, 0 skipped, 1 failed as "
                    "known\n")
        self.assertIn(f"    it passes; remove it from {known}, line 2",
                      done.stdout.splitlines())

    def test_a_known_failure_under_one_profile(self):
        path = self.write("v.json", vector_file(vector(
            "half", "45aa", {"linux-6.1": "45aa", "linux-6.18": "45ab"})))
        known = self.known("half")
        self.expect(run("check", "--known-failures", known, path), 0,
                    "1 passed, 0 failed, 0 skipped, 1 failed as known\n")
        self.expect(run("check", "--known-failures", known, "--profile",
                        "linux-6.1", path), 1,
                    "0 passed, 1 failed, 0 skipped\n")

    def test_known_failures_that_are_not_asked(self):
        path = self.write("v.json", vector_file(GOOD, BAD))
        self.expect(run("check", "--known-failures", self.known("bad"),
                        "--tag", "good", path), 0,
                    "2 passed, 0 failed, 0 skipped\n")

    def test_bad_lists_of_known_failures(self):
        path = self.write("v.json", vector_file(GOOD, BAD))
        for lines, words in (
                (["bad", "z", "a"], "2: \"z\" is not a vector in what is "
                 "checked; remove the line, or name the vector's file, too"),
                (["bad good"], "1: \"bad good\" is not a vector in what is "
                 "checked; remove the line, or name the vector's file, too"),
                (["bad", "good", "bad"], "3: \"bad\" is listed twice; remove "
                 "a line")):
            known = self.known(*lines)
            self.expect_refused(run("check", "--known-failures", known, path),
                                f"{known}:{words}")
        for known, why in (("/nowhere", "No such file or directory"),
                           (str(self.folder), "Is a directory")):
            self.expect_refused(
                run("check", "--known-failures", known, path),
                f"{known}: {why}; give a file with a vector's id a line")

    def test_adapters_of_grove(self):
        path = self.write("v.json", vector_file(GOOD, BAD))
        done = run("check", "--exec", f"'{GROVE}' adapter", path)
        self.expect(done, 1, "2 passed, 1 failed, 0 skipped\n")
        done = run("check", "--exec", f"'{GROVE}' adapter", "--profile",
                   "linux-6.1", path)
        self.expect(done, 0, "1 passed, 0 failed, 0 skipped\n")

    def test_folder(self):
        empty = self.folder / "empty"
        empty.mkdir()
        self.expect_refused(run("check", str(empty)), f"{empty}: no vector to "
                            "check here; see --profile, --tag and --op")
        self.write("a.json", vector_file(GOOD))
        self.write("a.schema.json", "garbage")
        self.expect(run("check", str(self.folder)), 0,
                    "2 passed, 0 failed, 0 skipped\n")
        bad = self.write("b.json", "garbage")
        self.expect_refused(run("check", str(self.folder)),
                            f"{bad}: line 1, column 7: '[' or '{{' expected "
                            "near 'garbage'; correct the JSON")

    def test_bad_files(self):
        good = self.write("a.json", vector_file(GOOD))
        for text, line in (
                ("", "line 1, column 0: '[' or '{' expected near end of file;"
                     " correct the JSON"),
                ("{}", "no field \"schema\"; add it"),
                (vector_file(GOOD)[:-1], "line 1, column "),
                (vector_file({**GOOD, "titel": ""}), "vectors[0]: unknown "
                 "field \"titel\"; remove it or call it \"x-...\""),
                ("\x00\xff", "line 1, column ")):
            path = self.write("b.json", text)
            done = run("check", good, path)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertTrue(done.stderr.startswith(f"grove: {path}: {line}"),
                            done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)
        self.expect_refused(run("check", "/nowhere"), "/nowhere: No such file "
                            "or directory; give a vector file or folder")

    def test_colour_is_for_terminals(self):
        path = self.write("v.json", vector_file(GOOD))
        main, side = os.openpty()
        for environment, colour in (({}, b"\x1b[32m"),
                                    ({"NO_COLOR": "1"}, b"")):
            subprocess.run([GROVE, "check", path], stdout=subprocess.DEVNULL,
                           stderr=side, check=True, env=environment)
            text = b""
            while b"skipped" not in text:  # the end of the last line
                text += os.read(main, 4096)
            self.assertIn(colour + b"2 passed", text)
            self.assertEqual(colour != b"", b"\x1b[0m" in text)


class Large(Test):
    """Of large files in canonical form only one vector is kept at a time."""

    @classmethod
    def setUpClass(cls):
        folder = support.scratch(cls.addClassCleanup)
        path = support.ROOT / "vectors/golden/lossy-tcp4.json"
        content = json.loads(path.read_text("utf-8"))
        vectors = content["vectors"]
        content["vectors"] = [
            {**one, "id": f"{one['id']}-{number}",
             "title": f"{one['title']} {number}"}
            for number in range(14) for one in vectors]
        cls.path = folder / "large.json"
        cls.path.write_text(json.dumps(content), encoding="utf-8")
        done = run("format", cls.path)
        assert done.returncode == 0, done.stderr
        cls.text = cls.path.read_text("utf-8")
        assert len(cls.text) > 8 << 20

    def check(self, text, *args):
        """The exit status and what is printed about a file with this text."""
        done = run("check", *args, self.write("large.json", text))
        return done.returncode, done.stdout, done.stderr

    def expect_same(self, text, *args):
        """A file in another form is read as a whole: nothing else differs."""
        said = self.check(text, *args)
        self.assertEqual(self.check("\n" + text, *args), said)
        return said

    def test_results(self):
        status, out, _ = self.expect_same(self.text)
        self.assertEqual(status, 0)
        count = sum(len(one["expect"])
                    for one in json.loads(self.text)["vectors"])
        self.assertTrue(out.startswith(f"TAP version 14\n1..{count}\n"))

    def test_packets_that_look_odd(self):
        """Digits in text and in "x-" are not those of a packet."""
        end = self.text.rindex("\n  {")
        last = self.text[end:]
        for text in ('"title": "\\"packet\\":\\"45\\" \\\\", "x-a": "',
                     '"x-a": {"packet":"45"}, "title": "',
                     '"x-a": "#0", "title": "#0'):
            with self.subTest(text):
                status, _, said = self.expect_same(
                    self.text[:end] + last.replace('"title": "', text, 1))
                self.assertEqual(status, 0, said)

    def damaged(self):
        """The text with another number in the last answer."""
        at = self.text.rindex('"gso_size":') + len('"gso_size":')
        return self.text[:at] + "1" + self.text[at:]

    def test_a_failure(self):
        """Under a profile with an answer, and under one of columns."""
        for profile in "linux-6.18", "linux-6.18:min_tcp_gso_size=8":
            with self.subTest(profile):
                status, _, _ = self.expect_same(
                    self.text, "--profile", profile)
                self.assertEqual(status, 0)
                status, out, _ = self.expect_same(
                    self.damaged(), "--profile", profile)
                self.assertEqual(status, 1)
                self.assertEqual(out.count("\nnot ok"), 1)

    def test_mistakes(self):
        end = self.text.rindex("\n  {")
        last = self.text[end:]
        for words, text in (
                ("is taken", self.text[:end] + last.replace(
                    '"id": "', '"id": "lossy-tcp4-1-0", "x-id": "', 1)),
                ("not a hex digit", self.text[:end] +
                 last.replace('"packet":"45', '"packet":"4x', 1)),
                ("not a hex digit", self.text[:end] +
                 last.replace('"packet":"45', '"packet":"#0', 1)),
                ("not a hex digit", self.text[:end] +
                 last.replace('{"packet":"', '{"vnet":"#0","packet":"', 1)),
                ("not a hex digit", self.text[:end] +
                 last.replace('{"packet":"', '{"vnet":"#0","packet":"', 1)
                 .replace('"id"', '"x-a": {"packet":"00000000000000000000"},\n'
                          '"id"', 1)),
                ("odd number", self.text[:end] +
                 last.replace('"packet":"45', '"packet":"4', 1)),
                ("line", self.text[:-6]),
                ("line", self.text.replace("\n  },", "\n  }", 1)),
                ("line", self.text.replace("\n  }\n", "\n  },\n")),
                ("line", self.text.replace("\n  },", "\n  }odd,", 1)),
                ("line", self.text[:end] + last.replace("\n", "\0odd\n", 3)),
                ("no note", self.text[:end] +
                 last.replace('"flags": []', '"flags": ["odd"]', 1))):
            with self.subTest(words):
                status, out, said = self.check(text)
                self.assertEqual((status, out), (2, ""))
                self.assertIn(words, said)
                self.assertEqual(len(said.splitlines()), 1)


class Adapter(Test):
    """grove adapter: requests and their answers."""

    def ask(self, *requests):
        done = run("adapter", input="".join(r + "\n" for r in requests))
        self.expect(done, 0, "")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def run_with(self, **fields):
        request = {"cmd": "run", "seq": 7, "op": "gro", "profile": "linux-6.18",
                   "input": [{"packet": "45aa"}], **fields}
        return self.ask(json.dumps(request))[0]

    def test_hello(self):
        answer = self.ask('{"cmd":"hello","protocol":1}')[0]
        self.assertEqual(answer["impl"], "grove")
        self.assertIn("linux-6.18", answer["profiles"])
        self.assertEqual(answer["tiers"], ["output", "verdict", "rule"])
        self.assertIn("error", self.ask('{"cmd":"hello","protocol":2}')[0])
        self.assertIn("error", self.ask('{"cmd":"hello"}')[0])

    def test_run(self):
        self.assertEqual(self.run_with(), {
            "seq": 7, "output": [{"packet": "45aa", "of": [0]}],
            "verdict": ["passed"], "rule": ["GRO-IP4-001"]})

    def test_run_gso(self):
        self.assertEqual(self.run_with(op="gso"),
                         {"seq": 7, "output": [{"packet": "45aa"}]})
        self.assertEqual(self.run_with(op="gso", input=[{"packet": "55aa"}]),
                         {"seq": 7, "rejected": "EINVAL",
                          "x-rule": "GRO-IN-001"})
        self.assertEqual(
            self.run_with(op="gso", input=[]),
            {"seq": 7, "error": "op gso takes one packet; give one in "
             "\"input\""})

    def test_skipped(self):
        for fields, reason in (
                ({"profile": "linux-9"},
                 "profile linux-9: no profile has this name"),
                ({"config": {"max_flow": 1}}, "config: unknown field "
                 "\"max_flow\"; remove it"),
                ({"config": {"mode": "other"}}, "config.mode: \"other\" is "
                 "unknown; write linux or lossless")):
            self.assertEqual(self.run_with(**fields),
                             {"seq": 7, "skipped": {"reason": reason}})

    def test_malformed(self):
        for fields, error in (
                ({"op": "gr"}, "op: \"gr\" is not an op; write gro or gso"),
                ({"what": 1}, "unknown field \"what\"; remove it or call it "
                 "\"x-...\""),
                ({"input": {}}, "input: not an array; write [...]"),
                ({"input": [{"packet": "a"}]}, "input[0].packet: odd number "
                 "of hex digits; a byte is two digits"),
                ({"cmd": "ran"}, "cmd: unknown; write hello, run or bye")):
            self.assertEqual(self.run_with(**fields),
                             {"seq": 7, "error": error})
        self.assertIn("error", self.run_with(seq="7"))

    def test_lines_that_are_not_requests(self):
        good = '{"cmd":"hello","protocol":1}'
        answers = self.ask("", "garbage", "[]", "{}", "x" * (65 << 20), good)
        for answer in answers[:5]:
            self.assertEqual(list(answer), ["error"])
        self.assertEqual(answers[4]["error"], "a line of over 64 MiB")
        self.assertEqual(answers[5]["impl"], "grove")

    def test_an_answer_that_is_too_long(self):
        extensions = b"".join(bytes([following, 255]) + bytes(2046)
                              for following in 15 * [60] + [6])
        tcp = bytes(12) + b"\x50\x10" + bytes(6) + bytes(20000)
        packet = (b"\x60\0\0\0" + bytes([0, 0, 60, 64]) + bytes(32)
                  + extensions + tcp)
        vnet = struct.pack("<BBHHHH", 1, 4, 0, 8, 40 + len(extensions), 16)
        answer = self.run_with(op="gso", input=[{"packet": packet.hex(),
                                                 "vnet": vnet.hex()}])
        self.assertEqual(answer, {"seq": 7, "error": "the answer would be a "
                                  "line of over 64 MiB"})

    def test_end(self):
        self.assertEqual(self.ask('{"cmd":"bye"}', "garbage"), [])
        done = run("adapter", input='{"cmd":"hello","protocol":1}')
        self.assertEqual(done.returncode, 0)
        self.assertIn('"impl":"grove"', done.stdout)

    def test_a_reader_that_has_gone(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = run("adapter", stdout=full,
                       input='{"cmd":"hello","protocol":1}\n')
        self.expect(done, 2, "grove: stdout: cannot be written; is the "
                    "disk full, or has the reader gone?\n")


# The first line of what asks the kernel, and the last one.
ASKED = r"\Agrove: linux-[\d.]+ has the profile linux-.*\n"
ONE_PASSED = r"1 passed, 0 failed, 0 skipped\n$"


class Kernel(Test):
    def good_here(self):
        """A vector for the profile of the running kernel."""
        done = run("kernel", input='{"cmd":"hello","protocol":1}\n')
        profile = json.loads(done.stdout)["profiles"][0]
        return vector("good", "45aa", {profile: "45aa"})

    def copy_for_anybody(self):
        """The command and a vector file, where each user can read them."""
        grove = self.folder / "grove"
        grove.write_bytes(Path(GROVE).read_bytes())
        grove.chmod(0o755)
        self.folder.chmod(0o755)
        return grove, self.write("v.json", vector_file(GOOD))

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_without_root(self):
        grove, _ = self.copy_for_anybody()
        path = self.write("v.json", vector_file(self.good_here()))
        done = support.run(grove, "check", "--kernel", path,
                           user=support.NOBODY, group=support.NOBODY,
                           extra_groups=[])
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, ASKED + ONE_PASSED)

    @unittest.skipUnless(support.has_rights(), "needs root to give it up")
    def test_without_user_namespaces(self):
        grove, path = self.copy_for_anybody()
        forbid = 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"'
        for args in (["kernel"], ["check", "--kernel", path]):
            self.refuse("set the sysctl user.max_user_namespaces over 0",
                        "unshare", "--user", "--map-root-user", "sh", "-c",
                        forbid, "sh", *support.without_rights(grove, *args),
                        status=77)

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_the_kernel_behind_the_protocol(self):
        done = run("kernel", input='{"cmd":"hello","protocol":1}\n')
        self.expect(done, 0, "")
        hello = json.loads(done.stdout)
        self.assertEqual((hello["impl"], hello["tiers"]), ("linux", ["output"]))
        path = self.write("v.json", vector_file(self.good_here()))
        done = run("check", "--exec", f"'{GROVE}' kernel", path)
        self.expect(done, 0, "1 passed, 0 failed, 0 skipped\n")
        done = run("check", "--kernel", path)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, ASKED + ONE_PASSED)

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_the_first_line_says_the_profile(self):
        path = self.write("v.json", vector_file(self.good_here()))
        for command in (["accumulate", "--kernel", "--vectors", "-n", "1"],
                        ["diff", "-n", "1"], ["check", "--kernel", path]):
            self.assertRegex(run(*command).stderr, ASKED)
            self.assertRegex(
                run(*command, "--profile", "linux-6.12").stderr,
                r"\Agrove: linux-[\d.]+ is taken for linux-6.12, which "
                r"--profile names\n")

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_a_kernel_whose_name_says_nothing(self):
        done = run("profile", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        other = support.run("setarch", "--uname-2.6", GROVE, "profile",
                            "--json")
        found = json.loads(other.stdout)
        self.assertNotEqual(found["implementation"], said["implementation"])
        self.assertEqual(found["profile"], said["profile"])


support.main()
