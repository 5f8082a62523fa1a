#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Installs the libraries, static and shared, and builds consumers of them, by
pkg-config and by find_package(), and the programs of ref/examples.
"""

import shutil

import support

STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")
# Programs and the package that each needs. The consumers are also run.
CONSUMERS = (("main.c", "grove"), ("tun.c", "grove-tun"))
EXAMPLES = (("write_batch.c", "grove"), ("read_split.c", "grove"),
            ("forward.c", "grove-tun"))
LIBRARIES = ("libgrove", "libgrove-tun")
PATIENCE = 240


class Package(support.Test):
    def setUp(self):
        super().setUp()
        self.installed = self.folder / "installed"
        self.consumer = self.folder / "consumer"
        shutil.copytree(support.TOOLS / "tests/package", self.consumer)
        for path in (support.ROOT / "ref/examples").glob("*.[ch]"):
            shutil.copy(path, self.consumer)

    def configure(self, source, build, **variables):
        self.run_well("cmake", "-S", source, "-B", build, "-G", "Ninja",
                      *(f"-D{name}={value}"
                        for name, value in variables.items()),
                      timeout=PATIENCE)
        self.run_well("cmake", "--build", build, timeout=PATIENCE)

    def install(self, shared):
        """Installs under one prefix and moves the tree to another."""
        build, first = self.folder / "build", self.folder / "first"
        self.configure(support.ROOT, build, BUILD_SHARED_LIBS=shared,
                       BUILD_TESTING="OFF", GROVE_TOOLS="OFF",
                       CMAKE_COMPILE_WARNING_AS_ERROR="ON")
        self.run_well("cmake", "--install", build, "--prefix", first)
        first.rename(self.installed)
        self.libraries = next(self.installed.rglob("libgrove.*")).parent

    def expect_names(self, suffix, *options):
        """All symbols that another program could meet begin with grove_."""
        for library in LIBRARIES:
            lines = self.run_well("nm", "--extern-only", "--defined-only",
                                  *options, self.libraries / (library + suffix)
                                  ).splitlines()
            names = [line.split()[2] for line in lines
                     if len(line.split()) == 3]
            self.assertNotEqual(names, [])
            self.assertEqual([name for name in names
                              if not name.startswith("grove_")], [])

    def build(self, source, package, *options):
        """Builds a program by pkg-config with these options."""
        flags = self.run_well(
            "pkg-config", "--cflags", "--libs", *options, package,
            env=support.environment(
                PKG_CONFIG_PATH=str(self.libraries / "pkgconfig"))).split()
        program = self.folder / "by-pkg-config"
        self.run_well("cc", *STRICT, self.consumer / source, *flags,
                      "-o", program)
        return program

    def expect_pkg_config(self, *options):
        for source, package in CONSUMERS:
            self.run_well(self.build(source, package, *options),
                          env=support.environment(
                              LD_LIBRARY_PATH=str(self.libraries)))
        for source, package in EXAMPLES:
            self.build(source, package, *options)

    def expect_find_package(self):
        build = self.folder / "by-cmake"
        self.configure(self.consumer, build, CMAKE_PREFIX_PATH=self.installed)
        for program in "consumer", "consumer-tun":
            self.run_well(build / program)

    def expect_syntax(self, path, *compiler):
        self.run_well(*compiler, "-fsyntax-only", *STRICT,
                      "-I", self.installed / "include", path)

    def expect_languages(self):
        """The headers and the examples are C++, too."""
        headers = sorted((self.installed / "include/grove").glob("*.h"))
        self.assertNotEqual(headers, [])
        examples = [self.consumer / source for source, _ in EXAMPLES]
        for path in headers + examples:
            self.expect_syntax(path, "clang", "-x", "c++", "-std=c++11")
        for path in examples:
            self.expect_syntax(path, "gcc", "-std=gnu11")
            self.expect_syntax(path, "clang", "-std=gnu11")

    def test_static(self):
        self.install("OFF")
        self.expect_names(".a")
        self.expect_pkg_config("--static")
        self.expect_find_package()

    def test_shared(self):
        self.install("ON")
        self.expect_names(".so", "--dynamic")
        self.expect_pkg_config()
        self.expect_find_package()
        self.expect_languages()


support.main()
