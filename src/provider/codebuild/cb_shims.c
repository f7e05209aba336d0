/*
 * provider/codebuild/cb_shims.c - programs that the service puts on a build's PATH, as scripts of a POSIX shell.
 *
 * codebuild-glob-search and codebuild-hash-files take the patterns of artifacts; files come sorted by their bytes.
 * Which files a shard takes is not documented beyond "evenly, by name" [R]: here the sorted list in equal stretches,
 * and for `stability` by a checksum of each name. Of codebuild-hash-files it is only documented that it prints one
 * SHA-256: here that of the list of the files' own hashes [R], so that keys differ from the service's.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

/* Patterns become one expression each; names with a newline are beyond it. */
static const char glob_search[] =
    "#!/bin/sh\n"
    "# slipway: codebuild-glob-search PATTERN... - files below this folder that match, one a line, sorted.\n"
    "[ $# -gt 0 ] || { echo 'usage: codebuild-glob-search PATTERN...' >&2; exit 2; }\n"
    "find . -name .git -prune -o \\( -type f -o -type l \\) -print | LC_ALL=C sort | LC_ALL=C awk '\n"
    "function expression(p,    out, i, c) {\n"
    "    sub(/^\\.\\//, \"\", p)\n"
    "    for (i = 1; i <= length(p); i++) {\n"
    "        c = substr(p, i, 1)\n"
    "        if (substr(p, i, 3) == \"**/\") { out = out \"(.*/)?\"; i += 2 }\n"
    "        else if (substr(p, i, 2) == \"**\") { out = out \".*\"; i++ }\n"
    "        else if (c == \"*\") out = out \"[^/]*\"\n"
    "        else if (c == \"?\") out = out \"[^/]\"\n"
    "        else if (c ~ /[A-Za-z0-9_\\/ -]/) out = out c\n"
    "        else if (c == \"^\" || c == \"\\\\\") out = out \"\\\\\" c\n"
    "        else out = out \"[\" c \"]\"\n"
    "    }\n"
    "    return \"^\" out \"$\"\n"
    "}\n"
    "BEGIN { for (n = 1; n < ARGC; n++) want[n] = expression(ARGV[n]); ARGC = 1 }\n"
    "{ sub(/^\\.\\//, \"\"); for (k = 1; k < n; k++) if ($0 ~ want[k]) { print; break } }\n"
    "' \"$@\"\n";

static const char hash_files[] =
    "#!/bin/sh\n"
    "# slipway: codebuild-hash-files PATTERN... - one SHA-256 over the files that match, sorted by name.\n"
    "[ $# -gt 0 ] || { echo 'usage: codebuild-hash-files PATTERN...' >&2; exit 2; }\n"
    "codebuild-glob-search \"$@\" | while IFS= read -r file; do sha256sum <\"$file\" | cut -c1-64; done |\n"
    "    sha256sum | cut -c1-64\n";

static const char tests_run[] =
    "#!/bin/sh\n"
    "# slipway: codebuild-tests-run --test-command C --files-search S [--sharding-strategy X]\n"
    "# Runs C with this shard's part of the files that S prints; CODEBUILD_CURRENT_SHARD_FILES has them, one a line.\n"
    "usage() {\n"
    "    echo 'usage: codebuild-tests-run --test-command C --files-search S'"
    " '[--sharding-strategy equal-distribution|stability]' >&2\n"
    "    exit 2\n"
    "}\n"
    "command= search= strategy=equal-distribution\n"
    "while [ $# -gt 0 ]; do\n"
    "    case $1 in\n"
    "    --*=*) value=${1#*=} ;;\n"
    "    *) [ $# -gt 1 ] || usage; value=$2 ;;\n"
    "    esac\n"
    "    case $1 in\n"
    "    --test-command | --test-command=*) command=$value ;;\n"
    "    --files-search | --files-search=*) search=$value ;;\n"
    "    --sharding-strategy | --sharding-strategy=*) strategy=$value ;;\n"
    "    *) usage ;;\n"
    "    esac\n"
    "    case $1 in --*=*) shift ;; *) shift 2 ;; esac\n"
    "done\n"
    "[ -n \"$command\" ] && [ -n \"$search\" ] || usage\n"
    "all=$(sh -c \"$search\") || exit\n"
    "all=$(printf '%s\\n' \"$all\" | grep . | LC_ALL=C sort)\n"
    "shard=${SLIPWAY_SHARD:-0} shards=${SLIPWAY_SHARDS:-1}\n"
    "case $strategy in\n"
    "equal-distribution)\n"
    "    mine=$(printf '%s\\n' \"$all\" | awk -v s=\"$shard\" -v n=\"$shards\" 'length { f[c++] = $0 }\n"
    "        END { for (i = int(c * s / n); i < int(c * (s + 1) / n); i++) print f[i] }')\n"
    "    ;;\n"
    "stability)\n"
    "    mine=$(printf '%s\\n' \"$all\" | while IFS= read -r file; do\n"
    "        sum=$(printf %s \"$file\" | cksum | cut -d' ' -f1)\n"
    "        [ $((sum % shards)) -ne \"$shard\" ] || printf '%s\\n' \"$file\"\n"
    "    done)\n"
    "    ;;\n"
    "*) usage ;;\n"
    "esac\n"
    "if [ -z \"$mine\" ]; then\n"
    "    echo \"codebuild-tests-run: no test file for shard $shard of $shards\"\n"
    "    exit 0\n"
    "fi\n"
    "export CODEBUILD_CURRENT_SHARD_FILES=\"$mine\"\n"
    "case $command in\n"
    "*CODEBUILD_CURRENT_SHARD_FILES*) exec sh -c \"$command\" ;;\n"
    "esac\n"
    "exec sh -c \"$command $(printf '%s' \"$mine\" | tr '\\n' ' ')\"\n";

const struct cb_shim cb_shims[] = {
    {"codebuild-glob-search", glob_search},
    {"codebuild-hash-files", hash_files},
    {"codebuild-tests-run", tests_run},
};
const size_t cb_shims_len = ARRAY_LEN(cb_shims);
