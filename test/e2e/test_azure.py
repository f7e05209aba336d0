"""Pipelines of Azure as a user meets them: a few lines of YAML, run for real in sandboxes."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from conftest import SLIPWAY, Place, Result


def run(place: Place, pipeline: str, *args: str, **kw) -> Result:
    place.write("azure-pipelines.yml", pipeline)
    place.commit()
    return place.ci("azure", *args, **kw)


def steps(r: Result) -> dict[str, str]:
    """Name of each step -> its result, and behind -> what it counts as when that differs."""
    ended = [ev for ev in r.events() if ev["kind"] == "step_finished"]
    return {
        ev["name"]: ev["result"] + (f" -> {ev['conclusion']}" if ev.get("conclusion", ev["result"]) != ev["result"] else "")
        for ev in ended
    }


def issues(r: Result, level: str) -> list[str]:
    return [ev["text"] for ev in r.events() if ev["kind"] == "annotation" and ev["level"] == level]


# ---- steps ----


def test_steps_run_in_order_in_one_place(place: Place) -> None:
    place.write("hello.txt", "from the project\n")
    r = run(
        place,
        """
        steps:
        - script: cat hello.txt; echo made > made.txt
          displayName: one
        - bash: cat made.txt; git status -s
          displayName: two
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["from the project", "made", "?? made.txt"]
    assert list(steps(r).values()) == ["success"] * 3
    assert not (place.repo / "made.txt").exists()


def test_head_is_detached_and_the_commit_is_its_own(place: Place) -> None:
    r = run(place, "steps:\n- script: git rev-parse --abbrev-ref HEAD; git rev-parse HEAD; echo $(Build.SourceVersion)\n")
    head = place.git("rev-parse", "HEAD").strip()
    assert r.lines() == ["HEAD", head, head]
    assert place.git("rev-parse", "--abbrev-ref", "HEAD").strip() == "main"


def test_conditions_behind_a_failure(place: Place) -> None:
    r = run(
        place,
        """
        steps:
        - {script: exit 3, displayName: bad}
        - {script: 'true', displayName: plain}
        - {script: 'true', displayName: failed, condition: failed()}
        - {script: 'true', displayName: either, condition: succeededOrFailed()}
        - {script: 'true', displayName: always, condition: always()}
        - {script: 'true', displayName: asked, condition: "eq(variables['Agent.JobStatus'], 'Failed')"}
        """,
    )
    assert r.code == 1
    got = steps(r)
    got.pop(next(iter(got)))  # the checkout
    assert got == {
        "bad": "failure", "plain": "skipped", "failed": "success", "either": "success", "always": "success",
        "asked": "success",
    }  # fmt: skip
    assert issues(r, "error") == ["Bash exited with code '3'."]


def test_a_forgiven_failure_is_an_issue(place: Place) -> None:
    r = run(
        place,
        """
        steps:
        - {script: exit 3, displayName: bad, continueOnError: true}
        - {script: 'echo $(Agent.JobStatus)', displayName: next}
        """,
    )
    assert r.code == 0
    assert steps(r)["bad"] == "failure -> success" and steps(r)["next"] == "success"
    assert r.lines() == ["SucceededWithIssues"]


