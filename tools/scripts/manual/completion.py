# SPDX-License-Identifier: MIT
"""What bash, zsh and fish complete behind the word grove."""

from scripts import profiles

NOTE = """\
# SPDX-License-Identifier: MIT
# Made by tools/manual from `grove --help`.
"""


def values_of(option):
    """The words that the option's argument may be, if there is a list."""
    if option.name == "profile":
        return [profile.name for profile in profiles.profiles()]
    return option.values()


# ---- bash ------------------------------------------------------------------

BASH = """\
# shellcheck shell=bash
_grove() {{
    local word=${{COMP_WORDS[COMP_CWORD]}}
    local before=${{COMP_WORDS[COMP_CWORD - 1]}}
    local words=

    COMPREPLY=()
    # "--option=VALUE" are three words.
    if [[ $word == = ]]; then
        word=
    elif [[ $before == = ]]; then
        before=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    if ((COMP_CWORD == 1)); then
        words='{commands} --help --version'
    else
        case ${{COMP_WORDS[1]}}:$before:$word in
{cases}
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}}
complete -F _grove grove
"""
BASH_FILES = "compopt -o default\n            return"


def bash_case(patterns, line):
    return [f"        {' | '.join(patterns)})", f"            {line}",
            "            ;;"]


def bash_option(command, option):
    """What follows an option that takes an argument."""
    names = [f"--{option.name}"] + ([f"-{option.letter}"] if option.letter
                                    else [])
    values = values_of(option)
    line = BASH_FILES if option.takes_file() else f"words='{' '.join(values)}'"
    return bash_case([f"{command.name}:{name}:*" for name in names],
                     line if values or option.takes_file() else "return")


def bash_command(command):
    made = []
    for option in command.options:
        if option.argument:
            made += bash_option(command, option)
    names = " ".join(f"--{option.name}" for option in command.options)
    made += bash_case([f"{command.name}:*:-*"], f"words='{names}'")
    if command.takes_file():
        made += bash_case([f"{command.name}:*"], BASH_FILES)
    return made


def bash(program):
    return NOTE + BASH.format(
        commands=" ".join(command.name for command in program.commands),
        cases="\n".join(line for command in program.commands
                        for line in bash_command(command)))


# ---- zsh -------------------------------------------------------------------

ZSH = """\
_grove() {{
    local -a commands=(
{commands}
    )
    if ((CURRENT == 2)); then
        _describe -t commands command commands
        _arguments '--help[list the commands]' '--version[print the version]'
        return
    fi
    local command=$words[2]
    shift words
    ((CURRENT--))
    case $command in
{cases}
    esac
}}
_grove "$@"
"""


def zsh_quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_words(text):
    """The text inside of "[...]" of _arguments."""
    for mark in "\\[]:":
        text = text.replace(mark, "\\" + mark)
    return text


def zsh_option(option):
    words = f"[{zsh_words(option.words)}]"
    if option.argument:
        values = values_of(option)
        action = f"({' '.join(values)})" if values else (
            "_files" if option.takes_file() else " ")
        words += f":{zsh_words(option.argument)}:{action}"
    long = f"--{option.name}" + ("=" if option.argument else "")
    if not option.letter:
        return zsh_quoted(long + words)
    short = f"-{option.letter}" + ("+" if option.argument else "")
    both = f"(-{option.letter} --{option.name})"
    return f"{zsh_quoted(both)}{{{zsh_quoted(short)},{long}}}" \
        + zsh_quoted(words)


def zsh_command(command):
    lines = [zsh_option(option) for option in command.options]
    if command.takes_file():
        lines.append("'*:file:_files'")
    inner = " \\\n".join(f"            {line}" for line in lines)
    return f"    {command.name})\n        _arguments -s \\\n{inner}\n        ;;"


def zsh(program):
    return "#compdef grove\n" + NOTE + ZSH.format(
        commands="\n".join("        " + zsh_quoted(f"{command.name}:"
                                                   f"{command.words}")
                           for command in program.commands),
        cases="\n".join(map(zsh_command, program.commands)))


# ---- fish ------------------------------------------------------------------


def fish_quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_option(command, option):
    line = (f"complete -c grove -n '__fish_seen_subcommand_from "
            f"{command.name}' -l {option.name}")
    if option.letter and option.letter != "?":
        line += f" -s {option.letter}"
    if option.takes_file():
        line += " -r -F"
    elif option.argument:
        line += " -x"
        values = values_of(option)
        if values:
            line += f" -a {fish_quoted(' '.join(values))}"
    return line + f" -d {fish_quoted(option.words)}"


def fish(program):
    lines = ["complete -c grove -f",
             "complete -c grove -n __fish_use_subcommand -l help -d "
             "'list the commands'",
             "complete -c grove -n __fish_use_subcommand -l version -d "
             "'print the version'"]
    for command in program.commands:
        lines.append(f"complete -c grove -n __fish_use_subcommand -a "
                     f"{command.name} -d {fish_quoted(command.words)}")
        lines += [fish_option(command, option) for option in command.options]
        if command.takes_file():
            lines.append("complete -c grove -n '__fish_seen_subcommand_from "
                         f"{command.name}' -F")
    return NOTE + "\n".join(lines) + "\n"


def files(program):
    """The text of each file, by its name."""
    return {"completion/bash/grove": bash(program),
            "completion/zsh/_grove": zsh(program),
            "completion/fish/grove.fish": fish(program)}
