// SPDX-License-Identifier: MIT
//! Section 4, the link: an Ethernet header and VLAN tags.

use crate::config::Device;
use crate::ip::{self, Ip};
use crate::model::get16;

/// Types of Ethernet.
pub(crate) const IP4: u16 = 0x0800;
pub(crate) const IP6: u16 = 0x86dd;
pub(crate) const ETHERNET: u16 = 0x6558;

pub(crate) const ETHERNET_HEADER: usize = 14;
pub(crate) const TAG: usize = 4;

/// The number of tags that GRO passes, and a split.
pub(crate) const GRO_TAGS: usize = 13;
pub(crate) const SPLIT_TAGS: usize = 7;

pub(crate) fn is_tag(kind: u16) -> bool {
    matches!(kind, 0x8100 | 0x88a8)
}

/// The IP version of a type; 0 if it is not IP.
pub(crate) fn version_of(kind: u16) -> u8 {
    match kind {
        IP4 => 4,
        IP6 => 6,
        _ => 0,
    }
}

/// The IP header behind the link, and behind at most so many tags.
pub(crate) fn find(packet: &[u8], device: &Device, most_tags: usize) -> Ip {
    if !device.ethernet {
        return Ip::new(ip::nibble(packet), 0);
    }
    let type_at = |end: usize| packet.get(end - 2..end).map_or(0, |kind| get16(kind, 0));
    let (mut at, mut tags) = (ETHERNET_HEADER, 0);
    while is_tag(type_at(at)) && tags < most_tags && at + TAG <= packet.len() {
        (at, tags) = (at + TAG, tags + 1);
    }
    Ip { tags, ..Ip::new(version_of(type_at(at)), at) }
}
