// SPDX-License-Identifier: MIT
//! Section 7: what layers add to the flow.

use alloc::vec;

use crate::config::Config;
use crate::packet::{key, Packet};

impl Packet {
    /// Adds what only layers have to a key that is known.
    pub(crate) fn add_keys(&mut self, config: &Config) {
        if self.flow.is_empty() {
            return;
        }
        let (bytes, ip) = (&self.bytes, &self.ip);
        if config.layers.lossless {
            // Section 11: GRO-KEY-001 for both IP versions
            let ends = ip.addresses(bytes).unwrap_or_default();
            self.flow.truncate(1);
            self.flow[0].truncate(2 + ends.len() + 4);
        }
        // GRO-KEY-004, GRO-KEY-006
        let link = self.compared(self.outermost().at);
        self.flow.extend([link, self.layers.hash.to_be_bytes().into()]);
        if let Some(outer) = &self.layers.outer {
            // GRO-KEY-005; the protocol and the port tell the kind of the tunnel
            let ports = outer.tunnel.port().map_or(0..0, |_| outer.ip.l4..outer.ip.l4 + 4);
            let frames = self.compared(ip.at)[outer.own_end..].to_vec();
            self.flow.extend([
                key(bytes, &outer.ip, &bytes[ports]),
                vec![u8::from(outer.udp_checksum(bytes) == 0)],
                bytes[outer.in_key.clone()].to_vec(),
                frames,
            ]);
        }
    }
}
