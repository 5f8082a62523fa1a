# SPDX-License-Identifier: MIT
"""Network namespaces, by iproute2. Needs root."""

import contextlib
import os
import signal
import subprocess

from scripts.command import Problem


def ip(*words):
    """Runs `ip`, which must succeed; returns what it prints."""
    done = subprocess.run(["ip", *words], check=False, text=True,
                          capture_output=True)
    if done.returncode != 0:
        raise Problem(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def send(pid, *signals):
    """Sends signals to a process, which may have ended."""
    for number in signals:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def remove(namespace):
    """Removes a namespace if it exists, and ends the processes inside, which
    would keep it alive.
    """
    if not os.path.exists(f"/run/netns/{namespace}"):
        return
    for pid in ip("netns", "pids", namespace).split():
        send(int(pid), signal.SIGKILL)
    ip("netns", "delete", namespace)


@contextlib.contextmanager
def added(*names):
    """New namespaces, whose loopback devices are up."""
    try:
        for name in names:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        yield
    finally:
        for name in names:
            remove(name)
