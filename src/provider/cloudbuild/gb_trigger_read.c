/*
 * gb_trigger_read.c - one trigger: the BuildTrigger message of the service's API, as `gcloud builds triggers import`
 * takes it and `export` writes it.
 */
#include "core/base.h"
#include "core/path.h"
#include "provider/cloudbuild/gb_trigger_priv.h"
#include "provider/cloudbuild/gb_validate_priv.h"

/* Of each group one key at most: a oneof of the API. */
static void claim(struct gb_reader *r, const struct doc_node **group)
{
    if (!*group) {
        *group = r->key;
        return;
    }
    diag_error(r->d, "GB070", r->key->span, "'%.*s' and '%.*s' exclude each other", STR_ARG(r->key->text),
               STR_ARG((*group)->text));
    diag_note(r->d, "GB070", (*group)->span, "the other one stands here");
}

/* ---- what is built ---- */

static void read_filename(struct gb_reader *r, const struct doc_node *n, void *into)
{
    struct gb_draft *draft = into;
    claim(r, &draft->what);
    gb_read_text(r, n, &draft->filename);
}

static void read_build(struct gb_reader *r, const struct doc_node *n, void *into)
{
    struct gb_draft *draft = into;
    claim(r, &draft->what);
    draft->t.inline_build = n;
}

static const struct gb_key autodetect_keys[] = {
    {"autodetect", GB_V_BOOL, offsetof(struct gb_draft, autodetect), 0, NULL},
};

/* `autodetect: false` is as good as nothing. */
static void read_autodetect(struct gb_reader *r, const struct doc_node *n, void *into)
{
    struct gb_draft *draft = into;
    struct doc_pair pair = {(struct doc_node *)(uintptr_t)r->key, (struct doc_node *)(uintptr_t)n};
    const struct doc_node alone = {.kind = DOC_MAP, .span = n->span, .map = {&pair, 1, 1}};
    const struct gb_place *place = r->place;
    const struct doc_node *key = r->key;
    r->place = place ? place->up : NULL;
    gb_read_message(r, &alone, autodetect_keys, ARRAY_LEN(autodetect_keys), draft);
    r->place = place;
    r->key = key;
    if (draft->autodetect)
        claim(r, &draft->what);
}

static const struct gb_key file_source_keys[] = {
    {"path", GB_V_TEXT, offsetof(struct gb_draft, filename), 0, NULL},
    {"uri", GB_V_TEXT, offsetof(struct gb_draft, repository), 0, NULL},
    {"repository", GB_V_TEXT, offsetof(struct gb_draft, repository), 0, NULL},
    {"repoType", GB_V_IGNORED, 0, 0, NULL},
    {"revision", GB_V_IGNORED, 0, 0, NULL},
    {"githubEnterpriseConfig", GB_V_IGNORED, 0, 0, NULL},
    {"bitbucketServerConfig", GB_V_IGNORED, 0, 0, NULL},
};

static void read_file_source(struct gb_reader *r, const struct doc_node *n, void *into)
{
    struct gb_draft *draft = into;
    claim(r, &draft->what);
    draft->elsewhere = r->key;
    gb_read_message(r, n, file_source_keys, ARRAY_LEN(file_source_keys), draft);
}

/* ---- what starts it ---- */

static void read_pattern(struct gb_reader *r, const struct doc_node *n, struct gb_draft *draft,
                         enum gb_trigger_event event)
{
    claim(r, &draft->ref);
    draft->t.event = event;
    gb_read_text(r, n, &draft->t.pattern);
}

static void read_branch(struct gb_reader *r, const struct doc_node *n, void *into)
{
    read_pattern(r, n, into, GB_PUSH_BRANCH);
}

static void read_tag(struct gb_reader *r, const struct doc_node *n, void *into)
{
    read_pattern(r, n, into, GB_PUSH_TAG);
}

static void read_base(struct gb_reader *r, const struct doc_node *n, void *into)
{
    read_pattern(r, n, into, GB_PULL_REQUEST);
}

