#!/bin/bash
# SPDX-License-Identifier: MIT
# What `fuzz/run seeds` makes corpora of: there are seeds for each target, all
# of them hold, and those that stay in a corpus whatever it covers leave half of
# the repository's room to what campaigns find.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
fuzz_seeds=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source tools/tests/expect.sh

expect 2 'give a vector file or folder' "$fuzz_seeds" "$work" "$work/none"
expect 2 'usage: fuzz-seeds VECTORS OUT' "$fuzz_seeds"

"$fuzz_seeds" vectors "$work/seeds"
for source in fuzz/targets/*.c; do
    target=$(basename "$source" .c)
    if [[ -z $(ls "$work/seeds/$target") ]]; then
        echo "$target: no seeds"
        exit 1
    fi
    if [[ $target == diff_* ]]; then
        continue # asking is slow, and the same vectors are asked elsewhere
    fi
    if ! "$(dirname "$fuzz_seeds")/$target" "$work/seeds/$target" \
        >"$work/stdout" 2>&1; then
        tail "$work/stdout"
        exit 1
    fi
    echo "$target: $(tail -n 1 "$work/stdout")"
done

kept=$(cat "$work"/seeds/shown/*/* | wc -c)
echo "$kept bytes stay in corpora"
if ((kept > 1024 * 1024)); then
    echo 'Lower most_shown in fuzz/seeds.c.'
    exit 1
fi
