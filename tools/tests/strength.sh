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

must_complain '^ref/ip.c:.*: no vector gets here$' \
    tools/mutate --coverage vectors/rules/udp.json
must_complain '^ref/ip.c:.*: ip.c is_extension ' \
    tools/mutate --file ip.c vectors/rules/udp.json

mkdir -p "$work/vectors/rules"
cp -r SPEC.md tools "$work"
sed 's/"linux-6\.12[^"]*",//' vectors/rules/udp.json \
    >"$work/vectors/rules/udp.json"
must_complain '^GRO-TCP-001: no vector with flag allows, boundary, refuses$' \
    "$work/tools/strength"
must_complain ': not a word of linux-6\.12; ' "$work/tools/strength"

tools/mutate --coverage
tools/strength
