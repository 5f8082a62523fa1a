#!/bin/bash
# SPDX-License-Identifier: MIT
# Sourced by the tests that give a tool what is wrong; $work is their folder.

# expect STATUS WORDS COMMAND...: it ends with that status, and says one line on
# stderr that has the words. If not, the test ends.
expect() {
    local status=$1 words=$2 got=0

    shift 2
    timeout 60 "$@" >"${work:?}/stdout" 2>"$work/stderr" || got=$?
    if ((got != status)) || (($(wc -l <"$work/stderr") != 1)) ||
        ! grep -qF -- "$words" "$work/stderr"; then
        echo "$*: exit $got; expected $status and one line with: $words"
        cat "$work/stderr"
        exit 1
    fi
}
