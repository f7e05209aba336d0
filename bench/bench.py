#!/usr/bin/env python3
"""Measures what docs/benchmarks.md tells, each figure beside its peer in the same run, interleaved, as medians.

usage: bench.py BUILD_FOLDER [NAME...]     names: start steps files cloudbuild codebuild check expand matrix
                                           listing new memory
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import azure_pipeline

BUILD = Path(sys.argv[1]).resolve()
SLIPWAY = BUILD / "slipway"
ROWS: list[tuple[str, str, str, str, str]] = []


class Place:
    """A folder with its own home, state and caches."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="slipway-bench."))
        self.env = dict(os.environ)
        self.env |= {
            "XDG_STATE_HOME": str(self.path / "state"),
            "XDG_CACHE_HOME": str(self.path / "cache"),
            "GIT_AUTHOR_NAME": "b", "GIT_AUTHOR_EMAIL": "b@b", "GIT_COMMITTER_NAME": "b", "GIT_COMMITTER_EMAIL": "b@b",
        }  # fmt: skip

    def repo(self, text: str, file: str = ".github/workflows/ci.yml") -> Path:
        """A repository of its own that holds this one file."""
        repo = self.path / f"repo{len(list(self.path.glob('repo*')))}"
        (repo / file).parent.mkdir(parents=True)
        (repo / file).write_text(textwrap.dedent(text))
        for args in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
            subprocess.run(["git", *args], cwd=repo, env=self.env, check=True)
        return repo

    def run(self, argv: list[str], cwd: Path) -> float:
        """Seconds that it took; ends everything when it fails."""
        began = time.perf_counter()
        done = subprocess.run(argv, cwd=cwd, env=self.env, stdin=subprocess.DEVNULL, capture_output=True)
        took = time.perf_counter() - began
        if done.returncode != 0:
            sys.exit(f"{argv} exited {done.returncode}:\n{done.stdout.decode()[-2000:]}{done.stderr.decode()[-2000:]}")
        return took

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def interleaved(rounds: int, ours: Callable[[], float], peer: Callable[[], float]) -> tuple[float, float, float]:
    """Medians of both and of the ratios of neighbours."""
    a, b = [], []
    for _ in range(rounds):
        b.append(peer())
        a.append(ours())
    return statistics.median(a), statistics.median(b), statistics.median(x / y for x, y in zip(a, b, strict=True))


def row(what: str, ours: str, peer: str, figure: str, bound: str) -> None:
    ROWS.append((what, ours, peer, figure, bound))
    print(f"{what}: {ours}; {peer}; {figure} (bound {bound})", flush=True)


def start() -> None:
    out = subprocess.run([str(BUILD / "bench_sandbox_start")], capture_output=True, text=True, check=True).stdout
    ours, peer = (float(x) for x in out.split()[:2])
    row("a sandbox opened and `true` run in it", f"{ours:.2f} ms", f"fork+exec of true {peer:.2f} ms", f"{ours / peer:.2f}x", "4x")


def empty_scripts(p: Place) -> Path:
    """A script that runs 1000 scripts which do nothing, each in a bash of its own."""
    loop = p.path / "loop.sh"
    scripts = p.path / "scripts"
    scripts.mkdir()
    for i in range(1000):
        (scripts / f"{i}.sh").write_text(":")
    loop.write_text(f"for s in {scripts}/*.sh; do bash -e $s; done\n")
    return loop


