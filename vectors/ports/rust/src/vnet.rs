// SPDX-License-Identifier: MIT
//! Section 3: the virtio header.

use crate::config::Device;
use crate::ip::{self, TCP, UDP};
use crate::link;
use crate::model::{Checked, Rule};

/// flags
pub(crate) const NEEDS_CSUM: u8 = 1;
pub(crate) const DATA_VALID: u8 = 2;
pub(crate) const OUTER_CSUM: u8 = 8;

/// gso_type
pub(crate) const NONE: u8 = 0;
pub(crate) const TCPV4: u8 = 1;
pub(crate) const UDP_FRAGMENTS: u8 = 3;
pub(crate) const TCPV6: u8 = 4;
pub(crate) const UDP_L4: u8 = 5;
pub(crate) const OVER_IP4: u8 = 0x20;
pub(crate) const OVER_IP6: u8 = 0x40;
pub(crate) const TUNNELS: u8 = OVER_IP4 | OVER_IP6;
pub(crate) const ECN: u8 = 0x80;

/// The number of VLAN tags that the walk of VNET-007 passes.
const DISSECTED_TAGS: usize = 15;

/// The largest offset of an L4 header that a kernel can store: VNET-016,
/// GRO-KEY-003, GRO-LL-011, GSO-005.
pub(crate) const FAR: usize = 65470;

const MAX_LEN: usize = 65575;

/// A virtio_net_hdr of 24 bytes, of which shorter ones are the beginning. Its
/// words are numbers that do not wrap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Vnet {
    pub flags: u8,
    pub gso_type: u8,
    pub hdr_len: usize,
    pub gso_size: usize,
    pub csum_start: usize,
    pub csum_offset: usize,
    pub outer_th_offset: usize,
    pub inner_nh_offset: usize,
}

impl Vnet {
    /// Reads a header as it is on the wire, little-endian. Bytes that are not
    /// there are 0.
    pub fn from_wire(wire: &[u8]) -> Vnet {
        let byte = |at: usize| *wire.get(at).unwrap_or(&0);
        let word = |at: usize| u16::from_le_bytes([byte(at), byte(at + 1)]).into();
        Vnet {
            flags: byte(0),
            gso_type: byte(1),
            hdr_len: word(2),
            gso_size: word(4),
            csum_start: word(6),
            csum_offset: word(8),
            outer_th_offset: word(20),
            inner_nh_offset: word(22),
        }
    }

    /// Writes the header as it is on the wire. A shorter one is its beginning.
    pub fn to_wire(&self) -> [u8; 24] {
        let mut wire = [0; 24];
        (wire[0], wire[1]) = (self.flags, self.gso_type);
        for (at, word) in [
            (2, self.hdr_len),
            (4, self.gso_size),
            (6, self.csum_start),
            (8, self.csum_offset),
            (20, self.outer_th_offset),
            (22, self.inner_nh_offset),
        ] {
            wire[at..at + 2].copy_from_slice(&(word as u16).to_le_bytes());
        }
        wire
    }

    pub(crate) fn needs_csum(&self) -> bool {
        self.flags & NEEDS_CSUM != 0
    }

    pub(crate) fn is_gso(&self) -> bool {
        self.gso_type != NONE
    }

    /// Whether the header tells of a tunnel.
    pub(crate) fn tells(&self, device: &Device) -> bool {
        device.can_tell() && self.gso_type & TUNNELS != 0
    }

    /// GSO-OUT-012
    pub(crate) fn take_off_tag(&mut self) {
        if self.needs_csum() && self.csum_start < 18 && self.kind() != UDP_L4 {
            (self.flags, self.csum_start, self.csum_offset) = (0, 0, 0);
        }
    }

    /// gso_type without the ECN bit and the bits of tunnels.
    pub(crate) fn kind(&self) -> u8 {
        self.gso_type & !(ECN | TUNNELS)
    }

    fn is_tcp(&self) -> bool {
        matches!(self.kind(), TCPV4 | TCPV6)
    }

    /// Whether a packet of this IP version and protocol is of the type.
    pub(crate) fn is_type_of(&self, version: u8, protocol: u8) -> bool {
        match self.kind() {
            TCPV4 => version == 4 && protocol == TCP,
            TCPV6 => version == 6 && protocol == TCP,
            _ => protocol == UDP,
        }
    }

