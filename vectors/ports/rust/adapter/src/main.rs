// SPDX-License-Identifier: MIT
//! The port behind the adapter protocol of vectors/README.md.

#![forbid(unsafe_code)]

use grove_port::{split, Device, Profile, Refused, Table, Tunnel, Verdict, Vnet};
use grove_protocol::{serve, Answer, Config, Entry, Implementation, Output, LINE_MAX};

struct Port;

impl Implementation for Port {
    const NAME: &'static str = "grove-port-rust";

    fn profiles() -> Vec<String> {
        Profile::names().map(String::from).collect()
    }

    fn gro(config: &Config, input: &[Entry]) -> Answer {
        let mut table = match table(config) {
            Ok(table) => table,
            Err(reason) => return Answer::Skipped(reason),
        };
        let mut told = Vec::new();
        for entry in input {
            match entry {
                Entry::Flush => table.flush(),
                Entry::Packet(vnet, packet, hash) => {
                    let vnet = Vnet::from_wire(vnet);
                    let (verdict, rule) = table.receive_with_hash(packet, vnet, *hash);
                    told.push((word(verdict), rule.map(String::from)));
                }
            }
        }
        table.flush();
        let outputs = table.to_write.into_iter();
        Answer::Gro(outputs.map(|o| output(config, o.vnet, o.bytes, o.of)).collect(), told)
    }

    fn gso(config: &Config, vnet: &[u8], packet: &[u8]) -> Answer {
        let device = match device(config) {
            Ok(device) => device,
            Err(reason) => return Answer::Skipped(reason),
        };
        let segments = match split(packet, Vnet::from_wire(vnet), &device, false) {
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

/// The device, or why this cannot be asked.
fn device(config: &Config) -> Result<Device, String> {
    let profile = Profile::find(&config.profile);
    let profile = profile.ok_or_else(|| format!("profile {:?} is unknown", config.profile))?;
    Ok(Device { profile, ethernet: config.ethernet, vnet_len: config.vnet_len })
}

fn table(config: &Config) -> Result<Table, String> {
    let tunnel =
        |name: &String| Tunnel::find(name).ok_or_else(|| format!("tunnel {:?} is unknown", name));
    let table = Table::new(grove_port::Config {
        device: device(config)?,
        max_flows: config.max_flows,
        udp: config.udp,
        trusted: config.trusted,
        lossless: config.lossless,
        tunnels: config.tunnels.iter().map(tunnel).collect::<Result<_, _>>()?,
        max_bytes: config.max_bytes,
        fraglist: config.fraglist,
        hash: config.hash,
    });
    table.ok_or_else(|| "no table has all of this".into())
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
    Output { vnet: vnet.to_wire()[..config.vnet_len].into(), packet, of }
}

fn main() -> std::io::Result<()> {
    serve::<Port>()
}
