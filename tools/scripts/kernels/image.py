# SPDX-License-Identifier: MIT
"""The initial file system of a guest, as a cpio archive."""

import contextlib
import lzma
import os
import pathlib
import re
import shlex
import stat
import subprocess

from scripts.command import Problem
from scripts.kernels import cache

# The modules that the guest needs if they are not built in: for the port to the
# host, and for `grove kernel`. An old kernel may lack the optional ones. GRE and
# IP in IP need none: what coalesces them is built in.
MODULES = ("virtio_pci", "virtio_console", "tun")
OPTIONAL_MODULES = ("sch_ingress", "cls_bpf", "act_mirred", "vxlan", "geneve",
                    "bridge", "br_netfilter", "veth", "pppoe")

FOLDERS = ("bin", "dev", "proc", "sys", "tmp", "modules", "lib64")

INIT = pathlib.Path(__file__).with_name("init")


class Cpio:
    """An archive in the format "newc"."""

    def __init__(self, stream):
        self.stream = stream
        self.entries = 0

    def add(self, name, mode, content=b"", device=(0, 0)):
        self.entries += 1
        encoded = name.encode() + b"\0"
        fields = (self.entries, mode, 0, 0, 1, 0, len(content), 0, 0,
                  *device, len(encoded), 0)
        header = b"070701" + b"".join(b"%08X" % field for field in fields)
        self.write(header + encoded)
        self.write(content)

    def write(self, content):
        self.stream.write(content + b"\0" * (-len(content) % 4))

    def add_file(self, name, content):
        self.add(name, stat.S_IFREG | 0o755, content)

    def end(self):
        self.add("TRAILER!!!", 0)


def file_pattern(module):
    """The name of a module's file may have a hyphen for an underscore."""
    return re.sub("[-_]", "[-_]", module) + ".ko*"


class Modules:
    """The modules of an unpacked kernel."""

    def __init__(self, folder):
        self.folder = folder
        self.builtin = {
            pathlib.Path(line).stem
            for path in folder.rglob("modules.builtin")
            for line in path.read_text().splitlines()}
        self.order = {}  # name: content; dependencies come first

    def has(self, name):
        return any(self.folder.rglob(file_pattern(name)))

    def read(self, name):
        """The content of a module, and the names of its dependencies."""
        path = cache.only(self.folder, file_pattern(name))
        content = path.read_bytes()
        with contextlib.suppress(lzma.LZMAError):
            if path.suffix == ".xz":
                content = lzma.decompress(content)
        depends = re.search(rb"\0depends=([^\0]*)\0", content)
        if depends is None:
            raise Problem(f"{path}: no module as it is or packed by "
                          f"xz; remove {self.folder} and fetch it "
                          "again")
        return content, list(filter(None, depends[1].decode().split(",")))

    def need(self, name):
        """Adds the module, after its dependencies."""
        if name in self.builtin or name in self.order:
            return
        content, others = self.read(name)
        for other in others:
            self.need(other)
        self.order[name] = content


def libraries(program):
    """The shared libraries of a program, and its loader."""
    listing = subprocess.run(["ldd", program], capture_output=True, text=True,
                             check=False)
    if "not a dynamic executable" in listing.stderr + listing.stdout:
        return []
    if listing.returncode != 0:
        raise Problem(f"{program}: ldd: {listing.stderr.strip()}")
    return re.findall(r"(/\S+) \(0x", listing.stdout)


def modules_of(folder, more=()):
    """The modules that a guest of this kernel loads."""
    modules = Modules(folder)
    for name in (*MODULES, *more):
        modules.need(name)
    for name in filter(modules.has, OPTIONAL_MODULES):
        modules.need(name)
    return modules


def files_below(path):
    """A file, or all files of a folder."""
    if not path.is_dir():
        return [path]
    return sorted(one for one in path.rglob("*") if one.is_file())


def guest_name(path):
    """The name of a file of the host in the guest, whose current folder is the
    root.
    """
    name = os.path.normpath(path).lstrip("/")
    if name.startswith(".."):
        raise Problem(f"{path}: is not below the current folder; give its "
                      "whole path")
    return name


def add_files(cpio, paths):
    """Adds files of the host, and their folders."""
    folders = set()
    for path in (file for one in paths for file in files_below(one)):
        name = guest_name(path)
        for parent in reversed(pathlib.PurePath(name).parents[:-1]):
            if parent not in folders:
                cpio.add(str(parent), stat.S_IFDIR | 0o755)
            folders.add(parent)
        cpio.add_file(name, path.read_bytes())


def write(stream, folder, grove, command, files, more):
    """Writes a file system for the kernel in the folder. It has these files of
    the host, loads more modules, and runs the command.
    """
    modules = modules_of(folder, more)
    cpio = Cpio(stream)
    for name in FOLDERS:
        cpio.add(name, stat.S_IFDIR | 0o755)
    cpio.add("dev/console", stat.S_IFCHR | 0o600, device=(5, 1))
    cpio.add_file("init", INIT.read_bytes())
    cpio.add_file("bin/busybox",
                  (cache.machine_folder() / "bin/busybox").read_bytes())
    cpio.add_file("bin/grove", grove.read_bytes())
    for path in libraries(grove):
        # The loader looks for the other libraries beside itself.
        cpio.add_file("lib64/" + os.path.basename(path),
                      pathlib.Path(path).read_bytes())
    for name, content in modules.order.items():
        cpio.add_file(f"modules/{name}", content)
    cpio.add_file("modules.order",
                  "".join(f"{name}\n" for name in modules.order).encode())
    add_files(cpio, files)
    cpio.add_file("command", (shlex.join(command) + "\n").encode())
    cpio.end()
