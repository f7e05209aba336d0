/*
 * az_match.c - the patterns of file tasks: minimatch as the tasks call it, in bounded time (specification 9.8).
 *
 * A pattern is parts between slashes; `**` alone is any number of parts, at the end at least one. Within a part `*`,
 * `?`, classes and the groups @( ?( *( +( !( stand for characters of one name; dot files are names as any other, and
 * braces are text. A group with `!` looks at what follows it, too, as minimatch's regular expression does.
 * A part is matched by carrying the set of all positions that can be reached through the part, so that nothing is
 * tried twice; groups within groups are repeated work, which is counted and given up at WORK_MAX: then nothing matches.
 */
#include "core/base.h"
#include "provider/azure/files_priv.h"

#include "core/path.h"

#define NAME_MAX_BYTES 255u /* no name of a file is longer */
#define DEPTH_MAX 24u       /* groups in groups */
#define PARTS_MAX 256u      /* of a path or a pattern; deeper ones match nothing */
#define WORK_MAX 2000000u
#define LINES_MAX 1000u /* that braces make of all lines */

/* Which positions (0 to NAME_MAX_BYTES) of the name can be reached. */
struct places {
    uint64_t bits[(NAME_MAX_BYTES + 64) / 64];
};

struct matcher {
    struct str name;
    unsigned depth;
    size_t work;
};

static bool has(const struct places *s, size_t i)
{
    return s->bits[i / 64] >> (i % 64) & 1;
}

static void put(struct places *s, size_t i)
{
    s->bits[i / 64] |= (uint64_t)1 << (i % 64);
}

static bool any(const struct places *s)
{
    return (s->bits[0] | s->bits[1] | s->bits[2] | s->bits[3]) != 0;
}

/* Adds what is new to `all` and tells whether there was something. */
static bool add(struct places *all, const struct places *more)
{
    uint64_t fresh = 0;
    for (size_t i = 0; i < ARRAY_LEN(all->bits); i++) {
        fresh |= more->bits[i] & ~all->bits[i];
        all->bits[i] |= more->bits[i];
    }
    return fresh != 0;
}

/* ---- classes ---- */

static const struct {
    const char *name;
    const char *ranges; /* pairs of first and last */
} posix[] = {
    {"[:alpha:]", "azAZ"}, {"[:digit:]", "09"},     {"[:alnum:]", "azAZ09"},  {"[:upper:]", "AZ"},
    {"[:lower:]", "az"},   {"[:space:]", "\t\r  "}, {"[:xdigit:]", "09afAF"}, {"[:word:]", "azAZ09__"},
};

static bool posix_has(size_t i, unsigned char c)
{
    for (const char *r = posix[i].ranges; r[0] != '\0'; r += 2)
        if (c >= (unsigned char)r[0] && c <= (unsigned char)r[1])
            return true;
    return false;
}

/* The number of bytes of a named class at the beginning of the text, 0: there is none. */
static size_t posix_read(struct str text, unsigned char c, bool *in)
{
    for (size_t i = 0; i < ARRAY_LEN(posix); i++)
        if (str_starts(text, str_from(posix[i].name))) {
            *in = *in || posix_has(i, c);
            return strlen(posix[i].name);
        }
    return 0;
}

/* The length of the class that begins with the [ at p, 0: it has no end and is text. */
static size_t class_length(struct str p)
{
    size_t i = 1;
    if (i < p.n && (p.p[i] == '!' || p.p[i] == '^'))
        i++;
    if (i < p.n && p.p[i] == ']')
        i++;
    for (bool in = false; i < p.n; i++) {
        size_t named = posix_read(str_from_index(p, i), 0, &in);
        if (named > 0)
            i += named - 1;
        else if (p.p[i] == ']')
            return i + 1;
        else if (p.p[i] == '\\')
            i++;
    }
    return 0;
}

/* class: all between the brackets. */
static bool class_has(struct str class, unsigned char c)
{
    bool negated = class.n > 0 && (class.p[0] == '!' || class.p[0] == '^'), in = false;
    for (size_t i = negated; i < class.n; i++) {
        size_t named = posix_read(str_from_index(class, i), c, &in);
        if (named > 0) {
            i += named - 1;
            continue;
        }
        if (class.p[i] == '\\' && i + 1 < class.n)
            i++;
        unsigned char low = (unsigned char)class.p[i], high = low;
        if (i + 2 < class.n && class.p[i + 1] == '-') {
            i += 2;
            if (class.p[i] == '\\' && i + 1 < class.n)
                i++;
            high = (unsigned char)class.p[i];
        }
        in = in || (c >= low && c <= high);
    }
    return in != negated;
}

/* ---- one part ---- */

