// SPDX-License-Identifier: MIT
//! Section 10: the bytes of what leaves.

use alloc::vec::Vec;

use crate::held::Held;
use crate::ip::TCP;
use crate::model::{fold, get16, put16};
use crate::packet::Packet;
use crate::profile::Profile;
use crate::transport::{pseudo, CWR};
use crate::vnet::{Vnet, DATA_VALID, ECN, NEEDS_CSUM, TCPV4, TCPV6, UDP_L4};

/// A packet that leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Its virtio header.
    pub vnet: Vnet,
    /// From the first byte of the IP header on.
    pub bytes: Vec<u8>,
    /// The numbers of the packets in it, from 0 in the order of the input.
    pub of: Vec<usize>,
}

impl Output {
    /// A packet that passes, or a super-packet that leaves the table.
    pub(crate) fn of(mut held: Held, profile: &Profile) -> Output {
        if held.of.len() > 1 {
            held.first.vnet = header(&held, profile);
            write_headers(&mut held.first);
        } else if held.first.verified && !held.first.vnet.needs_csum() {
            // GRO-OUT-001
            held.first.vnet.flags = DATA_VALID;
        }
        Output { vnet: held.first.vnet, bytes: held.first.bytes, of: held.of }
    }
}

fn write_headers(packet: &mut Packet) {
    let (version, l4, length) = (packet.version(), packet.l4, packet.l4_length());
    let seed = fold(pseudo(&packet.bytes, packet.protocol, length));
    let total = packet.bytes.len() as u16;
    let bytes = &mut packet.bytes;
    if version == 4 {
        // GRO-OUT-002
        let (old, m) = (get16(bytes, 10), get16(bytes, 2));
        put16(bytes, 10, !fold(u64::from(!old) + u64::from(!m) + u64::from(total)));
        put16(bytes, 2, total);
    } else {
        // GRO-OUT-003
        put16(bytes, 4, total - 40);
    }
    if packet.protocol == TCP {
        // GRO-OUT-004; FIN and PSH were set when packets merged
        put16(bytes, l4 + 16, seed);
    } else {
        // GRO-OUT-006
        put16(bytes, l4 + 4, length as u16);
        put16(bytes, l4 + 6, seed);
    }
}

/// GRO-OUT-007
fn header(held: &Held, profile: &Profile) -> Vnet {
    let first = &held.first;
    let (kind, csum_offset) = match (first.protocol, first.version()) {
        (TCP, 4) => (TCPV4, 16),
        (TCP, _) => (TCPV6, 16),
        _ => (UDP_L4, 6),
    };
    // GRO-OUT-005
    let shown = first.protocol == TCP && first.tcp_flags() & CWR != 0 && profile.with("shows_cwr");
    Vnet {
        flags: NEEDS_CSUM,
        gso_type: kind | if shown { ECN } else { 0 },
        hdr_len: first.payload,
        gso_size: held.gso_size,
        csum_start: first.l4,
        csum_offset,
    }
}
