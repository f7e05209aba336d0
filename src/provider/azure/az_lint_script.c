/*
 * The linter's rules on scripts: secrets that no step sees by itself (17), a status that is lost (18), names that the
 * agent replaces (19), programs that talk on stderr and clones without a past (22).
 */
#include "core/base.h"
#include "provider/azure/az_lint_priv.h"

/* Where a command stands in a script, and not in a comment. -1: nowhere. */
static ssize_t find_command(struct str script, const char *command)
{
    struct str rest = script, line;
    while (str_next(&rest, '\n', &line)) {
        ssize_t at = str_starts(str_trim(line), STR("#")) ? -1 : az_lint_find_word(line, 0, str_from(command));
        if (at >= 0)
            return line.p - script.p + at;
    }
    return -1;
}

/* ---- 17 ---- */

#define ENV_NAME_MAX 200 /* bytes that a closing `}` or `%` is looked for in */

static bool name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* "NAME" of $NAME, ${NAME}, $env:NAME and %NAME% at byte `at`, where a `$` or a `%` is; STR_NONE: it is none of them.
 */
static struct str env_name_at(struct str script, size_t at)
{
    size_t start = at + 1, end;
    bool brace = start < script.n && script.p[start] == '{', percent = script.p[at] == '%';
    if (brace || percent) {
        start += brace;
        struct str near = str_sub(script, start, start + ENV_NAME_MAX);
        ssize_t close = str_find_ch(near, brace ? '}' : '%');
        return close < 0 ? STR_NONE : str_sub(near, 0, (size_t)close);
    }
    if (str_starts(str_from_index(script, start), STR("env:")))
        start += 4;
    for (end = start; end < script.n && name_byte(script.p[end]);)
        end++;
    return str_sub(script, start, end);
}

/* The next name that the script reads of its environment, from *from on, which moves behind its `$` or `%`. */
static bool next_env_name(struct str script, size_t *from, struct str *ret_name, size_t *ret_at)
{
    for (size_t i = *from; i < script.n; i++) {
        if ((script.p[i] != '$' && script.p[i] != '%') || (i > 0 && name_byte(script.p[i - 1])))
            continue;
        struct str name = env_name_at(script, i);
        if (name.n == 0)
            continue;
        *from = i + 1;
        *ret_name = name;
        *ret_at = i;
        return true;
    }
    return false;
}

static bool mapped(const struct az_step *s, struct str name)
{
    for (size_t i = 0; i < s->env.n; i++)
        if (str_eq_nocase(s->env.entries[i].key, name))
            return true;
    return false;
}

static void check_secret(struct az_lint *l, const struct az_step *s, struct str name, size_t where, struct str secret)
{
    const struct az_value *at;
    struct str script = az_lint_script(s, &at);
    if (mapped(s, name) || str_find(script, arena_printf(l->arena, "%.*s=", STR_ARG(name))) >= 0)
        return;
    if (az_lint_warn_in(l, "AZ517", at, where, name.n + 1,
                        "'%.*s' is a secret, which no step gets by itself: this is empty", STR_ARG(name)))
        az_hint(l->d, "give it to the step: env: {%.*s: $(%.*s)}", STR_ARG(name), STR_ARG(secret));
}

/* Each secret is told where the script reads it first. */
static void check_secrets(struct az_lint *l, const struct az_step *s, struct str script)
{
    struct map seen;
    struct str name;
    size_t from = 0, where;
    map_init(&seen, l->arena, MAP_CASE);
    while (next_env_name(script, &from, &name, &where)) {
        struct str secret = map_get_str(&l->known_secrets, name);
        if (!secret.p)
            secret = map_get_str(&l->secrets, name);
        if (secret.p && map_set(&seen, name, l))
            check_secret(l, s, name, where, secret);
    }
}

static void add_secret(struct az_lint *l, struct map *to, struct str secret)
{
    map_set_str(to, az_env_name(l->arena, secret), secret);
}