/* The length of the group at p ("@(a|b)"), 0: it is none. */
static size_t group_length(struct str p)
{
    if (p.n < 3 || p.p[1] != '(' || strchr("@?*+!", p.p[0]) == NULL)
        return 0;
    size_t open = 0;
    for (size_t i = 1; i < p.n; i++) {
        if (p.p[i] == '\\')
            i++;
        else if (p.p[i] == '[' && class_length(str_from_index(p, i)) > 0)
            i += class_length(str_from_index(p, i)) - 1;
        else if (p.p[i] == '(')
            open++;
        else if (p.p[i] == ')' && --open == 0)
            return i + 1;
    }
    return 0;
}

static struct places walk(struct matcher *m, struct str p, const struct places *from);

/* Takes the next alternative off the text between the parentheses. */
static struct str next_choice(struct str *rest, bool *more)
{
    struct str all = *rest;
    size_t open = 0, i = 0;
    for (; i < all.n && (open > 0 || all.p[i] != '|'); i++) {
        if (all.p[i] == '\\')
            i++;
        else if (all.p[i] == '[' && class_length(str_from_index(all, i)) > 0)
            i += class_length(str_from_index(all, i)) - 1;
        else if (all.p[i] == '(')
            open++;
        else if (all.p[i] == ')' && open > 0)
            open--;
    }
    *more = i < all.n;
    *rest = str_from_index(all, i + 1);
    return str_sub(all, 0, i);
}

static struct places walk_choices(struct matcher *m, struct str choices, const struct places *from)
{
    struct places to = {0};
    for (bool more = true; more;) {
        struct str choice = next_choice(&choices, &more);
        struct places now = walk(m, choice, from);
        add(&to, &now);
    }
    return to;
}

/* From a place where neither a choice with the rest behind it fits, all that comes after can be reached. */
static struct places walk_not(struct matcher *m, struct str choices, struct str rest, const struct places *from)
{
    struct places to = {0};
    for (size_t i = 0; i <= m->name.n; i++) {
        if (!has(from, i))
            continue;
        struct places one = {0};
        put(&one, i);
        struct places then = walk_choices(m, choices, &one);
        then = walk(m, rest, &then);
        if (rest.n > 0 ? any(&then) : has(&then, m->name.n))
            continue;
        for (size_t k = i; k <= m->name.n; k++)
            put(&to, k);
        if (m->work > WORK_MAX)
            break;
    }
    return to;
}

static struct places walk_group(struct matcher *m, char kind, struct str choices, struct str rest,
                                const struct places *from)
{
    struct places to = {0};
    if (m->depth >= DEPTH_MAX)
        return to;
    m->depth++;
    if (kind == '!') {
        to = walk_not(m, choices, rest, from);
    } else {
        struct places now = walk_choices(m, choices, from);
        if (kind == '?' || kind == '*')
            to = *from;
        while (add(&to, &now) && (kind == '*' || kind == '+') && m->work <= WORK_MAX)
            now = walk_choices(m, choices, &now);
    }
    m->depth--;
    return to;
}

static struct places after_star(const struct matcher *m, const struct places *from)
{
    struct places to = {0};
    bool begun = false;
    for (size_t i = 0; i <= m->name.n; i++) {
        begun = begun || has(from, i);
        if (begun)
            put(&to, i);
    }
    return to;
}

/* What one character of the pattern, or a class, takes. A `?` takes a whole character of UTF-8. */
static bool takes(struct str token, unsigned char c)
{
    if (token.p[0] == '[' && token.n > 2)
        return class_has(str_sub(token, 1, token.n - 1), c);
    if (token.p[0] == '\\' && token.n == 2)
        return (unsigned char)token.p[1] == c;
    return (unsigned char)token.p[0] == c;
}

