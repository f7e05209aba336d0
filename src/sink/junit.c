/*
 * sink_junit: one JUnit XML file, as CI systems and editors read it: a testsuite a pipeline, a testcase a job. There is
 * no standard; the attributes are those that the Jenkins and GitLab readers name (tests, failures, errors, skipped,
 * time; name, classname, file, line).
 */
#include "core/base.h"
#include "sink/sink.h"

#include "core/utf8.h"
#include "sink/report_priv.h"
#include "sys/file.h"

#define TAIL_MAX ((size_t)64 << 10) /* of a failed step's log, bytes */
#define DOCUMENT_MAX ((size_t)128 << 20)

struct failure {
    unsigned job;
    char *log; /* the end of the step's output, clean; heap */
};

struct junit {
    struct sink sink; /* first */
    char *path;
    struct run_state state;
    VEC(struct failure) failures;
};

static const struct style plain = {.utf8 = true};

/* The characters of XML 1.0, 2.2; the others cannot be written at all, not even as references. */
static bool is_xml_char(uint32_t cp)
{
    return cp == 0x9 || cp == 0xa || cp == 0xd || (cp >= 0x20 && cp <= 0xd7ff) || (cp >= 0xe000 && cp <= 0xfffd) ||
           cp >= 0x10000;
}

static void add_char(struct buf *b, struct str one, uint32_t cp)
{
    if (cp == '&')
        buf_add_cstr(b, "&amp;");
    else if (cp == '<')
        buf_add_cstr(b, "&lt;");
    else if (cp == '>')
        buf_add_cstr(b, "&gt;");
    else if (cp == '"')
        buf_add_cstr(b, "&quot;");
    else if (is_xml_char(cp))
        buf_add(b, one);
}

static void add_xml(struct buf *b, struct str s)
{
    for (size_t i = 0; i < s.n;) {
        uint32_t cp = 0xfffd;
        size_t n = utf8_decode(s, i, &cp);
        add_char(b, n ? str_sub(s, i, i + n) : STR("\xef\xbf\xbd"), n ? cp : 0xfffd);
        i += n ? n : 1;
    }
}

/* Attribute values lose line breaks and escape sequences. */
static void add_attribute(struct buf *b, const char *name, struct str raw)
{
    struct buf clean CLEAN(buf) = BUF(BUF_TEXT);
    if (raw.n == 0)
        return;
    text_add_word(&clean, raw, &plain);
    buf_printf(b, " %s=\"", name);
    add_xml(b, buf_str(&clean));
    buf_add_ch(b, '"');
}

/* Seconds with milliseconds, whatever the locale's decimal sign. */
static void add_time(struct buf *b, int64_t ns)
{
    long long ms = ns > 0 ? ns / 1000000 : 0;
    buf_printf(b, " time=\"%lld.%03lld\"", ms / 1000, ms % 1000);
}

static void keep_tail(struct junit *u, const struct job_state *j)
{
    struct buf all CLEAN(buf) = BUF((size_t)32 << 20);
    size_t at = 0;
    enum event_stream stream;
    struct str line;
    while (log_next(&j->log, &at, &stream, &line)) {
        text_add_line(&all, line, &plain, false);
        buf_add_ch(&all, '\n');
    }
    struct str tail = buf_str(&all);
    if (tail.n > TAIL_MAX) {
        tail = str_from_index(tail, tail.n - TAIL_MAX);
        tail = str_from_index(tail, (size_t)(str_find_ch(tail, '\n') + 1));
    }
    struct failure f = {.job = j->number, .log = mem_dup_str(tail)};
    vec_push(&u->failures, f);
}

static const char *kept_tail(const struct junit *u, unsigned job)
{
    for (size_t i = 0; i < u->failures.n; i++)
        if (u->failures.p[i].job == job)
            return u->failures.p[i].log;
    return "";
}

