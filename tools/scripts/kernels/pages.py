# SPDX-License-Identifier: MIT
"""The page vectors/KERNELS.md, from tools/oracle/releases.def."""

from scripts import outfile, profiles
from scripts.kernels import releases, suites

KERNELS = profiles.ROOT / "vectors/KERNELS.md"

HEAD = """\
# Kernels that agree

Each of these releases of Linux was booted under QEMU and asked everything, and
it gave the answers of the reference. `tools/kernels survey` asks them, and
writes this page. The kernels are those of Debian.

In its virtual machine, `grove profile` measured the profile of the kernel, from
neither its name nor its version. SPEC.md, section 2, describes the columns. No
other command was told the profile or the name of the kernel:

- `grove check` asked all vectors. A kernel cannot be asked what it does not
  have, as lossless mode.
- `grove diff` asked random batches of the ops `gro` and `gso`. It also ran the
  op `roundtrip`, which needs no kernel.
- As in `tools/demo`, `grove gen` made vectors from a capture of eight
  downloads, and `grove check --kernel` confirmed them.

| Release | Profile | Vectors that it confirms | It cannot be asked | Batches of each op |
|---|---|---|---|---|
"""

CHANGES = """
## When a column changed

Two releases of one line are neighbours. No other release that Debian has today
lies between them, if they differ (`tools/kernels survey --halve`).

| Column | Until | Value | From | Value |
|---|---|---|---|---|
"""


def changes(known):
    """(column, release, value, next release, value) of neighbours."""
    for one, other in zip(known, known[1:]):
        before, after = map(profiles.values, (one.profile, other.profile))
        for column, value in before.items():
            if value != after[column]:
                yield column, one.name, value, other.name, after[column]


def row(cells):
    return f"| {' | '.join(map(str, cells))} |\n"


def kernels(known):
    """The text of the page."""
    asked = "".join(
        row([one.name, f"`{one.profile}`", f"{one.passed:,}",
             f"{one.skipped:,}", f"{one.batches:,}"]) for one in known)
    columns = list(profiles.columns())
    order = [column.name for column in columns]
    changed = sorted(changes(known), key=lambda change: (
        order.index(change[0]), suites.order(change[1])))
    return HEAD + asked + CHANGES + "".join(map(row, changed))


def write_kernels(known):
    outfile.write(KERNELS, kernels(known).encode(),
                  "make room or a way to write there")
