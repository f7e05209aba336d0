/*
 * cli/cmd_doctor.c - `slipway doctor`: what this machine can do, what is missing, what that costs, how to get it.
 */
#include "cli/world.h"

#include "core/num.h"
#include "core/path.h"
#include "sandbox/sandbox.h"
#include "sys/file.h"
#include "sys/host.h"
#include "sys/run.h"

struct doctor {
    bool json;
    struct cli *cli;
    bool first;
    unsigned faults; /* things without which a run is worse or impossible */
};

static const struct option_row doctor_rows[] = {
    OPTION(struct doctor, json, "json", 0, OPTION_FLAG, NULL, "one JSON object a line"),
    {NULL, 0, OPTION_FLAG, 0, NULL, NULL, false},
};

extern const struct verb verb_doctor;

/* One finding; cost and mend are empty when all is well. */
static void finding(struct doctor *d, bool ok, const char *what, struct str found, const char *cost, const char *mend)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    d->faults += ok ? 0 : 1;
    if (d->json) {
        buf_printf(&b, "{\"what\":\"%s\",\"ok\":%s,\"found\":", what, ok ? "true" : "false");
        buf_add_json(&b, found);
        buf_add_cstr(&b, ",\"cost\":");
        buf_add_json(&b, str_from(ok ? "" : cost));
        buf_add_cstr(&b, ",\"mend\":");
        buf_add_json(&b, str_from(ok ? "" : mend));
        buf_add_cstr(&b, "}\n");
    } else {
        const char *sgr = !d->cli->colour_out ? "" : ok ? "\033[32m" : "\033[33m";
        buf_printf(&b, "%s%s%s  %-13s %.*s\n", sgr, ok ? "ok     " : "missing", d->cli->colour_out ? "\033[0m" : "",
                   what, STR_ARG(found));
        if (!ok && cost[0] != '\0')
            buf_printf(&b, "         costs: %s\n", cost);
        if (!ok && mend[0] != '\0')
            buf_printf(&b, "         mend:  %s\n", mend);
    }
    fwrite(buf_cstr(&b), 1, b.n, stdout);
}

static void check_sandbox(struct doctor *d, struct arena *a)
{
    struct err err = {0};
    struct sandbox_caps caps = {0};
    struct str runs = path_join(a, host_state_dir(a), STR("run"));
    if (dir_make(runs.p, 0755, &err) < 0) {
        finding(d, false, "state folder", str_from(err.text), "nothing can run",
                "make it writable, or set XDG_STATE_HOME");
        return;
    }
    sandbox_probe(runs.p, &caps);
    finding(d, caps.userns, "namespaces", caps.userns ? STR("user, mount, pid, ipc, uts") : str_from(caps.why_userns),
            "jobs run `plain`: in a copied tree, on this machine's own root",
            "sysctl kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0 or "
            "user.max_user_namespaces=10000, whichever the reason names");
    finding(d, caps.overlay, "overlayfs", caps.overlay ? STR("copy-on-write roots") : str_from(caps.why_overlay),
            "jobs run `plain`: in a copied tree, on this machine's own root",
            "a kernel of 5.11 or later; a state folder (XDG_STATE_HOME) on ext4, xfs or btrfs");
    finding(d, caps.range_map, "newuidmap",
            caps.range_map ? STR("several user ids inside a job") : str_from(caps.why_range_map),
            "one user id inside a job: chown to others is only pretended, and said so",
            "apt-get install uidmap, and a line for you in /etc/subuid and /etc/subgid");
}

/* The versions of one tool that jobs can ask for. */
static void check_tool(struct doctor *d, const struct machine_facts *m, const char *tool, const char *cost,
                       const char *mend)
{
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    for (size_t i = 0; i < m->n_interpreters; i++) {
        const struct interpreter *one = &m->interpreters[i];
        if (str_is(one->tool, tool))
            buf_printf(&b, "%s%.*s (%.*s)", b.n > 0 ? ", " : "", STR_ARG(one->version), STR_ARG(one->origin));
    }
    finding(d, b.n > 0, tool, b.n > 0 ? buf_str(&b) : STR("none"), cost, mend);
}

static void check_interpreters(struct doctor *d, struct arena *a)
{
    struct machine_facts m;
    world_machine(a, host_cache_dir(a), &m);
    check_tool(d, &m, "python", "jobs with actions/setup-python or UsePythonVersion are skipped",
               "apt-get install python3 python3-venv; uv python install 3.12");
    check_tool(d, &m, "node", "jobs with actions/setup-node or UseNode are skipped", "apt-get install nodejs npm");
    check_tool(d, &m, "go", "jobs with actions/setup-go or GoTool are skipped", "apt-get install golang-go");
    static const struct {
        const char *name, *cost, *mend;
    } programs[] = {
        {"git", "no branch, no changed files, no first commit", "apt-get install git"},
        {"bash", "steps run in sh, as the runner does without bash", "apt-get install bash"},
        {"make", "the scaffold's targets do not run", "apt-get install make"},
    };
    for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
        struct str path = map_get_str(&m.programs, str_from(programs[i].name));
        finding(d, path.n > 0, programs[i].name, path.n > 0 ? path : STR("not on PATH"), programs[i].cost,
                programs[i].mend);
    }
}

/* The most that one leg of the scaffold leaves in its sandbox is about 200 MB. */
#define DISK_WANTED ((uint64_t)2 << 30)

static void check_disk(struct doctor *d, struct arena *a)
{
    static const char *const names[] = {"state", "cache"};
    struct str dirs[] = {host_state_dir(a), host_cache_dir(a)};
    for (size_t i = 0; i < 2; i++) {
        uint64_t bytes = 0;
        struct err err = {0};
        CLEAN(buf) struct buf b = BUF(BUF_LINE);
        int rc = dir_make(dirs[i].p, 0755, &err);
        rc = rc < 0 ? rc : disk_free(dirs[i].p, &bytes, &err);
        if (rc == 0) {
            num_add_size(&b, bytes);
            buf_printf(&b, " free in %.*s", STR_ARG(dirs[i]));
        } else {
            buf_add_cstr(&b, err.text);
        }
        finding(d, rc == 0 && bytes >= DISK_WANTED, names[i], buf_str(&b), "jobs may run out of disk",
                "free some space, or set XDG_STATE_HOME and XDG_CACHE_HOME to another disk");
    }
}

static int run_doctor(struct cli *c, int argc, char **argv)
{
    struct doctor d = {0};
    struct strs words = {0};
    int code = options_read(c, &verb_doctor, argc, argv, &d, &words);
    if (code != 0)
        return code < 0 ? EXIT_PASSED : code;
    struct host_info h;
    host_read(c->arena, &h);
    d.cli = c;
    CLEAN(buf) struct buf b = BUF(BUF_LINE);
    buf_printf(&b, "%.*s, %.*s, %u processor%s, user %.*s", STR_ARG(h.os_name), STR_ARG(h.machine), h.cpus,
               h.cpus == 1 ? "" : "s", STR_ARG(h.user));
    finding(&d, true, "machine", buf_str(&b), "", "");
    check_sandbox(&d, c->arena);
    check_interpreters(&d, c->arena);
    check_disk(&d, c->arena);
    return d.faults > 0 ? EXIT_ENVIRONMENT : EXIT_PASSED;
}

const struct verb verb_doctor = {
    .name = "doctor",
    .args = "",
    .summary = "what this machine can isolate and run; what is missing, what it costs, how to get it",
    .more = "exit: 0 all is there, 3 something is missing (runs still work, with less).",
    .options = doctor_rows,
    .run = run_doctor,
};
