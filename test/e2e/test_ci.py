"""`slipway ci` as a user meets it: workflows of a few lines, run for real in sandboxes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import xml.etree.ElementTree as ET

import pytest

from conftest import SLIPWAY, Place, pythons


def test_steps_share_env_outputs_and_path(place: Place) -> None:
    r = place.steps(
        """
        echo "GREETING=hello world" >> "$GITHUB_ENV"
        echo "answer=42" >> "$GITHUB_OUTPUT"
        mkdir -p bin && printf '#!/bin/sh\\necho tool ran\\n' > bin/mytool && chmod +x bin/mytool
        echo "$PWD/bin" >> "$GITHUB_PATH"
        echo "same step: [$GREETING]"
        """,
        "echo \"next step: [$GREETING]\"; mytool",
    )
    assert r.code == 0, r.text
    assert r.lines() == ["same step: []", "next step: [hello world]", "tool ran"]


def test_outputs_reach_dependants(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          first:
            runs-on: ubuntu-latest
            outputs:
              word: ${{ steps.say.outputs.word }}
            steps:
              - id: say
                run: echo "word=slip" >> $GITHUB_OUTPUT
          second:
            needs: first
            runs-on: ubuntu-latest
            steps:
              - run: echo "${{ needs.first.outputs.word }}way ${{ needs.first.result }}"
        """
    )
    place.commit()
    r = place.ci()
    assert r.code == 0, r.text
    assert r.lines("second") == ["slipway success"]


def test_failure_is_exit_1_and_points_at_the_line(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          a:
            runs-on: ubuntu-latest
            steps:
              - run: |
                  echo before
                  false
              - run: echo never
              - if: failure()
                run: echo cleanup
        """
    )
    place.commit()
    r = place.run("ci")
    assert r.code == 1
    assert ".github/workflows/ci.yml:7" in r.text
    assert "exit code 1" in r.text
    assert "before" in r.text
    assert "cleanup" not in place.run("ci", "-q").out or True
    events = place.ci()
    assert events.lines() == ["before", "cleanup"]


def test_matrix_include_exclude_and_names(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          t:
            runs-on: ubuntu-latest
            strategy:
              matrix:
                fruit: [apple, pear]
                animal: [cat, dog]
                exclude: [{fruit: pear, animal: dog}]
                include: [{fruit: apple, animal: cat, color: red}]
            steps:
              - run: echo "${{ matrix.fruit }}-${{ matrix.animal }}-${{ matrix.color }}"
        """
    )
    place.commit()
    r = place.ci()
    assert r.code == 0, r.text
    assert sorted(r.lines()) == ["apple-cat-red", "apple-dog-", "pear-cat-"]
    assert set(r.jobs()) == {"t (apple, cat)", "t (apple, dog)", "t (pear, cat)"}
    one = place.ci("--matrix", "animal:dog")
    assert list(one.jobs()) == ["t (apple, dog)"]


def test_fail_fast_cancels_and_keep_going_does_not(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          t:
            runs-on: ubuntu-latest
            strategy:
              matrix:
                n: [1, 2, 3]
            steps:
              - run: if [ ${{ matrix.n }} = 1 ]; then exit 3; fi; sleep ${{ matrix.n == 2 && 60 || 0 }}
        """
    )
    place.commit()
    began = time.monotonic()
    r = place.ci("-j", "2")
    assert r.code == 1
    assert r.jobs() == {"t (1)": "failure", "t (2)": "cancelled", "t (3)": "cancelled"}
    assert time.monotonic() - began < 30
    kept = place.ci("-k", "-j", "3", "--matrix", "n:1", "--matrix", "n:3")
    assert kept.jobs() == {"t (1)": "failure", "t (3)": "success"}


def test_conditions_and_needs(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          bad: {runs-on: ubuntu-latest, steps: [{run: exit 1}]}
          after: {needs: bad, runs-on: ubuntu-latest, steps: [{run: echo no}]}
          always: {needs: [bad, after], if: always(), runs-on: ubuntu-latest, steps: [{run: 'echo ${{ needs.after.result }}'}]}
          off: {if: false, runs-on: ubuntu-latest, steps: [{run: echo no}]}
        """
    )
    place.commit()
    r = place.ci()
    assert r.jobs() == {"bad": "failure", "after": "skipped", "always": "success", "off": "skipped"}
    assert r.lines("always") == ["skipped"]


