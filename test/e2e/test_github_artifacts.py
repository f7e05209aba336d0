"""Artifacts as a user meets them: between jobs, from every leg of a matrix, merged, in a later run."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import zipfile
from pathlib import Path
from textwrap import dedent, indent

import pytest

from conftest import SLIPWAY, Place, Result


def run(place: Place, jobs: str, *args: str, **kw) -> Result:
    place.workflow("on: push\njobs:\n" + indent(dedent(jobs), "  "))
    place.commit()
    return place.ci(*args, **kw)


def says(r: Result) -> list[str]:
    return [ev["text"] for ev in r.events() if ev["kind"] == "output" and ev["stream"] == "slipway"]


def notes(r: Result) -> list[str]:
    return [ev["text"] for ev in r.events() if ev["kind"] == "annotation"]


def one(place: Place, steps: str, **kw) -> Result:
    return run(place, "a:\n  runs-on: ubuntu-latest\n  steps:\n" + indent(dedent(steps), "    "), **kw)


def blobs(place: Place) -> list[Path]:
    return sorted((place.path / "state").rglob("blob"), key=lambda p: (int(p.parts[-3]), int(p.parts[-2])))


def names(place: Place) -> list[str]:
    with zipfile.ZipFile(blobs(place)[-1]) as z:
        assert z.testzip() is None
        return z.namelist()


TREE = """
- run: |
    mkdir -p out/sub .dot/x; echo a >out/a.txt; echo b >out/sub/b.txt; echo h >out/.hidden; echo d >.dot/x/d
    echo é >'out/ü ü.txt'; chmod 755 out/a.txt; ln -s sub out/link; ln -s /nowhere out/broken; mkdir out/empty
"""


@pytest.mark.parametrize(
    ("path", "inputs", "inside"),
    [
        ("out", "", ["a.txt", "link/b.txt", "sub/b.txt", "ü ü.txt"]),
        ("out/", "", ["a.txt", "link/b.txt", "sub/b.txt", "ü ü.txt"]),
        ("out/a.txt", "", ["a.txt"]),
        ("out/sub", "", ["b.txt"]),
        ("out/**/*.txt", "", ["a.txt", "link/b.txt", "sub/b.txt", "ü ü.txt"]),
        ("out/sub/*", "", ["b.txt"]),
        ("out/a*", "", ["a.txt"]),
        ("out/a.txt\nout/sub", "", ["a.txt", "sub/b.txt"]),
        ("out\n!out/link\n!out/**/ü*", "", ["a.txt", "sub/b.txt"]),
        ("out", "include-hidden-files: true", [".hidden", "a.txt", "link/b.txt", "sub/b.txt", "ü ü.txt"]),
        (".dot\nout/a.txt", "include-hidden-files: true", [".dot/x/d", "out/a.txt"]),
        (".dot\nout/a.txt", "", ["out/a.txt"]),
    ],
)
def test_what_is_taken(place: Place, path: str, inputs: str, inside: list[str]) -> None:
    with_path = "|\n" + indent(path, "            ")
    r = one(place, TREE + f"- uses: actions/upload-artifact@v4\n  with:\n    path: {with_path}\n    {inputs}\n")
    assert r.code == 0, r.text
    assert sorted(names(place)) == sorted(inside)


def test_from_job_to_job(place: Place) -> None:
    r = run(
        place,
        """
        make:
          runs-on: ubuntu-latest
          outputs: {id: "${{ steps.up.outputs.artifact-id }}"}
          steps:
            - run: mkdir -p out/sub; echo a >out/a.sh; chmod 755 out/a.sh; echo b >out/sub/b
            - id: up
              uses: actions/upload-artifact@v4
              with: {name: built, path: out}
            - run: |
                echo "${{ steps.up.outputs.artifact-digest }} ${{ steps.up.outputs.artifact-url }}"
        use:
          needs: make
          runs-on: ubuntu-latest
          steps:
            - id: down
              uses: actions/download-artifact@v4
              with: {name: built, path: got}
            - run: cat got/a.sh got/sub/b; stat -c %a got/a.sh; echo ${{ steps.down.outputs.download-path }}
            - uses: actions/download-artifact@v4
            - run: cat built/a.sh
            - uses: actions/download-artifact@v4
              with: {artifact-ids: "${{ needs.make.outputs.id }}", path: ~/by-id}
            - run: cat ~/by-id/a.sh
        """,
    )
    assert r.code == 0, r.text
    blob = blobs(place)[0].read_bytes()
    digest, url = r.lines("make")[0].split()
    assert digest == hashlib.sha256(blob).hexdigest()
    assert url.startswith("https://github.com/") and url.endswith("/artifacts/1")
    lines = r.lines("use")
    assert lines[:3] == ["a", "b", "644"]
    assert lines[3].endswith("/got") and lines[4:] == ["a", "a"]
    assert "With the provided path, there will be 2 files uploaded" in says(r)
    assert f"Artifact built has been successfully uploaded! Final size is {len(blob)} bytes. Artifact ID is 1" in says(r)
    assert "Total of 1 artifact(s) downloaded" in says(r)


MATRIX = """
leg:
  runs-on: ubuntu-latest
  strategy: {matrix: {n: [1, 2, 3]}}
  steps:
    - run: mkdir out; echo ${{ matrix.n }} >out/${{ matrix.n }}
    - uses: actions/upload-artifact@v4
      with: {name: "part-${{ matrix.n }}", path: out}
