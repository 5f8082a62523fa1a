#!/bin/sh
# SPDX-License-Identifier: MIT
# offloads_off.sh DEVICE: switches off the offloads of a device, so that packets
# are as on a wire. A device may lack some of them. What it says afterwards
# counts: if an offload is still on, the exit status is 1.
set -eu
device=$1

if ! command -v ethtool >/dev/null; then
    echo "$device: no ethtool; install ethtool" >&2
    exit 1
fi
for offload in tso gso gro tx rx; do
    # It fails if the device lacks the offload, or if others depend on it.
    ethtool -K "$device" $offload off >/dev/null 2>&1 || true
done
features=$(ethtool -k "$device" 2>/dev/null) || {
    echo "$device: \`ethtool -k\` knows no such device; create it first" >&2
    exit 1
}
for feature in tcp-segmentation-offload generic-segmentation-offload \
    generic-receive-offload tx-checksumming rx-checksumming; do
    case $features in
    *"$feature: on"*)
        echo "$device: $feature is still on; record where" \
            "\`ethtool -K $device\` can switch it off" >&2
        exit 1
        ;;
    esac
done
