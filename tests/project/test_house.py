"""The house rules that a machine can keep."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.project import sizes

ROOT = sizes.ROOT
FIXED_BY_THE_OWNER = {"bot", "manifest", "prompts", "pyproject.toml", "README.md", "storage", "tests"}
ASKED_FOR_BY_TOOLS = {"CHANGELOG.md", "Makefile", "uv.lock"}

# A path on somebody's machine; what follows a host or a folder, as in example.org/home/, is none.
MACHINE_PATH = re.compile(r"(?<![\w.*}-])/(?:root|home|tmp|Users)/\w")
MAY_NAME_A_MACHINE_PATH: dict[str, str] = {}  # file: reason

# Members read prompts, so no sentence for them stands in these folders.
SPOKEN_FOLDERS = ("bot/chat", "bot/features", "bot/platforms")
SQL = re.compile(r"(select|insert|update|delete|create|pragma) ")  # in small letters, as we write it
SENTENCE = 6
WORD = re.compile(r"[^\W\d_]{2,}")


def test_imports_point_the_way_that_was_agreed() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")

    outcome = subprocess.run([lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_no_file_and_no_function_is_too_large() -> None:
    measured, functions = sizes.measure()

    assert sizes.too_large(measured, sizes.FILE_LIMIT) == []
    assert sizes.too_large(functions, sizes.FUNCTION_LIMIT) == []


def test_only_code_counts_as_a_line_of_code() -> None:
    source = '"""A docstring.\n\nTwo lines of it."""\n\n# a comment\nasked = """one\n\ntwo"""\n'

    counted = sizes.code_lines(source)

    assert counted == {6, 8}


def test_a_function_above_the_limit_is_named_with_its_line() -> None:
    source = "\ndef long():\n" + "    pass\n" * 60

    named = sizes.too_large(sizes.function_sizes("bot/x.py", source), 60)

    assert named == ["bot/x.py:2 long: 61 lines of code, and 60 is the most"]


def test_the_top_level_holds_only_what_the_owner_fixed_and_tools_ask_for() -> None:
    top_level = {path.parts[0] for path in project_files()}

    extra = {name for name in top_level if not name.startswith(".")} - FIXED_BY_THE_OWNER - ASKED_FOR_BY_TOOLS

    assert extra == set()


def test_no_file_names_a_path_on_somebodys_machine() -> None:
    checked = [path for path in project_files() if path.as_posix() not in MAY_NAME_A_MACHINE_PATH]

    found = [line for path in checked for line in lines_with_a_machine_path(path)]

    assert found == []


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("cd /{}/someone/kring", True),
        ("'/{}/kring.db'", True),
        ("https://example.org/{}/us", False),
        ('tmp_path / "{}" / "x"', False),
    ],
)
def test_a_path_on_a_machine_is_told_from_an_address(text: str, *, is_one: bool) -> None:
    line = text.format("home")

    found = MACHINE_PATH.search(line)

    assert bool(found) is is_one


def test_every_dependency_says_why_it_is_there() -> None:
    written = pyproject_text()

    silent = [requirement for requirement in requirements() if not has_reason(requirement, written)]

    assert silent == []


def test_the_lock_file_names_no_other_registry_than_pypi() -> None:
    lock = (ROOT / "uv.lock").read_text(encoding="utf-8")

    hosts = set(re.findall(r"https?://[^/\"]+", lock))

    assert hosts == {"https://pypi.org", "https://files.pythonhosted.org"}


def test_what_members_read_stands_in_prompts_and_not_in_code() -> None:
    spoken = [path for folder in SPOKEN_FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]

    found = [
        f"{path.relative_to(ROOT).as_posix()}:{line} {text!r}"
        for path in spoken
        for line, text in sentences(path.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_a_sentence_in_code_is_found_and_what_no_member_reads_is_left_alone() -> None:
    source = '''
"""A docstring may say all that it needs to say."""
greet = f"Good to have you here, {name}, with all of us"
raise ValueError("an operator reads this one in the log of Kring")
raise UserError("a member would read this one in the chat")
'''

    found = [line for line, _ in sentences(source)]

    assert found == [3, 5]


def test_the_build_machine_lints_and_runs_every_test() -> None:
    script = ROOT / ".ci" / "run"

    lines = script.read_text(encoding="utf-8").splitlines()

    assert "set -euo pipefail" in lines
    assert {"make lint", "make test"} <= set(lines)
    assert os.access(script, os.X_OK)


def project_files() -> list[Path]:
    """What is in the repository, or would be after adding everything that is not ignored."""
    listing = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("only a git checkout tells the project's files from others")
    names = sorted(set(listed.stdout.split("\0")) - {""})
    return [Path(name) for name in names if (ROOT / name).is_file()]


def lines_with_a_machine_path(path: Path) -> Iterator[str]:
    """The lines of a file that name a path on a machine, this checkout's own included."""
    try:
        lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:  # an image
        return
    own = str(ROOT) if len(ROOT.parts) > 2 else None  # a checkout in /src says nothing about a machine
    for number, line in enumerate(lines, start=1):
        if MACHINE_PATH.search(line) or (own and own in line):
            yield f"{path.as_posix()}:{number} {line.strip()}"


def pyproject_text() -> str:
    """The text of pyproject.toml, comments included."""
    return (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def requirements() -> list[str]:
    """Every dependency, of Kring and of those who work on it."""
    project: dict[str, Any] = tomllib.loads(pyproject_text())
    groups = project["dependency-groups"].values()
    return [*project["project"]["dependencies"], *(requirement for group in groups for requirement in group)]


def has_reason(requirement: str, written: str) -> bool:
    """Whether a dependency has a line of its own, ending in a comment of two words or more."""
    line = rf'^ +"{re.escape(requirement)}",  # \S+ \S+.*$'
    return re.search(line, written, re.MULTILINE) is not None


def sentences(source: str) -> Iterator[tuple[int, str]]:
    """The strings in a module that are long enough to be meant for a member, and their lines."""
    tree = ast.parse(source)
    unread = {id(inner) for node in ast.walk(tree) if is_unread(node) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        text = text_of(node)
        if (
            id(node) not in unread
            and not SQL.match(text)
            and sum(bool(WORD.search(word)) for word in text.split()) >= SENTENCE
        ):
            yield node.lineno, text  # type: ignore[attr-defined]  # only strings have a text, and those have a line


def is_unread(node: ast.AST) -> bool:
    """Whether no member reads what is in here: a docstring, or an error that ends in the log."""
    if isinstance(node, ast.Raise):
        return "UserError" not in ast.dump(node)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def text_of(node: ast.AST) -> str:
    """The text of a string, or of what is fixed in an f-string."""
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)  # type: ignore[misc]
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
