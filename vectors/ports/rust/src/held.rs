// SPDX-License-Identifier: MIT
//! Section 1, the held super-packet, and section 8: against the held one.

use alloc::{vec, vec::Vec};

use crate::ip::TCP;
use crate::model::{get16, get32, Rule};
use crate::packet::Packet;
use crate::profile::{Column::*, Config, Profile};
use crate::transport::{CWR, FIN, PSH};

/// DF, in the upper byte of the flags and fragment offset.
const DF: u8 = 0x40;

/// The bits of the traffic class in the first two bytes of IPv6.
const CLASS: u16 = 0x0ff0;

const MAX_TOTAL: usize = 65535;

/// A super-packet that may still grow.
pub(crate) struct Held {
    pub first: Packet,
    /// The payloads of the later packets.
    pub payloads: Vec<u8>,
    /// The numbers of its packets.
    pub of: Vec<usize>,
    pub gso_size: usize,
    pub total: usize,
    pub next_sequence: u32,
    /// FIN and PSH of the later packets.
    pub flags: u8,
    pub fixed_id: bool,
}

impl Held {
    /// A super-packet of one packet, whose flow is known.
    pub fn new(first: Packet) -> Held {
        let sequence = if first.protocol == TCP { first.sequence() } else { 0 };
        Held {
            payloads: Vec::new(),
            of: vec![first.index],
            gso_size: first.payload_length(),
            total: first.bytes.len(),
            next_sequence: sequence.wrapping_add(first.payload_length() as u32),
            flags: 0,
            fixed_id: false,
            first,
        }
    }

    pub fn packets(&self) -> usize {
        self.of.len()
    }

    /// The rule that keeps a packet of the flow from merging.
    pub fn mismatch(&self, packet: &Packet, config: &Config) -> Option<Rule> {
        let (is_tcp, length) = (packet.protocol == TCP, packet.payload_length());
        let transport = match packet.protocol {
            TCP => self.tcp_differs(packet, &config.profile),
            _ => first![("GRO-UDP-006", length > self.gso_size)],
        };
        let ip = match packet.version() {
            4 => self.ip4_differs(packet, &config.profile),
            _ => self.ip6_differs(packet),
        };
        let payload = first![
            ("GRO-TCP-009", is_tcp && length == 0),
            ("GRO-TCP-010", is_tcp && length > self.gso_size),
            ("GRO-TCP-011", is_tcp && packet.sequence() != self.next_sequence),
            ("GRO-LIM-001", self.total + length > MAX_TOTAL),
        ];
        let rule = transport.or(ip).or(payload);
        if rule.is_none() && config.lossless {
            return self.lossless_mismatch(packet, &config.profile);
        }
        rule
    }

    fn tcp_differs(&self, packet: &Packet, profile: &Profile) -> Option<Rule> {
        let mine = &packet.bytes[packet.l4..packet.payload];
        let its = &self.first.bytes[self.first.l4..self.first.payload];
        let ignored = FIN | PSH | if profile.with(ComparesCwr) { 0 } else { CWR };
        let bits = (get16(mine, 12) ^ get16(its, 12)) & 0xfff & !u16::from(ignored);
        first![
            ("GRO-TCP-004", profile.with(RefusesCwr) && packet.tcp_flags() & CWR != 0),
            ("GRO-TCP-005", bits != 0),
            ("GRO-TCP-006", get16(mine, 14) != get16(its, 14)),
            ("GRO-TCP-007", get32(mine, 8) != get32(its, 8)),
            ("GRO-TCP-008", mine[20..] != its[20..]),
        ]
    }

    fn ip4_differs(&self, packet: &Packet, profile: &Profile) -> Option<Rule> {
        let (mine, its) = (&packet.bytes, &self.first.bytes);
        let step = if self.fixed_id_with(packet, profile) { 0 } else { self.packets() as u16 };
        first![
            ("GRO-IP4-008", mine[8] != its[8]),
            ("GRO-IP4-009", mine[1] != its[1]),
            ("GRO-IP4-010", (mine[6] ^ its[6]) & DF != 0),
            ("GRO-IP4-011", get16(mine, 4) != get16(its, 4).wrapping_add(step)),
        ]
    }

    fn ip6_differs(&self, packet: &Packet) -> Option<Rule> {
        let (mine, its) = (&packet.bytes, &self.first.bytes);
        first![
            ("GRO-IP6-005", (get16(mine, 0) ^ get16(its, 0)) & CLASS != 0),
            ("GRO-IP6-006", mine[7] != its[7]),
        ]
    }

    /// What fixed_id is, or becomes by this second packet: GRO-IP4-011.
    pub fn fixed_id_with(&self, packet: &Packet, profile: &Profile) -> bool {
        let (mine, its) = (&packet.bytes, &self.first.bytes);
        if self.packets() > 1 {
            return self.fixed_id;
        }
        get16(mine, 4) == get16(its, 4) && (mine[6] & DF != 0 || !profile.with(FixedIdNeedsDf))
    }

    /// Appends the payload of a packet that does not mismatch.
    pub fn merge(&mut self, packet: &Packet, profile: &Profile) {
        self.fixed_id = self.fixed_id_with(packet, profile);
        self.payloads.extend_from_slice(&packet.bytes[packet.payload..]);
        self.of.push(packet.index);
        self.total += packet.payload_length();
        self.next_sequence = self.next_sequence.wrapping_add(packet.payload_length() as u32);
        if packet.protocol == TCP {
            self.flags |= packet.tcp_flags() & (FIN | PSH);
        }
    }
}