void az_lint_known_secrets(struct az_lint *l)
{
    map_init(&l->known_secrets, l->arena, MAP_CASE);
    add_secret(l, &l->known_secrets, STR("System.AccessToken"));
    for (size_t i = 0; i < l->f->secrets.n; i++)
        add_secret(l, &l->known_secrets, l->f->secrets.entries[i].key);
}

/* Names that the script sets as secrets. */
static void gather_secrets(struct az_lint *l, struct str script)
{
    struct str line;
    while (str_next(&script, '\n', &line)) {
        ssize_t start = str_find(line, STR("variable=")), secret = str_find(line, STR("issecret=true"));
        if (secret < 0)
            secret = str_find(line, STR("isSecret=true"));
        if (start < 0 || secret < 0 || str_find(line, STR("##vso[task.set")) < 0)
            continue;
        size_t end = (size_t)start + 9;
        while (end < line.n && line.p[end] != ';' && line.p[end] != ']')
            end++;
        struct str name = str_trim(str_sub(line, (size_t)start + 9, end));
        if (name.n > 0 && str_find_ch(name, '$') < 0)
            add_secret(l, &l->secrets, name);
    }
}

void az_lint_secret(struct az_lint *l, const struct az_step *s)
{
    struct str script = az_lint_script(s, NULL);
    check_secrets(l, s, script);
    gather_secrets(l, script);
}

/* ---- 18 ---- */

static const char *const tests[] = {
    "pytest",      "py.test",    "python -m pytest", "python3 -m pytest", "tox",       "nox",     "ctest",
    "make test",   "make check", "npm test",         "npm run test",      "yarn test", "go test", "cargo test",
    "dotnet test", "mvn test",   "mvn verify",       "./gradlew test",    NULL};

/* The line runs tests, and nothing on it hears of their end. */
static bool runs_tests(struct str line)
{
    if (str_find(line, STR("||")) >= 0 || str_ends(line, STR("&&")) || str_ends(line, STR("\\")) ||
        str_ends(line, STR("&")) || str_find_ch(line, ';') >= 0)
        return false;
    for (const char *const *t = tests; *t; t++)
        if (str_starts(line, str_from(*t)) && (line.n == strlen(*t) || line.p[strlen(*t)] == ' '))
            return true;
    return false;
}

/* Words of a script that stops by itself, looks at statuses, or has blocks in which a line's place says little. */
static bool heeds_status(struct str script)
{
    static const char *const words[] = {"errexit", "$?",       "PIPESTATUS", "trap", "if",           "for",  "while",
                                        "case",    "function", "<<",         "exec", "LASTEXITCODE", "() {", NULL};
    struct str rest = script, line;
    for (const char *const *w = words; *w; w++)
        if (az_lint_find_word(script, 0, str_from(*w)) >= 0)
            return true;
    while (str_next(&rest, '\n', &line)) {
        line = str_trim(line);
        if (!str_starts(line, STR("set -")))
            continue;
        for (size_t i = 5; i < line.n && line.p[i] != ' '; i++)
            if (line.p[i] == 'e')
                return true;
    }
    return false;
}

void az_lint_lost_status(struct az_lint *l, const struct az_step *s)
{
    const struct az_value *at;
    struct str script = az_lint_script(s, &at), rest = script, line, test = STR_NONE;
    if (script.n == 0 || !az_lint_posix(l, s) || heeds_status(script))
        return;
    while (str_next(&rest, '\n', &line)) {
        line = str_trim(line);
        if (line.n == 0 || str_starts(line, STR("#")))
            continue;
        if (test.p) {
            if (az_lint_warn_in(l, "AZ518", at, (size_t)(test.p - script.p), test.n,
                                "The script goes on when this fails, and only the status of its last command counts"))
                az_hint(l->d, "begin the script with `set -e`");
            return;
        }
        if (runs_tests(line))
            test = line;
    }
}

/* ---- 19 ---- */

