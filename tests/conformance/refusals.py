"""The refusals of the specification, each under a name of its own: the ids, codes and keys as they are on the wire.

They are written down from the specification, not taken from the service's own catalogue, which they are to check.
"""

from __future__ import annotations

import re

from conformance.table import Refused, Text


def _invalid(error_id: str, key: str) -> Refused:
    return Refused(400, 3, error_id, key)


def violation(*fields: str, reason: str) -> Refused:
    """A field rule that is broken, worded as protoc-gen-validate does (spec 1.2); ``fields`` lead to it.

    Each field here that holds a message is called as the message is.
    """
    messages = ["CreateInstanceRequest", *(f"CreateInstanceRequest_{name}" for name in fields[:-1])]
    places = [f"invalid {message}.{name}: " for message, name in zip(messages, fields, strict=True)]
    return Refused(400, 3, None, "embedded message failed validation | caused by: ".join(places) + reason)


def not_an_email(detail: Text = re.compile(".+")) -> Refused:
    """The human's address breaks the e-mail rule; the specification leaves the detail open (spec 1.2)."""
    shown = detail.pattern if isinstance(detail, re.Pattern) else re.escape(detail)
    prefix = violation("Human", "Email", "Email", reason="value must be a valid email address | caused by: ")
    assert isinstance(prefix.text, str)
    return prefix.saying(re.compile(re.escape(prefix.text) + shown))


# Decoding and routes: 2.1, 2.3
UNDECODABLE = Refused(400, 3, None, re.compile(r".+", re.DOTALL))
TOO_LARGE = Refused(413, 8, None, re.compile(r".*\b1048576\b.*"))
UNKNOWN_PATH = Refused(404, 5, None, "Not Found")
WRONG_METHOD = Refused(405, 12, None, "Method Not Allowed")

# The caller (7.4)
NO_HEADER = Refused(401, 16, None, "auth header missing")
INVALID_HEADER = Refused(401, 16, "AUTH-toLo1", "invalid auth header")
INVALID_TOKEN = Refused(401, 16, "AUTH-7fs1e", "Errors.Token.Invalid")
NO_PERMISSION = Refused(403, 7, "AUTH-5mWD2", "No matching permissions found")
NO_ORGANIZATION = Refused(403, 7, "AUTH-Bs7Ds", "Organisation doesn't exist")

# The request (4.2, in its order)
ORG_NAME_BLANK = _invalid("ORG-mruNY", "Errors.Invalid.Argument")
ORG_DOMAIN_EMPTY = _invalid("ORG-RrfXY", "Errors.Org.Domain.EmptyString")
MACHINE_NAME_EMPTY = _invalid("COMMAND-bs9Ds", "Errors.User.Invalid")
MACHINE_USERNAME_EMPTY = _invalid("COMMAND-bm9Ds", "Errors.User.Invalid")
EXPIRED = _invalid("DOMAIN-dv3t5", "Errors.AuthNKey.ExpireBeforeNow")
EMAIL_INVALID = _invalid("EMAIL-599BI", "Errors.User.Email.Invalid")
USERNAME_BLANK = _invalid("V2-zzad3", "Errors.Invalid.Argument")
FIRST_NAME_EMPTY = _invalid("USER-UCej2", "Errors.User.Profile.FirstNameEmpty")
LAST_NAME_EMPTY = _invalid("USER-4hB7d", "Errors.User.Profile.LastNameEmpty")
OWNER_MISSING = Refused(400, 9, "PROJE-hzxwo", "Errors.Invalid.Argument")
DOMAIN_CHARACTERS = _invalid("INST-S3v3w", "Errors.Instance.Domain.InvalidCharacter")
DOMAIN_BLANK = _invalid("INST-28nlD", "Errors.Invalid.Argument")
PASSWORD_SHORT = _invalid("COMMA-HuJf6", "Errors.User.PasswordComplexityPolicy.MinLength")
PASSWORD_LOWER = _invalid("COMMA-co3Xw", "Errors.User.PasswordComplexityPolicy.HasLower")
PASSWORD_UPPER = _invalid("COMMA-VoaRj", "Errors.User.PasswordComplexityPolicy.HasUpper")
PASSWORD_NUMBER = _invalid("COMMA-ZBv4H", "Errors.User.PasswordComplexityPolicy.HasNumber")
PASSWORD_SYMBOL = _invalid("COMMA-ZDLwA", "Errors.User.PasswordComplexityPolicy.HasSymbol")
DOMAIN_OWN = Refused(409, 6, "INST-i2nl", "Errors.Instance.Domain.AlreadyExists")
DOMAIN_TAKEN = Refused(409, 6, "V3-DKcYh", "Errors.Instance.Domain.AlreadyExists")

# Ours (design decisions 5 and 6)
KEY_INVALID = _invalid("IDEMP-f0rm1", "Errors.Idempotency.KeyInvalid")
KEY_REUSED = Refused(400, 9, "IDEMP-r3use", "Errors.Idempotency.KeyReused")
DELIVERY_UNKNOWN = _invalid("DELIV-m0de1", "Errors.Credentials.DeliveryUnknown")
