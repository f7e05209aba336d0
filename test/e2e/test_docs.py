"""What the documentation claims: every row that says how something is shown names a test that is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATES = ("exact", "emulated", "warnings", "not done")
PAGES = sorted(p for p in (ROOT / "docs").glob("*.md") if "| shown by |" in p.read_text())


def rows(page: Path) -> list[tuple[int, list[str]]]:
    """The rows of every table of the page that has the columns `state` and `shown by`: line, state, shown by."""
    found, at = [], None
    for number, line in enumerate(page.read_text().splitlines(), 1):
        cells = [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        if not line.startswith("|"):
            at = None
        elif "shown by" in cells:
            at = (cells.index("state"), cells.index("shown by"))
        elif at and not set(line) <= set("|-: "):
            found.append((number, [cells[i] for i in at]))
    return found


def functions(folder: Path, pattern: str) -> dict[str, set[str]]:
    """Name of each test file, without test_ and its ending, to the functions in it."""
    found: dict[str, set[str]] = {}
    for p in folder.rglob("test_*.*"):
        if p.suffix in (".c", ".py"):
            found.setdefault(re.sub(r"^test_", "", p.stem), set()).update(re.findall(pattern, p.read_text(), re.M))
    return found


UNITS = functions(ROOT / "test/unit", r"^static void (\w+)\(")
E2E = functions(ROOT / "test/e2e", r"^def (test_\w+)\(")
NAMES = {name for names in UNITS.values() for name in names}


def missing(proof: str) -> list[str]:
    """What the cell names and nobody has. `kind/file name, name; ...`; a golden case is a file, a wildcard is allowed."""
    wrong = []
    file = ""
    for word in re.split(r"[\s,;]+", proof.replace("`", "").strip()):
        kind, _, rest = word.partition("/")
        if kind == "golden":
            name = rest if "/" in rest else "github/" + rest
            if not list((ROOT / "test/golden").glob(name.removesuffix(".txt") + ".txt")):
                wrong.append(word)
        elif kind in ("unit", "e2e"):
            file = re.sub(r"^test_", "", rest.removesuffix(".py").removesuffix(".c"))
            if kind == "e2e" and file not in E2E:
                wrong.append(word)
            if kind == "unit" and not any(rest.endswith(n) or file.endswith(n) for n in UNITS):
                wrong.append(word)
        elif word and word not in NAMES and not any(word in names for names in E2E.values()):
            wrong.append(word)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_row_names_a_state_and_a_test_that_is_there(page: Path) -> None:
    wrong = []
    found = rows(page)
    assert found, "the page has no row"
    for line, (state, proof) in found:
        if not state.lower().startswith(STATES):
            wrong.append(f"{page.name}:{line}: a state is one of {', '.join(STATES)}: {state}")
        if not proof and not state.startswith("not done"):
            wrong.append(f"{page.name}:{line}: nothing shows it")
        wrong += [f"{page.name}:{line}: there is no {name}" for name in missing(proof)]
    assert not wrong, "\n".join(wrong)
