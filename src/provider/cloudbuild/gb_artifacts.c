/*
 * gb_artifacts.c - what is kept behind the last step: artifacts.objects and the packages for registries. Files are
 * copied to the run's own folder, in the service's words; nothing is sent anywhere.
 *
 * The manifest is as the service's local builder writes it (gsutil.go): JSON lines of location#generation and MD5,
 * whose base64 stands in base64. Emulated is the generation: the run's time in microseconds, as Cloud Storage counts.
 */
#include "core/base.h"
#include "provider/cloudbuild/run_priv.h"

#include "core/num.h"
#include "core/path.h"

#define MD5_BYTES ((size_t)16)

/* ---- what is to be kept ---- */

struct str gb_bucket_path(struct arena *a, struct str location)
{
    ssize_t scheme = str_find(location, STR("://"));
    struct str rest = scheme >= 0 ? str_from_index(location, (size_t)scheme + 3) : location;
    return path_clean(a, rest);
}

/* A folder of its own below the run's artifacts. */
static struct str folder_for(struct gb_run *r, const char *kind, struct str location)
{
    struct str path = gb_bucket_path(r->arena, location);
    struct str folder = kind != NULL ? arena_printf(r->arena, "cloudbuild/%s/%.*s", kind, STR_ARG(path))
                                     : arena_printf(r->arena, "cloudbuild/%.*s", STR_ARG(path));
    for (size_t i = 0; i < r->upload.keeps.n; i++)
        if (str_eq(r->upload.keeps.p[i].folder, folder))
            folder = arena_printf(r->arena, "%.*s-%zu", STR_ARG(folder), r->upload.keeps.n);
    return folder;
}

static void keep_objects(struct gb_run *r)
{
    const struct gb_objects *o = &r->build->objects;
    struct str slash = str_ends(o->location.text, STR("/")) ? STR("") : STR("/");
    struct gb_keep k = {.kind = "objects", .paths = &o->paths, .manifest = true};
    k.location = arena_printf(r->arena, "%.*s%.*s", STR_ARG(o->location.text), STR_ARG(slash));
    k.folder = folder_for(r, NULL, k.location);
    vec_push_in(r->arena, &r->upload.keeps, k);
}

static void keep_package(struct gb_run *r, const struct gb_package *p)
{
    struct gb_keep k = {.kind = p->kind, .paths = &p->paths, .location = p->repository.text};
    k.folder = folder_for(r, p->kind, k.location);
    vec_push_in(r->arena, &r->upload.keeps, k);
    gb_note(r, 0, HOW_EMULATED, arena_printf(r->arena, "%s %.*s", p->kind, STR_ARG(k.location)),
            STR("copied to the run's artifacts; nothing is sent to a registry"));
}

void gb_upload_init(struct gb_run *r)
{
    if (r->build->objects.present)
        keep_objects(r);
    for (size_t i = 0; i < r->build->n_packages; i++)
        keep_package(r, &r->build->packages[i]);
}

static struct gb_keep *keep_at(struct gb_run *r)
{
    return &r->upload.keeps.p[r->upload.at];
}

/* ---- finding ---- */

static void fail(struct gb_run *r, struct str why)
{
    r->status = GB_FAILURE;
    r->error = why;
}

static size_t take_matches(struct gb_run *r, struct str pattern)
{
    struct gb_upload *u = &r->upload;
    size_t n = 0;
    for (size_t i = 0; i < u->n_found; i++) {
        if (u->found[i].kind != FOUND_FILE || !gb_glob_match(pattern, u->found[i].path))
            continue;
        n++;
        if (map_set(&u->seen, u->found[i].path, r))
            vec_push_in(r->arena, &u->files, (struct gb_file){.path = u->found[i].path});
    }
    return n;
}

