// SPDX-License-Identifier: MIT
//! Section 5, tunnels; and what section 6 says of them.

use core::ops::Range;

use crate::config::Config;
use crate::ip::{nibble, Ip, UDP};
use crate::layers::link::{self, ETHERNET, ETHERNET_HEADER, GRO_TAGS, IP4, IP6, TAG};
use crate::layers::Tunnel;
use crate::model::{fold, get16, sum, Checked, Rule};
use crate::packet::Packet;
use crate::transport::pseudo;

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

    /// The protocols that the tunnel is over.
    fn protocols(self) -> &'static [u8] {
        match self {
            Tunnel::Ipip => &[IP4_IN_IP, IP6_IN_IP],
            Tunnel::Gre => &[GRE],
            Tunnel::Pppoe => &[],
            _ => &[UDP],
        }
    }

    /// The number of Ethernet headers and VLAN tags that GRO-TUN-005 lets pass.
    fn most_frames(self) -> usize {
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
        let is_frame = frame(kind) != 0 || config.layers.leads_to_pppoe(kind);
        let is_known = is_frame || link::version_of(kind) != 0;
        first![("GRO-TUN-003", bytes.len() < length), ("GRO-TUN-006", !is_known)]?;
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
    /// The first IP header of the packet.
    pub(crate) fn outermost(&self) -> &Ip {
        self.layers.outer.as_ref().map_or(&self.ip, |outer| &outer.ip)
    }

    /// Before its first IP header is read: the protocols of tunnels that it may
    /// be in.
    pub(crate) fn expect_tunnels(&mut self, config: &Config) {
        let tunnels = config.layers.tunnels.iter();
        self.tunnels = tunnels.flat_map(|tunnel| tunnel.protocols()).copied().collect();
    }

    /// Behind its first IP header: goes into the tunnel, if the packet is in one.
    pub(crate) fn read_tunnel(&mut self, config: &Config) -> Checked {
        self.compare_as(config);
        if let Some(tunnel) = self.find_tunnel(config) {
            self.enter(tunnel, config)?;
            self.tunnels.clear();
            self.read_ip()?;
            self.compare_as(config);
            self.outer_sum = self.layers.outer.as_ref().and_then(|outer| {
                let s = sum(&self.bytes[outer.ip.l4..self.ip.l4]);
                outer.uncomputed.map(|p| fold(p + s))
            });
        }
        Ok(())
    }

    /// GRO-IP6-007
    fn compare_as(&mut self, config: &Config) {
        let crosses = !config.layers.lossless && config.profile.with("checks_csum_start");
        self.ip.as_ip4 |= crosses && nibble(self.ip.of(&self.bytes)) != 6;
    }

    /// The tunnel that the packet is in by its outer headers.
    fn find_tunnel(&self, config: &Config) -> Option<Tunnel> {
        let mut tunnels = config.layers.tunnels.iter().copied();
        match self.ip.protocol {
            UDP if self.l4().len() < 8 => None,
            UDP => tunnels.find(|tunnel| self.is_to(*tunnel)),
            protocol => tunnels.find(|tunnel| tunnel.protocols().contains(&protocol)),
        }
    }

    /// Whether the destination port of UDP is that of the tunnel.
    fn is_to(&self, tunnel: Tunnel) -> bool {
        tunnel.port() == Some(get16(self.l4(), 2))
    }

    /// Goes into the tunnel: what has been read so far becomes the outer
    /// headers, and the IP header the inner one.
    fn enter(&mut self, tunnel: Tunnel, config: &Config) -> Checked {
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
                uncomputed = self.check_sum(0, false, "GRO-TUN-008", config)?;
            }
            in_key.end = own + if flags & KEY != 0 { 8 } else { 4 };
        }
        let outer = Outer {
            ip: self.ip,
            tunnel,
            in_key,
            own_end: own + length,
            frames: self.layers.tags,
            uncomputed,
        };
        self.enter_frames(outer, kind, config)
    }

    /// Checks the outer UDP header: what its checksum lacks, if it is not
    /// computed yet.
    fn check_outer_udp(&mut self, config: &Config) -> Result<Option<u64>, Rule> {
        let p = pseudo(&self.ip, &self.bytes);
        let absent = get16(self.l4(), 6) == 0;
        let uncomputed = self.check_sum(p, absent, "GRO-UDP-002", config)?;
        let unverified = self.flush.is_some() && !config.trusted && !self.vnet.needs_csum();
        let checked = config.profile.with("checks_tunnel_length");
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
        p: u64,
        absent: bool,
        rule: Rule,
        config: &Config,
    ) -> Result<Option<u64>, Rule> {
        let (vnet, l4) = (&self.vnet, self.ip.l4);
        let comes_later = self.flush.is_none() && vnet.needs_csum() && vnet.csum_start >= l4;
        match self.verify(p, absent, config) {
            true => Ok(Some(p).filter(|_| comes_later && !absent)),
            false => Err(rule),
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
        if config.layers.leads_to_pppoe(kind) {
            outer.frames += 1;
            first![("GRO-TUN-005", outer.frames > outer.tunnel.most_frames())]?;
            self.pass_pppoe(at)?;
        } else {
            let version = link::version_of(kind);
            first![("GRO-TUN-006", version == 0)]?;
            self.ip = Ip::new(version, at);
        }
        self.layers.outer = Some(outer);
        Ok(())
    }

    /// The rules after GRO-UDP-002.
    pub(crate) fn check_nested(&self, config: &Config) -> Checked {
        let has_most_frames = match &self.layers.outer {
            Some(outer) => outer.frames == outer.tunnel.most_frames(),
            None => self.layers.tags == GRO_TAGS,
        };
        first![
            ("GRO-TUN-002", config.layers.tunnels.iter().any(|tunnel| self.is_to(*tunnel))),
            ("GRO-UDP-008", has_most_frames),
            ("GRO-UDP-007", self.vnet.tells()),
        ]
    }
}
