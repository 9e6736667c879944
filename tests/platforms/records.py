"""What platforms sent once, as it was recorded, and the same spoiled."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

FOLDER = Path(__file__).resolve().parents[1] / "recorded"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def recorded(platform: str, name: str) -> dict[str, Any]:
    """What a platform sent."""
    found: dict[str, Any] = json.loads((FOLDER / platform / f"{name}.json").read_text(encoding="utf-8"))
    return found


def names(platform: str) -> set[str]:
    """What was recorded of a platform."""
    return {file.stem for file in (FOLDER / platform).glob("*.json")}


@st.composite
def spoiled(draw: st.DrawFn, platform: str, among: Iterable[str]) -> dict[str, Any]:
    """Something of this with some of its parts replaced by anything at all."""
    sent = recorded(platform, draw(st.sampled_from(sorted(among))))
    for _ in range(draw(st.integers(1, 3))):
        part: Any = sent
        while isinstance(part, dict | list) and part:
            key = draw(st.sampled_from(sorted(part) if isinstance(part, dict) else range(len(part))))
            if not isinstance(part[key], dict | list) or draw(st.booleans()):
                part[key] = draw(JSON)
                break
            part = part[key]
    return sent
