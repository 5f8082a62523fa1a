#!/bin/bash
# SPDX-License-Identifier: MIT
# Installs the libraries, static and shared, and builds consumers against them,
# by pkg-config and by find_package(), and the programs of ref/examples.
set -euo pipefail
source_dir=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -R "$source_dir/tools/tests/package" "$work/consumer"
cp "$source_dir"/ref/examples/*.[ch] "$work/consumer"

# Installs into $work/moved, by way of another prefix: the tree can be moved.
install_library() {
    cmake -S "$source_dir" -B "$work/build" -G Ninja --fresh \
        -DBUILD_SHARED_LIBS="$1" -DBUILD_TESTING=OFF -DGROVE_TOOLS=OFF \
        -DCMAKE_COMPILE_WARNING_AS_ERROR=ON
    cmake --build "$work/build"
    rm -rf "$work/moved"
    cmake --install "$work/build" --prefix "$work/installed"
    mv "$work/installed" "$work/moved"
    libdir=$(dirname "$(find "$work/moved" -name 'libgrove.*' -print -quit)")
}

# Builds one consumer: SOURCE PACKAGE [OPTION of pkg-config...]
build_by_pkg_config() {
    local flags
    flags=$(PKG_CONFIG_PATH="$libdir/pkgconfig" \
        pkg-config --cflags --libs "${@:2}")
    # shellcheck disable=SC2086 # they are several words
    cc -Wall -Wextra -Wpedantic -Werror \
        "$work/consumer/$1" $flags -o "$work/by-pkg-config"
}

run_consumer() {
    build_by_pkg_config "$@"
    LD_LIBRARY_PATH="$libdir" "$work/by-pkg-config"
}

by_pkg_config() {
    run_consumer main.c grove "$@"
    run_consumer tun.c grove-tun "$@"
    build_by_pkg_config write_batch.c grove "$@"
    build_by_pkg_config read_split.c grove "$@"
    build_by_pkg_config forward.c grove-tun "$@"
}

by_cmake() {
    cmake -S "$work/consumer" -B "$work/by-cmake" -G Ninja --fresh \
        -DCMAKE_PREFIX_PATH="$work/moved"
    cmake --build "$work/by-cmake"
    "$work/by-cmake/consumer"
    "$work/by-cmake/consumer-tun"
}

# Every symbol that a program could meet begins with grove_.
check_names() {
    if nm --extern-only --defined-only "$@" |
        awk 'NF == 3 && $3 !~ /^grove_/ { print; bad = 1 } END { exit !bad }'
    then
        echo 'symbols without the prefix grove_'
        return 1
    fi
}

install_library OFF
check_names "$libdir/libgrove.a"
check_names "$libdir/libgrove-tun.a"
by_pkg_config --static
by_cmake

install_library ON
check_names --dynamic "$libdir/libgrove.so"
check_names --dynamic "$libdir/libgrove-tun.so"
by_pkg_config
by_cmake

# The headers and the examples are C++, too.
check_syntax() {
    "$@" -fsyntax-only -Wall -Wextra -Wpedantic -Werror \
        -I "$work/moved/include"
}

for header in "$work"/moved/include/grove/*.h; do
    check_syntax clang -x c++ -std=c++11 "$header"
done
for example in "$work"/consumer/{write_batch,read_split,forward}.c; do
    check_syntax gcc -std=gnu11 "$example"
    check_syntax clang -std=gnu11 "$example"
    check_syntax clang -x c++ -std=c++11 "$example"
done
