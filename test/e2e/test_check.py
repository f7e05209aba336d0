"""`slipway check` over many files, folders and the codes that it tells."""

from __future__ import annotations

import json

import pytest

GOOD = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: ls}]}}\n"
WARNED = "on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'echo ${{ runner.oss }}'}]}}\n"
BAD = "on: push\njobs: {a: {runs-on: ubuntu-latest, stepps: []}}\n"


def fill(place, folder: str, n: int) -> None:
    for i in range(n):
        place.write(f"{folder}/f{i:04}.yml", BAD if i % 100 == 7 else WARNED if i % 100 == 8 else GOOD)


def lines(out: str) -> list[dict]:
    return [json.loads(line) for line in out.splitlines()]


def test_many_files_are_told_in_order(place):
    fill(place, ".github/workflows", 300)
    done = place.run("check", "--json")
    told = lines(done.out)
    assert done.code == 1
    assert [d["file"] for d in told] == sorted(d["file"] for d in told)
    assert [d["code"] for d in told].count("GH068") == 3
    assert sum(d["level"] == "error" for d in told) == 6  # the unknown key, and the missing one
    again = place.run("check", "--json")
    assert again.out == done.out
    assert "300 pipeline files, 6 errors" in place.run("check").err


def test_folders_and_files_in_one_call(place):
    fill(place, "x/one", 120)
    fill(place, "two", 20)
    place.write("three.yml", WARNED)
    done = place.run("check", "x/one", "two", "three.yml")
    assert done.code == 1
    assert "141 pipeline files, 6 errors" in done.err
    assert "x/one/f0107.yml:2:" in done.err
    assert "three.yml:2:" in done.err


def test_strict_fails_on_warnings(place):
    place.workflow(WARNED)
    assert place.run("check").code == 0
    assert place.run("check", "--strict").code == 1
    place.workflow(GOOD)
    assert place.run("check", "--strict").code == 0


def test_more_problems_than_are_shown(place):
    place.workflow("on: push\nenv:\n" + "".join(f"  A{i}: ${{{{ x{i} }}}}\n" for i in range(150)) + "jobs: {}\n")
    done = place.run("check")
    assert done.code == 1
    assert ".github/workflows/ci.yml: and 51 more" in done.err


def test_a_file_that_is_not_there(place):
    done = place.run("check", "nowhere.yml")
    assert done.code == 2
    assert "nowhere.yml" in done.err


def test_every_code_is_explained(place):
    codes = [line.split()[0] for line in place.run("explain").out.splitlines()]
    assert len(codes) > 60
    for code in codes:
        done = place.run("explain", code)
        assert done.code == 0
        assert "Example: " in done.out


@pytest.mark.parametrize("below", [".", "deep/er"])
def test_the_project_is_found_from_below(place, below):
    place.workflow(BAD)
    place.commit()
    (place.repo / below).mkdir(parents=True, exist_ok=True)
    done = place.run("check", cwd=place.repo / below)
    assert done.code == 1
    assert ".github/workflows/ci.yml:2:" in done.err
