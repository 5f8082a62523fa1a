// SPDX-License-Identifier: MIT
//! Section 5: IP.

use crate::model::{fold, get16, sum, Outcome};
use crate::packet::Packet;

/// The protocols that merge.
pub(crate) const TCP: u8 = 6;
pub(crate) const UDP: u8 = 17;

/// The extension headers of IPv6.
const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const DESTINATION: u8 = 60;

/// Flags and fragment offset of IPv4.
const RESERVED: u16 = 0x8000;
const FRAGMENTED: u16 = 0x3fff;

/// What follows the IP headers.
#[derive(Clone, Copy)]
pub(crate) struct Headers {
    pub protocol: u8,
    pub l4: usize,
}

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

/// Passes the extension header at l4; `None` if it does not fit.
fn pass(bytes: &[u8], l4: usize, length: usize) -> Option<Headers> {
    Some(Headers { protocol: *bytes.get(l4)?, l4: l4 + length }).filter(|end| end.l4 <= bytes.len())
}

/// The walk over at most so many extension headers of an IPv6 packet of 40
/// bytes or more, and how many it passed. `None` if a header does not fit.
pub(crate) fn walk(bytes: &[u8], most: usize) -> Option<(Headers, usize)> {
    let mut end = Headers { protocol: bytes[6], l4: 40 };
    let mut passed = 0;
    while passed < most && matches!(end.protocol, HOP_BY_HOP | ROUTING | DESTINATION) {
        let length = (usize::from(*bytes.get(end.l4 + 1)?) + 1) * 8;
        end = pass(bytes, end.l4, length)?;
        passed += 1;
    }
    Some((end, passed))
}

/// The headers of a packet whose IPv4 options are passed, too: section 14. The
/// number is that of extension headers.
pub(crate) fn headers(bytes: &[u8]) -> Option<(Headers, usize)> {
    match version(bytes) {
        4 if bytes.len() >= 20 => {
            let end = Headers { protocol: bytes[9], l4: usize::from(bytes[0] & 15) * 4 };
            Some((end, 0)).filter(|_| (20..=bytes.len()).contains(&end.l4))
        }
        6 if bytes.len() >= 40 => walk(bytes, usize::MAX),
        _ => None,
    }
}

/// The walk of VNET-007, which passes a fragment header, too.
pub(crate) fn dissect(bytes: &[u8]) -> Option<Headers> {
    let (mut end, mut passed) = headers(bytes)?;
    if version(bytes) == 6 && end.protocol == FRAGMENT {
        end = pass(bytes, end.l4, 8)?;
        passed += 1;
    }
    Some(end).filter(|_| passed <= 16)
}

impl Packet {
    pub(crate) fn parse_ip4(&mut self) {
        let bytes = &self.bytes;
        let bypass = first![
            ("GRO-IP4-001", bytes.len() < 20),
            ("GRO-IP4-002", bytes[9] != TCP && bytes[9] != UDP),
            ("GRO-IP4-003", bytes[0] & 15 != 5),
            ("GRO-IP4-004", get16(bytes, 6) & FRAGMENTED != 0),
            ("GRO-IP4-005", fold(sum(&bytes[..20])) != 0xffff),
        ];
        self.meets(Outcome::Bypass, bypass);
        if bypass.is_some() {
            return;
        }
        let flush = first![
            ("GRO-IP4-006", get16(&self.bytes, 2) != self.bytes.len() as u16),
            ("GRO-IP4-007", get16(&self.bytes, 6) & RESERVED != 0),
        ];
        self.meets(Outcome::Flush, flush);
        self.protocol = self.bytes[9];
        self.l4 = 20;
    }

    pub(crate) fn parse_ip6(&mut self) {
        let len = self.bytes.len();
        let found = if len < 40 { None } else { walk(&self.bytes, usize::MAX) };
        let (end, _) = found.unwrap_or((Headers { protocol: 0, l4: 0 }, 0));
        let bypass = first![
            ("GRO-IP6-001", len < 40),
            ("GRO-IP6-003", found.is_none()),
            ("GRO-IP6-004", end.protocol != TCP && end.protocol != UDP),
        ];
        self.meets(Outcome::Bypass, bypass);
        if bypass.is_some() {
            return;
        }
        let padded = usize::from(get16(&self.bytes, 4)) != len - 40;
        self.meets(Outcome::Flush, first![("GRO-IP6-002", padded)]);
        self.protocol = end.protocol;
        self.l4 = end.l4;
    }
}
