/*
 * docker/metadata-action (specification 13.11): asks gh_docker_meta.c, writes the bake files, tells outputs and
 * variables. What the service learns of the repository from its API comes from the event here.
 */
#include "core/base.h"
#include "provider/github/gh_run_priv.h"

#include "core/buf.h"
#include "core/num.h"
#include "provider/github/docker_priv.h"

#define FILE_MAX ((size_t)4 << 20)

enum phase { PHASE_BEGIN, PHASE_WRITE, PHASE_DONE };

static const struct value *event_at(const struct gh_run *r, const char *path)
{
    const struct value *v = value_get(r->github, STR("event"));
    struct str rest = str_from(path), key;
    while (v != NULL && str_next(&rest, '.', &key))
        v = value_get(v, key);
    return v;
}

static struct str event_text(const struct gh_run *r, const char *path)
{
    const struct value *v = event_at(r, path);
    return v != NULL && v->kind == VALUE_STRING ? v->string : STR_NONE;
}

/* Which ref and commit: the workflow's, with the pull request's where Docker's action takes it, or git's. */
static void read_context(struct gh_task *t, struct gh_docker_asked *q)
{
    struct gh_run *r = t->run;
    struct str source = gh_input(t, "context"), head = event_text(r, "pull_request.head.sha");
    const struct value *number = event_at(r, "number");
    q->event_name = value_get_str(r->github, "event_name");
    q->ref = value_get_str(r->github, "ref");
    q->sha = value_get_str(r->github, "sha");
    if (str_is(source, "git") && r->facts->repo.branch.n > 0) {
        q->ref = arena_printf(r->arena, "refs/heads/%.*s", STR_ARG(r->facts->repo.branch));
        q->sha = r->facts->repo.sha;
    } else if (source.n > 0 && !str_is(source, "workflow") && !str_is(source, "git")) {
        gh_fail(t, "Invalid context source: %.*s", STR_ARG(source));
    } else if (str_is(q->event_name, "pull_request_target") && number != NULL && number->kind == VALUE_NUMBER) {
        q->ref = arena_printf(r->arena, "refs/pull/%.0f/merge", number->number);
    }
    if (str_find(q->event_name, STR("pull_request")) >= 0 && head.n > 0 &&
        str_is_nocase(gh_env_get(r, t, "DOCKER_METADATA_PR_HEAD_SHA"), "true"))
        q->sha = head;
    q->base_ref = event_text(r, str_starts(q->ref, STR("refs/pull/")) ? "pull_request.base.ref" : "base_ref");
    if (str_starts(q->base_ref, STR("refs/heads/")))
        q->base_ref = str_from_index(q->base_ref, strlen("refs/heads/"));
    if (!str_starts(q->ref, STR("refs/pull/")) && !str_starts(q->ref, STR("refs/tags/")))
        q->base_ref = STR("");
}

static void read_repository(struct gh_run *r, struct gh_docker_asked *q)
{
    struct str server = value_get_str(r->github, "server_url"), full = value_get_str(r->github, "repository");
    q->repo_name = r->facts->repo.name;
    q->default_branch = event_text(r, "repository.default_branch");
    if (q->default_branch.n == 0)
        q->default_branch = r->facts->repo.default_branch;
    q->description = event_text(r, "repository.description");
    q->license = event_text(r, "repository.license.spdx_id");
    q->url = event_text(r, "repository.html_url");
    if (q->url.n == 0)
        q->url = arena_printf(r->arena, "%.*s/%.*s", STR_ARG(server), STR_ARG(full));
}

static void read_inputs(struct gh_task *t, struct gh_docker_asked *q)
{
    struct gh_run *r = t->run;
    struct str length = gh_env_get(r, t, "DOCKER_METADATA_SHORT_SHA_LENGTH");
    uint64_t n = 7;
    q->images = gh_input(t, "images");
    q->tags = gh_input(t, "tags");
    q->flavor = gh_input(t, "flavor");
    q->labels = gh_input(t, "labels");
    q->annotations = gh_input(t, "annotations");
    q->bake_target = gh_input(t, "bake-target");
    if (q->bake_target.n == 0)
        q->bake_target = STR("docker-metadata-action");
    q->levels = gh_env_get(r, t, "DOCKER_METADATA_ANNOTATIONS_LEVELS");
    if (q->levels.n == 0)
        q->levels = STR("manifest");
    if (length.n > 0 && num_parse_u64(length, 64, &n) < 0)
        gh_fail(t, "DOCKER_METADATA_SHORT_SHA_LENGTH is not a valid number: %.*s", STR_ARG(length));
    q->short_sha = (unsigned)n;
    q->now_ms = r->facts->now_ms;
    q->commit_ms = r->facts->repo.commit_ms;
}

/* ---- outputs ---- */

