# SPDX-License-Identifier: MIT
"""The code of tools/mutate."""
