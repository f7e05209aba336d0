"""Azure Pipelines: tasks for files, artifacts, caches and reports, with real files in real sandboxes."""

from __future__ import annotations

import os
import shutil
import subprocess
import textwrap

import pytest

from conftest import Place, Result, sandbox_mode


def pipeline(place: Place, text: str, *args: str) -> Result:
    place.write("azure-pipelines.yml", textwrap.dedent(text))
    place.commit()
    return place.ci(*args)


def job(place: Place, steps: str, *args: str) -> Result:
    return pipeline(place, "steps:\n" + textwrap.dedent(steps), *args)


def errors(result: Result) -> str:
    return "\n".join(ev["text"] for ev in result.events() if ev["kind"] == "annotation" and ev["level"] == "error")


ODD = """\
- bash: |
    mkdir -p src/deep "src/sp ace" other
    echo a >src/a.txt; echo b >src/deep/b.txt; echo h >src/.hidden; echo q >"src/sp ace/q'\\"
    new.txt"; echo o >other/o.txt; ln -s ../other src/link; ln -s nowhere src/broken
"""


def test_copies_what_patterns_pick(place: Place) -> None:
    done = job(
        place,
        ODD
        + """\
- task: CopyFiles@2
  inputs:
    SourceFolder: src
    Contents: |
      # all texts, those behind links too
      **/*.txt
      .hidden
      !**/b.txt
    TargetFolder: $(Build.ArtifactStagingDirectory)
- bash: cd "$BUILD_ARTIFACTSTAGINGDIRECTORY" && find . -type f -print0 | sort -z | tr '\\n\\0' '=\\n'
""",
    )
    assert done.code == 0, done.text
    assert done.lines()[-4:] == ["./.hidden", "./a.txt", "./link/o.txt", "./sp ace/q'\"=new.txt"]


def test_files_that_are_there_stay_unless_told(place: Place) -> None:
    done = job(
        place,
        """\
        - bash: mkdir src t; echo new >src/f; echo old >t/f; echo more >t/g; touch -d 2020-01-02 src/f
        - task: CopyFiles@2
          inputs: {SourceFolder: src, TargetFolder: t}
        - bash: cat t/f t/g
        - task: CopyFiles@2
          inputs: {SourceFolder: src, TargetFolder: t, OverWrite: true, preserveTimestamp: true}
        - bash: cat t/f t/g; date -r t/f +%F
        - task: CopyFiles@2
          inputs: {SourceFolder: src, TargetFolder: t, Contents: 'nothing*', CleanTargetFolder: true}
        - bash: ls t
        - task: CopyFiles@2
          inputs: {SourceFolder: src, TargetFolder: t, CleanTargetFolder: true}
        - bash: ls t
        """,
    )
    assert done.code == 0, done.text
    assert done.lines() == ["old", "more", "new", "more", "2020-01-02", "f", "g", "f"]


def test_flattened_files_and_folders_in_the_way(place: Place) -> None:
    done = job(
        place,
        """\
        - bash: mkdir -p s/a s/b t/x; echo 1 >s/a/f; echo 2 >s/b/f; echo 3 >s/x
        - task: CopyFiles@2
          inputs: {SourceFolder: s, Contents: '*/f', TargetFolder: first, flattenFolders: true}
        - task: CopyFiles@2
          inputs: {SourceFolder: s, Contents: '*/f', TargetFolder: last, flattenFolders: true, OverWrite: true}
        - bash: cat first/f last/f
        - task: CopyFiles@2
          inputs: {SourceFolder: s, TargetFolder: t}
        """,
    )
    assert done.code == 1
    assert done.lines() == ["1", "2"]
    assert "/t/x, which is a folder" in errors(done)


def test_a_source_that_is_not_there(place: Place) -> None:
    done = job(place, "- task: CopyFiles@2\n  inputs: {SourceFolder: none, TargetFolder: t}\n")
    assert done.code == 1
    assert "Not found SourceFolder: " in errors(done) and "/none" in errors(done)


