// SPDX-License-Identifier: MIT
//! Section 14: split.

use alloc::vec::Vec;

use crate::config::Device;
use crate::ip::{nibble, Ip, ALL, TCP, UDP};
use crate::link::{self, SPLIT_TAGS};
use crate::model::{fold, get16, get32, put16, sum, Checked, Rule};
use crate::transport::{pseudo, tcp_header, CWR, FIN, PSH};
use crate::vnet::{Vnet, FAR, NEEDS_CSUM, OUTER_CSUM, TCPV4, TCPV6, TUNNELS, UDP_FRAGMENTS};

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
    device: &Device,
    csum_offload: bool,
) -> Result<impl Iterator<Item = (Vnet, Vec<u8>)> + 'a, Refused> {
    let told = vnet.tells(device);
    let vnet = vnet.accepted(bytes, device).map_err(Refused::Rejected)?;
    let ip = link::find(bytes, device, SPLIT_TAGS);
    let mut packet = Super { bytes, vnet, csum_offload, ip, ..Super::default() };
    let cut = device.ethernet && bytes.len() < 20 && link::is_tag(get16(bytes, 12));
    first![("GSO-011", cut), ("GSO-012", told && !vnet.is_gso())].map_err(Refused::Dropped)?;
    if device.ethernet && link::is_tag(get16(bytes, 12)) {
        packet.vnet.take_off_tag();
    }
    let mut count = 1;
    if vnet.is_gso() {
        packet.read(device).map_err(Refused::Dropped)?;
        count = (bytes.len() - packet.payload + vnet.gso_size - 1) / vnet.gso_size;
    }
    Ok((0..count).map(move |i| match vnet.is_gso() {
        true => packet.segment(i, i + 1 == count),
        false => packet.plain(),
    }))
}

/// A packet that is split.
#[derive(Default)]
struct Super<'a> {
    bytes: &'a [u8],
    /// As accepted.
    vnet: Vnet,
    csum_offload: bool,
    /// The IP header, in a tunnel the inner one.
    ip: Ip,
    // Of a GSO packet:
    outer: Option<Ip>,
    payload: usize,
    /// GSO-OUT-007 applies.
    strips: bool,
}

