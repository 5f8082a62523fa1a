// SPDX-License-Identifier: MIT
//! Compiles libgrove, which is one file.

fn main() {
    println!("cargo:rerun-if-changed=grove.c");
    println!("cargo:rerun-if-changed=grove.h");
    cc::Build::new()
        .file("grove.c")
        .file("src/layout.c")
        .flag_if_supported("-std=gnu11")
        .opt_level(2)
        .compile("grove");
}
