// SPDX-License-Identifier: MIT
//! Section 3: virtio headers that tell of a tunnel, and those at a link.

use crate::config::Config;
use crate::ip::nibble;
use crate::model::Checked;
use crate::packet::Packet;
use crate::vnet::{Vnet, TCPV6, UDP_FRAGMENTS, UDP_L4};

/// flags
const OUTER_CSUM: u8 = 8;

/// gso_type
pub(crate) const OVER_IP4: u8 = 0x20;
pub(crate) const OVER_IP6: u8 = 0x40;
const TUNNELS: u8 = OVER_IP4 | OVER_IP6;

/// What a virtio header of 24 bytes tells of a tunnel; and the hash of the packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Beyond {
    /// The bits of tunnels in gso_type; 0 if the header tells of none.
    pub tunnel: u8,
    /// The flag that the outer UDP checksum has to be computed.
    pub outer_csum: bool,
    /// Where the outer UDP header begins.
    pub outer_th_offset: usize,
    /// Where the inner IP header begins.
    pub inner_nh_offset: usize,
    /// It is read only by a table that has buckets.
    pub hash: u32,
}

impl Vnet {
    /// Reads a header as it is on the wire, little-endian, of 10 bytes or more.
    pub fn from_long_wire(wire: &[u8]) -> Vnet {
        let mut plain = [0; 10];
        plain.copy_from_slice(&wire[..10]);
        let mut vnet = Vnet::from_wire(&plain);
        if wire.len() == 24 && vnet.gso_type & TUNNELS != 0 {
            let word = |at: usize| u16::from_le_bytes([wire[at], wire[at + 1]]).into();
            vnet.layers = Beyond {
                tunnel: vnet.gso_type & TUNNELS,
                outer_csum: vnet.flags & OUTER_CSUM != 0,
                outer_th_offset: word(20),
                inner_nh_offset: word(22),
                hash: 0,
            };
            vnet.gso_type &= !TUNNELS;
        }
        vnet
    }

    /// Writes the header as it is on the wire. A shorter one is its beginning.
    pub fn to_long_wire(&self) -> [u8; 24] {
        let Beyond { tunnel, outer_csum, outer_th_offset, inner_nh_offset, .. } = self.layers;
        let mut wire = [0; 24];
        wire[..10].copy_from_slice(&self.to_wire());
        wire[0] |= if outer_csum { OUTER_CSUM } else { 0 };
        wire[1] |= tunnel;
        wire[20..22].copy_from_slice(&(outer_th_offset as u16).to_le_bytes());
        wire[22..].copy_from_slice(&(inner_nh_offset as u16).to_le_bytes());
        wire
    }

    /// Whether the header tells of a tunnel.
    pub(crate) fn tells(&self) -> bool {
        self.layers.tunnel != 0
    }

    /// Before the rules of section 3: GRO-IN-004. What the header tells of a
    /// tunnel has a meaning only if it can tell of one.
    pub(crate) fn take_layers(&mut self, packet: &[u8], config: &Config) -> Checked {
        if !config.can_tell() {
            self.gso_type |= self.layers.tunnel;
            self.layers = Beyond { hash: self.layers.hash, ..Beyond::default() };
        }
        first![("GRO-IN-004", packet.len() < config.layers.link_len())]
    }

    /// The rules after VNET-001, which has compared h.
    pub(crate) fn check_layers(&self, h: usize, config: &Config) -> Checked {
        first![("VNET-017", h != 0 && h < config.layers.link_len())]?;
        if !self.tells() {
            return Ok(());
        }
        let Beyond { tunnel, outer_th_offset, inner_nh_offset, .. } = self.layers;
        let outer_least = if tunnel & OVER_IP6 != 0 { 54 } else { 34 };
        let inner_least = if self.kind() == TCPV6 { 40 } else { 20 };
        let beyond = outer_th_offset < outer_least
            || inner_nh_offset < outer_th_offset + 8
            || self.csum_start < inner_nh_offset + inner_least;
        first![
            ("VNET-018", tunnel == TUNNELS),
            ("VNET-019", matches!(self.kind(), 0 | UDP_FRAGMENTS)),
            ("VNET-020", !self.needs_csum()),
            ("VNET-021", beyond),
        ]
    }

    /// The rule after VNET-013.
    pub(crate) fn check_told_ip6(&self, packet: &[u8]) -> Checked {
        let at = self.layers.inner_nh_offset;
        let is_ip6 = || nibble(&packet[at..]) == 6;
        let is_udp = self.tells() && self.kind() == UDP_L4;
        first![("VNET-022", is_udp && is_ip6() && self.csum_start < at + 40)]
    }
}

impl Packet {
    /// VNET-017 for an accepted header, with which the packet leaves.
    pub(crate) fn check_leaving(&self, config: &Config) -> Checked {
        let vnet = &self.vnet;
        let end = vnet.csum_start + vnet.csum_offset + 2;
        let is_short = vnet.needs_csum() && !vnet.is_gso() && end < config.layers.link_len();
        first![("VNET-017", config.layers.lossless && is_short)]
    }
}

/// The bytes of a virtio header that are counted to the packet.
pub(crate) fn unread(config: &Config) -> usize {
    match config.profile.with("counts_unread") && !config.can_tell() {
        true => config.layers.vnet_len - 10,
        false => 0,
    }
}
