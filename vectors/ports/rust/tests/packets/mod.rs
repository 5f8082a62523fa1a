// SPDX-License-Identifier: MIT
//! Packets of the tests, and what each test does with any bytes.

use grove_port::layers::Settings;
use grove_port::{split, Config, Profile, Table, Vnet};

/// The headers of two TCP packets over IPv4, each with PAYLOAD.
const HEADERS: [[u8; 40]; 2] = [
    [
        69, 0, 0, 60, 0, 0, 64, 0, 64, 6, 38, 186, 10, 0, 0, 1, 10, 0, 0, 2, 3, 232, 0, 80, 0, 0,
        0, 0, 0, 0, 0, 0, 80, 16, 1, 0, 14, 255, 0, 0,
    ],
    [
        69, 0, 0, 60, 0, 1, 64, 0, 64, 6, 38, 185, 10, 0, 0, 1, 10, 0, 0, 2, 3, 232, 0, 80, 0, 0,
        0, 20, 0, 0, 0, 0, 80, 16, 1, 0, 14, 235, 0, 0,
    ],
];

const PAYLOAD: [u8; 20] = [0x5a; 20];

pub fn pair() -> [Vec<u8>; 2] {
    HEADERS.map(|header| [&header[..], &PAYLOAD].concat())
}

/// The configuration of a table in linux mode, without layers.
pub fn config(name: &str) -> Config {
    let profile = Profile::find(name).unwrap();
    Config { profile, max_flows: 8, udp: true, trusted: false, layers: Settings::default() }
}

/// Each prefix with each byte of the headers changed is answered. It is split
/// with this virtio header.
pub fn answers_any_bytes(config: &Config, whole: &[u8], headers: usize, vnet: Vnet) {
    let mut table = Table::new(config.clone());
    for end in 0..=whole.len() {
        for at in 0..end.min(headers) {
            let mut bytes = whole[..end].to_vec();
            bytes[at] ^= 0xff;
            table.receive(&bytes, Vnet::default());
            let given = split(&bytes, vnet, config, false);
            assert!(given.map_or(1, Iterator::count) > 0);
        }
    }
    table.flush();
}
