"""Passwords that callers keep somewhere, in memory."""

from __future__ import annotations

from domain.secret import Secret

SECRET_ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:passwords/grace-Ab12Cd"


class FakePasswords:
    """``contents`` is what there is to read, by its place."""

    def __init__(self) -> None:
        self.contents: dict[str, str] = {}

    def read(self, place: str) -> Secret | None:
        """The password, or None where there is none."""
        return Secret(self.contents[place]) if place in self.contents else None
