#!/bin/bash
# SPDX-License-Identifier: MIT
# grove bench: bench.sh GROVE. It measures what it says, in both forms, and
# refuses what it does not know. How fast anything is, no test says.
set -euo pipefail
grove=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

say() {
    echo "$*"
    failed=1
}

# refuse WORDS OPTION...: exit status 2, and one line that has the words.
refuse() {
    local words=$1 got=0
    shift
    "$grove" bench "$@" >"$work/stdout" 2>"$work/stderr" || got=$?
    ((got == 2)) || say "exit $got instead of 2: bench $*"
    (($(wc -l <"$work/stderr") == 1)) || say "not one line: bench $*"
    grep -qF -- "$words" "$work/stderr" || say "no '$words': bench $*"
    [[ ! -s $work/stdout ]] || say "something on stdout: bench $*"
}

refuse "--rounds 0: expected a number" --rounds 0
refuse "--rounds 1x: expected a number" --rounds 1x
refuse "--only SCTP: expected TCP or UDP" --only SCTP
refuse "tcp: it takes options only" tcp

"$grove" bench --rounds 1 --json >"$work/all.json"
"$grove" bench --rounds 1 --json --only udp >"$work/udp.json"
python3 - "$work/all.json" "$work/udp.json" <<'END' || failed=1
import json
import sys

everything, udp = (json.load(open(path)) for path in sys.argv[1:])
contestants = {"limit", "verified", "trusted"}


def measured(report, traffic):
    return {(cost["flows"], cost["contestant"]) for cost in report["costs"]
            if cost["traffic"] == traffic and cost["ns_per_packet"] > 0}


expected = {(flows, contestant) for flows in (1, 8, 64, 128)
            for contestant in contestants}
assert measured(udp, "udp") == expected, measured(udp, "udp")
assert not measured(udp, "tcp")
assert measured(everything, "udp") == expected
if everything["no_dpdk"] is None:
    expected |= {(flows, "dpdk") for flows in (1, 8, 64, 128)}
else:
    assert everything["no_dpdk"].startswith("not built"), everything["no_dpdk"]
assert measured(everything, "tcp") == expected, measured(everything, "tcp")
for cost in everything["costs"]:
    if cost["contestant"] != "limit":
        assert cost["outputs_per_batch"] == max(3, cost["flows"]), cost
assert len(everything["goals"]) == 5
END

"$grove" bench --rounds 1 --only TCP >"$work/table"
(($(grep -c '^TCP 1448 ' "$work/table") == 4)) || say "not 4 rows of TCP"
! grep -q '^UDP 1200 ' "$work/table" || say "UDP, though only TCP was asked for"
(($(grep -cE 'reached$|missed$|not measured$' "$work/table") == 5)) ||
    say "not 5 goals"

# Without its program there is no DPDK, and nothing else changes.
cp "$grove" "$work/grove"
"$work/grove" bench --rounds 1 --only TCP >"$work/alone"
grep -q '^DPDK: not built: needs libdpdk-dev$' "$work/alone" ||
    say "it does not say that DPDK is not built"

# A program that says nothing is not waited for, and said to be so.
printf '#!/bin/sh\nexit 1\n' >"$work/grove-bench-dpdk"
chmod +x "$work/grove-bench-dpdk"
"$work/grove" bench --rounds 1 --only TCP >"$work/dead"
grep -q '^DPDK: gives no answer' "$work/dead" ||
    say "it does not say that the peer gives no answer"

# What traffic through `grove tun` costs, where it can be measured.
refuse "--rounds" tun --rounds 0
refuse "--fast" tun --fast
"$work/grove" bench tun >"$work/stdout" 2>"$work/stderr" &&
    say "it ran without grove-bench-tun"
grep -q 'there is no grove-bench-tun' "$work/stderr" ||
    say "it does not say what is missing"
if ((EUID == 0)) && [[ -e /dev/net/tun ]]; then
    "$grove" bench tun --rounds 1 --seconds 1 --json >"$work/tun.json"
    python3 - "$work/tun.json" <<'END' || failed=1
import json
import sys

report = json.load(open(sys.argv[1]))
assert len(report["rows"]) == 3, report
for row in report["rows"]:
    assert set(row["gigabits"]) == {"offload", "no-offload", "veth"}, row
    assert all(rate > 0 for rate in row["gigabits"].values()), row
    if row["cpu"] is not None:
        assert 0 < row["cpu_ref"] < 1, row
        assert abs(sum(row["cpu"].values()) - 1) < 1e-6, row
assert report["goal"]["ratio"] > 0
END
fi
exit "$failed"
