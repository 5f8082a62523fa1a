#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/dist: dist.py GROVE

Two runs make the same release archive, whatever else lies around. It holds
what its sums and its manifest say, and a port passes the vectors inside.
"""

import resource
import shutil

import support
from scripts import tar

GROVE = support.program_argument()
DIST = support.TOOLS / "dist"
PORT = support.ROOT / "vectors/ports/python/adapter.py"
EPOCH = 1700000000
PACKED = "vectors/generated/limits-streams.json.gz"
# A small tree that tools/dist accepts.
PARTS = ("CMakeLists.txt", "SPEC.md", "tools", "vectors/rules", PACKED)
PATIENCE = 240

# How the manifest is checked by those who have neither grove nor its tools.
VERIFY = """\
import hashlib, json, pathlib

manifest = json.load(open("manifest.json"))
for name, digest in manifest["files"].items():
    data = pathlib.Path(name).read_bytes()
    assert hashlib.sha256(data).hexdigest() == digest, name
vectors = {}
for path in pathlib.Path("vectors").rglob("*.json"):
    for vector in json.load(path.open()).get("vectors", []):
        fields = {"op": vector["op"], "config": vector.get("config", {}),
                  "input": vector["input"], "expect": vector["expect"]}
        text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
        vectors[vector["id"]] = hashlib.sha256(text.encode()).hexdigest()
assert vectors, "no vectors"
assert vectors == manifest["vectors"], "the manifest differs"
"""


def limit_files():
    """No file can be longer than 1 KiB."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))


def dist(folder, program=DIST, epoch=EPOCH, **options):
    return support.run(
        program, "-o", folder, timeout=PATIENCE, env=support.environment(
            PYTHONDONTWRITEBYTECODE="1", SOURCE_DATE_EPOCH=str(epoch)),
        **options)


class Archive(support.Test):
    """The archive of this tree."""

    @classmethod
    def setUpClass(cls):
        folder = support.scratch(cls.addClassCleanup)
        cls.made = folder / "made"
        cls.made.mkdir()
        cls.done = dist(cls.made)
        tar.unpack(cls.done.stdout.strip(), folder)
        cls.release = next(folder.glob("grove-vectors-*"))

    def verify(self, release):
        return support.run("python3", "-c", VERIFY, cwd=release)

    def check_sums(self, release):
        return support.run("sha256sum", "--quiet", "--strict", "-c",
                           "SHA256SUMS", cwd=release)

    def test_two_runs(self):
        self.expect_status(0, self.done)
        again = self.make_folder("again")
        self.expect_status(0, dist(again, cwd="/", umask=0o077))
        self.expect_same_files(again, self.made)

    def test_sums(self):
        sums = [path.name for path in self.made.glob("*.sha256")]
        self.run_well("sha256sum", "--quiet", "-c", *sums, cwd=self.made)
        self.expect_status(0, self.check_sums(self.release))
        files = {path for path in self.release.rglob("*") if path.is_file()}
        listed = (self.release / "SHA256SUMS").read_text("ascii").splitlines()
        self.assertEqual(len(files) - 1, len(listed))
        self.assertEqual({path.stat().st_mtime for path in files}, {EPOCH})
        self.assertEqual([path for path in files if path.suffix == ".gz"], [])

    def test_manifest(self):
        """It is right, and a changed file is found by it and by the sums."""
        self.expect_status(0, self.verify(self.release))
        changed = self.folder / "changed"
        shutil.copytree(self.release, changed)
        path = changed / "vectors/rules/tcp.json"
        text = path.read_text("utf-8")
        self.assertIn('"op": "gro"', text)
        path.write_text(text.replace('"op": "gro"', '"op": "gso"'), "utf-8")
        self.assertNotEqual(self.verify(changed).returncode, 0)
        done = self.check_sums(changed)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stdout, "(?m)^vectors/rules/tcp.json: FAILED")

    def test_a_port(self):
        """It passes the vectors of the archive."""
        done = support.run(GROVE, "check", "--exec", f"python3 -B {PORT}",
                           "vectors/rules", cwd=self.release, timeout=PATIENCE)
        self.expect_status(0, done)


class Small(support.Test):
    """Archives of a small tree."""

    @classmethod
    def setUpClass(cls):
        folder = support.scratch(cls.addClassCleanup)
        cls.tree = support.Tree(folder / "tree", PARTS)
        cls.dist = cls.tree.root / "tools/dist"
        cls.plain = folder / "plain"
        cls.plain.mkdir()
        cls.done = dist(cls.plain, cls.dist)

    def setUp(self):
        super().setUp()
        self.expect_status(0, self.done)
        self.addCleanup(self.tree.restore)

    def refuse_to_make(self, words, folder=None, **options):
        self.expect_one_line(2, words, dist(folder or self.folder, self.dist,
                                            **options))
        self.expect_empty(self.folder)

    def test_wrong_usage(self):
        self.refuse_to_make("choose another folder", self.folder / "none")
        self.refuse_to_make("give seconds", epoch="now")
        self.refuse_to_make("8589934591 at most", epoch=8589934592)

    def test_a_full_disk(self):
        """What stood there still stands there."""
        self.refuse_to_make("choose another folder", preexec_fn=limit_files)
        again = self.folder / "again"
        shutil.copytree(self.plain, again)
        done = dist(again, self.dist, preexec_fn=limit_files)
        self.expect_one_line(2, "choose another folder", done)
        self.expect_same_files(again, self.plain)

    def test_git(self):
        """What git does not know is left out. Without git all is taken."""
        repository = self.tree.root / ".git"
        self.addCleanup(shutil.rmtree, repository)
        for words in ["init"], ["add", "."]:
            self.run_well("git", "-C", self.tree.root, *words)
        committed, untidy = (self.make_folder(name)
                             for name in ("committed", "untidy"))
        self.expect_status(0, dist(committed, self.dist))
        stray = (self.tree.root / "vectors/rules/tcp.json").read_text("utf-8")
        support.append("vectors/rules/stray.json", stray)(self.tree)
        support.append("vectors/rules/tcp.json.tmp", "")(self.tree)
        self.expect_status(0, dist(untidy, self.dist))
        self.expect_same_files(committed, untidy)
        self.expect_same_files(committed, self.plain)

    def test_a_broken_repository(self):
        repository = self.tree.root / ".git"
        self.addCleanup(repository.rmdir)
        repository.mkdir()
        self.refuse_to_make("repair the repository")

    def test_damaged_trees(self):
        for edit, words in (
                (support.shorten(PACKED, 9), f"{PACKED}: "),
                (support.remove("SPEC.md"),
                 "SPEC.md: No such file or directory; restore it")):
            with self.subTest(words):
                edit(self.tree)
                self.refuse_to_make(words)
                self.tree.restore()


support.main()
