#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds the targets for OSS-Fuzz and ClusterFuzzLite, whose environment says
# by what and where to. Targets that ask the running kernel or somebody's
# adapter are left out: there is neither where these services run them.
set -euo pipefail
source_dir=$SRC/grove
build=$WORK/grove

# libjansson, libmnl, libpcap and zlib are not where the targets run. An RPATH,
# and not a RUNPATH, is what their own dependencies are looked for in, too.
# shellcheck disable=SC2016  # $ORIGIN is for the loader
cmake -S "$source_dir" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=None \
    -DBUILD_TESTING=OFF -DGROVE_FUZZ=ON -DGROVE_FUZZ_ENGINE=given \
    -DCMAKE_BUILD_RPATH='$ORIGIN/lib' \
    -DCMAKE_EXE_LINKER_FLAGS=-Wl,--as-needed,--disable-new-dtags
cmake --build "$build" --target fuzz

mkdir -p "$OUT/lib"
cp "$source_dir/fuzz/grove.dict" "$OUT"
for source in "$source_dir"/fuzz/targets/*.c; do
    target=$(basename "$source" .c)
    program=$build/fuzz/$target
    # Of the targets for MemorySanitizer those are missing that would run code
    # of a library that was not built for it.
    if [[ $target == diff_* || ! -e $program ]]; then
        continue
    fi
    cp "$program" "$OUT"
    ldd "$program" | awk '$3 ~ /^\// && $3 !~ known { print $3 }' \
        known='/(libc|libm|libdl|librt|libpthread|libresolv|libgcc_s)[.]so' |
        xargs -r cp -Lt "$OUT/lib"
    printf '[libfuzzer]\ndict = grove.dict\n' >"$OUT/$target.options"
    cp "$source_dir/fuzz/corpus/${target}_seed_corpus.zip" "$OUT"
done
