#!/bin/bash
# SPDX-License-Identifier: MIT
# clang-tidy finds nothing: tidy.sh BUILD_DIR, where compile_commands.json is.
set -euo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run-clang-tidy-14 -quiet -p "$1" >"$log" 2>&1 || {
    sed 's/\x1b\[[0-9;]*m//g' "$log" |
        grep -vE '^clang-tidy-14 |warnings? generated'
    exit 1
}
