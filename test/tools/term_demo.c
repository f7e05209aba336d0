/*
 * term_demo - plays a made-up run to the terminal view, so that a person can look at it: term_demo [JOBS] [-v] [-q].
 * Built with the tests, never installed. ^C ends the run the way the engine does: jobs cancelled, then the table.
 */
#include "core/base.h"

#include "core/mem.h"
#include "core/num.h"
#include "event/event.h"
#include "sink/sink.h"
#include "sys/clock.h"
#include "sys/host.h"

#include <signal.h>
#include <unistd.h>

#define MS INT64_C(1000000)
#define JOBS_MAX 500

static volatile sig_atomic_t interrupted;

struct demo {
    struct bus *bus;
    unsigned jobs;
    int64_t began_ns;
    struct run {
        bool started, over;
        unsigned step;
        int64_t job_ns, step_ns;
    } runs[JOBS_MAX + 1];
};

static const char *const steps[] = {"Set up job", "actions/checkout@v4", "Set up Python",
                                    "Install",    "Run tests",           "Upload"};
static const char *const talk[] = {
    "Collecting pytest==8.3.3 from https://pypi.example/simple/pytest/pytest-8.3.3-py3-none-any.whl (342 kB)",
    "\033[32m......................\033[0m [ 35%]",
    "\tindented by a tab, 한국어 출력도 잘린다, \033]0;a title\a\033[2Jand a cleared screen",
    "  10%|###       | 1/10\r  50%|#####     | 5/10\r 100%|##########| 10/10",
    "warning: something is deprecated",
};

static void interrupt(int sig)
{
    UNUSED(sig);
    interrupted = 1;
}

static void emit(struct demo *d, struct event ev)
{
    bus_emit(d->bus, &ev);
}

static void queue(struct demo *d)
{
    static const char *const names[] = {"lint", "test (3.9)", "test (3.12)", "build",
                                        "integration tests on postgres (17, amd64)"};
    emit(d, (struct event){.kind = EVENT_RUN_STARTED, .name = STR("push"), .text = STR("main"), .number = 12});
    emit(d, (struct event){.kind = EVENT_PIPELINE, .service = STR("github"), .pipeline = STR("CI"), .started = true});
    emit(d, (struct event){.kind = EVENT_PIPELINE,
                           .service = STR("github"),
                           .pipeline = STR("Load"),
                           .text = STR("not triggered (branches: staging)")});
    for (unsigned i = 1; i <= d->jobs; i++) {
        bool aws = i % 5 == 4;
        char name[80];
        int n = snprintf(name, sizeof name, i > 5 ? "%s #%u" : "%s", names[(i - 1) % 5], i);
        emit(d, (struct event){.kind = EVENT_JOB_QUEUED,
                               .job = i,
                               .service = aws ? STR("codebuild") : STR("github"),
                               .pipeline = aws ? STR("buildspec.yml") : STR("CI"),
                               .name = str_of(name, (size_t)n),
                               .file = STR(".github/workflows/ci.yml"),
                               .line = 10 + i});
        emit(d, (struct event){.kind = EVENT_NOTE,
                               .job = i,
                               .how = HOW_SUBSTITUTED,
                               .name = STR("ubuntu-24.04"),
                               .text = STR("this host, Debian 12")});
    }
}

static void start_step(struct demo *d, unsigned job, int64_t now)
{
    struct run *r = &d->runs[job];
    r->step++;
    r->step_ns = now;
    emit(d, (struct event){.kind = EVENT_STEP_STARTED,
                           .job = job,
                           .step = r->step,
                           .name = str_from(steps[r->step - 1]),
                           .file = STR(".github/workflows/ci.yml"),
                           .line = 30 + r->step,
                           .text = r->step == 5 ? STR("set -e\npytest -q --cov=app") : STR("")});
}

static void end_job(struct demo *d, unsigned job, int64_t now, enum result result)
{
    struct run *r = &d->runs[job];
    r->over = true;
    emit(d,
         (struct event){.kind = EVENT_JOB_FINISHED,
                        .job = job,
                        .result = result,
                        .elapsed_ns = r->started ? now - r->job_ns : 0,
                        .text = result == RESULT_SKIPPED
                                    ? STR("if: github.ref == 'refs/heads/release' is false, so nothing of it runs here")
                                    : STR("")});
}

