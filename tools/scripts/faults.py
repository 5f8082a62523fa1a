# SPDX-License-Identifier: MIT
"""Changes of the sources that tools and tests make: the lists in tools/faults.

    planted     faults, and the tests and fuzz targets that must find each
    equivalent  mutants that behave as the sources do
    excluded    code of which tools/mutate makes no mutants
    prediction  code whose mutants tools/mutate --prediction makes, and no other
    baseline    changes that tools/mutate makes in all its programs

A list consists of blocks between empty lines: entries at the beginning of a
line, then an indented text for all of them. A line that is indented by eight
columns continues the line above it; "#" begins a comment. An entry is a change:

    PATH PLACE: OLD => NEW

PLACE is a function, macro, type, enumerator or variable at file scope. OLD
stands there exactly once, or "#N" at the end says which one is meant; NEW is
"nothing" if OLD is removed. Code is compared token by token, without white
space and comments. An entry of `excluded` and `prediction` is PATH, PATH PLACE
or PATH PLACE: OLD, all OLD in this place. A block of `planted` begins with a line

    NAME: FINDER ...

and its changes are made together. A FINDER is one of

    diff:SHAPE     grove diff of a shape, as gro (tools/tests/faults.py)
    judge:KIND     grove check --level safe, as this kind of harm and no other
                   (tools/tests/faults.py)
    accumulated    a hash of vectors/accumulated (tools/tests/faults.py)
    test:NAME      a unit test with ThreadSanitizer (tools/tests/tun_control.py)
    endian:NAME    a unit test on a big-endian processor, or on one with NEON
    neon:NAME      or AVX-512 (tools/tests/processor.py)
    avx512:NAME
    proof:NAME     a proof (tools/proofs --controls)
    instructions   grove bench --instructions (tools/tests/instructions.py)
    fuzz:TARGET    a fuzz target (fuzz/run controls)
    gate:TARGET    the same, in less than five seconds; tools/test tries two
                   of each target
"""

import contextlib
import functools
import pathlib
import re
import shutil
import typing

from scripts.command import Problem

ROOT = pathlib.Path(__file__).resolve().parents[2]
LISTS = "tools/faults"
SCOPES = ("excluded", "prediction")
NAMES = ("planted", "equivalent", *SCOPES, "baseline")
FINDERS = ("diff", "judge", "accumulated", "test", "endian", "neon",
           "avx512", "proof", "instructions", "fuzz", "gate")

TOKEN = re.compile(r"""
    /\*.*?\*/ | //[^\n]* | \\\n                 # not code
    | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'  # literals
    | [A-Za-z_]\w* | \.?\d(?:[eEpP][+-]|[\w.])*
    | <<= | >>= | \.\.\. | -> | \+\+ | -- | << | >> | && | \|\| | \#\#
    | [-+*/%&|^<>=!]= | \S""", re.S | re.X)
TAGGED = {"enum", "struct", "union"}
NOT_CODE = ("/*", "//", "\\\n")
CHANGE = re.compile(r"(?P<path>\S+/\S+) (?P<place>\w+): (?P<old>.+?) => "
                    r"(?P<new>.+?)(?: #(?P<number>\d+))?")
SCOPE = re.compile(r"(?P<path>\S+/\S+)(?: (?P<place>\w+)(?:: (?P<old>.+))?)?")
NAME = re.compile(r"(?P<name>[a-z0-9-]+): (?P<finders>.+)")


class Token(typing.NamedTuple):
    """A token of C, and where in its text it is."""

    text: str
    start: int
    end: int


def tokens(text):
    """The tokens of C code, without comments."""
    return [Token(match[0], match.start(), match.end())
            for match in TOKEN.finditer(text)
            if not match[0].startswith(NOT_CODE)]


@functools.lru_cache(maxsize=None)
def words(text):
    """The tokens as strings: code that differs in layout only is equal."""
    return tuple(token.text for token in tokens(text))


# ---- sources ----

def name_of_function(head):
    """The name before the parameters, which are the end of its head."""
    depth = 0
    for at in range(len(head) - 1, 0, -1):
        depth += (head[at] == ")") - (head[at] == "(")
        if depth == 0:
            return head[at - 1]
    return head[0]


def declared(item):
    """The names that an item at file scope defines."""
    texts = [token.text for token in item]
    if texts[0] == "#":
        return {texts[2]} if texts[1] == "define" else set()
    has_body = "{" in texts
    head = texts[:texts.index("{")] if has_body else texts[:-1]
    is_variable = "=" in head
    if is_variable:
        head = head[:head.index("=")]
    if head[-1] == ")":
        return {name_of_function(head)} if has_body else set()
    if "[" in head:
        head = head[:head.index("[")]
    if head[0] in TAGGED and not has_body and len(head) == 2:
        return set()  # a declaration of a type
    names = set(head[-1:])
    if has_body and not is_variable:  # a type, and what is of this type
        names.add(texts[-2])
        if "enum" in head:
            names.update(texts[len(head):])
    return {name for name in names if name.isidentifier()} - TAGGED


