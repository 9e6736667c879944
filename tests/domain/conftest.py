"""How long Hypothesis searches: some seconds, or with KRING_HYPOTHESIS=long some minutes."""

import os

from hypothesis import settings

settings.register_profile("long", max_examples=10_000, deadline=None)
if os.environ.get("KRING_HYPOTHESIS") == "long":
    settings.load_profile("long")
