"""Slipway's own actions/checkout: other refs, other repositories, parts of them. Servers are on loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from conftest import Place, Result


def run(place: Place, steps: str, *args: str) -> Result:
    place.workflow("on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n" + steps)
    place.commit()
    return place.ci(*args)


def git(where: Path, place: Place, *args: str) -> str:
    names = ["-c", "user.name=Mina", "-c", "user.email=mina@example.org", "-c", "protocol.file.allow=always"]
    return subprocess.run(
        ["git", *names, *args], cwd=where, env=place.env, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def other(place: Place, tmp_path: Path) -> Path:
    """octo/lib: two commits, branches trunk (the default one) and dev, tag v1 at the first."""
    repo = tmp_path / "served" / "octo" / "lib"
    (repo / "src").mkdir(parents=True)
    (repo / "docs").mkdir()
    git(repo, place, "init", "-q", "-b", "trunk")
    (repo / "src" / "a.txt").write_text("one\n")
    (repo / "docs" / "d.txt").write_text("doc\n")
    git(repo, place, "add", "-A")
    git(repo, place, "commit", "-qm", "first")
    git(repo, place, "tag", "v1")
    git(repo, place, "branch", "dev")
    (repo / "src" / "a.txt").write_text("two\n")
    git(repo, place, "commit", "-qam", "second")
    return repo


@pytest.fixture
def server(other: Path):
    """A git server of what `other` lies in."""
    if not Path(subprocess.run(["git", "--exec-path"], capture_output=True, text=True).stdout.strip(), "git-daemon").exists():
        pytest.skip("no git daemon here")
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    base = other.parents[1]
    daemon = subprocess.Popen(
        ["git", "daemon", "--reuseaddr", "--export-all", "--listen=127.0.0.1", f"--port={port}", f"--base-path={base}"],
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    url = f"git://127.0.0.1:{port}"
    for _ in range(200):
        asked = subprocess.run(["git", "ls-remote", f"{url}/octo/lib", "HEAD"], capture_output=True)
        if asked.returncode == 0:
            break
        time.sleep(0.05)  # until it listens
    yield url
    daemon.terminate()
    daemon.wait()


def test_another_ref_of_the_repository(place: Place) -> None:
    place.write("f.txt", "old\n")
    place.commit("old")
    place.git("tag", "v1")
    sha = place.git("rev-parse", "HEAD").strip()
    place.git("branch", "side")
    place.write("f.txt", "new\n")
    place.workflow(
        f"""
        on: push
        jobs:
          job:
            runs-on: ubuntu-latest
            strategy: {{matrix: {{ref: [v1, side, refs/heads/side, refs/tags/v1, '{sha}']}}}}
            steps:
              - id: c
                uses: actions/checkout@v4
                with: {{ref: '${{{{ matrix.ref }}}}', path: sub}}
              - run: |
                  cd sub
                  echo "$(cat f.txt) $(ls) [$(git status --porcelain)] $(git rev-parse HEAD)"
                  echo "${{{{ steps.c.outputs.commit }}}} $(git branch --show-current)"
        """
    )
    place.commit("new")
    place.write("f.txt", "uncommitted\n")
    place.write("left.txt", "untracked\n")
    r = place.ci()
    assert r.code == 0, r.text
    lines = r.lines()
    assert lines.count(f"old f.txt [] {sha}") == 5
    assert sorted(line.removeprefix(sha) for line in lines if line.startswith(sha)) == [" ", " ", " ", " side", " side"]
    assert (place.repo / "f.txt").read_text() == "uncommitted\n"
    assert (place.repo / "left.txt").exists()


def test_a_ref_that_is_nowhere_fails_with_the_actions_words(place: Place) -> None:
    r = run(place, "      - {uses: actions/checkout@v4, with: {ref: nowhere}}\n")
    assert r.code == 1
    assert "A branch or tag with the name 'nowhere' could not be found" in r.text


def test_parts_of_the_repository(place: Place) -> None:
    for name in ("src/a.txt", "src/deep/b.txt", "docs/d.txt", "top.txt"):
        place.write(name, "x\n")
    r = run(
        place,
        """      - uses: actions/checkout@v4
        with: {path: cone, sparse-checkout: src}
      - uses: actions/checkout@v4
        with: {path: exact, sparse-checkout: "/docs/*", sparse-checkout-cone-mode: false}
      - run: |
          (cd cone && echo $(find . -name '*.txt' | sort))
          (cd exact && echo $(find . -name '*.txt' | sort) "[$(git status --porcelain)]")
