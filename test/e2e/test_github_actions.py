"""Steps side by side, and actions that are not built in: composite and JavaScript ones, local and fetched."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import textwrap
import time

from conftest import SLIPWAY, Place, Result

JOB = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"


def steps(place: Place, text: str, *args: str, **kw) -> Result:
    """Runs one job with these steps."""
    place.workflow(JOB + textwrap.indent(textwrap.dedent(text).strip("\n"), " " * 6) + "\n")
    place.commit()
    return place.ci(*args, **kw)


def printed(r: Result, step: int) -> list[str]:
    return [
        ev["text"]
        for ev in r.events()
        if ev["kind"] == "output" and ev["stream"] != "slipway" and ev["step"] == step
    ]


def results(r: Result) -> dict[str, str]:
    return {ev["name"]: ev["result"] for ev in r.events() if ev["kind"] == "step_finished"}


# ---- side by side ----


def test_background_steps_run_beside_the_next(place: Place) -> None:
    """Each waits for a file of the other: only side by side can both end. Their lines keep their own numbers."""
    r = steps(
        place,
        """
        - {id: bg, name: Bg, background: true, run: "echo b1; until [ -e $RUNNER_TEMP/f ]; do :; done; touch $RUNNER_TEMP/b; echo b2; echo K=bg >> $GITHUB_ENV"}
        - {name: Front, run: "echo f1; touch $RUNNER_TEMP/f; until [ -e $RUNNER_TEMP/b ]; do :; done; echo f2; echo [$K]"}
        - wait: bg
        - run: echo [$K]
        """,
        timeout=60,
    )
    assert r.code == 0, r.text
    assert printed(r, 1) == ["b1", "b2"]
    assert printed(r, 2) == ["f1", "f2", "[]"]
    assert printed(r, 4) == ["[bg]"]


def test_cancel_ends_a_server(place: Place) -> None:
    r = steps(
        place,
        """
        - {id: bg, background: true, run: "touch $RUNNER_TEMP/up; exec sleep 1000"}
        - run: "until [ -e $RUNNER_TEMP/up ]; do :; done"
        - cancel: bg
        - run: "echo ${{ steps.bg.outcome }}"
        """,
        timeout=60,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["cancelled"]
    assert results(r)["Run touch $RUNNER_TEMP/up; exec sleep 1000"] == "cancelled"


def test_a_parallel_group_fails_as_one(place: Place) -> None:
    r = steps(
        place,
        """
        - parallel:
            - run: "touch $RUNNER_TEMP/1; until [ -e $RUNNER_TEMP/2 ]; do :; done; echo one"
            - run: "touch $RUNNER_TEMP/2; until [ -e $RUNNER_TEMP/1 ]; do :; done; exit 3"
        - run: echo never
        """,
        timeout=60,
    )
    assert r.code == 1, r.text
    assert r.lines() == ["one"]
    assert results(r)["Parallel group"] == "failure"
    text = place.run("ci").text  # each failed step is shown with its own lines
    assert "step 2 Run touch $RUNNER_TEMP/2" in text and "failed" in text
    assert text.count("one\n") == 0


def test_the_job_waits_for_its_background_steps(place: Place) -> None:
    r = steps(
        place,
        """
        - {name: Late, background: true, run: "until [ -e $RUNNER_TEMP/x ]; do :; done; exit 4"}
        - run: touch $RUNNER_TEMP/x
        """,
        timeout=60,
    )
    assert r.code == 1
    assert results(r) == {"Late": "failure", "Run touch $RUNNER_TEMP/x": "success", "Wait for all": "failure"}


# ---- composite actions of the repository ----


def action(place: Place, path: str, text: str, name: str = "action.yml") -> None:
    place.write(f"{path}/{name}", text)


def test_a_local_composite_action(place: Place) -> None:
    """Inputs with defaults, its own steps, outputs, env of the outer step, GITHUB_ENV and PATH of the whole job."""
    action(
        place,
        ".github/actions/greet",
        """
        name: greet
        inputs:
          who: {default: "${{ github.job }}"}
          how: {required: true}
        outputs:
          said: {value: "${{ steps.say.outputs.text }}/${{ inputs.how }}"}
        runs:
          using: composite
          steps:
            - id: say
              shell: bash
              run: |
                echo "hello $WHO $OUTER [${INPUT_WHO-unset}] ${{ inputs.how }}"
                echo text=hello-$WHO >> $GITHUB_OUTPUT
                echo LATER=inner >> $GITHUB_ENV
                echo OUTER=inner >> $GITHUB_ENV
                mkdir -p $RUNNER_TEMP/tools && echo $RUNNER_TEMP/tools >> $GITHUB_PATH
                basename "$GITHUB_ACTION_PATH"; basename "${{ github.action_path }}"
              env: {WHO: "${{ inputs.who }}"}
            - run: echo "$LATER $OUTER ${{ env.OUTER }} ${{ steps.say.outputs.text }}"
              shell: sh
        """,
    )
    r = steps(
        place,
        """
        - uses: actions/checkout@v4
        - id: g
          uses: ./.github/actions/greet
          with: {how: loudly}
          env: {OUTER: outer}
        - run: |
            echo "${{ steps.g.outputs.said }} $LATER $OUTER ${{ steps.say.outputs.text }} ${GITHUB_ACTION_PATH-unset}"
            case $PATH in $RUNNER_TEMP/tools:*) echo on the path;; esac
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == [
        "hello a outer [unset] loudly",
        "greet",
        "greet",
        "inner outer outer hello-a",
        "hello-a/loudly inner inner  unset",
        "on the path",
    ]


