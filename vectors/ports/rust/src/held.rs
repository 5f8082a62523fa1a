// SPDX-License-Identifier: MIT
//! Section 1, the held super-packet, and section 8: against the held one.

use alloc::{vec, vec::Vec};

use crate::config::Config;
use crate::ip::TCP;
use crate::layers;
use crate::model::{get16, get32, Checked};
use crate::packet::Packet;
use crate::transport::{CWR, FIN, PSH};

/// DF, in the upper byte of the flags and fragment offset.
pub(crate) const DF: u8 = 0x40;

/// The bits of the traffic class in the first two bytes of IPv6.
const CLASS: u16 = 0x0ff0;

/// A super-packet that may still grow.
pub(crate) struct Held {
    /// The first packet, and behind it the payloads of the later ones. FIN and
    /// PSH of these are added to its own, since nothing reads them before it
    /// leaves.
    pub first: Packet,
    /// The numbers of its packets.
    pub of: Vec<usize>,
    pub gso_size: usize,
    pub fixed_id: bool,
}

impl Held {
    /// A super-packet of one packet.
    pub fn new(first: Packet) -> Held {
        let (of, gso_size) = (vec![first.index], first.payload_length());
        Held { first, of, gso_size, fixed_id: false }
    }

    /// The rule that keeps a packet of the flow from merging.
    pub fn compare(&self, packet: &Packet, config: &Config) -> Checked {
        let (is_tcp, length) = (packet.ip.protocol == TCP, packet.payload_length());
        if is_tcp {
            self.compare_tcp(packet, config)?;
        }
        first![("GRO-UDP-006", !is_tcp && length > self.gso_size)]?;
        layers!(self.compare_outer(packet, config)?);
        let step = if self.fixed_id_with(packet, config) { 0 } else { self.of.len() as u16 };
        let (mine, its) = (packet.ip.of(&packet.bytes), self.first.ip.of(&self.first.bytes));
        compare_ip(mine, its, packet.ip.as_ip4, step)?;
        let sequence = |packet: &Packet| get32(packet.l4(), 4);
        let next_sequence = sequence(&self.first).wrapping_add(self.first.payload_length() as u32);
        first![
            ("GRO-TCP-009", is_tcp && length == 0),
            ("GRO-TCP-010", is_tcp && length > self.gso_size),
            ("GRO-TCP-011", is_tcp && sequence(packet) != next_sequence),
        ]?;
        layers!(self.compare_list(packet, config)?);
        first![("GRO-LIM-001", self.first.bytes.len() + length > layers::max_bytes(config))]?;
        layers!(self.compare_further(packet, config)?);
        Ok(())
    }

    fn compare_tcp(&self, packet: &Packet, config: &Config) -> Checked {
        let mine = &packet.bytes[packet.ip.l4..packet.payload];
        let its = &self.first.bytes[self.first.ip.l4..self.first.payload];
        let ignored = FIN | PSH | if config.profile.with("compares_cwr") { 0 } else { CWR };
        let bits = (get16(mine, 12) ^ get16(its, 12)) & 0xfff & !u16::from(ignored);
        first![
            ("GRO-TCP-004", config.profile.with("refuses_cwr") && packet.tcp_flags() & CWR != 0),
            ("GRO-TCP-005", bits != 0),
            ("GRO-TCP-006", get16(mine, 14) != get16(its, 14)),
            ("GRO-TCP-007", get32(mine, 8) != get32(its, 8)),
            ("GRO-TCP-008", mine[20..] != its[20..]),
        ]
    }

    /// What fixed_id is, or becomes by this second packet: GRO-IP4-011.
    pub fn fixed_id_with(&self, packet: &Packet, config: &Config) -> bool {
        let (mine, its) = (packet.ip.of(&packet.bytes), self.first.ip.of(&self.first.bytes));
        let fixes_id = packet.ip.as_ip4 && fixes_id(mine, its, config);
        self.fixed_id || self.of.len() == 1 && fixes_id
    }

    /// Appends the payload of a packet that does not mismatch.
    pub fn merge(&mut self, packet: Packet, config: &Config) {
        layers!(self.keep_outer(&packet, config));
        self.fixed_id = self.fixed_id_with(&packet, config);
        self.of.push(packet.index);
        self.first.bytes.extend_from_slice(&packet.bytes[packet.payload..]);
        if packet.ip.protocol == TCP {
            self.first.bytes[self.first.ip.l4 + 13] |= packet.tcp_flags() & (FIN | PSH);
        }
        layers!(self.keep_in_list(packet, config));
    }
}

/// The rule by which an IP header mismatches that of the first packet, from
/// which the identification has to differ by a step.
pub(crate) fn compare_ip(mine: &[u8], its: &[u8], as_ip4: bool, step: u16) -> Checked {
    if !as_ip4 {
        return first![
            ("GRO-IP6-005", (get16(mine, 0) ^ get16(its, 0)) & CLASS != 0),
            ("GRO-IP6-006", mine[7] != its[7]),
        ];
    }
    first![
        ("GRO-IP4-008", mine[8] != its[8]),
        ("GRO-IP4-009", mine[1] != its[1]),
        ("GRO-IP4-010", (mine[6] ^ its[6]) & DF != 0),
        ("GRO-IP4-011", get16(mine, 4) != get16(its, 4).wrapping_add(step)),
    ]
}

/// What fixed_id becomes by the IPv4 header of a second packet.
pub(crate) fn fixes_id(mine: &[u8], its: &[u8], config: &Config) -> bool {
    let may = mine[6] & DF != 0 || !config.profile.with("fixed_id_needs_df");
    may && get16(mine, 4) == get16(its, 4)
}