static size_t character_length(struct str s)
{
    size_t n = 1;
    while (n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n++;
    return n;
}

static struct places after_one(const struct matcher *m, struct str token, const struct places *from)
{
    struct places to = {0};
    for (size_t i = 0; i < m->name.n; i++) {
        if (!has(from, i))
            continue;
        if (token.p[0] == '?')
            put(&to, i + character_length(str_from_index(m->name, i)));
        else if (takes(token, (unsigned char)m->name.p[i]))
            put(&to, i + 1);
    }
    return to;
}

static size_t token_length(struct str p)
{
    size_t n = 0;
    if (p.p[0] == '[')
        n = class_length(p);
    else if (p.p[0] == '\\' && p.n > 1)
        n = 2;
    return n > 0 ? n : 1;
}

/* Where the pattern can end when it begins at `from`. */
static struct places walk(struct matcher *m, struct str p, const struct places *from)
{
    struct places now = *from;
    while (p.n > 0 && any(&now) && m->work <= WORK_MAX) {
        m->work += 1 + m->name.n / 8;
        size_t n = group_length(p);
        m->work += n;
        if (n > 0) {
            struct str rest = str_from_index(p, n);
            now = walk_group(m, p.p[0], str_sub(p, 2, n - 1), rest, &now);
            p = rest;
        } else if (p.p[0] == '*') {
            now = after_star(m, &now);
            p = str_from_index(p, 1);
        } else {
            n = token_length(p);
            now = after_one(m, str_sub(p, 0, n), &now);
            p = str_from_index(p, n);
        }
    }
    return m->work > WORK_MAX ? (struct places){0} : now;
}

static bool part_matches(struct str pattern, struct str name, size_t *work)
{
    if (str_eq(pattern, name))
        return true;
    if (name.n > NAME_MAX_BYTES)
        return false;
    struct matcher m = {.name = name, .work = *work};
    struct places from = {0};
    put(&from, 0);
    struct places to = walk(&m, pattern, &from);
    *work = m.work;
    return has(&to, name.n);
}

/* ---- whole paths ---- */

struct parts {
    struct str p[PARTS_MAX];
    size_t n;
    bool no_dots; /* of a pattern: names that begin with a dot are matched by a dot alone */
};

/*
 * Empty parts and those of one dot say nothing. A slash within a group, which minimatch would not look for either,
 * parts as any other.
 */
static bool split(struct str text, struct parts *ret)
{
    struct str part;
    for (ret->n = 0; str_next(&text, '/', &part);) {
        if (part.n == 0 || str_is(part, "."))
            continue;
        if (ret->n == PARTS_MAX)
            return false;
        ret->p[ret->n++] = part;
    }
    return true;
}

static bool is_hidden_from(const struct parts *pattern, size_t i, struct str name)
{
    return pattern->no_dots && name.p[0] == '.' && pattern->p[i].p[0] != '.';
}

/*
 * Row by row: reach[k] says whether the pattern's parts so far can take the first k names. `**` keeps what is
 * reached and all behind it; at the end it takes at least one name.
 */
static bool parts_match(const struct parts *pattern, const struct parts *path)
{
    bool reach[PARTS_MAX + 1] = {true};
    size_t work = 0;
    for (size_t i = 0; i < pattern->n; i++) {
        if (str_is(pattern->p[i], "**")) {
            bool last = i + 1 == pattern->n, before = false;
            for (size_t k = 0; k <= path->n; k++) {
                bool here = reach[k];
                before = before && !(pattern->no_dots && path->p[k - 1].p[0] == '.');
                reach[k] = before || (here && !last);
                before = before || here;
            }
            continue;
        }
        for (size_t k = path->n; k > 0; k--)
            reach[k] = reach[k - 1] && !is_hidden_from(pattern, i, path->p[k - 1]) &&
                       part_matches(pattern->p[i], path->p[k - 1], &work);
        reach[0] = false;
    }
    return reach[path->n];
}

static bool matches(struct str pattern, struct str path, unsigned flags)
{
    struct parts wanted, names;
    bool match_base = (flags & AZ_MATCH_BASE) != 0;
    wanted.no_dots = (flags & AZ_MATCH_NO_DOTS) != 0;
    if (!split(pattern, &wanted) || !split(path, &names))
        return false;
    if (path_is_abs(pattern) != path_is_abs(path) && !(match_base && wanted.n == 1))
        return false;
    if (match_base && wanted.n == 1 && str_find_ch(pattern, '/') < 0 && names.n > 0) {
        names.p[0] = names.p[names.n - 1];
        names.n = 1;
    }
    return parts_match(&wanted, &names);
}

bool az_minimatch(struct str pattern, struct str path, bool match_base)
{
    return matches(pattern, path, match_base ? AZ_MATCH_BASE : 0);
}

/* ---- lines of patterns ---- */

struct az_pattern {
    struct str text; /* relative to the root, or absolute */
    bool exclude;
};
struct az_patterns {
    struct arena *arena;
    struct str root;
    unsigned flags;
    VEC(struct az_pattern) lines;
};

/* "../x" is of the folder above; what is below the root is told from there. */
static struct str rooted(struct az_patterns *p, struct str text)
{
    struct str whole = path_clean(p->arena, text);
    if (path_is_abs(whole))
        return path_under(whole, p->root) && whole.n > p->root.n ? path_rel(whole, p->root) : whole;
    if (str_is(whole, "..") || str_starts(whole, STR("../")))
        return path_clean(p->arena, path_join(p->arena, p->root, whole));
    return whole;
}

static void add_line(struct az_patterns *p, struct str text, bool exclude)
{
    struct az_pattern one = {.text = rooted(p, text), .exclude = exclude};
    vec_push_in(p->arena, &p->lines, one);
}

/* The end of the braces that begin at `from`, and whether they have a comma of their own; 0: they are text. */
static size_t braces_end(struct str s, size_t from)
{
    size_t open = 0;
    bool commas = false;
    for (size_t i = from; i < s.n; i++) {
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == '{')
            open++;
        else if (s.p[i] == ',' && open == 1)
            commas = true;
        else if (s.p[i] == '}' && --open == 0)
            return commas ? i + 1 : 0;
    }
    return 0;
}