impl Super<'_> {
    /// Reads the headers of a GSO packet. The error is the rule that drops it.
    fn read(&mut self, device: &Device) -> Checked {
        first![("GSO-001", self.vnet.kind() == UDP_FRAGMENTS), ("GSO-010", self.ip.version == 0)]?;
        self.read_ip()?;
        if self.vnet.gso_type & TUNNELS != 0 && self.ip.protocol == UDP {
            self.enter()?;
        }
        self.read_l4()?;
        first![
            ("GSO-008", self.bytes.len() - self.payload <= self.vnet.gso_size),
            ("GSO-009", device.with("probes_tcp") && self.has_bad_probe()),
        ]?;
        self.strips = device.with("strips_jumbo") && self.has_jumbo(device);
        Ok(())
    }

    fn read_ip(&mut self) -> Checked {
        let rule = if self.ip.version == 4 { "GSO-002" } else { "GSO-003" };
        self.ip = self.ip.walk(self.bytes, ALL).ok_or(rule)?;
        Ok(())
    }

    /// Goes into the tunnel.
    fn enter(&mut self) -> Checked {
        let at = self.vnet.inner_nh_offset;
        first![("GSO-013", self.ip.l4 > at)]?;
        let version = match self.vnet.kind() {
            TCPV4 => 4,
            TCPV6 => 6,
            _ if nibble(&self.bytes[at..]) == 6 => 6,
            _ => 4,
        };
        self.outer = Some(self.ip);
        self.ip = Ip::new(version, at);
        self.read_ip()
    }

    fn read_l4(&mut self) -> Checked {
        let (vnet, Ip { version, protocol, l4, .. }) = (self.vnet, self.ip);
        let found = if vnet.needs_csum() { vnet.csum_start == l4 } else { l4 <= FAR };
        let is_tcp = protocol == TCP;
        first![
            ("GSO-004", !vnet.is_type_of(version, protocol)),
            ("GSO-005", !found),
            // without dissects: with it, VNET-007 rejects the packet
            ("GSO-006", is_tcp && self.bytes.len() - l4 < 20),
        ]?;
        let header = if is_tcp { tcp_header(&self.bytes[l4..]).ok_or("GSO-007")? } else { 8 };
        self.payload = l4 + header;
        Ok(())
    }

    /// The condition of GSO-009, which also depends on probes_tcp.
    fn has_bad_probe(&self) -> bool {
        let start = Ip::new(self.ip.version, self.ip.at);
        let first_16 = start.walk(self.bytes, 16).map_or(self.ip.l4, |ip| ip.l4);
        let probed = first_16.min(self.ip.at + ((self.bytes.len() - self.ip.at) & 0xffff));
        let is_tcp = self.ip.protocol == TCP;
        is_tcp && !self.vnet.needs_csum() && self.bytes[probed + 12] >> 4 < 5
    }

    /// The condition of GSO-OUT-007, which also depends on strips_jumbo.
    fn has_jumbo(&self, device: &Device) -> bool {
        let (bytes, l4) = (self.ip.of(self.bytes), self.ip.l4);
        let is_6_12 = device.with("shows_cwr") && device.with("checks_csum_start");
        let hdr_len = self.vnet.hdr_len;
        let in_one_piece =
            self.vnet.needs_csum() || is_6_12 || hdr_len == 0 || hdr_len >= l4 || l4 <= 60;
        let is_jumbo = self.vnet.kind() == TCPV6 && bytes.len() > 65536;
        let has_option = bytes[6] == 0 && l4 == self.ip.at + 48 && bytes[42] == 0xc2;
        is_jumbo && has_option && self.ip.tags <= 1 && in_one_piece
    }

    fn segment(&self, i: usize, is_last: bool) -> (Vnet, Vec<u8>) {
        let (step, l4) = (i * self.vnet.gso_size, self.ip.l4);
        let (headers, payload) = self.bytes.split_at(self.payload);
        let payload = &payload[step..payload.len().min(step + self.vnet.gso_size)];
        // GSO-OUT-009
        let mut segment = [headers, payload].concat();
        for ip in self.outer.iter().chain([&self.ip]) {
            write_ip(&mut segment[ip.at..], ip.version, i as u16);
        }
        if self.ip.protocol == TCP {
            // GSO-OUT-003
            let sequence = get32(&segment, l4 + 4).wrapping_add(step as u32);
            segment[l4 + 4..l4 + 8].copy_from_slice(&sequence.to_be_bytes());
            let last = if is_last { 0 } else { FIN | PSH };
            let first = if i == 0 { 0 } else { CWR };
            segment[l4 + 13] &= !(last | first);
        } else {
            // GSO-OUT-004
            let length = segment.len() - l4;
            put16(&mut segment, l4 + 4, length as u16);
        }
        let part = self.write_checksum(&mut segment[l4..]);
        if let Some(outer) = &self.outer {
            self.write_outer_udp(&mut segment, outer.l4, part);
        }
        if self.strips {
            strip_jumbo(&mut segment, self.ip.at);
        }
        (self.header(), segment)
    }

    /// GSO-OUT-006
    fn header(&self) -> Vnet {
        if !self.csum_offload {
            return Vnet::default();
        }
        let csum_start = self.ip.l4 - if self.strips { 8 } else { 0 };
        Vnet { flags: NEEDS_CSUM, csum_start, csum_offset: self.csum_offset(), ..Vnet::default() }
    }

    fn csum_offset(&self) -> usize {
        if self.ip.protocol == TCP {
            16
        } else {
            6
        }
    }

    /// GSO-OUT-005, for the bytes from l4 on. Gives part.
    fn write_checksum(&self, l4: &mut [u8]) -> u16 {
        let (its, at) = (&self.bytes[self.ip.l4..], self.csum_offset());
        let (old, new) = match self.ip.protocol {
            UDP => (get16(its, 4).into(), l4.len() & 0xffff),
            _ => (its.len(), l4.len()),
        };
        let seed = match self.vnet.needs_csum() {
            true => get16(its, at),
            false => fold(pseudo(&self.ip, self.bytes)),
        };
        let part = adjust(seed, old, new);
        put16(l4, at, part);
        if !self.csum_offload {
            complete(l4, at, self.ip.protocol == UDP);
        }
        part
    }

    /// GSO-OUT-010 and GSO-OUT-011, for the outer UDP header at an offset. It
    /// may overlap the inner IP header.
    fn write_outer_udp(&self, segment: &mut [u8], at: usize, part: u16) {
        let (old, new) = (self.bytes.len() - at, segment.len() - at);
        put16(segment, at + 4, new as u16);
        if self.vnet.flags & OUTER_CSUM == 0 {
            return;
        }
        put16(segment, at + 6, adjust(get16(self.bytes, at + 6), old, new));
        let s = sum(&segment[at..self.ip.l4]);
        put16(segment, at + 6, never_0(!fold(s + u64::from(!part))));
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

/// A seed of another length.
fn adjust(seed: u16, old: usize, new: usize) -> u16 {
    fold(u64::from(seed) + 0xffff_ffff - old as u64 + new as u64)
}

fn never_0(sum: u16) -> u16 {
    if sum == 0 {
        0xffff
    } else {
        sum
    }
}

/// Completes the checksum at an offset, whose field has a part of the sum. A
/// sum of 0 may have to be 0xffff.
fn complete(bytes: &mut [u8], at: usize, is_never_0: bool) {
    let sum = !fold(sum(bytes));
    put16(bytes, at, if is_never_0 { never_0(sum) } else { sum });
}

/// Writes an IP header, with which the bytes begin, for segment i.
fn write_ip(bytes: &mut [u8], version: u8, i: u16) {
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

/// GSO-OUT-007, for the IP header at an offset.
fn strip_jumbo(segment: &mut Vec<u8>, ip: usize) {
    let length = get16(segment, ip + 4).wrapping_sub(8);
    put16(segment, ip + 4, length);
    segment[ip + 6] = TCP;
    segment.drain(ip + 40..ip + 48);
}
