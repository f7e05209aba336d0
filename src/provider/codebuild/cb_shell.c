/*
 * provider/codebuild/cb_shell.c - the one shell of buildspec 0.2, which is a new process for each command.
 *
 * The service writes each command into a script of its own, behind a prelude of three lines, and carries the variables
 * and the working folder from one to the next in a file (specification 1: seen in logs and issues). So do we:
 *
 *   line 1   reads the variables that are not exported; those that are come as the process's environment
 *   line 2   goes to the folder where the last command ended
 *   line 3   a trap on EXIT, so that `exit 0` in a command is survived: it writes `set`, an empty line and `export -p`
 *   line 4   what the user wrote; shells count lines as they do at the service
 *
 * No process is started for it: set, export and trap are builtins. The dump comes back with the process's end and is
 * read here, so that names of the shell's own (PPID, BASH_VERSINFO, IFS ...) are left out and values may hold anything
 * but NUL. Values are quoted by the shell itself, in the four ways that dash and bash have: bare, '...', "...", $'...'.
 * bash is asked to be posix for the dump, as it lists functions otherwise; its arrays, NAME=(...), are not carried, as
 * the service does not. Functions, aliases, options and traps are not carried either [R].
 *
 * A command that replaces the trap or the shell (exec) leaves no dump: the variables are then what they were.
 */
#include "core/base.h"
#include "provider/codebuild/run_priv.h"
#include "provider/process.h"

#include "core/path.h"

#include <signal.h>

/* Bytes of one variable that the kernel takes in an environment, with a margin. */
#define ENVIRON_MAX ((size_t)96 << 10)
#define ENVIRON_SUM ((size_t)1024 << 10) /* of all; what is more is read from the file, as exported there */

/* The agent's own signals are not known [R]: TERM, ten seconds, KILL. */
static const struct stop_stage LADDER[] = {{SIGTERM, 10000000000}};

/* ---- variables ---- */

void cb_shell_init(struct cb_run *r)
{
    struct cb_shell *s = &r->shell;
    s->arena = arena_new();
    map_init(&s->vars, s->arena, MAP_CASE);
    s->cwd = arena_str(s->arena, r->src_dir);
    s->old_cwd = STR("");
}

void cb_shell_done(struct cb_shell *s)
{
    arena_free(s->arena);
    s->arena = NULL;
}

struct str cb_shell_get(const struct cb_shell *s, const char *name)
{
    const struct cb_value *v = map_get(&s->vars, str_from(name));
    return v != NULL ? v->text : STR_NONE;
}

void cb_shell_set(struct cb_shell *s, struct str name, struct str text, bool exported)
{
    struct cb_value *v = ARENA_NEW(s->arena, struct cb_value);
    *v = (struct cb_value){.text = arena_str(s->arena, text), .exported = exported};
    map_set(&s->vars, name, v);
}

/* ---- reading a dump ---- */

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* A name at the front of *rest, taken off it; empty: there is none. */
static struct str take_name(struct str *rest)
{
    size_t n = 0;
    while (n < rest->n && (is_name_start(rest->p[n]) || (n > 0 && rest->p[n] >= '0' && rest->p[n] <= '9')))
        n++;
    struct str name = str_sub(*rest, 0, n);
    *rest = str_from_index(*rest, n);
    return name;
}

/* '...': everything up to the next quote. */
static size_t read_single(struct str s, size_t i, struct buf *b)
{
    while (i < s.n && s.p[i] != '\'')
        buf_add_ch(b, s.p[i++]);
    return i + 1;
}

/* "...": a backslash protects $ ` " \ and a newline vanishes behind it. */
static size_t read_double(struct str s, size_t i, struct buf *b)
{
    static const char PROTECTED[] = {'$', '`', '"', '\\', '\n'};
    for (; i < s.n && s.p[i] != '"'; i++) {
        if (s.p[i] == '\\' && i + 1 < s.n && memchr(PROTECTED, s.p[i + 1], sizeof PROTECTED) != NULL &&
            s.p[++i] == '\n')
            continue;
        buf_add_ch(b, s.p[i]);
    }
    return i + 1;
}

