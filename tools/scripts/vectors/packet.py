# SPDX-License-Identifier: MIT
"""IP packets with TCP and UDP. Lengths and checksums are correct unless a field
says otherwise.
"""

import functools
import ipaddress
import struct

TCP, UDP, GRE = 6, 17, 47

TCP_FLAGS = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08, "A": 0x10,
             "U": 0x20, "E": 0x40, "C": 0x80, "e": 0x100,
             "x": 0x200, "y": 0x400, "z": 0x800}  # reserved

# The next header numbers of IPv6 extension headers.
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60

ETHERTYPES = {4: 0x0800, 6: 0x86dd}
FRAME = 0x6558              # another Ethernet header
PPPOE = 0x8864              # a session of it

# The protocols of PPP.
IN_PPP = {4: 0x0021, 6: 0x0057}

# The IP protocols of IP in IP.
IN_IP = {4: 4, 6: 41}

# The usual ports of tunnels over UDP.
PORTS = {"vxlan": 4789, "vxlan-gpe": 4790, "geneve": 6081}

# The flags of GRE that it may have.
GRE_CHECKSUM, GRE_KEY = 0x8000, 0x2000

# What is inside of VXLAN-GPE: IPv4, IPv6, Ethernet.
NEXT = {4: 1, 6: 2, "frame": 3}

DEFAULTS = {
    # Ethernet
    "link": "none",         # or "ethernet"
    "to_mac": bytes.fromhex("020000000002"),
    "from_mac": bytes.fromhex("020000000001"),
    "ethertype": None,      # None: the correct one
    "tags": (),             # VLAN: pairs (type that announces it, TCI)
    # PPPoE before the IP header, or before the outer one of a tunnel
    "pppoe": None,          # the number of its session; None: there is none
    "pppoe_code": 0x1100,   # version, type and code
    "pppoe_length_by": 0,   # is added to the length
    "pppoe_protocol": None,  # of PPP; None: the correct one
    # IP
    "version": 4,
    "said_version": None,   # in the IP header; None: the correct one
    "protocol": TCP,
    "source": None,         # None: an address by version
    "destination": None,
    "source_port": 40000,
    "destination_port": 443,
    "size": 100,            # of the payload
    "payload": None,        # None: `size` bytes of a pattern
    # IPv4
    "tos": 0,
    "id": 0x1000,
    "df": True,
    "mf": False,
    "reserved": False,
    "ttl": 64,
    "ip_options": b"",
    "ihl": None,            # None: the correct one
    "total_length": None,   # None: the correct one
    "ip_checksum": None,    # None: the correct one; or "wrong"
    # IPv6
    "traffic_class": 0,
    "flow_label": 0x12345,
    "hop_limit": 64,
    "extensions": (),       # pairs (number, bytes after the next header)
    "payload_length": None,
    # both
    "ip_length_by": 0,      # is added to total_length or payload_length
    # TCP
    "sequence": 0x10000000,
    "acknowledgment": 0x20000000,
    "flags": "A",
    "data_offset": None,
    "window": 1000,
    "urgent": 0,
    "options": b"",
    # UDP
    "udp_length": None,
    "udp_length_by": 0,     # is added to udp_length
    # both
    "checksum": None,       # as ip_checksum; "seed": of the pseudo-header
    "l4_cut": None,         # so many bytes of L4; the lengths fit
    # a tunnel. Its outer headers have the fields above, after "outer_"
    "tunnel": None,         # or "ipip", "gre", "vxlan", "vxlan-gpe", "geneve"
    "own": None,            # bytes of its own header; None: the usual ones
    "vni": 1,
    "geneve_options": b"",  # of whole units of 4 bytes
    "gre_flags": 0,
    "gre_key": 1,
    "gre_checksum": None,   # as ip_checksum; or a number
    "frames": 1,            # number of Ethernet headers
    "frame": b"\2\0\0\0\0\4\2\0\0\0\0\3",  # the addresses
    "inner_type": None,     # their last type; None: the correct one
    "inner_tags": (),       # VLAN, behind the last of them
    "inner_pppoe": None,    # the session of PPPoE behind these; None: none
    "inner_pppoe_length_by": 0,
    # the whole packet
    "padding": b"",         # after the IP packet
    "cut": None,            # so many bytes of the packet; the lengths stay
}


PPPOE_FIELDS = "pppoe", "pppoe_code", "pppoe_length_by", "pppoe_protocol"

# The payload of a stream repeats after so many bytes.
PERIOD = 251
STREAM = bytes(i * 7 % PERIOD for i in range(PERIOD))


def fold(total):
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return total


def ones_sum(data):
    if len(data) % 2:
        data += b"\0"
    return fold(sum(struct.unpack(f">{len(data) // 2}H", data)))


