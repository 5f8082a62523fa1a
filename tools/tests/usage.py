#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Help and wrong usage of the commands of grove and of the tools that are shell
scripts: usage.py GROVE.
"""

import os
import re
import shutil

import support

GROVE = support.program_argument()
OPTIONS_ONLY = ("accumulate", "adapter", "bench", "diff", "kernel")


class Tools(support.Test):
    """The tools that are shell scripts."""

    def test_packages(self):
        tool = support.TOOLS / "packages"
        self.assertIn("Installs those of the named Debian packages",
                      self.run_well(tool, "--help"))
        self.refuse("packages: --none: expected names of packages; see "
                    "tools/packages --help", tool, "--none")
        self.refuse("packages: no argument: expected names", tool)

    def test_one_of_several_packages(self):
        """`old` is installed; the archive has `new` and `other`."""
        for name, text in (
                ("dpkg-query", '[ "$3" = old ] && echo installed'),
                ("apt-cache", '[ "$2" = new ] || [ "$2" = other ]'),
                ("apt-get", f'echo "$@" >>{self.folder}/asked')):
            support.write_script(self.folder / name, f"{text}\n")
        environment = support.environment(
            PATH=f"{self.folder}:{os.environ['PATH']}")
        packages = ("gone|old", "gone|new", "other|new", "none")
        tool = support.TOOLS / "packages"
        self.refuse("as root: apt-get install new none other\n", "unshare",
                    "--user", tool, *packages, env=environment)
        if os.geteuid() == 0:
            support.run(tool, *packages, env=environment)
            self.assertEqual(
                (self.folder / "asked").read_text().splitlines()[-1],
                "install -qq --no-install-recommends new none other")

    def test_no_conditions(self):
        """No gcc, and one that cannot count conditions."""
        tool = support.TOOLS / "coverage"
        environment = support.environment(PATH=str(self.folder))
        (self.folder / "dirname").symlink_to(shutil.which("dirname"))
        support.write_script(self.folder / "dpkg-query", "echo installed\n")
        self.refuse("coverage: gcc: not found; install gcc 14 or later", tool,
                    "--mcdc", env=environment)
        support.write_script(self.folder / "gcc", "exit 1\n")
        self.refuse("coverage: SKIP: gcc is older than 14; see tools/coverage "
                    "--help", tool, "--mcdc", status=support.SKIPPED,
                    env=environment)

    def test_no_arguments(self):
        for name in "coverage", "demo", "test":
            with self.subTest(name):
                tool = support.TOOLS / name
                about = tool.read_text("utf-8").splitlines()[2]
                said = self.run_well(tool, "--help", cwd=self.folder,
                                     timeout=10)
                self.assertIn(about.removeprefix("# "), said.splitlines())
                self.refuse(f"{name}: --none: takes no arguments; see "
                            f"tools/{name} --help", tool, "--none",
                            cwd=self.folder)


class Commands(support.Test):
    """The commands of grove."""

    def test_no_command(self):
        self.refuse("no command", GROVE)
        self.refuse("none: no such command", GROVE, "none")

    def test_every_command(self):
        said = self.run_well(GROVE, "--help")
        names = set(re.findall(r"^  ([a-z]+) ", said, re.M)) - {"grove"}
        self.assertGreaterEqual(len(names), 9, said)
        for name in names:
            with self.subTest(name):
                self.assertIn(f"Usage: grove {name}", self.run_well(
                    GROVE, name, "--help", timeout=10))
                self.refuse(f"grove {name}: unrecognized option '--none'",
                            GROVE, name, "--none")

    def test_arguments(self):
        for name in OPTIONS_ONLY:
            with self.subTest(name):
                self.refuse(f"grove {name}: none: it takes options only",
                            GROVE, name, "none")
        self.refuse("grove bench: option '--only' requires an argument",
                    GROVE, "bench", "--only")
        self.refuse("grove diff: --max-bytes 5: expected a number from 65536 to "
                    "524280", GROVE, "diff", "--max-bytes", "5")
        self.refuse("leave --fraglist, --hash", GROVE, "diff", "--fraglist",
                    "--max-bytes", "70000")
        self.refuse("leave --hash out", GROVE, "diff", "--hash", "--op", "gso")
        self.refuse("leave one of them out", GROVE, "diff", "--hash",
                    "--fraglist")
        self.refuse("leave --hash, --link", GROVE, "diff", "--hash",
                    "--layers")
        self.refuse("grove bench: --only none: expected TCP, UDP, TCP6, UDP6 or "
                    "VXLAN", GROVE, "bench", "--only", "none")


support.main()