def test_deletes_files_and_folders(place: Place) -> None:
    done = job(
        place,
        ODD
        + """\
- task: DeleteFiles@1
  inputs:
    SourceFolder: src
    Contents: |
      a.{txt,bin}
      sp ace
      link
      **/.h*
- bash: (cd src && find . | sort); ls other
- task: DeleteFiles@1
  inputs: {SourceFolder: src, Contents: '*', RemoveSourceFolder: true, RemoveDotFiles: true}
- bash: ls -d src || echo gone
- task: DeleteFiles@1
  inputs: {SourceFolder: src, Contents: '*'}
""",
    )
    assert done.code == 0, done.text
    assert done.lines() == [".", "./broken", "./deep", "./deep/b.txt", "o.txt", *done.lines()[5:6], "gone"]


@pytest.mark.parametrize("kind, name", [("zip", "x.zip"), ("tar", "x.tar.gz"), ("7z", "x.7z")])
def test_archives_come_back(place: Place, kind: str, name: str) -> None:
    if kind == "7z" and not any(shutil.which(p) for p in ("7z", "7zz", "7za")):
        done = job(place, f"- bash: mkdir d\n- task: ArchiveFiles@2\n  inputs: {{rootFolderOrFile: d, archiveType: 7z, archiveFile: {name}}}\n")
        assert done.code == 1 and "Unable to locate executable file: '7z'" in errors(done)
        return
    done = job(
        place,
        ODD
        + f"""\
- bash: rm src/broken src/link
- task: ArchiveFiles@2
  inputs: {{rootFolderOrFile: src, archiveType: {kind}, archiveFile: out/{name}}}
- task: ArchiveFiles@2
  inputs: {{rootFolderOrFile: src, includeRootFolder: false, archiveType: {kind}, archiveFile: out/flat{name}}}
- task: ExtractFiles@1
  inputs: {{archiveFilePatterns: out/{name}, destinationFolder: one}}
- task: ExtractFiles@1
  inputs: {{archiveFilePatterns: '**/flat{name}', destinationFolder: two}}
- bash: diff -r src one/src && diff -r src two && echo same
""",
    )
    assert done.code == 0, done.text
    assert done.lines()[-1] == "same"


def test_existing_files_survive_an_extraction(place: Place) -> None:
    done = job(
        place,
        """\
        - bash: mkdir d t; echo new >d/f; echo old >t/f; (cd d && tar -cf ../x.tar f)
        - task: ExtractFiles@1
          inputs: {archiveFilePatterns: x.tar, destinationFolder: t, cleanDestinationFolder: false}
        - bash: cat t/f
        - task: ExtractFiles@1
          inputs: {archiveFilePatterns: x.tar, destinationFolder: t, cleanDestinationFolder: false, overwriteExistingFiles: true}
        - bash: cat t/f
        - task: ExtractFiles@1
          inputs: {archiveFilePatterns: y.tar, destinationFolder: t}
        """,
    )
    assert done.code == 1
    assert [line for line in done.lines() if line in ("old", "new")] == ["old", "new"]
    assert "/y.tar" in errors(done)


PUBLISH = (
    """\
stages:
- stage: Make
  jobs:
  - job: one
    steps:
"""
    + textwrap.indent(ODD.replace("; ln -s nowhere src/broken", ""), "    ")
    + """\
    - bash: |
        mkdir src/.git src/obj; echo g >src/.git/g; echo o >src/obj/o.dll; echo k >src/obj/keep.exe
    - publish: src
      artifact: all
    - bash: printf '%s\\n' '# none' 'obj/*' '!*.exe' '*.txt' >src/.artifactignore
    - publish: src
      artifact: few
    - publish: other
    - task: PublishBuildArtifacts@1
      inputs: {PathtoPublish: other}
    - task: PublishBuildArtifacts@1
      inputs: {PathtoPublish: src/deep/b.txt}
    - bash: echo "##vso[artifact.upload artifactname=drop]$(pwd)/src/a.txt"
"""
)


