// SPDX-License-Identifier: MIT
//! What the adapter asks of the core of the port, and what it skips.

use std::convert::TryInto;

use grove_port::layers::Settings;
use grove_port::Vnet;
use grove_protocol::Config;

/// The longest packet that the core splits.
const LONGEST: usize = 65535;

/// Why the configuration cannot be asked, if it cannot.
pub fn settings(config: &Config) -> Result<Settings, String> {
    for (is_asked, what) in [
        (config.ethernet, "link"),
        (config.vnet_len != 10, "vnet_len"),
        (!config.tunnels.is_empty(), "tunnels"),
        (config.max_bytes != 65535, "max_bytes"),
        (config.fraglist, "fraglist"),
        (config.hash, "hash"),
        (config.lossless, "mode"),
    ] {
        if is_asked {
            return Err(format!("config.{}: the core does not have it, only layers have", what));
        }
    }
    Ok(Settings::default())
}

/// The core has a table for each of its configurations.
pub fn checked(asked: grove_port::Config, _: &Config) -> Result<grove_port::Config, String> {
    Ok(asked)
}

/// The configuration, or why the packet cannot be asked.
pub fn may_split(packet: &[u8], asked: grove_port::Config) -> Result<grove_port::Config, String> {
    match packet.len() > LONGEST {
        true => Err("input: the core splits no packet over 65535 bytes".into()),
        false => Ok(asked),
    }
}

pub fn read(wire: &[u8], _: u32) -> Vnet {
    Vnet::from_wire(wire.try_into().expect("10 bytes, as vnet_len says"))
}

pub fn write(vnet: &Vnet, _: &Config) -> Vec<u8> {
    vnet.to_wire().into()
}
