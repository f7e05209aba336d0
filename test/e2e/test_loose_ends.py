"""What happens at the edges: a work tree that vanishes, exit codes, pages and completions."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from conftest import SLIPWAY, Place
from test_two_runs import Gate, Run, gate, start  # noqa: F401


def test_a_work_tree_that_vanishes_is_told(place: Place, gate: Gate, start) -> None:  # noqa: F811
    job = "{runs-on: ubuntu-latest, %s steps: [{uses: actions/checkout@v4}, {run: '%s'}]}"
    place.workflow(f"on: push\njobs:\n  a: {job % ('', gate.script)}\n  b: {job % ('needs: a,', 'ls')}\n")
    place.commit()
    run: Run = start()
    guest = gate.await_guest()
    shutil.rmtree(place.repo)
    guest.sendall(b"go\n")
    done = run.end()
    assert done.code == 1, done.out
    assert done.jobs()["b"] == "failure"
    said = " ".join(run.why()) + " ".join(ev.get("error", "") for ev in done.events() if ev["kind"] == "step_finished")
    assert str(place.repo) in said or "No such file" in said, done.out
    place.repo.mkdir()


def test_a_folder_that_is_gone(place: Place) -> None:
    gone = place.path / "gone"
    gone.mkdir()
    script = f'rmdir "{gone}"; exec "{SLIPWAY}" ci'
    done = subprocess.run(["sh", "-c", script], cwd=gone, env=place.env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "the current folder is gone" in done.stderr


JOB = "on: push\njobs: {a: {runs-on: %s, steps: [{run: %s}]}}\n"


@pytest.mark.parametrize(
    ("label", "script", "words", "code"),
    [
        ("ubuntu-latest", "'true'", [], 0),
        ("ubuntu-latest", "'false'", [], 1),
        ("ubuntu-latest", "'true'", ["--nonsense"], 2),
        ("ubuntu-latest", "'true'", ["-W", "nowhere.yml"], 2),
        ("ubuntu-latest", "'true'", ["--job", "nobody"], 2),
        ("[", "'true'", [], 2),
        ("macos-14", "'true'", [], 3),
        ("macos-14", "'true'", ["--strict"], 4),
    ],
)
def test_exit_codes(place: Place, label: str, script: str, words: list[str], code: int) -> None:
    place.workflow(JOB % (label, script))
    place.commit()
    r = place.run("ci", *words)
    assert r.code == code, r.text


def test_the_manual_page_has_every_option(place: Place) -> None:
    page = place.run("help", "--man")
    assert page.code == 0
    assert page.out.startswith(".TH SLIPWAY 1")
    helped = place.run("help", "ci").out
    options = re.findall(r"^  .{4}--([a-z-]+)", helped.split("options:")[1], flags=re.M)
    options.remove("help")
    assert len(options) > 30
    for name in options:
        assert "\\-\\-" + name.replace("-", "\\-") in page.out
    assert place.run("ci", "--man-page").out == page.out
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z"], input=page.out, capture_output=True, text=True)
        assert done.stderr == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_know_the_options(place: Place, shell: str) -> None:
    text = place.run("completion", shell).out
    for word in ("platform", "skip-ci", "input-file", "config"):
        assert word in text
    if shutil.which(shell):
        file = place.path / "completion"
        file.write_text(text)
        subprocess.run([shell, "-n", str(file)], check=True, timeout=60)


def test_bash_completes_a_flag(place: Place) -> None:
    text = place.run("completion", "bash").out
    script = text + '\nCOMP_WORDS=(slipway ci --plat); COMP_CWORD=2; _slipway; echo "${COMPREPLY[@]}"\n'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "--platform\n", done.stderr


def test_uncommitted_work_is_said(place: Place) -> None:
    """Green here and red there is often a file that was never committed."""
    place.workflow("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{uses: actions/checkout@v4}, {run: cat new}]\n")
    place.commit()
    place.write("new", "not committed\n")
    index = (place.repo / ".git/index").stat()
    r = place.run("ci")
    assert r.code == 0, r.text
    assert "actions/checkout: the work tree of this machine, uncommitted changes included" in r.text
    after = (place.repo / ".git/index").stat()
    assert (after.st_ino, after.st_mtime_ns) == (index.st_ino, index.st_mtime_ns)
    place.commit()
    r = place.run("ci")
    assert "actions/checkout: the work tree of this machine\n" in r.text


@pytest.mark.parametrize(("word", "near"), [("codebuld", "codebuild"), ("cloudbild", "cloudbuild"), ("pul_request", "pull_request")])
def test_a_mistyped_word_has_a_neighbour(place: Place, word: str, near: str) -> None:
    r = place.run("ci", word)
    assert r.code == 2
    assert f"'{word}' is neither an event nor a service; did you mean '{near}'?" in r.err
