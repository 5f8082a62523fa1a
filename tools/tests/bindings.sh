#!/bin/bash
# SPDX-License-Identifier: MIT
# bindings.sh LANGUAGE GROVE: the binding passes its tests and vectors/rules, and
# skips none. It does not differ from the reference in random batches with
# layers, long super-packets and lists. The examples of its README run. The C
# code is built with sanitizers. Controls: a binding that does not pass an option
# on is found, and so are an adapter that skips and a fault of memory.
set -euo pipefail
language=$1
grove=$(realpath "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/tests/cargo.sh
folder=${grove%/*}/bindings-$language
flags='-fsanitize=address,undefined -fno-sanitize-recover=undefined -g'
export ASAN_OPTIONS=exitcode=99:detect_leaks=0

# With sanitizers, the library takes half a minute to compile at -O2, and two
# seconds at -O0. At -O0 no access is optimized away that they could watch. The
# builds ask for -O2, but the last option counts.
mkdir -p "$folder"
printf '#!/bin/sh\nexec gcc "$@" -O0\n' >"$folder/cc"
chmod +x "$folder/cc"
export CC=$folder/cc

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

test_rust() {
    build_rust test --quiet --offline --release -p grove -p grove-sys --tests
}

test_go() {
    build_go test -count=1 .
}

test_python() {
    local file

    for file in "$folder/source/python/tests"/test_*.py; do
        env "$preload" /usr/bin/python3 "$file" || return
    done
}

# The examples of the README. rustdoc does not take the runner.
readme_rust() {
    in_crates cargo test --quiet --offline --release -p grove --doc
}

# block LANGUAGE: the code of this language in the README of Go.
block() {
    awk -v begin="\`\`\`$1" '/^```/ { on = $0 == begin; next } on' \
        ref/bindings/go/README.md
}

readme_go() {
    mkdir -p "$folder/source/go/readme"
    block go >"$folder/source/go/readme/main.go"
    build_go vet ./readme
    build_go run ./readme | diff - <(block text)
}

readme_python() {
    env "$preload" /usr/bin/python3 -m doctest ref/bindings/python/README.md
}

case $language in
rust)
    with_debian_crates "$folder/source/rust" "$folder/target"
    triple=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
    build=(build_rust build --quiet --offline --release --workspace)
    adapter="env '$preload' $folder/target/$triple/release/grove-binding-adapter"
    library=$folder/source/rust/grove-sys/grove.c
    sources=(rust/grove/src/{lib,table,splitter}.rs)
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
    build=(build_go build -o "$folder/adapter" ./adapter)
    adapter=$folder/adapter
    library=$folder/source/go/grove.c
    sources=(go/grove.go)
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
    adapter="env '$preload' /usr/bin/python3 $folder/source/python/adapter.py"
    library=$folder/source/python/grove.c
    sources=(python/grove/__init__.py)
    ;;
esac

# Whether it passes these vectors, and skips none.
passes() {
    "$grove" check --exec "$adapter" "$@" >"$folder/tap" 2>&1 &&
        ! grep -q '# SKIP' "$folder/tap"
}

expect_no_failure() {
    passes vectors/rules || {
        grep -A8 '^not ok\|# SKIP' "$folder/tap"
        exit 1
    }
}

# Whether it differs from the reference in no batch of these.
agrees() {
    "$grove" diff --exec "$adapter" --profile linux-7.2 --batches 200 "$@" \
        >"$folder/log" 2>&1 || true # too few for every rule
    tail -1 "$folder/log" | grep -q ' 0 skipped, .* do not differ$'
}

"${build[@]}"
"test_$language"
"readme_$language"
expect_no_failure
for options in --layers '--op gso --layers' --fraglist --hash \
    '--max-bytes 200000'; do
    read -ra words <<<"$options"
    agrees "${words[@]}" || {
        echo "It differs, with $options:"
        cat "$folder/log"
        exit 1
    }
done

# plant SCRIPT: changes the sources of the binding by sed.
plant() {
    (cd "$folder/source" && sed -i -E "$1" "${sources[@]}")
}

# The function kept: its value, or a zero if LEFT_OUT in the environment names
# the field.
add_kept() {
    case $language in
    rust)
        cat >>"$folder/source/rust/grove/src/lib.rs" <<'END'
pub(crate) fn kept<T: Default>(field: &str, value: T) -> T {
    if std::env::var("LEFT_OUT").as_deref() == Ok(field) { T::default() } else { value }
}
END
        ;;
    go)
        plant 's/^import \($/&\n\t"os"/'
        cat >>"$folder/source/go/grove.go" <<'END'
func kept[T any](field string, value T) (result T) {
	if os.Getenv("LEFT_OUT") != field {
		result = value
	}
	return result
}
END
        ;;
    python)
        cat >>"$folder/source/python/grove/__init__.py" <<'END'
import os
def _kept(field, value):
    return 0 if os.environ.get("LEFT_OUT") == field else value
END
        ;;
    esac
}

# keep STRUCTURE FIELD: the binding passes this field of a configuration through
# kept().
keep() {
    local call="kept(\"$1.$2\", "

    case $language in
    rust)
        plant "/sys::$1 \{/,/\};/ {
            s/^( +$2),\$/\1: $2,/
            s/^( +$2: )(.*),\$/\1crate::$call\2),/
        }"
        ;;
    go) plant "/C.struct_$1\{/,/^\t\}/ s/^(\t\t$2: +)(.*),\$/\1$call\2),/" ;;
    python)
        plant "/\"struct $1 \*\"/,/[^ ]\)\$/ \
            s/^( +$2=)(.*)([,)])\$/\1_$call\2)\3/"
        ;;
    esac
}

# The controls share one build. Its faults are chosen when it runs.
controls=(
    grove_config.{max_flows:limits,mode:lossless,no_udp:udp,csum_trusted:key}
    grove_config.{link:link,tunnel_count:tunnel,vnet_len:header,max_bytes:big}
    grove_config.{fraglist:list,hash:hash}
    grove_split_config.{link:link,vnet_len:header}
)
add_kept
for control in "${controls[@]}" grove_split_config.csum_offload; do
    field=${control%:*}
    keep "${field%.*}" "${field#*.}"
done
rest='kept("grove_output.rest", '
case $language in
rust) plant "s/self\.raw\.rest as/crate::${rest}self.raw.rest) as/" ;;
go) plant "s/(o\.Rest = )(.*)/\1$rest\2)/" ;;
python) plant "s/output\.rest\)/_${rest}output.rest))/" ;;
esac
early='if (getenv("FREED_EARLY"))\n        free(table);'
sed -i "/^\(.*void \)\?grove_flush(.*)\$/,/^{/ s/^{\$/{\n    $early/" "$library"
"${build[@]}"
expect_no_failure

# Each option, and vectors that have it.
for control in "${controls[@]}"; do
    field=${control%:*}
    if LEFT_OUT=$field passes "vectors/rules/${control#*:}.json" \
        --profile linux-7.2 || ! grep -q '^not ok' "$folder/tap"; then
        echo "A binding that does not pass $field on was not found."
        exit 1
    fi
done

# What no vector has: what an output says of its list, and a reader of segments.
for control in 'grove_output.rest lists_have_a_rest.*FAILED|FAIL: test_?fraglist' \
    'grove_split_config.csum_offload compute_checksums.*FAILED|FAIL: test_?csum_?offload'; do
    read -r field names <<<"$control"
    if LEFT_OUT=$field "test_$language" >"$folder/log" 2>&1 ||
        ! grep -qiE "$names" "$folder/log"; then
        echo "A binding without $field was not found."
        exit 1
    fi
done

# The binding calls this library, and the sanitizer watches it.
status=0
FREED_EARLY=1 "$grove" check --exec "$adapter" vectors/rules/end.json \
    >"$folder/tap" 2>&1 || status=$?
if ((status == 0)) || ! grep -q 'heap-use-after-free' "$folder/tap"; then
    echo 'A table that is used after its end was not found.'
    exit 1
fi

# An adapter that does not know a field skips vectors.
if [[ $language == python ]]; then
    sed -i '/^    "fraglist":/d' "$folder/source/python/adapter.py"
    if passes vectors/rules/list.json vectors/rules/udp.json ||
        ! grep -q '# SKIP .*fraglist' "$folder/tap"; then
        echo 'An adapter without fraglist was not found.'
        exit 1
    fi
fi
