// SPDX-License-Identifier: MIT
#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![warn(missing_docs)]

mod layer;
mod splitter;
mod table;
mod words;

pub use layer::{Link, Tunnel};
pub use splitter::{Segments, Split, SplitConfig, Splitter};
pub use table::{Config, Output, Poll, Table, Verdict};
pub use words::{profiles, Error, Rule};

/// The usual length of a virtio_net_hdr in bytes.
const VNET_LEN: usize = grove_sys::GROVE_VNET_LEN;

/// A packet that is received or split, with a virtio header of `VNET` bytes.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'p, const VNET: usize = VNET_LEN> {
    /// From the first byte of the link on, or of the IP header.
    pub bytes: &'p [u8],
    /// Its virtio header; `None` if all of it is zero.
    pub vnet: Option<&'p [u8; VNET]>,
}

impl<const VNET: usize> Packet<'_, VNET> {
    fn raw(&self, hash: u32) -> grove_sys::grove_packet {
        grove_sys::grove_packet {
            data: self.bytes.as_ptr(),
            len: self.bytes.len(),
            vnet: self.vnet.map_or(core::ptr::null(), |vnet| vnet.as_ptr()),
            hash,
        }
    }
}
