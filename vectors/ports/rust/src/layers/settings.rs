// SPDX-License-Identifier: MIT
//! Section 2: what the configuration has for layers.

use alloc::{string::ToString, vec::Vec};

use crate::config::Config;
use crate::ip::UDP;
use crate::layers::link::{ETHERNET_HEADER, PPPOE};

/// The default of max_bytes.
pub(crate) const USUAL_BYTES: usize = 65535;

/// The largest max_bytes.
const MOST_BYTES: usize = 524280;

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
        let has_port = number > 0 && number.to_string() == port;
        match kind {
            "vxlan" if has_port => Some(Tunnel::Vxlan(number)),
            "vxlan-gpe" if has_port => Some(Tunnel::VxlanGpe(number)),
            "geneve" if has_port => Some(Tunnel::Geneve(number)),
            "ipip" if kind == name => Some(Tunnel::Ipip),
            "gre" if kind == name => Some(Tunnel::Gre),
            "pppoe" if kind == name => Some(Tunnel::Pppoe),
            _ => None,
        }
    }
}

/// What the configuration of a table, or of a split, has for layers. The
/// default has none of them.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Packets begin with an Ethernet header, as at a TAP device.
    pub ethernet: bool,
    /// The length of virtio headers: 10, 12 or 24.
    pub vnet_len: usize,
    /// The tunnels that are looked into.
    pub tunnels: Vec<Tunnel>,
    /// The largest length of a super-packet, from 65535 to 524280.
    pub max_bytes: usize,
    /// Packets are coalesced into lists. `udp` has to be true.
    pub fraglist: bool,
    /// Packets come with their hashes, and so many super-packets are held in a
    /// bucket. `max_flows` has to be 8 times as many.
    pub bucket: Option<usize>,
    /// Packets merge only if a split gives them back (section 11).
    pub lossless: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            ethernet: false,
            vnet_len: 10,
            tunnels: Vec::new(),
            max_bytes: USUAL_BYTES,
            fraglist: false,
            bucket: None,
            lossless: false,
        }
    }
}

impl Settings {
    /// The length of the link's header.
    pub(crate) fn link_len(&self) -> usize {
        ETHERNET_HEADER * usize::from(self.ethernet)
    }

    /// Whether PPPoE follows a type, and is passed.
    pub(crate) fn leads_to_pppoe(&self, kind: u16) -> bool {
        kind == PPPOE && self.tunnels.contains(&Tunnel::Pppoe)
    }
}

impl Config {
    /// Whether there is such a table. No other one can be made.
    pub fn exists(&self) -> bool {
        let Settings { ethernet, tunnels, max_bytes, fraglist, bucket, lossless, .. } =
            &self.layers;
        let is_plain = !lossless && !ethernet && tunnels.is_empty();
        let (usual, long) = (*max_bytes == USUAL_BYTES, *max_bytes > USUAL_BYTES);
        (usual || long && is_plain && *max_bytes <= MOST_BYTES)
            && (!fraglist || usual && is_plain && self.udp)
            && bucket.map_or(true, |most| usual && !lossless && !fraglist && self.has(most))
            && (!lossless || tunnels.is_empty() || self.tells_of_all())
    }

    /// Whether `max_flows` is that of 8 buckets.
    fn has(&self, most_in_bucket: usize) -> bool {
        self.max_flows == 8 * most_in_bucket
    }

    /// Whether a virtio header can tell of a tunnel; section 3.
    pub(crate) fn can_tell(&self) -> bool {
        self.profile.with("takes_tunnels") && self.layers.vnet_len == 24
    }

    /// Section 11: virtio headers tell of all tunnels.
    fn tells_of_all(&self) -> bool {
        let over_udp = self.layers.tunnels.iter().all(|tunnel| tunnel.port().is_some());
        let computes = self.profile.with("checks_csum_start");
        over_udp && self.layers.ethernet && self.can_tell() && computes
    }

    /// Section 8, "Lists": whether packets of this protocol are coalesced into
    /// lists.
    pub(crate) fn makes_lists(&self, protocol: u8) -> bool {
        self.layers.fraglist && (protocol == UDP || self.profile.with("lists_tcp"))
    }
}

/// The largest length of a super-packet, with its link.
pub(crate) fn max_bytes(config: &Config) -> usize {
    config.layers.max_bytes + config.layers.link_len()
}
