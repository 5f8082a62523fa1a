#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/vector-packages: vector_packages.py GROVE

Each package has the files of the release, and its
consumer reads every vector, without network.
"""

import hashlib
import json
import os
import shutil
import unittest
import zipfile

import support
from scripts import tar

# What other tests compiled there serves this one, too.
BUILD = support.Path(support.program_argument()).parent
PACKAGES = support.TOOLS / "vector-packages"
SOURCES = support.ROOT / "vectors/packages"
MODULE = "example.org/grove-vectors"
CRATES = "/usr/share/cargo/registry"
PATIENCE = 240


def make(*arguments, **options):
    return support.run(PACKAGES, *arguments, timeout=PATIENCE, **options)


def changed(folder):
    """The files there that are not what the manifest says."""
    manifest = json.loads((folder / "manifest.json").read_text("ascii"))
    return [name for name, digest in manifest["files"].items()
            if name != "README.md" and hashlib.sha256(
                (folder / name).read_bytes()).hexdigest() != digest]


class Packages(support.Test):
    @classmethod
    def setUpClass(cls):
        cls.out = support.scratch(cls.addClassCleanup)
        cls.done = make("-o", cls.out)

    def made(self, pattern):
        """The package; skips if there is no tool to make it."""
        paths = list(self.out.rglob(pattern))
        if not paths and self.done.returncode == support.SKIPPED:
            raise unittest.SkipTest(self.done.stderr.strip())
        self.assertEqual(len(paths), 1, support.report_of(self.done))
        return paths[0]

    def consumer(self, kind):
        """A copy of the consumer with the version of the package."""
        folder = self.folder / "consumer"
        shutil.copytree(SOURCES / kind / "consumer", folder)
        version = json.loads(self.package.joinpath("manifest.json")
                             .read_text("ascii"))["version"]
        for path in folder.rglob("*.*"):
            text = path.read_text("utf-8").replace("@VERSION@", version)
            path.write_text(text.replace("@MODULE@", MODULE), "utf-8")
        return folder

    def unpack(self, archive, inside):
        """Unpacks an archive; `self.package` is the folder inside."""
        if archive.suffix in (".crate", ".tgz"):
            tar.unpack(archive, self.folder / "unpacked")
        else:
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(self.folder / "unpacked")
        self.package = next((self.folder / "unpacked").glob(inside))
        self.assertEqual(changed(self.package), [])

    def expect_all(self, done):
        """The consumer counted the vectors of the manifest."""
        self.expect_status(0, done)
        manifest = json.loads(self.package.joinpath("manifest.json")
                              .read_text("ascii"))
        self.assertIn(f"{len(manifest['vectors'])} vectors", done.stdout)

    @unittest.skipUnless(shutil.which("go"), "no go; install golang-go")
    def test_go(self):
        self.unpack(self.made("*.zip"), f"{MODULE}@v*")
        env = support.environment(
            GOPROXY=f"file://{self.out}/go", GOSUMDB="off", GOFLAGS="-mod=mod",
            GOMODCACHE=str(self.folder / "mod"),
            GOCACHE=str(BUILD / "go-cache"))
        self.addCleanup(support.run, "go", "clean", "-modcache", env=env)
        folder = self.consumer("go")
        self.run_well("go", "vet", "./...", cwd=folder, env=env,
                      timeout=PATIENCE)
        self.expect_all(support.run("go", "test", "-v", "./...", cwd=folder,
                                    env=env, timeout=PATIENCE))

    @unittest.skipUnless(
        support.Path(CRATES).is_dir(),
        "no crates of Debian; install librust-serde-json-dev")
    def test_rust(self):
        self.unpack(self.made("*.crate"), "grove-vectors-*")
        folder = self.consumer("rust")
        (folder / ".cargo").mkdir()
        (folder / ".cargo/config.toml").write_text(
            f'source.crates-io.replace-with = "debian"\n'
            f'source.debian.directory = "{CRATES}"\n'
            f'patch.crates-io.grove-vectors.path = "{self.package}"\n', "utf-8")
        self.expect_all(support.run(
            "cargo", "test", "--release", "--offline", "--test", "vectors",
            "--", "--nocapture", cwd=folder, timeout=PATIENCE,
            env=support.environment(
                PATH=f"/usr/bin:{os.environ['PATH']}", RUSTC="/usr/bin/rustc",
                CARGO_TARGET_DIR=str(BUILD / "port-rust/target"))))

    def test_npm(self):
        self.unpack(self.made("*.tgz"), "package")
        folder = self.consumer("npm")
        (folder / "node_modules").mkdir()
        self.package.rename(folder / "node_modules/grove-vectors")
        self.package = folder / "node_modules/grove-vectors"
        self.expect_all(support.run("node", "test.js", cwd=folder))

    def test_python(self):
        self.unpack(self.made("*.whl"), "grove_vectors")
        folder = self.consumer("python")
        env = support.environment(PYTHONPATH=str(self.package.parent))
        self.expect_all(support.run("/usr/bin/python3", "test_vectors.py",
                                    cwd=folder, env=env))
        # A file that is missing is noticed by the consumer, and a file that
        # differs by its sum.
        self.package.joinpath("vectors/rules/end.json").unlink()
        done = support.run("/usr/bin/python3", "test_vectors.py", cwd=folder,
                           env=env)
        with self.assertRaises(AssertionError):
            self.expect_all(done)
        self.package.joinpath("vectors/rules/end.json").write_text("{}")
        self.assertEqual(changed(self.package), ["vectors/rules/end.json"])

    def test_refusals(self):
        self.refuse("cobol: expected one of", PACKAGES, "cobol")
        self.refuse("none: no such folder; make it", PACKAGES, "-o",
                    self.folder / "none", "go")

    def test_a_missing_tool(self):
        tools = self.make_folder("bin")
        for name in "git", "python3":
            (tools / name).symlink_to(f"/usr/bin/{name}")
        done = make("-o", self.folder, "rust",
                    env=support.environment(PATH=str(tools)))
        self.expect_one_line(support.SKIPPED, "SKIP: rust: no cargo", done)


support.main()
