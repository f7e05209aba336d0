/*
 * A matcher with n patterns keeps n - 1 running matches for each step that prints: state[i] is what patterns 0..i have
 * captured when pattern i matched the line before. Patterns are tried from the last to the first, so that each line
 * advances every running match by one step at most.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "core/base.h"
#include "provider/github/matcher_priv.h"

#include "core/buf.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/value.h"
#include "core/vec.h"

#include <pcre2.h>

#define MATCHERS_MAX 100
#define PATTERNS_MAX 16
#define GROUP_MAX 99     /* numbers of capture groups */
#define STEPS_MAX 200000 /* PCRE2 match limit: about what .NET does in the service's one second */
#define STRIKES_MAX 3
#define FILE_MAX ((size_t)1 << 20)

enum prop { PROP_FILE, PROP_LINE, PROP_COLUMN, PROP_SEVERITY, PROP_CODE, PROP_MESSAGE, PROP_FROM_PATH, PROPS };
static const char *const PROP_NAMES[PROPS] = {"file", "line", "column", "severity", "code", "message", "fromPath"};

struct pattern {
    pcre2_code *code;
    unsigned group[PROPS]; /* 0: not captured by this pattern */
    bool loop;
};

struct capture {
    bool set;
    char *value[PROPS]; /* NULL: not captured */
};

/* The running matches of one step: steps side by side do not see each other's lines. */
struct progress {
    unsigned step;
    struct capture state[PATTERNS_MAX];
};

struct matcher {
    char *owner;
    char *path;                 /* the file it came from */
    char *severity, *from_path; /* the defaults, or empty */
    struct pattern patterns[PATTERNS_MAX];
    size_t n;
    VEC(struct progress *) running;
    unsigned strikes;
};

struct gh_matchers {
    VEC(struct matcher *) list; /* oldest first */
    struct capture found;       /* what the last finding's texts lie in */
    pcre2_match_data *match;
    pcre2_match_context *limits;
};

static void capture_clear(struct capture *c)
{
    for (size_t i = 0; i < PROPS; i++) {
        free(c->value[i]);
        c->value[i] = NULL;
    }
    c->set = false;
}

static struct progress *progress_find(const struct matcher *m, unsigned step)
{
    for (size_t i = 0; i < m->running.n; i++)
        if (m->running.p[i]->step == step)
            return m->running.p[i];
    return NULL;
}

static struct progress *progress_of(struct matcher *m, unsigned step)
{
    struct progress *p = progress_find(m, step);
    if (p != NULL)
        return p;
    p = mem_alloc(sizeof *p);
    *p = (struct progress){.step = step};
    vec_push(&m->running, p);
    return p;
}

static void progress_clear(struct progress *p)
{
    for (size_t i = 0; p != NULL && i < PATTERNS_MAX; i++)
        capture_clear(&p->state[i]);
}

static void progress_free(struct progress *p)
{
    progress_clear(p);
    free(p);
}

static void matcher_free(struct matcher *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->running.n; i++)
        progress_free(m->running.p[i]);
    vec_done(&m->running);
    for (size_t i = 0; i < m->n; i++)
        pcre2_code_free(m->patterns[i].code);
    free(m->owner);
    free(m->path);
    free(m->severity);
    free(m->from_path);
    free(m);
}

struct gh_matchers *gh_matchers_new(void)
{
    struct gh_matchers *m = mem_alloc(sizeof *m);
    m->match = pcre2_match_data_create(GROUP_MAX + 1, NULL);
    m->limits = pcre2_match_context_create(NULL);
    MUST(m->match != NULL && m->limits != NULL);
    pcre2_set_match_limit(m->limits, STEPS_MAX);
    return m;
}

void gh_matchers_free(struct gh_matchers *m)
{
    if (m == NULL)
        return;
    for (size_t i = 0; i < m->list.n; i++)
        matcher_free(m->list.p[i]);
    vec_done(&m->list);
    capture_clear(&m->found);
    pcre2_match_data_free(m->match);
    pcre2_match_context_free(m->limits);
    free(m);
}

bool gh_matchers_any(const struct gh_matchers *m)
{
    return m->list.n > 0;
}