/* The files of one location, told as the service does; no match fails the build. */
static void choose(struct gb_run *r)
{
    struct gb_upload *u = &r->upload;
    const struct gb_keep *k = keep_at(r);
    u->files.n = u->summed = 0;
    map_init(&u->seen, r->arena, MAP_CASE);
    if (k->manifest)
        gb_say(r, 0, "Artifacts will be uploaded to %.*s using gsutil cp", STR_ARG(k->location));
    for (size_t i = 0; i < k->paths->n; i++) {
        struct str pattern = k->paths->p[i].text;
        gb_say(r, 0, "%.*s: Uploading path....", STR_ARG(pattern));
        size_t n = take_matches(r, pattern);
        if (n == 0) {
            fail(r, arena_printf(r->arena, "could not upload %.*s to %.*s; err = no files match glob string \"%.*s\"",
                                 STR_ARG(pattern), STR_ARG(k->location), STR_ARG(pattern)));
            return;
        }
        gb_say(r, 0, "%.*s: %zu matching files uploaded", STR_ARG(pattern), n);
    }
    gb_say(r, 0, "%zu total artifacts uploaded to %.*s", u->files.n, STR_ARG(k->location));
    u->phase = k->manifest ? GB_UPLOAD_SUM : GB_UPLOAD_EXPORT;
}

static void found(struct gb_run *r, const struct op_end *end)
{
    struct gb_upload *u = &r->upload;
    u->found = arena_array(r->arena, end->n_files + 1, sizeof *u->found);
    for (size_t i = 0; i < end->n_files; i++) {
        u->found[i] = end->files[i];
        u->found[i].path = arena_str(r->arena, end->files[i].path);
    }
    u->n_found = end->n_files;
    u->listed = true;
}

/* ---- sums ---- */

void gb_upload_line(struct gb_run *r, struct str line)
{
    struct gb_upload *u = &r->upload;
    if (str_starts(line, STR("\\"))) /* the name behind it is escaped */
        line = str_from_index(line, 1);
    if (line.n > 2 * MD5_BYTES && line.p[2 * MD5_BYTES] == ' ' && u->summed < u->files.n)
        u->files.p[u->summed++].sum = arena_str(r->arena, str_sub(line, 0, 2 * MD5_BYTES));
}

static void sum_op(struct gb_run *r, struct op *op)
{
    struct gb_upload *u = &r->upload;
    struct strs env = gb_env_own(r);
    u->asked = u->summed;
    op->kind = OP_EXEC;
    op->argv = arena_array(r->arena, GB_SUMS_AT_ONCE + 2, sizeof *op->argv);
    op->argv[op->n_argv++] = STR("md5sum");
    op->argv[op->n_argv++] = STR("--");
    for (size_t i = u->summed; i < u->files.n && i < u->summed + GB_SUMS_AT_ONCE; i++)
        op->argv[op->n_argv++] = u->files.p[i].path;
    op->env = env.p;
    op->n_env = env.n;
    op->cwd = r->workspace;
}

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10) & 15;
}

/* The base64 of the base64 of its bytes: the value is bytes in the service's message, and text in gsutil's. */
static void add_sum(struct buf *b, struct str hex)
{
    CLEAN(buf) struct buf coded = BUF(64), again = BUF(128);
    char bytes[MD5_BYTES] = {0};
    for (size_t i = 0; i < MD5_BYTES && 2 * i + 1 < hex.n; i++)
        bytes[i] = (char)(digit(hex.p[2 * i]) << 4 | digit(hex.p[2 * i + 1]));
    buf_add_base64(&coded, str_of(bytes, MD5_BYTES));
    buf_add_base64(&again, buf_str(&coded));
    buf_add_json(b, buf_str(&again));
}

static struct str manifest_text(struct gb_run *r)
{
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    const struct gb_keep *k = keep_at(r);
    const struct gb_upload *u = &r->upload;
    for (size_t i = 0; i < u->files.n; i++) {
        struct str where = arena_printf(r->arena, "%.*s%.*s#%lld", STR_ARG(k->location), STR_ARG(u->files.p[i].path),
                                        (long long)r->facts->now_ms * 1000 + (long long)i);
        buf_add_cstr(&b, "{\"location\":");
        buf_add_json(&b, where);
        buf_add_cstr(&b, ",\"file_hash\":[{\"file_hash\":[{\"type\":2,\"value\":");
        add_sum(&b, u->files.p[i].sum);
        buf_add_cstr(&b, "}]}]}\n");
    }
    return arena_str(r->arena, buf_str(&b));
}

static void write_op(struct gb_run *r, struct op *op)
{
    struct gb_upload *u = &r->upload;
    u->manifest = arena_printf(r->arena, "artifacts-%.*s.json", STR_ARG(r->model->build_id));
    gb_say(r, 0, "Uploading manifest %.*s", STR_ARG(u->manifest));
    op->kind = OP_FILES;
    op->writes = arena_array(r->arena, 1, sizeof *op->writes);
    op->writes[op->n_writes++] =
        (struct op_file){.path = path_join(r->arena, r->temp, u->manifest), .text = manifest_text(r)};
}

