// SPDX-License-Identifier: MIT
//! Section 6: TCP and UDP.

use crate::ip;
use crate::model::{fold, get16, get32, sum, Checked};
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

/// The length of the TCP header at the end of an IP header: `None` if it is
/// less than 20 or does not fit. The caller has compared 20 with the length.
pub(crate) fn tcp_header(l4: &[u8]) -> Option<usize> {
    Some(usize::from(l4[12] >> 4) * 4).filter(|length| (20..=l4.len()).contains(length))
}

impl Packet {
    /// Whether the L4 checksum is right. It also finds whether the packet is
    /// verified. A UDP checksum of 0 is absent.
    fn has_right_checksum(&mut self, config: &Config, absent: bool) -> bool {
        let uncomputed = self.vnet.needs_csum() && self.vnet.csum_start >= self.l4;
        if self.flush.is_some() || uncomputed {
            return true;
        }
        let p = pseudo(&self.bytes, self.protocol, self.l4_length());
        let s = sum(&self.bytes[self.l4..]);
        self.verified = config.trusted || absent || fold(p + s) == 0xffff;
        self.verified
    }

    pub(crate) fn read_tcp(&mut self, config: &Config) -> Checked {
        first![
            ("GRO-TCP-001", !self.has_right_checksum(config, false)),
            ("GRO-TCP-002", self.l4_length() < 20),
        ]?;
        self.payload = self.l4 + tcp_header(&self.bytes[self.l4..]).ok_or("GRO-TCP-003")?;
        Ok(())
    }

    pub(crate) fn read_udp(&mut self, config: &Config) -> Checked {
        let length = self.l4_length();
        first![("GRO-UDP-001", length < 8)]?;
        let field = |at: usize| usize::from(get16(&self.bytes, self.l4 + at));
        let (length_field, absent) = (field(4), field(6) == 0);
        self.payload = self.l4 + 8;
        first![
            ("GRO-UDP-002", !self.has_right_checksum(config, absent)),
            ("GRO-UDP-003", !config.udp),
            ("GRO-UDP-004", absent),
            ("GRO-UDP-005", length_field != length || length == 8),
        ]
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
