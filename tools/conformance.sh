#!/bin/sh
# make conformance: the programs of test/conformance over public data that is not part of this repository.
# CONFORMANCE names its folder (default: conformance in the folder `shared` beside the repository). A failure that
# test/conformance/expected_failures.txt lists with its reason is shown, and does not fail the run; a new one does.
set -eu
cd "$(dirname "$0")/.."
build=$1
data=${CONFORMANCE:-../shared/conformance}
expected=test/conformance/expected_failures.txt
[ -d "$data" ] || { echo "conformance: no data in $data; nothing was run"; exit 0; }
new=0
for folder in "$data"/*/; do
    set_name=$(basename "$folder")
    program=$build/test/conformance/$(echo "$set_name" | tr - _)
    if [ ! -x "$program" ]; then
        echo "$set_name: skipped: slipway does not read it yet"
        continue
    fi
    out=$("$program" "$folder" 2>&1) || :
    echo "$out" | tail -1
    echo "$out" | grep -iE '^ *(FAIL|FAILED)' | while read -r line; do
        case_name=$(echo "$line" | sed -E 's/^ *[A-Za-z]+:? *//; s/[: ].*//')
        reason=$(awk -v s="$set_name" -v c="$case_name" '$1 == s && $2 == c { $1 = $2 = ""; print }' "$expected")
        echo "    $case_name:${reason:- NEW FAILURE}"
    done
    echo "$out" | grep -iE '^ *(FAIL|FAILED)' | sed -E 's/^ *[A-Za-z]+:? *//; s/[: ].*//' | while read -r case_name; do
        awk -v s="$set_name" -v c="$case_name" '$1 == s && $2 == c { f = 1 } END { exit !f }' "$expected" || echo x
    done | grep -q x && new=1
done
exit $new
