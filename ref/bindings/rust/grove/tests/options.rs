// SPDX-License-Identifier: MIT
//! Each option has its effect, and a wrong one is an error that names it.

mod packets;

use grove::{Config, Link, Packet, Split, SplitConfig, Splitter, Table, Tunnel, Verdict};
use packets::{frame, in_ip, in_vxlan, tcp, udp};

/// An output: its virtio header, its bytes, its number of packets, and `rest`.
type Left = (Vec<u8>, Vec<u8>, usize, usize);

fn coalesce<const VNET: usize>(config: &Config<'_>, packets: &[Vec<u8>]) -> Vec<Left> {
    let mut table = Table::<VNET>::with_vnet_len(config).unwrap();
    let mut poll = table.poll();
    for bytes in packets {
        poll.receive(Packet { bytes, vnet: Some(&[0; VNET]) }).unwrap();
    }
    poll.flush();
    let left = |output: grove::Output<'_, VNET>| {
        let bytes = output.slices().skip(1).flatten().copied().collect();
        (output.vnet().to_vec(), bytes, output.packets().count(), output.rest())
    };
    poll.outputs().map(left).collect()
}

/// How many packets are in each output.
fn counts(config: &Config<'_>, packets: &[Vec<u8>]) -> Vec<usize> {
    coalesce::<10>(config, packets).iter().map(|left| left.2).collect()
}

fn split<const VNET: usize>(link: Link, left: &Left) -> Vec<Vec<u8>> {
    let config = SplitConfig { link, ..SplitConfig::default() };
    let mut splitter = Splitter::<VNET>::with_vnet_len(&config).unwrap();
    let vnet = left.0[..].try_into().unwrap();
    let mut segments = match splitter.split(Packet { bytes: &left.1, vnet: Some(vnet) }) {
        Split::Segments(segments) => segments,
        _ => return Vec::new(),
    };
    let (mut buffer, mut vnet, mut found) = ([0; 1000], [1; VNET], Vec::new());
    while let Some(length) = segments.next_into(&mut buffer, &mut vnet) {
        assert_eq!(vnet, [0; VNET]);
        found.push(buffer[..length].to_vec());
    }
    found
}

#[test]
fn frames_have_a_link() {
    let frames = [frame(&udp(1)), frame(&udp(2))];
    let config = Config { link: Link::Ethernet, ..Config::default() };
    let left = coalesce::<10>(&config, &frames);
    assert_eq!(left.len(), 1);
    assert_eq!(split::<10>(Link::Ethernet, &left[0]), frames);
    assert_eq!(split::<10>(Link::None, &left[0]), Vec::<Vec<u8>>::new());
    // Without it, they begin with no IP header.
    let mut table = Table::new(&Config::default()).unwrap();
    let mut poll = table.poll();
    poll.receive(Packet { bytes: &frames[0], vnet: None }).unwrap();
    assert_eq!(poll.fates().next().unwrap().0, Verdict::Rejected);
}

fn with(tunnels: &[Tunnel]) -> Config<'_> {
    Config { tunnels, ..Config::default() }
}

/// The number of outputs, and `csum_start` of the first one.
fn merged(tunnels: &[Tunnel], packets: &[Vec<u8>]) -> (usize, u8) {
    let left = coalesce::<10>(&with(tunnels), packets);
    (left.len(), left[0].0[6])
}

#[test]
fn only_named_tunnels_are_looked_into() {
    let ip = [in_ip(&udp(1)), in_ip(&udp(2))];
    assert_eq!(merged(&[Tunnel::Gre], &ip), (2, 0));
    assert_eq!(merged(&[Tunnel::Gre, Tunnel::Ipip], &ip), (1, 40 + 40));
    // What is not looked into is UDP.
    let vxlan = [in_vxlan(&udp(1)), in_vxlan(&udp(2))];
    assert_eq!(merged(&[Tunnel::Vxlan(4790)], &vxlan), (1, 40));
    assert_eq!(merged(&[Tunnel::VxlanGpe(4789)], &vxlan), (2, 0));
    assert_eq!(
        merged(&[Tunnel::Geneve(6081), Tunnel::Vxlan(4789)], &vxlan),
        (1, 40 + 8 + 8 + 14 + 40)
    );
}

#[test]
fn virtio_headers_have_their_length() {
    let packets = [in_vxlan(&udp(1)), in_vxlan(&udp(2))].map(|packet| frame(&packet));
    let config = Config {
        link: Link::Ethernet,
        tunnels: &[Tunnel::Vxlan(4789)],
        lossless: true,
        ..Config::default()
    };
    let left = coalesce::<24>(&config, &packets);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].0[20..], [14 + 40, 0, 14 + 40 + 8 + 8 + 14, 0]);
    assert_eq!(split::<24>(Link::Ethernet, &left[0]), packets);

    let left = coalesce::<12>(&Config::default(), &[udp(1), udp(2)]);
    assert_eq!((left.len(), left[0].0.len()), (1, 12));
    assert_eq!(split::<12>(Link::None, &left[0]), [udp(1), udp(2)]);
}

