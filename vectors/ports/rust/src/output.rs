// SPDX-License-Identifier: MIT
//! Section 10: the bytes of what leaves.

use alloc::{vec, vec::Vec};

use core::iter;

use crate::config::Device;
use crate::held::Held;
use crate::ip::{Ip, ALL, TCP, UDP};
use crate::model::{fold, get16, put16, sum};
use crate::packet::Packet;
use crate::transport::{pseudo, CWR};
use crate::vnet::{
    Vnet, DATA_VALID, ECN, NEEDS_CSUM, OUTER_CSUM, OVER_IP4, OVER_IP6, TCPV4, TCPV6, TUNNELS,
    UDP_L4,
};

/// A packet that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its virtio header.
    pub vnet: Vnet,
    /// From the first byte of the IP header on, or of the link's header.
    pub bytes: Vec<u8>,
    /// The numbers of the packets in it, from 0 in the order of the input.
    pub of: Vec<usize>,
}

impl From<Packet> for Output {
    /// A packet that leaves as it was received.
    fn from(packet: Packet) -> Output {
        Output { vnet: packet.header(), of: vec![packet.index], bytes: packet.bytes }
    }
}

/// The bits of tunnels for an outer IP version.
fn over(version: u8) -> u8 {
    if version == 6 {
        return OVER_IP6;
    }
    OVER_IP4
}

/// Makes an IP header that of a longer packet.
fn write_ip(packet: &mut [u8], ip: &Ip) {
    let bytes = &mut packet[ip.at..];
    // GRO-OUT-013, GRO-OUT-014
    let total = bytes.len();
    let field = |length: usize| u16::try_from(length).unwrap_or(0);
    if ip.version == 4 {
        // GRO-OUT-002
        let total = field(total);
        let (old, m) = (get16(bytes, 10), get16(bytes, 2));
        put16(bytes, 10, !fold(u64::from(!old) + u64::from(!m) + u64::from(total)));
        put16(bytes, 2, total);
    } else {
        // GRO-OUT-003
        put16(bytes, 4, field(total - 40));
    }
}

impl Packet {
    /// GRO-OUT-001
    fn header(&self) -> Vnet {
        let mut vnet = self.vnet;
        if self.verified && !vnet.needs_csum() {
            vnet.flags = DATA_VALID;
        }
        // GRO-OUT-011
        if vnet.gso_type & TUNNELS != 0 {
            vnet.gso_type = vnet.gso_type & !TUNNELS | over(self.outermost().version);
            if let Some(ip) = self.outermost().walk(&self.bytes, ALL) {
                vnet.outer_th_offset = ip.l4;
            }
        }
        vnet
    }

    /// The condition of GRO-OUT-015, for a super-packet with so many bytes.
    pub(crate) fn gets_jumbo(&self, total: usize, device: &Device) -> bool {
        self.ip.version == 6 && total > 65575 && device.with("strips_jumbo")
    }

    /// GRO-OUT-015
    fn add_jumbo(&mut self) {
        let (next, end) = (self.ip.at + 6, self.ip.at + 40);
        let [a, b, c, d] = (self.bytes.len() as u32 - 32).to_be_bytes();
        let header = [self.bytes[next], 0, 0xc2, 4, a, b, c, d];
        self.bytes.splice(end..end, header);
        self.bytes[next] = 0;
    }

    fn write_headers(&mut self) {
        write_ip(&mut self.bytes, &self.ip);
        let (l4, length) = (self.ip.l4, self.l4().len());
        let seed = fold(pseudo(&self.ip, &self.bytes));
        if self.ip.protocol == TCP {
            // GRO-OUT-004; FIN and PSH were set when packets merged
            put16(&mut self.bytes, l4 + 16, seed);
        } else {
            // GRO-OUT-006
            put16(&mut self.bytes, l4 + 4, length as u16);
            put16(&mut self.bytes, l4 + 6, seed);
        }
    }

    /// GRO-OUT-009, GRO-OUT-010. The inner headers are still those of the first
    /// packet, but for FIN and PSH.
    fn write_outer(&mut self, gso_size: usize, device: &Device) {
        let outer = match &self.outer {
            Some(outer) => outer,
            None => return,
        };
        write_ip(&mut self.bytes, &outer.ip);
        if outer.tunnel.port().is_none() {
            return;
        }
        let length = self.bytes.len() - outer.ip.l4;
        let mut seed = 0;
        if outer.udp_checksum(&self.bytes) != 0 {
            // Without checks_csum_start, inner bytes stand for the addresses.
            let taken = match device.with("checks_csum_start") {
                true => outer.ip,
                false => Ip { at: self.ip.at, ..outer.ip },
            };
            // K-7
            let received = &self.bytes[..self.payload + gso_size];
            let addresses = taken.addresses(received).or(outer.ip.addresses(received));
            seed = fold(sum(addresses.unwrap_or_default()) + u64::from(UDP) + length as u64);
        }
        put16(&mut self.bytes, outer.ip.l4 + 4, length as u16);
        put16(&mut self.bytes, outer.ip.l4 + 6, seed);
    }
}

impl Held {
    /// A super-packet of two or more packets.
    pub(crate) fn output(self, device: &Device) -> Output {
        let (mut vnet, gso_size) = (self.header(device), self.gso_size);
        let has_jumbo = self.first.gets_jumbo(self.total, device);
        let of = iter::once(&self.first).chain(&self.later).map(|packet| packet.index).collect();
        let mut packet = self.joined();
        packet.write_outer(gso_size, device);
        packet.write_headers();
        packet.write_pppoe();
        if has_jumbo {
            packet.add_jumbo();
            vnet.csum_start += 8;
            vnet.hdr_len += 8;
        }
        Output { vnet, bytes: packet.bytes, of }
    }

    /// The virtio header of a super-packet.
    fn header(&self, device: &Device) -> Vnet {
        let (first, ip) = (&self.first, &self.first.ip);
        let (kind, csum_offset) = match (ip.protocol, ip.version) {
            (TCP, 4) => (TCPV4, 16),
            (TCP, _) => (TCPV6, 16),
            _ => (UDP_L4, 6),
        };
        // GRO-OUT-005
        let has_cwr = ip.protocol == TCP && first.tcp_flags() & CWR != 0;
        let shown = has_cwr && device.with("shows_cwr");
        // GRO-OUT-007
        let mut vnet = Vnet {
            flags: NEEDS_CSUM,
            gso_type: kind | if shown { ECN } else { 0 },
            hdr_len: first.payload,
            gso_size: self.gso_size,
            csum_start: ip.l4,
            csum_offset,
            ..Vnet::default()
        };
        // GRO-OUT-012
        let told = first.outer.as_ref().filter(|outer| outer.tunnel.port().is_some());
        if let Some(outer) = told.filter(|_| device.can_tell()) {
            let computes = outer.udp_checksum(&first.bytes) != 0;
            vnet.flags |= if computes { OUTER_CSUM } else { 0 };
            vnet.gso_type |= over(outer.ip.version);
            vnet.outer_th_offset =
                if outer.ip.version == 6 { outer.ip.at + 40 } else { outer.ip.l4 };
            vnet.inner_nh_offset = ip.at;
        }
        vnet
    }
}
