// SPDX-License-Identifier: MIT
//! Section 5, tunnels.

use core::ops::Range;

use crate::config::{Config, Tunnel};
use crate::ip::{Ip, UDP};
use crate::link::{self, ETHERNET, ETHERNET_HEADER, IP4, IP6, TAG};
use crate::model::{get16, Checked, Rule};
use crate::packet::Packet;
use crate::transport::{pseudo, Checksum};

/// The protocols of the tunnels that are not over UDP.
const IP4_IN_IP: u8 = 4;
const IP6_IN_IP: u8 = 41;
const GRE: u8 = 47;

/// Flags of GRE.
const CHECKSUM: u16 = 0x8000;
const KEY: u16 = 0x2000;

/// What stands before the inner IP header. Offsets count from the first byte
/// of the packet.
pub(crate) struct Outer {
    pub ip: Ip,
    pub tunnel: Tunnel,
    /// The bytes of the tunnel's own header that are in the key.
    pub in_key: Range<usize>,
    /// Where the tunnel's own header ends.
    pub own_end: usize,
    /// How many Ethernet headers and VLAN tags there are, with those of the
    /// link.
    pub frames: usize,
    /// The pseudo-header of its checksum, if that is not computed yet.
    pub uncomputed: Option<u64>,
}

impl Outer {
    /// The checksum of the UDP header; 0 if there is none.
    pub fn udp_checksum(&self, packet: &[u8]) -> u16 {
        self.tunnel.port().map_or(0, |_| get16(packet, self.ip.l4 + 6))
    }
}

impl Tunnel {
    /// The port of a tunnel over UDP.
    pub(crate) fn port(self) -> Option<u16> {
        match self {
            Tunnel::Vxlan(port) | Tunnel::VxlanGpe(port) | Tunnel::Geneve(port) => Some(port),
            Tunnel::Ipip | Tunnel::Gre | Tunnel::Pppoe => None,
        }
    }

    pub(crate) fn is_over(self, protocol: u8) -> bool {
        match self {
            Tunnel::Ipip => matches!(protocol, IP4_IN_IP | IP6_IN_IP),
            Tunnel::Gre => protocol == GRE,
            Tunnel::Pppoe => false,
            _ => protocol == UDP,
        }
    }

    /// The number of Ethernet headers and VLAN tags that GRO-TUN-005 lets pass.
    pub(crate) fn most_frames(self) -> usize {
        match self {
            Tunnel::Ipip => 12,
            Tunnel::Gre => 11,
            _ => 10,
        }
    }

    /// The length of the tunnel's own header, with which the bytes begin, and
    /// the type of what is inside.
    fn read_own(self, protocol: u8, bytes: &[u8], config: &Config) -> Result<(usize, u16), Rule> {
        let fixed = match self {
            Tunnel::Ipip => 0,
            Tunnel::Gre => 4,
            _ => 8,
        };
        first![("GRO-TUN-003", bytes.len() < fixed), ("GRO-TUN-007", self.has_unknown(bytes))]?;
        let length = fixed + self.options(bytes);
        let kind = match self {
            Tunnel::Ipip if protocol == IP4_IN_IP => IP4,
            Tunnel::Ipip => IP6,
            Tunnel::Vxlan(_) => ETHERNET,
            Tunnel::VxlanGpe(_) => {
                *[0, IP4, IP6, ETHERNET].get(usize::from(bytes[3])).unwrap_or(&0)
            }
            _ => get16(bytes, 2),
        };
        first![
            ("GRO-TUN-003", bytes.len() < length),
            (
                "GRO-TUN-006",
                link::version_of(kind) == 0 && frame(kind) == 0 && !config.leads_to_pppoe(kind)
            ),
        ]?;
        Ok((length, kind))
    }

    /// The condition of GRO-TUN-007.
    fn has_unknown(self, own: &[u8]) -> bool {
        match self {
            Tunnel::Gre => get16(own, 0) & !(CHECKSUM | KEY) != 0,
            Tunnel::VxlanGpe(_) => own[0] & 0x35 != 0x04,
            Tunnel::Geneve(_) => own[0] & 0xc0 != 0 || own[1] & 0x80 != 0,
            _ => false,
        }
    }

    /// The length of what the tunnel's own header says that it has more.
    fn options(self, own: &[u8]) -> usize {
        let words = match self {
            Tunnel::Gre => (get16(own, 0) & (CHECKSUM | KEY)).count_ones() as usize,
            Tunnel::Geneve(_) => usize::from(own[0] & 0x3f),
            _ => 0,
        };
        4 * words
    }
}

