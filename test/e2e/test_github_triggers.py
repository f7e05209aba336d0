"""Which workflows a change starts: what has changed in real repositories, and what a payload says."""

from __future__ import annotations

import json

import pytest

from conftest import Place

JOB = "\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: ls}]}}\n"


def started(place: Place, *args: str) -> list[str]:
    """Names of the workflow files that start, without their ending."""
    r = place.run("why", *args)
    assert r.code == 0, r.text
    return [line.split("workflows/")[1].split(".yml")[0] for line in r.out.splitlines() if line.startswith("starts ")]


def workflows(place: Place, **on: str) -> None:
    for name, text in on.items():
        place.workflow(f"on: {text}" + JOB, f"{name}.yml")


def commit(place: Place, *files: str) -> None:
    for name in files:
        place.write(name, f"{name}\n")
    place.commit("change " + " ".join(files))


@pytest.fixture
def repo(place: Place) -> Place:
    """Workflows that listen to the files a, b, c and d, in pushes and in pull requests; a is of the first commit."""
    for f in "abcd":
        workflows(place, **{f"push_{f}": f"{{push: {{paths: [{f}]}}}}", f"pull_{f}": f"{{pull_request: {{paths: [{f}]}}}}"})
    commit(place, "a")
    return place


# ---- what has changed (3.7) ----


def test_a_push_is_compared_with_the_commit_before(repo: Place) -> None:
    commit(repo, "b")
    assert started(repo) == ["push_b"]
    repo.write("c", "not committed")
    assert started(repo) == ["push_b", "push_c"]


def test_a_first_commit_changes_everything(repo: Place) -> None:
    assert started(repo) == ["push_a"]


def test_a_new_branch_is_compared_with_where_it_left_the_default_one(repo: Place) -> None:
    repo.git("checkout", "-q", "-b", "feature")
    commit(repo, "b")
    commit(repo, "c")
    repo.git("checkout", "-q", "main")
    commit(repo, "d")
    repo.git("checkout", "-q", "feature")
    assert started(repo) == ["push_b", "push_c"]


def test_a_branch_of_the_remote_is_compared_with_it(repo: Place) -> None:
    repo.git("checkout", "-q", "-b", "feature")
    commit(repo, "b")
    repo.git("update-ref", "refs/remotes/origin/feature", "HEAD")
    assert started(repo) == ["push_b"], "nothing is new: the last commit counts"
    commit(repo, "c")
    commit(repo, "d")
    assert started(repo) == ["push_c", "push_d"]


def test_a_pull_request_is_compared_with_where_it_left_its_target(repo: Place) -> None:
    repo.git("checkout", "-q", "-b", "feature")
    commit(repo, "b")
    commit(repo, "c")
    repo.git("checkout", "-q", "main")
    commit(repo, "d")
    repo.git("checkout", "-q", "feature")
    assert started(repo, "pull_request") == ["pull_b", "pull_c"]
    assert started(repo, "pull_request", "--base", "main~1") == ["pull_b", "pull_c"]


def test_a_target_that_only_the_remote_has(repo: Place) -> None:
    repo.git("update-ref", "refs/remotes/origin/stable", "HEAD")
    repo.git("checkout", "-q", "-b", "feature")
    commit(repo, "b")
    commit(repo, "c")
    assert started(repo, "pull_request", "--base", "stable") == ["pull_b", "pull_c"]
    r = repo.run("why", "pull_request", "--base", "nowhere")
    assert r.code == 2 and "nowhere" in r.err


# ---- what a payload says ----


def payload(place: Place, event: str, **what: object) -> list[str]:
    (place.path / "event.json").write_text(json.dumps(what))
    return started(place, event, "-e", str(place.path / "event.json"))


def test_pushes_of_a_payload(place: Place) -> None:
    workflows(place, main="{push: {branches: [main]}}", tag="{push: {tags: ['v*']}}", any="push", gone="delete")
    place.commit()
    assert payload(place, "push", ref="refs/heads/main") == ["any", "main"]
    assert payload(place, "push", ref="refs/tags/v1") == ["any", "tag"]
    assert payload(place, "push", ref="refs/heads/main", deleted=True) == []
    assert payload(place, "delete", ref="main", ref_type="branch") == ["gone"]


def test_activities_of_a_payload(place: Place) -> None:
    workflows(
        place,
        plain="pull_request",
        labels="{pull_request: {types: [labeled, unlabeled]}}",
        base="{pull_request: {branches: ['releases/**']}}",
        issues="issues",
        opened="{issues: {types: opened}}",
        custom="{repository_dispatch: {types: [deploy]}}",
        both="[pull_request, issues]",
    )
    place.commit()
    ends = {"head": {"ref": "releases/x", "sha": "0" * 40}, "base": {"ref": "main", "sha": "0" * 40}}
    assert payload(place, "pull_request", action="opened", pull_request=ends) == ["both", "plain"]
    assert payload(place, "pull_request", action="synchronize", pull_request=ends) == ["both", "plain"]
    assert payload(place, "pull_request", action="closed", pull_request=ends) == []
    assert payload(place, "pull_request", action="labeled", pull_request=ends) == ["labels"]
    ends["base"]["ref"] = "releases/10"
    assert payload(place, "pull_request", action="reopened", pull_request=ends) == ["base", "both", "plain"]
    assert payload(place, "issues", action="opened", issue={}) == ["both", "issues", "opened"]
    assert payload(place, "issues", action="typed", issue={}) == ["both", "issues"]
    assert payload(place, "repository_dispatch", action="deploy") == ["custom"]
    assert payload(place, "repository_dispatch", action="other") == []


def test_runs_of_other_workflows(place: Place) -> None:
    workflows(
        place,
        named="{workflow_run: {workflows: [Build, Test]}}",
        branch="{workflow_run: {workflows: Build, branches: [main]}}",
        done="{workflow_run: {workflows: [Build], types: [completed]}}",
        other="{workflow_run: {workflows: [build]}}",
    )
    place.commit()
    run = {"name": "Build", "head_branch": "feature"}
    assert payload(place, "workflow_run", action="completed", workflow_run=run) == ["done", "named"]
    assert payload(place, "workflow_run", action="requested", workflow_run=run) == ["named"]
    run["head_branch"] = "main"
    assert payload(place, "workflow_run", action="requested", workflow_run=run) == ["branch", "named"]
    r = place.run("why", "workflow_run")
    assert r.out.count("workflows not compared: which one ran is not known") == 4


def test_merge_groups_look_at_their_base(place: Place) -> None:
    workflows(place, main="{merge_group: {branches: [main]}}", old="{merge_group: {branches-ignore: [main]}}")
    place.commit()
    group = {"base_ref": "refs/heads/main", "head_ref": "refs/heads/gh-readonly-queue/main/pr-1"}
    assert payload(place, "merge_group", action="checks_requested", merge_group=group) == ["main"]
    group["base_ref"] = "refs/heads/stable"
    assert payload(place, "merge_group", action="checks_requested", merge_group=group) == ["old"]


def test_every_event_is_a_word(place: Place) -> None:
    workflows(place, a="[label, gollum, deployment_status, image_version, watch]")
    place.commit()
    for event in ("label", "gollum", "deployment_status", "image_version", "watch"):
        assert started(place, event) == ["a"]
    for args in (("lable",), ("--event", "lable")):
        r = place.run("why", *args)
        assert r.code == 2 and "did you mean 'label'?" in r.err
