# SPDX-License-Identifier: MIT
"""The kernel that `tools/kernels try` is given: a name in Debian, a folder of
packages, or a built image with its modules.
"""

import contextlib
import os
import pathlib
import tempfile

from scripts.command import Problem, advising
from scripts.kernels import archive, cache, image, suites

BUILT = "bzImage"


def kernel_of(named, folder):
    """The folder with a kernel, which may be made in `folder`."""
    path = pathlib.Path(named)
    if path.is_dir() and any(path.glob("*.deb")):
        return unpacked(path, folder)
    if path.is_file():
        return staged(path, folder)
    if path.is_dir():
        return staged(image_in(path), folder)
    suites.check_name(named)
    return fetched(named)


def fetched(name):
    """The folder in the cache; the kernel is fetched if it is not there."""
    lacks = cache.requirements()
    if lacks is not None:
        raise Problem(f"{name}: {lacks}")
    said = []
    cache.fetch([name], said.append)
    return pathlib.Path(said[-1].partition(": ")[0])


def unpacked(packages, folder):
    """What is in the packages of a folder."""
    tree = folder / "kernel"
    tree.mkdir()
    for package in sorted(packages.glob("*.deb")):
        archive.extract(package, tree)
    return checked(tree, packages)


def image_in(folder):
    """The image in a folder of Linux, beside its modules, or where `make
    install` puts it.
    """
    found = [path for path in (folder / "arch/x86/boot" / BUILT, folder / BUILT,
                               *folder.glob("boot/vmlinuz-*"))
             if path.is_file()]
    if len(found) == 1:
        return found[0]
    if found:
        raise Problem(f"{folder}: {len(found)} images of a kernel; name one of "
                      "them")
    raise Problem(f"{folder}: neither *.deb nor a {BUILT}; name a folder of "
                  f"packages, or a built {BUILT}")


def modules_beside(path):
    """The folder with the modules of an image: its tree of Linux; what `make
    modules_install` made of it; or that of the image.
    """
    boot = path.resolve().parent
    release = path.resolve().name.partition("-")[2]
    if boot.parts[-3:-2] == ("arch",):
        return boot.parents[2]
    for folder in boot.parent / "lib/modules", boot.parent / "usr/lib/modules":
        if boot.name == "boot" and release and (folder / release).is_dir():
            return folder / release
    return boot


def staged(path, folder):
    """A kernel as packages have it, of links to what was built."""
    tree = folder / "kernel"
    (tree / "modules").mkdir(parents=True)
    (tree / "vmlinuz").symlink_to(path.resolve())
    for number, found in enumerate(built(modules_beside(path))):
        # Two files may have the same name.
        at = tree / "modules" / str(number)
        at.mkdir()
        (at / found.name).symlink_to(found)
    return checked(tree, path)


def built(folder):
    """The list of what is built in, and the modules that a guest may need."""
    patterns = [image.file_pattern(name)
                for name in image.MODULES + image.OPTIONAL_MODULES]
    for root, _, names in os.walk(folder):
        for name in names:
            path = pathlib.Path(root, name)
            if name == "modules.builtin" or path.suffix == ".ko" or any(
                    path.match(pattern) for pattern in patterns):
                yield path


def checked(tree, named):
    """The folder of a kernel, if it can boot."""
    try:
        cache.only(tree, "vmlinuz*")
        image.modules_of(tree)
    except Problem as problem:
        raise Problem(f"{named}: no kernel that boots: it needs one vmlinuz "
                      f"or {BUILT}, and the modules "
                      f"{', '.join(image.MODULES)}; complete it") from problem
    return tree


@contextlib.contextmanager
def kernel(named):
    """The folder with the kernel that a user named, while it is asked."""
    with tempfile.TemporaryDirectory() as work, \
            advising("name another kernel", named):
        yield kernel_of(named, pathlib.Path(work))
