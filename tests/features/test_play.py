"""The main job, lived from the first day to the energy picture, as a conversation."""

from datetime import timedelta

from tests.talk import CHANNEL, DIRECT, Talk

QUESTION = "Wat probeerde je sinds vorige keer?"


async def test_a_community_lives_its_main_job(talk: Talk) -> None:
    await welcome(talk)
    await check_in(talk)
    await short_stroke(talk)
    await pulse(talk)


async def welcome(talk: Talk) -> None:
    await talk.join("noor")

    assert "Welkom bij Leerkring Eigentijds toetsen" in talk.newest("noor")
    assert "Noor Jansen is nieuw" in talk.newest("sanne")
    assert "Noor Jansen is nieuw" in talk.newest("karim")

    await talk.tap("karim", "Ik zeg hallo")

    assert "jij zegt hallo tegen Noor Jansen" in talk.newest("karim")
    assert "Karim Bouzidi zegt hallo tegen Noor Jansen" in talk.newest("sanne")


async def check_in(talk: Talk) -> None:
    await talk.say("sanne", "/kring check-in nieuw")
    await talk.fill("sanne", question=QUESTION, when="elke dinsdag 9:00")
    assert "elke dinsdag om 09:00" in talk.newest("sanne", CHANNEL)
    await talk.tap("sanne", "Klopt, zet maar aan", where=CHANNEL)
    await talk.tick("2026-11-03 09:00 Europe/Amsterdam")

    root = talk.find("lotte", QUESTION, CHANNEL, button="Antwoord geven")
    await talk.say("lotte", "Peerfeedback met rubrics.", under=QUESTION)
    await talk.tap("daan", "Antwoord geven", where=CHANNEL)
    await talk.fill("daan", text="Een mondelinge toets.")
    await talk.tap("daan", "Antwoord geven", where=CHANNEL)
    await talk.fill("daan", text="Een mondelinge toets, in duo's.")
    await talk.tick(timedelta(days=3))

    thread = [seen.text for seen in talk.see("noor", CHANNEL) if seen.thread == root.id]
    assert thread == [
        "Samenvatting\n2 antwoorden: Lotte Visser, Daan Smits.",
        "Daan Smits schrijft:\nEen mondelinge toets, in duo's.",
    ]
    assert "gesloten" in talk.find("noor", QUESTION, CHANNEL).text


async def short_stroke(talk: Talk) -> None:
    await talk.say("karim", "reflectie", DIRECT)
    await talk.tap("karim", "Iedereen vragen")
    for words in ("Een student bleef stil.", "Niemand vroeg door.", "Ik vraag één keer door."):
        await talk.say("amina", words, DIRECT)
    await talk.tap("amina", "Laat zien wat ik deel")
    await talk.tap("amina", "Delen met de kring")

    shared = talk.find("lotte", "Amina Yildiz deelt een kortslag", CHANNEL).text
    assert "Een student bleef stil." in shared
    assert "Ik vraag één keer door." in shared

    await talk.tick(timedelta(days=7))
    assert "Ik vraag één keer door." in talk.find("amina", "Hoe ging het met je stap?").text
    await talk.tap("amina", "Half")
    await talk.say("amina", "Doorvragen kost moed.", DIRECT)
    assert "De cirkel is rond" in talk.newest("amina")


async def pulse(talk: Talk) -> None:
    await run_pulse(talk, {"sanne": 4, "karim": 5, "lotte": 2, "daan": 3}, days=10)
    assert "te weinig antwoorden om te tonen" in talk.newest("lotte", CHANNEL)

    await run_pulse(talk, {"sanne": 4, "karim": 5, "lotte": 2, "daan": 3, "noor": 4}, days=7)
    picture = "Laag (1 of 2): 1. Midden (3): 1. Hoog (4 of 5): 3. Gemiddeld 3,6; 5 van de 8 antwoordden."
    assert picture in talk.newest("lotte", CHANNEL)


LABELS = {2: "2 een beetje leeg", 3: "3 neutraal", 4: "4 geeft energie", 5: "5 geeft veel energie"}


async def run_pulse(talk: Talk, scores: dict[str, int], *, days: int) -> None:
    await talk.say("sanne", "energie", DIRECT)
    await talk.tap("sanne", "Peiling openen")
    for who, score in scores.items():
        await talk.tap(who, LABELS[score], "Hoeveel energie geeft")
    await talk.tick(timedelta(days=days))
