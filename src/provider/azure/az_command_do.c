/*
 * az_command_do.c - what logging commands do (specification 8): one line of the table for each. What needs an op is
 * carried out when the process has ended (az_later.c).
 */
#include "core/base.h"
#include "provider/azure/agent_priv.h"

#include "core/num.h"
#include "core/path.h"

#define HELP "Please reference documentation (http://go.microsoft.com/fwlink/?LinkId=817296)"
#define READONLY_HELP "https://github.com/microsoft/azure-pipelines-yaml/blob/master/design/readonly-variables.md"

/* A command while it is carried out. */
struct doing {
    struct az_step_run *s;
    const struct az_command *c;
    struct str line;
    struct buf *replacement;
    enum line_verdict verdict;
};

static struct str prop(const struct doing *d, const char *key)
{
    return az_command_prop(d->c, key);
}

static bool says_true(const struct doing *d, const char *key)
{
    bool ret = false;
    return az_bool_read(str_trim(prop(d, key)), &ret) && ret;
}

static int missing(const struct doing *d, const char *field, struct err *e)
{
    return err_set(e, EINVAL, "Required field '%s' is missing in ##vso[%.*s.%.*s] command.", field, STR_ARG(d->c->area),
                   STR_ARG(d->c->event));
}

static struct str keep(const struct doing *d, struct str text)
{
    return arena_str(d->s->t.run->arena, text);
}

/* ---- variables ---- */

/* target.settableVariables: what is not named may not be set, which is told and passed over. */
static bool is_settable(const struct doing *d, struct str name)
{
    const struct az_texts *list = &d->s->t.step->settable;
    if (!list->set)
        return true;
    for (size_t i = 0; i < list->n; i++)
        if (str_eq_nocase(list->p[i], name))
            return true;
    az_warn(&d->s->t, "Setting variable '%.*s' has been disabled by the task or build definition.", STR_ARG(name));
    return false;
}

static bool many_lines(struct str text)
{
    return str_find_ch(text, '\n') >= 0 || str_find_ch(text, '\r') >= 0;
}

static int check_secret(const struct doing *d, struct err *e)
{
    bool allowed = str_is_nocase(az_var(d->s->t.run, "SYSTEM_UNSAFEALLOWMULTILINESECRET"), "true");
    if (!many_lines(d->c->data) || allowed)
        return 0;
    return err_set(e, EINVAL, "Secrets cannot contain multiple lines");
}

static int check_readonly(const struct doing *d, struct str name, struct err *e)
{
    const struct az_var *old = az_vars_find(&az_agent(d->s->t.run)->raw, name);
    if (old == NULL || !old->readonly)
        return 0;
    return err_set(e, EPERM,
                   "Overwriting readonly variable '%.*s' is not permitted. See " READONLY_HELP " for details.",
                   STR_ARG(name));
}

static int set_variable(struct doing *d, struct err *e)
{
    struct az_run *r = d->s->t.run;
    struct str name = prop(d, "variable");
    bool secret = says_true(d, "issecret"), output = says_true(d, "isoutput");
    int rc = 0;
    if (name.n == 0)
        return missing(d, "variable", e);
    if (!is_settable(d, name))
        return 0;
    if (secret)
        rc = check_secret(d, e);
    if (rc == 0 && !output)
        rc = check_readonly(d, name, e);
    if (rc < 0)
        return rc;
    az_set_variable(&d->s->t, name, d->c->data, secret, output);
    if (says_true(d, "isreadonly") && !output)
        az_vars_set(&az_agent(r)->raw, name, d->c->data, secret, true);
    return 0;
}

static int set_task_variable(struct doing *d, struct err *e)
{
    struct str name = prop(d, "variable");
    bool secret = says_true(d, "issecret");
    if (name.n == 0)
        return missing(d, "variable", e);
    if (secret && check_secret(d, e) < 0)
        return -EINVAL;
    if (secret)
        az_mask(d->s->t.run, d->c->data);
    map_set_str(&d->s->t.task_vars, name, d->c->data);
    return 0;
}

