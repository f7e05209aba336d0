/*
 * az_task_check.c - is there such a task, of such a version, with such inputs? Asked of every step while planning, so
 * that nothing begins that must fail by name (specification 3.6, rule 26 of 10); and what a step is called in lists.
 */
#include "core/base.h"
#include "provider/azure/known_priv.h"

#include "core/num.h"
#include "core/utf8.h"
#include "doc/suggest.h"

#define NAMES_MAX 400
#define INPUTS_MAX 200
#define TITLE_COLUMNS 60 /* of a script's line in a title: a list shows it beside other things */

/* ---- where things stand ---- */

static const struct az_value *task_at(const struct az_step *s)
{
    const struct az_value *v = az_get_nocase(s->at, "task");
    return v != NULL ? v : s->at;
}

/* The key or the value of an input; the step when it is not written there (a shortcut). */
static const struct az_value *input_at(const struct az_step *s, struct str name, bool key)
{
    const struct az_value *inputs = az_get_nocase(s->at, "inputs");
    for (size_t i = 0; inputs != NULL && inputs->kind == AZ_OBJECT && i < inputs->object.n; i++) {
        const struct az_pair *p = &inputs->object.p[i];
        if (str_eq_nocase(p->key->text, name))
            return key ? p->key : p->value;
    }
    return task_at(s);
}

/* ---- names and versions ---- */

static struct str last_name(struct str task)
{
    ssize_t dot = str_rfind_ch(task, '.');
    return dot < 0 ? task : str_from_index(task, (size_t)dot + 1);
}

static bool has_word(const char *words, struct str word)
{
    struct str rest = str_from(words), one;
    while (str_next(&rest, ' ', &one))
        if (str_eq(one, word))
            return true;
    return false;
}

static struct str major_of(struct str version)
{
    struct str major, rest;
    str_cut(version, '.', &major, &rest);
    return major;
}

static bool has_dot(struct str task)
{
    return str_find_ch(task, '.') >= 0;
}

/* The nearest name of all that are known; a name of the service's own has no dots. */
static struct str nearest(struct str name)
{
    const char *names[NAMES_MAX];
    size_t n = 0, n_known = 0;
    const struct az_known *known = az_known_all(&n_known);
    for (size_t i = 0; i < n_known && n < NAMES_MAX; i++)
        names[n++] = known[i].name;
    for (const struct az_task *const *t = az_tasks(); *t != NULL && n < NAMES_MAX; t++)
        names[n++] = (*t)->name;
    return suggest(name, names, n);
}

/* The highest of the numbers. */
static struct str newest(const char *majors)
{
    struct str rest = str_from(majors), one, best = STR("");
    while (str_next(&rest, ' ', &one))
        best = one;
    return best;
}

/* A pipeline with such a step is right where the task is installed: it is an error only of what surely runs here. */
static void tell_unknown(const struct az_step *s, const struct facts *f, bool surely, struct diags *d)
{
    struct str name = last_name(s->task), near = has_dot(s->task) ? STR_NONE : nearest(name);
    const struct az_known *k = near.n > 0 ? az_known_find(near) : NULL;
    bool typo = f->only_check && k != NULL; /* when files are checked, all unknown ones are let be but this */
    if (f->skip_unknown && !typo)
        return;
    if (surely && !f->only_check)
        az_error(d, "AZ600", task_at(s), "Unknown task '%.*s@%.*s'", STR_ARG(s->task), STR_ARG(s->version));
    else
        az_warning(d, "AZ600", task_at(s), "Unknown task '%.*s@%.*s'", STR_ARG(s->task), STR_ARG(s->version));
    if (k != NULL) {
        struct str version = has_word(k->majors, major_of(s->version)) ? s->version : newest(k->majors);
        az_hint(d, "did you mean '%s@%.*s'?", k->name, STR_ARG(version));
    } else {
        az_hint(d, "--task %.*s=FOLDER runs it from a folder, --skip-unknown leaves its steps out", STR_ARG(s->task));
    }
}

/* It is one of the service's own: nothing is wrong with the file. */
static void tell_refused(const struct az_step *s, const struct az_known *k, const struct facts *f, bool surely,
                         struct diags *d)
{
    const char *and = k->why[0] != '\0' ? ": " : "";
    if (f->skip_unknown || f->only_check)
        return;
    if (surely)
        az_error(d, "AZ600", task_at(s), "The task '%s@%.*s' is not one that slipway runs%s%s", k->name,
                 STR_ARG(s->version), and, k->why);
    else
        az_warning(d, "AZ600", task_at(s), "The task '%s@%.*s' is not one that slipway runs%s%s", k->name,
                   STR_ARG(s->version), and, k->why);
    az_hint(d, "--task %s=FOLDER runs it from a folder, --skip-unknown leaves its steps out", k->name);
}

