"""Who may call, and how everybody else is told so (spec 7.2, 7.3, 7.4).

A call that is let in is refused all the same, by the first rule that a request without names breaks. What a token must
be in detail is the matter of ``tests/security``; here is each situation that the specification lists.
"""

from __future__ import annotations

from collections.abc import Iterator

from conformance.callers import NEIGHBOUR, Bearer, FromNow
from conformance.refusals import (
    INVALID_HEADER,
    INVALID_TOKEN,
    NO_HEADER,
    NO_ORGANIZATION,
    NO_PERMISSION,
    OWNER_MISSING,
    violation,
)
from conformance.rows.field_rules import FROM_1_TO_200
from conformance.samples import nobody
from conformance.table import Row
from domain.instant import Instant
from harness.emulated_aws import AUDIENCE

SECTION = "7.4"
NOW = Instant(1_900_000_000)

_HEADERS = {
    "bearer in lower case": "bearer {token}",
    "bearer in upper case": "BEARER {token}",
    "Basic": "Basic b3duZXI6cGFzc3dvcmQ=",
    "Bearer alone": "Bearer",
    "a token alone": "{token}",
    "a tab after Bearer": "Bearer\t{token}",
    "two tokens": "Bearer {token}, Bearer {token}",
    "Bearer given twice": "Bearer Bearer {token}",
}

_GOOD_TOKENS = {
    "of a system user": Bearer(),
    "of another system user, with a key of their own": Bearer(NEIGHBOUR),
    "of a system user without memberships, who may do everything": Bearer("member-of-nothing"),
    "of a system user with a second, sufficient membership": Bearer("viewer-and-owner"),
    "with a list of audiences": Bearer(claims={"aud": ["https://other.example", AUDIENCE]}),
    "signed with PS256": Bearer(algorithm="PS256"),
    "with a key id that nobody knows": Bearer(protected={"kid": "unknown"}),
    "of another type": Bearer(protected={"typ": "at+jwt"}),
    "that is not yet valid by nbf, which is ignored": Bearer(claims={"nbf": FromNow(3600)}),
    "that has been used before": Bearer(claims={"jti": "1"}),
    "that ends in a hundred years": Bearer(claims={"exp": FromNow(3_155_760_000)}),
    "that ends in two seconds": Bearer(claims={"exp": FromNow(2)}),
    "that is an hour old": Bearer(claims={"iat": FromNow(-3600)}),
    "that was issued in a second": Bearer(claims={"iat": FromNow(1)}),
    "whose times are texts": Bearer(claims={"iat": "2030-03-17T17:46:40Z", "exp": "2030-03-17T18:46:40+00:00"}),
    "whose times have fractions": Bearer(claims={"iat": 1_899_999_999.75, "exp": 1_900_000_600.5}),
    "after any text that has no Bearer": Bearer(header="Token Bearer {token}"),
}

_BAD_TOKENS: dict[str, Bearer | str] = {
    "that is empty": "Bearer ",
    "that is no token": "Bearer x",
    "of two segments": "Bearer e30.e30",
    "of four segments": Bearer(header="Bearer {token}.x"),
    "after two blanks": Bearer(header="Bearer  {token}"),
    "with a letter too many": Bearer(header="Bearer {token}A"),
    "for another audience": Bearer(claims={"aud": "https://other.example"}),
    "for the audience with a slash": Bearer(claims={"aud": f"{AUDIENCE}/"}),
    "for the audience with its port": Bearer(claims={"aud": f"{AUDIENCE}:443"}),
    "for the audience in upper case": Bearer(claims={"aud": AUDIENCE.upper()}),
    "without audience": Bearer(claims={"aud": None}),
    "without end": Bearer(claims={"exp": None}),
    "that has ended": Bearer(claims={"exp": FromNow(-1)}),
    "that ends in a second": Bearer(claims={"exp": FromNow(1)}),
    "without time of issue": Bearer(claims={"iat": None}),
    "issued at 0": Bearer(claims={"iat": 0}),
    "that is an hour and a second old": Bearer(claims={"iat": FromNow(-3601)}),
    "that was issued in two seconds": Bearer(claims={"iat": FromNow(2)}),
    "whose issuer is not its subject": Bearer(claims={"sub": NEIGHBOUR}),
    "without issuer": Bearer(claims={"iss": None}),
    "without subject": Bearer(claims={"sub": None}),
    "of an unknown user": Bearer("nobody"),
    "signed by another user": Bearer(signed_by=NEIGHBOUR),
    "without signature": Bearer(algorithm="none"),
    "signed with the public key as a secret": Bearer(algorithm="HS256"),
    "signed with RS512": Bearer(algorithm="RS512"),
    "that claims another algorithm than it is signed with": Bearer(protected={"alg": "PS256"}),
    "that is a personal access token of an instance": "Bearer ifpat_" + "0" * 39,
    "that is a personal access token as ZITADEL makes them": "Bearer " + "A" * 71,
}

