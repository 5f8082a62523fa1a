#!/bin/bash
# SPDX-License-Identifier: MIT
# clang-tidy finds nothing: tidy.sh BUILD_DIR, where compile_commands.json is.
set -euo pipefail
log=$(mktemp)
trap 'rm -f "$log"' EXIT
run-clang-tidy-14 -quiet -p "$1" >"$log" 2>&1 || {
    grep -v '^clang-tidy-14 ' "$log"
    exit 1
}
