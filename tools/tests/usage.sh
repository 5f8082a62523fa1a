#!/bin/bash
# SPDX-License-Identifier: MIT
# What takes no arguments and works for long begins with none: it describes
# itself, or refuses them in a line.
set -euo pipefail
tools=$(realpath "$(dirname "${BASH_SOURCE[0]}")/..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    cat "$work/said" "$work/errors"
    echo "$*"
    exit 1
}

cd "$work"
for name in coverage demo test; do
    timeout 10 "$tools/$name" --help >"$work/said" 2>"$work/errors" ||
        fail "$name --help: exit $?"
    about=$(sed -n '3s/^# //p' "$tools/$name")
    grep -qxF -- "$about" "$work/said" || fail "$name --help: no: $about"
    status=0
    timeout 10 "$tools/$name" --none >"$work/said" 2>"$work/errors" ||
        status=$?
    if ((status != 2)) || [[ -s $work/said ]] ||
        [[ $(<"$work/errors") != \
            "$name: --none: takes no arguments; see tools/$name --help" ]]; then
        fail "$name --none: exit $status; expected 2 and one line"
    fi
done
