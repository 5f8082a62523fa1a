# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# For tests that build a crate, without network: its dependencies are Debian's
# packages of crates. Sourced by them.

crates=/usr/share/cargo/registry

# debian_crates FOLDER CRATE: copies a crate to FOLDER/source. Its lock file
# names versions of crates.io, which may differ from Debian's, and stays behind.
debian_crates() {
    if [[ ! -x /usr/bin/cargo || ! -d $crates ]]; then
        echo 'SKIP: no cargo of Debian with its crates; install' \
            'cargo librust-serde-json-dev librust-cc-dev'
        exit 77
    fi
    crate_folder=$1
    mkdir -p "$1/source/.cargo"
    cp -a "$2/." "$1/source"
    rm -f "$1/source/Cargo.lock"
    cat >"$1/source/.cargo/config.toml" <<END
[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "$crates"
END
}

# in_crate COMMAND...: runs it in the copy.
in_crate() {
    (
        cd "$crate_folder/source" || exit
        PATH=/usr/bin:$PATH RUSTC=/usr/bin/rustc \
            CARGO_TARGET_DIR=$crate_folder/target "$@"
    )
}
