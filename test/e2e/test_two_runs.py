"""Concurrency groups between several slipway processes (specification 6.9)."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
from conftest import SLIPWAY, Place, Result


class Run:
    """A `slipway ci --json` of its own beside the test."""

    def __init__(self, place: Place, number: int, *args: str) -> None:
        self.out = place.path / f"out-{number}"
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [str(SLIPWAY), "ci", "--json", *args],
                cwd=place.repo,
                env=place.env,
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )

    def result(self) -> Result:
        lines = self.out.read_text().splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("\n") and line.startswith("{")]
        return Result(self.process.poll() or 0, "".join(whole), "")

    def until(self, seen: Callable[[dict], bool]) -> None:
        for _ in range(1200):
            if any(seen(ev) for ev in self.result().events()):
                return
            assert self.process.poll() is None, self.out.read_text()
            time.sleep(0.05)
        raise AssertionError(self.out.read_text())

    def until_text(self, text: str) -> None:
        self.until(lambda ev: text in ev.get("text", ""))

    def end(self) -> Result:
        self.process.wait(120)
        return self.result()

    def why(self) -> list[str]:
        return [ev.get("why", "") for ev in self.result().events() if ev["kind"] == "job_finished"]


class Gate:
    """Jobs knock here and go on when they are told to."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(60)
        self.guests: list[socket.socket] = []

    @property
    def script(self) -> str:
        return f"exec 3<>/dev/tcp/127.0.0.1/{self.server.getsockname()[1]}; read -r word <&3; echo told $word"

    def await_guest(self) -> socket.socket:
        guest, _ = self.server.accept()
        self.guests.append(guest)
        return guest

    def close(self) -> None:
        for s in (*self.guests, self.server):
            s.close()


@pytest.fixture
def gate() -> Iterator[Gate]:
    g = Gate()
    yield g
    g.close()


@pytest.fixture
def start(place: Place) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def one(*args: str) -> Run:
        runs.append(Run(place, len(runs), *args))
        return runs[-1]

    yield one
    for run in runs:
        if run.process.poll() is None:
            run.process.send_signal(signal.SIGINT)
            run.process.wait(60)


WAITS = "holds the concurrency group 'deploy'"


def workflow(place: Place, gate: Gate, root: str = "", job: str = "") -> None:
    root = f"concurrency: {root}\n" if root else ""
    job = f"    concurrency: {job}\n" if job else ""
    place.workflow(f"on: push\n{root}jobs:\n  a:\n    runs-on: ubuntu-latest\n{job}    steps:\n      - run: {gate.script}\n")
    place.commit()


def starts(ev: dict) -> bool:
    return ev["kind"] == "job_started"


@pytest.mark.parametrize("where", [{"root": "deploy"}, {"job": "Deploy"}], ids=["workflow", "job"])
def test_a_newcomer_waits_until_the_other_run_is_over(place: Place, gate: Gate, start, where: dict) -> None:
    workflow(place, gate, root="deploy")
    first = start()
    guest = gate.await_guest()
    workflow(place, gate, **where)  # a group of a workflow and one of a job are the same group
    second = start()
    second.until(lambda ev: "holds the concurrency group '" in ev.get("text", ""))
    assert not any(starts(ev) for ev in second.result().events())
    guest.sendall(b"go\n")
    assert first.end().code == 0
    gate.await_guest().sendall(b"on\n")
    done = second.end()
    assert done.code == 0, done.out
    assert done.lines() == ["told on"]


def test_the_wait_is_told_on_the_screen(place: Place, gate: Gate, start) -> None:
    workflow(place, gate, root="deploy")
    start()
    gate.await_guest()
    stranger = subprocess.Popen(
        [str(SLIPWAY), "ci"], cwd=place.repo, env=place.env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    )
    assert stranger.stderr is not None
    said = ""
    for line in stranger.stderr:
        said += line
        if WAITS in line:
            break
    assert f"run 1 in {place.repo} {WAITS}" in said
    stranger.send_signal(signal.SIGINT)  # whoever waits can be interrupted
    assert stranger.wait(60) == 130
    stranger.stderr.close()


def test_a_newcomer_takes_the_place_of_the_one_that_waits(place: Place, gate: Gate, start) -> None:
    workflow(place, gate, root="deploy")
    first = start()
    guest = gate.await_guest()
    second = start()
    second.until_text(WAITS)
    third = start()
    third.until_text(WAITS)
    lost = second.end()
    assert lost.code == 1
    assert lost.jobs() == {"a": "cancelled"}
    assert second.why() == ["a newer run of its concurrency group took its place"]
    guest.sendall(b"go\n")
    assert first.end().code == 0
    gate.await_guest().sendall(b"go\n")
    assert third.end().code == 0


def test_cancel_in_progress_ends_the_other_run(place: Place, gate: Gate, start) -> None:
    workflow(place, gate, job="deploy")
    first = start()
    gate.await_guest()
    workflow(place, gate, root="{group: deploy, cancel-in-progress: true}")
    second = start()
    lost = first.end()
    assert lost.code == 1
    assert lost.jobs() == {"a": "cancelled"}
    gate.await_guest().sendall(b"go\n")
    assert second.end().code == 0


def test_a_queue_keeps_all_in_order(place: Place, gate: Gate, start) -> None:
    workflow(place, gate, root="{group: deploy, queue: max}")
    first = start()
    guests = [gate.await_guest()]
    others = []
    for _ in range(2):
        others.append(start())
        others[-1].until_text(WAITS)
    for run in (first, *others):
        guests[-1].sendall(b"go\n")
        assert run.end().code == 0, run.out.read_text()
        if run is not others[-1]:
            guests.append(gate.await_guest())


def test_the_group_of_a_killed_process_is_free(place: Place, gate: Gate, start) -> None:
    workflow(place, gate, root="deploy")
    first = start()
    gate.await_guest()
    first.process.kill()
    first.process.wait(60)
    second = start()
    gate.await_guest().sendall(b"go\n")
    done = second.end()
    assert done.code == 0, done.out
    assert WAITS not in done.out


def test_other_groups_and_other_repositories_do_not_wait(place: Place, gate: Gate, start) -> None:
    workflow(place, gate, root="deploy")
    start()
    guest = gate.await_guest()
    other = place.path / "other"
    (other / ".github/workflows").mkdir(parents=True)
    text = "on: push\nconcurrency: {}\njobs: {{a: {{runs-on: ubuntu-latest, steps: [{{run: echo in}}]}}}}\n"
    (other / ".github/workflows/x.yml").write_text(text.format("deploy"))
    assert place.run("ci", cwd=other).code == 0
    place.workflow(text.format("docs"))
    assert place.run("ci").code == 0
    guest.sendall(b"go\n")


def test_a_job_in_the_group_of_its_own_workflow_is_cancelled(place: Place) -> None:
    place.workflow(
        "on: push\nconcurrency: x\njobs: {a: {runs-on: ubuntu-latest, concurrency: X, steps: [{run: echo in}]}}\n"
    )
    place.commit()
    r = place.ci()
    assert r.code == 1
    assert r.jobs() == {"a": "cancelled"}
    assert "its own pipeline holds its concurrency group" in r.out
