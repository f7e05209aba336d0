#!/bin/sh
# make fuzz: builds every target of test/fuzz/targets with libFuzzer and sanitizers, and runs each for SECONDS.
# Crashes are kept in build-fuzz and fail the run. New inputs stay in build-fuzz/corpus, not in the repository.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
build=build-fuzz
[ -f $build/build.ninja ] || CC=clang meson setup $build -Dbuildtype=debugoptimized \
    -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link -Dc_link_args=-fsanitize=fuzzer-no-link >/dev/null
ninja --quiet -C $build
libraries=
for room in scaffold engine sandbox store provider plan trigger event doc sys core; do
    [ -f $build/src/$room/libslipway_$room.a ] && libraries="$libraries $build/src/$room/libslipway_$room.a"
done
bad=0
for file in test/fuzz/targets/*.c; do
    name=$(basename "$file" .c)
    # shellcheck disable=SC2086
    clang -std=gnu17 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -Isrc -o $build/fuzz_$name "$file" \
        -Wl,--start-group $libraries -Wl,--end-group -lyaml -ljansson -luv -lcrypto -lpcre2-8
    mkdir -p $build/corpus/$name
    if $build/fuzz_$name -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix=$build/crash-$name- \
        $build/corpus/$name "test/fuzz/corpus/$name" >$build/fuzz_$name.log 2>&1; then
        echo "$name: $(awk '/number_of_executed_units/ { print $2 }' $build/fuzz_$name.log) runs, nothing found"
    else
        echo "$name: FAILED, see $build/fuzz_$name.log"
        bad=1
    fi
done
exit $bad
