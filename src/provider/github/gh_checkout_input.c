/*
 * gh_checkout_input.c - what actions/checkout is asked for, which way it goes, and what is told of the differences.
 */
#include "core/base.h"
#include "provider/github/checkout_priv.h"

#include "core/buf.h"
#include "core/num.h"
#include "core/path.h"
#include "core/vec.h"

static bool is_sha(struct str s)
{
    if (s.n != 40 && s.n != 64)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return false;
    }
    return true;
}

static struct str github(const struct gh_run *r, const char *name)
{
    return value_get_str(r->github, name);
}

/* Does the ref name what the work tree stands at? */
static bool is_current(const struct gh_run *r, struct str ref)
{
    static const char *const SAME[] = {"ref", "ref_name", "sha", "head_ref"};
    for (size_t i = 0; i < ARRAY_LEN(SAME); i++) {
        struct str s = github(r, SAME[i]);
        if (s.n > 0 && str_eq(ref, s))
            return true;
    }
    struct str branch = r->facts->repo.branch;
    return branch.n > 0 &&
           (str_eq(ref, branch) || (str_starts(ref, STR("refs/heads/")) && str_eq(str_from_index(ref, 11), branch)));
}

static struct str server_url(const struct gh_task *t)
{
    struct str url = gh_input(t, "github-server-url"), base = t->run->facts->repos.base;
    if (url.n == 0 && str_find(base, STR("://")) >= 0)
        url = base;
    if (url.n == 0)
        url = github(t->run, "server_url");
    while (url.n > 0 && url.p[url.n - 1] == '/')
        url.n--;
    return url.n > 0 ? url : STR("https://github.com");
}

/* git must never ask, and gets the token in its environment: an argument would be there for all to see. */
static void prepare_env(struct gh_task *t, struct gh_checkout *c)
{
    struct gh_run *r = t->run;
    struct str token = gh_input(t, "token"), server = server_url(t);
    CLEAN(buf) struct buf pair = BUF(BUF_LINE), coded = BUF(BUF_LINE * 2);
    map_init(&c->env, r->arena, MAP_CASE);
    map_set_str(&c->env, STR("GIT_TERMINAL_PROMPT"), STR("0"));
    map_set_str(&c->env, STR("GIT_SSH_COMMAND"), STR("ssh -o BatchMode=yes"));
    if (token.n == 0)
        token = github(r, "token");
    if (c->way != WAY_REMOTE || token.n == 0)
        return;
    buf_printf(&pair, "x-access-token:%.*s", STR_ARG(token));
    buf_add_base64(&coded, buf_str(&pair));
    gh_mask(r, token);
    gh_mask(r, buf_str(&coded));
    map_set_str(&c->env, STR("GIT_CONFIG_COUNT"), STR("1"));
    map_set_str(&c->env, STR("GIT_CONFIG_KEY_0"), arena_printf(r->arena, "http.%.*s/.extraheader", STR_ARG(server)));
    map_set_str(&c->env, STR("GIT_CONFIG_VALUE_0"),
                arena_printf(r->arena, "AUTHORIZATION: basic %s", buf_cstr(&coded)));
}

/* ---- inputs ---- */

/* Where this machine's way differs from the action's, in one sentence; only what was asked for is named. */
void gh_checkout_note(struct gh_task *t, const struct gh_checkout *c)
{
    enum { OWN = 1, ANY = 3 };
    static const struct {
        const char *input, *text;
        int when; /* OWN: only when the work tree is shown */
    } DIFFERENT[] = {
        {"fetch-depth", "fetch-depth: the history is complete", OWN},
        {"fetch-tags", "fetch-tags: all tags of this machine are there", OWN},
        {"filter", "filter: nothing is left out", OWN},
        {"lfs", "lfs: files as the work tree holds them", OWN},
        {"ssh-key", "ssh-key: not used", ANY},
        {"persist-credentials", "persist-credentials: none are kept", ANY},
    };
    static const char *const FROM[] = {[WAY_OWN] = "the work tree of this machine",
                                       [WAY_SWITCH] = "the repository of this machine, at another ref",
                                       [WAY_REMOTE] = "fetched with git",
                                       [WAY_SHOWN] = "its files, in a repository made of them"};
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    bool own = c->way == WAY_OWN || c->way == WAY_SWITCH;
    buf_add_cstr(&b, FROM[c->way]);
    if (c->way == WAY_OWN && t->run->facts->repo.dirty)
        buf_add_cstr(&b, ", uncommitted changes included");
    for (size_t i = 0; i < ARRAY_LEN(DIFFERENT); i++) {
        struct str given = gh_input(t, DIFFERENT[i].input);
        if (given.n > 0 && !str_is_nocase(given, "false") && !str_is(given, "0") && (own || DIFFERENT[i].when == ANY))
            buf_printf(&b, "; %s", DIFFERENT[i].text);
    }
    gh_note_action(t, buf_str(&b));
}

