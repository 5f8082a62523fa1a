#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Runs a command on a new terminal and types into it, as fast as a person.
For tools/record.
"""
import os
import pty
import random
import select
import sys

LINES = ["echo hello, world\n", "cd /usr/share/doc && ls | head -400\n",
         "seq 1 3000 | sort -r\n", "exit\n"]
PAUSE = (0.004, 0.04)  # seconds between two keys


def show(terminal, seconds):
    """Prints the output of the command for so long. False at its end."""
    while select.select([terminal], [], [], seconds)[0]:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            return False
        if not data:
            return False
        os.write(sys.stdout.fileno(), data)
    return True


def main():
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[1], sys.argv[1:])
    keys = random.Random(1)
    show(terminal, 1.0)
    for line in LINES:
        for key in line:
            os.write(terminal, key.encode())
            show(terminal, keys.uniform(*PAUSE))
        if not show(terminal, 0.3):
            break
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    sys.exit(main())
