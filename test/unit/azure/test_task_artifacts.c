/*
 * Artifacts as the engine sees them: names, what stays behind, parts of build artifacts, where files land.
 */
#include "az_play.h"

#include "provider/azure/files_priv.h"

static enum drive end_with(struct play *p, struct op_end end)
{
    end.how = OP_EXITED;
    play_end(p, &end);
    return play_go(p);
}

static enum drive refused(struct play *p, int num)
{
    struct op_end end = {.how = OP_NOT_STARTED};
    err_set(&end.err, num, "refused");
    play_end(p, &end);
    return play_go(p);
}

static void names_are_checked(void **state)
{
    static const char *const WRONG[] = {"", "a/b", "a\\b", "a:b", "a\"b", "a<", "a>", "a|", "a*", "a?", "a\n"};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++)
        assert_false(az_artifact_name_ok(str_from(WRONG[i])));
    assert_true(az_artifact_name_ok(STR("drop 1.2-x (part 2)")));
}

static void a_pipeline_artifact_without_a_name_is_the_jobs(void **state)
{
    struct play p;
    struct op_found files[] = {{.path = STR(".git"), .kind = FOUND_FOLDER},
                               {.path = STR("a[1]"), .kind = FOUND_FILE},
                               {.path = STR("sub/.git"), .kind = FOUND_FOLDER}};
    UNUSED(state);
    play_init(&p);
    play_input(play_step(&p, "PublishPipelineArtifact", "1"), "targetPath", "out");
    play_var(&p, "System.JobIdentifier", "Build.one.__default");
    play_begin(&p);
    play_go(&p);
    assert_int_equal(p.op.kind, OP_FIND);
    end_with(&p, (struct op_end){.files = files, .n_files = 3});
    assert_int_equal(p.op.kind, OP_UPLOAD);
    assert_str(p.op.artifact.name, "Build.one");
    assert_true(p.op.artifact.hidden && p.op.artifact.any_names && !p.op.artifact.overwrite);
    assert_int_equal(p.op.artifact.patterns.n, 3);
    assert_str(p.op.artifact.patterns.p[0], "/home/vsts/work/1/s/out");
    assert_str(p.op.artifact.patterns.p[1], "!/home/vsts/work/1/s/out/.git");
    assert_str(p.op.artifact.patterns.p[2], "!/home/vsts/work/1/s/out/sub/.git");
    refused(&p, EEXIST);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_FAILURE);
    assert_non_null(strstr(buf_cstr(&p.log), "Artifact Build.one already exists for build "));
    play_done(&p);
}

static void a_build_artifact_takes_more_parts(void **state)
{
    struct play p;
    struct op_artifact made = {.id = 7, .name = STR("drop (part 3)"), .n_files = 1};
    UNUSED(state);
    play_init(&p);
    play_input(play_step(&p, "PublishBuildArtifacts", "1"), "PathtoPublish", "f");
    play_begin(&p);
    play_go(&p);
    refused(&p, ENOTDIR); /* a file */
    assert_str(p.op.artifact.name, "drop");
    refused(&p, EEXIST);
    assert_str(p.op.artifact.name, "drop (part 2)");
    refused(&p, EEXIST);
    assert_str(p.op.artifact.name, "drop (part 3)");
    assert_int_equal(end_with(&p, (struct op_end){.artifacts = &made, .n_artifacts = 1}), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    play_done(&p);
}

static void parts_are_one_artifact_again(void **state)
{
    struct play p;
    struct op_artifact all[] = {{.id = 1, .name = STR("drop")},
                                {.id = 2, .name = STR("logs")},
                                {.id = 3, .name = STR("drop (part 2)")},
                                {.id = 4, .name = STR("drop (draft)")}};
    UNUSED(state);
    play_init(&p);
    struct az_step *s = play_step(&p, "DownloadBuildArtifacts", "0");
    play_input(s, "artifactName", "DROP");
    play_input(s, "downloadPath", "/to");
    play_begin(&p);
    play_go(&p);
    assert_int_equal(p.op.kind, OP_ARTIFACTS);
    end_with(&p, (struct op_end){.artifacts = all, .n_artifacts = ARRAY_LEN(all)});
    assert_int_equal(p.op.kind, OP_DOWNLOAD);
    assert_int_equal(p.op.artifact.id, 1);
    assert_str(p.op.artifact.path, "/to/drop");
    end_with(&p, (struct op_end){0});
    assert_int_equal(p.op.artifact.id, 3);
    assert_str(p.op.artifact.path, "/to/drop");
    assert_int_equal(end_with(&p, (struct op_end){0}), DRIVE_DONE);
    play_finish(&p);
    assert_int_equal(p.outcome.result, RESULT_SUCCESS);
    play_done(&p);
}

static void a_resource_is_an_earlier_run_or_refused(void **state)
{
    UNUSED(state);
    for (int known = 0; known < 2; known++) {
        struct play p;
        play_init(&p);
        struct az_step *s = play_step(&p, AZ_DOWNLOAD_TASK, "1");
        play_input(s, "alias", "lib");
        play_input(s, "artifact", "x");
        if (known)
            play_var(&p, "resources.pipeline.lib.runID", "41");
        play_begin(&p);
        assert_int_equal(play_go(&p), known ? DRIVE_OP : DRIVE_DONE);
        struct op_artifact one = {.id = 5, .name = STR("x"), .digest = STR("aa")};
        if (known) {
            assert_int_equal(p.op.artifact.run, 41);
            end_with(&p, (struct op_end){.artifacts = &one, .n_artifacts = 1});
            assert_str(p.op.artifact.path, "/home/vsts/work/1/lib/x");
            end_with(&p, (struct op_end){.matched = STR("bb")}); /* not what was kept */
        }
        play_finish(&p);
        assert_non_null(
            strstr(buf_cstr(&p.log), known ? "its SHA-256 differs" : "set the variable resources.pipeline.lib.runID"));
        assert_int_equal(p.outcome.result, RESULT_FAILURE);
        play_done(&p);
    }
}

static void file_shares_are_refused(void **state)
{
    static const char *const TASKS[] = {"PublishPipelineArtifact", "PublishBuildArtifacts"};
    UNUSED(state);
    for (size_t i = 0; i < ARRAY_LEN(TASKS); i++) {
        struct play p;
        play_init(&p);
        struct az_step *s = play_step(&p, TASKS[i], "1");
        play_input(s, "publishLocation", "FilePath");
        play_input(s, "artifactName", "x");
        play_begin(&p);
        assert_int_equal(play_go(&p), DRIVE_DONE);
        assert_non_null(strstr(buf_cstr(&p.log), "to a file share is not supported"));
        play_done(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_checked),
        cmocka_unit_test(file_shares_are_refused),
        cmocka_unit_test(a_pipeline_artifact_without_a_name_is_the_jobs),
        cmocka_unit_test(a_build_artifact_takes_more_parts),
        cmocka_unit_test(parts_are_one_artifact_again),
        cmocka_unit_test(a_resource_is_an_earlier_run_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
