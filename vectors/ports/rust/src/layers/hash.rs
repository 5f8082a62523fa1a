// SPDX-License-Identifier: MIT
//! Packets with hashes: the buckets of section 9.

use alloc::vec::Vec;

use crate::packet::Packet;
use crate::table::Table;

impl Table {
    /// GRO-END-007, if the table has buckets.
    pub(crate) fn make_room(&mut self, packet: &Packet) {
        if let Some(most) = self.config.layers.bucket {
            let is_in = |at: &usize| bucket(&self.held[*at].first) == bucket(packet);
            let places: Vec<usize> = (0..self.held.len()).filter(is_in).collect();
            if places.len() == most {
                self.leave(places[0]);
            }
        }
    }

    /// GRO-END-008: a stable sort leaves the oldest of each bucket first.
    pub(crate) fn sort(&mut self) {
        self.held.sort_by_key(|held| bucket(&held.first));
    }
}

/// The number of the packet's bucket.
fn bucket(packet: &Packet) -> u32 {
    packet.layers.hash % 8
}
