"""What is shown beside a shared card, and what in its place."""

import pytest

from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Markup, Plain, Text
from bot.platforms.teams import responses
from bot.platforms.teams.invokes import Own

MESSAGE = "application/vnd.microsoft.activity.message"
CARD = "application/vnd.microsoft.card.adaptive"


def card(body: str, *buttons: Button) -> Card:
    return Card(Plain("x"), (Text(Markup(body)), *([Buttons(buttons)] if buttons else [])), Plain("Prima"))


def test_plain_words_stand_beside_the_card_as_one_line() -> None:
    shown = responses.whispered(Own(card("Je doet deze keer niet mee.\n\nVan gedachten veranderen mag.")))

    assert (shown["type"], shown["value"]) == (
        MESSAGE, "Prima: Je doet deze keer niet mee. Van gedachten veranderen mag.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "own",
    [
        card("Kijk op [deze pagina](https://example.org)."),
        card(r"Je schreef: \*\*vet\*\* \<at\>Daan\</at\>"),
        card("Prima.", Button(Plain("Toch wel"), Action("checkin.open", 1))),
    ],
    ids=["a link", "marks", "a button"],
)
def test_what_could_format_or_has_buttons_stands_in_the_place_of_the_card(own: Card) -> None:
    shown = responses.whispered(Own(own))

    assert shown["type"] == CARD
    assert shown["value"]["type"] == "AdaptiveCard"
