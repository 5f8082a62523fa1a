#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""grove tun: tun_hostile.py GROVE MEBIBYTES. Hostile virtio_net_hdrs.

Every edge of every field comes from the other side: straight out of the device
through AF_PACKET, and through a TUN whose packets the kernel forwards. grove
survives what the kernel lets pass, and goes on.
"""

import contextlib
import itertools
import os

import tun_frames
import tun_world

# Where the kernel or the splitter decide otherwise than one below or above.
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
    """A good header of each kind with one or two fields at an edge."""
    start = {4: 20, 6: 40}[version]
    good = [dict(flags=1, gso_type=kind, hdr_len=start + 20, gso_size=1000,
                 csum_start=start, csum_offset=offset)
            for kind, offset in ((1, 16), (4, 16), (5, 6), (0, 16))]
    for header in good:
        for one, two in itertools.combinations(EDGES, 2):
            for a, b in itertools.product(EDGES[one], EDGES[two]):
                yield tun_frames.vnet(**{**header, one: a, two: b})


def frames(left, right, every):
    """One in `every` of all of them."""
    everything = (header + packet for packet, version in packets(left, right)
                  for header in headers(version))
    return itertools.islice(everything, 0, None, every)


def out_of_device(left, right, every):
    device = tun_frames.Frames(left)
    for frame in frames(left, right, int(every)):
        # What the kernel refuses does not come to grove.
        with contextlib.suppress(OSError):
            device.send(frame)
    for version in 4, 6:
        left.answers(right, version)


def foreign_tun(side):
    """A TUN whose other end is this test; what it writes is forwarded."""
    tun = tun_frames.open_tun(side, "foreign")
    side.link("set", "foreign", "up")
    for name in "ipv4/ip_forward", "ipv6/conf/all/forwarding":
        side.run("sh", "-c", f"echo 1 >/proc/sys/net/{name}")
    for name in "foreign", "all":
        side.run("sh", "-c",
                 f"echo 0 >/proc/sys/net/ipv4/conf/{name}/rp_filter")
    return tun


class Stranger:
    """Whom the packets are from."""
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
            # Most are refused by the kernel; what it lets pass was read.
            assert statistics[0]["reads"] > 1000 // every, statistics
            assert bool(statistics[0]["split"]) != bool(options), statistics


if __name__ == "__main__":
    tun_world.main(globals(), outer)
