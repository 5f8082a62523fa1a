// SPDX-License-Identifier: MIT
//! Section 8, lists; and GRO-OUT-016.

use core::mem;

use crate::config::Config;
use crate::held::Held;
use crate::ip::TCP;
use crate::layers::settings::USUAL_BYTES;
use crate::model::{Checked, Rule};
use crate::packet::Packet;
use crate::table::Table;
use crate::transport::{CWR, FIN, PSH};

/// The largest number of TCP packets in a list.
const MOST_IN_LIST: usize = 64;

impl Held {
    /// The rule that keeps a packet out of a list, if this is one.
    pub(crate) fn compare_list(&self, packet: &Packet, config: &Config) -> Checked {
        if !config.makes_lists(packet.ip.protocol) {
            return Ok(());
        }
        let (first, is_tcp) = (&self.first, packet.ip.protocol == TCP);
        let needs_csum = packet.vnet.needs_csum();
        let one_needs_csum = needs_csum != first.vnet.needs_csum();
        let unverified = !needs_csum && !packet.verified;
        let flags = |packet: &Packet| packet.tcp_flags() & (FIN | PSH | CWR);
        first![
            ("GRO-LIST-001", is_tcp && flags(packet) != flags(first)),
            ("GRO-LIST-002", is_tcp && one_needs_csum),
            ("GRO-LIST-003", is_tcp && self.of.len() == MOST_IN_LIST),
            ("GRO-LIST-004", !is_tcp && (one_needs_csum || unverified)),
            ("GRO-LIST-005", first.bytes.len() + packet.bytes.len() > USUAL_BYTES),
        ]
    }

    /// Keeps a packet that merged, if this is a list.
    pub(crate) fn keep_in_list(&mut self, packet: Packet, config: &Config) {
        if config.makes_lists(packet.ip.protocol) {
            self.first.layers.list.push(packet);
        }
    }

    /// Whether a packet with this rule passes beside the list: GRO-LIST-004. It
    /// may store fixed_id, as GRO-IP4-011 says.
    pub(crate) fn is_overtaken(
        &mut self,
        packet: &Packet,
        rule: Option<Rule>,
        config: &Config,
    ) -> bool {
        let beside = config.profile.with("flushed_beside");
        let may = packet.flush.is_none() || packet.vnet.is_gso() || beside;
        let passes = rule == Some("GRO-LIST-004") && may;
        if passes && config.profile.with("checks_csum_start") {
            self.fixed_id = self.fixed_id_with(packet, config);
        }
        passes
    }
}

impl Table {
    /// GRO-OUT-016: if a list leaves, all of its packets but the last one do, and
    /// that one stays in its place.
    pub(crate) fn leave_as_list(&mut self, at: usize) {
        let mut list = mem::take(&mut self.held[at].first.layers.list);
        if let Some(last) = list.pop() {
            let Held { mut first, gso_size, .. } =
                mem::replace(&mut self.held[at], Held::new(last));
            first.bytes.truncate(first.payload + gso_size);
            self.pass(first, None);
            for packet in list {
                self.pass(packet, None);
            }
        }
    }
}