def test_artifacts_go_from_job_to_job(place: Place) -> None:
    done = pipeline(
        place,
        PUBLISH
        + """\
- stage: Use
  jobs:
  - job: two
    steps:
    - checkout: none
    - download: current
      artifact: all
    - download: current
      artifact: few
    - bash: cd $(Pipeline.Workspace) && find all few -type f -print0 | sort -z | tr '\\n\\0' '=\\n'
    - task: DownloadPipelineArtifact@2
      inputs: {artifact: all, patterns: "**/*.txt\\n!**/b.txt", path: some}
    - bash: find some -type f -print0 | sort -z | tr '\\n\\0' '=\\n'
    - task: DownloadBuildArtifacts@1
      inputs: {artifactName: drop, downloadPath: $(Build.BinariesDirectory)}
    - bash: cd $(Build.BinariesDirectory) && find . -type f | sort
    - task: DownloadPipelineArtifact@2
      inputs: {path: every, patterns: 'drop/*.txt'}
    - bash: find every -type f | sort
  - deployment: ship
    environment: prod
    strategy:
      runOnce:
        deploy:
          steps:
          - bash: ls $(Pipeline.Workspace)
  - deployment: bare
    environment: prod
    strategy:
      runOnce:
        deploy:
          steps:
          - download: none
          - bash: ls $(Pipeline.Workspace)
""",
    )
    assert done.code == 0, done.text
    lines = {name: done.lines(name) for name in done.jobs()}
    two = next(v for k, v in lines.items() if k.endswith("two"))
    assert two == [
        *("all/.hidden", "all/a.txt", "all/deep/b.txt", "all/link/o.txt", "all/obj/keep.exe", "all/obj/o.dll"),
        *("all/sp ace/q'\"=new.txt", "few/.artifactignore", "few/.git/g", "few/.hidden", "few/obj/keep.exe"),
        *("some/a.txt", "some/link/o.txt", "some/sp ace/q'\"=new.txt"),
        *("./drop/a.txt", "./drop/b.txt", "./drop/o.txt"),
        *("every/drop/a.txt", "every/drop/b.txt", "every/drop/o.txt"),
    ]
    ship = next(v for k, v in lines.items() if "ship" in k)
    bare = next(v for k, v in lines.items() if "bare" in k)
    assert {"Make.one", "all", "few", "drop"} <= set(ship)
    assert not {"Make.one", "all", "few", "drop"} & set(bare)


def test_pipeline_artifacts_never_change(place: Place) -> None:
    done = job(
        place,
        """\
        - bash: echo 1 >f
        - publish: f
          artifact: x
        - publish: f
          artifact: x
        - publish: nowhere
          condition: always()
        - publish: f
          artifact: a/b
          condition: always()
        - download: current
          artifact: y
          condition: always()
        """,
    )
    assert done.code == 1
    told = errors(done)
    assert "Artifact x already exists for build " in told
    assert "Path does not exist: " in told
    assert "Artifact name is not valid: a/b" in told
    assert "Artifact y was not found for build " in told and "it has x" in told


def test_legs_publish_into_one_build_artifact(place: Place) -> None:
    done = pipeline(
        place,
        """\
        jobs:
        - job: make
          strategy: {matrix: {a: {n: 1}, b: {n: 2}, c: {n: 3}}}
          steps:
          - bash: echo $(n) >f$(n)
          - task: PublishBuildArtifacts@1
            inputs: {PathtoPublish: 'f$(n)'}
        - job: use
          dependsOn: make
          steps:
          - task: DownloadBuildArtifacts@0
            inputs: {artifactName: drop}
          - bash: cat $(System.ArtifactsDirectory)/drop/f*
        """,
    )
    assert done.code == 0, done.text
    assert done.lines()[-3:] == ["1", "2", "3"]


def test_another_pipelines_artifacts_are_refused_by_name(place: Place) -> None:
    done = job(
        place,
        """\
        - task: DownloadPipelineArtifact@2
          inputs: {buildType: specific, project: p, definition: 7, artifactName: x}
        """,
    )
    assert done.code == 1
    assert "known to the service alone" in errors(done) and "runVersion: specific" in errors(done)


def test_an_earlier_runs_artifacts(place: Place) -> None:
    job(place, "- bash: echo first >f\n- publish: f\n  artifact: x\n")
    done = job(
        place,
        """\
        - task: DownloadPipelineArtifact@2
          inputs: {buildType: specific, project: p, definition: 7, buildVersionToDownload: specific, buildId: 1, artifact: x}
        - bash: cat $(Pipeline.Workspace)/f
        """,
    )
    assert (done.code, done.lines()) == (0, ["first"]), done.text


