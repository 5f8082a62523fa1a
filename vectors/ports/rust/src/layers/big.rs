// SPDX-License-Identifier: MIT
//! Super-packets over 65535 bytes (BIG TCP): sections 8, 10 and 14.

use alloc::vec::Vec;

use crate::config::Config;
use crate::held::Held;
use crate::ip::TCP;
use crate::layers::link::TAG;
use crate::layers::settings::USUAL_BYTES;
use crate::model::{get16, put16, Checked};
use crate::packet::Packet;
use crate::vnet::{Vnet, TCPV6};

impl Held {
    /// The rules after GRO-LIM-001.
    pub(crate) fn compare_big(&self, packet: &Packet, config: &Config) -> Checked {
        let (first, ip) = (&self.first, &self.first.ip);
        let total = first.bytes.len() - config.layers.link_len() + packet.payload_length();
        let is_plain_ip6 = ip.version == 6 && ip.passed == 0;
        let is_big = ip.protocol == TCP && (config.profile.with("big_ip4") || is_plain_ip6);
        first![
            ("GRO-LIM-002", total > USUAL_BYTES && !is_big),
            ("GRO-LIM-003", ip.l4 > ip.at + 48 && first.gets_jumbo(total, config)),
        ]
    }
}

impl Packet {
    /// The condition of GRO-OUT-015, for a super-packet with so many bytes.
    pub(crate) fn gets_jumbo(&self, total: usize, config: &Config) -> bool {
        self.ip.version == 6 && total > 65575 && config.profile.with("strips_jumbo")
    }

    /// GRO-OUT-015. What is said of l4 and payload counts the jumbo header from
    /// here on.
    pub(crate) fn add_jumbo(&mut self) {
        let (next, end) = (self.ip.at + 6, self.ip.at + 40);
        let [a, b, c, d] = (self.bytes.len() as u32 - 32).to_be_bytes();
        let header = [self.bytes[next], 0, 0xc2, 4, a, b, c, d];
        self.bytes.splice(end..end, header);
        self.bytes[next] = 0;
        self.ip.l4 += header.len();
        self.payload += header.len();
    }

    /// The condition of GSO-OUT-007.
    pub(crate) fn has_jumbo(&self, config: &Config) -> bool {
        let (bytes, l4, vnet) = (self.ip.of(&self.bytes), self.ip.l4, &self.vnet);
        let is_6_12 = config.profile.with("shows_cwr") && config.profile.with("checks_csum_start");
        let reaches = vnet.hdr_len == 0 || vnet.hdr_len >= l4;
        let in_one_piece = vnet.needs_csum() || is_6_12 || reaches || l4 <= 60;
        let is_jumbo = vnet.kind() == TCPV6 && bytes.len() > 65536;
        let has_option = bytes[6] == 0 && l4 == self.ip.at + 48 && bytes[42] == 0xc2;
        let most_tags_end = config.layers.link_len() + TAG;
        let few_tags = self.layers.split_outer.is_some() || self.ip.at <= most_tags_end;
        config.profile.with("strips_jumbo") && is_jumbo && has_option && few_tags && in_one_piece
    }

    /// GSO-OUT-007
    pub(crate) fn strip_jumbo(&self, segment: &mut Vec<u8>, vnet: &mut Vnet) {
        let at = self.ip.at;
        let length = get16(segment, at + 4).wrapping_sub(8);
        put16(segment, at + 4, length);
        segment[at + 6] = TCP;
        segment.drain(at + 40..at + 48);
        vnet.csum_start -= if vnet.needs_csum() { 8 } else { 0 };
    }
}
