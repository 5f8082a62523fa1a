#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/kernels: the input that it refuses, the packages that it chooses, and
each kernel that it boots. Also grove diff --exec.

    kernels.py GROVE [Planted]

Kernels that are missing are fetched. Without a network for that the exit status
is 77. The tests with planted packages need no kernel and no network.
"""
import json
import os
import resource
import signal
import subprocess
import sys
import unittest.mock
from pathlib import Path

import support
from scripts import command
from scripts.kernels import archive, cache, image, suites

TOOLS = support.TOOLS
GROVE = support.program_argument()
HELLO = '{"cmd":"hello","protocol":1}\n'

# No proxy listens at this address.
NO_PROXY = "http://127.0.0.1:9"


# To fetch and boot all kernels may take so many seconds.
PATIENCE = 3600


def run(*arguments, environment=None, grove=GROVE, **options):
    return support.run(
        TOOLS / "kernels", "--grove", grove, *arguments, timeout=PATIENCE,
        env=support.environment(**(environment or {})), **options)


class Refusals(support.Test):
    def setUp(self):
        super().setUp()
        self.elsewhere = {"XDG_CACHE_HOME": str(self.folder)}

    def expect(self, done, status, words):
        self.expect_one_line(status, words, done)
        self.assertEqual(done.stdout, "")

    def test_usage(self):
        self.expect(run(), 2, "--help")
        self.expect(run("adapter", "5.0"), 2, "tools/kernels fetch 5.0")
        self.expect(run("adapter", "../6.1"), 2, "../6.1: neither a series")
        self.expect(run("check", "--on", "sid"), 2, "sid: neither a series")
        self.expect(run("fetch", "buster"), 2, "one of bullseye, ")
        self.expect(run("survey", "sid"), 2, "sid: neither a series")

    def test_no_grove(self):
        self.expect_one_line(2, "--grove", run("check", grove="/none"))
        self.expect(run("adapter", "6.1", grove=self.folder), 2, "--grove")
        self.expect_one_line(2, "--grove", run("check", grove="/bin/true"))

    def test_help(self):
        """A sentence describes each command."""
        for command in ("list", "fetch", "adapter", "run", "exec", "check",
                        "confirm", "survey", "pages", "selftest"):
            done = run(command, "--help")
            self.assertEqual(done.returncode, 0)
            self.assertRegex(done.stdout.split("\n\n")[1].strip(),
                             r"(?s)^[A-Z].*\.$")

    def test_nothing_fetched(self):
        self.expect(run("adapter", "6.1", environment=self.elsewhere), 2,
                    "machine: is not there; run `tools/kernels fetch 6.1`")
        self.make_folder("grove-kernels/machine")
        for arguments in (["adapter", "6.1.170"], ["run", "6.1.170", "diff"],
                          ["check", "--on", "6.1.170"],
                          ["confirm", "--on", "6.1.170"],
                          ["survey", "6.1.170"],
                          ["exec", "6.1.170", "sh"]):
            self.expect(run(*arguments, environment=self.elsewhere), 2,
                        "6.1.170: is not there; run `tools/kernels fetch "
                        "6.1.170`")

    def test_no_network(self):
        for name in ("fetch", "list"):
            self.expect(run(name, environment={
                **self.elsewhere, "http_proxy": NO_PROXY}), 77, "no network")
        self.assertFalse((self.folder / "grove-kernels/machine").exists())

    def test_no_folder(self):
        self.expect(run("fetch", environment={"XDG_CACHE_HOME": "/dev/null"}),
                    2, "XDG_CACHE_HOME")

    def test_damaged_package(self):
        def get(folder):
            (folder / "linux.deb").write_bytes(b"no package")

        with self.assertRaisesRegex(command.Problem, "^linux.deb: .*again$"):
            archive.unpack(get, self.folder / "6.1")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_damaged_module(self):
        """It may be packed in another way than Debian's modules are."""
        for name in ("tun.ko", "virtio-pci.ko.xz", "cls_bpf.ko.zst"):
            (self.folder / name).write_bytes(b"no module")
        modules = image.Modules(self.folder)
        for name in ("tun", "virtio_pci", "cls_bpf"):
            with self.assertRaisesRegex(command.Problem, "fetch it again"):
                modules.need(name)

    def test_half_fetched(self):
        for folder in ("machine", "6.1"):
            (self.folder / "grove-kernels" / folder).mkdir(parents=True)
        (self.folder / "grove-kernels/6.1/modules.builtin").write_text(
            "".join(f"kernel/{name}.ko\n" for name in image.MODULES))
        self.expect(run("adapter", "6.1", environment=self.elsewhere), 2,
                    "bin/busybox: No such file or directory; remove ")

    def test_no_room(self):
        """A file that cannot be written keeps its content, and no other file
        is left beside it.
        """
        vectors = self.folder / "udp.json"
        whole = (TOOLS.parent / "vectors/rules/udp.json").read_bytes()
        vectors.write_bytes(whole)
        report = {"implementation": "linux 6.1.1", "passed": 1, "failed": 0,
                  "skipped": 0, "results": [
                      {"id": json.loads(whole)["vectors"][0]["id"],
                       "file": str(vectors), "profile": "linux-6.1",
                       "result": "passed", "why": []}]}
        grove = self.folder / "grove"
        grove.write_text("#!/bin/sh\n"
                         f"[ $1 = check ] || exec '{GROVE}' \"$@\"\n"
                         f"echo '{json.dumps(report)}'\n")
        grove.chmod(0o755)
        done = run("confirm", vectors, grove=grove,
                   preexec_fn=lambda: resource.setrlimit(
                       resource.RLIMIT_FSIZE, (1024, 1024)))
        self.expect_one_line(2, "udp.json: File too large; choose", done)
        self.assertEqual(vectors.read_bytes(), whole)
        self.assertEqual(len(list(self.folder.iterdir())), 2)

    def make_repository(self):
        """Makes a correct repository for apt, but without a signature."""
        release = self.folder / "debian/dists/sid"
        packages = release / "main/binary-amd64"
        packages.mkdir(parents=True)
        (packages / "Packages").write_text("")
        (release / "Release").write_text(
            "Codename: sid\nSuite: unstable\nArchitectures: amd64\n"
            "Components: main\nSHA256:\n e3b0c44298fc1c149afbf4c8996fb92427ae41"
            "e4649b934ca495991b7852b855 0 main/binary-amd64/Packages\n")

    def test_unsigned(self):
        self.make_repository()
        self.enterContext(unittest.mock.patch.object(
            archive, "mirrors",
            return_value={"debian": f"file:{self.folder}/debian"}))
        with self.assertRaisesRegex(command.Problem, "not signed|GPG"):
            with archive.archive_of(self.folder, "amd64", ["sid"]):
                self.fail("it was read")

    def apt_sources(self, name, text):
        """Lets apt read these sources instead of the machine's."""
        (self.folder / name).write_text(text)
        (self.folder / "apt.conf").write_text(
            f'Dir::Etc::SourceList "/dev/null";\n'
            f'Dir::Etc::SourceParts "{self.folder}";\n')
        self.enterContext(unittest.mock.patch.dict(
            os.environ, APT_CONFIG=str(self.folder / "apt.conf")))

    def test_mirror_of_a_line(self):
        self.apt_sources("mirror.list", """\
deb http://other.example/ubuntu noble main
deb [arch=amd64] http://near.example/mirrors/debian trixie main
deb http://near.example/debian-security/ trixie-security main
""")
        self.assertEqual(archive.mirrors(), {
            "debian": "http://near.example/mirrors/debian",
            "debian-security": "http://near.example/debian-security"})

    def test_mirror_of_a_stanza(self):
        self.apt_sources("mirror.sources", """\
Types: deb deb-src
URIs: https://near.example/archive/debian/20260102T030405Z
Suites: sid
Components: main
""")
        self.assertEqual(archive.mirrors(), {
            "debian": "https://near.example/archive/debian/20260102T030405Z"})

    def test_no_mirror(self):
        self.apt_sources("mirror.list",
                         "deb http://other.example/ubuntu noble main\n")
        with self.assertRaisesRegex(command.Skip, "name no mirror"):
            archive.place("sid")

    def test_security_updates(self):
        """They are in an archive of their own, which apt may not name."""
        mirror = "deb http://near.example/debian trixie main\n"
        self.apt_sources("mirror.list", mirror)
        self.assertEqual(archive.place("trixie-security"),
                         "http://near.example/debian-security")
        self.assertEqual(archive.with_updates("trixie"), ["trixie"])
        self.apt_sources("mirror.list", mirror + "deb http://far.example/"
                         "debian-security trixie-security main\n")
        self.assertEqual(archive.place("trixie-security"),
                         "http://far.example/debian-security")
        self.assertEqual(archive.with_updates("trixie"),
                         ["trixie", "trixie-security"])

    def test_reason(self):
        """An error of apt is the reason, and not a warning before it."""
        for kind, words, text in (
                (command.Problem, "^The disk", "W: Old\nE: The disk\nE: Late"),
                (command.Problem, "^Old", "W: Old"),
                (command.Problem, "does not say why", ""),
                (command.Skip, "^no network: Some",
                 "W: Old\nE: Some: Could not resolve 'near.example'"),
                (archive.NoSuite, "^The rep", "E: The repository 'http://near."
                 "example x Release' does not have a Release file."),
                (archive.Missing, "^Unable", "E: Unable to locate package x"),
                (command.Problem, "no key 6ED0E7B8, which signs http://near."
                 "example trixie; install the newest package debian-archive-",
                 "W: GPG error: http://near.example trixie InRelease: The "
                 "public key is not available: NO_PUBKEY 6ED0E7B8 NO_PUBKEY "
                 "78DBA3BC\nE: The repository is not signed.")):
            with self.subTest(text), self.assertRaisesRegex(kind, words):
                raise archive.failure(text)

    def test_order(self):
        """Versions are sorted as dpkg does."""
        names = ["5.10.262-1", "6.1.9-1", "6.1.192-1~deb11u1", "6.1.192-1",
                 "6.1.192-2", "6.12.9-1", "7.3~rc7-1~exp1", "7.3-1", "7.3.4-1"]
        self.assertEqual(sorted(reversed(names), key=suites.order), names)
        for one, other in zip(names, names[1:]):
            self.run_well("dpkg", "--compare-versions", one, "lt", other)


