/*
 * provider/codebuild/cb_artifacts.c - UPLOAD_ARTIFACTS: the build's artifacts, left below the run's folder.
 *
 * What S3 would hold is a folder, or a zip when the project's Packaging says so:
 * codebuild/<project>[/<identifier>]/[<s3-prefix>/][<build>/]<name>. The name is the project's, or the buildspec's
 * where the project lets it (OverrideArtifactName) or is not declared at all. Links are followed; what they lead to
 * must be a file, else they are left out [R]. In a zip they stay links where enable-symlinks says so.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"

#include "core/path.h"

#define LINKS_MAX ((size_t)16 << 20)

enum { ARTIFACT_NAMES, ARTIFACT_FIND, ARTIFACT_LINKS, ARTIFACT_EXPORT };

/* ---- which there are ---- */

static bool knows_secondary(const struct cb_project *p, struct str id)
{
    for (size_t i = 0; i < p->secondary_artifacts.n; i++)
        if (str_eq(p->secondary_artifacts.p[i], id))
            return true;
    return !p->declared;
}

/* The i-th that the project takes, the primary one first; NULL: there are no more. */
static const struct cb_files *artifact_at(const struct cb_run *r, size_t i)
{
    const struct cb_spec *spec = r->spec;
    bool primary = spec->has_artifacts && spec->artifacts.files.n > 0 &&
                   !(r->project->declared && r->project->artifacts == CB_NO_ARTIFACTS);
    if (primary && i-- == 0)
        return &spec->artifacts;
    for (size_t k = 0; spec->has_artifacts && k < spec->n_secondary; k++)
        if (knows_secondary(r->project, spec->secondary[k].id) && i-- == 0)
            return &spec->secondary[k];
    return NULL;
}

bool cb_upload_wanted(const struct cb_run *r)
{
    return r->spec->n_reports > 0 || artifact_at(r, 0) != NULL;
}

/* ---- names ---- */

static bool takes_name(const struct cb_run *r, const struct cb_files *f)
{
    return f->name.n > 0 && (!r->project->declared || r->project->artifacts_override_name);
}

static struct str own_name(const struct cb_run *r, const struct cb_files *f)
{
    if (takes_name(r, f))
        return f->name;
    if (f->id.n > 0)
        return f->id;
    return r->project->artifacts_name.n > 0 ? r->project->artifacts_name : STR("artifacts");
}

static void ask_names(struct cb_run *r)
{
    struct cb_artifact_run *run = &r->artifact;
    const struct cb_files *f;
    while ((f = artifact_at(r, run->n)) != NULL)
        run->n++;
    struct str *texts = arena_array(r->arena, run->n + 1, sizeof *texts);
    for (size_t i = 0; i < run->n; i++) {
        f = artifact_at(r, i);
        texts[i] = takes_name(r, f) ? f->name : STR("");
    }
    run->eval.texts = texts;
    run->eval.n = run->n;
}

/* Where it goes, relative and inner; empty: the name leads out, and the stage has failed. */
static struct str place_of(struct cb_run *r, const struct cb_files *f)
{
    const struct cb_artifact_run *run = &r->artifact;
    struct arena *a = r->arena;
    struct str name = takes_name(r, f) ? run->eval.values[run->next] : own_name(r, f);
    struct str place = arena_printf(a, "codebuild/%.*s", STR_ARG(r->project->name));
    if (r->build->identifier.n > 0)
        place = path_join(a, place, r->build->identifier);
    if (f->s3_prefix.n > 0 && path_is_inner(f->s3_prefix))
        place = path_join(a, place, f->s3_prefix);
    else if (f->s3_prefix.n > 0)
        cb_note(r, HOW_EMULATED, arena_printf(a, "s3-prefix %.*s", STR_ARG(f->s3_prefix)),
                STR("it leads out, and is left away"));
    if (r->project->artifacts_build_id)
        place = path_join(a, place, r->uuid);
    while (name.n > 0 && name.p[0] == '/')
        name = str_from_index(name, 1);
    if (name.n == 0 || !path_is_inner(name)) {
        cb_fail(r, "CLIENT_ERROR", "'%.*s' cannot name an artifact", STR_ARG(name));
        return STR("");
    }
    place = path_clean(a, path_join(a, place, name));
    if (r->project->artifacts_zip && !str_ends(place, STR(".zip")))
        place = arena_printf(a, "%.*s.zip", STR_ARG(place));
    return place;
}

/* ---- links ---- */

static size_t count_links(const struct cb_matches *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        n += m->p[i].link;
    return n;
}

/* "enable-symlinks: ZIP packaging only". */
static bool keeps_links(const struct cb_run *r, const struct cb_files *f)
{
    return f->symlinks && r->project->artifacts_zip;
}

/* Which of the links lead to a file? One shell asks for all; names with a newline are not told and left out. */
static void ask_links(struct cb_run *r, struct op *op)
{
    const struct cb_matches *m = &r->artifact.matches;
    CLEAN(buf) struct buf list = BUF(LINKS_MAX);
    struct str asked = path_join(r->arena, r->temp, STR("links")), good = path_join(r->arena, r->temp, STR("files"));
    struct str argv[] = {STR("/bin/sh"), STR("-c"),
                         STR("while IFS= read -r f; do [ ! -f \"$f\" ] || printf '%s\\n' \"$f\"; done <\"$0\" >\"$1\""),
                         asked, good};
    for (size_t i = 0; i < m->n; i++)
        if (m->p[i].link)
            buf_printf(&list, "%.*s\n", STR_ARG(m->p[i].path));
    cb_op_exec(r, op, argv, ARRAY_LEN(argv));
    cb_op_write(r, op, asked, arena_str(r->scratch, buf_str(&list)), 0644);
    cb_op_read(r, op, good, LINKS_MAX);
}

