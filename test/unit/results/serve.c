/*
 * results_serve ARTIFACTS CACHES MAX REF[,REF...] JOB... - the results service without the engine, for tests: prints
 * its URL, then the token of each job, a line each, and serves until its standard input ends.
 */
#include "core/base.h"
#include "core/num.h"
#include "results/results.h"

#include <unistd.h>

static int fail(const struct err *e)
{
    fprintf(stderr, "results_serve: %s\n", e->text);
    return 1;
}

int main(int argc, char **argv)
{
    struct arena *a CLEAN(arena) = arena_new();
    struct results_options o = {.repo = STR("mina/demo")};
    struct results_grant grant = {0};
    struct results *s = NULL;
    struct str refs, ref;
    struct err e = {0};
    char c;
    if (argc < 5 || num_parse_u64(str_from(argv[3]), UINT64_MAX, &o.max_bytes) < 0)
        return 2;
    o.artifacts = str_from(argv[1]);
    o.caches = str_from(argv[2]);
    refs = str_from(argv[4]);
    str_next(&refs, ',', &grant.ref);
    while (str_next(&refs, ',', &ref))
        vec_push_in(a, &grant.refs, ref);
    if (results_open(&o, &s, &e) < 0)
        return fail(&e);
    printf("%s\n", results_url(s).p);
    for (int i = 5; i < argc; i++) {
        CLEAN(buf) struct buf token = BUF(BUF_LINE);
        grant.job = str_from(argv[i]);
        if (results_token(s, &grant, &token, &e) < 0)
            return fail(&e);
        printf("%s\n", buf_cstr(&token));
    }
    fflush(stdout);
    while (read(STDIN_FILENO, &c, 1) > 0)
        ;
    results_close(s);
    return 0;
}
