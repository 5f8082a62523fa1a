# SPDX-License-Identifier: MIT
"""The pages vectors/KERNELS.md and vectors/DEFECTS.md, from releases.def and
defects.def in tools/oracle/.
"""

import re
import textwrap

from scripts import outfile, profiles
from scripts.kernels import defects, releases, suites

KERNELS = profiles.ROOT / "vectors/KERNELS.md"
DEFECTS = profiles.ROOT / "vectors/DEFECTS.md"

KERNELS_HEAD = """\
# Kernels that agree

Each of these releases of Linux was booted under QEMU and asked everything, and
it gave the answers of the reference. `tools/kernels survey` asks them, and
writes this page. The kernels are those of Debian.

In its virtual machine, `grove profile` measured the profile of the kernel, from
neither its name nor its version. SPEC.md, section 2, describes the columns. No
other command was told the profile or the name of the kernel:

- `grove check` asked all vectors of that time, so the numbers differ. A kernel
  cannot be asked what it does not have, as lossless mode.
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


DEFECTS_HEAD = """\
# Known defects of kernels

These releases of Linux differ from other releases of their series, and it is a
mistake of the kernel. `grove profile` names a defect of the kernel that it
asks. `tools/kernels pages` writes this page from `tools/oracle/defects.def`.

"Seen" means that we asked such kernels and that the vector fails on them.
[KERNELS.md](KERNELS.md) lists releases that agree in everything else. "Cited"
means that the page named below tells it, and that we had no such kernel. The
packages of Linux 6.19 to 7.1 are not complete in Debian's archive.
"""


def changes(known):
    """(column, release, value, next release, value) of neighbours."""
    for one, other in zip(known, known[1:]):
        before, after = (profiles.values_of(two.profile)
                         for two in (one, other))
        for column, value in before.items():
            if value != after[column]:
                yield (column, one.name, profiles.text_of(value), other.name,
                       profiles.text_of(after[column]))


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
    return KERNELS_HEAD + asked + CHANGES + "".join(map(row, changed))


def link(text):
    """The text with its addresses as links."""
    return re.sub(r"https://\S+", r"<\g<0>>", text)


def wrapped(text, indent=""):
    return textwrap.fill(text, 80, subsequent_indent=indent,
                         break_long_words=False, break_on_hyphens=False)


def section(one):
    """What is known of a defect."""
    seen = "".join(
        row([f"{two.first} to {two.last}", two.how]) for two in one.ranges)
    told = (f"`{one.vector}` fails on it" if one.vector
            else "none, as a TUN device does not do it")
    return "\n".join([
        f"\n## {one.id}\n", wrapped(f"The kernel {one.words}.") + "\n",
        f"- Vector: {told}.", wrapped(f"- Mended by {link(one.mended)}.", "  "),
        "\n| Releases | How it is known |\n|---|---|", seen])


def write():
    """Writes both pages."""
    for path, text in pages():
        outfile.write(path, text.encode(),
                      "make room or a way to write there")


def pages():
    """(path, text) of each page."""
    yield KERNELS, kernels(releases.read())
    yield DEFECTS, DEFECTS_HEAD + "".join(map(section, defects.read()))
