// SPDX-License-Identifier: MIT
//! Section 4: the packet by itself.

use alloc::vec::Vec;

use crate::config::Config;
use crate::ip::{Ip, TCP};
use crate::link::{self, GRO_TAGS, SPLIT_TAGS};
use crate::model::{Checked, Rule};
use crate::tunnel::Outer;
use crate::vnet::Vnet;

/// A received packet, and what sections 3 to 7 find in it. If it does not
/// bypass, all its headers are whole.
#[derive(Default)]
pub(crate) struct Packet {
    /// Its number among the received packets.
    pub index: usize,
    pub bytes: Vec<u8>,
    pub hash: u32,
    /// As accepted.
    pub vnet: Vnet,
    /// Whether the virtio header told of a tunnel when it was received.
    pub told: bool,
    /// The rule that makes it bypass. It takes precedence over a flush.
    pub bypass: Option<Rule>,
    /// The first rule that flushes it.
    pub flush: Option<Rule>,
    /// The IP header, in a tunnel the inner one.
    pub ip: Ip,
    /// What is before the inner IP header, in a tunnel.
    pub outer: Option<Outer>,
    /// Where PPPoE is.
    pub pppoe: Vec<usize>,
    /// From the first byte of the packet.
    pub payload: usize,
    pub verified: bool,
    /// The version and the addresses of the outermost IP header; empty if they
    /// are not known.
    pub ends: Vec<u8>,
    /// The key, in parts; empty if the flow is not known.
    pub flow: Vec<Vec<u8>>,
}

impl Packet {
    /// Applies sections 3 to 7 and the flushes of section 11. The error is the
    /// rule that rejects the packet.
    pub fn parse(
        index: usize,
        bytes: &[u8],
        vnet: Vnet,
        hash: u32,
        config: &Config,
    ) -> Result<Self, Rule> {
        let told = vnet.tells(&config.device);
        let vnet = vnet.accepted(bytes, &config.device)?;
        first![("VNET-017", config.lossless && vnet.leaves_short(&config.device))]?;
        let ip =
            link::find(bytes, &config.device, if config.lossless { SPLIT_TAGS } else { GRO_TAGS });
        let ends = ip.addresses(bytes).map_or(Vec::new(), |ends| [&[ip.version], ends].concat());
        let mut packet =
            Packet { index, bytes: bytes.into(), hash, vnet, told, ip, ends, ..Packet::default() };
        packet.flushes(first![("GRO-IN-003", vnet.is_gso())]);
        packet.bypass = packet.read(config).err();
        Ok(packet)
    }

    fn read(&mut self, config: &Config) -> Checked {
        self.pass_link_pppoe(config)?;
        self.read_ip(config)?;
        if let Some(tunnel) = self.find_tunnel(config) {
            self.enter(tunnel, config)?;
            self.read_ip(config)?;
        }
        self.complete_key(config.lossless);
        match self.ip.protocol {
            TCP => self.read_tcp(config)?,
            _ => self.read_udp(config)?,
        }
        if config.lossless {
            self.flushes(self.lossless_flush(&config.device));
        }
        Ok(())
    }

    /// Notes what a table of rules that flush says.
    pub fn flushes(&mut self, rules: Checked) {
        self.flush = self.flush.or(rules.err());
    }

    /// The first IP header of the packet.
    pub fn outermost(&self) -> &Ip {
        self.outer.as_ref().map_or(&self.ip, |outer| &outer.ip)
    }

    pub fn l4(&self) -> &[u8] {
        &self.bytes[self.ip.l4..]
    }

    pub fn payload_length(&self) -> usize {
        self.bytes.len() - self.payload
    }
}