def steps() -> None:
    with Place() as p:
        body = "".join("      - run: ':'\n" for _ in range(1000))
        repo = p.repo(f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{body}")
        loop = empty_scripts(p)
        a, b, ratio = interleaved(
            7, lambda: p.run([str(SLIPWAY), "ci", "-q"], repo), lambda: p.run(["bash", str(loop)], repo)
        )
        row("a workflow of 1000 steps `run: ':'`", f"{a:.2f} s", f"1000 scripts with bash -e {b:.2f} s", f"{ratio:.2f}x", "1.5x")


def files() -> None:
    """Every step reads what the one before wrote, through an output, the environment file and an expression."""
    with Place() as p:
        body = "      - id: s0\n        run: 'true'\n"
        for i in range(1, 1000):
            body += textwrap.indent(
                textwrap.dedent(f"""\
                    - id: s{i}
                      if: ${{{{ steps.s{i - 1}.outcome == 'success' && env.COUNT != 'none' }}}}
                      env:
                        LAST: ${{{{ steps.s{i - 1}.outputs.n || format('{{0}}', github.run_number) }}}}
                      run: |
                        echo "n={i}" >>"$GITHUB_OUTPUT"
                        echo "COUNT={i}" >>"$GITHUB_ENV"
                    """),
                "      ",
            )
        repo = p.repo(f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{body}")
        loop = empty_scripts(p)
        a, b, ratio = interleaved(
            7, lambda: p.run([str(SLIPWAY), "ci", "-q"], repo), lambda: p.run(["bash", str(loop)], repo)
        )
        row("1000 steps with outputs, env files and expressions", f"{a:.2f} s", f"1000 empty scripts with bash -e {b:.2f} s",
            f"{ratio:.2f}x", "1.3x")  # fmt: skip


def each(small: int, large: int, make: Callable[[Place, int], Path], p: Place) -> Callable[[], float]:
    """Milliseconds that one more costs: what `large` of them take longer than `small`, shared out."""
    few, many = make(p, small), make(p, large)
    ci = [str(SLIPWAY), "ci", "-q"]
    return lambda: (p.run(ci, many) - p.run(ci, few)) * 1000 / (large - small)


def github_steps(p: Place, n: int) -> Path:
    return p.repo("on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n" + "      - run: ':'\n" * n)


def cloudbuild_steps(p: Place, n: int) -> Path:
    return p.repo("steps:\n" + "- {name: ubuntu, script: ':'}\n" * n + "options: {logging: CLOUD_LOGGING_ONLY}\n", "cloudbuild.yaml")


def codebuild_commands(p: Place, n: int) -> Path:
    return p.repo("version: 0.2\nphases:\n  build:\n    commands:\n" + "      - ':'\n" * n, "buildspec.yml")


def beside_a_github_step(what: str, make: Callable[[Place, int], Path], bound: str) -> None:
    with Place() as p:
        a, b, ratio = interleaved(7, each(2, 300, make, p), each(2, 300, github_steps, p))
        row(what, f"{a:.2f} ms", f"a GitHub step `run: ':'` {b:.2f} ms", f"{ratio:.2f}x", bound)


def cloudbuild() -> None:
    beside_a_github_step("a Cloud Build step `script: ':'`, in a root of its own", cloudbuild_steps, "1.5x")


def codebuild() -> None:
    beside_a_github_step("a CodeBuild command `:`, with variables and folder carried", codebuild_commands, "-")


def pythons() -> list[str]:
    out = subprocess.run([str(SLIPWAY), "doctor", "--json"], capture_output=True, text=True).stdout
    for line in out.splitlines():
        found = json.loads(line)
        if found["what"] == "python":
            return [v.split()[0] for v in found["found"].split(", ")]
    return []


MATRIX_SCRIPT = """
set -e
work=$1; program=$2; source=$3
rm -rf "$work"; mkdir -p "$work"; cp -r "$source/." "$work"; cd "$work"
export PIP_CACHE_DIR=$4 HOME=$5 CI=true PIP_ROOT_USER_ACTION=ignore
export PATH=$(dirname "$program"):$PATH
make init
make check
"""


def matrix() -> None:
    with Place() as p:
        p.run([str(SLIPWAY), "new", "py-skeleton", "--like-seed", "--yes"], p.path)
        repo = p.path / "py-skeleton"
        script = p.path / "leg.sh"
        script.write_text(MATRIX_SCRIPT)
        found = []
        for minor in ("3.9", "3.10", "3.11", "3.12"):
            exe = [v for v in pythons() if v.startswith(minor + ".")]
            root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
            path = [root / v / "bin" / "python3" for v in exe if (root / v / "bin" / "python3").exists()]
            if path:
                found.append((minor, path[0]))
        if not found:
            return row("the four-leg matrix", "not measured: no pyenv Pythons", "", "", "1.1x")
        width = os.cpu_count() or 1
        home = p.path / "home"
        home.mkdir()

        def plain() -> float:
            began = time.perf_counter()
            jobs = "\n".join(
                f"bash {script} {p.path}/leg-{m} {exe} {repo} {p.path}/pip-{m} {home} >{p.path}/leg-{m}.log 2>&1" for m, exe in found
            )
            done = subprocess.run(["xargs", "-P", str(width), "-I{}", "sh", "-c", "{}"], input=jobs, text=True, env=p.env)
            if done.returncode != 0:
                sys.exit("a plain leg failed:\n" + "".join((p.path / f"leg-{m}.log").read_text()[-1500:] for m, _ in found))
            return time.perf_counter() - began

        def ours() -> float:
            return p.run([str(SLIPWAY), "ci", "-q", "-j", str(width), "push", "--branch", "main", "-W", ".github/workflows/ci.yml"], repo)

        plain(), ours()  # fill both caches
        a, b, ratio = interleaved(3, ours, plain)
        row(f"the matrix of {len(found)} Pythons, warm pip cache", f"{a:.1f} s", f"the same commands in {len(found)} copies {b:.1f} s",
            f"{ratio:.2f}x", "1.1x")  # fmt: skip


def listing() -> None:
    with Place() as p:
        p.run([str(SLIPWAY), "new", "hello", "--yes"], p.path)
        repo = p.path / "hello"
        p.run([str(SLIPWAY), "ci", "-n"], repo)  # interpreters are asked once
        git = ["git", "log", "-1"]
        for argv, name in (([str(SLIPWAY)], "slipway"), ([str(SLIPWAY), "ci", "-n"], "slipway ci -n on the scaffold")):
            a, b, _ = interleaved(21, lambda argv=argv: p.run(argv, repo), lambda: p.run(git, repo))
            row(f"`{name}`", f"{a * 1000:.1f} ms", f"git log -1 {b * 1000:.1f} ms", f"{a * 1000:.1f} ms", "30 ms")


def new() -> None:
    with Place() as p:
        count = iter(range(1000))
        hello = p.path / "model"
        p.run([str(SLIPWAY), "new", str(hello), "--yes"], p.path)

        def git() -> float:
            copy = p.path / f"copy{next(count)}"
            shutil.copytree(hello, copy, ignore=shutil.ignore_patterns(".git"))
            return sum(p.run(["git", *a], copy) for a in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "x"]))

        a, b, _ = interleaved(11, lambda: p.run([str(SLIPWAY), "new", f"p{next(count)}", "--yes"], p.path), git)
        bare = statistics.median(p.run([str(SLIPWAY), "new", f"q{next(count)}", "--yes", "--no-git"], p.path) for _ in range(11))
        row("`slipway new`, besides git", f"{bare * 1000:.1f} ms without git, {a * 1000:.1f} ms with", f"git init, add, commit {b * 1000:.1f} ms",
            f"{bare * 1000:.1f} ms", "50 ms")  # fmt: skip


