"""actions/cache as a user meets it: files come back in a later run, by key, by prefix, by branch."""

from __future__ import annotations

import os
from textwrap import dedent, indent

import pytest

from conftest import Place, Result


def run(place: Place, steps: str, *args: str, **kw) -> Result:
    place.workflow("on: [push, pull_request]\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n" + indent(dedent(steps), " " * 6))
    place.commit()
    return place.ci(*args, **kw)


def says(r: Result) -> list[str]:
    """What slipway itself said in the log."""
    return [ev["text"] for ev in r.events() if ev["kind"] == "output" and ev["stream"] == "slipway"]


MAKE = """
- uses: actions/checkout@v4
- id: c
  uses: actions/cache@v4
  with:
    path: |
      ~/.kept
      build
      *.o
      !skip.o
    key: {key}
    restore-keys: |
      {prefix}
- run: |
    echo "hit=[${{{{ steps.c.outputs.cache-hit }}}}]"
    if [ -e build/deep/file ]; then
      cat build/deep/file ~/.kept/x one.o
      readlink build/link
      stat -c '%a %Y' build/tool
      ls *.o
    fi
- run: |
    mkdir -p build/deep ~/.kept
    echo deep >build/deep/file; echo kept >~/.kept/x; echo one >one.o; echo skip >skip.o
    ln -sfn deep/file build/link
    echo tool >build/tool; chmod 751 build/tool; touch -d @1000000000 build/tool
"""


def make(key: str, prefix: str = "none-") -> str:
    return MAKE.format(key=key, prefix=prefix)


BACK = ["deep", "kept", "one", "deep/file", "751 1000000000", "one.o"]


def test_files_come_back(place: Place) -> None:
    r = run(place, make("k-1"))
    assert r.code == 0, r.text
    assert r.lines() == ["hit=[]"]
    assert "Cache not found for input keys: k-1, none-" in says(r)
    assert "Cache saved with key: k-1" in says(r)
    r = run(place, make("k-1"))
    assert r.code == 0, r.text
    assert r.lines() == ["hit=[true]", *BACK]
    assert "Cache restored from key: k-1" in says(r)
    assert "Cache hit occurred on the primary key k-1, not saving cache." in says(r)
    r = run(place, make("k-2", "k-"))
    assert r.lines() == ["hit=[false]", *BACK]
    assert "Cache saved with key: k-2" in says(r)
    r = run(place, make("k"))  # the key itself is a prefix, too
    assert r.lines()[0] == "hit=[false]"


def test_what_was_restored_is_the_jobs_own(place: Place) -> None:
    steps = """
    - uses: actions/cache@v4
      with: {path: ~/.kept, key: k}
    - run: cat ~/.kept/x 2>/dev/null || true; mkdir -p ~/.kept; echo first >~/.kept/x; echo more >~/.kept/y
    """
    assert run(place, steps).lines() == []
    assert run(place, steps.replace("first", "second")).lines() == ["first"]
    assert run(place, steps).lines() == ["first"]


def test_what_was_restored_may_be_removed_whole(place: Place) -> None:
    """make clean, and a checkout that finds the workspace filled, as people write them in the wrong order."""
    steps = """
    - uses: actions/cache@v4
      with: {path: build, key: k}
    - run: ls build 2>/dev/null || true
    - uses: actions/checkout@v4
    - run: rm -rf build; mkdir build; touch build/made
    """
    assert run(place, steps).lines() == []
    r = run(place, steps)
    assert r.code == 0, r.text
    assert r.lines() == ["made"]
    r = run(place, steps.replace("- uses: actions/checkout@v4", ""))
    assert r.code == 0, r.text