static void add_failure_message(struct buf *b, const struct job_state *j)
{
    struct buf text CLEAN(buf) = BUF(BUF_TEXT);
    if (j->failed.number) {
        buf_printf(&text, "step %u %.*s failed", j->failed.number, STR_ARG(j->failed.name));
        size_t before = text.n;
        buf_add_cstr(&text, ": ");
        report_add_cause(&text, &j->failed, &plain);
        if (text.n == before + 2)
            buf_cut(&text, before);
    } else {
        buf_add(&text, j->why.n ? j->why : STR("the job failed"));
    }
    add_attribute(b, "message", buf_str(&text));
}

static void add_failure_text(struct buf *b, const struct junit *u, const struct job_state *j)
{
    struct buf text CLEAN(buf) = BUF(BUF_TEXT);
    const struct step_state *st = &j->failed;
    if (st->file.n)
        buf_printf(&text, "%.*s:%u\n", STR_ARG(st->file), st->line);
    else if (j->file.n)
        buf_printf(&text, "%.*s:%u\n", STR_ARG(j->file), j->line);
    if (st->command.n)
        buf_printf(&text, "$ %.*s\n", STR_ARG(str_trim_end(st->command)));
    buf_add_cstr(&text, kept_tail(u, j->number));
    add_xml(b, buf_str(&text));
}

static void add_outcome(struct buf *b, const struct junit *u, const struct job_state *j, enum result r) /* table */
{
    switch (r) {
    case RESULT_SUCCESS:
        break;
    case RESULT_FAILURE:
        buf_add_cstr(b, "      <failure type=\"failure\"");
        add_failure_message(b, j);
        buf_add_cstr(b, ">");
        add_failure_text(b, u, j);
        buf_add_cstr(b, "</failure>\n");
        break;
    case RESULT_SKIPPED:
        buf_add_cstr(b, "      <skipped");
        add_attribute(b, "message", j->why);
        buf_add_cstr(b, "/>\n");
        break;
    case RESULT_CANCELLED:
    case RESULT_NONE:
        buf_printf(b, "      <error type=\"%s\"", r == RESULT_NONE ? "unfinished" : "cancelled");
        add_attribute(b, "message", j->why.n ? j->why : r == RESULT_NONE ? STR("unfinished") : STR("cancelled"));
        buf_add_cstr(b, "/>\n");
        break;
    }
}

static enum result outcome(const struct job_state *j)
{
    return j->phase == PHASE_DONE ? job_outcome(j) : RESULT_NONE;
}

static bool belongs(const struct job_state *j, const struct pipeline_state *p)
{
    return str_eq(j->service, p->service) && str_eq(j->pipeline, p->name);
}

static void add_testcase(struct buf *b, const struct junit *u, const struct job_state *j)
{
    enum result r = outcome(j);
    struct buf class CLEAN(buf) = BUF(BUF_TEXT);
    buf_printf(&class, "%.*s.%.*s", STR_ARG(j->service), STR_ARG(j->pipeline));
    buf_add_cstr(b, "    <testcase");
    add_attribute(b, "name", j->name);
    add_attribute(b, "classname", buf_str(&class));
    add_attribute(b, "file", j->file);
    if (j->line)
        buf_printf(b, " line=\"%u\"", j->line);
    add_time(b, j->elapsed_ns);
    if (r == RESULT_SUCCESS) {
        buf_add_cstr(b, "/>\n");
        return;
    }
    buf_add_cstr(b, ">\n");
    add_outcome(b, u, j, r);
    buf_add_cstr(b, "    </testcase>\n");
}

struct sums {
    unsigned tests, failures, errors, skipped;
    int64_t ns;
};

static void sum(struct sums *s, const struct job_state *j)
{
    enum result r = outcome(j);
    s->tests++;
    s->failures += r == RESULT_FAILURE;
    s->skipped += r == RESULT_SKIPPED;
    s->errors += r == RESULT_CANCELLED || r == RESULT_NONE;
    s->ns += j->elapsed_ns;
}