static void read_comments(struct gb_reader *r, const struct doc_node *n, void *into)
{
    static const char *const words[] = {"COMMENTS_DISABLED", "COMMENTS_ENABLED",
                                        "COMMENTS_ENABLED_FOR_EXTERNAL_CONTRIBUTORS_ONLY"};
    struct gb_trigger *t = &((struct gb_draft *)into)->t;
    int word = gb_read_word(r, n, words, ARRAY_LEN(words));
    t->comments = word == 1 ? GB_COMMENTS_ENABLED : word == 2 ? GB_COMMENTS_EXTERNAL : GB_COMMENTS_DISABLED;
    t->comments_span = n->span;
}

#define INVERT                                                                                                         \
    {                                                                                                                  \
        "invertRegex", GB_V_BOOL, offsetof(struct gb_draft, t.invert), 0, NULL                                         \
    }
static const struct gb_key push_keys[] = {
    {"branch", GB_V_CALL, 0, 0, read_branch},
    {"tag", GB_V_CALL, 0, 0, read_tag},
    INVERT,
};
static const struct gb_key pull_keys[] = {
    {"branch", GB_V_CALL, 0, 0, read_base},
    {"commentControl", GB_V_CALL, 0, 0, read_comments},
    INVERT,
};

static void no_pattern(struct gb_reader *r, const struct gb_draft *draft, const char *wanted)
{
    if (draft->ref)
        return;
    struct str where = gb_place_text(r);
    diag_error(r->d, "GB074", r->key->span, "%.*s does not say %s", STR_ARG(where), wanted);
    diag_hint(r->d, "'.*' stands for all of them");
}

static void read_push(struct gb_reader *r, const struct doc_node *n, void *into)
{
    const struct doc_node *key = r->key;
    struct gb_draft *draft = into;
    claim(r, &draft->event);
    draft->ref = NULL;
    gb_read_message(r, n, push_keys, ARRAY_LEN(push_keys), draft);
    r->key = key;
    no_pattern(r, draft, "which branches or tags");
}

static void read_pull(struct gb_reader *r, const struct doc_node *n, void *into)
{
    const struct doc_node *key = r->key;
    struct gb_draft *draft = into;
    claim(r, &draft->event);
    draft->ref = NULL;
    draft->t.event = GB_PULL_REQUEST;
    gb_read_message(r, n, pull_keys, ARRAY_LEN(pull_keys), draft);
    r->key = key;
    no_pattern(r, draft, "which base branches");
}

/* A message that says where the source is and on which of its events a build starts. */
static void read_source(struct gb_reader *r, const struct doc_node *n, const struct gb_key *keys, size_t n_keys,
                        struct gb_draft *draft)
{
    const struct doc_node *key = r->key;
    claim(r, &draft->source);
    draft->t.event = GB_OTHER_EVENT;
    bool read = gb_read_message(r, n, keys, n_keys, draft);
    r->key = key;
    if (read && !draft->event && !draft->ref) {
        struct str where = gb_place_text(r);
        diag_error(r->d, "GB074", key->span, "%.*s says neither 'push' nor 'pullRequest'", STR_ARG(where));
    }
}

#define EVENTS                                                                                                         \
    {"push", GB_V_CALL, 0, 0, read_push},                                                                              \
    {                                                                                                                  \
        "pullRequest", GB_V_CALL, 0, 0, read_pull                                                                      \
    }
#define IGNORED(name)                                                                                                  \
    {                                                                                                                  \
        name, GB_V_IGNORED, 0, 0, NULL                                                                                 \
    }
static const struct gb_key github_keys[] = {
    EVENTS,
    IGNORED("owner"),
    IGNORED("name"),
    IGNORED("installationId"),
    IGNORED("enterpriseConfigResourceName"),
    IGNORED("enterpriseConfig"),
};
static const struct gb_key repository_keys[] = {EVENTS, IGNORED("repository"), IGNORED("repositoryType")};
static const struct gb_key connect_keys[] = {EVENTS, IGNORED("gitRepositoryLink"), IGNORED("gitRepositoryLinkType")};
static const struct gb_key bitbucket_keys[] = {
    EVENTS,
    IGNORED("repoSlug"),
    IGNORED("projectKey"),
    IGNORED("bitbucketServerConfigResource"),
    IGNORED("bitbucketServerConfig"),
};
static const struct gb_key gitlab_keys[] = {
    EVENTS,
    IGNORED("projectNamespace"),
    IGNORED("gitlabConfigResource"),
    IGNORED("gitlabConfig"),
};

