// SPDX-License-Identifier: MIT
//! The crate `grove` behind the adapter protocol of vectors/README.md.

#![forbid(unsafe_code)]

use grove::{Packet, Poll, Split, Splitter, Table, Verdict};
use grove_protocol::{serve, Answer, Config, Entry, Implementation, Output, LINE_MAX};

struct Binding;

impl Implementation for Binding {
    const NAME: &'static str = "grove-rust";

    fn profiles() -> Vec<String> {
        grove::profiles().map(String::from).collect()
    }

    fn gro(config: &Config, input: &[Entry]) -> Answer {
        if has_layers(config) {
            return Answer::Skipped(
                "the crate has no links, tunnels, lists, longer headers and super-packets".into(),
            );
        }
        let table = Table::new(&grove::Config {
            profile: Some(&config.profile),
            max_flows: config.max_flows as u32,
            max_packets: input.len().max(1) as u32,
            lossless: config.lossless,
            no_udp: !config.udp,
            csum_trusted: config.trusted,
        });
        let mut table = match table {
            Ok(table) => table,
            Err(error) => return Answer::Skipped(error.to_string()),
        };
        let mut poll = table.poll();
        for entry in input {
            match entry {
                Entry::Flush => poll.flush(),
                Entry::Packet(vnet, bytes) => {
                    if let Err(error) = poll.receive(packet(vnet, bytes)) {
                        return Answer::Error(error.to_string());
                    }
                }
            }
        }
        poll.flush();
        answer(&poll)
    }

    fn gso(config: &Config, vnet: &[u8], bytes: &[u8]) -> Answer {
        if has_layers(config) {
            return Answer::Skipped("the crate has no links and longer headers".into());
        }
        let mut splitter = match Splitter::new(Some(&config.profile), false) {
            Ok(splitter) => splitter,
            Err(error) => return Answer::Skipped(error.to_string()),
        };
        let mut segments = match splitter.split(packet(vnet, bytes)) {
            Split::Rejected(_) => return Answer::Rejected,
            Split::Dropped(_) => return Answer::Gso(Vec::new()),
            Split::Segments(segments) => segments,
        };
        let (mut outputs, mut room) = (Vec::new(), LINE_MAX / 2);
        let (mut buffer, mut vnet) = (vec![0; bytes.len()], [0; 10]);
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
}

fn packet<'p>(vnet: &'p [u8], bytes: &'p [u8]) -> Packet<'p> {
    Packet { bytes, vnet: vnet.try_into().ok() }
}

fn has_layers(config: &Config) -> bool {
    config.ethernet
        || !config.tunnels.is_empty()
        || config.vnet_len != 10
        || config.max_bytes != 65535
        || config.fraglist
}

fn answer(poll: &Poll<'_, '_>) -> Answer {
    let output = |output: grove::Output<'_>| Output {
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
