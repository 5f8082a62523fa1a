// SPDX-License-Identifier: MIT
//! tun-rs behind the adapter protocol of vectors/README.md.
//!
//! `gro` is `handle_gro`, which `send_multiple` calls for each batch: a poll is
//! a batch. `gso` is `recv_multiple` of a device to which the kernel sends the
//! super-packet. A panic of the crate ends this process, which the runner
//! reports as a crash.

mod speed;

use std::io::{self, BufRead, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{json, Value};
use tun_rs::{handle_gro, DeviceBuilder, SyncDevice, IDEAL_BATCH_SIZE, VIRTIO_NET_HDR_LEN};

/// A buffer in which any super-packet has room; in a smaller one the crate
/// merges less.
const ROOM: usize = VIRTIO_NET_HDR_LEN + 65535;

/// A datagram after which the device has nothing left to read.
const MARK: [u8; 28] = [
    0x45, 0, 0, 28, 0, 0, 0x40, 0, 64, 17, 0x4e, 0x59, 192, 0, 2, 77, 198, 51, 100, 77, 0, 7, 0, 7,
    0, 8, 0, 0,
];

/// Another one, which is sent until the device takes packets.
const PROBE: [u8; 28] = [
    0x45, 0, 0, 28, 0, 1, 0x40, 0, 64, 17, 0x4e, 0x58, 192, 0, 2, 77, 198, 51, 100, 77, 0, 7, 0, 7,
    0, 8, 0, 0,
];

/// What is written to `input` is read from `out`: the script `devices` makes
/// both.
struct Devices {
    input: SyncDevice,
    out: SyncDevice,
    wire: Vec<u8>,
    buffers: Vec<Vec<u8>>,
    sizes: Vec<usize>,
}

impl Devices {
    fn open() -> io::Result<Self> {
        let device = |name| DeviceBuilder::new().name(name).offload(true).build_sync();
        let mut devices = Devices {
            input: device("peer-in")?,
            out: device("peer-out")?,
            wire: vec![0; ROOM],
            buffers: vec![vec![0; ROOM]; IDEAL_BATCH_SIZE],
            sizes: vec![0; IDEAL_BATCH_SIZE],
        };
        devices.wait()?;
        Ok(devices)
    }

    /// Sends probes until one is read. A device that was just opened takes no
    /// packets for a while.
    fn wait(&mut self) -> io::Result<()> {
        let read = AtomicBool::new(false);
        let (input, out) = (&self.input, &self.out);
        let (wire, buffers, sizes) = (&mut self.wire, &mut self.buffers, &mut self.sizes);

        let first = thread::scope(|scope| {
            scope.spawn(|| {
                while !read.load(Ordering::Relaxed) {
                    let _ = send(input, &[], &PROBE);
                    thread::sleep(Duration::from_millis(10));
                }
            });
            let first = out.recv_multiple(wire, buffers, sizes, 0);
            read.store(true, Ordering::Relaxed);
            first
        });
        first?;
        send(&self.input, &[], &MARK)?;
        let _ = read_segments(self); // only probes
        Ok(())
    }
}

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

/// Reads from the device until the mark.
fn read_segments(devices: &mut Devices) -> Answer {
    let mut outputs = Vec::new();
    let mut refused = false;

    for reads in 0.. {
        let taken = devices.out.recv_multiple(
            &mut devices.wire,
            &mut devices.buffers,
            &mut devices.sizes,
            0,
        );
        let count = taken.as_ref().copied().unwrap_or(0);
        let segment = |number: usize| &devices.buffers[number][..devices.sizes[number]];
        if count == 1 && segment(0) == MARK {
            if reads == 0 {
                return Err(Instead::Skipped("the kernel drops it before a TUN device"));
            }
            break;
        }
        refused |= taken.is_err();
        outputs.extend((0..count).map(|number| json!({"packet": hex::encode(segment(number))})));
    }
    if refused {
        return Err(Instead::Rejected);
    }
    Ok(outputs)
}

/// Writes a packet to the device from which another one is redirected.
fn send(input: &SyncDevice, vnet: &[u8], packet: &[u8]) -> io::Result<usize> {
    let mut wire = vnet.to_vec();
    wire.resize(VIRTIO_NET_HDR_LEN, 0);
    wire.extend_from_slice(packet);
    input.send(&wire)
}

fn segment(request: &Value, devices: &mut Devices) -> Answer {
    let entry = &request["input"][0];
    let packet = bytes(&entry["packet"]);

    if packet.len() > usize::from(u16::MAX) {
        return Err(Instead::Skipped(
            "its buffers have no room for such a packet",
        ));
    }
    if send(&devices.input, &bytes(&entry["vnet"]), &packet).is_err() {
        return Err(Instead::Skipped(
            "no kernel hands such a packet to a TUN device",
        ));
    }
    send(&devices.input, &[], &MARK).map_err(|error| Instead::Error(error.to_string()))?;
    read_segments(devices)
}

fn run(request: &Value, devices: &mut Devices) -> Value {
    let seq = &request["seq"];
    let answer = match request["op"].as_str() {
        Some("gro") => coalesce(request),
        Some("gso") => segment(request, devices),
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
    if std::env::args().nth(1).as_deref() == Some("bench") {
        return speed::bench();
    }
    let mut devices = Devices::open()?;
    let mut stdout = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let answer = match request["cmd"].as_str() {
            Some("hello") => hello(),
            Some("bye") => break,
            _ => run(&request, &mut devices),
        };
        writeln!(stdout, "{answer}")?;
        stdout.flush()?;
    }
    Ok(())
}
