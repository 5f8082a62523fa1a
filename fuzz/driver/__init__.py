# SPDX-License-Identifier: MIT
"""The code of fuzz/run."""