# Stands in for apt-get and apt-cache. A folder beside it has, by suite, the
# file SUITE with the records of the packages, or SUITE.error with what apt
# prints when it fails; NAME.deb are packages.
PLANTED_APT = """#!/bin/sh
planted=$(dirname "$0")/planted
for word; do
    case $word in
    --print-uris)
        echo "'http://near.example/debian/dists/sid/InRelease' x 0"
        exit ;;
    Dir::State=*) suite=${word##*/} ;;
    update | dumpavail | download) command=$word ;;
    linux-*=*) packages="$packages $word" ;;
    esac
done
echo "$command $suite" >>"$planted/log"
case $command in
update)
    test ! -e "$planted/$suite.error" ||
        { cat "$planted/$suite.error" >&2; exit 100; } ;;
dumpavail)
    cat "$planted/$suite" ;;
download)
    for package in $packages; do
        name=${package%%=*}
        cp "$planted/$name.deb" . 2>/dev/null ||
            { echo "E: Version '${package#*=}' for '$name' was not found" >&2
              exit 100; }
    done ;;
esac
"""


def record(package, version, depends=()):
    needs = ", ".join(["kmod", *(f"{name} (= {version})" for name in depends)])
    return (f"Package: {package}\nVersion: {version}\nDepends: {needs}\n"
            "Description: of no use\n more: of it\n\n")


