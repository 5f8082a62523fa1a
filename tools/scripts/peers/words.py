# SPDX-License-Identifier: MIT
"""Packets and answers in words, for the pages."""

import ipaddress
import struct

FLAGS = "FSRPAUEC"
TCP, UDP = 6, 17
EXTENSIONS = (0, 43, 60)  # headers of IPv6 that begin with next and length
SHOWN = 8  # packets of a list

GSO_TYPES = {0: "", 1: "TCPv4", 3: "UDP", 4: "TCPv6", 5: "UDP_L4"}


def ip4(packet):
    """(protocol, where L4 begins, words) of an IPv4 packet."""
    header = struct.unpack_from(">BBHHHBBH4s4s", packet)
    flags = "".join(name for bit, name in
                    ((0x8000, " reserved"), (0x4000, " DF"), (0x2000, " MF"))
                    if header[4] & bit)
    offset = header[4] & 0x1fff
    return header[6], (header[0] & 15) * 4, (
        f"IPv4 {ipaddress.ip_address(header[8])} > "
        f"{ipaddress.ip_address(header[9])} length {header[2]} "
        f"id {header[3]}{flags}{f' offset {offset}' if offset else ''} "
        f"ttl {header[5]} tos {header[1]:#04x}")


def ip6(packet):
    """The same of an IPv6 packet."""
    word, length, following, hops = struct.unpack_from(">IHBB", packet)
    at = 40
    while following in EXTENSIONS:
        following, at = packet[at], at + (packet[at + 1] + 1) * 8
    return following, at, (
        f"IPv6 {ipaddress.ip_address(packet[8:24])} > "
        f"{ipaddress.ip_address(packet[24:40])} length {length} "
        f"label {word & 0xfffff:#07x} hops {hops} "
        f"class {word >> 20 & 0xff:#04x}")


def l4(protocol, packet, at):
    """TCP or UDP in words."""
    if protocol == TCP:
        header = struct.unpack_from(">HHIIBBHHH", packet, at)
        flags = "".join(name for bit, name in enumerate(FLAGS)
                        if header[5] >> bit & 1)
        low = f" low bits {header[4] & 15}" if header[4] & 15 else ""
        return (f"TCP {header[0]} > {header[1]} seq {header[2]} "
                f"ack {header[3]} {flags or 'no flags'}{low} "
                f"window {header[6]} checksum {header[7]:#06x} "
                f"payload {len(packet) - at - (header[4] >> 4) * 4}")
    if protocol == UDP:
        header = struct.unpack_from(">HHHH", packet, at)
        return (f"UDP {header[0]} > {header[1]} length {header[2]} "
                f"checksum {header[3]:#06x} payload {len(packet) - at - 8}")
    return f"protocol {protocol}"


def packet_words(digits):
    """A packet in words; of one that is cut, as far as it goes."""
    packet = bytes.fromhex(digits)
    try:
        read = {4: ip4, 6: ip6}[packet[0] >> 4]
        protocol, at, words = read(packet)
    except (IndexError, KeyError, struct.error):
        return f"{len(packet)} bytes"
    try:
        return f"{words}; {l4(protocol, packet, at)}"
    except (IndexError, struct.error):
        return f"{words}; cut"


def vnet_words(vnet):
    """A virtio header in words; "" if all is zero."""
    if isinstance(vnet, str):
        values = struct.unpack("<BBHHHH", bytes.fromhex(vnet))
        vnet = dict(zip(("flags", "gso_type", "hdr_len", "gso_size",
                         "csum_start", "csum_offset"), values))
    kept = {name: value for name, value in (vnet or {}).items() if value}
    return " ".join(f"{name} {value}" for name, value in kept.items())


def line(entry):
    """One packet of a question or of an answer."""
    if entry.get("flush"):
        return {"words": "end of the poll"}
    of = entry.get("of")
    return {"words": packet_words(entry["packet"]),
            "vnet": vnet_words(entry.get("vnet")), "hex": entry["packet"],
            **({"of": of} if of else {})}


def shown(entries):
    """The first packets of a list, and how many more there are."""
    lines = [line(entry) for entry in entries[:SHOWN]]
    if len(entries) > SHOWN:
        lines.append({"words": f"and {len(entries) - SHOWN} more"})
    return lines


def answer_lines(answer):
    """An answer as such a list."""
    if "output" in answer:
        return shown(answer["output"]) or [{"words": "no packet"}]
    if "rejected" in answer:
        return [{"words": f"refused: {answer['rejected']}"}]
    return [{"words": str(answer.get("error") or
                          answer.get("skipped", {}).get("reason"))}]
