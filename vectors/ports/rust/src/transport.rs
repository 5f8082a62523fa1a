// SPDX-License-Identifier: MIT
//! Section 6: TCP and UDP.

use crate::config::Config;
use crate::ip::Ip;
use crate::model::{fold, get16, sum, Checked};
use crate::packet::Packet;

/// Flags of TCP.
pub(crate) const FIN: u8 = 0x01;
pub(crate) const SYN: u8 = 0x02;
pub(crate) const RST: u8 = 0x04;
pub(crate) const PSH: u8 = 0x08;
pub(crate) const URG: u8 = 0x20;
pub(crate) const CWR: u8 = 0x80;

/// The sum of the addresses, the protocol and the L4 length.
pub(crate) fn pseudo(ip: &Ip, packet: &[u8]) -> u64 {
    let addresses = ip.addresses(packet).unwrap_or_default();
    sum(addresses) + u64::from(ip.protocol) + (packet.len() - ip.l4) as u64
}

/// The length of the TCP header at the end of an IP header: `None` if it is
/// less than 20 or does not fit. The caller has compared 20 with the length.
pub(crate) fn tcp_header(l4: &[u8]) -> Option<usize> {
    Some(usize::from(l4[12] >> 4) * 4).filter(|length| (20..=l4.len()).contains(length))
}

impl Packet {
    /// Whether the checksum of what begins at l4 is right, where the
    /// pseudo-header has the sum p. It also finds whether the packet is
    /// verified.
    pub(crate) fn verify(&mut self, p: u64, absent: bool, config: &Config) -> bool {
        let is_computed = (self.link_len..self.ip.l4).contains(&self.vnet.csum_start);
        if self.flush.is_some() || self.vnet.needs_csum() && !is_computed {
            return true;
        }
        let adds_up = || fold(p + sum(self.l4())) == 0xffff || self.outer_sum == Some(fold(p));
        let is_right = config.trusted || absent || adds_up();
        self.verified |= is_right;
        is_right
    }

    pub(crate) fn read_tcp(&mut self, config: &Config) -> Checked {
        let p = pseudo(&self.ip, &self.bytes);
        first![
            ("GRO-TCP-001", !self.verify(p, false, config)),
            ("GRO-TCP-002", self.l4().len() < 20),
        ]?;
        self.payload = self.ip.l4 + tcp_header(self.l4()).ok_or("GRO-TCP-003")?;
        Ok(())
    }

    pub(crate) fn read_udp(&mut self, config: &Config) -> Checked {
        let (p, length) = (pseudo(&self.ip, &self.bytes), self.l4().len());
        first![("GRO-UDP-001", length < 8)]?;
        let (length_field, absent) = (get16(self.l4(), 4), get16(self.l4(), 6) == 0);
        self.payload = self.ip.l4 + 8;
        first![("GRO-UDP-002", !self.verify(p, absent, config))]?;
        layers!(self.check_nested(config)?);
        first![
            ("GRO-UDP-003", !config.udp),
            ("GRO-UDP-004", absent),
            ("GRO-UDP-005", usize::from(length_field) != length || length == 8),
        ]
    }

    /// The flags of a TCP packet.
    pub(crate) fn tcp_flags(&self) -> u8 {
        self.l4()[13]
    }
}
