#!/bin/sh
# tools/tidy.sh BUILD - clang-tidy over what BUILD has compiled of src/, two files at a time.
# A file that was clean is not looked at again until it, a header that it includes, the checks or the flags change:
# BUILD/tidy holds an empty file named by the hash of all of these.
set -eu
cd "$(dirname "$0")/.."
build=$1
cache=$build/tidy
mkdir -p "$cache"
new=$(mktemp) deps=$(mktemp) # not in BUILD: another tidy may be running there
trap 'rm -f "$new" "$deps"' EXIT
# clang does not know every flag of gcc that a file is built with.
sed 's/ -fno-tree-loop-distribute-patterns//g' "$build/compile_commands.json" >"$new"
cp "$new" "$cache/compile_commands.$$"
mv "$cache/compile_commands.$$" "$cache/compile_commands.json"
: >"$new"
common=$({ clang-tidy --version; cat .clang-tidy meson.build; } | sha256sum)

# "src/core/buf.c ../src/core/buf.c ../src/core/base.h ...": what ninja knows an object to depend on, without the system's headers.
ninja -C "$build" -t deps | awk '
    /^[^ ]/ { if (file) print file all; file = all = "" }
    /^ +[^\/]/ { all = all " " $1; if (!file && $1 ~ /^\.\.\/src\/.*\.c$/) { file = $1; sub(/^\.\.\//, "", file) } }
    END { if (file) print file all }' | sort -u -k1,1 >"$deps"
[ -s "$deps" ] || { echo "tidy: nothing is compiled in $build" >&2; exit 1; }

total=0
while read -r file all; do
    [ -f "$file" ] || continue # ninja remembers what was removed since
    total=$((total + 1))
    # shellcheck disable=SC2086
    key=$(cd "$build" && { echo "$common"; cat $all; } 2>&1 | sha256sum | cut -c1-32)
    [ -f "$cache/$key" ] || echo "$key $file" >>"$new"
done <"$deps"
echo "tidy: $(wc -l <"$new") of $total files"

# Each line becomes: sh -c ... BUILD KEY FILE. What is not clean is said and leaves no file behind.
xargs -r -P 2 -L 1 sh -c '
    out=$1/tidy/$2.$$.out
    if timeout 300 clang-tidy -quiet -p "$1/tidy" --extra-arg=-Wno-unknown-warning-option "$3" >"$out" 2>&1; then
        rm -f "$out"
        : >"$1/tidy/$2"
    else
        echo "tidy: $3"
        grep -vE "^[0-9]+ warnings? (generated|treated)|^Suppressed|^Use -header-filter" "$out" || :
        rm -f "$out"
        exit 1
    fi' sh "$build" <"$new"
