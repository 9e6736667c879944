"""The practices beside the main road: options to tap, rhythms to steer, coming back, small groups, one's own page."""

from datetime import timedelta

from tests.talk import CHANNEL, DIRECT, Talk


async def planned(talk: Talk, **values: str) -> None:
    await talk.say("sanne", "nieuwe check-in", DIRECT)
    await talk.tap("sanne", "Formulier openen")
    await talk.fill("sanne", **{"question": "Hoe vol zit je week?", "when": "elke werkdag 8:45", **values})
    await talk.tap("sanne", "Klopt, zet maar aan")


def thread(talk: Talk) -> list[str]:
    return [seen.text for seen in talk.see("noor", CHANNEL) if seen.thread]


async def test_a_question_with_options_is_answered_by_tapping_and_a_choice_can_be_changed(talk: Talk) -> None:
    await planned(talk, options="vol, gaat, leeg")
    await talk.tick(timedelta(days=1))

    await talk.tap("lotte", "vol", where=CHANNEL)
    await talk.tap("daan", "leeg", where=CHANNEL)
    await talk.tap("daan", "gaat", where=CHANNEL)

    assert thread(talk) == ["Tussenstand\nvol: 1 (Lotte Visser)\ngaat: 1 (Daan Smits)\nleeg: 0"]


async def test_an_option_may_be_typed_and_other_words_are_talk_that_is_not_kept(talk: Talk) -> None:
    await planned(talk, options="vol, gaat, leeg")
    await talk.tick(timedelta(days=1))

    await talk.say("lotte", "Gaat!", under="Hoe vol")
    await talk.say("joris", "best vol eigenlijk", under="Hoe vol")

    assert thread(talk) == ["Tussenstand\nvol: 0\ngaat: 1 (Lotte Visser)\nleeg: 0"]
    assert "kies je een van de knoppen" in talk.newest("joris", CHANNEL)


async def test_kring_may_be_called_by_name_in_an_answer_and_in_the_thread_a_command_stays_one(
    talk: Talk,
) -> None:
    await planned(talk, question="Wat probeerde je?")
    await talk.tick(timedelta(days=1))

    await talk.say("lotte", "@Kring Peerfeedback.", under="Wat probeerde je?")
    await talk.say("daan", "@Kring help", under="Wat probeerde je?")

    assert "1 antwoord: Lotte Visser" in talk.newest("noor", CHANNEL)
    assert "Wat je kunt doen" in talk.newest("daan", CHANNEL)


async def test_an_answer_that_calls_kring_by_name_stands_in_the_thread_once_and_can_be_changed_the_same_way(
    talk: Talk,
) -> None:
    await planned(talk, question="Wat probeerde je?")
    await talk.tick(timedelta(days=1))

    await talk.say("lotte", "@Kring Peerfeedback.", under="Wat probeerde je?")
    await talk.say("lotte", "@Kring Peerfeedback met rubrics.", under="Wat probeerde je?")
    await talk.tap("lotte", "Antwoord geven", where=CHANNEL)
    form = talk.form("lotte")
    await talk.tap("daan", "Antwoord geven", where=CHANNEL)
    await talk.fill("daan", text="Een toets.")
    await talk.say("daan", "@Kring Een mondelinge toets.", under="Wat probeerde je?")

    assert thread(talk) == [
        "Tussenstand\n2 antwoorden: Lotte Visser, Daan Smits.",
        "Daan Smits schrijft:\nEen mondelinge toets.",
    ]
    assert form
    assert form.form["inputs"][0]["initial"] == "Peerfeedback met rubrics."


async def test_who_skips_is_told_to_nobody_and_may_still_answer(talk: Talk) -> None:
    await planned(talk)
    await talk.tick(timedelta(days=1))

    await talk.tap("amina", "Deze keer niet", where=CHANNEL)
    before = thread(talk)
    await talk.tap("amina", "Antwoord geven", where=CHANNEL)
    await talk.fill("amina", text="Toch wel vol.")

    assert before == []
    assert thread(talk) == ["Tussenstand\n1 antwoord: Amina Yildiz.", "Amina Yildiz schrijft:\nToch wel vol."] or (
        thread(talk) == ["Amina Yildiz schrijft:\nToch wel vol.", "Tussenstand\n1 antwoord: Amina Yildiz."]
    )


async def test_a_check_in_that_kring_slept_through_is_not_asked_late_and_the_facilitators_are_told(talk: Talk) -> None:
    await planned(talk, when="elke dinsdag 9:00")

    talk.clock.move(talk.clock.now() + timedelta(days=4))
    await talk.kring.settle()

    assert [seen for seen in talk.see("lotte", CHANNEL) if "Hoe vol" in seen.text] == []
    assert "Een check-in is niet gesteld" in talk.newest("sanne")
    assert "dinsdag 10 november, 09:00" in talk.newest("karim")