def test_retries_end_with_the_first_success(place: Place) -> None:
    r = run(
        place,
        """
        steps:
        - script: 'echo try; if [ -e again ]; then exit 0; fi; touch again; exit 1'
          displayName: flaky
          retryCountOnTaskFailure: 2
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["try", "try"] and steps(r)["flaky"] == "success"


def test_a_step_has_its_time(place: Place) -> None:
    r = run(
        place,
        """
        variables: {minutes: 0.01}
        steps:
        - {script: 'echo begun; sleep 600', displayName: slow, timeoutInMinutes: $(minutes)}
        - {script: 'echo behind', condition: always()}
        """,
    )
    assert r.code == 1 and r.lines() == ["begun", "behind"]
    assert issues(r, "error") == ["The task has timed out."]


def test_inputs_are_trimmed_and_expanded(place: Place) -> None:
    r = run(
        place,
        """
        variables: {a: 1, b: $(a)2}
        steps:
        - script: |

            echo $(b) $(echo shell) $A
            echo $HOME = $(HOME)
        """,
    )
    assert r.lines()[0] == "12 shell 1"
    home, expanded = r.lines()[1].split(" = ")
    assert home == expanded


# ---- variables and outputs ----


def test_variables_are_for_later_steps(place: Place) -> None:
    r = run(
        place,
        """
        variables: {x: old}
        steps:
        - script: |
            echo "##vso[task.setvariable variable=x]new"
            echo now $(x) $X
            echo "##vso[task.setvariable variable=Some.Name]n"
        - script: echo later $(x) $X $SOME_NAME
        """,
    )
    assert r.lines() == ["now old old", "later new new n"]


def test_outputs_across_steps_jobs_and_stages(place: Place) -> None:
    r = run(
        place,
        """
        stages:
        - stage: A
          jobs:
          - job: One
            steps:
            - bash: echo "##vso[task.setvariable variable=v;isoutput=true]42"
              name: S
            - script: echo same job $(S.v) $S_V
          - job: Two
            dependsOn: One
            variables: {got: "$[ dependencies.One.outputs['S.v'] ]"}
            steps:
            - script: echo other job $(got)
        - stage: B
          condition: and(succeeded(), eq(dependencies.A.outputs['One.S.v'], '42'))
          jobs:
          - job: Three
            variables: {got: "$[ stageDependencies.A.One.outputs['S.v'] ]"}
            steps:
            - script: echo other stage $(got)
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["same job 42 42", "other job 42", "other stage 42"]


def test_readonly_variables_stay(place: Place) -> None:
    r = run(
        place,
        """
        variables:
        - {name: fixed, value: old, readonly: true}
        steps:
        - {script: 'echo "##vso[task.setvariable variable=fixed]new"', displayName: tries}
        - {script: 'echo $(fixed)', condition: always()}
        - {script: 'echo "##vso[task.setvariable variable=Build.Reason]mine"', displayName: system, condition: always()}
        """,
    )
    assert r.code == 1 and r.lines() == ["old"]
    assert steps(r)["tries"] == steps(r)["system"] == "failure"
    assert len(issues(r, "error")) == 4


def test_secrets_are_hidden_and_not_exported(place: Place) -> None:
    r = run(
        place,
        """
        steps:
        - script: echo "##vso[task.setvariable variable=token;issecret=true]hush-hush"
          displayName: its own text would be its name
        - script: |
            echo "macro $(token), env '$TOKEN', mapped $MAPPED"
            printf '%s' "$MAPPED" | base64
          env: {MAPPED: $(token)}
        """,
    )
    assert r.code == 0 and "hush-hush" not in r.text
    assert r.lines() == ["macro ***, env '', mapped ***", "***"]


def test_a_secret_output_is_hidden_in_other_jobs(place: Place) -> None:
    r = run(
        place,
        """
        jobs:
        - job: A
          steps:
          - checkout: none
          - {script: 'echo "##vso[task.setvariable variable=t;isoutput=true;issecret=true]hush-hush"', name: S, displayName: S}
        - job: B
          dependsOn: A
          variables: {got: "$[ dependencies.A.outputs['S.t'] ]"}
          steps:
          - checkout: none
          - script: echo "got $(got), env '$GOT'"
        """,
    )
    assert r.code == 0 and "hush-hush" not in r.text
    assert r.lines() == ["got ***, env ''"]


def test_env_is_mapped_and_variables_win(place: Place) -> None:
    r = run(
        place,
        """
        variables: {shared: variable}
        steps:
        - script: echo $SHARED $own $PATH_OF
          env: {SHARED: step, own: mine, PATH_OF: $(Build.SourcesDirectory)}
        """,
    )
    shared, own, path = r.lines()[0].split()
    assert (shared, own) == ("variable", "mine") and path.endswith("/1/s")


def test_a_path_is_put_in_front(place: Place) -> None:
    place.write("tools/greet", "#!/bin/sh\necho greetings\n", 0o755)
    r = run(
        place,
        """
        steps:
        - script: echo "##vso[task.prependpath]$PWD/tools"
        - script: greet
        """,
    )
    assert r.code == 0 and r.lines() == ["greetings"]


def test_a_failed_step_is_shown_with_what_to_paste(place: Place) -> None:
    place.write(
        "azure-pipelines.yml",
        """\
variables: {who: world}
steps:
- script: |
    echo hello $(who)
    false
""",
    )
    place.commit()
    r = place.run("ci", "azure", "--branch", "main")
    assert r.code == 1
    assert "  $ echo hello world\n    false\n  │ hello world\n" in r.err + r.out
    assert "Generating script" not in r.text


# ---- commands ----


def test_commands_of_a_log(place: Place) -> None:
    r = run(
        place,
        """
        steps:
        - script: |
            echo "##vso[task.logissue type=warning;sourcepath=src/a.c;linenumber=7;columnnumber=2;code=W1]odd"
            echo "##[group]folded"
            echo inside
            echo "##[endgroup]"
            echo "##vso[task.complete result=SucceededWithIssues;]done"
            echo "##[debug]raw"
            echo "##vso[task.debug]not shown"
          displayName: talk
        - script: echo $(Agent.JobStatus)
        """,
    )
    assert r.code == 0
    assert r.lines() == ["inside", "##[debug]raw", "SucceededWithIssues"]
    note = next(ev for ev in r.events() if ev["kind"] == "annotation")
    assert (note["file"], note["line"], note["column"], note["text"]) == ("src/a.c", 7, 2, "odd")
    groups = [ev["text"] for ev in r.events() if ev["kind"] == "group"]
    assert [text for text in groups if not text.startswith("Task  ")] == ["folded"]


def test_a_summary_and_a_file_are_kept(place: Place) -> None:
    r = run(
        place,
        """
        steps:
        - script: |
            echo "# Done" > notes.md
            echo data > kept.log
            echo "##vso[task.uploadsummary]$PWD/notes.md"
            echo "##vso[task.uploadfile]$PWD/kept.log"
        """,
    )
    assert r.code == 0, r.text
    assert [ev["text"].strip() for ev in r.events() if ev["kind"] == "summary"] == ["# Done"]
    (kept,) = [ev for ev in r.events() if ev["kind"] == "artifact"]
    assert kept["name"] == "kept.log"


def test_an_artifact_and_results_of_commands(place: Place) -> None:
    place.write("TEST-a.xml", "<testsuite name='s' tests='1'><testcase classname='c' name='n'/></testsuite>\n")
    r = run(
        place,
        """
        steps:
        - script: |
            mkdir out; echo data > out/file
            echo "##vso[artifact.upload containerfolder=drop;artifactname=drop]$PWD/out"
            echo "##vso[results.publish type=JUnit;resultFiles=$PWD/TEST-a.xml;runTitle=mine]"
          displayName: talk
        - task: DownloadPipelineArtifact@2
          inputs: {artifactName: drop, targetPath: $(Build.BinariesDirectory)}
        - script: cat $(Build.BinariesDirectory)/file
        """,
    )
    assert r.code == 0, r.text
    assert r.lines()[-1] == "data" and steps(r)["talk"] == "success"


def test_unknown_commands(place: Place) -> None:
    r = run(place, 'steps:\n- script: echo "##vso[none.such]x"\n- {script: \'echo "##vso[task.none]x"\', displayName: bad}\n')
    assert r.code == 1 and steps(r)["bad"] == "failure"
    assert issues(r, "warning")[0].startswith("Cannot find command extension for ##vso[none.command]")
    assert issues(r, "error")[0].startswith("Unable to process command '##vso[task.none]x' successfully.")


# ---- places ----


def test_the_workspace_has_its_folders(place: Place) -> None:
    r = run(
        place,
        """
        steps:
        - script: |
            for d in "$(Pipeline.Workspace)" "$(Build.ArtifactStagingDirectory)" "$(Build.BinariesDirectory)" \\
                     "$(Common.TestResultsDirectory)" "$(Agent.TempDirectory)" "$(Agent.ToolsDirectory)"; do
              test -d "$d" && test -w "$d" && echo "${d#$(Agent.WorkFolder)/}"
            done
        """,
    )
    assert r.lines() == ["1", "1/a", "1/b", "1/TestResults", "_temp", "_tool"]


def test_jobs_share_nothing(place: Place) -> None:
    r = run(
        place,
        """
        jobs:
        - job: A
          steps: [{script: 'echo x > left; echo x > $(Agent.TempDirectory)/left'}]
        - job: B
          dependsOn: A
          steps: [{script: 'ls left $(Agent.TempDirectory)/left 2>/dev/null; echo nothing'}]
        """,
    )
    assert r.lines() == ["nothing"]


def test_no_checkout_and_a_checkout_elsewhere(place: Place) -> None:
    place.write("here.txt", "x\n")
    r = run(
        place,
        """
        jobs:
        - job: None
          steps:
          - checkout: none
          - script: ls | wc -l
        - job: Path
          dependsOn: None
          steps:
          - checkout: self
            path: src/app
          - script: pwd; ls here.txt; echo $(Build.SourcesDirectory)
        """,
    )
    assert r.code == 0, r.text
    lines = r.lines()
    assert lines[0] == "0" and lines[2] == "here.txt"
    assert lines[1].endswith("/1/src/app") and lines[3] == lines[1]


def test_several_checkouts(place: Place) -> None:
    tools = place.path / "tools"
    tools.mkdir()
    (tools / "tool.txt").write_text("a tool\n")
    place.write("mine.txt", "mine\n")
    r = run(
        place,
        """
        resources:
          repositories:
          - {repository: t, type: github, name: you/tools, endpoint: e}
        steps:
        - checkout: self
        - checkout: t
        - script: ls; cat */mine.txt tools/tool.txt; git -C tools log --oneline | wc -l
        """,
        "--local-repository",
        f"you/tools={tools}",
    )
    assert r.code == 0, r.text
    assert set(r.lines()) >= {"tools", "mine", "a tool", "1"}


# ---- the end ----


def test_an_interrupt_runs_what_always_runs(place: Place) -> None:
    place.write(
        "azure-pipelines.yml",
        """
        steps:
        - {script: 'echo begun; sleep 600', displayName: long}
        - {script: 'echo plain', displayName: plain}
        - {script: 'echo tidied $(Agent.JobStatus)', displayName: tidy, condition: always()}
        """,
    )
    place.commit()
    out = place.path / "out"
    with out.open("wb") as to:
        p = subprocess.Popen([str(SLIPWAY), "ci", "azure", "--json"], cwd=place.repo, env=place.env, stdout=to)
    for _ in range(1200):
        if '"begun"' in out.read_text():
            break
        time.sleep(0.05)
    p.send_signal(signal.SIGINT)
    assert p.wait(60) == 130
    r = Result(130, out.read_text(), "")
    assert r.lines() == ["begun", "tidied Canceled"]
    got = steps(r)
    assert (got["long"], got["plain"], got["tidy"]) == ("cancelled", "skipped", "success")


def test_jobs_behind_an_issue_and_behind_a_failure(place: Place) -> None:
    r = run(
        place,
        """
        jobs:
        - job: Odd
          continueOnError: true
          steps: [{checkout: none}, {script: exit 1}]
        - job: Next
          dependsOn: Odd
          steps: [{checkout: none}, {script: echo next}]
        - job: Bad
          steps: [{checkout: none}, {script: exit 1}]
        - job: Never
          dependsOn: Bad
          steps: [{checkout: none}, {script: echo never}]
        - job: Help
          dependsOn: Bad
          condition: failed()
          steps: [{checkout: none}, {script: echo help}]
        """,
    )
    assert r.code == 1
    assert sorted(r.lines()) == ["help", "next"]
    assert {k: v for k, v in r.jobs().items() if k in ("Next", "Never", "Help")} == {
        "Next": "success", "Never": "skipped", "Help": "success",
    }  # fmt: skip


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user(place: Place) -> None:
    place.write("azure-pipelines.yml", "steps:\n- script: id -u > /dev/null && touch made && echo made\n")
    place.commit()
    subprocess.run(["chmod", "-R", "a+rwX", str(place.path)], check=True)
    top = place.path
    while str(top) != "/":
        if top.stat().st_uid == os.geteuid() and not top.stat().st_mode & 0o001:
            top.chmod(top.stat().st_mode | 0o011)
        top = top.parent
    done = subprocess.run(
        ["setpriv", "--reuid=1234", "--regid=1234", "--clear-groups", str(SLIPWAY), "ci", "azure", "--json"],
        cwd=place.repo,
        env=place.env,
        capture_output=True,
        text=True,
    )
    if "dubious ownership" in done.stderr or done.returncode == 126:
        pytest.skip("another user cannot come to this place")
    assert Result(done.returncode, done.stdout, done.stderr).lines() == ["made"], done.stdout + done.stderr


# ---- between jobs ----


def test_a_stages_variables_see_other_stages_in_both_forms(place: Place) -> None:
    """Those of jobs (stageDependencies.STAGE.JOB) and those of stages (dependencies.STAGE, 'JOB.STEP.VARIABLE')."""
    r = run(
        place,
        """
        stages:
        - stage: A
          jobs:
          - job: J
            steps:
            - {script: 'echo "##vso[task.setvariable variable=V;isoutput=true]made"', name: S}
        - stage: B
          condition: eq(stageDependencies.A.outputs['J.S.V'], 'made')
          variables:
            job: $[ stageDependencies.A.J.outputs['S.V'] ]
            stage: $[ dependencies.A.outputs['J.S.V'] ]
            result: $[ stageDependencies.A.J.result ]
          jobs:
          - job: J
            steps:
            - script: echo $(job) $(stage) $(result)
        """,
    )
    assert r.code == 0, r.text
    assert r.lines("B / J") == ["made made Succeeded"]


def test_later_jobs_have_the_number_that_a_step_gave(place: Place) -> None:
    r = run(
        place,
        """
        name: 1.0
        jobs:
        - job: A
          steps:
          - script: echo "##vso[build.updatebuildnumber]2.0-$(Build.BuildNumber)"
          - script: echo $(Build.BuildNumber)
        - job: B
          dependsOn: A
          steps:
          - script: echo $(Build.BuildNumber)
        - deployment: C
          dependsOn: B
          environment: e
          strategy: {runOnce: {deploy: {steps: [{script: 'echo $(Build.BuildNumber)'}]}}}
        """,
    )
    assert r.code == 0, r.text
    assert r.lines("A") == ["2.0-1.0"]
    assert r.lines("B") == ["2.0-1.0"]
    assert r.lines("C / deploy") == ["2.0-1.0"]


def test_a_forgiven_deployment_still_calls_what_is_for_failures(place: Place) -> None:
    r = run(
        place,
        """
        jobs:
        - deployment: D
          environment: e
          continueOnError: true
          strategy:
            runOnce:
              deploy: {steps: [{script: exit 1}]}
              routeTraffic: {steps: [{script: echo route}]}
              on:
                success: {steps: [{script: echo success}]}
                failure: {steps: [{script: echo failure}]}
        - job: J
          dependsOn: D
          variables: {result: "$[ dependencies.D.result ]"}
          steps:
          - script: echo $(result)
        """,
    )
    assert r.code == 0, r.text
    assert r.lines("D / on.failure") == ["failure"]
    assert r.lines("J") == ["SucceededWithIssues"]
    jobs = r.jobs()
    assert (jobs["D / routeTraffic"], jobs["D / on.success"]) == ("skipped", "skipped")


def test_steps_are_called_by_what_they_do(place: Place) -> None:
    r = run(
        place,
        """
        steps:
        - checkout: none
        - script: |

            # a remark
            echo of $(Build.Reason)
        - bash: |
            # nothing else
        - {script: 'true', displayName: 'of $(Build.Reason)'}
        """,
    )
    assert list(steps(r)) == ["script: echo of $(Build.Reason)", "bash: # nothing else", "of IndividualCI"]


def test_a_folder_stands_for_a_repository_in_templates_and_in_checkouts(place: Place) -> None:
    folder = place.repo.parent / "templates"
    folder.mkdir()
    (folder / "steps.yml").write_text("steps:\n- script: echo from the template\n")
    r = run(
        place,
        """
        resources:
          repositories:
          - {repository: t, type: github, name: o/t, ref: refs/heads/main, endpoint: e}
        steps:
        - template: steps.yml@t
        - checkout: t
        - script: ls $(Build.SourcesDirectory)
        """,
        "--offline", "--local-repository", f"o/t@main={folder}",
    )
    assert r.code == 0, r.text
    assert r.lines() == ["from the template", "steps.yml"]


def test_a_folder_of_a_task_that_is_not_there(place: Place) -> None:
    r = run(place, "steps:\n- task: Mine@1\n", "--task", "Mine=/no/such/folder")
    assert r.code == 2
    assert "--task Mine: '/no/such/folder' is not a folder" in r.text


def test_a_password_in_an_address_is_hidden_though_nobody_called_it_secret(place: Place) -> None:
    r = run(
        place,
        """
        steps:
        - script: |
            echo "https://u:abcdefgh@h/x, git://a:b@c"
            echo "https://h:443/~u?what=many@&p=v http://h:80/@x https://u@h ://"
        """,
    )
    assert r.lines() == ["https://u:***@h/x, git://a:***@c", "https://h:443/~u?what=many@&p=v http://h:80/@x https://u@h ://"]


def test_a_counter_counts_in_variables_of_every_scope(place: Place) -> None:
    pipeline = """
        variables: {root: "$[ counter('r', 5) ]"}
        stages:
        - stage: S
          variables: {stage: "$[ counter('s') ]"}
          jobs:
          - job: J
            variables: {job: "$[ counter(format('{0:yyyy}', pipeline.startTime), 100) ]"}
            steps:
            - script: echo $(root) $(stage) $(job)
        """
    assert run(place, pipeline).lines() == ["5 0 100"]
    assert place.ci("azure", "-n").code == 0  # which counts nothing
    assert run(place, pipeline).lines() == ["6 1 101"]


def test_a_counter_is_no_condition(place: Place) -> None:
    r = run(place, "jobs:\n- job: J\n  condition: eq(counter('a', 1), 1)\n  steps:\n  - script: echo\n")
    assert r.code == 2 and "Unrecognized value: 'counter'" in r.text


@pytest.mark.parametrize("name", ["A.K", "K", "a.k", "A / K"])
def test_a_job_is_named_with_its_stage_and_without(place: Place, name: str) -> None:
    job = "[{job: J, steps: [{script: echo J}]}, {job: K, steps: [{script: echo K}]}]"
    r = run(place, f"stages:\n- stage: A\n  jobs: {job}\n- stage: B\n  dependsOn: []\n  jobs: [{{job: L, steps: [{{script: echo L}}]}}]\n", "--job", name)
    assert r.code == 0 and list(r.jobs()) == ["A / K"], r.text
