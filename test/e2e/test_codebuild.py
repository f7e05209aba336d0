"""AWS CodeBuild as a user meets it: builds of a buildspec, with the project around it where that matters."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import textwrap
import time
import zipfile
from pathlib import Path

import pytest

from conftest import SLIPWAY, Place, Result, pythons, sandbox_mode


def build(place: Place, text: str, *args: str, **kw) -> Result:
    place.write("buildspec.yml", text)
    place.commit()
    return place.ci("codebuild", *args, **kw)


def commands(place: Place, *items: str, head: str = "", args: tuple[str, ...] = ()) -> Result:
    """A build with one phase of these commands."""
    body = "".join("      - " + json.dumps(c) + "\n" for c in items)
    return build(place, f"version: 0.2\n{textwrap.dedent(head)}phases:\n  build:\n    commands:\n{body}", *args)


def log(r: Result) -> list[str]:
    """What the agent says, without its clock."""
    lines = [ev["text"] for ev in r.events() if ev["kind"] == "output" and ev["stream"] == "slipway"]
    return [re.sub(r"^\[Container\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6} ", "", line) for line in lines]


def phases(r: Result) -> dict[str, str]:
    """The phase table: name -> status."""
    table = [ev["text"] for ev in r.events() if ev["kind"] == "summary" and "| phase |" in ev["text"]][-1]
    rows = [[c.strip() for c in line.split("|")] for line in table.splitlines()[2:] if line.startswith("|")]
    return {c[1]: c[2] for c in rows if c[1].isupper()}


def context(r: Result, phase: str) -> str:
    table = [ev["text"] for ev in r.events() if ev["kind"] == "summary" and "| phase |" in ev["text"]][-1]
    return next(line.split("|")[4].strip() for line in table.splitlines() if line.startswith(f"| {phase} |"))


def notes(r: Result) -> dict[str, str]:
    return {ev["what"]: ev["text"] for ev in r.events() if ev["kind"] == "note"}


def errors(r: Result) -> list[str]:
    return [ev["text"] for ev in r.events() if ev["kind"] == "annotation" and ev["level"] == "error"]


def artifacts(r: Result) -> dict[str, Path]:
    return {ev["name"]: Path(ev["path"]) for ev in r.events() if ev["kind"] == "artifact"}


def tree(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir())


def project(place: Place, properties: str) -> None:
    place.write(
        "deploy/codebuild.yaml",
        "Resources:\n  P:\n    Type: AWS::CodeBuild::Project\n    Properties:\n"
        "      Name: demo-ci\n      ServiceRole: arn:aws:iam::123456789012:role/ci\n"
        "      Source: {Type: GITHUB, Location: 'https://github.com/octo/demo.git'}\n"
        + textwrap.indent(textwrap.dedent(properties).strip("\n") + "\n", " " * 6),
    )


NO_ARTIFACTS = "Artifacts: {Type: NO_ARTIFACTS}\n"
ENVIRONMENT = """\
Environment:
  Type: LINUX_CONTAINER
  ComputeType: BUILD_GENERAL1_SMALL
  Image: aws/codebuild/standard:7.0
  EnvironmentVariables:
    - {Name: WHO, Value: project}
    - {Name: BOTH, Value: project}
