# SPDX-License-Identifier: MIT
"""The lines that a corpus reaches, as HTML."""

import subprocess

from driver import builds, common, corpus, engines

FLAGS = "-O1 -g -fprofile-instr-generate -fcoverage-mapping"


def html(target, inputs):
    """Writes the coverage of the inputs; returns the path of the page."""
    for program in ("llvm-cov", "llvm-profdata"):
        common.need(program, "llvm")
    build = common.STATE / "coverage"
    builds.configure("replay", "none", common.ROOT, build,
                     f"-DCMAKE_C_FLAGS={FLAGS}")
    builds.compile_targets(build, (target,))
    raw = build / f"{target}.profraw"
    with common.kernel_lock(target):
        common.run_logged(
            corpus.replay_command(build, target, inputs),
            common.STATE / "log" / f"coverage-{target}",
            env=engines.environment(LLVM_PROFILE_FILE=str(raw)))
    data = build / f"{target}.profdata"
    subprocess.run(("llvm-profdata", "merge", "-sparse", raw, "-o", data),
                   check=True)
    out = common.STATE / "html" / target
    subprocess.run(
        ("llvm-cov", "show", build / "fuzz" / target, "-format=html",
         f"-instr-profile={data}", f"-output-dir={out}",
         common.ROOT / "ref", common.ROOT / "tools"), check=True)
    return out / "index.html"