def test_tar_files_come_back(place: Place) -> None:
    done = job(
        place,
        """\
        - bash: mkdir d; echo 1 >d/f; chmod 755 d/f
        - task: PublishBuildArtifacts@1
          inputs: {PathtoPublish: d, StoreAsTar: true}
        - task: DownloadBuildArtifacts@1
          inputs: {artifactName: drop, downloadPath: there, extractTars: true, cleanDestinationFolder: true}
        - bash: cd there && find . -type f -printf '%P %m\\n'; echo $(DownloadBuildArtifacts.BuildNumber)
        """,
    )
    assert (done.code, done.lines()) == (0, ["drop/f 755", "1"]), done.text


CACHED = """\
- task: Cache@2
  inputs:
    key: 'deps | "$(Agent.OS)" | lock.txt'
    restoreKeys: |
      deps | "$(Agent.OS)"
    path: $(Pipeline.Workspace)/.deps
    cacheHitVar: HIT
- bash: |
    echo "hit $(HIT)"; mkdir -p $(Pipeline.Workspace)/.deps; cd $(Pipeline.Workspace)/.deps; touch "x $(ls | wc -l)"; ls
"""


def test_a_cache_comes_back_by_key_and_by_prefix(place: Place) -> None:
    place.write("lock.txt", "1\n")
    first = job(place, CACHED)
    assert (first.code, first.lines()) == (0, ["hit false", "x 0"]), first.text
    second = place.ci()
    assert (second.code, second.lines()) == (0, ["hit true", "x 0", "x 1"]), second.text
    place.write("lock.txt", "2\n")
    third = place.ci()
    assert third.lines() == ["hit inexact", "x 0", "x 1"], "what the second run added was not kept"
    assert place.ci().lines() == ["hit true", "x 0", "x 1", "x 2"]


def test_nothing_is_kept_of_a_job_that_failed(place: Place) -> None:
    place.write("lock.txt", "1\n")
    failed = job(place, CACHED + "- bash: exit 1\n")
    assert failed.code == 1
    assert "Skipping because the job status was not 'Succeeded'." in failed.text
    assert job(place, CACHED).lines()[0] == "hit false"


def test_a_branch_sees_the_main_ones_cache_and_not_the_other_way(place: Place) -> None:
    place.write("lock.txt", "1\n")
    job(place, CACHED)
    assert place.ci("-b", "topic").lines()[0] == "hit true"
    place.write("lock.txt", "2\n")
    assert place.ci("-b", "topic").lines()[0] == "hit inexact"
    assert place.ci("-b", "topic").lines()[0] == "hit true"
    assert place.ci().lines()[0] == "hit inexact"


def test_a_folder_without_files_is_no_artifact(place: Place) -> None:
    done = job(
        place,
        """\
        - bash: mkdir -p empty/inner
        - {publish: empty, artifact: pipeline}
        - task: PublishBuildArtifacts@1
          inputs: {PathtoPublish: empty, ArtifactName: build}
        """,
    )
    warned = [ev["text"] for ev in done.events() if ev["kind"] == "annotation" and ev["level"] == "warning"]
    assert done.code == 0 and len(warned) == 2 and all("is empty. Nothing will be added" in text for text in warned), done.text
    assert not [ev for ev in done.events() if ev["kind"] == "artifact"]


def test_keys_that_are_refused(place: Place) -> None:
    for key, why in [("a | **", "`**` is a reserved key segment"), ("a | missing.lock", "missing.lock"), ("a | **/*.lock", "No matching files"), ("'!x.y'", "No include")]:
        done = job(place, f"- task: Cache@2\n  inputs: {{key: {key!r}, path: c}}\n" if "'" not in key else f"- task: Cache@2\n  inputs: {{key: {key}, path: c}}\n")
        assert done.code == 1 and why in errors(done), done.text


JUNIT = """\
- bash: |
    cat >TEST-a.xml <<'E'
    <testsuite name="s" tests="3"><testcase classname="t.C" name="ok" time="0.5"/>
    <testcase classname="t.C" name="bad" file="t.py" line="7"><failure message="1 != 2">trace</failure></testcase>
    <testcase classname="t.C" name="later"><skipped/></testcase></testsuite>
    E
    echo '<oops' >TEST-b.xml
"""


