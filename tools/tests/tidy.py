#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""clang-tidy finds nothing in what a build compiles, and each planted fault.

    tidy.py BUILD_DIR PART PARTS FOLDER

BUILD_DIR has compile_commands.json. The files are dealt to PARTS runs of this
test, so that these can run at the same time; PART, from 1 on, is this one's.
clang-tidy's static analyzer takes most of the time, and runs on the sources
below FOLDER only.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

# It compares a value with itself, and uses memory that it has freed.
FAULT = """\
#include <stdlib.h>
int main(void)
{
    char *text = malloc(1);

    free(text);
    return text[0] == text[0];
}
"""
FINDING = "both sides of operator are equivalent"
ANALYZED = "Use of memory after it is freed"
NO_ANALYZER = "--checks=-clang-analyzer-*"

# What differs between two commands that compile a file in the same way.
OUTPUTS = re.compile(r" -(?:o|MF|MT) \S+")


def distinct(commands):
    """The commands, without those that differ in their outputs only."""
    return list({(command["file"], OUTPUTS.sub("", command["command"])): command
                 for command in commands}.values())


def sanitizer_headers(folder):
    """The option by which the linter finds them: its package of pip lacks them.
    They are the compiler's, whose other headers would hide the linter's own.
    """
    headers = subprocess.run(
        ["gcc", "-print-file-name=include/sanitizer"], stdout=subprocess.PIPE,
        text=True, check=True).stdout.strip()
    folder.mkdir()
    (folder / "sanitizer").symlink_to(headers)
    return f"--extra-arg=-idirafter{folder}"


def findings(linter, folder, file, *options):
    """What is found in the file, by any of its commands; "" if nothing is.
    The nearest .clang-tidy above the file applies.
    """
    done = subprocess.run([linter, "-quiet", *options, "-p", folder, file],
                          capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def expect_findings(linter, folder, fault):
    """The control: what is found in the fault, and by which checks."""
    config = f"--config-file={ROOT}/.clang-tidy"
    found = findings(linter, folder, fault, config)
    assert FINDING in found and ANALYZED in found, found
    found = findings(linter, folder, fault, config, NO_ANALYZER)
    assert FINDING in found and ANALYZED not in found, found


def main():
    pinned = subprocess.run([ROOT / "tools/pinned", "clang-tidy"],
                            stdout=subprocess.PIPE, text=True, check=False)
    if pinned.returncode != 0:
        return pinned.returncode
    linter = pinned.stdout.strip()
    build, part, parts = pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:4])
    analyzed = pathlib.Path(sys.argv[4]).resolve()
    commands = distinct(json.loads(
        (build / "compile_commands.json").read_text(encoding="utf-8")))
    files = sorted({command["file"] for command in commands})[part - 1::parts]
    assert files, "no files"
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        fault = pathlib.Path(folder, "fault.c")
        fault.write_text(FAULT, encoding="utf-8")
        pathlib.Path(folder, "compile_commands.json").write_text(json.dumps([
            *commands, {"directory": folder, "file": str(fault),
                        "command": "cc -c fault.c"}]), encoding="utf-8")
        headers = sanitizer_headers(pathlib.Path(folder, "headers"))
        expect_findings(linter, folder, fault)
        for file in files:
            options = [] if pathlib.Path(file).is_relative_to(analyzed) else [
                NO_ANALYZER]
            found = findings(linter, folder, file, headers, *options)
            bad += found != ""
            print(found, end="", flush=True)
    print(f"{bad} of {len(files)} files have findings; "
          f"the static analyzer ran on those in {analyzed}")
    return 1 if bad else 0


sys.exit(main())
