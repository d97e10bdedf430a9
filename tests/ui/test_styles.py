"""Style sheets hold no rule for a class that nothing has."""

import re
from pathlib import Path

import django
import pytest

ROOT = Path(__file__).parents[2]
OURS = ["templates", "static/js", "accounts", "calls", "contacts", "federation", "messaging", "worksbridge"]
# The admin's own pages and widgets are drawn by our style sheets too.
DJANGO = [Path(django.__file__).parent / part for part in ("contrib/admin", "forms")]
# Made from a number or a word: avatar--c3, tree--2, call-row--missed.
MADE = re.compile(r"(avatar--(c?\d+)|tree--\d|banner--warning|call-row--missed|btn--stop)")


def _classes(sheet: Path) -> set[str]:
    rules = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    return set(re.findall(r"\.(-?[a-zA-Z_][\w-]*)", rules.replace(".css", "")))


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Every word in a template, a script or the code."""
    folders = [*(ROOT / name for name in OURS), *DJANGO]
    files = (path for folder in folders for path in folder.rglob("*") if path.suffix in {".html", ".js", ".py"})
    return {word for path in files for word in re.findall(r"[\w-]+", path.read_text())}


@pytest.mark.parametrize("sheet", sorted((ROOT / "static/css").rglob("*.css")), ids=lambda sheet: sheet.name)
def test_each_class_is_used(sheet: Path, words: set[str]) -> None:
    unused = {name for name in _classes(sheet) if name not in words and not MADE.fullmatch(name)}
    assert not unused
