#!/bin/bash
# SPDX-License-Identifier: MIT
# endian.sh BUILD_DIR: negative control of the tests on a big-endian machine.
# Each planted fault, faults/endian/*.patch, is right on a little-endian machine
# only, and makes the test fail that it names in "Found by: ". BUILD_DIR is of a
# preset with the name of its folder, build-NAME.
set -euo pipefail
build_dir=$(realpath "$1")
preset=${build_dir##*/build-}
source_dir=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -R "$source_dir"/{CMakeLists.txt,CMakePresets.json,ref,tools} "$work"
mkdir "$work/build-$preset"
ln -s "$build_dir/sysroot" "$work/build-$preset/sysroot"
cd "$work"
cmake --preset "$preset" -DGROVE_TOOLS=OFF >log

# run TEST: builds the copy's test and runs it; 99: it does not build.
run() {
    cmake --build --preset "$preset" --target "$1" >log 2>&1 || return 99
    ctest --preset "$preset" --tests-regex "unit.${1#test_}\$" >log 2>&1
}

failed=0
for patch in "$source_dir"/tools/tests/faults/endian/*.patch; do
    test=$(sed -n 's/^Found by: //p' "$patch")
    right=0
    run "$test" || right=$?
    patch -p1 --fuzz=0 --silent <"$patch"
    status=0
    run "$test" || status=$?
    patch -p1 --fuzz=0 --silent --reverse <"$patch"
    if ((right == 0 && status == 8)); then # ctest: a test failed
        echo "found: $(basename "$patch")"
    else
        echo "NOT FOUND: $(basename "$patch"): exit $status of $test," \
            "$right unpatched"
        cat log
        failed=1
    fi
done
exit "$failed"
