// SPDX-License-Identifier: MIT
//! Section 10: the bytes of what leaves, with its layers.

use crate::config::Config;
use crate::ip::{Ip, ALL, UDP};
use crate::layers::header::{OVER_IP4, OVER_IP6};
use crate::layers::Beyond;
use crate::model::{fold, put16, sum};
use crate::output::write_ip;
use crate::packet::Packet;

/// The bits of tunnels for an outer IP version.
fn over(version: u8) -> u8 {
    if version == 6 {
        return OVER_IP6;
    }
    OVER_IP4
}

impl Packet {
    /// Writes all headers of a super-packet that the core does not write.
    pub(crate) fn write_layers(&mut self, gso_size: usize, config: &Config) {
        self.write_outer(gso_size, config);
        self.write_pppoe();
        if self.gets_jumbo(self.bytes.len(), config) {
            self.add_jumbo();
        }
    }

    /// GRO-OUT-009, GRO-OUT-010. The inner headers are still those of the first
    /// packet, but for FIN and PSH.
    fn write_outer(&mut self, gso_size: usize, config: &Config) {
        let outer = match &self.layers.outer {
            Some(outer) => outer,
            None => return,
        };
        write_ip(&mut self.bytes, &outer.ip);
        if outer.tunnel.port().is_none() {
            return;
        }
        let length = self.bytes.len() - outer.ip.l4;
        let mut seed = 0;
        if outer.udp_checksum(&self.bytes) != 0 {
            // Without checks_csum_start, inner bytes stand for the addresses.
            let taken = match config.profile.with("checks_csum_start") {
                true => outer.ip,
                false => Ip { at: self.ip.at, ..outer.ip },
            };
            // K-7
            let received = &self.bytes[..self.payload + gso_size];
            let addresses = taken.addresses(received).or(outer.ip.addresses(received));
            seed = fold(sum(addresses.unwrap_or_default()) + u64::from(UDP) + length as u64);
        }
        put16(&mut self.bytes, outer.ip.l4 + 4, length as u16);
        put16(&mut self.bytes, outer.ip.l4 + 6, seed);
    }

    /// What the virtio header tells with which the packet leaves.
    pub(crate) fn tell(&mut self, is_super: bool, config: &Config) {
        self.vnet.layers = match &self.layers.outer {
            Some(outer) if is_super && outer.tunnel.port().is_some() && config.can_tell() => {
                // GRO-OUT-012
                let Ip { version, at, l4, .. } = outer.ip;
                Beyond {
                    tunnel: over(version),
                    outer_csum: outer.udp_checksum(&self.bytes) != 0,
                    outer_th_offset: if version == 6 { at + 40 } else { l4 },
                    inner_nh_offset: self.ip.at,
                    hash: 0,
                }
            }
            _ if !is_super && self.vnet.is_gso() && self.vnet.tells() => self.tell_again(),
            _ => Beyond::default(),
        };
    }

    /// GRO-OUT-011
    fn tell_again(&self) -> Beyond {
        let ip = self.outermost();
        let mut told = Beyond { tunnel: over(ip.version), hash: 0, ..self.vnet.layers };
        if let Some(ip) = ip.walk(&self.bytes, ALL) {
            told.outer_th_offset = ip.l4;
        }
        told
    }
}
