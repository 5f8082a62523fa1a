// SPDX-License-Identifier: MIT
//! Section 11: lossless mode. Its key is in `flow`, and its rule VNET-017 in
//! `header`.

use crate::config::Config;
use crate::held::Held;
use crate::ip::{nibble, Ip, TCP, UDP};
use crate::model::{get16, Checked};
use crate::packet::{extensions, label, Packet};
use crate::table::Table;
use crate::transport::CWR;
use crate::vnet::FAR;

impl Packet {
    /// Flushes a packet that no earlier rule flushes, in lossless mode.
    pub(crate) fn flush_in_lossless(&mut self, config: &Config) {
        if config.layers.lossless {
            self.flushes(self.check_lossless(config));
        }
    }

    fn check_lossless(&self, config: &Config) -> Checked {
        let (l4, version) = (self.l4(), nibble(self.ip.of(&self.bytes)));
        let (is_ip6, is_udp) = (self.ip.version == 6, self.ip.protocol == UDP);
        let is_minus_0 = |ip: &Ip| ip.version == 4 && get16(ip.of(&self.bytes), 10) == 0xffff;
        let outer_length =
            |at: usize| usize::from(get16(&self.bytes, at + 4)) != self.bytes.len() - at;
        let outer_l4 = self.layers.outer.as_ref().map(|outer| outer.ip.l4);
        first![
            ("GRO-LL-001", self.vnet.needs_csum()),
            ("GRO-LL-002", is_minus_0(self.outermost()) || is_minus_0(&self.ip)),
            ("GRO-LL-003", !is_udp && get16(l4, 16) == 0xffff),
            ("GRO-LL-004", is_udp && !config.profile.with("takes_uso")),
            ("GRO-LL-011", self.ip.l4 > FAR),
            ("GRO-LL-012", outer_l4.map_or(false, outer_length)),
            ("GRO-LL-013", outer_l4.is_some() && is_udp && is_ip6 && version != 6),
        ]
    }
}

impl Held {
    /// The rules after GRO-LIM-001.
    pub(crate) fn compare_further(&self, packet: &Packet, config: &Config) -> Checked {
        self.compare_big(packet, config)?;
        if config.layers.lossless {
            self.compare_lossless(packet, config)?;
        }
        Ok(())
    }

    fn compare_lossless(&self, packet: &Packet, config: &Config) -> Checked {
        let (first, is_ip6) = (&self.first, packet.ip.version == 6);
        let is_tcp = packet.ip.protocol == TCP;
        let label = |packet: &Packet| label(packet.ip.of(&packet.bytes));
        let extensions = |packet: &Packet| extensions(&packet.bytes, &packet.ip);
        let urgent = |packet: &Packet| get16(packet.l4(), 18);
        first![
            ("GRO-LL-005", is_ip6 && label(packet) != label(first)),
            ("GRO-LL-006", is_ip6 && extensions(packet) != extensions(first)),
            ("GRO-LL-007", self.fixed_id_with(packet, config) || !self.counts_outer_ids(packet)),
            ("GRO-LL-008", is_tcp && urgent(packet) != urgent(first)),
            // refuses_cwr: with it, GRO-TCP-004 applies
            ("GRO-LL-009", is_tcp && packet.tcp_flags() & CWR != 0),
            ("GRO-LL-010", is_tcp && self.gso_size < 8),
        ]
    }
}

impl Table {
    /// GRO-END-006
    pub(crate) fn keep_order(&mut self, packet: &Packet) {
        let (flow, ends) = (&packet.flow, &packet.layers.ends);
        if !self.config.layers.lossless || ends.is_empty() {
            return;
        }
        let may_be_its = |held: &Held| match flow.is_empty() {
            true => held.first.layers.ends == *ends,
            false => held.first.flow == *flow,
        };
        while let Some(at) = self.held.iter().position(may_be_its) {
            self.leave(at);
        }
    }
}
