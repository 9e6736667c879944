"""The eight people of the demonstration: teachers at a Dutch university who learn together about assessment."""

from bot.platforms.room.people import Channel, Person

_HOME = "Europe/Amsterdam"

CHANNEL = Channel("toetsen", "toetsen")
HOST = Person("sanne", "Sanne de Wit", "nl", _HOME, facilitator=True)
PARTNER = Person("karim", "Karim Bouzidi", "nl", _HOME, facilitator=True)
NEWCOMER = Person("noor", "Noor Jansen", "nl", _HOME)
PEOPLE = (
    HOST,
    PARTNER,
    Person("lotte", "Lotte Visser", "nl", _HOME),
    Person("daan", "Daan Smits", "nl", _HOME),
    Person("amina", "Amina Yildiz", "nl", _HOME),
    Person("joris", "Joris Claes", "nl", "Europe/Brussels"),
    Person("emily", "Emily Carter", "en", "Europe/London"),
    NEWCOMER,
)