def test_test_results_are_summarised(place: Place) -> None:
    done = job(place, JUNIT + "- task: PublishTestResults@2\n  inputs: {testRunTitle: unit}\n")
    assert done.code == 0, done.text
    summaries = [ev["text"] for ev in done.events() if ev["kind"] == "summary"]
    assert summaries == ["tests unit_1: FAILED, 1 passed, 1 failed, 1 skipped, 0.500 s\n"]
    reports = [ev for ev in done.events() if ev["kind"] == "report"]
    assert [(ev["name"], ev["text"], ev["failed"]) for ev in reports] == [
        ("unit_1", "1 passed, 1 failed, 1 skipped in 0.50s", 1)
    ]
    told = [ev for ev in done.events() if ev["kind"] == "annotation"]
    assert [(ev["level"], ev.get("title", "")) for ev in told] == [("error", "t.C bad"), ("warning", "")]
    assert told[0]["text"] == "1 != 2" and "Failed to read" in told[1]["text"]


def test_failed_tests_fail_the_step_when_it_says_so(place: Place) -> None:
    done = job(place, JUNIT + "- task: PublishTestResults@2\n  inputs: {failTaskOnFailedTests: true}\n")
    assert done.code == 1 and "There are one or more test failures detected" in errors(done)
    done = job(place, "- task: PublishTestResults@2\n")
    assert done.code == 0 and "No test result files matching **/TEST-*.xml were found." in done.text
    done = job(place, "- task: PublishTestResults@2\n  inputs: {failTaskOnMissingResultsFile: true}\n")
    assert done.code == 1 and "were found" in errors(done)


def test_coverage_is_summarised(place: Place) -> None:
    done = job(
        place,
        """\
        - bash: |
            mkdir r; echo '<coverage lines-valid="4" lines-covered="3"><packages/></coverage>' >r/coverage.xml
        - task: PublishCodeCoverageResults@2
          inputs: {summaryFileLocation: '**/coverage.xml'}
        - task: PublishCodeCoverageResults@1
          inputs: {codeCoverageTool: Cobertura, summaryFileLocation: none.xml, failIfCoverageEmpty: true}
        """,
    )
    assert done.code == 1
    assert [ev["text"] for ev in done.events() if ev["kind"] == "summary"] == ["coverage: lines 75.0 % (3 of 4)\n"]
    assert [ev["text"] for ev in done.events() if ev["kind"] == "report"] == ["lines 75.0% (3 of 4)"]
    assert "No code coverage files match" in errors(done)


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system needs root")
def test_a_full_disk_is_told(place: Place) -> None:
    if sandbox_mode(place) == "plain":
        pytest.skip("a plain sandbox writes elsewhere")
    state = place.path / "state"
    state.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", str(state)], check=False).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        done = job(place, "- bash: head -c 4000000 /dev/urandom >f\n- publish: f\n  artifact: big\n")
        assert done.code != 0
        assert "No space left on device" in done.text, done.text
    finally:
        subprocess.run(["umount", "-l", str(state)], check=False)


def test_python_stands_in_for_zip_and_unzip(place: Place) -> None:
    done = job(
        place,
        """\
        - bash: rm -f /usr/bin/zip /usr/bin/unzip; command -v zip unzip || echo gone
        - bash: mkdir -p 'd/sub dir'; echo one >'d/a b.txt'; echo two >'d/sub dir/c.txt'
        - task: ArchiveFiles@2
          inputs: {rootFolderOrFile: d, archiveFile: out/x.zip}
        - task: ExtractFiles@1
          inputs: {archiveFilePatterns: out/x.zip, destinationFolder: back}
        - bash: diff -r d back/d && echo same
        """,
    )
    if "gone" not in done.lines():
        pytest.skip("this user's sandbox keeps the programs of the machine")
    assert done.code == 0, done.text
    assert done.lines()[-1] == "same" and not [ev for ev in done.events() if ev["kind"] == "warning"]


@pytest.mark.parametrize("text", [
    "parameters:\n  a: ''\njobs:\n- job: ${{ parameters.a }}x\n  steps:\n  - bash: echo hi\n",
    "steps:\n- script: echo hi\n  name: greet\n",
    "steps:\n- ${{ if true }}:\n  - bash: echo hi\n",
    "parameters:\n- name: a\n  default: x\nstages:\n- stage: ${{ parameters.a }}\n  jobs: []\n",
])
def test_a_template_that_is_named_is_known_by_its_lists(place: Place, text: str) -> None:
    place.write("ci/posix.yml", text)
    place.commit()
    r = place.run("check", "ci/posix.yml")
    assert r.code == 0, r.text
    assert "[GH" not in r.text