static size_t read_octal(struct str s, size_t i, struct buf *b)
{
    unsigned byte = 0;
    for (int k = 0; k < 3 && i < s.n && s.p[i] >= '0' && s.p[i] <= '7'; k++)
        byte = byte * 8 + (unsigned)(s.p[i++] - '0');
    buf_add_ch(b, (char)(unsigned char)byte);
    return i;
}

/* $'...': what bash writes for control characters. */
static size_t read_ansi(struct str s, size_t i, struct buf *b)
{
    static const char FROM[] = "abtnvfrE'\"?\\", TO[] = "\a\b\t\n\v\f\r\033'\"?\\";
    while (i < s.n && s.p[i] != '\'') {
        if (s.p[i] != '\\' || i + 1 >= s.n) {
            buf_add_ch(b, s.p[i++]);
            continue;
        }
        const char *known = memchr(FROM, s.p[i + 1], sizeof FROM - 1);
        if (known != NULL) {
            buf_add_ch(b, TO[known - FROM]);
            i += 2;
        } else {
            i = read_octal(s, i + 1, b);
        }
    }
    return i + 1;
}

/* A word as a shell prints it, up to the end of its line; *rest goes on behind that. */
static int take_word(struct str *rest, struct buf *b)
{
    struct str s = *rest;
    size_t i = 0;
    buf_clear(b);
    while (i < s.n && s.p[i] != '\n') {
        char c = s.p[i++];
        if (c == '\'')
            i = read_single(s, i, b);
        else if (c == '"')
            i = read_double(s, i, b);
        else if (c == '$' && i < s.n && s.p[i] == '\'')
            i = read_ansi(s, i + 1, b);
        else if (c == '\\' && i < s.n)
            buf_add_ch(b, s.p[i++]);
        else
            buf_add_ch(b, c);
    }
    if (i >= s.n || b->over)
        return -EINVAL; /* the last line, too, ends with a newline */
    *rest = str_from_index(s, i + 1);
    return 0;
}

/* An array of bash: NAME=([0]="x"). Quoted parts are read over, so that a newline in one does not end it. */
static bool is_array(struct str rest)
{
    return rest.n > 1 && rest.p[0] == '=' && rest.p[1] == '(';
}

static bool lists(const char *const *names, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(name, names[i]))
            return true;
    return false;
}

/* Of the shell itself, or of our trap: not carried. That IFS is not is a guess [R]. */
static bool is_own(const struct cb_shell *s, struct str name)
{
    static const char *const ANY[] = {"_",    "IFS", "LINENO", "OLDPWD", "OPTARG", "OPTIND",
                                      "PPID", "PS1", "PS2",    "PS4",    "PWD"};
    static const char *const BASH[] = {
        "BASH",         "BASHOPTS", "BASHPID",   "COMP_WORDBREAKS", "DIRSTACK", "EPOCHREALTIME",
        "EPOCHSECONDS", "EUID",     "FUNCNAME",  "GROUPS",          "HISTCMD",  "HOSTTYPE",
        "MACHTYPE",     "OPTERR",   "OSTYPE",    "PIPESTATUS",      "PS3",      "POSIXLY_CORRECT",
        "RANDOM",       "SECONDS",  "SHELLOPTS", "SHLVL",           "SRANDOM",  "UID"};
    if (lists(ANY, ARRAY_LEN(ANY), name))
        return true;
    if (!s->bash)
        return false;
    return lists(BASH, ARRAY_LEN(BASH), name) || (str_starts(name, STR("BASH_")) && !str_is(name, "BASH_ENV"));
}

