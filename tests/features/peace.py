"""What the conversations about a person's own peace have in common: someone asks everyone, and one looks what came.

Time begins on Monday 2 November 2026 at nine in Amsterdam. Lotte, Joris and the others are asked by Karim and Sanne.
"""

from tests.storage.rows import look
from tests.talk import DIRECT, Talk

STROKE, PULSE = "Noem één ding dat je zag of hoorde", "Hoeveel energie geeft"
NEXT_MONDAY = "2026-11-09 09:00 Europe/Amsterdam"


async def stroke(talk: Talk) -> None:
    """Karim asks everyone to reflect."""
    await talk.say("karim", "reflectie", DIRECT)
    await talk.tap("karim", "Iedereen vragen")


async def pulse(talk: Talk) -> None:
    """Sanne opens a pulse; with Noor there are enough people."""
    await talk.say("sanne", "energie", DIRECT)
    await talk.tap("sanne", "Peiling openen")
    if any("Toch peilen" in seen.buttons for seen in talk.see("sanne")[-1:]):
        await talk.tap("sanne", "Toch peilen")


def got(talk: Talk, who: str, text: str) -> int:
    """Count how often someone was sent this, and not merely told that it waits."""
    return sum(seen.text.startswith(text) for seen in talk.see(who))


async def own_page(talk: Talk, who: str) -> str:
    await talk.say(who, "ik", DIRECT)
    return talk.newest(who)


async def states(talk: Talk) -> list[tuple[str, bool]]:
    """What became of the unasked messages, and whether anything is left of what they say."""
    kept = "select n.state, d.payload is not null from nudge n join delivery d using (dedupe_key) order by n.id"
    return [(state, bool(payload)) for state, payload in await look(talk.kring.store, kept)]