"""
WEBHOOK = "Triggers: {Webhook: true, FilterGroups: [[{Type: EVENT, Pattern: PUSH}]]}\n"

# ---- the shell ----


@pytest.mark.skipif(os.path.realpath("/bin/sh").rsplit("/", 1)[-1] != "dash", reason="/bin/sh is not dash here")
def test_default_shell_is_sh(place: Place) -> None:
    r = commands(place, "[[ a == a ]] && echo yes || echo no")
    assert "no" in r.lines()
    assert any("script.sh: 4:" in line and "[[: not found" in line for line in r.lines())


def test_bash_is_asked_for(place: Place) -> None:
    r = commands(place, "[[ a == a ]] && echo yes", "X=$'two\\nlines\\001'", 'echo "${#X}"', head="env: {shell: bash}\n")
    assert r.code == 0, r.text
    assert r.lines() == ["yes", "10"]


@pytest.mark.parametrize("head", ["", "env: {shell: bash}\n"])
def test_variables_survive(place: Place, head: str) -> None:
    r = build(
        place,
        textwrap.dedent(head)
        + textwrap.dedent("""\
        version: 0.2
        phases:
          pre_build:
            commands:
              - TAG=v1; export EXPORTED="a  b"
              - |
                QUOTES='single '\\'' "double" $HOME `x` \\back'
                LINES_='one
                two'
                DASH=-n EMPTY=
                exit 0
          build:
            commands:
              - printf '[%s]\\n' "$TAG" "$EXPORTED" "$QUOTES" "$LINES_" "$DASH" "${EMPTY-unset}"
              - env | grep -c '^TAG=' || true
              - env | grep '^EXPORTED='
              - unset TAG EXPORTED
              - echo "${TAG-gone} ${EXPORTED-gone}"
        """),
    )
    assert r.code == 0, r.text
    back = r.lines()
    assert back == [
        "[v1]", "[a  b]", "[single ' \"double\" $HOME `x` \\back]", "[one", "two]", "[-n]", "[]",
        "0", "EXPORTED=a  b", "gone gone",
    ]  # fmt: skip


def test_what_a_shell_keeps_to_itself(place: Place) -> None:
    r = commands(
        place,
        "A=(1 2); declare -A M=([k]=v); f() { echo called; }; set -e; alias g=f",
        'echo "[${A[*]-}] [${M[k]-}]"; type f 2>/dev/null || echo none; false; echo on',
        "set | grep -E '^(BASH_EXECUTION_STRING|_slipway|POSIXLY)' || echo clean",
        head="env: {shell: bash}\n",
    )
    assert r.code == 0, r.text
    assert r.lines() == ["[] []", "none", "on", "clean"]


def test_folder_persists_and_artifacts_do_not_follow(place: Place) -> None:
    place.write("app/inner.txt", "i")
    place.write("top.txt", "t")
    r = build(
        place,
        """\
        version: 0.2
        phases:
          install: {commands: [cd app]}
          build:
            commands:
              - basename "$PWD"; cd ..
              - cd - >/dev/null; basename "$PWD"
        artifacts: {files: ['*.txt']}
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["app", "app"]
    assert tree(artifacts(r)["codebuild/repo/artifacts"]) == ["top.txt"]


def test_a_block_that_fails_in_the_middle_is_green(place: Place) -> None:
    r = commands(place, "false\necho still here\n")
    assert r.code == 0, r.text
    assert r.lines() == ["still here"]


