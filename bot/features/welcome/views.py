"""What a welcome shows."""

from datetime import datetime

from bot.chat.actions import Action
from bot.chat.cards import Buttons, Card
from bot.chat.prompts import LANGUAGES, Voice
from bot.domain.people import Welcome
from storage.communities import Community
from storage.people import Member, Person, key_of


def welcome(voice: Voice, community: Community, member: Member, person: Person, kind: Welcome) -> Card:
    """Welcome a new member, or someone who is back: who we are, what the bot does and does not see, which language."""
    words = voice(f"welcome/{kind}", name=person.name, community=community.name, domain=community.domain)
    if kind is Welcome.BACK:
        return words.card()
    buttons = (words.button(language, Action("welcome.language", key_of(member), language)) for language in LANGUAGES)
    return words.card(Buttons(tuple(buttons)))


def note(voice: Voice, community: Community, newcomer: Member, person: Person) -> Card:
    """Ask a facilitator to have a human say hello today."""
    words = voice("welcome/note", name=person.name, community=community.name)
    return words.card(Buttons((words.button("hello", Action("welcome.hello", key_of(newcomer)), primary=True),)))


def taken(voice: Voice, person: Person, greeter: Person) -> Card:
    """Tell the other facilitators who says hello."""
    return voice("welcome/taken", name=person.name, greeter=greeter.name).card()


def yours(voice: Voice, person: Person, channel: str) -> Card:
    """Thank the facilitator who will say hello."""
    return voice("welcome/yours", name=person.name, channel=channel).card()


def visit(member: Member) -> str:
    """Name one stay of a member, so that each stay has its own welcome and no redelivery has a second one."""
    joined: datetime = member.joined_at
    return f"welcome:{member.id}:{int(joined.timestamp())}"