static int set_secret(struct doing *d, struct err *e)
{
    UNUSED(e);
    az_mask(d->s->t.run, d->c->data);
    return 0;
}

static int prepend_path(struct doing *d, struct err *e)
{
    if (d->c->data.n == 0)
        return err_set(e, EINVAL, "Invalid or unsupported prependpath: the folder is missing");
    if (is_settable(d, STR("PATH")))
        az_prepend_path(d->s->t.run, d->c->data);
    return 0;
}

/* An endpoint's secrets are hidden; tasks of slipway's own ask for none. */
static int set_endpoint(struct doing *d, struct err *e)
{
    struct str field = prop(d, "field");
    bool auth = str_is_nocase(field, "authParameter"), data = str_is_nocase(field, "dataParameter");
    if (prop(d, "id").n == 0)
        return missing(d, "id", e);
    if (field.n == 0)
        return missing(d, "field", e);
    if (!auth && !data && !str_is_nocase(field, "url"))
        return err_set(e, EINVAL, "Endpoint field can only be one of these - authParameter, dataParameter or url");
    if ((auth || data) && prop(d, "key").n == 0)
        return missing(d, "key", e);
    if (auth)
        az_mask(d->s->t.run, d->c->data);
    return 0;
}

/* ---- results and issues ---- */

static int complete(struct doing *d, struct err *e)
{
    enum az_result result = az_result_read(prop(d, "result"));
    if (result == AZ_NOT_RUN)
        return err_set(e, EINVAL, "Command doesn't have valid result value.");
    d->s->completed = az_step_merge(d->s->completed, result);
    return 0;
}

static unsigned number_of(struct str text)
{
    uint64_t n = 0;
    return num_parse_u64(str_trim(text), INT32_MAX, &n) == 0 ? (unsigned)n : 0;
}

/* Relative to the sources, as the service has it; what lies elsewhere stays as it is written. */
static struct str source_path(const struct doing *d)
{
    struct az_run *r = d->s->t.run;
    struct str path = prop(d, "sourcepath");
    if (path.n == 0)
        return STR("");
    return path_rel(path_clean(r->arena, path_join(r->arena, r->sources, path)), r->sources);
}

static int log_issue(struct doing *d, struct err *e)
{
    struct str type = prop(d, "type");
    bool error = str_is_nocase(type, "error");
    if (type.n == 0) {
        az_warn(&d->s->t, "Can't create TaskIssue from logging event.");
        return 0;
    }
    if (!error && !str_is_nocase(type, "warning"))
        return err_set(e, EINVAL, "issue type %.*s is not an expected issue type.", STR_ARG(type));
    struct event ev = {.level = error ? LEVEL_ERROR : LEVEL_WARNING,
                       .name = prop(d, "code"),
                       .text = d->c->data,
                       .file = source_path(d),
                       .line = number_of(prop(d, "linenumber")),
                       .column = number_of(prop(d, "columnnumber"))};
    az_issue(d->s, &ev);
    return 0;
}

static int debug(struct doing *d, struct err *e)
{
    UNUSED(e);
    if (!az_agent(d->s->t.run)->debug)
        return 0;
    buf_add_cstr(d->replacement, "##[debug]");
    buf_add(d->replacement, d->c->data);
    d->verdict = LINE_REPLACED;
    return 0;
}

static int set_progress(struct doing *d, struct err *e)
{
    if (prop(d, "value").n == 0)
        return missing(d, "value", e);
    return 0;
}

static int log_detail(struct doing *d, struct err *e)
{
    if (prop(d, "id").n == 0)
        return err_set(e, EINVAL, "Can't update timeline record, timeline record id is not provided.");
    return 0;
}

/* ---- files ---- */

