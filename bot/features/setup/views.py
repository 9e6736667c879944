"""What setting up a community shows."""

from collections.abc import Sequence

from bot.chat.actions import Action
from bot.chat.cards import Buttons, Card, Form, Input, Plain
from bot.chat.prompts import LANGUAGES, Voice
from bot.domain.free_calendar import shortened
from storage.communities import Community, key_of
from storage.people import Person

NAME_MAX = 80
DOMAIN_MAX = 200  # handbook, charter wizard: domain_statement
ZONE_MAX = 64
NAME_SHOWN = 75  # characters of a name in a choice; Slack takes no longer an option
PARTNERS_MOST = 100  # what a choice can hold on every platform (Slack: 100 options)


def invited(voice: Voice, community: Community) -> Card:
    """Ask whoever invited Kring to set up the community."""
    words = voice("setup/invited", channel=community.name)
    return words.card(
        Buttons((words.button("begin", Action("setup.open", key_of(community)), primary=True, opens=True),))
    )


def form(voice: Voice, community: Community, others: Sequence[Person]) -> Form:
    """Ask for what Kring must know of a community.

    Filled in with what it knows; the first time also who joins in leading it.
    """
    words = voice("setup/form")
    partner = (
        Input(
            "partner",
            words.label("partner"),
            "choice",
            hint=words.label("partner_hint"),
            required=False,
            options=tuple((person.user_id, Plain(shortened(person.name, NAME_SHOWN))) for person in others),
        ),
    )
    languages = tuple((language, words.label(language)) for language in LANGUAGES)
    return Form(
        words.title,
        (
            Input("name", words.label("name"), initial=community.name, max_length=NAME_MAX),
            Input(
                "domain",
                words.label("domain"),
                "text",
                hint=words.label("domain_hint"),
                initial=community.domain,
                max_length=DOMAIN_MAX,
            ),
            Input("language", words.label("language"), "choice", initial=community.language, options=languages),
            Input(
                "timezone",
                words.label("timezone"),
                hint=words.label("timezone_hint"),
                initial=community.timezone,
                max_length=ZONE_MAX,
            ),
            *(partner if others else ()),
        ),
        words.label("submit"),
        Action("setup.save", key_of(community)),
        intro=words.body,
    )


def hello(voice: Voice, community: Community) -> Card:
    """Introduce Kring to everyone in the channel."""
    return voice("setup/hello", name=community.name, domain=community.domain).card()


def saved(voice: Voice, community: Community, *, first: bool, members: int, moved: int = 0) -> Card:
    """Tell the facilitator what happens now, and whether what recurs went along to another zone."""
    words = voice(
        "setup/saved", name=Plain(community.name), first=first, members=members, moved=moved, zone=community.timezone
    )
    if not first:
        return words.card()
    begin = Action("checkin.new", key_of(community))
    return words.card(Buttons((words.button("checkin", begin, primary=True, opens=True),)))


def removed(voice: Voice, community: Community) -> Card:
    """Tell a facilitator that Kring was taken out of the channel."""
    return voice("setup/removed", community=Plain(community.name)).card()


def archived(voice: Voice, community: Community) -> Card:
    """Tell a facilitator that the channel was archived."""
    return voice("setup/archived", community=Plain(community.name)).card()


def restored(voice: Voice, community: Community) -> Card:
    """Tell a facilitator that the channel is back from the archive."""
    return voice("setup/restored", community=Plain(community.name)).card()


def back(voice: Voice, community: Community) -> Card:
    """Tell a facilitator that Kring is in the channel again."""
    return voice("setup/back", community=Plain(community.name)).card()