static void tell_version(const struct az_step *s, const char *name, const char *majors, struct diags *d)
{
    struct str newer = newest(majors);
    az_error(d, "AZ602", task_at(s), "The task '%s' has no version %.*s", name, STR_ARG(s->version));
    az_hint(d, "did you mean '%s@%.*s'?", name, STR_ARG(newer));
}

static void tell_deprecated(const struct az_step *s, const char *name, struct str newer, bool good, struct diags *d)
{
    az_warning(d, "AZ605", task_at(s), "'%s@%.*s' is deprecated", name, STR_ARG(s->version));
    if (good)
        az_hint(d, "take %s@%.*s", name, STR_ARG(newer));
}

/* The task, or NULL when something was said, or is to be left out. */
static const struct az_task *named(const struct az_step *s, const struct facts *f, bool surely, struct diags *d)
{
    const struct az_known *k = az_known_find(last_name(s->task));
    const struct az_task *task = az_task_find(s->task, s->version), *any = az_task_find(s->task, STR(""));
    if (k != NULL && has_word(k->deprecated, major_of(s->version)))
        tell_deprecated(s, k->name, newest(k->majors), !has_word(k->deprecated, newest(k->majors)), d);
    if (task != NULL)
        return task;
    if (k != NULL && !has_dot(s->task) && !has_word(k->majors, major_of(s->version)) && s->version.n > 0)
        tell_version(s, k->name, k->majors, d);
    else if (k != NULL && !has_dot(s->task))
        tell_refused(s, k, f, surely, d);
    else if (any != NULL && any->inputs != az_any_inputs)
        tell_version(s, any->name, any->majors, d);
    else
        tell_unknown(s, f, surely, d);
    return NULL;
}

/* ---- inputs ---- */

static const struct az_input *input_of(const struct az_task *task, struct str name)
{
    for (const struct az_input *in = task->inputs; in->name != NULL; in++)
        if (str_is_nocase(name, in->name) || (in->alias != NULL && str_is_nocase(name, in->alias)))
            return in;
    return NULL;
}

static void check_known_inputs(const struct az_step *s, const struct az_task *task, struct diags *d)
{
    const char *names[INPUTS_MAX];
    size_t n = 0;
    for (const struct az_input *in = task->inputs; in->name != NULL && n < INPUTS_MAX; in++)
        names[n++] = in->name;
    for (size_t i = 0; i < s->inputs.n; i++) {
        struct str name = s->inputs.entries[i].key;
        if (input_of(task, name) != NULL)
            continue;
        struct str near = suggest(name, names, n);
        az_warning(d, "AZ604", input_at(s, name, true), "The task '%s' has no input '%.*s'", task->name, STR_ARG(name));
        if (near.n > 0)
            az_hint(d, "did you mean '%.*s'?", STR_ARG(near));
    }
}

/* What the step says, by either name of the input; empty: nothing. */
static struct str written_of(const struct az_step *s, const struct az_input *in, const char *name)
{
    struct str value = str_trim(map_get_str(&s->inputs, str_from(name)));
    if (value.n == 0 && in != NULL && in->alias != NULL)
        value = str_trim(map_get_str(&s->inputs, str_from(in->alias)));
    return value;
}

static struct str value_of(const struct az_step *s, const struct az_task *task, const char *name)
{
    const struct az_input *in = input_of(task, str_from(name));
    struct str value = written_of(s, in, name);
    return value.n == 0 && in != NULL && in->fallback != NULL ? str_from(in->fallback) : value;
}

/* What is required only beside another input ("visibleRule"). */
static const struct {
    const char *task, *input, *beside, *value;
} RULES[] = {
    {"Bash", "filePath", "targetType", "filePath"},
    {"PowerShell", "filePath", "targetType", "filePath"},
    {"PythonScript", "scriptPath", "scriptSource", "filePath"},
    {"PythonScript", "script", "scriptSource", "inline"},
    {"NodeTool", "versionFilePath", "versionSource", "fromFile"},
    {"Npm", "customCommand", "command", "custom"},
    {"DotNetCoreCLI", "custom", "command", "custom"},
};

