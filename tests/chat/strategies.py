"""Whatever could come in or go out, for tests that say what holds for all of it."""

from hypothesis import strategies as st

from bot.chat import cards, events
from bot.chat.actions import MAX_LENGTH, Action
from bot.chat.cards import Markup, Plain

# What could come alive: our own markup, Slack's, Jinja's, HTML, and every way to break a line.
TROUBLE = (
    "**vet**", "_schuin_", "`code`", "[hier](https://x.nl)", "- ", "> ", "# ", "*", "_", "`", "[", "](", ")", ":", "\\",
    "\\\n", "\n", "\n\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c", "\t", " ",
    "{{ 7*7 }}", "{% raw %}", "{#", "<!channel>", "<@U1>", "@iedereen", "https://x.nl",
    "<b>", "</p>", "<script>alert(1)</script>", "&amp;", '"', "👩‍🏫", "\u202e", "e\u0301", "\x00",
)  # fmt: skip

hostile = st.lists(st.sampled_from(TROUBLE) | st.text(max_size=4), max_size=8).map("".join)
texts = st.text(max_size=40) | hostile
written = texts.filter(lambda text: bool(text.strip()))
"""What can be read at all: forms and talk never let blank words through."""

names = st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8}){1,3}", fullmatch=True)
ids = st.none() | st.integers(min_value=0, max_value=2**63 - 1)
args = st.from_regex(r"[A-Za-z0-9_.:/+-]{0,40}", fullmatch=True)
actions = st.builds(Action, names, ids, args).filter(
    lambda action: len(f"{action.name}|{action.id}|{action.arg}") <= MAX_LENGTH
)

plains = texts.map(Plain)
markups = texts.map(Markup)
buttons = st.builds(cards.Button, plains, actions, st.booleans())
several_buttons = st.lists(buttons, max_size=3).map(tuple)
nodes = st.one_of(
    st.builds(cards.Text, markups, st.booleans()),
    st.builds(cards.Facts, st.lists(st.tuples(plains, plains), max_size=3).map(tuple)),
    st.builds(cards.Divider),
    st.builds(cards.Image, texts, plains),
    st.builds(cards.Buttons, several_buttons),
    st.builds(cards.Choice, plains, several_buttons),
)
whole_cards = st.builds(cards.Card, plains, st.lists(nodes, max_size=4).map(tuple), st.none() | plains)
inputs = st.builds(
    cards.Input,
    name=texts,
    label=plains,
    kind=st.sampled_from(["line", "text", "choice", "date"]),
    hint=st.none() | plains,
    initial=texts,
    required=st.booleans(),
    max_length=st.integers(1, 3000),
    options=st.lists(st.tuples(texts, plains), max_size=3).map(tuple),
)
forms = st.builds(cards.Form, plains, st.lists(inputs, max_size=3).map(tuple), plains, actions, markups)

users = st.builds(events.User, texts, texts, st.none() | texts, st.none() | texts)
bodies = st.one_of(
    st.builds(events.Invited, st.lists(users, max_size=2).map(tuple)),
    st.builds(events.Removed),
    st.builds(events.Joined),
    st.builds(events.Left),
    st.builds(events.Said, texts),
    st.builds(events.Commanded, texts),
    st.builds(events.Tapped, actions, st.none() | texts),
    st.builds(events.Submitted, actions, st.dictionaries(texts, texts, max_size=3)),
)
places = st.builds(events.Place, texts, texts, st.booleans(), st.none() | texts)
whole_events = st.builds(events.Event, texts, texts, texts, users, places, bodies, st.none() | texts)
