// SPDX-License-Identifier: MIT
//! What the adapter protocol cannot ask for: csum_offload, and any bytes.

use grove_port::{split, Config, Profile, Table, Verdict, Vnet};

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

fn pair() -> [Vec<u8>; 2] {
    HEADERS.map(|header| [&header[..], &PAYLOAD].concat())
}

fn lossless(name: &str) -> Config {
    let profile = Profile::find(name).unwrap();
    Config { profile, max_flows: 8, udp: true, trusted: false, lossless: true }
}

fn segments(bytes: &[u8], vnet: Vnet, csum_offload: bool) -> Vec<(Vnet, Vec<u8>)> {
    let profile = Profile::find("linux-6.18").unwrap();
    split(bytes, vnet, &profile, csum_offload).map(Iterator::collect).unwrap()
}

fn super_packet(name: &str) -> (Vnet, Vec<u8>) {
    let mut table = Table::new(lossless(name));
    for (packet, verdict) in pair().iter().zip([Verdict::Held, Verdict::Merged]) {
        assert_eq!(table.receive(packet, Vnet::default()), (verdict, None));
    }
    table.flush();
    assert_eq!(table.to_write.len(), 1);
    let output = table.to_write.remove(0);
    (output.vnet, output.bytes)
}

#[test]
fn a_split_gives_back_what_was_merged() {
    for name in Profile::names() {
        let (vnet, bytes) = super_packet(name);
        let given: Vec<_> = segments(&bytes, vnet, false).into_iter().map(|(_, b)| b).collect();
        assert_eq!(given, pair());
    }
}

#[test]
fn the_reader_completes_the_checksums() {
    let (vnet, bytes) = super_packet("linux-6.18");
    let parts = segments(&bytes, vnet, true);
    assert_eq!(parts.len(), 2);
    for ((vnet, part), whole) in parts.into_iter().zip(pair()) {
        assert_eq!((vnet.flags, vnet.csum_start, vnet.csum_offset), (1, 20, 16));
        assert_ne!(part, whole);
        assert_eq!(segments(&part, vnet, false)[0].1, whole);
    }
}

/// Each prefix with each byte of the headers changed is answered.
#[test]
fn any_bytes_have_an_answer() {
    for name in Profile::names() {
        let mut table = Table::new(lossless(name));
        let [whole, _] = pair();
        for end in 0..=whole.len() {
            for at in 0..end.min(40) {
                let mut bytes = whole[..end].to_vec();
                bytes[at] ^= 0xff;
                table.receive(&bytes, Vnet::default());
                let vnet = Vnet { gso_type: 1, gso_size: 1, ..Vnet::default() };
                let given = split(&bytes, vnet, &lossless(name).profile, false);
                assert!(given.map_or(1, Iterator::count) > 0);
            }
        }
        table.flush();
    }
}