/* ---- keeping ---- */

static void export_op(struct gb_run *r, struct op *op)
{
    struct gb_upload *u = &r->upload;
    const struct gb_keep *k = keep_at(r);
    op->kind = OP_EXPORT;
    op->export.name = k->folder;
    op->export.files = arena_array(r->arena, u->files.n + 1, sizeof *op->export.files);
    for (size_t i = 0; i < u->files.n; i++)
        op->export.files[op->export.n_files++] = (struct op_exported){
            .from = path_join(r->arena, r->workspace, u->files.p[i].path), .to = u->files.p[i].path};
    if (k->manifest)
        op->export.files[op->export.n_files++] =
            (struct op_exported){.from = path_join(r->arena, r->temp, u->manifest), .to = u->manifest};
}

static void kept(struct gb_run *r, const struct op_end *end)
{
    struct gb_upload *u = &r->upload;
    const struct gb_keep *k = keep_at(r);
    struct event ev = {.kind = EVENT_ARTIFACT, .name = k->location, .text = end->matched, .number = (int64_t)end->size};
    r->host->emit(r->host->ctx, &ev);
    if (k->manifest)
        gb_say(r, 0, "Artifact manifest located at %.*s%.*s", STR_ARG(k->location), STR_ARG(u->manifest));
    u->at++;
    u->phase = GB_UPLOAD_FIND;
}

/* ---- the order of things ---- */

/* The next op of the location at hand. */
static void upload_op(struct gb_run *r, struct op *op)
{
    struct gb_upload *u = &r->upload;
    *op = (struct op){0};
    switch (u->phase) {
    case GB_UPLOAD_FIND:
        op->kind = OP_FIND;
        op->find.root = r->workspace;
        break;
    case GB_UPLOAD_SUM:
        sum_op(r, op);
        break;
    case GB_UPLOAD_WRITE:
        write_op(r, op);
        break;
    case GB_UPLOAD_EXPORT:
        export_op(r, op);
        break;
    }
    op->token = u->token = gb_token(r);
}

enum drive gb_upload_next(struct gb_run *r, struct op *op)
{
    struct gb_upload *u = &r->upload;
    if (u->token != 0)
        return DRIVE_WAIT;
    if (r->status != GB_WORKING || u->at == u->keeps.n)
        return DRIVE_DONE;
    if (!path_is_inner(keep_at(r)->folder)) {
        fail(r, arena_printf(r->arena, "\"%.*s\" names no folder", STR_ARG(keep_at(r)->location)));
        return DRIVE_DONE;
    }
    if (u->phase == GB_UPLOAD_FIND && u->listed)
        choose(r);
    if (r->status != GB_WORKING)
        return DRIVE_DONE;
    upload_op(r, op);
    return DRIVE_OP;
}

static void failed_op(struct gb_run *r, const struct op_end *end)
{
    struct str location = keep_at(r)->location;
    if (r->status != GB_WORKING)
        return;
    if (end->how == OP_EXITED)
        fail(r, arena_printf(r->arena, "could not upload to %.*s; err = md5sum ended with status %d", STR_ARG(location),
                             end->status));
    else
        fail(r, arena_printf(r->arena, "could not upload to %.*s; err = %s", STR_ARG(location), end->err.text));
}

void gb_upload_exited(struct gb_run *r, const struct op_end *end)
{
    struct gb_upload *u = &r->upload;
    u->token = 0;
    bool stuck = u->phase == GB_UPLOAD_SUM && u->summed == u->asked;
    if (end->how != OP_EXITED || end->status != 0 || stuck) {
        failed_op(r, end);
        return;
    }
    switch (u->phase) {
    case GB_UPLOAD_FIND:
        found(r, end);
        break;
    case GB_UPLOAD_SUM:
        if (u->summed == u->files.n)
            u->phase = GB_UPLOAD_WRITE;
        break;
    case GB_UPLOAD_WRITE:
        u->phase = GB_UPLOAD_EXPORT;
        break;
    case GB_UPLOAD_EXPORT:
        kept(r, end);
        break;
    }
}
