#!/bin/bash
# SPDX-License-Identifier: MIT
# ports.sh LANGUAGE GROVE: the port passes all vectors in all tiers; those that
# are generated under one profile, since the others show each column. It skips
# none. Its answers to 10,000 batches have the published hashes, and it takes the
# same names of profiles as GROVE. The port to Rust is also built without its
# layers: that core is small, and it skips the vectors that need them, only.
set -euo pipefail
grove=$(realpath "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
source tools/tests/cargo.sh

# Prints the hashes of the answers that the adapter gives.
hashes() {
    local profile

    for profile in linux-6.1 linux-7.2; do
        hash_of "gro-$profile" --profile "$profile"
        hash_of "gro-$profile-lossless" --profile "$profile" --lossless
        hash_of "gso-$profile" --profile "$profile" --op gso
        hash_of "layers-$profile" --profile "$profile" --layers
    done
    hash_of layers-linux-7.2-lossless --profile linux-7.2 --layers --lossless
}

# hash_of NAME OPTION...: a line of SHA256SUMS.
hash_of() {
    "$grove" accumulate --exec "$adapter" --batches "$batches" "${@:2}" |
        sha256sum | sed "s/-$/$1-$batches/"
}

# is_small FILE...: these files of the core are under 900 lines.
is_small() {
    (($(cat "$@" | grep -cvE '^ *(//|$)') < 900))
}

# skips_layers TAP: the vectors that are skipped there are those that need layers.
skips_layers() {
    python3 - "$1" <<'END'
import json
import pathlib
import re
import sys

USUAL = {"link": "none", "vnet_len": 10, "tunnels": [], "max_bytes": 65535,
         "fraglist": False, "hash": False, "mode": "linux"}


def needs_layers(vector):
    config = vector.get("config", {})
    return (any(config.get(name, usual) != usual
                for name, usual in USUAL.items()) or
            vector["op"] == "gso" and
            len(vector["input"][0]["packet"]) > 2 * 65535)


paths = [path for folder in ("rules", "golden")
         for path in pathlib.Path("vectors", folder).glob("*.json")]
needed = {vector["id"] for path in paths
          for vector in json.loads(path.read_text("utf-8"))["vectors"]
          if needs_layers(vector)}
skipped = set(re.findall(r"^ok \d+ - (\S+) .*# SKIP",
                         pathlib.Path(sys.argv[1]).read_text("utf-8"), re.M))
if skipped != needed:
    sys.exit(f"The core skips other vectors than those that need layers: "
             f"{sorted(skipped ^ needed)[:5]}")
END
}

batches=10000
hashed='.*'
case $1 in
python)
    export PYTHONDONTWRITEBYTECODE=1
    adapter='python3 vectors/ports/python/adapter.py'
    accumulate="python3 vectors/ports/python/accumulate.py $batches"
    ;;
