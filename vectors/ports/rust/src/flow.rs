// SPDX-License-Identifier: MIT
//! Section 7: the flow. Packets with equal keys are of one flow.

use alloc::{vec, vec::Vec};

use crate::ip::Ip;
use crate::model::get32;
use crate::packet::Packet;
use crate::vnet::FAR;

/// The flow label of an IPv6 header, and the upper 4 bits of its first byte.
pub(crate) fn label(ip: &[u8]) -> u32 {
    get32(ip, 0) & 0xf00f_ffff
}

/// The next header field and the extension headers of IPv6.
pub(crate) fn extensions(packet: &[u8], ip: &Ip) -> Vec<u8> {
    [&packet[ip.at + 6..ip.at + 7], &packet[ip.at + 40..ip.l4]].concat()
}

/// GRO-KEY-001
fn key(packet: &[u8], ip: &Ip, ports: &[u8]) -> Vec<u8> {
    [&[ip.version, ip.protocol], ip.addresses(packet).unwrap_or_default(), ports].concat()
}

/// What only GRO-KEY-002 names.
fn key_of_ip6(packet: &[u8], ip: &Ip) -> Vec<u8> {
    match ip.version {
        6 => [&label(ip.of(packet)).to_be_bytes()[..], &extensions(packet, ip)].concat(),
        _ => Vec::new(),
    }
}

impl Packet {
    /// Completes the key of a packet that no rule of sections 3 to 5 rejects or
    /// makes bypass, if its flow is known.
    pub fn complete_key(&mut self, lossless: bool) {
        let (bytes, ip) = (&self.bytes, &self.ip);
        let ports = match bytes.get(ip.l4..ip.l4 + 4) {
            Some(ports) => ports,
            None => return,
        };
        // GRO-KEY-004
        let link = self.compared(self.outermost().at);
        // GRO-KEY-006
        let hash = self.hash.to_be_bytes().to_vec();
        self.flow = vec![link, key(bytes, ip, ports), hash];
        if !lossless {
            self.flow.push(key_of_ip6(bytes, ip));
            // GRO-KEY-003: a number that no other packet has
            let far = if ip.l4 > FAR { self.index + 1 } else { 0 };
            self.flow.push(far.to_be_bytes().into());
        }
        if let Some(outer) = &self.outer {
            // GRO-KEY-005; the protocol and the port tell the kind of the tunnel
            let ports = outer.tunnel.port().map_or(0..0, |_| outer.ip.l4..outer.ip.l4 + 4);
            self.flow.extend([
                key(bytes, &outer.ip, &bytes[ports]),
                key_of_ip6(bytes, &outer.ip),
                vec![u8::from(outer.udp_checksum(bytes) == 0)],
                bytes[outer.in_key.clone()].to_vec(),
                self.compared(ip.at)[outer.own_end..].to_vec(),
            ]);
        }
    }
}
