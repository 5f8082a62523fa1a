// SPDX-License-Identifier: MIT
//! Section 11: lossless mode. GRO-END-006 is in the table, and the key of the
//! flow in section 7.

use crate::config::{Config, Device};
use crate::flow::{extensions, label};
use crate::held::{Held, Pair};
use crate::ip::{nibble, TCP, UDP};
use crate::model::{get16, Checked};
use crate::packet::Packet;
use crate::transport::CWR;
use crate::vnet::FAR;

impl Packet {
    /// The rule that flushes a packet that no earlier rule flushes.
    pub(crate) fn lossless_flush(&self, device: &Device) -> Checked {
        let (ip, l4) = (self.ip.of(&self.bytes), self.l4());
        let (is_ip6, is_udp) = (self.ip.version == 6, self.ip.protocol == UDP);
        let is_minus_0 = |version: u8, ip: &[u8]| version == 4 && get16(ip, 10) == 0xffff;
        let outer_minus_0 = is_minus_0(self.outermost().version, self.outermost().of(&self.bytes));
        let outer_length =
            |at: usize| usize::from(get16(&self.bytes, at + 4)) != self.bytes.len() - at;
        let outer_l4 = self.outer.as_ref().map(|outer| outer.ip.l4);
        first![
            ("GRO-LL-001", self.vnet.needs_csum()),
            ("GRO-LL-002", outer_minus_0 || is_minus_0(self.ip.version, ip)),
            ("GRO-LL-003", !is_udp && get16(l4, 16) == 0xffff),
            ("GRO-LL-004", is_udp && !device.with("takes_uso")),
            ("GRO-LL-011", self.ip.l4 > FAR),
            ("GRO-LL-012", outer_l4.map_or(false, outer_length)),
            ("GRO-LL-013", outer_l4.is_some() && is_udp && is_ip6 && nibble(ip) != 6),
        ]
    }
}

impl Held {
    /// The rule that keeps a packet from merging if none of section 8 does.
    pub(crate) fn compare_lossless(&self, packet: &Packet, config: &Config) -> Checked {
        let (first, inner) = (&self.first, self.pair(packet, config));
        let (is_ip6, is_tcp) = (packet.ip.version == 6, packet.ip.protocol == TCP);
        let extensions = |packet: &Packet| extensions(&packet.bytes, &packet.ip);
        let urgent = |packet: &Packet| get16(packet.l4(), 18);
        first![
            ("GRO-LL-005", is_ip6 && label(inner.mine) != label(inner.its)),
            ("GRO-LL-006", is_ip6 && extensions(packet) != extensions(first)),
            ("GRO-LL-007", !self.counts_ids(packet, config)),
            ("GRO-LL-008", is_tcp && urgent(packet) != urgent(first)),
            // refuses_cwr: with it, GRO-TCP-004 applies
            ("GRO-LL-009", is_tcp && packet.tcp_flags() & CWR != 0),
            ("GRO-LL-010", is_tcp && self.gso_size < 8),
        ]
    }

    /// Whether the identifications of IPv4 count up, as those of a split do.
    fn counts_ids(&self, packet: &Packet, config: &Config) -> bool {
        let counts = |outer: Pair| !outer.is_ip4 || outer.id_follows(self.step(false));
        !self.fixed_id_with(packet, config).inner
            && self.outer_pair(packet, config).map_or(true, counts)
    }
}