static void read_github(struct gb_reader *r, const struct doc_node *n, void *into)
{
    read_source(r, n, github_keys, ARRAY_LEN(github_keys), into);
}

static void read_repository(struct gb_reader *r, const struct doc_node *n, void *into)
{
    read_source(r, n, repository_keys, ARRAY_LEN(repository_keys), into);
}

static void read_connect(struct gb_reader *r, const struct doc_node *n, void *into)
{
    read_source(r, n, connect_keys, ARRAY_LEN(connect_keys), into);
}

static void read_bitbucket(struct gb_reader *r, const struct doc_node *n, void *into)
{
    read_source(r, n, bitbucket_keys, ARRAY_LEN(bitbucket_keys), into);
}

static void read_gitlab(struct gb_reader *r, const struct doc_node *n, void *into)
{
    read_source(r, n, gitlab_keys, ARRAY_LEN(gitlab_keys), into);
}

/* Cloud Source Repositories: the patterns stand in the message itself. */
static const struct gb_key template_keys[] = {
    {"branchName", GB_V_CALL, 0, 0, read_branch},
    {"tagName", GB_V_CALL, 0, 0, read_tag},
    INVERT,
    IGNORED("projectId"),
    IGNORED("repoName"),
    IGNORED("dir"),
    IGNORED("substitutions"),
};

static void read_template(struct gb_reader *r, const struct doc_node *n, void *into)
{
    const struct doc_node *key = r->key;
    struct gb_draft *draft = into;
    claim(r, &draft->source);
    gb_read_message(r, n, template_keys, ARRAY_LEN(template_keys), draft);
    r->key = key;
    no_pattern(r, draft, "which branches or tags");
}

static const struct gb_key pubsub_keys[] = {
    IGNORED("topic"),
    IGNORED("subscription"),
    IGNORED("serviceAccountEmail"),
    IGNORED("state"),
};
static const struct gb_key webhook_keys[] = {IGNORED("secret"), IGNORED("state")};

static void read_pubsub(struct gb_reader *r, const struct doc_node *n, void *into)
{
    struct gb_draft *draft = into;
    claim(r, &draft->source);
    draft->t.other = STR("pubsubConfig");
    gb_read_message(r, n, pubsub_keys, ARRAY_LEN(pubsub_keys), draft);
}

static void read_webhook(struct gb_reader *r, const struct doc_node *n, void *into)
{
    struct gb_draft *draft = into;
    claim(r, &draft->source);
    draft->t.other = STR("webhookConfig");
    gb_read_message(r, n, webhook_keys, ARRAY_LEN(webhook_keys), draft);
}

/* ---- the rest ---- */

static void read_substitution(struct gb_reader *r, const struct doc_node *n, void *into)
{
    struct gb_draft *draft = into;
    struct gb_text text;
    struct str key = r->key->text;
    if (!gb_is_user_key(key)) {
        diag_error(r->d, "GB055", r->key->span, "'%.*s' is no name of a substitution", STR_ARG(key));
        diag_hint(r->d, "a _, then capitals, digits and _: _PYTHON");
    } else if (key.n > GB_KEY_LENGTH) {
        diag_error(r->d, "GB056", r->key->span, "a name of a substitution has %d bytes at most", GB_KEY_LENGTH);
    }
    if (gb_read_text(r, n, &text) < 0)
        return;
    if (text.text.n > GB_VALUE_MAX)
        diag_error(r->d, "GB056", n->span, "a value of a substitution has %d bytes at most", GB_VALUE_MAX);
    map_set_str(&draft->t.substitutions, key, text.text);
}

