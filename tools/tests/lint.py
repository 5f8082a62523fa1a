#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Negative control of tools/lint: it finds each planted mistake, and nothing
in the tree as it is.
"""

import contextlib
import gzip
import os
import shutil

import support
from support import append, remove, replace, shorten, write_bytes

LINT = support.TOOLS / "lint"
PARTS = (".github", "ref", "tools", "fuzz", "vectors",
         *(path.name for path in support.ROOT.glob("*.md")))
# These are large, and lint treats every file in them alike.
WITHOUT = ("vectors/generated", "fuzz/corpus")

RULES = "ref/include/grove/rule.def"
PROFILES = "ref/profile.def"
TCP = "vectors/rules/tcp.json"
UDP = "vectors/rules/udp.json"
PEERS = "vectors/PEERS.md"
WITHDRAWN = "vectors/withdrawn.txt"

PROBE_LINES = len((support.ROOT / "ref/tun/probe.c").read_text().splitlines())

# Put together here, so that lint does not find the id in this file.
STRAY = "GRO-TCP-" + "999"


def packed(name, count=None):
    """Returns what makes the first bytes of a file, packed."""
    def make(tree):
        return gzip.compress((tree.root / name).read_bytes(), mtime=0)[:count]
    return make


def in_folder(folder, pattern, text):
    """Replaces in every file of the folder that has the pattern."""
    def edit(tree):
        for path in sorted((tree.root / folder).glob("*.json")):
            if pattern in path.read_text("utf-8"):
                replace(path.relative_to(tree.root), pattern, text)(tree)
    return edit


# What the case is about, the edits that plant the mistake, and the words that
# lint must print.
MISTAKES = [
    ("a rule twice in rule.def",
     [replace(RULES, '"GRO-TCP-005"', '"GRO-TCP-006"')],
     "rule.def: rule GRO-TCP-006 stands there 2 times"),
    ("a rule that SPEC.md lacks",
     [replace(RULES, '"GRO-TCP-005"', f'"{STRAY}"')],
     f"SPEC.md: no rule {STRAY}, which rule.def has"),
    ("a rule that ref/ lacks",
     [append("SPEC.md", f"- **{STRAY}**: nothing.\n")],
     f"ref/: no rule {STRAY}, which SPEC.md has"),
    ("a rule twice in SPEC.md",
     [append("SPEC.md", "- **GRO-TCP-005**: nothing.\n")],
     "rule GRO-TCP-005 stands there 2 times"),
    ("a comment that mentions an unknown rule",
     [append("ref/table.c", f"/* {STRAY} */\n")],
     f"no rule {STRAY} in SPEC.md"),
    ("a rule that only the tests of ref/ mention",
     [append("SPEC.md", f"- **{STRAY}**: nothing.\n"),
      append("ref/tests/packets.h", f"/* {STRAY} */\n")],
     f"ref/: no rule {STRAY}, which SPEC.md has"),
    ("a number of two rules",
     [replace(RULES, r"\(TCP_WINDOW, 41,", "(TCP_WINDOW, 42,")],
     "rule.def: number 42 stands there 2 times"),
    ("a number of two profiles",
     [replace(PROFILES, r"GROVE_PROFILE\(1, ", "GROVE_PROFILE(2, ")],
     "profile.def: number 2 stands there 2 times"),
    ("a profile twice",
     [replace(PROFILES, '1, "linux-6.12"', '1, "linux-6.1"')],
     "profile.def: profile linux-6.1 stands there 2 times"),
    ("a rule whose column does not name it",
     [replace(RULES, '"VNET-007", dissects', '"VNET-007", takes_uso')],
     "profile.def: no column takes_uso that VNET-007 reads"),
    ("a column that an unknown rule reads",
     [replace(PROFILES, r'"GRO-TCP-005",(\s+"CWR)', fr'"{STRAY}",\1')],
     f"profile.def: compares_cwr: no rule {STRAY}"),
    ("another value in profile.def than in SPEC.md",
     [replace(PROFILES, r"\.max_udp_segments = 64,$",
              ".max_udp_segments = 65,", count=1)],
     "SPEC.md: section 2 lacks the line | max_udp_segments | "),
    ("a value of a row that its column does not know",
     [replace(PROFILES, r"max_udp_segments, \(64\)", "max_udp_segments, (65)")],
     "profile.def: linux-6.1: max_udp_segments has a value that is not a "
     "known one"),
    ("an alias of no row",
     [replace(PROFILES, '"linux-7.3", "linux-7.2', '"linux-7.3", "linux-7')],
     "profile.def: linux-7.3: no row linux-7"),
    ("an alias that SPEC.md does not have",
     [replace(PROFILES, 'GROVE_ALIAS."linux-7.3"', 'GROVE_ALIAS("linux-7.4"')],
     "SPEC.md: section 2 does not say that linux-7.4 is linux-7.2:"),
    ("another column in SPEC.md than in rule.def",
     [replace("SPEC.md", r"\| reject \| dissects \|", "| reject | all |")],
     'SPEC.md: VNET-007: profiles "all"; rule.def says "dissects"'),
    ("a rule that SPEC.md gives to kernels and rule.def does not",
     [replace("SPEC.md", r"\| flush \| all, lossless \|", "| flush | all |")],
     'SPEC.md: GRO-LL-001: profiles "all", but no kernel has it'),
    *((f"a profile that {path} lacks",
       [replace(path, "linux-6.12", "linux-6.13")],
       f"{path}: no linux-6.12, which profile.def has")
      for path in ("fuzz/grove.dict", "vectors/accumulated/SHA256SUMS",
                   "vectors/ports/go/profile.go",
                   "vectors/ports/python/config.py",
                   "vectors/ports/rust/src/profile.rs")),
    *((f"a comment that shortens ids: {ids}",
       [append("ref/table.c", f"/* {ids} */\n")],
       f"ref/table.c: write each id whole: {ids}")
      for ids in ("VNET-001 to VNET-004", "VNET-001 to -004",
                  "VNET-001, -004", "VNET-001-004", "VNET-001..004",
                  "VNET-001 and -004")),
    ("a comment that shortens ids over two lines",
     [append("ref/table.c", "/*\n * As VNET-001\n * to VNET-004.\n */\n")],
     "ref/table.c: write each id whole: VNET-001 to VNET-004"),
    ("a comment that names a heading that does not exist",
     [append("ref/table.h", '/* SPEC.md, "Flows". */\n')],
     'ref/table.h: SPEC.md has no heading "Flows"'),
    ("a comment that names two headings",
     [append("ref/table.h",
             '/*\n * SPEC.md, "The flow", "The\n * flows"\n */\n')],
     'ref/table.h: SPEC.md has no heading "The flows"'),
    *((f"an offset as a number: {call}",
       [append("ref/tun/probe.c", f"/* {call} */\n")],
       f"ref/tun/probe.c:{PROBE_LINES + 1}: name the offset ")
      for call in ("bytes_be16(ip, 10)", "bytes_u8(f(a, b), IP4_TOS + 1)",
                   "buffer_put_be32(out, 0x4, 0)",
                   "bytes_slice(ip, 12, len)")),
    ("a rule whose vector does not exist",
     [replace("SPEC.md", "end-poll", "end-pole")],
     "no vector end-pole"),
    ("a rule whose vector is for other rules",
     [replace("SPEC.md", "end-poll", "end-short")],
     "vector end-short does not say GRO-END-008"),
    ("the same id in two files",
     [write_bytes("vectors/twice.json.gz", packed(TCP))],
     'twice.json.gz: tcp-checksum: id "tcp-checksum" is that of'),
    ("the same title in two files",
     [replace(TCP, '"title": .*', '"title": "Twice",', count=1),
      replace(UDP, '"title": .*', '"title": "Twice",', count=1)],
     f'title "Twice" is that of {TCP}: tcp-checksum'),
    ("a flag without a note",
     [replace(TCP, '^  "wrap": ', '  "wrapped": ')],
     "tcp.json: no note for flag wrap"),
    ("a note without a flag",
     [replace(TCP, '^  "wrap": ', '  "wrapped": ')],
     "tcp.json: no vector has flag wrapped"),
    ("a capture that does not exist",
     [replace("vectors/golden/dns.json", '"dns.pcap"', '"other.pcap"')],
     "dns.json: no capture other.pcap"),
    ("a vector that allows and refuses",
     [replace(TCP, '("flags".*)"refuses"', r'\1"refuses","allows"')],
     "tcp-window-differs: flags allows and refuses"),
    ("a refusal by two rules",
     [replace(TCP, r'"rules": \["GRO-TCP-006"\]',
              '"rules": ["GRO-TCP-006","GRO-TCP-005"]')],
     "tcp-window-differs: flag refuses, but 2 rules"),
    *((f"a rule without a vector that has flag {aspect}",
       [in_folder("vectors/rules", f'"{aspect}"', '"other"')],
       f"GRO-TCP-006: no vector with flag {aspect}")
      for aspect in ("allows", "refuses", "boundary")),
    ("a peer's vector that does not exist",
     [replace(PEERS, "peer-bulk", "peer-bulky")],
     "PEERS.md: no vector peer-bulky"),
    ("a peer's case without a vector",
     [replace(PEERS, "peer-evil-bit", "")],
     "PEERS.md: no vector, and no reason: | 6 |"),
    ("a peer's case without the reason for no vector",
     [replace(PEERS, "No vector:", "")],
     "PEERS.md: no vector, and no reason: | tun-rs #141"),
    ("a page of the peers that was edited",
     [append("vectors/peers/README.md", "nothing\n")],
     "vectors/peers/README.md: not what the results beside it give"),
    ("a failure of a peer that was not confirmed",
     [replace("tools/peers/dpdk/about.json", "gro changes IPv4 TTL",
              "gro changes nothing")],
     '"gro changes IPv4 TTL" is not confirmed'),
    ("a public function without a comment",
     [replace("ref/include/grove/checksum.h", r"^/\* The fastest of.*\n", "")],
     "no comment above: grove_sum_fn"),
    ("an exclusion from coverage without a reason",
     [append("ref/table.c", "/* GCOVR_EXCL_START */\n")],
     "without its reason"),
    ("a link to a file that does not exist",
     [replace("README.md", r"\(SPEC.md\)", "(SPECS.md)")],
     "README.md: no file SPECS.md"),
    ("a link of a file in .github to no file",
     [replace(".github/CONTRIBUTING.md", r"\(../ref/README.md\)", "(ref)")],
     ".github/CONTRIBUTING.md: no file ref"),
    ("an example in README.md that differs from ref/examples",
     [replace("README.md", "writer->next = 0;", "writer->next = 1;")],
     "README.md: differs from ref/examples/write_batch.c"),
    ("an example in README.md that is not in ref/examples",
     [replace("README.md", "^#include <grove/tun.h>", "int main(void);",
              count=1)],
     "README.md: no example has this: }"),
    ("files that need each other",
     [append("ref/tun/opening.c", "int needs_open(void)\n{\n"
             "    return grove_tun_open;\n}\n")],
     "ref/tun/opening.c: a circle of files"),
    ("a vector that is withdrawn and present",
     [append(WITHDRAWN, "# gone\ntcp-larger # it was wrong\n")],
     "withdrawn.txt: tcp-larger is a vector again"),
]

# Trees that cannot be read, and the words of the one line on stderr.
UNREADABLE = [
    ("a packed file that is cut",
     [write_bytes("vectors/cut.json.gz", packed(TCP, 999))], "cut.json.gz: "),
    ("a file that is cut", [shorten(TCP, 9)], "tcp.json: "),
    ("a flag that is a number",
     [replace(PROFILES, r"\.takes_uso = true", ".takes_uso = 1")],
     "profile.def: takes_uso is 1; write true or false"),
    ("a column that does not exist",
     [replace(PROFILES, r"\.takes_uso", ".takes_udp")],
     "profile.def: linux-6.12: no column takes_udp"),
    ("a rule in another form",
     [replace(RULES, r"\(TCP_WINDOW, 41,", "(TCP_WINDOW, 0x29,")],
     "rule.def: a GROVE_RULE() is written in another way"),
]

LARGER_IS_LONGER = replace(TCP, '"tcp-larger"', '"tcp-longer"')
OTHER_QUESTION = "tcp-checksum asks something else than in v1"

# Changes after a release: the edits before it, what the release has, the edits
# after it, and the words; None: lint finds nothing.
HISTORIES = [
    ("a release without vectors", [], "SPEC.md", [], None),
    ("a release with the same vectors", [], "vectors", [], None),
    ("a released vector that is missing", [], "vectors", [LARGER_IS_LONGER],
     "no tcp-larger, which v1 has"),
    ("another op", [], "vectors",
     [replace(TCP, '"op": "gro"', '"op": "gso"', count=1)], OTHER_QUESTION),
    ("another packet", [], "vectors",
     [replace(TCP, '"packet":"45', '"packet":"46', count=1)], OTHER_QUESTION),
    ("a missing vector of a file that was packed",
     [write_bytes(TCP + ".gz", packed(TCP)), remove(TCP)], "vectors",
     [append(TCP, (support.ROOT / TCP).read_text("utf-8")),
      remove(TCP + ".gz"), LARGER_IS_LONGER],
     "no tcp-larger, which v1 has"),
    ("another number of a rule", [], RULES,
     [replace(RULES, r"\(TCP_WINDOW, 41,", "(TCP_WINDOW, 141,")],
     "rule.def: number 41 is GRO-TCP-006 in v1"),
    ("a vector that was withdrawn", [], "vectors",
     [append(WITHDRAWN, "tcp-larger # it was wrong\n"), LARGER_IS_LONGER,
      replace("SPEC.md", "tcp-larger", "tcp-longer"),
      replace(PEERS, "tcp-larger", "tcp-longer"),
      in_folder("vectors/peers", "tcp-larger", "tcp-longer")], None),
]


class Lint(support.Test):
    @classmethod
    def setUpClass(cls):
        folder = support.scratch(cls.addClassCleanup)
        cls.tree = support.Tree(folder / "tree", PARTS, WITHOUT)

    def tearDown(self):
        self.tree.restore()

    def lint(self):
        return support.run(LINT, self.tree.root)

    def each(self, cases, check):
        """Calls check(...) for each row, on a tree without edits."""
        for name, *case in cases:
            with self.subTest(name):
                self.tree.restore()
                check(*case)

    def edit(self, edits):
        for change in edits:
            change(self.tree)

    def expect(self, words):
        """Lint prints these words, or nothing if they are None."""
        done = self.lint()
        if words is None:
            self.assertEqual(done.stdout, "")
            self.expect_status(0, done)
        else:
            self.expect_status(1, done)
            self.assertIn(words, done.stdout)

    def test_the_tree_as_it_is(self):
        self.expect(None)

    def test_mistakes(self):
        def check(edits, words):
            self.edit(edits)
            self.expect(words)
        self.each(MISTAKES, check)

    def test_what_cannot_be_read(self):
        def check(edits, words):
            self.edit(edits)
            self.expect_one_line(2, words, self.lint())
        self.refuse("see lint --help", LINT, "--none")
        self.refuse("SPEC.md: No such file or directory", LINT,
                    self.folder / "none")
        self.each(UNREADABLE, check)

    def test_histories(self):
        def check(before, released, after, words):
            self.edit(before)
            with self.release(released):
                self.edit(after)
                self.expect(words)
        self.each(HISTORIES, check)

    @contextlib.contextmanager
    def release(self, name):
        """The tree is a repository, whose release v1 has these files."""
        for words in (["init"], ["add", name],
                      ["-c", "user.name=nobody", "-c",
                       "user.email=nobody@localhost", "-c",
                       "commit.gpgsign=false", "commit", "-m", "release"],
                      ["-c", "tag.gpgsign=false", "tag", "v1"]):
            self.run_well("git", "-C", self.tree.root, *words,
                          env=support.environment(GIT_CONFIG_GLOBAL=os.devnull))
        try:
            yield
        finally:
            shutil.rmtree(self.tree.root / ".git")


support.main()