def memory() -> None:
    with Place() as p:
        line = "yes 0123456789012345678901234567890123456789 | head -c 100000000"
        repo = p.repo(f"on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{{run: '{line}'}}]\n")
        p.run([str(SLIPWAY), "ci", "-n"], repo)  # interpreters are asked once, and may be larger than slipway
        pid = os.fork()
        if pid == 0:
            p.run([str(SLIPWAY), "ci", "-q"], repo)
            kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
            (p.path / "rss").write_text(str(kib))
            os._exit(0)
        os.waitpid(pid, 0)
        kib = int((p.path / "rss").read_text())
        row("resident memory with a job that prints 100 MB", f"{kib / 1024:.1f} MB", "-", f"{kib / 1024:.1f} MB", "30 MB")


PEER = "github.com/rhysd/actionlint@v1.7.12"


def peer_linter(folder: Path) -> Path | str:
    """actionlint's source with a binary `peer` in it, or why there is none."""
    if not shutil.which("go"):
        return "no go"
    got = subprocess.run(["go", "mod", "download", "-json", PEER], cwd=folder, capture_output=True, text=True)
    if got.returncode != 0:
        return "the go proxy does not have it"
    source = folder / "peer-source"
    shutil.copytree(json.loads(got.stdout)["Dir"], source)
    subprocess.run(["chmod", "-R", "u+w", str(source)], check=True)
    built = subprocess.run(["go", "build", "-o", "peer", "./cmd/actionlint"], cwd=source, capture_output=True, text=True)
    return source if built.returncode == 0 else "it does not build"


