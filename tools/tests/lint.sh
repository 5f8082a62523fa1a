#!/bin/bash
# SPDX-License-Identifier: MIT
# Negative control of tools/lint: it must complain of each planted mistake, and
# of nothing in the tree as it is.
set -euo pipefail
source_dir=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fresh_copy() {
    rm -rf "$work/tree"
    mkdir "$work/tree"
    cd "$work/tree"
    cp -R "$source_dir"/{ref,tools,vectors,*.md} .
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
sed -i 's/end-poll/end-pole/' SPEC.md
must_complain 'no vector end-pole'
sed -i 's/end-poll/end-short/' SPEC.md
must_complain 'vector end-short does not say GRO-END-008'
cp -R vectors/rules vectors/twice
must_complain 'is also elsewhere'
sed -i '/^\/\* The fastest of/d' ref/include/grove/checksum.h
must_complain 'no comment above: grove_sum_fn'
printf '/* GCOVR_EXCL_START */\n' >>ref/table.c
must_complain 'without its reason'
