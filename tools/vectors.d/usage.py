# SPDX-License-Identifier: MIT
"""Options of a command, whose mistakes are told in one line."""

import argparse
import sys


class Parser(argparse.ArgumentParser):
    """Names what is wrong and where help is, and ends with status 2."""

    def error(self, message):
        print(f"{self.prog}: {message}; see {self.prog} --help",
              file=sys.stderr)
        sys.exit(2)
