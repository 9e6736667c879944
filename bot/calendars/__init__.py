"""Calendars on the web: fetched with distrust, read, and kept up to date. What a member reads is the feature's."""
