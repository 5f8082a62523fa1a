#!/bin/bash
# SPDX-License-Identifier: MIT
# usage.sh GROVE: commands, and tools that take no arguments and work for long,
# describe themselves, or refuse what they do not know in a line.
set -euo pipefail
grove=$(realpath "$1")
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

expect 2 'no command' "$grove"
expect 2 'none: no such command' "$grove" none
mapfile -t commands < <("$grove" --help | sed -n 's/^  \([a-z]\+\) .*/\1/p' |
    grep -vx grove)
((${#commands[@]} >= 9))
for name in "${commands[@]}"; do
    timeout 10 "$grove" "$name" --help | grep -F "Usage: grove $name"
    expect 2 "grove $name: unrecognized option '--none'" "$grove" "$name" --none
done
for name in accumulate adapter bench diff kernel; do
    expect 2 "grove $name: none: it takes options only" "$grove" "$name" none
done
expect 2 "grove bench: option '--only' requires an argument" \
    "$grove" bench --only
expect 2 'grove bench: --only none: expected TCP or UDP' \
    "$grove" bench --only none
