"""Settings from files and the environment, `slipway config`, and what a commit message asks for."""

from __future__ import annotations

import json

import pytest
from conftest import Place

ONE = "on: [push, pull_request, workflow_dispatch]\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo [$COLOUR]'}]}}\n"


def config(place: Place, **env: str) -> dict[str, list[tuple[str, str]]]:
    r = place.run("config", "--json", env=env)
    assert r.code == 0, r.text
    found: dict[str, list[tuple[str, str]]] = {}
    for line in r.out.splitlines():
        row = json.loads(line)
        found.setdefault(row["name"], []).append((row["value"], row["origin"]))
    return found


def test_each_value_has_its_origin(place: Place) -> None:
    user = place.home / ".config/slipway/config.toml"
    user.parent.mkdir(parents=True)
    user.write_text('[ci]\nsandbox = "plain"\njobs = 3\nstrict = true\nenv = ["A=user"]\n')
    (place.home / ".actrc").write_text("--concurrent-jobs 9\n--env A=act\n")
    place.write("slipway.toml", '[scaffold]\nversion = "1"\n[ci]\njobs = 4\n[ci.env]\nA = "project"\n')
    place.commit()
    at = config(place)
    assert at["jobs"] == [("4", f"{place.repo}/slipway.toml:4")]
    assert at["sandbox"] == [("plain", f"{user}:2")]
    assert at["strict"] == [("true", f"{user}:4")]
    assert at["keep"] == [("", "default")]
    assert [value for value, _ in at["env"]] == ["A=act", "A=user", "A=project"]
    assert config(place, SLIPWAY_JOBS="5")["jobs"] == [("5", "SLIPWAY_JOBS")]
    assert config(place, SLIPWAY_STRICT="0")["strict"] == [("0", "SLIPWAY_STRICT")]
    text = place.run("config").out
    assert f"jobs               4                        {place.repo}/slipway.toml:4\n" in text


def test_settings_take_part_in_a_run(place: Place) -> None:
    place.workflow(ONE)
    place.write("slipway.toml", "[ci]\nenv = {COLOUR = 'blue'}\n")
    place.commit()
    assert place.ci().lines()[-1] == "[blue]"
    assert place.ci("--env", "COLOUR=red").lines()[-1] == "[red]"
    sub = place.repo / "deep"
    sub.mkdir()
    assert place.ci(cwd=sub).lines()[-1] == "[blue]"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[ci]\nstrikt = true\n", "slipway.toml:2:1: error: There is no setting 'strikt' [SL003]\nstrikt = true\n^~~~~~\n"
                                  "  hint: did you mean 'strict'?"),
        ("[cl]\n", "slipway.toml:1:2: error: There is no setting 'cl'"),
        ("[ci]\njobs = 'many'\n", "slipway.toml:2:1: error: 'jobs' is a number"),
        ("[ci]\nenv = 1\n", "slipway.toml:2:1: error: 'env' is a list of texts, or a table of them"),
        ("[ci]\nenv = [1]\n", "slipway.toml:2:1: error: 'env' is a list of texts"),
        ("[ci]\nsecret = ['A=hunter2']\n", "slipway.toml:2:1: error: 'secret' is for the command line only"),
        ("ci = 3\n", "slipway.toml:1:1: error: 'ci' is a table"),
        ("[ci\n", "slipway.toml:1:4: error:"),
        ("[ci]\njobs = 1e9\n", "'jobs' is a number"),
    ],
)
def test_faults_have_a_place(place: Place, text: str, says: str) -> None:
    place.workflow(ONE)
    place.write("slipway.toml", text)
    for verb in ("ci", "why", "config"):
        r = place.run(verb)
        assert r.code == 2, r.text
        assert says in r.err
    assert place.run("ci", "--help").code == 0
    assert place.run("check").code == 0  # which has no settings


def test_a_settings_file_that_cannot_be_read(place: Place) -> None:
    place.workflow(ONE)
    (place.repo / "slipway.toml").mkdir()
    r = place.run("ci")
    assert r.code == 2
    assert "slipway.toml" in r.err


# ---- [skip ci] ----

WORDS = ["[skip ci]", "[ci skip]", "[no ci]", "[skip actions]", "[actions skip]", "\n\nskip-checks: true"]


@pytest.mark.parametrize("word", WORDS, ids=[w.strip() for w in WORDS])
def test_a_message_can_ask_for_no_run(place: Place, word: str) -> None:
    place.workflow(ONE)
    place.commit(f"mend {word}")
    assert place.ci().jobs() == {"a": "success"}  # here one asks for a run by running slipway
    why = place.run("why").out
    assert f"the service would skip it, as the commit's message says {word.strip()}" in why
    r = place.run("ci", "--skip-ci")
    assert r.code == 0
    assert "starts nothing" in r.out
    assert f"the commit's message says {word.strip()}" in r.out
    assert "starts nothing" in place.run("ci", "pull_request", "--honour-skip-ci").out
    assert place.ci("workflow_dispatch", "--skip-ci").jobs() == {"a": "success"}


@pytest.mark.parametrize("message", ["skip ci", "skip-checks: true\n\nmore", "[skip-ci]", "x\n\nskip-checks: false"])
def test_other_messages_do_not(place: Place, message: str) -> None:
    place.workflow(ONE)
    place.commit(message)
    assert place.ci("--skip-ci").jobs() == {"a": "success"}
