/*
 * gb_image.c - which of this machine's own tools stand in for the image of a step (specification 13): a table of names.
 *
 * A stand-in is no image: the step gets a fresh root of this machine with the tool in front of its PATH. So what the
 * table does not have is refused rather than guessed, and each stand-in is told in words that name both sides.
 */
#include "core/base.h"
#include "provider/cloudbuild/run_priv.h"

#include "core/path.h"
#include "provider/interpreter.h"
#include "provider/tool.h"

enum gb_kind {
    GB_INTERPRETER, /* `tool` in the version that the tag names */
    GB_PROGRAM,     /* `tool` of this machine, whatever its version */
    GB_HOST,        /* a distribution: this machine's own tools */
    GB_REFUSED      /* known, and never here: `words` say why */
};

/*
 * entrypoint: the image's, empty for none. dash: what its entrypoint script puts in front of arguments that begin with
 * a dash. cmd: what runs without arguments. The name is as gb_image_name gives it, and no pattern.
 */
struct gb_image_row {
    const char *name;
    enum gb_kind kind;
    const char *tool, *entrypoint, *dash, *cmd, *words;
};

#define NO_IMAGES "images are built, pushed and run by the image room, which this version does not have"
#define NO_KEYS "without credentials of yours"

static const struct gb_image_row ROWS[] = {
    {"python", GB_INTERPRETER, "python", "", "", "python3", ""},
    {"node", GB_INTERPRETER, "node", "", "node", "node", ""},
    {"golang", GB_INTERPRETER, "go", "", "", "bash", ""},
    {"gcc", GB_PROGRAM, "gcc", "", "", "bash", ""},
    {"maven", GB_PROGRAM, "mvn", "", "", "mvn", ""},
    {"gradle", GB_PROGRAM, "gradle", "", "", "gradle", ""},
    {"openjdk", GB_PROGRAM, "javac", "", "", "jshell", ""},
    {"eclipse-temurin", GB_PROGRAM, "javac", "", "", "jshell", ""},
    {"bash", GB_PROGRAM, "bash", "", "bash", "bash", ""},
    {"curlimages/curl", GB_PROGRAM, "curl", "curl", "", "", ""},
    {"alpine/git", GB_PROGRAM, "git", "git", "", "", ""},
    {"ubuntu", GB_HOST, "", "", "", "bash", ""},
    {"debian", GB_HOST, "", "", "", "bash", ""},
    {"buildpack-deps", GB_HOST, "", "", "", "bash", ""},
    {"fedora", GB_HOST, "", "", "", "bash", ""},
    {"rockylinux", GB_HOST, "", "", "", "bash", ""},
    {"alpine", GB_HOST, "", "", "", "sh", "not those of busybox"},
    {"busybox", GB_HOST, "", "", "", "sh", "not those of busybox"},
    {"gcr.io/google-appengine/debian9", GB_HOST, "", "", "", "bash", ""},
    {"marketplace.gcr.io/google/ubuntu2204", GB_HOST, "", "", "", "bash", ""},
    {"gcr.io/cloud-builders/git", GB_PROGRAM, "git", "git", "", "", ""},
    {"gcr.io/cloud-builders/curl", GB_PROGRAM, "curl", "curl", "", "", ""},
    {"gcr.io/cloud-builders/wget", GB_PROGRAM, "wget", "wget", "", "", ""},
    {"gcr.io/cloud-builders/npm", GB_INTERPRETER, "node", "npm", "", "", ""},
    {"gcr.io/cloud-builders/yarn", GB_INTERPRETER, "node", "yarn", "", "", ""},
    {"gcr.io/cloud-builders/go", GB_INTERPRETER, "go", "go", "", "", ""},
    {"gcr.io/cloud-builders/mvn", GB_PROGRAM, "mvn", "mvn", "", "", ""},
    {"gcr.io/cloud-builders/gradle", GB_PROGRAM, "gradle", "gradle", "", "", ""},
    {"gcr.io/cloud-builders/javac", GB_PROGRAM, "javac", "javac", "", "", ""},
    {"gcr.io/cloud-builders/bazel", GB_PROGRAM, "bazel", "bazel", "", "", ""},
    {"gcr.io/cloud-builders/dotnet", GB_PROGRAM, "dotnet", "dotnet", "", "", ""},
    {"gcr.io/cloud-builders/twine", GB_PROGRAM, "twine", "twine", "", "", NO_KEYS},
    {"gcr.io/cloud-builders/gcloud", GB_PROGRAM, "gcloud", "gcloud", "", "", NO_KEYS},
    {"gcr.io/cloud-builders/gsutil", GB_PROGRAM, "gsutil", "gsutil", "", "", NO_KEYS},
    {"gcr.io/cloud-builders/kubectl", GB_PROGRAM, "kubectl", "kubectl", "", "", NO_KEYS},
    {"gcr.io/google.com/cloudsdktool/cloud-sdk", GB_PROGRAM, "gcloud", "", "", "bash", NO_KEYS},
    {"gcr.io/google.com/cloudsdktool/google-cloud-cli", GB_PROGRAM, "gcloud", "", "", "bash", NO_KEYS},
    {"google/cloud-sdk", GB_PROGRAM, "gcloud", "", "", "bash", NO_KEYS},
    {"gcr.io/cloud-builders/docker", GB_REFUSED, "", "", "", "", NO_IMAGES},
    {"docker", GB_REFUSED, "", "", "", "", NO_IMAGES},
    {"gcr.io/kaniko-project/executor", GB_REFUSED, "", "", "", "", NO_IMAGES},
    {"gcr.io/k8s-skaffold/pack", GB_REFUSED, "", "", "", "", NO_IMAGES},
    {"gcr.io/cloud-builders/gke-deploy", GB_REFUSED, "", "", "", "", "it deploys to a cluster, which no test run does"},
    {"gcr.io/cloud-builders/gcs-fetcher", GB_REFUSED, "", "", "", "", "sources lie on this machine already"},
};