def check() -> None:
    """1000 real workflows: the data set that the peer brings for its own tests."""
    with Place() as p:
        source = peer_linter(p.path)
        if isinstance(source, str):
            return row("`slipway check` over 1000 workflows", f"not measured: {source}", "", "", "10x")
        repo = p.path / "many"
        folder = repo / ".github" / "workflows"
        folder.mkdir(parents=True)
        with zipfile.ZipFile(source / "testdata" / "realworld" / "dataset.zip") as real:
            names = sorted(n for n in real.namelist() if n.endswith((".yml", ".yaml")))[:1000]
            for i, name in enumerate(names):
                (folder / f"{i}.yml").write_bytes(real.read(name))
        (repo / ".git").mkdir()
        files = [str(f) for f in sorted(folder.iterdir())]

        def timed(argv: list[str]) -> float:
            began = time.perf_counter()
            done = subprocess.run(argv, cwd=repo, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if done.returncode not in (0, 1):
                sys.exit(f"{argv[0]} exited {done.returncode}")
            return time.perf_counter() - began

        peer = [str(source / "peer"), "-no-color", "-shellcheck=", "-pyflakes=", *files]
        timed(peer), timed([str(SLIPWAY), "check"])  # the files are in memory now
        a, b, ratio = interleaved(7, lambda: timed([str(SLIPWAY), "check"]), lambda: timed(peer))
        n = len(files)
        row(f"`slipway check` over {n} workflows", f"{n / a:.0f} files a second", f"actionlint {n / b:.0f} files a second",
            f"{1 / ratio:.1f}x", "10x")  # fmt: skip


# Prints the milliseconds that reading alone takes: files become Python's lists and mappings, and nothing is expanded.
PEER_READER = """
import sys, time, yaml
texts = [open(f).read() for f in sys.argv[1:]]
began = time.perf_counter()
for text in texts:
    yaml.load(text, Loader=yaml.CSafeLoader)
print((time.perf_counter() - began) * 1000)
"""


def expand() -> None:
    """A large Azure pipeline, read, expanded, checked, planned and printed; and what that costs beyond a tiny one."""
    with Place() as p:
        tiny = p.repo("trigger: none\nsteps:\n- script: 'true'\n", "azure-pipelines.yml")
        large = p.repo("trigger: none\n", "README")
        lines = azure_pipeline.write(large)
        files = [str(f) for f in sorted(large.rglob("*.yml"))]
        ci = [str(SLIPWAY), "ci", "azure", "-n", "--expanded", "-W", "azure-pipelines.yml"]

        def peer() -> float:
            out = subprocess.run([sys.executable, "-c", PEER_READER, *files], capture_output=True, text=True)
            return float(out.stdout) if out.returncode == 0 else float("nan")

        p.run(ci, tiny)  # interpreters are asked once
        small: list[float] = []

        def ours() -> float:
            small.append(p.run(ci, tiny))
            return p.run(ci, large)

        whole, reading, _ = interleaved(21, ours, peer)
        more = (whole - statistics.median(small)) * 1000
        read = "not measured: no PyYAML with libyaml" if reading != reading else f"PyYAML's C loader reads them in {reading:.1f} ms"
        row(f"`slipway ci azure -n --expanded` of {lines} lines in {len(files)} files", f"{whole * 1000:.1f} ms, {more:.1f} ms more than a pipeline of one step",
            read, f"{whole * 1000:.1f} ms", "50 ms")  # fmt: skip


def main() -> None:
    names = sys.argv[2:] or ["start", "steps", "files", "cloudbuild", "codebuild", "check", "expand", "matrix", "listing", "new", "memory"]
    for name in names:
        globals()[name]()
    print("\n| what | slipway | beside | figure | bound |\n|---|---|---|---|---|")
    for r in ROWS:
        print("| " + " | ".join(r) + " |")


main()
