"""Reusable workflows: local and remote, with inputs, secrets, outputs, matrices, nesting, failure and cancellation."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import xml.etree.ElementTree as xml

from conftest import SLIPWAY, Place, Result

CALLER = """
    name: CI
    on: push
    env: {{FROM: caller}}
    jobs:
      before:
        runs-on: ubuntu-latest
        outputs: {{v: "${{{{ steps.s.outputs.v }}}}"}}
        steps:
          - {{id: s, run: "echo v=42 >> $GITHUB_OUTPUT"}}
      build:
        needs: before
        {more}
        uses: ./.github/workflows/build.yml
        with:
          arch: {arch}
          count: ${{{{ fromJSON(needs.before.outputs.v) }}}}
        secrets:
          token: ${{{{ secrets.TOKEN }}}}
      after:
        needs: build
        runs-on: ubuntu-latest
        steps:
          - run: echo "${{{{ needs.build.result }}}} ${{{{ needs.build.outputs.artifact }}}}"
"""

CALLEE = """
    name: Build
    on:
      workflow_call:
        inputs:
          arch: {type: string, required: true}
          count: {type: number}
          fast: {type: boolean, default: true}
        secrets:
          token: {required: true}
        outputs:
          artifact: {value: "${{ jobs.compile.outputs.file }}"}
    env: {OWN: callee}
    defaults: {run: {working-directory: sub}}
    jobs:
      compile:
        runs-on: ubuntu-latest
        outputs: {file: "${{ steps.n.outputs.file }}"}
        steps:
          - {run: "mkdir sub", working-directory: .}
          - id: n
            run: |
              echo "file=app-${{ inputs.arch }}-${{ inputs.count == 42 || inputs.count }}" >> $GITHUB_OUTPUT
              echo "[$FROM] $OWN ${PWD##*/} ${{ github.workflow }} ${{ github.event_name }} ${{ inputs.fast }}"
              echo "${{ job.workflow_file_path }} ${{ github.workflow_ref }}"
              echo "secret: ${{ secrets.token }} $(echo ${{ secrets.token }} | wc -c) [${{ secrets.OTHER }}]"
      test:
        needs: compile
        strategy: {matrix: {py: [1, 2]}}
        runs-on: ubuntu-latest
        defaults: {run: {working-directory: .}}
        steps:
          - run: echo "${{ needs.compile.outputs.file }} ${{ matrix.py }}"
