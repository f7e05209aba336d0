"""Actions of other repositories: fetched by git from a path, from a server on 127.0.0.1, or not at all."""

from __future__ import annotations

import base64
import fcntl
import os
import pty
import shutil
import signal
import socket
import subprocess
import termios
import textwrap
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conftest import SLIPWAY, Place, Result, needs_tool

COMPOSITE = """
    inputs:
      who: {default: nobody}
    outputs:
      sum: {value: '${{ steps.say.outputs.sum }}'}
    runs:
      using: composite
      steps:
        - id: say
          shell: bash
          run: |
            echo "VERSION greets ${{ inputs.who }}, $(cat "$GITHUB_ACTION_PATH/data.txt")"
            echo "sum=of VERSION" >>"$GITHUB_OUTPUT"
"""


class Remote:
    """Repositories below a folder: `base`/owner/name, each a bare one that is pushed to from a work tree of ours."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.base = place.path / "remote"
        self.trees = place.path / "trees"

    def git(self, name: str, *args: str) -> str:
        names = ["-c", "user.name=Mina", "-c", "user.email=mina@example.org", "-c", "init.defaultBranch=main"]
        done = subprocess.run(
            ["git", *names, *args], cwd=self.trees / name, env=self.place.env, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, name: str, path: str, text: str) -> None:
        file = self.trees / name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))

    def push(self, name: str, *refs: str, message: str = "work") -> str:
        """Commits the work tree of the repository and pushes it to main and to these tags; gives back the commit."""
        bare = self.base / name
        if not bare.exists():
            bare.mkdir(parents=True)
            self.git(name, "init", "-q")
            subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True, env=self.place.env)
            self.git(name, "remote", "add", "origin", str(bare))
        self.git(name, "add", "-A")
        self.git(name, "commit", "-q", "--allow-empty", "-m", message)
        for ref in refs:
            self.git(name, "tag", "-f", ref)
        self.git(name, "push", "-qf", "origin", "HEAD:refs/heads/main", *(f"refs/tags/{r}" for r in refs))
        return self.git(name, "rev-parse", "HEAD")

    def composite(self, version: str, *refs: str, name: str = "octo/tool", folder: str = ".") -> str:
        self.write(name, f"{folder}/action.yml", COMPOSITE.replace("VERSION", version))
        self.write(name, f"{folder}/data.txt", f"with data of {version}\n")
        return self.push(name, *refs)


@pytest.fixture
def remote(place: Place) -> Remote:
    r = Remote(place)
    place.env["SLIPWAY_ACTIONS_BASE"] = str(r.base)
    r.base.mkdir()
    return r


def uses(place: Place, *actions: str, args: tuple[str, ...] = (), env: dict | None = None) -> Result:
    """One job that uses these actions in order, and says each one's output."""
    steps = "".join(
        f"      - uses: {a}\n        id: s{i}\n        with: {{who: you}}\n      - run: echo 'got ${{{{ steps.s{i}.outputs.sum }}}}'\n"
        for i, a in enumerate(actions)
    )
    place.workflow(f"on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n{steps}")
    place.commit()
    return place.ci(*args, env=env)


def notes(result: Result) -> list[str]:
    return [f"{e['what']}: {e['text']}" for e in result.events() if e["kind"] == "note" and e["how"] == "substituted"]


def errors(result: Result) -> str:
    """What failed, in the words of annotations and of steps."""
    said = [e["text"] for e in result.events() if e["kind"] == "annotation" and e["level"] == "error"]
    return "\n".join(said + [e.get("error", "") for e in result.events() if e["kind"] == "step_finished"])


def assert_ran(result: Result, *versions: str) -> None:
    assert result.code == 0, result.text
    expected = [line for v in versions for line in (f"{v} greets you, with data of {v}", f"got of {v}")]
    assert result.lines() == expected


# ---- from a path ----


def test_tag_branch_commit_and_folder(place: Place, remote: Remote) -> None:
    one = remote.composite("one", "v1")
    remote.composite("sub", folder="deep/er")
    remote.composite("two", "v2")
    result = uses(place, "octo/tool@v1", "octo/tool@main", f"octo/tool@{one}", "octo/tool/deep/er@v2", "octo/tool@v2")
    assert_ran(result, "one", "two", "one", "sub", "two")
    assert notes(result) == [n for n in notes(result) if "octo/tool" not in n]


