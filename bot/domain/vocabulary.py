"""The words of `rule_words`: what members type, Dutch and English, and the few tokens that it stands for."""

import re
import unicodedata

from bot.domain.clock_words import NUMBERS

DAY_WORDS = {
    "MO": "ma maandag maandagen maandags mon monday mondays",
    "TU": "di dinsdag dinsdagen dinsdags tue tues tuesday tuesdays",
    "WE": "wo woensdag woensdagen woensdags wed wednesday wednesdays",
    "TH": "do donderdag donderdagen donderdags thu thur thurs thursday thursdays",
    "FR": "vr vrijdag vrijdagen vrijdags fri friday fridays",
    "SA": "za zaterdag zaterdagen zaterdags sat saturday saturdays",
    "SU": "zo zondag zondagen zondags sun sunday sundays",
}
_VOCABULARY = {
    "every": "elke elk iedere ieder alle every each per",
    "alt": "everyother",
    "once": "eenmalig eenmaal once",
    "day": "dag dagen day days",
    "workday": "werkdag werkdagen doordeweeks workday workdays workdag workdagen weekday weekdays",
    "week": "week weken wk wkn weeks",
    "month": "maand maanden month months",
    "every day": "dagelijks daily",
    "every week": "wekelijks weekly",
    "every month": "maandelijks monthly",
    "alt week": "tweewekelijks veertiendaags fortnightly",
    "twice": "biweekly bimonthly",  # twice a week, or every two weeks?
    "last": "laatste last",
    "#1": "eerste first",
    "#2": "tweede second",
    "#3": "derde third",
    "#4": "vierde fourth",
    "#5": "vijfde fifth",
    "and": "en and & +",
    "or": "or",
    "of": "of van",  # of is Dutch for or
    "in": "in",
    "on": "op on",
    "the": "de het the",
    "except": "behalve except",
    "through": "through thru to",
    "-": "-",
    "@": "@",
    "%": "%",
    "~": "~",
    **DAY_WORDS,
}
_TOKEN = {word: token for token, words in _VOCABULARY.items() for word in words.split()}
_TOKEN |= {word: f"N{number}" for word, number in NUMBERS.items()}
_NUMERAL = re.compile(r"(\d{1,3})(e|de|ste|st|nd|rd|th)?", re.ASCII)
_NOT_A_WORD = " \ufffd "  # nobody's: what it stands for is refused

_EVERY = "elke|iedere|every|each"
_PART = "ochtend|middag|namiddag|avond"
_A_TIME = "1 ?x|1 keer|een keer|eens|eenmaal|once"
_SPELLINGS = (
    ("[\u2018\u2019\u0060\u00b4]", "'"),  # the apostrophes that keyboards and chat apps make
    ("[\u2010-\u2015]", "-"),  # the dashes that chat apps make of a hyphen
    ("[%~]", _NOT_A_WORD),  # our own tokens
    (r"(?<=\d-\d\d)t(?=\d\d:)", " "),  # 2027-03-12T10:00
    (r"\b([ap])\.m\b\.?", r"\1m"),
    (r"o'clock", "oclock"),
    (r"t/m|\btot en met\b", " through "),
    (r"\bv/?d\b|\bv\.d\.", "van de"),
    (r"\b(?:van|from) (?=[a-z]+ +(?:through|thru|to)\b)", ""),
    (r" '(?=\d\d\b)", " 20"),  # "maart '27"
    (r"(?<=[a-z])/(?=[a-z])", " & "),  # "ma/wo/vr"
    (rf"\b(?:{_A_TIME}) (?:per|in de|a|{_EVERY})\b", "every"),
    (r"\b(?:1 ?x|1 keer|een keer|(?:only|just) once|one time|one-off)\b", "once"),
    (r"\b(?:every other|every alternate|alternate|om de(?: andere)?)\b", " everyother "),
    (r"\b(?:every|each) fortnight\b", "fortnightly"),
    (r"\beveryday\b", "every day"),
    (r"\bdoor de week\b", "doordeweeks"),
    (r"\b(?:14|veertien|fourteen) (?:dagen|days) (?=op |on )", "2 weken "),
    (r"\b(?:veertien|fourteen) (?=dagen|days)", "14 "),
    (r"\b(behalve|except) (?:in |at |on )?(?:het |the )?weekends?\b", r"\1 za en zo"),
    (rf"\bin de (?=(?:{_PART})\b)", ""),
    (r"\b(bi|twee|fort)-(?=wee?k|night)", r"\1"),
    (r"\b(?:2-?wekelijks|14-?daags)\b", "tweewekelijks"),
    (r"\b(?:work|working|business|doordeweekse|week) (day|dag)", r"work\1"),
    (r"'s (?=\w+dags\b)", ""),
    # "Morgen" is tomorrow, but here a part of the day.
    (r"\b((?:elke|iedere)(?: \w+dag)?) morgen\b", r"\1 ochtend"),
    (r"(?<=dag)morgen\b", " ochtend"),
    (rf"(?<=dag)(?=(?:{_PART})\b)", " "),
    (rf"\b({_EVERY}) +(?=(?:{_PART}|morning|afternoon|evening)\b)", r"\1 day "),
    (r"\btonight\b", "today evening"),
    (r"\bthis (?=(?:morning|afternoon|evening)\b)", "today "),
    (r"\bvanmorgen\b", "vandaag ochtend"),
    (rf"\bvan(?=(?:{_PART})\b)", "vandaag "),
    (rf"\bmorgen(?=(?:{_PART})\b)", "morgen "),
)


def plain(text: str) -> str:
    """Lower case, no accents, one way of writing what has several, single spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    text = "".join(letter for letter in letters if not unicodedata.combining(letter))
    for written, meant in _SPELLINGS:
        text = re.sub(written, meant, text)
    return " ".join(text.split())


def tokens(text: str) -> str | None:
    """The phrase in our own words; None when any word is not understood.

    Left out is the @ of a time, where its place tells nothing.
    """
    words = re.sub(r"[,;!?.()]", " ", re.sub(r"[-&+]", r" \g<0> ", text)).split()
    found = [_token(word) for word in words]
    if None in found:
        return None
    if {"%", "~", "once"} & {*found}:
        return " ".join(word for word in found if word and word != "@")
    phrase = re.sub(r"(?:^| )- @|@ -(?: |$)", "@", " ".join(filter(None, found)))
    phrase = re.sub(r"^(?:@ ?)+|(?: @)+$| @(?= every| alt| of| in| except)", "", phrase)
    return phrase.removeprefix("on ") if phrase.startswith(("on every", "on alt")) else phrase


def _token(word: str) -> str | None:
    numeral = _NUMERAL.fullmatch(word)
    if numeral:
        return f"{'#' if numeral[2] else 'N'}{int(numeral[1])}"
    return _TOKEN.get(word)