_WITHOUT_PERMISSION = {
    "a viewer of the system": "viewer",
    "an owner of instances and organizations": "instance-owner",
    "a member without roles": "without-roles",
    "an owner, but only of an instance": "of-an-instance",
    "an owner, but only of an organization": "of-an-organization",
}

_SOME_ORGANIZATION = {"x-zitadel-orgid": "123456789012345678"}


def _tokens() -> Iterator[Row]:
    for how, bearer in _GOOD_TOKENS.items():
        yield Row(f"token {how}", "7.2", nobody(), OWNER_MISSING, authorization=bearer, at=NOW)
    for how, wrong in _BAD_TOKENS.items():
        yield Row(f"bad token {how}", SECTION, nobody(), INVALID_TOKEN, authorization=wrong, at=NOW)


ROWS = (
    Row("no authorization header", SECTION, nobody(), NO_HEADER, authorization=None),
    Row("empty authorization header", SECTION, nobody(), NO_HEADER, authorization=""),
    *(
        Row(f"authorization header with {how}", SECTION, nobody(), INVALID_HEADER, authorization=Bearer(header=header))
        for how, header in _HEADERS.items()
    ),
    *_tokens(),
    *(
        Row(f"permission of {who}", SECTION, nobody(), NO_PERMISSION, authorization=Bearer(user))
        for who, user in _WITHOUT_PERMISSION.items()
    ),
    *(
        Row(
            f"permission of an owner of {what} without id",
            "7.2",
            nobody(),
            OWNER_MISSING,
            authorization=Bearer(user),
            doubt="read from the code: the empty id of the membership equals the empty id of the request",
        )
        for what, user in (("an instance", "of-any-instance"), ("an organization", "of-any-organization"))
    ),
    # The organization header
    Row("organization header", SECTION, nobody(), NO_ORGANIZATION, headers=_SOME_ORGANIZATION),
    Row(
        "organization header, empty, counts as none",
        "7.3",
        nobody(),
        OWNER_MISSING,
        headers={"x-zitadel-orgid": ""},
        doubt="7.3 says that the header must be present; Go reads an empty one and a missing one alike",
    ),
    Row(
        "organization header with an invalid token: the token",
        "7.3",
        nobody(),
        INVALID_TOKEN,
        headers=_SOME_ORGANIZATION,
        authorization="Bearer x",
    ),
    Row(
        "organization header without authorization: the authorization",
        "7.3",
        nobody(),
        NO_HEADER,
        headers=_SOME_ORGANIZATION,
        authorization=None,
    ),
    Row(
        "organization header without permission: the organization",
        "7.3",
        nobody(),
        NO_ORGANIZATION,
        headers=_SOME_ORGANIZATION,
        authorization=Bearer("viewer"),
    ),
    # Who calls is asked before what they want (2.5)
    Row("no authorization before a broken field rule", "2.5", {}, NO_HEADER, authorization=None),
    Row("invalid header before a broken field rule", "2.5", {}, INVALID_HEADER, authorization="Basic x"),
    Row("invalid token before a broken field rule", "2.5", {}, INVALID_TOKEN, authorization="Bearer x"),
    Row("missing permission before a broken field rule", "2.5", {}, NO_PERMISSION, authorization=Bearer("viewer")),
    Row("organization before a broken field rule", "2.5", {}, NO_ORGANIZATION, headers=_SOME_ORGANIZATION),
    Row(
        "a broken field rule once the caller is known",
        "2.5",
        {},
        violation("InstanceName", reason=FROM_1_TO_200),
    ),
    Row("the host does not matter", "2.5", nobody(), OWNER_MISSING, headers={"host": "other.example"}),
)