static int read_set(struct cb_shell *s, struct str *rest, struct buf *word)
{
    while (rest->n > 0 && rest->p[0] != '\n') {
        struct str name = take_name(rest);
        bool array = is_array(*rest);
        if (name.n == 0 || rest->n == 0 || rest->p[0] != '=')
            return -EINVAL;
        *rest = str_from_index(*rest, 1);
        if (take_word(rest, word) < 0)
            return -EINVAL;
        s->bash = s->bash || str_is(name, "BASH"); /* the first of bash's own: names are sorted */
        if (str_is(name, "PWD"))
            s->cwd = arena_str(s->arena, buf_str(word));
        else if (str_is(name, "OLDPWD"))
            s->old_cwd = arena_str(s->arena, buf_str(word));
        else if (!array && !is_own(s, name))
            cb_shell_set(s, name, buf_str(word), false);
    }
    *rest = str_from_index(*rest, 1);
    return 0;
}

/* "export NAME='...'", or "export NAME" of one without a value. Values were told before. */
static int read_exports(struct cb_shell *s, struct str *rest, struct buf *word)
{
    while (rest->n > 0) {
        struct str keyword = STR("export ");
        if (!str_starts(*rest, keyword))
            return -EINVAL;
        *rest = str_from_index(*rest, keyword.n);
        struct cb_value *v = map_get(&s->vars, take_name(rest));
        if (v != NULL)
            v->exported = true;
        if (take_word(rest, word) < 0)
            return -EINVAL;
    }
    return 0;
}

int cb_dump_read(struct cb_shell *s, struct str dump)
{
    CLEAN(buf) struct buf word = BUF(CB_DUMP_MAX);
    struct cb_shell made = {.arena = arena_new()};
    struct str rest = dump;
    map_init(&made.vars, made.arena, MAP_CASE);
    if (read_set(&made, &rest, &word) < 0 || read_exports(&made, &rest, &word) < 0 || made.cwd.n == 0) {
        cb_shell_done(&made);
        return -EINVAL;
    }
    cb_shell_done(s);
    *s = made;
    return 0;
}

/* ---- a command ---- */

static bool is_bash(const struct cb_run *r)
{
    return str_is(path_base(r->spec->shell), "bash");
}

static struct str shell_of(const struct cb_run *r)
{
    struct str bash = map_get_str(&r->facts->machine.programs, STR("bash"));
    if (!is_bash(r))
        return STR("/bin/sh");
    return bash.n > 0 ? bash : STR("/bin/bash");
}

/* Fills the op's environment; what does not go there is written for the file. True: there is such. */
static bool split_vars(struct cb_run *r, struct op *op, struct buf *file)
{
    const struct map *vars = &r->shell.vars;
    size_t sum = 0;
    op->env = arena_array(r->scratch, vars->n + 1, sizeof *op->env);
    for (size_t i = 0; i < vars->n; i++) {
        const struct cb_value *v = vars->entries[i].value;
        size_t n = vars->entries[i].key.n + v->text.n + 2;
        if (!process_can_have(vars->entries[i].key, v->text))
            continue;
        bool fits = v->exported && n <= ENVIRON_MAX && sum + n <= ENVIRON_SUM;
        if (fits) {
            sum += n;
            op->env[op->n_env++] = process_variable(r->scratch, vars->entries[i].key, v->text);
        } else if (file != NULL) {
            struct str quoted = process_word(r->scratch, v->text);
            buf_printf(file, "%s%.*s=", v->exported ? "export " : "", STR_ARG(vars->entries[i].key));
            buf_add(file, quoted);
            buf_add_ch(file, '\n');
        }
    }
    return file != NULL && file->n > 0;
}

