#!/bin/bash
# SPDX-License-Identifier: MIT
# The vectors alone reach every line and branch of the decision code, show each
# rule from all sides, are confirmed by all kernels, and notice every change of
# ref/. Negative controls: with most vectors taken away tools/mutate must name a
# place that none reaches and a mutant that survives, and tools/strength a rule
# without vectors; with a kernel's word taken away it must ask for that.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# must_complain PATTERN COMMAND...: exit 1, and a line as the pattern.
must_complain() {
    local pattern=$1 status=0

    shift
    "$@" >"$work/said" 2>&1 || status=$?
    if ((status != 1)) || ! grep -q "$pattern" "$work/said"; then
        echo "$*: exit $status, and no line \"$pattern\":"
        cat "$work/said"
        exit 1
    fi
}

# must_refuse WORDS COMMAND...: it ends with 2, and a line that has them.
must_refuse() {
    local status=0

    "${@:2}" 2>"$work/errors" >/dev/null || status=$?
    if ((status != 2)) || (($(wc -l <"$work/errors") != 1)) ||
        ! grep -qF -- "$1" "$work/errors"; then
        cat "$work/errors"
        echo "${*:2}: exit $status; expected 2 and one line with: $1"
        exit 1
    fi
}

# A copy of the tools, with sources that do not compile.
mkdir -p "$work/vectors/rules"
cp -r SPEC.md tools "$work"
must_refuse "$work/ref: No such file" "$work/tools/mutate" --list
mkdir "$work/ref"
echo 'int f(void) { return nobody; }' >"$work/ref/ip.c"
must_refuse 'ref/ip.c:1:' "$work/tools/mutate" --list
must_refuse 'apt-get install clang' env PATH=/none tools/mutate --list
must_refuse 'apt-get install cmake' env PATH=/none tools/mutate --coverage
cat >"$work/sitecustomize.py" <<'END'
from clang import cindex
cindex.Config.set_library_file("/none")
END
must_refuse 'apt-get install libclang' \
    env PYTHONPATH="$work" tools/mutate --list
must_refuse 'see strength --help' tools/strength --none
tools/strength --help >/dev/null

must_complain '^ref/ip.c:.*: no vector gets here$' \
    tools/mutate --coverage vectors/rules/udp.json
must_complain '^ref/ip.c:.*: ip.c is_extension ' \
    tools/mutate --file ip.c vectors/rules/udp.json

# The mutants of the copy are not asked.
printf '#!/bin/sh\nexit 0\n' >"$work/tools/mutate"
sed 's/"linux-6\.12[^"]*",//' vectors/rules/udp.json \
    >"$work/vectors/rules/udp.json"
must_complain '^GRO-TCP-001: no vector with flag allows, boundary, refuses$' \
    "$work/tools/strength"
must_complain ': not a word of linux-6\.12; ' "$work/tools/strength"
printf '#!/bin/sh\necho mutate: no clang >&2\nexit 2\n' >"$work/tools/mutate"
must_refuse 'no clang' "$work/tools/strength"
gzip -c vectors/rules/udp.json | head -c 999 >"$work/vectors/cut.json.gz"
must_refuse 'cut.json.gz: ' "$work/tools/strength"

tools/mutate --coverage
tools/strength
