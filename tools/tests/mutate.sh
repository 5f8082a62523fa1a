#!/bin/bash
# SPDX-License-Identifier: MIT
# The vectors alone reach every line and branch of the decision code, and notice
# every change of it. Negative control: with most vectors taken away
# tools/mutate must name a place that none reaches, and a mutant that survives.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# must_complain PATTERN ARGUMENT...: exit 1, and a line as the pattern.
must_complain() {
    local pattern=$1 status=0

    shift
    tools/mutate "$@" >"$log" 2>&1 || status=$?
    if ((status != 1)) || ! grep -q "$pattern" "$log"; then
        echo "tools/mutate $*: exit $status, and no line \"$pattern\":"
        cat "$log"
        exit 1
    fi
}

must_complain '^ref/ip.c:.*: no vector gets here$' \
    --coverage vectors/rules/udp.json
must_complain '^ref/ip.c:.*: ip.c is_extension ' \
    --file ip.c vectors/rules/udp.json

tools/mutate --coverage
tools/mutate