#[test]
fn readers_that_compute_checksums_are_told() {
    let left = coalesce::<10>(&Config::default(), &[udp(1), udp(2)]);
    for (csum_offload, flags) in [(false, 0), (true, 1)] {
        let config = SplitConfig { csum_offload, ..SplitConfig::default() };
        let mut splitter = Splitter::new(&config).unwrap();
        let vnet = left[0].0[..].try_into().unwrap();
        let mut segments = match splitter.split(Packet { bytes: &left[0].1, vnet: Some(vnet) }) {
            Split::Segments(segments) => segments,
            _ => panic!("it has no segments"),
        };
        let (mut buffer, mut vnet) = ([0; 1000], [0; 10]);
        assert!(segments.next_into(&mut buffer, &mut vnet).is_some());
        assert_eq!(vnet[0], flags);
    }
}

#[test]
fn long_super_packets_are_asked_for() {
    let packets: Vec<_> = (0..10).map(|number| tcp(number, 10_000)).collect();
    assert_eq!(counts(&Config::default(), &packets), [6, 4]);
    let config = Config { max_bytes: 90_060, ..Config::default() };
    assert_eq!(counts(&config, &packets), [9, 1]);
}

#[test]
fn lists_have_a_rest() {
    let packets = [udp(1), udp(2), udp(3)];
    let config = Config { fraglist: true, no_udp: true, ..Config::default() };
    let left = coalesce::<10>(&config, &packets);
    let rests: Vec<_> = left.iter().map(|left| (left.2, left.3)).collect();
    assert_eq!(rests, [(1, 2), (1, 1), (1, 0)]);
    assert_eq!(left.iter().map(|left| left.1.clone()).collect::<Vec<_>>(), packets);
    assert_eq!(coalesce::<10>(&Config::default(), &packets)[0].3, 0);
}

#[test]
fn hashes_choose_buckets() {
    let (one, other) = (udp(1), tcp(0, 8));
    let hashed = |hash| {
        let config = Config { hash, max_flows: 1, ..Config::default() };
        let mut table = Table::new(&config).unwrap();
        let mut poll = table.poll();
        for (bytes, hash) in [(&one, 8), (&other, 1), (&one, 8)] {
            poll.receive_with_hash(Packet { bytes, vnet: None }, hash).unwrap();
        }
        poll.flush();
        let counts: Vec<_> = poll.outputs().map(|output| output.packets().count()).collect();
        counts
    };
    assert_eq!(hashed(true), [2, 1]);
    assert_eq!(hashed(false), [1, 1, 1]);
}

#[test]
fn a_seed_changes_no_output() {
    let packets = [udp(1), tcp(0, 8), udp(2), tcp(1, 8)];
    let seeded = Config { seed: 1, ..Config::default() };
    assert_eq!(coalesce::<10>(&seeded, &packets), coalesce::<10>(&Config::default(), &packets));
}

fn expect<T>(result: Result<T, grove::Error>, words: &str) {
    let error = result.err().unwrap().to_string();
    assert!(error.contains(words), "{}, expected {}", error, words);
}

#[test]
fn a_wrong_tunnel_is_named() {
    for tunnel in [Tunnel::Vxlan(0), Tunnel::VxlanGpe(0), Tunnel::Geneve(0)] {
        expect(Table::new(&with(&[Tunnel::Gre, tunnel])), "a tunnel is not one");
    }
    assert!(Table::new(&with(&[Tunnel::Gre; 8])).is_ok());
    for count in [9, 10, 300] {
        expect(Table::new(&with(&vec![Tunnel::Gre; count])), "more tunnels");
    }
    let config = Config { tunnels: &[Tunnel::Ipip], lossless: true, ..Config::default() };
    expect(Table::new(&config), "in lossless mode, tunnels");
}

#[test]
fn a_wrong_length_of_headers_is_named() {
    expect(Table::<0>::with_vnet_len(&Config::default()), "vnet_len");
    expect(Table::<11>::with_vnet_len(&Config::default()), "vnet_len");
    expect(Table::<{ 256 + 10 }>::with_vnet_len(&Config::default()), "vnet_len");
    expect(Splitter::<11>::with_vnet_len(&SplitConfig::default()), "vnet_len");
}

#[test]
fn a_wrong_combination_is_named() {
    for max_bytes in [1, 65534, 524281, u32::MAX] {
        expect(Table::new(&Config { max_bytes, ..Config::default() }), "max_bytes is not");
    }
    let big = Config { max_bytes: 65536, ..Config::default() };
    expect(Table::new(&Config { lossless: true, ..big }), "max_bytes over 65535");
    expect(Table::new(&Config { link: Link::Ethernet, ..big }), "max_bytes over 65535");
    expect(Table::new(&Config { fraglist: true, ..big }), "fraglist");
    expect(Table::new(&Config { hash: true, ..big }), "hash");
    let lists = Config { fraglist: true, ..Config::default() };
    expect(Table::new(&Config { lossless: true, ..lists }), "fraglist");
    expect(Table::new(&Config { tunnels: &[Tunnel::Gre], ..lists }), "fraglist");
    expect(Table::new(&Config { hash: true, ..lists }), "hash");
    expect(Table::new(&Config { hash: true, lossless: true, ..Config::default() }), "hash");
}
