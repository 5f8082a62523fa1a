# SPDX-License-Identifier: MIT
"""What fuzz/run starts."""

import sys

from driver.main import main
from scripts import command

sys.exit(command.run(main, "fuzz/run"))
