"""The table of contexts and functions (2.12): every key takes what the service's table says, and nothing else."""

from __future__ import annotations

import re

from conftest import Place

CONTEXTS = "github needs strategy matrix job runner env vars secrets steps inputs jobs".split()
CALLS = {
    "always": "always()",
    "cancelled": "cancelled()",
    "success": "success()",
    "failure": "failure()",
    "success-of": "success('z')",
    "hashFiles": "hashFiles('x')",
}
REFUSED = re.compile(r"(?:Unrecognized (?:named-value|function)|Too many parameters|not allowed in this context)")
STATUS = "always cancelled success failure"
JOB = "github needs strategy matrix vars inputs"
RUNNING = f"{JOB} job runner env"
STEP = f"{RUNNING} secrets steps hashFiles"
STEPS = "runs-on: x\nsteps: [{run: ls}]\n"

# Key: a job's text with @ for the expression, and what the expression may name.
JOBS = {
    "if": ("if: '@'\n" + STEPS, f"github needs vars inputs {STATUS} success-of"),
    "strategy.matrix": ('strategy: {matrix: "${{ fromJSON(@) }}"}\n' + STEPS, "github needs vars inputs"),
    "strategy.fail-fast": ('strategy: {fail-fast: "${{ fromJSON(@) }}"}\n' + STEPS, "github needs vars inputs"),
    "strategy.max-parallel": ('strategy: {max-parallel: "${{ fromJSON(@) }}"}\n' + STEPS, "github needs vars inputs"),
    "runs-on": ("runs-on: ${{ fromJSON(@) }}\nsteps: [{run: ls}]\n", JOB),
    "concurrency.cancel-in-progress": ('concurrency: {group: x, cancel-in-progress: "${{ @ }}"}\n' + STEPS, JOB),
    "container.image": ('container: {image: "${{ toJSON(@) }}"}\n' + STEPS, JOB),
    "container.credentials": ('container: {image: a, credentials: {username: "${{ toJSON(@) }}", password: x}}\n' + STEPS, f"{JOB} env secrets"),
    "container.env": ('container: {image: a, env: {A: "${{ toJSON(@) }}"}}\n' + STEPS, f"{RUNNING} secrets"),
    "services": ('services: {a: {image: "${{ toJSON(@) }}"}}\n' + STEPS, JOB),
    "services.env": ('services: {a: {image: a, env: {A: "${{ toJSON(@) }}"}}}\n' + STEPS, f"{RUNNING} secrets"),
    "services.credentials": ('services: {a: {image: a, credentials: {username: "${{ toJSON(@) }}", password: x}}}\n' + STEPS, f"{JOB} env secrets"),
    "defaults.run": ('defaults: {run: {working-directory: "${{ toJSON(@) }}"}}\n' + STEPS, f"{JOB} env"),
    "env": ('env: {A: "${{ toJSON(@) }}"}\n' + STEPS, f"{JOB} secrets"),
    "environment.name": ('environment: {name: "${{ toJSON(@) }}"}\n' + STEPS, JOB),
    "environment.url": ('environment: {name: x, url: "${{ toJSON(@) }}"}\n' + STEPS, f"{RUNNING} steps"),
    "outputs": ('outputs: {o: "${{ toJSON(@) }}"}\n' + STEPS, f"{RUNNING} secrets steps"),
    "snapshot.if": ('snapshot: {image-name: x, if: "toJSON(@)"}\n' + STEPS, JOB),
    "call.with": ('uses: ./.github/workflows/x.yml\nwith: {a: "${{ toJSON(@) }}"}\n', JOB),
    "call.secrets": ('uses: ./.github/workflows/x.yml\nsecrets: {a: "${{ toJSON(@) }}"}\n', f"{JOB} secrets"),
    "step.if": ('runs-on: x\nsteps: [{run: ls, if: "toJSON(@)"}]\n', f"{RUNNING} steps hashFiles {STATUS}"),
    "step.env": ('runs-on: x\nsteps: [{run: ls, env: {A: "${{ toJSON(@) }}"}}]\n', STEP),
    "step.with": ('runs-on: x\nsteps: [{uses: actions/checkout@v4, with: {ref: "${{ toJSON(@) }}"}}]\n', STEP),
    "step.run": ('runs-on: x\nsteps: [{run: "${{ toJSON(@) }}"}]\n', STEP),
}
for key in "name timeout-minutes cancel-timeout-minutes continue-on-error concurrency environment container".split():
    JOBS[key] = (key + ": ${{ fromJSON(@) }}\n" + STEPS, JOB)
