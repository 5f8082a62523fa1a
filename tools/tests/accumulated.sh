#!/bin/bash
# SPDX-License-Identifier: MIT
# accumulated.sh GROVE N [kernel]: the answers to N batches have the hashes of
# vectors/accumulated/SHA256SUMS, those of the reference or of the kernel here.
set -euo pipefail
grove=$(realpath "$1")
count=$2
who=${3:-reference}
sums=$(dirname "${BASH_SOURCE[0]}")/../../vectors/accumulated/SHA256SUMS

# line NAME OPTION...: as it stands in SHA256SUMS.
line() {
    local name=$1 sum
    shift
    sum=$("$grove" accumulate --batches "$count" "$@" | sha256sum)
    echo "${sum%% *}  $name-$count"
}

# published PATTERN: the lines of SHA256SUMS that are to come out.
published() {
    grep -E "  ($1)-$count\$" "$sums"
}

ask_reference() {
    local profile profiles
    profiles=$(published 'gso-linux-[0-9.]*' | cut -d - -f 2,3)
    for profile in $profiles; do
        line "gro-$profile" --profile "$profile"
        line "gro-$profile-lossless" --profile "$profile" --lossless
        line "gso-$profile" --op gso --profile "$profile"
    done
    line gro-inputs --inputs
    line gso-inputs --op gso --inputs
}

ask_kernel() {
    line "gro-$series" --kernel
    line "gso-$series" --op gso --kernel
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [[ $who == kernel ]]; then
    series=linux-$(uname -r | cut -d . -f 1,2)
    ask_kernel >"$work/got"
    published "g[rs]o-$series" >"$work/expected"
else
    ask_reference >"$work/got"
    published '.*' >"$work/expected"
fi
LC_ALL=C sort -k 2 "$work/got" | diff "$work/expected" -