@needs_tool("node")
def test_javascript_with_post(place: Place, remote: Remote) -> None:
    remote.write("octo/js", "action.yml", "runs: {using: node20, main: dist/main.js, post: post.js}\n")
    remote.write("octo/js", "dist/main.js", "console.log('main ' + process.env.INPUT_WHO + require('./more.js'))\n")
    remote.write("octo/js", "dist/more.js", "module.exports = ', required'\n")
    remote.write("octo/js", "post.js", "console.log('post')\n")
    remote.push("octo/js", "v1")
    result = uses(place, "octo/js@v1")
    assert result.code == 0, result.text
    assert result.lines() == ["main you, required", "got ", "post"]


def test_an_action_that_uses_another(place: Place, remote: Remote) -> None:
    remote.composite("inner", "v1")
    remote.write(
        "octo/outer",
        "action.yml",
        """
        outputs:
          sum: {value: 'outer ${{ steps.in.outputs.sum }}'}
        runs:
          using: composite
          steps:
            - {uses: octo/tool@v1, id: in, with: {who: them}}
        """,
    )
    remote.push("octo/outer", "v3")
    result = uses(place, "octo/outer@v3")
    assert result.code == 0, result.text
    assert result.lines() == ["inner greets them, with data of inner", "got outer of inner"]


def test_a_job_may_change_what_was_fetched(overlay: Place) -> None:
    remote = Remote(overlay)
    overlay.env["SLIPWAY_ACTIONS_BASE"] = str(remote.base)
    remote.write(
        "octo/vandal",
        "action.yml",
        """
        runs:
          using: composite
          steps:
            - {shell: bash, run: 'cat $GITHUB_ACTION_PATH/data.txt; echo spoilt >$GITHUB_ACTION_PATH/data.txt'}
        """,
    )
    remote.write("octo/vandal", "data.txt", "whole\n")
    remote.push("octo/vandal", "v1")
    for _ in range(2):
        assert uses(overlay, "octo/vandal@v1").lines()[0] == "whole"


def test_tags_that_move_are_followed(place: Place, remote: Remote) -> None:
    remote.composite("one", "v1")
    assert_ran(uses(place, "octo/tool@v1"), "one")
    remote.composite("two", "v1")
    assert_ran(uses(place, "octo/tool@v1"), "two")


# ---- what is kept ----


def test_offline_after_a_first_run(place: Place, remote: Remote) -> None:
    commit = remote.composite("one", "v1")
    assert_ran(uses(place, "octo/tool@v1"), "one")
    remote.composite("two", "v1", "v2")
    result = uses(place, "octo/tool@v1", f"octo/tool@{commit}", args=("--offline",))
    assert_ran(result, "one", "one")
    assert [n for n in notes(result) if "octo/tool" in n] == [f"octo/tool@v1: commit {commit[:7]}, as last seen: offline"]
    result = uses(place, "octo/tool@v2", args=("--action-offline-mode",))
    assert result.code == 1
    assert "octo/tool@v2 was not fetched before, and nothing is fetched offline" in errors(result)
    assert "--local-repository octo/tool@v2=DIR" in errors(result)


def test_no_network_takes_what_was_seen(place: Place, remote: Remote) -> None:
    commit = remote.composite("one", "v1")
    assert_ran(uses(place, "octo/tool@v1"), "one")
    unreachable = {"SLIPWAY_ACTIONS_BASE": "http://127.0.0.1:1"}
    result = uses(place, "octo/tool@v1", f"octo/tool@{commit}", env=unreachable)
    assert_ran(result, "one", "one")
    [note] = [n for n in notes(result) if "octo/tool" in n]
    assert note.startswith(f"octo/tool@v1: commit {commit[:7]}, as last seen: cannot reach http://127.0.0.1:1/octo/tool")
    result = uses(place, "octo/other@v1", env=unreachable)
    assert result.code == 1
    assert "cannot reach http://127.0.0.1:1/octo/other" in errors(result)
    assert "--local-repository octo/other@v1=DIR" in errors(result)


# ---- what is not there ----


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("octo/tool@v9", "octo/tool has no branch or tag 'v9'"),
        ("octo/tool@deadbee", "a commit is named by all of its 40 digits"),
        ("octo/tool@" + "0" * 39 + "1", "octo/tool has no commit"),
        ("octo/none@v1", "there is no repository at"),
        ("octo/tool@a..b", "'a..b' cannot be a branch, a tag or a commit"),
        ("octo/tool/nowhere@v1", "Can't find 'action.yml', 'action.yaml' or 'Dockerfile'"),
    ],
)
def test_what_is_not_there(place: Place, remote: Remote, action: str, said: str) -> None:
    remote.composite("one", "v1")
    result = uses(place, action)
    assert result.code == 1
    assert said in errors(result), result.text
    assert result.lines() == []