def image_record(release, revision="1", parts=("base",)):
    """The record of a kernel that depends on these parts."""
    name = f"{release}+deb13-cloud-amd64"
    return record(f"linux-image-{name}", f"{release}-{revision}",
                  [f"linux-{part}-{name}" for part in parts])


def split_records(release, lacks=()):
    """The records of a kernel from 6.19 on, without some of its parts."""
    parts = ("base", "binary", "modules")
    return image_record(release, parts=parts) + "".join(
        record(f"linux-{part}-{release}+deb13-cloud-amd64", f"{release}-1")
        for part in parts if part not in lacks)


def boot_image(version):
    """The header of a kernel with this version of its package."""
    text = f"6.1.0-1 (x@example) #1 SMP Debian {version} (2026-01-01)"
    at = 0x300
    return (bytes(0x202) + b"HdrS" + bytes(8) + at.to_bytes(2, "little")
            ).ljust(at + 0x200, b"\0") + text.encode() + b"\0"


class Planted(support.Test):
    """Lists and choices, with an apt that answers from files."""

    def setUp(self):
        super().setUp()
        lacks = cache.requirements()
        if lacks is not None:
            self.skipTest(lacks)
        self.planted = self.make_folder("bin/planted")
        for name in ("apt-get", "apt-cache"):
            support.write_program(self.folder / "bin" / name, PLANTED_APT)
        self.cache = self.make_folder("grove-kernels")
        (self.cache / "machine").mkdir()  # it is not fetched
        for suite in suites.SUITES:
            self.plant(suite)

    def plant(self, suite, *records):
        (self.planted / suite).write_text("".join(records))

    def plant_package(self, name, version, file="vmlinuz"):
        """Makes a package that has only a boot image, as this file."""
        tree = self.make_folder(f"tree-{name}")
        (tree / "DEBIAN").mkdir()
        (tree / "DEBIAN/control").write_text(
            f"Package: {name}\nVersion: {version}\nArchitecture: all\n"
            "Maintainer: x\nDescription: x\n")
        (tree / "boot").mkdir()
        (tree / "boot" / file).write_bytes(boot_image(version))
        self.run_well("dpkg-deb", "--build", tree,
                      self.planted / f"{name}.deb")

    def place_kernel(self, folder, version):
        """Puts a kernel into the cache."""
        boot = self.make_folder(f"grove-kernels/{folder}/boot")
        (boot / "vmlinuz").write_bytes(boot_image(version))

    def kernels(self, *arguments):
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        return run(*arguments, environment={
            "XDG_CACHE_HOME": str(self.folder), "PATH": path})

    def rows(self):
        done = self.expect_status(0, self.kernels("list", "--json"))
        return {row.pop("release"): row for row in json.loads(done.stdout)}

    def expect_refused(self, status, words, *arguments):
        """The command fails in one line, after those that say what is there.
        The cache has no new folder.
        """
        done = self.kernels(*arguments)
        self.expect_status(status, done)
        *before, reason = done.stderr.splitlines()
        self.assertIn(words, reason)
        for line in before:
            self.assertRegex(line, "is there$|left out: ")
        self.assertLessEqual({path.name for path in self.cache.iterdir()},
                             {"machine", "lists", "lock"})

    def test_list(self):
        """A row for each release: the newest package of it, and the first suite
        that has it. A package without a kernel has none.
        """
        self.plant("bookworm", record("linux-image-6.1.0-9-cloud-amd64",
                                      "6.1.9-1"),
                   record("linux-image-6.1-cloud-amd64", "6.1.9-1",
                          ["linux-image-6.1.0-9-cloud-amd64"]),
                   record("linux-image-6.1.0-9-amd64", "6.1.9-1"),
                   record("linux-image-6.1.0-9-cloud-amd64-unsigned",
                          "6.1.9-1"))
        self.plant("bookworm-backports", image_record("6.12.9", "1~bpo12+1"))
        self.plant("trixie", image_record("6.12.9"))
        self.plant("trixie-security", image_record("6.12.9"))
        self.plant("experimental", split_records("7.3~rc7"))
        nothing = {"here": [], "lacks": []}
        self.assertEqual(self.rows(), {
            "6.1.9": {"package": "linux-image-6.1.0-9-cloud-amd64",
                      "version": "6.1.9-1", "suite": "bookworm", **nothing},
            "6.12.9": {"package": "linux-image-6.12.9+deb13-cloud-amd64",
                       "version": "6.12.9-1", "suite": "trixie", **nothing},
            "7.3~rc7": {"package": "linux-image-7.3~rc7+deb13-cloud-amd64",
                        "version": "7.3~rc7-1", "suite": "experimental",
                        **nothing}})
        self.assertEqual(self.kernels("list").stdout.splitlines()[1].split(),
                         ["6.1.9", "linux-image-6.1.0-9-cloud-amd64",
                          "bookworm"])

    def test_list_here(self):
        """Also kernels that no suite has any more."""
        self.plant("trixie", image_record("6.12.9"))
        self.place_kernel("6.12", "6.12.9-1")
        self.place_kernel("5.10.7", "5.10.7-1")
        rows = self.rows()
        self.assertEqual(rows["6.12.9"]["here"], ["6.12"])
        self.assertEqual(rows["5.10.7"], {
            "package": None, "version": None, "suite": None,
            "here": ["5.10.7"], "lacks": []})
        self.assertRegex(self.kernels("list").stdout,
                         r"(?m)^5\.10\.7 +- +- +here$")

    def test_list_lacks(self):
        self.plant("trixie-backports", split_records("7.0.4", ["modules"]))
        self.assertRegex(
            self.kernels("list").stdout, "cannot be fetched: no "
            "linux-modules-7.0.4.deb13-cloud-amd64\n")
        self.expect_refused(2, "does not have linux-modules-7.0.4",
                            "fetch", "7.0.4")

    def test_list_is_kept(self):
        """apt is asked again if the list is old or of another mirror."""
        def updates():
            self.rows()
            log = (self.planted / "log").read_text()
            return log.count("update trixie\n")

        self.assertEqual([updates(), updates()], [1, 1])
        known = self.cache / "lists/trixie/kernels.json"
        os.utime(known, (0, 0))
        self.assertEqual([updates(), updates()], [2, 2])
        known.write_text(known.read_text().replace("near", "far"))
        self.assertEqual([updates(), updates()], [3, 3])

    def test_suite_is_missing(self):
        """The other suites are listed, and it cannot be fetched from."""
        self.plant("sid", image_record("7.2.13"))
        (self.planted / "experimental.error").write_text(
            "E: The repository 'x' does not have a Release file.\n")
        done = self.kernels("list", "--json")
        self.expect_one_line(0, "experimental: left out: ", done)
        self.assertIn("7.2.13", done.stdout)
        self.expect_refused(2, "does not have a Release file", "fetch",
                            "experimental")

    def test_errors(self):
        for status, words, text in (
                (2, "The list is damaged", "W: It is late\nE: The list is "
                 "damaged\n"),
                (2, "install the newest package debian-archive-keyring",
                 "W: GPG error: http://x sid InRelease: NO_PUBKEY 12AB\n"
                 "E: The repository is not signed.\n"),
                (77, "no network", "E: Failed: Could not resolve 'x'\n")):
            (self.planted / "sid.error").write_text(text)
            for arguments in (["list"], ["fetch", "sid"], ["fetch", "6.1"]):
                with self.subTest(words, arguments=arguments):
                    self.expect_refused(status, words, *arguments)
            self.assertFalse((self.cache / "lists/sid/kernels.json").exists())

    def fetched(self, *arguments):
        """What `fetch` does: the last line that it prints."""
        done = self.expect_status(0, self.kernels("fetch", *arguments))
        return done.stderr.splitlines()[-1].rpartition("/")[2]

    def test_fetch(self):
        """By exact release, by series, and by suite."""
        self.plant("trixie", image_record("6.12.9"), image_record("6.12.10"))
        self.plant("trixie-backports", image_record("6.17.13"),
                   split_records("7.1.3", ["base", "modules"]))
        for release in ("6.12.9", "6.12.10", "6.17.13"):
            self.plant_package(f"linux-image-{release}+deb13-cloud-amd64",
                               f"{release}-1")
        for name, expected in (
                ("6.12.9", "6.12.9: Linux 6.12.9-1 of Debian trixie"),
                ("6.12.9", "6.12.9: is there"),
                ("6.12", "6.12: Linux 6.12.10-1 of Debian trixie"),
                ("6.12.10", "6.12: is there"),
                ("trixie", "6.12: is there"),
                ("trixie-backports",
                 "6.17.13: Linux 6.17.13-1 of Debian trixie-backports")):
            with self.subTest(name):
                self.assertEqual(self.fetched(name), expected)
        self.assertEqual(self.rows()["6.12.10"]["here"], ["6.12"])

    def test_fetch_full(self):
        """The kernel for all machines, in a folder of its own."""
        name = "linux-image-7.3.4+deb13-amd64"
        self.plant("trixie", image_record("7.3.4"), record(name, "7.3.4-1"),
                   record("linux-image-7.3.4+deb13-rt-amd64", "7.3.5-1"))
        self.plant_package(name, "7.3.4-1")
        for done in "Linux 7.3.4-1 of Debian trixie", "is there":
            self.assertEqual(self.fetched("--full", "7.3.4"),
                             f"7.3.4-full: {done}")
        self.assertEqual(self.rows()["7.3.4"]["here"], [])

    def test_fetch_in_parts(self):
        """From 6.19 on all parts are fetched, or none."""
        self.plant("sid", split_records("7.2.13"))
        names = {"base": "modules.builtin", "binary": "vmlinuz",
                 "modules": "tun.ko"}
        for part, name in names.items():
            self.expect_refused(2, "was not found", "fetch", "7.2.13")
            self.plant_package(f"linux-{part}-7.2.13+deb13-cloud-amd64",
                               "7.2.13-1", name)
        self.assertIn("Linux 7.2.13-1", self.fetched("7.2.13"))
        self.assertEqual(
            sorted(path.name for path in self.cache.glob("7.2.13/boot/*")),
            sorted(names.values()))

    def test_not_in_a_suite(self):
        for name in ("6.12.9", "6.12", "trixie-backports"):
            self.expect_refused(2, f"{name}: Debian's suites have no such",
                                "fetch", name)

    def test_package_is_gone(self):
        """The list names a package that the mirror no longer has."""
        self.plant("trixie", image_record("6.12.9"))
        self.expect_refused(2, "was not found; the list is old, remove ",
                            "fetch", "6.12.9")

    def test_files_for_a_guest(self):
        """They have the same place there, below folders that come first."""
        self.make_folder("a b/c")
        self.write("a b/c/two", "2")
        self.write("a b/one", "1")
        added = []
        cpio = unittest.mock.Mock()
        cpio.add = lambda name, mode: added.append(name)
        cpio.add_file = lambda name, data: added.append((name, data))
        image.add_files(cpio, [self.folder / "a b", self.folder / "a b/one"])
        place = str(self.folder / "a b").lstrip("/")
        self.assertEqual(added[-5:], [
            place, f"{place}/c", (f"{place}/c/two", b"2"),
            (f"{place}/one", b"1"), (f"{place}/one", b"1")])
        with self.assertRaisesRegex(command.Problem, "below the current"):
            image.guest_name("../x")

    def test_damaged_image(self):
        self.place_kernel("6.12", "no version")
        self.expect_one_line(2, "vmlinuz: no kernel of Debian; remove ",
                             self.kernels("list"))