static void links_answered(struct cb_run *r, const struct op_end *end)
{
    struct cb_matches *m = &r->artifact.matches;
    struct map good;
    struct str rest = end->reads != NULL ? end->reads[0] : STR(""), line;
    size_t kept = 0;
    map_init(&good, r->arena, MAP_CASE);
    while (str_next(&rest, '\n', &line))
        map_set(&good, line, r);
    for (size_t i = 0; i < m->n; i++) {
        if (!m->p[i].link || map_get(&good, m->p[i].path) != NULL)
            m->p[kept++] = m->p[i];
        else
            cb_say(r, "Skipping invalid file path %.*s", STR_ARG(m->p[i].name));
    }
    m->n = kept;
}

/* ---- leaving them ---- */

static void export_op(struct cb_run *r, struct op *op, const struct cb_files *f)
{
    const struct cb_matches *m = &r->artifact.matches;
    cb_op_init(r, op, OP_EXPORT);
    op->export.name = r->artifact.name;
    op->export.zip = r->project->artifacts_zip;
    op->export.links = keeps_links(r, f);
    op->export.files = arena_array(r->scratch, m->n, sizeof *op->export.files);
    for (size_t i = 0; i < m->n; i++)
        op->export.files[op->export.n_files++] = (struct op_exported){.from = m->p[i].path, .to = m->p[i].name};
}

static void exported(struct cb_run *r, const struct op_end *end)
{
    const struct cb_files *f = artifact_at(r, r->artifact.next);
    if (!cb_op_good(r, end, "artifacts"))
        return;
    struct event ev = {.kind = EVENT_ARTIFACT, .step = r->stages[r->stage].step};
    ev.name = f->id.n > 0 ? f->id : r->artifact.name;
    ev.text = end->matched;
    ev.number = (int64_t)end->size;
    r->host->emit(r->host->ctx, &ev);
}

/* Found files of the artifact that is next; false: none, and the stage has failed. */
static bool match(struct cb_run *r, const struct cb_files *f)
{
    struct cb_artifact_run *run = &r->artifact;
    run->matches = (struct cb_matches){0};
    cb_files_match(r, f, &run->listing, &run->matches);
    if (run->matches.n == 0)
        cb_fail(r, "CLIENT_ERROR", "no matching artifact paths found");
    return run->matches.n > 0;
}

/* ---- the part ---- */

static void note_ignored(struct cb_run *r)
{
    if (r->spec->has_artifacts && r->project->declared && r->project->artifacts == CB_NO_ARTIFACTS)
        cb_note(r, HOW_EMULATED, STR("artifacts"),
                STR("the project has NO_ARTIFACTS: those of the buildspec are ignored, as the service does"));
}

static bool needs_find(const struct cb_run *r, struct str root)
{
    return !r->artifact.listing.known || !str_eq(r->artifact.listing.root, root);
}

/* The next artifact's files, or what must be asked for them first. */
static enum drive find(struct cb_run *r, const struct cb_files *f, struct op *op)
{
    struct cb_artifact_run *run = &r->artifact;
    struct str root = cb_files_root(r, f);
    if (needs_find(r, root)) {
        run->listing = (struct cb_listing){.root = root};
        cb_op_find(r, op, root);
        return DRIVE_OP;
    }
    run->name = place_of(r, f);
    if (run->name.n == 0 || !match(r, f))
        return DRIVE_DONE;
    run->at = !keeps_links(r, f) && count_links(&run->matches) > 0 ? ARTIFACT_LINKS : ARTIFACT_EXPORT;
    return DRIVE_WAIT; /* go on */
}

static enum drive names(struct cb_run *r, struct op *op)
{
    struct cb_artifact_run *run = &r->artifact;
    if (run->eval.texts == NULL) {
        note_ignored(r);
        ask_names(r);
    }
    if (cb_eval_next(r, &run->eval, op) == DRIVE_OP)
        return DRIVE_OP;
    if (run->eval.err.num != 0)
        cb_fail(r, "CLIENT_ERROR", "the name of an artifact: %s", run->eval.err.text);
    run->at = ARTIFACT_FIND;
    return DRIVE_DONE;
}

static enum drive artifact_next(struct cb_run *r, struct op *op)
{
    struct cb_artifact_run *run = &r->artifact;
    if (run->at == ARTIFACT_NAMES && names(r, op) == DRIVE_OP)
        return DRIVE_OP;
    while (run->next < run->n && r->stages[r->stage].status != CB_FAILED) {
        const struct cb_files *f = artifact_at(r, run->next);
        enum drive d = DRIVE_OP;
        if (run->at == ARTIFACT_FIND)
            d = find(r, f, op);
        else if (run->at == ARTIFACT_LINKS)
            ask_links(r, op);
        else if (run->matches.n > 0)
            export_op(r, op, f);
        else
            cb_fail(r, "CLIENT_ERROR", "no matching artifact paths found");
        if (d == DRIVE_OP && r->token_live)
            return DRIVE_OP;
    }
    return DRIVE_DONE;
}

static void artifact_exited(struct cb_run *r, const struct op_end *end)
{
    struct cb_artifact_run *run = &r->artifact;
    switch (run->at) {
    case ARTIFACT_NAMES:
        cb_eval_exited(r, &run->eval, end);
        break;
    case ARTIFACT_FIND:
        cb_listing_take(r, &run->listing, end);
        break;
    case ARTIFACT_LINKS:
        links_answered(r, end);
        run->at = ARTIFACT_EXPORT;
        break;
    default:
        exported(r, end);
        run->at = ARTIFACT_FIND;
        run->next++;
        break;
    }
}

const struct cb_part cb_artifact = {.name = "artifacts", .next = artifact_next, .exited = artifact_exited};
