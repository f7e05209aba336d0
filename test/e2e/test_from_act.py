"""What people who come from act bring along: its flags and its files (docs/from-act.md)."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, SLIPWAY, Place, Result

# Every flag of act 0.2.87: its letter, and whether it takes a value.
FLAGS = {
    "action-cache-path": ("", True),
    "action-offline-mode": ("", False),
    "actor": ("a", True),
    "artifact-server-addr": ("", True),
    "artifact-server-path": ("", True),
    "artifact-server-port": ("", True),
    "bind": ("b", False),
    "bug-report": ("", False),
    "cache-server-addr": ("", True),
    "cache-server-external-url": ("", True),
    "cache-server-path": ("", True),
    "cache-server-port": ("", True),
    "concurrent-jobs": ("", True),
    "container-architecture": ("", True),
    "container-cap-add": ("", True),
    "container-cap-drop": ("", True),
    "container-daemon-socket": ("", True),
    "container-options": ("", True),
    "defaultbranch": ("", True),
    "detect-event": ("", False),
    "directory": ("C", True),
    "dryrun": ("n", False),
    "env": ("", True),
    "env-file": ("", True),
    "eventpath": ("e", True),
    "github-instance": ("", True),
    "graph": ("g", False),
    "help": ("h", False),
    "input": ("", True),
    "input-file": ("", True),
    "insecure-secrets": ("", False),
    "job": ("j", True),
    "json": ("", False),
    "list": ("l", False),
    "list-options": ("", False),
    "local-repository": ("", True),
    "log-prefix-job-id": ("", False),
    "man-page": ("", False),
    "matrix": ("", True),
    "network": ("", True),
    "no-cache-server": ("", False),
    "no-recurse": ("", False),
    "no-skip-checkout": ("", False),
    "platform": ("P", True),
    "privileged": ("", False),
    "pull": ("p", False),
    "quiet": ("q", False),
    "rebuild": ("", False),
    "remote-name": ("", True),
    "replace-ghe-action-token-with-github-com": ("", True),
    "replace-ghe-action-with-github-com": ("", True),
    "reuse": ("r", False),
    "rm": ("", False),
    "secret": ("s", True),
    "secret-file": ("", True),
    "strict": ("", False),
    "use-gitignore": ("", False),
    "use-new-action-cache": ("", False),
    "userns": ("", True),
    "validate": ("", False),
    "var": ("", True),
    "var-file": ("", True),
    "verbose": ("v", False),
    "version": ("", False),
    "watch": ("w", False),
    "workflows": ("W", True),
}
VALUES = {
    "concurrent-jobs": "2",
    "directory": ".",
    "eventpath": "event.json",
    "env-file": "values",
    "input-file": "values",
    "secret-file": "values",
    "var-file": "values",
    "job": "a",
    "matrix": "x:1",
    "platform": "ubuntu-latest=host",
    "local-repository": "o/r@v1=.",
    "secret": "A=1",
    "var": "A=1",
    "workflows": ".github/workflows",
}
OWN_LETTER = {"bind"}  # -b is --branch in slipway, and -j takes a number


def table() -> dict[str, tuple[str, str]]:
    """Flag -> what becomes of it, from the documentation."""
    rows = {}
    for line in (ROOT / "docs" / "from-act.md").read_text().splitlines():
        found = re.match(r"\| `--([a-z-]+)`[^|]*\| (same|understood|always so|no effect|refused)\b([^|]*)\|", line)
        if found:
            rows[found[1]] = (found[2], found[3])
    return rows


def project(place: Place) -> None:
    place.workflow("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: echo in}]}}\n")
    place.write("event.json", "{}")
    place.write("values", "A=1\n", mode=0o600)
    place.commit()


def test_the_documentation_names_every_flag() -> None:
    assert sorted(table()) == sorted(FLAGS)


@pytest.mark.parametrize("flag", FLAGS)
def test_every_flag_is_understood_or_refused_by_name(place: Place, flag: str) -> None:
    project(place)
    letter, value = FLAGS[flag]
    shown = [[f"--{flag}", VALUES.get(flag, "x")] if value else [f"--{flag}"]]
    if letter and flag not in OWN_LETTER and flag != "job":
        shown.append([f"-{letter}", *shown[0][1:]])
    fate, _ = table()[flag]
    for words in shown:
        r = place.run("ci", "-l", *words)
        if fate == "refused":
            assert r.code == 2, r.text
            assert f"--{flag} is not for slipway" in r.err
            continue
        assert r.code == 0, r.text
        assert (f"warning: --{flag} has no effect" in r.err) == (fate == "no effect"), r.err


def test_a_job_behind_j_is_told_what_to_say(place: Place) -> None:
    project(place)
    r = place.run("ci", "-j", "test")
    assert r.code == 2
    assert "-j takes a number of jobs at a time, not 'test'; one job is chosen with --job test" in r.err


def test_flags_can_be_put_off(place: Place) -> None:
    project(place)
    assert place.run("ci", "-l", "--pull=false", "--strict=false", "--rm=true").code == 0
    r = place.run("ci", "-l", "--strict=maybe")
    assert r.code == 2
    assert "--strict takes true or false" in r.err


# ---- files ----

ECHO = """\
on: [push, workflow_dispatch]
jobs:
  a:
    runs-on: ubuntu-latest
    env:
      SEEN: ${{ secrets.ONE == 'first' }}
      VARS: ${{ vars.COLOUR }}
    steps:
      - run: 'echo "[$SEEN] [$VARS] [$PLAIN] [${{ inputs.colour }}] [${{ github.actor }}]"'
