"""CodeBuild: what this machine cannot run is said by name and counted, before anything starts."""

from __future__ import annotations

import json

from conftest import Place

MISSING = """
version: 0.2
env:
  variables:
    PYTHON: "9.99"
phases:
  install:
    runtime-versions:
      python: $PYTHON
  build:
    commands:
      - make
"""

MATRIX = """
version: 0.2
batch:
  build-matrix:
    dynamic:
      env:
        variables:
          PYTHON: ["9.98", "9.99"]
phases:
  install:
    runtime-versions:
      python: $PYTHON
  build:
    commands:
      - make
"""


def test_missing_python(place: Place) -> None:
    place.write("buildspec.yml", MISSING)
    place.commit()
    got = place.run("ci", "codebuild", "manual")
    assert "skipped: no Python 9.99 here: found " in got.text
    assert "1 skipped" in got.text
    assert got.code == 3  # nothing ran


def test_missing_pythons_of_a_matrix(place: Place) -> None:
    place.write("buildspec.yml", MATRIX)
    place.commit()
    got = place.run("ci", "codebuild", "manual")
    assert "build (9.98): skipped: no Python 9.98 here" in got.text
    assert "build (9.99): skipped: no Python 9.99 here" in got.text
    assert "2 skipped" in got.text


def test_missing_python_listed(place: Place) -> None:
    place.write("buildspec.yml", MATRIX)
    place.commit()
    legs = json.loads(place.run("ci", "codebuild", "manual", "-l", "--json").out)["pipelines"][0]["jobs"][0]["legs"]
    assert [leg["matrix"] for leg in legs] == [{"PYTHON": "9.98"}, {"PYTHON": "9.99"}]
    assert all(leg["skipped"].startswith("no Python 9.9") for leg in legs)
