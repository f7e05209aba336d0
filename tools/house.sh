#!/bin/sh
# House rules that no compiler knows: heads of headers, length of files and functions, where an operating system may show.
set -eu
cd "$(dirname "$0")/.."
bad=0
fault() { echo "$1"; bad=1; }
for f in $(git ls-files 'src/*.h'); do
    head -1 "$f" | grep -q '^/\*' || fault "$f:1: a header opens with what it is for"
    grep -q '^#pragma once' "$f" || fault "$f:1: no #pragma once"
done
for f in $(git ls-files 'src/*.c' 'src/*.h'); do
    lines=$(wc -l <"$f")
    [ "$lines" -le 800 ] || fault "$f: $lines lines; split it by idea"
    case $f in src/sys/* | src/sandbox/*) ;; *)
        grep -nE '^ *# *(if|ifdef|elif).*(__linux__|__APPLE__|_WIN32)' "$f" && fault "$f: an operating system outside sys/ and sandbox/" ;;
    esac
    case $f in src/cli/* | src/sink/* | src/core/mem.c | src/core/base.c | src/sandbox/init/*) ;; *)
        grep -nE '\b(printf|fprintf|puts|putchar|perror) *\(' "$f" | grep -v snprintf && fault "$f: prints below cli/ and sink/" ;;
    esac
done
# A function of more than 60 lines is a flat table and says so.
# shellcheck disable=SC2046
awk 'FNR == 1 { open = 0 }
     /^[A-Za-z].*\(/ { name = $0; sub(/\(.*/, "", name); start = FNR; table = 0; next }
     /^\{$/ { open = FNR }
     open && /\/\* table \*\// { table = 1 }
     /^\}/ && open { if (FNR - open > 60 && !table) { print FILENAME ":" start ": " name " has " FNR - open " lines"; bad = 1 } open = 0 }
     END { exit bad }' $(git ls-files 'src/*.c') || bad=1
exit $bad
