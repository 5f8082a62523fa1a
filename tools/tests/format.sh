#!/bin/bash
# SPDX-License-Identifier: MIT
# clang-format would change no C file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
formatter=$(tools/pinned clang-format)
find ref tools fuzz -name '*.[ch]' -print0 |
    xargs -0 "$formatter" --dry-run -Werror
