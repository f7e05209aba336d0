/*
 * cli/ci_facts.c - from the command line, its files and the repository to the facts of a run.
 */
#include "cli/ci_priv.h"

#include "core/path.h"
#include "doc/suggest.h"
#include "sys/file.h"

#define EVENT_FILE_MAX ((size_t)16 << 20)

static const char *const events[] = {
    /* table */
    "push",
    "pull_request",
    "pull_request_target",
    "workflow_dispatch",
    "schedule",
    "release",
    "issues",
    "issue_comment",
    "create",
    "delete",
    "merge_group",
    "repository_dispatch",
    "workflow_run",
    "workflow_call",
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "image_version",
    "label",
    "milestone",
    "page_build",
    "project",
    "project_card",
    "project_column",
    "public",
    "pull_request_comment",
    "pull_request_review",
    "pull_request_review_comment",
    "registry_package",
    "status",
    "watch",
};

/* ---- words ---- */

static bool is_event(struct str word)
{
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        if (str_is(word, events[i]))
            return true;
    return false;
}

/* What a start by hand is called at each service; GitHub's word is the one that facts carry. */
static struct str event_of(struct str word)
{
    return str_is(word, "manual") ? STR("workflow_dispatch") : word;
}

static int unknown_word(struct ci_run *r, struct str word)
{
    const char *words[ARRAY_LEN(events) + 16];
    size_t n = 0;
    for (const struct provider *const *p = providers(); *p != NULL && n < 16; p++)
        words[n++] = (*p)->name;
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        words[n++] = events[i];
    struct str near = suggest(word, words, n);
    if (near.n > 0)
        say_error(r->cli, "'%.*s' is neither an event nor a service; did you mean '%.*s'?", STR_ARG(word),
                  STR_ARG(near));
    else
        say_error(r->cli, "'%.*s' is neither an event nor a service", STR_ARG(word));
    return EXIT_USAGE;
}

static int read_words(struct ci_run *r, struct strs words)
{
    struct change *ch = &r->facts.change;
    ch->event = r->o->event.n > 0 ? event_of(r->o->event) : STR("push");
    if (!is_event(ch->event))
        return unknown_word(r, ch->event);
    for (size_t i = 0; i < words.n; i++) {
        if (is_event(event_of(words.p[i])))
            ch->event = event_of(words.p[i]);
        else if (provider_find(words.p[i]) != NULL)
            vec_push_in(r->a, &r->services, words.p[i]);
        else
            return unknown_word(r, words.p[i]);
    }
    return 0;
}

/* ---- the payload ---- */

static struct str short_ref(struct str ref)
{
    return str_starts(ref, STR("refs/heads/")) ? str_from_index(ref, strlen("refs/heads/")) : ref;
}

/* What a payload says of the change: flags win over it, and it over the work tree. */
static void take_payload(struct ci_run *r, const struct value *payload)
{
    struct change *ch = &r->facts.change;
    const struct value *pr = value_get(payload, STR("pull_request")), *inputs = value_get(payload, STR("inputs"));
    const struct value *ran = value_get(payload, STR("workflow_run")), *group = value_get(payload, STR("merge_group"));
    const struct value *deleted = value_get(payload, STR("deleted"));
    struct str ref = value_get_str(payload, "ref");
    ch->deleted = deleted != NULL && deleted->kind == VALUE_BOOL && deleted->boolean;
    if (ran != NULL) {
        ch->branch = value_get_str(ran, "head_branch");
        ch->after = value_get_str(ran, "name");
    } else if (group != NULL) {
        ch->base = short_ref(value_get_str(group, "base_ref"));
    } else if (pr != NULL) {
        ch->branch = value_get_str(value_get(pr, STR("head")), "ref");
        ch->base = value_get_str(value_get(pr, STR("base")), "ref");
    } else if (str_starts(ref, STR("refs/tags/"))) {
        ch->tag = str_from_index(ref, strlen("refs/tags/"));
    } else if (str_starts(ref, STR("refs/heads/"))) {
        ch->branch = str_from_index(ref, strlen("refs/heads/"));
    }
    for (size_t i = 0; inputs != NULL && inputs->kind == VALUE_OBJECT && i < inputs->object.n; i++) {
        struct map_entry *in = &inputs->object.entries[i];
        const struct value *v = in->value;
        CLEAN(buf) struct buf json = BUF(BUF_LINE);
        if (v->kind == VALUE_STRING)
            buf_add(&json, v->string);
        else
            value_add_json(&json, v, VALUE_COMPACT);
        if (map_find(&r->facts.inputs, in->key) == NULL)
            map_set_str(&r->facts.inputs, in->key, arena_str(r->a, buf_str(&json)));
    }
}

static int read_payload(struct ci_run *r)
{
    struct err err = {0};
    struct str text;
    if (r->o->event_file.n == 0)
        return 0;
    const char *path = arena_str(r->a, r->o->event_file).p;
    if (file_read(r->a, path, EVENT_FILE_MAX, &text, &err) < 0 ||
        value_from_json(r->a, text, MAP_NOCASE, &r->facts.payload, &err) < 0) {
        say_error(r->cli, "%s: %s", path, err.text);
        return EXIT_USAGE;
    }
    if (r->facts.payload->kind != VALUE_OBJECT) {
        say_error(r->cli, "%s: an event's payload is a JSON object", path);
        return EXIT_USAGE;
    }
    r->facts.change.action = value_get_str(r->facts.payload, "action");
    take_payload(r, r->facts.payload);
    return 0;
}

