#!/bin/bash
# SPDX-License-Identifier: MIT
# tools/vectors: vectors.sh GROVE. All suites are what is stored. A difference,
# or no right to ask the kernel, is told and nothing is written.
set -euo pipefail
grove=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
    echo "$*"
    cut -c1-1000 "$work/said"
    exit 1
}

# expect STATUS WORDS ARGUMENT...: tools/vectors ends so, and says so.
expect() {
    local status=0
    tools/vectors "${@:3}" >"$work/said" 2>&1 || status=$?
    if ((status == 77 && $1 == 0)); then
        cat "$work/said"
        exit 77
    elif ((status != $1)); then
        fail "exit $status instead of $1"
    elif [[ -n $2 ]] && ! grep -qF -- "$2" "$work/said"; then
        fail "not a word of: $2"
    fi
}

expect 0 '' --grove "$grove" --check

# Of copies of these the check must find each change.
suites=(rules/tcp generated/limits-streams)
check=(--grove "$grove" -o "$work/copy" --check "${suites[@]}")
fresh_copy() {
    mkdir -p "$work/copy/rules" "$work/copy/generated"
    cp vectors/rules/tcp.json "$work/copy/rules"
    cp vectors/generated/limits-streams.json.gz "$work/copy/generated"
}

# edit CODE: Python, with the packed copy's content in `content`.
edit() {
    python3 - "$work/copy/generated/limits-streams.json.gz" "$1" <<'PYTHON'
import gzip, json, sys
with gzip.open(sys.argv[1], "rt") as stream:
    content = json.load(stream)
exec(sys.argv[2], {"content": content, "vectors": content["vectors"]})
with gzip.open(sys.argv[1], "wt") as stream:
    json.dump(content, stream)
PYTHON
}

must_notice() {
    expect 1 "$1" "${check[@]}"
    fresh_copy
}

fresh_copy
expect 0 '' "${check[@]}"
sed -i '0,/"flags": \["/s//&other","/' "$work/copy/rules/tcp.json"
must_notice 'flags is '
sed -i 's/"spec": "1.0"/"spec": "1.1"/' "$work/copy/rules/tcp.json"
must_notice 'rules/tcp: notes, or what else stands above the vectors'
sed -i 's/^   "title"/     "title"/' "$work/copy/rules/tcp.json"
must_notice 'rules/tcp: not in canonical form'
edit 'del vectors[3]'
must_notice 'is missing'
edit 'vectors[3]["id"] = "gone"'
must_notice 'gone is made no more'
edit 'vectors[3]["x-mine"] = 1'
must_notice 'x-mine is somebody else'
edit 'vectors.append(vectors.pop(0))'
must_notice 'another order'
edit 'vectors[0]["expect"]["linux-6.1"] = "= linux-6.12"'
must_notice 'expect is '
rm "$work/copy/rules/tcp.json"
must_notice 'rules/tcp: '
echo '[]' >"$work/copy/rules/tcp.json"
expect 2 'rules/tcp.json: not a vector file' "${check[@]}"
fresh_copy
touch "$work/copy/rules/old.json"
expect 1 'rules/old.json: no suite makes it' -o "$work/copy" --check
rm "$work/copy/rules/old.json"
truncate -s -9 "$work/copy/generated/limits-streams.json.gz"
expect 2 'limits-streams.json.gz: ' "${check[@]}"
fresh_copy

# What other kernels confirmed is nobody's business but theirs, and stays as
# long as the vector is the same.
edit 'vectors[0]["confirmed"] = vectors[1]["confirmed"] = ["linux-6.1.999"]
vectors[1]["config"] = {"max_flows": 7}'
expect 1 'config is ' "${check[@]}"
expect 0 '' --grove "$grove" -o "$work/copy" generated/limits-streams
[[ $(zgrep -c '"linux-6.1.999"' \
    "$work/copy/generated/limits-streams.json.gz") == 1 ]] ||
    fail 'what other kernels confirmed is kept wrongly'
expect 0 '' "${check[@]}"

# wrap NAME PATTERN COMMAND: a grove one of whose commands is edited by sed.
wrap() {
    cat >"$work/$1" <<END
#!/bin/sh
if [ "\$1" = $3 ]; then
    "$grove" "\$@" | sed -u '$2'
else
    exec "$grove" "\$@"
fi
END
    chmod +x "$work/$1"
}

# must_refuse STATUS WORDS GROVE SUITE: and no file is written.
must_refuse() {
    expect "$1" "$2" --grove "$3" -o "$work/none" "$4"
    [[ ! -e $work/none ]] || fail "something was written in spite of: $2"
}

# A reference that names another rule, one that drops what is refused, a kernel
# with other bytes, one that cannot be asked, and no grove at all.
wrap wrong 's/GRO-IP4-008/GRO-IP4-009/' adapter
wrap drops 's/"rejected":"EINVAL"/"output":[]/' adapter
wrap other-bytes 's/"gso_size":\(100\|8\),/"gso_size":101,/' kernel
cat >"$work/refused" <<END
#!/bin/sh
if [ "\$1" = kernel ]; then
    echo 'grove: the kernel cannot be asked' >&2
    exit 77
fi
exec "$grove" "\$@"
END
chmod +x "$work/refused"
must_refuse 1 'ip4-ttl-differs: fates' "$work/wrong" rules/ip4
must_refuse 1 'gso-rejected: 0 segments and not EINVAL' "$work/drops" rules/gso
must_refuse 1 'out-ip4: linux' "$work/other-bytes" rules/out
must_refuse 1 'of the reference gives' "$work/other-bytes" \
    generated/limits-streams
must_refuse 77 'cannot be asked' "$work/refused" rules/in
must_refuse 2 'build it' "$work/no-such-grove" rules/in
must_refuse 2 'is it grove?' /bin/true rules/in
wrap impolite 's/"profiles"/"faces"/' adapter
must_refuse 2 'no hello' "$work/impolite" rules/in
must_refuse 2 'no such suite' "$grove" rules/none
