#!/usr/bin/env python3
"""act's own runner tests, run by slipway: the same outcome for every workflow that needs only a shell and node.

usage: act_runner.py SLIPWAY [FOLDER]

FOLDER is pkg/runner of nektos/act (default: that of the newest act in Go's module cache). Its runner_test.go lists
workflows, events and whether they must fail; that table is read where it lies, nothing of it is kept here. What needs
containers, PowerShell, Windows or repositories of the Internet is counted as skipped, with its reason.
Prints FAIL lines and one line of counts at the end; exits 1 when something failed.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROW = re.compile(r'^\s*\{workdir, "([^"]+)", "([^"]+)", "([^"]*)", .*\}', re.M)
OWN = re.compile(r'workflowPath(?:: *| := )"([^"]+)"')
NATIVE = ("actions/checkout", "actions/setup-python", "actions/setup-node")
NEEDS = (
    (re.compile(r"^\s*(container|services):", re.M), "containers"),
    (re.compile(r"docker://|using: *['\"]?docker", re.I), "containers"),
    (re.compile(r"\bpwsh\b|powershell", re.I), "PowerShell"),
    (re.compile(r"windows-latest"), "Windows"),
)
REMOTE = re.compile(r"uses: *['\"]?([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)[^\s'\"]*@")
LOCAL = re.compile(r"uses: *['\"]?\./([^\s'\"]+)")


def find_act():
    cache = subprocess.run(["go", "env", "GOMODCACHE"], capture_output=True, text=True).stdout.strip()
    found = sorted(Path(cache).glob("github.com/nektos/act@*/pkg/runner")) if cache else []
    return found[-1] if found else None


def texts_of(root, folder, seen):
    """The files of a case and of the local actions and workflows that it uses."""
    if folder in seen or not folder.exists():
        return
    seen.add(folder)
    files = [folder] if folder.is_file() else [p for p in folder.rglob("*.y*ml")]
    files += [p for p in folder.rglob("Dockerfile")] if folder.is_dir() else []
    for path in files:
        text = "using: docker" if path.name == "Dockerfile" else path.read_text(errors="replace")
        text = re.sub(r"(^|\s)#.*", "", text)
        yield text
        for name in LOCAL.findall(text):
            yield from texts_of(root, root / name, seen)


def why_not(root, folder):
    for text in texts_of(root, folder, set()):
        for pattern, reason in NEEDS:
            if pattern.search(text):
                return "needs " + reason
        for repo in REMOTE.findall(text):
            if not repo.startswith(NATIVE):
                return "needs " + repo + " of the Internet"
    return None


def cases(runner):
    text = (runner / "runner_test.go").read_text()
    text = re.sub(r"^\s*//.*$", "", text, flags=re.M)
    seen = {}
    for path, event, error in ROW.findall(text):
        seen.setdefault((path, event), bool(error))
    for path in OWN.findall(text):
        if not any(p == path for p, _ in seen):
            seen[(path, "pull_request" if path == "pull-request" else "push")] = False
    return sorted((path, event, fails) for (path, event), fails in seen.items())


def arguments(folder):
    """What the tests of act give by hand: files beside the workflow."""
    args = ["-s", "secret=keep_it_private", "--actor", "nektos/act", "--env", "ACT=true"]
    if folder.name == "matrix-with-user-inclusions":
        args += ["--matrix", "node:8", "--matrix", "node:8.x", "--matrix", "os:ubuntu-18.04"]
    for name, flag in ((".secrets", "--secret-file"), (".env", "--env-file"), ("event.json", "-e")):
        if (folder / name).exists():
            args += [flag, str(folder / name)]
    return args


def run(slipway, root, path, event, state):
    folder = root / path
    env = dict(os.environ, XDG_STATE_HOME=str(state), XDG_CACHE_HOME=str(state / "cache"), NO_COLOR="1")
    command = [slipway, "ci", event, "-W", path, *arguments(folder)]
    if path == "input-from-cli":
        command += ["--input", "SOME_INPUT=input"]
    try:
        r = subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, errors="replace", timeout=120)
    except subprocess.TimeoutExpired:
        return None, "it did not end within 120 s"
    return r.returncode, r.stdout + r.stderr


def main():
    runner = Path(sys.argv[2]) if len(sys.argv) > 2 else find_act()
    if runner is None or not (runner / "runner_test.go").exists():
        print("act-runner: skipped: no nektos/act in Go's module cache (go mod download github.com/nektos/act@latest)")
        return 0
    passed, failed, skipped = 0, 0, []
    with tempfile.TemporaryDirectory(prefix="act-runner-") as tmp:
        root, state = Path(tmp) / "testdata", Path(tmp) / "state"
        shutil.copytree(runner / "testdata", root, symlinks=True)
        subprocess.run(["chmod", "-R", "u+w,go-rwx", str(root)], check=True)
        state.mkdir()
        git = ["git", "-C", str(root), "-c", "user.name=slipway", "-c", "user.email=slipway@localhost"]
        for args in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "testdata"],
                     ["remote", "add", "origin", "https://github.com/nektos/act"]):
            subprocess.run(git + args, check=True)
        for path, event, fails in cases(runner):
            name = path if event == "push" else path + ":" + event
            reason = why_not(root, root / path)
            if reason is not None:
                skipped.append((name, reason))
                continue
            code, output = run(os.path.abspath(sys.argv[1]), root, path, event, state)
            wanted = (1, 2) if fails else (0,)
            if code in wanted:
                passed += 1
                continue
            failed += 1
            print("FAIL %s: exit %s, expected %s" % (name, code, "a failure" if fails else "0"))
            if "-v" in sys.argv or os.environ.get("VERBOSE"):
                print(output)
    for name, reason in skipped:
        print("skip %s: %s" % (name, reason))
    print("act-runner: %d passed, %d failed, %d skipped" % (passed, failed, len(skipped)))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
