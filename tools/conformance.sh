#!/bin/sh
# make conformance: the programs of test/conformance over public data that is not part of this repository.
# CONFORMANCE names its folder (default: conformance in the folder `shared` beside the repository); CLOUDBUILD_CORPUS,
# CODEBUILD_CORPUS and AZURE_CORPUS name folders of public configurations, each with its repository's path below. A failure that
# test/conformance/expected_failures.txt lists with its reason is shown, and does not fail the run; a new one does, and
# so does a program that ends without its line of counts.
set -eu
cd "$(dirname "$0")/.."
build=$1
data=${CONFORMANCE:-../shared/conformance}
expected=test/conformance/expected_failures.txt
out=$(mktemp)
trap 'rm -f "$out"' EXIT
bad=0

# check SET COMMAND...: runs it and compares what failed with what was expected.
check() {
    set=$1
    shift
    status=0
    "$@" >"$out" 2>&1 || status=$?
    if [ $status -gt 1 ] || ! tail -1 "$out" | grep -q "^$set: "; then
        echo "$set: broke with status $status"
        tail -5 "$out"
        bad=1
        return
    fi
    tail -1 "$out"
    awk -v set="$set" '
        FNR == NR { if ($1 == set) { name = $2; sub(/^[^ ]+ +[^ ]+ +/, ""); reason[name] = $0 } next }
        /^skip / { name = $2; sub(/:$/, "", name); skipped[name] = 1 }
        /^FAIL / {
            name = $2; sub(/:$/, "", name); failed[name] = 1
            if (!(name in reason)) new = 1
            print "    " name ": " (name in reason ? reason[name] : "NEW FAILURE")
        }
        /: [0-9]+ passed/ { ran = 1 }
        END {
            for (name in reason)
                if (ran && !(name in failed) && !(name in skipped))
                    print "    " name ": passes now; take it off " ARGV[1]
            exit new
        }' "$expected" "$out" || bad=1
}

[ -d "$data" ] || echo "conformance: no data in $data"
for folder in "$data"/*/; do
    [ -d "$folder" ] || continue
    set=$(basename "$folder")
    program=$build/test/conformance/$(echo "$set" | tr - _)
    if [ -x "$program" ]; then
        check "$set" "$program" "$folder"
    else
        echo "$set: skipped: slipway does not read it yet"
    fi
done
check act-runner python3 test/conformance/act_runner.py "$build/slipway"
for service in cloudbuild codebuild azure; do
    name=$(echo "$service" | tr '[:lower:]' '[:upper:]')_CORPUS
    folder=$(printenv "$name" || :)
    if [ -d "$folder" ]; then
        check "$service-corpus" python3 test/conformance/corpus.py "$build/slipway" "$service" "$folder"
    else
        echo "$service-corpus: skipped: $name names no folder of public configurations${folder:+ ($folder is none)}"
    fi
done
exit $bad
