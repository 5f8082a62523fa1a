// SPDX-License-Identifier: MIT
//! What a run asks.

use serde_json::{Map, Value};

use crate::answer::{error, skipped, Answer};

/// The profile and the configuration of a table; SPEC.md, section 2.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name of a profile, as it was asked for.
    pub profile: String,
    /// From 1 to 65536.
    pub max_flows: usize,
    /// Whether UDP packets merge.
    pub udp: bool,
    /// Whether L4 checksums were verified before.
    pub trusted: bool,
    /// Whether the mode is `lossless`.
    pub lossless: bool,
    /// Whether packets begin with an Ethernet header.
    pub ethernet: bool,
    /// The names of the tunnels that end at the host.
    pub tunnels: Vec<String>,
    /// The length of virtio headers: 10, 12 or 24.
    pub vnet_len: usize,
    /// The longest super-packet: from 65535 to 524280 bytes.
    pub max_bytes: usize,
    /// Whether packets are coalesced into lists.
    pub fraglist: bool,
    /// Whether packets have hashes.
    pub hash: bool,
}

/// An entry of the input.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A virtio header, as long as `vnet_len`, a packet, and its hash.
    Packet(Vec<u8>, Vec<u8>, u32),
    /// The end of a poll.
    Flush,
}

pub(crate) fn config(request: &Map<String, Value>) -> Result<Config, Answer> {
    let profile = request.get("profile").and_then(Value::as_str);
    let mut config = Config {
        profile: profile.ok_or_else(|| error("profile: not a string"))?.into(),
        max_flows: 8,
        udp: true,
        trusted: false,
        lossless: false,
        ethernet: false,
        tunnels: Vec::new(),
        vnet_len: 10,
        max_bytes: 65535,
        fraglist: false,
        hash: false,
    };
    let fields = match request.get("config") {
        Some(Value::Object(fields)) => fields.iter(),
        Some(_) => return Err(skipped("config: not an object")),
        None => return Ok(config),
    };
    for (name, value) in fields {
        match (&**name, value, value.as_str(), value.as_u64()) {
            ("max_flows", _, _, Some(number @ 1..=65536)) => config.max_flows = number as usize,
            ("udp", Value::Bool(udp), ..) => config.udp = *udp,
            ("csum", _, Some(word @ ("verify" | "trusted")), _) => {
                config.trusted = word == "trusted"
            }
            ("mode", _, Some(word @ ("linux" | "lossless")), _) => {
                config.lossless = word == "lossless"
            }
            ("link", _, Some(word @ ("none" | "ethernet")), _) => {
                config.ethernet = word == "ethernet"
            }
            ("tunnels", Value::Array(names), ..) => {
                config.tunnels = tunnels(names).ok_or_else(|| unknown(name))?
            }
            ("vnet_len", _, _, Some(length @ (10 | 12 | 24))) => config.vnet_len = length as usize,
            ("max_bytes", _, _, Some(bytes @ 65535..=524280)) => config.max_bytes = bytes as usize,
            ("fraglist", Value::Bool(fraglist), ..) => config.fraglist = *fraglist,
            ("hash", Value::Bool(hash), ..) => config.hash = *hash,
            _ => return Err(unknown(name)),
        }
    }
    Ok(config)
}

fn unknown(name: &str) -> Answer {
    skipped(&format!("config.{}: unknown field or value", name))
}

fn tunnels(names: &[Value]) -> Option<Vec<String>> {
    names.iter().map(|name| name.as_str().map(String::from)).collect()
}

pub(crate) fn input(request: &Map<String, Value>, vnet_len: usize) -> Result<Vec<Entry>, Answer> {
    let known = ["cmd", "seq", "op", "profile", "config", "input"];
    let is_free = |name: &&String| !name.starts_with("x-") && !known.contains(&&***name);
    if let Some(name) = request.keys().find(is_free) {
        return Err(error(&format!("request: unknown field {:?}", name)));
    }
    let entries = request.get("input").and_then(Value::as_array);
    entries
        .ok_or_else(|| error("input: not a list"))?
        .iter()
        .map(|value| entry(value, vnet_len))
        .collect()
}

fn entry(entry: &Value, vnet_len: usize) -> Result<Entry, Answer> {
    let fields = entry.as_object().ok_or_else(|| error("input: not an object"))?;
    let bad = || error("input: neither a packet nor a flush");
    if fields.len() == 1 && fields.get("flush") == Some(&Value::Bool(true)) {
        return Ok(Entry::Flush);
    }
    let (mut packet, mut vnet, mut hash) = (None, vec![0; vnet_len], 0);
    for (name, value) in fields {
        match &**name {
            "packet" => packet = Some(hex(value)?),
            "vnet" => vnet = hex(value)?,
            "hash" => hash = number(value)?,
            _ => return Err(bad()),
        }
    }
    if vnet.len() != vnet_len {
        return Err(error(&format!("vnet: not {} bytes", vnet_len)));
    }
    Ok(Entry::Packet(vnet, packet.ok_or_else(bad)?, hash))
}

fn number(value: &Value) -> Result<u32, Answer> {
    let number = value.as_u64().and_then(|number| number.try_into().ok());
    number.ok_or_else(|| error("hash: not a number of 32 bits"))
}

fn hex(value: &Value) -> Result<Vec<u8>, Answer> {
    let digits = value.as_str().unwrap_or("?").as_bytes();
    let digit = |byte: u8| (byte as char).to_digit(16);
    let pair = |pair: &[u8]| match *pair {
        [high, low] => Some((digit(high)? << 4 | digit(low)?) as u8),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = digits.chunks(2).map(pair).collect();
    bytes.ok_or_else(|| error("not a string of hex digits"))
}
