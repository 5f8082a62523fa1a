# SPDX-License-Identifier: MIT
"""The main module, which fuzz/run starts."""

import sys

from driver.main import main
from scripts import command

sys.exit(command.run(main, "fuzz/run"))
