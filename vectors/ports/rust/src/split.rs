// SPDX-License-Identifier: MIT
//! Section 14: split.

use alloc::vec::Vec;

use crate::ip::{self, Headers, TCP, UDP};
use crate::model::{fold, get16, get32, put16, sum, Checked, Rule};
use crate::profile::Profile;
use crate::transport::{pseudo, tcp_header, CWR, FIN, PSH};
use crate::vnet::{Vnet, FAR, NEEDS_CSUM, TCPV6, UDP_FRAGMENTS};

/// The rule by which a packet has no segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It rejects the packet.
    Rejected(Rule),
    /// It drops the packet.
    Dropped(Rule),
}

/// Splits a packet: its segments, each with its virtio header. With
/// csum_offload, the reader computes checksums.
pub fn split<'a>(
    bytes: &'a [u8],
    vnet: Vnet,
    profile: &Profile,
    csum_offload: bool,
) -> Result<impl Iterator<Item = (Vnet, Vec<u8>)> + 'a, Refused> {
    let vnet = vnet.accepted(bytes, profile).map_err(Refused::Rejected)?;
    let mut packet = Super { bytes, vnet, csum_offload, protocol: 0, l4: 0, payload: 0 };
    let (mut count, mut strips) = (1, false);
    if vnet.is_gso() {
        packet.read(profile).map_err(Refused::Dropped)?;
        count = (bytes.len() - packet.payload + vnet.gso_size - 1) / vnet.gso_size;
        strips = profile.with("strips_jumbo") && packet.has_jumbo();
    }
    Ok((0..count).map(move |i| match vnet.is_gso() {
        true => packet.segment(i, i + 1 == count, strips),
        false => packet.plain(),
    }))
}

/// A packet that is split.
struct Super<'a> {
    bytes: &'a [u8],
    /// As accepted.
    vnet: Vnet,
    csum_offload: bool,
    // Of a GSO packet:
    protocol: u8,
    l4: usize,
    payload: usize,
}

impl Super<'_> {
    /// Reads the headers of a GSO packet. The error is the rule that drops it.
    fn read(&mut self, profile: &Profile) -> Checked {
        let (bytes, vnet, version) = (self.bytes, self.vnet, ip::version(self.bytes));
        let headers = Headers::of(bytes, ip::ALL);
        first![
            ("GSO-001", vnet.kind() == UDP_FRAGMENTS),
            ("GSO-002", version == 4 && headers.is_none()),
        ]?;
        let Headers { protocol, l4, .. } = headers.ok_or("GSO-003")?;
        let found = if vnet.needs_csum() { vnet.csum_start == l4 } else { l4 <= FAR };
        let is_tcp = protocol == TCP;
        first![
            ("GSO-004", !vnet.is_type_of(version, protocol)),
            ("GSO-005", !found),
            // without dissects: with it, VNET-007 rejects the packet
            ("GSO-006", is_tcp && bytes.len() - l4 < 20),
        ]?;
        let header = if is_tcp { tcp_header(&bytes[l4..]).ok_or("GSO-007")? } else { 8 };
        (self.protocol, self.l4, self.payload) = (protocol, l4, l4 + header);
        let first_16 = Headers::of(bytes, 16).map_or(l4, |headers| headers.l4);
        let probed = first_16.min(bytes.len() & 0xffff);
        let probes = is_tcp && !vnet.needs_csum() && profile.with("probes_tcp");
        first![
            ("GSO-008", bytes.len() - self.payload <= vnet.gso_size),
            ("GSO-009", probes && bytes[probed + 12] >> 4 < 5),
        ]
    }

    /// The condition of GSO-OUT-007, which also depends on strips_jumbo.
    fn has_jumbo(&self) -> bool {
        let (bytes, is_tcp6) = (self.bytes, self.vnet.kind() == TCPV6);
        is_tcp6 && bytes.len() > 65536 && bytes[6] == 0 && self.l4 == 48 && bytes[42] == 0xc2
    }

    fn segment(&self, i: usize, is_last: bool, strips: bool) -> (Vnet, Vec<u8>) {
        let step = i * self.vnet.gso_size;
        let (headers, payload) = self.bytes.split_at(self.payload);
        let payload = &payload[step..payload.len().min(step + self.vnet.gso_size)];
        let mut segment = [headers, payload].concat();
        write_ip(&mut segment, i as u16);
        if self.protocol == TCP {
            // GSO-OUT-003
            let sequence = get32(&segment, self.l4 + 4).wrapping_add(step as u32);
            segment[self.l4 + 4..self.l4 + 8].copy_from_slice(&sequence.to_be_bytes());
            let last = if is_last { 0 } else { FIN | PSH };
            let first = if i == 0 { 0 } else { CWR };
            segment[self.l4 + 13] &= !(last | first);
        } else {
            // GSO-OUT-004
            let length = segment.len() - self.l4;
            put16(&mut segment, self.l4 + 4, length as u16);
        }
        let csum_offset = if self.protocol == TCP { 16 } else { 6 };
        self.write_checksum(&mut segment[self.l4..], csum_offset);
        // GSO-OUT-006
        let csum_start = if strips { 40 } else { self.l4 };
        let mut vnet = Vnet::default();
        if self.csum_offload {
            vnet = Vnet { flags: NEEDS_CSUM, csum_start, csum_offset, ..vnet };
        }
        if strips {
            strip_jumbo(&mut segment);
        }
        (vnet, segment)
    }

    /// GSO-OUT-005
    fn write_checksum(&self, l4: &mut [u8], at: usize) {
        let its = &self.bytes[self.l4..];
        let (old, new) = match self.protocol {
            UDP => (get16(its, 4).into(), l4.len() & 0xffff),
            _ => (its.len(), l4.len()),
        };
        let seed = match self.vnet.needs_csum() {
            true => get16(its, at),
            false => fold(pseudo(self.bytes, self.protocol, old)),
        };
        let part = fold(u64::from(seed) + 0xffff_ffff - old as u64 + new as u64);
        put16(l4, at, part);
        if !self.csum_offload {
            complete(l4, at, self.protocol == UDP);
        }
    }

    /// GSO-OUT-008
    fn plain(&self) -> (Vnet, Vec<u8>) {
        let mut bytes = self.bytes.to_vec();
        if !self.vnet.needs_csum() || self.csum_offload {
            return (self.vnet, bytes);
        }
        complete(&mut bytes[self.vnet.csum_start..], self.vnet.csum_offset, true);
        (Vnet::default(), bytes)
    }
}

/// Completes the checksum at an offset, whose field has a part of the sum. A
/// sum of 0 may have to be 0xffff.
fn complete(bytes: &mut [u8], at: usize, is_never_0: bool) {
    let sum = !fold(sum(bytes));
    put16(bytes, at, if sum == 0 && is_never_0 { 0xffff } else { sum });
}

fn write_ip(segment: &mut [u8], i: u16) {
    if segment[0] >> 4 == 4 {
        // GSO-OUT-001
        let header = usize::from(segment[0] & 15) * 4;
        let id = get16(segment, 4).wrapping_add(i);
        put16(segment, 2, segment.len() as u16);
        put16(segment, 4, id);
        put16(segment, 10, 0);
        complete(&mut segment[..header], 10, false);
    } else {
        // GSO-OUT-002
        put16(segment, 4, (segment.len() - 40) as u16);
    }
}

/// GSO-OUT-007
fn strip_jumbo(segment: &mut Vec<u8>) {
    let length = get16(segment, 4).wrapping_sub(8);
    put16(segment, 4, length);
    segment[6] = TCP;
    segment.drain(40..48);
}