async def test_who_comes_back_soon_is_greeted_briefly_and_nobody_is_asked_to_say_hello(talk: Talk) -> None:
    await talk.leave("lotte")
    await talk.tick(timedelta(days=30))

    await talk.join("lotte")

    assert "Fijn dat je er weer bent" in talk.newest("lotte")
    assert not any("Lotte" in seen.text for seen in talk.see("sanne") + talk.see("karim"))


async def test_who_left_is_asked_nothing_any_more(talk: Talk) -> None:
    await talk.leave("lotte")

    await talk.say("karim", "reflectie", DIRECT)
    await talk.tap("karim", "Iedereen vragen")

    assert not any("kortslag" in seen.text for seen in talk.see("lotte"))
    assert "kortslag" in talk.newest("daan")


async def test_the_language_that_is_chosen_holds_from_then_on(talk: Talk) -> None:
    await talk.join("noor")

    await talk.tap("noor", "English")
    await talk.say("noor", "help", DIRECT)

    assert "Welcome to Leerkring" in talk.find("noor", "Welcome").text
    assert "What you can do" in talk.newest("noor")


async def test_ones_own_page_takes_a_zone_and_refuses_one_that_is_not_there(talk: Talk) -> None:
    await talk.say("emily", "me", DIRECT)
    await talk.tap("emily", "Another time zone")

    refused = await talk.fill("emily", timezone="Mars/Base")
    taken = await talk.fill("emily", timezone="america/new_york")

    assert "Mars/Base" in refused.fields["timezone"]
    assert not taken.fields
    assert "America/New_York" in talk.newest("emily")


async def test_help_shows_only_what_someone_may_do_where_they_are(talk: Talk) -> None:
    for who in ("sanne", "lotte", "noor"):
        await talk.say(who, "help", DIRECT)

    assert list(talk.see("sanne")[-1].buttons) == [
        "Instellen", "Check-ins", "Reflecteren", "Energie", "Ritme", "Vrije dagen", "Ik",
    ]  # fmt: skip
    assert list(talk.see("lotte")[-1].buttons) == ["Reflecteren", "Energie", "Ik"]
    assert list(talk.see("noor")[-1].buttons) == ["Instellen", "Ik"]


async def test_a_small_group_is_advised_a_round_and_may_still_choose_a_pulse(talk: Talk) -> None:
    await talk.say("sanne", "energie", DIRECT)
    await talk.tap("sanne", "Peiling openen")
    advised = talk.newest("sanne")
    await talk.tap("sanne", "Toch peilen")

    assert "Een rondje in jullie overleg" in advised
    assert "Hoeveel energie geeft" in talk.newest("daan")


async def test_ones_own_energy_is_counted_in_an_open_pulse_only_when_one_says_so(talk: Talk) -> None:
    await talk.say("sanne", "energie", DIRECT)
    await talk.tap("sanne", "Peiling openen")
    await talk.tap("sanne", "Toch peilen")

    await talk.say("daan", "energie 4 goed gesprek gehad", DIRECT)
    await talk.tap("daan", "Tel ook mee in de peiling")
    await talk.say("daan", "energie 2", DIRECT)

    assert list(talk.see("daan")[-1].buttons) == []
    await talk.say("daan", "energie", DIRECT)
    assert "maandag 2 november: 2\nmaandag 2 november: 4" in talk.newest("daan")
    await talk.say("lotte", "energie", DIRECT)
    assert "2 november" not in talk.newest("lotte")


async def test_a_reflection_can_be_kept_and_its_step_still_comes_back(talk: Talk) -> None:
    await talk.say("joris", "reflectie", DIRECT)
    await talk.tap("joris", "Voor mezelf beginnen")
    for words in ("Stilte.", "Spannend.", "Ik wacht tien tellen."):
        await talk.say("joris", words, DIRECT)
    await talk.tap("joris", "Voor mezelf houden")

    await talk.tick(timedelta(days=7))

    assert not any("Joris" in seen.text for seen in talk.see("lotte", CHANNEL))
    assert "Ik wacht tien tellen." in talk.newest("joris")
    await talk.tap("joris", "Overslaan")
    assert "Prima" in talk.find("joris", "Prima").text


async def test_a_facilitator_sees_of_a_reflection_only_how_many(talk: Talk) -> None:
    await talk.say("karim", "reflectie", DIRECT)
    await talk.tap("karim", "Iedereen vragen")
    await talk.say("amina", "Een student bleef stil.", DIRECT)

    await talk.say("karim", "reflectie", DIRECT)

    assert "1 keer begonnen, 0 keer gedeeld" in talk.newest("karim")
    assert not any("bleef stil" in seen.text for seen in talk.see("karim"))
