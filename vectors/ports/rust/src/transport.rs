// SPDX-License-Identifier: MIT
//! Section 6: TCP and UDP.

use crate::ip;
use crate::model::{fold, get16, get32, sum, Outcome};
use crate::packet::Packet;
use crate::profile::Config;

/// Flags of TCP.
pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const PSH: u8 = 0x08;
pub(crate) const URG: u8 = 0x20;
pub(crate) const CWR: u8 = 0x80;

/// The sum of the addresses, the protocol and the L4 length.
pub(crate) fn pseudo(bytes: &[u8], protocol: u8, l4_length: usize) -> u64 {
    sum(ip::addresses(bytes).unwrap_or_default()) + u64::from(protocol) + l4_length as u64
}

/// The upper 4 bits of byte 12 of a TCP header, in bytes.
pub(crate) fn data_offset(bytes: &[u8], l4: usize) -> usize {
    usize::from(bytes[l4 + 12] >> 4) * 4
}

impl Packet {
    /// Whether the L4 checksum is right. It also finds whether the packet is
    /// verified. A UDP checksum of 0 is absent.
    fn has_right_checksum(&mut self, config: &Config, absent: bool) -> bool {
        let uncomputed = self.vnet.needs_csum() && self.vnet.start() >= self.l4;
        if self.outcome == Outcome::Flush || uncomputed {
            return true;
        }
        self.verified = config.trusted || absent || {
            let p = pseudo(&self.bytes, self.protocol, self.l4_length());
            fold(p + sum(&self.bytes[self.l4..])) == 0xffff
        };
        self.verified
    }

    pub(crate) fn parse_tcp(&mut self, config: &Config) {
        let right = self.has_right_checksum(config, false);
        let (bytes, l4, length) = (&self.bytes, self.l4, self.l4_length());
        let bypass = first![
            ("GRO-TCP-001", !right),
            ("GRO-TCP-002", length < 20),
            ("GRO-TCP-003", !(20..=length).contains(&data_offset(bytes, l4))),
        ];
        if bypass.is_none() {
            self.payload = l4 + data_offset(bytes, l4);
        }
        self.meets(Outcome::Bypass, bypass);
    }

    pub(crate) fn parse_udp(&mut self, config: &Config) {
        let length = self.l4_length();
        let field = |at: usize| usize::from(get16(&self.bytes, self.l4 + at));
        self.payload = self.l4 + 8;
        if length < 8 {
            self.meets(Outcome::Bypass, Some("GRO-UDP-001"));
            return;
        }
        let (length_field, absent) = (field(4), field(6) == 0);
        let right = self.has_right_checksum(config, absent);
        let bypass = first![
            ("GRO-UDP-002", !absent && !right),
            ("GRO-UDP-003", !config.udp),
            ("GRO-UDP-004", absent),
            ("GRO-UDP-005", length_field != length || length == 8),
        ];
        self.meets(Outcome::Bypass, bypass);
    }

    /// The flags of a TCP packet.
    pub(crate) fn tcp_flags(&self) -> u8 {
        self.bytes[self.l4 + 13]
    }

    /// The sequence number of a TCP packet.
    pub(crate) fn sequence(&self) -> u32 {
        get32(&self.bytes, self.l4 + 4)
    }
}
