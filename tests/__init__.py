"""The tests: each name is a sentence about Kring; given, when and then are separated by a blank line."""