static void end_step(struct demo *d, unsigned job, int64_t now)
{
    struct run *r = &d->runs[job];
    bool fails = r->step == 5 && job % 5 == 3;
    emit(d, (struct event){.kind = EVENT_STEP_FINISHED,
                           .job = job,
                           .step = r->step,
                           .status = fails,
                           .result = fails ? RESULT_FAILURE : RESULT_SUCCESS,
                           .conclusion = fails ? RESULT_FAILURE : RESULT_SUCCESS,
                           .elapsed_ns = now - r->step_ns});
    if (fails || r->step == ARRAY_LEN(steps))
        end_job(d, job, now, fails ? RESULT_FAILURE : RESULT_SUCCESS);
    else
        start_step(d, job, now);
}

/* Three jobs at a time; every step lasts between 0.3 and 0.9 s. */
static bool advance(struct demo *d, int64_t now, unsigned turn)
{
    unsigned running = 0, left = 0;
    for (unsigned i = 1; i <= d->jobs; i++) {
        struct run *r = &d->runs[i];
        if (!r->started && !r->over && i % 7 == 5) {
            end_job(d, i, now, RESULT_SKIPPED);
        } else if (!r->started && !r->over && running < 3) {
            r->started = true;
            r->job_ns = now;
            emit(d, (struct event){.kind = EVENT_JOB_STARTED, .job = i, .text = STR("overlay")});
            start_step(d, i, now);
        }
        if (r->started && !r->over) {
            running++;
            emit(d, (struct event){.kind = EVENT_OUTPUT,
                                   .job = i,
                                   .step = r->step,
                                   .text = str_from(talk[(turn / 3 + i) % ARRAY_LEN(talk)])});
            if (now - r->step_ns > (300 + 100 * (int64_t)((i * r->step) % 7)) * MS)
                end_step(d, i, now);
        }
        left += !r->over;
    }
    return left > 0;
}

static void cancel(struct demo *d)
{
    for (unsigned i = 1; i <= d->jobs; i++)
        if (!d->runs[i].over)
            end_job(d, i, clock_mono_ns() - d->began_ns, RESULT_CANCELLED);
}

int main(int argc, char **argv)
{
    struct sink_look look = {.out = STDOUT_FILENO,
                             .progress = STDERR_FILENO,
                             .colour = !getenv("NO_COLOR"),
                             .utf8 = !getenv("ASCII"),
                             .columns = term_columns(STDERR_FILENO),
                             .rows = term_rows(STDERR_FILENO)};
    struct demo *d = mem_alloc(sizeof *d);
    uint64_t jobs = 5;
    for (int i = 1; i < argc; i++) {
        look.verbose += str_is(str_from(argv[i]), "-v");
        look.quiet |= str_is(str_from(argv[i]), "-q");
        num_parse_u64(str_from(argv[i]), JOBS_MAX, &jobs);
    }
    d->jobs = (unsigned)jobs;
    d->bus = bus_new(clock_mono_ns);
    d->began_ns = clock_mono_ns();
    bus_attach(d->bus, term_is_tty(STDERR_FILENO) ? sink_term_new(&look) : sink_lines_new(&look));
    sigaction(SIGINT, &(struct sigaction){.sa_handler = interrupt}, NULL);
    queue(d);
    for (unsigned turn = 0; !interrupted && advance(d, clock_mono_ns() - d->began_ns, turn); turn++) {
        bus_tick(d->bus);
        nanosleep(&(struct timespec){.tv_nsec = 50 * MS}, NULL);
    }
    cancel(d);
    emit(d, (struct event){.kind = EVENT_RUN_FINISHED,
                           .result = RESULT_FAILURE,
                           .elapsed_ns = clock_mono_ns() - d->began_ns,
                           .number = interrupted ? 130 : 1});
    struct err e = {0};
    if (bus_finish(d->bus, &e) < 0)
        fprintf(stderr, "%s\n", e.text);
    bus_free(d->bus);
    free(d);
    return 0;
}
