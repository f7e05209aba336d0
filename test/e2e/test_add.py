"""`slipway add`: the pipelines of a service, in a project that stands."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from conftest import Place, Result

FILES = {
    "github": [".github/dependabot.yml", ".github/workflows/ci.yml", ".github/workflows/image.yml",
               ".github/workflows/load.yml"],
    "codebuild": ["buildspec.yml", "deploy/codebuild.yaml"],
    "cloudbuild": ["cloudbuild.yaml", "deploy/cloudbuild-trigger.yaml"],
    "azure": ["azure-pipelines.yml"],
}  # fmt: skip


def make(place: Place, *args: str, at: str = "at") -> Path:
    """A project called hello, in a folder of its own."""
    (place.repo / at).mkdir()
    r = place.run("new", "hello", "--yes", "--owner", "mina", *args, cwd=place.repo / at)
    assert r.code == 0, r.text
    return place.repo / at / "hello"


def tree(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".git" not in p.relative_to(folder).parts
    }


def add(place: Place, folder: Path, *args: str) -> Result:
    return place.run("add", *args, cwd=folder)


@pytest.mark.parametrize("service", FILES)
def test_the_files_are_those_that_new_writes(place: Place, service: str) -> None:
    others = ",".join(s for s in FILES if s != service)
    folder, whole = make(place, "--ci", others, "--python", "3.9-3.11"), make(place, "--python", "3.9-3.11", at="all")
    before = tree(folder)
    r = add(place, folder, service)
    assert r.code == 0, r.text
    after, wanted = tree(folder), tree(whole)
    assert sorted(set(after) - set(before)) == FILES[service]
    for name in FILES[service]:
        assert after[name] == wanted[name], name
        assert name in r.out
    assert {n for n in before if before[n] != after[n]} == {"slipway.toml"}
    # The record is the one of the whole project, but for the files that depend on the services and are left alone.
    left = [line for line in after["slipway.toml"].splitlines() if line not in wanted["slipway.toml"].splitlines()]
    assert {line.split(b'"')[1] for line in left} <= {b"README.md"}
    assert add(place, folder, "all").out == "already there, as slipway writes them: 9 files\n"


def test_what_to_do_next_is_what_the_readme_says(place: Place) -> None:
    folder, whole = make(place, "--ci", "none"), make(place, at="all")
    readme = (whole / "README.md").read_text()
    r = add(place, folder, "codebuild", "cloudbuild,azure")
    assert r.code == 0, r.text
    for title in ("AWS CodeBuild", "Google Cloud Build", "Azure Pipelines"):
        steps = r.out.split(f"\n{title}, once:\n\n", 1)[1].split(", once:", 1)[0].rsplit("\n\n", 1)[0]
        assert steps in readme, title
    assert "aws cloudformation deploy --stack-name hello-ci" in r.out
    assert "README.md" not in r.out


def test_a_file_with_other_content_stops_it(place: Place) -> None:
    folder = make(place, "--ci", "github")
    (folder / "buildspec.yml").write_text("version: 0.2\n")
    before = tree(folder)
    for args in (["codebuild"], ["codebuild", "azure"], ["codebuild", "-n"]):
        r = add(place, folder, *args)
        assert r.code == 1 and r.out == ""
        assert "nothing was written" in r.err and "\n  buildspec.yml\n" in r.err and "deploy/codebuild.yaml" not in r.err
        assert tree(folder) == before
    r = add(place, folder, "codebuild", "--diff")
    assert r.code == 1
    assert "--- a/buildspec.yml" in r.out and "+++ b/deploy/codebuild.yaml" in r.out
    assert '-services = ["github"]\n+services = ["github", "codebuild"]' in r.out
    assert tree(folder) == before
    subprocess.run(["git", "apply"], cwd=folder, input=r.out, text=True, check=True, env=place.env)
    assert add(place, folder, "codebuild").out.startswith("already there")


def test_a_link_on_the_way_stops_it(place: Place) -> None:
    folder = make(place, "--ci", "github")
    outside = place.path / "outside"
    outside.mkdir()
    (folder / "deploy").symlink_to(outside)
    r = add(place, folder, "codebuild")
    assert r.code == 1 and "deploy/codebuild.yaml" in r.err
    assert not (folder / "buildspec.yml").exists() and list(outside.iterdir()) == []


def test_dry_run_lists_and_writes_nothing(place: Place) -> None:
    folder = make(place, "--ci", "github")
    before = tree(folder)
    r = add(place, folder, "cloudbuild", "-n")
    assert r.code == 0 and tree(folder) == before
    assert [line.split()[-1] for line in r.out.splitlines()[:-1]] == [*FILES["cloudbuild"], "slipway.toml"]
    assert r.out.endswith("nothing was written\n")


def test_what_is_missing_of_a_service_is_written_again(place: Place) -> None:
    folder = make(place)
    record = (folder / "slipway.toml").read_bytes()
    (folder / "deploy/codebuild.yaml").unlink()
    r = add(place, folder, "codebuild")
    assert r.code == 0 and "deploy/codebuild.yaml" in r.out and "slipway.toml" not in r.out
    assert (folder / "slipway.toml").read_bytes() == record
    assert subprocess.run(["git", "status", "--short"], cwd=folder, env=place.env, capture_output=True).stdout == b""


def test_from_a_folder_below(place: Place) -> None:
    folder = make(place, "--ci", "github")
    r = add(place, folder / "src" / "hello", "azure")
    assert r.code == 0, r.text
    assert (folder / "azure-pipelines.yml").is_file()
    assert not (folder / "src/hello/azure-pipelines.yml").exists()


def test_the_record_keeps_what_people_wrote(place: Place) -> None:
    folder = make(place, "--ci", "github")
    record = folder / "slipway.toml"
    text = record.read_text().replace('services = ["github"]', 'services = [ "github" ]  # more to come')
    record.write_text(text + "\n[ci]\njobs = 2\n")
    record.chmod(0o600)
    real = folder / "settings.toml"
    record.rename(real)
    record.symlink_to("settings.toml")
    assert add(place, folder, "azure").code == 0
    new = real.read_text()
    assert 'services = [ "github", "azure" ]  # more to come' in new and new.endswith("\n[ci]\njobs = 2\n")
    assert record.is_symlink() and real.stat().st_mode & 0o777 == 0o600
    assert place.run("config", cwd=folder).code == 0


def test_words_for_what_is_no_service(place: Place) -> None:
    folder = make(place, "--ci", "github")
    before = tree(folder)
    for args, part in (
        (["codebild"], "did you mean 'codebuild'?"),
        (["jenkins"], "github, codebuild, cloudbuild and azure are"),
        ([], "needs a service"),
        (["none"], "adds nothing"),
        (["azure", "none"], "beside other services"),
        (["azure", "--python", "3.12"], "change it there"),
        (["azure", "--owner", "x"], "change it there"),
        (["azure", "--yes"], "--yes"),
    ):
        r = add(place, folder, *args)
        assert r.code == 2 and part in r.err and r.out == "", (args, r.text)
    assert tree(folder) == before


def test_words_where_there_is_no_project(place: Place) -> None:
    r = place.run("add", "azure")
    assert r.code == 2 and "is empty" in r.err and "slipway new" in r.err
    place.git("init", "-q")
    r = place.run("add", "azure")
    assert r.code == 2 and "is empty" in r.err
    (place.path / "loose").mkdir()
    (place.path / "loose" / "notes.txt").write_text("x")
    r = place.run("add", "azure", cwd=place.path / "loose")
    assert r.code == 2 and "no project" in r.err
    assert [p.name for p in (place.path / "loose").iterdir()] == ["notes.txt"]


def test_a_broken_record_is_shown(place: Place) -> None:
    folder = make(place, "--ci", "github")
    record = folder / "slipway.toml"
    text = record.read_text()
    for old, new, part in (
        ('owner = "mina"', "owner = mina", "slipway.toml:"),
        ('owner = "mina"', "owner = 3", "text in quotes"),
        ('services = ["github"]', 'services = ["gitlab"]', "there is no service 'gitlab'"),
        ('pythons = ["3.11"', 'pythons = ["2.7"', "2.7"),
    ):
        assert old in text
        record.write_text(text.replace(old, new))
        r = add(place, folder, "azure")
        assert r.code == 2 and part in r.err, r.text
        assert not (folder / "azure-pipelines.yml").exists()


def test_a_project_that_slipway_did_not_write(place: Place) -> None:
    place.git("init", "-q")
    place.git("remote", "add", "origin", "git@github.com:acme/Widget.git")
    place.write("pyproject.toml", '[project]\nname = "widget-lib"\nrequires-python = ">=3.10,<3.13"\n')
    r = place.run("add", "codebuild", "cloudbuild")
    assert r.code == 0, r.text
    assert "name Widget, owner acme, Python 3.10, 3.11, 3.12 (requires-python >=3.10,<3.13)" in r.err
    assert "missing here: Makefile, requirements-dev.txt" in r.err
    assert 'PYTHON_VERSION: ["3.10", "3.11", "3.12"]' in (place.repo / "buildspec.yml").read_text()
    assert "https://github.com/acme/Widget.git" in (place.repo / "deploy/codebuild.yaml").read_text()
    assert "name: widget-ci" in (place.repo / "deploy/cloudbuild-trigger.yaml").read_text()
    assert not (place.repo / "slipway.toml").exists()
    assert place.run("add", "codebuild").out.startswith("already there")
    r = place.run("add", "azure", "--python", "3.14", "--owner", "other")
    assert r.code == 0 and "owner other, Python 3.14\n" in r.err
    assert "'3.14'" in (place.repo / "azure-pipelines.yml").read_text()
    assert "--repository other/Widget" in r.out


def test_settings_alone_are_no_record(place: Place) -> None:
    place.git("init", "-q")
    settings = place.write("slipway.toml", "[ci]\njobs = 2\n")
    r = place.run("add", "azure")
    assert r.code == 0, r.text
    assert f"name {place.repo.name}, owner YOUR_ID (no remote tells it), Python 3.11" in r.err
    assert settings.read_text() == "[ci]\njobs = 2\n"


def test_a_folder_that_cannot_be_written(place: Place) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    folder = make(place, "--ci", "github")
    folder.chmod(0o555)
    r = add(place, folder, "azure")
    folder.chmod(0o755)
    assert r.code == 3 and "hello" in r.err


def test_help_and_completion_know_it(place: Place) -> None:
    r = place.run("add", "--help")
    assert r.code == 0 and "SERVICE..." in r.out and "--dry-run" in r.out and "codebuild" in r.out
    assert 'add) words="github codebuild cloudbuild azure --' in place.run("completion", "bash").out
    assert "add the pipeline of a service" in place.run("help", "--man").out