"""

SECRETS = ("-s", "TOKEN=hush", "-s", "OTHER=other")


def calls(place: Place, caller: str, callee: str, *args: str, **kw) -> Result:
    """Runs a caller of one workflow, build.yml."""
    place.workflow(caller)
    place.workflow(callee, "build.yml")
    place.commit()
    return place.ci(*args, **kw)


def job(name: str, more: str = "", script: str = "true") -> str:
    return f"  {name}:\n    runs-on: ubuntu-latest\n{more}    steps:\n      - run: {script}\n"


def test_what_goes_in_and_comes_out(place: Place) -> None:
    r = calls(place, CALLER.format(more="", arch="x64"), CALLEE, *SECRETS)
    assert r.code == 0, r.text
    assert r.jobs() == {
        "before": "success",
        "build / compile": "success",
        "build / test (1)": "success",
        "build / test (2)": "success",
        "after": "success",
    }
    lines = r.lines("build / compile")
    assert lines[0] == "[] callee sub CI push true"
    assert lines[1].startswith(".github/workflows/build.yml ")
    assert lines[1].endswith("/.github/workflows/ci.yml@refs/heads/main")
    assert lines[2] == "secret: *** 5 []"
    assert r.lines("build / test (2)") == ["app-x64-true 2"]
    assert r.lines("after") == ["success app-x64-true"]


def test_a_matrix_of_calls(place: Place) -> None:
    more = "strategy: {max-parallel: 1, matrix: {a: [x64, arm]}}"
    r = calls(place, CALLER.format(more=more, arch="${{ matrix.a }}"), CALLEE, *SECRETS)
    assert r.code == 0, r.text
    assert r.lines("build (arm) / test (1)") == ["app-arm-true 1"]
    assert r.lines("after") == ["success app-arm-true"]
    ends = [r.jobs()[n] for n in ("build (x64) / compile", "build (x64) / test (2)", "build (arm) / test (2)")]
    assert ends == ["success"] * 3
    order = [ev["name"] for ev in r.events() if ev["kind"] == "job_queued"]
    assert order.index("build (x64) / test (2)") < order.index("build (arm) / compile")


def test_failure_and_what_runs_after_it(place: Place) -> None:
    callee = "on: workflow_call\njobs:\n" + job("bad", script="exit 3") + job("never", "    needs: bad\n") + job("always", "    needs: bad\n    if: always()\n")
    caller = (
        "on: push\njobs:\n  c: {uses: ./.github/workflows/build.yml}\n"
        + job("plain", "    needs: c\n")
        + job("even", "    needs: c\n    if: always()\n", "echo ${{ needs.c.result }}")
        + job("fails", "    needs: c\n    if: failure()\n")
    )
    r = calls(place, caller, callee)
    assert r.code == 1
    assert r.jobs() == {
        "c / bad": "failure",
        "c / never": "skipped",
        "c / always": "success",
        "plain": "skipped",
        "even": "success",
        "fails": "success",
    }
    assert r.lines("even") == ["failure"]


def test_a_failed_leg_cancels_the_other_calls(place: Place) -> None:
    callee = (
        "on: {workflow_call: {inputs: {n: {type: number}}}}\njobs:\n"
        + job("one", script="'[ ${{ inputs.n }} = 1 ] || sleep 60; exit 1'")
        + job("two", "    needs: one\n    if: always()\n", "echo ${{ needs.one.result }}")
    )
    caller = (
        "on: push\njobs:\n  c:\n    strategy: {max-parallel: 2, matrix: {n: [1, 2, 3]}}\n    uses: ./.github/workflows/build.yml\n"
        "    with: {n: '${{ matrix.n }}'}\n"
    )
    r = calls(place, caller, callee, "-j", "4", timeout=50)
    assert r.code == 1
    jobs = r.jobs()
    assert jobs["c (1) / one"] == "failure"
    assert jobs["c (2) / one"] == "cancelled"
    assert r.lines("c (2) / two") == ["cancelled"]
    assert jobs["c (3) / one"] == "cancelled" and jobs["c (3) / two"] == "cancelled"
    assert r.lines("c (3) / two") == []


def test_skipped_callers_and_callers_that_cannot(place: Place) -> None:
    callee = "on: {workflow_call: {inputs: {flag: {type: boolean}}}}\njobs:\n" + job("in")
    caller = (
        "on: push\njobs:\n" + job("up", "    outputs: {x: 'true'}\n") + "  skipped: {if: false, uses: ./.github/workflows/build.yml}\n"
        "  wrong:\n    needs: up\n    uses: ./.github/workflows/build.yml\n    with: {flag: '${{ needs.up.outputs.x }}'}\n"
        + job("after", "    needs: [skipped, wrong]\n    if: always()\n", "echo ${{ needs.skipped.result }} ${{ needs.wrong.result }}")
    )
    r = calls(place, caller, callee)
    assert r.code == 1
    assert r.jobs() == {"up": "success", "skipped": "skipped", "wrong": "failure", "after": "success"}
    assert "Unexpected value 'true'" in r.out
    assert r.lines("after") == ["skipped failure"]


def test_interrupted(place: Place) -> None:
    callee = (
        "on: workflow_call\njobs:\n"
        + job("slow", script="touch started; sleep 60")
        + job("next", "    needs: slow\n")
        + job("last", "    needs: slow\n    if: always()\n", "echo ${{ needs.slow.result }}")
    )
    place.workflow("on: push\njobs:\n  c: {uses: ./.github/workflows/build.yml}\n" + job("after", "    needs: c\n    if: cancelled()\n", "echo ${{ needs.c.result }}"))
    place.workflow(callee.replace("touch started", "echo started"), "build.yml")
    place.commit()
    p = subprocess.Popen([str(SLIPWAY), "ci", "--json"], cwd=place.repo, env=place.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert p.stdout is not None
    head = ""
    for line in p.stdout:
        head += line
        if '"started"' in line and json.loads(line)["kind"] == "output":
            break
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=50)
    r = Result(p.returncode, head + out, err)
    assert r.code == 130
    assert r.jobs() == {"c / slow": "cancelled", "c / next": "skipped", "c / last": "success", "after": "success"}
    assert r.lines("c / last") == ["cancelled"]
    assert r.lines("after") == ["cancelled"]


def test_nested_with_inherited_secrets(place: Place) -> None:
    place.workflow("on: push\njobs:\n  top: {uses: ./.github/workflows/mid.yml, secrets: inherit, with: {who: me}}\n" + job("end", "    needs: top\n", "echo ${{ needs.top.outputs.said }}"))
    place.workflow(
        "on: {workflow_call: {inputs: {who: {type: string}}, outputs: {said: {value: '${{ jobs.low.outputs.said }}!'}}}}\n"
        "jobs:\n  low: {uses: ./.github/workflows/low.yml, with: {who: 'not ${{ inputs.who }}'}, secrets: {mine: '${{ secrets.TOKEN }}-${{ secrets.OTHER }}'}}\n",
        "mid.yml",
    )
    place.workflow(
        "on: {workflow_call: {inputs: {who: {type: string}}, secrets: {mine: }, outputs: {said: {value: '${{ jobs.say.outputs.said }}'}}}}\n"
        "jobs:\n  say:\n    runs-on: ubuntu-latest\n    outputs: {said: '${{ steps.s.outputs.x }}'}\n    steps:\n"
        "      - {id: s, run: 'echo \"x=${{ inputs.who }}\" >> $GITHUB_OUTPUT; echo ${{ secrets.mine }} | sed \"s/-/+/\"; echo ${{ secrets.mine }}'}\n",
        "low.yml",
    )
    place.commit()
    r = place.ci(*SECRETS)
    assert r.code == 0, r.text
    assert r.lines("top / low / say") == ["***+***", "***"]
    assert r.lines("end") == ["not me!"]


def other_repository(place: Place) -> str:
    """Another repository with a workflow that calls one beside it."""
    folder = place.path / "far"
    (folder / ".github/workflows").mkdir(parents=True)
    (folder / ".github/workflows/w.yml").write_text("on: workflow_call\njobs:\n  near: {uses: ./.github/workflows/near.yml}\n")
    (folder / ".github/workflows/near.yml").write_text(
        "on: workflow_call\njobs:\n  say:\n    runs-on: ubuntu-latest\n    steps:\n"
        "      - uses: $/act\n"
        "      - run: echo ${{ job.workflow_repository }} ${{ job.workflow_ref }} ${{ github.repository }} ${{ job.workflow_sha }}\n"
    )
    (folder / "act").mkdir()
    (folder / "act/action.yml").write_text("runs: {using: composite, steps: [{run: echo an action beside it, shell: bash}]}\n")
    git = ["git", "-c", "user.name=Far", "-c", "user.email=far@example.org"]
    for args in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "w"], ["tag", "v1"]):
        subprocess.run([*git, *args], cwd=folder, env=place.env, check=True)
    return str(folder)


def test_of_another_repository(place: Place) -> None:
    folder = other_repository(place)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, env=place.env, check=True, capture_output=True, text=True).stdout.strip()
    place.workflow("on: push\njobs:\n  c: {uses: octo/far/.github/workflows/w.yml@v1}\n")
    place.commit()
    check = place.run("check")
    assert check.code == 0
    assert "'octo/far/.github/workflows/w.yml@v1' is not checked: it was never fetched" in check.err
    r = place.ci("--local-repository", f"octo/far@v1={folder}")
    assert r.code == 0, r.text
    assert r.lines("c / near / say")[0] == "an action beside it"
    said = r.lines("c / near / say")[1].split()
    assert said[0] == "octo/far"
    assert said[1] == "octo/far/.github/workflows/near.yml@v1"
    assert said[2] != "octo/far" and said[3] == head
    notes = [ev["text"] for ev in r.events() if ev["kind"] == "note" and ev["what"] == "octo/far@v1"]
    assert len(notes) == 1 and folder in notes[0]


def test_fetched_once_and_offline_afterwards(place: Place) -> None:
    folder = other_repository(place)
    base = place.path / "base" / "octo"
    base.mkdir(parents=True)
    os.rename(folder, base / "far")
    place.workflow("on: push\njobs:\n  c: {uses: octo/far/.github/workflows/w.yml@v1}\n" + job("other"))
    place.commit()
    from_base = ("--actions-base", str(place.path / "base"))
    r = place.ci("--offline", *from_base)
    assert r.code == 1
    assert r.jobs() == {"c": "failure", "other": "success"}
    assert "error parsing called workflow" in r.out and "is not checked" in r.err
    assert place.ci(*from_base).jobs()["c / near / say"] == "success"
    os.rename(base / "far", base / "gone")
    assert place.ci("--offline", *from_base).jobs()["c / near / say"] == "success"
    place.workflow("on: push\njobs:\n  c: {uses: octo/far/.github/workflows/none.yml@v1}\n")
    r = place.ci("--offline", *from_base)
    assert r.code == 2
    assert "workflow was not found" in r.err
    check = place.run("check")
    assert check.code == 1 and "workflow was not found" in check.err


def test_only_what_was_chosen(place: Place) -> None:
    place.workflow(CALLER.format(more="strategy: {matrix: {a: [x64, arm]}}", arch="${{ matrix.a }}"))
    place.workflow(CALLEE, "build.yml")
    place.commit()
    both = {"build (x64) / compile", "build (arm) / compile"}
    assert set(place.ci("--job", "build/compile", *SECRETS).jobs()) == {"before"} | both
    assert set(place.ci("--job", "build (arm)/compile", *SECRETS).jobs()) == {"before", "build (arm) / compile"}
    assert len(place.ci("--job", "build", *SECRETS).jobs()) == 7
    assert len(place.ci("--job", "after", *SECRETS).jobs()) == 8
    chosen = {"before", "build (arm) / compile", "build (arm) / test (1)"}
    assert set(place.ci("--job", "build/test", "--matrix", "a:arm", "--matrix", "py:1", *SECRETS).jobs()) == chosen
    r = place.ci("--job", "build/tset", *SECRETS)
    assert r.code == 2 and "did you mean" in r.err


def test_last_failed(place: Place) -> None:
    callee = (
        "on: {workflow_call: {inputs: {n: {type: number}}}}\njobs:\n"
        + job("good")
        + job("bad", "    needs: good\n", "'[ ${{ inputs.n }} = 1 ]'")
        + job("other")
    )
    caller = (
        "on: push\njobs:\n" + job("first") + "  c:\n    needs: first\n    strategy: {fail-fast: false, matrix: {n: [1, 2]}}\n"
        "    uses: ./.github/workflows/build.yml\n    with: {n: '${{ matrix.n }}'}\n" + job("alone")
    )
    r = calls(place, caller, callee)
    assert r.jobs()["c (2) / bad"] == "failure" and r.jobs()["c (1) / bad"] == "success"
    r = place.ci("--lf")
    assert r.jobs() == {"first": "success", "c (2) / good": "success", "c (2) / bad": "failure"}


def test_views_show_the_jobs_of_calls(place: Place) -> None:
    callee = "on: workflow_call\njobs:\n" + job("in") + job("on", "    needs: in\n")
    caller = "on: push\njobs:\n  c: {uses: ./.github/workflows/build.yml}\n" + job("z", "    needs: c\n")
    place.workflow(caller)
    place.workflow(callee, "build.yml")
    place.commit()
    plan = json.loads(place.run("ci", "-l", "--json").out)
    jobs = next(p for p in plan["pipelines"] if p["file"].endswith("ci.yml"))["jobs"]
    assert [j["id"] for j in jobs] == ["c", "z", "c/in", "c/on"]
    assert jobs[0]["calls"] == "./.github/workflows/build.yml" and jobs[3]["caller"] == "c"
    assert jobs[3]["needs"] == ["c/in"]
    r = place.run("ci", "--junit", "out.xml")
    assert "c / on" in r.err
    cases = [(c.get("name"), c.get("file")) for c in xml.parse(place.repo / "out.xml").iter("testcase")]
    called = ".github/workflows/build.yml"
    assert cases == [("c / in", called), ("c / on", called), ("z", ".github/workflows/ci.yml")]
    os.remove(place.repo / "out.xml")


def test_concurrency_of_the_called_workflow(place: Place) -> None:
    """Both legs call a workflow of one group: one after the other, though four jobs may run at a time."""
    callee = (
        "on: {workflow_call: {inputs: {n: {type: number}}}}\nconcurrency: {group: one, queue: max}\njobs:\n"
        + job("a", script="'echo begin; sleep 0.3; echo end'")
    )
    caller = "on: push\njobs:\n  c:\n    strategy: {matrix: {n: [1, 2, 3]}}\n    uses: ./.github/workflows/build.yml\n    with: {n: '${{ matrix.n }}'}\n"
    r = calls(place, caller, callee, "-j", "4")
    assert r.code == 0, r.text
    said = [ev["text"] for ev in r.events() if ev["kind"] == "output" and ev["stream"] != "slipway"]
    assert said == ["begin", "end"] * 3


def test_started_by_hand(place: Place) -> None:
    place.workflow("on: {workflow_call: {inputs: {a: {type: string, required: true}, b: {type: boolean}}}}\njobs:\n" + job("x", script="echo ${{ inputs.a }} ${{ inputs.b == true }} ${{ github.event_name }}"))
    place.commit()
    r = place.ci("workflow_call", "--input", "a=hi", "--input", "b=true")
    assert r.lines() == ["hi true workflow_call"]
    r = place.ci("workflow_call")
    assert r.code == 2 and "Input 'a' is required" in r.err


def test_a_thousand_jobs_of_calls(place: Place) -> None:
    """Big plans end: a matrix of 100 calls with ten jobs each, all skipped but by their conditions."""
    callee = "on: workflow_call\njobs:\n" + "".join(job(f"j{i}", "    if: false\n") for i in range(10))
    caller = "on: push\njobs:\n  c:\n    strategy: {matrix: {n: [" + ",".join(map(str, range(100))) + "]}}\n    uses: ./.github/workflows/build.yml\n"
    began = time.monotonic()
    r = calls(place, caller, callee)
    assert r.code == 0
    assert len(r.jobs()) == 1000
    assert time.monotonic() - began < 60
