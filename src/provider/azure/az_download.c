/*
 * az_download.c - artifacts come to a folder: one by name, or all; whole, or the files that patterns pick.
 *
 * What patterns pick is unpacked into the temp folder first and moved from there. The parts of a build artifact
 * (az_upload.c) are one artifact here.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/num.h"
#include "core/path.h"

enum { DOWNLOAD_LIST, DOWNLOAD_GET, DOWNLOAD_PICK, DOWNLOAD_MOVE, DOWNLOAD_END };

/* "drop" of "drop (part 2)". */
static struct str whole_name(struct str name)
{
    static const char MARK[] = " (part ";
    uint64_t part = 0;
    ssize_t at = str_rfind_ch(name, '(');
    if (at < 1 || !str_ends(name, STR(")")))
        return name;
    struct str head = str_sub(name, 0, (size_t)at - 1), tail = str_from_index(name, (size_t)at - 1);
    if (!str_starts(tail, str_from(MARK)))
        return name;
    struct str digits = str_sub(tail, strlen(MARK), tail.n - 1);
    return num_parse_u64(digits, 1000000, &part) == 0 && part > 1 ? head : name;
}

static bool is_wanted(const struct az_download *d, struct str name)
{
    return d->name.n == 0 || str_eq_nocase(whole_name(name), d->name) || str_eq_nocase(name, d->name);
}

static bool has_filter(const struct az_download *d)
{
    for (size_t i = 0; i < d->lines.n; i++)
        if (!str_is(str_trim(d->lines.p[i]), "**"))
            return true;
    return false;
}

static struct str folder_of(struct az_task_run *t, const struct az_download *d)
{
    struct str name = whole_name(d->all.p[d->next].name);
    return d->in_folders || d->name.n == 0 ? path_join(t->run->arena, d->path, name) : d->path;
}

/* Below the temp folder: in a folder of its name, so that patterns can begin with it. */
static struct str temp_folder(struct az_task_run *t, const struct az_download *d)
{
    return path_join(t->run->arena, d->temp, whole_name(d->all.p[d->next].name));
}

static void begin_pick(struct az_task_run *t, struct az_download *d)
{
    struct str from = temp_folder(t, d);
    bool with_name = d->with_name || d->name.n == 0;
    d->search = (struct az_search){.no_follow = true};
    d->search.patterns = az_patterns_new(t->run->arena, with_name ? d->temp : from, &d->lines);
    vec_push_in(t->run->arena, &d->search.roots, from);
    d->at = DOWNLOAD_PICK;
}

static void move_op(struct az_task_run *t, struct az_download *d, struct op *op)
{
    static const char SCRIPT[] =
        "mkdir -p -- \"$2\" && cd -- \"$1\" && xargs -0 -r cp -f --parents -t \"$2\" -- <\"$LIST\" && "
        "cd / && rm -rf -- \"$3\"\n";
    struct az_names names = {0};
    struct str from = temp_folder(t, d), args[] = {from, folder_of(t, d), d->temp};
    for (size_t i = 0; i < d->search.found.n; i++)
        az_names_add(&names, path_rel(d->search.found.p[i].path, from));
    az_say(t, "%zu file%s of artifact %.*s match", d->search.found.n, d->search.found.n == 1 ? "" : "s",
           STR_ARG(d->all.p[d->next].name));
    az_batch(t, op, SCRIPT, args, ARRAY_LEN(args), &names);
    d->at = DOWNLOAD_MOVE;
}

static void get_op(struct az_task_run *t, struct az_download *d, struct op *op)
{
    const struct op_artifact *one = &d->all.p[d->next];
    bool picks = has_filter(d);
    if (picks)
        d->temp = az_temp_path(t->run, "");
    az_op_init(t, op, OP_DOWNLOAD);
    op->artifact.id = one->id;
    op->artifact.run = d->run;
    op->artifact.path = picks ? temp_folder(t, d) : folder_of(t, d);
    az_say(t, "Downloading artifact %.*s to %.*s", STR_ARG(one->name), STR_ARG(folder_of(t, d)));
}

bool az_download_next(struct az_task_run *t, struct az_download *d, struct op *op)
{
    if (t->error.n > 0)
        d->at = DOWNLOAD_END;
    if (d->at == DOWNLOAD_LIST) {
        az_op_init(t, op, OP_ARTIFACTS);
        op->artifact.run = d->run;
        return true;
    }
    if (d->at == DOWNLOAD_PICK) {
        if (az_search_next(t, &d->search, op))
            return true;
        if (!d->search.failed)
            move_op(t, d, op);
        return !d->search.failed;
    }
    if (d->at == DOWNLOAD_GET && d->next < d->all.n) {
        get_op(t, d, op);
        return true;
    }
    return false;
}

/* "drop, logs", so that a mistyped name is seen. */
static struct str names_of(struct az_task_run *t, const struct op_end *end)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < end->n_artifacts; i++)
        buf_printf(&b, "%s%.*s", i > 0 ? ", " : "", STR_ARG(end->artifacts[i].name));
    return arena_str(t->run->arena, buf_str(&b));
}

static void listed(struct az_task_run *t, struct az_download *d, const struct op_end *end)
{
    struct arena *a = t->run->arena;
    d->at = DOWNLOAD_GET;
    if (!az_op_good(t, end, "The artifacts of the run"))
        return;
    for (size_t i = 0; i < end->n_artifacts; i++) {
        struct op_artifact one = end->artifacts[i];
        if (!is_wanted(d, one.name))
            continue;
        one.name = arena_str(a, one.name);
        one.digest = arena_str(a, one.digest);
        vec_push_in(a, &d->all, one);
    }
    if (d->all.n > 0)
        return;
    struct str run = d->run > 0 ? arena_printf(a, "%llu", (unsigned long long)d->run) : az_var(t->run, "Build.BuildId");
    if (d->name.n > 0)
        az_fail(t, "Artifact %.*s was not found for build %.*s: it has %s%.*s", STR_ARG(d->name), STR_ARG(run),
                end->n_artifacts > 0 ? "" : "none", STR_ARG(names_of(t, end)));
    else if (d->may_be_missing)
        az_say(t, "No artifacts are there yet for build %.*s", STR_ARG(run));
    else
        az_warn(t, "No artifacts were found for build %.*s", STR_ARG(run));
}

static void got(struct az_task_run *t, struct az_download *d)
{
    vec_push_in(t->run->arena, &d->got, whole_name(d->all.p[d->next].name));
    d->next++;
    d->at = DOWNLOAD_GET;
}

void az_download_exited(struct az_task_run *t, struct az_download *d, const struct op_end *end)
{
    if (d->at == DOWNLOAD_LIST) {
        listed(t, d, end);
    } else if (d->at == DOWNLOAD_PICK) {
        az_search_exited(t, &d->search, end);
    } else if (d->at == DOWNLOAD_MOVE) {
        if (az_batch_good(t, end, "The files that match could not be put in place"))
            got(t, d);
    } else if (az_op_good(t, end, d->all.p[d->next].name.p)) {
        if (end->matched.n > 0 && !str_eq(end->matched, d->all.p[d->next].digest))
            az_fail(t, "Artifact %.*s is not what was published: its SHA-256 differs", STR_ARG(d->all.p[d->next].name));
        else if (has_filter(d))
            begin_pick(t, d);
        else
            got(t, d);
    }
}
