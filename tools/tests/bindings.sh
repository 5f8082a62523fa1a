#!/bin/bash
# SPDX-License-Identifier: MIT
# bindings.sh LANGUAGE GROVE: the binding passes its tests and vectors/rules,
# under one profile, since it has no logic of its own. The C code is built with
# sanitizers, which find a planted fault.
set -euo pipefail
grove=$(realpath "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/tests/cargo.sh
root=$PWD
folder=${grove%/*}/bindings-$1
flags='-fsanitize=address,undefined -fno-sanitize-recover=undefined -g'
export ASAN_OPTIONS=exitcode=99:detect_leaks=0

# The sanitizers come first in a program that was not linked by the C compiler.
preload=LD_PRELOAD=$(gcc -print-file-name=libasan.so)
preload+=:$(gcc -print-file-name=libubsan.so)

mkdir -p "$folder/source"
tools/bindings -o "$folder/source"

# With a target, the flags are not those of build scripts.
build_rust() {
    CFLAGS=$flags RUSTFLAGS='-Clink-arg=-lasan -Clink-arg=-lubsan' \
        in_crates cargo "$@" --target "$triple" \
        --config "target.$triple.runner = [\"env\", \"$preload\"]"
}

build_go() {
    (
        cd "$folder/source/go"
        env CGO_CFLAGS="$flags" CGO_LDFLAGS="$flags" go "$@"
    )
}

build_python() {
    (
        cd "$folder/source/python"
        CFLAGS=$flags /usr/bin/python3 setup.py -q build_ext --inplace
    ) >"$folder/log" 2>&1 || {
        cat "$folder/log"
        exit 1
    }
}

case $1 in
rust)
    with_debian_crates "$folder/source/rust" "$folder/target"
    triple=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
    build_rust test --quiet --offline --release -p grove -p grove-sys --tests
    build=(build_rust build --quiet --offline --release --workspace)
    adapter="env '$preload' $folder/target/$triple/release/grove-binding-adapter"
    library=$folder/source/rust/grove-sys/grove.c
    ;;
go)
    command -v go >/dev/null || {
        echo 'SKIP: no go; install golang-go'
        exit 77
    }
    export GOCACHE=${grove%/*}/go-cache GOPROXY=off GOFLAGS=-mod=readonly
    unformatted=$(gofmt -l ref/bindings/go)
    [[ -z $unformatted ]] || {
        echo "gofmt: $unformatted"
        exit 1
    }
    build_go vet ./...
    build_go test -count=1 .
    build=(build_go build -o "$folder/adapter" ./adapter)
    adapter=$folder/adapter
    library=$folder/source/go/grove.c
    ;;
python)
    # An empty folder of this name can be imported, too.
    /usr/bin/python3 -c 'import cffi, setuptools.command, sysconfig
open(sysconfig.get_config_h_filename())' 2>/dev/null || {
        echo 'SKIP: no cffi; install' \
            'python3-cffi python3-setuptools libpython3-dev'
        exit 77
    }
    build=(build_python)
    export PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$folder/source/python
    adapter="env '$preload' /usr/bin/python3"
    adapter+=" $folder/source/python/adapter.py $root/vectors/ports/python"
    library=$folder/source/python/grove.c
    ;;
esac

"${build[@]}"
if [[ $1 == python ]]; then
    env "$preload" /usr/bin/python3 \
        "$folder/source/python/tests/test_grove.py"
fi
"$grove" check --exec "$adapter" --profile linux-7.2 vectors/rules \
    >"$folder/tap" || {
    grep -A8 '^not ok' "$folder/tap"
    exit 1
}

# The control: the binding calls this library, and the sanitizer watches it.
sed -i '/^\(.*void \)\?grove_flush(.*)$/,/^{/ s/^{$/{\n    free(table);/' "$library"
(($(grep -c '^    free(table);$' "$library") == 2)) # one is the library's
"${build[@]}"
status=0
"$grove" check --exec "$adapter" vectors/rules/end.json >"$folder/tap" 2>&1 ||
    status=$?
if ((status == 0)) || ! grep -q 'heap-use-after-free' "$folder/tap"; then
    echo 'A table that is used after its end was not found.'
    exit 1
fi
