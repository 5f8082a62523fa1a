// SPDX-License-Identifier: MIT
//! What the adapter protocol cannot ask for: csum_offload, and any bytes.

mod packets;

use grove_port::{split, Profile, Table, Verdict, Vnet};
use packets::{config, pair};

fn segments(bytes: &[u8], vnet: Vnet, csum_offload: bool) -> Vec<(Vnet, Vec<u8>)> {
    split(bytes, vnet, &config("linux-6.18"), csum_offload).map(Iterator::collect).unwrap()
}

fn super_packet(name: &str) -> (Vnet, Vec<u8>) {
    let mut table = Table::new(config(name));
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

#[test]
fn any_bytes_have_an_answer() {
    let [whole, _] = pair();
    let vnet = Vnet { gso_type: 1, gso_size: 1, ..Vnet::default() };
    for name in Profile::names() {
        packets::answers_any_bytes(&config(name), &whole, 40, vnet);
    }
}