static void set(struct gh_task *t, const char *name, struct str value)
{
    struct gh_run *r = t->run;
    CLEAN(buf) struct buf b = BUF(256);
    gh_set_output(t, name, value);
    if (str_is_nocase(gh_env_get(r, t, "DOCKER_METADATA_SET_OUTPUT_ENV"), "false"))
        return;
    buf_add_cstr(&b, "DOCKER_METADATA_OUTPUT_");
    for (const char *p = name; *p != '\0'; p++)
        buf_add_ch(&b, *p == '-' ? '_' : (char)(*p - 'a' + 'A'));
    gh_set_env(t, buf_str(&b), value);
}

static void set_list(struct gh_task *t, const char *name, const struct strs *list, const char *separator)
{
    struct str sep = value_get_str(t->with, separator); /* not trimmed: it may be a newline */
    CLEAN(buf) struct buf b = BUF(FILE_MAX);
    for (size_t i = 0; i < list->n; i++) {
        if (i > 0)
            buf_add(&b, sep.n > 0 ? sep : STR("\n"));
        buf_add(&b, list->p[i]);
    }
    set(t, name, buf_str(&b));
}

static void say_list(struct gh_task *t, const char *title, const struct strs *list)
{
    gh_group(t, str_from(title));
    for (size_t i = 0; i < list->n; i++)
        gh_say(t, "%.*s", STR_ARG(list->p[i]));
    gh_group_end(t);
}

static struct str json_of(struct gh_run *r, const struct value *v, enum value_json how)
{
    CLEAN(buf) struct buf b = BUF(FILE_MAX);
    return value_add_json(&b, v, how) == 0 ? arena_str(r->arena, buf_str(&b)) : STR("");
}

static void write_files(struct gh_task *t, const struct gh_docker_meta *m, struct op *op)
{
    struct gh_run *r = t->run;
    const struct {
        const char *output, *suffix;
        const struct value *text;
    } FILES[] = {{"bake-file-tags", "-tags", m->bake_tags},
                 {"bake-file-labels", "-labels", m->bake_labels},
                 {"bake-file-annotations", "-annotations", m->bake_annotations},
                 {"bake-file", "", m->bake}};
    struct str program = STR("true");
    char uuid[37];
    r->host->uuid(r->host->ctx, uuid);
    gh_op_tool(r, t, op, &(struct strs){.p = &program, .n = 1}, NULL, true);
    for (size_t i = 0; i < ARRAY_LEN(FILES); i++) {
        struct str path = arena_printf(r->arena, "%.*s/%s-docker-metadata-action-bake%s.json", STR_ARG(r->temp), uuid,
                                       FILES[i].suffix);
        gh_op_write(r, op, path, json_of(r, FILES[i].text, VALUE_PRETTY));
        set(t, FILES[i].output, path);
    }
}

static void tell(struct gh_task *t, const struct gh_docker_meta *m)
{
    gh_note_action(t, STR("what the service's API says of the repository is taken from the event"));
    say_list(t, "Processing tags input", &m->rules);
    for (size_t i = 0; i < m->warnings.n; i++)
        gh_complain(t, LEVEL_WARNING, "%.*s", STR_ARG(m->warnings.p[i]));
    say_list(t, "Docker tags", &m->tags);
    say_list(t, "Docker labels", &m->labels);
    set(t, "version", m->version);
    set_list(t, "tags", &m->tags, "sep-tags");
    set_list(t, "tag-names", &m->tag_names, "sep-tags");
    set_list(t, "labels", &m->labels, "sep-labels");
    set_list(t, "annotations", &m->annotations, "sep-annotations");
    set(t, "json", json_of(t->run, m->json, VALUE_COMPACT));
}

static enum drive metadata_next(struct gh_run *r, struct gh_task *t, struct op *op)
{
    struct gh_docker_asked q = {0};
    struct gh_docker_meta m;
    struct err err = {0};
    if (t->phase != PHASE_BEGIN)
        return DRIVE_DONE;
    t->phase = PHASE_WRITE;
    read_context(t, &q);
    read_repository(r, &q);
    read_inputs(t, &q);
    if (t->result == RESULT_NONE && gh_docker_meta(r->arena, &q, &m, &err) < 0)
        gh_fail(t, "%s", err.text);
    if (t->result != RESULT_NONE)
        return DRIVE_DONE;
    tell(t, &m);
    write_files(t, &m, op);
    return DRIVE_OP;
}

static void metadata_exited(struct gh_run *r, struct gh_task *t, const struct op_end *end)
{
    UNUSED(r);
    gh_ended(t, end);
    t->status = -1;
    t->phase = PHASE_DONE;
}

const struct gh_action gh_docker_metadata = {
    .name = "docker/metadata-action", .next = metadata_next, .exited = metadata_exited};
