# SPDX-License-Identifier: MIT
"""Runs the programs of vectors/peers/reports: each must fail in the way that
its report says.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess

from scripts import command

CODE = re.compile(r"^```(go|rust|c)\n(.*?)^```$", re.M | re.S)
FILE = re.compile(r"^As `([^`]+)`; `([^`]+)`$", re.M)
PRINTS = re.compile(r"^It fails with\n\n    (.+)$", re.M)
MODULES = {"wireguard-go": "golang.zx2c4.com/wireguard",
           "gvisor": "gvisor.dev/gvisor"}
TOOLS = {"go": "go", "rust": "cargo", "c": "pkg-config"}
PATIENCE = 500


class Report:
    """A report, and the program in it."""

    def __init__(self, path):
        text = path.read_text(encoding="utf-8")
        try:
            (self.language, self.code), = CODE.findall(text)
            (self.file, self.command), = FILE.findall(text)
            self.prints, = PRINTS.findall(text)
        except ValueError as error:
            raise command.Problem(f"{path}: needs one program, one line \"As "
                                  "`FILE`; `COMMAND`\" and one \"It fails "
                                  "with\"; see the others") from error
        self.name = path.stem
        self.peer = next(peer for peer in ("dpdk", "gvisor", "tun-rs",
                                           "wireguard-go")
                         if self.name.startswith(peer))


def module(root, name):
    """The folder of a Go module, of the version that the adapter uses."""
    done = subprocess.run(["go", "mod", "download", "-json", MODULES[name]],
                          cwd=root / "tools/peers" / name, check=False,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise command.Skip("the Go module proxy is not reached")
    return pathlib.Path(json.loads(done.stdout)["Dir"])


def place(root, report, into):
    """Makes the project in which the program of a report runs."""
    if report.language == "go":
        shutil.copytree(module(root, report.peer), into, dirs_exist_ok=True,
                        copy_function=shutil.copyfile)
    if report.language == "rust":
        for name in "Cargo.toml", "Cargo.lock":
            text = (root / "tools/peers" / report.peer / name).read_text(
                encoding="utf-8")
            (into / name).write_text(text, encoding="utf-8")
        (into / "src").mkdir(exist_ok=True)
        (into / "src/main.rs").write_text("fn main() {}\n", encoding="utf-8")


def run(root, report, into):
    """What the program printed. Skip: its language or library is missing."""
    if not shutil.which(TOOLS[report.language]):
        raise command.Skip(f"no {TOOLS[report.language]}")
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True)
    place(root, report, into)
    file = into / report.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.parent.chmod(0o755)  # those of the module cache cannot be written
    file.write_text(report.code, encoding="utf-8")
    done = subprocess.run(["sh", "-c", report.command], cwd=into, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=PATIENCE,
                          env={**os.environ, "CARGO_TARGET_DIR":
                               str(into.parent / "target")})
    return done.returncode, done.stdout


def check(root, path, into):
    """Runs the program of a report. It is a Difference if it does not fail as
    the report says.
    """
    report = Report(path)
    status, printed = run(root, report, into / report.name)
    if status == 0 or report.prints not in printed:
        raise command.Difference(
            f"{path}: the program does not fail with \"{report.prints}\", but "
            f"with exit status {status}: {printed.strip()[-300:]}; mend the "
            "report")