/* Inputs that take one of few words. */
static const struct {
    const char *task, *input, *words;
} WORDS[] = {
    {"Bash", "targetType", "filePath inline"},
    {"PowerShell", "targetType", "filePath inline"},
    {"PowerShell", "errorActionPreference", "default stop continue silentlyContinue"},
    {"PythonScript", "scriptSource", "filePath inline"},
    {"NodeTool", "versionSource", "spec fromFile"},
    {"UsePythonVersion", "architecture", "x86 x64 arm64"},
    {"ArchiveFiles", "archiveType", "default zip 7z tar wim"},
    {"ArchiveFiles", "tarCompression", "gz bz2 xz none"},
    {"PublishTestResults", "testResultsFormat", "JUnit NUnit VSTest XUnit CTest"},
    {"PublishBuildArtifacts", "publishLocation", "Container FilePath"},
    {"Npm", "command", "ci install publish custom"},
};

static void tell_missing(const struct az_step *s, const struct az_task *task, const char *name, struct diags *d)
{
    az_error(d, "AZ601", input_at(s, str_from(name), false), "The task '%s' needs the input '%s'", task->name, name);
}

static void check_required(const struct az_step *s, const struct az_task *task, struct diags *d)
{
    for (const struct az_input *in = task->inputs; in->name != NULL; in++)
        if (in->required && value_of(s, task, in->name).n == 0)
            tell_missing(s, task, in->name, d);
    for (size_t i = 0; i < ARRAY_LEN(RULES); i++) {
        if (!str_is(str_from(task->name), RULES[i].task) || input_of(task, str_from(RULES[i].input)) == NULL)
            continue;
        bool asked = str_is_nocase(value_of(s, task, RULES[i].beside), RULES[i].value);
        if (asked && value_of(s, task, RULES[i].input).n == 0)
            tell_missing(s, task, RULES[i].input, d);
    }
}

static bool is_word(const char *words, struct str value)
{
    struct str rest = str_from(words), one;
    while (str_next(&rest, ' ', &one))
        if (str_eq_nocase(one, value))
            return true;
    return false;
}

static void check_words(struct arena *a, const struct az_step *s, const struct az_task *task, struct diags *d)
{
    for (size_t i = 0; i < ARRAY_LEN(WORDS); i++) {
        struct str name = str_from(WORDS[i].input), rest = str_from(WORDS[i].words), one;
        const struct az_input *in = input_of(task, name);
        if (!str_is(str_from(task->name), WORDS[i].task) || in == NULL)
            continue;
        struct str value = written_of(s, in, WORDS[i].input), near;
        const char *words[8];
        size_t n = 0;
        if (value.n == 0 || str_find_ch(value, '$') >= 0 || is_word(WORDS[i].words, value))
            continue;
        while (str_next(&rest, ' ', &one) && n < ARRAY_LEN(words))
            words[n++] = arena_str(a, one).p;
        near = suggest(value, words, n);
        az_warning(d, "AZ603", input_at(s, name, false), "'%.*s' is none of the values of '%s': %s", STR_ARG(value),
                   WORDS[i].input, WORDS[i].words);
        if (near.n > 0)
            az_hint(d, "did you mean '%.*s'?", STR_ARG(near));
    }
}

/* ---- tasks of --task ---- */

static void check_manifest_input(const struct az_step *s, const struct value *in, struct diags *d)
{
    struct str name = value_get_str(in, "name"), rule = value_get_str(in, "visibleRule");
    const struct value *required = value_get(in, STR("required"));
    bool needed = required != NULL && required->kind == VALUE_BOOL && required->boolean && rule.n == 0;
    if (!needed || str_trim(value_get_str(in, "defaultValue")).n > 0 || str_trim(map_get_str(&s->inputs, name)).n > 0)
        return;
    az_error(d, "AZ601", task_at(s), "The task '%.*s' needs the input '%.*s'", STR_ARG(s->task), STR_ARG(name));
}

static void check_given(struct arena *a, const struct az_step *s, const struct facts *f, struct diags *d)
{
    struct az_manifest m = {0};
    struct err err = {0};
    if (az_manifest_find(a, f, s->task, s->version, &m, &err) < 0) {
        az_error(d, "AZ606", task_at(s), "The task '%.*s' of --task cannot run: %s", STR_ARG(s->task), err.text);
        return;
    }
    for (size_t i = 0; m.inputs != NULL && i < m.inputs->array.n; i++)
        check_manifest_input(s, m.inputs->array.p[i], d);
}

static void check(struct arena *a, const struct az_step *s, const struct facts *f, bool surely, struct diags *d)
{
    bool inner = str_is_nocase(s->task, AZ_CHECKOUT_TASK) || str_is_nocase(s->task, AZ_DOWNLOAD_TASK);
    if (inner || !s->enabled || s->task.n == 0)
        return;
    if (az_task_given(a, f, s->task, s->version).n > 0) {
        check_given(a, s, f, d);
        return;
    }
    const struct az_task *task = named(s, f, surely && s->condition.n == 0, d);
    if (task == NULL || task->inputs == az_any_inputs)
        return;
    check_known_inputs(s, task, d);
    check_required(s, task, d);
    check_words(a, s, task, d);
}