go)
    if ! command -v go >/dev/null; then
        echo 'SKIP: no go; install golang-go'
        exit 77
    fi
    # What is compiled of the standard library serves the next run, too.
    export GOCACHE=${grove%/*}/go-cache GOPROXY=off GOFLAGS=-mod=readonly
    unformatted=$(gofmt -l vectors/ports/go)
    if [[ -n $unformatted ]]; then
        echo "gofmt: $unformatted"
        exit 1
    fi
    (
        cd vectors/ports/go
        go vet .
        go test -count=1 .
        go build -o "$work/port" .
    )
    adapter=$work/port
    accumulate="$work/port $batches"
    ;;
rust)
    # What is compiled of the dependency serves the next run, too.
    folder=${grove%/*}/port-rust
    mkdir -p "$folder/source"
    cp -a vectors/ports/rust/. "$folder/source"
    # The control below has changed it. It must be compiled again.
    touch "$folder/source/src/held.rs"
    with_debian_crates "$folder/source" "$folder/target"
    in_crates cargo test --quiet --release --offline --no-default-features \
        --lib --tests
    in_crates cargo build --quiet --release --offline --no-default-features \
        --workspace
    core=$work/grove-adapter
    cp "$folder/target/release/grove-adapter" "$core"
    in_crates cargo test --quiet --release --offline --workspace --lib --bins --tests
    in_crates cargo build --quiet --release --offline --workspace
    adapter=$folder/target/release/grove-adapter
    accumulate=hashes
    hashed='(g[rs]o|layers)-linux-(6\.1|7\.2)'
    ;;
esac

passes() {
    "$grove" check --exec "$adapter" "$@" >"$work/tap" || {
        grep -A8 '^not ok' "$work/tap"
        exit 1
    }
}
skips() {
    grep '# SKIP' "$work/tap"
}
passes vectors/rules vectors/golden
if skips; then
    exit 1
fi
passes vectors/generated --profile linux-7.2
# The only profiles without a name of their own that vectors have.
passes vectors/rules/gso.json --profile linux-7.2:dissects=no,probes_tcp=yes
passes vectors/rules/tunnel.json --profile linux-7.2:checks_tunnel_length=yes

$accumulate | LC_ALL=C sort -k 2 >"$work/got"
grep -E -- " $hashed(-.*)?-$batches\$" vectors/accumulated/SHA256SUMS |
    diff - "$work/got"

read -ra words <<<"$adapter"
tools/tests/profile_names.py "$grove" "${words[@]}"

# Its answers under a profile are those of the profile.
for profile in linux-6.{1,12,16,18} linux-7.2 linux-6.12:min_tcp_gso_size=0 \
    linux-7.2:dissects=no; do
    "$grove" profile --exec "$adapter" --profile "$profile" >"$work/profile"
    grep -qF ": $profile" "$work/profile"
done

# With the newest of the nearest profiles as the base, names differ.
if [[ $1 == python ]] && PYTHONPATH=$PYTHONPATH:vectors/ports/python \
    tools/tests/profile_names.py "$grove" python3 -c 'import adapter, config
config.NAMES = config.NAMES[::-1]
adapter.main()' >"$work/wrong" 2>&1; then
    echo 'A port with another rule for names was not found.'
    exit 1
fi

# A port that does not know tunnels skips vectors.
if [[ $1 == python ]]; then
    PYTHONPATH=$PYTHONPATH:vectors/ports/python passes vectors/rules/in.json \
        vectors/rules/tunnel.json --exec "python3 -c 'import adapter
del adapter.CONFIG[\"tunnels\"]
adapter.main()'"
    if ! skips >"$work/skipped"; then
        echo 'A port without tunnels was not found.'
        exit 1
    fi
fi

# The core alone.
if [[ $1 == rust ]]; then
    core_files=(vectors/ports/rust/src/*.rs)
    is_small "${core_files[@]}" || {
        echo 'vectors/ports/rust/src: the core has 900 lines or more.'
        exit 1
    }
    if is_small "${core_files[@]}" vectors/ports/rust/src/layers/*.rs; then
        echo 'A core with layers was not found.'
        exit 1
    fi
    passes vectors/rules vectors/golden --exec "$core"
    skips_layers "$work/tap"
    sed 's/ # SKIP config.link: .*//' "$work/tap" >"$work/wrong"
    if skips_layers "$work/wrong" 2>/dev/null; then
        echo 'A core that skips other vectors was not found.'
        exit 1
    fi
    passes vectors/generated --profile linux-7.2 --exec "$core"
    passes vectors/rules/gso.json --exec "$core" \
        --profile linux-7.2:dissects=no,probes_tcp=yes
    "$grove" diff --exec "$core" --profile linux-6.18 --batches 2000 >"$work/diff"
fi

# Without a check, a vector of its rule fails.
if [[ $1 == rust ]]; then
    sed -i 's/get16(mine, 14) != get16(its, 14)/false/' \
        "$folder/source/src/held.rs"
    in_crates cargo build --quiet --release --offline --workspace
    "$grove" check --exec "$adapter" vectors/rules >"$work/tap" || true
    grep -q '^not ok .* tcp-window-differs ' "$work/tap" || {
        echo 'A port without GRO-TCP-006 was not found.'
        exit 1
    }
fi
