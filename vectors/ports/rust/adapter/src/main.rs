// SPDX-License-Identifier: MIT
//! The port behind the adapter protocol of vectors/README.md.

#![forbid(unsafe_code)]

#[cfg_attr(not(feature = "layers"), path = "plain.rs")]
mod layers;

use grove_port::{split, Profile, Refused, Table, Verdict, Vnet};
use grove_protocol::{serve, Answer, Config, Entry, Implementation, Output, LINE_MAX};

struct Port;

impl Implementation for Port {
    const NAME: &'static str = "grove-port-rust";

    fn profiles() -> Vec<String> {
        Profile::names().map(String::from).collect()
    }

    fn gro(config: &Config, input: &[Entry]) -> Answer {
        let mut table = match asked(config) {
            Ok(config) => Table::new(config),
            Err(reason) => return Answer::Skipped(reason),
        };
        let mut told = Vec::new();
        for entry in input {
            match entry {
                Entry::Flush => table.flush(),
                Entry::Packet(vnet, packet, hash) => {
                    let (verdict, rule) = table.receive(packet, layers::read(vnet, *hash));
                    told.push((word(verdict), rule.map(String::from)));
                }
            }
        }
        table.flush();
        let outputs = table.to_write.into_iter();
        Answer::Gro(outputs.map(|o| output(config, o.vnet, o.bytes, o.of)).collect(), told)
    }

    fn gso(config: &Config, vnet: &[u8], packet: &[u8]) -> Answer {
        let asked = match asked(config).and_then(|asked| layers::may_split(packet, asked)) {
            Ok(asked) => asked,
            Err(reason) => return Answer::Skipped(reason),
        };
        let segments = match split(packet, layers::read(vnet, 0), &asked, false) {
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
            outputs.push(output(config, vnet, bytes, Vec::new()));
        }
        Answer::Gso(outputs)
    }
}

/// The configuration, or why it cannot be asked.
fn asked(config: &Config) -> Result<grove_port::Config, String> {
    let profile = Profile::find(&config.profile);
    let profile = profile.ok_or_else(|| format!("profile {:?} is unknown", config.profile))?;
    let Config { max_flows, udp, trusted, .. } = *config;
    let layers = layers::settings(config)?;
    layers::checked(grove_port::Config { profile, max_flows, udp, trusted, layers }, config)
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Held => "held",
        Verdict::Merged => "merged",
        Verdict::Passed => "passed",
        Verdict::Rejected => "rejected",
    }
}

fn output(config: &Config, vnet: Vnet, packet: Vec<u8>, of: Vec<usize>) -> Output {
    Output { vnet: layers::write(&vnet, config), packet, of }
}

fn main() -> std::io::Result<()> {
    serve::<Port>()
}