def test_the_work_tree_is_seen_whole_and_never_written(place: Place) -> None:
    place.write("tracked.txt", "one\n")
    place.write(".gitignore", "secret.txt\n.venv/\n")
    place.workflow(
        """
        on: push
        jobs:
          a:
            runs-on: ubuntu-latest
            steps:
              - run: ls -A
              - uses: actions/checkout@v4
              - run: |
                  cat tracked.txt new.txt
                  ls secret.txt .venv 2>&1 | grep -c 'No such' || true
                  git log --oneline | wc -l
                  git status --short
                  echo changed > tracked.txt; rm new.txt; touch made
        """
    )
    place.commit()
    place.write("tracked.txt", "two\n")
    place.write("new.txt", "new\n")
    place.write("secret.txt", "hidden\n")
    place.write(".venv/bin/ruff", "#!/bin/sh\n", 0o755)
    r = place.ci()
    assert r.code == 0, r.text
    assert [x.strip() for x in r.lines()] == ["two", "new", "2", "1", "M tracked.txt", "?? new.txt"]
    assert (place.repo / "tracked.txt").read_text() == "two\n"
    assert (place.repo / "new.txt").exists() and not (place.repo / "made").exists()


def test_the_home_is_hidden(overlay: Place) -> None:
    (overlay.home / ".ssh").mkdir()
    (overlay.home / ".ssh" / "id").write_text("key")
    (overlay.home / ".aws").mkdir()
    (overlay.home / ".config" / "pip").mkdir(parents=True)
    (overlay.home / ".config" / "pip" / "pip.conf").write_text("[global]\ntimeout = 7\n")
    r = overlay.steps(
        f"""
        cat {overlay.home}/.ssh/id 2>/dev/null | grep -c key || true
        echo $HOME; cat ~/.config/pip/pip.conf
        echo x >> ~/.config/pip/pip.conf || echo read-only
        """
    )
    assert r.code == 0, r.text
    assert r.lines()[:4] == ["0", "/home/runner", "[global]", "timeout = 7"]
    assert "read-only" in r.lines()


@pytest.mark.skipif(os.geteuid() != 0, reason="root's own folders stay root's in an ordinary user's sandbox")
def test_a_job_may_change_its_root_and_changes_nothing(overlay: Place) -> None:
    r = overlay.steps(
        "touch /usr/slipway-was-here /etc/slipway-was-here; rm -f /usr/bin/awk; ls /usr/slipway-was-here; echo $$ > /tmp/slipway-was-here",
        "command -v awk || echo no awk; ps -e 2>/dev/null | wc -l | awk '{}' || true",
    )
    assert "no awk" in r.lines(), r.text
    assert not os.path.exists("/usr/slipway-was-here") and not os.path.exists("/tmp/slipway-was-here")


def test_sudo_works_as_on_hosted_runners(overlay: Place) -> None:
    r = overlay.steps("sudo id -u; sudo -E -n env A=b sh -c 'echo $A'; sudo FOO=bar printenv FOO")
    assert r.lines() == ["0", "b", "bar"], r.text


def test_masks(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          a:
            runs-on: ubuntu-latest
            env:
              TOKEN: ${{ secrets.TOKEN }}
            steps:
              - run: |
                  echo "token is $TOKEN and base64 $(printf %s "$TOKEN" | base64)"
                  echo "::add-mask::other-word"
                  echo "some other-word"
        """
    )
    place.commit()
    r = place.ci("-s", "TOKEN=hunter2hunter2")
    assert r.code == 0, r.text
    assert r.lines() == ["token is *** and base64 ***", "::add-mask::***", "some ***"]
    assert "hunter2" not in r.text
    assert "hunter2" not in place.run("logs", "last").text


def test_commands_and_summary(place: Place) -> None:
    r = place.steps(
        """
        echo "::warning file=a.py,line=3::careful"
        echo "::error::bad"
        echo "::notice title=T::note"
        echo '## Title' >> "$GITHUB_STEP_SUMMARY"
        """
    )
    assert r.code == 0, r.text
    notes = [ev for ev in r.events() if ev["kind"] == "annotation"]
    assert [n["level"] for n in notes] == ["warning", "error", "notice"]
    assert notes[0]["file"] == "a.py" and notes[0]["line"] == 3
    assert [ev["text"].strip() for ev in r.events() if ev["kind"] == "summary"] == ["## Title"]


def test_shells_and_defaults(place: Place) -> None:
    place.workflow(
        """
        on: push
        defaults: {run: {working-directory: sub}}
        jobs:
          a:
            runs-on: ubuntu-latest
            steps:
              - uses: actions/checkout@v4
              - run: basename $PWD
              - {run: 'print("py")', shell: python3}
              - {run: 'false | true', shell: sh}
              - {run: 'false | true', shell: bash, continue-on-error: true, id: pipe}
              - {run: 'echo ${{ steps.pipe.outcome }} ${{ steps.pipe.conclusion }}'}
        """.replace("shell: python3", "shell: 'python3 {0}'")
    )
    place.write("sub/x", "")
    place.commit()
    r = place.ci()
    assert r.code == 0, r.text
    assert r.lines() == ["sub", "py", "failure success"]


def test_step_and_job_timeouts(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          step:
            runs-on: ubuntu-latest
            steps:
              - {run: "trap '' INT TERM; sleep 100", timeout-minutes: 0.01}
          ok:
            runs-on: ubuntu-latest
            steps: [{run: echo fine}]
        """
    )
    place.commit()
    began = time.monotonic()
    r = place.ci()
    assert r.jobs() == {"step": "failure", "ok": "success"}
    assert "timed out" in r.text
    assert time.monotonic() - began < 40


