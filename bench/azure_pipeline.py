"""The Azure pipeline that bench.py expands: 5,000 lines in a root and 50 templates."""

from __future__ import annotations

from pathlib import Path

TEMPLATES = 50
STEPS = 14  # of a template: six lines each


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


def write(folder: Path) -> int:
    """Writes root and templates into the folder; the number of their lines."""
    texts = {f"ci/t{n}.yml": template(n) for n in range(TEMPLATES)}
    texts["azure-pipelines.yml"] = pipeline()
    (folder / "ci").mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text)
    return sum(text.count("\n") for text in texts.values())
