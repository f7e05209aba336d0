#include "core/base.h"
#include "sys/host.h"
#include "core/path.h"
#include "sys/file.h"

#include <pwd.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FILES_MAX 65536

#define OS_RELEASE_MAX ((size_t)64 << 10)
#define CPUS_MAX (1u << 16)

/* The value of an os-release line without its quotes; in quotes a backslash stands before " $ ` and itself. */
static struct str os_value(struct arena *a, struct str raw)
{
    raw = str_trim(raw);
    char quote = raw.n >= 2 ? raw.p[0] : '\0';
    if ((quote != '"' && quote != '\'') || raw.p[raw.n - 1] != quote)
        return arena_str(a, raw);
    raw = str_sub(raw, 1, raw.n - 1);
    char *p = arena_alloc(a, raw.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < raw.n; i++) {
        if (quote == '"' && raw.p[i] == '\\' && i + 1 < raw.n)
            i++;
        p[n++] = raw.p[i];
    }
    return str_of(p, n);
}

/* os-release(5): the first of two places counts; without ID the system calls itself "linux". */
static void os_read(struct arena *a, struct host_info *host)
{
    struct str text, line, key, value;
    host->os_id = host->os_name = STR("linux");
    host->os_version = host->os_codename = STR("");
    if (file_read(a, "/etc/os-release", OS_RELEASE_MAX, &text, NULL) < 0 &&
        file_read(a, "/usr/lib/os-release", OS_RELEASE_MAX, &text, NULL) < 0)
        return;
    while (str_next(&text, '\n', &line)) {
        if (!str_cut(line, '=', &key, &value))
            continue;
        if (str_is(key, "ID"))
            host->os_id = os_value(a, value);
        else if (str_is(key, "VERSION_ID"))
            host->os_version = os_value(a, value);
        else if (str_is(key, "PRETTY_NAME"))
            host->os_name = os_value(a, value);
        else if (str_is(key, "VERSION_CODENAME"))
            host->os_codename = os_value(a, value);
    }
}

/* A machine may have more CPUs than a plain cpu_set_t has bits; the kernel says so with EINVAL. */
static unsigned cpu_count(void)
{
    for (unsigned bits = CPU_SETSIZE; bits <= CPUS_MAX; bits *= 2) {
        cpu_set_t *set = CPU_ALLOC(bits);
        if (!set)
            return 1;
        size_t size = CPU_ALLOC_SIZE(bits);
        int r = sched_getaffinity(0, size, set), n = r == 0 ? CPU_COUNT_S(size, set) : 0;
        CPU_FREE(set);
        if (n > 0)
            return (unsigned)n;
        if (r == 0 || errno != EINVAL)
            break;
    }
    return 1;
}

/* The absolute path in an environment variable, or STR_NONE. */
static struct str env_dir(const char *name)
{
    struct str dir = str_from(getenv(name));
    return path_is_abs(dir) ? dir : STR_NONE;
}

static void user_read(struct arena *a, struct host_info *host)
{
    struct passwd entry, *found = NULL;
    size_t size = (size_t)16 << 10;
    CLEAN(free) char *room = mem_alloc(size);
    if (getpwuid_r(host->uid, &entry, room, size, &found) != 0)
        found = NULL;
    struct str name = str_from(found ? found->pw_name : getenv("USER")), home = env_dir("HOME");
    if (!home.p)
        home = str_from(found ? found->pw_dir : NULL);
    host->user = name.n ? arena_str(a, name) : arena_printf(a, "%u", host->uid);
    host->home = path_is_abs(home) ? arena_str(a, home) : STR("/");
}

void host_read(struct arena *a, struct host_info *ret)
{
    struct utsname names;
    *ret = (struct host_info){.uid = geteuid(), .cpus = cpu_count()};
    MUST(uname(&names) == 0);
    ret->machine = arena_cstr(a, names.machine);
    ret->hostname = arena_cstr(a, names.nodename);
    os_read(a, ret);
    user_read(a, ret);
}

/* `variable` is of the XDG base directory specification: a relative path in it is to be ignored. */
static struct str xdg_dir(struct arena *a, const char *variable, const char *in_home, const char *in_tmp)
{
    struct str dir = env_dir(variable);
    if (dir.p)
        return path_clean(a, path_join(a, dir, STR("slipway")));
    struct host_info host = {.uid = geteuid()};
    user_read(a, &host);
    if (!str_is(host.home, "/") && path_is_dir(host.home.p))
        return path_clean(a, arena_printf(a, "%s/%s/slipway", host.home.p, in_home));
    return arena_printf(a, "/tmp/slipway-%u/%s", host.uid, in_tmp);
}

void host_raise_files(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) != 0)
        return;
    rlim_t wanted = r.rlim_max < FILES_MAX ? r.rlim_max : FILES_MAX;
    if (r.rlim_cur >= wanted)
        return;
    r.rlim_cur = wanted;
    setrlimit(RLIMIT_NOFILE, &r); /* where it fails, there are as many as before */
}

struct str host_cache_dir(struct arena *a)
{
    return xdg_dir(a, "XDG_CACHE_HOME", ".cache", "cache");
}

struct str host_state_dir(struct arena *a)
{
    return xdg_dir(a, "XDG_STATE_HOME", ".local/state", "state");
}

struct str host_config_dir(struct arena *a)
{
    return xdg_dir(a, "XDG_CONFIG_HOME", ".config", "config");
}

bool term_is_tty(int fd)
{
    return isatty(fd) == 1;
}

static struct winsize term_size(int fd)
{
    struct winsize size = {0};
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size : (struct winsize){0};
}

unsigned term_columns(int fd)
{
    unsigned columns = term_size(fd).ws_col;
    return columns ? columns : 80;
}

unsigned term_rows(int fd)
{
    unsigned rows = term_size(fd).ws_row;
    return rows ? rows : 24;
}
