// SPDX-License-Identifier: MIT
//! The port behind the adapter protocol of vectors/README.md.

#![forbid(unsafe_code)]

use grove_port::{split, Profile, Refused, Table, Verdict, Vnet};
use grove_protocol::{serve, Answer, Config, Entry, Implementation, Output, LINE_MAX};

struct Port;

impl Implementation for Port {
    const NAME: &'static str = "grove-port-rust";

    fn profiles() -> Vec<String> {
        Profile::names().map(String::from).collect()
    }

    fn gro(config: &Config, input: &[Entry]) -> Answer {
        let profile = match Profile::find(&config.profile) {
            Some(profile) => profile,
            None => return unknown(config),
        };
        let mut told = Vec::new();
        let mut table = Table::new(grove_port::Config {
            profile,
            max_flows: config.max_flows,
            udp: config.udp,
            trusted: config.trusted,
            lossless: config.lossless,
        });
        for entry in input {
            match entry {
                Entry::Flush => table.flush(),
                Entry::Packet(vnet, packet) => {
                    let (verdict, rule) = table.receive(packet, Vnet::from_wire(*vnet));
                    told.push((word(verdict), rule.map(String::from)));
                }
            }
        }
        table.flush();
        let outputs = table.to_write.into_iter();
        Answer::Gro(outputs.map(|o| output(o.vnet, o.bytes, o.of)).collect(), told)
    }

    fn gso(config: &Config, vnet: [u8; 10], packet: &[u8]) -> Answer {
        let profile = match Profile::find(&config.profile) {
            Some(profile) => profile,
            None => return unknown(config),
        };
        let segments = match split(packet, Vnet::from_wire(vnet), &profile, false) {
            Err(Refused::Rejected(_)) => return Answer::Rejected,
            Err(Refused::Dropped(_)) => return Answer::Gso(Vec::new()),
            Ok(segments) => segments,
        };
        let (mut outputs, mut room) = (Vec::new(), LINE_MAX / 2);
        for (vnet, bytes) in segments {
            room = match room.checked_sub(bytes.len()) {
                Some(room) => room,
                None => return Answer::Error("the answer is a line over 64 MiB".into()),
            };
            outputs.push(output(vnet, bytes, Vec::new()));
        }
        Answer::Gso(outputs)
    }
}

fn unknown(config: &Config) -> Answer {
    Answer::Skipped(format!("profile {:?} is unknown", config.profile))
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "held",
        Verdict::Merged => "merged",
        Verdict::Passed => "passed",
        Verdict::Rejected => "rejected",
    }
}

fn output(vnet: Vnet, packet: Vec<u8>, of: Vec<usize>) -> Output {
    Output { vnet: vnet.to_wire(), packet, of }
}

fn main() -> std::io::Result<()> {
    serve::<Port>()
}
