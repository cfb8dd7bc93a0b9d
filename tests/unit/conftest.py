"""How hypothesis runs here."""

from __future__ import annotations

from hypothesis import settings

# A shared machine may stop any example for longer than hypothesis allows one to take: that is no failure of ours.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