def test_a_broken_manifest(place: Place, remote: Remote) -> None:
    remote.write("octo/bad", "action.yml", "runs:\n  using: composite\n  steps:\n    - run: echo\n")
    remote.push("octo/bad", "v1")
    result = uses(place, "octo/bad@v1")
    assert result.code == 1
    assert "(Line: 4, Col: 7): Required property is missing: shell" in errors(result)


# ---- folders in their stead ----


def test_local_repository(place: Place, remote: Remote) -> None:
    remote.composite("far", "v1", "v2")
    remote.composite("near")
    near = remote.trees / "octo/tool"
    (near / "data.txt").write_text("with data of near\n")
    local = f"octo/tool@v1={near}"
    result = uses(place, "octo/tool@v1", args=("--local-repository", local))
    assert_ran(result, "near")
    assert [n for n in notes(result) if "octo/tool" in n] == [f"octo/tool@v1: the folder {near}, as --local-repository says"]
    assert_ran(uses(place, "octo/tool@v2", args=("--local-repository", local)), "far")
    any_ref = f"https://github.com/Octo/Tool@*={os.path.relpath(near, place.repo)}"
    assert_ran(uses(place, "octo/tool@v77", args=("--offline", "--local-repository", any_ref)), "near")


@pytest.mark.parametrize("text", ["x", "octo/tool", "octo/tool@v1=", "tool@v1=.", "a/b/c=.", "octo/tool=/nonexistent"])
def test_local_repository_mistyped(place: Place, text: str) -> None:
    place.workflow("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo\n")
    place.commit()
    result = place.run("ci", "--local-repository", text)
    assert result.code == 2
    assert "--local-repository" in result.err


