"""The language of chat, the same for every platform: what comes in, what goes out, and the words in between."""
