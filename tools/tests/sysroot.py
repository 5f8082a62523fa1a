#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/sysroot: what it refuses, when it skips, and what a folder holds.

No test needs the network.
"""
import importlib.machinery
import importlib.util
import sys

import support

SYSROOT = support.TOOLS / "sysroot"

# Nobody listens there.
NO_PROXY = "http://127.0.0.1:9"


def load():
    """tools/sysroot as a module."""
    loader = importlib.machinery.SourceFileLoader("sysroot", str(SYSROOT))
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader("sysroot", loader))
    loader.exec_module(module)
    return module


class Sysroot(support.Test):
    def apt_sources(self, line):
        """The environment in which apt reads this source only."""
        (self.folder / "sources").write_text(line + "\n")
        (self.folder / "apt.conf").write_text(
            f'Dir::Etc::SourceList "{self.folder}/sources";\n'
            'Dir::Etc::SourceParts "/dev/null";\nAcquire::Retries "0";\n')
        return {"APT_CONFIG": str(self.folder / "apt.conf")}

    def expect(self, status, words, *arguments, **environment):
        self.refuse(words, SYSROOT, *arguments, status=status,
                    env=support.environment(**environment))

    def test_usage(self):
        self.expect(2, "--help")
        self.expect(2, "FOLDER", "s390x")

    def test_no_way_to_write(self):
        (self.folder / "file").touch()
        self.expect(2, "choose another folder",
                    "s390x", self.folder / "file/tree")

    def test_no_network(self):
        self.expect(77, "SKIP: no network",
                    "s390x", self.folder / "tree", http_proxy=NO_PROXY,
                    **self.apt_sources("deb http://near.example/ x main"))
        self.assertFalse((self.folder / "tree").exists())

    def test_no_packages(self):
        """A source that has nothing for the architecture."""
        (self.folder / "empty").mkdir()
        (self.folder / "empty/Packages").touch()
        self.expect(77, "SKIP: no packages for s390x: Unable to locate",
                    "s390x", self.folder / "tree", **self.apt_sources(
                        f"deb [trusted=yes] copy:{self.folder}/empty ./"))
        self.assertFalse((self.folder / "tree").exists())

    def test_what_is_there_stays(self):
        (self.folder / "tree").mkdir()
        self.run_well(sys.executable, SYSROOT, "s390x", self.folder / "tree",
                      env={"PATH": "/none"})
        self.assertEqual(list((self.folder / "tree").iterdir()), [])

    def test_links(self):
        library = self.folder / "usr/lib/triplet"
        library.mkdir(parents=True)
        (library / "libz.so.1").write_text("z")
        (library / "absolute").symlink_to("/usr/lib/triplet/libz.so.1")
        (library / "relative").symlink_to("libz.so.1")
        load().mend_links(self.folder)
        for name in ("absolute", "relative"):
            self.assertFalse((library / name).readlink().is_absolute())
            self.assertEqual((library / name).read_text(), "z")
        self.assertEqual((self.folder / "lib/triplet/libz.so.1").read_text(),
                         "z")


support.main()
