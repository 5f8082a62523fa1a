// SPDX-License-Identifier: MIT
//! A port of GRO and GSO to Rust, written from SPEC.md alone. Each module is a
//! section of SPEC.md. The id of each rule stands at its condition.
//!
//! [`Table::receive`] takes packets, and [`Table::to_write`] has what leaves.
//! [`split`] gives the segments of a super-packet.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

#[macro_use]
mod model; // 1
mod config; // 2
mod flow; // 7
mod held; // 8
mod ip; // 5
mod link; // 4
mod lossless; // 11
mod output; // 10
mod packet; // 4
mod profile; // 2
mod split; // 14
mod table; // 9, and the receive step of 2
mod transport; // 6
mod tunnel; // 5
mod vnet; // 3

pub use config::{Config, Device, Tunnel};
pub use model::{Rule, Verdict};
pub use output::Output;
pub use profile::Profile;
pub use split::{split, Refused};
pub use table::Table;
pub use vnet::Vnet;
