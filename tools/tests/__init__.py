# SPDX-License-Identifier: MIT
"""The tests of tools/, and what the tests of fuzz/ share with them."""
