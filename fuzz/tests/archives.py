#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""The archives in fuzz/corpus, and what `fuzz/run unpack` refuses.

Every archive is as fuzz/run writes it, byte for byte. An archive that is
missing, damaged or written by another program is refused in one line, and
nothing is unpacked. What was unpacked once stays until the archive changes.
"""

import hashlib
import io
import zipfile

from tests import support

PARTS = ("fuzz/run", "fuzz/driver", "fuzz/targets", "fuzz/CMakeLists.txt",
         "tools/scripts", "fuzz/corpus/gso_seed_corpus.zip")
ARCHIVE = PARTS[-1]


def packed(inputs, time=(1980, 1, 1, 0, 0, 0), how=zipfile.ZIP_STORED):
    """An archive of these inputs, as fuzz/run writes it or nearly so."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", how) as archive:
        for name, content in sorted(inputs.items()):
            member = zipfile.ZipInfo(name, time)
            member.create_system = 3
            member.external_attr = 0o100644 << 16
            member.compress_type = how
            archive.writestr(member, content)
    return data.getvalue()


def named(*contents):
    """Inputs by their names."""
    return {hashlib.sha1(content).hexdigest(): content
            for content in contents}


class Archives(support.Test):
    def setUp(self):
        super().setUp()
        self.tree = support.Tree(self.folder / "tree", PARTS)
        self.into = self.folder / "into"

    def unpack(self, *targets):
        return support.run(self.tree.root / "fuzz/run", "unpack", "--into",
                           self.into, *targets)

    def expect_refusal(self, words, data):
        self.tree.touch(ARCHIVE).write_bytes(data)
        self.expect_one_line(2, words, self.unpack("gso"))
        self.assertFalse((self.into / "gso").exists())

    def test_those_of_the_repository(self):
        corpora = sorted((support.ROOT / "fuzz/corpus").iterdir())
        targets = sorted((support.ROOT / "fuzz/targets").glob("*.c"))
        self.assertEqual([path.name for path in corpora],
                         [f"{path.stem}_seed_corpus.zip" for path in targets])
        for path in corpora:
            with zipfile.ZipFile(path) as archive:
                inputs = {name: archive.read(name)
                          for name in archive.namelist()}
            self.assertEqual(inputs, named(*inputs.values()), path.name)
            self.assertEqual(packed(inputs), path.read_bytes(), path.name)

    def test_unpacks_what_has_changed(self):
        self.tree.touch(ARCHIVE).write_bytes(packed(named(b"a", b"b")))
        self.expect_status(0, self.unpack("gso"))
        folder = self.into / "gso"
        self.assertEqual(named(b"a", b"b"), support.contents(folder))
        before = folder.stat().st_ino
        self.expect_status(0, self.unpack("gso"))
        self.assertEqual(before, folder.stat().st_ino)
        self.tree.touch(ARCHIVE).write_bytes(packed(named(b"b", b"c")))
        self.expect_status(0, self.unpack("gso"))
        self.assertEqual(named(b"b", b"c"), support.contents(folder))

    def test_missing(self):
        self.expect_one_line(2, "gro_seed_corpus.zip: No such file",
                             self.unpack("gro"))

    def test_damaged(self):
        good = packed(named(b"an input", b"another"))
        self.expect_refusal("gso_seed_corpus.zip: File is not a zip file",
                            good[:-30])
        self.expect_refusal("gso_seed_corpus.zip: Bad CRC-32",
                            good.replace(b"an input", b"no input"))
        self.expect_refusal("restore it, or make it with fuzz/run seeds gso",
                            b"")

    def test_foreign(self):
        self.expect_refusal("its name is not the SHA-1 of its content",
                            packed({"../escaped": b"an input"}))
        self.expect_refusal("written by another program",
                            packed(named(b"a"), time=(2026, 1, 1, 0, 0, 0)))
        self.expect_refusal("written by another program",
                            packed(named(b"a"), how=zipfile.ZIP_DEFLATED))
        self.expect_refusal("no inputs", packed({}))
        self.expect_refusal("over 2097152 bytes",
                            packed(named(bytes(3 << 20)),
                                   how=zipfile.ZIP_DEFLATED))


support.main()
