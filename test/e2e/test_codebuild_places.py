"""CodeBuild: where artifacts go, what a project's cache is, how batches end; what docs/codebuild.md says of them."""

from __future__ import annotations

import re
import stat
import time
import zipfile

import pytest
from conftest import Place
from test_codebuild import ENVIRONMENT, WEBHOOK, artifacts, build, context, notes, project

OUT = "version: 0.2\nphases: {build: {commands: ['mkdir -p o; echo x >o/f; ln -s f o/l']}}\n"


def test_prefix_build_and_name_of_an_artifact(place: Place) -> None:
    project(
        place,
        "Artifacts: {Type: S3, Location: b, Packaging: ZIP, NamespaceType: BUILD_ID, OverrideArtifactName: true, Name: no}\n"
        + ENVIRONMENT
        + WEBHOOK,
    )
    r = build(place, OUT + "artifacts: {files: [o/f], s3-prefix: pre/fix, name: app-$WHO}\n")
    assert r.code == 0, r.text
    (path,) = artifacts(r).values()
    assert re.search(r"/codebuild/demo-ci/pre/fix/[0-9a-f-]{36}/app-project\.zip$", str(path))


def test_the_table_lets_a_buildspec_name_its_artifact(place: Place) -> None:
    for flag, name in (("false", "artifacts"), ("true", "app-1")):
        place.write("slipway.toml", f'[codebuild]\nname = "ci"\noverride-artifact-name = {flag}\n')
        r = build(place, OUT + "artifacts: {files: [o/f], name: app-$((3 - 2))}\n")
        assert list(artifacts(r)) == [f"codebuild/ci/{name}"]


def test_links_stay_links_in_a_zip_only(place: Place) -> None:
    files = "artifacts: {files: ['**/*'], base-directory: o, enable-symlinks: yes}\n"
    r = build(place, OUT + files)
    assert r.code == 0, r.text
    (folder,) = artifacts(r).values()
    assert (folder / "l").read_text() == "x\n" and not (folder / "l").is_symlink()
    place.write("slipway.toml", '[codebuild]\nartifacts = "zip"\n')
    r = build(place, OUT.replace("o/l", "o/l; ln -s none o/n") + files)
    assert r.code == 0, r.text
    (packed,) = artifacts(r).values()
    with zipfile.ZipFile(packed) as z:
        assert {i.filename: stat.S_ISLNK(i.external_attr >> 16) for i in z.infolist()} == {"f": False, "l": True, "n": True}
        assert (z.read("l"), z.read("n"), z.read("f")) == (b"f", b"none", b"x\n")
    r = build(place, OUT + files.replace("yes", "no"))
    (packed,) = artifacts(r).values()
    with zipfile.ZipFile(packed) as z:
        assert z.read("l") == b"x\n"


def test_a_pipeline_takes_artifacts_as_s3_does(place: Place) -> None:
    project(place, "Artifacts: {Type: CODEPIPELINE}\n" + ENVIRONMENT)
    template = place.repo / "deploy/codebuild.yaml"
    template.write_text(re.sub(r"Source: .*", "Source: {Type: CODEPIPELINE}", template.read_text()))
    r = build(place, OUT + "artifacts: {files: [o/f]}\n", "manual")
    assert r.code == 0, r.text
    assert list(artifacts(r)) == ["codebuild/demo-ci/artifacts"]
    assert "its .git" in notes(r)["CODEPIPELINE"]


def test_an_s3_cache_is_kept_on_this_machine(place: Place) -> None:
    project(place, "Artifacts: {Type: NO_ARTIFACTS}\nCache: {Type: S3, Location: bucket/x}\n" + ENVIRONMENT + WEBHOOK)
    text = "version: 0.2\nphases: {build: {commands: ['cat kept/n 2>/dev/null || echo none; mkdir -p kept; echo 1 >kept/n']}}\ncache: {paths: [kept]}\n"
    assert build(place, text).lines()[-1] == "none"
    assert build(place, text).lines() == ["1"]


def test_fast_fail_stops_the_others_of_a_matrix(place: Place) -> None:
    began = time.monotonic()
    r = build(
        place,
        """\
        version: 0.2
        batch:
          fast-fail: true
          build-matrix: {dynamic: {env: {variables: {LONG: ["0", "600"]}}}}
        phases: {build: {commands: ['sleep $LONG; exit 1']}}
        """,
        "-j",
        "2",
    )
    assert r.code == 1
    results = sorted(ev["result"] for ev in r.events() if ev["kind"] == "job_finished")
    assert results == ["cancelled", "failure"]
    assert time.monotonic() - began < 60


