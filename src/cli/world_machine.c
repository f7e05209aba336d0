/*
 * cli/world_machine.c - this machine as jobs meet it: programs, the variables that pass, the folders of the home.
 */
#include "cli/world.h"

#include "core/path.h"
#include "sys/file.h"
#include "sys/host.h"
#include "sys/run.h"

#include <unistd.h>

extern char **environ;

void world_machine(struct arena *a, struct str cache_dir, struct machine_facts *ret)
{
    static const char *const asked[] = {"bash",  "sh",    "git",    "node",  "python3", "pwsh",   "make",
                                        "sudo",  "perl",  "gcc",    "curl",  "wget",    "mvn",    "gradle",
                                        "javac", "bazel", "dotnet", "twine", "gcloud",  "gsutil", "kubectl"};
    struct host_info h;
    host_read(a, &h);
    *ret = (struct machine_facts){.os_id = h.os_id,
                                  .os_version = h.os_version,
                                  .os_name = h.os_name,
                                  .os_codename = h.os_codename,
                                  .machine = h.machine,
                                  .user = h.user,
                                  .hostname = h.hostname};
    map_init(&ret->programs, a, MAP_CASE);
    for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
        struct str path;
        if (run_find(a, asked[i], NULL, &path))
            map_set_str(&ret->programs, str_from(asked[i]), path);
    }
    world_interpreters(a, cache_dir, h.home, ret);
}

/* Folders of the home that hold tools, not secrets, and what in them must stay hidden. */
static const struct {
    const char *path;
    const char *hide[3];
} tool_dirs[] = {
    {".pyenv", {NULL}},
    {".local/share/uv", {"credentials", NULL}},
    {".local/share/mise", {NULL}},
    {".asdf", {NULL}},
    {".cargo", {"credentials.toml", "credentials", NULL}},
    {".rustup", {NULL}},
    {".nvm", {NULL}},
    {".volta", {NULL}},
    {"go", {NULL}},
    {"miniconda3", {NULL}},
    {"anaconda3", {NULL}},
    {"miniforge3", {NULL}},
    {"mambaforge", {NULL}},
};

/* Configuration that a package manager needs to reach its index; shown read-only in the job's own home. */
static const char *const config_files[] = {".config/pip/pip.conf", ".pip/pip.conf", ".npmrc",
                                           ".config/uv/uv.toml",   ".condarc",      ".cargo/config.toml"};

/* Variables that pass; a trailing * is a prefix. Upper and lower case as the tools read them. */
static const char *const passing[] = {
    "LANG",
    "LC_*",
    "TZ",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "ftp_proxy",
    "all_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "FTP_PROXY",
    "ALL_PROXY",
    "PIP_*",
    "UV_*",
    "NPM_CONFIG_*",
    "npm_config_*",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "NODE_EXTRA_CA_CERTS",
    "GOPROXY",
    "GOSUMDB",
    "GOFLAGS",
    "GOPRIVATE",
    "PYENV_ROOT",
    "CARGO_HOME",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "NVM_DIR",
    "JAVA_HOME",
};

static bool passes(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(passing); i++) {
        struct str p = str_from(passing[i]);
        if (p.p[p.n - 1] == '*' ? str_starts(name, str_sub(p, 0, p.n - 1)) : str_eq(name, p))
            return true;
    }
    return false;
}

/* Does a folder of PATH exist for jobs: not below the home, but for the tool folders. */
static bool visible(struct str dir, struct str home)
{
    if (!path_is_abs(dir))
        return false;
    if (!path_under(dir, home))
        return !path_under(dir, STR("/home")) && !path_under(dir, STR("/tmp")) && !path_under(dir, STR("/run"));
    struct str rel = path_rel(dir, home);
    for (size_t i = 0; i < ARRAY_LEN(tool_dirs); i++)
        if (path_under(rel, str_from(tool_dirs[i].path)) ||
            (str_starts(rel, str_from(tool_dirs[i].path)) && rel.n > strlen(tool_dirs[i].path) &&
             rel.p[strlen(tool_dirs[i].path)] == '/'))
            return true;
    return false;
}