def items(found, text):
    """Splits the tokens of a file into its items at file scope."""
    item, depth, line_end, is_function = [], 0, -1, False
    for token in found:
        if item and item[0].text == "#" and token.start > line_end:
            yield item
            item = []
        if not item and token.text == "#":
            line_end = re.compile(r"(?:\\\n|[^\n])*").match(
                text, token.start).end()
        if not item:
            is_function = False
        item.append(token)
        if item[0].text == "#":
            continue
        if token.text == "{" and depth == 0:
            is_function = len(item) > 1 and item[-2].text == ")"
        depth += (token.text in "([{") - (token.text in ")]}")
        if depth == 0 and (token.text == ";" or
                           token.text == "}" and is_function):
            yield item
            item = []
    if item:
        yield item


class Source:
    """A source file, in which code is looked up."""

    def __init__(self, text):
        self.text = text
        self.items = {}  # by name: the tokens of each definition
        for item in items(tokens(text), text):
            for name in declared(item):
                self.items.setdefault(name, []).append(item)

    def places(self, name):
        """Where the definitions of a name are: (start, end) of each."""
        return [(item[0].start, item[-1].end)
                for item in self.items.get(name, ())]

    def find(self, place, code):
        """Where in a place the code stands: (start, end) of each."""
        wanted = words(code)
        for item in self.items.get(place, ()):
            for at in range(len(item) - len(wanted) + 1):
                found = item[at:at + len(wanted)]
                if all(token.text == word
                       for token, word in zip(found, wanted)):
                    yield found[0].start, found[-1].end

    def missing(self, place):
        """Why there is no such place, or None."""
        return None if place in self.items else f"no definition of {place}"


class Sources:
    """The files of a tree, each read once."""

    def __init__(self, root):
        self.root = root
        self.read = {}

    def __getitem__(self, path):
        """The file of this name; Problem if there is none."""
        if path not in self.read:
            try:
                text = (self.root / path).read_text(encoding="utf-8")
            except OSError as error:
                raise Problem(f"{path}: {error.strerror}") from error
            self.read[path] = Source(text)
        return self.read[path]


# ---- entries ----

class Scope(typing.NamedTuple):
    """Code by name: a file, or a place, or what stands there."""

    path: str
    place: str
    old: str

    def __str__(self):
        return (self.path + (f" {self.place}" if self.place else "") +
                (f": {self.old}" if self.old else ""))

    def find(self, source):
        """All that it means in its file: (start, end) of each."""
        if not self.place:
            return [(0, len(source.text))]
        if not self.old:
            return source.places(self.place)
        return list(source.find(self.place, self.old))

    def why_not(self, sources):
        """Why it means nothing in these sources, or None."""
        source = sources[self.path]
        if self.place and source.missing(self.place):
            return source.missing(self.place)
        return None if self.find(source) else "no such code there"


class Change(typing.NamedTuple):
    """Code that is replaced. `number` is 0 if it stands there once."""

    path: str
    place: str
    old: str
    new: str
    number: int

    def __str__(self):
        return (f"{self.path} {self.place}: {self.old} => "
                f"{self.new or 'nothing'}" +
                (f" #{self.number}" if self.number else ""))

    @property
    def key(self):
        """Equal for the same change, however it is laid out."""
        return (self.path, self.place, words(self.old), words(self.new),
                self.number)

    def why_not(self, sources):
        """Why it cannot be made in these sources, or None."""
        source = sources[self.path]
        if source.missing(self.place):
            return source.missing(self.place)
        count = len(list(source.find(self.place, self.old)))
        if count == 0:
            return "no such code there"
        if self.number == 0 and count > 1:
            return f"stands there {count} times; add #N, or more code"
        if self.number > count or count == 1 and self.number:
            return f"stands there {count} times, so #{self.number} is wrong"
        return None

    def find(self, sources):
        """Where it is made: (start, end). Problem if it cannot be."""
        why = self.why_not(sources)
        if why:
            raise Problem(f"{LISTS}: {self}: {why}")
        found = list(sources[self.path].find(self.place, self.old))
        return found[max(self.number, 1) - 1]


def change_at(path, source, place, start, end, new):
    """The change that puts `new` for the code from `start` to `end`."""
    old = " ".join(re.sub(r"/\*.*?\*/", "", source.text[start:end],
                          flags=re.S).split())
    found = list(source.find(place, old))
    number = 1 + [at for at, _ in found].index(start)
    return Change(path, place, old, new, number if len(found) > 1 else 0)


class Block(typing.NamedTuple):
    """Entries of a list, and the text that they share."""

    where: str      # for messages: LIST:LINE
    entries: tuple  # of strings
    text: str


class Fault(typing.NamedTuple):
    """A fault that is planted."""

    where: str
    name: str
    finders: tuple
    changes: tuple
    text: str

    def found_by(self, *kinds):
        """The names of its finders of these kinds, in order."""
        return tuple(name for kind, _, name in
                     (finder.partition(":") for finder in self.finders)
                     if kind in kinds)


