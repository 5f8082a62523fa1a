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
pub(crate) fn version(bytes: &[u8]) -> u8 {
    bytes.first().map_or(0, |first| first >> 4)
}

/// Source and destination, if the IP header is long enough.
pub(crate) fn addresses(bytes: &[u8]) -> Option<&[u8]> {
    match version(bytes) {
        4 if bytes.len() >= 20 => Some(&bytes[12..20]),
        6 if bytes.len() >= 40 => Some(&bytes[8..40]),
        _ => None,
    }
}

/// Where the IP headers end, and what follows them.
#[derive(Clone, Copy)]
pub(crate) struct Headers {
    pub protocol: u8,
    pub l4: usize,
    /// How many extension headers were passed.
    pub extensions: usize,
}

impl Headers {
    /// The headers of a packet, IPv4 options included, with at most so many
    /// extension headers. `None` if one does not fit.
    pub fn of(bytes: &[u8], most: usize) -> Option<Headers> {
        match version(bytes) {
            4 if bytes.len() >= 20 => {
                let l4 = usize::from(bytes[0] & 15) * 4;
                let end = Headers { protocol: bytes[9], l4, extensions: 0 };
                Some(end).filter(|end| (20..=bytes.len()).contains(&end.l4))
            }
            6 if bytes.len() >= 40 => Headers::walk(bytes, most),
            _ => None,
        }
    }

    fn walk(bytes: &[u8], most: usize) -> Option<Headers> {
        let mut end = Headers { protocol: bytes[6], l4: 40, extensions: 0 };
        while end.extensions < most && matches!(end.protocol, HOP_BY_HOP | ROUTING | DESTINATION) {
            let length = (usize::from(*bytes.get(end.l4 + 1)?) + 1) * 8;
            end = end.pass(bytes, length)?;
        }
        Some(end)
    }

    /// The walk of VNET-007, which passes a fragment header, too.
    pub fn dissect(bytes: &[u8]) -> Option<Headers> {
        let mut end = Headers::of(bytes, ALL)?;
        if version(bytes) == 6 && end.protocol == FRAGMENT {
            end = end.pass(bytes, 8)?;
        }
        Some(end).filter(|end| end.extensions <= 16)
    }

    /// Passes the extension header at l4.
    fn pass(self, bytes: &[u8], length: usize) -> Option<Headers> {
        let (protocol, l4) = (*bytes.get(self.l4)?, self.l4 + length);
        let end = Headers { protocol, l4, extensions: self.extensions + 1 };
        Some(end).filter(|end| end.l4 <= bytes.len())
    }
}

impl Packet {
    pub(crate) fn read_ip4(&mut self) -> Checked {
        let bytes = &self.bytes;
        first![
            ("GRO-IP4-001", bytes.len() < 20),
            ("GRO-IP4-002", bytes[9] != TCP && bytes[9] != UDP),
            ("GRO-IP4-003", bytes[0] & 15 != 5),
            ("GRO-IP4-004", get16(bytes, 6) & FRAGMENTED != 0),
            ("GRO-IP4-005", fold(sum(&bytes[..20])) != 0xffff),
        ]?;
        self.flushes(first![
            ("GRO-IP4-006", get16(bytes, 2) != bytes.len() as u16),
            ("GRO-IP4-007", get16(bytes, 6) & RESERVED != 0),
        ]);
        (self.protocol, self.l4) = (self.bytes[9], 20);
        Ok(())
    }

    pub(crate) fn read_ip6(&mut self) -> Checked {
        let bytes = &self.bytes;
        first![("GRO-IP6-001", bytes.len() < 40)]?;
        let end = Headers::of(bytes, ALL).ok_or("GRO-IP6-003")?;
        first![("GRO-IP6-004", end.protocol != TCP && end.protocol != UDP)]?;
        let padded = usize::from(get16(bytes, 4)) != bytes.len() - 40;
        self.flushes(first![("GRO-IP6-002", padded)]);
        (self.protocol, self.l4) = (end.protocol, end.l4);
        Ok(())
    }
}
