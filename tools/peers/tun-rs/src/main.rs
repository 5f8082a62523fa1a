// SPDX-License-Identifier: MIT
//! tun-rs behind the adapter protocol of vectors/README.md.
//!
//! `gro` is `handle_gro`, which `send_multiple` calls for each batch: a poll is
//! a batch. `gso` is `gso_split`, which `recv_multiple` calls for a
//! super-packet. A panic of the crate ends this process, which the runner
//! reports as a crash.

use std::io::{self, BufRead, Write};

use serde_json::{json, Value};
use tun_rs::{gso_split, handle_gro, VirtioNetHdr, VIRTIO_NET_HDR_LEN};

/// A buffer in which any super-packet has room; in a smaller one the crate
/// merges less.
const ROOM: usize = VIRTIO_NET_HDR_LEN + 65535;

const NEEDS_CSUM: u8 = 1;
const GSO_NONE: u8 = 0;
const GSO_UDP_L4: u8 = 5;

/// What is answered instead of an output.
enum Instead {
    Skipped(&'static str),
    Rejected,
    Error(String),
}

type Answer = Result<Vec<Value>, Instead>;

fn bytes(field: &Value) -> Vec<u8> {
    hex::decode(field.as_str().unwrap_or("")).expect("the runner sends hex")
}

fn output(written: &[u8]) -> Value {
    let (header, packet) = written.split_at(VIRTIO_NET_HDR_LEN);
    let word = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
    json!({
        "vnet": {"flags": header[0], "gso_type": header[1], "hdr_len": word(2),
                 "gso_size": word(4), "csum_start": word(6),
                 "csum_offset": word(8)},
        "packet": hex::encode(packet),
    })
}

/// A batch of `send_multiple`: the outputs are appended.
fn send_batch(batch: &mut [Vec<u8>], udp: bool, outputs: &mut Vec<Value>) -> Result<(), Instead> {
    let mut to_write = Vec::new();
    handle_gro(
        batch,
        VIRTIO_NET_HDR_LEN,
        &mut Default::default(),
        &mut Default::default(),
        udp,
        &mut to_write,
    )
    .map_err(|error| Instead::Error(error.to_string()))?;
    outputs.extend(to_write.iter().map(|&number| output(&batch[number])));
    Ok(())
}

/// Why the crate has no such configuration, or None.
fn unknown(config: &Value) -> Option<&'static str> {
    let fields = config.as_object()?;
    fields.iter().find_map(|(name, value)| match name.as_str() {
        "udp" => None,
        "csum" if value == "verify" => None,
        "mode" if value == "linux" => None,
        "csum" => Some("it always verifies checksums"),
        "mode" => Some("it has no lossless mode"),
        "max_flows" => Some("its table has no limit"),
        _ => Some("it has no such configuration"),
    })
}

fn coalesce(request: &Value) -> Answer {
    let config = &request["config"];
    let udp = config["udp"].as_bool().unwrap_or(true);
    let mut outputs = Vec::new();
    let mut batch: Vec<Vec<u8>> = Vec::new();

    if let Some(why) = unknown(config) {
        return Err(Instead::Skipped(why));
    }
    for entry in request["input"].as_array().into_iter().flatten() {
        if entry["flush"] == true {
            send_batch(&mut batch, udp, &mut outputs)?;
            batch.clear();
            continue;
        }
        if bytes(&entry["vnet"]).iter().any(|&byte| byte != 0) {
            return Err(Instead::Skipped("its packets have no virtio header"));
        }
        let packet = bytes(&entry["packet"]);
        if packet.is_empty() {
            return Err(Instead::Skipped("it takes no empty packet"));
        }
        let mut buffer = Vec::with_capacity(ROOM.max(VIRTIO_NET_HDR_LEN + packet.len()));
        buffer.resize(VIRTIO_NET_HDR_LEN, 0);
        buffer.extend_from_slice(&packet);
        batch.push(buffer);
    }
    send_batch(&mut batch, udp, &mut outputs)?;
    Ok(outputs)
}

/// The length of the headers as `recv_multiple` finds it: it does not take that
/// of the virtio header.
fn headers_of(packet: &[u8], header: &VirtioNetHdr) -> Option<u16> {
    if header.gso_type == GSO_UDP_L4 {
        return header.csum_start.checked_add(8);
    }
    let offset = packet.get(usize::from(header.csum_start) + 12)? >> 4;
    header.csum_start.checked_add(u16::from(offset) * 4)
}

fn segment(request: &Value) -> Answer {
    let entry = &request["input"][0];
    let mut packet = bytes(&entry["packet"]);
    let wire = bytes(&entry["vnet"]);
    let mut header = VirtioNetHdr::decode(&wire).unwrap_or_default();

    if header.gso_type == GSO_NONE {
        return Err(Instead::Skipped("only super-packets have a public function"));
    }
    if header.flags & NEEDS_CSUM == 0 {
        return Err(Instead::Skipped("no TUN device gives it such a packet"));
    }
    header.hdr_len = headers_of(&packet, &header).ok_or(Instead::Rejected)?;
    let version = packet.first().map_or(0, |first| first >> 4);
    if version != 4 && version != 6 {
        return Err(Instead::Rejected);
    }
    let size = usize::from(header.gso_size).max(1);
    let count = packet.len() / size + 1;
    let room = usize::from(header.hdr_len) + size.min(packet.len());
    let mut segments = vec![vec![0; room]; count.min(usize::from(u16::MAX))];
    let mut sizes = vec![0; segments.len()];
    let made = gso_split(&mut packet, header, &mut segments, &mut sizes, 0, version == 6)
        .map_err(|_| Instead::Rejected)?;
    Ok((0..made)
        .map(|number| json!({"packet": hex::encode(&segments[number][..sizes[number]])}))
        .collect())
}

fn run(request: &Value) -> Value {
    let seq = &request["seq"];
    let answer = match request["op"].as_str() {
        Some("gro") => coalesce(request),
        Some("gso") => segment(request),
        _ => Err(Instead::Skipped("it has no such op")),
    };
    match answer {
        Ok(outputs) => json!({"seq": seq, "output": outputs}),
        Err(Instead::Skipped(why)) => json!({"seq": seq, "skipped": {"reason": why}}),
        Err(Instead::Rejected) => json!({"seq": seq, "rejected": "EINVAL"}),
        Err(Instead::Error(why)) => json!({"seq": seq, "error": why}),
    }
}

fn hello() -> Value {
    json!({"impl": "tun-rs", "version": "2.8.16", "profiles": ["linux-6.18"],
           "ops": ["gro", "gso"], "tiers": ["output"], "level": "safe"})
}

fn main() -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let answer = match request["cmd"].as_str() {
            Some("hello") => hello(),
            Some("bye") => break,
            _ => run(&request),
        };
        writeln!(stdout, "{answer}")?;
        stdout.flush()?;
    }
    Ok(())
}
