// SPDX-License-Identifier: MIT
//! What fails says why, and a poll that ended leaves nothing behind.

use grove::{Config, Packet, Split, SplitConfig, Splitter, Table};

/// UDP over IPv4 without a checksum, which passes, and its length.
const PACKET: [u8; 28] = [
    0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 102, 207, 10, 0, 0, 1, 10, 0, 0, 2, 0, 1, 0, 2, 0, 8, 0, 0,
];

fn table(max_packets: u32) -> Table {
    Table::new(&Config { max_packets, ..Config::default() }).unwrap()
}

#[test]
fn a_wrong_profile_is_named() {
    let long = "linux".repeat(1000);
    for name in ["", "linux", "linux-6.1\0", &long] {
        let config = Config { profile: Some(name), ..Config::default() };
        let error = Table::new(&config).err().unwrap();
        let config = SplitConfig { profile: Some(name), ..SplitConfig::default() };
        assert_eq!(Splitter::new(&config).err(), Some(error));
        assert!(error.to_string().contains("profile"), "{}", error);
    }
}

#[test]
fn a_full_table_takes_no_packet_until_the_next_poll() {
    let mut table = table(1);
    for _ in 0..3 {
        let mut poll = table.poll();
        let packet = Packet { bytes: &PACKET, vnet: None };
        poll.receive(packet).unwrap();
        assert!(poll.receive(packet).is_err());
        poll.flush();
        let output = poll.outputs().next().unwrap();
        assert_eq!(output.slices().skip(1).flatten().copied().collect::<Vec<u8>>(), PACKET);
        assert_eq!(output.len(), PACKET.len());
        assert_eq!(poll.fates().count(), 1);
    }
}

#[test]
#[should_panic(expected = "leaked")]
fn a_leaked_poll_is_found() {
    let mut table = table(1);
    core::mem::forget(table.poll());
    table.poll();
}

#[test]
fn a_small_buffer_keeps_the_segment() {
    let mut splitter = Splitter::new(&SplitConfig::default()).unwrap();
    let mut segments = match splitter.split(Packet { bytes: &PACKET, vnet: None }) {
        Split::Segments(segments) => segments,
        _ => panic!("it has no segments"),
    };
    let (mut buffer, mut vnet) = ([0; 28], [0; 10]);
    assert_eq!(segments.next_into(&mut buffer[..27], &mut vnet), Some(28));
    assert_eq!(segments.left(), 1);
    assert_eq!(segments.next_into(&mut buffer, &mut vnet), Some(28));
    assert_eq!(buffer, PACKET);
    assert_eq!(segments.next_into(&mut buffer, &mut vnet), None);
}
