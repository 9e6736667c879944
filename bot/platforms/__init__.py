"""The chat platforms, one folder each; they know the language of chat and nothing of each other."""
