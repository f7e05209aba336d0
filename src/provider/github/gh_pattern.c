/*
 * gh_pattern.c - filter patterns that the service accepts and that never match what they were written for.
 *
 * Names of branches and tags follow git's own rule (git-check-ref-format): a pattern with a character that no name can
 * hold matches nothing. Paths are those of git: relative, without . and .. and without white space around them.
 */
#include "core/base.h"
#include "provider/github/gh_read_priv.h"

static void warn(struct gh_reader *r, struct span at, struct str pattern, const char *why)
{
    diag_warning(r->d, "GH042", at, "The pattern '%.*s' matches nothing: %s", STR_ARG(pattern), why);
}

/* What no name of a branch or tag can hold, or NULL. */
static const char *impossible_ref(struct str s)
{
    static const char bad[] = " ~^:\t\n\r";
    if (str_starts(s, STR("/")))
        return "no name of a branch or tag begins with /";
    if (str_ends(s, STR("/")) || (str_ends(s, STR(".")) && !str_ends(s, STR("\\."))))
        return "no name of a branch or tag ends with / or .";
    for (size_t i = 0; i < s.n; i++) {
        if (strchr(bad, s.p[i]))
            return "no name of a branch or tag holds spaces, ~, ^ or :; regular expressions are not known here";
        if (s.p[i] != '\\' || i + 1 == s.n)
            continue;
        char escaped = s.p[++i];
        if (escaped == '*' || escaped == '?' || escaped == '[')
            return "no name of a branch or tag holds *, ? or [";
    }
    return NULL;
}

static const char *impossible_path(struct str s)
{
    if (!str_eq(str_trim(s), s))
        return "white space around it belongs to the pattern";
    if (str_is(s, ".") || str_is(s, "..") || str_starts(s, STR("./")) || str_starts(s, STR("../")))
        return "changed files have no . and .. in their paths";
    return NULL;
}

/* \d and the like, which stand for the letter itself. */
static bool has_escaped_letter(struct str s)
{
    for (size_t i = 0; i + 1 < s.n; i++)
        if (s.p[i] == '\\') {
            char c = s.p[++i];
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
                return true;
        }
    return false;
}

/* + and ? behind *, ? or +: they have no item of their own. */
static bool has_doubled(struct str s)
{
    for (size_t i = 1; i < s.n; i++) {
        if (s.p[i - 1] == '\\')
            i++;
        else if ((s.p[i] == '+' || s.p[i] == '?') && strchr("*?+", s.p[i - 1]))
            return true;
    }
    return false;
}

/* [x]: one character, which could stand for itself. */
static bool has_single(struct str s)
{
    for (size_t i = 0; i + 2 < s.n; i++)
        if (s.p[i] == '[' && s.p[i + 2] == ']' && (i == 0 || s.p[i - 1] != '\\'))
            return true;
    return false;
}

void gh_check_pattern(struct gh_reader *r, struct str pattern, struct span at, bool path)
{
    struct str s = str_from_index(pattern, str_starts(pattern, STR("!")));
    const char *why = path ? impossible_path(s) : impossible_ref(s);
    if (why)
        warn(r, at, pattern, why);
    else if (has_escaped_letter(s))
        diag_warning(r->d, "GH063", at,
                     "'%.*s' has a \\ before a letter, which stands for that letter: regular expressions are not known",
                     STR_ARG(pattern));
    else if (has_doubled(s))
        diag_warning(r->d, "GH063", at, "'%.*s' repeats what is repeated already: + and ? belong behind a character",
                     STR_ARG(pattern));
    else if (has_single(s))
        diag_warning(r->d, "GH063", at, "'%.*s' has brackets around one character, which change nothing",
                     STR_ARG(pattern));
}
