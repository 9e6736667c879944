"""What goes out waits in the outbox and comes out as it was."""

from typing import get_args

import pytest
from hypothesis import given
from pydantic import ValidationError

from bot.chat import cards
from bot.chat.cards import Card, Form, pack, unpack_card, unpack_form
from tests.chat.strategies import forms, whole_cards


@given(whole_cards)
def test_every_card_comes_out_of_the_outbox_as_it_went_in(card: Card) -> None:
    assert unpack_card(pack(card)) == card


@given(forms)
def test_every_form_comes_out_of_the_outbox_as_it_went_in(form: Form) -> None:
    assert unpack_form(pack(form)) == form


def test_a_form_is_no_card_and_a_card_is_no_form() -> None:
    card = Card(cards.Plain("Hallo"), (cards.Divider(),))

    with pytest.raises(ValidationError):
        unpack_form(pack(card))
    with pytest.raises(ValidationError):
        unpack_card(b'{"summary": "Hallo", "nodes": [{"kind": "carousel"}]}')


def test_every_kind_of_node_is_told_apart_by_its_kind() -> None:
    kinds = [node.__dataclass_fields__["kind"].default for node in get_args(cards.Node)]

    assert sorted(kinds) == ["buttons", "choice", "divider", "facts", "image", "text"]
