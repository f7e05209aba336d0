"""What every end-to-end test needs: the program, a place of its own, repositories made of a few lines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SLIPWAY = Path(os.environ.get("SLIPWAY", ROOT / "build" / "slipway"))


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return self.out + self.err

    def events(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]

    def jobs(self) -> dict[str, str]:
        """Name of each job -> its result, from --json output."""
        names, results = {}, {}
        for ev in self.events():
            if ev["kind"] == "job_queued":
                names[ev["job"]] = ev["name"]
            elif ev["kind"] == "job_finished":
                results[names[ev["job"]]] = ev["result"]
        return results

    def lines(self, job: str | None = None) -> list[str]:
        """The lines that jobs printed themselves, from --json output."""
        names = {ev["job"]: ev["name"] for ev in self.events() if ev["kind"] == "job_queued"}
        return [
            ev["text"]
            for ev in self.events()
            if ev["kind"] == "output" and ev["stream"] != "slipway" and (job is None or names[ev["job"]] == job)
        ]


class Place:
    """A home, a state folder and a work tree that vanish with the test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.home = path / "home"
        self.repo = path / "repo"
        self.home.mkdir()
        self.repo.mkdir()
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "XDG_STATE_HOME": str(path / "state"),
            "XDG_CACHE_HOME": str(path / "cache"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "TERM": "dumb",
        }
        pyenv = os.environ.get("PYENV_ROOT")
        if pyenv:
            self.env["PYENV_ROOT"] = pyenv
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "SLIPWAY_SANDBOX"):
            if name in os.environ:
                self.env[name] = os.environ[name]
        for name, value in os.environ.items():  # how packages are reached here
            if name.upper().endswith("_PROXY") or name.startswith(("PIP_", "SSL_CERT")):
                self.env[name] = value

    def write(self, path: str, text: str, mode: int = 0o644) -> Path:
        file = self.repo / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        file.chmod(mode)
        return file

    def git(self, *args: str) -> str:
        names = ["-c", "user.name=Mina", "-c", "user.email=mina@example.org"]
        return subprocess.run(
            ["git", *names, *args], cwd=self.repo, env=self.env, check=True, capture_output=True, text=True
        ).stdout

    def commit(self, message: str = "work") -> None:
        if not (self.repo / ".git").exists():
            self.git("init", "-q", "-b", "main")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)

    def workflow(self, text: str, name: str = "ci.yml") -> None:
        self.write(f".github/workflows/{name}", text)

    def run(self, *args: str, cwd: Path | None = None, timeout: float = 300, env: dict | None = None, stdin=None) -> Result:
        done = subprocess.run(
            [str(SLIPWAY), *args],
            cwd=cwd or self.repo,
            env={**self.env, **(env or {})},
            capture_output=True,
            timeout=timeout,
            stdin=stdin or subprocess.DEVNULL,
        )
        return Result(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    def ci(self, *args: str, **kw) -> Result:
        return self.run("ci", "--json", *args, **kw)

    def steps(self, *scripts: str, more: str = "") -> Result:
        """Runs one job with these scripts as its steps and gives back the events."""
        body = "".join(
            "      - run: |\n" + textwrap.indent(textwrap.dedent(s).strip("\n"), " " * 10) + "\n" for s in scripts
        )
        self.workflow(f"on: push\njobs:\n  job:\n    runs-on: ubuntu-latest\n{more}    steps:\n{body}")
        self.commit()
        return self.ci()


@pytest.fixture
def place(tmp_path: Path):
    p = Place(tmp_path)
    yield p
    left = list((tmp_path / "state" / "slipway" / "run").glob("*")) if (tmp_path / "state").exists() else []
    assert left == [], f"slipway left {left} behind"


def sandbox_mode(place: Place) -> str:
    """What this machine allows, or what SLIPWAY_SANDBOX asks for: overlay, or plain."""
    if os.environ.get("SLIPWAY_SANDBOX"):
        return os.environ["SLIPWAY_SANDBOX"]
    out = place.run("doctor", "--json").out
    found = {json.loads(line)["what"]: json.loads(line)["ok"] for line in out.splitlines()}
    return "overlay" if found.get("namespaces") and found.get("overlayfs") else "plain"


@pytest.fixture
def overlay(place: Place) -> Place:
    if sandbox_mode(place) != "overlay":
        pytest.skip("this machine has no user namespaces or no overlayfs in them")
    return place


def pythons() -> list[str]:
    """Minor versions that slipway can find on this machine."""
    out = subprocess.run([str(SLIPWAY), "doctor", "--json"], capture_output=True, text=True).stdout
    for line in out.splitlines():
        found = json.loads(line)
        if found["what"] == "python":
            minors = {tuple(map(int, v.split()[0].split(".")[:2])) for v in found["found"].split(", ") if v[:1].isdigit()}
            return [f"{a}.{b}" for a, b in sorted(minors)]
    return []


needs_tool = lambda name: pytest.mark.skipif(shutil.which(name) is None, reason=f"no {name} here")  # noqa: E731
