// SPDX-License-Identifier: MIT
//! Section 14: split.

use alloc::vec::Vec;

use crate::ip::{self, Headers, TCP};
use crate::model::{fold, get16, get32, put16, put32, sum, Rule};
use crate::packet::rejection;
use crate::profile::{Column::*, Profile};
use crate::transport::{data_offset, pseudo, CWR, FIN, PSH};
use crate::vnet::{Vnet, FAR, NEEDS_CSUM, TCPV4, TCPV6, UDP_FRAGMENTS, UDP_L4};

/// What a split gives.
pub enum Split<'a> {
    /// The rule rejects the packet; there is no segment.
    Rejected(Rule),
    /// The rule drops the packet; there is no segment.
    Dropped(Rule),
    /// One or more segments.
    Segments(Segments<'a>),
}

/// The segments of a packet, each with its virtio header.
pub struct Segments<'a> {
    bytes: &'a [u8],
    /// As accepted.
    vnet: Vnet,
    protocol: u8,
    l4: usize,
    payload: usize,
    csum_offload: bool,
    /// GSO-OUT-007 applies.
    strips: bool,
    /// The next segment, and how many there are.
    next: usize,
    count: usize,
}

/// Splits a packet. With csum_offload, the reader computes checksums.
pub fn split<'a>(bytes: &'a [u8], vnet: Vnet, profile: &Profile, csum_offload: bool) -> Split<'a> {
    if let Some(rule) = rejection(bytes, &vnet, profile) {
        return Split::Rejected(rule);
    }
    let vnet = vnet.accepted(bytes, profile);
    let (headers, extensions) =
        ip::headers(bytes).unwrap_or((Headers { protocol: 0, l4: bytes.len() }, 0));
    let Headers { protocol, l4 } = headers;
    let mut segments = Segments {
        bytes,
        vnet,
        protocol,
        l4,
        payload: l4 + 8,
        csum_offload,
        strips: false,
        next: 0,
        count: 1,
    };
    if vnet.is_gso() {
        if let Some(rule) = segments.drop_by_headers() {
            return Split::Dropped(rule);
        }
        if protocol == TCP {
            segments.payload = l4 + data_offset(bytes, l4);
        }
        if let Some(rule) = segments.drop_by_payload(extensions, profile) {
            return Split::Dropped(rule);
        }
        let payload = bytes.len() - segments.payload;
        segments.count = (payload + vnet.size() - 1) / vnet.size();
        segments.strips = profile.with(StripsJumbo) && segments.has_jumbo();
    }
    Split::Segments(segments)
}

impl<'a> Segments<'a> {
    /// The rule of the headers that drops a GSO packet.
    fn drop_by_headers(&self) -> Option<Rule> {
        let (bytes, vnet, l4) = (self.bytes, self.vnet, self.l4);
        let version = ip::version(bytes);
        let whole = ip::headers(bytes).is_some();
        let expected = match vnet.kind() {
            TCPV4 => version == 4 && self.protocol == TCP,
            TCPV6 => version == 6 && self.protocol == TCP,
            _ => self.protocol == ip::UDP,
        };
        let found = if vnet.needs_csum() { vnet.start() == l4 } else { l4 <= FAR };
        let (is_tcp, length) = (self.protocol == TCP, bytes.len() - l4);
        first![
            ("GSO-001", vnet.kind() == UDP_FRAGMENTS),
            ("GSO-002", version == 4 && !whole),
            ("GSO-003", version == 6 && !whole),
            ("GSO-004", !expected),
            ("GSO-005", !found),
            // without dissects: with it, VNET-007 rejects the packet
            ("GSO-006", is_tcp && length < 20),
            ("GSO-007", is_tcp && !(20..=length).contains(&data_offset(bytes, l4))),
        ]
    }

    /// The rule that drops a GSO packet whose headers are whole.
    fn drop_by_payload(&self, extensions: usize, profile: &Profile) -> Option<Rule> {
        let payload = self.bytes.len() - self.payload;
        let probes = profile.with(ProbesTcp) && self.protocol == TCP && !self.vnet.needs_csum();
        first![
            ("GSO-008", payload <= self.vnet.size()),
            ("GSO-009", probes && data_offset(self.bytes, self.probed(extensions)) < 20),
        ]
    }

    /// Where the probed header of GSO-009 begins.
    fn probed(&self, extensions: usize) -> usize {
        let l4 = match ip::walk(self.bytes, 16) {
            Some((headers, _)) if extensions > 16 => headers.l4,
            _ => self.l4,
        };
        l4.min(self.bytes.len() & 0xffff)
    }

