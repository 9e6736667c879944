"""Tests of the house itself: its imports, its sizes, its files, and what it promises about them."""