FAILING = """
    runs:
      using: composite
      steps:
        - {run: exit 7, shell: bash, id: bad}
        - {run: echo never, shell: bash}
        - {run: "echo failed ${{ github.action_status }} ${{ job.status }}", shell: bash, if: failure()}
        - {run: "echo always ${{ steps.bad.outcome }}", shell: bash, if: always()}
    outputs: {o: {value: "${{ steps.bad.conclusion }}"}}
"""


def test_a_failure_in_a_composite_action_has_a_place(place: Place) -> None:
    action(place, "act/bad", FAILING)
    r = steps(
        place,
        """
        - uses: actions/checkout@v4
        - {uses: ./act/bad, id: b, continue-on-error: true}
        - run: "echo ${{ steps.b.outcome }} ${{ steps.b.outputs.o }}"
        - uses: ./act/bad
        """,
    )
    assert r.code == 1, r.text
    assert r.lines() == [
        "failed failure success", "always failure", "failure failure", "failed failure success", "always failure"
    ]  # fmt: skip
    ends = [ev for ev in r.events() if ev["kind"] == "step_finished" and ev["result"] == "failure"]
    assert [(ev["file"], ev["line"]) for ev in ends] == [("act/bad/action.yml", 5)] * 2
    assert ends[0]["error"] == "Run exit 7: Process completed with exit code 7."
    notes = [ev for ev in r.events() if ev["kind"] == "annotation"]
    assert [(ev["file"], ev["line"], ev["text"]) for ev in notes] == [
        ("act/bad/action.yml", 5, "Process completed with exit code 7.")
    ] * 2


def test_composites_in_composites(place: Place) -> None:
    action(place, "outer", "runs: {using: composite, steps: [{uses: ./inner, with: {a: '${{ inputs.x }}'}}]}\ninputs: {x: {default: dx}}")
    action(
        place,
        "inner",
        """
        inputs: {a: {}}
        runs:
          using: composite
          steps: [{run: "echo ${{ inputs.a }} ${{ inputs.x }}", shell: bash}, {run: "false", shell: bash}]
        """,
        "action.yaml",
    )
    r = steps(place, "- uses: actions/checkout@v4\n- uses: ./outer")
    assert r.lines() == ["dx"], r.text
    end = [ev for ev in r.events() if ev["kind"] == "step_finished"][-1]
    assert (end["file"], end["line"]) == ("inner/action.yaml", 5)
    assert end["error"] == "Run ./inner: Run false: Process completed with exit code 1."


