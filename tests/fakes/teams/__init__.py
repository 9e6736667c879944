"""A Teams on this machine: the Bot Connector, its refusals and its bad days, the keys and tokens, and people in it.

    async with FakeTeams.started() as teams:
        place = channel("toetsen")               # of the team `toets`: lotte, daan, and Kring
        # the registration: teams.metadata_url, teams.token_url, world.APP_ID, issuer.PASSWORD, world.TENANT
        teams.will(faults.limited("2"), on="post")                   # the next one gets a 429
        hand = Hand(teams, Way("http://127.0.0.1:3978/api/messages", teams))   # signed=False where auth is off
        await hand.say("lotte", "@Kring help", place)                 # a mention, as Teams sends it
        await hand.tap("lotte", message, "Antwoord")                  # the button with this label
        await hand.submit("lotte", {"text": "..."})                   # the dialog, or the form card, before her
        teams.world.seen("lotte", place)                              # what she has before her, in order
        message.card_for("lotte")                                     # a card that only she sees, where she tapped

`world.log` lists what Kring posted, updated and deleted; `teams.asked` its calls; `teams.tokens.fetched` its tokens.
`world.notices` is what someone's client said beside all messages, "Something went wrong" for instance (`hand.wrong`).
A client that knows no Action.Execute, or opens no dialogs: `hand.client = Client(execute=False, dialogs=False)`.

As a process of its own: `python -m tests.fakes.teams --port 4102`.
"""
