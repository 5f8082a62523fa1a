// SPDX-License-Identifier: MIT
//! Section 4: the packet by itself.

use alloc::vec::Vec;

use crate::flow::beginning;
use crate::ip::{self, TCP};
use crate::model::{Checked, Rule};
use crate::profile::Config;
use crate::vnet::Vnet;

/// A received packet, and what sections 3 to 7 find in it. If it does not
/// bypass, all its headers are whole.
#[derive(Default)]
pub(crate) struct Packet {
    /// Its number among the received packets.
    pub index: usize,
    pub bytes: Vec<u8>,
    /// As accepted.
    pub vnet: Vnet,
    /// The rule that makes it bypass. It takes precedence over a flush.
    pub bypass: Option<Rule>,
    /// The first rule that flushes it.
    pub flush: Option<Rule>,
    pub protocol: u8,
    pub l4: usize,
    pub payload: usize,
    pub verified: bool,
    /// The key, or what is known of it.
    pub flow: Vec<u8>,
}

impl Packet {
    /// Applies sections 3 to 7 and the flushes of section 11. The error is the
    /// rule that rejects the packet.
    pub fn parse(index: usize, bytes: &[u8], vnet: Vnet, config: &Config) -> Result<Self, Rule> {
        let vnet = vnet.accepted(bytes, &config.profile)?;
        let (bytes, flow) = (bytes.into(), beginning(bytes));
        let mut packet = Packet { index, bytes, vnet, flow, ..Packet::default() };
        packet.flushes(first![("GRO-IN-003", vnet.is_gso())]);
        packet.bypass = packet.read(config).err();
        Ok(packet)
    }

    fn read(&mut self, config: &Config) -> Checked {
        match self.version() {
            4 => self.read_ip4()?,
            _ => self.read_ip6()?,
        }
        self.complete_key(config.lossless);
        match self.protocol {
            TCP => self.read_tcp(config)?,
            _ => self.read_udp(config)?,
        }
        if config.lossless {
            self.flushes(self.lossless_flush(&config.profile));
        }
        Ok(())
    }

    /// Notes what a table of rules that flush says.
    pub fn flushes(&mut self, rules: Checked) {
        self.flush = self.flush.or(rules.err());
    }

    pub fn version(&self) -> u8 {
        ip::version(&self.bytes)
    }

    pub fn l4_length(&self) -> usize {
        self.bytes.len() - self.l4
    }

    pub fn payload_length(&self) -> usize {
        self.bytes.len() - self.payload
    }
}
