# SPDX-License-Identifier: MIT
"""What of ref/ is left out: the entries of tools/faults/excluded, and those of
tools/faults/prediction.
"""


def covers(scope, source, mutant):
    """Whether a mutant is in the code that an entry names."""
    return scope.path == source.name and any(
        start <= mutant.start and mutant.end <= end
        for start, end in scope.find(source.code))


def lines(scopes, source):
    """The numbers of all lines of a source in which there is such code."""
    return {number for scope in scopes if scope.path == source.name
            for start, end in scope.find(source.code)
            for number in range(source.line(start), source.line(end) + 1)}


def exclude(scopes, sources, mutants):
    """Those mutants that no entry covers."""
    return [mutant for mutant in mutants
            if not any(covers(scope, sources[mutant.path], mutant)
                       for scope in scopes)]