/* ---- names ---- */

/* The same images under other names: Docker Hub's long forms and its mirrors, the builders' regional copies. */
static const struct {
    const char *prefix, *instead;
} ALIASES[] = {
    {"docker.io/library/", ""},
    {"index.docker.io/library/", ""},
    {"registry.hub.docker.com/library/", ""},
    {"mirror.gcr.io/library/", ""},
    {"public.ecr.aws/docker/library/", ""},
    {"library/", ""},
    {"docker.io/", ""},
    {"index.docker.io/", ""},
    {"mirror.gcr.io/", ""},
    {"us.gcr.io/cloud-builders/", "gcr.io/cloud-builders/"},
    {"eu.gcr.io/cloud-builders/", "gcr.io/cloud-builders/"},
    {"asia.gcr.io/cloud-builders/", "gcr.io/cloud-builders/"},
};

void gb_image_name(struct arena *a, struct str image, struct str *ret_name, struct str *ret_tag)
{
    struct str name, digest;
    str_cut(image, '@', &name, &digest);
    ssize_t slash = str_rfind_ch(name, '/'), colon = str_rfind_ch(name, ':');
    *ret_tag = STR("");
    if (colon > slash) { /* else it is the port of a registry */
        *ret_tag = str_from_index(name, (size_t)colon + 1);
        name = str_sub(name, 0, (size_t)colon);
    }
    *ret_name = name;
    for (size_t i = 0; i < ARRAY_LEN(ALIASES); i++) {
        struct str prefix = str_from(ALIASES[i].prefix);
        if (!str_starts(name, prefix))
            continue;
        struct str rest = str_from_index(name, prefix.n);
        *ret_name = arena_printf(a, "%s%.*s", ALIASES[i].instead, STR_ARG(rest));
        return;
    }
}

static const struct gb_image_row *row_of(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(ROWS); i++)
        if (str_is(name, ROWS[i].name))
            return &ROWS[i];
    return NULL;
}

/* ---- versions ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/*
 * The version that a tag names: "3.12" of "3.12-slim-bookworm" and of "debian-3.12", "18" of "node-18"; empty: any
 * ("latest", "slim", "lts-alpine", "alpine3.19"). What follows a version and begins with a letter makes it a
 * prerelease ("3.15-rc", "3.15.0a2"), which stays in it, so that it is not found.
 */
struct str gb_image_version(struct str tag)
{
    struct str part;
    for (struct str rest = tag; str_next(&rest, '-', &part);) {
        if (part.n == 0 || !is_digit(part.p[0]))
            continue;
        bool early = str_starts(rest, STR("rc")) || str_starts(rest, STR("alpha")) || str_starts(rest, STR("beta"));
        bool alpine = str_starts(rest, STR("alpine"));
        return early && !alpine ? str_of(part.p, part.n + 1 + rest.n) : part;
    }
    return STR("");
}

/* What the service's Node.js is called before it has a number that all know: its code names. */
static struct str node_codename(struct str tag)
{
    static const struct {
        const char *name, *major;
    } NAMES[] = {{"hydrogen", "18"}, {"iron", "20"}, {"jod", "22"}, {"krypton", "24"}};
    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_starts(tag, str_from(NAMES[i].name)))
            return str_from(NAMES[i].major);
    return STR("");
}

/* ---- what there is ---- */

