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
}

/// An entry of the input.
#[derive(Clone, Debug)]
pub enum Entry {
    /// A virtio header, and a packet.
    Packet([u8; 10], Vec<u8>),
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
            _ => return Err(skipped(&format!("config.{}: unknown field or value", name))),
        }
    }
    Ok(config)
}

pub(crate) fn input(request: &Map<String, Value>) -> Result<Vec<Entry>, Answer> {
    let known = ["cmd", "seq", "op", "profile", "config", "input"];
    let is_free = |name: &&String| !name.starts_with("x-") && !known.contains(&&***name);
    if let Some(name) = request.keys().find(is_free) {
        return Err(error(&format!("request: unknown field {:?}", name)));
    }
    let entries = request.get("input").and_then(Value::as_array);
    entries.ok_or_else(|| error("input: not a list"))?.iter().map(entry).collect()
}

fn entry(entry: &Value) -> Result<Entry, Answer> {
    let fields = entry.as_object().ok_or_else(|| error("input: not an object"))?;
    let bad = || error("input: neither a packet nor a flush");
    let vnet = match (fields.len(), fields.get("flush"), fields.get("vnet")) {
        (1, Some(Value::Bool(true)), None) => return Ok(Entry::Flush),
        (1, None, None) => vec![0; 10],
        (2, None, Some(vnet)) => hex(vnet)?,
        _ => return Err(bad()),
    };
    let vnet = <[u8; 10]>::try_from(vnet).map_err(|_| error("vnet: not 10 bytes"))?;
    Ok(Entry::Packet(vnet, hex(fields.get("packet").ok_or_else(bad)?)?))
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
