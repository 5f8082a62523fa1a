#!/bin/bash
# SPDX-License-Identifier: MIT
# Negative control of `grove diff`: it must find each of the planted faults,
# faults/*.patch, within as many batches as the tests run, and nothing in the
# sources as they are. A patch that says "Found by: --op NAME" is for that op,
# the others for op gro. Exit 1 is not enough: that is for unused rules, too.
# Each of them changes an accumulated hash, too, of 10,000 batches, unless the
# patch says "Accumulated: no".
set -euo pipefail
source_dir=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -R "$source_dir"/{CMakeLists.txt,ref,tools} "$work"
cmake -S "$work" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_C_FLAGS=-O1 -DBUILD_TESTING=OFF >"$work/log"

# compare OP: builds the copy and compares it with what is right.
compare() {
    ninja -C "$work/build" grove >"$work/log" 2>&1 || {
        cat "$work/log"
        return 99
    }
    "$work/build/grove" diff --op "$1" --batches 20000 --seed 1 \
        >"$work/log" 2>&1
}

# hashes: of what the copy answers to the batches of vectors/accumulated/.
hashes() {
    local option
    for option in --op=gro --op=gso --lossless; do
        "$work/build/grove" accumulate "$option" | sha256sum
    done
}

for op in gro gso roundtrip; do
    status=0
    compare "$op" || status=$?
    if ((status != 0)); then
        echo "unpatched, --op $op: exit $status instead of 0"
        cat "$work/log"
        exit "$status"
    fi
done

right=$(hashes)
found=0
failed=0
for patch in "$source_dir"/tools/tests/faults/*.patch; do
    patch -d "$work" -p1 --fuzz=0 --silent <"$patch"
    op=$(sed -n 's/^Found by: --op //p' "$patch")
    status=0
    compare "${op:-gro}" || status=$?
    if [[ $(hashes) == "$right" ]] && ! grep -q '^Accumulated: no' "$patch"
    then
        echo "NO OTHER HASH: $(basename "$patch")"
        failed=1
    fi
    patch -d "$work" -p1 --fuzz=0 --silent --reverse <"$patch"
    if ((status == 1)) && grep -q 'differs; shrunk to' "$work/log"; then
        echo "found: $(basename "$patch")"
        found=$((found + 1))
    else
        echo "NOT FOUND: $(basename "$patch"): exit $status instead of 1"
        cat "$work/log"
        failed=1
    fi
done
echo "$found faults found"
if ((found < 16)); then
    exit 1
fi
exit "$failed"