def test_a_composite_that_uses_itself_ends(place: Place) -> None:
    action(place, "self", "runs: {using: composite, steps: [{uses: ./self}]}")
    r = steps(place, "- uses: actions/checkout@v4\n- uses: ./self")
    assert r.code == 1
    assert "Composite action depth exceeded max depth 9" in r.text


def test_what_an_action_written_by_a_step_may_lack(place: Place) -> None:
    """Those of the work tree are judged before the run; these are known at run time only."""
    r = steps(
        place,
        """
        - {uses: ./nowhere, continue-on-error: true}
        - run: |
            mkdir docker wrong folder folder/action.yml
            echo FROM scratch > docker/Dockerfile
            echo "runs: {using: composite, steps: [{run: x}]}" > wrong/action.yml
        - {uses: ./docker, continue-on-error: true}
        - {uses: ./wrong, continue-on-error: true}
        - {uses: ./folder, continue-on-error: true}
        - {uses: ./../../../etc, continue-on-error: true}
        """,
    )
    errors = {ev["name"]: ev["error"] for ev in r.events() if ev["kind"] == "step_finished" and ev.get("error")}
    assert errors["Run ./nowhere"].startswith("Can't find 'action.yml', 'action.yaml' or 'Dockerfile' under '/")
    assert errors["Run ./nowhere"].endswith("Did you forget to run actions/checkout before running your local action?")
    assert errors["Run ./docker"] == "'./docker' needs a container engine, which this version does not have"
    assert errors["Run ./wrong"] == "Failed to load wrong/action.yml"
    assert "wrong/action.yml (Line: 1, Col: " in r.text
    assert errors["Run ./folder"].startswith("Failed to load ./folder")
    assert "Can't find" in errors["Run ./../../../etc"]
    r = place.ci("--skip-unknown")
    assert results(r)["Run ./docker"] == "skipped"


def test_the_own_repository_without_a_checkout(place: Place) -> None:
    action(place, "act", "runs: {using: composite, steps: [{run: cat $GITHUB_ACTION_PATH/text, shell: bash}]}")
    place.write("act/text", "from the action\n")
    r = steps(place, "- uses: $/act\n- run: ls -A\n- uses: $/act")
    assert r.code == 0, r.text
    assert r.lines() == ["from the action"] * 2


# ---- JavaScript actions ----

PRINT = """
const fs = require("fs");
const env = process.env;
console.log(process.argv[1].split("/").pop(), env.INPUT_A, env["INPUT_MY-IN.PUT"], env.INPUT_TWO_WORDS, env.STATE_k);
fs.appendFileSync(env.GITHUB_STATE, `k=${env.STATE_k || ""}+${process.argv[1].split("/").pop()[0]}\\n`);
fs.appendFileSync(env.GITHUB_OUTPUT, "o=out\\n");
console.log("cwd", process.cwd() === env.GITHUB_WORKSPACE, env.STEP, env.ACTIONS_RUNTIME_URL || "no services");
"""


def js(place: Place, path: str, runs: str) -> None:
    action(place, path, f"name: js\ninputs: {{a: {{default: d}}, my-in.put: {{}}, two words: {{default: '2'}}}}\nruns: {runs}\n")
    for name in ("pre.js", "main.js", "post.js"):
        place.write(f"{path}/{name}", PRINT)