static struct str file_path(const struct doing *d)
{
    struct az_run *r = d->s->t.run;
    struct str base = az_var(r, "System.DefaultWorkingDirectory");
    return path_clean(r->arena, path_join(r->arena, base.n > 0 ? base : r->sources, keep(d, d->c->data)));
}

static struct az_later *later(struct doing *d, enum az_later_kind kind)
{
    struct az_run *r = d->s->t.run;
    struct az_later l = {.kind = kind, .line = keep(d, d->line), .path = file_path(d)};
    map_init(&l.inputs, r->arena, MAP_NOCASE);
    vec_push_in(r->arena, &d->s->laters, l);
    return &d->s->laters.p[d->s->laters.n - 1];
}

static int summary(struct doing *d, struct err *e)
{
    if (d->c->data.n == 0)
        return err_set(e, EINVAL, "Cannot upload summary file, summary file location is not specified.");
    later(d, AZ_LATER_SUMMARY);
    return 0;
}

static int upload_file(struct doing *d, struct err *e)
{
    if (d->c->data.n == 0)
        return err_set(e, EINVAL, "Cannot upload task attachment file, attachment file location is not specified.");
    later(d, AZ_LATER_ATTACH)->name = path_base(file_path(d));
    return 0;
}

static int add_attachment(struct doing *d, struct err *e)
{
    struct str type = prop(d, "type"), name = prop(d, "name");
    if (type.n == 0)
        return missing(d, "type", e);
    if (name.n == 0)
        return missing(d, "name", e);
    if (str_find_ch(type, '/') >= 0 || str_find_ch(name, '/') >= 0)
        return err_set(e, EINVAL, "Type and name of an attachment cannot contain a slash");
    if (d->c->data.n == 0)
        return err_set(e, EINVAL,
                       "Cannot upload task attachment file, attachment file location is not specified or attachment "
                       "file does not exist on disk.");
    if (str_is(type, "Distributedtask.Core.Summary")) /* what uploadsummary stands for */
        later(d, AZ_LATER_SUMMARY);
    else
        later(d, AZ_LATER_ATTACH)->name = keep(d, name);
    return 0;
}

/* ---- what a task of ours does for a command ---- */

/* A property, and the task's input of the same meaning. */
struct pair {
    const char *property, *input;
};

static void task_later(struct doing *d, const char *task, const struct pair *pairs)
{
    struct az_later *l = later(d, AZ_LATER_TASK);
    l->name = str_from(task);
    for (; pairs->property != NULL; pairs++) {
        struct str value = prop(d, pairs->property);
        if (value.n > 0)
            map_set_str(&l->inputs, str_from(pairs->input), value);
    }
}

static int upload_artifact(struct doing *d, struct err *e)
{
    static const struct pair PAIRS[] = {{"artifactname", "ArtifactName"}, {NULL, NULL}};
    if (prop(d, "artifactname").n == 0)
        return err_set(e, EINVAL, "Artifact Name is required.");
    if (d->c->data.n == 0)
        return err_set(e, EINVAL, "Artifact location is required.");
    task_later(d, "PublishBuildArtifacts", PAIRS);
    struct az_later *l = &d->s->laters.p[d->s->laters.n - 1];
    map_set_str(&l->inputs, STR("PathtoPublish"), l->path);
    return 0;
}

static int associate_artifact(struct doing *d, struct err *e)
{
    struct str name = prop(d, "artifactname");
    struct arena *a = d->s->t.run->arena;
    if (name.n == 0)
        return err_set(e, EINVAL, "Artifact Name is required.");
    az_note(d->s->t.run, HOW_EMULATED, arena_printf(a, "artifact %.*s", STR_ARG(name)),
            arena_printf(a, "is said to be at %.*s; nothing is kept of it here", STR_ARG(d->c->data)));
    return 0;
}