static void add_sums(struct buf *b, const struct sums *s)
{
    buf_printf(b, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"", s->tests, s->failures, s->errors,
               s->skipped);
    add_time(b, s->ns);
}

static void add_testsuite(struct buf *b, const struct junit *u, const struct pipeline_state *p)
{
    struct sums sums = {0};
    for (size_t i = 0; i < u->state.jobs.n; i++)
        if (belongs(u->state.jobs.p[i], p))
            sum(&sums, u->state.jobs.p[i]);
    struct buf name CLEAN(buf) = BUF(BUF_TEXT);
    buf_printf(&name, "%.*s %.*s", STR_ARG(p->service), STR_ARG(p->name));
    buf_add_cstr(b, "  <testsuite");
    add_attribute(b, "name", buf_str(&name));
    add_attribute(b, "file", p->file);
    add_sums(b, &sums);
    buf_add_cstr(b, ">\n");
    for (size_t i = 0; i < u->state.jobs.n; i++)
        if (belongs(u->state.jobs.p[i], p))
            add_testcase(b, u, u->state.jobs.p[i]);
    buf_add_cstr(b, "  </testsuite>\n");
}

/* Two files may hold pipelines of one name; their jobs share the first one's suite. */
static bool seen_before(const struct run_state *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (s->pipelines.p[i].started && str_eq(s->pipelines.p[i].service, s->pipelines.p[n].service) &&
            str_eq(s->pipelines.p[i].name, s->pipelines.p[n].name))
            return true;
    return false;
}

static void add_document(struct buf *b, const struct junit *u)
{
    struct sums sums = {0};
    for (size_t i = 0; i < u->state.jobs.n; i++)
        sum(&sums, u->state.jobs.p[i]);
    if (u->state.finished)
        sums.ns = u->state.elapsed_ns;
    buf_add_cstr(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"slipway\"");
    add_sums(b, &sums);
    buf_add_cstr(b, ">\n");
    for (size_t i = 0; i < u->state.pipelines.n; i++)
        if (u->state.pipelines.p[i].started && !seen_before(&u->state, i))
            add_testsuite(b, u, &u->state.pipelines.p[i]);
    buf_add_cstr(b, "</testsuites>\n");
}

static int junit_event(struct sink *sink, const struct event *ev, struct err *e)
{
    struct junit *u = (struct junit *)sink;
    UNUSED(e);
    struct job_state *j = state_apply(&u->state, ev);
    if (j && ev->kind == EVENT_STEP_FINISHED && j->failed.number == ev->step &&
        step_outcome(&j->step) == RESULT_FAILURE)
        keep_tail(u, j);
    if (j && ev->kind == EVENT_JOB_FINISHED && job_outcome(j) == RESULT_FAILURE && j->failed.number == 0)
        keep_tail(u, j);
    if (ev->kind == EVENT_JOB_FINISHED)
        state_release(j);
    return 0;
}

static int junit_finish(struct sink *sink, struct err *e)
{
    struct junit *u = (struct junit *)sink;
    struct buf b CLEAN(buf) = BUF(DOCUMENT_MAX);
    add_document(&b, u);
    if (b.over)
        return err_set(e, E2BIG, "%s: the report would be larger than 128 MiB", u->path);
    return file_write(u->path, buf_str(&b), 0666, e);
}

static void junit_free(struct sink *sink)
{
    struct junit *u = (struct junit *)sink;
    for (size_t i = 0; i < u->failures.n; i++)
        free(u->failures.p[i].log);
    vec_done(&u->failures);
    state_done(&u->state);
    free(u->path);
    free(u);
}

static const struct sink_ops junit_ops = {
    .name = "junit",
    .event = junit_event,
    .finish = junit_finish,
    .free = junit_free,
};

struct sink *sink_junit_new(struct str path)
{
    struct junit *u = mem_alloc(sizeof *u);
    u->sink.ops = &junit_ops;
    u->path = mem_dup_str(path);
    state_init(&u->state);
    return &u->sink;
}
