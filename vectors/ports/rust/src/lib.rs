// SPDX-License-Identifier: MIT
//! A port of GRO and GSO to Rust, written from SPEC.md alone. Each module is a
//! section of SPEC.md. The id of each rule stands at its condition.
//!
//! [`Table::receive`] takes packets, and [`Table::to_write`] has what leaves.
//! [`split`] gives the segments of a super-packet.
//!
//! The files of this folder are the core: packets of a TUN device with virtio
//! headers of 10 bytes. [`layers`] has all else, and the core calls it at a few
//! places. Without the feature `layers`, `plain.rs` answers there.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

#[macro_use]
mod model; // 1
mod config; // 2
mod held; // 8
mod ip; // 5
mod output; // 10
mod packet; // 4 and 7
mod profile; // 2
mod split; // 14
mod table; // 9, and the receive step of 2
mod transport; // 6
mod vnet; // 3

#[cfg_attr(not(feature = "layers"), path = "plain.rs")]
pub mod layers;

pub use config::Config;
pub use model::{Rule, Verdict};
pub use output::Output;
pub use profile::Profile;
pub use split::{split, Refused, Segment};
pub use table::Table;
pub use vnet::Vnet;
