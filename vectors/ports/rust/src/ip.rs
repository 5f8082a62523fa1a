// SPDX-License-Identifier: MIT
//! Section 5: IP.

use crate::model::{fold, get16, sum, Checked};
use crate::packet::Packet;

/// The protocols that merge.
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;

/// The extension headers of IPv6.
const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION: u8 = 60;

/// The number of extension headers that a walk passes.
pub(crate) const ALL: usize = usize::MAX;

/// Flags and fragment offset of IPv4.
const RESERVED: u16 = 0x8000;
const FRAGMENTED: u16 = 0x3fff;

/// The upper 4 bits of the first byte; 0 without one.
pub(crate) fn nibble(bytes: &[u8]) -> u8 {
    bytes.first().map_or(0, |first| first >> 4)
}

/// Where an IP header is, where it ends, and what follows it. Offsets count
/// from the first byte of the packet.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ip {
    /// What stands before it says so; 0 if it is not IP.
    pub version: u8,
    /// It is compared as an IPv4 header: GRO-IP6-007.
    pub as_ip4: bool,
    /// 0 without layers.
    pub at: usize,
    pub protocol: u8,
    pub l4: usize,
    /// How many extension headers were passed, and VLAN tags of the link.
    pub passed: usize,
}

impl Ip {
    /// A header that is not read yet.
    pub fn new(version: u8, at: usize) -> Ip {
        Ip { version, at, as_ip4: version == 4, ..Ip::default() }
    }

    /// The bytes from the header on.
    pub fn of<'a>(&self, packet: &'a [u8]) -> &'a [u8] {
        packet.get(self.at..).unwrap_or_default()
    }

    /// Source and destination, if the IP header is long enough.
    pub fn addresses<'a>(&self, packet: &'a [u8]) -> Option<&'a [u8]> {
        let bytes = self.of(packet);
        match self.version {
            4 if bytes.len() >= 20 => Some(&bytes[12..20]),
            6 if bytes.len() >= 40 => Some(&bytes[8..40]),
            _ => None,
        }
    }

    /// Where the checksum is in what follows the header.
    pub fn csum_offset(&self) -> usize {
        match self.protocol {
            TCP => 16,
            _ => 6,
        }
    }

    /// Finds the end of the headers, IPv4 options included, with at most so
    /// many extension headers. `None` if one does not fit.
    pub fn walk(mut self, packet: &[u8], most: usize) -> Option<Ip> {
        self.addresses(packet)?;
        let bytes = self.of(packet);
        let (protocol, length) = match self.version {
            4 => (bytes[9], usize::from(bytes[0] & 15) * 4),
            _ => (bytes[6], 40),
        };
        (self.protocol, self.l4) = (protocol, self.at + length);
        let is_extension = |protocol| matches!(protocol, HOP_BY_HOP | ROUTING | DESTINATION);
        while self.version == 6 && self.passed < most && is_extension(self.protocol) {
            let length = (usize::from(*packet.get(self.l4 + 1)?) + 1) * 8;
            self = self.pass(packet, length)?;
        }
        Some(self).filter(|_| (20..=bytes.len()).contains(&length))
    }

    /// The walk of VNET-007, which passes a fragment header, too.
    pub fn dissect(self, packet: &[u8]) -> Option<Ip> {
        let end = self.walk(packet, ALL)?;
        let is_fragment = self.version == 6 && end.protocol == FRAGMENT;
        let end = if is_fragment { end.pass(packet, 8)? } else { end };
        Some(end).filter(|end| end.passed <= 16)
    }

    /// Passes the extension header at l4.
    fn pass(mut self, packet: &[u8], length: usize) -> Option<Ip> {
        self.protocol = *packet.get(self.l4)?;
        (self.l4, self.passed) = (self.l4 + length, self.passed + 1);
        Some(self).filter(|end| end.l4 <= packet.len())
    }
}

impl Packet {
    /// Reads the IP header: its protocol, and where it ends.
    pub(crate) fn read_ip(&mut self) -> Checked {
        match self.ip.version {
            4 => self.read_ip4(),
            _ => self.read_ip6(),
        }
    }

    fn read_ip4(&mut self) -> Checked {
        let bytes = self.ip.of(&self.bytes);
        first![
            ("GRO-IP4-001", bytes.len() < 20),
            ("GRO-IP4-002", !self.may_be(bytes[9])),
            ("GRO-IP4-012", nibble(bytes) != 4),
            ("GRO-IP4-003", bytes[0] & 15 != 5),
            ("GRO-IP4-004", get16(bytes, 6) & FRAGMENTED != 0),
            ("GRO-IP4-005", fold(sum(&bytes[..20])) != 0xffff),
        ]?;
        (self.ip.protocol, self.ip.l4) = (bytes[9], self.ip.at + 20);
        self.flushes(first![
            ("GRO-IP4-006", get16(bytes, 2) != bytes.len() as u16),
            ("GRO-IP4-007", get16(bytes, 6) & RESERVED != 0),
        ]);
        Ok(())
    }

    fn read_ip6(&mut self) -> Checked {
        let bytes = self.ip.of(&self.bytes);
        first![("GRO-IP6-001", bytes.len() < 40)]?;
        let end = self.ip.walk(&self.bytes, ALL).ok_or("GRO-IP6-003")?;
        first![("GRO-IP6-004", !self.may_be(end.protocol))]?;
        let padded = usize::from(get16(bytes, 4)) != bytes.len() - 40;
        self.flushes(first![("GRO-IP6-002", padded)]);
        self.ip = end;
        Ok(())
    }

    /// Whether the protocol is one that merges, or that of a tunnel.
    fn may_be(&self, protocol: u8) -> bool {
        matches!(protocol, TCP | UDP) || self.tunnels.contains(&protocol)
    }
}
