"""What a JSON number or string stands for in a protobuf field, by the rules of Go's protojson (spec 2.1).

Each function raises ValueError for what Go refuses; the text is for developers and holds nothing of the value.
"""

from __future__ import annotations

import binascii
import re
from datetime import UTC, datetime, timedelta

_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
_STANDARD_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_URL_BASE64 = re.compile(r"[A-Za-z0-9_-]*={0,2}")
_RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]{1,9}))?"
    r"(?:Z|([+-])([01][0-9]|2[0-3]):([0-5][0-9]))"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = range(-62_135_596_800, 253_402_300_800)  # 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z
_CALENDAR_CYCLE = timedelta(days=146_097)  # the Gregorian calendar repeats after 400 years


def integer(literal: str, allowed: range) -> int:
    """The integer behind a JSON number, however it is written: ``5``, ``5.0`` and ``0.5e1`` are one.

    Refuses what is not in ``allowed`` before a large number is ever computed.
    """
    match = _NUMBER.fullmatch(literal)
    if not match:
        raise ValueError("not a JSON number")
    sign, whole, fraction, exponent = match.groups(default="")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    digits = whole + fraction
    if not digits:
        return 0
    if len(exponent.lstrip("+-0")) > 9:
        raise ValueError("far from any 64-bit integer")
    point = len(whole) + int(exponent or "0")
    if not len(digits.rstrip("0")) <= point <= 20:
        raise ValueError("not an integer, or of more digits than 64 bits can hold")
    number = int(sign + digits[:point].ljust(point, "0"))
    if number not in allowed:
        raise ValueError("out of range")
    return number


def base64_bytes(text: str) -> bytes:
    """Base64 as Go's decoder takes it: in one of both alphabets, with or without padding, line breaks anywhere.

    Whether padding is due follows from the length with the line breaks, as in Go.
    """
    data = text.replace("\r", "").replace("\n", "")
    alphabet = _URL_BASE64 if "-" in text or "_" in text else _STANDARD_BASE64
    padded = len(text) % 4 == 0
    if not alphabet.fullmatch(data) or (len(data) % 4 if padded else "=" in data):
        raise ValueError("not base64")
    return binascii.a2b_base64(data.replace("-", "+").replace("_", "/") + "=" * (-len(data) % 4))


def timestamp(text: str) -> tuple[int, int]:
    """Seconds since the epoch and nanoseconds of an RFC 3339 time, which must fall in the years 1 to 9999 in UTC.

    Go also takes a comma before the fraction, an hour of one digit, and the offsets ``+24:00`` and ``+00:60``: no
    client writes those, RFC 3339 has none of them, and here they are refused.
    """
    match = _RFC3339.fullmatch(text)
    if not match:
        raise ValueError("not RFC 3339")
    *calendar, fraction, sign, hours, minutes = match.groups(default="")
    year, month, day, hour, minute, second = map(int, calendar)
    # An offset can carry the year 0 into the year 1, but datetime begins at 1.
    since_epoch = datetime(year or 400, month, day, hour, minute, second, tzinfo=UTC) - _EPOCH
    if not year:
        since_epoch -= _CALENDAR_CYCLE
    offset = timedelta(hours=int(hours or "0"), minutes=int(minutes or "0"))
    seconds = (since_epoch + offset if sign == "-" else since_epoch - offset) // timedelta(seconds=1)
    if seconds not in _SECONDS:
        raise ValueError("not in the years 1 to 9999")
    return seconds, int(fraction.ljust(9, "0"))
