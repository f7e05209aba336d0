#!/usr/bin/env python3
"""Measures what the expansion of a large Azure pipeline costs: 5,000 lines in a root and 50 templates.

usage: azure_expand.py BUILD_FOLDER [ROUNDS]

The peer is the same command on a pipeline of one step: the difference is reading, expanding, checking and printing.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TEMPLATES = 50
STEPS = 14  # of a template: six lines each
BOUND_MS = 50.0


def template(n: int) -> str:
    lines = [
        "parameters:",
        "- name: versions",
        "  type: object",
        "  default: ['3.9', '3.10', '3.11']",
        "- name: coverage",
        "  type: boolean",
        "  default: false",
        "steps:",
    ]
    for k in range(STEPS):
        lines += [
            f"- ${{{{ if eq(parameters.coverage, {str(k % 2 == 0).lower()}) }}}}:",
            f"  - script: python -m pytest tests/part{n}_{k} --junitxml=r.xml",
            f"    displayName: Part {k} of ${{{{ length(parameters.versions) }}}}",
            "    env:",
            f"      PART: ${{{{ format('{{0}}-{k}', variables['Build.Reason']) }}}}",
            "      PLAIN: $(Build.SourcesDirectory)",
        ]
    return "\n".join(lines) + "\n"


def pipeline() -> str:
    lines = ["trigger: none", "variables:", "  level: full", "stages:"]
    for n in range(TEMPLATES):
        lines += [
            f"- stage: s{n}",
            "  dependsOn: []",
            "  jobs:",
            "  - job: build",
            "    displayName: ${{ variables.level }}",
            "    steps:",
            f"    - template: ci/t{n}.yml",
            "      parameters:",
            f"        coverage: {str(n % 3 == 0).lower()}",
        ]
    return "\n".join(lines) + "\n"


def make(folder: Path, root: str) -> int:
    (folder / "ci").mkdir(parents=True)
    (folder / "azure-pipelines.yml").write_text(root)
    lines = root.count("\n")
    for n in range(TEMPLATES):
        text = template(n)
        lines += text.count("\n")
        (folder / "ci" / f"t{n}.yml").write_text(text)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return lines


def spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (used.ru_utime + used.ru_stime) * 1000


def took(slipway: Path, folder: Path) -> float:
    """Milliseconds of processor time, which other work on the machine hardly changes."""
    began = spent()
    argv = [str(slipway), "ci", "azure", "--expanded", "-W", "azure-pipelines.yml"]
    done = subprocess.run(argv, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{argv} exited {done.returncode}:\n{done.stderr.decode()[-2000:]}")
    return spent() - began


def main() -> None:
    slipway = Path(sys.argv[1]).resolve() / "slipway"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    with tempfile.TemporaryDirectory(prefix="slipway-bench.") as place:
        large, small = Path(place) / "large", Path(place) / "small"
        lines = make(large, pipeline())
        make(small, "trigger: none\nsteps:\n- script: 'true'\n")
        ours, peer = [], []
        for _ in range(rounds):
            peer.append(took(slipway, small))
            ours.append(took(slipway, large))
        a, b = statistics.median(ours), statistics.median(peer)
        print(f"expanding {lines} lines with {TEMPLATES} templates: {a:.1f} ms of processor time; one step: {b:.1f} ms; "
              f"{a - b:.1f} ms for it (bound {BOUND_MS:.0f} ms)")  # fmt: skip


if __name__ == "__main__":
    main()
