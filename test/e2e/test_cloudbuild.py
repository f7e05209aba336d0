"""Builds of Google Cloud Build as a user meets them: configs of a few lines, run for real in sandboxes."""

from __future__ import annotations

import base64
import hashlib
import json
import signal
import subprocess
import textwrap
import time
from pathlib import Path

import pytest

from conftest import SLIPWAY, Place, Result, needs_tool, pythons

PYTHON = f"python:{pythons()[-1]}" if pythons() else ""
needs_python = pytest.mark.skipif(not PYTHON, reason="no Python that slipway finds")


def build(place: Place, config: str, *args: str, **kw) -> Result:
    place.write("cloudbuild.yaml", config)
    place.commit()
    return place.ci("cloudbuild", *args, **kw)


def said(r: Result) -> list[str]:
    """The whole log of the build, in order, without the build's own name."""
    return [ev["text"] for ev in r.events() if ev["kind"] == "output" and not ev["text"].startswith("starting build ")]


def steps(r: Result) -> dict[str, str]:
    """Id or number of each step -> its result."""
    ended = [ev for ev in r.events() if ev["kind"] == "step_finished"]
    return {ev["name"].split(" (")[0].removeprefix("Step #"): ev["result"] for ev in ended}


def notes(r: Result, how: str) -> list[str]:
    return [f"{ev['what']}: {ev['text']}" for ev in r.events() if ev["kind"] == "note" and ev["how"] == how]


def why(r: Result) -> str:
    return next(ev.get("why", "") for ev in r.events() if ev["kind"] == "job_finished")


# ---- order ----


def test_a_step_waits_for_all_before_it_and_a_dash_for_none(overlay: Place) -> None:
    r = build(
        overlay,
        """
        steps:
        - {name: ubuntu, id: first, script: 'until [ -e late ]; do sleep 0.02; done; touch first'}
        - {name: ubuntu, id: second, script: 'test -e first && touch second'}
        - {name: ubuntu, id: late, waitFor: ['-'], script: 'touch late'}
        - {name: ubuntu, id: last, script: 'test -e second && test -e late'}
        """,
    )
    assert r.code == 0, r.text
    assert steps(r) == {"first": "success", "second": "success", "late": "success", "last": "success"}


def test_steps_that_wait_for_each_other_both_run_whatever_j_says(overlay: Place) -> None:
    r = build(
        overlay,
        """
        steps:
        - {name: ubuntu, id: a, script: 'touch a; until [ -e b ]; do sleep 0.02; done'}
        - {name: ubuntu, id: b, waitFor: ['-'], script: 'touch b; until [ -e a ]; do sleep 0.02; done'}
        """,
        "-j1",
    )
    assert r.code == 0, r.text


# ---- what persists ----


@needs_python
def test_what_pip_installs_is_gone_with_its_step_but_not_from_home_and_workspace(overlay: Place) -> None:
    install = "--no-index --no-build-isolation --no-deps --no-warn-script-location -q ./wheels/own-1-py3-none-any.whl"
    make_wheel(overlay.repo / "wheels")
    missing = "import importlib.util as u; assert u.find_spec('own') is None"
    r = build(
        overlay,
        f"""
        steps:
        - {{name: '{PYTHON}', id: plain, script: 'pip install {install} && python -c "import own" && owncall'}}
        - {{name: '{PYTHON}', id: lost, args: [python, -c, "{missing}"]}}
        - {{name: '{PYTHON}', id: user, entrypoint: pip, args: [install, --user, {", ".join(install.split())}]}}
        - {{name: '{PYTHON}', id: kept, script: 'python -c "import own; own.main()"; ~/.local/bin/owncall'}}
        - name: '{PYTHON}'
          id: venv
          volumes: [{{name: env, path: /venv}}]
          script: python -m venv /venv/x && /venv/x/bin/pip install {install}
        - {{name: '{PYTHON}', id: venv-kept, volumes: [{{name: env, path: /venv}}], args: [/venv/x/bin/owncall]}}
        - {{name: '{PYTHON}', id: here, script: 'python -m venv .venv && .venv/bin/pip install {install}'}}
        - {{name: '{PYTHON}', id: here-kept, args: [.venv/bin/owncall]}}
        """,
    )
    assert r.code == 0, r.text
    assert set(steps(r).values()) == {"success"}
    assert [line.split(": ", 1)[1] for line in said(r) if line.endswith(": called")] == ["called"] * 5
    assert len(notes(r, "substituted")) == 1
    again = build(overlay, f"steps: [{{name: '{PYTHON}', args: [python, -c, \"{missing}\"]}}]\n")
    assert again.code == 0, again.text


