/*
 * az_task_extract.c - ExtractFiles@1: archives that patterns pick, into one folder (specification 9.8).
 *
 * The kind is by the name's end: tar by tar, zip by unzip (python3 where there is none), all else by 7z. A pattern
 * without a wildcard is one file, which must be there.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/path.h"

static const struct az_input INPUTS[] = {
    {.name = "archiveFilePatterns", .kind = AZ_INPUT_LINES, .fallback = "**/*.zip", .required = true},
    {.name = "destinationFolder", .kind = AZ_INPUT_PATH, .required = true},
    {.name = "cleanDestinationFolder", .kind = AZ_INPUT_BOOL, .fallback = "true"},
    {.name = "overwriteExistingFiles", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "pathToSevenZipTool", .kind = AZ_INPUT_TEXT},
    {0},
};

enum { EXTRACT_BEGIN, EXTRACT_FIND, EXTRACT_RUN };

struct extract {
    struct str to;
    struct strs single; /* absolute: patterns without a wildcard */
    struct az_search search;
};

/* $1 destination, $2 "clean" or nothing, $3 "over" or nothing, $4 a 7z program or nothing. */
static const char SCRIPT[] =
    "if [ -n \"$2\" ]; then rm -rf -- \"$1\" 2>/dev/null || find \"$1/\" -mindepth 1 -delete || exit; fi\n"
    "mkdir -p -- \"$1\" && cd -- \"$1\" || exit\n"
    "export to=\"$1\" over=\"$3\" seven=\"$4\"\n"
    "xargs -0 -r sh -c '\n"
    "missing() { echo \"Unable to locate executable file: $1\" >&2; exit 255; }\n"
    "for file; do\n"
    "    echo \"Extracting file: $file\"\n"
    "    case $file in\n"
    "    *.tar|*.tar.gz|*.tgz|*.taz|*.tar.Z|*.taZ|*.tar.bz2|*.tz2|*.tbz2|*.tbz|*.tar.lz|*.tar.lzma|*.tlz|*.tar.lzo|"
    "*.tar.xz|*.txz|*.tar.zst)\n"
    "        tar -x ${over:+--overwrite} $([ -n \"$over\" ] || echo --skip-old-files) -vf \"$file\" -C \"$to\" ||"
    " exit 255 ;;\n"
    "    *.zip|*.jar|*.war|*.ear)\n"
    "        if command -v unzip >/dev/null; then\n"
    "            unzip -^ $([ -n \"$over\" ] && echo -o || echo -n) \"$file\" -d \"$to\" || exit 255\n"
    "        elif command -v python3 >/dev/null; then\n"
    "            python3 -c \"import os, sys, zipfile\n"
    "z = zipfile.ZipFile(sys.argv[1])\n"
    "for i in z.infolist():\n"
    "    if sys.argv[3] or not os.path.lexists(os.path.join(sys.argv[2], i.filename)):\n"
    "        z.extract(i, sys.argv[2])\" \"$file\" \"$to\" \"$over\" || exit 255\n"
    "        else missing unzip; fi ;;\n"
    "    *)\n"
    "        for one in $seven 7z 7zz 7za none; do command -v $one >/dev/null && break; done\n"
    "        [ $one != none ] || missing 7z\n"
    "        $one x $([ -n \"$over\" ] && echo -aoa || echo -aos) \"-o$to\" \"$file\" || exit 255 ;;\n"
    "    esac\n"
    "done' sh <\"$LIST\"\n";

static bool has_wildcard(struct str pattern)
{
    return str_find_ch(pattern, '*') >= 0 || str_find_ch(pattern, '?') >= 0;
}

static void begin(struct az_task_run *t)
{
    struct extract *x = t->state = ARENA_NEW(t->run->arena, struct extract);
    struct arena *a = t->run->arena;
    struct str base = az_var(t->run, "System.DefaultWorkingDirectory");
    struct strs lines = {0}, wild = {0};
    if (base.n == 0)
        base = t->run->sources;
    x->to = az_input_path(t, "destinationFolder");
    az_input_lines(t, "archiveFilePatterns", &lines);
    for (size_t i = 0; i < lines.n; i++) {
        if (has_wildcard(lines.p[i])) {
            vec_push_in(a, &wild, lines.p[i]);
            continue;
        }
        struct str one = az_path_below(t->run, base, lines.p[i]);
        vec_push_in(a, &x->single, one);
        vec_push_in(a, &wild, az_glob_escape(a, one));
    }
    if (x->to.n == 0)
        az_fail(t, "Input required: destinationFolder");
    x->search.patterns =
        az_patterns_with(a, base, &wild, AZ_MATCH_BASE | AZ_MATCH_NO_DOTS | AZ_MATCH_BRACES | AZ_MATCH_LITERAL_MARKS);
    az_patterns_roots(x->search.patterns, &x->search.roots);
}

static bool is_found(const struct extract *x, struct str path)
{
    for (size_t i = 0; i < x->search.found.n; i++)
        if (str_eq(x->search.found.p[i].path, path))
            return true;
    return false;
}

static void extract_op(struct az_task_run *t, struct extract *x, struct op *op)
{
    struct az_names names = {0};
    az_say(t, "Found: %zu files to extract:", x->search.found.n);
    for (size_t i = 0; i < x->search.found.n; i++) {
        az_say(t, "%.*s", STR_ARG(x->search.found.p[i].path));
        az_names_add(&names, x->search.found.p[i].path);
    }
    struct str args[] = {x->to, az_input_bool(t, "cleanDestinationFolder") ? STR("clean") : STR(""),
                         az_input_bool(t, "overwriteExistingFiles") ? STR("over") : STR(""),
                         az_input(t, "pathToSevenZipTool")};
    az_batch(t, op, SCRIPT, args, ARRAY_LEN(args), &names);
    t->at = EXTRACT_RUN;
}

static enum drive next(struct az_task_run *t, struct op *op)
{
    if (t->at == EXTRACT_BEGIN) {
        begin(t);
        t->at = EXTRACT_FIND;
    }
    struct extract *x = t->state;
    if (t->at == EXTRACT_RUN || t->error.n > 0)
        return DRIVE_DONE;
    if (az_search_next(t, &x->search, op))
        return DRIVE_OP;
    for (size_t i = 0; i < x->single.n; i++)
        if (!is_found(x, x->single.p[i]))
            az_fail(t, "The file cannot be extracted, as it is not there: %.*s", STR_ARG(x->single.p[i]));
    if (t->error.n > 0)
        return DRIVE_DONE;
    extract_op(t, x, op);
    return DRIVE_OP;
}

static void exited(struct az_task_run *t, const struct op_end *end)
{
    struct extract *x = t->state;
    if (t->at == EXTRACT_FIND)
        az_search_exited(t, &x->search, end);
    else
        az_batch_good(t, end, "The archives could not all be extracted");
}

const struct az_task az_task_extract_files = {.name = "ExtractFiles",
                                              .id = "5e1e3830-fbfb-11e5-aab1-090c92bc4988",
                                              .majors = "1",
                                              .title = "Extract files",
                                              .inputs = INPUTS,
                                              .next = next,
                                              .exited = exited};
