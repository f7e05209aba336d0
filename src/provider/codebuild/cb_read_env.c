/*
 * cb_read_env.c - env: variables, parameter-store, secrets-manager, exported-variables, shell; and what secrets are.
 */
#include "core/base.h"
#include "provider/codebuild/read_priv.h"

/* ---- secrets-manager: secret-id[:json-key[:stage[:version-id]]] ---- */

#define ARN_FIELDS 7 /* arn:aws:secretsmanager:region:account:secret:name */

/* Takes the secret's id off *rest, which is then what follows its colon. */
static int take_secret_id(struct str *rest, struct str *ret, struct err *e)
{
    struct str whole = *rest, field;
    if (!str_starts(whole, STR("arn:"))) {
        str_cut(whole, ':', ret, rest);
        return 0;
    }
    for (unsigned i = 0; i < ARN_FIELDS; i++) {
        bool more = str_cut(*rest, ':', &field, rest);
        if ((i < ARN_FIELDS - 1 && !more) || (i == ARN_FIELDS - 1 && field.n == 0))
            return err_set(e, EINVAL, "the ARN of a secret is arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME");
        if (i == 2 && !str_is(field, "secretsmanager"))
            return err_set(e, EINVAL, "it is an ARN of '%.*s', and not of secretsmanager", STR_ARG(field));
    }
    *ret = str_of(whole.p, (size_t)(field.p + field.n - whole.p));
    return 0;
}

int cb_secret_parse(struct str text, struct cb_ref *ret, struct err *e)
{
    struct str rest = text, id = STR(""), part[3] = {STR(""), STR(""), STR("")};
    int rc = take_secret_id(&rest, &id, e);
    if (rc < 0)
        return rc;
    if (id.n == 0)
        return err_set(e, EINVAL, "the name or ARN of a secret is missing");
    for (size_t i = 0; i < ARRAY_LEN(part); i++)
        str_cut(rest, ':', &part[i], &rest);
    if (rest.p != NULL)
        return err_set(e, EINVAL, "it has more parts than secret-id:json-key:version-stage:version-id");
    if (part[1].n > 0 && part[2].n > 0)
        return err_set(e, EINVAL, "it names a version-stage and a version-id; only one of them may be there");
    ret->secret = true;
    ret->secret_id = id;
    ret->json_key = part[0];
    ret->stage = part[1].n > 0 || part[2].n > 0 ? part[1] : STR("AWSCURRENT");
    ret->version_id = part[2];
    return 0;
}

/* ---- what names and values are bound to surprise with ---- */

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return s.n > 0;
}

