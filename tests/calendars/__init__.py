"""Calendars on the web: fetched with distrust, read within limits, and kept up to date."""
