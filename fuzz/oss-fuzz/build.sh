#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds the targets for OSS-Fuzz and ClusterFuzzLite. Their environment names
# the compiler, the engine and the folders. Targets that ask the running kernel
# or an adapter are left out: these services have neither.
set -euo pipefail
source_dir=$SRC/grove
build=$WORK/grove

# The machines that run the targets lack libjansson, libmnl, libpcap and zlib.
# The loader uses an RPATH, unlike a RUNPATH, for the libraries of these, too.
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
    # MemorySanitizer has no targets that use a library that was not built for
    # it.
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
