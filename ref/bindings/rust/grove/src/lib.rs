// SPDX-License-Identifier: MIT
//! Coalesces and splits TUN packets exactly as Linux does. This crate is a safe
//! interface to libgrove, and has no logic of its own.
//!
//! ```
//! # fn main() -> Result<(), grove::Error> {
//! let mut table = grove::Table::new(&grove::Config::default())?;
//! let packet = [0x45; 20];
//! let mut poll = table.poll();
//! poll.receive(grove::Packet { bytes: &packet, vnet: None })?;
//! poll.flush();
//! for output in poll.outputs() {
//!     // Write these slices with writev(2): the virtio header is the first.
//!     assert_eq!(output.slices().map(<[u8]>::len).sum::<usize>(), 10 + 20);
//! }
//! # Ok(())
//! # }
//! ```

#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

mod splitter;
mod table;
mod words;

pub use splitter::{Segments, Split, Splitter};
pub use table::{Config, Output, Poll, Table, Verdict};
pub use words::{profiles, Error, Rule};

/// The bytes of a virtio_net_hdr.
pub type Vnet = [u8; grove_sys::GROVE_VNET_LEN];

/// A packet that is received or split.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'p> {
    /// From the first byte of the IP header on.
    pub bytes: &'p [u8],
    /// Its virtio header; `None` if it has none.
    pub vnet: Option<&'p Vnet>,
}

impl Packet<'_> {
    fn raw(&self) -> grove_sys::grove_packet {
        grove_sys::grove_packet {
            data: self.bytes.as_ptr(),
            len: self.bytes.len(),
            vnet: self.vnet.map_or(core::ptr::null(), |vnet| vnet.as_ptr()),
        }
    }
}
