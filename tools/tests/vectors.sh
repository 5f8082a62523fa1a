#!/bin/bash
# SPDX-License-Identifier: MIT
# tools/vectors: vectors.sh GROVE. Made again, vectors/rules/ is the same bytes;
# a kernel other than the one that confirmed it changes nothing else. A
# difference, or no right to ask the kernel, is told and nothing is written.
set -euo pipefail
grove=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$*"
    cat "$work/said"
    exit 1
}

# must_refuse STATUS WORDS GROVE: that exit status, these words, and no file.
must_refuse() {
    local status=0
    tools/vectors --grove "$3" -o "$work/none" >"$work/said" 2>&1 || status=$?
    if ((status != $1)); then
        fail "exit $status instead of $1"
    elif ! grep -qF -- "$2" "$work/said"; then
        fail "not a word of: $2"
    elif [[ -e $work/none ]]; then
        fail "something was written in spite of: $2"
    fi
}

status=0
tools/vectors --grove "$grove" -o "$work/rules" >"$work/said" 2>&1 || status=$?
if ((status == 77)); then
    cat "$work/said"
    exit 77
elif ((status != 0)); then
    fail "exit $status instead of 0"
fi

release=linux-$(uname -r | grep -o '^[0-9.]*')
if grep -q "\"confirmed\": \[\"$release\"\]" vectors/rules/tcp.json; then
    diff -r vectors/rules "$work/rules" >"$work/said" ||
        fail "vectors/rules/ is not what tools/vectors makes"
else
    diff -r -I '"confirmed":' vectors/rules "$work/rules" >"$work/said" ||
        fail "vectors/rules/ is not what tools/vectors makes, less confirmed"
fi

# A reference that names another rule, one that drops what is refused, a kernel
# with other bytes, one that cannot be asked, and no grove at all.
cat >"$work/wrong" <<END
#!/bin/sh
if [ "\$1" = adapter ]; then
    "$grove" adapter | sed -u 's/GRO-IP4-008/GRO-IP4-009/'
else
    exec "$grove" "\$1"
fi
END
cat >"$work/drops" <<END
#!/bin/sh
if [ "\$1" = adapter ]; then
    "$grove" adapter | sed -u 's/"rejected":"EINVAL"/"output":[]/'
else
    exec "$grove" "\$1"
fi
END
cat >"$work/other-bytes" <<END
#!/bin/sh
if [ "\$1" = kernel ]; then
    "$grove" kernel | sed -u 's/"gso_size":100,/"gso_size":101,/'
else
    exec "$grove" "\$1"
fi
END
cat >"$work/refused" <<END
#!/bin/sh
if [ "\$1" = kernel ]; then
    echo 'grove: the kernel cannot be asked' >&2
    exit 77
fi
exec "$grove" "\$1"
END
chmod +x "$work"/wrong "$work"/drops "$work"/other-bytes "$work"/refused
must_refuse 1 'ip4-ttl-differs: fates' "$work/wrong"
must_refuse 1 'gso-rejected: 0 segments and not EINVAL' "$work/drops"
must_refuse 1 'out-ip4: linux' "$work/other-bytes"
must_refuse 77 'cannot be asked' "$work/refused"
must_refuse 2 'build it' "$work/no-such-grove"
must_refuse 2 'is it grove?' /bin/true
