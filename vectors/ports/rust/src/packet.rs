// SPDX-License-Identifier: MIT
//! Section 4: the packet by itself; and section 7: the flow. Packets with equal
//! keys are of one flow.

use alloc::{vec, vec::Vec};

use crate::config::Config;
use crate::ip::{Ip, TCP};
use crate::layers;
use crate::model::{get32, Checked, Rule};
use crate::vnet::{Vnet, FAR};

/// A received packet, and what sections 3 to 7 find in it. If it does not
/// bypass, all its headers are whole.
#[derive(Default)]
pub(crate) struct Packet {
    /// Its number among the received packets.
    pub index: usize,
    pub bytes: Vec<u8>,
    /// As received; then as accepted.
    pub vnet: Vnet,
    /// The rule that makes it bypass. It takes precedence over a flush.
    pub bypass: Option<Rule>,
    /// The first rule that flushes it.
    pub flush: Option<Rule>,
    /// The length of the link's header; 0 without layers.
    pub link_len: usize,
    /// The protocols of tunnels that may be entered yet; none without layers.
    pub tunnels: Vec<u8>,
    /// The IP header, in a tunnel the inner one.
    pub ip: Ip,
    /// From the first byte of the packet.
    pub payload: usize,
    pub verified: bool,
    /// What the inner pseudo-header adds up to if the checksum of a tunnel is
    /// right, which is not computed yet.
    pub outer_sum: Option<u16>,
    /// The key, in parts; empty if the flow is not known.
    pub flow: Vec<Vec<u8>>,
    #[cfg(feature = "layers")]
    pub layers: layers::Found,
}

impl Packet {
    /// Applies sections 3 to 7. The error is the rule that rejects the packet.
    pub fn parse(mut self, config: &Config) -> Result<Packet, Rule> {
        self.vnet = self.vnet.accepted(&self.bytes, config)?;
        layers!(self.check_leaving(config)?);
        self.ip = layers::find_ip(&self.bytes, config);
        self.flushes(first![("GRO-IN-003", self.vnet.is_gso())]);
        self.bypass = self.read(config).err();
        Ok(self)
    }

    fn read(&mut self, config: &Config) -> Checked {
        layers!(self.read_link(config)?);
        self.read_ip()?;
        layers!(self.read_tunnel(config)?);
        self.complete_key();
        layers!(self.add_keys(config));
        match self.ip.protocol {
            TCP => self.read_tcp(config)?,
            _ => self.read_udp(config)?,
        }
        layers!(self.flush_in_lossless(config));
        Ok(())
    }

    /// Completes the key of a packet that no rule of sections 3 to 5 rejects or
    /// makes bypass, if its flow is known.
    fn complete_key(&mut self) {
        let (bytes, ip) = (&self.bytes, &self.ip);
        if let Some(ports) = bytes.get(ip.l4..ip.l4 + 4) {
            // GRO-KEY-003: a number that no other packet has
            let far = if ip.l4 > FAR { self.index + 1 } else { 0 };
            self.flow = vec![key(bytes, ip, ports), far.to_be_bytes().into()];
        }
    }

    /// Notes what a table of rules that flush says.
    pub fn flushes(&mut self, rules: Checked) {
        self.flush = self.flush.or(rules.err());
    }

    pub fn l4(&self) -> &[u8] {
        &self.bytes[self.ip.l4..]
    }

    pub fn payload_length(&self) -> usize {
        self.bytes.len() - self.payload
    }
}

/// The flow label of an IPv6 header, and the upper 4 bits of its first byte.
pub(crate) fn label(ip: &[u8]) -> u32 {
    get32(ip, 0) & 0xf00f_ffff
}

/// The next header field and the extension headers of IPv6.
pub(crate) fn extensions(packet: &[u8], ip: &Ip) -> Vec<u8> {
    [&packet[ip.at + 6..ip.at + 7], &packet[ip.at + 40..ip.l4]].concat()
}

/// GRO-KEY-001 and GRO-KEY-002
pub(crate) fn key(packet: &[u8], ip: &Ip, ports: &[u8]) -> Vec<u8> {
    let addresses = ip.addresses(packet).unwrap_or_default();
    let key = [&[ip.version, ip.protocol], addresses, ports].concat();
    match ip.version {
        6 => [&key, &label(ip.of(packet)).to_be_bytes()[..], &extensions(packet, ip)].concat(),
        _ => key,
    }
}
