#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""tools/vectors: vectors.py GROVE

All suites are as they are stored. --check finds each change of a copy. If the
kernel or the reference contradicts a suite, or the kernel cannot be asked,
nothing is written.
"""

import gzip
import json
import shutil
import unittest

import support
from support import append, remove, replace, shorten

GROVE = support.program_argument()
VECTORS = (support.TOOLS / "vectors", "--grove", GROVE)

# Two suites whose copies are changed: a plain file and a packed one.
PLAIN, PACKED = "rules/tcp", "generated/limits-streams"
PLAIN_FILE, PACKED_FILE = f"{PLAIN}.json", f"{PACKED}.json.gz"


def content(change):
    """Calls change(vectors) on the vectors of the packed file."""
    def edit(tree):
        path = tree.touch(PACKED_FILE)
        value = json.loads(gzip.decompress(path.read_bytes()))
        change(value["vectors"])
        path.write_bytes(gzip.compress(json.dumps(value).encode(), mtime=0))
    return edit


def set_id(vectors):
    vectors[3]["id"] = "gone"


def set_foreign_field(vectors):
    vectors[3]["x-mine"] = 1


def set_answer(vectors):
    vectors[0]["expect"]["linux-6.1"] = "= linux-6.12"


def confirm_two(vectors):
    """Another kernel confirmed two vectors, one of which then changes."""
    for vector in vectors[:2]:
        vector["confirmed"] = ["linux-6.1.999"]
    vectors[1]["config"] = {"max_flows": 7}


# The suite, an edit of its copy, and the words that --check must print.
CHANGES = [
    (PLAIN, replace(PLAIN_FILE, r'"flags": \["', r'\g<0>other","', count=1),
     "flags is "),
    (PLAIN, replace(PLAIN_FILE, '"spec": "1.0"', '"spec": "1.1"'),
     "rules/tcp: notes, or what else stands above the vectors"),
    (PLAIN, replace(PLAIN_FILE, '^   "title"', '     "title"'),
     "rules/tcp: not in canonical form"),
    (PACKED, content(lambda vectors: vectors.pop(3)), "is missing"),
    (PACKED, content(set_id), "gone is made no more"),
    (PACKED, content(set_foreign_field), "x-mine is somebody else"),
    (PACKED, content(lambda vectors: vectors.append(vectors.pop(0))),
     "another order"),
    (PACKED, content(set_answer), "expect is "),
    (PLAIN, remove(PLAIN_FILE), "rules/tcp: "),
]

# A script that runs grove, but edits the answers of one command.
WRAPPED = """\
if [ "$1" = {command} ]; then
    "{grove}" "$@" | sed -u '{edit}'
else
    exec "{grove}" "$@"
fi
"""

REFUSED = """\
if [ "$1" = kernel ]; then
    echo 'grove: the kernel cannot be asked' >&2
    exit 77
fi
exec "{grove}" "$@"
"""


def wrapped(command, edit):
    return WRAPPED.format(grove=GROVE, command=command, edit=edit)


OTHER_BYTES = wrapped("kernel", r's/"gso_size":\(100\|8\),/"gso_size":101,/')

# What is wrong with the program that is asked, its text, the suite, the exit
# status, and the words.
CONTRADICTIONS = [
    ("the reference names another rule",
     wrapped("adapter", "s/GRO-IP4-008/GRO-IP4-009/"), "rules/ip4",
     1, "ip4-ttl-differs: fates"),
    ("the reference drops what it rejects",
     wrapped("adapter", 's/"rejected":"EINVAL"/"output":[]/'), "rules/gso",
     1, "gso-rejected: 0 segments and not EINVAL"),
    ("the kernel has other bytes", OTHER_BYTES, "rules/out",
     1, "out-ip4: linux"),
    ("the kernel has other bytes in a generated suite", OTHER_BYTES, PACKED,
     1, "of the reference gives"),
    ("the kernel cannot be asked", REFUSED.format(grove=GROVE), "rules/in",
     77, "cannot be asked"),
    ("the hello is incomplete",
     wrapped("adapter", 's/"profiles"/"faces"/'), "rules/in", 2, "no hello"),
    ("there is no grove", None, "rules/in", 2, "build it"),
]


class Vectors(support.Test):
    @classmethod
    def setUpClass(cls):
        done = support.run(*VECTORS, "--check", timeout=600)
        if done.returncode == support.SKIPPED:
            raise unittest.SkipTest(done.stderr.strip())
        cls.whole = done

    def setUp(self):
        super().setUp()
        self.copy = support.Tree(self.folder / "copy", ())
        for name in PLAIN_FILE, PACKED_FILE:
            path = self.copy.root / name
            path.parent.mkdir(parents=True)
            shutil.copy(support.ROOT / "vectors" / name, path)

    def vectors(self, *words):
        return support.run(*VECTORS, "-o", self.copy.root, *words,
                           timeout=600)

    def expect_words(self, status, words, done):
        """The exit status, and these words on stdout or stderr."""
        self.expect_status(status, done)
        self.assertIn(words, done.stdout + done.stderr)

    def test_what_is_stored(self):
        self.expect_status(0, self.whole)

    def test_a_copy(self):
        self.expect_status(0, self.vectors("--check", PLAIN, PACKED))

    def test_changes(self):
        for suite, edit, words in CHANGES:
            with self.subTest(words):
                self.copy.restore()
                edit(self.copy)
                self.expect_words(1, words, self.vectors("--check", suite))

    def test_what_cannot_be_read(self):
        (self.copy.root / PLAIN_FILE).write_text("[]\n", encoding="ascii")
        self.expect_words(2, "rules/tcp.json: not a vector file",
                          self.vectors("--check", PLAIN))
        shorten(PACKED_FILE, 9)(self.copy)
        self.expect_words(2, "limits-streams.json.gz: ",
                          self.vectors("--check", PACKED))

    def test_a_file_of_no_suite(self):
        append("rules/old.json", "")(self.copy)
        self.expect_words(1, "rules/old.json: no suite makes it",
                          support.run(VECTORS[0], "-o", self.copy.root,
                                      "--check", timeout=600))

    def test_what_other_kernels_confirmed(self):
        """It stays as long as the vector is the same."""
        content(confirm_two)(self.copy)
        self.expect_words(1, "config is ", self.vectors("--check", PACKED))
        self.expect_status(0, self.vectors(PACKED))
        text = gzip.decompress((self.copy.root / PACKED_FILE).read_bytes())
        self.assertEqual(text.count(b'"linux-6.1.999"'), 1)
        self.expect_status(0, self.vectors("--check", PLAIN, PACKED))

    def test_contradictions(self):
        """Nothing is written."""
        for name, text, suite, status, words in CONTRADICTIONS:
            with self.subTest(name):
                grove = self.folder / "grove"
                grove.unlink(missing_ok=True)
                if text is not None:
                    support.write_script(grove, text)
                self.expect_nothing_written(status, words, grove, suite)

    def test_wrong_usage(self):
        self.expect_nothing_written(2, "is it grove?", "/bin/true", "rules/in")
        self.expect_nothing_written(2, "no such suite", GROVE, "rules/none")

    def expect_nothing_written(self, status, words, grove, suite):
        out = self.folder / "none"
        self.expect_words(status, words, support.run(
            VECTORS[0], "--grove", grove, "-o", out, suite))
        self.assertFalse(out.exists())


support.main()