static void read_substitutions(struct gb_reader *r, const struct doc_node *n, void *into)
{
    struct gb_draft *draft = into;
    gb_read_pairs(r, n, read_substitution, draft);
    if (draft->t.substitutions.n > GB_SUBSTITUTIONS_MAX)
        diag_error(r->d, "GB056", n->span, "there are %zu substitutions, and %d are allowed", draft->t.substitutions.n,
                   GB_SUBSTITUTIONS_MAX);
}

static void read_logs(struct gb_reader *r, const struct doc_node *n, void *into)
{
    static const char *const words[] = {"INCLUDE_BUILD_LOGS_UNSPECIFIED", "INCLUDE_BUILD_LOGS_WITH_STATUS"};
    UNUSED(into);
    gb_read_word(r, n, words, ARRAY_LEN(words));
}

static const struct gb_key approval_keys[] = {
    {"approvalRequired", GB_V_BOOL, offsetof(struct gb_draft, t.approval), 0, NULL},
};

static void read_approval(struct gb_reader *r, const struct doc_node *n, void *into)
{
    gb_read_message(r, n, approval_keys, ARRAY_LEN(approval_keys), into);
}

#define DRAFT(field) offsetof(struct gb_draft, field)
static const struct gb_key trigger_keys[] = {
    {"name", GB_V_TEXT, DRAFT(name), 0, NULL},
    {"description", GB_V_TEXT, DRAFT(description), 0, NULL},
    {"tags", GB_V_TEXTS, DRAFT(tags), 0, NULL},
    {"disabled", GB_V_BOOL, DRAFT(t.disabled), 0, NULL},
    {"filename", GB_V_CALL, 0, 0, read_filename},
    {"build", GB_V_CALL, 0, 0, read_build},
    {"autodetect", GB_V_CALL, 0, 0, read_autodetect},
    {"gitFileSource", GB_V_CALL, 0, 0, read_file_source},
    {"github", GB_V_CALL, 0, 0, read_github},
    {"repositoryEventConfig", GB_V_CALL, 0, 0, read_repository},
    {"developerConnectEventConfig", GB_V_CALL, 0, 0, read_connect},
    {"bitbucketServerTriggerConfig", GB_V_CALL, 0, 0, read_bitbucket},
    {"gitlabEnterpriseEventsConfig", GB_V_CALL, 0, 0, read_gitlab},
    {"triggerTemplate", GB_V_CALL, 0, 0, read_template},
    {"pubsubConfig", GB_V_CALL, 0, 0, read_pubsub},
    {"webhookConfig", GB_V_CALL, 0, 0, read_webhook},
    {"includedFiles", GB_V_TEXTS, DRAFT(t.included), 0, NULL},
    {"ignoredFiles", GB_V_TEXTS, DRAFT(t.ignored), 0, NULL},
    {"filter", GB_V_TEXT, DRAFT(filter), 0, NULL},
    {"substitutions", GB_V_CALL, 0, 0, read_substitutions},
    {"serviceAccount", GB_V_TEXT, DRAFT(service_account), 0, NULL},
    {"includeBuildLogs", GB_V_CALL, 0, 0, read_logs},
    {"approvalConfig", GB_V_CALL, 0, 0, read_approval},
    IGNORED("sourceToBuild"),
    IGNORED("eventType"),
    /* What an export has and an import takes: */
    IGNORED("id"),
    IGNORED("createTime"),
    IGNORED("resourceName"),
};

void gb_trigger_read(struct gb_reader *r, const struct doc_node *node, struct gb_draft *draft)
{
    struct gb_trigger *t = &draft->t;
    map_init(&t->substitutions, r->a, MAP_CASE);
    t->declared = true;
    t->event = GB_OTHER_EVENT;
    t->span = node->span;
    gb_read_message(r, node, trigger_keys, ARRAY_LEN(trigger_keys), draft);
    t->name = draft->name.text;
    t->description = draft->description.text;
    t->filter = draft->filter.text;
    t->service_account = draft->service_account.text;
    /* From the source's root, with a slash before it or without. */
    struct str path = draft->filename.text;
    while (path.n > 0 && path.p[0] == '/')
        path = str_from_index(path, 1);
    t->filename = path.n ? path_clean(r->a, path) : STR("");
}
