#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""The example workflow for other projects, vectors/ci/github.yml. Its steps are
run without a change, for the Python port, on a real release archive.

    workflow.py GROVE
"""
import hashlib
import json
import os
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

import support
import yaml
from scripts.kernels import suites

ROOT = support.ROOT
GROVE = support.program_argument()
PORT = ROOT / "vectors/ports/python"
FLOW = yaml.safe_load((ROOT / "vectors/ci/github.yml").read_text("utf-8"))

# A program that a port's author might write after reading "Reading the files
# without grove" in vectors/README.md.
RUNNER = '''#!/usr/bin/python3 -B
import json, pathlib, sys
import adapter

def expected(vector, profile):
    answer = vector["expect"][profile]
    if isinstance(answer, str):
        return expected(vector, answer.removeprefix("= "))
    return answer

def whole(inputs, output):
    if "packet" in output:
        return output["packet"]
    return output["header"] + "".join(
        inputs[i][2 * at:2 * (at + size)] for i, at, size in output["payload"])

def left(inputs, answer):
    if "rejected" in answer:
        return answer
    return [({name: value for name, value in output.get("vnet", {}).items()
              if value and name != "hdr_len"}, whole(inputs, output))
            for output in answer["output"]]

results = []
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.json")):
    if path.name.endswith(".schema.json"):
        continue
    for vector in json.loads(path.read_text()).get("vectors", []):
        inputs = [e["packet"] for e in vector["input"] if "packet" in e]
        for profile in vector["expect"]:
            answer = adapter.run({"op": vector["op"], "profile": profile,
                                  "config": vector.get("config", {}),
                                  "input": vector["input"]})
            same = left(inputs, answer) == left(inputs,
                                                expected(vector, profile))
            results.append("" if same else "<failure/>")
pathlib.Path(sys.argv[2]).write_text("<testsuite>" + "".join(
    f"<testcase>{result}</testcase>" for result in results) + "</testsuite>")
sys.exit(any(results) or not results)
'''


class Workflow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = support.scratch(cls.addClassCleanup)
        done = support.run(ROOT / "tools/dist", "-o", cls.folder,
                           env=support.environment(SOURCE_DATE_EPOCH="0"))
        cls.archive = Path(done.stdout.strip())
        cls.digest = hashlib.sha256(cls.archive.read_bytes()).hexdigest()

    def project(self):
        """Makes the folder of another project, with the Python port."""
        place = Path(tempfile.mkdtemp(dir=self.folder))
        (place / "grove/build").mkdir(parents=True)
        (place / "grove/build/grove").symlink_to(GROVE)
        (place / "known-failures.txt").touch()
        for name, text in (
                ("adapter", f"#!/bin/sh\nexec python3 -B {PORT}/adapter.py\n"),
                ("runner", RUNNER)):
            support.write_program(place / f"REPLACE-by-your-{name}", text)
        return place

    def run_step(self, job, name, place, **environment):
        """Runs a step as the forge does; returns its exit status."""
        text, = (step["run"] for step in FLOW["jobs"][job]["steps"]
                 if step.get("name") == name)
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
            cwd=place, check=False, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=support.environment(**{
                "PYTHONPATH": str(PORT), **FLOW["env"],
                **environment})).returncode

    def fetch(self, job, place, **environment):
        return self.run_step(job, "Fetch the vectors", place, **{
            "ARCHIVE_URL": self.archive.as_uri(),
            "ARCHIVE_SHA256": self.digest, **environment})

    def keep_one_suite(self, place):
        """Removes the other suites. The port is tested on all elsewhere."""
        for path in (place / "grove-vectors/vectors").rglob("*.json"):
            if path.name not in ("tcp.json", "vector.schema.json"):
                path.unlink()

    def spoil(self, place):
        """Makes one vector expect a wrong answer; returns its id."""
        path = place / "grove-vectors/vectors/rules/tcp.json"
        content = json.loads(path.read_text("utf-8"))
        vector = content["vectors"][0]
        for profile in vector["expect"]:
            vector["expect"][profile] = {"output": []}
        path.write_text(json.dumps(content), encoding="utf-8")
        return vector["id"]

    def failures(self, place):
        root = xml.etree.ElementTree.parse(place / "results.xml").getroot()
        self.assertTrue(list(root.iter("testcase")))
        return len(list(root.iter("failure")))

    def test_jobs(self):
        for job in FLOW["jobs"]:
            with self.subTest(job=job):
                place = self.project()
                self.assertEqual(self.fetch(job, place), 0)
                self.keep_one_suite(place)
                self.assertEqual(
                    self.run_step(job, "Check the port", place), 0)
                self.assertEqual(self.failures(place), 0)
                vector = self.spoil(place)
                self.assertEqual(
                    self.run_step(job, "Check the port", place), 1)
                self.assertGreater(self.failures(place), 0)
                (place / "known-failures.txt").write_text(f"{vector}\n")
        self.assertEqual(self.run_step("adapter", "Check the port", place), 0)

    def test_a_wrong_archive(self):
        for job in FLOW["jobs"]:
            place = self.project()
            self.assertNotEqual(
                self.fetch(job, place, ARCHIVE_SHA256="0" * 64), 0)
            self.assertFalse((place / "grove-vectors").exists())

    def test_what_a_forge_accepts(self):
        # YAML 1.1 reads the key "on" as true; the forge does not.
        self.assertEqual(set(FLOW) - {True},
                         {"name", "permissions", "env", "jobs"})
        for job in FLOW["jobs"].values():
            self.assertEqual(set(job), {"runs-on", "steps"})
            for step in job["steps"]:
                self.assertEqual(len({"run", "uses"} & set(step)), 1, step)
                self.assertRegex(step.get("uses", "a/b@v1"), r"^\w+/[\w-]+@v\d")
                text = step.get("run", "")
                for name in FLOW["env"]:
                    text = text.replace(f"${name}", "")
                self.assertNotRegex(text, r"\$\{?[A-Z]")
        files = [step["with"]["path"].split() for job in FLOW["jobs"].values()
                 for step in job["steps"] if "with" in step]
        self.assertEqual(files, [["results.xml", "results.tap"],
                                 ["results.xml"]])


# Of a workflow, a job and a step: the fields that this project uses. YAML 1.1
# takes "on" for true; the forge does not.
FLOW_FIELDS = {"name", True, "permissions", "jobs"}
JOB_FIELDS = {"runs-on", "timeout-minutes", "container", "strategy",
              "concurrency", "steps"}
STEP_FIELDS = {"name", "id", "if", "uses", "run", "with"}

# What an expression may name besides a column of the job's matrix.
CONTEXT = re.compile(r"github\.(workflow|ref)|secrets\.GITHUB_TOKEN")


def presets():
    """The names of CMake's presets."""
    text = (ROOT / "CMakePresets.json").read_text("utf-8")
    return {preset["name"] for preset in json.loads(text)["configurePresets"]
            if not preset.get("hidden")}


