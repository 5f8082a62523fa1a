#!/bin/busybox sh
# SPDX-License-Identifier: MIT
# tunnel.sh FAMILY TYPE [OPTION...], in a guest: a tunnel between two network
# namespaces, in which iperf3 sends some bytes in each direction. FAMILY is the
# IP version of the outer headers; TYPE and the options are those of `ip link
# add`. The capture of the device below the tunnel goes to standard output.
set -eu
export PATH=/usr/sbin:/usr/bin:/bin
export LD_LIBRARY_PATH=/lib64:/lib/x86_64-linux-gnu
BYTES=14000

# The shell of busybox would take its own.
ip() { /usr/sbin/ip "$@"; }

family=$1
shift

# offloads_off NAMESPACE DEVICE
offloads_off() {
    ip netns exec "$1" /bin/busybox sh "${0%/*}/offloads_off.sh" "$2"
}

# end NAMESPACE NUMBER OTHER TYPE [OPTION...]: the device `inner` over eth0
end() {
    namespace=$1
    number=$2
    prefix=$([ "$family" = 4 ] && echo 192.0.2. || echo 2001:db8::)
    remote="remote $prefix$3"
    local="local $prefix$2"
    type=$4
    shift 4
    case $type in
    vlan)
        ip -n "$namespace" link add link eth0 name inner type vlan "$@"
        ;;
    geneve)
        # shellcheck disable=SC2086 # words
        ip -n "$namespace" link add inner type geneve $remote "$@"
        ;;
    *)
        # shellcheck disable=SC2086 # words
        ip -n "$namespace" link add inner type "$type" $local $remote "$@"
        ;;
    esac
    offloads_off "$namespace" inner
    ip -n "$namespace" address add "198.51.100.$number/24" dev inner
    ip -n "$namespace" link set inner up
}

mkdir -p /run/netns /etc
echo root:x:0:0:::/bin/sh >/etc/passwd
for namespace in a b; do
    ip netns add $namespace
done
ip link add eth0 netns a type veth peer name eth0 netns b
for namespace in a b; do
    number=$([ $namespace = a ] && echo 1 || echo 2)
    offloads_off $namespace eth0
    ip -n $namespace link set eth0 up
    ip -n $namespace address add "192.0.2.$number/24" dev eth0
    ip -n $namespace address add "2001:db8::$number/64" dev eth0 nodad
    end $namespace "$number" $((3 - number)) "$@"
done

cd /tmp
/usr/sbin/ip netns exec b tcpdump -i eth0 -w capture --immediate-mode -B 4096 \
    -Z root 2>log &
tcpdump=$!
until grep -q "listening on" log; do
    usleep 100000
done
for direction in "" -R; do
    ip netns exec b iperf3 -s -1 >&2 &
    sleep 1
    # shellcheck disable=SC2086 # perhaps no word
    ip netns exec a iperf3 -c 198.51.100.2 -n $BYTES -l $BYTES $direction >&2
done
sleep 1
kill -INT $tcpdump
wait $tcpdump
cat capture
