#!/bin/bash
# SPDX-License-Identifier: MIT
# fuzz/oss-fuzz/build.sh in the environment that OSS-Fuzz and ClusterFuzzLite
# give it, for each of their sanitizers, and what they check of its outputs:
# names, startup, instrumentation, the right sanitizer and no other one, seed
# corpora, dictionaries, options, libraries.
set -euo pipefail
source_dir=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# As gcr.io/oss-fuzz-base/base-builder sets them. Two things are of their own
# clang only: -stdlib=libc++, which their engine was built with and Debian's
# was not, and -fsanitize=function, which is for C++ in clang 14.
common='-O1 -fno-omit-frame-pointer -gline-tables-only'
common+=' -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION'
checks=array-bounds,bool,builtin,enum,integer-divide-by-zero,null,object-size
checks+=,return,returns-nonnull-attribute,shift,signed-integer-overflow
checks+=,unreachable,vla-bound
declare -A flags=(
    [address]='-fsanitize=address -fsanitize-address-use-after-scope'
    [undefined]="-fsanitize=$checks,unsigned-integer-overflow \
-fno-sanitize-recover=$checks"
    [memory]='-fsanitize=memory -fsanitize-memory-track-origins'
    [coverage]='-fprofile-instr-generate -fcoverage-mapping -pthread'
)
# Calls that a program has at least of its own sanitizer, and at most of
# another one, in their check of builds.
declare -A least=([asan]=1000 [msan]=1000 [ubsan]=168)
declare -A most=([asan]=0 [msan]=3 [ubsan]=200)
declare -A runtime=([address]=asan [memory]=msan [undefined]=ubsan)

fail() {
    printf '%s, %s: %s\n' "$sanitizer" "$target" "$1"
    if [[ -s $work/log ]]; then
        cat "$work/log"
    fi
    exit 1
}

build() {
    mkdir -p "$work/$sanitizer"/{src,out,work}
    ln -s "$source_dir" "$work/$sanitizer/src/grove"
    local coverage=-fsanitize=fuzzer-no-link
    if [[ $sanitizer == coverage ]]; then
        coverage=
    fi
    local all="$common ${flags[$sanitizer]} $coverage"
    env CC=clang CXX=clang++ CCC=clang++ CFLAGS="$all" CXXFLAGS="$all" \
        LIB_FUZZING_ENGINE=-fsanitize=fuzzer FUZZING_ENGINE=libfuzzer \
        FUZZING_LANGUAGE=c ARCHITECTURE=x86_64 SANITIZER="$sanitizer" \
        SRC="$work/$sanitizer/src" OUT="$out" WORK="$work/$sanitizer/work" \
        bash -eu "$source_dir/.clusterfuzzlite/build.sh" >"$work/log" 2>&1 ||
        fail 'build.sh fails'
    : >"$work/log"
}

# run ARGUMENTS: the target as they run it, from its own folder.
run() {
    (cd "$out" && env -i PATH="$PATH" LLVM_PROFILE_FILE="$work/profile" \
        UBSAN_OPTIONS=silence_unsigned_overflow=1 \
        "./$target" -rss_limit_mb=2560 -timeout=25 "$@") >"$work/log" 2>&1 ||
        fail "exit $? of: $target $*"
}

check_startup() {
    local edges
    run -seed=1337 -runs=4
    grep -q 'Done 4 runs' "$work/log" || fail 'does not run 4 inputs'
    edges=$(grep -Po 'Loaded \d+ module.*\(.*(counters|guards)\):\s+\K\d+' \
        "$work/log")
    ((edges >= 100)) || fail "$edges edges, so it is instrumented in part only"
}

# As their script for coverage does it: a merge runs every input.
check_coverage() {
    mkdir "$work/dummy"
    run -merge=1 -timeout=100 "$work/dummy" "$work/seeds"
    rmdir "$work/dummy"
    llvm-profdata merge -o "$work/merged" "$work/profile" || fail 'no profile'
    llvm-cov report "$out/$target" -instr-profile="$work/merged" \
        >"$work/log" || fail 'no coverage'
    grep -q '^ref/.*[1-9]' "$work/log" || fail 'no coverage of ref/'
}

check_sanitizer() {
    local own=${runtime[$sanitizer]:-} name calls
    objdump -dC "$out/$target" |
        grep -Po 'call\s+[0-9a-f]+ <__\K(asan|msan|ubsan)' |
        sort >"$work/calls" || true
    for name in asan msan ubsan; do
        calls=$(grep -c "^$name" "$work/calls" || true)
        if [[ $name == "$own" ]]; then
            ((calls >= least[$name])) || fail "$calls calls of $name, too few"
        else
            ((calls <= most[$name])) || fail "$calls calls of $name, too many"
        fi
    done
}

check_files() {
    [[ $target =~ ^[A-Za-z0-9_-]+$ ]] || fail 'no name for a target'
    if ldd "$out/$target" | grep -E 'not found|lib(jansson|mnl|pcap|z)[.]' |
        grep -vF "$out/lib/"; then
        fail 'needs a library that is not in OUT'
    fi
    python3 - "$out/$target.options" >"$work/dictionary" <<'PYTHON' ||
import configparser, sys
options = configparser.ConfigParser()
with open(sys.argv[1], encoding="utf-8") as stream:
    options.read_file(stream)
print(options["libfuzzer"]["dict"])
PYTHON
        fail 'its options do not parse'
    unzip -q "$out/${target}_seed_corpus.zip" -d "$work/seeds" ||
        fail 'its seed corpus does not open'
    [[ -n $(ls "$work/seeds") ]] || fail 'its seed corpus is empty'
    run -runs=0 -dict="$out/$(cat "$work/dictionary")" "$work/seeds"
    grep -q '^Dictionary: [1-9]' "$work/log" || fail 'an empty dictionary'
}

for sanitizer in address undefined memory coverage; do
    out=$work/$sanitizer/out
    target=build.sh
    build
    found=0
    for program in "$out"/*; do
        target=$(basename "$program")
        if [[ ! -x $program || -d $program ]]; then
            continue
        fi
        check_files
        check_sanitizer
        if [[ $sanitizer == coverage ]]; then
            check_coverage
        else
            check_startup
        fi
        rm -r "$work/seeds"
        found=$((found + 1))
    done
    target=build.sh
    ((found >= 4)) || fail "$found targets"
    printf '%s: %d targets hold\n' "$sanitizer" "$found"
    rm -rf "${work:?}/$sanitizer"
done
