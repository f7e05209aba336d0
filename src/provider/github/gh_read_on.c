/*
 * gh_read_on.c - `on`: which events start the workflow, and the filters of each ("Workflow syntax", on).
 */
#include "core/base.h"
#include "provider/github/gh_read_priv.h"

/* One filter that holds patterns: its key, the event filter it belongs to, and where its parts go. */
struct pattern_key {
    const char *name, *pair;
    unsigned filter;
    size_t has, list, spans; /* offsets in struct gh_on */
    bool ignore;
};

static const struct pattern_key patterns[] = {
    {"branches", "branches-ignore", GH_F_BRANCHES, offsetof(struct gh_on, has_branches),
     offsetof(struct gh_on, branches), offsetof(struct gh_on, branch_spans), false},
    {"branches-ignore", "branches", GH_F_BRANCHES, offsetof(struct gh_on, has_branches_ignore),
     offsetof(struct gh_on, branches_ignore), offsetof(struct gh_on, branch_ignore_spans), true},
    {"tags", "tags-ignore", GH_F_TAGS, offsetof(struct gh_on, has_tags), offsetof(struct gh_on, tags),
     offsetof(struct gh_on, tag_spans), false},
    {"tags-ignore", "tags", GH_F_TAGS, offsetof(struct gh_on, has_tags_ignore), offsetof(struct gh_on, tags_ignore),
     offsetof(struct gh_on, tag_ignore_spans), true},
    {"paths", "paths-ignore", GH_F_PATHS, offsetof(struct gh_on, has_paths), offsetof(struct gh_on, paths),
     offsetof(struct gh_on, path_spans), false},
    {"paths-ignore", "paths", GH_F_PATHS, offsetof(struct gh_on, has_paths_ignore),
     offsetof(struct gh_on, paths_ignore), offsetof(struct gh_on, path_ignore_spans), true},
};

static void compile_patterns(struct gh_reader *r, const struct pattern_key *k, const struct strs *texts,
                             const struct span *spans, struct globs *ret)
{
    size_t positive = 0, faulty = 0;
    ret->p = arena_array(r->a, texts->n, sizeof *ret->p);
    ret->negated = arena_array(r->a, texts->n, sizeof *ret->negated);
    ret->text = texts->p;
    for (size_t i = 0; i < texts->n; i++) {
        struct err e = {0};
        if (glob_compile(r->a, texts->p[i], &ret->p[i], &ret->negated[i], &e) != 0) {
            diag_error(r->d, "GH042", spans[i], "The pattern '%.*s' is invalid: %s", STR_ARG(texts->p[i]), e.text);
            faulty++;
            continue;
        }
        positive += !ret->negated[i];
        gh_check_pattern(r, texts->p[i], spans[i], k->filter == GH_F_PATHS);
        if (ret->negated[i] && k->ignore)
            diag_warning(r->d, "GH063", spans[i], "A leading '!' has no place in '%s'; use '%s' instead", k->name,
                         k->pair);
    }
    if (faulty)
        return;
    ret->n = texts->n;
    if (texts->n && !positive && !k->ignore) {
        diag_warning(r->d, "GH063", spans[0], "'%s' has only patterns with a leading '!' and never matches", k->name);
        diag_hint(r->d, "use '%s', or put a pattern such as '**' first", k->pair);
    }
}

static void read_patterns(struct gh_reader *r, const struct pattern_key *k, const struct doc_node *n, struct gh_on *on)
{
    struct strs texts = {0};
    struct span *spans = NULL;
    char *base = (char *)on;
    if (gh_is_null(n) || gh_warn_empty(r, n))
        return;
    gh_read_list(r, n, &texts, &spans);
    *(bool *)(base + k->has) = true;
    *(struct span **)(base + k->spans) = spans;
    compile_patterns(r, k, &texts, spans, (struct globs *)(base + k->list));
}

static void read_types(struct gh_reader *r, const struct gh_event *event, const struct doc_node *n, struct gh_on *on)
{
    struct strs types = {0};
    struct span *spans = NULL;
    size_t known = 0;
    if (gh_is_null(n) || gh_warn_empty(r, n) || !gh_read_list(r, n, &types, &spans))
        return;
    on->types = types;
    if (event->filters & GH_F_ANY_TYPE)
        return;
    while (event->types[known])
        known++;
    for (size_t i = 0; i < types.n; i++) {
        bool found = false;
        for (size_t k = 0; k < known && !found; k++)
            found = str_is(types.p[i], event->types[k]);
        const struct doc_node *item = n->kind == DOC_SEQ ? n->seq.p[i] : n;
        if (!found)
            gh_unexpected_of(r, item, event->types, known);
    }
}

/* The keys that an event's mapping may hold, for suggestions. */
static size_t filter_words(unsigned filters, const char **words)
{
    size_t n = 0;
    if (filters & GH_F_TYPES)
        words[n++] = "types";
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
        if (filters & patterns[i].filter)
            words[n++] = patterns[i].name;
    if (filters & GH_F_WORKFLOWS)
        words[n++] = "workflows";
    if (filters & GH_F_VERSIONS) {
        words[n++] = "names";
        words[n++] = "versions";
    }
    return n;
}

