"""What came in is kept as it was."""

import pytest
from hypothesis import given
from pydantic import ValidationError

from bot.chat.events import Event, Said, pack, unpack
from tests.chat.strategies import whole_events


@given(whole_events)
def test_every_event_comes_out_of_the_inbox_as_it_went_in(event: Event) -> None:
    assert unpack(pack(event)) == event


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"id": "1", "body": {"kind": "shouted"}}', b"\xff"])
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(ValidationError):
        unpack(data)


@given(whole_events)
def test_what_happened_is_told_by_its_kind(event: Event) -> None:
    kept = unpack(pack(event)).body

    assert type(kept) is type(event.body)
    assert isinstance(kept, Said) is (kept.kind == "said")
