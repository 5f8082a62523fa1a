# SPDX-License-Identifier: MIT
"""A guest of tools/kernels, whose kernel has devices that the host may lack."""

import pathlib
import shutil
import subprocess

from scripts.command import Problem
from scripts.kernels import image

HERE = pathlib.Path(__file__).resolve().parent
KERNELS = HERE.parents[1] / "kernels"

KERNEL = "6.18.15"
PROGRAMS = ("ip", "ethtool", "tcpdump", "iperf3")


def files():
    """What the guest needs: the programs, and their libraries. The loader is
    there, since grove needs it.
    """
    programs = [shutil.which(name) for name in PROGRAMS]
    libraries = {path for program in programs
                 for path in image.libraries(program)
                 if not path.startswith("/lib64/")}
    return [*programs, *sorted(libraries), HERE / "tunnel.sh",
            HERE / "offloads_off.sh"]


def record(raw, modules, *words):
    """Records into a file what tunnel.sh captures."""
    command = [KERNELS, "exec"]
    for path in files():
        command += ["--with", path]
    for name in ("veth", *modules):
        command += ["--module", name]
    command += [KERNEL, "sh", HERE / "tunnel.sh", *words]
    with open(raw, "wb") as stream:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=stream,
                              stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise Problem(f"tools/kernels exec {KERNEL}: exit {done.returncode}: "
                      f"{lines[-1]}")
