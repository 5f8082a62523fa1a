#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""fuzz/oss-fuzz/build.sh in the environment that OSS-Fuzz and ClusterFuzzLite
give it, for each of their sanitizers.

The checks are those that OSS-Fuzz makes of the outputs: names, startup,
instrumentation, the right sanitizer and no other one, seed corpora,
dictionaries, options, libraries.
"""

import collections
import configparser
import os
import re
import zipfile

from tests import support

# As gcr.io/oss-fuzz-base/base-builder sets them. Two options are for its own
# clang only: -stdlib=libc++, which its engine was built with and Debian's was
# not, and -fsanitize=function, which is for C++ in clang 14.
COMMON = ("-O1 -fno-omit-frame-pointer -gline-tables-only "
          "-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION")
CHECKS = ("array-bounds,bool,builtin,enum,integer-divide-by-zero,null,"
          "object-size,return,returns-nonnull-attribute,shift,"
          "signed-integer-overflow,unreachable,vla-bound")
INSTRUMENTED = "-fsanitize=fuzzer-no-link"
FLAGS = {
    "address": "-fsanitize=address -fsanitize-address-use-after-scope "
               + INSTRUMENTED,
    "undefined": f"-fsanitize={CHECKS},unsigned-integer-overflow "
                 f"-fno-sanitize-recover={CHECKS} {INSTRUMENTED}",
    "memory": "-fsanitize=memory -fsanitize-memory-track-origins "
              + INSTRUMENTED,
    "coverage": "-fprofile-instr-generate -fcoverage-mapping -pthread",
}

# The runtime of each sanitizer. Their check of builds counts its calls in a
# program: at least so many of its own, and at most so many of another one.
RUNTIMES = {"address": "asan", "memory": "msan", "undefined": "ubsan"}
LEAST = {"asan": 1000, "msan": 1000, "ubsan": 168}
MOST = {"asan": 0, "msan": 3, "ubsan": 200}

LEAST_EDGES = 100
LEAST_TARGETS = 4
PATIENCE = 300


class OssFuzz(support.Test):
    def setUp(self):
        super().setUp()
        self.out = self.make_folder("out")
        self.profile = self.folder / "profile"

    def build(self, sanitizer):
        (self.make_folder("src") / "grove").symlink_to(support.ROOT)
        flags = f"{COMMON} {FLAGS[sanitizer]}"
        self.run_well(
            "bash", "-eu", support.ROOT / ".clusterfuzzlite/build.sh",
            timeout=PATIENCE, env=support.environment(
                CC="clang", CXX="clang++", CCC="clang++", CFLAGS=flags,
                CXXFLAGS=flags, LIB_FUZZING_ENGINE="-fsanitize=fuzzer",
                FUZZING_ENGINE="libfuzzer", FUZZING_LANGUAGE="c",
                ARCHITECTURE="x86_64", SANITIZER=sanitizer,
                SRC=str(self.folder / "src"), OUT=str(self.out),
                WORK=str(self.make_folder("work"))))

    def targets(self):
        """The programs that were built."""
        return [path for path in sorted(self.out.iterdir())
                if path.is_file() and os.access(path, os.X_OK)]

    def run_target(self, target, *words):
        """Runs a target as they do, from its own folder; returns stderr."""
        done = support.run(
            f"./{target.name}", "-rss_limit_mb=2560", "-timeout=25", *words,
            cwd=self.out, timeout=PATIENCE, env={
                "PATH": os.environ["PATH"],
                "LLVM_PROFILE_FILE": str(self.profile),
                "UBSAN_OPTIONS": "silence_unsigned_overflow=1"})
        return self.expect_status(0, done).stderr

    def expect_startup(self, target):
        said = self.run_target(target, "-seed=1337", "-runs=4")
        self.assertIn("Done 4 runs", said)
        edges = re.search(
            r"Loaded \d+ module.*\(.*(?:counters|guards)\):\s+(\d+)", said)
        self.assertGreaterEqual(int(edges[1]), LEAST_EDGES,
                                "it is instrumented in part only")

    def expect_coverage(self, target, seeds):
        """Their script for coverage merges, so that every input is run."""
        dummy = self.folder / f"{target.name}-dummy"
        dummy.mkdir()
        self.run_target(target, "-merge=1", "-timeout=100", dummy, seeds)
        merged = self.folder / "merged"
        self.run_well("llvm-profdata", "merge", "-o", merged, self.profile)
        report = self.run_well("llvm-cov", "report", target,
                               f"-instr-profile={merged}")
        self.assertRegex(report, "(?m)^ref/.*[1-9]")

    def expect_sanitizer(self, target, sanitizer):
        code = self.run_well("objdump", "-dC", target, timeout=PATIENCE)
        calls = collections.Counter(
            re.findall(r"call\s+[0-9a-f]+ <__(asan|msan|ubsan)", code))
        for name in RUNTIMES.values():
            if name == RUNTIMES.get(sanitizer):
                self.assertGreaterEqual(calls[name], LEAST[name], name)
            else:
                self.assertLessEqual(calls[name], MOST[name], name)

    def expect_libraries(self, target):
        """Those that a base system may lack are in OUT."""
        lines = self.run_well("ldd", target).splitlines()
        self.assertEqual([
            line for line in lines
            if re.search(r"not found|lib(jansson|mnl|pcap|z)[.]", line)
            and f"{self.out}/lib/" not in line], [])

    def expect_files(self, target):
        """Name, options, dictionary and seeds; returns the seeds' folder."""
        self.assertRegex(target.name, r"^[A-Za-z0-9_-]+$")
        options = configparser.ConfigParser()
        with (self.out / f"{target.name}.options").open("r") as stream:
            options.read_file(stream)
        seeds = self.folder / f"{target.name}-seeds"
        with zipfile.ZipFile(
                self.out / f"{target.name}_seed_corpus.zip") as archive:
            archive.extractall(seeds)
        self.assertNotEqual(list(seeds.iterdir()), [])
        dictionary = self.out / options["libfuzzer"]["dict"]
        said = self.run_target(target, "-runs=0", f"-dict={dictionary}", seeds)
        self.assertRegex(said, "(?m)^Dictionary: [1-9]")
        return seeds

    def expect_targets(self, sanitizer):
        self.build(sanitizer)
        targets = self.targets()
        self.assertGreaterEqual(len(targets), LEAST_TARGETS)
        for target in targets:
            with self.subTest(target.name):
                self.expect_libraries(target)
                seeds = self.expect_files(target)
                self.expect_sanitizer(target, sanitizer)
                if sanitizer == "coverage":
                    self.expect_coverage(target, seeds)
                else:
                    self.expect_startup(target)

    def test_address(self):
        self.expect_targets("address")

    def test_undefined(self):
        self.expect_targets("undefined")

    def test_memory(self):
        self.expect_targets("memory")

    def test_coverage(self):
        self.expect_targets("coverage")


support.main()