/* $NAME or ${NAME}: what a shell would expand. */
static bool has_variable(struct str s)
{
    for (size_t i = 0; i + 1 < s.n; i++) {
        char c = s.p[i + 1];
        if (s.p[i] == '$' && (c == '{' || c == '(' || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
            return true;
    }
    return false;
}

/* Does the name, or its last word, promise a secret? DB_PASSWORD does, PASSWORD_FILE does not. */
static bool is_secret_name(struct str name)
{
    static const char *const ends[] = {"PASSWORD", "PASSWD",  "SECRET", "SECRET_KEY", "SECRET_ACCESS_KEY",
                                       "TOKEN",    "API_KEY", "APIKEY", "PRIVATE_KEY"};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct str end = str_from(ends[i]);
        if (name.n < end.n || !str_eq_nocase(str_from_index(name, name.n - end.n), end))
            continue;
        if (name.n == end.n || name.p[name.n - end.n - 1] == '_')
            return true;
    }
    return false;
}

/* Values that nobody has to hide: too short, a switch, a path, a reference. */
static bool is_harmless(struct str v)
{
    return v.n < 6 || has_variable(v) || v.p[0] == '/' || v.p[0] == '<' || str_find_ch(v, ' ') >= 0 ||
           str_is_nocase(v, "changeme") || str_starts(v, STR("arn:"));
}

static void check_name(struct cb_reader *r, const struct doc_node *key)
{
    if (str_starts(key->text, STR("CODEBUILD_"))) {
        diag_warning(r->d, "CB020", key->span, "Names that begin with CODEBUILD_ are the service's own");
        diag_hint(r->d, "call it otherwise");
    } else if (!is_name(key->text)) {
        diag_warning(r->d, "CB023", key->span, "No shell can read a variable of the name '%.*s'", STR_ARG(key->text));
        diag_hint(r->d, "names are letters, digits and _, and begin with no digit");
    }
}

static void check_value(struct cb_reader *r, const struct doc_node *key, const struct doc_node *value)
{
    bool access_key = str_starts(value->text, STR("AKIA")) && value->text.n == 20;
    if (access_key || (is_secret_name(key->text) && !is_harmless(value->text))) {
        diag_warning(r->d, "CB022", value->span, "'%.*s' looks like a secret, and whoever reads the file reads it",
                     STR_ARG(key->text));
        diag_hint(r->d, "keep it in parameter-store or secrets-manager");
    } else if (str_is(key->text, "PATH") && has_variable(value->text)) {
        diag_warning(r->d, "CB021", value->span,
                     "Values are literal: PATH becomes this text, and no program is found any more");
        diag_hint(r->d, "write 'export PATH=...' as a command of the phase install");
    } else if (has_variable(value->text)) {
        cb_remark(r->d, "CB021", value->span, "values are literal: '%.*s' keeps its $", STR_ARG(key->text));
    }
}

void cb_check_variables(struct cb_reader *r, const struct doc_node *n)
{
    for (size_t i = 0; n->kind == DOC_MAP && i < n->map.n; i++) {
        const struct doc_pair *p = &n->map.p[i];
        check_name(r, p->key);
        if (p->value->kind == DOC_SCALAR)
            check_value(r, p->key, p->value);
    }
}

/* ---- keys of env ---- */

static void read_shell(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    static const char *const shells[] = {"bash", "/bin/sh", "powershell.exe", "cmd.exe"};
    struct cb_spec *s = into;
    struct str text;
    if (!cb_read_text(r, at->value, what, &text))
        return;
    for (size_t i = 0; i < ARRAY_LEN(shells); i++)
        if (str_is(text, shells[i])) {
            s->shell = text;
            return;
        }
    diag_error(r->d, "CB025", at->value->span,
               "The shell is bash or /bin/sh, on Windows powershell.exe or cmd.exe, "
               "and not '%.*s'",
               STR_ARG(text));
    if (str_is(text, "sh"))
        diag_hint(r->d, "did you mean '/bin/sh'?");
    else if (str_is(text, "/bin/bash"))
        diag_hint(r->d, "did you mean 'bash'?");
    else
        cb_suggest(r, text, shells, ARRAY_LEN(shells));
}

static void read_variables(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_spec *s = into;
    cb_read_pairs(r, at->value, what, &s->variables);
    cb_check_variables(r, at->value);
}

static void add_ref(struct cb_reader *r, struct cb_spec *s, const struct doc_pair *p, struct str target, bool secret)
{
    struct cb_ref *ref = &s->refs[s->n_refs];
    struct err e = {0};
    *ref = (struct cb_ref){.name = p->key->text, .target = target, .secret = secret, .span = p->key->span};
    check_name(r, p->key);
    if (target.n == 0)
        diag_error(r->d, "CB024", p->value->span, "'%.*s' names nothing to be fetched", STR_ARG(p->key->text));
    else if (secret && cb_secret_parse(target, ref, &e) < 0)
        diag_error(r->d, "CB024", p->value->span, "'%.*s' names no secret: %s", STR_ARG(p->key->text), e.text);
    else
        s->n_refs++;
}

static void read_refs(struct cb_reader *r, const struct doc_node *n, const char *what, bool secret, struct cb_spec *s)
{
    struct map seen;
    if (n->kind == DOC_NULL || !cb_is_map(r, n, what))
        return;
    struct cb_ref *refs = arena_array(r->a, s->n_refs + n->map.n + 1, sizeof *refs);
    if (s->n_refs > 0)
        memcpy(refs, s->refs, s->n_refs * sizeof *refs);
    s->refs = refs;
    map_init(&seen, r->a, MAP_CASE);
    for (size_t i = 0; i < n->map.n; i++) {
        const struct doc_pair *p = &n->map.p[i];
        struct str target;
        if (cb_fresh_key(r, &seen, p->key) && cb_read_text(r, p->value, cb_below(r, what, p->key->text), &target))
            add_ref(r, s, p, target, secret);
    }
}

static void read_parameters(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    read_refs(r, at->value, what, false, into);
}

static void read_secrets(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    read_refs(r, at->value, what, true, into);
}

static void read_exported(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_spec *s = into;
    struct cb_texts list = {0};
    if (at->value->kind != DOC_NULL)
        cb_read_list(r, at->value, what, &list);
    for (size_t i = 0; i < list.n; i++) {
        vec_push_in(r->a, &s->exported, list.p[i].text);
        if (str_starts(list.p[i].text, STR("AWS_")))
            diag_warning(r->d, "CB026", list.p[i].span, "Variables whose names begin with AWS_ are not exported");
    }
}

static void read_helper(struct cb_reader *r, const struct doc_pair *at, const char *what, void *into)
{
    struct cb_spec *s = into;
    cb_read_bool(r, at->value, what, &s->git_credential_helper);
}

void cb_read_env(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec)
{
    static const struct cb_key keys[] = {
        {"shell", read_shell},
        {"variables", read_variables},
        {"parameter-store", read_parameters},
        {"secrets-manager", read_secrets},
        {"exported-variables", read_exported},
        {"git-credential-helper", read_helper},
    };
    if (at->value->kind == DOC_NULL || !cb_is_map(r, at->value, what))
        return;
    if (r->spec->version == 1) {
        diag_warning(r->d, "CB008", at->key->span, "'env' is version 0.2's; what 0.1 does with it is not documented");
        diag_hint(r->d, "write 'version: 0.2'");
    }
    cb_read_keys(r, at->value, what, keys, ARRAY_LEN(keys), spec);
}

void cb_read_env_old(struct cb_reader *r, const struct doc_pair *at, const char *what, void *spec)
{
    static const struct cb_key keys[] = {{"plaintext", read_variables}, {"parameter-store", read_parameters}};
    if (at->value->kind != DOC_NULL && cb_is_map(r, at->value, what))
        cb_read_keys(r, at->value, what, keys, ARRAY_LEN(keys), spec);
}