"""


def test_files_of_values_lie_in_the_project(place: Place) -> None:
    inputs = "on: {push: , workflow_dispatch: {inputs: {colour: {default: none}}}}"
    place.workflow(ECHO.replace("on: [push, workflow_dispatch]", inputs))
    place.write(".secrets", "one=first # not the second\n", mode=0o600)
    place.write(".vars", "export COLOUR='dark red'\n")
    place.write(".env", "BASE=/opt\nPLAIN=${BASE}/bin\n")
    place.write(".input", "colour: blue\n")
    place.commit()
    r = place.ci("workflow_dispatch", "-a", "mina")
    assert r.code == 0, r.text
    assert r.lines()[-1] == "[true] [dark red] [/opt/bin] [blue] [mina]"
    assert ".env" in [ev["what"] for ev in r.events() if ev["kind"] == "note"]


def test_what_was_named_wins_over_what_lies_there(place: Place) -> None:
    place.workflow(ECHO)
    place.write(".vars", "COLOUR=red\n")
    place.write(".env", "PLAIN=no\n")
    place.write("my.yml", "PLAIN: |\n  two\n  lines\n")
    place.commit()
    r = place.ci("--env-file", "my.yml", "--var", "colour=green")
    assert r.lines()[-3:-1] == ["[false] [green] [two", "lines"]


def test_secrets_of_many_lines(place: Place) -> None:
    place.workflow(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env: {KEY: '${{ secrets.KEY }}'}\n"
        "    steps: [{run: 'echo \"$KEY\" | wc -l; echo \"$KEY\"'}]\n"
    )
    place.write(".secrets", 'KEY="-----BEGIN\nc29tZXRoaW5n\n-----END"\n', mode=0o600)
    place.commit()
    r = place.ci()
    assert r.code == 0, r.text
    assert "3" in r.lines()
    assert "c29tZXRoaW5n" not in r.text


def test_a_file_that_others_can_read_holds_no_secrets(place: Place) -> None:
    place.workflow(ECHO)
    place.write(".secrets", "ONE=hunter2\n", mode=0o644)
    place.commit()
    r = place.ci()
    assert r.code == 2
    assert "others on this machine can read it" in r.err
    assert "hunter2" not in r.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("A=1\nB='hunter2\n", ".secrets: 2: the quote is not closed"),
        ("hunter2\n", ".secrets: 1: expected NAME=VALUE"),
        ("MY-KEY=1\n", "secret 'MY-KEY': a name has letters, digits, . and _ only"),
        ("1KEY=1\n", "secret '1KEY': a name has"),
        ("GITHUB_PAT=1\n", "the service keeps names that begin with GITHUB_ for itself"),
    ],
)
def test_faults_in_secrets_are_told_without_them(place: Place, text: str, says: str) -> None:
    place.workflow(ECHO)
    place.write(".secrets", text, mode=0o600)
    place.commit()
    r = place.ci()
    assert r.code == 2
    assert says in r.err
    assert "hunter2" not in r.text


def test_secrets_of_the_environment_and_of_nowhere(place: Place) -> None:
    place.workflow(ECHO)
    place.commit()
    assert "[true]" in place.ci("-s", "one", env={"ONE": "first"}).lines()[-1]
    r = place.ci("-s", "ONE")
    assert r.code == 2
    assert "--secret ONE: there is no environment variable of this name, and nobody to ask" in r.err


def at_terminal(place: Place, answer: bytes, *args: str) -> Result:
    """Runs slipway with a terminal as its standard input and answers its question."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [str(SLIPWAY), "ci", "--json", *args],
        cwd=place.repo,
        env=place.env,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    os.close(theirs)
    assert process.stderr is not None
    asked = b""
    while b": " not in asked:
        asked += process.stderr.read1(100)
    os.write(ours, answer)
    out, err = process.communicate(timeout=120)
    os.set_blocking(ours, False)
    try:
        echoed = os.read(ours, 1000)
    except OSError:
        echoed = b""
    os.close(ours)
    assert answer.strip() not in echoed
    return Result(process.returncode, out.decode(), (asked + err).decode())


def test_a_secret_is_asked_for_at_the_terminal(place: Place) -> None:
    place.workflow(ECHO)
    place.commit()
    r = at_terminal(place, b"first\n", "-s", "ONE")
    assert r.code == 0, r.text
    assert "secret ONE: " in r.err
    assert "[true]" in r.lines()[-1]
    assert at_terminal(place, b"\x03", "-s", "ONE").code == 130


# ---- .actrc ----


