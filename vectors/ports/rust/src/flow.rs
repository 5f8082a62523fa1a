// SPDX-License-Identifier: MIT
//! Section 7: the flow.

use alloc::vec::Vec;

use crate::ip;
use crate::model::get32;
use crate::packet::Packet;
use crate::vnet::FAR;

/// The key of a packet. Packets with equal keys are of one flow.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Flow {
    // GRO-KEY-001
    version: u8,
    addresses: Vec<u8>,
    protocol: u8,
    ports: u32,
    /// GRO-KEY-002: flow label, next header field and extension headers
    ip6: Option<(u32, u8, Vec<u8>)>,
    /// GRO-KEY-003: the number of a packet that is of no other's flow
    far: Option<usize>,
}

/// The flow label of an IPv6 packet.
pub(crate) fn label(bytes: &[u8]) -> u32 {
    get32(bytes, 0) & 0xfffff
}

impl Flow {
    /// The flow of a packet that no rule of sections 3 to 5 rejects or makes
    /// bypass; `None` if it is not known.
    pub fn of(packet: &Packet, lossless: bool) -> Option<Flow> {
        let bytes = &packet.bytes;
        if packet.l4_length() < 4 {
            return None;
        }
        let has_ip6 = packet.version() == 6 && !lossless;
        let is_far = packet.l4 > FAR && !lossless;
        Some(Flow {
            version: packet.version(),
            addresses: ip::addresses(bytes)?.into(),
            protocol: packet.protocol,
            ports: get32(bytes, packet.l4),
            ip6: has_ip6.then(|| (label(bytes), bytes[6], bytes[40..packet.l4].into())),
            far: is_far.then_some(packet.index),
        })
    }

    /// Whether the flow is between the addresses of an IP packet: GRO-END-006.
    pub fn is_between(&self, bytes: &[u8]) -> bool {
        self.version == ip::version(bytes) && Some(&*self.addresses) == ip::addresses(bytes)
    }
}
