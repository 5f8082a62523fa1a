// SPDX-License-Identifier: MIT
//! Section 4, the link: an Ethernet header and VLAN tags; and PPPoE.

use alloc::vec::Vec;

use crate::config::Config;
use crate::ip::{nibble, Ip};
use crate::model::{get16, put16, Checked};
use crate::packet::Packet;

/// Types of Ethernet.
pub(crate) const IP4: u16 = 0x0800;
pub(crate) const IP6: u16 = 0x86dd;
pub(crate) const ETHERNET: u16 = 0x6558;
pub(crate) const PPPOE: u16 = 0x8864;

/// The length of PPPoE.
const PPPOE_HEADER: usize = 8;

pub(crate) const ETHERNET_HEADER: usize = 14;
pub(crate) const TAG: usize = 4;

/// The number of tags that GRO passes, a split, and the walk of VNET-007.
pub(crate) const GRO_TAGS: usize = 13;
pub(crate) const SPLIT_TAGS: usize = 7;
const DISSECTED_TAGS: usize = 15;

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

/// The IP header behind the link.
pub(crate) fn find_ip(packet: &[u8], config: &Config) -> Ip {
    if !config.layers.ethernet {
        return Ip::new(nibble(packet), 0);
    }
    let type_at = |end: usize| packet.get(end - 2..end).map_or(0, |kind| get16(kind, 0));
    let (mut at, mut tags) = (ETHERNET_HEADER, 0);
    while is_tag(type_at(at)) && tags < DISSECTED_TAGS && at + TAG <= packet.len() {
        (at, tags) = (at + TAG, tags + 1);
    }
    Ip { passed: tags, ..Ip::new(version_of(type_at(at)), at) }
}

/// The IP version of a protocol of PPP; 0 if it is not IP.
fn version_of_ppp(protocol: u16) -> u8 {
    match protocol {
        0x0021 => 4,
        0x0057 => 6,
        _ => 0,
    }
}

impl Packet {
    /// Notes what stands before the IP header, and passes PPPoE behind the tags
    /// of the link.
    pub(crate) fn read_link(&mut self, config: &Config) -> Checked {
        let settings = &config.layers;
        self.link_len = settings.link_len();
        self.layers.hash = settings.bucket.map_or(0, |_| self.vnet.layers.hash);
        self.layers.tags = self.ip.passed;
        self.expect_tunnels(config);
        if self.layers.tags > if settings.lossless { SPLIT_TAGS } else { GRO_TAGS } {
            self.ip.version = 0;
        }
        self.layers.ends = self.ip.addresses(&self.bytes).unwrap_or_default().into();
        let at = self.ip.at;
        let is_there = at > 0 && settings.leads_to_pppoe(get16(&self.bytes, at - 2));
        if is_there && self.layers.tags < GRO_TAGS {
            self.layers.tags += 1;
            self.pass_pppoe(at)?;
        }
        first![("GRO-IN-005", at > 0 && self.ip.version == 0)]
    }

    /// Passes PPPoE at this offset.
    pub(crate) fn pass_pppoe(&mut self, at: usize) -> Checked {
        let bytes = &self.bytes[at..];
        first![
            ("GRO-PPP-001", bytes.len() < PPPOE_HEADER),
            ("GRO-PPP-002", get16(bytes, 0) != 0x1100),
            ("GRO-PPP-003", usize::from(get16(bytes, 4)) != bytes.len() - 6),
            ("GRO-PPP-004", version_of_ppp(get16(bytes, 6)) == 0),
        ]?;
        let version = version_of_ppp(get16(bytes, 6));
        self.layers.pppoe.push(at);
        self.ip = Ip::new(version, at + PPPOE_HEADER);
        Ok(())
    }

    /// GRO-KEY-007: the bytes up to `end`, without the lengths of PPPoE.
    pub(crate) fn compared(&self, end: usize) -> Vec<u8> {
        let mut bytes = self.bytes[..end].to_vec();
        for at in self.layers.pppoe.iter().filter(|at| **at < end) {
            put16(&mut bytes, at + 4, 0);
        }
        bytes
    }

    /// GRO-OUT-017
    pub(crate) fn write_pppoe(&mut self) {
        for at in &self.layers.pppoe {
            let length = self.bytes.len() - at - 6;
            put16(&mut self.bytes, at + 4, length as u16);
        }
    }
}
