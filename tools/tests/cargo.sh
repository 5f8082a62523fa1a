# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For tests that build crates, without network: their dependencies are Debian's
# packages of crates. Sourced by them.

crates=/usr/share/cargo/registry

# with_debian_crates SOURCE TARGET: prepares a copy of crates for in_crates. A
# lock file names versions of crates.io, which may differ from Debian's.
with_debian_crates() {
    if [[ ! -x /usr/bin/cargo || ! -d $crates ]]; then
        echo 'SKIP: no cargo of Debian with its crates; install' \
            'cargo librust-serde-json-dev librust-cc-dev'
        exit 77
    fi
    crates_source=$1
    crates_target=$2
    mkdir -p "$1/.cargo"
    rm -f "$1/Cargo.lock"
    cat >"$1/.cargo/config.toml" <<END
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "$crates"
END
}

# in_crates COMMAND...: runs it in the copy.
in_crates() {
    (
        cd "$crates_source" || exit
        PATH=/usr/bin:$PATH RUSTC=/usr/bin/rustc \
            CARGO_TARGET_DIR=$crates_target "$@"
    )
}
