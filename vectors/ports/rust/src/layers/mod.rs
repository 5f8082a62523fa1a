// SPDX-License-Identifier: MIT
//! All that is not in the core: links, tunnels, virtio headers that tell of
//! them, lists, hashes, super-packets over 65535 bytes, and lossless mode. The
//! core calls it in the lines that begin with `layers!` or name `layers::`.

use alloc::vec::Vec;

mod big; // 8, 10, 14
mod flow; // 7
mod hash; // 9
mod header; // 3
mod held; // 8
mod link; // 4
mod list; // 8
mod lossless; // 11
mod output; // 10
mod settings; // 2
mod split; // 14
mod tunnel; // 5, 6

pub use header::Beyond;
pub use settings::{Settings, Tunnel};

pub(crate) use header::unread;
pub(crate) use link::find_ip;
pub(crate) use settings::max_bytes;

use crate::ip::Ip;
use crate::packet::Packet;

/// What is found in a packet.
#[derive(Default)]
pub(crate) struct Found {
    /// The addresses of the outermost IP header; empty if they are not known.
    ends: Vec<u8>,
    /// How many VLAN tags the link has. PPPoE counts as one.
    tags: usize,
    /// Where PPPoE is.
    pppoe: Vec<usize>,
    /// What is before the inner IP header, in a tunnel.
    outer: Option<tunnel::Outer>,
    hash: u32,
    /// Of the first packet of a super-packet: fixed_id of the outer IP header.
    outer_fixed_id: bool,
    /// Of the first packet of a list: the later ones.
    list: Vec<Packet>,
    /// Of a packet that is split: the outer IP header, in a tunnel.
    split_outer: Option<Ip>,
    /// GSO-OUT-007 applies.
    strips: bool,
}
