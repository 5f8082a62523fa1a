// SPDX-License-Identifier: MIT
//! The speed of tun-rs, which verifies the checksums of what it merges.

use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant};

use serde_json::{json, Value};
use tun_rs::{gso_split, handle_gro, VirtioNetHdr, IDEAL_BATCH_SIZE, VIRTIO_NET_HDR_LEN};

use crate::{bytes, ROOM};

/// Batches that are not measured, before those that are.
const WARM_UP: usize = 20;

/// The time of one batch, and how many packets it gave.
type Batch<'a> = Box<dyn FnMut() -> io::Result<(Duration, usize)> + 'a>;

fn coalesce(packets: Vec<Vec<u8>>) -> Batch<'static> {
    let mut buffers = vec![Vec::with_capacity(ROOM); packets.len()];

    Box::new(move || {
        for (buffer, packet) in buffers.iter_mut().zip(&packets) {
            buffer.clear();
            buffer.reserve(ROOM);
            buffer.resize(VIRTIO_NET_HDR_LEN, 0);
            buffer.extend_from_slice(packet);
        }
        let (mut tcp, mut udp) = Default::default();
        let mut to_write = Vec::with_capacity(packets.len());
        let start = Instant::now();
        handle_gro(
            &mut buffers,
            VIRTIO_NET_HDR_LEN,
            &mut tcp,
            &mut udp,
            true,
            &mut to_write,
        )?;
        Ok((start.elapsed(), to_write.len()))
    })
}

fn split(wire: Vec<u8>, packet: Vec<u8>) -> io::Result<Batch<'static>> {
    let header = VirtioNetHdr::decode(&wire)?;
    let is_v6 = packet[0] >> 4 == 6;
    let mut segments = vec![vec![0; ROOM]; IDEAL_BATCH_SIZE];
    let mut sizes = vec![0; IDEAL_BATCH_SIZE];

    Ok(Box::new(move || {
        let mut copy = packet.clone();
        let start = Instant::now();
        let count = gso_split(&mut copy, header, &mut segments, &mut sizes, 0, is_v6)?;
        Ok((start.elapsed(), count))
    }))
}

fn measure(order: &Value) -> io::Result<Value> {
    let batches = order["batches"].as_u64().unwrap_or(1) as usize;
    let mut batch = if order["op"] == "gro" {
        coalesce(
            order["packets"]
                .as_array()
                .into_iter()
                .flatten()
                .map(bytes)
                .collect(),
        )
    } else {
        split(bytes(&order["vnet"]), bytes(&order["packet"]))?
    };
    let mut sum = Duration::ZERO;
    let mut outputs = 0;

    for number in 0..WARM_UP + batches {
        let (took, count) = batch()?;
        if number >= WARM_UP {
            sum += took;
        }
        outputs = count;
    }
    Ok(json!({"ns": sum.as_nanos() as f64 / batches as f64, "outputs": outputs}))
}

/// Answers orders to measure until the end of the input.
pub fn bench() -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let order: Value = serde_json::from_str(&line?)?;
        writeln!(stdout, "{}", measure(&order)?)?;
        stdout.flush()?;
    }
    Ok(())
}
