# SPDX-License-Identifier: MIT
"""Coalesces and splits the packets of TUN and TAP devices exactly as Linux
does. This package is an interface to libgrove, and has no logic of its own.

    table = grove.Table()
    for packet in packets:
        table.receive(packet)
    table.flush()
    for output in table.outputs():
        os.write(tun, output.vnet + output.packet)
    table.clear()
"""

import enum
from typing import NamedTuple, Optional

from grove._library import ffi, lib

# The usual length of a virtio_net_hdr in bytes.
VNET_LEN = lib.GROVE_VNET_LEN


class Link(enum.IntEnum):
    """What a packet begins with: the IP header, as at a TUN device, or an
    Ethernet header, as at a TAP device."""

    NONE = lib.GROVE_LINK_NONE
    ETHERNET = lib.GROVE_LINK_ETHERNET


class Protocol(enum.IntEnum):
    """That of a tunnel. The first two and PPPOE are not over UDP."""

    IPIP = lib.GROVE_TUNNEL_IPIP
    GRE = lib.GROVE_TUNNEL_GRE
    VXLAN = lib.GROVE_TUNNEL_VXLAN
    VXLAN_GPE = lib.GROVE_TUNNEL_VXLAN_GPE
    GENEVE = lib.GROVE_TUNNEL_GENEVE
    PPPOE = lib.GROVE_TUNNEL_PPPOE


class Tunnel(NamedTuple):
    """A tunnel that ends at the host. `port` is the destination port of UDP; 0
    if the tunnel is not over UDP."""

    protocol: Protocol
    port: int = 0


class Error(Exception):
    """A call failed; the text says why."""


class Rejected(Error):
    """The kernel's write(2) of the packet fails. The text is the id of the rule
    that says so."""


class Output(NamedTuple):
    """A packet that leaves: its virtio header, its bytes, and the numbers of
    the packets in it since the last clear(), from 0. With `fraglist`, the next
    `rest` outputs are of the same list."""

    vnet: bytes
    packet: bytes
    of: list
    rest: int


class Fate(NamedTuple):
    """What happened to a packet: "held", "merged", "passed" or "rejected", and
    the id of the rule that kept it from merging, or None."""

    verdict: str
    rule: Optional[str]


def _text(string):
    return None if string == ffi.NULL else ffi.string(string).decode("ascii")


def _check(error):
    if error != lib.GROVE_OK:
        raise Error(_text(lib.grove_error_words(error)))


def _name(profile):
    """The name for the library, which the caller keeps during the call."""
    if profile is None:
        return ffi.NULL
    if "\0" in profile:
        raise Error(_text(lib.grove_error_words(lib.GROVE_E_CONFIG_PROFILE)))
    return ffi.new("char[]", profile.encode())


def _set(config, **fields):
    """Sets fields of a configuration. What does not fit one is an error of
    Python, to which its name is added."""
    for name, value in fields.items():
        try:
            setattr(config, name, value)
        except (OverflowError, TypeError) as error:
            raise type(error)(f"{name}: {error}") from None


def _tunnels(tunnels):
    raw = ffi.new("struct grove_tunnel[]", len(tunnels))
    for to, (protocol, port) in zip(raw, tunnels):
        _set(to, protocol=protocol, port=port)
    return raw


def _packet(data, vnet, vnet_len, hash=0):
    """A copy of the packet for the library, and what must be kept as long."""
    if vnet is not None and len(vnet) != vnet_len:
        raise ValueError(f"vnet: {len(vnet)} bytes; give {vnet_len}, or None")
    data = ffi.from_buffer("uint8_t[]", bytes(data))
    vnet = ffi.NULL if vnet is None else ffi.from_buffer("uint8_t[]",
                                                         bytes(vnet))
    packet = ffi.new("struct grove_packet *")
    _set(packet, data=data, len=len(data), vnet=vnet, hash=hash)
    return packet, (data, vnet)


def _rule(rule):
    return None if rule == lib.GROVE_RULE_NONE else _text(lib.grove_rule_id(rule))


def profiles():
    """The profiles that have a name of their own, the oldest kernel first."""
    names, at = [], lib.grove_profiles()
    while at[len(names)] != ffi.NULL:
        names.append(_text(at[len(names)]))
    return names


