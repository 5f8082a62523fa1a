// SPDX-License-Identifier: MIT
//! Section 3: the virtio header.

use crate::config::Config;
use crate::ip::{Ip, TCP, UDP};
use crate::layers::{self, Beyond};
use crate::model::{Checked, Rule};

/// flags
pub(crate) const NEEDS_CSUM: u8 = 1;
pub(crate) const DATA_VALID: u8 = 2;

/// gso_type
pub(crate) const TCPV4: u8 = 1;
pub(crate) const UDP_FRAGMENTS: u8 = 3;
pub(crate) const TCPV6: u8 = 4;
pub(crate) const UDP_L4: u8 = 5;
pub(crate) const ECN: u8 = 0x80;

/// The largest offset of an L4 header that a kernel can store: VNET-016,
/// GRO-KEY-003, GRO-LL-011, GSO-005.
pub(crate) const FAR: usize = 65470;

const MAX_LEN: usize = 65575;

/// A virtio_net_hdr. Its words are numbers that do not wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Vnet {
    pub flags: u8,
    pub gso_type: u8,
    pub hdr_len: usize,
    pub gso_size: usize,
    pub csum_start: usize,
    pub csum_offset: usize,
    /// What layers add to it.
    pub layers: Beyond,
}

impl Vnet {
    /// Reads a header as it is on the wire, little-endian.
    pub fn from_wire(wire: &[u8; 10]) -> Vnet {
        let word = |at: usize| u16::from_le_bytes([wire[at], wire[at + 1]]).into();
        let [hdr_len, gso_size, csum_start, csum_offset] = [2, 4, 6, 8].map(word);
        let (flags, gso_type, layers) = (wire[0], wire[1], Beyond::default());
        Vnet { flags, gso_type, hdr_len, gso_size, csum_start, csum_offset, layers }
    }

    /// Writes the header as it is on the wire.
    pub fn to_wire(&self) -> [u8; 10] {
        let mut wire = [self.flags, self.gso_type, 0, 0, 0, 0, 0, 0, 0, 0];
        let words = [self.hdr_len, self.gso_size, self.csum_start, self.csum_offset];
        for (place, word) in wire[2..].chunks_mut(2).zip(words) {
            place.copy_from_slice(&(word as u16).to_le_bytes());
        }
        wire
    }

    pub(crate) fn needs_csum(&self) -> bool {
        self.flags & NEEDS_CSUM != 0
    }

    pub(crate) fn is_gso(&self) -> bool {
        self.gso_type != 0
    }

    /// gso_type without the ECN bit.
    pub(crate) fn kind(&self) -> u8 {
        self.gso_type & !ECN
    }

    /// Whether a packet with this IP header is of the type.
    pub(crate) fn is_type_of(&self, ip: &Ip) -> bool {
        match self.kind() {
            TCPV4 => (ip.version, ip.protocol) == (4, TCP),
            TCPV6 => (ip.version, ip.protocol) == (6, TCP),
            _ => ip.protocol == UDP,
        }
    }

    fn l3min(&self, config: &Config) -> usize {
        let least = if self.kind() == TCPV6 { 40 } else { 20 };
        least * usize::from(config.profile.with("checks_csum_start"))
    }

    fn l4min(&self) -> usize {
        match self.kind() {
            TCPV4 | TCPV6 => 20,
            UDP_FRAGMENTS | UDP_L4 => 8,
            _ => 0,
        }
    }

    /// The header as accepted, or the rule of section 3 or 4 that rejects the
    /// packet.
    pub(crate) fn accepted(mut self, packet: &[u8], config: &Config) -> Result<Vnet, Rule> {
        let ip = layers::find_ip(packet, config);
        layers!(self.take_layers(packet, config)?);
        self.check(packet, &ip, config)?;
        layers!(self.check_told_ip6(packet)?);
        // Without a link:
        first![("GRO-IN-001", ip.at == 0 && !matches!(ip.version, 4 | 6))]?;
        self.flags &= NEEDS_CSUM;
        if !self.needs_csum() {
            (self.csum_start, self.csum_offset) = (0, 0);
        }
        // VNET-015
        if matches!(self.kind(), TCPV4 | TCPV6) {
            self.gso_size = self.gso_size.max(config.profile.number("min_tcp_gso_size"));
        }
        // VNET-014
        let l4 = match ip.dissect(packet) {
            _ if self.needs_csum() => self.csum_start,
            Some(ip) if config.profile.with("dissects") => ip.l4,
            _ => self.l3min(config),
        };
        let h = l4 + if self.kind() == UDP_FRAGMENTS { 0 } else { self.l4min() };
        if !self.is_gso() || self.gso_size + h >= packet.len() {
            (self.gso_type, self.hdr_len, self.gso_size) = (0, 0, 0);
        }
        Ok(self)
    }

    fn check(&self, packet: &[u8], ip: &Ip, config: &Config) -> Checked {
        let (gso, needs_csum, kind) = (self.is_gso(), self.needs_csum(), self.kind());
        let Vnet { hdr_len, csum_start: start, csum_offset: offset, .. } = *self;
        let (len, l3min, l4min) = (packet.len(), self.l3min(config), self.l4min());
        let end = start + offset + 2;
        let h = if needs_csum && end > hdr_len { end & 0xffff } else { hdr_len };
        let udp = kind == UDP_L4 && config.profile.with("takes_uso");
        let known = udp || matches!(kind, TCPV4 | UDP_FRAGMENTS | TCPV6);
        let dissected = config.profile.with("dissects") && kind != UDP_L4;
        let holds_type = |ip: Ip| self.is_type_of(&ip) && len - ip.l4 >= l4min;
        let is_of_type = || ip.dissect(packet).map_or(false, holds_type);
        first![("GRO-IN-002", len > MAX_LEN), ("VNET-001", h > len + layers::unread(config))]?;
        layers!(self.check_layers(h, config)?);
        first![
            ("VNET-002", gso && !known),
            ("VNET-003", gso && self.gso_size == 0),
            ("VNET-004", needs_csum && start + l4min.max(offset + 2) > len),
            ("VNET-016", needs_csum && start > FAR),
            // checks_csum_start: without it, l3min is 0
            ("VNET-005", needs_csum && start < l3min),
            ("VNET-006", gso && !needs_csum && !dissected && l3min + l4min > len),
            ("VNET-007", gso && !needs_csum && dissected && !is_of_type()),
            ("VNET-008", udp && !needs_csum),
            ("VNET-009", udp && offset != 6),
            ("VNET-010", udp && self.gso_type & ECN != 0),
            ("VNET-011", udp && len - start - 8 > 128 * self.gso_size),
            ("VNET-012", matches!(kind, TCPV4 | TCPV6) && needs_csum && offset != 16),
            ("VNET-013", gso && self.gso_size == 65535),
        ]
    }
}
