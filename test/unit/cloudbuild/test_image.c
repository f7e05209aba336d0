/*
 * Stand-ins for images: names in all their forms, versions in tags, what this machine has and what it lacks.
 */
#include "gb_play.h"

struct machine {
    struct arena *a;
    struct facts facts;
};

static void machine_init(struct machine *m)
{
    *m = (struct machine){.a = arena_new()};
    play_machine(&m->facts, m->a);
}

/* "entrypoint|cmd|note", or the reason why there is none. */
static struct str standin(struct machine *m, const char *image)
{
    struct gb_standin s = {0};
    struct err err = {0};
    int rc = gb_standin_find(m->a, str_from(image), &m->facts, &s, &err);
    if (rc < 0) {
        assert_int_equal(rc, -ENOENT);
        return arena_printf(m->a, "none: %s", err.text);
    }
    return arena_printf(m->a, "%.*s|%.*s|%.*s", STR_ARG(s.entrypoint), STR_ARG(s.cmd.n > 0 ? s.cmd.p[0] : STR("")),
                        STR_ARG(s.note));
}

#define PY12 "Python 3.12.1 of this host (/opt/py/bin/python3.12), in a virtual environment"
#define PY11 "Python 3.11.2 of this host (/usr/bin/python3.11), in a virtual environment"
#define HOST "the own tools of this host, Debian GNU/Linux 12 (bookworm)"
#define ROOM "images are built, pushed and run by the image room, which this version does not have"

static void test_standins(void **state)
{
    static const struct {
        const char *image, *wanted;
    } CASES[] = {
        {"python:3.12", "|python3|" PY12},
        {"python", "|python3|" PY12},
        {"python:latest", "|python3|" PY12},
        {"python:slim", "|python3|" PY12},
        {"python:3", "|python3|" PY12},
        {"python:3.12-slim-bookworm", "|python3|" PY12},
        {"python:3.12.1-alpine3.19", "|python3|" PY12},
        {"python:3.11", "|python3|" PY11},
        {"library/python:3.11-slim", "|python3|" PY11},
        {"docker.io/library/python:3.11", "|python3|" PY11},
        {"docker.io/python:3.11", "|python3|" PY11},
        {"mirror.gcr.io/library/python:3.11", "|python3|" PY11},
        {"python:3.11@sha256:aaaa", "|python3|" PY11},
        {"python:3.9", "none: no Python 3.9 here (there is: 3.12.1 (uv), 3.11.2 (system))"},
        {"python:3.12.4", "none: no Python 3.12.4 here (there is: 3.12.1 (uv), 3.11.2 (system))"},
        {"python:3.1", "none: no Python 3.1 here (there is: 3.12.1 (uv), 3.11.2 (system))"},
        {"python:3.13-rc-slim", "none: no Python 3.13-rc-slim here (there is: 3.12.1 (uv), 3.11.2 (system))"},
        {"node:20", "|node|Node.js 20.11.0 of this host (/opt/node/bin/node)"},
        {"node:lts-alpine3.19", "|node|Node.js 20.11.0 of this host (/opt/node/bin/node)"},
        {"node:iron-slim", "|node|Node.js 20.11.0 of this host (/opt/node/bin/node)"},
        {"node:jod", "none: no Node.js 22 here (there is: 20.11.0 (PATH))"},
        {"golang:1.22-bookworm", "|bash|Go 1.22.1 of this host (/usr/local/go/bin/go)"},
        {"golang:1.21", "none: no Go 1.21 here (there is: 1.22.1 (PATH))"},
        {"gcc:13", "|bash|gcc of this host (/usr/bin/gcc), whatever the tag says"},
        {"ubuntu", "|bash|" HOST},
        {"ubuntu:22.04", "|bash|" HOST},
        {"debian:bookworm-slim", "|bash|" HOST},
        {"alpine", "|sh|" HOST ", not those of busybox"},
        {"bash:5", "|bash|bash of this host (/bin/bash), whatever the tag says"},
        {"gcr.io/cloud-builders/git", "git||git of this host (/usr/bin/git), whatever the tag says"},
        {"us.gcr.io/cloud-builders/git", "git||git of this host (/usr/bin/git), whatever the tag says"},
        {"gcr.io/cloud-builders/npm:node-20", "npm||Node.js 20.11.0 of this host (/opt/node/bin/node)"},
        {"gcr.io/cloud-builders/yarn", "yarn||Node.js 20.11.0 of this host (/opt/node/bin/node)"},
        {"gcr.io/cloud-builders/go:debian", "go||Go 1.22.1 of this host (/usr/local/go/bin/go)"},
        {"gcr.io/cloud-builders/mvn", "none: no mvn here that jobs can see"},
        {"gcr.io/cloud-builders/gcloud", "none: no gcloud here that jobs can see"}, /* it lies in a home */
        {"gcr.io/cloud-builders/docker", "none: " ROOM},
        {"docker:24-dind", "none: " ROOM},
        {"gcr.io/my-project/my-builder", "none: no tool of this host stands in for it"},
        {"localhost:5000/python", "none: no tool of this host stands in for it"},
        {"pythons", "none: no tool of this host stands in for it"},
    };
    struct machine m;
    UNUSED(state);
    machine_init(&m);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct str got = standin(&m, CASES[i].image);
        if (!str_is(got, CASES[i].wanted))
            fail_msg("%s: '%.*s' is not '%s'", CASES[i].image, STR_ARG(got), CASES[i].wanted);
    }
    arena_free(m.a);
}

