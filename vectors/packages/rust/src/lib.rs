// SPDX-License-Identifier: CC0-1.0
//! Test vectors for GRO and GSO, confirmed by Linux. They are JSON files in
//! [`FOLDER`], which `vectors/README.md` there describes.

#![no_std]
#![forbid(unsafe_code)]

/// The folder of this crate on the machine that compiles: it has `vectors/`,
/// `manifest.json` and `SPEC.md`.
pub const FOLDER: &str = env!("CARGO_MANIFEST_DIR");