static int publish_results(struct doing *d, struct err *e)
{
    static const struct pair PAIRS[] = {{"type", "testResultsFormat"},
                                        {"resultFiles", "testResultsFiles"},
                                        {"mergeResults", "mergeTestResults"},
                                        {"runTitle", "testRunTitle"},
                                        {"platform", "buildPlatform"},
                                        {"config", "buildConfiguration"},
                                        {"failTaskOnFailedTests", "failTaskOnFailedTests"},
                                        {NULL, NULL}};
    CLEAN(buf) struct buf b = BUF(BUF_TEXT);
    struct str files = prop(d, "resultFiles");
    if (prop(d, "type").n == 0)
        return err_set(e, EINVAL, "Test runner is required.");
    task_later(d, "PublishTestResults", PAIRS);
    for (size_t i = 0; i < files.n; i++) /* a list there, lines here */
        buf_add_ch(&b, files.p[i] == ',' ? '\n' : files.p[i]);
    map_set_str(&d->s->laters.p[d->s->laters.n - 1].inputs, STR("testResultsFiles"), buf_str(&b));
    return 0;
}

static int publish_coverage(struct doing *d, struct err *e)
{
    static const struct pair PAIRS[] = {{"codecoveragetool", "codeCoverageTool"},
                                        {"summaryfile", "summaryFileLocation"},
                                        {"reportdirectory", "reportDirectory"},
                                        {NULL, NULL}};
    if (prop(d, "summaryfile").n == 0)
        return err_set(e, EINVAL, "Summary file is required.");
    task_later(d, "PublishCodeCoverageResults", PAIRS);
    return 0;
}

/* ---- the build ---- */

static int build_number(struct doing *d, struct err *e)
{
    struct az_run *r = d->s->t.run;
    if (d->c->data.n == 0)
        return err_set(e, EINVAL, "Build number is required.");
    r->az->job->model->build_number = arena_str(r->leg->job->plan->arena, d->c->data);
    az_vars_set(&az_agent(r)->raw, STR("Build.BuildNumber"), d->c->data, false, true);
    az_say(&d->s->t, "Update build number to %.*s", STR_ARG(d->c->data));
    return 0;
}

static int build_tag(struct doing *d, struct err *e)
{
    if (d->c->data.n == 0)
        return err_set(e, EINVAL, "Build tag is required.");
    az_say(&d->s->t, "Add build tag %.*s", STR_ARG(d->c->data));
    return 0;
}

static int ignore(struct doing *d, struct err *e)
{
    UNUSED(d);
    UNUSED(e);
    return 0;
}

static int release_name(struct doing *d, struct err *e)
{
    UNUSED(e);
    az_warn(&d->s->t, "##vso[release.updatereleasename] is for releases, which a pipeline of YAML is not");
    return 0;
}

/* ---- the table ---- */

static const struct known {
    const char *area, *event;
    int (*run)(struct doing *d, struct err *e);
    bool restricted; /* permitted where target.commands is restricted */
} COMMANDS[] = {
    {"task", "setvariable", set_variable, true},
    {"task", "settaskvariable", set_task_variable, true},
    {"task", "setsecret", set_secret, true},
    {"task", "complete", complete, true},
    {"task", "logissue", log_issue, true},
    {"task", "issue", log_issue, false},
    {"task", "setprogress", set_progress, true},
    {"task", "logdetail", log_detail, true},
    {"task", "prependpath", prepend_path, true},
    {"task", "debug", debug, true},
    {"task", "addattachment", add_attachment, false},
    {"task", "uploadsummary", summary, false},
    {"task", "uploadfile", upload_file, false},
    {"task", "setendpoint", set_endpoint, false},
    {"artifact", "upload", upload_artifact, false},
    {"artifact", "associate", associate_artifact, false},
    {"build", "updatebuildnumber", build_number, false},
    {"build", "addbuildtag", build_tag, false},
    {"build", "uploadlog", upload_file, false},
    {"build", "uploadsummary", summary, false},
    {"results", "publish", publish_results, false},
    {"codecoverage", "publish", publish_coverage, false},
    {"telemetry", "publish", ignore, false},
    {"release", "updatereleasename", release_name, false},
};

