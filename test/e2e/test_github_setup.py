"""Slipway's own setup-node and setup-go, with what this machine has."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from conftest import SLIPWAY, Place, Result

NPM_LOCK = '{"name": "demo", "version": "1.0.0", "lockfileVersion": 3, "packages": {}}\n'


def versions(tool: str) -> list[str]:
    """What `slipway doctor` finds of a tool, prereleases left out."""
    out = subprocess.run([str(SLIPWAY), "doctor", "--json"], capture_output=True, text=True).stdout
    found = {f["what"]: f["found"] for f in map(json.loads, out.splitlines())}
    return [v for v in (w.split()[0] for w in found[tool].split(", ")) if re.fullmatch(r"\d+\.\d+\.\d+", v)]


def newest(tool: str) -> str:
    all_of_them = versions(tool)
    if not all_of_them:
        pytest.skip(f"no {tool} here")
    return max(all_of_them, key=lambda v: [int(n) for n in v.split(".")])


def notes(r: Result, name: str) -> list[str]:
    return [ev["text"] for ev in r.events() if ev["kind"] == "note" and ev["what"] == name]


def job(place: Place, steps: str, **kw) -> Result:
    place.workflow("on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n" + steps)
    place.commit()
    return place.ci(**kw)


def test_node_of_this_machine(place: Place) -> None:
    version = newest("node")
    r = job(
        place,
        f"""      - id: node
        uses: actions/setup-node@v6
        with: {{node-version: '{version.split(".")[0]}', registry-url: 'https://npm.example/'}}
      - run: |
          node --version
          echo "out ${{{{ steps.node.outputs.node-version }}}}"
          cat "$NPM_CONFIG_USERCONFIG"; echo
          case $(command -v node) in "$RUNNER_TOOL_CACHE"/node/*|*/bin/node) echo placed;; esac
""",
    )
    assert r.code == 0, r.text
    assert r.lines() == [
        f"v{version}",
        f"out v{version}",
        "//npm.example/:_authToken=${NODE_AUTH_TOKEN}",
        "registry=https://npm.example/",
        "placed",
    ]
    assert notes(r, "actions/setup-node")[0].startswith(f"Node.js {version} of this host (")


def test_what_npm_installs_globally_stays_in_the_job(place: Place) -> None:
    if shutil.which("npm") is None:
        pytest.skip("no npm here")
    newest("node")
    place.write("tool/package.json", '{"name": "slip-tool", "version": "1.0.0", "bin": {"slip-tool": "t.js"}}\n')
    place.write("tool/t.js", "#!/usr/bin/env node\nconsole.log('tool ran')\n", 0o755)
    r = job(
        place,
        """      - uses: actions/checkout@v4
      - uses: actions/setup-node@v6
        with: {node-version: '*'}
      - run: npm install --global --offline --silent --no-audit --no-fund ./tool && slip-tool
""",
    )
    assert r.code == 0, r.text
    assert r.lines()[-1] == "tool ran"
    assert shutil.which("slip-tool") is None


def test_npm_cache_comes_back(place: Place) -> None:
    if shutil.which("npm") is None:
        pytest.skip("no npm here")
    newest("node")
    place.write("package-lock.json", NPM_LOCK)
    steps = """      - uses: actions/checkout@v4
      - id: node
        uses: actions/setup-node@v6
        with: {node-version: '*', cache: npm}
      - run: |
          dir=$(npm config get cache)
          echo "hit ${{ steps.node.outputs.cache-hit }} [${{ steps.node.outputs.cache-matched-key }}]"
          cat "$dir/mine" 2>/dev/null || { mkdir -p "$dir"; echo kept >"$dir/mine"; }
"""
    first = job(place, steps)
    assert first.code == 0, first.text
    assert first.lines() == ["hit false []"]
    second = place.ci()
    assert second.code == 0, second.text
    assert re.fullmatch(r"hit true \[node-cache-Linux-\w+-npm-[0-9a-f]{64}\]", second.lines()[0])
    assert second.lines()[1] == "kept"


def test_a_missing_lock_file_fails_with_the_actions_words(place: Place) -> None:
    if shutil.which("npm") is None:
        pytest.skip("no npm here")
    newest("node")
    r = job(place, "      - uses: actions/setup-node@v6\n        with: {node-version: '*', cache: npm}\n")
    assert r.code == 1
    assert "Supported file patterns: package-lock.json,npm-shrinkwrap.json,yarn.lock" in r.text


def test_version_files_of_node(place: Place) -> None:
    version = newest("node")
    place.write("package.json", '{"volta": {"extends": "base/package.json"}}\n')
    place.write("base/package.json", f'{{"engines": {{"node": "{version}"}}}}\n')
    place.write(".nvmrc", "v1.2.3\n")
    r = job(
        place,
        """      - uses: actions/checkout@v4
      - uses: actions/setup-node@v6
        with: {node-version-file: package.json}
      - id: old
        uses: actions/setup-node@v6
        continue-on-error: true
        with: {node-version-file: .nvmrc}
      - run: echo ${{ steps.old.outcome }}
""",
    )
    assert r.code == 0, r.text
    assert r.lines() == ["failure"]
    assert "Unable to find Node version '1.2.3' for platform linux" in r.text


def test_legs_whose_tool_is_not_here_are_skipped_by_name(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          node: {runs-on: ubuntu-latest, steps: [{uses: actions/setup-node@v6, with: {node-version: 0.1}}]}
          go: {runs-on: ubuntu-latest, steps: [{uses: actions/setup-go@v6, with: {go-version: '1.0'}}]}
        """
    )
    place.commit()
    r = place.ci()
    assert r.jobs() == {"node": "skipped", "go": "skipped"}
    assert "no Node.js 0.1 here" in r.text
    assert "no Go 1.0 here" in r.text
    assert place.ci("--strict").code == 4


def test_go_of_this_machine(place: Place) -> None:
    version = newest("go")
    place.write("go.mod", f"module example.org/demo\n\ngo {version}\n")
    place.write("main.go", 'package main\n\nfunc main() { println("built") }\n')  # no package: none to build
    r = job(
        place,
        """      - uses: actions/checkout@v4
      - id: go
        uses: actions/setup-go@v6
        with: {go-version-file: go.mod, cache: false}
      - run: |
          echo "${{ steps.go.outputs.go-version }} $GOTOOLCHAIN"
          go run .
          go install . && demo
""",
    )
    assert r.code == 0, r.text
    said = re.sub(r"\.0$", "", version)
    assert r.lines()[0] in (f"{version} local", f"{said} local")
    assert r.lines()[-2:] == ["built", "built"]
    assert notes(r, "actions/setup-go")[0].startswith(f"Go {version} of this host (")


def test_problems_of_go_are_annotations(place: Place) -> None:
    newest("go")
    place.write("go.mod", "module example.org/demo\n\ngo 1.20\n")
    place.write("main.go", "package main\n\nfunc main() { missing() }\n")
    r = job(
        place,
        """      - uses: actions/checkout@v4
      - uses: actions/setup-go@v6
        with: {go-version: stable, cache: false}
      - run: go build ./...
""",
    )
    assert r.code == 1
    found = [ev for ev in r.events() if ev["kind"] == "annotation" and ev.get("file") == "main.go"]
    assert found and found[0]["line"] == 3 and "missing" in found[0]["text"]
