"""A card read aloud: the whole of it, as text."""

from hypothesis import given

from bot.chat.actions import Action
from bot.chat.cards import Button, Buttons, Card, Choice, Divider, Facts, Image, Markup, Plain, Text
from bot.chat.markup import escape
from bot.chat.text import render
from tests.chat.strategies import whole_cards, written

YES, NO = Button(Plain("Ja"), Action("a.yes", 1), primary=True), Button(Plain("Nee"), Action("a.no", 1))


def test_every_part_of_a_card_has_words() -> None:
    card = Card(
        Plain("Een vraag"),
        (
            Text(Markup("Kies **zelf**, zie [de uitleg](https://kring.example/a).\n\n- een\n- twee\n\n> zo\n> is het")),
            Facts(((Plain("Wanneer"), Plain("dinsdag")), (Plain("Hoe"), Plain("per draad")))),
            Divider(),
            Image("https://kring.example/a.png", Plain("Een kring van stoelen")),
            Buttons((YES, NO)),
            Choice(Plain("Welke dag?"), (YES, NO)),
            Text(Markup("Alleen jij ziet dit."), muted=True),
        ),
        title=Plain("Doe je mee?"),
    )

    assert render(card).split("\n\n") == [
        "Doe je mee?",
        "Kies zelf, zie de uitleg (https://kring.example/a).\n- een\n- twee\n> zo\n> is het",
        "Wanneer: dinsdag\nHoe: per draad",
        "---",
        "(Een kring van stoelen)",
        "[Ja] [Nee]",
        "Welke dag?: [Ja] [Nee]",
        "Alleen jij ziet dit.",
    ]


def test_a_card_without_a_title_begins_with_its_body() -> None:
    assert render(Card(Plain("Dank je"), (Text(Markup("Dank je.")),))) == "Dank je."


@given(written)
def test_a_members_words_are_read_as_they_wrote_them(text: str) -> None:
    card = Card(Plain("Iets"), (Text(Markup(f"**{escape(text)}**")),))

    assert render(card) == text.replace("\r\n", "\n").replace("\r", "\n")


@given(whole_cards)
def test_any_card_can_be_read(card: Card) -> None:
    assert (card.title or "") in render(card)
