// SPDX-License-Identifier: MIT
//! Section 2, the receive step, and section 9: what leaves, and when.

use alloc::vec::Vec;

use crate::config::Config;
use crate::held::Held;
use crate::ip::{TCP, UDP};
use crate::model::{Rule, Verdict};
use crate::output::Output;
use crate::packet::Packet;
use crate::transport::{FIN, PSH, RST, SYN, URG};
use crate::vnet::Vnet;

/// The held super-packets, and what has left.
pub struct Table {
    pub(crate) config: Config,
    /// The oldest is the first.
    pub(crate) held: Vec<Held>,
    received: usize,
    /// What has left, in order. The caller may take entries out at any time.
    pub to_write: Vec<Output>,
}

impl Table {
    /// An empty table.
    pub fn new(config: Config) -> Table {
        layers!(assert!(config.exists()));
        Table { config, held: Vec::new(), received: 0, to_write: Vec::new() }
    }

    /// Receives a packet: its verdict, and the rule that kept it from merging.
    pub fn receive(&mut self, bytes: &[u8], vnet: Vnet) -> (Verdict, Option<Rule>) {
        let (index, bytes) = (self.received, bytes.into());
        self.received += 1;
        match (Packet { index, bytes, vnet, ..Packet::default() }).parse(&self.config) {
            Ok(packet) => self.take(packet),
            Err(rule) => (Verdict::Rejected, Some(rule)),
        }
    }

    fn take(&mut self, packet: Packet) -> (Verdict, Option<Rule>) {
        if packet.bypass.is_some() {
            layers!(self.keep_order(&packet));
            return self.pass(packet, None);
        }
        let mut rule = packet.flush;
        if let Some(at) = self.held.iter().position(|held| held.first.flow == packet.flow) {
            let held = &mut self.held[at];
            let mismatch = held.compare(&packet, &self.config).err();
            rule = rule.or(mismatch);
            layers!(if held.is_overtaken(&packet, mismatch, &self.config) {
                return self.pass(packet, rule);
            });
            if rule.is_none() {
                return self.merge(at, packet);
            }
            self.leave(at); // GRO-END-005
        }
        let alone = first![
            ("GRO-END-001", ends(&packet)),
            ("GRO-END-002", packet.ip.protocol == TCP && packet.payload_length() == 0),
        ];
        if packet.flush.is_some() || alone.is_err() {
            return self.pass(packet, rule.or(alone.err()));
        }
        layers!(self.make_room(&packet));
        // GRO-END-007
        if self.held.len() == self.config.max_flows {
            self.leave(0);
        }
        self.held.push(Held::new(packet));
        (Verdict::Held, rule)
    }

    fn merge(&mut self, at: usize, packet: Packet) -> (Verdict, Option<Rule>) {
        let held = &mut self.held[at];
        let most = self.config.profile.number("max_udp_segments");
        let end = first![
            ("GRO-END-001", ends(&packet)),
            ("GRO-END-003", packet.payload_length() < held.gso_size),
            ("GRO-END-004", packet.ip.protocol == UDP && held.of.len() + 1 == most),
        ];
        held.merge(packet, &self.config);
        if end.is_err() {
            self.leave(at);
        }
        (Verdict::Merged, None)
    }

    /// Ends the poll: GRO-END-008.
    pub fn flush(&mut self) {
        layers!(self.sort());
        while !self.held.is_empty() {
            self.leave(0);
        }
    }

    pub(crate) fn pass(&mut self, packet: Packet, rule: Option<Rule>) -> (Verdict, Option<Rule>) {
        let rule = packet.bypass.or(rule);
        self.to_write.push(Output::of(Held::new(packet), &self.config));
        (Verdict::Passed, rule)
    }

    pub(crate) fn leave(&mut self, at: usize) {
        layers!(self.leave_as_list(at));
        self.to_write.push(Output::of(self.held.remove(at), &self.config));
    }
}

/// The condition of GRO-END-001.
fn ends(packet: &Packet) -> bool {
    packet.ip.protocol == TCP && packet.tcp_flags() & (URG | PSH | RST | SYN | FIN) != 0
}
