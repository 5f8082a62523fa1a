// SPDX-License-Identifier: MIT
//! Section 14: split.

use alloc::vec::Vec;

use crate::config::Config;
use crate::ip::{Ip, ALL, TCP, UDP};
use crate::layers;
use crate::model::{fold, get16, get32, put16, sum, Checked, Rule};
use crate::packet::Packet;
use crate::transport::{pseudo, tcp_header, CWR, FIN, PSH};
use crate::vnet::{Vnet, FAR, NEEDS_CSUM, UDP_FRAGMENTS};

/// The rule by which a packet has no segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It rejects the packet.
    Rejected(Rule),
    /// It drops the packet.
    Dropped(Rule),
}

/// A segment, with its virtio header.
pub type Segment = (Vnet, Vec<u8>);

/// Splits a packet: its segments. With csum_offload, the reader computes checksums.
pub fn split(
    bytes: &[u8],
    vnet: Vnet,
    config: &Config,
    csum_offload: bool,
) -> Result<impl Iterator<Item = Segment>, Refused> {
    let vnet = vnet.accepted(bytes, config).map_err(Refused::Rejected)?;
    let ip = layers::find_ip(bytes, config);
    let mut packet = Packet { bytes: bytes.into(), vnet, ip, ..Packet::default() };
    layers!(packet.check_split(config).map_err(Refused::Dropped)?);
    let mut count = 1;
    if vnet.is_gso() {
        packet.read_super(config).map_err(Refused::Dropped)?;
        count = (packet.payload_length() + vnet.gso_size - 1) / vnet.gso_size;
    }
    Ok((0..count).map(move |i| match vnet.is_gso() {
        true => packet.segment(i, i + 1 == count, csum_offload),
        false => packet.whole(csum_offload),
    }))
}

impl Packet {
    /// Reads the headers of a GSO packet. The error is the rule that drops it.
    fn read_super(&mut self, config: &Config) -> Checked {
        first![("GSO-001", self.vnet.kind() == UDP_FRAGMENTS)]?;
        layers!(self.check_split_link()?);
        self.walk_ip()?;
        layers!(self.enter_split(config)?);
        let (vnet, l4, is_tcp) = (self.vnet, self.ip.l4, self.ip.protocol == TCP);
        let found = if vnet.needs_csum() { vnet.csum_start == l4 } else { l4 <= FAR };
        first![
            ("GSO-004", !vnet.is_type_of(&self.ip)),
            ("GSO-005", !found),
            // without dissects: with it, VNET-007 rejects the packet
            ("GSO-006", is_tcp && self.l4().len() < 20),
        ]?;
        self.payload = l4 + if is_tcp { tcp_header(self.l4()).ok_or("GSO-007")? } else { 8 };
        let Ip { version, at, .. } = self.ip;
        let first_16 = Ip::new(version, at).walk(&self.bytes, 16).map_or(l4, |ip| ip.l4);
        let probed = first_16.min(at + ((self.bytes.len() - at) & 0xffff));
        let probes = is_tcp && !vnet.needs_csum() && config.profile.with("probes_tcp");
        first![
            ("GSO-008", self.payload_length() <= vnet.gso_size),
            ("GSO-009", probes && self.bytes[probed + 12] >> 4 < 5),
        ]
    }

    pub(crate) fn walk_ip(&mut self) -> Checked {
        let rule = if self.ip.version == 4 { "GSO-002" } else { "GSO-003" };
        self.ip = self.ip.walk(&self.bytes, ALL).ok_or(rule)?;
        Ok(())
    }

    fn segment(&self, i: usize, is_last: bool, csum_offload: bool) -> Segment {
        let (step, ip) = (i * self.vnet.gso_size, &self.ip);
        let (headers, payload) = self.bytes.split_at(self.payload);
        let payload = &payload[step..payload.len().min(step + self.vnet.gso_size)];
        // GSO-OUT-009
        let mut segment = [headers, payload].concat();
        write_ip(&mut segment[ip.at..], ip.version, i as u16);
        let l4 = &mut segment[ip.l4..];
        if ip.protocol == TCP {
            // GSO-OUT-003
            let sequence = get32(l4, 4).wrapping_add(step as u32);
            l4[4..8].copy_from_slice(&sequence.to_be_bytes());
            let last = if is_last { 0 } else { FIN | PSH };
            let first = if i == 0 { 0 } else { CWR };
            l4[13] &= !(last | first);
        } else {
            // GSO-OUT-004
            put16(l4, 4, l4.len() as u16);
        }
        put16(l4, ip.csum_offset(), self.part(l4.len()));
        if !csum_offload {
            complete(l4, ip.csum_offset(), ip.protocol == UDP);
        }
        let mut vnet = Vnet::default();
        if csum_offload {
            // GSO-OUT-006
            vnet.flags = NEEDS_CSUM;
            (vnet.csum_start, vnet.csum_offset) = (ip.l4, ip.csum_offset());
        }
        layers!(self.write_split(&mut segment, &mut vnet, i as u16));
        (vnet, segment)
    }

    /// GSO-OUT-005: part, for an L4 length.
    pub(crate) fn part(&self, new: usize) -> u16 {
        let its = self.l4();
        let (old, new) = match self.ip.protocol {
            UDP => (get16(its, 4).into(), new & 0xffff),
            _ => (its.len(), new),
        };
        let seed = match self.vnet.needs_csum() {
            true => get16(its, self.ip.csum_offset()),
            false => fold(pseudo(&self.ip, &self.bytes)),
        };
        adjust(seed, old, new)
    }

    /// GSO-OUT-008
    fn whole(&self, csum_offload: bool) -> Segment {
        let (vnet, mut bytes) = (self.vnet, self.bytes.clone());
        if !vnet.needs_csum() || csum_offload {
            return (vnet, bytes);
        }
        complete(&mut bytes[vnet.csum_start..], vnet.csum_offset, true);
        (Vnet::default(), bytes)
    }
}

/// A seed of another length.
pub(crate) fn adjust(seed: u16, old: usize, new: usize) -> u16 {
    fold(u64::from(seed) + 0xffff_ffff - old as u64 + new as u64)
}

/// Completes the checksum at an offset, whose field has a part of the sum. A
/// sum of 0 may have to be 0xffff.
fn complete(bytes: &mut [u8], at: usize, is_never_0: bool) {
    let sum = !fold(sum(bytes));
    put16(bytes, at, if sum == 0 && is_never_0 { 0xffff } else { sum });
}

/// Writes an IP header, with which the bytes begin, for segment i.
pub(crate) fn write_ip(bytes: &mut [u8], version: u8, i: u16) {
    if version == 4 {
        // GSO-OUT-001
        let header = usize::from(bytes[0] & 15) * 4;
        let id = get16(bytes, 4).wrapping_add(i);
        put16(bytes, 2, bytes.len() as u16);
        put16(bytes, 4, id);
        put16(bytes, 10, 0);
        complete(&mut bytes[..header], 10, false);
    } else {
        // GSO-OUT-002
        put16(bytes, 4, (bytes.len() - 40) as u16);
    }
}