/* What the local builder's TestStripTagDigest has, and ports. */
static void test_names(void **state)
{
    static const struct {
        const char *image, *name, *tag;
    } CASES[] = {
        {"gcr.io/foo/bar@sha256:123abc", "gcr.io/foo/bar", ""},
        {"gcr.io/foo/bar:123abc", "gcr.io/foo/bar", "123abc"},
        {"gcr.io/foo/bar", "gcr.io/foo/bar", ""},
        {"host:5000/bar", "host:5000/bar", ""},
        {"host:5000/bar:1@sha256:1", "host:5000/bar", "1"},
    };
    struct arena *a = arena_new();
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(CASES); i++) {
        struct str name, tag;
        gb_image_name(a, str_from(CASES[i].image), &name, &tag);
        assert_str(name, CASES[i].name);
        assert_str(tag, CASES[i].tag);
    }
    arena_free(a);
}

static void test_env(void **state)
{
    struct machine m;
    struct gb_standin s = {0};
    UNUSED(state);
    machine_init(&m);
    assert_int_equal(gb_standin_find(m.a, STR("golang"), &m.facts, &s, NULL), 0);
    assert_int_equal(s.env.n, 2);
    assert_str(s.env.p[0], "GOLANG_VERSION=1.22.1");
    assert_str(s.env.p[1], "GOPATH=/go");
    s = (struct gb_standin){0};
    assert_int_equal(gb_standin_find(m.a, STR("node"), &m.facts, &s, NULL), 0);
    assert_str(s.env.p[0], "NODE_VERSION=20.11.0");
    assert_str(s.dash, "node");
    arena_free(m.a);
}

/* gcloud of a folder that jobs see is taken, and its lack of credentials is told. */
static void test_cloud(void **state)
{
    struct machine m;
    UNUSED(state);
    machine_init(&m);
    map_set_str(&m.facts.machine.programs, STR("gcloud"), STR("/usr/bin/gcloud"));
    assert_str(standin(&m, "gcr.io/google.com/cloudsdktool/cloud-sdk:slim"),
               "|bash|gcloud of this host (/usr/bin/gcloud), whatever the tag says; without credentials of yours");
    struct gb_standin s = {0};
    assert_int_equal(gb_standin_find(m.a, STR("gcr.io/cloud-builders/gcloud"), &m.facts, &s, NULL), 0);
    assert_str(s.env.p[0], "CLOUDSDK_CORE_CHECK_GCE_METADATA=false");
    assert_str(s.env.p[1], "NO_GCE_CHECK=true");
    arena_free(m.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_standins),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_env),
        cmocka_unit_test(test_cloud),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