/* Where a program lies that jobs can see, too: folders of homes are hidden from them. Empty: nowhere. */
static struct str program_of(const struct facts *f, const char *name)
{
    struct str path = map_get_str(&f->machine.programs, str_from(name)), dir = path_dir(path), one;
    struct str folders = map_get_str(&f->base_env, STR("PATH"));
    while (path.n > 0 && str_next(&folders, ':', &one))
        if (str_eq(one, dir))
            return path;
    return STR("");
}

static int find_interpreter(struct arena *a, const struct gb_image_row *row, struct str tag, const struct facts *f,
                            struct gb_standin *ret, struct err *e)
{
    struct str version = gb_image_version(tag), title = interpreter_title(str_from(row->tool));
    if (version.n == 0 && str_is(str_from(row->tool), "node"))
        version = node_codename(tag);
    ret->tool = interpreter_find(f, row->tool, version);
    if (ret->tool == NULL) {
        struct str list = interpreter_list(a, f, row->tool);
        return err_set(e, ENOENT, "no %.*s%s%.*s here (there is: %.*s)", STR_ARG(title), version.n > 0 ? " " : "",
                       STR_ARG(version), STR_ARG(list));
    }
    ret->note = tool_words(a, ret->tool);
    return 0;
}

static int find_program(struct arena *a, const struct gb_image_row *row, const struct facts *f, struct gb_standin *ret,
                        struct err *e)
{
    struct str path = program_of(f, row->tool);
    if (path.n == 0)
        return err_set(e, ENOENT, "no %s here that jobs can see", row->tool);
    ret->note = arena_printf(a, "%s of this host (%.*s), whatever the tag says%s%s", row->tool, STR_ARG(path),
                             row->words[0] != '\0' ? "; " : "", row->words);
    return 0;
}

static void find_host(struct arena *a, const struct gb_image_row *row, const struct facts *f, struct gb_standin *ret)
{
    struct str os = f->machine.os_name.n > 0 ? f->machine.os_name : STR("this system");
    ret->shell_only = row->words[0] != '\0';
    ret->note = arena_printf(a, "the own tools of this host, %.*s%s%s", STR_ARG(os), row->words[0] != '\0' ? ", " : "",
                             row->words);
}

/*
 * ENV of the image, as far as steps notice it. A tool that would use credentials must not find those of the machine
 * that this may be: on one of the cloud's own they come from its metadata server, which the home does not hide.
 */
static void image_env(struct arena *a, const struct gb_image_row *row, struct gb_standin *s)
{
    if (strcmp(row->words, NO_KEYS) == 0) {
        vec_push_in(a, &s->env, STR("CLOUDSDK_CORE_CHECK_GCE_METADATA=false"));
        vec_push_in(a, &s->env, STR("NO_GCE_CHECK=true"));
    }
    if (s->tool == NULL)
        return;
    struct str version = s->tool->version;
    if (str_is(s->tool->tool, "python"))
        vec_push_in(a, &s->env, arena_printf(a, "PYTHON_VERSION=%.*s", STR_ARG(version)));
    else if (str_is(s->tool->tool, "node"))
        vec_push_in(a, &s->env, arena_printf(a, "NODE_VERSION=%.*s", STR_ARG(version)));
    else if (str_is(s->tool->tool, "go")) {
        vec_push_in(a, &s->env, arena_printf(a, "GOLANG_VERSION=%.*s", STR_ARG(version)));
        vec_push_in(a, &s->env, STR("GOPATH=/go"));
    }
}

int gb_standin_find(struct arena *a, struct str image, const struct facts *f, struct gb_standin *ret, struct err *e)
{
    struct str name, tag;
    struct gb_standin s = {0};
    int rc = 0;
    gb_image_name(a, image, &name, &tag);
    const struct gb_image_row *row = row_of(name);
    if (row == NULL)
        return err_set(e, ENOENT, "no tool of this host stands in for it");
    s.entrypoint = str_from(row->entrypoint);
    s.dash = str_from(row->dash);
    if (row->cmd[0] != '\0')
        vec_push_in(a, &s.cmd, str_from(row->cmd));
    switch (row->kind) {
    case GB_INTERPRETER:
        rc = find_interpreter(a, row, tag, f, &s, e);
        break;
    case GB_PROGRAM:
        rc = find_program(a, row, f, &s, e);
        break;
    case GB_HOST:
        find_host(a, row, f, &s);
        break;
    case GB_REFUSED:
        rc = err_set(e, ENOENT, "%s", row->words);
        break;
    }
    if (rc < 0)
        return rc;
    image_env(a, row, &s);
    *ret = s;
    return 0;
}
