#!/bin/sh
# make fuzz: builds every target of test/fuzz/targets with libFuzzer and sanitizers, and runs each for SECONDS.
# Crashes are kept in build-fuzz and fail the run. New inputs stay in build-fuzz/corpus, not in the repository.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
build=build-fuzz
# The rooms that read foreign bytes and those below them. Not sandbox: its first process has no C library to instrument.
rooms="results http store scaffold provider report plan trigger event doc sys core"
libraries=
for room in $rooms; do
    libraries="$libraries src/$room/libslipway_$room.a"
done
[ -f $build/build.ninja ] || CC=clang meson setup $build -Dbuildtype=debugoptimized -Db_sanitize=address,undefined \
    -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link >/dev/null
# shellcheck disable=SC2086
ninja --quiet -C $build $libraries
bad=0
for file in test/fuzz/targets/*.c; do
    name=$(basename "$file" .c)
    mkdir -p "$build/corpus/$name" "test/fuzz/corpus/$name"
    # shellcheck disable=SC2086
    clang -std=gnu17 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -Isrc -o "$build/fuzz_$name" "$file" \
        -Wl,--start-group $(printf "$build/%s " $libraries) -Wl,--end-group -lyaml -ljansson -luv -lcrypto -lpcre2-8 -lexpat -larchive
    if "$build/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$build/crash-$name-" "$build/corpus/$name" "test/fuzz/corpus/$name" \
        >"$build/fuzz_$name.log" 2>&1; then
        echo "$name: $(awk '/number_of_executed_units/ { print $2 }' "$build/fuzz_$name.log") runs, nothing found"
    else
        echo "$name: FAILED, see $build/fuzz_$name.log"
        bad=1
    fi
done
exit $bad