# What runs is stopped, what waits for a slot or for another build never starts.
GRAPH = """\
version: 0.2
batch:
  fast-fail: true
  build-graph:
    - {identifier: broken, env: {variables: {DO: "exit 1"}}}
    - {identifier: endless, env: {variables: {DO: "sleep 600"}}}
    - {identifier: queued}
    - {identifier: later, depend-on: [endless]}
phases: {build: {commands: ['eval "$DO"']}}
"""


def test_fast_fail_stops_the_others_of_a_graph(place: Place) -> None:
    began = time.monotonic()
    r = build(place, GRAPH, "-j", "2")
    assert r.code == 1
    names = {ev["job"]: ev["name"] for ev in r.events() if ev["kind"] == "job_queued"}
    ends = {names[ev["job"]]: (ev["result"], ev.get("why", "")) for ev in r.events() if ev["kind"] == "job_finished"}
    why = "another build of its batch failed (fast-fail)"
    assert ends.pop("broken")[0] == "failure"
    assert ends.pop("later") == ("skipped", "it depends on 'endless', which was stopped")
    assert ends == {"endless": ("cancelled", why), "queued": ("cancelled", why)}
    assert time.monotonic() - began < 60


def test_exitfirst_stops_the_rest_without_fast_fail(place: Place) -> None:
    r = build(place, GRAPH.replace("fast-fail: true", "fast-fail: no"), "-x", "-j", "2")
    why = {ev.get("why") for ev in r.events() if ev["kind"] == "job_finished" and ev["result"] == "cancelled"}
    assert r.code == 1 and why == {"another build failed", "another job failed"}, why


def test_a_failure_that_is_ignored_stops_no_batch(place: Place) -> None:
    text = GRAPH.replace('{DO: "exit 1"}}', '{DO: "exit 1"}}, ignore-failure: true').replace("sleep 600", "true")
    assert text.count("ignore-failure") == 1
    r = build(place, text, "-j", "1")
    assert sorted(ev["conclusion"] for ev in r.events() if ev["kind"] == "job_finished") == ["success"] * 4


def test_shards_by_stability_take_each_file_once(place: Place) -> None:
    names = [f"tests/test_{i}.txt" for i in range(9)]
    for name in names:
        place.write(name, "")
    r = build(
        place,
        """\
        version: 0.2
        batch: {build-fanout: {parallelism: 3}}
        phases:
          build:
            commands:
              - codebuild-tests-run --test-command 'printf "%s\\n"' --files-search "codebuild-glob-search 'tests/*'" --sharding-strategy stability
        """,
    )
    assert r.code == 0, r.text
    assert sorted(line for line in r.lines() if line.startswith("tests/")) == names


def test_a_runtime_of_mobile_builds(place: Place) -> None:
    r = build(place, "version: 0.2\nphases:\n  install: {runtime-versions: {android: 29}, commands: [echo on]}\n")
    assert r.code == 1
    assert context(r, "DOWNLOAD_SOURCE") == "YAML_FILE_ERROR: runtime android 29: this machine has no such android"


def test_a_cache_key_is_evaluated_by_the_shell(place: Place) -> None:
    text = "version: 0.2\nphases: {build: {commands: ['ls kept 2>/dev/null || echo none; mkdir -p kept; touch kept/$N']}}\ncache: {key: 'k-$N', paths: [kept]}\n"
    assert build(place, text, "--env", "N=a").lines()[-1] == "none"
    assert build(place, text, "--env", "N=b").lines()[-1] == "none"
    assert build(place, text, "--env", "N=a").lines() == ["a"]


