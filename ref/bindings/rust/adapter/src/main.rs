// SPDX-License-Identifier: MIT
//! The crate `grove` behind the adapter protocol of vectors/README.md.

#![forbid(unsafe_code)]

use grove::{Link, Packet, Poll, Split, SplitConfig, Splitter, Table, Tunnel, Verdict};
use grove_protocol::{serve, Answer, Config, Entry, Implementation, Output, LINE_MAX};

struct Binding;

impl Implementation for Binding {
    const NAME: &'static str = "grove-rust";

    fn profiles() -> Vec<String> {
        grove::profiles().map(String::from).collect()
    }

    fn gro(config: &Config, input: &[Entry]) -> Answer {
        match config.vnet_len {
            12 => gro::<12>(config, input),
            24 => gro::<24>(config, input),
            _ => gro::<10>(config, input),
        }
    }

    fn gso(config: &Config, vnet: &[u8], bytes: &[u8]) -> Answer {
        match config.vnet_len {
            12 => gso::<12>(config, vnet, bytes),
            24 => gso::<24>(config, vnet, bytes),
            _ => gso::<10>(config, vnet, bytes),
        }
    }
}

fn gro<const VNET: usize>(config: &Config, input: &[Entry]) -> Answer {
    let tunnels: Option<Vec<_>> = config.tunnels.iter().map(|name| tunnel(name)).collect();
    let tunnels = match tunnels {
        Some(tunnels) => tunnels,
        None => return Answer::Skipped("config.tunnels: an unknown name".into()),
    };
    let table = Table::<VNET>::with_vnet_len(&grove::Config {
        profile: Some(&config.profile),
        max_flows: config.max_flows as u32,
        max_packets: input.len().max(1) as u32,
        lossless: config.lossless,
        no_udp: !config.udp,
        csum_trusted: config.trusted,
        link: link(config),
        tunnels: &tunnels,
        max_bytes: config.max_bytes as u32,
        fraglist: config.fraglist,
        hash: config.hash,
        ..Default::default()
    });
    let mut table = match table {
        Ok(table) => table,
        Err(error) => return Answer::Skipped(error.to_string()),
    };
    let mut poll = table.poll();
    for entry in input {
        match entry {
            Entry::Flush => poll.flush(),
            Entry::Packet(vnet, bytes, hash) => {
                if let Err(error) = poll.receive_with_hash(packet(vnet, bytes), *hash) {
                    return Answer::Error(error.to_string());
                }
            }
        }
    }
    poll.flush();
    answer(&poll)
}

fn gso<const VNET: usize>(config: &Config, vnet: &[u8], bytes: &[u8]) -> Answer {
    let splitter = Splitter::<VNET>::with_vnet_len(&SplitConfig {
        profile: Some(&config.profile),
        link: link(config),
        ..Default::default()
    });
    let mut splitter = match splitter {
        Ok(splitter) => splitter,
        Err(error) => return Answer::Skipped(error.to_string()),
    };
    let mut segments = match splitter.split(packet(vnet, bytes)) {
        Split::Rejected(_) => return Answer::Rejected,
        Split::Dropped(_) => return Answer::Gso(Vec::new()),
        Split::Segments(segments) => segments,
    };
    let (mut outputs, mut room) = (Vec::new(), LINE_MAX / 2);
    let (mut buffer, mut vnet) = (vec![0; bytes.len()], [0; VNET]);
    while let Some(length) = segments.next_into(&mut buffer, &mut vnet) {
        room = match room.checked_sub(length) {
            Some(room) => room,
            None => return Answer::Error("the answer is a line over 64 MiB".into()),
        };
        outputs.push(Output {
            vnet: vnet.into(),
            packet: buffer[..length].to_vec(),
            of: Vec::new(),
        });
    }
    Answer::Gso(outputs)
}

fn link(config: &Config) -> Link {
    match config.ethernet {
        true => Link::Ethernet,
        false => Link::None,
    }
}

/// The tunnel with this name, such as `vxlan:4789`.
fn tunnel(name: &str) -> Option<Tunnel> {
    match name.split_once(':') {
        None if name == "ipip" => Some(Tunnel::Ipip),
        None if name == "gre" => Some(Tunnel::Gre),
        None if name == "pppoe" => Some(Tunnel::Pppoe),
        Some(("vxlan", port)) => port.parse().ok().map(Tunnel::Vxlan),
        Some(("vxlan-gpe", port)) => port.parse().ok().map(Tunnel::VxlanGpe),
        Some(("geneve", port)) => port.parse().ok().map(Tunnel::Geneve),
        _ => None,
    }
}

fn packet<'p, const VNET: usize>(vnet: &'p [u8], bytes: &'p [u8]) -> Packet<'p, VNET> {
    Packet { bytes, vnet: vnet.try_into().ok() }
}

fn answer<const VNET: usize>(poll: &Poll<'_, '_, VNET>) -> Answer {
    let output = |output: grove::Output<'_, VNET>| Output {
        vnet: output.vnet().into(),
        packet: output.slices().skip(1).flatten().copied().collect(),
        of: output.packets().collect(),
    };
    let told = |(verdict, rule): (Verdict, Option<grove::Rule>)| {
        (word(verdict), rule.map(|rule| rule.id().into()))
    };
    Answer::Gro(poll.outputs().map(output).collect(), poll.fates().map(told).collect())
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "held",
        Verdict::Merged => "merged",
        Verdict::Passed => "passed",
        Verdict::Rejected => "rejected",
    }
}

fn main() -> std::io::Result<()> {
    serve::<Binding>()
}