/* ---- the change ---- */

static int read_change(struct ci_run *r)
{
    struct change *ch = &r->facts.change;
    const struct repo_facts *repo = &r->facts.repo;
    struct err err = {0};
    bool pr = str_starts(ch->event, STR("pull_request"));
    if (r->o->tag.n > 0)
        ch->tag = r->o->tag;
    else if (r->o->branch.n > 0)
        ch->tag = STR_NONE;
    if (ch->tag.n > 0)
        ch->branch = STR_NONE;
    else if (r->o->branch.n > 0)
        ch->branch = r->o->branch;
    else if (ch->branch.n == 0)
        ch->branch = repo->branch.n > 0 ? repo->branch : repo->default_branch;
    if (pr && (r->o->base.n > 0 || ch->base.n == 0))
        ch->base = r->o->base.n > 0 ? r->o->base : repo->default_branch;
    if (pr && ch->action.n == 0)
        ch->action = STR("opened");
    struct str base = pr ? ch->base : r->o->base;
    if (pr && str_eq(base, ch->branch))
        base = STR_NONE; /* a pull request from its own target: compare with the commit before */
    if (world_changed_files(r->a, repo, base, ch, &err) < 0) {
        if (r->o->base.n > 0) {
            say_error(r->cli, "%s", err.text);
            return EXIT_USAGE;
        }
        ch->files_known = false;
    }
    return 0;
}

/* ---- what was chosen ---- */

static int read_last_failed(struct ci_run *r)
{
    struct history_run *runs;
    struct history_job *jobs;
    size_t n = 0, n_jobs = 0, kept = 0;
    struct err err = {0};
    if (!r->o->last_failed)
        return 0;
    if (history_runs(r->a, r->db, r->facts.repo.root, 1, &runs, &n, &err) < 0 || n == 0 ||
        history_jobs(r->a, r->db, runs[0].id, &jobs, &n_jobs, &err) < 0) {
        say_error(r->cli, "--lf: no run of this project is in the history%s%s", err.num != 0 ? ": " : "", err.text);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < n_jobs; i++)
        if (jobs[i].result == RESULT_FAILURE || jobs[i].result == RESULT_CANCELLED)
            jobs[kept++] = jobs[i];
    if (kept == 0) {
        printf("nothing failed in the last run\n");
        return -1;
    }
    r->choice.last_failed = true;
    r->choice.failed = jobs;
    r->choice.n_failed = kept;
    return 0;
}

/* act's --github-instance is a host; ours is where repositories are, whatever serves them. */
static int open_repos(struct ci_run *r)
{
    struct err err = {0};
    struct world_repos_spec spec = {.cache_dir = r->cache_dir, .base = r->o->actions_base, .offline = r->o->offline};
    int code = ci_read_tasks(r, &spec.local);
    if (code != 0)
        return code;
    if (spec.base.n == 0 && r->o->github_instance.n > 0)
        spec.base = str_find(r->o->github_instance, STR("://")) >= 0
                        ? r->o->github_instance
                        : arena_printf(r->a, "https://%.*s", STR_ARG(r->o->github_instance));
    if (world_repos_open(&spec, &r->repos, &err) < 0) {
        say_error(r->cli, "%s", err.text);
        return EXIT_USAGE;
    }
    r->facts.repos = (struct repos_facts){.base = spec.base, .offline = spec.offline};
    world_repos_locals(r->repos, r->a, &r->facts.repos.local);
    world_files_init(&r->files, r->a, r->facts.repo.root, &r->pipelines.sources, r->repos);
    r->facts.read_file = world_files_read;
    r->facts.list_files = world_files_list;
    r->facts.read_ctx = &r->files;
    return 0;
}

int ci_collect(struct ci_run *r, struct strs words)
{
    struct err err = {0};
    struct facts *f = &r->facts;
    int64_t id = 0, number = 0;
    int code = read_words(r, words);
    if (code != 0)
        return code;
    if (world_repo(r->a, r->o->remote_name, &f->repo, &err) < 0) {
        say_error(r->cli, "%s", err.text);
        return EXIT_USAGE;
    }
    if (r->o->default_branch.n > 0)
        f->repo.default_branch = r->o->default_branch;
    f->actor = r->o->actor;
    code = open_repos(r);
    code = code != 0 ? code : ci_read_inputs(r);
    code = code != 0 ? code : ci_read_azure(r);
    code = code != 0 ? code : read_payload(r);
    code = code != 0 ? code : read_change(r);
    code = code != 0 ? code : read_last_failed(r);
    if (code != 0)
        return code;
    world_machine(r->a, r->cache_dir, &f->machine);
    world_base_env(r->a, r->host.home, &f->base_env);
    f->repo.dirty = r->run && world_dirty(r->a, &f->repo);
    if (r->run && dir_make(r->state_dir.p, 0755, &err) < 0) {
        say_error(r->cli, "the state folder: %s", err.text);
        return EXIT_ENVIRONMENT;
    }
    if (r->run && history_next_run(r->db, f->repo.root, &id, &number, &err) < 0)
        say_warning(r->cli, "no history: %s", err.text);
    f->run_id = id > 0 ? (uint64_t)id : 1;
    f->run_number = number > 0 ? (uint64_t)number : 1;
    return 0;
}
