#!/bin/bash
# SPDX-License-Identifier: MIT
# The TUN backend's tests under ThreadSanitizer, which must be silent, and their
# negative control: each planted fault, faults/tun/*.patch, makes the test fail
# that it names in "Found by: ".
set -euo pipefail
source_dir=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -R "$source_dir"/{CMakeLists.txt,ref,tools} "$work"
cmake -S "$work" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_C_FLAGS='-O1 -g -fsanitize=thread' -DBUILD_TESTING=ON \
    -DGROVE_TOOLS=OFF >"$work/log"

# run TEST: builds the copy's test and runs it; 99: it does not build.
run() {
    ninja -C "$work/build" "$1" >"$work/log" 2>&1 || return 99
    TSAN_OPTIONS=exitcode=66 timeout 60 "$work/build/ref/tests/$1" \
        >"$work/log" 2>&1
}

for test in test_tun_recv test_tun_send test_tun_threads; do
    status=0
    run "$test" || status=$?
    if ((status != 0)); then
        echo "unpatched, $test: exit $status instead of 0"
        cat "$work/log"
        exit "$status"
    fi
done

failed=0
for patch in "$source_dir"/tools/tests/faults/tun/*.patch; do
    patch -d "$work" -p1 --fuzz=0 --silent <"$patch"
    test=$(sed -n 's/^Found by: //p' "$patch")
    status=0
    run "$test" || status=$?
    patch -d "$work" -p1 --fuzz=0 --silent --reverse <"$patch"
    if ((status != 0 && status != 99)); then
        echo "found: $(basename "$patch"): exit $status of $test"
    else
        echo "NOT FOUND: $(basename "$patch"): exit $status of $test"
        cat "$work/log"
        failed=1
    fi
done
exit "$failed"
