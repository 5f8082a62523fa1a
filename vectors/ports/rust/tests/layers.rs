// SPDX-License-Identifier: MIT
//! What the adapter protocol cannot ask for of layers.

mod packets;

use grove_port::layers::{Beyond, Settings, Tunnel};
use grove_port::{split, Config, Profile, Table, Verdict, Vnet};
use packets::{answers_any_bytes, config, pair};

/// The configuration of a table in linux mode, with layers.
fn with(name: &str, layers: Settings) -> Config {
    Config { layers, ..config(name) }
}

/// A device that takes super-packets in tunnels, and a tunnel.
fn with_tunnel(name: &str, lossless: bool) -> Config {
    let tunnels = vec![Tunnel::find("vxlan:4789").unwrap()];
    let vnet_len = 24;
    with(name, Settings { ethernet: true, vnet_len, tunnels, lossless, ..Settings::default() })
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

#[test]
fn a_split_gives_back_what_was_merged_in_lossless_mode() {
    for name in Profile::names() {
        let config = with(name, Settings { lossless: true, ..Settings::default() });
        let mut table = Table::new(config.clone());
        for packet in pair() {
            table.receive(&packet, Vnet::default());
        }
        table.flush();
        assert_eq!(table.to_write.len(), 1);
        let output = table.to_write.remove(0);
        let segments = split(&output.bytes, output.vnet, &config, false).unwrap();
        assert_eq!(segments.map(|(_, bytes)| bytes).collect::<Vec<_>>(), pair());
    }
}

#[test]
fn a_split_gives_back_what_was_merged_in_a_tunnel() {
    let config = with_tunnel("linux-6.18", true);
    let packets: Vec<_> = pair().iter().zip(0..).map(|(inner, id)| in_vxlan(inner, id)).collect();
    let mut table = Table::new(config.clone());
    for packet in &packets {
        table.receive(packet, Vnet::default());
    }
    table.flush();
    assert_eq!(table.to_write.len(), 1);
    let output = table.to_write.remove(0);
    let Beyond { tunnel, inner_nh_offset, .. } = output.vnet.layers;
    assert_eq!((output.vnet.gso_type, tunnel, inner_nh_offset), (1, 0x20, 64));
    let segments = split(&output.bytes, output.vnet, &config, false).unwrap();
    assert_eq!(segments.map(|(_, bytes)| bytes).collect::<Vec<_>>(), packets);
}

#[test]
fn a_virtio_header_tells_of_a_tunnel_on_the_wire() {
    let mut wire = [0; 24];
    (wire[0], wire[1], wire[20], wire[22]) = (8, 0x21, 34, 64);
    assert_eq!(Vnet::from_long_wire(&wire).to_long_wire(), wire);
    assert_eq!(Vnet::from_long_wire(&wire[..12]).gso_type, 0x21);
}

#[test]
fn lossless_mode_has_some_tunnels() {
    assert!(!with_tunnel("linux-6.12", true).exists());
    let mut config = with_tunnel("linux-6.18", true);
    config.layers.tunnels.push(Tunnel::Gre);
    assert!(!config.exists());
    config.layers.lossless = false;
    assert!(config.exists());
}

#[test]
fn plain_tables_have_lists_or_long_super_packets() {
    let is = |layers: Settings| with("linux-6.18", layers).exists();
    for (max_bytes, fraglist, exists) in [
        (65534, false, false),
        (65535, true, true),
        (65536, false, true),
        (65536, true, false),
        (524280, false, true),
        (524281, false, false),
    ] {
        let layers = Settings { max_bytes, fraglist, ..Settings::default() };
        assert_eq!(is(layers.clone()), exists, "{} {}", max_bytes, fraglist);
        let is_usual = (max_bytes, fraglist) == (65535, false);
        assert_eq!(is(Settings { lossless: true, ..layers.clone() }), is_usual);
        assert_eq!(is(Settings { bucket: Some(1), ..layers.clone() }), is_usual);
        assert_eq!(is(Settings { tunnels: vec![Tunnel::Gre], ..layers }), is_usual);
    }
}

#[test]
fn a_list_leaves_as_its_packets() {
    let layers = Settings { fraglist: true, ..Settings::default() };
    let mut table = Table::new(with("linux-6.18", layers));
    for (packet, verdict) in pair().iter().zip([Verdict::Held, Verdict::Merged]) {
        assert_eq!(table.receive(packet, Vnet::default()), (verdict, None));
    }
    table.flush();
    let left: Vec<_> = table.to_write.iter().map(|output| output.bytes.clone()).collect();
    assert_eq!(left, pair());
}

#[test]
fn only_a_table_with_buckets_reads_hashes() {
    let lossless = Settings { bucket: Some(1), lossless: true, ..Settings::default() };
    assert!(!with("linux-6.18", lossless).exists());
    for (bucket, verdict) in [(Some(1), Verdict::Held), (None, Verdict::Merged)] {
        let layers = Settings { bucket, ..Settings::default() };
        let mut table = Table::new(with("linux-6.18", layers));
        let [first, second] = pair();
        let hashed =
            |hash| Vnet { layers: Beyond { hash, ..Beyond::default() }, ..Vnet::default() };
        table.receive(&first, hashed(8));
        let (got, _) = table.receive(&second, hashed(16));
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

#[test]
fn any_bytes_have_an_answer() {
    let [whole, _] = pair();
    let plain = Vnet { gso_type: 1, gso_size: 1, ..Vnet::default() };
    let (outer_th_offset, inner_nh_offset) = (34, 64);
    let layers =
        Beyond { tunnel: 0x20, outer_csum: true, outer_th_offset, inner_nh_offset, hash: 0 };
    let told = Vnet { flags: 1, csum_start: 84, csum_offset: 16, layers, ..plain };
    for name in Profile::names() {
        for lossless in [false, true] {
            let layers = Settings { fraglist: !lossless, lossless, ..Settings::default() };
            answers_any_bytes(&with(name, layers), &whole, 40, plain);
        }
        for vnet in [plain, told] {
            answers_any_bytes(&with_tunnel(name, false), &in_vxlan(&whole, 0), 104, vnet);
        }
    }
}
