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
