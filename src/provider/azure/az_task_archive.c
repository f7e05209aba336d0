/*
 * az_task_archive.c - ArchiveFiles@2 (and @1): a folder or a file becomes a zip, tar or 7z file (specification 9.8).
 *
 * The programs are those that the service's task takes: zip, tar, 7z; a zip is made by python3 where there is no zip.
 * What is missing is said by its name. One script does it all, so that nothing is looked at twice.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/path.h"

#define STATUS_MISSING 90 /* of the script: a program is missing */
#define STATUS_ABSENT 91  /* there is nothing to archive */
#define STATUS_FOLDER 92  /* the archive is a folder */

static const struct az_input INPUTS[] = {
    {.name = "rootFolderOrFile", .kind = AZ_INPUT_PATH, .fallback = "$(Build.BinariesDirectory)", .required = true},
    {.name = "includeRootFolder", .kind = AZ_INPUT_BOOL, .fallback = "true"},
    {.name = "archiveType", .kind = AZ_INPUT_TEXT, .fallback = "default"},
    {.name = "sevenZipCompression", .kind = AZ_INPUT_TEXT, .fallback = "normal"},
    {.name = "tarCompression", .kind = AZ_INPUT_TEXT, .fallback = "gz"},
    {.name = "archiveFile",
     .kind = AZ_INPUT_PATH,
     .fallback = "$(Build.ArtifactStagingDirectory)/$(Build.BuildId).zip",
     .required = true},
    {.name = "replaceExistingArchive", .kind = AZ_INPUT_BOOL, .fallback = "true"},
    {.name = "verbose", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {.name = "quiet", .kind = AZ_INPUT_BOOL, .fallback = "false"},
    {0},
};

/*
 * $1 root, $2 archive, $3 zip, tar, 7z or wim, $4 "root" or nothing, $5 an option for the packer, $6 "replace" or
 * nothing, $7 the list to write, $8 -q, -v or nothing.
 */
static const char SCRIPT[] =
    "[ -e \"$1\" ] || exit 91\n"
    "[ ! -d \"$2\" ] || exit 92\n"
    "if [ -n \"$6\" ]; then rm -f -- \"$2\" || exit; fi\n"
    "mkdir -p -- \"$(dirname -- \"$2\")\" || exit\n"
    "if [ -n \"$4\" ] || [ ! -d \"$1\" ]; then\n"
    "    cd -- \"$(dirname -- \"$1\")\" && printf '%s\\0' \"$(basename -- \"$1\")\" >\"$7\" || exit\n"
    "else\n"
    "    cd -- \"$1\" && find . -mindepth 1 -maxdepth 1 -printf '%P\\0' | sort -z >\"$7\" || exit\n"
    "fi\n"
    "case $3 in\n"
    "tar)\n"
    "    command -v tar >/dev/null || exit 90\n"
    "    how=-c; [ ! -e \"$2\" ] || how=-r\n"
    "    [ \"$8\" = -v ] || set -- \"$1\" \"$2\" \"$3\" \"$4\" \"$5\" \"$6\" \"$7\" ''\n"
    "    exec tar $how $8 $5 -f \"$2\" --null --verbatim-files-from -T \"$7\" ;;\n"
    "zip)\n"
    "    if command -v zip >/dev/null; then exec xargs -0 -r zip -r $8 \"$2\" -- <\"$7\"; fi\n"
    "    command -v python3 >/dev/null || exit 90\n"
    "    exec xargs -0 -r python3 -c '\n"
    "import os, sys, zipfile\n"
    "with zipfile.ZipFile(sys.argv[1], \"a\", zipfile.ZIP_DEFLATED, strict_timestamps=False) as z:\n"
    "    for name in sys.argv[2:]:\n"
    "        z.write(name)\n"
    "        for root, folders, files in os.walk(name, followlinks=True):\n"
    "            for one in sorted(folders) + sorted(files):\n"
    "                z.write(os.path.join(root, one))\n"
    "' \"$2\" <\"$7\" ;;\n"
    "*)\n"
    "    for seven in 7z 7zz 7za; do\n"
    "        if command -v $seven >/dev/null; then exec xargs -0 -r $seven a -t$3 $5 \"$2\" -- <\"$7\"; fi\n"
    "    done\n"
    "    exit 90 ;;\n"
    "esac\n";

struct archive {
    struct str root, file;
    const char *type, *option;
};

static const char *seven_level(struct str word)
{
    static const struct {
        const char *word, *option;
    } LEVELS[] = {{"ultra", "-mx=9"}, {"maximum", "-mx=7"}, {"normal", "-mx=5"},
                  {"fast", "-mx=3"},  {"fastest", "-mx=1"}, {"none", "-mx=0"}};
    for (size_t i = 0; i < ARRAY_LEN(LEVELS); i++)
        if (str_is_nocase(word, LEVELS[i].word))
            return LEVELS[i].option;
    return "-mx=5";
}

static const char *tar_option(struct az_task_run *t)
{
    static const struct {
        const char *word, *option;
    } KINDS[] = {{"gz", "--gzip"}, {"bz2", "--bzip2"}, {"xz", "--xz"}, {"none", ""}};
    struct str word = az_input(t, "tarCompression");
    for (size_t i = 0; i < ARRAY_LEN(KINDS); i++)
        if (str_is_nocase(word, KINDS[i].word))
            return KINDS[i].option;
    az_fail(t, "tarCompression cannot be %.*s: it is gz, bz2, xz or none", STR_ARG(word));
    return "";
}

static void begin(struct az_task_run *t)
{
    struct archive *a = t->state = ARENA_NEW(t->run->arena, struct archive);
    struct str type = az_input(t, "archiveType");
    a->root = az_input_path(t, "rootFolderOrFile");
    a->file = az_input_path(t, "archiveFile");
    a->option = "";
    if (str_is_nocase(type, "zip") || str_is_nocase(type, "default") || type.n == 0) {
        a->type = "zip";
    } else if (str_is_nocase(type, "tar")) {
        a->type = "tar";
        a->option = tar_option(t);
    } else if (str_is_nocase(type, "7z")) {
        a->type = "7z";
        a->option = seven_level(az_input(t, "sevenZipCompression"));
    } else if (str_is_nocase(type, "wim")) {
        a->type = "wim";
    } else {
        az_fail(t, "archiveType cannot be %.*s: it is zip, 7z, tar or wim", STR_ARG(type));
    }
}

static enum drive next(struct az_task_run *t, struct op *op)
{
    if (t->at > 0)
        return DRIVE_DONE;
    t->at = 1;
    begin(t);
    if (t->error.n > 0)
        return DRIVE_DONE;
    const struct archive *a = t->state;
    struct str none = STR(""), loud = az_input_bool(t, "quiet") ? STR("-q") : none;
    struct str args[] = {a->root,
                         a->file,
                         str_from(a->type),
                         az_input_bool(t, "includeRootFolder") ? STR("root") : none,
                         str_from(a->option),
                         az_input_bool(t, "replaceExistingArchive") ? STR("replace") : none,
                         az_temp_path(t->run, ".names"),
                         az_input_bool(t, "verbose") ? STR("-v") : loud};
    az_say(t, "Archive file: %.*s", STR_ARG(a->file));
    az_batch(t, op, SCRIPT, args, ARRAY_LEN(args), NULL);
    return DRIVE_OP;
}

static void exited(struct az_task_run *t, const struct op_end *end)
{
    const struct archive *a = t->state;
    if (end->how == OP_EXITED && end->status == STATUS_MISSING)
        az_fail(t, "Unable to locate executable file: '%s'", strcmp(a->type, "wim") == 0 ? "7z" : a->type);
    else if (end->how == OP_EXITED && end->status == STATUS_ABSENT)
        az_fail(t, "No file or directory found - %.*s", STR_ARG(a->root));
    else if (end->how == OP_EXITED && end->status == STATUS_FOLDER)
        az_fail(t, "The specified archive file: %.*s already exists, but is a folder", STR_ARG(a->file));
    else if (az_batch_good(t, end, "The archive could not be made"))
        az_say(t, "Successfully created archive: %.*s", STR_ARG(a->file));
}

const struct az_task az_task_archive_files = {.name = "ArchiveFiles",
                                              .id = "d8b84976-e99a-4b86-b885-4849694435b0",
                                              .majors = "1 2",
                                              .title = "Archive files",
                                              .inputs = INPUTS,
                                              .next = next,
                                              .exited = exited};