/* The action reads its booleans so: only true is true. */
bool gh_checkout_says(const struct gh_task *t, const char *name, bool absent)
{
    struct str text = gh_input(t, name);
    return text.n > 0 ? str_is_nocase(text, "true") : absent;
}

/* Is a folder to be taken instead of asking a server? */
static bool is_shown(const struct gh_run *r, const struct gh_checkout *c)
{
    const struct repos_facts *f = &r->facts->repos;
    struct str ref = c->commit.n > 0 ? c->commit : c->ref;
    struct str at_ref = arena_printf(r->arena, "%.*s@%.*s", STR_ARG(c->repository), STR_ARG(ref));
    for (size_t i = 0; i < f->local.n; i++) {
        if (str_eq_nocase(f->local.p[i], c->repository) || str_eq_nocase(f->local.p[i], at_ref))
            return true;
    }
    return f->offline || (f->base.n > 0 && str_find(f->base, STR("://")) < 0);
}

static void choose_way(struct gh_run *r, struct gh_checkout *c)
{
    struct str mine = github(r, "repository"), ref = c->commit.n > 0 ? c->commit : c->ref;
    bool own = c->repository.n == 0 || str_eq_nocase(c->repository, mine);
    if (own)
        c->repository = mine;
    if (!own)
        c->way = is_shown(r, c) ? WAY_SHOWN : WAY_REMOTE;
    else
        c->way = ref.n > 0 && !is_current(r, ref) ? WAY_SWITCH : WAY_OWN;
}

static void read_ref(struct gh_task *t, struct gh_checkout *c)
{
    struct str ref = gh_input(t, "ref"), depth = gh_input(t, "fetch-depth"), modules = gh_input(t, "submodules");
    if (is_sha(ref))
        c->commit = ref;
    else
        c->ref = ref;
    c->depth = 1;
    if (depth.n > 0 && num_parse_u64(depth, UINT32_MAX, &c->depth) < 0)
        c->depth = 0; /* what is no number counts as 0 */
    c->nested = str_is_nocase(modules, "recursive");
    c->submodules = c->nested || str_is_nocase(modules, "true");
}

static void check_inputs(struct gh_run *r, struct gh_task *t, const struct gh_checkout *c)
{
    struct str owner, name;
    if (!path_under(c->path, r->workspace))
        gh_fail(t, "Repository path '%.*s' is not under '%.*s'", STR_ARG(c->path), STR_ARG(r->workspace));
    if (!str_cut(c->repository, '/', &owner, &name) || owner.n == 0 || name.n == 0 || str_find_ch(name, '/') >= 0)
        gh_fail(t, "Invalid repository '%.*s'. Expected format {owner}/{repo}.", STR_ARG(c->repository));
    if (c->way != WAY_OWN && !c->has_git)
        gh_fail(t, "git is not installed on this machine, and %s needs it",
                c->way == WAY_SWITCH ? "checking out another ref" : "another repository");
    if (c->way == WAY_REMOTE && gh_input(t, "ssh-key").n > 0)
        gh_fail(t, "ssh-key is not supported by slipway: %.*s is fetched from %.*s, with `token`",
                STR_ARG(c->repository), STR_ARG(c->url));
    if (!gh_checkout_says(t, "allow-unsafe-pr-checkout", false))
        gh_checkout_safe_pr(t, c);
}

struct gh_checkout *gh_checkout_read(struct gh_run *r, struct gh_task *t)
{
    struct gh_checkout *c = ARENA_NEW(r->arena, struct gh_checkout);
    struct str path = gh_input(t, "path");
    c->repository = gh_input(t, "repository");
    read_ref(t, c);
    choose_way(r, c);
    c->path = path.n > 0 ? path_clean(r->arena, path_join(r->arena, r->workspace, path)) : r->workspace;
    c->url = arena_printf(r->arena, "%.*s/%.*s", STR_ARG(server_url(t)), STR_ARG(c->repository));
    c->has_git = map_get_str(&r->facts->machine.programs, STR("git")).n > 0;
    c->safe = gh_checkout_says(t, "set-safe-directory", true);
    c->tags = gh_checkout_says(t, "fetch-tags", false);
    c->lfs = gh_checkout_says(t, "lfs", false);
    c->progress = gh_checkout_says(t, "show-progress", true);
    c->cone = gh_checkout_says(t, "sparse-checkout-cone-mode", true);
    struct str sparse = gh_input(t, "sparse-checkout"), line;
    while (str_next(&sparse, '\n', &line)) {
        line = str_trim(line);
        if (line.n > 0)
            vec_push_in(r->arena, &c->sparse, line);
    }
    prepare_env(t, c);
    check_inputs(r, t, c);
    return c;
}
