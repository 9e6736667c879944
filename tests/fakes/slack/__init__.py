"""A Slack on this machine: the Web API that we use, its refusals and its bad days, and people who do things in it.

    async with FakeSlack.started() as slack:
        place = slack.workspace()                # T1, with lotte and daan in C1 (toetsen), Kring in it too
        client = clients.client(place.token, session, slack.api_url)
        slack.will(faults.limited("2"), on="chat.postMessage")       # the next one gets a 429
        hand = Hand(slack, HttpWay("http://127.0.0.1:3978/slack/events", slack.signing_secret))  # or SocketWay(slack)
        await hand.command(place, "lotte", "C1", "help")              # signed, as Slack sends it
        await hand.tap(place, "lotte", message, "Antwoord")           # the button with this label
        await hand.submit(place, "lotte", {"text": "..."})            # the modal that lies before her
        place.seen("lotte", "C1")                                     # what she has before her, in order

What the messenger and the way in agree on: `Event.trigger` is `forms.Trigger(trigger_id, place).encode()`. The message
of a tap on an ephemeral card (`container.is_ephemeral`) is its `response_url`, by which the messenger can replace it.
A modal that was sent is read with `forms.sent`, `forms.values_of` and `forms.errors_of`.

As a process of its own: `python -m tests.fakes.slack --port 4101`.
"""
