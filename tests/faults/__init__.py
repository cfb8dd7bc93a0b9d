"""The fault explorer: every way in which a creation can be cut off, tried, and the state that is left behind judged."""
