// SPDX-License-Identifier: MIT
//! Section 4: the packet by itself.

use alloc::vec::Vec;

use crate::flow::Flow;
use crate::ip;
use crate::model::{Outcome, Rule};
use crate::profile::{Config, Profile};
use crate::vnet::Vnet;

const MAX_LEN: usize = 65575;

/// A received packet, and what sections 3 to 7 find in it. If its outcome is
/// `None` or `Flush`, all its headers are whole.
pub(crate) struct Packet {
    /// Its number among the received packets.
    pub index: usize,
    pub bytes: Vec<u8>,
    /// As accepted.
    pub vnet: Vnet,
    pub outcome: Outcome,
    /// The rule that decided the outcome.
    pub rule: Option<Rule>,
    pub protocol: u8,
    pub l4: usize,
    pub payload: usize,
    pub verified: bool,
    /// `None` if the flow is not known.
    pub flow: Option<Flow>,
}

/// The rule of sections 3 and 4 that rejects a packet.
pub(crate) fn rejection(bytes: &[u8], vnet: &Vnet, profile: &Profile) -> Option<Rule> {
    let version = ip::version(bytes);
    let too_long = first![("GRO-IN-002", bytes.len() > MAX_LEN)];
    let unknown = first![("GRO-IN-001", version != 4 && version != 6)];
    too_long.or(vnet.rejection(bytes, profile)).or(unknown)
}

impl Packet {
    /// Applies sections 3 to 7 and the flushes of section 11.
    pub fn parse(index: usize, bytes: &[u8], vnet: Vnet, config: &Config) -> Packet {
        let mut packet = Packet {
            index,
            bytes: bytes.into(),
            vnet,
            outcome: Outcome::None,
            rule: None,
            protocol: 0,
            l4: 0,
            payload: 0,
            verified: false,
            flow: None,
        };
        packet.meets(Outcome::Reject, rejection(bytes, &vnet, &config.profile));
        if packet.outcome != Outcome::Reject {
            packet.vnet = vnet.accepted(bytes, &config.profile);
            packet.meets(Outcome::Flush, first![("GRO-IN-003", packet.vnet.is_gso())]);
            packet.parse_ip(config);
        }
        packet
    }

    /// Notes the outcome of a table of rules. A bypass takes precedence over a
    /// flush. Of two rules with one outcome the first decides.
    pub fn meets(&mut self, outcome: Outcome, rule: Option<Rule>) {
        if rule.is_some() && outcome > self.outcome {
            self.outcome = outcome;
            self.rule = rule;
        }
    }

    fn parse_ip(&mut self, config: &Config) {
        match self.version() {
            4 => self.parse_ip4(),
            _ => self.parse_ip6(),
        }
        if self.outcome == Outcome::Bypass {
            return;
        }
        self.flow = Flow::of(self, config.lossless);
        match self.protocol {
            ip::TCP => self.parse_tcp(config),
            _ => self.parse_udp(config),
        }
        if config.lossless && self.outcome == Outcome::None {
            self.meets(Outcome::Flush, self.lossless_flush(&config.profile));
        }
    }

    pub fn version(&self) -> u8 {
        ip::version(&self.bytes)
    }

    pub fn l4_length(&self) -> usize {
        self.bytes.len() - self.l4
    }

    pub fn payload_length(&self) -> usize {
        self.bytes.len() - self.payload
    }
}
