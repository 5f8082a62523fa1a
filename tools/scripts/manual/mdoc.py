# SPDX-License-Identifier: MIT
"""Plain text as mdoc(7), the language of man pages."""

import re
import textwrap

# Escapes make lines longer.
WIDTH = 70

SENTENCE = re.compile(r'(?<=[.!?])(?<!e\.g\.)[ \n]+(?=[A-Z"`(\[])')
OPTION = re.compile(r"(?<![\w-])(--?)(?=\w)")
# Marks that follow a function stand behind it on its line.
FUNCTION = re.compile(r"(?<!\S)(\w+)\(\)([.,:;]*)(?!\S)")
BLOCK = re.compile(r"^[ \t]*\S.*?(?=\n\s*\n|\Z)", re.M | re.S)
CODE = re.compile(r"`([^` ]+)`")


def escaped(text):
    """A line without anything that mdoc would take as its own."""
    text = text.replace("\\", "\\e")
    return re.sub(r"^(?=[.'])", r"\\&", text)


def argument(text):
    """The argument of a macro."""
    return '"' + text.replace("\\", "\\e").replace('"', '\\(dq') + '"'


def sentences(text):
    """Prose; each sentence begins a line."""
    return [line for sentence in SENTENCE.split(" ".join(text.split()))
            for line in with_functions(sentence)]


def wrapped(text):
    return [escaped_prose(line) for line in textwrap.wrap(
        text.strip(), WIDTH, break_on_hyphens=False, break_long_words=False)]


def with_functions(sentence):
    """A sentence whose functions, "name()", are marked up."""
    made, end = [], 0
    for match in FUNCTION.finditer(sentence):
        made += wrapped(sentence[end:match.start()])
        marks = " ".join(match[2])
        made.append(f".Fn {match[1]} {marks}".rstrip())
        end = match.end()
    return made + wrapped(sentence[end:])


def escaped_prose(line):
    line = escaped(line)
    line = OPTION.sub(lambda match: match[1].replace("-", "\\-"), line)
    return CODE.sub(r"\\fB\1\\fP", line)


def literal(lines):
    """Lines as they are."""
    made = [escaped(line).replace("-", "\\-").replace("'", "\\(aq")
            .replace("`", "\\(ga").replace("~", "\\(ti").replace("^", "\\(ha")
            for line in lines]
    return [".Bd -literal -offset indent", *made, ".Ed"]


def indent(line):
    return len(line) - len(line.lstrip())


def is_literal(lines):
    """Whether a paragraph is code or a table: its lines are indented, or it
    has columns.
    """
    return (all(indent(line) > 0 for line in lines)
            or any(re.search(r"\S {3,}\S", line) for line in lines)
            or len(lines) > 2 and all(indent(line) > 5 for line in lines[1:]))


def term(lines):
    """The items of a list "Term.  Words", whose words are indented."""
    items = []
    for line in lines:
        match = re.match(r"(\w[\w ]*\.) {2,}(\S.*)", line)
        if match and indent(line) == 0:
            items.append([match[1], match[2]])
        elif items and indent(line) > 5:
            items[-1].append(line.strip())
        else:
            return None
    return items


def paragraphs(text):
    """Prose with blocks of code between empty lines."""
    made = []
    for block in BLOCK.findall(text):
        lines = block.split("\n")
        items = term(lines)
        if items:
            made.append(".Bl -tag -width Results.")
            for name, *words in items:
                made += [f".It {name.rstrip('.')}", *sentences(" ".join(words))]
            made.append(".El")
        elif is_literal(lines):
            made += literal(line.removeprefix("    ") for line in lines)
        else:
            made += [".Pp"] if made else []
            made += sentences(block)
    return made


def page(title, section, date, version, lines):
    """The whole file."""
    head = [f".Dd {date}", f".Dt {title.upper()} {section}",
            f".Os grove {version}"]
    return "\n".join([
        '.\\" SPDX-License-Identifier: MIT',
        '.\\" Made by tools/manual; edit what it reads instead.',
        *head, *lines]) + "\n"
