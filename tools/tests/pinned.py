#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/pinned: which program it names, and what it refuses.

No test needs the network: pip is told to use folders of this machine.
"""
import shutil
import sys
import unittest

import support

PINNED = support.TOOLS / "pinned"
HAS_PIP = support.run(sys.executable, "-m", "pip", "--version").returncode == 0


class Pinned(support.Test):
    def variables(self, **more):
        """No clang-format-14 on the PATH, and no registry."""
        programs = self.make_folder("programs")
        (programs / "python3").symlink_to(shutil.which("python3"))
        return support.environment(
            PATH=str(programs), XDG_CACHE_HOME=str(self.folder / "cache"),
            PIP_NO_INDEX="1", PIP_CONFIG_FILE="/dev/null",
            PIP_FIND_LINKS=str(self.make_folder("wheels")), **more)

    def test_usage(self):
        self.refuse("invalid choice: 'gcc'", PINNED, "gcc")
        self.refuse("required: NAME", PINNED)

    def test_a_program_on_the_path(self):
        program = support.write_script(self.folder / "clang-format-14", "")
        said = self.run_well(PINNED, "clang-format", env=support.environment(
            PATH=str(self.folder)))
        self.assertEqual(said, f"{program}\n")

    def test_no_registry(self):
        environment = self.variables()
        for name in "clang-format", "clang-tidy":
            self.refuse(f"SKIP: no {name}-14 on the PATH, and not by pip: ",
                        PINNED, name, status=77, env=environment)
        self.assertEqual([path.name for path in
                          (self.folder / "cache/grove-pinned").iterdir()],
                         ["lock"])

    @unittest.skipUnless(HAS_PIP, "no pip: apt-get install python3-pip")
    def test_another_file_than_the_pinned_one(self):
        environment = self.variables()
        wheel = "clang_format-14.0.6-py2.py3-none-any"
        shutil.make_archive(str(self.folder / "wheels" / wheel), "zip",
                            self.make_folder("empty"))
        (self.folder / f"wheels/{wheel}.zip").rename(
            self.folder / f"wheels/{wheel}.whl")
        self.refuse("the registry has another clang-format than this",
                    PINNED, "clang-format", env=environment)

    def test_no_way_to_write(self):
        (self.folder / "cache").touch()
        self.refuse("choose another place by XDG_CACHE_HOME",
                    PINNED, "clang-format", env=self.variables())


support.main()