static struct str job_path(struct arena *a, struct str home)
{
    CLEAN(buf) struct buf b = BUF((size_t)64 << 10);
    const char *path = getenv("PATH");
    struct str rest = arena_printf(a, "%s:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                   path != NULL ? path : ""),
               dir;
    struct map seen;
    map_init(&seen, a, MAP_CASE);
    buf_add_cstr(&b, WORLD_SHIMS);
    while (str_next(&rest, ':', &dir)) {
        if (dir.n == 0 || !visible(path_clean(a, dir), home) || !map_set(&seen, dir, a))
            continue;
        buf_add_ch(&b, ':');
        buf_add(&b, dir);
    }
    return arena_str(a, buf_str(&b));
}

void world_base_env(struct arena *a, struct str home, struct map *ret)
{
    map_init(ret, a, MAP_CASE);
    map_set_str(ret, STR("LANG"), STR("C.UTF-8"));
    for (char **v = environ; *v != NULL; v++) {
        struct str name, value;
        if (str_cut(str_from(*v), '=', &name, &value) && passes(name))
            map_set_str(ret, name, value);
    }
    map_set_str(ret, STR("PATH"), job_path(a, home));
    map_set_str(ret, STR("SHELL"), STR("/bin/bash"));
}

static void add_mount(struct arena *a, struct sandbox_mount **p, size_t *n, struct sandbox_mount m)
{
    struct {
        struct sandbox_mount *p;
        size_t n, cap;
    } v = {*p, *n, *n}; /* grown by hand: a dozen of them */
    vec_push_in(a, &v, m);
    *p = v.p;
    *n = v.n;
}

/* A linked work tree's .git is a file that names a folder elsewhere: jobs need to see that as well. */
static void git_mounts(struct arena *a, const struct repo_facts *r, struct sandbox_mount **ret, size_t *n)
{
    struct str dot = path_join(a, r->root, STR(".git")), common;
    if (!r->is_git || path_is_dir(dot.p))
        return;
    const char *const argv[] = {"git", "rev-parse", "--path-format=absolute", "--git-common-dir", NULL};
    if (run_line(a, argv, r->root.p, &common, NULL) == 0 && path_is_abs(common))
        add_mount(a, ret, n, (struct sandbox_mount){.kind = MOUNT_VIEW, .source = common, .path = common});
}

/* PYENV_ROOT, or a tool of another user: below a folder that sandboxes hide and not shown yet. */
static void interpreter_mounts(struct arena *a, struct str home, const struct machine_facts *m,
                               struct sandbox_mount **ret, size_t *n)
{
    const struct str hidden[] = {STR("/root"), STR("/home"), STR("/tmp"), STR("/run"), home};
    for (size_t i = 0; i < m->n_interpreters; i++) {
        struct str prefix = m->interpreters[i].prefix;
        bool wanted = false;
        for (size_t k = 0; k < ARRAY_LEN(hidden); k++)
            wanted = wanted || path_under(prefix, hidden[k]);
        for (size_t k = 0; k < *n; k++)
            wanted = wanted && !path_under(prefix, (*ret)[k].path);
        if (wanted)
            add_mount(a, ret, n, (struct sandbox_mount){.kind = MOUNT_VIEW, .source = prefix, .path = prefix});
    }
}

void world_home_mounts(struct arena *a, struct str home, const struct facts *f, struct sandbox_mount **ret,
                       size_t *ret_n)
{
    *ret = NULL;
    *ret_n = 0;
    for (size_t i = 0; i < ARRAY_LEN(tool_dirs); i++) {
        struct str path = path_join(a, home, str_from(tool_dirs[i].path));
        if (!path_is_dir(path.p))
            continue;
        struct sandbox_mount m = {.kind = MOUNT_VIEW, .source = path, .path = path};
        for (size_t k = 0; tool_dirs[i].hide[k] != NULL; k++)
            if (path_exists(path_join(a, path, str_from(tool_dirs[i].hide[k])).p))
                vec_push_in(a, &m.hide, str_from(tool_dirs[i].hide[k]));
        add_mount(a, ret, ret_n, m);
    }
    for (size_t i = 0; i < ARRAY_LEN(config_files); i++) {
        struct str path = path_join(a, home, str_from(config_files[i]));
        if (path_exists(path.p))
            add_mount(a, ret, ret_n,
                      (struct sandbox_mount){
                          .kind = MOUNT_RO, .source = path, .path = arena_printf(a, "~/%s", config_files[i])});
    }
    interpreter_mounts(a, home, &f->machine, ret, ret_n);
    git_mounts(a, &f->repo, ret, ret_n);
}
