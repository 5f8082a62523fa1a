// SPDX-License-Identifier: MIT
//! Section 3: the virtio header.

use crate::ip::{self, TCP, UDP};
use crate::model::Rule;
use crate::profile::{Column::*, Profile};

/// flags
pub(crate) const NEEDS_CSUM: u8 = 1;
pub(crate) const DATA_VALID: u8 = 2;

/// gso_type
pub(crate) const NONE: u8 = 0;
pub(crate) const TCPV4: u8 = 1;
pub(crate) const UDP_FRAGMENTS: u8 = 3;
pub(crate) const TCPV6: u8 = 4;
pub(crate) const UDP_L4: u8 = 5;
pub(crate) const ECN: u8 = 0x80;

/// The largest offset of an L4 header that a kernel can store: VNET-016,
/// GRO-KEY-003, GRO-LL-011, GSO-005.
pub(crate) const FAR: usize = 65470;

/// A virtio_net_hdr of 10 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Vnet {
    pub flags: u8,
    pub gso_type: u8,
    pub hdr_len: u16,
    pub gso_size: u16,
    pub csum_start: u16,
    pub csum_offset: u16,
}

impl Vnet {
    /// Reads a header as it is on the wire, little-endian.
    pub fn from_wire(wire: [u8; 10]) -> Vnet {
        let word = |at: usize| u16::from_le_bytes([wire[at], wire[at + 1]]);
        Vnet {
            flags: wire[0],
            gso_type: wire[1],
            hdr_len: word(2),
            gso_size: word(4),
            csum_start: word(6),
            csum_offset: word(8),
        }
    }

    /// Writes the header as it is on the wire.
    pub fn to_wire(&self) -> [u8; 10] {
        let words = [self.hdr_len, self.gso_size, self.csum_start, self.csum_offset];
        let mut wire = [self.flags, self.gso_type, 0, 0, 0, 0, 0, 0, 0, 0];
        for (field, word) in wire[2..].chunks_mut(2).zip(words) {
            field.copy_from_slice(&word.to_le_bytes());
        }
        wire
    }

    pub(crate) fn needs_csum(&self) -> bool {
        self.flags & NEEDS_CSUM != 0
    }

    pub(crate) fn is_gso(&self) -> bool {
        self.gso_type != NONE
    }

    /// gso_type without the ECN bit.
    pub(crate) fn kind(&self) -> u8 {
        self.gso_type & !ECN
    }

    pub(crate) fn is_tcp(&self) -> bool {
        matches!(self.kind(), TCPV4 | TCPV6)
    }

    /// csum_start, csum_offset and gso_size as numbers that do not wrap.
    pub(crate) fn start(&self) -> usize {
        self.csum_start.into()
    }

    pub(crate) fn offset(&self) -> usize {
        self.csum_offset.into()
    }

    pub(crate) fn size(&self) -> usize {
        self.gso_size.into()
    }

    fn l3min(&self, profile: &Profile) -> usize {
        match self.kind() {
            _ if !profile.with(ChecksCsumStart) => 0,
            TCPV6 => 40,
            _ => 20,
        }
    }

    fn l4min(&self) -> usize {
        match self.kind() {
            TCPV4 | TCPV6 => 20,
            UDP_FRAGMENTS | UDP_L4 => 8,
            _ => 0,
        }
    }

    /// The length that VNET-001 compares.
    fn compared_hdr_len(&self) -> usize {
        let hdr_len = self.hdr_len.into();
        match self.start() + self.offset() + 2 {
            end if self.needs_csum() && end > hdr_len => end & 0xffff,
            _ => hdr_len,
        }
    }

    fn has_known_type(&self, profile: &Profile) -> bool {
        match self.kind() {
            TCPV4 | UDP_FRAGMENTS | TCPV6 => true,
            UDP_L4 => profile.with(TakesUso),
            _ => false,
        }
    }

    /// The condition of VNET-007: the IP headers are whole, and the version, the
    /// protocol and the length are those of the type.
    fn is_type_of(&self, bytes: &[u8]) -> bool {
        let version = ip::version(bytes);
        ip::dissect(bytes).map_or(false, |headers| {
            bytes.len() - headers.l4 >= self.l4min()
                && match self.kind() {
                    TCPV4 => version == 4 && headers.protocol == TCP,
                    TCPV6 => version == 6 && headers.protocol == TCP,
                    _ => headers.protocol == UDP,
                }
        })
    }

    /// The rule that rejects a packet for its header.
    pub(crate) fn rejection(&self, bytes: &[u8], profile: &Profile) -> Option<Rule> {
        let len = bytes.len();
        let (gso, needs_csum, kind) = (self.is_gso(), self.needs_csum(), self.kind());
        let (start, offset, size) = (self.start(), self.offset(), self.size());
        let (l3min, l4min) = (self.l3min(profile), self.l4min());
        let dissected = profile.with(Dissects) && kind != UDP_L4;
        first![
            ("VNET-001", self.compared_hdr_len() > len),
            ("VNET-002", gso && !self.has_known_type(profile)),
            ("VNET-003", gso && size == 0),
            ("VNET-004", needs_csum && start + l4min.max(offset + 2) > len),
            ("VNET-016", needs_csum && start > FAR),
            // checks_csum_start: without it, l3min is 0
            ("VNET-005", needs_csum && start < l3min),
            ("VNET-006", gso && !needs_csum && !dissected && l3min + l4min > len),
            ("VNET-007", gso && !needs_csum && dissected && !self.is_type_of(bytes)),
            // takes_uso: without it, VNET-002 rejects UDP_L4
            ("VNET-008", kind == UDP_L4 && !needs_csum),
            ("VNET-009", kind == UDP_L4 && offset != 6),
            ("VNET-010", kind == UDP_L4 && self.gso_type & ECN != 0),
            ("VNET-011", kind == UDP_L4 && len - start - 8 > 128 * size),
            ("VNET-012", self.is_tcp() && needs_csum && offset != 16),
            ("VNET-013", gso && size == 65535),
        ]
    }

    /// What becomes of a header that no rule rejects.
    pub(crate) fn accepted(mut self, bytes: &[u8], profile: &Profile) -> Vnet {
        self.flags &= NEEDS_CSUM;
        if !self.needs_csum() {
            self.csum_start = 0;
            self.csum_offset = 0;
        }
        // VNET-015
        if self.is_tcp() {
            self.gso_size = self.gso_size.max(profile.number(MinTcpGsoSize));
        }
        // VNET-014
        if self.size() + self.headers(bytes, profile) >= bytes.len() {
            self.gso_type = NONE;
        }
        if !self.is_gso() {
            self.hdr_len = 0;
            self.gso_size = 0;
        }
        self
    }

    /// h of VNET-014
    fn headers(&self, bytes: &[u8], profile: &Profile) -> usize {
        let l4 = match ip::dissect(bytes) {
            _ if self.needs_csum() => self.start(),
            Some(headers) if profile.with(Dissects) => headers.l4,
            _ => self.l3min(profile),
        };
        let udp = if self.kind() == UDP_FRAGMENTS { 8 } else { 0 };
        l4 + self.l4min() - udp
    }
}