static struct str script_of(const struct cb_run *r, struct str text, bool sourced)
{
    CLEAN(buf) struct buf b = BUF(CB_DUMP_MAX);
    const struct cb_shell *s = &r->shell;
    if (sourced)
        buf_printf(&b, ". %.*s\n", STR_ARG(r->env_file));
    else
        buf_add_cstr(&b, ":\n");
    struct str cwd = process_word(r->scratch, s->cwd);
    buf_add_cstr(&b, "cd ");
    buf_add(&b, cwd);
    buf_add_cstr(&b, " || exit");
    if (s->old_cwd.n > 0) {
        struct str old = process_word(r->scratch, s->old_cwd);
        buf_add_cstr(&b, "; OLDPWD=");
        buf_add(&b, old);
    }
    buf_printf(&b, "\ntrap '{ set +x; } 2>/dev/null; { %sset; echo; export -p; } >|%.*s' EXIT\n",
               is_bash(r) ? "set -o posix; " : "", STR_ARG(r->dump));
    buf_add(&b, text);
    buf_add_ch(&b, '\n');
    return arena_str(r->scratch, buf_str(&b));
}

/* The shell, as another user when the build asks for one and he is here. */
static void fill_argv(struct cb_run *r, struct op *op, struct str run_as)
{
    op->argv = arena_array(r->scratch, 6, sizeof *op->argv);
    if (run_as.n > 0 && !str_is(run_as, "root") && r->run_as_works) {
        op->argv[op->n_argv++] = STR("/bin/sh");
        op->argv[op->n_argv++] = STR("-c");
        op->argv[op->n_argv++] = STR("exec setpriv --reuid=\"$0\" --regid=\"$(id -g \"$0\")\" --init-groups -- \"$@\"");
        op->argv[op->n_argv++] = run_as;
    }
    op->argv[op->n_argv++] = shell_of(r);
    op->argv[op->n_argv++] = r->script;
}

void cb_op_command(struct cb_run *r, struct op *op, struct str text, struct str run_as)
{
    CLEAN(buf) struct buf file = BUF(2 * CB_DUMP_MAX);
    cb_op_init(r, op, OP_EXEC);
    cb_env_refresh(r);
    bool sourced = split_vars(r, op, &file);
    if (sourced)
        cb_op_write(r, op, r->env_file, arena_str(r->scratch, buf_str(&file)), 0644);
    cb_op_write(r, op, r->script, script_of(r, text, sourced), 0644);
    cb_op_write(r, op, r->dump, STR(""), 0666); /* another user may have to write it */
    fill_argv(r, op, run_as);
    op->cwd = STR("/"); /* the command's own folder may be gone: line 2 says so */
    op->ladder = LADDER;
    op->n_ladder = ARRAY_LEN(LADDER);
    op->orphan_wait_ns = CB_ORPHAN_NS;
    cb_op_read(r, op, r->dump, CB_DUMP_MAX);
}

void cb_op_exec(struct cb_run *r, struct op *op, const struct str *argv, size_t n)
{
    cb_op_init(r, op, OP_EXEC);
    cb_env_refresh(r);
    split_vars(r, op, NULL);
    op->argv = arena_array(r->scratch, n, sizeof *op->argv);
    for (size_t i = 0; i < n; i++)
        op->argv[op->n_argv++] = argv[i];
    op->cwd = r->src_dir;
    op->ladder = LADDER;
    op->n_ladder = ARRAY_LEN(LADDER);
}

/* Nothing is carried under 0.1: "each command in a fresh instance of the default shell". */
void cb_shell_take(struct cb_run *r, const struct op_end *end)
{
    if (r->spec->version == 1 || end->reads == NULL || end->reads[0].n == 0)
        return;
    if (cb_dump_read(&r->shell, end->reads[0]) < 0)
        cb_say(r, "The variables of the last command could not be read back; those before it stay");
    if (r->shell.bash && !is_bash(r) && !r->told_sh)
        cb_note(r, HOW_SUBSTITUTED, STR("/bin/sh"),
                STR("it is bash on this machine; on the images it is dash, where "
                    "[[, arrays and `source` fail"));
    r->told_sh = r->shell.bash;
}