def test_actrc_of_home_and_of_the_project(place: Place) -> None:
    place.workflow(ECHO)
    (place.home / ".config/act").mkdir(parents=True)
    (place.home / ".config/act/actrc").write_text(
        "# act asked which images\n-P ubuntu-latest=catthehacker/ubuntu:act-latest\n--actor first\n--env PLAIN=one\n"
    )
    (place.home / ".actrc").write_text("--actor $WHO\n-s ONE=first\nnot an option\n--container-architecture linux/amd64\n")
    place.write(".actrc", "--env PLAIN=two words\n-b\n--rm\n--var=COLOUR=grey\n--gone\n-j a\n")
    place.commit()
    r = place.ci(env={"WHO": "daniel"})
    assert r.code == 0, r.text
    assert r.lines()[-1] == "[true] [grey] [two words] [] [daniel]"
    assert "without effect here: --container-architecture\n" in r.err
    assert "without effect here: --bind, --gone\n" in r.err
    notes = [(ev["how"], ev["what"]) for ev in r.events() if ev["kind"] == "note"]
    assert ("substituted", ".actrc") in notes
    assert place.ci("-a", "mina", env={"WHO": "daniel"}).lines()[-1].endswith("[mina]")


def test_actrc_chooses_a_job_with_j(place: Place) -> None:
    place.workflow(
        "on: push\njobs:\n  a: {runs-on: ubuntu-latest, steps: [{run: echo a}]}\n"
        "  b: {runs-on: ubuntu-latest, steps: [{run: echo b}]}\n"
    )
    place.write(".actrc", "-j b\n")
    place.commit()
    assert place.ci().jobs() == {"b": "success"}


def test_actrc_with_a_bad_value_is_an_error_with_its_line(place: Place) -> None:
    project(place)
    place.write(".actrc", "\n--concurrent-jobs many\n")
    r = place.ci()
    assert r.code == 2
    assert ".actrc:2: --concurrent-jobs takes a number, not 'many'" in r.err


# ---- what jobs see ----


def test_an_empty_token_is_told_when_a_job_asks_for_it(place: Place) -> None:
    place.workflow("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo [${{ github.token }}]'}]}}\n")
    place.commit()
    told = lambda r: [ev["text"] for ev in r.events() if ev["kind"] == "note" and ev["what"] == "GITHUB_TOKEN"]  # noqa: E731
    r = place.ci()
    assert r.lines()[-1] == "[]"
    assert told(r) == ["empty; -s GITHUB_TOKEN passes yours to the jobs"]
    assert told(place.ci("-s", "GITHUB_TOKEN=ghp_abcdef")) == []
    place.workflow("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo [${{ secrets.GitHub_Token }}]'}]}}\n")
    assert len(told(place.ci())) == 1
    place.workflow("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ github.ref }}'}]}}\n")
    assert told(place.ci()) == []


def test_labels_that_are_not_here_are_skipped_and_named_once(place: Place) -> None:
    job = "{runs-on: %s, steps: [{run: 'echo $RUNNER_OS'}]}"
    place.workflow(
        f"on: push\njobs:\n  a: {job % 'windows-latest'}\n  b: {job % 'windows-latest'}\n"
        f"  c: {job % 'ubuntu-latest'}\n  d: {job % '[self-hosted, gpu]'}\n"
    )
    place.commit()
    r = place.ci()
    assert r.code == 0, r.text
    assert r.jobs() == {"a": "skipped", "b": "skipped", "c": "success", "d": "skipped"}
    screen = place.run("ci")
    help_text = "this machine is none; --platform windows-latest=host takes it for one"
    assert screen.text.count(help_text) == 1
    assert "gpu: this machine is none; --platform gpu=host" in screen.text
    assert place.ci("--strict").code == 4
    mapped = place.ci("-P", "windows-latest=-self-hosted", "--platform", "gpu=host", "--strict")
    assert mapped.code == 0, mapped.text
    assert set(mapped.jobs().values()) == {"success"}
    assert ["windows-latest", "self-hosted, gpu"] == sorted(
        {ev["what"] for ev in mapped.events() if ev["kind"] == "note" and "--platform says" in ev["text"]}, reverse=True
    )


def test_an_image_is_refused_by_name(place: Place) -> None:
    project(place)
    r = place.ci("--platform", "ubuntu-latest=node:16-buster-slim")
    assert r.jobs() == {"a": "skipped"}
    assert r.code == 3
    assert "the image node:16-buster-slim that --platform names; this version runs no images" in r.out
    assert place.ci("--platform", "ubuntu-latest").code == 2


def test_files_that_git_ignores_can_be_shown(place: Place) -> None:
    place.workflow("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{uses: actions/checkout@v4}, {run: ls made}]}}\n")
    place.write(".gitignore", "made\n")
    place.commit()
    place.write("made", "x")
    assert place.ci().code == 1
    r = place.ci("--use-gitignore=false")
    assert r.code == 0, r.text


def test_the_directory_can_be_named(place: Place) -> None:
    project(place)
    r = place.run("ci", "-l", "--directory", str(place.repo), cwd=Path("/"))
    assert r.code == 0, r.text
    assert place.run("ci", "-l", f"-C{place.repo}", cwd=Path("/")).code == 0
    assert place.run("-C", "/nonexistent", "ci").code == 2
