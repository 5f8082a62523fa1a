#!/bin/bash
# SPDX-License-Identifier: MIT
# grove gen and grove explain: gen.sh GROVE [kernel]. Made again, the golden
# vectors are the same bytes; bad input is one line, the right exit code, and
# no file. With "kernel" the golden vectors are made by the running kernel.
set -euo pipefail
grove=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/tests/expect.sh
captures=vectors/captures
golden=vectors/golden
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

say() {
    echo "$*"
    failed=1
}

# As expect 2, with gen and explain, and nothing is written.
refuse() {
    local words=$1 file=$2
    expect 2 "$words" "$grove" gen --unconfirmed "$file" -o "$work/out/x.json"
    expect 2 "$words" "$grove" explain "$file"
    if [[ -n $(ls -A "$work/out") ]]; then
        say "something was written: $file"
        ls -A "$work/out"
        rm -f "$work/out"/*
    fi
}

bad_captures() {
    mkdir "$work/out"
    : >"$work/empty.pcap"
    echo 'this is no capture' >"$work/garbage.pcap"
    head -c 20 $captures/dns.pcap >"$work/header.pcap"
    head -c 1000 $captures/dns.pcap >"$work/cut.pcap"
    head -c 3000 $captures/ssh-keystrokes.pcapng >"$work/cut.pcapng"
    editcap -T ieee-802-11 -F pcap $captures/dns.pcap "$work/wifi.pcap"
    refuse "empty.pcap: byte 0: the file is empty" "$work/empty.pcap"
    refuse "garbage.pcap: byte 0: no pcap or pcapng" "$work/garbage.pcap"
    refuse "header.pcap: byte 0: no pcap or pcapng" "$work/header.pcap"
    refuse "cut.pcap: frame 8, byte 1000: truncated" "$work/cut.pcap"
    refuse "cut.pcapng: frame 13, byte 3000: truncated" "$work/cut.pcapng"
    refuse "wifi.pcap: byte 0: link type 105" "$work/wifi.pcap"
    refuse "none.pcap: No such file" "$work/none.pcap"
}

bad_gen() {
    local gen=("$grove" gen --unconfirmed "$captures/dns.pcap")
    expect 2 "/none/x.json: " "${gen[@]}" -o "$work/none/x.json"
    expect 2 "the ids" "${gen[@]}" $captures/dns.pcap -o "$work/out/x.json"
    editcap -F pcap -r $captures/http-download.pcap "$work/arp.pcap" 1-2
    expect 2 "no whole IP packet" "$grove" gen --unconfirmed "$work/arp.pcap" \
        -o "$work/out/x.json"
    if [[ -n $(ls -A "$work/out") ]]; then
        say "bad usage wrote a file"
    fi
}

bad_stdout() {
    expect 2 "stdout: " sh -c "'$grove' explain $captures/dns.pcap >/dev/full"
    local status=0
    "$grove" explain $captures/lossy-tcp4.pcap | head -n 1 >"$work/stdout"
    status=${PIPESTATUS[0]}
    if ((status != 0)); then
        say "explain: exit $status when nobody reads on"
    fi
}

# Frames that the snap length cut are counted, the rest is taken.
snapped() {
    editcap -F pcap -s 200 $captures/lossy-tcp4.pcap "$work/snap.pcap"
    "$grove" gen --unconfirmed "$work/snap.pcap" -o "$work/snap.json" \
        2>"$work/stderr"
    grep -q '241 cut by the snap length' "$work/stderr" || {
        say "the cut frames were not counted"
        cat "$work/stderr"
    }
    grep -q '"confirmed": \["model"\]' "$work/snap.json" ||
        say "--unconfirmed does not say so"
}

# Every packet of every capture is in one output or another.
explained() {
    local file
    for file in "$captures"/*.pcap*; do
        "$grove" explain --json "$file" | /usr/bin/python3 -c '
import json, sys
lines = [json.loads(line) for line in sys.stdin]
packets = [line for line in lines if line["type"] == "packet"]
outputs = [line for line in lines if line["type"] == "output"]
end = lines[-1]
assert end["packets"] == len(packets)
left = [p["frame"] for p in packets if p["verdict"] == "passed"]
for output in outputs:
    left += output["frames"]
assert sorted(left) == [p["frame"] for p in packets]
passed = sum(p["verdict"] == "passed" for p in packets)
assert sum(t["outputs"] for t in end["traffic"].values()) == \
    passed + len(outputs)
assert sum(t["packets"] for t in end["traffic"].values()) == len(packets)
' || say "explain --json: $file"
    done
}

# Without the rights to ask the kernel.
no_rights() {
    expect 77 "the kernel cannot be asked" setpriv --bounding-set=-all \
        --inh-caps=-all "$grove" gen $captures/dns.pcap -o "$work/out/x.json"
}

# SPEC.md deviates from the kernel where it coalesces TCP inside IPIP, so such a
# capture shows what gen does about a difference.
difference() {
    mkdir "$work/out"
    /usr/bin/python3 - "$work/ipip.pcap" <<'END'
import struct
import sys


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip(protocol, number, payload):
    header = struct.pack("!BBHHHBBH4B4B", 0x45, 0, 20 + len(payload), number,
                         0x4000, 64, protocol, 0, 192, 0, 2, 1, 192, 0, 2, 2)
    return (header[:10] + struct.pack("!H", checksum(header)) + header[12:] +
            payload)


def tcp(sequence, payload):
    pseudo = struct.pack("!4B4BHH", 192, 0, 2, 1, 192, 0, 2, 2, 6,
                         20 + len(payload))
    header = struct.pack("!HHIIBBHHH", 1, 2, sequence, 0, 0x50, 0x10, 100, 0, 0)
    check = checksum(pseudo + header + payload)
    return header[:16] + struct.pack("!H", check) + header[18:] + payload


with open(sys.argv[1], "wb") as file:
    file.write(struct.pack("!IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
    for i in range(2):
        packet = ip(4, i, ip(6, i, tcp(100 * i, bytes(100))))
        file.write(struct.pack("!IIII", 0, i, len(packet), len(packet)))
        file.write(packet)
END
    local status=0
    "$grove" gen "$work/ipip.pcap" -o "$work/out/x.json" 2>"$work/stderr" ||
        status=$?
    if ((status != 1)) || [[ -n $(ls -A "$work/out") ]] ||
        ! grep -q '^grove: ipip-1, frames 1 to 2: .* differs' "$work/stderr"
    then
        say "exit $status, or no message, or a file, on a difference"
        cat "$work/stderr"
    fi
}

# Makes all golden vectors again in $work with these options of gen.
regenerate() {
    local file name
    for file in "$captures"/*.pcap*; do
        name=$(basename "${file%.*}").json
        "$grove" gen "$@" "$file" -o "$work/$name" 2>"$work/stderr" || {
            say "gen failed: $file"
            cat "$work/stderr"
        }
    done
}

# The vectors of a file without what kernels said of them.
checked() {
    /usr/bin/python3 -B - "$1" <<'END'
import json
import sys
from scripts.vectors import files
with open(sys.argv[1], encoding="utf-8") as stream:
    content = json.load(stream)
content["vectors"] = [files.checked(vector) for vector in content["vectors"]]
print(json.dumps(content, indent=1))
END
}

# Compares them with those in the repository, which other kernels confirmed, too.
compare() {
    local file name count=0
    for file in "$golden"/*.json; do
        name=${file##*/}
        cmp <(checked "$file") <(checked "$work/$name") ||
            say "$file is not what gen makes of its capture"
        count=$((count + 1))
    done
    echo "$count golden files compared"
    if ((count != $(find $captures -name '*.pcap*' | wc -l))); then
        say "a capture has no golden file"
    fi
}

# What the field $1 of the golden vectors has in it, the first time.
golden_word() {
    grep -A 1 -m 1 "\"$1\"" $golden/dns.json | grep -om 1 'linux-[0-9.]*'
}

if [[ ${2-} == kernel ]]; then
    difference
    regenerate
    release=linux-$(uname -r | grep -o '^[0-9.]*')
    grep -q "\"confirmed\": \[\"$release\"" "$work/dns.json" ||
        say "gen does not say that $release confirmed it"
    if [[ $release == "$(golden_word expect)".* ]]; then
        compare
    fi
else
    bad_captures
    bad_gen
    bad_stdout
    snapped
    explained
    if [[ $(id -u) == 0 ]]; then
        no_rights
    fi
    regenerate --unconfirmed --profile "$(golden_word expect)"
    compare
fi
exit "$failed"