def test_a_javascript_action(place: Place) -> None:
    js(place, "js", "{using: node20, main: main.js, post: post.js}")
    r = steps(
        place,
        """
        - uses: actions/checkout@v4
        - {id: j, uses: ./js, with: {a: x, my-in.put: y, extra: z}, env: {STEP: e}}
        - run: "echo ${{ steps.j.outputs.o }}"
        """,
    )
    assert r.code == 0, r.text
    assert [x for x in r.lines() if not x.startswith("cwd")] == ["main.js x y 2 undefined", "out", "post.js x y 2 +m"]
    assert [x for x in r.lines() if x.startswith("cwd")][1].startswith("cwd true e ")
    warnings = [ev["text"] for ev in r.events() if ev["kind"] == "annotation"]
    assert warnings == ["Unexpected input(s) 'extra', valid inputs are ['a', 'my-in.put', 'two words']"]
    assert any(ev["kind"] == "note" and ev["what"] == "node20" for ev in r.events())


def test_posts_of_javascript_actions(place: Place) -> None:
    """LIFO; by their own condition; none for a step that was skipped; pre of a local action is passed over, aloud."""
    js(place, "one", "{using: node16, pre: pre.js, main: main.js, post: post.js, post-if: failure()}")
    js(place, "two", "{using: node24, main: main.js, post: post.js, post-if: success()}")
    js(place, "three", "{using: node12, main: main.js, post: post.js}")
    r = steps(
        place,
        """
        - uses: actions/checkout@v4
        - {uses: ./one, with: {a: one}}
        - {uses: ./two, with: {a: two}}
        - {uses: ./three, with: {a: three}}
        - {uses: ./three, with: {a: never}, if: false}
        - run: exit 1
        """,
    )
    assert r.code == 1
    assert [x for x in r.lines() if "post.js" in x] == ["post.js three  2 +m", "post.js one  2 +m"]
    assert not any("pre.js" in x for x in r.lines())
    assert "`pre` execution is not supported for local action from './one'" in r.text
    assert results(r)["Post Run ./two"] == "skipped"


def test_a_javascript_action_that_fails(place: Place) -> None:
    action(place, "js", "runs: {using: node20, main: m.js, post: p.js}")
    place.write("js/m.js", "console.log('::error file=a.txt,line=3::broken'); process.exit(9)")
    place.write("js/p.js", "console.log('cleanup')")
    r = steps(place, "- uses: actions/checkout@v4\n- uses: ./js\n- run: echo never")
    assert r.code == 1
    assert r.lines() == ["cleanup"]
    assert results(r)["Run ./js"] == "failure"


# ---- actions of other repositories ----


def repository(place: Place, name: str, files: dict[str, str], *tags: str) -> str:
    """A repository "octo/name" below the place's own base; its commit."""
    work = place.path / "base" / "octo" / name
    for path, text in files.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(textwrap.dedent(text))
    run = lambda *a: subprocess.run(["git", *a], cwd=work, env=place.env, check=True, capture_output=True, text=True).stdout  # noqa: E731
    if not (work / ".git").exists():
        run("init", "-q", "-b", "main")
    run("add", "-A")
    run("-c", "user.name=o", "-c", "user.email=o@o", "commit", "-q", "-m", "x")
    for tag in tags:
        run("tag", tag)
    return run("rev-parse", "HEAD").strip()


def base(place: Place) -> list[str]:
    return ["--actions-base", str(place.path / "base")]


JS = "name: js\ninputs: {a: {default: d}}\nruns: {using: node20, pre: pre.js, main: main.js, post: post.js}\n"
SCRIPTS = {name: PRINT for name in ("pre.js", "main.js", "post.js")}


