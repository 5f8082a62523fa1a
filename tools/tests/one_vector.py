#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Adds one vector of a suite to its file in vectors/, confirmed by no kernel.

    one_vector.py GROVE SUITE ID

new_profile.py runs this in a copy of the repository, whose tools/scripts it
finds by PYTHONPATH. The answer is that of GROVE, and must be what the suite
says.
"""

import sys
import types

from scripts import profiles, stored
from scripts.vectors import ask, canonical, files, judge, suites


def main(grove, suite, name):
    vectors = [vector for vector in suites.choose([suite])[suite]
               if vector["id"] == name]
    nobody = types.SimpleNamespace(name="nobody", profiles=[],
                                   ask=lambda questions: iter(()))
    (made, problems), = judge.ask(vectors, ask.Adapter(grove, "adapter"),
                                  nobody)
    if problems:
        sys.exit("\n".join(problems))
    path = files.path_of(profiles.ROOT / "vectors", suite)
    content = stored.value(str(path), path.read_bytes())
    content["vectors"].append(made)
    canonical.store(grove, path, content)


main(*sys.argv[1:])
