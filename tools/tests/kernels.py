#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/kernels: the input that it refuses, and each kernel that it boots.
Also grove diff --exec.

    kernels.py GROVE

Kernels that are missing are fetched. Without a network for that the exit status
is 77.
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
from scripts.kernels import archive, cache, image

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
        self.expect(run("adapter", "5.0"), 2, "5.0")
        self.expect(run("fetch", "5.0"), 2, "choose from 6.1")

    def test_no_grove(self):
        self.expect_one_line(2, "--grove", run("check", grove="/none"))
        self.expect(run("adapter", "6.1", grove=self.folder), 2, "--grove")
        self.expect_one_line(2, "--grove", run("check", grove="/bin/true"))

    def test_help(self):
        """A sentence describes each command."""
        for command in ("fetch", "adapter", "run", "check", "confirm"):
            done = run(command, "--help")
            self.assertEqual(done.returncode, 0)
            self.assertRegex(done.stdout.split("\n\n")[1].strip(),
                             r"(?s)^[A-Z].*\.$")

    def test_nothing_fetched(self):
        self.expect(run("adapter", "6.1", environment=self.elsewhere), 2,
                    "tools/kernels fetch 6.1")

    def test_no_network(self):
        self.expect(run("fetch", environment={
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
                       "file": str(vectors), "result": "passed", "why": []}]}
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
            with archive.archive_of(self.folder, "amd64", "sid"):
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
            list(archive.sources("sid"))


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
        for series in cache.RELEASES:
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


if __name__ == "__main__":
    fetched = run("fetch")
    if fetched.returncode != 0:
        sys.stderr.write(fetched.stderr)
        if fetched.returncode == 77:
            print("SKIP: no kernels and no network")
        sys.exit(fetched.returncode)
    support.main()