def test_pre_and_post_of_a_fetched_action(place: Place) -> None:
    """Set up job first; pre before all main steps, also of an action that is skipped later; state goes on and on."""
    sha = repository(place, "js", {"action.yml": JS, **SCRIPTS}, "v1")
    r = steps(
        place,
        """
        - run: echo first
        - {id: j, uses: octo/js@v1, with: {a: x}}
        - {uses: "octo/js@%s", with: {a: "y${{ steps.j.outputs.o }}"}, if: false}
        - run: "echo ${{ steps.j.outputs.o }}"
        """
        % sha,
        *base(place),
    )
    assert r.code == 0, r.text
    assert [x for x in r.lines() if not x.startswith("cwd")] == [
        "pre.js x undefined undefined undefined",
        "pre.js y undefined undefined undefined",
        "first",
        "main.js x undefined undefined +p",
        "out",
        "post.js y undefined undefined +p",
        "post.js x undefined undefined +p+m",
    ]
    names = [ev["name"] for ev in r.events() if ev["kind"] == "step_started"]
    assert names == [
        "Set up job", "Pre Run octo/js@v1", f"Pre Run octo/js@{sha}", "Run echo first", "Run octo/js@v1",
        f"Run octo/js@{sha}", "Run echo out", f"Post Run octo/js@{sha}", "Post Run octo/js@v1",
    ]  # fmt: skip


def test_fetched_composites_bring_their_own(place: Place) -> None:
    """A composite of a repository uses another repository, a folder of its own ($/) and one of the workspace (./)."""
    repository(place, "js", {"sub/action.yml": JS.replace("pre: pre.js, ", ""), **{f"sub/{k}": v for k, v in SCRIPTS.items()}}, "v1")
    repository(
        place,
        "tool",
        {
            "action.yml": """
                inputs: {n: {default: dn}}
                outputs: {o: {value: "${{ steps.deep.outputs.o }}"}}
                runs:
                  using: composite
                  steps:
                    - {id: deep, uses: octo/js/sub@v1, with: {a: "${{ inputs.n }}"}}
                    - uses: $/own
                    - uses: ./local
                    - {run: 'echo $GITHUB_ACTION_REPOSITORY $GITHUB_ACTION_REF', shell: sh}
                """,
            "own/action.yml": "runs: {using: composite, steps: [{run: echo own of the repository, shell: sh}]}",
        },
        "v2",
    )
    action(place, "local", "runs: {using: composite, steps: [{run: echo of the workspace, shell: sh}]}")
    r = steps(
        place,
        """
        - uses: actions/checkout@v4
        - {id: t, uses: octo/tool@v2, with: {n: given}}
        - run: "echo ${{ steps.t.outputs.o }} [$GITHUB_ACTION_REPOSITORY]"
        """,
        *base(place),
    )
    assert r.code == 0, r.text
    assert [x for x in r.lines() if not x.startswith("cwd")] == [
        "main.js given undefined undefined undefined",
        "own of the repository",
        "of the workspace",
        "octo/tool v2",
        "out []",
        "post.js given undefined undefined +m",
    ]


def test_pre_of_actions_in_composites(place: Place) -> None:
    repository(place, "js", {"action.yml": JS.replace("post: post.js", "post: post.js, post-if: 'true', pre-if: runner.os == 'Linux'"), **SCRIPTS}, "v1")
    repository(
        place,
        "tool",
        {"action.yml": "inputs: {n: {}}\nruns: {using: composite, steps: [{uses: octo/js@v1, with: {a: '${{ inputs.n }}'}}]}"},
        "v1",
    )
    r = steps(place, "- {uses: octo/tool@v1, with: {n: one}}\n- {uses: octo/tool@v1, with: {n: two}}", *base(place))
    assert r.code == 0, r.text
    assert [x for x in r.lines() if not x.startswith("cwd")] == [
        "pre.js one undefined undefined undefined",
        "pre.js two undefined undefined undefined",
        "main.js one undefined undefined +p",
        "main.js two undefined undefined +p",
        "post.js two undefined undefined +p+m",
        "post.js one undefined undefined +p+m",
    ]


