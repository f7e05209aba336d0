#!/usr/bin/env python3
"""Public configurations of a service, read, judged and planned: no crash, and no error where the service has none.

usage: corpus.py SLIPWAY SERVICE FOLDER [-v]

Every *.yml, *.yaml and *.json below FOLDER is copied into a repository of its own: under the service's usual name, by
which `slipway check FILE` knows whose file it is, and under its own one for `slipway ci SERVICE -n -W FILE`. A case is
called by its path below FOLDER. Of each file one line is printed: ok; FAIL with the first error that was said, as the
service may well take what we refuse; or FAIL with what slipway broke with. A refusal that is right is listed in
expected_failures.txt, with the service's rule. Ends with one line of counts; exits 1 when something failed.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SUFFIXES = (".yml", ".yaml", ".json")
USUAL = {"cloudbuild": ("cloudbuild", ".yaml"), "codebuild": ("buildspec", ".yml")}
BROKE = re.compile(r"runtime error:|AddressSanitizer|LeakSanitizer|slipway: BUG")
ERROR = re.compile(r"(?:^|: )error: (.*)$", re.M)
SECONDS = 60


class Broke(Exception):
    pass


def environment(home):
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb", "GIT_CONFIG_NOSYSTEM": "1",
           "XDG_STATE_HOME": str(home / "state"), "XDG_CACHE_HOME": str(home / "cache")}
    env.update({k: v for k, v in os.environ.items() if k in ("ASAN_OPTIONS", "UBSAN_OPTIONS")})
    return env


def usual_name(service, source):
    stem, suffix = USUAL[service]
    return stem + (".json" if source.suffix == ".json" else suffix)


def make_repository(root, source, usual, env):
    git = ["git", "-C", str(root), "-c", "user.name=slipway", "-c", "user.email=slipway@localhost"]
    root.mkdir()
    for name in (source.name, usual):
        (root / name).write_bytes(source.read_bytes())
    for args in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "corpus"],
                 ["remote", "add", "origin", "https://github.com/octo/corpus.git"]):
        subprocess.run(git + args, check=True, env=env)


def run(slipway, root, env, *args):
    """The exit status and what was said on both pipes; Broke when it was no answer."""
    try:
        done = subprocess.run([slipway, *args], cwd=root, env=env, stdin=subprocess.DEVNULL, timeout=SECONDS,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        raise Broke("no answer in %d s: %s" % (SECONDS, " ".join(args)))
    said = done.stdout.decode(errors="replace")
    complaint = BROKE.search(said)
    if done.returncode < 0 or done.returncode == 70 or complaint:
        line = said[complaint.start():].split("\n", 1)[0] if complaint else "exit %d" % done.returncode
        raise Broke("%s: %s" % (" ".join(args), line))
    return done.returncode, said


def first_error(said):
    found = ERROR.search(said)
    return found.group(1) if found else (said.strip().split("\n") or [""])[-1]


def judge(slipway, service, root, source, env):
    """None when both commands are content, else the verb that was not, and why."""
    for args in (["check", usual_name(service, source)], ["ci", service, "-n", "-W", source.name]):
        code, said = run(slipway, root, env, *args)
        if code != 0:
            return args[0], first_error(said), said
    return None


def main():
    if len(sys.argv) < 4 or sys.argv[2] not in USUAL:
        sys.exit(__doc__)
    slipway, service, folder = os.path.abspath(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    verbose = "-v" in sys.argv[4:] or os.environ.get("VERBOSE")
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name.endswith(SUFFIXES))
    counts = {"ok": 0, "refused": 0, "broke": 0}
    with tempfile.TemporaryDirectory(prefix="slipway-corpus-") as temporary:
        home = Path(temporary, "home")
        home.mkdir()
        env = environment(home)
        for number, source in enumerate(files):
            case, root = source.relative_to(folder).as_posix().replace(" ", "%20"), Path(temporary, "%d" % number)
            make_repository(root, source, usual_name(service, source), env)
            try:
                refused = judge(slipway, service, root, source, env)
            except Broke as e:
                counts["broke"] += 1
                print("FAIL %s: broke: %s" % (case, e))
                continue
            if refused is None:
                counts["ok"] += 1
                print("ok %s" % case)
                continue
            counts["refused"] += 1
            print("FAIL %s: %s: %s" % (case, refused[0], refused[1]))
            if verbose:
                print(refused[2])
    print("%s-corpus: %d passed, %d failed (%d refused, %d broke)" % (
        service, counts["ok"], counts["refused"] + counts["broke"], counts["refused"], counts["broke"]))
    return 1 if counts["refused"] + counts["broke"] or not files else 0


if __name__ == "__main__":
    sys.exit(main())
