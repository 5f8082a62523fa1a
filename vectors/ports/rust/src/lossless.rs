// SPDX-License-Identifier: MIT
//! Section 11: lossless mode. GRO-END-006 is in the table, and the key of the
//! flow in section 7.

use crate::flow::label;
use crate::held::Held;
use crate::ip::{TCP, UDP};
use crate::model::{get16, Checked};
use crate::packet::Packet;
use crate::profile::Profile;
use crate::transport::CWR;
use crate::vnet::FAR;

impl Packet {
    /// The rule that flushes a packet that no earlier rule flushes.
    pub(crate) fn lossless_flush(&self, profile: &Profile) -> Checked {
        let (bytes, l4) = (&self.bytes, self.l4);
        first![
            ("GRO-LL-001", self.vnet.needs_csum()),
            ("GRO-LL-002", self.version() == 4 && get16(bytes, 10) == 0xffff),
            ("GRO-LL-003", self.protocol == TCP && get16(bytes, l4 + 16) == 0xffff),
            ("GRO-LL-004", self.protocol == UDP && !profile.with("takes_uso")),
            ("GRO-LL-011", l4 > FAR),
        ]
    }
}

impl Held {
    /// The rule that keeps a packet from merging if none of section 8 does.
    pub(crate) fn compare_lossless(&self, packet: &Packet, profile: &Profile) -> Checked {
        let (mine, its) = (&packet.bytes, &self.first.bytes);
        let (is_ip6, is_tcp) = (packet.version() == 6, packet.protocol == TCP);
        let urgent = |packet: &Packet| get16(&packet.bytes, packet.l4 + 18);
        first![
            ("GRO-LL-005", is_ip6 && label(mine) != label(its)),
            ("GRO-LL-006", is_ip6 && packet.extensions() != self.first.extensions()),
            ("GRO-LL-007", !is_ip6 && self.fixed_id_with(packet, profile)),
            ("GRO-LL-008", is_tcp && urgent(packet) != urgent(&self.first)),
            // refuses_cwr: with it, GRO-TCP-004 applies
            ("GRO-LL-009", is_tcp && packet.tcp_flags() & CWR != 0),
            ("GRO-LL-010", is_tcp && self.gso_size < 8),
        ]
    }
}
