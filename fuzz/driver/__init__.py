# SPDX-License-Identifier: MIT
"""What fuzz/run consists of."""
