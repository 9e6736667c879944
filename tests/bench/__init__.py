"""Measures instead of judging: `make bench`."""
