"""`python -m bot` is `kring`."""

from bot.cli import main

raise SystemExit(main())
