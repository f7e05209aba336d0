/*
 * gh_untrusted.c - text of strangers in scripts: what an expression pastes in before the shell reads it.
 */
#include "core/base.h"
#include "provider/github/gh_read_priv.h"

/* What the author of an issue, a comment or a pull request decides; * is any name. */
static const char *const untrusted[] = {
    "github.event.issue.title",
    "github.event.issue.body",
    "github.event.pull_request.title",
    "github.event.pull_request.body",
    "github.event.comment.body",
    "github.event.review.body",
    "github.event.review_comment.body",
    "github.event.pages.*.page_name",
    "github.event.discussion.title",
    "github.event.discussion.body",
    "github.event.head_commit.message",
    "github.event.head_commit.author.email",
    "github.event.head_commit.author.name",
    "github.event.commits.*.message",
    "github.event.commits.*.author.email",
    "github.event.commits.*.author.name",
    "github.event.pull_request.head.ref",
    "github.event.pull_request.head.label",
    "github.event.pull_request.head.repo.default_branch",
    "github.head_ref",
};

/* Do the names of the path lead to the pattern? A name that the path leaves open (.*) may be any, too. */
static bool path_is(const struct gh_path *path, struct str pattern)
{
    struct str rest = pattern, name;
    size_t i = 0;
    while (str_next(&rest, '.', &name)) {
        if (i == path->n)
            return false;
        struct str mine = path->names[i];
        bool same = mine.p && (str_eq_nocase(mine, name) || str_is(mine, "*"));
        if (!same && !str_is(name, "*"))
            return false;
        i++;
    }
    return i == path->n;
}

struct judge {
    struct gh_reader *r;
    const struct gh_ref *ref;
};

static void visit(void *ctx, const struct gh_path *path)
{
    const struct judge *j = ctx;
    for (size_t i = 0; i < ARRAY_LEN(untrusted); i++) {
        if (!path_is(path, str_from(untrusted[i])))
            continue;
        diag_warning(j->r->d, "GH069", gh_ref_place(j->r, j->ref, path->at, path->len),
                     "'%s' is text of strangers, and becomes a part of this script", untrusted[i]);
        diag_hint(j->r->d, "hand it over in 'env' and use the variable in double quotes");
        return;
    }
}

void gh_check_untrusted(struct gh_reader *r, const struct gh_ref *ref)
{
    struct judge j = {r, ref};
    gh_expr_paths(ref->expr, visit, &j);
}
