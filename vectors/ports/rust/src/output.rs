// SPDX-License-Identifier: MIT
//! Section 10: the bytes of what leaves.

use alloc::vec::Vec;

use crate::config::Config;
use crate::held::Held;
use crate::ip::{Ip, TCP, UDP};
use crate::layers::Beyond;
use crate::model::{fold, get16, put16};
use crate::packet::Packet;
use crate::transport::{pseudo, CWR};
use crate::vnet::{Vnet, DATA_VALID, ECN, NEEDS_CSUM, TCPV4, TCPV6, UDP_L4};

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

impl Output {
    /// A packet that passes, or a super-packet that leaves the table.
    pub(crate) fn of(held: Held, config: &Config) -> Output {
        let Held { first: mut packet, of, gso_size, .. } = held;
        if of.len() > 1 {
            layers!(packet.write_layers(gso_size, config));
            packet.write_headers();
            packet.vnet = packet.header(gso_size, config);
        } else if packet.verified && !packet.vnet.needs_csum() {
            // GRO-OUT-001
            packet.vnet.flags = DATA_VALID;
        }
        layers!(packet.tell(of.len() > 1, config));
        Output { vnet: packet.vnet, bytes: packet.bytes, of }
    }
}

/// Makes an IP header that of a longer packet.
pub(crate) fn write_ip(packet: &mut [u8], ip: &Ip) {
    let bytes = &mut packet[ip.at..];
    // GRO-OUT-013, GRO-OUT-014
    let field = |length: usize| u16::try_from(length).unwrap_or(0);
    if ip.version == 4 {
        // GRO-OUT-002
        let (old, m, total) = (get16(bytes, 10), get16(bytes, 2), field(bytes.len()));
        put16(bytes, 10, !fold(u64::from(!old) + u64::from(!m) + u64::from(total)));
        put16(bytes, 2, total);
    } else {
        // GRO-OUT-003
        put16(bytes, 4, field(bytes.len() - 40));
    }
}

impl Packet {
    fn write_headers(&mut self) {
        write_ip(&mut self.bytes, &self.ip);
        let (l4, length) = (self.ip.l4, self.l4().len());
        // GRO-OUT-004, GRO-OUT-006; FIN and PSH were set when packets merged
        let seed = fold(pseudo(&self.ip, &self.bytes));
        put16(&mut self.bytes, l4 + self.ip.csum_offset(), seed);
        if self.ip.protocol == UDP {
            put16(&mut self.bytes, l4 + 4, length as u16);
        }
    }

    /// GRO-OUT-007, for a super-packet.
    fn header(&self, gso_size: usize, config: &Config) -> Vnet {
        let kind = match (self.ip.protocol, self.ip.version) {
            (TCP, 4) => TCPV4,
            (TCP, _) => TCPV6,
            _ => UDP_L4,
        };
        // GRO-OUT-005
        let has_cwr = self.ip.protocol == TCP && self.tcp_flags() & CWR != 0;
        let shown = has_cwr && config.profile.with("shows_cwr");
        let (gso_type, hdr_len) = (kind | if shown { ECN } else { 0 }, self.payload);
        let (csum_start, csum_offset) = (self.ip.l4, self.ip.csum_offset());
        let (flags, layers) = (NEEDS_CSUM, Beyond::default());
        Vnet { flags, gso_type, hdr_len, gso_size, csum_start, csum_offset, layers }
    }
}
