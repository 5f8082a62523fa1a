// SPDX-License-Identifier: MIT
//! The port and the reference give the same answer to any bytes: outputs,
//! virtio headers, verdicts and rules of a batch, or the segments of a packet.
//!
//! An input is three bytes: the profile; flags; max_flows. Then come entries: a
//! byte of flags; if it is no flush, a length of two bytes, little-endian; ten
//! bytes of virtio header if there is one; four bytes of hash, little-endian, if
//! there is one; and the packet. `seeds.py` makes
//! inputs of vectors.

#![no_main]

use grove::{Packet, SplitConfig, Splitter, Verdict};
use grove_port::layers::{Beyond, Settings};
use grove_port::{Config, Profile, Refused, Table, Vnet};
use libfuzzer_sys::fuzz_target;

// Flags of an input.
const LOSSLESS: u8 = 1;
const NO_UDP: u8 = 2;
const TRUSTED: u8 = 4;
const GSO: u8 = 8;
const CSUM_OFFLOAD: u8 = 16;
const FRAGLIST: u8 = 32; // in linux mode, as the next one
const BIG: u8 = 64; // without lists
const HASH: u8 = 128; // without both

// Flags of an entry.
const FLUSH: u8 = 1;
const VNET: u8 = 2;
const MEND: u8 = 4;
const HASHED: u8 = 8;

const MAX_ENTRIES: usize = 200;
const MAX_SEGMENTS: usize = 3000;

enum Entry {
    Flush,
    Packet([u8; 10], Vec<u8>, u32),
}

/// Takes bytes from the front; fewer at the end.
fn take<'a>(data: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (front, rest) = data.split_at(count.min(data.len()));
    *data = rest;
    front
}

/// The sum of 16-bit words in network order, folded.
fn sum(parts: &[&[u8]]) -> u16 {
    let mut total = 0u64;
    for part in parts {
        for pair in part.chunks(2) {
            total += u64::from(pair[0]) << 8 | u64::from(*pair.get(1).unwrap_or(&0));
        }
    }
    while total > 0xffff {
        total = (total >> 16) + (total & 0xffff);
    }
    total as u16
}

/// Makes the checksums right, where plain headers say what they are.
fn mend(packet: &mut [u8]) {
    if packet.len() < 40 {
        return;
    }
    let (l4, protocol, addresses) = match packet[0] >> 4 {
        4 => (usize::from(packet[0] & 15) * 4, packet[9], 12..20),
        6 => (40, packet[6], 8..40),
        _ => return,
    };
    let at = l4 + if protocol == 6 { 16 } else { 6 };
    if l4 < 20 || at + 2 > packet.len() {
        return;
    }
    if packet[0] >> 4 == 4 {
        packet[10..12].fill(0);
        let check = !sum(&[&packet[..l4]]);
        packet[10..12].copy_from_slice(&check.to_be_bytes());
    }
    if protocol == 6 || protocol == 17 {
        packet[at..at + 2].fill(0);
        let length = ((packet.len() - l4) as u32).to_be_bytes();
        let pseudo = [&packet[addresses], &length, &[0, protocol][..]];
        let check = !sum(&[pseudo[0], pseudo[1], pseudo[2], &packet[l4..]]);
        let check = if check == 0 && protocol == 17 { 0xffff } else { check };
        packet[at..at + 2].copy_from_slice(&check.to_be_bytes());
    }
}

fn entries(mut data: &[u8]) -> Vec<Entry> {
    let mut found = Vec::new();
    while !data.is_empty() && found.len() < MAX_ENTRIES {
        let flags = take(&mut data, 1)[0];
        if flags & FLUSH != 0 {
            found.push(Entry::Flush);
            continue;
        }
        let mut length = [0; 2];
        let mut vnet = [0; 10];
        let mut hash = [0; 4];
        let bytes = take(&mut data, 2);
        length[..bytes.len()].copy_from_slice(bytes);
        if flags & VNET != 0 {
            let bytes = take(&mut data, 10);
            vnet[..bytes.len()].copy_from_slice(bytes);
        }
        if flags & HASHED != 0 {
            let bytes = take(&mut data, 4);
            hash[..bytes.len()].copy_from_slice(bytes);
        }
        let mut packet = take(&mut data, usize::from(u16::from_le_bytes(length))).to_vec();
        if flags & MEND != 0 {
            mend(&mut packet);
        }
        found.push(Entry::Packet(vnet, packet, u32::from_le_bytes(hash)));
    }
    found
}

fn word(verdict: Verdict) -> grove_port::Verdict {
    match verdict {
        Verdict::Held => grove_port::Verdict::Held,
        Verdict::Merged => grove_port::Verdict::Merged,
        Verdict::Passed => grove_port::Verdict::Passed,
        Verdict::Rejected => grove_port::Verdict::Rejected,
    }
}

