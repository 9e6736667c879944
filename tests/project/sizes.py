"""How large the files and functions are, and whether that is still small: `python -m tests.project.sizes`.

A line counts when it holds code: blank lines, comments and docstrings are free.
"""

import ast
import io
import sys
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("bot", "storage", "tests")
FILE_LIMIT = 350
FUNCTION_LIMIT = 60

LAYOUT = {
    tokenize.COMMENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
    tokenize.INDENT,
    tokenize.NEWLINE,
    tokenize.NL,
}
Function = ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | ast.ClassDef | Function


@dataclass(frozen=True, slots=True)
class Size:
    """A file or a function, and its lines of code."""

    name: str
    lines: int


def files(root: Path = ROOT) -> Iterator[Path]:
    """Every Python file that the limits are for."""
    for folder in FOLDERS:
        # A migration is a list of columns, written once and never changed: its length is the schema's.
        yield from sorted(file for file in (root / folder).rglob("*.py") if file.parent.name != "versions")


def code_lines(source: str) -> set[int]:
    """The numbers of the lines that hold code."""
    written: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in LAYOUT:
            written.update(range(token.start[0], token.end[0] + 1))
    blank = {number for number, line in enumerate(source.splitlines(), start=1) if not line.strip()}
    return written - blank - _docstring_lines(ast.parse(source))


def _docstring_lines(tree: ast.Module) -> set[int]:
    """The numbers of the lines that docstrings take."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, Documented) and ast.get_docstring(node, clean=False) is not None:
            lines.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    return lines


def function_sizes(name: str, source: str) -> Iterator[Size]:
    """Every function in a file; one inside another counts for both."""
    counted = code_lines(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            own = counted.intersection(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            yield Size(f"{name}:{node.lineno} {node.name}", len(own))


def measure(root: Path = ROOT) -> tuple[list[Size], list[Size]]:
    """The files that hold code at all, and their functions."""
    measured: list[Size] = []
    functions: list[Size] = []
    for path in files(root):
        name, source = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        measured.append(Size(name, len(code_lines(source))))
        functions.extend(function_sizes(name, source))
    return [size for size in measured if size.lines], functions


def too_large(sizes: Iterable[Size], limit: int) -> list[str]:
    """A line for each size above the limit, the largest first."""
    over = sorted((size for size in sizes if size.lines > limit), key=lambda size: -size.lines)
    return [f"{size.name}: {size.lines} lines of code, and {limit} is the most" for size in over]


def summary(noun: str, sizes: Sequence[Size], aim: str) -> str:
    """How many there are, the middle one, and the one that nine out of ten stay under."""
    lines = [size.lines for size in sizes] or [0]
    ninetieth = quantiles(lines, n=10, method="inclusive")[-1] if len(lines) > 1 else lines[0]
    return (
        f"{len(sizes)} {noun}: median {median(lines):.0f}, 90th percentile {ninetieth:.0f} lines of code (aim: {aim})"
    )


def main() -> int:
    """Prints the sizes, names what is too large, and says whether anything was."""
    measured, functions = measure()
    print(summary("files", measured, "70 and 200"))
    print(summary("functions", functions, "7 and 22"))
    offenders = too_large(measured, FILE_LIMIT) + too_large(functions, FUNCTION_LIMIT)
    for offender in offenders:
        print(offender, file=sys.stderr)
    return 1 if offenders else 0


if __name__ == "__main__":
    sys.exit(main())
