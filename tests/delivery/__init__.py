"""From answers to messages that arrived, over a platform that misbehaves."""
