// SPDX-License-Identifier: MIT
//! Section 1, the held super-packet, and section 8: against the held one.

use alloc::vec::Vec;

use crate::config::{Config, Device, USUAL_BYTES};
use crate::ip::{nibble, Ip, TCP};
use crate::model::{get16, get32, Checked, Rule};
use crate::packet::Packet;
use crate::transport::{CWR, FIN, PSH};

/// DF, in the upper byte of the flags and fragment offset.
const DF: u8 = 0x40;

/// The bits of the traffic class in the first two bytes of IPv6.
const CLASS: u16 = 0x0ff0;

/// The largest number of TCP packets in a list.
const MOST_IN_LIST: usize = 64;

/// A super-packet that may still grow.
pub(crate) struct Held {
    pub first: Packet,
    pub later: Vec<Packet>,
    pub gso_size: usize,
    pub total: usize,
    pub fixed_id: FixedId,
}

/// fixed_id of the outer IP header, in a tunnel, and of the inner one.
#[derive(Clone, Copy, Default)]
pub(crate) struct FixedId {
    pub outer: bool,
    pub inner: bool,
}

/// The same IP header of a packet, and of the first one of a super-packet.
pub(crate) struct Pair<'a> {
    pub mine: &'a [u8],
    pub its: &'a [u8],
    /// They are compared as IPv4.
    pub is_ip4: bool,
}

impl Pair<'_> {
    pub fn id_follows(&self, step: u16) -> bool {
        get16(self.mine, 4) == get16(self.its, 4).wrapping_add(step)
    }

    fn has_df(&self) -> bool {
        self.mine[6] & DF != 0
    }

    /// GRO-IP4-011: what fixed_id becomes by a second packet.
    fn fixes_id(&self, device: &Device) -> bool {
        let may = self.has_df() || !device.with("fixed_id_needs_df");
        self.is_ip4 && self.id_follows(0) && may
    }

    /// The rule by which a header mismatches; id_follows is GRO-IP4-011's.
    fn compare(&self, id_follows: bool) -> Checked {
        let (mine, its) = (self.mine, self.its);
        if self.is_ip4 {
            return first![
                ("GRO-IP4-008", mine[8] != its[8]),
                ("GRO-IP4-009", mine[1] != its[1]),
                ("GRO-IP4-010", (mine[6] ^ its[6]) & DF != 0),
                ("GRO-IP4-011", !id_follows),
            ];
        }
        first![
            ("GRO-IP6-005", (get16(mine, 0) ^ get16(its, 0)) & CLASS != 0),
            ("GRO-IP6-006", mine[7] != its[7]),
        ]
    }
}

impl Held {
    /// A super-packet of one packet.
    pub fn new(first: Packet) -> Held {
        let (gso_size, total) = (first.payload_length(), first.bytes.len() - first.outermost().at);
        Held { first, later: Vec::new(), gso_size, total, fixed_id: FixedId::default() }
    }

    /// The number of packets in it.
    pub fn packets(&self) -> usize {
        1 + self.later.len()
    }

    /// The rule that keeps a packet of the flow from merging.
    pub fn compare(&self, packet: &Packet, config: &Config) -> Checked {
        let (is_tcp, length) = (packet.ip.protocol == TCP, packet.payload_length());
        if is_tcp {
            self.compare_tcp(packet, &config.device)?;
        }
        first![("GRO-UDP-006", !is_tcp && length > self.gso_size)]?;
        self.compare_ip(packet, config)?;
        first![
            ("GRO-TCP-009", is_tcp && length == 0),
            ("GRO-TCP-010", is_tcp && length > self.gso_size),
            ("GRO-TCP-011", is_tcp && packet.sequence() != self.next_sequence()),
        ]?;
        if config.makes_lists(packet.ip.protocol) {
            return self.compare_list(packet);
        }
        let tags = packet.outermost().at - config.device.link_len();
        self.compare_total(tags + self.total + length, config)?;
        if config.lossless {
            self.compare_lossless(packet, config)?;
        }
        Ok(())
    }

    fn compare_tcp(&self, packet: &Packet, device: &Device) -> Checked {
        let mine = &packet.bytes[packet.ip.l4..packet.payload];
        let its = &self.first.bytes[self.first.ip.l4..self.first.payload];
        let ignored = FIN | PSH | if device.with("compares_cwr") { 0 } else { CWR };
        let bits = (get16(mine, 12) ^ get16(its, 12)) & 0xfff & !u16::from(ignored);
        first![
            ("GRO-TCP-004", device.with("refuses_cwr") && packet.tcp_flags() & CWR != 0),
            ("GRO-TCP-005", bits != 0),
            ("GRO-TCP-006", get16(mine, 14) != get16(its, 14)),
            ("GRO-TCP-007", get32(mine, 8) != get32(its, 8)),
            ("GRO-TCP-008", mine[20..] != its[20..]),
        ]
    }

    fn next_sequence(&self) -> u32 {
        let headers = self.first.payload - self.first.outermost().at;
        self.first.sequence().wrapping_add((self.total - headers) as u32)
    }

