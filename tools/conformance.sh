#!/bin/sh
# make conformance: the programs of test/conformance over public data that is not part of this repository.
# CONFORMANCE names its folder (default: conformance in the folder `shared` beside the repository). A failure that
# test/conformance/expected_failures.txt lists with its reason is shown, and does not fail the run; a new one does, and
# so does a program that ends without its line of counts.
set -eu
cd "$(dirname "$0")/.."
build=$1
data=${CONFORMANCE:-../shared/conformance}
expected=test/conformance/expected_failures.txt
[ -d "$data" ] || { echo "conformance: no data in $data; nothing was run"; exit 0; }
out=$(mktemp)
trap 'rm -f "$out"' EXIT
bad=0
for folder in "$data"/*/; do
    set=$(basename "$folder")
    program=$build/test/conformance/$(echo "$set" | tr - _)
    if [ ! -x "$program" ]; then
        echo "$set: skipped: slipway does not read it yet"
        continue
    fi
    status=0
    "$program" "$folder" >"$out" 2>&1 || status=$?
    if [ $status -gt 1 ] || ! tail -1 "$out" | grep -q "^$set: [0-9]* passed"; then
        echo "$set: broke with status $status"
        tail -5 "$out"
        bad=1
        continue
    fi
    tail -1 "$out"
    awk -v set="$set" '
        FNR == NR { if ($1 == set) { name = $2; sub(/^[^ ]+ +[^ ]+ +/, ""); reason[name] = $0 } next }
        /^FAIL / {
            name = $2; sub(/:$/, "", name); failed[name] = 1
            if (!(name in reason)) new = 1
            print "    " name ": " (name in reason ? reason[name] : "NEW FAILURE")
        }
        END {
            for (name in reason) if (!(name in failed)) print "    " name ": passes now; take it off " ARGV[1]
            exit new
        }' "$expected" "$out" || bad=1
done
exit $bad
