# SPDX-License-Identifier: MIT
"""Two hosts, and a tunnel program on each. Needs root and iproute2.

The hosts are network namespaces, which a pair of veth devices joins. Tests and
benchmarks of VPNs share this.
"""

import contextlib
import os
import subprocess
import time

from scripts import namespaces
from scripts.command import Problem
from scripts.namespaces import ip

# Of each host: outside, and inside the tunnel.
OUTER = ("192.0.2.1", "192.0.2.2")
INNER = ("10.77.0.1", "10.77.0.2")
INNER6 = ("fd77::1", "fd77::2")
DEVICES = ("left", "right")

PATIENCE_S = 20


@contextlib.contextmanager
def hosts():
    """Makes the hosts; gives the names of their namespaces."""
    names = [f"grove-{side}-{os.getpid()}" for side in DEVICES]
    with namespaces.added(*names):
        ip("-n", names[0], "link", "add", "outer", "type", "veth", "peer",
           "name", "outer", "netns", names[1])
        for name, address in zip(names, OUTER):
            ip("-n", name, "address", "add", f"{address}/24", "dev", "outer")
            ip("-n", name, "link", "set", "outer", "up")
        yield names


def within(name, *words):
    """The command for a namespace."""
    return ["ip", "netns", "exec", name, *map(str, words)]


def wait_for(what, condition, processes=()):
    """Waits until the condition holds, while the processes run."""
    limit = time.monotonic() + PATIENCE_S
    while not condition():
        for process in processes:
            if process.poll() is not None:
                raise Problem(f"{process.args[-1]}: it ended with status "
                              f"{process.returncode}")
        if time.monotonic() > limit:
            raise Problem(f"{what}: waited for {PATIENCE_S} s")
        time.sleep(0.02)


def has_device(name, device):
    """Whether the namespace has the device."""
    return subprocess.run(["ip", "-n", name, "link", "show", device],
                          check=False, capture_output=True).returncode == 0


def give_addresses(name, side):
    """Gives the tunnel's device of this side its addresses."""
    device = DEVICES[side]
    ip("-n", name, "link", "set", device, "up")
    ip("-n", name, "address", "add", f"{INNER[side]}/24", "dev", device)
    ip("-n", name, "address", "add", f"{INNER6[side]}/64", "nodad", "dev",
       device)


@contextlib.contextmanager
def started(names, commands, errors=None):
    """Starts a program on each host, waits for its device, and gives that its
    addresses. The programs end with the block. errors: where they complain.
    """
    with contextlib.ExitStack() as stack:
        processes = []
        for name, command in zip(names, commands):
            process = subprocess.Popen(within(name, *command),
                                       stdout=subprocess.DEVNULL,
                                       stderr=errors)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            processes.append(process)
        for side, name in enumerate(names):
            wait_for("the device of a tunnel",
                     lambda at=(name, DEVICES[side]): has_device(*at),
                     processes)
            give_addresses(name, side)
        yield processes


def answers(name, side):
    """Whether the host answers from behind the tunnel. side: who asks."""
    return subprocess.run(
        within(name, "ping", "-q", "-c", 1, "-W", 1, INNER[1 - side]),
        check=False, capture_output=True).returncode == 0
