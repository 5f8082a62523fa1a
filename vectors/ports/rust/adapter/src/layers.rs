// SPDX-License-Identifier: MIT
//! What the adapter asks of a port with layers.

use grove_port::layers::{Settings, Tunnel};
use grove_port::Vnet;
use grove_protocol::Config;

/// What the configuration has for layers, or why it cannot be asked.
pub fn settings(config: &Config) -> Result<Settings, String> {
    let tunnel =
        |name: &String| Tunnel::find(name).ok_or_else(|| format!("tunnel {:?} is unknown", name));
    Ok(Settings {
        ethernet: config.ethernet,
        vnet_len: config.vnet_len,
        tunnels: config.tunnels.iter().map(tunnel).collect::<Result<_, _>>()?,
        max_bytes: config.max_bytes,
        fraglist: config.fraglist,
        bucket: Some(config.max_flows).filter(|_| config.hash),
        lossless: config.lossless,
    })
}

/// The configuration of a table, if there is one with all of this.
pub fn checked(
    mut asked: grove_port::Config,
    config: &Config,
) -> Result<grove_port::Config, String> {
    asked.udp |= config.fraglist;
    asked.max_flows *= if config.hash { 8 } else { 1 };
    match asked.exists() {
        true => Ok(asked),
        false => Err("no table has all of this".into()),
    }
}

/// Any packet may be split.
pub fn may_split(_: &[u8], asked: grove_port::Config) -> Result<grove_port::Config, String> {
    Ok(asked)
}

pub fn read(wire: &[u8], hash: u32) -> Vnet {
    let mut vnet = Vnet::from_long_wire(wire);
    vnet.layers.hash = hash;
    vnet
}

pub fn write(vnet: &Vnet, config: &Config) -> Vec<u8> {
    vnet.to_long_wire()[..config.vnet_len].into()
}
