"""`make bench`: how long creating an instance takes, what it costs, and how far that is from what cannot be avoided."""
