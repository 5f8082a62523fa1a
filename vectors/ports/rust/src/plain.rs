// SPDX-License-Identifier: MIT
//! What stands for `layers` if the crate is built without them.

use crate::config::Config;
use crate::ip::{nibble, Ip};

/// Layers are not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nothing {}

pub use Nothing as Beyond;
pub use Nothing as Settings;

/// The bytes of a virtio header that are counted to the packet; section 3.
pub(crate) fn unread(_: &Config) -> usize {
    0
}

/// The IP header of a packet.
pub(crate) fn find_ip(packet: &[u8], _: &Config) -> Ip {
    Ip::new(nibble(packet), 0)
}

/// The largest length of a super-packet, with its link.
pub(crate) fn max_bytes(_: &Config) -> usize {
    65535
}
