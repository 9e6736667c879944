"""A chat platform on loopback, a process of its own, that logs every post and misbehaves when it is told to."""