# Everything that a project may ask for and this machine does not have.
RICH = """\
Resources:
  P:
    Type: AWS::CodeBuild::Project
    Properties:
      Name: rich
      ServiceRole: arn:aws:iam::1:role/x
      SourceVersion: release
      Source:
        {Type: GITHUB, Location: "https://github.com/o/r.git", GitCloneDepth: 1, GitSubmodulesConfig: {FetchSubmodules: true}}
      SecondarySources: [{Type: GITHUB, Location: "https://github.com/o/lib.git", SourceIdentifier: lib}]
      Artifacts: {Type: S3, Location: b, Name: out}
      Cache: {Type: LOCAL, Modes: [LOCAL_SOURCE_CACHE, LOCAL_DOCKER_LAYER_CACHE]}
      Environment:
        Type: LINUX_CONTAINER
        Image: aws/codebuild/standard:7.0
        ComputeType: BUILD_GENERAL1_LARGE
        Fleet: {FleetArn: "arn:aws:codebuild:us-east-1:1:fleet/quick:1-2"}
        PrivilegedMode: true
        EnvironmentVariables: [{Name: OLD, Type: SECRETS_MANAGER, Value: "db:pw:AWSPREVIOUS"}]
"""
ASKS = """\
version: 0.2
proxy: {logs: yes}
phases: {build: {commands: ['docker version || true; mkdir o; echo >o/f; echo "[$CODEBUILD_SRC_DIR_lib]"']}}
artifacts: {files: [o/f], s3-prefix: ../x}
"""


def test_nothing_is_dropped_in_silence(place: Place) -> None:
    place.write("deploy/codebuild.yaml", RICH)
    r = build(place, ASKS, "manual", "-s", "OLD=x1234567")
    assert r.code == 0, r.text
    how = {ev["what"]: ev["how"] for ev in r.events() if ev["kind"] == "note"}
    skipped = {what for what, kind in how.items() if kind == "skipped"}
    assert skipped == {"source lib", "docker"}
    names = ["GitCloneDepth", "GitSubmodulesConfig", "SourceVersion release", "BUILD_GENERAL1_LARGE", "fleet quick:1-2"]
    names += ["LOCAL_SOURCE_CACHE", "LOCAL_DOCKER_LAYER_CACHE", "OLD", "proxy", "s3-prefix ../x"]
    assert {how.get(name) for name in names} == {"emulated"}, how
    assert build(place, ASKS, "manual", "-s", "OLD=x1234567", "--strict").code != 0


def test_an_ordinary_project_has_nothing_to_tell(place: Place) -> None:
    project(place, "Artifacts: {Type: NO_ARTIFACTS}\n" + ENVIRONMENT + WEBHOOK)
    r = build(place, "version: 0.2\nphases: {build: {commands: [echo on]}}\n")
    told = {ev["what"] for ev in r.events() if ev["kind"] == "note"} - {"python", "/bin/sh", "source"}
    assert len(told) == 1 and told.pop().startswith("aws/codebuild/")
    assert build(place, "version: 0.2\nphases: {build: {commands: [echo on]}}\n", "--strict").code == 0


def test_steps_of_programs_that_ask(place: Place) -> None:
    text = "version: 0.2\nphases:\n  pre_build: {commands: ['true']}\n  build: {commands: [exit 3]}\n  post_build: {commands: [echo on]}\n"
    steps = {}
    for ev in build(place, text).events():
        if ev["kind"] == "step_started":
            steps[ev["step"]] = {"name": ev["name"], "line": ev["line"]}
        if ev["kind"] == "step_finished":
            steps[ev["step"]] |= {key: ev.get(key) for key in ("result", "conclusion", "status")}
    assert [tuple(s.values()) for s in steps.values()] == [
        ("DOWNLOAD_SOURCE", 1, "success", "success", None),
        ("PRE_BUILD", 3, "success", "success", 0),
        ("BUILD", 4, "failure", "failure", 3),
        ("POST_BUILD", 5, "success", "success", 0),
    ]


@pytest.mark.parametrize("name", ["a b", "it's", 'q"x', "new\nline", "a#b;c", "a\\b", "a$b", "-x"])
def test_odd_names_of_folders(place: Place, name: str) -> None:
    place.repo.rename(place.repo.parent / name)
    place.repo = place.repo.parent / name
    place.write("here", "")
    r = build(
        place,
        """\
        version: 0.2
        phases:
          build:
            commands:
              - test -f here && cd /tmp
              - '[ "$(git config --global safe.directory)" = "$CODEBUILD_SRC_DIR" ]'
              - cd "$CODEBUILD_SRC_DIR" && git log --oneline >/dev/null && mkdir o && cp here o/f
        artifacts: {files: [o/f]}
        cache: {paths: [o]}
        """,
    )
    assert r.code == 0, r.text
    assert list(artifacts(r)) == [f"codebuild/{name}/artifacts"]