/* What is in the environment of every agent, and looks like a command or a shell's variable. */
static const char *const agent_env[] = {"HOME",     "PATH",    "USER",   "SHELL", "PWD",    "LANG",
                                        "HOSTNAME", "LOGNAME", "TMPDIR", "TERM",  "EDITOR", NULL};
static const char *const commands[] = {"pwd", "date", "whoami", "nproc", "hostname", "uname", "arch", "id", "ls", NULL};

static void check_agent_name(struct az_lint *l, const struct az_value *at, struct str name, size_t where)
{
    bool known = az_lint_values(l, name).n > 0, env = false, command = false;
    for (size_t i = 0; agent_env[i]; i++)
        env |= str_is(name, agent_env[i]);
    for (size_t i = 0; commands[i]; i++)
        command |= str_is(name, commands[i]);
    if (env && !known) {
        if (az_lint_warn_in(l, "AZ519", at, where, name.n + 3,
                            "The agent puts its own %.*s here before the shell sees the script", STR_ARG(name)))
            az_hint(l->d, "for the shell's: $%.*s", STR_ARG(name));
    } else if (command && known) {
        az_lint_warn_in(l, "AZ519", at, where, name.n + 3,
                        "There is a variable '%.*s': its value stands here, and no command runs", STR_ARG(name));
    }
}

void az_lint_agent_env(struct az_lint *l, const struct az_step *s)
{
    const struct az_value *at;
    struct str script = az_lint_script(s, &at), name;
    size_t from = 0, where;
    if (script.n == 0 || !az_lint_posix(l, s))
        return;
    while (az_lint_macro(script, &from, &name, &where))
        check_agent_name(l, at, name, where);
}

/* ---- 22 ---- */

void az_lint_noisy(struct az_lint *l, const struct az_step *s)
{
    static const char *const noisy[] = {"git clone", "git fetch", "git checkout", "git push", "git pull",
                                        "curl",      "wget",      "docker",       "npm",      NULL};
    const struct az_value *at;
    struct str script = az_lint_script(s, &at), fail = map_get_str(&s->inputs, STR("failOnStderr"));
    bool on;
    if (script.n == 0 || !fail.p || !az_bool_read(str_trim(fail), &on) || !on || str_find(script, STR("2>")) >= 0)
        return;
    for (const char *const *n = noisy; *n; n++) {
        ssize_t where = find_command(script, *n);
        if (where >= 0 && az_lint_warn_in(l, "AZ522", at, (size_t)where, strlen(*n),
                                          "'%s' tells its progress on stderr, which fails this step", *n)) {
            az_hint(l->d, "leave failOnStderr out, or send that to stdout: 2>&1");
            return;
        }
    }
}

/* The depth of the job's own checkout when it is written as a number, else 0. */
static bool shallow(const struct az_job *j)
{
    for (size_t i = 0; i < j->steps.n; i++)
        if (str_is_nocase(j->steps.p[i].task, AZ_CHECKOUT_TASK) &&
            str_is(str_trim(map_get_str(&j->steps.p[i].inputs, STR("fetchDepth"))), "1"))
            return true;
    return false;
}

void az_lint_shallow(struct az_lint *l, const struct az_job *j)
{
    static const char *const past[] = {"git merge-base", "git describe", NULL};
    if (!shallow(j))
        return;
    for (size_t i = 0; i < j->steps.n; i++) {
        const struct az_value *at;
        struct str script = az_lint_script(&j->steps.p[i], &at);
        if (find_command(script, "git fetch") >= 0)
            return;
        for (const char *const *w = past; *w; w++) {
            ssize_t where = find_command(script, *w);
            if (where >= 0 && az_lint_warn_in(l, "AZ522", at, (size_t)where, strlen(*w),
                                              "'%s' needs the past, and the checkout fetches one commit", *w))
                az_hint(l->d, "checkout: self with fetchDepth: 0");
        }
    }
}