def test_version_0_1_carries_nothing(place: Place) -> None:
    place.write("app/x", "")
    r = build(
        place,
        """\
        version: 0.1
        environment_variables: {plaintext: {GIVEN: yes it is}}
        phases:
          build: {commands: ['cd app; export A=1; B=2', 'echo "[${A-}] [${B-}] $GIVEN"; basename "$PWD"']}
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["[] [] yes it is", "repo"]


def test_background_processes_stay_and_hold_nothing_up(place: Place) -> None:
    began = time.monotonic()
    r = commands(
        place,
        "nohup sh -c 'echo $$ >pid; exec sleep 600' &",
        "while [ ! -s pid ]; do sleep 0.05; done; kill -0 \"$(cat pid)\" && echo alive",
        "sleep 600 & echo started",
    )
    assert r.code == 0, r.text
    assert r.lines()[-2:] == ["alive", "started"]
    assert time.monotonic() - began < 5


def test_what_a_background_process_prints_later_is_shown(place: Place) -> None:
    r = commands(place, "(while [ ! -e go ]; do sleep 0.05; done; echo later; touch done) &", "touch go; while [ ! -e done ]; do sleep 0.05; done; sleep 0.3")
    assert r.code == 0, r.text
    assert r.lines() == ["later"]


def test_an_error_names_line_4(place: Place) -> None:
    r = commands(place, "A=kept; nosuch-program; echo second\nexit 5")
    assert r.code == 1
    assert any("script.sh: 4: nosuch-program" in line or "line 4: nosuch-program" in line for line in r.lines())
    assert errors(r) == ["Error while executing command: A=kept; nosuch-program; echo second .... Reason: exit status 5"]


def test_large_variables_are_carried(place: Place) -> None:
    r = commands(
        place,
        "export BIG=$(head -c 300000 /dev/zero | tr '\\0' x)",
        'echo "${#BIG}"',
    )
    assert r.code == 0, r.text
    assert r.lines() == ["300000"]


# ---- phases ----


def test_build_fails_and_post_build_runs(place: Place) -> None:
    r = build(
        place,
        """\
        version: 0.2
        phases:
          build:
            commands: [echo one, exit 3, echo never]
            finally: ['echo "finally $CODEBUILD_BUILD_SUCCEEDING"']
          post_build:
            commands: ['echo "post $CODEBUILD_BUILD_SUCCEEDING"']
        artifacts: {files: [buildspec.yml]}
        """,
    )
    assert r.code == 1
    assert r.lines() == ["one", "finally 0", "post 0"]
    table = phases(r)
    assert list(table) == [
        "SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE", "INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD",
        "UPLOAD_ARTIFACTS", "FINALIZING", "COMPLETED",
    ]  # fmt: skip
    assert table["BUILD"] == "FAILED" and table["POST_BUILD"] == table["UPLOAD_ARTIFACTS"] == "SUCCEEDED"
    assert table["COMPLETED"] == ""
    reason = "Error while executing command: exit 3. Reason: exit status 3"
    assert context(r, "BUILD") == f"COMMAND_EXECUTION_ERROR: {reason}"
    assert errors(r) == [reason]
    said = log(r)
    for line in (
        "Entering phase BUILD",
        "Running command exit 3",
        "Command did not exit successfully exit 3 exit status 3",
        "Phase complete: BUILD State: FAILED",
        f"Phase context status code: COMMAND_EXECUTION_ERROR Message: {reason}",
        "Phase complete: POST_BUILD State: SUCCEEDED",
    ):
        assert line in said
    failed = next(ev for ev in r.events() if ev["kind"] == "annotation")
    assert (failed["file"], failed["line"]) == ("buildspec.yml", 4)
    assert artifacts(r)


def test_pre_build_fails_and_nothing_follows(place: Place) -> None:
    r = build(
        place,
        """\
        version: 0.2
        phases:
          pre_build: {commands: ['false'], finally: [echo cleaned]}
          build: {commands: [echo no]}
          post_build: {commands: [echo no]}
        artifacts: {files: ['**/*']}
        """,
    )
    assert r.code == 1
    assert r.lines() == ["cleaned"]
    assert {k: v for k, v in phases(r).items() if v} == {
        "SUBMITTED": "SUCCEEDED", "QUEUED": "SUCCEEDED", "PROVISIONING": "SUCCEEDED", "DOWNLOAD_SOURCE": "SUCCEEDED",
        "INSTALL": "SUCCEEDED", "PRE_BUILD": "FAILED", "FINALIZING": "SUCCEEDED",
    }  # fmt: skip
    assert not artifacts(r)


def test_a_failing_finally_fails_its_phase(place: Place) -> None:
    r = build(
        place,
        """\
        version: 0.2
        phases:
          build: {commands: [echo fine], finally: [exit 4, echo never]}
          post_build: {commands: ['echo "post $CODEBUILD_BUILD_SUCCEEDING"']}
        """,
    )
    assert r.code == 1
    assert r.lines() == ["fine", "post 0"]
    assert phases(r)["BUILD"] == "FAILED"


ON_FAILURE = """\
version: 0.2
phases:
  install:
    on-failure: {how}
    commands:
      - n=$((${{n:-0}} + 1)); echo "try $n"
      - echo "{says}"; exit 1
  build: {{commands: ['echo "build $CODEBUILD_BUILD_SUCCEEDING"']}}
"""


@pytest.mark.parametrize(
    ("how", "says", "tries", "builds"),
    [
        ("ABORT", "", 1, False),
        ("CONTINUE", "", 1, True),
        ("RETRY", "", 4, False),
        ("RETRY-1", "", 2, False),
        ("RETRY-0", "", 1, False),
        ("RETRY-2-.*timeout.*", "a timeout", 3, False),
        ("Retry-2-timeout", "nothing", 1, False),
        ("RETRY-refused|reset", "connection reset", 4, False),
    ],
)
def test_on_failure(place: Place, how: str, says: str, tries: int, builds: bool) -> None:
    r = build(place, ON_FAILURE.format(how=how, says=says))
    assert sum(line.startswith("try ") for line in r.lines()) == tries
    assert ("build 0" in r.lines()) == builds
    assert r.code == (0 if builds else 1)
    assert phases(r)["INSTALL"] == "FAILED"
    if builds:
        warned = [ev["text"] for ev in r.events() if ev["kind"] == "annotation" and ev["level"] == "warning"]
        assert any("not verified" in text for text in warned)


def test_a_retry_may_succeed(place: Place) -> None:
    r = build(
        place,
        """\
        version: 0.2
        phases:
          build:
            on-failure: RETRY-2
            commands: ['n=$((${n:-0} + 1)); [ $n -eq 2 ]', 'echo "at $n"']
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["at 2"]
    assert phases(r)["BUILD"] == "SUCCEEDED"


def test_abort_of_build_skips_post_build(place: Place) -> None:
    r = build(
        place,
        """\
        version: 0.2
        phases:
          build: {on-failure: ABORT, commands: ['false']}
          post_build: {commands: [echo no]}
        """,
    )
    assert r.code == 1
    assert r.lines() == []
    assert "POST_BUILD" not in phases(r)


def test_last_exit(place: Place) -> None:
    r = build(
        place,
        """\
        version: 0.2
        phases:
          build: {on-failure: CONTINUE, commands: [exit 7]}
          post_build: {commands: ['echo "last $CODEBUILD_LAST_EXIT"']}
        """,
    )
    assert r.lines() == ["last 7"]


def test_the_log_begins_like_the_agents(place: Place) -> None:
    r = commands(place, ":")
    said = log(r)
    src = next(line for line in said if line.startswith("CODEBUILD_SRC_DIR="))
    assert re.search(r"/codebuild/output/src\d{9}/src/github\.com/[^/]+/repo$", src)
    wanted = [
        "Waiting for DOWNLOAD_SOURCE", "Phase is DOWNLOAD_SOURCE", src, "Processing environment variables",
        "Phases found in YAML: 1", " BUILD: 1 commands", "Phase complete: DOWNLOAD_SOURCE State: SUCCEEDED",
        "Phase context status code:  Message: ", "Entering phase INSTALL", "Running command :",
    ]  # fmt: skip
    at = [said.index(line) for line in wanted]
    assert at == sorted(at)


def test_stopped_by_hand(place: Place) -> None:
    place.write("buildspec.yml", "version: 0.2\nphases:\n  build:\n    commands: [sleep 60]\n    finally: [echo no]\n")
    place.commit()
    with subprocess.Popen(
        [str(SLIPWAY), "ci", "--json", "codebuild"], cwd=place.repo, env=place.env,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
    ) as p:  # fmt: skip
        out = []
        for line in p.stdout:
            out.append(line)
            if b"Running command" in line:
                p.send_signal(signal.SIGINT)
                break
        out += p.stdout.readlines()
        p.wait(60)
    r = Result(p.returncode, b"".join(out).decode(), "")
    assert r.code != 0
    assert phases(r)["BUILD"] == "STOPPED"
    assert "no" not in r.lines()


# ---- variables ----


def test_variables_of_the_service(place: Place) -> None:
    r = commands(
        place,
        'echo "ci=${CI-unset} home=$HOME lit=$LIT"',
        'echo "$CODEBUILD_BUILD_NUMBER $CODEBUILD_CI $CODEBUILD_BUILD_IMAGE $CODEBUILD_BUILD_SUCCEEDING"',
        'echo "$CODEBUILD_BUILD_ID"; echo "$CODEBUILD_BUILD_ARN"',
        'test "$CODEBUILD_SRC_DIR" = "$PWD" && echo at home',
        'test "$CODEBUILD_RESOLVED_SOURCE_VERSION" = "$(git rev-parse HEAD)" && echo same commit',
        'echo "branch [$(git branch --show-current)] changes [$(git status --porcelain)]"',
        "set | grep -c '^AWS_.*REGION' ",
        head="env: {variables: {LIT: '$PATH:/x'}}\n",
    )
    assert r.code == 0, r.text
    out = r.lines()
    if sandbox_mode(place) == "overlay":
        assert out[0] == "ci=unset home=/root lit=$PATH:/x"
    assert out[1] == "1 true aws/codebuild/standard:7.0 1"
    assert re.fullmatch(r"repo:[0-9a-f-]{36}", out[2])
    assert out[3] == f"arn:aws:codebuild:us-east-1:000000000000:build/{out[2]}"
    assert out[4:] == ["at home", "same commit", "branch [] changes []", "2"]


def test_a_linked_work_tree_keeps_its_own_head(overlay: Place) -> None:
    place = overlay
    place.write("x", "")
    place.commit()
    linked = place.path / "linked"
    place.git("worktree", "add", "-q", "-b", "topic", str(linked))
    place.repo = linked
    r = commands(place, 'echo "[$(git branch --show-current)]"; git status --porcelain; git log --oneline | wc -l')
    assert r.code == 0, r.text
    assert r.lines() == ["[]", "2"]
    assert place.git("branch", "--show-current").strip() == "topic"


def test_webhook_variables_come_with_an_event_only(place: Place) -> None:
    show = "env | grep '^CODEBUILD_WEBHOOK_' | sort || :"
    project(place, NO_ARTIFACTS + ENVIRONMENT + WEBHOOK)
    r = commands(place, show, args=("push",))
    assert "CODEBUILD_WEBHOOK_EVENT=PUSH" in r.lines()
    assert "CODEBUILD_WEBHOOK_HEAD_REF=refs/heads/main" in r.lines()
    assert "CODEBUILD_WEBHOOK_TRIGGER=branch/main" in r.lines()
    r = commands(place, show, 'echo "$CODEBUILD_INITIATOR"', args=("manual",))
    assert r.code == 0, r.text
    assert len(r.lines()) == 1 and not r.lines()[0].startswith("GitHub-Hookshot")


def test_precedence(place: Place) -> None:
    project(place, NO_ARTIFACTS + ENVIRONMENT + WEBHOOK)
    r = commands(
        place,
        'echo "$SPEC $WHO $BOTH"',
        head="env: {variables: {SPEC: spec, WHO: spec, BOTH: spec}}\n",
        args=("--env", "BOTH=start"),
    )
    assert r.code == 0, r.text
    assert r.lines() == ["spec project start"]


SECRETS = """\
env:
  parameter-store: {KEY: /app/key}
  secrets-manager:
    PASSWORD: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf:password"
"""


def test_secrets_are_given_and_never_show(place: Place) -> None:
    show = 'echo "k=$KEY p=$PASSWORD"; [ "$KEY-$PASSWORD" = sesame-hunter22 ] && echo right'
    r = commands(place, show, head=SECRETS, args=("-s", "KEY=sesame", "-s", "PASSWORD=hunter22"))
    assert r.code == 0, r.text
    assert r.lines() == ["k=*** p=***", "right"]
    r = commands(place, show, head=SECRETS, args=("-s", "KEY=sesame", "-s", 'PASSWORD={"user":"u","password":"hunter22"}'))
    assert r.lines() == ["k=*** p=***", "right"]


def test_a_missing_secret_fails_the_download(place: Place) -> None:
    r = commands(place, "echo no", head=SECRETS, args=("-s", "KEY=sesame"))
    assert r.code == 1
    assert r.lines() == []
    assert phases(r)["DOWNLOAD_SOURCE"] == "FAILED" and "INSTALL" not in phases(r)
    assert "prod/db" in context(r, "DOWNLOAD_SOURCE") and "-s PASSWORD=VALUE" in context(r, "DOWNLOAD_SOURCE")


def test_secrets_of_the_project(place: Place) -> None:
    project(
        place,
        NO_ARTIFACTS
        + ENVIRONMENT
        + "    - {Name: TOKEN, Type: SECRETS_MANAGER, Value: 'ci:token'}\n    - {Name: KEY, Type: PARAMETER_STORE, Value: /ci/key}\n"
        + WEBHOOK,
    )
    show = '[ "$TOKEN-$KEY" = t0k3n-sesame ] && echo right'
    r = commands(place, show, args=("-s", 'ci={"token":"t0k3n"}', "-s", "KEY=sesame"))
    assert r.code == 0, r.text
    assert r.lines() == ["right"]
    r = commands(place, show, args=("-s", "KEY=sesame"))
    assert "'ci', key token of variable TOKEN" in context(r, "DOWNLOAD_SOURCE")


def test_exported_variables(place: Place) -> None:
    r = commands(place, "export VERSION=1.2", "VERSION=1.3", head="env: {exported-variables: [VERSION]}\n")
    table = [ev["text"] for ev in r.events() if ev["kind"] == "summary"][-1]
    assert "| VERSION | 1.3 |" in table


def test_some_variables_are_never_exported(place: Place) -> None:
    secret = "    - {Name: TOKEN, Type: SECRETS_MANAGER, Value: 'ci:token'}\n"
    project(place, NO_ARTIFACTS + ENVIRONMENT + secret + WEBHOOK)
    head = "env: {exported-variables: [AWS_REGION, TOKEN, VERSION]}\n"
    r = commands(place, "VERSION=1.2", head=head, args=("-s", "TOKEN=t0k3n5678"))
    table = [ev["text"] for ev in r.events() if ev["kind"] == "summary"][-1]
    assert "| VERSION | 1.2 |" in table
    assert "TOKEN" not in table and "AWS_REGION" not in table


def test_access_key_ids_never_show(place: Place) -> None:
    ids = ["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPL2", "AKIAIOSFODNN7EXAMPL3"]
    show = f'echo "$LITERAL $AWS_ACCESS_KEY_ID"; echo {ids[1]}; printf "AKIA%s" IOSFODNN7EXAMPL3; echo; echo "x${{LITERAL}}y $SHORT"'
    head = f"env: {{variables: {{LITERAL: {ids[0]}, SHORT: AKIA}}}}\n"
    r = commands(place, show, "false", head=head, args=("--env", "AWS_ACCESS_KEY_ID=abcdefghijklmnopqrst"))
    assert r.code == 1
    assert r.lines() == ["*** ***", "***", "***", "x***y AKIA"]
    for text in [*ids, "abcdefghijklmnopqrst"]:
        assert text not in r.out and text not in place.run("logs", "last", "-v").text
    r = commands(place, "echo $AWS_ACCESS_KEY_ID; echo a test", args=("--env", "AWS_ACCESS_KEY_ID=test"))
    assert r.lines() == ["test", "a test"]


# ---- runtimes ----


def test_python_of_the_build(place: Place) -> None:
    minor = pythons()[0]
    r = build(
        place,
        f"""\
        version: 0.2
        env: {{variables: {{WANTED: "{minor}"}}}}
        phases:
          install:
            runtime-versions: {{python: $WANTED}}
            commands:
              - python -c 'import sys; print("%d.%d" % sys.version_info[:2], sys.prefix)'
              - pip --version >/dev/null && echo pip
        """,
    )
    assert r.code == 0, r.text
    assert r.lines()[0].startswith(minor + " ") and r.lines()[1] == "pip"
    assert f"python {minor}" in notes(r)


@pytest.mark.skipif("3.10" not in pythons(), reason="no Python 3.10 here")
def test_3_10_is_not_3_1(place: Place) -> None:
    r = build(
        place,
        """\
        version: 0.2
        phases:
          install:
            runtime-versions: {python: 3.10}
            commands: ['python -V']
        """,
    )
    assert r.code == 0, r.text
    assert r.lines()[0].startswith("Python 3.10.")


def test_a_runtime_that_is_not_here(place: Place) -> None:
    if shutil.which("dotnet"):
        pytest.skip("this machine has dotnet")
    text = "version: 0.2\nphases:\n  install:\n    runtime-versions: {dotnet: 8.0}\n    commands: [echo on]\n"
    r = build(place, text)
    assert r.code == 1
    assert phases(r)["DOWNLOAD_SOURCE"] == "FAILED"
    assert "runtime dotnet 8.0" in context(r, "DOWNLOAD_SOURCE")
    r = build(place, text, "--skip-unknown")
    assert r.lines() == ["on"]
    assert "dotnet 8.0" in notes(r)


def test_run_as(place: Place) -> None:
    r = build(
        place,
        """\
        version: 0.2
        phases:
          install: {commands: ['X=1; id -un']}
          build: {run-as: nobody, commands: ['id -un; echo "$X"; Y=2']}
          post_build: {commands: ['id -un; echo "$Y"']}
        """,
    )
    assert r.code == 0, r.text
    assert r.lines()[0] == "root" or sandbox_mode(place) == "plain"
    if "run-as: nobody" in notes(r):
        assert r.lines()[1:] == [r.lines()[0], "1", r.lines()[0], "2"]
    else:
        assert r.lines() == ["root", "nobody", "1", "root", "2"]


# ---- artifacts ----

MAKE = "mkdir -p out/a/b my-1/sub my-2; echo r >out/r.txt; echo d >out/a/b/d.txt; echo h >out/.hidden; echo l >out/skip.log; echo s >my-1/sub/f.txt; echo t >my-2/f.txt"


def artifact(place: Place, body: str) -> Result:
    return build(
        place,
        f"version: 0.2\nphases: {{build: {{commands: ['{MAKE}']}}}}\nartifacts:\n"
        + textwrap.indent(textwrap.dedent(body), "  "),
    )


@pytest.mark.parametrize(
    ("body", "files"),
    [
        ("files: ['**/*']\nbase-directory: out\n", [".hidden", "a/b/d.txt", "r.txt", "skip.log"]),
        ("files: ['**/*']\nbase-directory: out\nexclude-paths: ['**/.*', '*.log']\n", ["a/b/d.txt", "r.txt"]),
        ("files: ['out/**/*.txt']\ndiscard-paths: yes\n", ["d.txt", "r.txt"]),
        ("files: ['out/*']\n", ["out/.hidden", "out/r.txt", "out/skip.log"]),
        ("files: ['**/f.txt']\nbase-directory: 'my-*'\n", ["f.txt", "sub/f.txt"]),
        ("files: ['*/f.txt']\nbase-directory: 'my-1'\n", ["sub/f.txt"]),
        ("files: [out, out/r.txt, nothing.txt]\n", ["out/r.txt"]),
        ("files: ['$WHERE/r.txt']\nbase-directory: $CODEBUILD_SRC_DIR\n", None),
    ],
)
def test_artifact_files(place: Place, body: str, files: list[str] | None) -> None:
    r = artifact(place, body)
    if files is None:
        assert r.code == 1
        return
    assert r.code == 0, r.text
    assert tree(artifacts(r)["codebuild/repo/artifacts"]) == files
    if "nothing.txt" in body:
        assert "Skipping invalid file path nothing.txt" in log(r)
        assert "Skipping invalid file path out" in log(r)
        assert "Found 1 file(s)" in log(r)


def test_no_artifact_fails_the_upload(place: Place) -> None:
    r = artifact(place, "files: [nothing/**/*]\n")
    assert r.code == 1
    assert phases(r)["UPLOAD_ARTIFACTS"] == "FAILED"
    assert context(r, "UPLOAD_ARTIFACTS") == "CLIENT_ERROR: no matching artifact paths found"


def test_secondary_artifacts_and_names(place: Place) -> None:
    r = artifact(
        place,
        """\
        files: [out/r.txt]
        name: app-$(echo 1)$SUFFIX
        secondary-artifacts:
          docs: {files: ['**/*'], base-directory: out/a}
        """,
    )
    assert r.code == 0, r.text
    made = artifacts(r)
    assert tree(made["codebuild/repo/app-1"]) == ["out/r.txt"]
    assert tree(made["docs"]) == ["b/d.txt"]


def test_links_are_followed(place: Place) -> None:
    r = build(
        place,
        """\
        version: 0.2
        phases:
          build: {commands: ['mkdir -p o/d; echo x >o/d/f; ln -s d/f o/file; ln -s d o/folder; ln -s nowhere o/broken']}
        artifacts: {files: ['**/*'], base-directory: o}
        """,
    )
    assert r.code == 0, r.text
    folder = artifacts(r)["codebuild/repo/artifacts"]
    assert tree(folder) == ["d/f", "file"]
    assert (folder / "file").read_text() == "x\n"


def test_a_project_decides_about_artifacts(place: Place) -> None:
    project(place, NO_ARTIFACTS + ENVIRONMENT + WEBHOOK)
    r = artifact(place, "files: [out/r.txt]\n")
    assert r.code == 0, r.text
    assert not artifacts(r) and "NO_ARTIFACTS" in notes(r)["artifacts"]
    project(place, "Artifacts: {Type: S3, Location: b, Packaging: ZIP, Name: app.zip}\n" + ENVIRONMENT + WEBHOOK)
    r = artifact(place, "files: [out/r.txt]\nname: not-this\n")
    assert r.code == 0, r.text
    (made,) = artifacts(r).values()
    assert made.name == "app.zip" and zipfile.ZipFile(made).namelist() == ["out/r.txt"]


# ---- reports ----

JUNIT = """\
<testsuite name="s" tests="3"><testcase classname="t.A" name="ok" time="0.5"/>
<testcase classname="t.A" name="bad" time="0.25"><failure message="1 is not 2">trace</failure></testcase>
<testcase classname="t.A" name="later"><skipped/></testcase></testsuite>
"""


def test_reports_are_told_even_when_the_build_failed(place: Place) -> None:
    place.write("junit.xml", JUNIT)
    place.write("bad/broken.xml", "<testsuite")
    r = build(
        place,
        """\
        version: 0.2
        phases: {build: {commands: [exit 1]}}
        reports:
          unit: {files: ['*.xml'], file-format: JunitXml}
          broken: {files: [broken.xml], base-directory: bad}
          none: {files: ['nothing/*']}
        """,
    )
    assert r.code == 1
    summaries = [ev["text"] for ev in r.events() if ev["kind"] == "summary"]
    assert any("repo-unit: FAILED, 1 passed, 1 failed, 1 skipped" in text for text in summaries)
    reports = [(ev["name"], ev["text"], ev["failed"]) for ev in r.events() if ev["kind"] == "report"]
    assert reports == [("repo-unit", "1 passed, 1 failed, 1 skipped in 0.75s", 1)]
    bad = [ev for ev in r.events() if ev["kind"] == "annotation" and "1 is not 2" in ev["text"]]
    assert len(bad) == 1 and bad[0]["level"] == "error"
    warned = [ev["text"] for ev in r.events() if ev["kind"] == "annotation" and ev["level"] == "warning"]
    assert any("repo-broken" in t for t in warned) and any("repo-none: no report files" in t for t in warned)
    assert phases(r)["UPLOAD_ARTIFACTS"] == "SUCCEEDED"


def test_a_failing_report_does_not_fail_the_build(place: Place) -> None:
    place.write("junit.xml", JUNIT)
    r = commands(place, ":", head="reports: {unit: {files: [junit.xml]}}\n")
    assert r.code == 0, r.text


# ---- cache ----


def test_cached_folders_survive(place: Place) -> None:
    text = """\
        version: 0.2
        phases:
          build:
            commands:
              - cat "$HOME/.cache/tool/n" kept/n 2>/dev/null || echo none
              - mkdir -p "$HOME/.cache/tool" kept; date +%N >"$HOME/.cache/tool/n"; echo {n} >kept/n
        cache: {paths: ['/root/.cache/tool/**/*', kept]}
        """
    r = build(place, text.replace("{n}", "1"))
    assert r.code == 0, r.text
    assert r.lines() == ["none"]
    r = build(place, text.replace("{n}", "2"))
    assert r.lines()[-1] == "1"
    r = build(place, text.replace("{n}", "3"))
    assert r.lines()[-1] == "2"


def test_a_keyed_cache_is_made_once(place: Place) -> None:
    text = """\
        version: 0.2
        phases:
          build: {commands: ['cat kept/n 2>/dev/null || echo none', 'mkdir -p kept; echo {n} >kept/n']}
        cache: {key: "k-$(codebuild-hash-files lock.txt)", fallback-keys: [k-], paths: ['kept/**/*']}
        """
    place.write("lock.txt", "one")
    assert build(place, text.replace("{n}", "1")).lines() == ["none"]
    assert build(place, text.replace("{n}", "2")).lines() == ["1"]
    assert build(place, text.replace("{n}", "3")).lines() == ["1"]
    place.write("lock.txt", "two")
    assert build(place, text.replace("{n}", "4")).lines() == ["1"]  # by the fallback
    assert build(place, text.replace("{n}", "5")).lines() == ["4"]


def test_a_project_without_a_cache_keeps_nothing(place: Place) -> None:
    project(place, NO_ARTIFACTS + ENVIRONMENT + WEBHOOK)
    text = "version: 0.2\nphases: {build: {commands: ['ls kept || echo none; mkdir -p kept']}}\ncache: {paths: [kept]}\n"
    build(place, text)
    r = build(place, text)
    assert "none" in r.lines() and "no cache" in notes(r)["cache"]


# ---- batches ----


def test_a_matrix_of_two_by_three(place: Place) -> None:
    place.write("other.yml", "version: 0.2\nphases: {build: {commands: ['echo \"other $N $CODEBUILD_BATCH_BUILD_IDENTIFIER\"']}}\n")
    r = build(
        place,
        """\
        version: 0.2
        batch:
          build-matrix:
            dynamic:
              buildspec: [buildspec.yml, other.yml]
              env: {variables: {N: [a, b, c]}}
        phases: {build: {commands: ['echo "own $N"']}}
        """,
        "--env",
        "BATCH=1",
    )
    assert r.code == 0, r.text
    assert len(r.jobs()) == 6
    assert sorted(line.split()[0] + line.split()[1] for line in r.lines()) == ["othera", "otherb", "otherc", "owna", "ownb", "ownc"]
    assert len({line.split()[2] for line in r.lines() if line.startswith("other")}) == 3


def test_a_fanout_shares_the_tests(place: Place) -> None:
    for i in range(5):
        place.write(f"tests/deep/test_{i}.txt", str(i))
    r = build(
        place,
        """\
        version: 0.2
        batch: {build-fanout: {parallelism: 2}}
        phases:
          build:
            commands:
              - codebuild-tests-run --test-command 'echo ran' --files-search "codebuild-glob-search 'tests/**/test_*.txt'"
        """,
    )
    assert r.code == 0, r.text
    ran = sorted(line for line in r.lines() if line.startswith("ran"))
    assert ran == [
        "ran tests/deep/test_0.txt tests/deep/test_1.txt",
        "ran tests/deep/test_2.txt tests/deep/test_3.txt tests/deep/test_4.txt",
    ]


def test_a_failure_that_is_ignored(place: Place) -> None:
    r = build(
        place,
        """\
        version: 0.2
        batch:
          fast-fail: false
          build-graph:
            - {identifier: first, ignore-failure: true, env: {variables: {CODE: "1"}}}
            - {identifier: second, depend-on: [first], env: {variables: {CODE: "0"}}}
        phases: {build: {commands: ['echo "$CODEBUILD_BATCH_BUILD_IDENTIFIER"; exit $CODE']}}
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["first", "second"]


def test_builds_of_a_batch_leave_artifacts_side_by_side(place: Place) -> None:
    r = build(
        place,
        """\
        version: 0.2
        batch:
          build-list:
            - {identifier: one}
            - {identifier: two}
        phases: {build: {commands: ['echo $CODEBUILD_BATCH_BUILD_IDENTIFIER >who']}}
        artifacts: {files: [who]}
        """,
    )
    assert r.code == 0, r.text
    assert {name: (path / "who").read_text() for name, path in artifacts(r).items()} == {
        "codebuild/repo/one/artifacts": "one\n",
        "codebuild/repo/two/artifacts": "two\n",
    }
