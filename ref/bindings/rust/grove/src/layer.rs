// SPDX-License-Identifier: MIT
//! What stands before an IP header: `grove/layer.h`, and virtio headers.

use grove_sys as sys;

/// What a packet begins with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// The IP header, as at a TUN device.
    #[default]
    None,
    /// The destination address, as at a TAP device.
    Ethernet,
}

impl Link {
    pub(crate) fn raw(self) -> i32 {
        match self {
            Link::None => sys::GROVE_LINK_NONE,
            Link::Ethernet => sys::GROVE_LINK_ETHERNET,
        }
    }
}

/// A tunnel that ends at the host; those over UDP with their destination port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tunnel {
    /// IPv4 or IPv6 in IPv4 or IPv6: the protocols 4 and 41.
    Ipip,
    /// The protocol 47.
    Gre,
    /// VXLAN.
    Vxlan(u16),
    /// VXLAN with the protocol that is inside.
    VxlanGpe(u16),
    /// GENEVE.
    Geneve(u16),
    /// PPPoE, behind its Ethernet type.
    Pppoe,
}

impl Tunnel {
    fn raw(self) -> sys::grove_tunnel {
        let (protocol, port) = match self {
            Tunnel::Ipip => (sys::GROVE_TUNNEL_IPIP, 0),
            Tunnel::Gre => (sys::GROVE_TUNNEL_GRE, 0),
            Tunnel::Vxlan(port) => (sys::GROVE_TUNNEL_VXLAN, port),
            Tunnel::VxlanGpe(port) => (sys::GROVE_TUNNEL_VXLAN_GPE, port),
            Tunnel::Geneve(port) => (sys::GROVE_TUNNEL_GENEVE, port),
            Tunnel::Pppoe => (sys::GROVE_TUNNEL_PPPOE, 0),
        };
        sys::grove_tunnel { protocol, port }
    }
}

/// Tunnels for the library. There is room for one more than it takes, so that
/// the library is what refuses too many.
pub(crate) struct Tunnels {
    pub(crate) list: [sys::grove_tunnel; sys::GROVE_MAX_TUNNELS + 1],
    pub(crate) count: usize,
}

impl Tunnels {
    pub(crate) fn new(tunnels: &[Tunnel]) -> Tunnels {
        let mut list = [Tunnel::Ipip.raw(); sys::GROVE_MAX_TUNNELS + 1];
        for (to, tunnel) in list.iter_mut().zip(tunnels) {
            *to = tunnel.raw();
        }
        Tunnels { list, count: tunnels.len().min(list.len()) }
    }
}

/// A `vnet_len` for the library. It would take 0 for the usual length. The most
/// that a byte has is a length that it refuses, like 0 and what is longer here.
pub(crate) fn vnet_len<const VNET: usize>() -> u8 {
    u8::try_from(VNET).ok().filter(|length| *length != 0).unwrap_or(u8::MAX)
}