bool gh_matchers_remove(struct gh_matchers *m, struct str owner)
{
    for (size_t i = 0; i < m->list.n; i++) {
        if (str_eq_nocase(str_from(m->list.p[i]->owner), owner)) {
            matcher_free(m->list.p[i]);
            vec_remove(&m->list, i);
            return true;
        }
    }
    return false;
}

void gh_matchers_remove_file(struct gh_matchers *m, struct str path)
{
    for (size_t i = m->list.n; i-- > 0;) {
        if (str_is(path, m->list.p[i]->path)) {
            matcher_free(m->list.p[i]);
            vec_remove(&m->list, i);
        }
    }
}

/* ---- reading ---- */

static int compile(struct pattern *p, struct str regexp, struct err *e)
{
    int number = 0;
    PCRE2_SIZE at = 0;
    PCRE2_UCHAR why[200] = {0};
    p->code = pcre2_compile((PCRE2_SPTR)(regexp.p != NULL ? regexp.p : ""), regexp.n,
                            PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &number, &at, NULL);
    if (p->code != NULL)
        return 0;
    pcre2_get_error_message(number, why, sizeof why);
    return err_set(e, EINVAL, "the pattern '%.*s' is wrong at position %zu: %s", STR_ARG(regexp), (size_t)at,
                   (const char *)why);
}

/* Group numbers may be written as numbers or as digits. */
static int read_group(const struct value *v, unsigned *ret)
{
    uint64_t n = 0;
    if (v == NULL || v->kind == VALUE_NULL)
        return 0;
    if (v->kind == VALUE_NUMBER && v->number >= 0 && v->number <= GROUP_MAX)
        n = (uint64_t)v->number;
    else if (v->kind != VALUE_STRING || num_parse_u64(v->string, GROUP_MAX, &n) < 0)
        return -EINVAL;
    *ret = (unsigned)n;
    return 0;
}

static int read_pattern(struct pattern *p, const struct value *v, struct err *e)
{
    const struct value *loop = value_get(v, STR("loop"));
    struct str regexp = value_get_str(v, "regexp");
    if (regexp.n == 0)
        return err_set(e, EINVAL, "a pattern has no regexp");
    for (size_t i = 0; i < PROPS; i++) {
        if (read_group(value_get(v, str_from(PROP_NAMES[i])), &p->group[i]) < 0)
            return err_set(e, EINVAL, "'%s' of a pattern is not the number of a group", PROP_NAMES[i]);
    }
    p->loop = loop != NULL && loop->kind == VALUE_BOOL && loop->boolean;
    return compile(p, regexp, e);
}

/* What one property may not be said twice, and that there is a message at all. */
static int check_patterns(const struct matcher *m, struct err *e)
{
    for (size_t prop = 0; prop < PROPS; prop++) {
        unsigned times = 0;
        for (size_t i = 0; i < m->n; i++)
            times += m->patterns[i].group[prop] != 0;
        if (times > 1)
            return err_set(e, EINVAL, "the property '%s' is set by more than one pattern", PROP_NAMES[prop]);
        if (prop == PROP_MESSAGE && times == 0)
            return err_set(e, EINVAL, "at least one pattern must set 'message'");
    }
    for (size_t i = 0; i < m->n; i++) {
        if (m->patterns[i].loop && (m->n == 1 || i + 1 < m->n))
            return err_set(e, EINVAL, "only the last of several patterns may set 'loop'");
    }
    return 0;
}

