#!/bin/bash
# SPDX-License-Identifier: MIT
# Negative control of tools/lint: it must complain of each planted mistake, and
# of nothing in the tree as it is.
set -euo pipefail
source_dir=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
# shellcheck source=tools/tests/expect.sh
source "$source_dir/tools/tests/expect.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What lint reads, without what is long and all alike.
mkdir "$work/whole"
cp -R "$source_dir"/{ref,tools,fuzz,vectors,*.md} "$work/whole"
rm -rf "$work/whole"/{vectors/generated,fuzz/corpus}

fresh_copy() {
    rm -rf "$work/tree"
    cp -R "$work/whole" "$work/tree"
    cd "$work/tree"
}

# must_complain WORDS: lint says this of the copy, which is then made anew.
must_complain() {
    local status=0
    "$source_dir/tools/lint" "$work/tree" >"$work/out" || status=$?
    if ((status != 1)) || ! grep -qF -- "$1" "$work/out"; then
        echo "expected exit 1 and \"$1\"; got exit $status and:"
        cat "$work/out"
        exit 1
    fi
    fresh_copy
}

fresh_copy
"$source_dir/tools/lint" "$work/tree"

# The stray ids are put together here, lest lint find them in this file.
stray=GRO-TCP-
stray+=999

sed -i 's/"GRO-TCP-005"/"GRO-TCP-006"/' ref/include/grove/rule.def
must_complain 'rule.def: rule GRO-TCP-006 stands there 2 times'
sed -i "s/\"GRO-TCP-005\"/\"$stray\"/" ref/include/grove/rule.def
must_complain "SPEC.md: no rule $stray, which rule.def has"
printf -- '- **%s**: nothing.\n' "$stray" >>SPEC.md
must_complain "ref/: no rule $stray, which SPEC.md has"
printf -- '- **GRO-TCP-005**: nothing.\n' >>SPEC.md
must_complain 'rule GRO-TCP-005 stands there 2 times'
printf '/* %s */\n' "$stray" >>ref/table.c
must_complain "no rule $stray in SPEC.md"
printf -- '- **%s**: nothing.\n' "$stray" >>SPEC.md
printf '/* %s */\n' "$stray" >>ref/tests/packets.h
must_complain "ref/: no rule $stray, which SPEC.md has"
for range in 'VNET-001 to VNET-004' 'VNET-001 to -004' 'VNET-001, -004' \
    'VNET-001-004' 'VNET-001..004' 'VNET-001 and -004'; do
    printf '/* %s */\n' "$range" >>ref/table.c
    must_complain "ref/table.c: write each id whole: $range"
done
printf '/*\n * As VNET-001\n * to VNET-004.\n */\n' >>ref/table.c
must_complain 'ref/table.c: write each id whole: VNET-001 to VNET-004'
printf '/* SPEC.md, "Flows". */\n' >>ref/table.h
must_complain 'ref/table.h: SPEC.md has no heading "Flows"'
printf '/*\n * SPEC.md, "The flow", "The\n * flows"\n */\n' >>ref/table.h
must_complain 'ref/table.h: SPEC.md has no heading "The flows"'
for call in 'bytes_be16(ip, 10)' 'bytes_u8(f(a, b), IP4_TOS + 1)' \
    'buffer_put_be32(out, 0x4, 0)' 'bytes_slice(ip, 12, len)'; do
    printf '/* %s */\n' "$call" >>ref/tun/probe.c
    must_complain 'ref/tun/probe.c:60: name the offset '
done
sed -i 's/end-poll/end-pole/' SPEC.md
must_complain 'no vector end-pole'
sed -i 's/end-poll/end-short/' SPEC.md
must_complain 'vector end-short does not say GRO-END-008'
gzip -c vectors/rules/tcp.json >vectors/twice.json.gz
must_complain 'twice.json.gz: tcp-checksum: id "tcp-checksum" is that of'
sed -i '0,/"title": .*/s//"title": "Twice",/' vectors/rules/{tcp,udp}.json
must_complain 'title "Twice" is that of vectors/rules/tcp.json: tcp-checksum'
sed -i 's/^  "wrap": /  "wrapped": /' vectors/rules/tcp.json
must_complain 'tcp.json: no note for flag wrap'
sed -i 's/^  "wrap": /  "wrapped": /' vectors/rules/tcp.json
must_complain 'tcp.json: no vector has flag wrapped'
sed -i 's/"dns.pcap"/"other.pcap"/' vectors/golden/dns.json
must_complain 'dns.json: no capture other.pcap'
sed -i '/"flags"/s/"refuses"/"refuses","allows"/' vectors/rules/tcp.json
must_complain 'tcp-window-differs: flags allows and refuses'
sed -i 's/"rules": \["GRO-TCP-006"\]/"rules": ["GRO-TCP-006","GRO-TCP-005"]/' \
    vectors/rules/tcp.json