    /// The condition of GSO-OUT-007, which also depends on strips_jumbo.
    fn has_jumbo(&self) -> bool {
        let (bytes, is_tcp6) = (self.bytes, self.vnet.kind() == TCPV6);
        is_tcp6 && bytes.len() > 65536 && bytes[6] == 0 && self.l4 == 48 && bytes[42] == 0xc2
    }

    /// Segment i as it is before GSO-OUT-007.
    fn segment(&self, i: usize) -> Vec<u8> {
        let size = self.vnet.size();
        let start = self.payload + i * size;
        let end = self.bytes.len().min(start + size);
        let mut segment = self.bytes[..self.payload].to_vec();
        segment.extend_from_slice(&self.bytes[start..end]);
        if segment[0] >> 4 == 4 {
            write_ip4(&mut segment, i as u16);
        } else {
            // GSO-OUT-002
            let length = segment.len() - 40;
            put16(&mut segment, 4, length as u16);
        }
        self.write_l4(&mut segment, i);
        self.write_checksum(&mut segment);
        segment
    }

    fn write_l4(&self, segment: &mut [u8], i: usize) {
        let (l4, length) = (self.l4, segment.len() - self.l4);
        if self.protocol != TCP {
            // GSO-OUT-004
            put16(segment, l4 + 4, length as u16);
            return;
        }
        // GSO-OUT-003
        let step = (i * self.vnet.size()) as u32;
        let sequence = get32(segment, l4 + 4);
        put32(segment, l4 + 4, sequence.wrapping_add(step));
        if i + 1 < self.count {
            segment[l4 + 13] &= !(FIN | PSH);
        }
        if i > 0 {
            segment[l4 + 13] &= !CWR;
        }
    }

    /// GSO-OUT-005
    fn write_checksum(&self, segment: &mut [u8]) {
        let (l4, is_tcp) = (self.l4, self.protocol == TCP);
        let at = l4 + self.checksum_offset();
        let length = segment.len() - l4;
        let (old, new) = if is_tcp {
            (self.bytes.len() - l4, length)
        } else {
            (get16(self.bytes, l4 + 4).into(), length & 0xffff)
        };
        let seed = if self.vnet.needs_csum() {
            get16(self.bytes, at)
        } else {
            fold(pseudo(self.bytes, self.protocol, old))
        };
        let part = fold(u64::from(seed) + 0xffff_ffff - old as u64 + new as u64);
        put16(segment, at, part);
        if !self.csum_offload {
            let sum = !fold(sum(&segment[l4..]));
            put16(segment, at, if sum == 0 && !is_tcp { 0xffff } else { sum });
        }
    }

    fn checksum_offset(&self) -> usize {
        if self.vnet.kind() == UDP_L4 {
            6
        } else {
            16
        }
    }

    /// GSO-OUT-006
    fn header(&self) -> Vnet {
        if !self.csum_offload {
            return Vnet::default();
        }
        Vnet {
            flags: NEEDS_CSUM,
            csum_start: if self.strips { 40 } else { self.l4 as u16 },
            csum_offset: self.checksum_offset() as u16,
            ..Vnet::default()
        }
    }

    /// GSO-OUT-008
    fn plain(&self) -> (Vnet, Vec<u8>) {
        let mut bytes = self.bytes.to_vec();
        if !self.vnet.needs_csum() || self.csum_offload {
            return (self.vnet, bytes);
        }
        let at = self.vnet.start() + self.vnet.offset();
        let sum = !fold(sum(&bytes[self.vnet.start()..]));
        put16(&mut bytes, at, if sum == 0 { 0xffff } else { sum });
        (Vnet::default(), bytes)
    }
}

/// GSO-OUT-001
fn write_ip4(segment: &mut [u8], i: u16) {
    let (length, header) = (segment.len() as u16, usize::from(segment[0] & 15) * 4);
    let id = get16(segment, 4).wrapping_add(i);
    put16(segment, 2, length);
    put16(segment, 4, id);
    put16(segment, 10, 0);
    let checksum = !fold(sum(&segment[..header]));
    put16(segment, 10, checksum);
}

/// GSO-OUT-007
fn strip_jumbo(segment: &mut Vec<u8>) {
    let length = get16(segment, 4).wrapping_sub(8);
    put16(segment, 4, length);
    segment[6] = TCP;
    segment.drain(40..48);
}

impl Iterator for Segments<'_> {
    type Item = (Vnet, Vec<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        let i = self.next;
        if i == self.count {
            return None;
        }
        self.next += 1;
        if !self.vnet.is_gso() {
            return Some(self.plain());
        }
        let mut segment = self.segment(i);
        if self.strips {
            strip_jumbo(&mut segment);
        }
        Some((self.header(), segment))
    }
}
