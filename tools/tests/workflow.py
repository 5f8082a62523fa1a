#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The example workflow for other projects, vectors/ci/github.yml: its steps
run here as they stand, for the port to Python, on a real release archive.

    workflow.py GROVE
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
GROVE = Path(sys.argv.pop(1)).resolve()
PORT = ROOT / "vectors/ports/python"
FLOW = yaml.safe_load((ROOT / "vectors/ci/github.yml").read_text("utf-8"))

# What a port's author might write, of README.md's "Reading the files without
# grove".
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
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        done = subprocess.run([ROOT / "tools/dist", "-o", cls.folder],
                              stdout=subprocess.PIPE, text=True, check=True,
                              env={**os.environ, "SOURCE_DATE_EPOCH": "0"})
        cls.archive = Path(done.stdout.strip())
        cls.digest = hashlib.sha256(cls.archive.read_bytes()).hexdigest()

    def project(self):
        """A project of somebody else's, with the port to Python."""
        place = Path(tempfile.mkdtemp(dir=self.folder))
        (place / "grove/build").mkdir(parents=True)
        (place / "grove/build/grove").symlink_to(GROVE)
        (place / "known-failures.txt").touch()
        for name, text in (
                ("adapter", f"#!/bin/sh\nexec python3 -B {PORT}/adapter.py\n"),
                ("runner", RUNNER)):
            path = place / f"REPLACE-by-your-{name}"
            path.write_text(text, encoding="utf-8")
            path.chmod(0o755)
        return place

    def run_step(self, job, name, place, **environment):
        """Runs a step as the forge does; its exit status."""
        text, = (step["run"] for step in FLOW["jobs"][job]["steps"]
                 if step.get("name") == name)
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
            cwd=place, check=False, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={
                **os.environ, "PYTHONPATH": str(PORT), **FLOW["env"],
                **environment}).returncode

    def fetch(self, job, place, **environment):
        return self.run_step(job, "Fetch the vectors", place, **{
            "ARCHIVE_URL": self.archive.as_uri(),
            "ARCHIVE_SHA256": self.digest, **environment})

    def keep_one_suite(self, place):
        """The port is tested elsewhere; here one suite is enough."""
        for path in (place / "grove-vectors/vectors").rglob("*.json"):
            if path.name not in ("tcp.json", "vector.schema.json"):
                path.unlink()

    def spoil(self, place):
        """Expects another thing of one vector; its id."""
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

    def test_what_a_forge_wants(self):
        # YAML 1.1 takes "on" for true; the forge does not.
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


unittest.main()