    fn l3min(&self, device: &Device) -> usize {
        let least = if self.kind() == TCPV6 { 40 } else { 20 };
        least * usize::from(device.with("checks_csum_start"))
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
    pub(crate) fn accepted(mut self, packet: &[u8], device: &Device) -> Result<Vnet, Rule> {
        self.check(packet, device)?;
        if self.tells(device) {
            self.flags &= NEEDS_CSUM | OUTER_CSUM;
        } else {
            self.flags &= NEEDS_CSUM;
            (self.outer_th_offset, self.inner_nh_offset) = (0, 0);
        }
        if !self.needs_csum() {
            (self.csum_start, self.csum_offset) = (0, 0);
        }
        // VNET-015
        if self.is_tcp() {
            self.gso_size = self.gso_size.max(device.profile.number("min_tcp_gso_size"));
        }
        // VNET-014
        let l4 = match link::find(packet, device, DISSECTED_TAGS).dissect(packet) {
            _ if self.needs_csum() => self.csum_start,
            Some(ip) if device.with("dissects") => ip.l4,
            _ => self.l3min(device),
        };
        let h = l4 + if self.kind() == UDP_FRAGMENTS { 0 } else { self.l4min() };
        if !self.is_gso() || self.gso_size + h >= packet.len() {
            let Vnet { flags, csum_start, csum_offset, .. } = self;
            let flags = flags & NEEDS_CSUM;
            self = Vnet { flags, csum_start, csum_offset, ..Vnet::default() };
        }
        Ok(self)
    }

    /// VNET-017 for an accepted header, with which the packet leaves.
    pub(crate) fn leaves_short(&self, device: &Device) -> bool {
        let end = self.csum_start + self.csum_offset + 2;
        self.needs_csum() && !self.is_gso() && end < device.link_len()
    }

    fn check(&self, packet: &[u8], device: &Device) -> Checked {
        self.check_lengths(packet.len(), device)?;
        if self.tells(device) {
            self.check_tunnel()?;
        }
        self.check_fields(packet, device)?;
        let (at, version) = (self.inner_nh_offset, ip::nibble(packet));
        let udp_tunnel = self.tells(device) && self.kind() == UDP_L4;
        first![
            ("VNET-022", udp_tunnel && packet[at] >> 4 == 6 && self.csum_start < at + 40),
            ("GRO-IN-001", !device.ethernet && version != 4 && version != 6),
        ]
    }

    fn check_lengths(&self, len: usize, device: &Device) -> Checked {
        let end = self.csum_start + self.csum_offset + 2;
        let grows = self.needs_csum() && end > self.hdr_len;
        let h = if grows { end & 0xffff } else { self.hdr_len };
        first![
            ("GRO-IN-002", len > MAX_LEN),
            ("GRO-IN-004", len < device.link_len()),
            ("VNET-001", h > len + device.unread()),
            ("VNET-017", h != 0 && h < device.link_len()),
        ]
    }

    /// The rules of a header that tells of a tunnel.
    fn check_tunnel(&self) -> Checked {
        let outer_least = if self.gso_type & OVER_IP6 != 0 { 54 } else { 34 };
        let inner_least = if self.kind() == TCPV6 { 40 } else { 20 };
        let beyond = self.outer_th_offset < outer_least
            || self.inner_nh_offset < self.outer_th_offset + 8
            || self.csum_start < self.inner_nh_offset + inner_least;
        first![
            ("VNET-018", self.gso_type & TUNNELS == TUNNELS),
            ("VNET-019", matches!(self.kind(), NONE | UDP_FRAGMENTS)),
            ("VNET-020", !self.needs_csum()),
            ("VNET-021", beyond),
        ]
    }

    fn check_fields(&self, packet: &[u8], device: &Device) -> Checked {
        let (gso, needs_csum, kind) = (self.is_gso(), self.needs_csum(), self.kind());
        let Vnet { csum_start: start, csum_offset: offset, .. } = *self;
        let (len, l3min, l4min) = (packet.len(), self.l3min(device), self.l4min());
        let udp = kind == UDP_L4 && device.with("takes_uso");
        let known = udp || matches!(kind, TCPV4 | UDP_FRAGMENTS | TCPV6);
        let untold = self.gso_type & TUNNELS != 0 && !self.tells(device);
        let dissected = device.with("dissects") && kind != UDP_L4;
        let dissect = || link::find(packet, device, DISSECTED_TAGS).dissect(packet);
        let is_of_type = || {
            dissect().map_or(false, |ip| {
                self.is_type_of(ip.version, ip.protocol) && len - ip.l4 >= l4min
            })
        };
        first![
            ("VNET-002", gso && (untold || !known)),
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
            ("VNET-012", self.is_tcp() && needs_csum && offset != 16),
            ("VNET-013", gso && self.gso_size == 65535),
        ]
    }
}