def test_actions_that_cannot_be_had_fail_the_job_at_once(place: Place) -> None:
    repository(place, "empty", {"README.md": "x"}, "v1")
    repository(place, "image", {"Dockerfile": "FROM scratch"}, "v1")
    r = steps(place, "- run: echo never\n- uses: octo/nope@v1\n- uses: octo/empty@v1\n- {run: echo no, if: always()}", *base(place))
    assert r.code == 1 and r.lines() == [], r.text
    assert results(r) == {"Set up job": "failure"}
    assert "Unable to resolve action `octo/nope@v1`" in r.text
    assert "Can't find 'action.yml', 'action.yaml' or 'Dockerfile' for action 'octo/empty@v1'." in r.text
    r = steps(place, "- run: echo ran\n- uses: octo/nope@v1\n- uses: octo/image@v1", *base(place), "--skip-unknown")
    assert r.code == 0, r.text
    assert r.lines() == ["ran"]
    assert results(r)["Run octo/nope@v1"] == results(r)["Run octo/image@v1"] == "skipped"
    assert len([ev for ev in r.events() if ev["kind"] == "note" and ev["how"] == "skipped"]) == 2
    r = steps(place, "- uses: octo/image@v1", *base(place))
    assert r.code == 1
    assert "'octo/image@v1' needs a container engine, which this version does not have" in r.text


def test_fetched_actions_work_offline_afterwards(place: Place) -> None:
    repository(place, "say", {"action.yml": "runs: {using: composite, steps: [{run: echo said, shell: sh}]}"}, "v1")
    assert steps(place, "- uses: octo/say@v1", *base(place)).lines() == ["said"]
    shutil.rmtree(place.path / "base" / "octo")
    r = place.ci(*base(place), "--offline")
    assert r.lines() == ["said"], r.text


def test_the_real_one_instead_of_the_native_one(place: Place) -> None:
    """--native=never for all, --no-native for one; the real actions/checkout here is a stand-in that says so."""
    for name in ("checkout", "setup-python"):
        repository(place, name, {"action.yml": "runs: {using: composite, steps: [{run: echo real %s, shell: sh}]}" % name}, "v9")
    (place.path / "base" / "octo").rename(place.path / "base" / "actions")
    text = "- uses: actions/checkout@v9\n- run: test -d .git && echo shown || echo nothing"
    assert steps(place, text, *base(place)).lines() == ["shown"]
    assert place.ci(*base(place), "--native=never").lines() == ["real checkout", "nothing"]
    assert place.ci(*base(place), "--no-native", "actions/checkout").lines() == ["real checkout", "nothing"]
    assert place.ci(*base(place), "--no-native", "actions/setup-python").lines() == ["shown"]
    assert place.ci("--native=sometimes").code == 2


def test_interrupt_reaches_every_task(place: Place) -> None:
    """A server in the background, a script in a composite action and their children end; always() steps run."""
    marker = "86400.%d" % os.getpid()
    action(
        place,
        "act",
        """
        runs:
          using: composite
          steps:
            - {run: "touch $RUNNER_TEMP/inner; sleep %s", shell: bash}
            - {run: echo never, shell: bash}
        """
        % marker,
    )
    place.workflow(
        JOB
        + f"""\
      - uses: actions/checkout@v4
      - {{background: true, if: always(), run: "sleep {marker}; echo never"}}
      - {{uses: ./act}}
      - {{run: echo cleanup, if: always()}}
"""
    )
    place.commit()
    p = subprocess.Popen([str(SLIPWAY), "ci", "--json"], cwd=place.repo, env=place.env, stdout=subprocess.PIPE)
    running = lambda: subprocess.run(["pgrep", "-fx", f"sleep {marker}"], capture_output=True, text=True).stdout.split()  # noqa: E731
    for _ in range(400):
        if len(running()) >= 2:
            break
        time.sleep(0.05)
    p.send_signal(signal.SIGINT)
    out, _ = p.communicate(timeout=60)
    r = Result(p.returncode, out.decode(), "")
    assert r.code == 130, r.text
    assert r.lines() == ["cleanup"]
    assert running() == []
    assert results(r)["Run ./act"] == results(r)[f"Run sleep {marker}; echo never"] == "cancelled"
