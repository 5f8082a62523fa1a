# SPDX-License-Identifier: MIT
"""The man pages and the completions of shells, for tools/manual."""
