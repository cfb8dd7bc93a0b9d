"""Where the service is reached from outside (spec 6.2 row 47, 7.1)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExternalAddress:
    """The deployment's public address: ``domain`` without port, ``port`` 0 to 65535 (0: not shown), TLS or not."""

    domain: str
    port: int
    secure: bool

    def __post_init__(self) -> None:
        # An org label needs at least one byte beside ".<domain>" within the 253 of a DNS name (spec 5.3).
        if not 1 <= len(self.domain.encode()) <= 251:
            raise ValueError("the external domain must have 1 to 251 bytes")
        if not 0 <= self.port <= 65535:
            raise ValueError("the external port must be 0 to 65535")

    def origin(self, host: str | None = None) -> str:
        """``scheme://host[:port]`` for ``host``, by default the external domain; the scheme's own port is left out."""
        scheme, standard_port = ("https", 443) if self.secure else ("http", 80)
        port = "" if self.port in (0, standard_port) else f":{self.port}"
        return f"{scheme}://{host or self.domain}{port}"