other:
  runs-on: ubuntu-latest
  steps:
    - run: echo x >x
    - uses: actions/upload-artifact@v4
      with: {name: other, path: x}
"""


def test_a_matrix_collected(place: Place) -> None:
    r = run(
        place,
        MATRIX
        + """
all:
  needs: [leg, other]
  runs-on: ubuntu-latest
  steps:
    - uses: actions/download-artifact@v4
      with: {pattern: part-*, merge-multiple: true, path: all}
    - run: cat all/*; ls all
    - uses: actions/download-artifact@v4
      with: {pattern: "{part-1,other}", path: each}
    - run: find each -type f | sort
    - uses: actions/download-artifact@v4
      with: {pattern: "!part-*", path: not}
    - run: find not -type f
    - uses: actions/download-artifact@v4
      with: {pattern: none-*, path: none}
    - run: ls none 2>/dev/null || echo nothing
""",
    )
    assert r.code == 0, r.text
    assert r.lines("all") == ["1", "2", "3", "1", "2", "3", "each/other/x", "each/part-1/1", "not/other/x", "nothing"]
    assert "Total of 0 artifact(s) downloaded" in says(r)


def test_merge(place: Place) -> None:
    r = run(
        place,
        MATRIX
        + """
all:
  needs: [leg, other]
  runs-on: ubuntu-latest
  steps:
    - id: m
      uses: actions/upload-artifact/merge@v4
      with: {name: whole, pattern: part-*, delete-merged: true}
    - uses: actions/upload-artifact/merge@v4
      with: {separate-directories: true}
    - uses: actions/download-artifact@v4
    - run: find . -type f | sort; ls ../..
""",
    )
    assert r.code == 0, r.text
    lines = r.lines("all")
    assert lines[:6] == [
        "./merged-artifacts/other/x",
        "./merged-artifacts/whole/1",
        "./merged-artifacts/whole/2",
        "./merged-artifacts/whole/3",
        "./other/x",
        "./whole/1",
    ]
    assert not [line for line in lines if line.startswith("_merge")]
    assert "The 3 artifact(s) have been successfully merged!" in says(r)
    assert "The 3 artifact(s) have been deleted" in says(r)


def test_names_taken(place: Place) -> None:
    steps = """
    - run: echo 1 >f
    - uses: actions/upload-artifact@v4
      with: {path: f}
    - run: echo 2 >f
    - uses: actions/upload-artifact@v4
      with: {path: f%s}
    - uses: actions/download-artifact@v4
      with: {name: artifact, path: got}
    - run: cat got/f
    """
    r = one(place, steps % "")
    assert r.code == 1
    assert "(409) Conflict: an artifact with this name already exists on the workflow run" in r.text
    r = one(place, steps % ", overwrite: true")
    assert r.code == 0, r.text
    assert r.lines() == ["2"]


def test_nothing_found(place: Place) -> None:
    sentence = "No files were found with the provided path: none. No artifacts will be uploaded."
    steps = "- uses: actions/upload-artifact@v4\n  with: {path: none%s}"
    r = one(place, steps % "")
    assert r.code == 0 and sentence in notes(r)
    r = one(place, steps % ", if-no-files-found: ignore")
    assert r.code == 0 and sentence in says(r) and sentence not in notes(r)
    r = one(place, steps % ", if-no-files-found: error")
    assert r.code == 1 and sentence in r.text
    r = one(place, steps % ", if-no-files-found: perhaps")
    assert r.code == 1 and "Unrecognized if-no-files-found input. Provided: perhaps." in r.text
    assert blobs(place) == []


def test_bad_names_and_paths(place: Place) -> None:
    r = one(place, "- run: touch f\n- uses: actions/upload-artifact@v4\n  with: {path: f, name: 'a/b'}")
    assert r.code == 1
    assert "The artifact name is not valid: a/b. Contains the following character:  Forward slash /" in r.text
    r = one(place, "- run: mkdir d; touch 'd/a:b'\n- uses: actions/upload-artifact@v4\n  with: {path: d}")
    assert r.code == 1
    assert "The path for one of the files in artifact is not valid: /a:b. Contains the following character:  Colon :" in r.text
    r = one(place, "- run: mkfifo p\n- uses: actions/upload-artifact@v4\n  with: {path: p}")
    assert r.code == 1 and "is no regular file" in r.text
    r = one(place, "- uses: actions/upload-artifact@v4\n  with: {path: ../x}")
    assert r.code == 1 and "Relative pathing '.' and '..' is not allowed" in r.text
    assert blobs(place) == []


def test_unpacked(place: Place) -> None:
    r = one(
        place,
        """
        - run: mkdir d; echo raw >d/one.bin; echo two >d/two
        - id: up
          uses: actions/upload-artifact@v7
          with: {path: d/one.bin, archive: false, name: ignored}
        - uses: actions/download-artifact@v7
          with: {name: one.bin, path: got}
        - run: cat got/one.bin
        - uses: actions/upload-artifact@v7
          with: {path: d, name: packed}
        - uses: actions/download-artifact@v7
          with: {name: packed, path: zip, skip-decompress: true}
        - run: python3 -c "import zipfile; print(zipfile.ZipFile('zip/packed.zip').namelist())"
        - uses: actions/upload-artifact@v7
          with: {path: d, archive: false}
        """,
    )
    assert r.code == 1
    assert r.lines() == ["raw", "['one.bin', 'two']"]
    assert "When 'archive' is set to false, only a single file can be uploaded. 2 files were found" in r.text
    assert blobs(place)[0].read_bytes() == b"raw\n"


def test_download_that_cannot_be(place: Place) -> None:
    cases = {
        "name: gone": "Artifact not found for name: gone.",
        "name: a, artifact-ids: '1'": "Inputs 'name' and 'artifact-ids' cannot be used together.",
        "artifact-ids: '7'": "None of the provided artifact IDs were found",
        "artifact-ids: x": "Invalid artifact ID: 'x'. Must be a number.",
        "name: gone, github-token: t, repository: someone/else": "slipway keeps no artifacts of other repositories",
        "pattern: '+(a|b)'": "slipway does not know extended patterns",
    }
    for inputs, sentence in cases.items():
        r = one(place, "- uses: actions/download-artifact@v5\n  with: {%s}" % inputs)
        assert r.code == 1
        assert sentence in r.text


def test_another_run(place: Place) -> None:
    r = one(place, "- run: echo first >f; echo run=$GITHUB_RUN_ID\n- uses: actions/upload-artifact@v4\n  with: {path: f}")
    run_id = next(line[4:] for line in r.lines() if line.startswith("run="))
    steps = """
    - uses: actions/download-artifact@v4
      with: {name: artifact%s}
    - run: cat f
    """
    r = one(place, steps % f", run-id: {run_id}, github-token: t")
    assert r.code == 0, r.text
    assert r.lines() == ["first"]
    assert one(place, steps % f", run-id: {run_id}").code == 1  # without a token it is this run, as at the service
    assert one(place, steps % "").code == 1


def test_levels(place: Place) -> None:
    steps = """
    - run: head -c 1000000 /dev/zero >f
    - uses: actions/upload-artifact@v4
      with: {path: f, compression-level: %s}
    """
    sizes = []
    for level in ("0", "1", "9"):
        assert one(place, steps % level).code == 0
        sizes.append(blobs(place)[-1].stat().st_size)
    assert sizes[0] > 1000000 and sizes[1] < 10000 and sizes[2] <= sizes[1]
    r = one(place, steps % "12")
    assert r.code == 1 and "Invalid compression-level. Valid values are 0-9" in r.text


HOSTILE = {
    "../../out": "Malformed extraction path: ../../out",
    "/tmp/out": "Malformed extraction path: /tmp/out",
    "a/../../out": "Malformed extraction path: a/../../out",
}


@pytest.mark.parametrize("name", [*HOSTILE, "link"])
def test_hostile_zips(place: Place, name: str) -> None:
    """A zip that an action of the job made itself, put where one of slipway's lies."""
    one(place, "- run: echo x >f\n- uses: actions/upload-artifact@v4\n  with: {path: f}")
    blob = blobs(place)[0]
    with zipfile.ZipFile(blob, "w") as z:
        if name == "link":
            info = zipfile.ZipInfo("link")
            info.create_system, info.external_attr = 3, 0o120777 << 16
            z.writestr(info, "/etc")
        else:
            z.writestr(name, "evil")
    run_id = blob.parts[-3]
    for mode in ("warn", "error"):
        r = one(
            place,
            f"""
            - uses: actions/download-artifact@v4
              with: {{name: artifact, path: d/d, run-id: {run_id}, github-token: t, digest-mismatch: {mode}}}
            - if: always()
              run: find . ../out ../../out /tmp/out 2>/dev/null || true
            """,
        )
        assert r.code == 1
        assert HOSTILE.get(name, "link is neither a file nor a folder") in r.text
        assert not [line for line in r.lines() if line.endswith("out") or line.endswith("link")]


def test_a_changed_artifact_is_noticed(place: Place) -> None:
    one(place, "- run: echo x >f\n- uses: actions/upload-artifact@v4\n  with: {path: f}")
    blob = blobs(place)[0]
    with zipfile.ZipFile(blob, "a") as z:
        z.writestr("more", "y")
    steps = "- uses: actions/download-artifact@v8\n  with: {name: artifact, run-id: %s, github-token: t%s}"
    sentence = "Artifact 'artifact' digest validation failed. Please verify the integrity of the artifact."
    r = one(place, steps % (blob.parts[-3], ""))
    assert r.code == 1 and sentence in r.text
    r = one(place, steps % (blob.parts[-3], ", digest-mismatch: warn"))
    assert r.code == 0 and sentence in notes(r)
    r = one(place, steps % (blob.parts[-3], ", digest-mismatch: ignore"))
    assert r.code == 0 and sentence not in r.text
    r = one(place, steps % (blob.parts[-3], ", digest-mismatch: maybe"))
    assert r.code == 1 and "Invalid value for 'digest-mismatch': 'maybe'" in r.text


def test_links_in_the_way_stay_in_the_sandbox(place: Place) -> None:
    """Extraction through a link of the job's writes where the job sees it, never on this machine."""
    outside = place.path / "outside"
    r = one(
        place,
        f"""
        - run: mkdir d; echo x >d/f
        - uses: actions/upload-artifact@v4
          with: {{path: d}}
        - run: mkdir -p {outside}; ln -s {outside} got
        - uses: actions/download-artifact@v4
          with: {{name: artifact, path: got}}
        - run: cat {outside}/f
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["x"]
    if any(ev.get("text") == "overlay" for ev in r.events() if ev["kind"] == "job_started"):
        assert not outside.exists()


def test_an_interrupt_ends_an_upload(place: Place) -> None:
    import signal
    import time

    place.workflow(
        """
        on: push
        jobs:
          a:
            runs-on: ubuntu-latest
            steps:
              - run: head -c 300000000 /dev/urandom >big
              - uses: actions/upload-artifact@v4
                with: {path: big, compression-level: 9}
        """
    )
    place.commit()
    slow = subprocess.Popen(
        [str(SLIPWAY), "ci", "--json"], cwd=place.repo, env=place.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    for line in slow.stdout:
        if '"step_started"' in line and "upload-artifact" in line:
            break
    began = time.monotonic()
    slow.send_signal(signal.SIGINT)
    out, err = slow.communicate(timeout=60)
    assert slow.returncode != 0
    assert time.monotonic() - began < 10
    assert "cancelled" in out
    assert blobs(place) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk_is_said(place: Place) -> None:
    small = place.path / "state" / "slipway" / "artifacts"
    small.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(small)]).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        r = one(place, "- run: head -c 20000000 /dev/urandom >big\n- uses: actions/upload-artifact@v4\n  with: {path: big}")
        assert r.code == 1
        assert "No space left on device" in r.text
        assert blobs(place) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_the_run_names_its_artifacts(place: Place) -> None:
    place.workflow(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo hello > f\n"
        "      - uses: actions/upload-artifact@v4\n        with: {name: 'my files', path: f}\n"
    )
    place.commit()
    r = place.ci()
    assert r.code == 0, r.text
    [one] = [ev for ev in r.events() if ev["kind"] == "artifact"]
    blob = Path(one["path"])
    assert (one["name"], one["size"]) == ("my files", blob.stat().st_size)
    assert blob.is_relative_to(place.path / "state" / "slipway" / "artifacts")
    with zipfile.ZipFile(blob) as z:
        assert z.namelist() == ["f"]
    chosen = place.path / "chosen"
    r = place.run("ci", "--artifact-server-path", "../chosen")
    assert re.search(rf"^artifact my files \(\d+ B\): {chosen}/2/1/blob$", r.text, re.M), r.text
    assert (chosen / "2" / "1" / "blob").read_bytes()[:2] == b"PK"