class Exec(support.Test):
    """grove diff --exec, with the reference as the adapter."""

    def diff(self, adapter, *arguments):
        return support.run(GROVE, "diff", "--exec", adapter, "--profile",
                           "linux-7.2", "--batches", "1000", *arguments)

    def test_same(self):
        for op in ("gro", "gso"):
            done = self.diff(f"{GROVE} adapter", "--op", op)
            self.assertIn(" do not differ\n", done.stdout)

    def test_different(self):
        """The answers of another profile are found, with a minimal input."""
        adapter = (f"sed -u 's/linux-7.2/linux-6.12/; /bye/q' | "
                   f"{GROVE} adapter")
        for op in ("gro", "gso"):
            done = self.diff(adapter, "--op", op)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertRegex(done.stdout, "differs; shrunk to [12] packets:")
            self.assertIn(f'"id": "diff-{op}-1-', done.stdout)

    def test_usage(self):
        for adapter, arguments, words in (
                ("false", [], "crashed: exit status 1"),
                ("true", ["--op", "roundtrip"], "leave --exec out")):
            done = self.diff(adapter, *arguments)
            self.expect_one_line(2, words, done)


class Kernels(support.Test):
    def for_each(self, check):
        for series in cache.SERIES:
            with self.subTest(series):
                check(series)

    def test_adapter(self):
        """It answers all requests and ends at the end of its input."""
        def check(series):
            done = run("adapter", series, input=HELLO)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            hello = json.loads(done.stdout)
            self.assertEqual(hello["profiles"], [f"linux-{series}"])
            self.assertTrue(hello["version"].startswith(f"{series}."), hello)
            self.assertEqual(hello["ops"], ["gro", "gso"])
        self.for_each(check)

    def test_exact_release(self):
        """A kernel that was fetched by its series has the name, too."""
        release = cache.release_of(cache.kernel_folder("6.1"))
        self.assertRegex(release, r"^6\.1\.\d+$")
        done = run("adapter", release, input=HELLO)
        self.assertEqual(json.loads(done.stdout)["version"], release)

    def test_diff(self):
        """The status is 1, since some rules never decide in so few batches."""
        def check(series):
            done = run("run", series, "diff", "--batches", "5", input="")
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("never exercised", done.stderr, done.stdout)
            self.assertIn(f"and linux-{series}.", done.stdout)
            self.assertIn(" do not differ\n", done.stdout)
        self.for_each(check)

    def test_long_lines(self):
        """The ports do not change the bytes, even if they are many."""
        packet = "45" + 65534 * "0"
        count = 100
        request = json.dumps({
            "cmd": "run", "seq": 1, "op": "gro", "profile": "linux-6.12",
            "input": count * [{"packet": packet}, {"flush": True}]})
        done = run("adapter", "6.12", input=HELLO + request + "\n")
        answer = json.loads(done.stdout.splitlines()[1])
        self.assertEqual([output["packet"] for output in answer["output"]],
                         count * [packet])

    def test_confirm(self):
        """It records the kernels that agree, and why one could not be asked.
        Nothing else changes.
        """
        def content_of(path):
            content = json.loads(path.read_text())
            told = [(vector.pop("confirmed", []),
                     sorted(vector.pop("x-unasked", {})))
                    for vector in content["vectors"]]
            return content, told

        expected, _ = content_of(TOOLS.parent / "vectors/rules/udp.json")
        path = Path(self.write("udp.json", json.dumps(expected)))
        self.expect_status(0, run("confirm", path))
        content, told = content_of(path)
        self.assertEqual(content, expected)
        for names, unasked in told:
            self.assertEqual(len(set(names) - {"model"}) + len(unasked), 4)

    def test_full(self):
        """Incomplete output is an error."""
        with open("/dev/full", "wb") as full:
            done = run("adapter", "6.12", input=HELLO, stdout=full)
        self.expect_one_line(2, "standard output: No space left", done)

    def test_interrupted(self):
        """The virtual machine ends with the command that started it."""
        with subprocess.Popen(
                [TOOLS / "kernels", "--grove", GROVE, "adapter", "6.12"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True) as process:
            process.stdin.write(HELLO)
            process.stdin.flush()
            self.assertIn("profiles", process.stdout.readline())
            process.send_signal(signal.SIGINT)
            # QEMU shares the standard error and would keep it open.
            _, errors = process.communicate(timeout=60)
        self.assertEqual((process.returncode, errors), (130, ""))

    def test_dead(self):
        """If the kernel panics, the message says so."""
        program = support.write_program(
            self.folder / "panic", "#!/bin/sh\necho c >/proc/sysrq-trigger\n")
        done = run("adapter", "6.12", grove=program, input=HELLO)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("panic", done.stderr)
        self.assertIn("ended before grove", done.stderr)


def fetch_all():
    """Ends the test with the status of the command if it fails."""
    fetched = run("fetch")
    if fetched.returncode != 0:
        sys.stderr.write(fetched.stderr)
        if fetched.returncode == 77:
            print("SKIP: no kernels and no network")
        sys.exit(fetched.returncode)


if __name__ == "__main__":
    if sys.argv[1:] != ["Planted"]:
        fetch_all()
    support.main()
