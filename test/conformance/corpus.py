#!/usr/bin/env python3
"""Public configurations of a service, read, judged and planned: no crash, and no error where the service has none.

usage: corpus.py SLIPWAY SERVICE FOLDER [-v]

Every *.yml, *.yaml and *.json below FOLDER is copied into a repository of its own: under the service's usual name, by
which `slipway check FILE` knows whose file it is, and under its own one for `slipway ci SERVICE -n -W FILE`. A case is
called by its path below FOLDER. For azure, whose pipelines are of many files, each folder below FOLDER is a repository
and is copied whole: cases are its pipelines (azure-pipelines*.yml, and what lies in a folder `pipelines`), and a
template of a repository that cannot be asked is no error of ours; what `--expanded` prints is judged again by
`slipway check`, as the service takes its own final document. Of each file one line is printed: ok; FAIL with the first error that was said, as the
service may well take what we refuse; or FAIL with what slipway broke with. A refusal that is right is listed in
expected_failures.txt, with the service's rule. Ends with one line of counts; exits 1 when something failed.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SUFFIXES = (".yml", ".yaml", ".json")
USUAL = {"cloudbuild": ("cloudbuild", ".yaml"), "codebuild": ("buildspec", ".yml"), "azure": ("azure-pipelines", ".yml")}
AZURE = re.compile(r"^((.*/)?\.?azure[-_.]?pipelines?[^/]*|pipelines/.*|\.?azure-pipelines/[^/]*)\.ya?ml$")
EXTRA = {"azure": ["--skip-unknown"]}  # contributed tasks are refused by name, which is no fault of the file
ELSEWHERE = re.compile(r"\[AZ042\]")
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


def azure_cases(folder):
    """The pipelines of each repository; what only others include is no case."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and len(p.relative_to(folder).parts) > 1
                  and ".git" not in p.parts and AZURE.match(p.relative_to(folder).as_posix().split("/", 1)[1])
                  and not is_template(p))


def is_template(path):
    """A file that begins with parameters and is not on top is a part of others."""
    text = path.read_text(errors="replace")
    keys = set(re.findall(r"^(\w+):", text, re.M))
    return "parameters" in keys and not keys & {"trigger", "pr", "extends", "pool", "resources", "schedules", "name"}


def branch_of(source):
    """The one that its triggers speak of, as a pipeline that starts nothing is not planned."""
    text = source.read_text(errors="replace")
    return "master" if re.search(r"\bmaster\b", text) and not re.search(r"\bmain\b", text) else "main"


def make_repository(root, folder, service, source, env):
    git = ["git", "-C", str(root), "-c", "user.name=slipway", "-c", "user.email=slipway@localhost"]
    if service == "azure":
        whole = folder / source.relative_to(folder).parts[0]
        shutil.copytree(whole, root, ignore=shutil.ignore_patterns(".git"))
    else:
        root.mkdir()
        for name in (source.name, usual_name(service, source)):
            (root / name).write_bytes(source.read_bytes())
    for args in (["init", "-q", "-b", branch_of(source)], ["add", "-A"], ["commit", "-q", "-m", "corpus"],
                 ["remote", "add", "origin", "https://github.com/octo/corpus.git"]):
        subprocess.run(git + args, check=True, env=env)


def run(slipway, root, env, *args, errors=subprocess.STDOUT):
    """The exit status and what was said (on both pipes, but for errors elsewhere); Broke when it was no answer."""
    try:
        done = subprocess.run([slipway, *args], cwd=root, env=env, stdin=subprocess.DEVNULL, timeout=SECONDS,
                              stdout=subprocess.PIPE, stderr=errors)
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
    """None when both commands are content, else the verb that was not, and why. source: below the repository."""
    checked = source.as_posix() if service == "azure" else usual_name(service, source)
    for args in (["check", checked], ["ci", service, "-n", "-W", source.as_posix(), *EXTRA.get(service, [])]):
        code, said = run(slipway, root, env, *args)
        if code != 0 and service == "azure" and ELSEWHERE.search(said):
            return None
        if code != 0:
            return args[0], first_error(said), said
    return reread(slipway, root, source, env) if service == "azure" else None


def reread(slipway, root, source, env):
    """None when the expanded pipeline, put in the place of its source, is one that `slipway check` takes too."""
    code, expanded = run(slipway, root, env, "ci", "azure", "-n", "--expanded", "-W", source.as_posix(),
                         *EXTRA["azure"], errors=subprocess.DEVNULL)
    if code != 0:
        return "--expanded", "exit %d" % code, expanded
    (root / source).write_text(expanded)
    code, said = run(slipway, root, env, "check", source.as_posix())
    return ("check of --expanded", first_error(said), said + expanded) if code != 0 else None


def main():
    if len(sys.argv) < 4 or sys.argv[2] not in USUAL:
        sys.exit(__doc__)
    slipway, service, folder = os.path.abspath(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    verbose = "-v" in sys.argv[4:] or os.environ.get("VERBOSE")
    files = azure_cases(folder) if service == "azure" else sorted(
        p for p in folder.rglob("*") if p.is_file() and p.name.endswith(SUFFIXES))
    counts = {"ok": 0, "refused": 0, "broke": 0}
    with tempfile.TemporaryDirectory(prefix="slipway-corpus-") as temporary:
        home = Path(temporary, "home")
        home.mkdir()
        env = environment(home)
        for number, source in enumerate(files):
            case, root = source.relative_to(folder).as_posix().replace(" ", "%20"), Path(temporary, "%d" % number)
            make_repository(root, folder, service, source, env)
            inner = Path(*source.relative_to(folder).parts[1:]) if service == "azure" else Path(source.name)
            try:
                refused = judge(slipway, service, root, inner, env)
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
