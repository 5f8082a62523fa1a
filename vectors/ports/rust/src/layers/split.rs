// SPDX-License-Identifier: MIT
//! Section 14: split, with layers.

use alloc::vec::Vec;

use crate::config::Config;
use crate::ip::{nibble, Ip, UDP};
use crate::layers::link::{is_tag, SPLIT_TAGS};
use crate::model::{fold, get16, put16, sum, Checked};
use crate::packet::Packet;
use crate::split::{adjust, write_ip};
use crate::vnet::{Vnet, TCPV4, TCPV6, UDP_L4};

impl Packet {
    /// The rules for all packets, and GSO-OUT-012.
    pub(crate) fn check_split(&mut self, config: &Config) -> Checked {
        let is_tagged = config.layers.ethernet && is_tag(get16(&self.bytes, 12));
        let vnet = &mut self.vnet;
        first![
            ("GSO-011", is_tagged && self.bytes.len() < 20),
            ("GSO-012", vnet.tells() && !vnet.is_gso()),
        ]?;
        if is_tagged && vnet.needs_csum() && vnet.csum_start < 18 && vnet.kind() != UDP_L4 {
            (vnet.flags, vnet.csum_start, vnet.csum_offset) = (0, 0, 0);
        }
        Ok(())
    }

    /// The rule after GSO-001.
    pub(crate) fn check_split_link(&self) -> Checked {
        let is_ip = self.ip.version != 0 && self.ip.passed <= SPLIT_TAGS;
        first![("GSO-010", !is_ip)]
    }

    /// Goes into the tunnel, if the packet is in one.
    pub(crate) fn enter_split(&mut self, config: &Config) -> Checked {
        if self.vnet.tells() && self.ip.protocol == UDP {
            let at = self.vnet.layers.inner_nh_offset;
            first![("GSO-013", self.ip.l4 > at)]?;
            let version = match self.vnet.kind() {
                TCPV4 => 4,
                TCPV6 => 6,
                _ if nibble(&self.bytes[at..]) == 6 => 6,
                _ => 4,
            };
            self.layers.split_outer = Some(self.ip);
            self.ip = Ip::new(version, at);
            self.walk_ip()?;
        }
        self.layers.strips = self.has_jumbo(config);
        Ok(())
    }

    /// Completes segment i, which is as the core makes it.
    pub(crate) fn write_split(&self, segment: &mut Vec<u8>, vnet: &mut Vnet, i: u16) {
        if let Some(outer) = &self.layers.split_outer {
            write_ip(&mut segment[outer.at..], outer.version, i);
            self.write_outer_udp(segment, outer.l4);
        }
        if self.layers.strips {
            self.strip_jumbo(segment, vnet);
        }
    }

    /// GSO-OUT-010 and GSO-OUT-011, for the outer UDP header at an offset. It
    /// may overlap the inner IP header.
    fn write_outer_udp(&self, segment: &mut [u8], at: usize) {
        let (old, new) = (self.bytes.len() - at, segment.len() - at);
        put16(segment, at + 4, new as u16);
        if !self.vnet.layers.outer_csum {
            return;
        }
        put16(segment, at + 6, adjust(get16(&self.bytes, at + 6), old, new));
        let part = self.part(segment.len() - self.ip.l4);
        let check = !fold(sum(&segment[at..self.ip.l4]) + u64::from(!part));
        put16(segment, at + 6, if check == 0 { 0xffff } else { check });
    }
}