def test_a_folder_that_is_there_is_written_into(place: Place) -> None:
    save = """
    - run: mkdir -p d/sub; echo new >d/f; echo s >d/sub/s
    - uses: actions/cache/save@v4
      with: {path: d, key: k}
    """
    assert "Cache saved with key: k" in says(run(place, save))
    r = run(
        place,
        """
        - run: mkdir -p d/sub; echo old >d/f; echo own >d/own
        - uses: actions/cache/restore@v4
          with: {path: d, key: k}
        - run: cat d/f d/own d/sub/s
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["new", "own", "s"]


def test_lookup_and_a_miss_that_fails(place: Place) -> None:
    look = """
    - id: c
      uses: actions/cache/restore@v4
      with: {path: d, key: k, lookup-only: true, fail-on-cache-miss: true}
    - if: always()
      run: ls -d d 2>/dev/null || true; echo "${{ steps.c.outputs.cache-matched-key }}/${{ steps.c.outputs.cache-primary-key }}"
    """
    r = run(place, look)
    assert r.code == 1
    assert "Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: k" in r.text
    run(place, "- run: mkdir d; touch d/f\n- uses: actions/cache/save@v4\n  with: {path: d, key: k}")
    r = run(place, look)
    assert "Cache found and can be restored from key: k" in says(r)
    assert "k/k" in r.lines() and "d" not in r.lines()


def test_branches_see_their_own_and_the_default_one(place: Place) -> None:
    steps = """
    - id: c
      uses: actions/cache@v4
      with: {path: d, key: "%s"}
    - run: cat d/f 2>/dev/null || true; mkdir -p d; echo $GITHUB_REF_NAME >d/f
    """
    assert run(place, steps % "k").lines() == []
    assert run(place, steps % "k", "--branch", "topic").lines() == ["main"]
    assert run(place, steps % "t", "--branch", "topic").lines() == []
    assert run(place, steps % "t", "--branch", "other").lines() == []  # another branch's is not seen
    assert run(place, steps % "t", "--branch", "topic").lines() == ["topic"]


def test_nothing_to_keep(place: Place) -> None:
    r = run(place, "- uses: actions/cache/save@v4\n  with: {path: nothing, key: k}")
    assert r.code == 0, r.text
    assert any("Path(s) specified in the action for caching do(es) not exist" in line for line in says(r))
    assert "Cache save failed." in [ev["text"] for ev in r.events() if ev["kind"] == "annotation"]
    r = run(place, "- uses: actions/cache/save@v4\n  with: {path: a/../b, key: k}")
    assert "Relative pathing '.' and '..' is not allowed" in r.text


def test_one_entry_of_a_matrix(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          a:
            runs-on: ubuntu-latest
            strategy: {matrix: {n: [1, 2, 3]}}
            steps:
              - run: mkdir d; echo whole >d/f
              - uses: actions/cache/save@v4
                with: {path: d, key: same}
          b:
            needs: a
            runs-on: ubuntu-latest
            steps:
              - uses: actions/cache/restore@v4
                with: {path: d, key: same}
              - run: cat d/f
        """
    )
    place.commit()
    r = place.ci()
    assert r.code == 0, r.text
    assert r.lines("b") == ["whole"]
    said = says(r)
    assert said.count("Cache saved with key: same") == 1
    assert sum("Unable to reserve cache with key same" in s for s in said) == 2


def test_other_repositories_do_not_see_it(place: Place, tmp_path) -> None:
    steps = "- uses: actions/cache@v4\n  with: {path: d, key: k}\n- run: ls d 2>/dev/null || true; mkdir -p d; touch d/f"
    run(place, steps)
    place.repo = tmp_path / "other"
    place.repo.mkdir()
    assert run(place, steps).lines() == []


def test_links_lead_nowhere_else(place: Place) -> None:
    """A job that saves a link to a file of this machine keeps the link, not the file."""
    r = run(
        place,
        """
        - run: mkdir d; ln -s /etc/shadow d/shadow; ln -s / d/root
        - uses: actions/cache/save@v4
          with: {path: d, key: k}
        """,
    )
    assert r.code == 0, r.text
    kept = [p for p in (place.path / "cache").rglob("shadow")]
    assert len(kept) == 1 and kept[0].is_symlink() and os.readlink(kept[0]) == "/etc/shadow"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk_is_said(place: Place, tmp_path) -> None:
    import subprocess

    small = place.path / "cache"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(small)]).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        r = run(
            place,
            """
            - run: mkdir d; head -c 20000000 /dev/zero | tr '\\0' x >d/big
            - uses: actions/cache/save@v4
              with: {path: d, key: k}
            """,
        )
        assert r.code == 0, r.text
        assert "Failed to save: " in r.text and "No space left on device" in r.text
        assert not [p for p in small.rglob("big")]
    finally:
        subprocess.run(["umount", str(small)], check=True)
