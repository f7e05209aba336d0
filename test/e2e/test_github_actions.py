"""Steps side by side, and actions that are not built in: composite and JavaScript ones, local and fetched."""

from __future__ import annotations

import textwrap

from conftest import Place, Result

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
