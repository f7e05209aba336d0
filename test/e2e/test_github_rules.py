"""Rules of GitHub Actions that show at run time only, each run for real and told by what a user sees."""

from __future__ import annotations

import json
import signal
import subprocess
import time

from conftest import SLIPWAY, Place, Result


def indent(text: str, by: int) -> str:
    return "".join(" " * by + line if line.strip() else line for line in text.strip("\n").splitlines(keepends=True))


def dedent(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    by = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    return "\n".join(line[by:] for line in text.splitlines())


def run(place: Place, jobs: str, *args: str, head: str = "on: push", **kw) -> Result:
    """Runs a workflow of these jobs and gives back its events."""
    place.workflow(f"{dedent(head).strip()}\njobs:\n{indent(dedent(jobs), 2)}\n")
    place.commit()
    return place.ci(*args, **kw)


def one(place: Place, steps: str, *args: str, more: str = "", head: str = "on: push", **kw) -> Result:
    """Runs one job of these steps."""
    job = "a:\n  runs-on: ubuntu-latest\n" + indent(dedent(more), 2) + ("\n" if more else "")
    return run(place, job + "  steps:\n" + indent(dedent(steps), 4), *args, head=head, **kw)


def steps(r: Result) -> list[tuple[str, str]]:
    """Result and conclusion of each step that was told of, in order."""
    return [
        (ev["result"], ev.get("conclusion", ev["result"])) for ev in r.events() if ev["kind"] == "step_finished"
    ]


def notes(r: Result, level: str) -> list[str]:
    return [ev["text"] for ev in r.events() if ev["kind"] == "annotation" and ev["level"] == level]


def faults(r: Result) -> list[str]:
    return [ev["error"] for ev in r.events() if ev["kind"] == "step_finished" and ev.get("error")]


def kept(r: Result, kind: str) -> list[dict]:
    return [ev for ev in r.events() if ev["kind"] == kind]


# ---- environments (7.8) ----


def test_env_of_the_inner_level_wins(place: Place) -> None:
    r = one(
        place,
        """
        - run: echo "$A $B $C $D"
          env: {C: step, D: "${{ env.B }}+${{ env.C }}"}
        - run: |
            echo "B=file" >> "$GITHUB_ENV"
            echo "E=new" >> "$GITHUB_ENV"
        - run: echo "$A $B $C $E ${{ env.B }} ${{ env.E }}"
        - run: echo "$B"
          env: {B: step}
        - run: echo "$B"
        """,
        more="env: {B: job, C: job}",
        head="on: push\nenv: {A: root, B: root, C: root}",
    )
    assert r.code == 0, r.text
    assert r.lines() == ["root job step job+job", "root file job new file new", "step", "file"]


def test_variables_of_the_service_cannot_be_overwritten(place: Place) -> None:
    r = one(
        place,
        """
        - run: echo "$GITHUB_SHA" | grep -c fake || true; echo "$CI $GITHUB_ACTIONS $RUNNER_OS"
          env: {GITHUB_SHA: fake, GITHUB_ACTIONS: "no", CI: own, RUNNER_OS: BeOS}
        - run: echo "GITHUB_REF=fake" >> "$GITHUB_ENV"
        - run: echo "$GITHUB_REF ${{ github.ref }} ${{ env.GITHUB_REF }}"
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["0", "own true Linux", "refs/heads/main refs/heads/main fake"]


def test_values_are_given_as_they_are(place: Place) -> None:
    r = one(
        place,
        """
        - env:
            NUMBER: 1.10
            YES: yes
            TRUE: True
            NOTHING:
            LINES: |
              one
              two
            WEIRD: a "b" 'c' $d `e` \\\\f
            LIST: ${{ join(fromJSON('[1,2]')) }}
          run: |
            printf '%s|' "$NUMBER" "$YES" "$TRUE" "$NOTHING" "$LINES" "$WEIRD" "$LIST"
            printenv NOTHING | wc -l | tr -d ' '
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["1.1|yes|true||one", "two", "|a \"b\" 'c' $d `e` \\\\f|1,2|1"]


def test_the_environment_of_the_caller_stays_outside(place: Place) -> None:
    r = one(place, '- run: echo "[${LEAK-}] [${{ env.LEAK }}] [${{ env.PATH }}]"', env={"LEAK": "x"})
    assert r.code == 0, r.text
    assert r.lines() == ["[] [] []"]


def test_contexts_of_a_push(place: Place) -> None:
    r = one(
        place,
        """
        - run: |
            echo "${{ github.event_name }} ${{ github.ref_name }} ${{ github.ref_type }} ${{ github.job }} $GITHUB_JOB"
            echo "${{ github.base_ref }}|${{ github.head_ref }}|${{ github.event.ref }}|${{ github.action }}"
            test "${{ github.sha }}" = "$GITHUB_SHA" && test "$PWD" = "${{ github.workspace }}"
            test "${{ runner.temp }}" = "$RUNNER_TEMP" && test -f "$GITHUB_EVENT_PATH" && echo same
            echo "${{ job.status }} ${{ strategy.job-total }} ${{ strategy.fail-fast }} ${{ runner.os }}"
        - run: echo "${{ github.action }} $GITHUB_ACTION"
        - id: mine
          run: echo "$GITHUB_ACTION"
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == [
        "push main branch a a",
        "||refs/heads/main|__run",
        "same",
        "success 1 true Linux",
        "__run_2 __run_2",
        "mine",
    ]


def test_contexts_and_their_variables(place: Place) -> None:
    """Each member that is exported is the same in both places; files are those of the step itself."""
    exported = (
        "action_ref action_repository actor actor_id triggering_actor api_url graphql_url server_url base_ref head_ref ref "
        "ref_name ref_type ref_protected sha event_name event_path job repository repository_owner repository_id "
        "repository_owner_id run_id run_number run_attempt retention_days workflow workflow_ref workflow_sha workspace "
        "env path output state step_summary action"
    ).split()
    names = {"env": "GITHUB_ENV", "path": "GITHUB_PATH"}
    checks = "\n".join(
        f'test "${{{{ github.{m} }}}}" = "${names.get(m, "GITHUB_" + m.upper())}" || echo differs: {m}' for m in exported
    )
    runner = "\n".join(
        f'test -n "$RUNNER_{m.upper()}" && test "${{{{ runner.{m} }}}}" = "$RUNNER_{m.upper()}" || echo differs: {m}'
        for m in "name os arch temp tool_cache environment workspace".split()
    )
    r = one(
        place,
        "- run: 'true'\n- id: named\n  run: |\n"
        + indent(checks + "\n" + runner, 4)
        + """
    echo "token=[${GITHUB_TOKEN-}] [${GITHUB_EVENT-}] [${GITHUB_REPOSITORYURL-}] ${{ github.repositoryUrl }} ${{ github.server_url }}"
    echo "$AGENT_TOOLSDIRECTORY $RUNNER_WORKSPACE ${RUNNER_DEBUG-no}[${{ runner.debug }}] $(printenv | grep -c ^ACTIONS_)"
    echo "$RUNNER_TRACKING_ID" | grep -cE '^github_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    echo "${{ job.status }} ${{ job.workflow_file_path }} ${{ job.workflow_ref == github.workflow_ref }} [${{ job.container.id }}]"
    echo "${{ toJSON(matrix) }} ${{ toJSON(inputs) }} ${{ toJSON(needs) }}" ${{ strategy.fail-fast }} ${{ strategy.job-index }} ${{ strategy.job-total }} ${{ strategy.max-parallel }}
    echo mine=yes >> "${{ github.output }}"; echo LATE=yes >> "${{ github.env }}"; cat
- run: echo "${{ steps.named.outputs.mine }} $LATE ${{ steps.named.outcome }} [${{ steps.__run.outcome }}]"
- run: python3 -c 'import json, os; e = json.load(open(os.environ["GITHUB_EVENT_PATH"])); print(e["ref"], e["head_commit"]["message"], e["sender"]["login"] == os.environ["GITHUB_ACTOR"])'
""",
        "-s",
        "GITHUB_TOKEN=ghx-0123456789",
    )
    assert r.code == 0, r.text
    repo = "git://github.com/%s.git" % [ln for ln in r.lines() if ln.startswith("token")][0].split("github.com/")[1].split(".git")[0]
    assert r.lines() == [
        f"token=[] [] [] {repo} https://github.com",
        "/opt/hostedtoolcache /home/runner/work/repo no[] 0",
        "1",
        "success .github/workflows/ci.yml true []",
        "null null {} true 0 1 1",
        "yes yes success []",
        "refs/heads/main work True",
    ]


def test_debug_logs(place: Place) -> None:
    """ACTIONS_STEP_DEBUG, a variable or a secret: debug lines are shown, commands are echoed."""
    steps = """
        - run: |
            echo "::debug::seen $W"; echo "##[debug]seen too"
            echo "::group::G"; echo "$RUNNER_DEBUG ${{ runner.debug }}"; echo "::endgroup::"
          env: {W: "${{ secrets.W }}"}
        """
    r = one(place, steps, "--var", "ACTIONS_STEP_DEBUG=true", "-s", "W=sesame-open")
    assert r.code == 0, r.text
    assert r.lines() == ["##[debug]seen ***", "##[debug]seen too", "::group::G", "1 1", "::endgroup::"]
    r = one(place, steps, "-s", "W=sesame-open")
    assert r.lines() == [" "]


def test_scripts_around_jobs(place: Place) -> None:
    """ACTIONS_RUNNER_HOOK_JOB_*, of --env alone: they run around all steps, and with the means of steps."""
    place.path.chmod(0o755)
    started = "/home/runner/work/_temp/started.sh"
    hook = place.path / "it's a hook.sh"
    hook.write_text('echo "$PWD|$-|$GITHUB_JOB"; echo HOOKED=yes >> "$GITHUB_ENV"\n')
    body = """
        - run: echo "[$HOOKED]"; exit 1
        - {run: echo no}
        - {run: echo yes, if: always()}
        """
    own = "env: {ACTIONS_RUNNER_HOOK_JOB_STARTED: /none.sh}"
    r = one(place, body, "--env", f"ACTIONS_RUNNER_HOOK_JOB_COMPLETED={started}", more=own)
    assert r.code == 1 and r.lines()[:2] == ["[]", "yes"], r.text
    names = [ev["name"] for ev in kept(r, "step_started")]
    assert "Set up runner" not in names and names[-1] == "Complete runner"
    assert faults(r) == ["Process completed with exit code 1."] * 2
    assert f"bash: {started}: No such file or directory" in r.lines()
    r = one(place, body, "--env", "ACTIONS_RUNNER_HOOK_JOB_STARTED=/opt/hook", more=own)
    assert r.code == 1 and r.lines() == ["yes"], r.text
    assert faults(r)[0] == "/opt/hook is not a valid path to a script. Make sure it ends in '.sh' or '.ps1'."
    r = one(place, body, "--sandbox", "plain", "--env", f"ACTIONS_RUNNER_HOOK_JOB_STARTED={hook}")
    assert r.lines()[0].endswith("/home/runner/work/repo/repo|ehB|a") and r.lines()[1:] == ["[yes]", "yes"], r.text


def test_variables_with_and_without_case(place: Place) -> None:
    r = one(
        place,
        """
        - run: printf 'low=1\\nLOW=2\\nwith-dash=3\\nwith.dot=4\\nGITHUB_SHA=x\\nRUNNER_OS=BeOS\\nCI=\\n' >> "$GITHUB_ENV"
        - run: |
            echo "$low $LOW ${{ env.low }} ${{ env.LOW }} [${{ env.Low }}] $(printenv with-dash with.dot | tr '\\n' ' ')"
            echo "$RUNNER_OS ${{ env.RUNNER_OS }} [$CI]"
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["1 2 1 2 [] 3 4 ", "Linux BeOS []"]


# ---- file commands (8) ----


def test_heredocs_of_file_commands(place: Place) -> None:
    r = one(
        place,
        r"""
        - id: x
          run: |
            { echo 'LINES<<END OF IT'; echo one; echo ' END OF IT'; echo; echo two=2; echo 'END OF IT'; } >> "$GITHUB_ENV"
            { echo 'A=1<<2'; echo; echo 'S = spaced '; printf 'cr=x\r\n'; printf 'last=unended'; } >> "$GITHUB_OUTPUT"
            { echo 'empty<<E'; echo E; } >> "$GITHUB_ENV"
        - run: |
            printf '%s\n' "$LINES"; echo "[$empty]"
            echo "[${{ steps.x.outputs.A }}] [${{ steps.x.outputs['S '] }}] ${{ steps.x.outputs.last }} ${{ steps.x.outputs.LAST }}"
            printf '%s' '${{ toJSON(steps.x.outputs.cr) }}'
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == [
        "one", " END OF IT", "", "two=2", "[]", "[1<<2] [ spaced ] unended unended", '"x\\r"',
    ]


def bad_file(place: Place, command: str) -> Result:
    return one(
        place,
        f"""
        - id: bad
          continue-on-error: true
          run: |
            echo first=1 >> "$GITHUB_ENV"
            {command} >> "$GITHUB_ENV"
            echo last=1 >> "$GITHUB_ENV"
            echo out=1 >> "$GITHUB_OUTPUT"
        - run: echo "[$first] [$last] [${{{{ steps.bad.outputs.out }}}}] ${{{{ steps.bad.outcome }}}}"
        """,
    )


def test_a_bad_line_fails_the_step_and_keeps_what_came_before(place: Place) -> None:
    r = bad_file(place, "echo 'no equals sign'")
    assert r.code == 0, r.text
    assert r.lines() == ["[1] [] [1] failure"]
    assert "Unable to process file command 'env' successfully." in notes(r, "error")
    assert "Invalid format 'no equals sign'" in notes(r, "error")


def test_a_delimiter_that_never_comes(place: Place) -> None:
    r = bad_file(place, "printf 'A<<EOF\\nx\\n'")
    assert r.lines() == ["[1] [] [1] failure"]
    assert "Invalid value. Matching delimiter not found 'EOF'" in notes(r, "error")


def test_empty_names_and_delimiters(place: Place) -> None:
    for line, message in (
        ("=x", "Invalid format '=x'. Name must not be empty"),
        ("<<E", "Invalid format '<<E'. Name must not be empty and delimiter must not be empty"),
        ("A<<", "Invalid format 'A<<'. Name must not be empty and delimiter must not be empty"),
    ):
        r = bad_file(place, f"echo '{line}'")
        assert r.lines() == ["[1] [] [1] failure"], r.text
        assert message in notes(r, "error")


def test_a_last_line_without_a_newline_in_a_heredoc(place: Place) -> None:
    r = one(place, """- run: printf 'A<<EOF\\nx' >> "$GITHUB_ENV" """)
    assert r.code == 1
    assert "Invalid value. EOF marker missing new line." in notes(r, "error")


def test_node_options_are_dropped(place: Place) -> None:
    r = one(
        place,
        """
        - run: printf 'NODE_OPTIONS=x\\nOTHER=y\\n' >> "$GITHUB_ENV"
        - run: echo "[${NODE_OPTIONS-}] [$OTHER]"
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["[] [y]"]
    assert notes(r, "error") == ["Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command."]


def test_paths_stack_up(place: Place) -> None:
    r = one(
        place,
        """
        - run: |
            printf '/first\\n\\n/second\\n' >> "$GITHUB_PATH"
            case $PATH in */first*) echo early;; esac
        - run: echo /first >> "$GITHUB_PATH"
        - run: echo "$PATH" | cut -d ':' -f1,2
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["/first:/second"]


def test_file_commands_of_a_failed_step_count(place: Place) -> None:
    r = one(
        place,
        """
        - id: x
          run: echo a=b >> "$GITHUB_OUTPUT"; exit 7
        - if: failure()
          run: echo "${{ steps.x.outputs.a }} ${{ job.status }}"
        """,
    )
    assert r.code == 1
    assert r.lines() == ["b failure"]
    assert any("exit code 7" in x for x in faults(r)), faults(r)


def test_summaries(place: Place) -> None:
    r = one(
        place,
        """
        - run: printf '# One\\nwith ${{ secrets.WORD }}\\n' >> "$GITHUB_STEP_SUMMARY"
        - run: echo more >> "$GITHUB_STEP_SUMMARY"; test "$(wc -l < "$GITHUB_STEP_SUMMARY")" -eq 1
        - run: head -c 1100000 /dev/zero | tr '\\\\0' x >> "$GITHUB_STEP_SUMMARY"
        """,
        "-s",
        "WORD=sesame-open",
    )
    assert r.code == 0, r.text
    assert [ev["text"].strip() for ev in kept(r, "summary")] == ["# One\nwith ***", "more"]
    assert len(notes(r, "error")) == 1


# ---- workflow commands (9) ----


def test_properties_and_escapes_of_commands(place: Place) -> None:
    r = one(
        place,
        """
        - run: |
            echo '::warning file=a%2Cb.py,line=3,endLine=5,title=T%3A x::two%0Alines 100%25 %250A'
            echo '  ::ERROR ::indented and in capitals'
            echo 'x ::notice::not at the start'
            echo '::nonsense::plain'
            echo '##[notice]the old form'
            echo 'text ##[warning line=9;]the old form may stand anywhere'
            echo '::notice line=5,endLine=3::dropped lines'
            echo '::notice line=5,endLine=6,col=1,endColumn=2::dropped columns'
            echo '::error::on stderr' >&2
        """,
    )
    assert r.code == 0, r.text
    found = kept(r, "annotation")
    assert (found[0]["text"], found[0]["file"], found[0]["title"]) == ("two\nlines 100% %0A", "a,b.py", "T: x")
    assert (found[0]["line"], found[0]["end_line"]) == (3, 5)
    assert sorted((ev["level"], ev["text"]) for ev in found[1:]) == sorted([
        ("error", "indented and in capitals"),
        ("notice", "the old form"),
        ("warning", "the old form may stand anywhere"),
        ("notice", "dropped lines"),
        ("notice", "dropped columns"),
        ("error", "on stderr"),
    ])
    by_text = {ev["text"]: ev for ev in found}
    assert "line" not in by_text["dropped lines"] and "column" not in by_text["dropped columns"]
    assert by_text["dropped columns"]["line"] == 5 and by_text["dropped columns"]["end_line"] == 6
    assert "x ::notice::not at the start" in r.lines() and "::nonsense::plain" in r.lines()


def test_old_outputs_and_state_still_work(place: Place) -> None:
    r = one(
        place,
        """
        - id: x
          run: |
            echo '::set-output name=a::100%25'
            echo '::set-output name=Foo::bar'
        - run: echo "${{ steps.x.outputs.a }} ${{ steps.x.outputs.foo }} [${{ steps.x.outputs.unset }}]"
        """,
    )
    assert r.code == 0, r.text
    assert r.lines()[-1] == "100% bar []"
    assert any("set-output" in w for w in notes(r, "warning"))


def test_set_env_and_add_path_are_refused(place: Place) -> None:
    r = one(
        place,
        """
        - run: echo '::set-env name=A::b'
          continue-on-error: true
        - run: echo "::add-path::/x"
          continue-on-error: true
        - run: echo '::set-env name=A::b'
          env: {ACTIONS_ALLOW_UNSECURE_COMMANDS: "true"}
        - run: echo "[$A]"
        """,
    )
    assert r.code == 0, r.text
    assert steps(r) == [("failure", "success"), ("failure", "success"), ("success", "success"), ("success", "success")]
    assert r.lines()[-1] == "[b]"


def test_stopped_commands_are_plain_text(place: Place) -> None:
    r = one(
        place,
        """
        - run: |
            echo '::stop-commands::magic-word'
            echo '::warning::not one'
            echo '::MAGIC-word::'
            echo '::warning::one'
        - run: echo '::stop-commands::warning'
          continue-on-error: true
        - run: echo '::stop-commands::'
          continue-on-error: true
        """,
    )
    assert notes(r, "warning") == ["one"]
    assert "::warning::not one" in r.lines()
    assert len(notes(r, "error")) >= 2


def test_stopping_ends_with_the_step(place: Place) -> None:
    r = one(place, "- run: echo '::stop-commands::abcdefgh'\n- run: echo '::warning::heard'")
    assert notes(r, "warning") == ["heard"]


def test_echo_shows_commands(place: Place) -> None:
    r = one(
        place,
        """
        - run: |
            echo '::notice::silent'
            echo '::echo::on'
            echo '::add-mask::hidden-word'
            echo '::group::G'
            echo '::endgroup::'
            echo '::echo::off'
            echo '::debug::nothing'
        """,
    )
    assert r.code == 0, r.text
    assert "::add-mask::***" in r.lines()
    assert not any("silent" in line for line in r.lines())
    assert not any("nothing" in line for line in r.lines())
    assert "::group::G" in r.lines() and "::endgroup::" in r.lines()
    assert "G" in [ev["text"] for ev in kept(r, "group")]


def test_an_error_command_fails_nothing(place: Place) -> None:
    r = one(place, "- run: echo '::error::bad'\n- run: echo \"${{ job.status }}\"")
    assert r.code == 0 and r.lines() == ["success"]


def test_ten_annotations_of_a_kind_are_kept(place: Place) -> None:
    r = one(place, "- run: for i in $(seq 15); do echo \"::warning::w$i\"; echo \"::notice::n$i\"; done")
    assert r.code == 0, r.text
    assert notes(r, "warning") == [f"w{i}" for i in range(1, 11)]
    assert len(notes(r, "notice")) == 10


def test_places_of_annotations_are_mended(place: Place) -> None:
    r = one(
        place,
        """
        - run: |
            echo "::error file=$GITHUB_WORKSPACE/x/y.py,line=3,x=y::whole path"
            echo "::notice endLine=4,endColumn=9::ends are beginnings"
            echo "::notice col=4,endColumn=9::columns need a line"
            echo "::notice line=1,col=5,endColumn=3::backwards"
            echo "::notice FILE=a.py,Line=7,title=::case"
            echo "::notice,title=x::no command"
            echo "##[error file=b.py;line=2]semi%3Bcolon %5D"
        """,
    )
    assert r.code == 0, r.text
    keys = ("file", "line", "column", "end_line", "end_column", "title")
    assert [(ev["text"], *(ev.get(k) for k in keys)) for ev in kept(r, "annotation")] == [
        ("whole path", "x/y.py", 3, None, None, None, None),
        ("ends are beginnings", None, 4, 9, 4, 9, None),
        ("columns need a line", None, None, None, None, None, None),
        ("backwards", None, 1, None, None, None, None),
        ("case", "a.py", 7, None, None, None, None),
        ("semi;colon ]", "b.py", 2, None, None, None, None),
    ]
    assert r.lines() == ["::notice,title=x::no command"]


def test_commands_that_cannot_be_carried_out(place: Place) -> None:
    """Each fails its step in spite of exit status 0, with the service's two sentences."""
    wrong = {
        "::set-output::x": "Required field 'name' is missing in ##[set-output] command.",
        "::save-state name=::x": "Required field 'name' is missing in ##[save-state] command.",
        "::add-matcher::": "File path must be specified.",
        "::add-matcher::none.json": "Could not find file '/home/runner/work/repo/repo/none.json'",
        "::remove-matcher::": "Either a matchers file path or an owner must be specified.",
        "::echo::maybe": "Invalid echo command value. Possible values can be: 'on', 'off'. Current value is: 'maybe'",
        "::stop-commands::pause-logging": "You cannot use a endToken that is an empty string, the string 'pause-logging', "
        "or another workflow command. Or opt into insecure command execution by setting the "
        "`ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS` environment variable to `true`.",
    }
    r = one(place, "\n".join(f"- {{run: \"echo '{line}'\", continue-on-error: true}}" for line in wrong))
    assert r.code == 0, r.text
    assert steps(r) == [("failure", "success")] * len(wrong)
    expected = [x for line, why in wrong.items() for x in (f"Unable to process command '{line}' successfully.", why)]
    assert notes(r, "error") == expected


def test_tokens_of_stop_commands(place: Place) -> None:
    """Short ones show, longer ones are masked; nothing but the token counts; names of commands may be allowed."""
    r = one(
        place,
        """
        - run: |
            echo '::stop-commands::ab'
            echo '##[notice]off'; echo '::stop-commands::other'; echo '::other::'
            echo 'behind ##[AB]'
            echo '::notice::on'
            echo '::stop-commands::long-token'; echo '::add-mask::visible-word'; echo '::long-token::'; echo visible-word
        - run: |
            echo '::stop-commands::warning'; echo '::notice::off'; echo '::warning::'; echo '::warning::heard'
          env: {ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS: true}
        """,
    )
    assert r.code == 0, r.text
    assert notes(r, "notice") == ["on"] and notes(r, "warning") == ["heard"]
    assert r.lines()[:9] == [
        "::stop-commands::ab", "##[notice]off", "::stop-commands::other", "::other::", "behind ##[AB]",
        "::stop-commands::***", "::add-mask::visible-word", "::***::", "visible-word",
    ]


def test_a_long_summary_only_is_too_long(place: Place) -> None:
    r = one(
        place,
        """
        - run: head -c 1048576 /dev/zero | tr '\\0' x >> "$GITHUB_STEP_SUMMARY"
        - run: head -c 1048577 /dev/zero | tr '\\0' x >> "$GITHUB_STEP_SUMMARY"; rm "$GITHUB_OUTPUT" "$GITHUB_PATH"
        """,
    )
    assert r.code == 0, r.text
    assert [len(ev["text"]) for ev in kept(r, "summary")] == [1048576]
    assert notes(r, "error") == ["$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k, got 1025k."]


# ---- masks (9.4) ----


def test_masks_of_many_lines_and_forms(place: Place) -> None:
    secrets = place.path / "secrets"
    secrets.write_text('KEY="first-line-of-key\\nsecond-line-of-key"\n')
    secrets.chmod(0o600)
    r = one(
        place,
        """
        - run: |
            echo "$KEY"
            echo "second-line-of-key alone"
            printf '%s' "$WORD" | base64
            printf 'x%s' "$WORD" | base64 | cut -c1-30
            printf '%s' "$WORD" | sed 's/&/%26/; s/ /%20/'
            echo
            echo "adjacent: $WORD$WORD."
            echo "::add-mask::one%0Atwo-word"
            echo "said two-word"
            echo "::add-mask::"
          env: {KEY: "${{ secrets.KEY }}", WORD: "${{ secrets.WORD }}"}
        """,
        "--secret-file",
        "../secrets",
        "-s",
        "WORD=tom & jerry",
        env={},
    ) if (place.path / "secrets").write_text('KEY="first-line-of-key\\nsecond-line-of-key"\n') else None
    assert r.code == 0, r.text
    lines = r.lines()
    assert lines[:3] == ["***", "***", "*** alone"], lines
    assert "tom & jerry" not in r.text and "tom%20%26%20jerry" not in r.text
    assert "adjacent: ***." in lines and "said ***" in lines
    assert "dG9tICYgamVycnk" not in r.text
    assert any("empty string" in w for w in notes(r, "warning"))


def test_masks_across_writes_and_without_a_newline(place: Place) -> None:
    r = one(
        place,
        """
        - run: |
            python3 -c 'import sys, time
            for part in ("say ses", "ame-", "open now", chr(10), "x" * 70000, "sesame-open", "y" * 70000, chr(10), "sesame-", "open"):
                sys.stdout.write(part); sys.stdout.flush(); time.sleep(0.02)'
            """,
        "-s",
        "WORD=sesame-open",
        more="env: {W: '${{ secrets.WORD }}'}",
    )
    assert r.code == 0, r.text
    assert "sesame-open" not in "".join(ev["text"] for ev in kept(r, "output"))
    assert r.lines()[0] == "say *** now" and r.lines()[-1] == "***"


def test_masks_where_texts_are_cut(place: Place) -> None:
    """Long lines are shown in parts and annotations are cut; no part of a secret shows at the seams."""
    r = one(
        place,
        """
        - run: |
            python3 -c 'import os, sys
            word = os.environ["W"]
            print("x" * 65530 + word + "y" * 9)
            print(word * 9000)
            print("::error::" + "x" * 4090 + word)
            print("::error file=%s.py,title=%s::%s" % (word, word, "é" * 3000))
            sys.stdout.write("x" * 131066 + word)'
        """,
        "-s",
        "WORD=sesame-open",
        more="env: {W: '${{ secrets.WORD }}'}",
    )
    assert r.code == 0, r.text
    shown = "|".join([ev["text"] for ev in kept(r, "output")] + [str(ev) for ev in kept(r, "annotation")])
    assert not any(part in shown for part in ("ses", "ame-", "-open", "pen")), shown[-200:]
    assert notes(r, "error")[0] == ("x" * 4090 + "***")[:4096]
    assert notes(r, "error")[1] == "é" * 2048


def test_masks_reach_names_errors_and_outputs(place: Place) -> None:
    r = run(
        place,
        """
        a:
          runs-on: ubuntu-latest
          outputs:
            leak: x-${{ steps.s.outputs.v }}
            fine: plain
            empty: ${{ steps.s.outputs.none }}
          steps:
            - id: s
              name: step ${{ secrets.WORD }}
              run: |
                echo "v=$W" >> "$GITHUB_OUTPUT"
                echo "::error::about $W"
                echo "bad $W" > /dev/null
              env: {W: "${{ secrets.WORD }}"}
            - run: echo '${{ secrets.WORD }}=' >> "$GITHUB_ENV"; echo '${{ secrets.WORD }}' >> "$GITHUB_ENV"
              continue-on-error: true
        b:
          needs: a
          runs-on: ubuntu-latest
          steps:
            - run: echo '[${{ needs.a.outputs.leak }}] ${{ needs.a.outputs.fine }} ${{ toJSON(needs.a.outputs) }}'
        """,
        "-s",
        "WORD=sesame-open",
    )
    assert r.code == 0, r.text
    assert "sesame" not in r.text
    assert r.lines("b") == ["[] plain {", '  "fine": "plain"', "}"]
    assert any("Skip output 'leak' since it may contain secret." in x for x in notes(r, "warning")), r.text


# ---- steps (7) ----


def test_outcome_and_conclusion(place: Place) -> None:
    r = one(
        place,
        """
        - {id: ok, run: "true"}
        - {id: bad, run: exit 3, continue-on-error: true}
        - {id: off, run: "true", if: false}
        - run: echo "${{ steps.ok.outcome }} ${{ steps.bad.outcome }}/${{ steps.bad.conclusion }} ${{ steps.off.outcome }} ${{ job.status }} ${{ steps.later.outcome }}"
        - {id: dyn, run: exit 1, continue-on-error: "${{ steps.off.outcome == 'skipped' }}"}
        - {id: later, run: "true"}
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["success failure/success skipped success "]


def test_status_functions_of_steps(place: Place) -> None:
    r = one(
        place,
        """
        - {run: echo 1}
        - {run: echo 2, if: failure()}
        - {run: exit 1}
        - {run: echo 4}
        - {run: echo 5, if: failure()}
        - {run: echo 6, if: always()}
        - {run: echo 7, if: "true"}
        - {run: echo 8, if: "${{ !cancelled() }}"}
        - {run: echo 9, if: "success() || failure()"}
        - {run: echo 10, if: "contains(failure(), 'true')"}
        """,
    )
    assert r.code == 1
    assert r.lines() == ["1", "5", "6", "8", "9", "10"]


def test_a_condition_that_cannot_be_evaluated_fails_its_step(place: Place) -> None:
    r = one(place, "- {run: echo no, if: \"fromJSON(env.NOTHING)\"}\n- {run: echo no}\n- {run: echo yes, if: always()}")
    assert r.code == 1 and r.lines() == ["yes"]


def test_env_that_cannot_be_evaluated_fails_its_step(place: Place) -> None:
    r = one(place, "- {run: echo no, env: {A: \"${{ fromJSON('') }}\"}}\n- {run: echo yes, if: failure()}")
    assert r.code == 1 and r.lines() == ["yes"]


def test_shells(place: Place) -> None:
    r = one(
        place,
        """
        - run: "false | true; echo unset goes on"
        - run: "false | true; echo no"
          shell: bash
          continue-on-error: true
        - run: "echo $0 | grep -c bash || true; false | true; echo sh goes on"
          shell: sh
        - run: |
            import os
            print("python", os.environ["A"])
          shell: python
          env: {A: b}
        - run: 'print "custom\\n"; print "$ARGV[0]\\n";'
          shell: perl {0} "an argument"
        - run: "false; echo bash without -e"
          shell: bash {0}
        - run: set -o | grep -E '^(errexit|pipefail)' | tr -s ' \\t' ' '
          shell: Bash
        - run: set -o | grep -E '^(errexit|pipefail)' | tr -s ' \\t' ' '
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == [
        "unset goes on", "0", "sh goes on", "python b", "custom", "an argument", "bash without -e",
        "errexit on", "pipefail on", "errexit on", "pipefail off",
    ]


def test_ends_of_processes(place: Place) -> None:
    """A signal is 128 and its number; standard input is at its end; the head of the log tells what runs."""
    r = one(
        place,
        """
        - {run: kill -9 $$, continue-on-error: true}
        - {run: exit 300, continue-on-error: true}
        - {run: "cat; echo $1$2", shell: "bash -e {0} x 'y z'", env: {A: "1\\n2"}}
        """,
    )
    assert faults(r) == ["Process completed with exit code 137.", "Process completed with exit code 44."]
    assert r.lines() == ["x'y"]
    head = [ev["text"] for ev in kept(r, "output") if ev["stream"] == "slipway" and ev["step"] == 3]
    assert head[0] == "cat; echo $1$2" and head[1].startswith("shell: /") and head[1].endswith("/bash -e {0} x 'y z'")
    assert head[2:] == ["env:", "  A: 1", "2"]


def test_a_shell_that_is_not_here(place: Place) -> None:
    r = one(place, "- {run: ls, shell: 'no-such-shell {0}'}\n- {run: echo after, if: failure()}")
    assert r.code == 1 and r.lines() == ["after"]
    assert "no-such-shell" in " ".join(faults(r) + notes(r, "error")), r.text


def test_defaults_and_working_directories(place: Place) -> None:
    place.write("sub/inner/x", "")
    r = one(
        place,
        """
        - uses: actions/checkout@v4
        - run: basename "$PWD"; echo "$0" | grep -c '[.]sh' || true
        - {run: basename $PWD, working-directory: sub/inner}
        - {run: echo $PWD, working-directory: /}
        - {run: basename $PWD, working-directory: "${{ env.WHERE }}"}
        - {run: echo no, working-directory: missing, continue-on-error: true, id: gone}
        - run: echo "${{ steps.gone.outcome }}"
        """,
        more="env: {WHERE: sub/inner}\ndefaults: {run: {working-directory: sub}}",
        head="on: push\ndefaults: {run: {shell: sh, working-directory: nowhere}}",
    )
    assert r.code == 0, r.text
    assert r.lines() == ["sub", "1", "inner", "/", "inner", "failure"]
    assert "missing" in " ".join(faults(r) + notes(r, "error")), r.text


def test_a_step_that_takes_too_long(place: Place) -> None:
    began = time.monotonic()
    r = one(
        place,
        """
        - {id: slow, name: Slow one, run: sleep 30, timeout-minutes: 0.01, continue-on-error: true}
        - {run: "echo ${{ steps.slow.outcome }} ${{ steps.slow.conclusion }}"}
        - {run: sleep 30, timeout-minutes: "${{ fromJSON('0.01') }}"}
        """,
    )
    assert time.monotonic() - began < 20
    assert r.code == 1
    assert r.lines() == ["failure success"]
    assert any("'Slow one' has timed out" in x for x in faults(r) + notes(r, "error")), r.text


def test_a_job_that_takes_too_long(place: Place) -> None:
    r = run(
        place,
        """
        slow:
          runs-on: ubuntu-latest
          timeout-minutes: 0.01
          steps:
            - run: sleep 30
            - {run: echo no}
            - {run: echo cleanup, if: always()}
        """,
    )
    assert r.code == 1
    assert r.lines() == ["cleanup"]
    assert "maximum execution time" in r.text


def test_leftover_processes_hold_no_step(place: Place) -> None:
    began = time.monotonic()
    r = one(place, "- run: sleep 60 &\n- run: echo next")
    assert r.code == 0 and r.lines() == ["next"], r.text
    assert time.monotonic() - began < 20


def test_a_line_without_newline_and_carriage_returns(place: Place) -> None:
    r = one(place, "- run: printf 'a\\r\\nb\\n\\nc::notice::x\\n::notice::last'")
    assert r.lines() == ["a", "b", "", "c::notice::x"]
    assert notes(r, "notice") == ["last"]


def test_hash_files(place: Place) -> None:
    import hashlib

    place.write("a.txt", "a")
    place.write("d/b.txt", "b")
    place.write("d/.hidden.txt", "h")
    digest = lambda *texts: hashlib.sha256(b"".join(hashlib.sha256(t.encode()).digest() for t in texts)).hexdigest()
    r = one(
        place,
        """
        - uses: actions/checkout@v4
        - run: |
            echo "${{ hashFiles('a.txt') }}"
            echo "${{ hashFiles('**/*.txt', '!**/.hidden.txt') }}"
            echo "${{ hashFiles('d') }}"
            echo "[${{ hashFiles('nothing/**') }}]"
            echo "${{ hashFiles('**/b.txt') == hashFiles('d/b.txt') }}"
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == [digest("a"), digest("a", "b"), digest("h", "b"), "[]", "true"]


def test_hash_files_and_links(place: Place) -> None:
    import hashlib

    place.write("real/a.txt", "a")
    (place.repo / "folder").symlink_to("real")
    (place.repo / "file").symlink_to("real/a.txt")
    digest = hashlib.sha256(hashlib.sha256(b"a").digest()).hexdigest()
    r = one(
        place,
        """
        - uses: actions/checkout@v4
        - run: |
            echo "[${{ hashFiles('folder/**') }}]"
            echo "${{ hashFiles('--follow-symbolic-links', 'folder/**') }}"
            echo "${{ hashFiles('file') }}"
            echo "[${{ hashFiles('--follow-symbolic-links') }}${{ hashFiles('/etc/passwd') }}]"
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == ["[]", digest, digest, "[]"]


def test_hash_files_that_cannot_be(place: Place) -> None:
    (place.repo / "broken").symlink_to("nowhere")
    r = one(place, "- uses: actions/checkout@v4\n- run: echo ${{ hashFiles('--all', 'x') }}")
    assert r.code == 1
    assert "Invalid glob option --all, avaliable option: '--follow-symbolic-links'." in r.text
    r = one(place, "- uses: actions/checkout@v4\n- run: echo ${{ hashFiles('broken') }}")
    assert r.code == 1
    assert "hashFiles('broken') failed. Fail to hash files under directory '" in r.text


def test_problem_matchers(place: Place) -> None:
    place.write(
        "matcher.json",
        """
        {"problemMatcher": [
          {"owner": "one", "severity": "warning", "pattern": [
            {"regexp": "^(\\\\S+):(\\\\d+):(\\\\d+): (.*)$", "file": 1, "line": 2, "column": 3, "message": 4}]},
          {"owner": "many", "pattern": [
            {"regexp": "^FILE (.*)$", "file": 1},
            {"regexp": "^ +(\\\\d+) (.*)$", "line": 1, "message": 2, "loop": true}]}
        ]}
        """,
    )
    place.write("a.py", "")
    r = one(
        place,
        """
        - uses: actions/checkout@v4
        - run: |
            echo "::add-matcher::matcher.json"
            printf '\\033[31ma.py:3:7: careless\\033[0m\\n'
            echo "FILE a.py"
            echo "  4 first"
            echo "  5 second"
            echo "between"
            echo "  6 none"
            exit 1
          continue-on-error: true
        - run: |
            echo "a.py:9:1: still heard"
            echo "::remove-matcher owner=one::"
            echo "a.py:9:1: no more"
        """,
    )
    assert r.code == 0, r.text
    found = [(ev["level"], ev.get("file"), ev.get("line"), ev["text"]) for ev in kept(r, "annotation")]
    assert found == [
        ("warning", "a.py", 3, "careless"),
        ("error", "a.py", 4, "first"),
        ("error", "a.py", 5, "second"),
        ("warning", "a.py", 9, "still heard"),
    ]
    assert "FILE a.py" in r.lines() and "between" in r.lines()


def test_severities_and_places_of_problem_matchers(place: Place) -> None:
    """The captured severity, else the default's; other severities and blank messages are no problem; fromPath."""
    pattern = r'{"regexp": "^%s (\\w*) (\\S+) (\\d+) (.*)$", "severity": 1, "file": 2, "line": 3, "message": 4%s}'
    place.write("matcher.json", '{"problemMatcher": [{"owner": "a", "severity": "notice", "pattern": [%s]}, {"owner": "b", "fromPath": "sub/p.proj", "pattern": [%s]}]}' % (pattern % ("A", ""), pattern % ("B", "")))
    place.write("sub/x.c", "")
    place.write("bad.json", '{"problemMatcher": [{"owner": "c", "pattern": [{"regexp": "x", "message": 0, "loop": true}]}]}')
    r = one(
        place,
        """
        - uses: actions/checkout@v4
        - run: |
            echo '::add-matcher::matcher.json'
            echo 'A WARNING x.c 1 one'
            echo 'A  x.c 2 two'
            echo 'A fatal x.c 3 none'
            echo 'A error x.c 4  '
            echo 'B error x.c 5 five'
            echo "B error $PWD/sub/x.c 6 six"
            echo 'B error /usr/x.c 7 seven'
        - {run: "echo '::add-matcher::bad.json'", continue-on-error: true, id: bad}
        """,
    )
    assert r.code == 0, r.text
    found = [(ev["level"], ev["text"], ev.get("file"), ev.get("line")) for ev in kept(r, "annotation")]
    assert found[:5] == [
        ("warning", "one", "x.c", 1), ("notice", "two", "x.c", 2), ("error", "five", "sub/x.c", 5),
        ("error", "six", "sub/x.c", 6), ("error", "seven", None, None),
    ]
    assert [x[1] for x in found[5:]][0] == "Unable to process command '::add-matcher::bad.json' successfully."


# ---- jobs (6) ----


def test_needs_are_transitive(place: Place) -> None:
    job = "runs-on: ubuntu-latest, steps: [{run: 'true'}]"
    r = run(
        place,
        f"""
        bad: {{runs-on: ubuntu-latest, steps: [{{run: exit 1}}]}}
        off: {{if: false, {job}}}
        rescue: {{needs: bad, if: failure(), {job}}}
        anyway: {{needs: off, if: always(), {job}}}
        after-rescue: {{needs: rescue, {job}}}
        after-anyway: {{needs: anyway, {job}}}
        far: {{needs: rescue, if: failure(), {job}}}
        not-cancelled: {{needs: [bad, anyway], if: "!cancelled()", {job}}}
        named: {{needs: [bad, anyway], if: success('anyway'), {job}}}
        """.replace("!cancelled()", "${{ !cancelled() }}"),
    )
    assert r.code == 1
    found = r.jobs()
    assert found.pop("named") == "success", "success('id') asks for that job alone"
    assert found == {
        "bad": "failure", "off": "skipped", "rescue": "success", "anyway": "success", "after-rescue": "skipped",
        "after-anyway": "skipped", "far": "success", "not-cancelled": "success",
    }


def test_a_job_that_may_fail(place: Place) -> None:
    r = run(
        place,
        """
        shaky: {runs-on: ubuntu-latest, continue-on-error: true, steps: [{run: exit 1}]}
        after: {needs: shaky, runs-on: ubuntu-latest, steps: [{run: "echo ${{ needs.shaky.result }}"}]}
        legs:
          runs-on: ubuntu-latest
          continue-on-error: ${{ matrix.n == 1 }}
          strategy: {matrix: {n: [1, 2]}}
          steps: [{run: "test ${{ matrix.n }} = 2"}]
        """,
        "-j",
        "1",
    )
    assert r.code == 0, r.text
    assert r.lines("after") == ["success"]
    assert r.jobs() == {"shaky": "failure", "after": "success", "legs (1)": "failure", "legs (2)": "success"}


def test_a_matrix_made_of_outputs(place: Place) -> None:
    r = run(
        place,
        """
        make:
          runs-on: ubuntu-latest
          outputs: {m: "${{ steps.x.outputs.m }}"}
          steps: [{id: x, run: "echo 'm={\\"v\\":[1,\\"b\\"],\\"include\\":[{\\"v\\":2,\\"w\\":true}]}' >> $GITHUB_OUTPUT"}]
        use:
          needs: make
          runs-on: ubuntu-latest
          strategy: {matrix: "${{ fromJSON(needs.make.outputs.m) }}"}
          steps: [{run: "echo ${{ matrix.v }}${{ matrix.w }} ${{ strategy.job-index }}/${{ strategy.job-total }}"}]
        after:
          needs: use
          runs-on: ubuntu-latest
          steps: [{run: "echo ${{ needs.use.result }}"}]
        """,
    )
    assert r.code == 0, r.text
    assert set(r.jobs()) >= {"use (1)", "use (b)", "use (2, true)"}
    assert sorted(line for job in ("use (1)", "use (b)", "use (2, true)") for line in r.lines(job)) == ["1 0/3", "2true 2/3", "b 1/3"]
    assert r.lines("after") == ["success"]


def test_a_bad_matrix_made_of_outputs_fails_its_job(place: Place) -> None:
    r = run(
        place,
        """
        make: {runs-on: ubuntu-latest, outputs: {m: "[]"}, steps: [{run: "true"}]}
        use:
          needs: make
          runs-on: ubuntu-latest
          strategy: {matrix: {a: "${{ fromJSON(needs.make.outputs.m) }}"}}
          steps: [{run: echo no}]
        after: {needs: use, if: always(), runs-on: ubuntu-latest, steps: [{run: "echo ${{ needs.use.result }}"}]}
        """,
    )
    assert r.code == 1
    assert r.lines() == ["failure"]
    assert "Matrix vector 'a' does not contain any values" in r.text


def test_outputs_of_legs_are_merged(place: Place) -> None:
    r = run(
        place,
        """
        legs:
          runs-on: ubuntu-latest
          strategy: {max-parallel: 1, matrix: {n: [1, 2, 3]}}
          outputs:
            one: ${{ steps.x.outputs.one }}
            last: ${{ steps.x.outputs.last }}
          steps:
            - id: x
              run: |
                if [ ${{ matrix.n }} = 1 ]; then echo one=yes >> "$GITHUB_OUTPUT"; fi
                echo last=${{ matrix.n }} >> "$GITHUB_OUTPUT"
        after:
          needs: legs
          runs-on: ubuntu-latest
          steps: [{run: "echo ${{ needs.legs.outputs.one }} ${{ needs.legs.outputs.last }}"}]
        """,
    )
    assert r.code == 0, r.text
    assert r.lines("after") == ["yes 3"]


def test_of_outputs_the_leg_that_ends_last_decides(place: Place) -> None:
    r = run(
        place,
        """
        legs:
          runs-on: ubuntu-latest
          strategy: {matrix: {n: [1, 2]}}
          outputs: {last: "${{ steps.x.outputs.last }}"}
          steps:
            - id: x
              run: |
                if [ ${{ matrix.n }} = 1 ]; then sleep 1; fi
                echo last=${{ matrix.n }} >> "$GITHUB_OUTPUT"
        after:
          needs: legs
          runs-on: ubuntu-latest
          steps: [{run: "echo ${{ needs.legs.outputs.last }}"}]
        """,
        "-j",
        "2",
    )
    assert r.code == 0, r.text
    ended = [ev["job"] for ev in kept(r, "job_finished")]
    names = {ev["job"]: ev["name"] for ev in kept(r, "job_queued")}
    assert r.lines("after") == [[n[-2] for n in map(names.get, ended) if n.startswith("legs (")][-1]]


def spans(r: Result) -> list[tuple[int, int]]:
    began = {ev["job"]: ev["at_ns"] for ev in kept(r, "job_started")}
    return sorted((began[ev["job"]], ev["at_ns"]) for ev in kept(r, "job_finished") if ev["job"] in began)


def test_max_parallel(place: Place) -> None:
    r = run(
        place,
        """
        legs:
          runs-on: ubuntu-latest
          strategy: {max-parallel: 1, matrix: {n: [1, 2, 3]}}
          steps: [{run: sleep 0.2}]
        """,
        "-j",
        "3",
    )
    assert r.code == 0, r.text
    order = spans(r)
    assert all(a[1] <= b[0] for a, b in zip(order, order[1:])), "the legs overlap"


def test_jobs_of_one_group_take_turns(place: Place) -> None:
    r = run(
        place,
        """
        a: {runs-on: ubuntu-latest, concurrency: Deploy, steps: [{run: sleep 0.3}]}
        b: {runs-on: ubuntu-latest, concurrency: deploy, steps: [{run: sleep 0.3}]}
        """,
        "-j",
        "2",
    )
    assert r.code == 0, r.text
    order = spans(r)
    assert len(order) == 2 and order[0][1] <= order[1][0]


def test_workflows_of_one_group_take_turns(place: Place) -> None:
    for name in ("one", "two"):
        place.workflow(
            f"name: {name}\non: push\nconcurrency: {{group: deploy}}\njobs: {{{name}: {{runs-on: ubuntu-latest, steps: [{{run: sleep 0.3}}]}}}}\n",
            f"{name}.yml",
        )
    place.commit()
    r = place.ci("-j", "2")
    assert r.code == 0, r.text
    order = spans(r)
    assert len(order) == 2 and order[0][1] <= order[1][0]


def test_a_job_whose_name_or_env_cannot_be_evaluated_fails(place: Place) -> None:
    r = run(
        place,
        """
        a: {runs-on: ubuntu-latest, outputs: {o: "x"}, steps: [{run: "true"}]}
        b: {needs: a, runs-on: ubuntu-latest, env: {A: "${{ fromJSON(needs.a.outputs.o) }}"}, steps: [{run: echo no}]}
        """,
    )
    assert r.code == 1 and r.lines() == []
    assert r.jobs()["b"] == "failure"


def test_unknown_inputs_of_actions_only_warn(place: Place) -> None:
    r = one(place, "- {uses: actions/checkout@v4, with: {brnch: x}}\n- run: echo ran")
    assert r.code == 0, r.text
    assert r.lines() == ["ran"]
    assert "ci.yml:6:44: warning: Unexpected input 'brnch'" in r.err


def test_cancelled_runs(place: Place) -> None:
    """Where a leg fails, its siblings are cancelled: their always() and cancelled() steps run, failure() does not."""
    r = run(
        place,
        """
        legs:
          runs-on: ubuntu-latest
          strategy: {matrix: {n: [1, 2]}}
          steps:
            - run: |
                if [ ${{ matrix.n }} = 1 ]; then sleep 0.5; exit 1; fi
                sleep 60
            - {run: echo failure, if: "failure() && matrix.n == 2"}
            - {run: echo cancelled, if: cancelled()}
            - {run: "echo always ${{ job.status }}", if: "always() && matrix.n == 2"}
        after: {needs: legs, if: always(), runs-on: ubuntu-latest, steps: [{run: "echo ${{ needs.legs.result }}"}]}
        """,
        "-j",
        "2",
    )
    assert r.code == 1
    assert r.lines("legs (2)") == ["cancelled", "always cancelled"]
    assert r.jobs() == {"legs (1)": "failure", "legs (2)": "cancelled", "after": "success"}
    assert r.lines("after") == ["failure"]


def test_cancellation_has_stages(place: Place) -> None:
    """^C: the running step goes, what is for cancelled jobs runs, and cancel-timeout-minutes ends that."""
    place.workflow("""\
        on: push
        jobs:
          a:
            runs-on: ubuntu-latest
            cancel-timeout-minutes: 0.05
            steps:
              - run: trap 'echo told; exit 1' INT; echo up; for i in $(seq 300); do sleep 0.1; done
              - {run: echo cancelled, if: cancelled()}
              - {run: echo failure, if: failure()}
              - {run: echo always; sleep 60, if: always()}
          b: {needs: a, if: always(), runs-on: ubuntu-latest, steps: [{run: "echo ${{ needs.a.result }}"}]}
          c: {needs: a, if: cancelled(), runs-on: ubuntu-latest, steps: [{run: echo c}]}
          d: {needs: a, runs-on: ubuntu-latest, steps: [{run: echo d}]}
          e: {needs: a, if: "!cancelled()", runs-on: ubuntu-latest, steps: [{run: echo e}]}
        """)
    place.commit()
    out = []
    with subprocess.Popen([str(SLIPWAY), "ci", "--json"], cwd=place.repo, env=place.env, stdout=subprocess.PIPE, text=True) as p:
        for line in p.stdout:
            out.append(line)
            if json.loads(line).get("text") == "up":
                p.send_signal(signal.SIGINT)
    r = Result(p.returncode, "".join(out), "")
    assert r.code == 130
    assert r.lines("a") == ["up", "told", "cancelled", "always"]
    assert [result for result, _ in steps(r)][:4] == ["cancelled", "success", "skipped", "cancelled"]
    assert r.jobs() == {"a": "cancelled", "b": "success", "c": "success", "d": "skipped", "e": "skipped"}
    assert r.lines("b") == ["cancelled"]


def test_environments_are_told(place: Place) -> None:
    r = run(
        place,
        """
        a:
          runs-on: ubuntu-latest
          environment: {name: "stage-${{ github.ref_name }}", url: "https://example.org/${{ steps.x.outputs.at }}"}
          steps: [{id: x, run: echo at=9 >> "$GITHUB_OUTPUT"}]
        b: {runs-on: ubuntu-latest, environment: "${{ github.event.nothing }}", steps: [{run: "true"}]}
        """,
    )
    assert r.code == 0, r.text
    told = [(ev["what"], ev["text"]) for ev in kept(r, "note") if "environment" in ev["what"]]
    assert told == [("environment stage-main", "nobody approves, and its secrets are those of -s; https://example.org/9")]
    r = run(place, "a: {runs-on: ubuntu-latest, environment: \"${{ github.event }}\", steps: [{run: 'true'}]}")
    assert r.code == 2 and "A mapping was not expected" in r.err


def test_fail_fast_off(place: Place) -> None:
    r = run(
        place,
        """
        legs:
          runs-on: ubuntu-latest
          strategy: {fail-fast: "${{ github.ref == 'none' }}", matrix: {n: [1, 2, 3]}}
          steps: [{run: "test ${{ matrix.n }} != 1; echo ${{ strategy.fail-fast }}"}]
        """,
        "-j",
        "1",
    )
    assert r.code == 1
    assert r.jobs() == {"legs (1)": "failure", "legs (2)": "success", "legs (3)": "success"}
    assert r.lines("legs (2)") == ["false"]


def test_only_direct_needs_are_seen(place: Place) -> None:
    r = run(
        place,
        """
        a: {runs-on: ubuntu-latest, outputs: {o: "1"}, steps: [{run: "true"}]}
        b: {needs: A, runs-on: ubuntu-latest, steps: [{run: "echo ${{ needs.a.outputs.O }}"}]}
        c: {needs: b, runs-on: ubuntu-latest, steps: [{run: "echo [${{ needs.a.outputs.o }}] ${{ join(needs.*.result) }}"}]}
        """,
    )
    assert r.code == 0, r.text
    assert r.lines("b") == ["1"] and r.lines("c") == ["[] success"]


def test_conditions_of_jobs_on_outputs(place: Place) -> None:
    r = run(
        place,
        """
        a:
          runs-on: ubuntu-latest
          outputs: {go: "${{ steps.x.outputs.go }}"}
          steps: [{id: x, run: echo go=true >> "$GITHUB_OUTPUT"}]
        yes: {needs: a, if: needs.a.outputs.go == 'true', runs-on: ubuntu-latest, steps: [{run: echo yes}]}
        no: {needs: a, if: "!needs.a.outputs.go", runs-on: ubuntu-latest, steps: [{run: echo no}]}
        text: {needs: a, if: "${{ needs.a.outputs.go }} == 'false'", runs-on: ubuntu-latest, steps: [{run: echo text}]}
        """,
    )
    assert r.code == 0, r.text
    assert r.jobs() == {"a": "success", "yes": "success", "no": "skipped", "text": "success"}


def test_the_work_folder_is_shared_by_steps_and_not_by_jobs(place: Place) -> None:
    r = run(
        place,
        """
        a:
          runs-on: ubuntu-latest
          steps:
            - run: pwd > here; echo t > "$RUNNER_TEMP/t"; echo h > ~/h
            - run: cat "$RUNNER_TEMP/t" ~/h; test "$(cat here)" = "$GITHUB_WORKSPACE" && echo same
        b:
          needs: a
          runs-on: ubuntu-latest
          steps: [{run: "ls here ~/h $RUNNER_TEMP/t 2>/dev/null | wc -l"}]
        """,
    )
    assert r.code == 0, r.text
    assert r.lines("a") == ["t", "h", "same"] and r.lines("b") == ["0"]


def test_vars_and_secrets_are_found_without_case(place: Place) -> None:
    r = one(
        place,
        """
        - run: echo "${{ vars.stage }} ${{ vars.NONE }}|${{ secrets.none }}|"
        - run: test "$S" = "value of it" && echo right
          env: {S: "${{ secrets.Word }}"}
        """,
        "-s",
        "WORD=value of it",
        "--var",
        "STAGE=prod",
    )
    assert r.code == 0, r.text
    assert r.lines() == ["prod ||", "right"]


def test_expressions_are_evaluated_before_the_shell_sees_them(place: Place) -> None:
    r = one(
        place,
        """
        - run: echo '${{ format('{0}{1}', 'a', github.ref_name) }}' "${{ env.NOT_SET }}" "${{ 'it''s' }}" "$ {{ x }}" '}}'
        - run: |
            cat <<'E'
            ${{ toJSON(matrix) }} ${{ github.event.*.x }} ${{ toJSON(fromJSON('{"a":[1,{"b":null}],"c":{}}')) }}
            E
        """,
    )
    assert r.code == 0, r.text
    assert r.lines() == [
        "amain  it's $ {{ x }} }}",
        "null Array {", '  "a": [', "    1,", "    {", '      "b": null', "    }", "  ],", '  "c": {}', "}",
    ]