void az_task_check(struct arena *a, const struct az_step *s, const struct facts *f, struct diags *d)
{
    check(a, s, f, true, d);
}

/* Does the job run here when the pipeline does? Its pool may be one of another system, or be known later only. */
static bool surely_here(const struct az_stage *stage, const struct az_job *job)
{
    static const char *const LINUX[] = {"ubuntu", "linux"};
    struct str image = job->pool.vm_image;
    bool here = image.n == 0 && str_find_ch(job->pool.name, '$') < 0;
    for (size_t i = 0; i < ARRAY_LEN(LINUX); i++) {
        struct str name = str_from(LINUX[i]);
        here = here || str_eq_nocase(str_sub(image, 0, name.n), name);
    }
    return here && stage->condition.n == 0 && job->condition.n == 0;
}

static void check_steps(struct arena *a, const struct az_steps *steps, const struct facts *f, bool surely,
                        struct diags *d)
{
    for (size_t i = 0; i < steps->n; i++)
        check(a, &steps->p[i], f, surely, d);
}

void az_tasks_check(struct arena *a, const struct az_pipeline *p, const struct facts *f, struct diags *d)
{
    for (size_t i = 0; i < p->n_stages; i++) {
        const struct az_stage *stage = &p->stages[i];
        for (size_t k = 0; k < stage->n_jobs; k++) {
            const struct az_job *job = &stage->jobs[k];
            bool surely = surely_here(stage, job);
            check_steps(a, &job->steps, f, surely, d);
            for (size_t h = 0; h < AZ_HOOKS; h++)
                check_steps(a, &job->hooks[h].steps, f, surely && h == AZ_DEPLOY, d);
        }
    }
}

/* ---- titles ---- */

/* "script: make test": the shortcut's word and the first line that says something; a remark only when all are. */
static struct str script_title(struct arena *a, const char *word, struct str script)
{
    struct str line = STR(""), remark = STR("");
    while (line.n == 0 && str_next(&script, '\n', &line)) {
        line = str_trim(line);
        if (!str_starts(line, STR("#")))
            continue;
        remark = remark.n > 0 ? remark : line;
        line = STR("");
    }
    line = line.n > 0 ? line : remark;
    struct str fit = utf8_fit(line, TITLE_COLUMNS);
    return arena_printf(a, "%s: %.*s%s", word, STR_ARG(fit), fit.n < line.n ? "…" : "");
}

/* The word of the shortcut whose script the step runs; NULL: it runs none that is in the file. */
static const char *script_word(const struct az_step *s, const struct az_task *task)
{
    struct str name = task != NULL ? str_from(task->name) : STR("");
    bool inlined = str_is_nocase(map_get_str(&s->inputs, STR("targetType")), "inline");
    if (str_trim(map_get_str(&s->inputs, STR("script"))).n == 0)
        return NULL;
    if (str_is(name, "CmdLine"))
        return "script";
    if (str_is(name, "Bash") && inlined)
        return "bash";
    if (str_is(name, "PowerShell") && inlined)
        return str_is_nocase(map_get_str(&s->inputs, STR("pwsh")), "true") ? "pwsh" : "powershell";
    return NULL;
}

/* One that makes a secret has it in its text. */
struct str az_task_script(const struct az_step *s)
{
    const char *word = script_word(s, az_task_find(s->task, s->version));
    struct str script = str_trim(map_get_str(&s->inputs, STR("script")));
    bool makes_secret = str_find(script, STR("issecret=")) >= 0 || str_find(script, STR("task.setsecret")) >= 0;
    return word != NULL && !makes_secret ? script : STR("");
}

struct str az_task_title(struct arena *a, const struct az_step *s)
{
    const struct az_task *task = az_task_find(s->task, s->version);
    struct str name = task != NULL ? str_from(task->name) : s->task;
    struct str repository = map_get_str(&s->inputs, STR("repository"));
    const char *word = script_word(s, task);
    if (str_is_nocase(s->task, AZ_CHECKOUT_TASK))
        return arena_printf(a, "Checkout %.*s", STR_ARG(repository.n > 0 ? repository : STR("self")));
    if (str_is_nocase(s->task, AZ_DOWNLOAD_TASK))
        return STR("Download artifacts");
    if (word != NULL)
        return script_title(a, word, map_get_str(&s->inputs, STR("script")));
    return last_name(name);
}
