#!/bin/bash
# SPDX-License-Identifier: MIT
# What takes no arguments and works for long begins with none: it describes
# itself, or refuses them in a line.
set -euo pipefail
tools=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
# shellcheck source=tools/tests/expect.sh
source "$tools/tests/expect.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
for name in coverage demo test; do
    about=$(sed -n '3s/^# //p' "$tools/$name")
    timeout 10 "$tools/$name" --help | grep -xF -- "$about"
    expect 2 "$name: --none: takes no arguments; see tools/$name --help" \
        "$tools/$name" --none
done
