# SPDX-License-Identifier: MIT
"""Where other programs differ from Linux, or once had a bug: the rows of
vectors/PEERS.md, in its order, as far as no other suite shows them.
"""

from scripts.vectors.packet import HOP_BY_HOP, UDP, fold, packet, vnet
from scripts.vectors.suite import (
    IP6, OPTION, TCP_GSO, UDP4, UDP_GSO, add, add_split, begin, flow)

begin("peers")

TCP6_GSO = {**TCP_GSO, "gso_type": 4, "hdr_len": 60, "csum_start": 40}
UDP6_GSO = {**UDP_GSO, "hdr_len": 48, "csum_start": 40}


def peer(name, title, rules, inputs, fates, of):
    add(f"peer-{name}", title, rules, "peer", inputs, fates, of)


def split(name, title, rules, header, fields, segments):
    """A super-packet of 300 bytes, or what `fields` say."""
    data = packet(**{"size": 300, "checksum": "seed", **fields})
    add_split(f"peer-split-{name}", title, rules, "peer", data,
              vnet(**header), segments)


def each(count):
    """Every packet leaves by itself."""
    return [[i] for i in range(count)]


def runs(*counts):
    """So many packets in each super-packet."""
    starts = [sum(counts[:i]) for i in range(len(counts))]
    return [list(range(at, at + count)) for at, count in zip(starts, counts)]


def grown(*counts, rule=None):
    """The fates of such packets; the rule keeps all but the first apart."""
    fates = []
    for count in counts:
        fates += [f"held {rule}" if rule and fates else "held"]
        fates += ["merged"] * (count - 1)
    return fates


def ids(*numbers, **base):
    return flow(*[{"id": number} for number in numbers], **base)


def like(*changes, **base):
    """Packets of a sender that gives all of them one identification."""
    return flow(*[{"id": 7, **change} for change in changes], **base)


# Differences that keep packets from merging, or do not.
peer("ids-without-df", "Identifications 7 and 5000, without DF, stay apart",
     "GRO-IP4-011", ids(7, 5000, df=False), ["held", "held GRO-IP4-011"],
     each(2))
peer("ids-random", "Random identifications stay apart, with DF, too",
     "GRO-IP4-011", ids(0x5a31, 0x07e2, 0xc90d),
     ["held"] + ["held GRO-IP4-011"] * 2, each(3))
peer("evil-bit", "The evil bit on both packets: both pass", "GRO-IP4-007",
     flow({}, {}, reserved=True), ["passed GRO-IP4-007"] * 2, each(2))
peer("checksum-between", "A wrong checksum in the second of three: it "
     "overtakes and is not mended", "GRO-TCP-001",
     like({}, {"checksum": "wrong"}, {}),
     ["held", "passed GRO-TCP-001", "held GRO-TCP-011"], [[1], [0], [2]])
peer("checksum-between-udp", "A wrong checksum in the second datagram of "
     "three: it overtakes and is not mended", "GRO-UDP-002",
     like({}, {"checksum": "wrong"}, {}, **UDP4),
     ["held", "passed GRO-UDP-002", "merged"], [[1], [0, 2]])

# Order.
peer("psh-then-before", "A segment with PSH, then the one before it: nothing "
     "is prepended", "GRO-END-001",
     flow({"sequence": 0x10000064, "flags": "AP"}, {"sequence": 0x10000000}),
     ["passed GRO-END-001", "held"], each(2))
peer("sequence-order", "Segments at 1, 201, 101 and 301: nothing is sorted",
     "GRO-TCP-011", flow(*[{"sequence": at} for at in (1, 201, 101, 301)]),
     ["held"] + ["held GRO-TCP-011"] * 3, each(4))
peer("empty-datagram", "Payloads of 100, 0 and 100: the empty datagram goes "
     "first", "GRO-UDP-005", like({}, {"size": 0}, {}, **UDP4),
     ["held", "passed GRO-UDP-005", "merged"], [[1], [0, 2]])
peer("ack-between", "A pure acknowledgment between data: the held packet goes "
     "first", "GRO-TCP-009", flow({}, {"size": 0}, {}),
     ["held", "passed GRO-TCP-009", "held"], each(3))

# Limits.
peer("bulk", "A hundred segments of 1400 bytes: none is over 65535 bytes",
     "GRO-LIM-001", flow(*[{}] * 100, size=1400),
     grown(46, 46, 8, rule="GRO-LIM-001"), runs(46, 46, 8))
peer("datagrams", "Two hundred datagrams: 64, 64, 64 and 8", "GRO-END-004",
     flow(*[{}] * 200, **UDP4), grown(64, 64, 64, 8), runs(64, 64, 64, 8))

# UDP's own fields.
peer("udp-no-checksum", "Neither of two datagrams has a checksum: both pass",
     "GRO-UDP-004", flow({}, {}, **UDP4, checksum=0),
     ["passed GRO-UDP-004"] * 2, each(2))
