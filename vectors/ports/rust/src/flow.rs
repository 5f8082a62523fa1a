// SPDX-License-Identifier: MIT
//! Section 7: the flow. Packets with equal keys are of one flow.

use alloc::vec::Vec;

use crate::ip::{addresses, version};
use crate::model::get32;
use crate::packet::Packet;
use crate::vnet::FAR;

/// The flow label of an IPv6 packet.
pub(crate) fn label(bytes: &[u8]) -> u32 {
    get32(bytes, 0) & 0xfffff
}

/// What the keys of all flows between the addresses of a packet begin with;
/// empty if it has no addresses.
pub(crate) fn beginning(bytes: &[u8]) -> Vec<u8> {
    addresses(bytes).map_or(Vec::new(), |addresses| [&[version(bytes)], addresses].concat())
}

impl Packet {
    /// The next header field and the extension headers of an IPv6 packet.
    pub fn extensions(&self) -> Vec<u8> {
        [&self.bytes[6..7], &self.bytes[40..self.l4]].concat()
    }

    /// Completes the key of a packet that no rule of sections 3 to 5 rejects or
    /// makes bypass, if its flow is known.
    pub fn complete_key(&mut self, lossless: bool) {
        // GRO-KEY-001
        if let Some(ports) = self.bytes.get(self.l4..self.l4 + 4) {
            self.flow.push(self.protocol);
            self.flow.extend(ports);
        }
        if lossless {
            return;
        }
        // GRO-KEY-003: a number that no other packet has
        let far = if self.l4 > FAR { self.index + 1 } else { 0 };
        self.flow.extend(far.to_be_bytes());
        // GRO-KEY-002
        if self.version() == 6 {
            self.flow.extend(label(&self.bytes).to_be_bytes());
            self.flow.extend(self.extensions());
        }
    }
}
