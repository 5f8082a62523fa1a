// SPDX-License-Identifier: MIT
//! Section 6: TCP and UDP.

use crate::config::Config;
use crate::ip::Ip;
use crate::link::GRO_TAGS;
use crate::model::{fold, get16, get32, sum, Checked};
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

/// What is known of a checksum.
pub(crate) enum Checksum {
    Wrong,
    /// Taken as right, since it is not computed yet.
    Uncomputed,
    Right,
}

impl Packet {
    /// Verifies the checksum of what begins at l4, where the pseudo-header has
    /// the sum p. It also finds whether the packet is verified. An absent
    /// checksum is not verified.
    pub(crate) fn verify(&mut self, config: &Config, p: u64, absent: bool) -> Checksum {
        let (needs_csum, start) = (self.vnet.needs_csum(), self.vnet.csum_start);
        if self.flush.is_some() {
            return Checksum::Right;
        }
        if needs_csum && start >= self.ip.l4 {
            return Checksum::Uncomputed;
        }
        if needs_csum && start < config.device.link_len() {
            return Checksum::Right;
        }
        let is_right = || fold(p + sum(self.l4())) == 0xffff || self.outer_adds_up(p);
        if config.trusted || absent || is_right() {
            self.verified = true;
            return Checksum::Right;
        }
        Checksum::Wrong
    }

    /// Whether the inner checksum is right since the outer one, which is not
    /// computed yet, is right up to it.
    fn outer_adds_up(&self, p: u64) -> bool {
        self.outer.as_ref().map_or(false, |outer| {
            let s = sum(&self.bytes[outer.ip.l4..self.ip.l4]);
            outer.uncomputed.map_or(false, |outer_p| fold(outer_p + s) == fold(p))
        })
    }

    fn has_right_checksum(&mut self, config: &Config, absent: bool) -> bool {
        let p = pseudo(&self.ip, &self.bytes);
        !matches!(self.verify(config, p, absent), Checksum::Wrong)
    }

    pub(crate) fn read_tcp(&mut self, config: &Config) -> Checked {
        first![
            ("GRO-TCP-001", !self.has_right_checksum(config, false)),
            ("GRO-TCP-002", self.l4().len() < 20),
        ]?;
        self.payload = self.ip.l4 + tcp_header(self.l4()).ok_or("GRO-TCP-003")?;
        Ok(())
    }

    pub(crate) fn read_udp(&mut self, config: &Config) -> Checked {
        let length = self.l4().len();
        first![("GRO-UDP-001", length < 8)]?;
        let field = |at: usize| usize::from(get16(self.l4(), at));
        let (length_field, absent) = (field(4), field(6) == 0);
        self.payload = self.ip.l4 + 8;
        first![
            ("GRO-UDP-002", !self.has_right_checksum(config, absent)),
            ("GRO-TUN-002", config.tunnels.iter().any(|tunnel| self.is_to(*tunnel))),
            ("GRO-UDP-008", self.has_most_frames()),
            ("GRO-UDP-007", self.told),
            ("GRO-UDP-003", !config.udp && !config.fraglist),
            ("GRO-UDP-004", absent),
            ("GRO-UDP-005", length_field != length || length == 8),
        ]
    }

    /// Whether no further Ethernet header or VLAN tag would pass.
    fn has_most_frames(&self) -> bool {
        match &self.outer {
            Some(outer) => outer.frames == outer.tunnel.most_frames(),
            None => self.ip.tags == GRO_TAGS,
        }
    }

    /// The flags of a TCP packet.
    pub(crate) fn tcp_flags(&self) -> u8 {
        self.l4()[13]
    }

    /// The sequence number of a TCP packet.
    pub(crate) fn sequence(&self) -> u32 {
        get32(self.l4(), 4)
    }
}
