"""Broken files, broken arguments, a broken world: each ends with a sentence, and nothing runs."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from conftest import Place

JOB = "jobs: {a: {runs-on: ubuntu-latest, steps: [{run: echo ran}]}}\n"

BROKEN = {
    "not yaml": ("on: [push\njobs: }", "YA001"),
    "empty": ("", ""),
    "duplicate key": (f"on: push\nname: a\nName: b\n{JOB}", "already defined"),
    "unknown key": (f"on: push\nenviron: {{}}\n{JOB}", "Unexpected value 'environ'"),
    "cycle": (
        "on: push\njobs:\n  a: {needs: b, runs-on: ubuntu-latest, steps: [{run: x}]}\n"
        "  b: {needs: a, runs-on: ubuntu-latest, steps: [{run: x}]}\n",
        "",
    ),
    "unclosed expression": ("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ github.ref'}]}}", "not closed"),
    "unknown context": ("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ gihub.ref }}'}]}}", "gihub"),
    "257 legs": (
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    strategy: {matrix: {n: %s}}\n    steps: [{run: x}]\n" % list(range(257)),
        "256",
    ),
    "nul": (f"on: push\nname: a\0b\n{JOB}", "NUL"),
    "tabs": ("on:\n\tpush:\n", "YA001"),
    "deep": ("on: push\nx: " + "[" * 2000 + "]" * 2000, ""),
    "many aliases": (
        "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 10)}]\n" for i in range(8)),
        "",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_with_its_place(place: Place, name: str) -> None:
    text, word = BROKEN[name]
    file = place.repo / ".github" / "workflows" / "ci.yml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    r = place.run("ci")
    assert r.code == 2, r.text
    assert ".github/workflows/ci.yml:" in r.err and "error" in r.err
    assert word in r.err
    assert "ran" not in r.out
    assert all(len(line) < 1000 for line in r.err.splitlines())


def test_a_line_of_100_mb(place: Place) -> None:
    file = place.repo / ".github" / "workflows" / "ci.yml"
    file.parent.mkdir(parents=True)
    with file.open("w") as f:
        f.write("on: push\nname: ")
        for _ in range(100):
            f.write("x" * 1_000_000)
    r = place.run("ci", timeout=20)
    assert r.code == 2 and len(r.err) < 2000


def test_a_symlink_loop(place: Place) -> None:
    folder = place.repo / ".github" / "workflows"
    folder.mkdir(parents=True)
    os.symlink("ci.yml", folder / "ci.yml")
    r = place.run("ci")
    assert r.code == 2 and "ci.yml" in r.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["cii"], ["cii", "'ci'"]),
        (["ci", "--bra", "x"], ["--bra"]),
        (["ci", "--branhc", "x"], ["--branch"]),
        (["ci", "-j", "test"], ["--job test"]),
        (["ci", "--job"], ["needs a value"]),
        (["ci", "pussh"], ["'push'"]),
        (["ci", "--matrix", "x"], ["KEY:VALUE"]),
        (["ci", "-W", "nowhere.yml"], ["nowhere.yml"]),
        (["ci", "-e", "nowhere.json"], ["nowhere.json"]),
        (["ci", "-C"], ["-C"]),
        (["-C", "/nowhere/at/all", "ci"], ["/nowhere/at/all"]),
        (["new"], ["name"]),
        (["new", "Bad Name!"], ["Bad Name!"]),
        (["logs"], ["history"]),
        (["explain", "XX999"], ["XX999"]),
        (["load"], ["planned"]),
        (["--color", "sometimes", "doctor"], ["sometimes"]),
    ],
)
def test_wrong_arguments(place: Place, args: list[str], words: list[str]) -> None:
    r = place.run(*args)
    assert r.code == 2, r.text
    for word in words:
        assert word in r.err
    assert r.out == ""


def test_no_workflows_at_all(place: Place) -> None:
    r = place.run("ci")
    assert r.code == 2 and ".github/workflows" in r.err


def test_unknown_job(place: Place) -> None:
    place.workflow("on: push\n" + JOB.replace("a:", "build:"))
    place.commit()
    r = place.run("ci", "--job", "biuld")
    assert r.code == 2 and "'build'" in r.err


def test_a_read_only_state_folder(place: Place) -> None:
    place.workflow("on: push\n" + JOB)
    place.commit()
    blocker = place.path / "blocker"
    blocker.write_text("")
    r = place.run("ci", env={"XDG_STATE_HOME": str(blocker)})
    assert r.code == 3 and "state" in r.err and str(blocker) in r.err


def test_a_full_disk(overlay: Place) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    disk = overlay.path / "disk"
    disk.mkdir()
    overlay.workflow(
        "on: push\njobs:\n"
        "  full: {runs-on: ubuntu-latest, steps: [{run: 'dd if=/dev/zero of=$HOME/big bs=1M count=64'}]}\n"
        "  other: {runs-on: ubuntu-latest, steps: [{run: echo ok}]}\n"
    )
    overlay.commit()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)], check=True)
    try:
        r = overlay.ci(env={"XDG_STATE_HOME": str(disk)})
        assert r.jobs() == {"full": "failure", "other": "success"}, r.text
        assert any("No space left" in line for line in r.lines("full"))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_without_git(place: Place) -> None:
    place.workflow("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{uses: actions/checkout@v4}, {run: cat f}]}}")
    place.write("f", "content\n")
    r = place.ci()
    assert r.code == 0 and "content" in r.lines(), r.text


def test_a_closed_pipe_is_no_error(place: Place) -> None:
    r = subprocess.run(
        ["sh", "-c", f"'{sys.argv[0] and os.environ.get('SLIPWAY', 'slipway')}' explain | head -1"],
        env=place.env, capture_output=True, text=True,
    )  # fmt: skip
    assert r.stderr == ""