# ---- lists ----

def read_block(where, lines):
    """A block of its lines; None if it has comments only."""
    entries, text = [], []
    for line in lines:
        if line.startswith("#"):
            continue
        if line.startswith(" " * 8) and not text and entries:
            entries[-1] += f" {line.strip()}"
        elif line.startswith(" "):
            text.append(line.strip())
        elif text:
            raise Problem(f"{where}: {line}: stands below an indented text; "
                          "begin a block with an empty line")
        else:
            entries.append(line.strip())
    if entries and not text:
        raise Problem(f"{where}: {entries[0]}: no text; indent it below")
    return Block(where, tuple(entries), " ".join(text)) if entries else None


def blocks(name, root=ROOT):
    """The blocks of a list."""
    path = root / LISTS / name
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}; restore it") from error
    begin = 0
    for number, line in enumerate([*lines, ""]):
        if line.strip():
            continue
        block = read_block(f"{LISTS}/{name}:{begin + 1}", lines[begin:number])
        if block:
            yield block
        begin = number + 1


def parse(pattern, where, entry, form):
    """The parts of an entry; Problem if it is none."""
    match = pattern.fullmatch(entry)
    if not match:
        raise Problem(f"{where}: {entry}: write it as {form}")
    return match


def parse_change(where, entry):
    """The change that an entry is."""
    found = parse(CHANGE, where, entry, "PATH PLACE: OLD => NEW")
    new = "" if found["new"] == "nothing" else found["new"]
    return Change(found["path"], found["place"], found["old"], new,
                  int(found["number"] or 0))


def parse_scope(where, entry):
    """The code that an entry of a list of SCOPES means."""
    found = parse(SCOPE, where, entry, "PATH, PATH PLACE or PATH PLACE: OLD")
    return Scope(found["path"], found["place"] or "", found["old"] or "")


def changes(name, root=ROOT):
    """All entries of a list of changes, as (where, change)."""
    return [(block.where, parse_change(block.where, entry))
            for block in blocks(name, root) for entry in block.entries]


def scopes(name, root=ROOT):
    """All entries of a list of SCOPES, as (where, scope)."""
    return [(block.where, parse_scope(block.where, entry))
            for block in blocks(name, root) for entry in block.entries]


def planted(root=ROOT):
    """All planted faults."""
    known = set()
    for block in blocks("planted", root):
        head = parse(NAME, block.where, block.entries[0], "NAME: FINDER ...")
        finders = tuple(head["finders"].split())
        unknown = [finder for finder in finders
                   if finder.partition(":")[0] not in FINDERS]
        if unknown:
            raise Problem(f"{block.where}: {unknown[0]}: no finder; these "
                          f"are: {', '.join(FINDERS)}")
        if head["name"] in known or len(block.entries) == 1:
            raise Problem(f"{block.where}: {head['name']}: give a name of its "
                          "own, and changes in the lines below")
        known.add(head["name"])
        yield Fault(block.where, head["name"], finders,
                    tuple(parse_change(block.where, entry)
                          for entry in block.entries[1:]), block.text)


def entries_of(name, root=ROOT):
    """All entries of a list, as (where, entry)."""
    if name == "planted":
        return [(fault.where, change) for fault in planted(root)
                for change in fault.changes]
    return (scopes if name in SCOPES else changes)(name, root)


def stale(names=NAMES, root=ROOT):
    """All entries of these lists that do not fit the sources: a line each, with
    the reason."""
    sources = Sources(root)
    for name in names:
        for where, entry in entries_of(name, root):
            try:
                why = entry.why_not(sources)
            except Problem as problem:  # there is no such file
                why = problem
            if why:
                yield f"{where}: {entry}: {why}"


# ---- use ----

def changed(sources, edits):
    """The text of each file that these changes are made in, by its path."""
    places = {}
    for change in edits:
        places.setdefault(change.path, []).append(
            (*change.find(sources), change.new))
    texts = {}
    for path, found in places.items():
        text = sources[path].text
        for start, end, new in sorted(found, reverse=True):
            text = text[:start] + new + text[end:]
        texts[path] = text
    return texts


@contextlib.contextmanager
def plant(tree, fault):
    """Makes the changes of a fault in a tree, and undoes them in the end."""
    sources = Sources(tree)
    texts = changed(sources, fault.changes)
    try:
        for path, text in texts.items():
            (tree / path).write_text(text, encoding="utf-8")
        yield
    finally:
        for path in texts:
            (tree / path).write_text(sources[path].text, encoding="utf-8")


def copy_tree(into, *folders):
    """Copies what CMake needs, to plant faults in it: CMakeLists.txt, SPEC.md,
    ref/, tools/ and these folders."""
    left_out = shutil.ignore_patterns("corpus", "driver", "__pycache__")
    into.mkdir(parents=True, exist_ok=True)
    for name in ("CMakeLists.txt", "SPEC.md"):
        shutil.copy(ROOT / name, into)
    for name in ("ref", "tools", *folders):
        shutil.copytree(ROOT / name, into / name, ignore=left_out)