/// The length of an Ethernet header or a VLAN tag; 0 for any other type.
fn frame(kind: u16) -> usize {
    match kind {
        ETHERNET => ETHERNET_HEADER,
        _ if link::is_tag(kind) => TAG,
        _ => 0,
    }
}

impl Packet {
    /// The tunnel that the packet is in by its outer headers.
    pub(crate) fn find_tunnel(&self, config: &Config) -> Option<Tunnel> {
        let mut tunnels = config.tunnels.iter().copied();
        match self.ip.protocol {
            UDP if self.l4().len() < 8 => None,
            UDP => tunnels.find(|tunnel| self.is_to(*tunnel)),
            protocol => tunnels.find(|tunnel| tunnel.is_over(protocol)),
        }
    }

    /// Whether the destination port of UDP is that of the tunnel.
    pub(crate) fn is_to(&self, tunnel: Tunnel) -> bool {
        tunnel.port() == Some(get16(self.l4(), 2))
    }

    /// Goes into the tunnel: what has been read so far becomes the outer
    /// headers, and the IP header the inner one.
    pub(crate) fn enter(&mut self, tunnel: Tunnel, config: &Config) -> Checked {
        let mut own = self.ip.l4;
        let mut uncomputed = None;
        if tunnel.port().is_some() {
            uncomputed = self.check_outer_udp(config)?;
            own += 8;
        }
        let (length, kind) = tunnel.read_own(self.ip.protocol, &self.bytes[own..], config)?;
        let mut in_key = own..own + length;
        if tunnel == Tunnel::Gre {
            let flags = get16(&self.bytes, own);
            if flags & CHECKSUM != 0 {
                uncomputed = self.check_sum(config, 0, false, "GRO-TUN-008")?;
            }
            in_key.end = own + if flags & KEY != 0 { 8 } else { 4 };
        }
        let outer = Outer {
            ip: self.ip,
            tunnel,
            in_key,
            own_end: own + length,
            frames: self.ip.tags,
            uncomputed,
        };
        self.enter_frames(outer, kind, config)
    }

    /// Checks the outer UDP header: what its checksum lacks, if it is not
    /// computed yet.
    fn check_outer_udp(&mut self, config: &Config) -> Result<Option<u64>, Rule> {
        let p = pseudo(&self.ip, &self.bytes);
        let absent = get16(self.l4(), 6) == 0;
        let uncomputed = self.check_sum(config, p, absent, "GRO-UDP-002")?;
        let unverified = self.flush.is_some() && !config.trusted && !self.vnet.needs_csum();
        let checked = config.device.with("checks_tunnel_length");
        first![
            ("GRO-TUN-001", unverified && !absent),
            ("GRO-TUN-009", checked && usize::from(get16(self.l4(), 4)) != self.l4().len()),
        ]?;
        Ok(uncomputed)
    }

    /// Verifies an outer checksum, whose rule is the error: its pseudo-header,
    /// if it is there and not computed yet.
    fn check_sum(
        &mut self,
        config: &Config,
        p: u64,
        absent: bool,
        rule: Rule,
    ) -> Result<Option<u64>, Rule> {
        match self.verify(config, p, absent) {
            Checksum::Wrong => Err(rule),
            Checksum::Uncomputed if !absent => Ok(Some(p)),
            _ => Ok(None),
        }
    }

    /// Passes the Ethernet headers and VLAN tags inside of the tunnel, and
    /// PPPoE behind them. The first one has this type.
    fn enter_frames(&mut self, mut outer: Outer, mut kind: u16, config: &Config) -> Checked {
        let mut at = outer.own_end;
        loop {
            let length = frame(kind);
            outer.frames += usize::from(length != 0);
            first![
                ("GRO-TUN-005", outer.frames > outer.tunnel.most_frames()),
                ("GRO-TUN-004", at + length > self.bytes.len()),
            ]?;
            if length == 0 {
                break;
            }
            at += length;
            kind = get16(&self.bytes, at - 2);
        }
        if config.leads_to_pppoe(kind) {
            outer.frames += 1;
            first![("GRO-TUN-005", outer.frames > outer.tunnel.most_frames())]?;
            self.pass_pppoe(at)?;
            self.ip.tags = 0;
        } else {
            let version = link::version_of(kind);
            first![("GRO-TUN-006", version == 0)]?;
            self.ip = Ip::new(version, at);
        }
        self.outer = Some(outer);
        Ok(())
    }
}