# ---- servers on 127.0.0.1 ----


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture
def daemon(remote: Remote) -> Iterator[str]:
    if not Path(subprocess.check_output(["git", "--exec-path"], text=True).strip(), "git-daemon").exists():
        pytest.skip("git has no daemon here")
    port = free_port()
    child = subprocess.Popen(
        ["git", "daemon", "--reuseaddr", "--listen=127.0.0.1", f"--port={port}", "--export-all", f"--base-path={remote.base}"],
        env=remote.place.env,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    for _ in range(400):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"git://127.0.0.1:{port}"
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def test_git_daemon(place: Place, remote: Remote, daemon: str) -> None:
    commit = remote.composite("one", "v1")
    remote.composite("two", "v2")
    place.env["SLIPWAY_ACTIONS_BASE"] = daemon
    assert_ran(uses(place, "octo/tool@v1", "octo/tool@main", f"octo/tool@{commit}"), "one", "two", "one")
    result = uses(place, "octo/none@v1")
    assert result.code == 1
    assert "there is no repository at git://127.0.0.1" in errors(result)


class Http(ThreadingHTTPServer):
    """A git server over HTTP; with `user`, only for who knows it; with `plain`, one that serves files only."""

    daemon_threads = True

    def __init__(self, base: Path, user: str = "", plain: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.base, self.user, self.plain, self.hang = base, user, plain, False
        self.asked: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    server: Http
    protocol_version = "HTTP/1.0"

    def log_message(self, *args: object) -> None:
        pass

    def refuse(self, code: int, **headers: str) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def answer(self) -> None:
        path, _, query = self.path.partition("?")
        self.server.asked.append(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.server.hang:
            threading.Event().wait(60)
        given = base64.b64encode(self.server.user.encode()).decode()
        if self.server.user and self.headers.get("Authorization") != f"Basic {given}":
            self.refuse(401, WWW_Authenticate='Basic realm="here"')
            return
        if self.server.plain:
            file = self.server.base / path.lstrip("/")
            if not file.is_file():
                self.refuse(404)
                return
            self.refuse(200)
            self.wfile.write(file.read_bytes())
            return
        env = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.server.base),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        out = subprocess.run(["git", "http-backend"], env=env, input=body, capture_output=True).stdout
        head, _, rest = out.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(rest)

    do_GET = do_POST = answer


@pytest.fixture
def http(remote: Remote) -> Iterator[Http]:
    server = Http(remote.base)
    remote.place.env["SLIPWAY_ACTIONS_BASE"] = server.url
    yield server
    server.shutdown()
    server.server_close()


def test_http(place: Place, remote: Remote, http: Http) -> None:
    commit = remote.composite("one", "v1")
    remote.composite("two", "v2")
    assert_ran(uses(place, "octo/tool@v1", "octo/tool@main", f"octo/tool@{commit}"), "one", "two", "one")
    asked = len(http.asked)
    assert_ran(uses(place, f"octo/tool@{commit}"), "one")
    assert len(http.asked) == asked  # a whole commit that is here costs no question
    result = uses(place, "octo/none@v1")
    assert result.code == 1
    assert f"there is no repository at {http.url}/octo/none" in errors(result)


def test_http_that_serves_files_only(place: Place, remote: Remote, http: Http) -> None:
    commit = remote.composite("one", "v1")
    remote.composite("two")
    subprocess.run(["git", "update-server-info"], cwd=remote.base / "octo/tool", check=True, env=place.env)
    http.plain = True
    assert_ran(uses(place, "octo/tool@v1", "octo/tool@main", f"octo/tool@{commit}"), "one", "two", "one")


def test_a_ref_is_asked_for_once_a_run(place: Place, remote: Remote, http: Http) -> None:
    remote.composite("one", "v1")
    uses(place, "octo/tool@v1")
    http.asked.clear()
    assert_ran(uses(place, "octo/tool@v1", "octo/tool@v1", "octo/tool@v1"), "one", "one", "one")
    assert len([p for p in http.asked if "info/refs" in p]) == 1


def test_jobs_side_by_side_ask_once(place: Place, remote: Remote, http: Http) -> None:
    remote.composite("one", "v1")
    place.workflow("""
        on: push
        jobs:
          job:
            runs-on: ubuntu-latest
            strategy: {matrix: {n: [1, 2, 3, 4, 5, 6]}}
            steps:
              - {uses: octo/tool@v1, with: {who: you}}
        """)
    place.commit()
    result = place.ci("-j", "6")
    assert result.code == 0, result.text
    assert result.lines() == ["one greets you, with data of one"] * 6
    assert len([p for p in http.asked if "info/refs" in p]) == 2  # what v1 is, and its files
    place.write("x", "x")
    http.asked.clear()
    remote.place.env["SLIPWAY_ACTIONS_BASE"] += "/nowhere"
    result = place.ci("-j", "6", "-k")
    assert result.code == 1
    assert len([p for p in http.asked if "info/refs" in p]) == 1  # there is none: once is enough


def test_private_asks_no_question(place: Place, remote: Remote, http: Http) -> None:
    """Even on a terminal: the failure says what to do, and nothing waits for an answer."""
    remote.composite("one", "v1")
    http.user = "mina:secret"
    place.workflow("on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: octo/tool@v1\n")
    place.commit()
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [str(SLIPWAY), "ci", "--json"],
        cwd=place.repo,
        env={**place.env, "SSH_ASKPASS": "/nonexistent/askpass"},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    out, _ = child.communicate(timeout=60)
    os.close(ours)
    result = Result(child.returncode, out.decode(), "")
    assert result.code == 1
    assert "is private or not there, and git has no credentials that open it" in errors(result)


def test_private_with_credentials(place: Place, remote: Remote, http: Http) -> None:
    remote.composite("one", "v1")
    http.user = "mina:secret"
    place.git("config", "--global", "credential.helper", "!f() { echo username=mina; echo password=secret; }; f")
    result = uses(place, "octo/tool@v1")
    assert_ran(result, "one")
    assert "secret" not in result.text


def test_interrupted_while_a_server_says_nothing(place: Place, remote: Remote, http: Http) -> None:
    remote.composite("one", "v1")
    http.hang = True
    place.workflow("on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: octo/tool@v1\n")
    place.commit()
    child = subprocess.Popen([str(SLIPWAY), "ci", "-v"], cwd=place.repo, env=place.env, stderr=subprocess.PIPE, text=True)
    for _ in range(600):
        if http.asked:
            break
        time.sleep(0.05)
    began = time.monotonic()
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)
    assert child.returncode == 130, err
    assert time.monotonic() - began < 15


def test_killed_while_fetching(place: Place, remote: Remote, http: Http) -> None:
    """kill -9 in the middle; the next run goes on as if nothing had been."""
    remote.composite("one", "v1")
    http.hang = True
    place.workflow("on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: octo/tool@v1\n")
    place.commit()
    child = subprocess.Popen([str(SLIPWAY), "ci"], cwd=place.repo, env=place.env, stderr=subprocess.DEVNULL)
    for _ in range(600):
        if http.asked:
            break
        time.sleep(0.05)
    child.kill()
    child.wait()
    http.hang = False
    assert_ran(uses(place, "octo/tool@v1"), "one")


def test_clean_forgets(place: Place, remote: Remote) -> None:
    remote.composite("one", "v1")
    assert_ran(uses(place, "octo/tool@v1"), "one")
    kept = place.path / "cache/slipway/repos"
    assert (kept / "octo/tool/trees").is_dir()
    assert place.run("clean").code == 0
    assert kept.is_dir()
    assert place.run("clean", "--caches").code == 0
    assert not kept.exists()
    shutil.rmtree(remote.base)
    assert uses(place, "octo/tool@v1").code == 1