static int read_matcher(struct matcher *m, const struct value *v, struct err *e)
{
    static const char *const LEVELS[] = {"", "error", "warning", "notice"};
    const struct value *patterns = value_get(v, STR("pattern"));
    struct str severity = value_get_str(v, "severity");
    bool known = false;
    m->owner = mem_dup_str(value_get_str(v, "owner"));
    m->severity = mem_dup_str(severity);
    m->from_path = mem_dup_str(value_get_str(v, "fromPath"));
    if (m->owner[0] == '\0')
        return err_set(e, EINVAL, "a problem matcher has no owner");
    for (size_t i = 0; i < ARRAY_LEN(LEVELS); i++)
        known = known || str_is_nocase(severity, LEVELS[i]);
    if (!known)
        return err_set(e, EINVAL, "'%s': '%s' is no severity", m->owner, m->severity);
    if (patterns == NULL || patterns->kind != VALUE_ARRAY || patterns->array.n == 0)
        return err_set(e, EINVAL, "'%s' has no pattern", m->owner);
    if (patterns->array.n > PATTERNS_MAX)
        return err_set(e, EINVAL, "'%s' has more than %d patterns", m->owner, PATTERNS_MAX);
    for (size_t i = 0; i < patterns->array.n; i++) {
        m->n = i + 1;
        if (read_pattern(&m->patterns[i], patterns->array.p[i], e) < 0)
            return -EINVAL;
    }
    return check_patterns(m, e);
}

static int read_all(struct gh_matchers *fresh, const struct value *list, struct err *e)
{
    if (list == NULL || list->kind != VALUE_ARRAY)
        return err_set(e, EINVAL, "no 'problemMatcher' list");
    for (size_t i = 0; i < list->array.n; i++) {
        if (fresh->list.n == MATCHERS_MAX)
            return err_set(e, EINVAL, "more than %d problem matchers", MATCHERS_MAX);
        struct matcher *m = mem_alloc(sizeof *m);
        vec_push(&fresh->list, m);
        if (read_matcher(m, list->array.p[i], e) < 0)
            return -EINVAL;
    }
    return 0;
}

int gh_matchers_add(struct gh_matchers *m, struct str path, struct str json, struct err *e)
{
    CLEAN(arena) struct arena *a = arena_new();
    struct value *root = NULL;
    if (json.n > FILE_MAX)
        return err_set(e, EINVAL, "a file of problem matchers is larger than 1 MiB");
    if (value_from_json(a, json, MAP_NOCASE, &root, e) < 0)
        return -EINVAL;
    struct gh_matchers *fresh = gh_matchers_new();
    int rc = read_all(fresh, value_get(root, STR("problemMatcher")), e);
    for (size_t i = 0; rc == 0 && i < fresh->list.n; i++) {
        gh_matchers_remove(m, str_from(fresh->list.p[i]->owner));
        if (m->list.n == MATCHERS_MAX) {
            matcher_free(m->list.p[0]);
            vec_remove(&m->list, 0);
        }
        fresh->list.p[i]->path = mem_dup_str(path);
        vec_push(&m->list, TAKE(fresh->list.p[i]));
    }
    gh_matchers_free(fresh);
    return rc;
}

/* ---- matching ---- */

/* Adds what pattern p captured to what was captured before it, which wins. */
static void merge(const struct gh_matchers *all, const struct pattern *p, const struct capture *before, struct str line,
                  struct capture *ret)
{
    struct capture c = {.set = true};
    const PCRE2_SIZE *at = pcre2_get_ovector_pointer(all->match);
    uint32_t groups = pcre2_get_ovector_count(all->match);
    for (size_t i = 0; i < PROPS; i++) {
        size_t g = p->group[i];
        if (before != NULL && before->value[i] != NULL)
            c.value[i] = mem_dup(before->value[i]);
        else if (g != 0 && g < groups && at[2 * g] != PCRE2_UNSET)
            c.value[i] = mem_dup_str(str_sub(line, at[2 * g], at[2 * g + 1]));
    }
    capture_clear(ret);
    *ret = c;
}

static bool hits(struct gh_matchers *all, struct matcher *m, const struct pattern *p, struct str line)
{
    int rc = pcre2_match(p->code, (PCRE2_SPTR)(line.p != NULL ? line.p : ""), line.n, 0, 0, all->match, all->limits);
    if (rc < 0 && rc != PCRE2_ERROR_NOMATCH)
        m->strikes++;
    return rc > 0;
}

/* The last pattern matched: a problem. With `loop`, what the patterns before it captured serves the next line too. */
static void complete(struct gh_matchers *all, struct matcher *m, struct progress *r, struct str line)
{
    struct capture *before = m->n > 1 ? &r->state[m->n - 2] : NULL;
    const struct pattern *p = &m->patterns[m->n - 1];
    struct capture kept = {0};
    merge(all, p, before, line, &all->found);
    if (p->loop && before != NULL) {
        kept = *before;
        *before = (struct capture){0};
    }
    progress_clear(r);
    if (before != NULL)
        *before = kept;
}

