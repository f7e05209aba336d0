/*
 * gh_permissions.c - permissions of the token: without a meaning on this machine, but read, checked, and compared where
 * a called workflow may not ask for more than its caller has ("Workflow syntax", permissions).
 */
#include "core/base.h"
#include "provider/github/gh_read_priv.h"

enum access { ACCESS_ALL = 7, ACCESS_WRITE = 5, ACCESS_READ = 3 }; /* 1 none, 2 read, 4 write */

/* In the order in which the service tells them. */
static const struct {
    const char *name;
    enum access access;
} keys[] = {
    {"actions", ACCESS_ALL},
    {"artifact-metadata", ACCESS_ALL},
    {"attestations", ACCESS_ALL},
    {"checks", ACCESS_ALL},
    {"code-quality", ACCESS_ALL},
    {"contents", ACCESS_ALL},
    {"deployments", ACCESS_ALL},
    {"discussions", ACCESS_ALL},
    {"drives", ACCESS_ALL},
    {"issues", ACCESS_ALL},
    {"packages", ACCESS_ALL},
    {"pages", ACCESS_ALL},
    {"pull-requests", ACCESS_ALL},
    {"repository-projects", ACCESS_ALL},
    {"statuses", ACCESS_ALL},
    {"security-events", ACCESS_ALL},
    {"id-token", ACCESS_WRITE},
    {"models", ACCESS_READ},
    {"vulnerability-alerts", ACCESS_READ},
    {"copilot-requests", ACCESS_WRITE},
};
_Static_assert(ARRAY_LEN(keys) == GH_PERMISSIONS, "a level for each");

static const char *const levels[] = {"none", "read", "write"};

static void read_permission(struct gh_reader *r, const struct doc_pair *at, struct gh_permissions *ret)
{
    const char *names[GH_PERMISSIONS];
    struct str level;
    size_t found = GH_PERMISSIONS;
    for (size_t i = 0; i < GH_PERMISSIONS; i++) {
        names[i] = keys[i].name;
        if (str_is(at->key->text, names[i]))
            found = i;
    }
    if (found == GH_PERMISSIONS) {
        gh_unexpected_of(r, at->key, names, GH_PERMISSIONS);
        return;
    }
    if (!gh_read_literal(r, at->value, false, &level))
        return;
    for (size_t i = 0; i < ARRAY_LEN(levels); i++)
        if (str_is(level, levels[i]) && (keys[found].access & (1u << i))) {
            ret->level[found] = (unsigned char)i;
            return;
        }
    gh_unexpected_of(r, at->value, levels, ARRAY_LEN(levels));
}

static void grant_all(struct gh_permissions *ret, unsigned char level)
{
    for (size_t i = 0; i < GH_PERMISSIONS; i++)
        ret->level[i] = level == GH_LEVEL_WRITE && keys[i].access == ACCESS_READ ? GH_LEVEL_READ : level;
}

void gh_read_permissions(struct gh_reader *r, const struct doc_node *n, struct gh_permissions *ret)
{
    static const char *const words[] = {"read-all", "write-all"};
    struct map seen;
    *ret = (struct gh_permissions){0};
    if (gh_is_null(n))
        return;
    if (n->kind == DOC_SCALAR) {
        int word = gh_read_word(r, n, words, ARRAY_LEN(words));
        ret->set = word >= 0;
        grant_all(ret, word == 1 ? GH_LEVEL_WRITE : GH_LEVEL_READ);
        return;
    }
    if (!gh_is_map(r, n))
        return;
    ret->set = true;
    map_init(&seen, r->a, MAP_NOCASE);
    for (size_t i = 0; i < n->map.n; i++)
        if (gh_fresh_key(r, &seen, n->map.p[i].key))
            read_permission(r, &n->map.p[i], ret);
}

bool gh_permissions_within(const struct gh_permissions *asked, const struct gh_permissions *given,
                           struct buf *ret_asked, struct buf *ret_given)
{
    bool within = true;
    if (!asked->set || !given->set)
        return true;
    for (size_t i = 0; i < GH_PERMISSIONS; i++) {
        if (asked->level[i] <= given->level[i])
            continue;
        buf_printf(ret_asked, "%s%s: %s", within ? "" : ", ", keys[i].name, levels[asked->level[i]]);
        buf_printf(ret_given, "%s%s: %s", within ? "" : ", ", keys[i].name, levels[given->level[i]]);
        within = false;
    }
    return within;
}
