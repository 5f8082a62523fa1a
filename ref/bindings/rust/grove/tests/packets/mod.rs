// SPDX-License-Identifier: MIT
//! Packets over IPv6 with right checksums.

fn sum(parts: &[&[u8]]) -> u16 {
    let words = parts.iter().flat_map(|part| part.chunks(2));
    let mut total: u32 = words.map(|word| u32::from(word[0]) << 8 | u32::from(word[1])).sum();
    while total > 0xffff {
        total = (total >> 16) + (total & 0xffff);
    }
    total as u16
}

/// An IPv6 packet.
fn ip6(protocol: u8, l4: &[u8]) -> Vec<u8> {
    let length = (l4.len() as u16).to_be_bytes();
    let mut packet = vec![0x60, 0, 0, 0, length[0], length[1], protocol, 64];
    packet.extend([0xfd; 16]);
    packet.extend([0xfc; 16]);
    packet.extend(l4);
    packet
}

/// The same of TCP or UDP, whose checksum is at this offset.
fn summed(protocol: u8, mut l4: Vec<u8>, at: usize) -> Vec<u8> {
    let pseudo = ip6(protocol, &[]);
    let check = !sum(&[&pseudo[8..], &[0, protocol], &(l4.len() as u16).to_be_bytes(), &l4]);
    l4[at..at + 2].copy_from_slice(&check.to_be_bytes());
    ip6(protocol, &l4)
}

fn udp_to(port: u16, payload: &[u8]) -> Vec<u8> {
    let length = (8 + payload.len() as u16).to_be_bytes();
    let port = port.to_be_bytes();
    let mut datagram = vec![0, 7, port[0], port[1], length[0], length[1], 0, 0];
    datagram.extend(payload);
    summed(17, datagram, 6)
}

/// UDP with 8 bytes of payload.
pub fn udp(fill: u8) -> Vec<u8> {
    udp_to(9, &[fill; 8])
}

/// Segment `number` of a TCP stream, of this payload.
pub fn tcp(number: usize, payload: usize) -> Vec<u8> {
    let seq = ((number * payload) as u32).to_be_bytes();
    let mut segment = vec![0, 7, 0, 9, seq[0], seq[1], seq[2], seq[3], 0, 0, 0, 1];
    segment.extend([5 << 4, 0x10, 1, 0, 0, 0, 0, 0]);
    segment.resize(20 + payload, 0);
    summed(6, segment, 16)
}

/// The packet in an Ethernet frame.
pub fn frame(packet: &[u8]) -> Vec<u8> {
    let mut frame = vec![2; 12];
    frame.extend([0x86, 0xdd]);
    frame.extend(packet);
    frame
}

/// The packet in IPv6.
pub fn in_ip(packet: &[u8]) -> Vec<u8> {
    ip6(41, packet)
}

/// The packet in VXLAN.
pub fn in_vxlan(packet: &[u8]) -> Vec<u8> {
    let mut payload = vec![8, 0, 0, 0, 0, 0, 1, 0];
    payload.extend(frame(packet));
    udp_to(4789, &payload)
}
