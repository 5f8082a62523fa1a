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
    config: Config,
    /// The oldest is the first.
    held: Vec<Held>,
    received: usize,
    /// What has left, in order. The caller may take entries out at any time.
    pub to_write: Vec<Output>,
}

impl Table {
    /// An empty table; `None` if section 2 or 11 says that no table has this
    /// configuration.
    pub fn new(config: Config) -> Option<Table> {
        let table = Table { config, held: Vec::new(), received: 0, to_write: Vec::new() };
        Some(table).filter(|table| table.config.exists())
    }

    /// Receives a packet: its verdict, and the rule that kept it from merging.
    pub fn receive(&mut self, bytes: &[u8], vnet: Vnet) -> (Verdict, Option<Rule>) {
        self.receive_with_hash(bytes, vnet, 0)
    }

    /// The same for a packet with this hash. It is read only if the configuration
    /// has `hash`.
    pub fn receive_with_hash(
        &mut self,
        bytes: &[u8],
        vnet: Vnet,
        hash: u32,
    ) -> (Verdict, Option<Rule>) {
        self.received += 1;
        let hash = if self.config.hash { hash } else { 0 };
        match Packet::parse(self.received - 1, bytes, vnet, hash, &self.config) {
            Ok(packet) => self.take(packet),
            Err(rule) => (Verdict::Rejected, Some(rule)),
        }
    }

    fn take(&mut self, packet: Packet) -> (Verdict, Option<Rule>) {
        if packet.bypass.is_some() {
            if self.config.lossless {
                self.keep_order(&packet);
            }
            return self.pass(packet, None);
        }
        let mut rule = packet.flush;
        if let Some(at) = self.held.iter().position(|held| held.first.flow == packet.flow) {
            let held = &mut self.held[at];
            let mismatch = held.compare(&packet, &self.config).err();
            rule = rule.or(mismatch);
            if held.is_overtaken(&packet, mismatch, &self.config.device) {
                held.overtake(&packet, &self.config);
                return self.pass(packet, rule);
            }
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
        self.make_room(bucket(&packet));
        self.held.push(Held::new(packet));
        (Verdict::Held, rule)
    }

    fn merge(&mut self, at: usize, packet: Packet) -> (Verdict, Option<Rule>) {
        let held = &mut self.held[at];
        let most = self.config.device.profile.number("max_udp_segments");
        let end = first![
            ("GRO-END-001", ends(&packet)),
            ("GRO-END-003", packet.payload_length() < held.gso_size),
            ("GRO-END-004", packet.ip.protocol == UDP && held.packets() + 1 == most),
        ];
        held.merge(packet, &self.config);
        if end.is_err() {
            self.leave(at);
        }
        (Verdict::Merged, None)
    }

    /// GRO-END-007
    fn make_room(&mut self, number: u32) {
        let is_in = |at: &usize| bucket(&self.held[*at].first) == number;
        let places: Vec<usize> = (0..self.held.len()).filter(is_in).collect();
        if places.len() == self.config.max_flows {
            self.leave(places[0]);
        }
    }

    /// Ends the poll.
    pub fn flush(&mut self) {
        // GRO-END-008; a stable sort leaves the oldest of each bucket first
        self.held.sort_by_key(|held| bucket(&held.first));
        while !self.held.is_empty() {
            self.leave(0);
        }
    }

    /// GRO-END-006
    fn keep_order(&mut self, packet: &Packet) {
        let may_be_its = |held: &Held| match packet.flow.is_empty() {
            true => !packet.ends.is_empty() && held.first.ends == packet.ends,
            false => held.first.flow == packet.flow,
        };
        while let Some(at) = self.held.iter().position(may_be_its) {
            self.leave(at);
        }
    }

    fn pass(&mut self, packet: Packet, rule: Option<Rule>) -> (Verdict, Option<Rule>) {
        let rule = packet.bypass.or(rule);
        self.to_write.push(packet.into());
        (Verdict::Passed, rule)
    }

    fn leave(&mut self, at: usize) {
        let held = self.held.remove(at);
        if held.packets() > 1 && !self.config.makes_lists(held.first.ip.protocol) {
            self.to_write.push(held.output(&self.config.device));
            return;
        }
        // GRO-OUT-016
        self.to_write.push(held.first.into());
        self.to_write.extend(held.later.into_iter().map(Output::from));
    }
}

/// The number of the packet's bucket.
fn bucket(packet: &Packet) -> u32 {
    packet.hash % 8
}

/// The condition of GRO-END-001.
fn ends(packet: &Packet) -> bool {
    packet.ip.protocol == TCP && packet.tcp_flags() & (URG | PSH | RST | SYN | FIN) != 0
}
