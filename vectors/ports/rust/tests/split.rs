// SPDX-License-Identifier: MIT
//! What the adapter protocol cannot ask for: csum_offload, and any bytes.

use grove_port::{split, Config, Device, Profile, Table, Tunnel, Verdict, Vnet};

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
    let device = Device { profile: Profile::find(name).unwrap(), ethernet: false, vnet_len: 10 };
    Config {
        device,
        max_flows: 8,
        udp: true,
        trusted: false,
        lossless: true,
        tunnels: Vec::new(),
        max_bytes: 65535,
        fraglist: false,
        hash: false,
    }
}

fn segments(bytes: &[u8], vnet: Vnet, csum_offload: bool) -> Vec<(Vnet, Vec<u8>)> {
    split(bytes, vnet, &lossless("linux-6.18").device, csum_offload).map(Iterator::collect).unwrap()
}

fn super_packet(name: &str) -> (Vnet, Vec<u8>) {
    let mut table = Table::new(lossless(name)).unwrap();
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

/// A packet in VXLAN over IPv4, behind an Ethernet header.
fn in_vxlan(inner: &[u8], id: u8) -> Vec<u8> {
    const ETHERNET: [u8; 14] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    let length = inner.len() as u8 + 30;
    let mut ip = [69, 0, 0, length + 20, 0, id, 64, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    let words = ip.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(word[1]));
    let sum = words.sum::<u32>();
    let check = !((sum & 0xffff) + (sum >> 16)) as u16;
    ip[10..12].copy_from_slice(&check.to_be_bytes());
    let own = [0xc0, 0, 0x12, 0xb5, 0, length, 0, 0, 8, 0, 0, 0, 0, 0, 1, 0];
    [&ETHERNET, &ip[..], &own, &ETHERNET, inner].concat()
}

/// A device that takes super-packets in tunnels, and a tunnel.
fn with_layers(name: &str) -> Config {
    let mut config = lossless(name);
    config.device.ethernet = true;
    config.device.vnet_len = 24;
    config.tunnels = vec![Tunnel::find("vxlan:4789").unwrap()];
    config
}

#[test]
fn a_split_gives_back_what_was_merged_in_a_tunnel() {
    let config = with_layers("linux-6.18");
    let packets: Vec<_> = pair().iter().zip(0..).map(|(inner, id)| in_vxlan(inner, id)).collect();
    let mut table = Table::new(config.clone()).unwrap();
    for packet in &packets {
        table.receive(packet, Vnet::default());
    }
    table.flush();
    assert_eq!(table.to_write.len(), 1);
    let output = table.to_write.remove(0);
    assert_eq!((output.vnet.gso_type, output.vnet.inner_nh_offset), (0x21, 64));
    let segments = split(&output.bytes, output.vnet, &config.device, false).unwrap();
    assert_eq!(segments.map(|(_, bytes)| bytes).collect::<Vec<_>>(), packets);
}

#[test]
fn lossless_mode_has_some_tunnels() {
    assert!(Table::new(with_layers("linux-6.12")).is_none());
    let mut config = with_layers("linux-6.18");
    config.tunnels.push(Tunnel::Gre);
    assert!(Table::new(config.clone()).is_none());
    config.lossless = false;
    assert!(Table::new(config).is_some());
}

/// Packets of linux mode in nothing else.
fn plain(name: &str) -> Config {
    Config { lossless: false, ..lossless(name) }
}

#[test]
fn plain_tables_have_lists_or_long_super_packets() {
    let is = |config: &Config| Table::new(config.clone()).is_some();
    for (max_bytes, fraglist, exists) in [
        (65534, false, false),
        (65535, true, true),
        (65536, false, true),
        (65536, true, false),
        (524280, false, true),
        (524281, false, false),
    ] {
        let config = Config { max_bytes, fraglist, ..plain("linux-6.18") };
        assert_eq!(is(&config), exists, "{} {}", max_bytes, fraglist);
        let is_usual = (max_bytes, fraglist) == (65535, false);
        assert_eq!(is(&Config { lossless: true, ..config.clone() }), is_usual);
        assert_eq!(is(&Config { hash: true, ..config.clone() }), is_usual);
        assert_eq!(is(&Config { tunnels: vec![Tunnel::Gre], ..config }), is_usual);
    }
}

#[test]
fn a_list_leaves_as_its_packets() {
    let mut table = Table::new(Config { fraglist: true, ..plain("linux-6.18") }).unwrap();
    for (packet, verdict) in pair().iter().zip([Verdict::Held, Verdict::Merged]) {
        assert_eq!(table.receive(packet, Vnet::default()), (verdict, None));
    }
    table.flush();
    let left: Vec<_> = table.to_write.iter().map(|output| output.bytes.clone()).collect();
    assert_eq!(left, pair());
}

#[test]
fn only_a_table_with_hash_reads_hashes() {
    assert!(Table::new(Config { hash: true, ..lossless("linux-6.18") }).is_none());
    for (hash, verdict) in [(true, Verdict::Held), (false, Verdict::Merged)] {
        let mut table = Table::new(Config { hash, ..plain("linux-6.18") }).unwrap();
        let [first, second] = pair();
        table.receive_with_hash(&first, Vnet::default(), 8);
        let (got, _) = table.receive_with_hash(&second, Vnet::default(), 16);
        assert_eq!(got, verdict);
    }
}

#[test]
fn tunnels_have_names() {
    assert_eq!(Tunnel::find("gre"), Some(Tunnel::Gre));
    assert_eq!(Tunnel::find("geneve:65535"), Some(Tunnel::Geneve(65535)));
    assert_eq!(Tunnel::find("pppoe"), Some(Tunnel::Pppoe));
    assert_eq!(Tunnel::find("pppoe:1"), None);
    for name in ["", "gre:1", "vxlan", "vxlan:", "vxlan:0", "vxlan:01", "vxlan:+1", "vxlan:65536"] {
        assert_eq!(Tunnel::find(name), None, "{}", name);
    }
}

/// The virtio headers of super-packets without a tunnel, and in VXLAN.
fn super_headers() -> [Vnet; 2] {
    let plain = Vnet { gso_type: 1, gso_size: 1, ..Vnet::default() };
    let (csum_start, outer_th_offset, inner_nh_offset) = (84, 34, 64);
    let offsets = Vnet { csum_start, csum_offset: 16, outer_th_offset, inner_nh_offset, ..plain };
    [plain, Vnet { flags: 9, gso_type: 0x21, ..offsets }]
}

/// Each prefix with each byte of the headers changed is answered.
fn answers_any_bytes(config: &Config, whole: &[u8], headers: usize) {
    let mut table = Table::new(config.clone()).unwrap();
    for end in 0..=whole.len() {
        for at in 0..end.min(headers) {
            let mut bytes = whole[..end].to_vec();
            bytes[at] ^= 0xff;
            table.receive(&bytes, Vnet::default());
            for vnet in super_headers() {
                let given = split(&bytes, vnet, &config.device, false);
                assert!(given.map_or(1, Iterator::count) > 0);
            }
        }
    }
    table.flush();
}

#[test]
fn any_bytes_have_an_answer() {
    let [whole, _] = pair();
    for name in Profile::names() {
        answers_any_bytes(&lossless(name), &whole, 40);
        answers_any_bytes(&Config { fraglist: true, ..plain(name) }, &whole, 40);
        let mut config = with_layers(name);
        config.lossless = false;
        answers_any_bytes(&config, &in_vxlan(&whole, 0), 104);
    }
}
