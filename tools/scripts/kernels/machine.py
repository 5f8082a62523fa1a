# SPDX-License-Identifier: MIT
"""A kernel under QEMU, in which grove has our standard input and output."""

import os
import pathlib
import re
import signal
import subprocess
import threading

from scripts.command import Problem, advising
from scripts.kernels import cache, image

# Without cmpxchg16b: QEMU 7.2 returned from it with wrong flags, and the kernel
# died.
MACHINE = ("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
           "-machine", "q35", "-cpu", "max,cx16=off", "-smp", "1", "-m", "1024")


def loader(folder):
    """The loader of the fetched release, with its own libraries."""
    paths = [folder / part / "x86_64-linux-gnu" for part in ("lib", "usr/lib")]
    return [folder / "lib64/ld-linux-x86-64.so.2", "--library-path",
            ":".join(map(str, paths))]


def qemu(folder):
    return [*loader(folder), folder / "usr/bin/qemu-system-x86_64",
            "-L", folder / "usr/share/qemu", "-L", folder / "usr/share/seabios"]


def environment():
    modules = cache.machine_folder() / "usr/lib/x86_64-linux-gnu/qemu"
    return {**os.environ, "QEMU_MODULE_DIR": str(modules)}


def accelerator():
    """KVM if it works; the existence of /dev/kvm is not enough. Inside of some
    virtual machines it makes a guest, in which no kernel boots: their processor
    shows neither vmx nor svm.
    """
    cpu = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    if not os.access("/dev/kvm", os.R_OK | os.W_OK) or \
            not re.search(r"^flags\b.* (vmx|svm)\b", cpu, re.M):
        return "tcg"
    probe = subprocess.run(
        [*qemu(cache.machine_folder()), *MACHINE, "-accel", "kvm", "-S",
         "-monitor", "stdio"], env=environment(), input=b"quit\n",
        capture_output=True, check=False)
    return "kvm" if probe.returncode == 0 else "tcg"


class Outlet:
    """A pipe for the output of a character device of QEMU."""

    def __init__(self, number):
        self.number = number
        source, self.writer = os.pipe()
        self.source = open(source, "rb", buffering=0)
        self.error = None  # of pour()

    def options(self):
        return ["-add-fd", f"fd={self.writer},set={self.number}",
                "-chardev", f"file,id=outlet{self.number},"
                f"path=/dev/fdset/{self.number},append=on"]

    def port(self):
        return ["-device",
                f"virtserialport,nr={self.number},chardev=outlet{self.number}"]

    def pour(self, descriptor):
        """Copies all output into a file, until QEMU ends."""
        with self.source:
            while chunk := self.source.read(1 << 20):
                # After an error the output is still read. Otherwise the guest
                # would wait forever.
                if self.error is None:
                    self.error = write(descriptor, chunk)

    def line(self):
        """The first line, without its end; "" if QEMU ends before that."""
        told = b""
        with self.source:
            while not told.endswith(b"\n"):
                chunk = self.source.read(1)
                if not chunk:
                    return ""
                told += chunk
        return told[:-1].decode()


def write(descriptor, chunk):
    """Writes all of the chunk; returns the error, or None."""
    try:
        while chunk:
            chunk = chunk[os.write(descriptor, chunk):]
    except OSError as error:
        return error
    return None


def command_line(kernel, initrd, outlets):
    """The last outlet is the console, the others are ports."""
    *ports, console = outlets
    return [
        *qemu(cache.machine_folder()), *MACHINE, "-accel", accelerator(),
        *(option for outlet in outlets for option in outlet.options()),
        "-device", "virtio-serial",
        "-chardev", "stdio,id=input,signal=off",
        "-device", "virtserialport,nr=1,chardev=input",
        *(option for outlet in ports for option in outlet.port()),
        "-serial", f"chardev:outlet{console.number}",
        "-kernel", cache.only(kernel, "vmlinuz*"),
        "-initrd", f"/dev/fd/{initrd}",
        # The console shows nothing but a panic. On a busy machine the timer
        # may be late, and the kernel would take it for broken.
        "-append", "console=ttyS0 loglevel=1 panic=-1 mitigations=off "
        "no_timer_check"]


def check(name, grove):
    """Checks that the cache has the kernel, and that grove exists. Returns the
    folder of the kernel.
    """
    kernel = cache.kernel_folder(name)
    for folder in (cache.machine_folder(), kernel):
        if not folder.exists():
            raise Problem(f"{folder}: is not there; run `tools/kernels "
                          f"fetch {name}`")
    if not os.path.isfile(grove) or not os.access(grove, os.R_OK | os.X_OK):
        raise Problem(f"{grove}: no such program; build it, or name it "
                      "by --grove")
    return kernel


def write_image(kernel, grove, command, files, modules):
    """Writes the initial file system to an unnamed file."""
    initrd = os.memfd_create("initrd")
    with os.fdopen(os.dup(initrd), "wb") as stream:
        image.write(stream, kernel, pathlib.Path(grove), command, files,
                    modules)
    return initrd


def start(kernel, initrd, outlets):
    process = subprocess.Popen(
        command_line(kernel, initrd, outlets), stdout=subprocess.DEVNULL,
        pass_fds=[initrd, *(outlet.writer for outlet in outlets)],
        env=environment())
    signal.signal(signal.SIGTERM, lambda *_: process.kill())
    os.close(initrd)
    for outlet in outlets:
        os.close(outlet.writer)
    return process


def run(name, grove, command, files=(), modules=()):
    """The exit status of a command inside of a guest, which has grove, these
    files of the host, and these modules. Its kernel has the name of a series or
    exact release.

    The guest sees its input end where ours does.
    """
    outlets = [Outlet(number) for number in (2, 3, 4, 5)]
    output, errors, status, console = outlets
    with advising(f"remove what is in {cache.FOLDER} and fetch it again",
                  "initrd"):
        kernel = check(name, grove)
        initrd = write_image(kernel, grove, command, files, modules)
        process = start(kernel, initrd, outlets)
    threads = [threading.Thread(target=outlet.pour, args=(descriptor,))
               for outlet, descriptor in ((output, 1), (errors, 2),
                                          (console, 2))]
    try:
        for thread in threads:
            thread.start()
        told = status.line()
    finally:
        process.kill()
        process.wait()
    for thread in threads:
        thread.join()
    if output.error and not isinstance(output.error, BrokenPipeError):
        raise Problem(f"standard output: {output.error.strerror}; not "
                      "all is written, make room for it")
    if not told:
        raise Problem(f"Linux {name}: the machine ended before "
                      f"{command[0]}")
    return int(told)
