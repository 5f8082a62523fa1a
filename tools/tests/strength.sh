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
source tools/tests/expect.sh

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

# A copy of the tools, with sources that do not compile.
mkdir -p "$work/vectors/rules"
cp -r SPEC.md tools "$work"
expect 2 "$work/ref: No such file" "$work/tools/mutate" --list
mkdir "$work/ref"
echo 'int f(void) { return nobody; }' >"$work/ref/ip.c"
expect 2 'ref/ip.c:1:' "$work/tools/mutate" --list
expect 2 'apt-get install clang' env PATH=/none tools/mutate --list
expect 2 'apt-get install cmake' env PATH=/none tools/mutate --coverage
cat >"$work/sitecustomize.py" <<'END'
from clang import cindex
cindex.Config.set_library_file("/none")
END
expect 2 'apt-get install libclang' \
    env PYTHONPATH="$work" tools/mutate --list
expect 2 'see strength --help' tools/strength --none
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
expect 2 'no clang' "$work/tools/strength"
gzip -c vectors/rules/udp.json | head -c 999 >"$work/vectors/cut.json.gz"
expect 2 'cut.json.gz: ' "$work/tools/strength"

tools/mutate --coverage
tools/strength