def pattern(sequence, size):
    """Payload of a stream that differs from offset to offset."""
    start = sequence % PERIOD
    return (STREAM * ((start + size) // PERIOD + 1))[start:start + size]


@functools.cache
def address(text):
    return ipaddress.ip_address(text).packed


def addresses(f):
    if f["version"] == 4:
        default = "192.0.2.1", "198.51.100.2"
    else:
        default = "2001:db8::1", "2001:db8::2"
    return [address(f[name] or other)
            for name, other in zip(("source", "destination"), default)]


def tcp_header(f):
    offset = f["data_offset"]
    if offset is None:
        offset = 5 + len(f["options"]) // 4
    word = offset << 12 | sum(TCP_FLAGS[flag] for flag in f["flags"])
    return struct.pack(">HHIIHHHH", f["source_port"], f["destination_port"],
                       f["sequence"] % 2**32, f["acknowledgment"], word,
                       f["window"], 0, f["urgent"]) + f["options"]


def udp_header(f, payload):
    length = f["udp_length"]
    if length is None:
        length = 8 + len(payload)
    return struct.pack(">HHHH", f["source_port"], f["destination_port"],
                       length + f["udp_length_by"], 0)


def l4_of(f):
    payload = f["payload"]
    if payload is None:
        payload = pattern(f["sequence"], f["size"])
    if f["protocol"] == TCP:
        l4, field = tcp_header(f) + payload, 16
    elif f["protocol"] == UDP:
        l4, field = udp_header(f, payload) + payload, 6
    else:
        return payload
    l4 = l4[:f["l4_cut"]]
    if len(l4) < field + 2:
        return l4
    pseudo = b"".join(addresses(f)) + struct.pack(">II", f["protocol"],
                                                  len(l4))
    checksum = f["checksum"]
    if checksum is None:
        checksum = ones_sum(pseudo + l4) ^ 0xffff
        if f["protocol"] == UDP and checksum == 0:
            checksum = 0xffff
    elif checksum == "seed":
        checksum = ones_sum(pseudo)
    elif checksum == "wrong":
        checksum = ones_sum(pseudo + l4) ^ 0xfffe
    return l4[:field] + struct.pack(">H", checksum) + l4[field + 2:]


def said_version(f):
    said = f["said_version"]
    return f["version"] if said is None else said


def type_before(session, version):
    """The Ethernet type of IP, or of PPPoE before it."""
    return ETHERTYPES[version] if session is None else PPPOE


def pppoe_of(f, session, inner):
    """PPPoE and what follows it; only that if there is no session."""
    if session is None:
        return inner
    protocol = f["pppoe_protocol"]
    if protocol is None:
        protocol = IN_PPP[f["version"]]
    return struct.pack(">HHHH", f["pppoe_code"], session,
                       2 + len(inner) + f["pppoe_length_by"], protocol) + inner


def link_of(f):
    if f["link"] == "none":
        return b""
    ethertype = f["ethertype"]
    if ethertype is None:
        ethertype = type_before(f["pppoe"], f["version"])
    return f["to_mac"] + f["from_mac"] + tags_of(f["tags"]) \
        + struct.pack(">H", ethertype)


def tags_of(tags):
    """Each tag has its TCI behind the type that announces it."""
    return b"".join(struct.pack(">HH", *tag) for tag in tags)


def ip4_of(f, l4):
    ihl = 5 + len(f["ip_options"]) // 4
    length = f["total_length"]
    if length is None:
        length = ihl * 4 + len(l4)
    length += f["ip_length_by"]
    fragment = f["reserved"] << 15 | f["df"] << 14 | f["mf"] << 13
    source, destination = addresses(f)
    said = ihl if f["ihl"] is None else f["ihl"]
    header = struct.pack(">BBHHHBBH4s4s", said_version(f) << 4 | said, f["tos"],
                         length % 2**16, f["id"] % 2**16, fragment, f["ttl"],
                         f["protocol"], 0, source,
                         destination) + f["ip_options"]
    checksum = f["ip_checksum"]
    if checksum is None:
        checksum = ones_sum(header) ^ 0xffff
    elif checksum == "wrong":
        checksum = ones_sum(header) ^ 0xfffe
    return header[:10] + struct.pack(">H", checksum) + header[12:]


def ip6_of(f, l4):
    following = [number for number, _ in f["extensions"]] + [f["protocol"]]
    extensions = b"".join(bytes([following[i + 1]]) + data
                          for i, (_, data) in enumerate(f["extensions"]))
    length = f["payload_length"]
    if length is None:
        length = len(extensions) + len(l4)
    length += f["ip_length_by"]
    source, destination = addresses(f)
    return struct.pack(">IHBB16s16s", said_version(f) << 28
                       | f["traffic_class"] << 20
                       | f["flow_label"], length, following[0],
                       f["hop_limit"], source, destination) + extensions


def frames_of(f):
    """The Ethernet headers inside of a tunnel."""
    last = f["inner_type"]
    if last is None:
        last = type_before(f["inner_pppoe"], f["version"])
    if f["frames"] == 0:
        return b""
    return (f["frame"] + struct.pack(">H", FRAME)) * (f["frames"] - 1) \
        + f["frame"] + tags_of(f["inner_tags"]) + struct.pack(">H", last)


def own_of(f):
    """The usual header of a tunnel over UDP."""
    if f["tunnel"] == "geneve":
        inside = FRAME if f["frames"] else type_before(f["inner_pppoe"],
                                                       f["version"])
        return struct.pack(">BBHI", len(f["geneve_options"]) // 4, 0, inside,
                           f["vni"] << 8) + f["geneve_options"]
    flags = 0x08000000
    if f["tunnel"] == "vxlan-gpe":
        flags = 0x0c000000 | NEXT["frame" if f["frames"] else f["version"]]
    return struct.pack(">II", flags, f["vni"] << 8)


def gre_of(f, inner):
    """GRE and what follows it."""
    flags = f["gre_flags"]
    inside = FRAME if f["frames"] else type_before(f["inner_pppoe"],
                                                   f["version"])
    made = f["own"] or struct.pack(">HH", flags, inside) \
        + bytes(4 if flags & GRE_CHECKSUM else 0) \
        + (struct.pack(">I", f["gre_key"]) if flags & GRE_KEY else b"")
    made += frames_of(f) + inner
    if not flags & GRE_CHECKSUM:
        return made
    checksum = f["gre_checksum"]
    if checksum is None or checksum == "wrong":
        checksum = ones_sum(made) ^ (0xfffe if checksum else 0xffff)
    return made[:4] + struct.pack(">H", checksum) + made[6:]


def inside_of(f, inner):
    """What follows the outer IP header, without that of UDP."""
    inner = pppoe_of({**f, "pppoe_length_by": f["inner_pppoe_length_by"],
                      "pppoe_code": 0x1100, "pppoe_protocol": None},
                     f["inner_pppoe"], inner)
    if f["tunnel"] == "ipip":
        return inner
    if f["tunnel"] == "gre":
        return gre_of(f, inner)
    own = f["own"]
    if own is None:
        own = own_of(f)
    return own + frames_of(f) + inner


def tunneled(f, outer, inner):
    """The inner IP packet in its tunnel."""
    fields = {"id": f["id"] + 0x4000, "source_port": 50000, **outer}
    if f["tunnel"] == "ipip":
        protocol = IN_IP[f["version"]]
    elif f["tunnel"] == "gre":
        protocol = GRE
    else:
        protocol = UDP
        fields.setdefault("destination_port", PORTS[f["tunnel"]])
    if fields.get("version", 4) == 4:
        fields = {"source": "203.0.113.1", "destination": "203.0.113.2",
                  **fields}
    else:
        fields = {"source": "2001:db8:1::1", "destination": "2001:db8:1::2",
                  **fields}
    return packet(**{"protocol": protocol, "payload": inside_of(f, inner),
                     "link": f["link"], "to_mac": f["to_mac"],
                     "from_mac": f["from_mac"], "ethertype": f["ethertype"],
                     "tags": f["tags"],
                     **{name: f[name] for name in PPPOE_FIELDS}, **fields})


def packet(**fields):
    """The bytes of a packet with these fields; other fields are DEFAULTS."""
    outer = {name.removeprefix("outer_"): value
             for name, value in fields.items() if name.startswith("outer_")}
    fields = {name: value for name, value in fields.items()
              if not name.startswith("outer_")}
    unknown = fields.keys() - DEFAULTS.keys()
    if unknown:
        raise KeyError(f"no field {unknown}")
    f = {**DEFAULTS, **fields}
    l4 = l4_of(f)
    ip = ip4_of(f, l4) if f["version"] == 4 else ip6_of(f, l4)
    made = ip + l4 + f["padding"]
    if f["tunnel"] is not None:
        made = tunneled(f, outer, made)
    else:
        made = link_of(f) + pppoe_of(f, f["pppoe"], made)
    return made[:f["cut"]]


def vnet(flags=0, gso_type=0, hdr_len=0, gso_size=0, csum_start=0,
         csum_offset=0, rest=b""):
    """A virtio_net_hdr, with these bytes behind its fields."""
    return struct.pack("<BBHHHH", flags, gso_type, hdr_len, gso_size,
                       csum_start, csum_offset) + rest