/* Names of workflows or images, and patterns of versions. */
static void read_texts(struct gh_reader *r, struct str key, const struct doc_node *n, struct strs *texts)
{
    struct span *spans;
    struct glob *glob;
    bool negated;
    if (!str_is(key, "workflows") && n->kind != DOC_SEQ)
        diag_warning(r->d, "GH063", n->span, "'%.*s' is a sequence; this is taken as one of a single text",
                     STR_ARG(key));
    if (!gh_read_list(r, n, texts, &spans) || !str_is(key, "versions"))
        return;
    for (size_t i = 0; i < texts->n; i++) {
        struct err e = {0};
        if (glob_compile(r->a, texts->p[i], &glob, &negated, &e) != 0)
            diag_error(r->d, "GH042", spans[i], "The pattern '%.*s' is invalid: %s", STR_ARG(texts->p[i]), e.text);
    }
}

static bool read_filter(struct gh_reader *r, const struct gh_event *event, const struct doc_pair *at, struct gh_on *on)
{
    struct str key = at->key->text;
    struct strs texts = {0};
    if (str_is(key, "types") && (event->filters & GH_F_TYPES)) {
        read_types(r, event, at->value, on);
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++)
        if (str_is(key, patterns[i].name) && (event->filters & patterns[i].filter)) {
            read_patterns(r, &patterns[i], at->value, on);
            return true;
        }
    if ((str_is(key, "workflows") && (event->filters & GH_F_WORKFLOWS)) ||
        ((str_is(key, "names") || str_is(key, "versions")) && (event->filters & GH_F_VERSIONS))) {
        if (!gh_is_null(at->value) && !gh_warn_empty(r, at->value))
            read_texts(r, key, at->value, str_is(key, "workflows") ? &on->workflows : &texts);
        return true;
    }
    return false;
}

/* branches and branches-ignore exclude each other, and so do the other pairs. */
static void check_filter_pairs(struct gh_reader *r, const struct doc_node *config)
{
    for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
        const struct doc_node *ignore = patterns[i].ignore ? doc_get(config, patterns[i].name) : NULL;
        const struct doc_node *other = ignore ? doc_get(config, patterns[i].pair) : NULL;
        const struct doc_node *second = NULL; /* the key that stands below */
        for (size_t k = 0; other && k < config->map.n; k++)
            if (config->map.p[k].value == ignore || config->map.p[k].value == other)
                second = config->map.p[k].key;
        if (second && !gh_is_null(ignore))
            diag_error(r->d, "GH041", second->span, "you may only define one of '%s' and '%s' for a single event",
                       patterns[i].pair, patterns[i].name);
    }
}

static void read_filters(struct gh_reader *r, const struct gh_event *event, const struct doc_node *config,
                         struct gh_on *on)
{
    const char *words[16];
    struct map seen;
    if (!gh_is_map(r, config))
        return;
    map_init(&seen, r->a, MAP_NOCASE);
    for (size_t i = 0; i < config->map.n; i++) {
        const struct doc_pair *at = &config->map.p[i];
        if (gh_fresh_key(r, &seen, at->key) && !read_filter(r, event, at, on))
            gh_unexpected_of(r, at->key, words, filter_words(event->filters, words));
    }
    check_filter_pairs(r, config);
}

static void read_event(struct gh_reader *r, const struct doc_node *name, const struct doc_node *config)
{
    size_t n_names;
    const char *const *names = gh_event_names(&n_names);
    const struct gh_event *event = gh_event_find(name->text);
    struct gh_on on = {.event = name->text, .span = name->span, .node = config};
    if (!event || name->kind != DOC_SCALAR) {
        r->on_faulty = true;
        gh_unexpected_of(r, name, names, n_names);
        return;
    }
    if (str_is(name->text, "schedule")) {
        if (config)
            gh_read_schedule(r, config);
        else
            diag_warning(r->d, "GH063", name->span, "'schedule' without a cron line never starts");
    } else if (config && str_is(name->text, "workflow_dispatch")) {
        gh_read_dispatch(r, name->span, config);
    } else if (str_is(name->text, "workflow_call")) {
        r->w->callable = true;
        if (config)
            gh_read_call(r, config);
    } else if (config) {
        read_filters(r, event, config, &on);
    }
    r->w->on[r->w->n_on++] = on;
}

void gh_read_on(struct gh_reader *r, const struct doc_node *on)
{
    struct map seen;
    size_t count = on->kind == DOC_SEQ ? on->seq.n : on->kind == DOC_MAP ? on->map.n : 1;
    r->w->on = arena_array(r->a, count + 1, sizeof *r->w->on);
    r->w->cap_on = count;
    r->w->on_span = on->span;
    map_init(&seen, r->a, MAP_NOCASE);
    switch (on->kind) {
    case DOC_NULL:
    case DOC_SCALAR:
        read_event(r, on, NULL);
        return;
    case DOC_SEQ:
        for (size_t i = 0; i < on->seq.n; i++)
            if (gh_fresh_key(r, &seen, on->seq.p[i]))
                read_event(r, on->seq.p[i], NULL);
        break;
    case DOC_MAP:
        for (size_t i = 0; i < on->map.n; i++)
            if (gh_fresh_key(r, &seen, on->map.p[i].key))
                read_event(r, on->map.p[i].key, on->map.p[i].value);
        break;
    }
    if (count == 0)
        diag_error(r->d, "GH030", on->span, "Unexpected value ''");
}
