"""Tasks of Azure Pipelines that run programs, as a user meets them: run for real in sandboxes."""

from __future__ import annotations

import pytest

from conftest import Place, Result, needs_tool, pythons

PYTHONS = pythons()
needs_python = pytest.mark.skipif(not PYTHONS, reason="no Python that slipway finds")


def azure(place: Place, steps: str, *args: str) -> Result:
    place.write("azure-pipelines.yml", "steps:\n" + steps)
    place.commit()
    return place.ci("azure", *args)


def steps(r: Result) -> list[tuple[str, str]]:
    """Name and result of each step but the checkout, in order of their ends."""
    names = {ev["step"]: ev["name"] for ev in r.events() if ev["kind"] == "step_started"}
    ended = [(names[ev["step"]], ev["result"]) for ev in r.events() if ev["kind"] == "step_finished"]
    return [s for s in ended if not s[0].startswith("Checkout")]


def errors(r: Result) -> list[str]:
    return [ev["text"] for ev in r.events() if ev["kind"] == "annotation" and ev["level"] == "error"]


def notes(r: Result, how: str) -> list[str]:
    return [f"{ev['what']}: {ev['text']}" for ev in r.events() if ev["kind"] == "note" and ev["how"] == how]


def test_only_the_last_command_counts(place: Place) -> None:
    r = azure(place, "- script: |\n    false\n    echo on\n- bash: 'false | true'\n- bash: exit 4\n- script: echo never\n")
    assert steps(r) == [
        ("script: false", "success"), ("bash: false | true", "success"), ("bash: exit 4", "failure"),
        ("script: echo never", "skipped"),
    ]
    assert r.lines() == ["on"]
    assert errors(r) == ["Bash exited with code '4'."]


def test_a_file_is_run_with_arguments(place: Place) -> None:
    place.write("ci/a b.sh", '#!/bin/false\necho "$# $1 $2"; pwd\n')
    r = azure(
        place,
        """
- task: Bash@3
  inputs: {filePath: ci/a b.sh, arguments: '"x y" $WHO', workingDirectory: ci}
  env: {WHO: me}
- task: ShellScript@2
  inputs: {scriptPath: ci/a b.sh, args: '"1 2" 3'}
- task: Bash@3
  inputs: {filePath: ci/none.sh}
""",
    )
    assert [x for x in r.lines() if not x.startswith("/")] == ["2 x y me", "2 1 2 3"]
    assert all(x.endswith("/s/ci") for x in r.lines() if x.startswith("/"))
    assert len(errors(r)) == 1 and errors(r)[0].endswith("/s/ci/none.sh'.")


def test_standard_error_fails_when_asked(place: Place) -> None:
    r = azure(place, "- script: echo oops >&2\n- script: echo oops >&2\n  failOnStderr: true\n")
    assert steps(r) == [("script: echo oops >&2", "success"), ("script: echo oops >&2", "failure")]
    assert errors(r) == ["Bash wrote one or more lines to the standard error stream.", "oops"]


def test_a_folder_that_is_not_there(place: Place) -> None:
    r = azure(place, "- script: pwd\n  workingDirectory: nowhere\n")
    assert errors(r)[0].startswith("Not found workingDirectory: ") and errors(r)[0].endswith("/s/nowhere")


@needs_python
def test_a_python_of_this_machine(place: Place) -> None:
    r = azure(
        place,
        f"""
- task: UsePythonVersion@0
  name: py
  inputs: {{versionSpec: '{PYTHONS[-1]}'}}
- bash: |
    echo "$(py.pythonLocation)/bin/python"
    command -v python
    python -m pip --version >/dev/null && python -c 'import sys; print("%d.%d" % sys.version_info[:2])'
- task: PythonScript@0
  inputs:
    scriptSource: inline
    script: |
      import sys
      print(sys.argv[1:])
    arguments: a "b c"
""",
    )
    where, found, version, words = r.lines()
    assert where == found and f"/Python/{PYTHONS[-1]}." in where
    assert (version, words) == (PYTHONS[-1], "['a', 'b c']")
    assert r.jobs() == {"Job": "success"}
    assert notes(r, "substituted")[-1].startswith(f"UsePythonVersion {PYTHONS[-1]}: Python {PYTHONS[-1]}.")


