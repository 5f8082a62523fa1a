#!/bin/bash
# SPDX-License-Identifier: MIT
# dist.sh GROVE: two runs make the same release archive, whatever else lies
# around; what it holds is what its sums and its manifest say, and a port passes
# the vectors inside.
set -euo pipefail
grove=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
source tools/tests/expect.sh
source_dir=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1 SOURCE_DATE_EPOCH=1700000000

fail() {
    echo "$*"
    exit 1
}

mkdir "$work/first" "$work/second"
archive=$(tools/dist -o "$work/first")
(cd / && umask 077 && "$source_dir/tools/dist" -o "$work/second") >/dev/null
diff -r "$work/first" "$work/second" || fail 'two runs differ'
expect 2 'choose another folder' tools/dist -o "$work/none"
expect 2 'give seconds' env SOURCE_DATE_EPOCH=now tools/dist -o "$work"
expect 2 '8589934591 at most' \
    env SOURCE_DATE_EPOCH=8589934592 tools/dist -o "$work"
(
    ulimit -f 1 # KiB
    expect 2 'choose another folder' tools/dist -o "$work/second"
)
diff -r "$work/first" "$work/second" || fail 'a failure left something behind'

(cd "$work/first" && sha256sum --quiet -c ./*.sha256)
tar -C "$work" -xzf "$archive"
cd "$work/grove-vectors-"*/
sha256sum --quiet --strict -c SHA256SUMS
[[ $(find . -type f ! -path ./SHA256SUMS | wc -l) -eq $(wc -l <SHA256SUMS) ]] ||
    fail 'SHA256SUMS does not list every file'
find . -type f -printf '%T@\n' | grep -vqE '^1700000000(\.0+)?$' &&
    fail 'a file has another time than SOURCE_DATE_EPOCH'
[[ -z $(find . -name '*.gz') ]] || fail 'a packed file is in the archive'

# What git does not know is left out; without git, all is taken.
tree=$work/tree
mkdir -p "$tree/vectors/generated" "$work"/{committed,untidy,plain}
cp -R "$source_dir"/{CMakeLists.txt,SPEC.md,tools} "$tree"
cp -R "$source_dir/vectors/rules" "$tree/vectors"
cp "$source_dir/vectors/generated/limits-streams.json.gz" \
    "$tree/vectors/generated"
git -C "$tree" init -q
git -C "$tree" add .
"$tree/tools/dist" -o "$work/committed" >/dev/null
cp "$tree/vectors/rules/tcp.json" "$tree/vectors/rules/stray.json"
touch "$tree/vectors/rules/tcp.json.tmp"
"$tree/tools/dist" -o "$work/untidy" >/dev/null
diff -r "$work/committed" "$work/untidy" || fail 'what is not in git counts'
rm -r "$tree/.git" "$tree"/vectors/rules/{stray.json,tcp.json.tmp}
"$tree/tools/dist" -o "$work/plain" >/dev/null
diff -r "$work/committed" "$work/plain" || fail 'git makes a difference'

truncate -s -9 "$tree/vectors/generated/limits-streams.json.gz"
expect 2 'vectors/generated/limits-streams.json.gz: ' \
    "$tree/tools/dist" -o "$work/none"
rm "$tree/SPEC.md"
expect 2 'SPEC.md: No such file or directory; restore it' \
    "$tree/tools/dist" -o "$work/none"
cp "$source_dir/SPEC.md" "$tree"
mkdir "$tree/.git"
expect 2 'repair the repository' "$tree/tools/dist" -o "$work/none"

# The manifest by itself, by those who have neither grove nor its tools.
cat >"$work/verify.py" <<'END'
import hashlib, json, pathlib

manifest = json.load(open("manifest.json"))
for name, digest in manifest["files"].items():
    data = pathlib.Path(name).read_bytes()
    assert hashlib.sha256(data).hexdigest() == digest, name
vectors = {}
for path in pathlib.Path("vectors").rglob("*.json"):
    for vector in json.load(path.open()).get("vectors", []):
        fields = {"op": vector["op"], "config": vector.get("config", {}),
                  "input": vector["input"], "expect": vector["expect"]}
        text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
        vectors[vector["id"]] = hashlib.sha256(text.encode()).hexdigest()
assert vectors, "no vectors"
assert vectors == manifest["vectors"], "the manifest differs"
END
python3 "$work/verify.py" || fail 'the manifest is wrong'
sed -i 's/"op": "gro"/"op": "gso"/' vectors/rules/tcp.json
python3 "$work/verify.py" 2>/dev/null && fail 'a changed file is not seen'
sha256sum --quiet -c SHA256SUMS >"$work/sums" 2>&1 && fail 'nor by its sum'
grep -q '^vectors/rules/tcp.json: FAILED' "$work/sums"
tar -C "$work" -xzf "$archive"

"$grove" check --exec "python3 $source_dir/vectors/ports/python/adapter.py" \
    vectors/rules >"$work/tap" || {
    grep -A8 '^not ok' "$work/tap"
    exit 1
}