peer("udp-trailer", "Datagrams that end before their packets do pass whole",
     "GRO-UDP-005", flow({}, {}, **UDP4, udp_length=88),
     ["passed GRO-UDP-005"] * 2, each(2))

# Headers of what leaves.
peer("checksum-first", "The first of three has a wrong checksum and passes; "
     "the others have a header of their own", "GRO-OUT-007",
     flow({"checksum": "wrong"}, {}, {}),
     ["passed GRO-TCP-001", "held", "merged"], [[0], [1, 2]])

# What does merge.
peer("plain", "Two plain segments merge", "GRO-OUT-004", flow({}, {}),
     grown(2), runs(2))
peer("plain-udp", "Two plain datagrams merge", "GRO-OUT-006",
     flow({}, {}, **UDP4), grown(2), runs(2))
peer("ece-both", "ECE on both packets: they merge", "GRO-TCP-005",
     flow({}, {}, flags="AE"), grown(2), runs(2))
peer("fin-tail", "FIN on the last of three segments: all merge",
     "GRO-END-001", flow({}, {}, {"flags": "AF"}), grown(3), runs(3))
peer("psh-tail", "PSH on a short last segment: all merge, and every byte of "
     "the payload stays", "GRO-END-001",
     flow({}, {}, {"flags": "AP", "size": 1}), grown(3), runs(3))
peer("urgent-pointers", "Urgent pointers of 1 and 2, without URG: they merge",
     "GRO-OUT-004", flow({"urgent": 1}, {"urgent": 2}), grown(2), runs(2))
peer("no-ack", "ACK on neither packet: they merge", "GRO-TCP-005",
     flow({}, {}, flags=""), grown(2), runs(2))

# The end of a poll, and of a frame.
peer("flush-all", "Eight flows are held: the end of the poll flushes them all",
     "GRO-END-008", [one for port in range(1, 9)
                     for one in flow({}, source_port=port)],
     ["held"] * 8, each(8))
peer("padded-frame", "A frame of 60 bytes: its padding is no payload",
     "GRO-IP4-006", flow({}, {"size": 0, "padding": bytes(6)}, {}),
     ["held", "passed GRO-IP4-006", "held"], each(3))


def seed_for_zero(size, header_len, at, **fields):
    """A seed with which the first segment of `size` bytes has the checksum 0;
    the super-packet's headers end at `header_len`, its checksum is at `at`.
    """
    first = packet(size=size, **fields)
    whole = packet(size=300, checksum="seed", **fields)
    assert first[header_len:] == whole[header_len:header_len + size]
    return fold(int.from_bytes(whole[at:at + 2], "big")
                + int.from_bytes(first[at:at + 2], "big"))


# Split.
split("cwr", "CWR is on the first segment only", "GSO-OUT-003", TCP_GSO,
      {"flags": "AC"}, 3)
split("udp6-zero", "A UDP checksum of 0 over IPv6 becomes 0xffff",
      "GSO-OUT-005", UDP6_GSO,
      {**IP6, **UDP4, "checksum": seed_for_zero(100, 48, 46, **IP6, **UDP4)},
      3)
split("hop-by-hop", "A hop-by-hop header counts in payload_length",
      "GSO-OUT-002", {**TCP6_GSO, "hdr_len": 68, "csum_start": 48},
      {**IP6, "extensions": [(HOP_BY_HOP, OPTION)]}, 3)
split("ecn", "gso_type 0x81 is one of TCP", "GSO-OUT-003",
      {**TCP_GSO, "gso_type": 0x81}, {}, 3)
split("200", "Two hundred segments: there is no limit", "GSO-OUT-003",
      {**TCP_GSO, "gso_size": 8}, {"size": 1600}, 200)
split("headers-only", "A packet of headers alone is delivered as it is",
      "VNET-014 GSO-OUT-008", TCP_GSO, {"size": 0}, 1)
split("size-0", "A gso_size of 0 is rejected", "VNET-003",
      {**TCP_GSO, "gso_size": 0}, {}, "EINVAL")
split("csum-start", "csum_start after the packet is rejected, without GSO, "
      "too", "VNET-001",
      {"flags": 1, "csum_start": 5000, "csum_offset": 16}, {}, "EINVAL")
split("csum-offset", "csum_offset after the packet is rejected, without GSO, "
      "too", "VNET-001",
      {"flags": 1, "csum_start": 20, "csum_offset": 5000}, {}, "EINVAL")
split("ids", "Segments shorter than their headers: identifications count on",
      "GSO-OUT-001", {**TCP_GSO, "gso_size": 20}, {"id": 0x1ff}, 15)
split("udp-equal", "Three datagrams of the same length", "GSO-OUT-004",
      UDP_GSO, UDP4, 3)
split("udp-tail", "A last datagram of one byte", "GSO-OUT-004", UDP_GSO,
      {**UDP4, "size": 201}, 3)