static bool matcher_line(struct gh_matchers *all, struct matcher *m, unsigned step, struct str line)
{
    struct progress *r = progress_of(m, step);
    for (size_t i = m->n; i-- > 0;) {
        bool last = i + 1 == m->n;
        if (i > 0 && !r->state[i - 1].set)
            continue;
        bool hit = hits(all, m, &m->patterns[i], line);
        if (hit && last) {
            complete(all, m, r, line);
            return true;
        }
        if (hit)
            merge(all, &m->patterns[i], i > 0 ? &r->state[i - 1] : NULL, line, &r->state[i]);
        else if (!last)
            capture_clear(&r->state[i]);
        else if (i > 0)
            capture_clear(&r->state[i - 1]);
    }
    return false;
}

/* The finding of all->found; false when its severity or message makes it none. */
static bool finding(const struct gh_matchers *all, const struct matcher *m, struct gh_finding *ret)
{
    const struct capture *c = &all->found;
    struct gh_finding f = {.level = LEVEL_ERROR};
    uint64_t n = 0;
    struct str severity = str_from(c->value[PROP_SEVERITY]);
    if (severity.n == 0)
        severity = str_from(m->severity);
    if (str_is_nocase(severity, "warning"))
        f.level = LEVEL_WARNING;
    else if (str_is_nocase(severity, "notice"))
        f.level = LEVEL_NOTICE;
    else if (severity.n > 0 && !str_is_nocase(severity, "error"))
        return false;
    f.text = str_from(c->value[PROP_MESSAGE]);
    f.code = str_from(c->value[PROP_CODE]);
    f.file = str_from(c->value[PROP_FILE]);
    f.from_path = str_from(c->value[PROP_FROM_PATH]);
    if (f.from_path.n == 0)
        f.from_path = str_from(m->from_path);
    if (num_parse_u64(str_from(c->value[PROP_LINE]), INT32_MAX, &n) == 0)
        f.line = (unsigned)n;
    if (num_parse_u64(str_from(c->value[PROP_COLUMN]), INT32_MAX, &n) == 0)
        f.column = (unsigned)n;
    if (str_trim(f.text).n == 0)
        return false;
    *ret = f;
    return true;
}

/* The line without ESC [ digits and semicolons m. */
static struct str strip_colours(struct str line, struct buf *b)
{
    if (str_find_ch(line, '\x1b') < 0)
        return line;
    for (size_t i = 0; i < line.n; i++) {
        size_t j = i + 2;
        if (line.p[i] == '\x1b' && i + 1 < line.n && line.p[i + 1] == '[') {
            while (j < line.n && ((line.p[j] >= '0' && line.p[j] <= '9') || line.p[j] == ';'))
                j++;
            if (j < line.n && line.p[j] == 'm') {
                i = j;
                continue;
            }
        }
        buf_add_ch(b, line.p[i]);
    }
    return buf_str(b);
}

bool gh_matchers_line(struct gh_matchers *m, unsigned step, struct str line, struct gh_finding *ret)
{
    CLEAN(buf) struct buf plain = BUF((size_t)1 << 20);
    if (m->list.n == 0)
        return false;
    line = strip_colours(line, &plain);
    for (size_t i = m->list.n; i-- > 0;) {
        struct matcher *one = m->list.p[i];
        if (one->strikes >= STRIKES_MAX || !matcher_line(m, one, step, line))
            continue;
        for (size_t j = 0; j < m->list.n; j++) {
            if (j != i)
                progress_clear(progress_find(m->list.p[j], step));
        }
        return finding(m, one, ret);
    }
    return false;
}

void gh_matchers_forget(struct gh_matchers *m, unsigned step)
{
    for (size_t i = 0; i < m->list.n; i++) {
        struct matcher *one = m->list.p[i];
        for (size_t k = one->running.n; k-- > 0;) {
            if (one->running.p[k]->step != step)
                continue;
            progress_free(one->running.p[k]);
            vec_remove(&one->running, k);
        }
    }
}
