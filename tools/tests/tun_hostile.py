#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove tun: tun_hostile.py GROVE MEBIBYTES. Hostile virtio_net_hdrs.

Every field has every edge value once. The packets come from the other side: out
of the device by AF_PACKET, and from a TUN whose packets the kernel forwards.
grove survives those that the kernel lets pass, and continues.
"""

import contextlib
import itertools
import os

import tun_frames
import tun_world

# Values at which the decision of the kernel or of the splitter may change.
EDGES = {
    "flags": (0, 1, 2, 4, 0xff),
    "gso_type": (0, 1, 3, 4, 5, 0x81, 0x84, 0x85, 0xff),
    "hdr_len": (0, 20, 40, 54, 1480, 0xffff),
    "gso_size": (0, 1, 7, 8, 1000, 1448, 0x8000, 0xfffe, 0xffff),
    "csum_start": (0, 19, 20, 21, 39, 40, 60, 1479, 0xfffe, 0xffff),
    "csum_offset": (0, 6, 15, 16, 17, 1000, 0xffff),
}


def packets(left, right):
    for version in 4, 6:
        for make in tun_frames.tcp, tun_frames.udp:
            for length in 0, 1, 1000, 3000, 20000:
                yield make(left, right, bytes(length), version), version


def headers(version):
    """Good headers of each kind, with one or two fields at an edge value."""
    start = {4: 20, 6: 40}[version]
    good = [dict(flags=1, gso_type=kind, hdr_len=start + 20, gso_size=1000,
                 csum_start=start, csum_offset=offset)
            for kind, offset in ((1, 16), (4, 16), (5, 6), (0, 16))]
    for header in good:
        for one, two in itertools.combinations(EDGES, 2):
            for a, b in itertools.product(EDGES[one], EDGES[two]):
                yield tun_frames.vnet(**{**header, one: a, two: b})


def frames(left, right, every):
    """Sends one of every `every` headers."""
    everything = (header + packet for packet, version in packets(left, right)
                  for header in headers(version))
    return itertools.islice(everything, 0, None, every)


def out_of_device(left, right, every):
    device = tun_frames.Frames(left)
    for frame in frames(left, right, int(every)):
        # Packets that the kernel refuses do not reach grove.
        with contextlib.suppress(OSError):
            device.send(frame)
    for version in 4, 6:
        left.answers(right, version)


def foreign_tun(side):
    """A TUN that this test writes to; the kernel forwards the packets."""
    tun = tun_frames.open_tun(side, "foreign")
    side.link("set", "foreign", "up")
    for name in "ipv4/ip_forward", "ipv6/conf/all/forwarding":
        side.run("sh", "-c", f"echo 1 >/proc/sys/net/{name}")
    for name in "foreign", "all":
        side.run("sh", "-c",
                 f"echo 0 >/proc/sys/net/ipv4/conf/{name}/rp_filter")
    return tun


class Stranger:
    """The sender of the packets."""
    addresses = {4: "198.51.100.1", 6: "2001:db8::1"}


def through_kernel(left, right, every):
    tun = foreign_tun(left)
    for frame in frames(Stranger, right, int(every)):
        with contextlib.suppress(OSError):
            os.write(tun, frame)
    for version in 4, 6:
        left.answers(right, version)
    os.close(tun)


def outer(world):
    every = 7 if world.size < 1 << 30 else 1
    for options in [], ["--no-offload"]:
        for function in out_of_device, through_kernel:
            statistics = world.between(function, every, options=options)
            # The kernel refuses most; grove has read those that passed.
            assert statistics[0]["reads"] > 1000 // every, statistics
            assert bool(statistics[0]["split"]) != bool(options), statistics


if __name__ == "__main__":
    tun_world.main(globals(), outer)
