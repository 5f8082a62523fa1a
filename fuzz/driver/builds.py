# SPDX-License-Identifier: MIT
"""Builds of the targets, one folder for each engine and sanitizer."""

import os
import shlex

from driver import common
from scripts import command

ENGINES = ("libfuzzer", "afl")
SANITIZERS = ("address,undefined", "memory", "none")
COMPILERS = {
    "libfuzzer": ("clang", "clang"),
    "afl": ("afl-clang-fast", "afl++"),
    "replay": ("clang", "clang"),
}


def folder(engine, sanitizer):
    """The folder of this build."""
    return common.STATE / f"{engine}-{sanitizer.replace(',', '-')}"


def configure(engine, sanitizer, source, build, *options):
    """Configures a build of the sources in `source`."""
    compiler, package = COMPILERS[engine]
    common.need("cmake", "cmake")
    common.need("ninja", "ninja-build")
    common.need(compiler, package)
    common.run_logged(
        ("cmake", "-S", source, "-B", build, "-G", "Ninja",
         f"-DCMAKE_C_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=None",
         "-DCMAKE_C_FLAGS=-O2 -g -fno-omit-frame-pointer",
         "-DBUILD_TESTING=OFF", "-DGROVE_FUZZ=ON",
         f"-DGROVE_FUZZ_ENGINE={engine}",
         f"-DGROVE_FUZZ_SANITIZER={sanitizer}", *options),
        build / "configure.log")


def ninja_name(name):
    """The name of a target in the build."""
    return f"fuzz_{name}" if name in common.targets() else name


def compile_targets(build, names):
    """Builds these targets."""
    common.run_logged(("nice", "ninja", "-C", build, *map(ninja_name, names)),
                      build / "build.log")


def make(engine, sanitizer, names=("fuzz/all",)):
    """Builds targets; returns the folder with the binaries."""
    build = folder(engine, sanitizer)
    if not (build / "build.ninja").exists():
        configure(engine, sanitizer, common.ROOT, build)
    compile_targets(build, names)
    return build / "fuzz"


def own_adapter(targets):
    """Lets diff_exec drive the reference if no other adapter is named."""
    if common.EXEC_TARGET not in targets \
            or common.EXEC_VARIABLE in os.environ:
        return
    build = make("libfuzzer", SANITIZERS[0], ("grove",)).parent
    os.environ[common.EXEC_VARIABLE] = \
        f"{shlex.quote(str(build / 'grove'))} adapter"


def binary(engine, sanitizer, target):
    """Builds one target; returns its path."""
    if sanitizer == "memory" and "FOREIGN" in common.traits(target):
        raise command.Skip(f"{target} runs code of libraries that were not "
                          "built for MemorySanitizer")
    names = [target]
    if engine == "afl" and "BATCH" in common.traits(target):
        names.append("fuzz/afl-mutator.so")
    return make(engine, sanitizer, names) / target