fn compare_gro(profile: &str, flags: u8, max_flows: u8, entries: &[Entry]) {
    let max_flows = usize::from(max_flows % 64) + 1;
    let lossless = flags & LOSSLESS != 0;
    let fraglist = flags & FRAGLIST != 0 && !lossless;
    let max_bytes = if flags & BIG != 0 && !lossless && !fraglist { 200_000 } else { 65535 };
    let hash = flags & HASH != 0 && !lossless && !fraglist && max_bytes == 65535;
    let bucket = Some(max_flows).filter(|_| hash);
    let mut port = Table::new(Config {
        profile: Profile::find(profile).unwrap(),
        max_flows: if hash { 8 * max_flows } else { max_flows },
        udp: flags & NO_UDP == 0 || fraglist,
        trusted: flags & TRUSTED != 0,
        layers: Settings { lossless, max_bytes, fraglist, bucket, ..Settings::default() },
    });
    let mut reference = grove::Table::new(&grove::Config {
        profile: Some(profile),
        max_flows: max_flows as u32,
        max_packets: MAX_ENTRIES as u32,
        lossless,
        no_udp: flags & NO_UDP != 0,
        csum_trusted: flags & TRUSTED != 0,
        max_bytes: max_bytes as u32,
        fraglist,
        hash,
        ..Default::default()
    })
    .unwrap();
    let mut poll = reference.poll();
    let mut told = Vec::new();
    for entry in entries {
        match entry {
            Entry::Flush => {
                port.flush();
                poll.flush();
            }
            Entry::Packet(vnet, bytes, hash) => {
                let layers = Beyond { hash: *hash, ..Beyond::default() };
                told.push(port.receive(bytes, Vnet { layers, ..Vnet::from_wire(vnet) }));
                poll.receive_with_hash(Packet { bytes, vnet: Some(vnet) }, *hash).unwrap();
            }
        }
    }
    port.flush();
    poll.flush();
    for (number, (verdict, rule)) in poll.fates().enumerate() {
        let expected = (word(verdict), rule.map(|rule| rule.id()));
        let (verdict, rule) = told[number];
        assert_eq!((verdict, rule), expected, "packet {number}");
    }
    assert_eq!(port.to_write.len(), poll.outputs().count());
    for (mine, output) in port.to_write.iter().zip(poll.outputs()) {
        let bytes: Vec<u8> = output.slices().skip(1).flatten().copied().collect();
        assert_eq!(mine.vnet.to_wire(), output.vnet());
        assert_eq!(mine.of, output.packets().collect::<Vec<_>>());
        assert!(mine.bytes == bytes, "{:02x?}, expected {bytes:02x?}", mine.bytes);
    }
}

fn compare_gso(profile: &str, flags: u8, vnet: &[u8; 10], bytes: &[u8]) {
    let csum_offload = flags & CSUM_OFFLOAD != 0;
    let config = SplitConfig { profile: Some(profile), csum_offload, ..SplitConfig::default() };
    let mut splitter = Splitter::new(&config).unwrap();
    let port = Config {
        profile: Profile::find(profile).unwrap(),
        max_flows: 1,
        udp: true,
        trusted: false,
        layers: Settings::default(),
    };
    let port = grove_port::split(bytes, Vnet::from_wire(vnet), &port, csum_offload);
    let mut segments = match (port, splitter.split(Packet { bytes, vnet: Some(vnet) })) {
        (Err(Refused::Rejected(mine)), grove::Split::Rejected(rule))
        | (Err(Refused::Dropped(mine)), grove::Split::Dropped(rule)) => {
            assert_eq!(mine, rule.id());
            return;
        }
        (Ok(mine), grove::Split::Segments(segments)) => (mine, segments),
        _ => panic!("one splits, and the other does not"),
    };
    let (mut buffer, mut header) = (vec![0; bytes.len()], [0; 10]);
    for number in 0..MAX_SEGMENTS {
        let length = segments.1.next_into(&mut buffer, &mut header);
        let Some((vnet, mine)) = segments.0.next() else {
            assert_eq!(length, None, "segment {number}");
            return;
        };
        assert_eq!(length, Some(mine.len()), "segment {number}");
        assert_eq!(vnet.to_wire(), header, "segment {number}");
        assert!(mine == buffer[..mine.len()], "segment {number}: {mine:02x?}");
    }
}

fuzz_target!(|data: &[u8]| {
    let mut data = data;
    let [profile, flags, max_flows] = *take(&mut data, 3) else { return };
    let names: Vec<&str> = Profile::names().collect();
    let profile = names[usize::from(profile) % names.len()];
    let entries = entries(data);
    if flags & GSO == 0 {
        compare_gro(profile, flags, max_flows, &entries);
        return;
    }
    for entry in &entries {
        if let Entry::Packet(vnet, bytes, _) = entry {
            compare_gso(profile, flags, vnet, bytes);
        }
    }
});
