// SPDX-License-Identifier: MIT
//! Section 2: the configuration of a table and of a split.

use alloc::{string::ToString, vec::Vec};

use crate::ip::UDP;
use crate::link::PPPOE;
use crate::profile::Profile;

/// The default of max_bytes.
pub(crate) const USUAL_BYTES: usize = 65535;

/// The largest max_bytes.
const MOST_BYTES: usize = 524280;

/// A device: the kernel behind it, and what stands before an IP header.
#[derive(Clone, Copy, Debug)]
pub struct Device {
    /// Which kernel is imitated.
    pub profile: Profile,
    /// Packets begin with an Ethernet header, as at a TAP device.
    pub ethernet: bool,
    /// The length of virtio headers: 10, 12 or 24.
    pub vnet_len: usize,
}

impl Device {
    /// "With" a column of the profile.
    pub(crate) fn with(&self, column: &str) -> bool {
        self.profile.with(column)
    }

    /// The length of the link's header.
    pub(crate) fn link_len(&self) -> usize {
        14 * usize::from(self.ethernet)
    }

    /// Whether a virtio header can tell of a tunnel; section 3.
    pub(crate) fn can_tell(&self) -> bool {
        self.with("takes_tunnels") && self.vnet_len == 24
    }

    /// The bytes of a virtio header that are counted to the packet; section 3.
    pub(crate) fn unread(&self) -> usize {
        match self.with("counts_unread") && !self.can_tell() {
            true => self.vnet_len - 10,
            false => 0,
        }
    }
}

/// A tunnel that ends at the host; those over UDP with their port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Tunnel {
    Ipip,
    Gre,
    Vxlan(u16),
    VxlanGpe(u16),
    Geneve(u16),
    Pppoe,
}

impl Tunnel {
    /// The tunnel with this name, such as `vxlan:4789`.
    pub fn find(name: &str) -> Option<Tunnel> {
        let (kind, port) = name.split_once(':').unwrap_or((name, ""));
        let number: u16 = port.parse().unwrap_or(0);
        if number > 0 && number.to_string() == port {
            return match kind {
                "vxlan" => Some(Tunnel::Vxlan(number)),
                "vxlan-gpe" => Some(Tunnel::VxlanGpe(number)),
                "geneve" => Some(Tunnel::Geneve(number)),
                _ => None,
            };
        }
        match name {
            "ipip" => Some(Tunnel::Ipip),
            "gre" => Some(Tunnel::Gre),
            "pppoe" => Some(Tunnel::Pppoe),
            _ => None,
        }
    }
}

/// The configuration of a table.
#[derive(Clone, Debug)]
pub struct Config {
    /// The device that packets are written to.
    pub device: Device,
    /// The largest number of super-packets that are held in a bucket, 1 to 65536.
    pub max_flows: usize,
    /// UDP packets may merge.
    pub udp: bool,
    /// L4 checksums were verified before.
    pub trusted: bool,
    /// Packets merge only if a split gives them back (section 11).
    pub lossless: bool,
    /// The tunnels that are looked into.
    pub tunnels: Vec<Tunnel>,
    /// The largest length of a super-packet, from 65535 to 524280.
    pub max_bytes: usize,
    /// Packets are coalesced into lists.
    pub fraglist: bool,
    /// Packets come with their hashes.
    pub hash: bool,
}

impl Config {
    /// Whether there is such a table.
    pub(crate) fn exists(&self) -> bool {
        let has_layers = self.device.ethernet || !self.tunnels.is_empty();
        let is_plain = !self.lossless && !has_layers;
        let (usual, long) = (self.max_bytes == USUAL_BYTES, self.max_bytes > USUAL_BYTES);
        (usual || long && is_plain && self.max_bytes <= MOST_BYTES)
            && (!self.fraglist || usual && is_plain)
            && (!self.hash || usual && !self.lossless && !self.fraglist)
            && (!self.lossless || self.tunnels.is_empty() || self.is_told())
    }

    /// Whether PPPoE follows a type, and is passed.
    pub(crate) fn leads_to_pppoe(&self, kind: u16) -> bool {
        kind == PPPOE && self.tunnels.contains(&Tunnel::Pppoe)
    }

    /// Section 11: virtio headers tell of all tunnels.
    fn is_told(&self) -> bool {
        let device = &self.device;
        let over_udp = self.tunnels.iter().all(|tunnel| tunnel.port().is_some());
        over_udp && device.ethernet && device.can_tell() && device.with("checks_csum_start")
    }

    /// Section 8, "Lists": whether packets of this protocol are coalesced into
    /// lists.
    pub(crate) fn makes_lists(&self, protocol: u8) -> bool {
        self.fraglist && (protocol == UDP || self.device.with("lists_tcp"))
    }
}
