#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/deb: what it refuses, and that tools/package/debian fits this tree.
Building the packages takes minutes: that is tools/deb itself.
"""

import re

import support

DEB = support.TOOLS / "deb"
DEBIAN = support.TOOLS / "package/debian"
PACKAGES = {"libgrove0", "libgrove-tun0", "libgrove-dev", "grove",
            "grove-vectors"}
# What README.md says that a build needs, and Debian's packages do not.
NOT_FOR_PACKAGES = {"gcc", "libcmocka-dev"}


def read(path):
    return path.read_text(encoding="utf-8")


class Debian(support.Test):
    def test_packages(self):
        names = set(re.findall(r"^Package: (.*)$", read(DEBIAN / "control"),
                               re.M))
        self.assertEqual(names, PACKAGES)
        self.assertEqual({path.stem for path in DEBIAN.glob("*.install")},
                         names)

    def test_soname(self):
        """The number in libgrove0 is the SOVERSION: the major version."""
        major = re.search(r"^ +VERSION (\d+)", read(
            support.ROOT / "CMakeLists.txt"), re.M)[1]
        self.assertIn(f"libgrove{major}", PACKAGES)

    def test_build_depends(self):
        listed = re.search(r"The build needs `(.*?)`", read(
            support.ROOT / "README.md"), re.S)[1].split()
        wanted = re.search(r"^Build-Depends: (.*?)^\w", read(
            DEBIAN / "control"), re.M | re.S)[1]
        wanted = {re.match(r"[\w.+-]+", word.strip())[0]
                  for word in wanted.split(",")}
        self.assertEqual(set(listed) - NOT_FOR_PACKAGES - wanted, set())

    def test_vectors_are_all_there(self):
        """grove-vectors has each file of vectors/ but ports, peers and workflows."""
        lines = [line.split()[0] for line in read(
            DEBIAN / "grove-vectors.install").splitlines()]
        packed = {path for line in lines
                  for path in support.ROOT.glob(line)}
        left = {path.name for path in (support.ROOT / "vectors").iterdir()
                if path not in packed}
        self.assertEqual(left, {"LICENSE", "ci", "packages", "peers", "ports"})


class Refusals(support.Test):
    def test_no_clone(self):
        tree = support.Tree(self.folder / "tree", (
            "tools/deb", "tools/scripts", "tools/package", "CMakeLists.txt"))
        tools = self.make_folder("bin")
        for name in "dpkg-buildpackage", "dh", "lintian":
            support.write_script(tools / name, "exit 1\n")
        path = f"{tools}:/usr/bin:/bin"
        self.refuse("run it in a clone", tree.root / "tools/deb",
                    env=support.environment(PATH=path, GIT_CEILING_DIRECTORIES=
                                            str(self.folder)))

    def test_no_programs(self):
        self.refuse("SKIP: there is no dpkg-buildpackage; as root: apt-get "
                    "install dpkg-dev", "/usr/bin/python3", "-B", DEB,
                    status=77, env=support.environment(PATH="/none"))


if __name__ == "__main__":
    support.main()
