#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""The action for other projects, vectors/ci/action.yml. Its steps are run in
order as a runner does, for an adapter that passes and for one that fails.

    action.py GROVE
"""
import json
import re
import xml.etree.ElementTree

import support
import yaml

ROOT = support.ROOT
GROVE = support.program_argument()
FOLDER = ROOT / "vectors/ci"
ACTION = yaml.safe_load((FOLDER / "action.yml").read_text("utf-8"))

GOOD = f"'{GROVE}' adapter"
BAD = f"{GOOD} | sed -u 's/\"csum_offset\":16/\"csum_offset\":6/g'"
END = "rules/end.json"

# A push to the default branch.
GITHUB = {"event_name": "push", "ref_name": "main",
          "event.repository.default_branch": "main"}

# In place of what a runner has: sudo asks nothing, and cmake is called as the
# step wants it, but what it would build is there.
SUDO = 'exec "$@"\n'
CMAKE = f'''printf '%s\\n' "$*" >>"$RUNNER_TEMP/cmake"
mkdir -p "$RUNNER_TEMP/grove"
ln -sf '{GROVE}' "$RUNNER_TEMP/grove/grove"
'''


def word(expression, values):
    """The value of a context as `inputs.level`; `!cancelled()` is true."""
    expression = expression.strip()
    if expression == "!cancelled()":
        return True
    if expression.startswith("'"):
        return expression.strip("'")
    return values[expression]


def condition(text, values):
    """Whether a step runs: comparisons that are joined by &&."""
    if text is None:
        return None
    for part in text.strip().removeprefix("${{").removesuffix("}}").split("&&"):
        left, compare, right = (part.partition("!=") if "!=" in part
                                else part.partition("=="))
        if not compare:
            holds = word(left, values)
        else:
            holds = (word(left, values) == word(right, values)) \
                == (compare == "==")
        if not holds:
            return False
    return True


def filled(text, values):
    """The text with the values of its expressions."""
    return re.sub(r"\$\{\{(.*?)\}\}", lambda match: word(match[1], values),
                  str(text))


def assignments(path):
    """A file of lines NAME=VALUE."""
    return dict(line.split("=", 1)
                for line in path.read_text("utf-8").splitlines())


class Runner:
    """Runs the steps for one project."""

    def __init__(self, folder, **inputs):
        self.project = folder / "project"
        self.project.mkdir(exist_ok=True)
        self.folder = folder
        self.temp = folder / "temp"
        self.stubs = folder / "stubs"
        for path in self.temp, self.stubs:
            path.mkdir(exist_ok=True)
        support.write_script(self.stubs / "sudo", SUDO)
        support.write_script(self.stubs / "cmake", CMAKE)
        unknown = inputs.keys() - ACTION["inputs"].keys()
        assert not unknown, unknown
        self.values = {f"github.{name}": value
                       for name, value in GITHUB.items()}
        for name, about in ACTION["inputs"].items():
            assert name in inputs or not about.get("required"), name
            self.values[f"inputs.{name}"] = inputs.get(name,
                                                       about.get("default"))
        self.log = ""
        self.artifacts = []

    def step(self, step):
        """Runs a step; returns its exit status."""
        if "uses" in step:
            self.artifacts += filled(step["with"]["path"], self.values).split()
            return 0
        output, page = self.folder / "output", self.folder / "summary.md"
        output.write_text("")
        done = support.run(
            step["shell"], "--noprofile", "--norc", "-eo", "pipefail", "-c",
            step["run"], cwd=self.project, env=support.environment(**{
                "PATH": f"{self.stubs}:/usr/local/bin:/usr/bin:/bin",
                "RUNNER_TEMP": str(self.temp),
                "GITHUB_ACTION_PATH": str(FOLDER),
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(page),
                **{name: filled(text, self.values)
                   for name, text in step.get("env", {}).items()}}))
        self.log += support.report_of(done)
        if "id" in step:
            self.values |= {f"steps.{step['id']}.outputs.{name}": value
                            for name, value in assignments(output).items()}
        return done.returncode

    def run(self):
        """Runs all steps; returns whether each of them succeeded. After a
        failure only those run whose condition says so.
        """
        good = True
        for step in ACTION["runs"]["steps"]:
            wanted = condition(step.get("if"), self.values)
            if wanted if wanted is not None else good:
                good = self.step(step) == 0 and good
        return good

    def output(self, name):
        return filled(ACTION["outputs"][name]["value"], self.values)

    def badge(self, name="gro-vectors.json"):
        return json.loads((self.project / name).read_text("utf-8"))

    def junit(self, name="gro-vectors.xml"):
        root = xml.etree.ElementTree.parse(self.project / name).getroot()
        return [len(list(root.iter(tag))) for tag in ("testcase", "failure")]

    def summary(self):
        return (self.folder / "summary.md").read_text("utf-8")


class Action(support.Test):
    def act(self, good, **inputs):
        runner = Runner(self.folder, **inputs)
        self.assertEqual(runner.run(), good, runner.log)
        return runner

    def test_what_passes(self):
        runner = self.act(True, adapter=GOOD, vectors=f"{END}\nrules/tcp.json")
        cases, failures = runner.junit()
        self.assertGreater(cases, 3000)
        self.assertEqual(failures, 0)
        self.assertEqual(runner.badge(), {
            "schemaVersion": 1, "label": "GRO vectors", "isError": False,
            "message": f"{cases:,} of {cases:,}, exact",
            "color": "brightgreen"})
        self.assertEqual([runner.output(name) for name in ACTION["outputs"]],
                         [str(cases), "0", "0", "0",
                          runner.badge()["message"]])
        self.assertIn(f"| {cases:,} | 0 | 0 | 0 | 0 |", runner.summary())
        self.assertNotIn("::error", runner.log)
        self.assertEqual(runner.artifacts,
                         ["gro-vectors.xml", "gro-vectors.json"])
        configured, built = (runner.temp / "cmake").read_text().splitlines()
        self.assertIn(f" -B {runner.temp}/grove ", configured)
        self.assertEqual(built, f"--build {runner.temp}/grove")

    def test_what_fails(self):
        """The control. All is shown and kept, and the action fails."""
        runner = self.act(False, adapter=BAD, vectors=END, level="safe")
        cases, failures = runner.junit()
        self.assertGreater(failures, 100)
        self.assertEqual(int(runner.output("failed")), failures)
        self.assertEqual(int(runner.output("unsafe")), failures)
        badge = runner.badge()
        self.assertEqual((badge["color"], badge["isError"]), ("red", True))
        self.assertEqual(badge["message"],
                         f"{cases - failures:,} of {cases:,}, safe")
        self.assertIn("::error title=end-", runner.log)
        self.assertRegex(runner.summary(), r"\| \d+ \| gro refused \|")
        self.assertIn("| unsafe refused | linux-6.18 ", runner.summary())
        self.assertEqual(len(runner.artifacts), 2)

    def test_inputs(self):
        """Each of them reaches grove, and none is read as shell."""
        names = {"junit": "it's.xml", "badge": "$(x) y.json"}
        runner = self.act(True, adapter=GOOD, vectors="rules/gso.json",
                          op="gso", profile="linux-6.12", level="safe",
                          timeout="9000", **names)
        self.assertIn(", safe", runner.badge(names["badge"])["message"])
        everything = self.act(True, adapter=GOOD, vectors="rules/gso.json")
        self.assertLess(runner.junit(names["junit"])[0],
                        everything.junit()[0])

    def test_known_failures(self):
        runner = self.act(False, adapter=BAD, vectors=END)
        path = self.folder / "project/known.txt"
        root = xml.etree.ElementTree.parse(
            self.folder / "project/gro-vectors.xml")
        path.write_text("".join(sorted({
            case.get("name").split()[0] + "\n" for case in
            root.iter("testcase") if case.find("failure") is not None})))
        runner = self.act(True, adapter=BAD, vectors=END,
                          **{"known-failures": "known.txt"})
        self.assertEqual(runner.badge()["color"], "yellow")

    def test_no_answer(self):
        """An adapter that is not there, and an option that grove refuses."""
        for inputs in ({"adapter": "./missing"},
                       {"adapter": GOOD, "level": "good"}):
            runner = self.act(False, vectors=END, **inputs)
            self.assertEqual((runner.badge()["message"],
                              runner.badge()["color"]),
                             ("no result", "lightgrey"))
            self.assertIn("no result", runner.summary())

    def git(self, *words):
        return self.run_well("git", "-C", self.folder / "project", *words)

    def make_repository(self):
        """A project whose forge is a folder."""
        project = self.make_folder("project")
        self.run_well("git", "init", "-q", "--bare", self.folder / "forge")
        self.run_well("git", "init", "-q", "-b", "main", project)
        self.git("remote", "add", "origin", self.folder / "forge")
        self.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q",
                 "--allow-empty", "-m", "x")
        self.git("push", "-q", "origin", "main")

    def published(self):
        self.git("fetch", "-q", "origin", "badges")
        return json.loads(self.git("show", "FETCH_HEAD:gro-vectors.json"))

    def test_a_published_badge(self):
        self.make_repository()
        branch = {"badge-branch": "badges", "vectors": END}
        self.act(True, adapter=GOOD, **branch)
        self.assertEqual(self.published()["color"], "brightgreen")
        self.act(False, adapter=BAD, **branch)
        self.assertEqual(self.published()["color"], "red")

    def test_a_branch_of_sources(self):
        """It is not overwritten."""
        self.make_repository()
        (self.folder / "project/source.c").touch()
        self.git("add", "source.c")
        self.git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q",
                 "-m", "x")
        self.git("push", "-q", "origin", "main")
        before = self.git("rev-parse", "HEAD")
        runner = self.act(False, adapter=GOOD, vectors=END,
                          **{"badge-branch": "main"})
        self.assertIn("The branch main has other files", runner.log)
        self.git("fetch", "-q", "origin", "main")
        self.assertEqual(self.git("rev-parse", "FETCH_HEAD"), before)

    def test_not_published(self):
        """Of a pull request nothing is."""
        self.make_repository()
        runner = Runner(self.folder, adapter=GOOD, vectors=END,
                        **{"badge-branch": "badges"})
        runner.values["github.event_name"] = "pull_request"
        self.assertTrue(runner.run(), runner.log)
        self.assertEqual(self.git("ls-remote", "origin", "badges"), "")


class Form(support.Test):
    """What a forge accepts."""

    def test_fields(self):
        self.assertEqual(set(ACTION), {"name", "description", "inputs",
                                       "outputs", "runs"})
        self.assertEqual(ACTION["runs"]["using"], "composite")
        for about in ACTION["inputs"].values():
            self.assertLessEqual(set(about),
                                 {"description", "required", "default"})
        for step in ACTION["runs"]["steps"]:
            self.assertLessEqual(set(step), {"name", "id", "if", "shell", "env",
                                             "run", "uses", "with"})
            self.assertEqual(len({"run", "uses"} & set(step)), 1)
            self.assertEqual("run" in step, "shell" in step)
            self.assertRegex(step.get("uses", "a/b@v1"), r"^\w+/[\w-]+@v\d")
            # An input in a script would be run as a part of it.
            self.assertNotIn("${{", step.get("run", ""))

    def test_names(self):
        """Each input is used, and each that is used is declared."""
        text = json.dumps(ACTION["runs"])
        self.assertEqual(set(re.findall(r"inputs\.([\w-]+)", text)),
                         set(ACTION["inputs"]))

    def test_packages(self):
        """What the action installs builds grove: README.md names it."""
        text = " ".join(ACTION["runs"]["steps"][0]["run"].split())
        named = re.search(r"needs `(gcc[^`]*)`",
                          " ".join((ROOT / "README.md").read_text().split()))
        for package in named[1].split():
            self.assertIn(f" {package} ", f"{text} ")

    def test_the_default_vectors(self):
        for name in ACTION["inputs"]["vectors"]["default"].split():
            self.assertTrue((ROOT / "vectors" / name).is_dir(), name)


support.main()
