#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/distro: what it refuses, what its command finds, and what it leaves.

No test needs the network: a script takes the place of debootstrap. It makes a
folder of a few programs of this machine.
"""
import fcntl
import os
import pathlib
import re
import unittest

import support

DISTRO = support.TOOLS / "distro"

# debootstrap OPTION... SUITE FOLDER MIRROR [SCRIPT]
DEBOOTSTRAP = """\
echo "$*" >>"$0.words"
while case $1 in -*) ;; *) false ;; esac; do shift; done
folder=$2
mkdir -p "$folder/mnt" "$folder/proc" "$folder/sys" "$folder/dev" \\
    "$folder/run" "$folder/root" "$folder/etc/apt/apt.conf.d"
for program in sh umount cat ls; do
    path=$(readlink -f "$(command -v $program)")
    for file in "$path" $(ldd "$path" | grep -o '/[^ ]*'); do
        mkdir -p "$folder$(dirname "$file")"
        cp "$file" "$folder$file"
    done
    mkdir -p "$folder/usr/bin" "$folder/usr/sbin"
    [ -e "$folder/usr/bin/$program" ] || cp "$path" "$folder/usr/bin/$program"
done
printf '#!/usr/bin/sh\\n' >"$folder/usr/sbin/update-ca-certificates"
chmod +x "$folder/usr/sbin/update-ca-certificates"
echo made >>"$0.calls"
"""


def mounts():
    """What is mounted, but for the named network namespaces of other tests."""
    lines = pathlib.Path("/proc/mounts").read_text("utf-8").splitlines()
    return [line for line in lines if not line.startswith("nsfs ")]


@unittest.skipUnless(os.geteuid() == 0, "it needs root")
class Distro(support.Test):
    def setUp(self):
        super().setUp()
        self.programs = self.make_folder("programs")
        self.make_folder("scripts")
        (self.folder / "scripts/trixie").touch()
        (self.folder / "sources").write_text(
            "deb http://near.example/debian trixie main\n")
        (self.folder / "apt.conf").write_text(
            f'Dir::Etc::SourceList "{self.folder}/sources";\n'
            'Dir::Etc::SourceParts "/dev/null";\n')
        self.plant(DEBOOTSTRAP)

    def plant(self, text):
        return support.write_script(self.programs / "debootstrap", text)

    def environment(self, **more):
        return support.environment(**{
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "XDG_CACHE_HOME": str(self.folder),
            "DEBOOTSTRAP_DIR": str(self.folder),
            "APT_CONFIG": str(self.folder / "apt.conf"), **more})

    def made(self):
        """What the command has left of suites."""
        return sorted(path.name for path in
                      (self.folder / "grove-distro").glob("*"))

    def refuse_here(self, words, *arguments, **more):
        self.refuse(words, *arguments, env=self.environment(**more))

    def test_usage(self):
        self.refuse_here("required: SUITE", DISTRO)
        for name in "none", "../trixie", "trixie/":
            self.refuse_here(f"{name}: no suite that debootstrap knows",
                             DISTRO, name)
        self.assertEqual(self.made(), [])

    def test_no_root(self):
        self.refuse_here("need root; run it as root",
                         "unshare", "--user", DISTRO, "trixie")

    def test_no_debootstrap(self):
        self.refuse_here("debootstrap: not found; apt-get install debootstrap",
                         DISTRO, "trixie", PATH=str(self.folder))

    def test_a_debootstrap_that_fails(self):
        self.plant('echo "E: Failed getting release file"; exit 1\n')
        done = support.run(DISTRO, "trixie", env=self.environment())
        self.expect_status(2, done)
        self.assertEqual(done.stderr.splitlines()[1:], [
            "distro: debootstrap: E: Failed getting release file"])
        self.assertEqual(self.made(), ["trixie.lock"])

    def test_a_command(self):
        """It finds the devices and the repository, once and again; nothing
        stays mounted here.
        """
        before = mounts()
        for _ in range(2):
            said = self.run_well(
                DISTRO, "trixie", "sh", "-c",
                "ls /; ls; ls /dev/null; cat /proc/mounts", timeout=240,
                env=self.environment())
            self.assertIn("SPEC.md\n", said)
            self.assertIn("/dev/null\n", said)
            self.assertNotIn(f"{self.folder}", said)
            self.assertEqual(re.findall(r" (/(?:run)?) ", said), ["/", "/run"])
        self.assertEqual(mounts(), before)
        self.assertEqual(
            (self.programs / "debootstrap.calls").read_text(), "made\n")
        self.assertEqual(self.made(), ["trixie", "trixie.lock"])

    def test_a_suite_of_ubuntu(self):
        """It needs the keys and the script of Ubuntu, and its updates."""
        self.refuse_here("noble: no suite that debootstrap knows", DISTRO,
                         "noble")
        (self.folder / "scripts/gutsy").touch()
        keys = (self.folder / "grove-distro/ubuntu-keyring/usr/share/keyrings/"
                "ubuntu-archive-keyring.gpg")
        keys.parent.mkdir(parents=True)
        said = self.run_well(DISTRO, "noble", "cat", "/etc/apt/sources.list",
                             timeout=240, env=self.environment())
        self.assertIn(" noble-updates main universe\n", said)
        words = (self.programs / "debootstrap.words").read_text().split()
        self.assertIn("--components=main,universe", words)
        self.assertRegex(" ".join(words),
                         r" --keyring=\S+/ubuntu-archive-keyring\.gpg noble ")
        self.assertEqual(words[-1], f"{self.folder}/scripts/gutsy")

    def test_one_command_at_a_time(self):
        self.make_folder("grove-distro")
        with open(self.folder / "grove-distro/trixie.lock", "w",
                  encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.refuse_here("another command runs there; wait",
                             DISTRO, "trixie")

    def test_its_exit_status(self):
        done = support.run(DISTRO, "trixie", "sh", "-c", "exit 9", timeout=240,
                           env=self.environment())
        self.expect_status(9, done)


support.main()