def test_a_python_that_is_not_here(place: Place) -> None:
    r = azure(place, "- task: UsePythonVersion@0\n  inputs: {versionSpec: '2.6'}\n- script: echo never\n")
    assert r.jobs() == {"Job": "skipped"} and r.lines() == []
    assert "no Python 2.6 here" in r.out


def test_a_secure_file(place: Place) -> None:
    key = place.path / "key.pem"
    key.write_text("open sesame\n")
    r = azure(
        place,
        "- task: DownloadSecureFile@1\n  name: key\n  inputs: {secureFile: my.pem}\n"
        "- bash: cat '$(key.secureFilePath)'; stat -c %a '$(key.secureFilePath)'\n",
        "--secure-file",
        f"my.pem={key}",
    )
    assert r.lines() == ["open sesame", "600"]


def test_a_secure_file_that_nobody_gave(place: Place) -> None:
    r = azure(place, "- task: DownloadSecureFile@1\n  inputs: {secureFile: my.pem}\n")
    assert r.code == 1 and "secure file my.pem is not given (--secure-file my.pem=FILE)" in errors(r)[0]


def test_what_cannot_be_done_is_left_out_by_name(place: Place) -> None:
    step = "- task: Docker@2\n  inputs: {command: build}\n- script: echo on\n"
    r = azure(place, step)
    assert steps(r) == [("Docker", "skipped"), ("script: echo on", "success")]
    assert notes(r, "skipped") == ["Docker@2: it asks a Docker daemon, and jobs have none here"]
    assert r.code == 0
    assert place.ci("azure", "--strict").code == 4


def test_unknown_tasks_are_refused_by_name(place: Place) -> None:
    r = azure(place, "- task: Gret@1\n- script: echo on\n")
    assert r.code == 2 and "Unknown task 'Gret@1' [AZ600]" in r.err and r.out.count("step_started") == 0
    r = place.ci("azure", "--skip-unknown")
    assert r.lines() == ["on"] and r.code == 0
    assert any(n.startswith("Gret@1: ") for n in notes(r, "skipped"))


TASK = """{"id": "11111111-2222-3333-4444-555555555555", "name": "Greet",
"version": {"Major": 1, "Minor": 0, "Patch": 0},
"inputs": [{"name": "greeting", "type": "string", "defaultValue": "hello $(who)"}, {"name": "file", "type": "filePath"}],
"execution": {"Node20_1": {"target": "main.js"}}, "postjobexecution": {"Node20_1": {"target": "post.js"}}}
"""
MAIN = """
const path = require('path');
console.log(process.env.INPUT_GREETING, path.basename(process.env.INPUT_FILE), process.env.SECRET_TOKEN ? 'secret' : '');
console.log(JSON.parse(process.env.VSTS_SECRET_VARIABLES).pop());
console.log('##vso[task.settaskvariable variable=kept]for later');
console.log('##vso[task.setvariable variable=said]' + process.env.INPUT_GREETING);
if (process.env.INPUT_GREETING == 'fail') {
  console.log('##vso[task.complete result=Failed]it was asked for');
}
"""


@needs_tool("node")
def test_a_task_of_node_runs_for_real(place: Place) -> None:
    folder = place.path / "greet"
    folder.mkdir()
    for name, text in {"task.json": TASK, "main.js": MAIN, "post.js": "console.log(process.env.VSTS_TASKVARIABLE_KEPT)"}.items():
        (folder / name).write_text(text)
    r = azure(
        place,
        """
- bash: |
    echo '##vso[task.setvariable variable=who]you'
    echo '##vso[task.setvariable variable=token;issecret=true]hush'
- task: Greet@1
  inputs: {file: src/a.txt}
- bash: echo "$(said)"
- task: greet@1
  inputs: {greeting: fail}
""",
        "--task",
        f"Greet={folder}",
    )
    lines = [x for x in r.lines() if not x.startswith("##vso")]
    assert lines == ["hello you a.txt secret", "token", "hello you", "fail s secret", "token", "for later", "for later"]
    assert steps(r)[1:] == [
        ("Greet", "success"),
        ('bash: echo "$(said)"', "success"),
        ("greet", "failure"),
        ("Post-job: greet", "success"),
        ("Post-job: Greet", "success"),
    ]
