// SPDX-License-Identifier: MIT
//! Section 2, the receive step, and section 9: what leaves, and when.

use alloc::vec::Vec;

use crate::held::Held;
use crate::ip::{TCP, UDP};
use crate::model::{Outcome, Rule, Verdict};
use crate::output::Output;
use crate::packet::Packet;
use crate::profile::{Column::MaxUdpSegments, Config, Profile};
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
    /// An empty table.
    pub fn new(config: Config) -> Table {
        Table { config, held: Vec::new(), received: 0, to_write: Vec::new() }
    }

    /// Receives a packet: its verdict, and the rule that kept it from merging.
    pub fn receive(&mut self, bytes: &[u8], vnet: Vnet) -> (Verdict, Option<Rule>) {
        let packet = Packet::parse(self.received, bytes, vnet, &self.config);
        self.received += 1;
        let at = self.held.iter().position(|held| held.first.flow == packet.flow);
        match packet.outcome {
            Outcome::Reject => (Verdict::Rejected, packet.rule),
            Outcome::Bypass => {
                if self.config.lossless {
                    self.keep_order(&packet, at);
                }
                self.pass(&packet, packet.rule)
            }
            Outcome::Flush => {
                if let Some(at) = at {
                    self.leave(at); // GRO-END-005
                }
                self.pass(&packet, packet.rule)
            }
            Outcome::None => match at {
                Some(at) => self.compare(at, packet),
                None => self.hold(packet, None),
            },
        }
    }

    /// Ends the poll.
    pub fn flush(&mut self) {
        // GRO-END-008
        while !self.held.is_empty() {
            self.leave(0);
        }
    }

    /// GRO-END-006
    fn keep_order(&mut self, packet: &Packet, at: Option<usize>) {
        let known = packet.flow.is_some();
        let mut number = 0;
        for place in 0..self.held.len() {
            let flow = self.held[place - number].first.flow.as_ref();
            let may_be_its = match flow {
                _ if known => at == Some(place),
                Some(flow) => flow.is_between(&packet.bytes),
                None => false,
            };
            if may_be_its {
                self.leave(place - number);
                number += 1;
            }
        }
    }

    fn compare(&mut self, at: usize, packet: Packet) -> (Verdict, Option<Rule>) {
        let held = &mut self.held[at];
        let mismatch = held.mismatch(&packet, &self.config);
        if mismatch.is_some() {
            self.leave(at); // GRO-END-005
            return self.hold(packet, mismatch);
        }
        held.merge(&packet, &self.config.profile);
        if end(held, &packet, &self.config.profile).is_some() {
            self.leave(at);
        }
        (Verdict::Merged, None)
    }

    /// Holds a packet that did not merge, unless it passes alone.
    fn hold(&mut self, packet: Packet, mismatch: Option<Rule>) -> (Verdict, Option<Rule>) {
        let alone = first![
            ("GRO-END-001", ends(&packet)),
            ("GRO-END-002", packet.protocol == TCP && packet.payload_length() == 0),
        ];
        if alone.is_some() {
            return self.pass(&packet, mismatch.or(alone));
        }
        // GRO-END-007
        if self.held.len() == self.config.max_flows {
            self.leave(0);
        }
        self.held.push(Held::new(packet));
        (Verdict::Held, mismatch)
    }

    fn pass(&mut self, packet: &Packet, rule: Option<Rule>) -> (Verdict, Option<Rule>) {
        self.to_write.push(Output::single(packet));
        (Verdict::Passed, rule)
    }

    fn leave(&mut self, at: usize) {
        let held = self.held.remove(at);
        self.to_write.push(Output::of(&held, &self.config.profile));
    }
}

/// The condition of GRO-END-001.
fn ends(packet: &Packet) -> bool {
    packet.protocol == TCP && packet.tcp_flags() & (URG | PSH | RST | SYN | FIN) != 0
}

/// The rule by which a merged packet ends the held super-packet.
fn end(held: &Held, packet: &Packet, profile: &Profile) -> Option<Rule> {
    let most = usize::from(profile.number(MaxUdpSegments));
    first![
        ("GRO-END-001", ends(packet)),
        ("GRO-END-003", packet.payload_length() < held.gso_size),
        ("GRO-END-004", packet.protocol == UDP && held.packets() == most),
    ]
}
