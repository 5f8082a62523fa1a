#!/bin/bash
# SPDX-License-Identifier: MIT
# grove tun and tools/netns: tun_usage.sh GROVE. Wrong words, and devices that
# cannot be opened, are one line and the right exit status; what was good is
# opened as it was asked for, and nothing is left behind.
set -euo pipefail
if ((EUID != 0)) || [[ ! -e /dev/net/tun ]]; then
    echo 'SKIP: it needs root and /dev/net/tun'
    exit 77
fi
grove=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/tests/expect.sh
work=$(mktemp -d)
namespace=grove-usage-$$
ip netns add "$namespace"
trap 'ip netns delete "$namespace"; rm -rf "$work"' EXIT
failed=0

say() {
    echo "$*"
    failed=1
}

# refuse WORDS ARGUMENT...: grove tun does not take them.
refuse() {
    local words=$1
    shift
    expect 2 "$words" "$grove" tun "$@"
    [[ ! -s $work/stdout ]] || say "something on stdout: $*"
}

wrong_words() {
    refuse 'two devices are needed' a
    refuse 'two devices are enough' a b c
    refuse '--queues 0: expected a number from 1 to 256' --queues 0 a b
    refuse '--drop x: expected a number' --drop x a b
    refuse '--swap -1: expected a number' --swap -1 a b
    refuse '--seed 1x: expected a number' --seed 1x a b
    refuse '--seed 18446744073709551616: expected a number' \
        --seed 18446744073709551616 a b
    refuse 'a,mtu=1k: mtu: expected a number of bytes' a,mtu=1k b
    refuse 'a,mtu=0: mtu: expected' a,mtu=0 b
    refuse 'a,address=10.0.0.1: address: expected an address' \
        a,address=10.0.0.1 b
    refuse 'a,address=10.0.0.1/33: address: expected' a,address=10.0.0.1/33 b
    refuse 'a,address=fd00::1/129: address: expected' a,address=fd00::1/129 b
    refuse 'a,address=10.0.0/8: address: expected' a,address=10.0.0/8 b
    refuse 'a,netns=: netns: expected' a,netns= b
    refuse 'a,fd=-1: fd: expected' ,fd=1 a,fd=-1
    refuse 'a,owner=no-such-user: owner: expected' a,owner=no-such-user b
    refuse 'a,group=4294967295: group: expected' a,group=4294967295 b
    refuse 'a,persist=1: persist: expected' a,persist=1 b
    refuse 'a,mtu: mtu: expected a value' a,mtu b
    refuse 'a,colour=red: colour=red: expected netns=' a,colour=red b
}

no_device() {
    local in=netns=$namespace
    refuse 'No such file' "a,netns=none-$$" "b,$in"
    refuse 'bytes' "a,$in,mtu=65536" "b,$in"
    refuse 'left-device-name' left-device-name-too-long b
    refuse 'address' "a,$in" "b,$in,address=10.0.0.1/8,address=ff02::1/64"
    refuse 'IFF_NO_PI' ,fd=0 "b,$in" </dev/null
    ip -n "$namespace" tuntap add tap mode tap
    refuse 'ip tuntap' "tap,$in" "b,$in"
    ip -n "$namespace" link delete tap
    expect 77 'as root' setpriv --bounding-set=-all --inh-caps=-all \
        "$grove" tun a b
    expect 77 'need root' setpriv --reuid=65534 --regid=65534 --clear-groups \
        tools/netns -- true
    expect 2 '--mtu x: expected' tools/netns --grove "$grove" --mtu x -- true
    expect 2 'no command to run' tools/netns --grove "$grove"
    expect 2 '--grove: a value is missing' tools/netns --grove
    expect 2 'none: no such program' tools/netns --grove none -- true
    expect 2 'mtu' tools/netns --grove "$grove" --mtu 65536 -- true
    [[ -z $(ip -n "$namespace" -o link show type tun) ]] ||
        say "a device was left behind"
}

# As it was asked for; a persistent one stays, and is taken up again.
opened() {
    local output pid line
    local side=a,netns=/run/netns/$namespace,mtu=1400,owner=root,group=0,persist
    local tun=("$grove" tun
        "$side,address=10.1.2.3/25,address=fd01::1/72"
        "b%d,netns=$namespace")
    for _ in 1 2; do
        exec {output}< <(exec "${tun[@]}")
        pid=$!
        read -r line <&"$output"
        [[ $line == 'up: a (offloads:'*', b0 (offloads:'* ]] || say "$line"
        ip -n "$namespace" address show dev a >"$work/a"
        for words in 'mtu 1400' UP 'inet 10.1.2.3/25' 'inet6 fd01::1/72'; do
            grep -qF "$words" "$work/a" || say "not $words"
        done
        kill -TERM "$pid"
        grep -q 'packets per write' <&"$output" || say 'no statistics'
        wait "$pid" || say "exit $? after SIGTERM"
        exec {output}<&-
    done
    ip -n "$namespace" -d link show a | grep -q 'persist on user root' ||
        say 'it is not persistent'
    [[ $(ip -n "$namespace" -o link show type tun | wc -l) == 1 ]] ||
        say 'one device was to stay'
}

# A device may have a name that JSON cannot have.
odd_name() {
    local output pid line
    exec {output}< <(exec "$grove" tun --json \
        $'\xff',netns="$namespace" "c,netns=$namespace")
    pid=$!
    read -r line <&"$output"
    [[ $line == *'"name":"not UTF-8"'*'"name":"c"'* ]] || say "$line"
    kill -TERM "$pid"
    wait "$pid" || say "exit $? after SIGTERM"
    exec {output}<&-
}

# COMMAND's exit status, its environment, and nothing is left.
netns() {
    local status=0
    # shellcheck disable=SC2016 # the inner shell is to read them
    tools/netns --grove "$grove" --statistics "$work/statistics" -- sh -c '
        echo "$LEFT $RIGHT" >"$1"
        ip netns exec "$LEFT" ping -q -c 1 "$RIGHT4" >/dev/null &&
        ip netns exec "$RIGHT" ping -q -c 1 "$LEFT6" >/dev/null && exit 5
        ' sh "$work/names" || status=$?
    ((status == 5)) || say "exit $status instead of 5"
    grep -q 'packets per write' "$work/statistics" || say 'no statistics'
    for name in $(<"$work/names"); do
        [[ ! -e /run/netns/$name ]] || say "$name was left behind"
    done
}

wrong_words
no_device
opened
odd_name
netns
exit "$failed"