    /// The rule by which a super-packet would have too many bytes.
    fn compare_total(&self, total: usize, config: &Config) -> Checked {
        let (ip, device) = (&self.first.ip, &config.device);
        let is_plain_ip6 = ip.version == 6 && ip.extensions == 0;
        let is_big = ip.protocol == TCP && (device.with("big_ip4") || is_plain_ip6);
        first![
            ("GRO-LIM-001", total > config.max_bytes),
            ("GRO-LIM-002", total > USUAL_BYTES && !is_big),
            ("GRO-LIM-003", ip.l4 > ip.at + 48 && self.first.gets_jumbo(total, device)),
        ]
    }

    /// The rule that keeps a packet out of a list.
    fn compare_list(&self, packet: &Packet) -> Checked {
        let (first, is_tcp) = (&self.first, packet.ip.protocol == TCP);
        let needs_csum = packet.vnet.needs_csum();
        let one_needs_csum = needs_csum != first.vnet.needs_csum();
        let unverified = !needs_csum && !packet.verified;
        let flags = |packet: &Packet| packet.tcp_flags() & (FIN | PSH | CWR);
        first![
            ("GRO-LIST-001", is_tcp && flags(packet) != flags(first)),
            ("GRO-LIST-002", is_tcp && one_needs_csum),
            ("GRO-LIST-003", is_tcp && self.packets() == MOST_IN_LIST),
            ("GRO-LIST-004", !is_tcp && (one_needs_csum || unverified)),
            ("GRO-LIST-005", self.total + packet.bytes.len() > USUAL_BYTES),
        ]
    }

    /// Whether a packet with this rule passes beside the list: GRO-LIST-004.
    pub fn is_overtaken(&self, packet: &Packet, rule: Option<Rule>, device: &Device) -> bool {
        let may = packet.flush.is_none() || packet.vnet.is_gso() || device.with("flushed_beside");
        rule == Some("GRO-LIST-004") && may
    }

    /// Compares the outer IP header, and then the inner one.
    fn compare_ip(&self, packet: &Packet, config: &Config) -> Checked {
        let fixed = self.fixed_id_with(packet, config);
        if let Some(outer) = self.outer_pair(packet, config) {
            outer.compare(self.outer_id_follows(&outer, fixed.outer, &config.device))?;
        }
        let inner = self.pair(packet, config);
        inner.compare(inner.id_follows(self.step(fixed.inner)))
    }

    /// The outer IP headers, in a tunnel.
    pub fn outer_pair<'a>(&'a self, packet: &'a Packet, config: &Config) -> Option<Pair<'a>> {
        let (mine, its) = (packet.outer.as_ref()?, self.first.outer.as_ref()?);
        Some(self.pair_of(packet, &mine.ip, &its.ip, config))
    }

    /// The IP headers, in a tunnel the inner ones.
    pub fn pair<'a>(&'a self, packet: &'a Packet, config: &Config) -> Pair<'a> {
        self.pair_of(packet, &packet.ip, &self.first.ip, config)
    }

    fn pair_of<'a>(&'a self, packet: &'a Packet, mine: &Ip, its: &Ip, config: &Config) -> Pair<'a> {
        let version = mine.version;
        let (mine, its) = (mine.of(&packet.bytes), its.of(&self.first.bytes));
        // GRO-IP6-007
        let crosses = !config.lossless && config.device.with("checks_csum_start");
        Pair { mine, its, is_ip4: version == 4 || crosses && nibble(mine) != 6 }
    }

    /// What the identification grew by since the first packet.
    pub fn step(&self, fixed_id: bool) -> u16 {
        if fixed_id {
            return 0;
        }
        self.packets() as u16
    }

    /// GRO-IP4-011 for the outer header of a tunnel.
    fn outer_id_follows(&self, outer: &Pair, fixed_id: bool, device: &Device) -> bool {
        if !device.with("fixed_id_needs_df") {
            return outer.id_follows(self.step(fixed_id));
        }
        let inner = device.with("checks_csum_start") && self.fixed_id.inner;
        outer.has_df() || outer.id_follows(self.step(inner))
    }

    /// What fixed_id is, or becomes by this second packet: GRO-IP4-011.
    pub fn fixed_id_with(&self, packet: &Packet, config: &Config) -> FixedId {
        // A packet that passed beside the list may have stored it.
        if self.packets() > 1 || self.fixed_id.inner {
            return self.fixed_id;
        }
        let fixes = |pair: Pair| pair.fixes_id(&config.device);
        FixedId {
            outer: self.outer_pair(packet, config).map_or(false, fixes),
            inner: fixes(self.pair(packet, config)),
        }
    }

    /// A packet passes beside the list.
    pub fn overtake(&mut self, packet: &Packet, config: &Config) {
        if config.device.with("checks_csum_start") {
            self.fixed_id = self.fixed_id_with(packet, config);
        }
    }

    /// Appends a packet that does not mismatch.
    pub fn merge(&mut self, packet: Packet, config: &Config) {
        self.fixed_id = self.fixed_id_with(&packet, config);
        self.total += packet.payload_length();
        self.later.push(packet);
    }

    /// The first packet with all payloads, FIN and PSH.
    pub fn joined(self) -> Packet {
        let mut packet = self.first;
        for later in self.later {
            packet.bytes.extend_from_slice(&later.bytes[later.payload..]);
            if packet.ip.protocol == TCP {
                packet.bytes[packet.ip.l4 + 13] |= later.tcp_flags() & (FIN | PSH);
            }
        }
        packet
    }
}