for key in "name working-directory timeout-minutes continue-on-error".split():
    JOBS["step." + key] = ("runs-on: x\nsteps: [{run: ls, " + key + ': "${{ fromJSON(@) }}"}]\n', STEP)

# Key: the file's text above its jobs.
ROOTS = {
    "run-name": ("on: push\nrun-name: ${{ toJSON(@) }}\n", "github inputs vars"),
    "root.concurrency": ("on: push\nconcurrency: ${{ toJSON(@) }}\n", "github inputs vars"),
    "root.env": ('on: push\nenv: {A: "${{ toJSON(@) }}"}\n', "github secrets inputs vars"),
    "root.defaults": ('on: push\ndefaults: {run: {shell: "${{ toJSON(@) }}"}}\n', ""),
    "root.name": ("on: push\nname: ${{ toJSON(@) }}\n", ""),
    "call.default": ('on: {workflow_call: {inputs: {a: {type: string, default: "${{ toJSON(@) }}"}}}}\n', "github inputs vars"),
    "call.outputs": ('on: {workflow_call: {outputs: {a: {value: "${{ toJSON(@) }}"}}}}\n', "github jobs vars inputs"),
}


def expressions() -> dict[str, str]:
    return {name: f"{name}.x" if name != "jobs" else "jobs.z.result" for name in CONTEXTS} | CALLS


def refused(place: Place) -> dict[str, set[int]]:
    """Each file's lines with an expression that may not stand where it does."""
    r = place.run("check")
    assert "YA0" not in r.err, r.err
    found: dict[str, set[int]] = {}
    for file, line, text in re.findall(r"workflows/(.+)\.yml:(\d+):\d+: error: (.*)", r.err):
        if REFUSED.search(text):
            found.setdefault(file, set()).add(int(line))
    return found


def test_contexts_of_jobs(place: Place) -> None:
    lines: dict[str, dict[int, str]] = {}
    for key, (text, _) in JOBS.items():
        file, lines[key] = "on: push\njobs:\n  z: {runs-on: x, steps: [{run: ls}]}\n", {}
        for name, expression in expressions().items():
            file += f"  job-{name}:\n"
            at = expression if not text.startswith("if: '") else expression.replace("'", "''")
            for line in text.replace("@", at).splitlines():
                file += f"    {line}\n"
                lines[key][file.count("\n")] = name
        place.workflow(file, f"{key}.yml")
    wrong = refused(place)
    found = {key: {lines[key][line] for line in wrong.get(key, ())} for key in JOBS}
    assert found == {key: set(expressions()) - set(allowed.split()) for key, (_, allowed) in JOBS.items()}


def test_contexts_of_the_root(place: Place) -> None:
    for key, (text, _) in ROOTS.items():
        for name, expression in expressions().items():
            job = "jobs: {z: {runs-on: x, steps: [{run: ls}]}}\n"
            place.workflow(text.replace("@", expression) + job, f"{key}@{name}.yml")
    wrong = refused(place)
    found = {key: {name for name in expressions() if f"{key}@{name}" in wrong} for key in ROOTS}
    assert found == {key: set(expressions()) - set(allowed.split()) for key, (_, allowed) in ROOTS.items()}
