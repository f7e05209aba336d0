#include "scaffold/names_priv.h"

#include "core/utf8.h"

/* Resource names get "-ci" behind and may have 64 characters in Google Cloud. */
#define PROJECT_MAX 60
#define OWNER_MAX 39

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

static bool is_one_of(struct str name, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(name, words[i]))
            return true;
    return false;
}

/* OCI distribution specification, pulling manifests: a separator is '.', '_', '__' or any number of dashes. */
static bool is_oci_component(struct str name)
{
    size_t i = 0;
    while (i < name.n) {
        if (!is_alnum(name.p[i]))
            return false;
        while (i < name.n && is_alnum(name.p[i]))
            i++;
        if (i == name.n)
            return true;
        char c = name.p[i];
        size_t run = 0;
        while (i < name.n && name.p[i] == c) {
            i++;
            run++;
        }
        bool fits = c == '-' || (c == '.' && run == 1) || (c == '_' && run <= 2);
        if (!fits)
            return false;
    }
    return false;
}

int name_check_project(struct str name, struct err *e)
{
    if (name.n == 0)
        return err_set(e, EINVAL, "a project needs a name");
    if (name.n > PROJECT_MAX)
        return err_set(e, EINVAL, "the name '%.*s' is longer than %d characters", STR_ARG(name), PROJECT_MAX);
    if (!is_oci_component(name))
        return err_set(e, EINVAL,
                       "'%.*s' cannot name a repository and an image: letters and digits, between them single '.', '_' "
                       "or dashes",
                       STR_ARG(name));
    return 0;
}

/* A package or a script of such a name would hide the tool itself. */
static bool is_tool(struct str normal)
{
    static const char *const tools[] = {"pip",      "setuptools", "wheel", "python",   "python3",
                                        "activate", "pytest",     "mypy",  "mypyc",    "ruff",
                                        "locust",   "stubgen",    "dmypy", "stubtest", "slipway"};
    return is_one_of(normal, tools, ARRAY_LEN(tools));
}

int name_check_distribution(struct str name, struct err *e)
{
    bool fits = name.n > 0 && name.n <= PROJECT_MAX && is_alnum(name.p[0]) && is_alnum(name.p[name.n - 1]);
    for (size_t i = 0; fits && i < name.n; i++)
        fits = is_alnum(name.p[i]) || name.p[i] == '.' || name.p[i] == '_' || name.p[i] == '-';
    if (!fits)
        return err_set(
            e, EINVAL,
            "'%.*s' is no distribution name: up to %d letters, digits, '.', '_' and '-', a letter or digit at "
            "both ends (PEP 508)",
            STR_ARG(name), PROJECT_MAX);
    char lower[PROJECT_MAX];
    for (size_t i = 0; i < name.n; i++)
        lower[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] - 'A' + 'a' : name.p[i]);
    if (is_tool(str_of(lower, name.n)))
        return err_set(e, EINVAL, "the distribution '%.*s' would take the place of the tool of that name",
                       STR_ARG(name));
    return 0;
}

static bool is_keyword(struct str name)
{
    static const char *const words[] = {
        "and",      "as",     "assert",  "async", "await", "break",  "class", "continue", "def",  "del",  "elif",
        "else",     "except", "finally", "for",   "from",  "global", "if",    "import",   "in",   "is",   "lambda",
        "nonlocal", "not",    "or",      "pass",  "raise", "return", "try",   "while",    "with", "yield"};
    return is_one_of(name, words, ARRAY_LEN(words));
}

static bool is_stdlib(struct str name)
{
#define X(module) #module,
    static const char *const modules[] = {
#include "scaffold/stdlib.def"
    };
#undef X
    return is_one_of(name, modules, ARRAY_LEN(modules));
}

int name_check_package(struct str name, struct err *e)
{
    static const char *const own[] = {"tests", "test_add", "test_app", "load", "locustfile"};
    bool fits = name.n > 0 && name.n <= PROJECT_MAX && is_lower(name.p[0]);
    for (size_t i = 0; fits && i < name.n; i++)
        fits = is_lower(name.p[i]) || is_digit(name.p[i]) || name.p[i] == '_';
    if (!fits)
        return err_set(
            e, EINVAL,
            "'%.*s' is no import name: a lower-case letter, then up to %d lower-case letters, digits and '_' "
            "(PEP 8)",
            STR_ARG(name), PROJECT_MAX - 1);
    if (is_keyword(name))
        return err_set(e, EINVAL, "the package cannot be named '%.*s', a word of the Python language", STR_ARG(name));
    if (is_stdlib(name))
        return err_set(e, EINVAL, "the package cannot be named '%.*s', a module of Python's standard library",
                       STR_ARG(name));
    if (is_tool(name) || is_one_of(name, own, ARRAY_LEN(own)))
        return err_set(e, EINVAL, "the package cannot be named '%.*s': the project's tools or tests have that name",
                       STR_ARG(name));
    return 0;
}

int name_check_owner(struct str name, struct err *e)
{
    bool fits = name.n > 0 && name.n <= OWNER_MAX && is_alnum(name.p[0]) && is_alnum(name.p[name.n - 1]);
    for (size_t i = 0; fits && i < name.n; i++)
        fits = is_alnum(name.p[i]) || ((name.p[i] == '-' || name.p[i] == '_') && is_alnum(name.p[i - 1]));
    if (!fits)
        return err_set(e, EINVAL, "'%.*s' is no repository owner: up to %d letters, digits and single dashes",
                       STR_ARG(name), OWNER_MAX);
    return 0;
}

int name_check_line(struct str text, const char *what, size_t max, struct err *e)
{
    if (text.n > max)
        return err_set(e, EINVAL, "the %s is longer than %zu bytes", what, max);
    if (utf8_invalid(text) >= 0)
        return err_set(e, EINVAL, "the %s is not UTF-8", what);
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
            return err_set(e, EINVAL, "the %s has a control character at byte %zu: one line of text is allowed", what,
                           i);
    return 0;
}

struct str name_lower(struct arena *a, struct str name)
{
    char *p = arena_alloc(a, name.n + 1);
    for (size_t i = 0; i < name.n; i++)
        p[i] = (char)(name.p[i] >= 'A' && name.p[i] <= 'Z' ? name.p[i] - 'A' + 'a' : name.p[i]);
    return str_of(p, name.n);
}

static struct str join_runs(struct arena *a, struct str name, char joint)
{
    struct str lower = name_lower(a, name);
    char *p = arena_alloc(a, lower.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < lower.n; i++) {
        bool separates = lower.p[i] == '-' || lower.p[i] == '_' || lower.p[i] == '.';
        if (!separates)
            p[n++] = lower.p[i];
        else if (n == 0 || p[n - 1] != joint)
            p[n++] = joint;
    }
    return str_of(p, n);
}

struct str name_normal(struct arena *a, struct str name)
{
    return join_runs(a, name, '-');
}

struct str name_import(struct arena *a, struct str distribution)
{
    return join_runs(a, distribution, '_');
}
