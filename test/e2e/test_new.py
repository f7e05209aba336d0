"""`slipway new`, and the project that it writes."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import ROOT, SLIPWAY, Place, pythons


def test_new_writes_a_project_and_its_first_commit(place: Place) -> None:
    r = place.run("new", "hello", "--yes")
    assert r.code == 0, r.text
    folder = place.repo / "hello"
    for name in ("Makefile", "pyproject.toml", "Dockerfile", "buildspec.yml", "cloudbuild.yaml", "azure-pipelines.yml",
                 ".github/workflows/ci.yml", "src/hello/app.py", "tests/test_add.py", "slipway.toml", "LICENSE"):  # fmt: skip
        assert (folder / name).is_file(), name
    git = lambda *a: subprocess.run(["git", *a], cwd=folder, env=place.env, capture_output=True, text=True).stdout  # noqa: E731
    assert len(git("log", "--oneline").splitlines()) == 1
    assert git("status", "--short") == ""
    assert "next:" in r.out and "slipway ci" in r.out


def test_nothing_is_ever_overwritten(place: Place) -> None:
    assert place.run("new", "hello", "--yes").code == 0
    readme = place.repo / "hello" / "README.md"
    readme.write_text("mine")
    r = place.run("new", "hello", "--yes")
    assert r.code == 1 and "not empty" in r.err
    assert readme.read_text() == "mine"
    diff = place.run("new", "hello", "--yes", "--diff")
    assert diff.code == 1 and "-mine" in diff.out.replace("\n\\ No newline at end of file", "")
    assert readme.read_text() == "mine"


def test_dry_run_writes_nothing(place: Place) -> None:
    r = place.run("new", "-n", "other")
    assert r.code == 0 and "other/Makefile" in r.out
    assert list(place.repo.iterdir()) == []


def test_the_same_answers_give_the_same_bytes(place: Place) -> None:
    def tree(folder: Path) -> dict[str, bytes]:
        return {
            str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and ".git/" not in str(p)
        }

    (place.repo / "a").mkdir()
    (place.repo / "b").mkdir()
    place.run("new", "same", "--yes", cwd=place.repo / "a")
    place.run("new", "same", "--yes", cwd=place.repo / "b")
    assert tree(place.repo / "a" / "same") == tree(place.repo / "b" / "same") != {}


def test_services_and_pythons_are_chosen(place: Place) -> None:
    r = place.run("new", "few", "--yes", "--ci", "github", "--python", "3.9-3.11")
    assert r.code == 0, r.text
    folder = place.repo / "few"
    assert not (folder / "buildspec.yml").exists() and not (folder / "azure-pipelines.yml").exists()
    assert '"3.9", "3.10", "3.11"' in (folder / ".github/workflows/ci.yml").read_text()
    assert place.run("new", "bad", "--ci", "jenkins", "--yes").code == 2
    assert place.run("new", "bad", "--python", "4.x", "--yes").code == 2
    assert not (place.repo / "bad").exists()


def test_questions_on_a_terminal_and_interrupt(place: Place) -> None:
    main, sub = pty.openpty()
    p = subprocess.Popen([str(SLIPWAY), "new", "asked"], cwd=place.repo, env=place.env, stdin=sub, stderr=sub, stdout=subprocess.PIPE)
    os.close(sub)
    for _ in range(5):
        time.sleep(0.1)
        os.write(main, b"\n")
    out, _ = p.communicate(timeout=30)
    os.close(main)
    assert p.returncode == 0, out
    assert (place.repo / "asked" / "Makefile").exists()


def test_an_unwritable_folder(place: Place) -> None:
    (place.repo / "file").write_text("")
    r = place.run("new", "file/inner", "--yes")
    assert r.code in (1, 3) and "file" in r.err


def test_every_pipeline_of_the_scaffold_reads_without_fault(place: Place) -> None:
    place.run("new", "hello", "--yes")
    r = place.run("check", cwd=place.repo / "hello")
    assert r.code == 0, r.text
    listed = place.run("ci", "-n", cwd=place.repo / "hello")
    assert listed.code == 0 and "actions/checkout" in listed.out


@pytest.mark.skipif(not pythons(), reason="no Python that slipway can find")
def test_the_scaffold_passes_its_own_workflow(place: Place) -> None:
    have = [v for v in pythons() if tuple(map(int, v.split("."))) >= (3, 9)]
    if not have:
        pytest.skip("no Python of 3.9 or later")
    place.run("new", "hello", "--yes", "--python", have[-1])
    r = place.run("ci", "push", "--branch", "main", "--json", cwd=place.repo / "hello", timeout=600)
    assert r.code == 0, r.text[-4000:]
    assert r.jobs()[f"test ({have[-1]})"] == "success"
    digits = have[-1].replace(".", "")
    assert r.jobs()[f"Job py{digits}"] == "success"
    jobs = {ev["job"]: ev["service"] for ev in r.events() if ev["kind"] == "job_queued"}
    passed = {jobs[ev["job"]] for ev in r.events() if ev["kind"] == "job_finished" and ev["result"] == "success"}
    assert passed == {"github", "codebuild", "cloudbuild", "azure"}
    told = {jobs[ev["job"]] for ev in r.events() if ev["kind"] == "report" and not ev.get("failed")}
    assert "azure" in told


@pytest.mark.skipif(len(pythons()) < 2, reason="fewer than two Pythons here")
def test_the_scaffolds_azure_matrix_summarises_its_tests(place: Place) -> None:
    have = [v for v in pythons() if tuple(map(int, v.split("."))) >= (3, 9)]
    if len(have) < 2:
        pytest.skip("fewer than two Pythons of 3.9 or later")
    ends = [have[0], have[-1]]
    assert place.run("new", "hello", "--yes", "--ci", "azure", "--python", ",".join(ends)).code == 0
    r = place.run("ci", "push", "--branch", "main", cwd=place.repo / "hello", timeout=600)
    assert r.code == 0, r.text[-4000:]
    reports = r.out.split("\nreports\n", 1)[1].split("\n\n", 1)[0].splitlines()
    for line, version in zip(sorted(reports), sorted(ends), strict=True):
        assert re.fullmatch(
            rf"  Python {version}: \d+ passed in [\d.]+s \(Job py{version.replace('.', '')}\)", line
        ), reports


SEED = ROOT.parent / "shared" / "seed" / "project"


@pytest.mark.skipif(not SEED.is_dir(), reason="the tutorial's own project is not beside this repository")
def test_the_tutorials_own_project_fails_as_a_push_would_show(place: Place) -> None:
    if not pythons():
        pytest.skip("no Python here")
    subprocess.run(["cp", "-r", f"{SEED}/.", str(place.repo)], check=True)
    place.commit()
    refused = place.run("ci", "--branch", "main", timeout=600)
    assert refused.code == 2, refused.text[-3000:]
    assert "cloudbuild.yaml:15:3: error" in refused.err and "[GB035]" in refused.err
    assert "nothing was run" in refused.err
    r = place.run("ci", "github", "--branch", "main", timeout=600)
    assert r.code == 1, r.text[-3000:]
    assert "127" in r.text and ".venv/bin/ruff" in r.text
    assert ".github/workflows/ci.yml:39" in r.text
    assert "Makefile:" in r.text


def test_the_first_minute(place: Place) -> None:
    assert place.run().out.count("\n") < 25
    assert "slipway" in place.run("--version").out
    for verb in ("new", "ci", "check", "history", "logs", "doctor", "explain"):
        assert "usage: slipway " + verb in place.run(verb, "--help").out
    assert sys.version_info >= (3, 9)
