"""What a creation is answered and what it leaves behind (spec 1.1, 2.2, 3.1, 3.4, 5.6, 5.7, 6.2, 6.4, 6.6).

What holds for every creation is checked with every row that expects one (``conformance.verdict``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from conformance.rows.not_validated import generated
from conformance.samples import HUMAN, JSON_KEY, PASSWORD, PROFILE, human, machine
from conformance.table import ABSENT, Created, Row
from domain.instant import Instant

NEVER = "9999-12-31T23:59:59Z"
NOW = 1_900_000_000
SCOPES = ["openid", "profile", "urn:zitadel:iam:user:metadata", "urn:zitadel:iam:user:resourceowner"]

_CREDENTIALS = {"personalAccessToken": {}, "machineKey": JSON_KEY}

# The credentials: each only when it was asked for, and how long it lives (3.1)

_DATES = {
    "no date": (None, NEVER),
    "the year 1, which is no date": ("0001-01-01T00:00:00Z", NEVER),
    "a date": ("2999-01-01T00:00:00Z", "2999-01-01T00:00:00Z"),
    "a date with an offset": ("2999-01-01T02:30:00+02:30", "2999-01-01T00:00:00Z"),
    "a date with nanoseconds": ("2999-01-01T00:00:00.123456789Z", "2999-01-01T00:00:00.123456789Z"),
    "a date with tenths": ("2999-01-01T00:00:00.1Z", "2999-01-01T00:00:00.100Z"),
    "the last instant there is": ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59.999999999Z"),
}


def _credentials() -> Iterator[Row]:
    yield Row(
        "machine without credentials",
        "2.2",
        machine(),
        Created(records={"access_token": ABSENT, "machine_key": ABSENT}),
    )
    yield Row("machine with both credentials", "1.1", machine(_CREDENTIALS), Created(pat=True, key=True))
    for what, (date, expires) in _DATES.items():
        asked = {} if date is None else {"expirationDate": date}
        yield Row(
            f"token with {what}",
            "3.1",
            machine({"personalAccessToken": asked}),
            Created(pat=True, records={"access_token": {"expires": expires, "scopes": SCOPES}, "machine_key": ABSENT}),
        )
    for what, date, expires in (
        ("no date", None, NEVER),
        ("the year 1, which is no date", "0001-01-01T00:00:00Z", NEVER),
        (
            "a date with an offset and nanoseconds",
            "2999-01-01T02:00:00.000000001+02:00",
            "2999-01-01T00:00:00.000000001Z",
        ),
    ):
        asked = JSON_KEY if date is None else {**JSON_KEY, "expirationDate": date}
        yield Row(
            f"key with {what}",
            "5.7",
            machine({"machineKey": asked}),
            Created(
                key=True,
                records={"machine_key": {"expires": expires}, "access_token": ABSENT},
                key_file={"type": "serviceaccount", "expirationDate": expires},
            ),
        )
    yield Row(
        "credentials that end in the moment they are made",
        "3.1",
        machine({"personalAccessToken": {"expirationDate": "2030-03-17T17:46:40Z"}}),
        Created(pat=True, records={"access_token": {"expires": "2030-03-17T17:46:40Z"}}),
        at=Instant(NOW),
    )
    yield Row(
        "human has no credentials to deliver",
        "2.2",
        human(),
        Created(records={"access_token": ABSENT, "machine_key": ABSENT}),
    )
    yield Row(
        "token has this service's form",
        "5.5",
        machine({"personalAccessToken": {}}),
        Created(pat=True, answer={"pat": re.compile(r"ifpat_[0-9A-Za-z]{39}")}),
        departure="ZITADEL's token is encrypted text that clients do not read; ours can be scanned for (design decision 6)",
    )


# The details: 6.6, 2.2

_TIMES = {
    "a whole second": (Instant(NOW), "2030-03-17T17:46:40Z"),
    "milliseconds": (Instant(NOW, 120_000_000), "2030-03-17T17:46:40.120Z"),
    "microseconds": (Instant(NOW, 123_456_000), "2030-03-17T17:46:40.123456Z"),
}


def _details() -> Iterator[Row]:
    for what, (moment, text) in _TIMES.items():
        yield Row(
            f"creation date with {what}",
            "2.2",
            machine(),
            Created(
                answer={"details": {"creationDate": text, "changeDate": ABSENT}},
                records={"instance": {"created_at": text}},
            ),
            at=moment,
        )
    yield Row(
        "sequence is a positive number as a text",
        "6.6",
        machine(),
        Created(answer={"details": {"sequence": "1"}}),
        departure="ZITADEL counts the permission events of its second transaction, 483; here a creation is one event",
    )
    yield Row(
        "instance id is a decimal number as a text",
        "5.1",
        machine(),
        Created(answer={"instanceId": re.compile(r"[1-9][0-9]{26}")}),
        departure="ZITADEL's ids have 18 digits; ours need no coordination (design decision 7), and no client counts",
    )


# Domains (5.2): the generated one always, the custom one primary where there is one


def _domains() -> Iterator[Row]:
    yield Row(
        "generated domain as in the example",
        "5.2",
        machine(instanceName="My Inst 1"),
        Created(records={"instance": {"domains": [{"name": "my-inst-1-k3x09a.foundry.example"}]}}),
        label="k3x09a",
    )
    yield Row(
        "generated domain alone is primary",
        "5.2",
        machine(instanceName="My Inst 1"),
        Created(
            records={"instance": {"domains": [{"name": generated("my-inst-1"), "generated": True, "primary": True}]}}
        ),
    )
    yield Row(
        "custom domain is primary beside the generated one",
        "5.2",
        machine(customDomain="login.acme.example"),
        Created(
            records={
                "instance": {
                    "domains": [
                        {"name": generated("acme"), "generated": True, "primary": False},
                        {"name": "login.acme.example", "generated": False, "primary": True},
                    ]
                }
            }
        ),
    )


# What is recorded: 3.1, 6.2, 6.4


def _console(*hosts: str) -> dict[str, Any]:
    return {
        "name": "Console",
        "kind": "oidc",
        "application_type": "user_agent",
        "auth_method": "none",
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "dev_mode": False,
        "redirect_uris": [re.compile(rf"https://{host}/ui/console/auth/callback") for host in hosts],
        "post_logout_redirect_uris": [re.compile(rf"https://{host}/ui/console/signedout") for host in hosts],
    }


def _api(name: str) -> dict[str, Any]:
    return {"name": name, "kind": "api", "auth_method": "private_key_jwt", "client_id": re.compile("[0-9]+")}


_API_APPS = [_api("Management-API"), _api("Admin-API"), _api("Auth-API")]
_GENERATED = generated("acme").pattern


def _records() -> Iterator[Row]:
    yield Row(
        "project with its four apps",
        "6.4",
        machine(),
        Created(records={"project": {"name": "ZITADEL", "apps": [*_API_APPS, _console(_GENERATED)]}}),
    )
    yield Row(
        "console's redirects: the generated domain, then the custom one",
        "6.2",
        machine(customDomain="Login.acme.example"),
        Created(records={"project": {"apps": [*_API_APPS, _console(_GENERATED, r"Login\.acme\.example")]}}),
    )
    yield Row(
        "owner of a machine request: both memberships",
        "6.4",
        machine(),
        Created(
            records={
                "memberships": [
                    {"aggregate_type": "instance", "roles": ["IAM_OWNER"]},
                    {"aggregate_type": "org", "roles": ["ORG_OWNER"]},
                ]
            }
        ),
    )
    yield Row(
        "owner of a human request: both memberships",
        "6.4",
        human(),
        Created(
            records={
                "memberships": [
                    {"aggregate_type": "instance", "roles": ["IAM_OWNER"]},
                    {"aggregate_type": "org", "roles": ["ORG_OWNER"]},
                ]
            }
        ),
    )
    yield Row(
        "organization is called like the instance",
        "3.1",
        machine(instanceName=" My Inst 1 "),
        Created(
            records={
                "instance": {"name": " My Inst 1 "},
                "organization": {
                    "name": "My Inst 1",
                    "domains": [{"name": "my-inst-1.foundry.example", "verified": True, "primary": True}],
                },
            }
        ),
    )
    yield Row(
        "organization with a name of its own",
        "3.1",
        machine(firstOrgName="First"),
        Created(
            records={
                "instance": {"name": "Acme", "domains": [{"name": generated("acme")}]},
                "organization": {"name": "First", "domains": [{"name": "first.foundry.example"}]},
            }
        ),
    )
    yield Row("language of the defaults", "3.4", machine(), Created(records={"instance": {"default_language": "en"}}))
    yield Row(
        "machine as it is recorded",
        "6.2",
        machine(),
        Created(
            records={
                "user": {
                    "kind": "machine",
                    "username": "root",
                    "name": "Root",
                    "access_token_type": "bearer",
                    "state": "active",
                }
            }
        ),
    )
    yield Row(
        "settings of the defaults",
        "3.4",
        machine(),
        Created(
            records={
                "settings": {
                    "settings": {
                        "password_complexity": {
                            "min_length": 8,
                            "lower": True,
                            "upper": True,
                            "number": True,
                            "symbol": True,
                        },
                        "password_age": {"warn_days": 0, "max_age_days": 0},
                        "domain_policy": {"user_login_must_be_domain": False, "validate_org_domains": False},
                        "login": {
                            "allow_register": True,
                            "force_mfa": False,
                            "passwordless_type": 1,
                            "password_check_lifetime": 864000,
                        },
                        "privacy": {"docs_link": "https://zitadel.com/docs", "tos_link": ""},
                        "notification": {"password_change": True},
                        "label": {"primary_color": "#5469d4", "font_color_dark": "#ffffff"},
                        "lockout": {"max_password_attempts": 0, "show_lockout_failure": True},
                        "web_keys": {"type": "rsa", "bits": 2048, "hasher": "sha256"},
                        "oidc": {"access_token_lifetime": 43200, "refresh_token_expiration": 7776000},
                        "features": {
                            "login_default_org": True,
                            "login_v2": {"required": True},
                            "console_use_v2_user_api": True,
                        },
                        "secret_generators": {"client_secret": {"length": 64}, "otp_sms": {"length": 8, "expiry": 300}},
                    }
                }
            }
        ),
    )


# Humans: 3.1, 5.6

_PASSWORD = {"password": PASSWORD}
_HASH = re.compile(r"\$argon2id\$v=19\$m=65536,t=3,p=4\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+")


def _human(*, verified: bool, password: dict[str, Any] | None) -> dict[str, Any]:
    return human({"email": {"email": "jane@acme.example", "isEmailVerified": verified}, "password": password})


def _humans() -> Iterator[Row]:
    for verified in (True, False):
        for password in (_PASSWORD, None):
            active = verified and password
            yield Row(
                f"human with {'a verified' if verified else 'an unverified'} address and {'a' if password else 'no'} password",
                "5.6",
                _human(verified=verified, password=password),
                Created(
                    records={
                        "user": {
                            "kind": "human",
                            "email": "jane@acme.example",
                            "email_verified": verified,
                            "password_hash": _HASH if password else ABSENT,
                            "password_change_required": False,
                            "state": "active" if active else "initial",
                        }
                    }
                ),
                departure=None
                if active
                else "ZITADEL makes an initialization code that a new instance cannot mail; here the state says it",
            )
    yield Row(
        "human who must change the password",
        "5.6",
        _human(verified=True, password={**_PASSWORD, "passwordChangeRequired": True}),
        Created(records={"user": {"password_hash": _HASH, "password_change_required": True, "state": "active"}}),
    )
    for what, password in {
        "an empty password": {"password": "", "passwordChangeRequired": True},
        "a password message without password": {"passwordChangeRequired": True},
    }.items():
        yield Row(
            f"human with {what} has none, and nothing to change",
            "5.6",
            _human(verified=True, password=password),
            Created(records={"user": {"password_hash": ABSENT, "password_change_required": False, "state": "initial"}}),
        )
    yield Row(
        "human as recorded",
        "3.1",
        human({"profile": {**PROFILE, "preferredLanguage": "de"}}),
        Created(
            records={
                "user": {
                    "username": "jane",
                    "first_name": "Jane",
                    "last_name": "Doe",
                    "display_name": "Jane Doe",
                    "preferred_language": "de",
                }
            }
        ),
    )
    for what, name in {"without user name": None, "with an empty user name": ""}.items():
        yield Row(
            f"human {what} is called like the organization's domain",
            "3.1",
            human({"userName": name}, firstOrgName="First Org!"),
            Created(records={"user": {"username": "@first-org.foundry.example"}}),
        )
    yield Row(
        "human's user name gets no suffix",
        "3.1",
        {"instanceName": "Acme", "human": HUMAN},
        Created(records={"user": {"username": "jane"}}),
    )
    yield Row(
        "human without language has none, whatever the instance's",
        "3.1",
        human(defaultLanguage="de"),
        Created(records={"instance": {"default_language": "de"}, "user": {"preferred_language": "und"}}),
    )


ROWS = (*_credentials(), *_details(), *_domains(), *_records(), *_humans())
