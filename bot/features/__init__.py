"""What Kring does, one noun a folder.

`handlers.py` is what a member did, `jobs.py` what the clock does, `views.py` what is shown. A new feature is a folder
and one line here.
"""

from bot.features.checkin import routes as checkin
from bot.features.energy import routes as energy
from bot.features.freedays import routes as freedays
from bot.features.help import routes as help_
from bot.features.home import routes as home
from bot.features.lost import routes as lost
from bot.features.me import routes as me
from bot.features.reflection import routes as reflection
from bot.features.rhythm import routes as rhythm
from bot.features.setup import routes as setup
from bot.features.welcome import routes as welcome

FEATURES = (help_, setup, welcome, checkin, reflection, energy, rhythm, freedays, me, home, lost)
