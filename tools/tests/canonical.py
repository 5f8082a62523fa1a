#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove format: vector files in canonical form.

    canonical.py GROVE
"""
import gzip
import json
import resource
import shutil
from pathlib import Path

import support

GROVE = support.program_argument()
VECTORS = support.ROOT / "vectors"
GRO = VECTORS / "rules/key.json"
GSO = VECTORS / "generated/headers-split-udp4.json.gz"


def run(*arguments, **options):
    return support.run(GROVE, "format", *arguments, **options)


def read(path):
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


def whole(inputs, output):
    """The bytes of an output as hex."""
    if "packet" in output:
        return output["packet"]
    return output["header"] + "".join(
        inputs[i][2 * at:2 * (at + size)] for i, at, size in output["payload"])


def expanded(content):
    """The same content without slices and names of other profiles."""
    for vector in content["vectors"]:
        inputs = [entry["packet"] for entry in vector["input"]
                  if "packet" in entry]
        expect = vector["expect"]
        for profile, answer in expect.items():
            if isinstance(answer, str):
                expect[profile] = expect[answer.removeprefix("= ")]
                continue
            for output in answer.get("output", []):
                output["packet"] = whole(inputs, output)
                output.pop("header", None)
                output.pop("payload", None)
    return content


class Format(support.Test):
    def copy(self, path):
        return Path(shutil.copy(path, self.folder))

    def expand(self, path):
        """A copy with the same content in another form."""
        made = self.folder / path.name
        text = json.dumps(expanded(json.loads(read(path)))).encode()
        made.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
        return made

    def holds(self, done):
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, "", ""))

    def refuses(self, done, words):
        """One line on stderr, and no new file."""
        self.expect_one_line(2, words, done)
        self.assertEqual(done.stdout, "")
        self.assertEqual([path for path in self.folder.iterdir()
                          if ".json" not in path.suffixes[-2:]], [])

    def test_the_same_bytes(self):
        for path in GRO, GSO:
            made = self.expand(path)
            done = run("--check", made)
            self.assertEqual((done.returncode, done.stdout),
                             (1, f"{made}: not in canonical form\n"))
            self.holds(run(made))
            self.assertEqual(read(made), read(path))
            self.holds(run("--check", made))

    def test_packed(self):
        """Packing is decided by the name."""
        plain = self.folder / "plain.json"
        self.holds(run(GSO, "-o", plain))
        self.assertEqual(plain.read_bytes(), read(GSO))
        packed = self.folder / "packed.json.gz"
        self.holds(run(plain, "-o", packed))
        self.assertTrue(packed.read_bytes().startswith(b"\x1f\x8b"))
        self.assertEqual(read(packed), read(GSO))

    def test_pipe(self):
        done = run("/dev/stdin", "-o", "/dev/stdout",
                   input=self.expand(GRO).read_text("utf-8"))
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (0, GRO.read_text("utf-8"), ""))

    def test_one_byte(self):
        """A difference anywhere is noticed, also at the end."""
        text = GRO.read_bytes()
        made = self.copy(GRO)
        for other in (text + b"\n", text[:-1], text.replace(b": ", b":", 1)):
            made.write_bytes(other)
            self.assertEqual(run("--check", made).returncode, 1)

    def test_all_or_nothing(self):
        """If one file is bad, the others are not rewritten."""
        good = self.expand(GRO)
        text = good.read_bytes()
        bad = self.folder / "z.json"
        bad.write_bytes(text.replace(b'"op"', b'"opp"', 1))
        for arguments in (good, bad), (self.folder,), (bad, good):
            self.refuses(run(*arguments), 'z.json: vectors[0]: unknown field')
            self.assertEqual(good.read_bytes(), text)

    def test_no_room(self):
        for path in GRO, GSO:
            made = self.expand(path)
            text = made.read_bytes()
            done = run(made, preexec_fn=lambda: resource.setrlimit(
                resource.RLIMIT_FSIZE, (1024, 1024)))
            self.refuses(done, f"{path.name}: File too large; choose another")
            self.assertEqual(made.read_bytes(), text)

    def test_usage(self):
        self.refuses(run(), "no vector file")
        self.refuses(run("none.json"), "none.json: No such file")
        self.refuses(run("--check", "-o", "x", GRO), "give one of them")
        self.refuses(run(GRO, GRO, "-o", "x"), "2 vector files; give one")


support.main()