""",
    )
    assert r.code == 0, r.text
    assert r.lines() == ["./src/a.txt ./src/deep/b.txt ./top.txt", "./docs/d.txt []"]


def test_another_repository_by_git(place: Place, other: Path, server: str) -> None:
    head = git(other, place, "rev-parse", "HEAD")
    first = git(other, place, "rev-parse", "v1")
    r = run(
        place,
        f"""      - uses: actions/checkout@v4
      - id: default
        uses: actions/checkout@v4
        with: {{repository: octo/lib, path: lib, github-server-url: '{server}'}}
      - id: tag
        uses: actions/checkout@v4
        with: {{repository: octo/lib, ref: v1, path: old, github-server-url: '{server}', sparse-checkout: docs}}
      - id: all
        uses: actions/checkout@v4
        with: {{repository: octo/lib, ref: '{first}', path: all, fetch-depth: 0, github-server-url: '{server}'}}
      - run: |
          echo "${{{{ steps.default.outputs.ref }}}} ${{{{ steps.default.outputs.commit }}}}"
          (cd lib && echo "$(cat src/a.txt) $(git rev-list --count HEAD) $(git branch --show-current)")
          (cd lib && git remote get-url origin && echo "[$(git status --porcelain)]")
          echo "${{{{ steps.tag.outputs.ref }}}} $(find old -name '*.txt')"
          (cd all && echo "[${{{{ steps.all.outputs.ref }}}}] $(git rev-parse HEAD) $(git tag) $(git branch -r | xargs)")
          git log -1 --format=%s
""",
    )
    assert r.code == 0, r.text
    assert r.lines("job")[-7:] == [
        f"refs/heads/trunk {head}",
        "two 1 trunk",
        f"{server}/octo/lib",
        "[]",
        "v1 old/docs/d.txt",
        f"[] {first} v1 origin/dev origin/trunk",
        "work",
    ]


def test_submodules_come_along(place: Place, other: Path, server: str) -> None:
    main = other.parent / "main"
    main.mkdir()
    git(main, place, "init", "-q", "-b", "main")
    git(main, place, "submodule", "--quiet", "add", f"{server}/octo/lib", "lib")
    git(main, place, "commit", "-qm", "with a submodule")
    steps = f"""      - uses: actions/checkout@v4
        with: {{repository: octo/main, path: a, github-server-url: '{server}'}}
      - uses: actions/checkout@v4
        with: {{repository: octo/main, path: b, submodules: true, github-server-url: '{server}'}}
      - run: echo "$(ls a/lib) $(cat b/lib/src/a.txt)"
"""
    r = run(place, steps)
    assert r.code == 0, r.text
    assert r.lines()[-1] == " two"


def test_a_server_that_does_not_answer(place: Place) -> None:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    r = run(
        place,
        f"      - {{uses: actions/checkout@v4, with: {{repository: o/r, ref: v1, github-server-url: 'git://127.0.0.1:{port}'}}}}\n",
    )
    assert r.code == 1
    assert f"git://127.0.0.1:{port}/o/r could not be fetched" in r.text


@pytest.mark.parametrize("kind", ["repository", "files", "base"])
def test_a_folder_stands_in_its_stead(place: Place, other: Path, kind: str) -> None:
    head = git(other, place, "rev-parse", "HEAD")
    args = ["--local-repository", f"octo/lib={other}"]
    if kind == "files":
        shutil.rmtree(other / ".git")
    if kind == "base":
        args = ["--actions-base", str(other.parents[1])]
    r = run(
        place,
        """      - id: c
        uses: actions/checkout@v4
        with: {repository: octo/lib, ref: trunk, path: lib}
      - run: |
          cd lib && echo "$(cat src/a.txt) [$(git status --porcelain)] $(git branch --show-current)"
          echo "${{ steps.c.outputs.commit }}"
          echo more >>src/a.txt && git -c user.name=x -c user.email=x@x commit -qam more
""",
        *args,
    )
    assert r.code == 0, r.text
    assert r.lines()[0] == "two [] trunk"
    assert r.lines()[1] == (head if kind != "files" else "0" * 40)
    assert (other / "src" / "a.txt").read_text() == "two\n"


def test_a_missing_git_lfs_is_named(place: Place) -> None:
    if shutil.which("git-lfs") is not None:
        pytest.skip("git-lfs is here")
    place.commit()
    place.git("tag", "v1")
    r = run(place, "      - {uses: actions/checkout@v4, with: {ref: v1, lfs: true}}\n")
    assert r.code == 1
    assert "Unable to locate executable file: git-lfs" in r.text