must_complain 'tcp-window-differs: flag refuses, but 2 rules'
for aspect in allows refuses boundary; do
    sed -i "s/\"$aspect\"/\"other\"/" vectors/rules/*.json
    must_complain "GRO-TCP-006: no vector with flag $aspect"
done
sed -i 's/peer-bulk/peer-bulky/' vectors/PEERS.md
must_complain 'PEERS.md: no vector peer-bulky'
sed -i 's/peer-evil-bit//' vectors/PEERS.md
must_complain 'PEERS.md: no vector, and no reason: | 6 |'
sed -i 's/No vector://' vectors/PEERS.md
must_complain 'PEERS.md: no vector, and no reason: | tun-rs #141'
sed -i '/^\/\* The fastest of/d' ref/include/grove/checksum.h
must_complain 'no comment above: grove_sum_fn'
printf '/* GCOVR_EXCL_START */\n' >>ref/table.c
must_complain 'without its reason'

sed -i 's/(SPEC.md)/(SPECS.md)/' README.md
must_complain 'README.md: no file SPECS.md'

sed -i 's/writer->next = 0;/writer->next = 1;/' README.md
must_complain 'README.md: differs from ref/examples/write_batch.c'
sed -i '0,/^#include <grove\/tun.h>/s//int main(void);/' README.md
must_complain 'README.md: no example has this: }'
printf 'int needs_open(void)\n{\n    return grove_tun_open;\n}\n' \
    >>ref/tun/opening.c
must_complain 'ref/tun/opening.c: a circle of files'

expect 2 'see lint --help' "$source_dir/tools/lint" --none
expect 2 'SPEC.md: No such file or directory' "$source_dir/tools/lint" "$work/none"
gzip -c vectors/rules/tcp.json | head -c 999 >vectors/cut.json.gz
expect 2 'cut.json.gz: ' "$source_dir/tools/lint" "$work/tree"
rm vectors/cut.json.gz
truncate -s -9 vectors/rules/tcp.json
expect 2 'tcp.json: ' "$source_dir/tools/lint" "$work/tree"
fresh_copy

# A repository in the copy, in which these files, or all vectors, were in a
# release.
release() {
    git init -q
    git add "${@:-vectors}"
    git -c user.name=nobody -c user.email=nobody@localhost \
        -c commit.gpgsign=false commit -q -m release
    git -c tag.gpgsign=false tag v1
}

export GIT_CONFIG_GLOBAL=/dev/null
release SPEC.md
"$source_dir/tools/lint" "$work/tree"
fresh_copy
release
"$source_dir/tools/lint" "$work/tree"
sed -i 's/"tcp-larger"/"tcp-longer"/' vectors/rules/tcp.json
must_complain 'no tcp-larger, which v1 has'
release
sed -i '0,/"op": "gro"/s//"op": "gso"/' vectors/rules/tcp.json
must_complain 'tcp-checksum asks something else than in v1'
release
sed -i '0,/"packet":"45/s//"packet":"46/' vectors/rules/tcp.json
must_complain 'tcp-checksum asks something else than in v1'
gzip vectors/rules/tcp.json
release
gunzip vectors/rules/tcp.json.gz
sed -i 's/"tcp-larger"/"tcp-longer"/' vectors/rules/tcp.json
must_complain 'no tcp-larger, which v1 has'
printf '# gone\ntcp-larger # it was wrong\n' >vectors/withdrawn.txt
must_complain 'withdrawn.txt: tcp-larger is a vector again'
release
printf 'tcp-larger # it was wrong\n' >vectors/withdrawn.txt
sed -i 's/"tcp-larger"/"tcp-longer"/' vectors/rules/tcp.json
sed -i 's/tcp-larger/tcp-longer/' SPEC.md vectors/PEERS.md
"$source_dir/tools/lint" "$work/tree"