class Table:
    """Coalesces packets. The options are those of struct grove_config; all
    defaults are those of the library.

    profile       "linux-6.18"; None: the newest
    max_flows     super-packets held before the oldest is evicted; 0: 128
    max_packets   between two calls of clear(); 0: 128, or max_flows
    lossless      merge only what a split gives back byte for byte
    no_udp        UDP passes
    csum_trusted  L4 checksums were verified before
    seed          of the flow hash; 0: random; outputs are the same
    link          what packets begin with, a Link
    tunnels       those that end here, up to 8, each a Tunnel. Lossless mode has
                  those over UDP, with Link.ETHERNET and a vnet_len of 24
    vnet_len      of virtio headers, in bytes: 10, 12 or 24; 0: 10
    max_bytes     the longest super-packet, 65535 to 524280; 0: 65535. More is
                  for linux mode, without a link and tunnels
    fraglist      coalesce into lists of packets, as with rx-gro-list: each
                  packet of a list is an output, and they follow one another.
                  Lists are for linux mode, without a link and tunnels
    hash          packets have hashes, as those that a network card with RSS
                  receives. Then there are 8 buckets, and up to max_flows are
                  held in each. Hashes are for linux mode, without fraglist,
                  and with the usual max_bytes
    """

    def __init__(self, profile=None, *, max_flows=0, max_packets=0,
                 lossless=False, no_udp=False, csum_trusted=False, seed=0,
                 link=Link.NONE, tunnels=(), vnet_len=0, max_bytes=0,
                 fraglist=False, hash=False):
        self._vnet_len = vnet_len or VNET_LEN
        self._kept = []
        name = _name(profile)
        raw_tunnels = _tunnels(tunnels)
        config = ffi.new("struct grove_config *")
        _set(config,
             profile=name,
             max_flows=max_flows,
             max_packets=max_packets,
             mode=lib.GROVE_MODE_LOSSLESS if lossless else lib.GROVE_MODE_LINUX,
             no_udp=no_udp,
             csum_trusted=csum_trusted,
             seed=seed,
             link=link,
             tunnels=raw_tunnels,
             tunnel_count=len(raw_tunnels),
             vnet_len=self._vnet_len,
             max_bytes=max_bytes,
             fraglist=fraglist,
             hash=hash)
        table = ffi.new("struct grove_table **")
        _check(lib.grove_table_new(config, table))
        self._table = ffi.gc(table[0], lib.grove_table_free)

    def receive(self, data, vnet=None, hash=0):
        """Takes a copy of a packet, and of its virtio header of vnet_len
        bytes. `hash` is the one that the device gave it, which is read only by
        a table with hashes."""
        packet, kept = _packet(data, vnet, self._vnet_len, hash)
        _check(lib.grove_receive(self._table, packet))
        self._kept.append(kept)

    def flush(self):
        """Ends the poll: every held super-packet leaves."""
        lib.grove_flush(self._table)

    def clear(self):
        """Forgets all packets and outputs. Flush first."""
        _check(lib.grove_clear(self._table))
        self._kept.clear()

    def outputs(self):
        """What has left since the last clear(), in order, as a list of
        Output."""
        count = ffi.new("size_t *")
        outputs = lib.grove_to_write(self._table, count)
        return [self._output(outputs[i]) for i in range(count[0])]

    def fates(self):
        """The Fate of each packet since the last clear()."""
        fates = [lib.grove_fate_of(self._table, number)
                 for number in range(lib.grove_received(self._table))]
        return [Fate(_text(lib.grove_verdict_words(fate.verdict)),
                     _rule(fate.rule)) for fate in fates]

    def _output(self, output):
        vnet, *pieces = (bytes(ffi.buffer(iov.iov_base, iov.iov_len))
                         for iov in output.iov[0:output.iovcnt])
        of, number = [], output.first
        while number != lib.GROVE_NO_PACKET:
            of.append(number)
            number = lib.grove_next_packet(self._table, number)
        return Output(vnet, b"".join(pieces), of, output.rest)


def split(data, vnet=None, profile=None, *, csum_offload=False,
          link=Link.NONE, vnet_len=0):
    """Gives the segments of a packet, each as its virtio header and its bytes,
    one at a time. A dropped packet has none. One that the kernel refuses raises
    Rejected. With `csum_offload`, the reader computes checksums; the other
    options are as of Table."""
    vnet_len = vnet_len or VNET_LEN
    name = _name(profile)
    config = ffi.new("struct grove_split_config *")
    _set(config,
         profile=name,
         csum_offload=csum_offload,
         link=link,
         vnet_len=vnet_len)
    made = ffi.new("struct grove_split **")
    _check(lib.grove_split_new(config, made))
    splitter = ffi.gc(made[0], lib.grove_split_free)
    packet, kept = _packet(data, vnet, vnet_len)
    rule = ffi.new("enum grove_rule *")
    result = lib.grove_split_begin(splitter, packet, rule)
    if result == lib.GROVE_SPLIT_REJECTED:
        raise Rejected(_rule(rule[0]))
    return _segments(splitter, len(data), vnet_len, kept)


def _segments(splitter, size, vnet_len, kept):
    """`kept` is the packet, which the splitter reads until the end."""
    buffer, vnet = ffi.new("uint8_t[]", size), ffi.new("uint8_t[]", vnet_len)
    while True:
        length = lib.grove_split_copy(splitter, buffer, size, vnet)
        if length == 0:
            break
        yield bytes(vnet), bytes(ffi.buffer(buffer, length))
    del kept