static void add_braces(struct az_patterns *p, struct str text, bool exclude, unsigned depth);

/* Each choice between the braces, with what stands around them. */
static void add_choices(struct az_patterns *p, struct str text, size_t from, size_t end, bool exclude, unsigned depth)
{
    size_t begin = from + 1, open = 0;
    for (size_t i = from + 1; i < end; i++) {
        if (text.p[i] == '{')
            open++;
        if ((text.p[i] == ',' && open == 0) || i + 1 == end) {
            struct str choice = str_sub(text, begin, i);
            struct str whole = arena_printf(p->arena, "%.*s%.*s%.*s", (int)from, text.p, STR_ARG(choice),
                                            (int)(text.n - end), text.p + end);
            add_braces(p, whole, exclude, depth + 1);
            begin = i + 1;
        }
        if (text.p[i] == '}' && open > 0)
            open--;
    }
}

static void add_braces(struct az_patterns *p, struct str text, bool exclude, unsigned depth)
{
    for (size_t i = 0; i < text.n && depth < DEPTH_MAX && p->lines.n < LINES_MAX; i++) {
        size_t end = text.p[i] == '{' ? braces_end(text, i) : 0;
        if (end > 0) {
            add_choices(p, text, i, end, exclude, depth);
            return;
        }
    }
    if (p->lines.n < LINES_MAX)
        add_line(p, text, exclude);
}

struct az_patterns *az_patterns_with(struct arena *a, struct str root, const struct strs *lines, unsigned flags)
{
    struct az_patterns *p = ARENA_NEW(a, struct az_patterns);
    p->arena = a;
    p->root = path_clean(a, root);
    p->flags = flags;
    for (size_t i = 0; i < lines->n; i++) {
        struct str text = str_trim(lines->p[i]);
        size_t marks = 0;
        while (marks < text.n && text.p[marks] == '!' && (flags & AZ_MATCH_LITERAL_MARKS) == 0)
            marks++;
        bool comment = text.n > 0 && text.p[0] == '#' && (flags & AZ_MATCH_LITERAL_MARKS) == 0;
        if (text.n == marks || comment)
            continue;
        struct str pattern = str_from_index(text, marks);
        if (flags & AZ_MATCH_BRACES)
            add_braces(p, pattern, marks % 2 == 1, 0);
        else
            add_line(p, pattern, marks % 2 == 1);
    }
    return p;
}

struct az_patterns *az_patterns_new(struct arena *a, struct str root, const struct strs *lines)
{
    return az_patterns_with(a, root, lines, 0);
}

static bool line_matches(const struct az_patterns *p, const struct az_pattern *line, struct str path)
{
    if (path_is_abs(line->text))
        return matches(line->text, path, p->flags & ~(unsigned)AZ_MATCH_BASE);
    if (!path_under(path, p->root))
        return false;
    struct str inner = path_rel(path, p->root);
    return !str_is(inner, ".") && matches(line->text, inner, p->flags);
}

bool az_patterns_match(const struct az_patterns *p, struct str path)
{
    for (size_t i = p->lines.n; i > 0; i--)
        if (line_matches(p, &p->lines.p[i - 1], path))
            return !p->lines.p[i - 1].exclude;
    return false;
}

bool az_patterns_any(const struct az_patterns *p)
{
    for (size_t i = 0; i < p->lines.n; i++)
        if (!p->lines.p[i].exclude)
            return true;
    return false;
}

/* The folders in front of the first part that is not mere text. */
static struct str literal_folder(struct arena *a, struct str whole)
{
    size_t end = 0;
    for (size_t i = 0; i < whole.n && strchr("*?[\\(", whole.p[i]) == NULL; i++)
        if (whole.p[i] == '/')
            end = i;
    struct str folder = str_sub(whole, 0, end);
    return arena_str(a, folder.n > 0 ? folder : STR("/"));
}

void az_patterns_roots(const struct az_patterns *p, struct strs *ret)
{
    for (size_t i = 0; i < p->lines.n; i++) {
        const struct az_pattern *line = &p->lines.p[i];
        if (line->exclude)
            continue;
        bool anywhere = (p->flags & AZ_MATCH_BASE) != 0 && str_find_ch(line->text, '/') < 0;
        struct str root = anywhere ? p->root : literal_folder(p->arena, path_join(p->arena, p->root, line->text));
        bool known = false;
        for (size_t k = 0; k < ret->n && !known; k++)
            known = path_under(root, ret->p[k]);
        if (!known)
            vec_push_in(p->arena, ret, root);
    }
}
