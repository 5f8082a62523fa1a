# SPDX-License-Identifier: MIT
"""Other programs on trial: tools/peers/run."""
