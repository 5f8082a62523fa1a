# SPDX-License-Identifier: MIT
"""The man pages of the library, section 3, from its public headers.

Each header has a page, and each function a link to that page. The
text is that of the comments above the declarations.
"""

import itertools
import pathlib
import re
from dataclasses import dataclass, field

from scripts import command
from scripts.manual import mdoc

ROOT = pathlib.Path(__file__).resolve().parents[3]
FOLDER = "ref/include/grove"
LIBRARY = {"tun": "grove-tun"}  # the others are in grove

COMMENT = re.compile(r"\A/\*(.*?)\*/\n?", re.S)
TITLE = re.compile(r"/\* SPDX[^\n]*\n(/\*.*?\*/)\n#ifndef", re.S)
# Preprocessor lines that say nothing about the library.
DIRECTIVE = re.compile(r"^#(?:ifdef __cplusplus\n.*?#endif|include[^\n]*|"
                       r"ifndef \w+_H|define \w+_H|undef \w+|endif)\n",
                       re.M | re.S)
FUNCTION = re.compile(r"^(?:GROVE_MUST_CHECK )?(?P<type>[\w *]+?[ *]|[\w ]+\n)"
                      r"(?P<name>grove_\w+)\((?P<arguments>[^{}()]*)\);$", re.M)
RULE = re.compile(r'^GROVE_RULE\((\w+),\s*\d+,\s*"([^"]+)",\s*'
                  r'(?:NOT\(\w+\)|\w+),\s*((?:"[^"]*"\s*)+)\)$', re.M)


@dataclass
class Function:
    type: str
    name: str
    arguments: list
    words: str


@dataclass
class Header:
    name: str                # "table"
    text: str                # of the comment at its top
    functions: list = field(default_factory=list)
    others: list = field(default_factory=list)  # (words, lines) of types


def unwrapped(comment):
    """The text of a comment without its marks."""
    inner = re.sub(r"\A/\*|\*/\s*\Z", "", comment.strip())
    return "\n".join(re.sub(r"^ ?\* ?", "", line).rstrip()
                     for line in inner.split("\n")).strip("\n").strip(" ")


def blocks(text):
    """Comments and declarations; empty lines are between them, not in them."""
    text = DIRECTIVE.sub("", text)
    return [block for block in re.split(r"\n\s*\n", text) if block.strip()]


def add(header, block):
    """Sorts a block of the header into its functions and its types."""
    comment = COMMENT.match(block)
    words = unwrapped(comment[0]) if comment else ""
    code = block[comment.end():] if comment else block
    functions = [Function(" ".join(match["type"].split()), match["name"],
                          [" ".join(text.split()) for text in
                           match["arguments"].split(",")], words)
                 for match in FUNCTION.finditer(code)]
    header.functions += functions
    if not functions and code.strip() \
            and "GROVE_MUST_CHECK" not in code:
        header.others.append((words, code.strip().split("\n")))


def read(root, name):
    path = root / FOLDER / f"{name}.h"
    with command.advising("restore it"):
        text = path.read_text(encoding="utf-8")
    title = TITLE.search(text)
    if title is None:
        raise command.Problem(f"{path}: no comment above its guard; add one")
    header = Header(name, unwrapped(title[1]))
    for block in blocks(text[title.end(1):]):
        add(header, block)
    return header


def names_of(header):
    names = [f"grove_{header.name}"]
    return names + [function.name for function in header.functions
                    if function.name not in names]


def summary(header):
    """The first sentence, as a page's one line."""
    first = re.split(r"(?<=\w)\.\s", " ".join(header.text.split()) + " ")[0]
    return mdoc.escaped(first[0].lower() + first[1:])


def prototypes(header):
    made = []
    for function in header.functions:
        made += [f".Ft {mdoc.argument(function.type)}",
                 f".Fo {function.name}",
                 *(f".Fa {mdoc.argument(text)}" for text in
                   function.arguments), ".Fc"]
    return made


def descriptions(header):
    if not header.functions:
        return []
    made = [".Ss Functions", ".Bl -tag -width Ds"]
    for words, functions in itertools.groupby(
            header.functions, lambda function: function.words):
        names = " , Fn ".join(function.name for function in functions)
        made += [f".It Fn {names}", *mdoc.paragraphs(words)]
    return [*made, ".El"]


def rules(root):
    """The names of the rules as values, with their ids and words."""
    text = (root / FOLDER / "rule.def").read_text(encoding="utf-8")
    made = [".Bl -tag -width Ds"]
    for name, number, words in RULE.findall(text):
        made += [f".It Dv GROVE_RULE_{name} Pq {number}",
                 mdoc.escaped("".join(re.findall('"([^"]*)"', words)))]
    return [*made, ".El"]


def types(header, root):
    if not header.others:
        return []
    made = [".Ss Types and constants"]
    for words, lines in header.others:
        made += [".Pp"] if words and len(made) > 1 else []
        made += mdoc.paragraphs(words)
        made += (rules(root) if lines[0] == "enum grove_rule {"
                 else mdoc.literal(lines))
    return made


def page(header, headers, root, release):
    library = LIBRARY.get(header.name, "grove")
    names = names_of(header)
    others = sorted(f"grove_{other.name}" for other in headers
                    if other is not header)
    lines = [
        ".Sh NAME", *(f".Nm {name}" + (" ," if name != names[-1] else "")
                      for name in names), f".Nd {summary(header)}",
        ".Sh LIBRARY",
        f"lib{library}: link with \\fB\\-l{library}\\fP, or ask",
        f"\\fBpkg\\-config {library}\\fP.",
        ".Sh SYNOPSIS", f".In grove/{header.name}.h", *prototypes(header),
        ".Sh DESCRIPTION", *mdoc.paragraphs(header.text),
        *descriptions(header), *types(header, root),
        ".Sh SEE ALSO", ".Xr grove 1 ,",
        *(f".Xr {name} 3" + (" ," if name != others[-1] else "")
          for name in others)]
    return mdoc.page(f"grove_{header.name}", 3, *release, lines)


def pages(release, root=ROOT):
    """The text of each page, by the name of its file, and the page to which
    each symbolic link leads. `release` is the date and the version.
    """
    headers = [read(root, path.stem)
               for path in sorted((root / FOLDER).glob("*.h"))]
    made, links_to = {}, {}
    for header in headers:
        own, *links = names_of(header)
        made[f"man3/{own}.3"] = page(header, headers, root, release)
        for name in links:
            links_to[f"man3/{name}.3"] = f"{own}.3"
    return made, links_to
