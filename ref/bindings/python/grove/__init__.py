# SPDX-License-Identifier: MIT
"""Coalesces and splits TUN packets exactly as Linux does. This package is an
interface to libgrove, and has no logic of its own.

    table = grove.Table()
    for packet in packets:
        table.receive(packet)
    table.flush()
    for output in table.outputs():
        os.write(tun, output.vnet + output.packet)
    table.clear()
"""

from typing import NamedTuple

from grove._library import ffi, lib

VNET_LEN = 10


class Error(Exception):
    """A call failed; the text says why."""


class Output(NamedTuple):
    """A packet that leaves: its virtio header, its bytes, and the numbers of
    the packets in it since the last clear(), from 0."""

    vnet: bytes
    packet: bytes
    of: list


class Fate(NamedTuple):
    """What happened to a packet: "held", "merged", "passed" or "rejected", and
    the id of the rule that kept it from merging, or None."""

    verdict: str
    rule: str


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


def _packet(data, vnet):
    """A copy of the packet for the library, and what must be kept as long."""
    if vnet is not None and len(vnet) != VNET_LEN:
        raise ValueError(f"vnet: {len(vnet)} bytes; give {VNET_LEN}, or None")
    data = ffi.from_buffer("uint8_t[]", bytes(data))
    vnet = ffi.NULL if vnet is None else ffi.from_buffer("uint8_t[]",
                                                         bytes(vnet))
    packet = ffi.new("struct grove_packet *",
                     {"data": data, "len": len(data), "vnet": vnet})
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
    """Coalesces packets. The configuration is that of struct grove_config; all
    defaults are those of the library."""

    def __init__(self, profile=None, *, max_flows=0, max_packets=0,
                 lossless=False, no_udp=False, csum_trusted=False):
        name = _name(profile)
        config = ffi.new("struct grove_config *", {
            "profile": name, "max_flows": max_flows, "max_packets": max_packets,
            "mode": lib.GROVE_MODE_LOSSLESS if lossless
            else lib.GROVE_MODE_LINUX,
            "no_udp": no_udp, "csum_trusted": csum_trusted})
        table = ffi.new("struct grove_table **")
        _check(lib.grove_table_new(config, table))
        self._table = ffi.gc(table[0], lib.grove_table_free)
        self._kept = []

    def receive(self, data, vnet=None):
        """Takes a copy of a packet, and of its virtio header of 10 bytes."""
        packet, kept = _packet(data, vnet)
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
        return Output(vnet, b"".join(pieces), of)


def split(data, vnet=None, profile=None, *, csum_offload=False):
    """Gives the segments of a packet, each as its virtio header and its bytes,
    one at a time. A dropped packet has none. A rejected one is an Error with
    the id of the rule. With `csum_offload`, the reader computes checksums."""
    name = _name(profile)
    config = ffi.new("struct grove_split_config *",
                     {"profile": name, "csum_offload": csum_offload})
    made = ffi.new("struct grove_split **")
    _check(lib.grove_split_new(config, made))
    splitter = ffi.gc(made[0], lib.grove_split_free)
    packet, kept = _packet(data, vnet)
    rule = ffi.new("enum grove_rule *")
    result = lib.grove_split_begin(splitter, packet, rule)
    if result == lib.GROVE_SPLIT_REJECTED:
        raise Error(_rule(rule[0]))
    return _segments(splitter, len(data), kept)


def _segments(splitter, size, kept):
    """`kept` is the packet, which the splitter reads until the end."""
    buffer, vnet = ffi.new("uint8_t[]", size), ffi.new("uint8_t[]", VNET_LEN)
    while True:
        length = lib.grove_split_copy(splitter, buffer, size, vnet)
        if length == 0:
            break
        yield bytes(vnet), bytes(ffi.buffer(buffer, length))
    del kept