static bool area_known(struct str area)
{
    for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++)
        if (str_is_nocase(area, COMMANDS[i].area))
            return true;
    return false;
}

static const struct known *find(const struct az_command *c)
{
    for (size_t i = 0; i < ARRAY_LEN(COMMANDS); i++)
        if (str_is_nocase(c->area, COMMANDS[i].area) && str_is_nocase(c->event, COMMANDS[i].event))
            return &COMMANDS[i];
    return NULL;
}

/* Two errors and a failed step: what the agent does with an exception of a command. */
void az_command_failed(struct az_step_run *s, struct str line, const char *why)
{
    az_error_line(s, "Unable to process command '%.*s' successfully. " HELP, STR_ARG(line));
    az_error_line(s, "%s", why);
    s->completed = az_step_merge(s->completed, AZ_FAILED);
    if (s->t.error.n == 0)
        s->t.error = arena_cstr(s->t.run->arena, why);
}

static int carry_out(struct doing *d, struct err *e)
{
    const struct az_command *c = d->c;
    const struct known *known = find(c);
    if (known == NULL)
        return err_set(e, ENOENT, "##vso[%.*s.%.*s] is not a recognized command for %.*s command extension. " HELP,
                       STR_ARG(c->area), STR_ARG(c->event), STR_ARG(c->area));
    if (d->s->t.step->restricted && !known->restricted) {
        az_warn(&d->s->t, "##vso[%.*s.%.*s] is not allowed in this step due to policy restrictions. " HELP,
                STR_ARG(c->area), STR_ARG(c->event));
        return 0;
    }
    return known->run(d, e);
}

static enum line_verdict obey(struct az_step_run *s, struct str line, const struct az_command *c,
                              struct buf *replacement)
{
    struct doing d = {s, c, line, replacement, LINE_HIDE};
    struct err err = {0};
    if (!area_known(c->area))
        az_warn(&s->t, "Cannot find command extension for ##vso[%.*s.command]. " HELP, STR_ARG(c->area));
    else if (carry_out(&d, &err) < 0)
        az_command_failed(s, line, err.text);
    return d.verdict;
}

/* ##[group] and ##[endgroup] fold; the other marks are colours, and stay in the line. */
static bool format_line(struct az_step_run *s, struct str text)
{
    const struct str group = STR("##[group]"), end = STR("##[endgroup]");
    if (str_starts(text, group)) {
        az_emit(s->t.run,
                &(struct event){.kind = EVENT_GROUP, .step = s->t.number, .text = str_from_index(text, group.n)});
        return true;
    }
    if (!str_starts(text, end))
        return false;
    az_emit(s->t.run, &(struct event){.kind = EVENT_GROUP_END, .step = s->t.number});
    return true;
}

enum line_verdict az_command_line(struct az_step_run *s, struct str text, struct buf *replacement)
{
    struct az_command c;
    if (str_find(text, STR("##")) < 0)
        return LINE_SHOW;
    if (format_line(s, text))
        return LINE_HIDE;
    CLEAN(arena) struct arena *a = arena_new();
    switch (az_command_parse(a, text, az_agent(s->t.run)->decode_percents, &c)) {
    case AZ_NO_COMMAND:
        return LINE_SHOW;
    case AZ_BAD_COMMAND:
        az_warn(&s->t,
                "'%.*s' contains logging command keyword '##vso', but it's not a legal command. Please see the list of "
                "accepted commands: https://go.microsoft.com/fwlink/?LinkId=817296",
                STR_ARG(text));
        return LINE_SHOW;
    case AZ_COMMAND:
        break;
    }
    return obey(s, text, &c, replacement);
}
