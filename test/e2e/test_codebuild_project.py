"""AWS CodeBuild, the project around the buildspec: the scaffold's, and what a fault in one does to a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Place

# The tutorial's steps in the console, and where each stands instead: a file of the project and a line of it.
STEPS = [
    ("1 buildspec in the root, rights to the repository", "README.md", "must be an administrator of the repository"),
    ("2 create a project", "deploy/codebuild.yaml", "Type: AWS::CodeBuild::Project"),
    ("3 name", "deploy/codebuild.yaml", "Name: hello-ci"),
    ("3 description", "deploy/codebuild.yaml", "Description: Python lint and test"),
    ("4 source", "deploy/codebuild.yaml", "Type: GITHUB"),
    ("4 repository", "deploy/codebuild.yaml", "Default: https://github.com/mina/hello.git"),
    ("4 connection", "deploy/codebuild.yaml", "Auth: {Type: CODECONNECTIONS, Resource: !Ref ConnectionArn}"),
    ("4 connection, made once", "README.md", "aws codeconnections create-connection --provider-type GitHub"),
    ("4 webhook", "deploy/codebuild.yaml", "Webhook: true"),
    ("5 image", "deploy/codebuild.yaml", "Image: aws/codebuild/standard:7.0"),
    ("5 environment", "deploy/codebuild.yaml", "Type: LINUX_CONTAINER"),
    ("5 service role", "deploy/codebuild.yaml", "ServiceRole: !GetAtt Role.Arn"),
    ("5 privileged", "deploy/codebuild.yaml", "PrivilegedMode: false"),
    ("5 compute", "deploy/codebuild.yaml", "ComputeType: BUILD_GENERAL1_SMALL"),
    ("6 buildspec", "deploy/codebuild.yaml", "BuildSpec: buildspec.yml"),
    ("7 artifacts", "deploy/codebuild.yaml", "Artifacts: {Type: NO_ARTIFACTS}"),
    ("8 logs", "deploy/codebuild.yaml", "LogsConfig: {CloudWatchLogs: {Status: ENABLED}}"),
    ("9 cache", "deploy/codebuild.yaml", "Cache: {Type: LOCAL, Modes: [LOCAL_CUSTOM_CACHE]}"),
    ("9 cached path", "buildspec.yml", "- /root/.cache/pip/**/*"),
    ("10 event", "deploy/codebuild.yaml", "{Type: EVENT, Pattern: PUSH}"),
    ("10 branches", "deploy/codebuild.yaml", '{Type: HEAD_REF, Pattern: "^refs/heads/(main|develop|staging)$"}'),
    ("11 create", "README.md", "aws cloudformation deploy --stack-name hello-ci --template-file deploy/codebuild.yaml"),
    ("12 rights", "deploy/codebuild.yaml", '["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]'),
    ("13 first build", "README.md", "aws codebuild start-build-batch --project-name hello-ci"),
    ("13 its log", "README.md", "aws logs tail /aws/codebuild/hello-ci --follow"),
    ("14 the webhook", "README.md", "Settings, Webhooks"),
    ("14 new builds", "README.md", "aws codebuild list-build-batches-for-project --project-name hello-ci"),
]


@pytest.fixture
def hello(place: Place) -> Path:
    """The tutorial's project, called hello."""
    r = place.run("new", "hello", "--yes", "--like-seed", "--owner", "mina", "--ci", "github,codebuild")
    assert r.code == 0, r.text
    return place.repo / "hello"


def test_no_step_in_the_console_is_left(hello: Path) -> None:
    text = {name: (hello / name).read_text() for name in ("README.md", "buildspec.yml", "deploy/codebuild.yaml")}
    assert {what.split()[0] for what, _, _ in STEPS} == {str(n) for n in range(1, 15)}
    for what, file, line in STEPS:
        assert line in text[file], what


def test_its_files_are_without_a_finding(place: Place, hello: Path) -> None:
    r = place.run("check", cwd=hello)
    assert r.code == 0 and "0 errors" in r.text and "warning" not in r.text, r.text
    r = place.run("check", "deploy/codebuild.yaml", cwd=hello)
    assert r.code == 0 and "warning" not in r.text, r.text


@pytest.mark.parametrize(
    ("args", "starts"),
    [
        (("push", "--branch", "main"), True),
        (("push", "--branch", "develop"), True),
        (("push", "--branch", "staging"), True),
        (("push", "--branch", "feature/main2"), False),
        (("push", "--tag", "v1"), False),
        (("pull_request", "--branch", "topic", "--base", "main"), True),
        (("manual",), True),
        (("schedule",), False),
    ],
)
def test_what_starts_it(place: Place, hello: Path, args: tuple[str, ...], starts: bool) -> None:
    r = place.run("why", "codebuild", *args, cwd=hello)
    assert r.code == 0, r.text
    assert r.out.startswith("starts " if starts else "does not start "), r.text
    assert "deploy/codebuild.yaml:" in r.out


def test_base_ref_stops_nobody_else(place: Place, hello: Path) -> None:
    """The tutorial's own filter: an error of the check; a run leaves the project out and goes on with the others."""
    template = hello / "deploy/codebuild.yaml"
    template.write_text(template.read_text().replace("Type: HEAD_REF", "Type: BASE_REF"))
    r = place.run("check", cwd=hello)
    assert r.code == 1 and "BASE_REF never matches PUSH; use HEAD_REF [CB083]" in r.text, r.text
    r = place.run("ci", "-l", "--branch", "main", cwd=hello)
    assert r.code == 0, r.text
    assert "buildspec.yml  does not start: never starts: BASE_REF never matches PUSH; use HEAD_REF" in r.out
    assert ".github/workflows/ci.yml  starts: push to main matches" in r.out
    assert "warning: BASE_REF never matches PUSH" in r.err


def test_a_broken_template_is_told_once(place: Place, hello: Path) -> None:
    template = hello / "deploy/codebuild.yaml"
    template.write_text(template.read_text().replace("TimeoutInMinutes: 20", "TimeoutInMinutes: 2"))
    for args, code in (("check",), 1), (("ci", "codebuild"), 2):
        r = place.run(*args, cwd=hello)
        assert r.code == code, r.text
        assert r.text.count("'TimeoutInMinutes' must be 5 to 2160, not 2 [CB064]") == 1, r.text


def test_the_table_is_no_setting(place: Place) -> None:
    """[codebuild] of slipway.toml is the provider's: settings leave it alone."""
    place.write("buildspec.yml", "version: 0.2\nphases: {build: {commands: [echo hi]}}\n")
    place.write("slipway.toml", '[codebuild]\nname = "table-ci"\nwebhook = false\n')
    place.commit()
    r = place.run("ci", "-l", "codebuild")
    assert r.code == 0 and r.err == "", r.text
    assert "table-ci" in r.out and "the project 'table-ci' has no webhook" in r.out
    place.write("slipway.toml", '[codebuidl]\nname = "table-ci"\n')
    r = place.run("ci", "-l", "codebuild")
    assert r.code == 2 and "did you mean 'codebuild'?" in r.text, r.text