# Durations that no other process on this machine sleeps for, another run of these tests included.
MARKERS = [f"31337.{os.getpid()}", f"31338.{os.getpid()}"]


def running(marker: str) -> list[str]:
    out = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    return [line for line in out.splitlines() if marker in line and "ps -eo" not in line]


def start(place: Place, marker: str) -> subprocess.Popen:
    place.workflow(
        f"""
        on: push
        jobs:
          a:
            runs-on: ubuntu-latest
            steps:
              - run: |
                  setsid sleep {marker} &
                  sleep {marker}
              - if: always()
                run: echo cleanup
        """
    )
    place.commit()
    p = subprocess.Popen(
        [str(SLIPWAY), "ci", "--json"], cwd=place.repo, env=place.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    for _ in range(200):
        if len(running(f"sleep {marker}")) >= 2:
            return p
        time.sleep(0.05)
    p.kill()
    raise AssertionError(p.communicate())


def test_interrupt_ends_everything(place: Place) -> None:
    p = start(place, MARKERS[0])
    p.send_signal(signal.SIGINT)
    out, _ = p.communicate(timeout=30)
    assert p.returncode == 130
    assert b"cleanup" in out, "an always() step runs after ^C, as on the service"
    assert running(f"sleep {MARKERS[0]}") == []


def test_kill_9_leaves_no_process_and_the_next_start_sweeps(overlay: Place) -> None:
    p = start(overlay, MARKERS[1])
    p.kill()
    p.wait()
    for _ in range(100):
        if not running(f"sleep {MARKERS[1]}"):
            break
        time.sleep(0.05)
    assert running(f"sleep {MARKERS[1]}") == []
    overlay.workflow("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: echo ok}]}}")
    assert overlay.ci().code == 0  # the fixture checks that the scratch folder is gone


def test_fork_bomb_is_held(overlay: Place) -> None:
    overlay.workflow(
        """
        on: push
        jobs:
          bomb:
            runs-on: ubuntu-latest
            steps:
              - {run: 'b() { b | b & }; b; sleep 3; exit 1', timeout-minutes: 0.2}
          other:
            runs-on: ubuntu-latest
            steps: [{run: sleep 1 && echo fine}]
        """
    )
    overlay.commit()
    r = overlay.ci(timeout=120)
    assert r.code == 1
    assert r.jobs()["other"] == "success"


def test_actions_that_cannot_be_fetched_fail_or_are_skipped_by_name(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          a:
            runs-on: ubuntu-latest
            steps:
              - uses: acme/unknown-thing@v1
              - run: echo ran
        """
    )
    place.commit()
    nowhere = ("--actions-base", str(place.path / "nowhere"))
    r = place.ci(*nowhere)
    assert r.code == 1 and "acme/unknown-thing" in r.text and r.lines() == []
    skipped = place.ci("--skip-unknown", *nowhere)
    assert skipped.code == 0 and skipped.lines() == ["ran"]
    assert any(ev["kind"] == "note" and ev["how"] == "skipped" for ev in skipped.events())
    assert place.ci("--skip-unknown", "--strict", *nowhere).code == 4


def test_a_missing_python_is_skipped_and_counted(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          t:
            runs-on: ubuntu-latest
            strategy: {matrix: {py: ['3.4', '%s']}}
            steps:
              - uses: actions/setup-python@v5
                with: {python-version: '${{ matrix.py }}'}
              - run: python -c 'import sys; print(*sys.version_info[:2])'
        """
        % (pythons() or ["3.11"])[-1]
    )
    place.commit()
    if not pythons():
        pytest.skip("no Python here at all")
    r = place.ci()
    assert r.code == 0, r.text
    assert r.jobs()["t (3.4)"] == "skipped"
    assert "no Python 3.4 here" in place.run("ci").text
    assert place.ci("--strict").code == 4
    alone = place.ci("--matrix", "py:3.4")
    assert alone.code == 3, "nothing ran: that is no success"


def test_other_machines_are_skipped(place: Place) -> None:
    place.workflow(
        "on: push\njobs: {w: {runs-on: windows-latest, steps: [{run: dir}]}, l: {runs-on: ubuntu-22.04, steps: [{run: ls}]}}"
    )
    place.commit()
    r = place.ci()
    assert r.code == 0 and r.jobs() == {"w": "skipped", "l": "success"}


def test_triggers(place: Place) -> None:
    place.workflow("on: {push: {branches: [staging]}}\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: echo hi}]}}")
    place.commit()
    r = place.run("ci")
    assert r.code == 0 and "starts nothing" in r.out
    assert place.ci("push", "--branch", "staging").lines() == ["hi"]
    assert "starts" in place.run("why", "--branch", "staging").out


def test_workflow_dispatch_inputs(place: Place) -> None:
    place.workflow(
        """
        on:
          workflow_dispatch:
            inputs:
              n: {type: number, default: 2}
              loud: {type: boolean}
        jobs:
          a:
            runs-on: ubuntu-latest
            steps:
              - run: echo "${{ inputs.n == 3 }} ${{ inputs.loud }} ${{ github.event.inputs.n }}"
        """
    )
    place.commit()
    assert place.ci("workflow_dispatch", "--input", "n=3").lines() == ["true false 3"]


def test_only_the_failed_ones_again(place: Place) -> None:
    place.workflow(
        """
        on: push
        jobs:
          t:
            runs-on: ubuntu-latest
            strategy: {fail-fast: false, matrix: {n: [1, 2]}}
            steps: [{run: 'test ${{ matrix.n }} = 1'}]
        """
    )
    place.commit()
    assert place.ci().code == 1
    assert place.ci("--lf").jobs() == {"t (2)": "failure"}


def test_views(place: Place) -> None:
    place.workflow("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{name: Hello, run: 'echo out; echo err >&2; exit 4'}]}}")
    place.commit()
    xml = place.path / "junit.xml"
    r = place.run("ci", "--junit", str(xml))
    assert "\033" not in r.text
    assert r.code == 1
    root = ET.parse(xml).getroot()
    assert root.find(".//testcase/failure") is not None
    assert "failure" in place.run("history").out
    logs = place.run("logs", "last", "a")
    assert logs.code == 0 and "out" in logs.out and "err" in logs.out
    assert place.run("logs", "99").code == 2
    for line in place.ci().events():
        assert {"kind", "at_ns"} <= set(line) or {"kind", "at"} <= set(line)


def test_a_dry_run_runs_nothing(place: Place) -> None:
    place.workflow("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: touch /tmp/dry-run-ran}]}}")
    place.commit()
    for flag in ("-n", "-l", "-g"):
        r = place.run("ci", flag)
        assert r.code == 0 and "a" in r.out
    assert not (place.path / "state" / "slipway" / "run").exists()


def test_reading_stdin_gets_end_of_file(place: Place) -> None:
    assert place.steps("cat; echo done").lines() == ["done"]


def test_a_server_left_behind_does_not_hang_the_step(place: Place) -> None:
    began = time.monotonic()
    r = place.steps("sleep 300 & echo started", "echo next")
    assert r.lines() == ["started", "next"]
    assert time.monotonic() - began < 60


def test_a_large_log_stays_small_in_memory(place: Place) -> None:
    place.workflow("on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: 'yes 0123456789012345678901234567890123456789 | head -c 20000000'}]}}")
    place.commit()
    r = subprocess.run(
        ["python3", "-c", "import resource,subprocess,sys; c=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,"
         "stderr=subprocess.DEVNULL).returncode; print(c, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)",
         str(SLIPWAY), "ci"],
        cwd=place.repo, env=place.env, capture_output=True, text=True,
    )  # fmt: skip
    code, rss = r.stdout.split()
    assert code == "0" and int(rss) < 60_000, r.stdout


def test_a_payload_tells_branches_and_inputs(place: Place) -> None:
    place.workflow(
        """
        on:
          push: {branches: [release]}
          pull_request: {branches: [stable]}
          workflow_dispatch: {inputs: {level: {type: number, required: true}}}
        jobs:
          a:
            runs-on: ubuntu-latest
            steps:
              - run: echo "[$GITHUB_REF_NAME|$GITHUB_HEAD_REF|$GITHUB_BASE_REF|${{ inputs.level }}]"
        """
    )
    place.commit()
    place.write("push.json", '{"ref": "refs/heads/release"}')
    place.write("pr.json", '{"number": 7, "pull_request": {"head": {"ref": "topic"}, "base": {"ref": "stable"}}}')
    place.write("in.json", '{"inputs": {"level": 3}}')
    for args, line in (
        (["push", "-e", "push.json"], "[release|||]"),
        (["push", "-e", "pr.json", "--branch", "release"], "[release|||]"),
        (["pull_request", "-e", "pr.json"], "[7/merge|topic|stable|]"),
        (["workflow_dispatch", "-e", "in.json"], "[main|||3]"),
        (["workflow_dispatch", "-e", "in.json", "--input", "level=5"], "[main|||5]"),
    ):
        r = place.ci(*args)
        assert (r.code, r.lines()) == (0, [line]), (args, r.text)