def columns(job):
    """The matrix of a job: the values of each column."""
    matrix = dict(job.get("strategy", {}).get("matrix", {}))
    for row in matrix.pop("include", []):
        for name, value in row.items():
            matrix.setdefault(name, []).append(value)
    return matrix


def mistakes_in_command(text):
    """Files and presets that a command names, and that are not there."""
    for path in re.findall(r"(?<![\w/-])tools/[\w./-]+", text):
        if not os.access(ROOT / path, os.X_OK):
            yield f"{path} is not a command"
    for name in re.findall(r"--preset (\S+)", text):
        if name not in presets():
            yield f"{name} is not a preset"


def mistakes_in_job(job):
    """What a forge would refuse in a job, or what would fail in it."""
    matrix = columns(job)
    names = re.findall(r"\$\{\{ *(\S+?) *\}\}", json.dumps(job))
    for name in names:
        column = name.removeprefix("matrix.")
        if column not in matrix and not CONTEXT.fullmatch(name):
            yield f"{name} is not defined"
    yield from (f"a job has no {field}"
                for field in {"runs-on", "steps"} - set(job))
    yield from (f"{field} is not a field of a job"
                for field in set(job) - JOB_FIELDS)
    for step in job.get("steps", ()):
        yield from (f"{field} is not a field of a step"
                    for field in set(step) - STEP_FIELDS)
        if len({"run", "uses"} & set(step)) != 1:
            yield "a step has neither or both of run and uses"
        if not re.fullmatch(r"[\w-]+(/[\w-]+)+@v\d+",
                            step.get("uses", "a/b@v1")):
            yield f"{step['uses']} has no version"
        for row in range(max(map(len, matrix.values()), default=1)):
            text = step.get("run", "")
            for column, values in matrix.items():
                text = text.replace(f"${{{{ matrix.{column} }}}}",
                                    str(values[row % len(values)]))
            yield from mistakes_in_command(text)


def mistakes(flow):
    """What is wrong with a workflow of this project."""
    yield from (f"{field} is missing" for field in FLOW_FIELDS - set(flow))
    yield from (f"{field} is not a field of a workflow"
                for field in set(flow) - FLOW_FIELDS)
    for job in flow.get("jobs", {}).values():
        yield from mistakes_in_job(job)


class OwnWorkflows(unittest.TestCase):
    """Those of this project, .github/workflows/."""

    def load(self, name):
        path = ROOT / ".github/workflows" / name
        return yaml.safe_load(path.read_text("utf-8"))

    def test_no_mistake(self):
        paths = list((ROOT / ".github/workflows").glob("*.yml"))
        self.assertIn("test.yml", [path.name for path in paths])
        for path in paths:
            with self.subTest(path.name):
                self.assertEqual(list(mistakes(self.load(path.name))), [])

    def test_packages(self):
        """Those of an architecture are among those of tools/test."""
        job = self.load("test.yml")["jobs"]["Architecture"]
        text, = (step["run"] for step in job["steps"]
                 if "tools/packages" in step.get("run", ""))
        packages = text.partition("}}")[2].split() + columns(job)["compiler"]
        everything = (ROOT / "tools/test").read_text("utf-8").split()
        self.assertLess(set(packages), set(everything))

    def test_suites(self):
        """Kernels are asked of suites that tools/kernels knows."""
        job = self.load("kernels.yml")["jobs"]["Try"]
        self.assertLess(set(columns(job)["suite"]), set(suites.SUITES))

    def test_planted_mistakes(self):
        text = (ROOT / ".github/workflows/test.yml").read_text("utf-8")
        for right, wrong, words in (
                ("runs-on:", "run-on:", "run-on is not a field of a job"),
                ("checkout@v4", "checkout", "actions/checkout has no version"),
                ("run: tools/test", "run: tools/tests/none",
                 "tools/tests/none is not a command"),
                ("preset: arm64", "preset: arm65", "arm65 is not a preset"),
                ("{ matrix.compiler", "{ matrix.cc", "matrix.cc is not "),
                ("run: ctest", "exec: ctest", "a step has neither"),
                ("permissions:", "permission:", "permissions is missing")):
            with self.subTest(wrong):
                self.assertIn(right, text)
                found = mistakes(yaml.safe_load(text.replace(right, wrong)))
                self.assertIn(words, " ".join(found))


support.main()
