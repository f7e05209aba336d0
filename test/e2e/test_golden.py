"""Golden cases: one readable file each, in test/golden. `make bless` rewrites what they expect.

Sections: `-- in.yml --` is written to .github/workflows/in.yml (a name with a slash: to that path), `-- args --` holds
slipway's arguments; `-- stdout --`, `-- stderr --` and `-- exit --` are what must come of it.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import pytest

from conftest import ROOT, Place

CASES = sorted((ROOT / "test" / "golden").rglob("*.txt"))
EXPECTED = ("stdout", "stderr", "exit")


def read(path: Path) -> dict[str, str]:
    parts = re.split(r"^-- (.+) --\n", path.read_text(), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True)) | {"": parts[0]}


def write(path: Path, case: dict[str, str]) -> None:
    text = case.pop("")
    path.write_text(text + "".join(f"-- {name} --\n{body}" for name, body in case.items() if body))


@pytest.mark.parametrize("path", CASES, ids=lambda p: str(p.relative_to(ROOT / "test" / "golden")))
def test_golden(place: Place, path: Path) -> None:
    case = read(path)
    for name, body in case.items():
        if name in ("", "args", *EXPECTED):
            continue
        place.write(name if "/" in name else f".github/workflows/{name}", body)
    place.commit()
    got = place.run(*shlex.split(case["args"]))
    found = {"stdout": got.out, "stderr": got.err, "exit": f"{got.code}\n"}
    if os.environ.get("BLESS"):
        write(path, {k: v for k, v in case.items() if k not in EXPECTED} | found)
        return
    assert found == {k: case.get(k, "") for k in EXPECTED}


def test_there_are_cases() -> None:
    assert len(CASES) > 20
