"""`make bench`: how long creating an instance takes, what it costs, and how far both are from what cannot be avoided."""