def make_wheel(folder: Path) -> None:
    """A wheel as pip wants it: one module and a console script."""
    import zipfile

    folder.mkdir()
    info = "own-1.dist-info"
    files = {
        "own.py": "def main():\n    print('called')\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: own\nVersion: 1\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": "[console_scripts]\nowncall = own:main\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / "own-1-py3-none-any.whl", "w") as z:
        for name, text in files.items():
            z.writestr(name, text)
        z.writestr(f"{info}/RECORD", record)


def test_only_workspace_home_and_volumes_reach_the_next_step(overlay: Place) -> None:
    r = build(
        overlay,
        """
        steps:
        - name: ubuntu
          volumes: [{name: vol, path: /one}]
          script: |
            for f in /workspace/a /builder/home/a /one/a /tmp/a /root/a /etc/a /usr/local/a /builder/outputs/a; do
              echo x > $f
            done
        - name: ubuntu
          volumes: [{name: vol, path: /two}]
          script: ls /workspace/a ~/a /two/a /tmp/a /root/a /etc/a /usr/local/a /builder/outputs/a /one/a 2>/dev/null || true
        """,
    )
    assert r.code == 0, r.text
    assert [line for line in said(r) if line.startswith("Step #1: /")] == [
        "Step #1: /builder/home/a",
        "Step #1: /two/a",
        "Step #1: /workspace/a",
    ]
    assert not (overlay.repo / "a").exists()


def test_a_folder_that_is_not_there_is_made(overlay: Place) -> None:
    r = build(
        overlay,
        """
        steps:
        - {name: ubuntu, dir: new/folder, args: [pwd]}
        - {name: ubuntu, dir: /usr, args: [pwd]}
        - {name: ubuntu, dir: .., args: [pwd]}
        - {name: ubuntu, dir: /srv/of/its/own, args: [pwd]}
        - {name: ubuntu, script: test ! -e /srv/of}
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["Step #0: /workspace/new/folder", "Step #1: /usr", "Step #2: /", "Step #3: /srv/of/its/own"]
    assert not Path("/srv/of").exists()


@needs_tool("git")
def test_a_build_by_hand_has_no_git_folder(overlay: Place) -> None:
    config = "steps: [{name: gcr.io/cloud-builders/git, args: [rev-parse, HEAD]}]\n"
    overlay.write(".gcloudignore", "docs\n")
    by_hand = build(overlay, config, "manual")
    assert by_hand.code == 1 and "not a git repository" in by_hand.text
    assert [n.split(": ")[0] for n in notes(by_hand, "emulated")] == [".git", ".gcloudignore"]
    assert (overlay.repo / ".git").is_dir()
    pushed = overlay.ci("cloudbuild", "push")
    assert pushed.code == 0 and notes(pushed, "emulated") == [], pushed.text


# ---- variables, secrets ----


def test_automap_gives_substitutions_to_scripts(overlay: Place) -> None:
    r = build(
        overlay,
        """
        steps:
        - {name: ubuntu, script: 'echo "[$_WHO] [$BUILD_ID]"'}
        - {name: ubuntu, automapSubstitutions: true, script: 'echo "[$_WHO] [${BUILD_ID:+there}]"'}
        - {name: ubuntu, args: [echo, $_WHO]}
        substitutions: {_WHO: you}
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["Step #0: [] []", "Step #1: [you] [there]", "Step #2: you"]


SECRET = """
    steps:
    - name: ubuntu
      entrypoint: bash
      args: ['-c', 'echo "it is $$TOKEN"; test $$TOKEN = hunter2-and-more']
      secretEnv: [TOKEN]
    - {name: ubuntu, script: 'echo "[$TOKEN]"'}
    availableSecrets:
      secretManager: [{versionName: projects/p/secrets/api-token/versions/1, env: TOKEN}]
    """


@pytest.mark.parametrize("name", ["TOKEN", "projects/p/secrets/api-token/versions/1"])
def test_a_secret_is_given_by_either_name_and_masked(overlay: Place, name: str) -> None:
    r = build(overlay, textwrap.dedent(SECRET), "-s", f"{name}=hunter2-and-more")
    assert r.code == 0, r.text
    assert r.lines() == ["Step #0: it is ***", "Step #1: []"]
    assert "hunter2" not in r.text


def test_a_missing_secret_fails_before_the_first_step(overlay: Place) -> None:
    r = build(overlay, textwrap.dedent(SECRET))
    assert r.code == 1
    assert "-s TOKEN=VALUE" in r.text and "projects/p/secrets/api-token/versions/1" in r.text
    assert set(steps(r).values()) == {"skipped"} and "BUILD" not in said(r)


# ---- failures ----


def test_allow_failure_and_allow_exit_codes(overlay: Place) -> None:
    r = build(
        overlay,
        """
        steps:
        - {name: ubuntu, id: allowed, allowFailure: true, script: exit 4}
        - {name: ubuntu, id: code, allowExitCodes: [3, 4], script: exit 4}
        - {name: ubuntu, id: other, allowFailure: true, allowExitCodes: [3], script: exit 4}
        - {name: ubuntu, id: never, script: echo never}
        """,
    )
    assert r.code == 1
    assert steps(r) == {"allowed": "failure", "code": "failure", "other": "failure", "never": "skipped"}
    assert said(r)[-2:] == ["ERROR", 'ERROR: build step 2 "ubuntu" failed: step exited with non-zero status: 4']
    fine = build(overlay, "steps: [{name: ubuntu, allowFailure: true, script: exit 4}]\n")
    assert fine.code == 0, fine.text


def test_the_first_failure_ends_the_others(overlay: Place) -> None:
    began = time.monotonic()
    r = build(
        overlay,
        """
        steps:
        - {name: ubuntu, id: sleeps, script: sleep 600}
        - {name: ubuntu, id: fails, waitFor: ['-'], script: exit 7}
        - {name: ubuntu, id: waits, waitFor: [fails], script: echo never}
        """,
    )
    assert r.code == 1 and time.monotonic() - began < 120
    assert steps(r) == {"sleeps": "cancelled", "fails": "failure", "waits": "skipped"}
    assert said(r)[-1] == 'ERROR: build step 1 "ubuntu" failed: step exited with non-zero status: 7'
    (reason,) = [ev["error"] for ev in r.events() if ev["kind"] == "step_finished" and ev["name"].startswith("waits")]
    assert reason == 'QUEUED: never started, as it waits for "fails", which is FAILURE'


def test_a_step_that_takes_too_long_is_a_timeout(overlay: Place) -> None:
    r = build(overlay, "steps:\n- {name: ubuntu, timeout: 0.3s, script: sleep 600}\n- {name: ubuntu, script: echo never}\n")
    assert r.code == 1 and why(r) == "TIMEOUT"
    assert steps(r) == {"0": "failure", "1": "skipped"}
    assert said(r)[-2:] == ["TIMEOUT", 'ERROR: build step 0 "ubuntu" failed: step exceeded its timeout of 0.3s']


def test_a_build_that_takes_too_long_is_a_timeout(overlay: Place) -> None:
    r = build(overlay, "timeout: 2s\nsteps:\n- {name: ubuntu, script: sleep 600}\n- {name: ubuntu, script: echo never}\n")
    assert r.code == 1 and why(r) == "TIMEOUT"
    assert steps(r) == {"0": "cancelled", "1": "skipped"}
    assert said(r)[-2:] == ["TIMEOUT", "ERROR: context deadline exceeded"]


def test_an_interrupt_cancels_the_build(overlay: Place) -> None:
    overlay.write("cloudbuild.yaml", "steps:\n- {name: ubuntu, script: 'echo begun; sleep 600'}\n- {name: ubuntu, script: ':'}\n")
    overlay.commit()
    out = overlay.path / "out"
    with out.open("wb") as to:
        p = subprocess.Popen([str(SLIPWAY), "ci", "--json"], cwd=overlay.repo, env=overlay.env, stdout=to)
    for _ in range(1200):
        if "Step #0: begun" in out.read_text():
            break
        time.sleep(0.05)
    p.send_signal(signal.SIGINT)
    assert p.wait(60) == 130
    r = Result(130, out.read_text(), "")
    assert why(r) == "CANCELLED" and steps(r) == {"0": "cancelled", "1": "skipped"}
    assert said(r)[-2:] == ["CANCELLED", "ERROR: context canceled"]


def test_a_program_that_is_not_there(overlay: Place) -> None:
    r = build(overlay, "steps: [{name: ubuntu, args: ['-c', 'exit 1']}]\n")
    assert r.code == 1
    assert said(r)[-1].startswith('ERROR: build step 0 "ubuntu" failed: starting step container failed: ')


# ---- the log ----


def test_a_build_of_one_step_has_no_prefix(overlay: Place) -> None:
    r = build(overlay, "steps: [{name: ubuntu, id: only, args: [echo, hi]}]\n")
    assert [line for line in said(r) if "stand-in" not in line] == ["", "FETCHSOURCE", "BUILD", "hi", "PUSH", "DONE"]
    two = build(overlay, "steps:\n- {name: ubuntu, id: one, args: [echo, hi]}\n- {name: ubuntu, args: [echo, ho]}\n")
    assert [line for line in said(two) if "stand-in" not in line] == [
        "",
        "FETCHSOURCE",
        "BUILD",
        'Starting Step #0 - "one"',
        'Step #0 - "one": hi',
        'Finished Step #0 - "one"',
        "Starting Step #1",
        "Step #1: ho",
        "Finished Step #1",
        "PUSH",
        "DONE",
    ]


def test_builder_output_is_kept_up_to_4096_bytes(overlay: Place) -> None:
    r = build(
        overlay,
        """
        steps:
        - {name: ubuntu, script: 'printf hello > $BUILDER_OUTPUT/output'}
        - {name: ubuntu, script: 'test ! -e $BUILDER_OUTPUT/output; head -c 9000 /dev/zero | tr "\\\\0" x > $BUILDER_OUTPUT/output'}
        - {name: ubuntu, allowFailure: true, script: 'printf late > $BUILDER_OUTPUT/output; exit 1'}
        """,
    )
    assert r.code == 0, r.text
    lines = said(r)
    assert "Step #0: results.buildStepOutputs[0]: 5 bytes" in lines and "Step #0:   hello" in lines
    assert "Step #1:   " + "x" * 4096 in lines
    assert "Step #2:   late" in lines


# ---- images ----


@needs_tool("git")
def test_entrypoints(overlay: Place) -> None:
    r = build(
        overlay,
        """
        steps:
        - {name: gcr.io/cloud-builders/git, args: [rev-parse, --show-toplevel]}
        - {name: gcr.io/cloud-builders/git, entrypoint: echo, args: [a, 'b && c']}
        - {name: ubuntu, args: [echo, '$$HOME']}
        - {name: bash, args: ['-c', 'echo $$HOME']}
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["Step #0: /workspace", "Step #1: a b && c", "Step #2: $HOME", "Step #3: /builder/home"]


DOCKER = """
    steps:
    - {name: ubuntu, id: test, args: [echo, tested]}
    - {name: gcr.io/cloud-builders/docker, id: image, args: [build, -t, gcr.io/p/x, .]}
    - {name: gcr.io/p/x, id: use, args: ['true']}
    - {name: ubuntu, id: last, args: [echo, last]}
    images: [gcr.io/p/x]
    """


def test_images_are_refused_by_name(overlay: Place) -> None:
    r = build(overlay, textwrap.dedent(DOCKER))
    assert r.code == 3 and r.jobs() == {"build": "skipped"}
    assert why(r).startswith("steps #1, #2 need images that this version cannot run: gcr.io/cloud-builders/docker (")
    assert "; gcr.io/p/x (" in why(r) and "image room" in why(r) and "--skip-unknown" in r.text


def test_many_images_are_named_in_one_bounded_sentence(overlay: Place) -> None:
    r = build(overlay, "steps:\n" + "".join(f"- {{name: 'gcr.io/p/x{i // 2}'}}\n" for i in range(300)))
    assert r.code == 3
    assert why(r).startswith("steps #0, #1, #2, #3 and 296 more need images") and why(r).endswith(" and 146 more")


def test_what_waits_for_a_step_that_is_left_out_is_told_so(overlay: Place) -> None:
    r = build(
        overlay,
        """
        steps:
        - {name: gcr.io/p/x, id: maker}
        - {name: ubuntu, id: user, waitFor: [maker], args: [echo, used]}
        """,
        "--skip-unknown",
    )
    assert r.code == 0 and steps(r) == {"maker": "skipped", "user": "success"}
    assert 'Step #1 - "user": it waits for "maker", which was skipped: what that makes is not here' in said(r)


def test_a_build_whose_every_step_would_be_left_out_does_not_succeed(overlay: Place) -> None:
    r = build(overlay, "steps: [{name: gcr.io/p/x}]\n", "--skip-unknown")
    assert r.code == 3 and r.jobs() == {"build": "skipped"} and "gcr.io/p/x" in why(r)


def test_images_are_left_out_where_that_is_asked_for(overlay: Place) -> None:
    r = build(overlay, textwrap.dedent(DOCKER), "--skip-unknown")
    assert r.code == 0, r.text
    assert steps(r) == {"test": "success", "image": "skipped", "use": "skipped", "last": "success"}
    assert [n.split(": ")[0] for n in notes(r, "skipped")] == ["gcr.io/cloud-builders/docker", "gcr.io/p/x", "images"]
    assert build(overlay, textwrap.dedent(DOCKER), "--skip-unknown", "--strict").code != 0


def test_no_such_python(overlay: Place) -> None:
    r = build(overlay, "steps: [{name: 'python:2.6', args: [python, -V]}]\n")
    assert r.code == 3 and "no Python 2.6 here (there is: " in why(r)


# ---- artifacts ----


def test_artifacts_are_copied_with_their_manifest(overlay: Place) -> None:
    r = build(
        overlay,
        """
        steps:
        - {name: ubuntu, script: 'mkdir -p dist/sub .x; echo 1 > a.txt; echo 2 > dist/sub/b; echo 3 > .x/c.txt; ln -s a.txt l.txt'}
        artifacts:
          objects: {location: gs://bucket/out, paths: ['*.txt', dist]}
          pythonPackages: [{repository: 'https://us-python.pkg.dev/p/r', paths: [dist/sub/*]}]
        """,
    )
    assert r.code == 0, r.text
    left = {ev["name"]: Path(ev["path"]) for ev in r.events() if ev["kind"] == "artifact"}
    out = left["gs://bucket/out/"]
    assert out.parts[-3:] == ("cloudbuild", "bucket", "out")
    manifest = next(out.glob("artifacts-*.json"))
    assert sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()) == ["a.txt", manifest.name, "dist/sub/b"]
    rows = [json.loads(line) for line in manifest.read_text().splitlines()]
    assert [row["location"].split("#")[0] for row in rows] == ["gs://bucket/out/a.txt", "gs://bucket/out/dist/sub/b"]
    sum_of_a = base64.b64decode(rows[0]["file_hash"][0]["file_hash"][0]["value"])
    assert sum_of_a == base64.b64encode(hashlib.md5(b"1\n").digest())
    assert (left["https://us-python.pkg.dev/p/r"] / "dist/sub/b").read_text() == "2\n"
    assert "*.txt: 1 matching files uploaded" in said(r)


def test_artifacts_that_are_not_there_fail_the_build(overlay: Place) -> None:
    r = build(overlay, "steps: [{name: ubuntu, script: ':'}]\nartifacts: {objects: {location: gs://b, paths: ['*.jar']}}\n")
    assert r.code == 1
    assert said(r)[-1] == 'ERROR: could not upload *.jar to gs://b/; err = no files match glob string "*.jar"'
    assert why(r) == 'could not upload *.jar to gs://b/; err = no files match glob string "*.jar"'


# ---- plain sandboxes ----


def test_plain_sandboxes_say_what_they_cannot(place: Place) -> None:
    env = {"SLIPWAY_SANDBOX": "plain"}
    r = build(place, "steps:\n- {name: ubuntu, script: 'pwd > out; echo $HOME'}\n- {name: ubuntu, args: [cat, out]}\n", env=env)
    assert r.code == 0, r.text
    assert r.lines()[1].endswith("/root/workspace")
    assert any(n.startswith("steps: one root for all of them") for n in notes(r, "emulated"))
    volumes = "steps:\n" + "- {name: ubuntu, script: ':', volumes: [{name: vol, path: /v}]}\n" * 2
    refused = build(place, volumes, env=env)
    assert refused.code == 1 and "volumes cannot be shown" in why(refused)


# ---- what is said of odd builds ----


def test_names_are_harmless_to_terminals(overlay: Place) -> None:
    overlay.write("cloudbuild.yaml", 'steps:\n- {name: ubuntu, id: "a\\nb\\e[31m", args: ["true"]}\n- {name: ubuntu, waitFor: ["a\\nb\\e[31m"], args: ["true"]}\n')
    overlay.commit()
    for flag in ("-n", "-g"):
        p = subprocess.run([str(SLIPWAY), "ci", flag], cwd=overlay.repo, env=overlay.env, capture_output=True, text=True)
        assert p.returncode == 0 and "a b [31m" in p.stdout and "\x1b" not in p.stdout, p.stdout


def test_more_steps_at_once_than_files_may_be_open_fail_by_name(overlay: Place) -> None:
    import resource

    config = "steps:\n" + "- {name: ubuntu, waitFor: ['-'], script: sleep 3}\n" * 100
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    overlay.write("cloudbuild.yaml", config)
    overlay.commit()

    def run(limits: tuple[int, int]) -> tuple[int, str, float]:
        began = time.monotonic()
        p = subprocess.run([str(SLIPWAY), "ci"], cwd=overlay.repo, env=overlay.env, capture_output=True, text=True,
                           timeout=300, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, limits))
        return p.returncode, p.stdout + p.stderr, time.monotonic() - began

    code, text, _ = run((160, hard))
    assert code == 0, text
    code, text, seconds = run((160, 160))
    assert code == 1 and "Too many open files" in text and seconds < 50, text
