# SPDX-License-Identifier: MIT
"""The man pages of the command grove and of its subcommands, section 1."""

import re

from scripts.manual import examples, mdoc


def finished(words):
    """The words as a sentence."""
    return words if words.endswith((".", "?", "!")) else words + "."


def option(given):
    """An option and its words, as an item of a list."""
    flags = [f"Fl {given.letter} ,"] if given.letter else []
    name = "Fl -" + given.name
    if given.argument:
        name += f" Ns = Ns Ar {given.argument}"
    return [".It " + " ".join([*flags, name]),
            *mdoc.sentences(finished(given.words))]


def synopsis(name, arguments):
    made = [f".Nm grove {name}".rstrip()]
    for word in arguments:
        optional = word.startswith("[")
        word = word.strip("[]")
        dots = " ..." if word.endswith("...") else ""
        word = word.removesuffix("...")
        made.append(f".{'Op ' if optional else ''}Ar {word}{dots}")
    return made


def exit_status(text):
    """A list of "0 words, 1 words"."""
    made = []
    for status, words in re.findall(r"(\d+) (.+?)(?:[,;] (?=\d+ )|$)",
                                    text.rstrip(".")):
        made += [f".It {status}", *mdoc.sentences(words)]
    return [".Bl -tag -width Ds", *made, ".El"]


def see_also(names):
    return [f".Xr {name} {section}" + (" ," if i + 1 < len(names) else "")
            for i, (name, section) in enumerate(names)]


def shown(name):
    """The examples of a command."""
    given = examples.OF.get(name, ())
    if not given:
        return []
    made = []
    for words, line in given:
        made += [".Pp"] if made else []
        made += [*mdoc.sentences(words), *mdoc.literal([line])]
    return [".Sh EXAMPLES", *made]


def page_of(command, program, date):
    """The page of a subcommand."""
    lines = [
        ".Sh NAME", f".Nm grove-{command.name}",
        f".Nd {mdoc.escaped(command.words)}",
        ".Sh SYNOPSIS", *synopsis(command.name, command.arguments),
        ".Sh DESCRIPTION", *mdoc.paragraphs(command.description),
        ".Sh OPTIONS", ".Bl -tag -width Ds",
        *(line for given in command.options for line in option(given)),
        ".El", *([".Pp"] if command.remarks else []),
        *mdoc.paragraphs(command.remarks),
        ".Sh EXIT STATUS", *exit_status(command.exit_status),
        *shown(command.name),
        ".Sh SEE ALSO", *see_also([("grove", 1)])]
    return mdoc.page(f"grove-{command.name}", 1, date, program.version, lines)


def page_of_program(program, date):
    """The page of the command grove itself."""
    lines = [
        ".Sh NAME", ".Nm grove",
        ".Nd the reference GRO for TUN and virtio-net packets",
        ".Sh SYNOPSIS", ".Nm", ".Ar COMMAND", ".Op Ar OPTION ...",
        ".Nm", ".Fl -help", ".Nm", ".Fl -version",
        ".Sh DESCRIPTION", *mdoc.sentences(program.description),
        "Each command has a page of its own.",
        ".Bl -tag -width accumulate",
        *(line for command in program.commands for line in
          (f".It Cm {command.name}", mdoc.escaped(finished(
              command.words[0].upper() + command.words[1:])))),
        ".El",
        ".Sh EXIT STATUS", *exit_status(program.exit_status),
        *shown("grove"),
        ".Sh SEE ALSO",
        *see_also([*((f"grove-{name}", 1) for name in
                     sorted(command.name for command in program.commands)),
                   ("grove_table", 3)])]
    return mdoc.page("grove", 1, date, program.version, lines)


def pages(program, date):
    """The text of each page, by the name of its file."""
    made = {"man1/grove.1": page_of_program(program, date)}
    for command in program.commands:
        made[f"man1/grove-{command.name}.1"] = page_of(command, program, date)
    return made
