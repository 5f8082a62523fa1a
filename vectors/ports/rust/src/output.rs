// SPDX-License-Identifier: MIT
//! Section 10: the bytes of what leaves.

use alloc::{vec, vec::Vec};

use crate::held::Held;
use crate::ip::TCP;
use crate::model::{fold, get16, put16};
use crate::packet::Packet;
use crate::profile::{Column::ShowsCwr, Profile};
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
    /// GRO-OUT-001
    pub(crate) fn single(packet: &Packet) -> Output {
        let mut vnet = packet.vnet;
        if packet.verified && !vnet.needs_csum() {
            vnet.flags = DATA_VALID;
        }
        Output { vnet, bytes: packet.bytes.clone(), of: vec![packet.index] }
    }

    /// A super-packet that leaves the table.
    pub(crate) fn of(held: &Held, profile: &Profile) -> Output {
        let first = &held.first;
        if held.packets() == 1 {
            return Output::single(first);
        }
        let mut bytes = first.bytes.clone();
        write_ip(&mut bytes, held.total as u16);
        write_l4(&mut bytes, held);
        bytes.extend_from_slice(&held.payloads);
        Output { vnet: header(held, profile), bytes, of: held.of.clone() }
    }
}

fn write_ip(bytes: &mut [u8], total: u16) {
    if bytes[0] >> 4 == 4 {
        // GRO-OUT-002
        let (old, m) = (get16(bytes, 10), get16(bytes, 2));
        let new = !fold(u64::from(!old) + u64::from(!m) + u64::from(total));
        put16(bytes, 10, new);
        put16(bytes, 2, total);
    } else {
        // GRO-OUT-003
        put16(bytes, 4, total - 40);
    }
}

fn write_l4(bytes: &mut [u8], held: &Held) {
    let Packet { l4, protocol, .. } = held.first;
    let length = held.total - l4;
    let seed = fold(pseudo(bytes, protocol, length));
    if protocol == TCP {
        // GRO-OUT-004
        bytes[l4 + 13] |= held.flags;
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
    let shown = first.protocol == TCP && first.tcp_flags() & CWR != 0 && profile.with(ShowsCwr);
    Vnet {
        flags: NEEDS_CSUM,
        gso_type: kind | if shown { ECN } else { 0 },
        hdr_len: first.payload as u16,
        gso_size: held.gso_size as u16,
        csum_start: first.l4 as u16,
        csum_offset,
    }
}
