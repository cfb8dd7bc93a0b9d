"""Paths and methods (spec 2.3, 2.5), and one row for each status that a request can bring about."""

from __future__ import annotations

from conformance.callers import Bearer
from conformance.refusals import (
    DOMAIN_TAKEN,
    INVALID_TOKEN,
    MACHINE_NAME_EMPTY,
    NO_PERMISSION,
    OWNER_MISSING,
    TOO_LARGE,
    UNKNOWN_PATH,
    WRONG_METHOD,
)
from conformance.rows.decoding import LARGEST
from conformance.samples import machine, nobody
from conformance.table import Call, Refused, Row

SECTION = "2.3"

UNKNOWN_INSTANCE = (
    "unable to set instance using id _create: ID=QUERY-1kIjX Message=Instance not found. "
    "Make sure you got the domain right. Check out https://zitadel.com/docs/apis/introduction#domains"
)
LOOKED_UP = Refused(404, 5, None, UNKNOWN_INSTANCE)
"""The path means the instance ``_create`` for these methods; the message has the id, so there is no detail."""

_OTHER_METHODS = ("GET", "PUT", "DELETE")

_UNKNOWN_PATHS = (
    "/",
    "/system",
    "/system/v1",
    "/system/v1/",
    "/system/v1/unknown",
    "/system/v1/instances/_create/",
    "/system/v1/instances/_create/more",
    "/system/v2/instances/_create",
    "/System/v1/instances/_create",
    "/instances/_create",
)

ROWS = (
    *(Row(f"path {path}", SECTION, nobody(), UNKNOWN_PATH, path=path) for path in _UNKNOWN_PATHS),
    *(
        Row(
            f"path /system/v1/unknown with {method}",
            SECTION,
            b"",
            UNKNOWN_PATH,
            path="/system/v1/unknown",
            method=method,
        )
        for method in ("GET", "PUT", "DELETE", "PATCH")
    ),
    Row(
        "path of AddInstance",
        "1.3",
        nobody(),
        UNKNOWN_PATH,
        path="/system/v1/instances",
        departure="the service has one operation; ZITADEL's deprecated AddInstance is not one",
    ),
    Row(
        "path of GetInstance",
        "1.3",
        b"",
        UNKNOWN_PATH,
        path="/system/v1/instances/123456789012345678",
        method="GET",
        departure="the service has one operation; ZITADEL would look the instance up",
    ),
    Row(
        "path of an instance with POST",
        SECTION,
        nobody(),
        UNKNOWN_PATH,
        path="/system/v1/instances/123456789012345678",
        departure="ZITADEL knows the path for other methods and answers 405; here nothing is known but _create",
    ),
    *(
        Row(f"{method} _create is looked up as an instance", "2.5", b"", LOOKED_UP, method=method)
        for method in _OTHER_METHODS
    ),
    *(
        Row(
            f"{method} _create is looked up before anyone is asked who they are",
            "2.5",
            b"",
            LOOKED_UP,
            method=method,
            authorization=None,
        )
        for method in _OTHER_METHODS
    ),
    Row("PUT _create with a body that is looked up before it is read", "2.5", nobody(), LOOKED_UP, method="PUT"),
    Row("PATCH _create", SECTION, nobody(), WRONG_METHOD, method="PATCH"),
    Row("PATCH _create without authorization", SECTION, nobody(), WRONG_METHOD, method="PATCH", authorization=None),
    Row(
        "HEAD _create",
        SECTION,
        b"",
        WRONG_METHOD,
        method="HEAD",
        doubt="the specification lists GET, PUT and DELETE only; the gateway registers no pattern for HEAD",
    ),
    # Before everything else
    Row(
        "unknown path before a missing header",
        SECTION,
        nobody(),
        UNKNOWN_PATH,
        path="/system/v1/unknown",
        authorization=None,
    ),
    Row("unknown path before an undecodable body", SECTION, b"{", UNKNOWN_PATH, path="/system/v1/unknown"),
    Row(
        "unknown path before a body that is too large",
        SECTION,
        b" " * (LARGEST + 1),
        UNKNOWN_PATH,
        path="/system/v1/unknown",
    ),
    Row("wrong method before an undecodable body", SECTION, b"{", WRONG_METHOD, method="PATCH"),
    # Each status
    Row("InvalidArgument is 3 and 400", SECTION, machine({"name": ""}), MACHINE_NAME_EMPTY),
    Row("FailedPrecondition is 9 and 400", SECTION, nobody(), OWNER_MISSING),
    Row("Unauthenticated is 16 and 401", SECTION, nobody(), INVALID_TOKEN, authorization="Bearer x"),
    Row("PermissionDenied is 7 and 403", SECTION, nobody(), NO_PERMISSION, authorization=Bearer("viewer")),
    Row("NotFound is 5 and 404", SECTION, nobody(), UNKNOWN_PATH, path="/"),
    Row("Unimplemented is 12, and 405 for a wrong method", SECTION, nobody(), WRONG_METHOD, method="PATCH"),
    Row(
        "AlreadyExists is 6 and 409",
        SECTION,
        machine(customDomain="login.acme.example"),
        DOMAIN_TAKEN,
        earlier=(Call(machine(customDomain="login.acme.example")),),
    ),
    Row(
        "ResourceExhausted is 8, and 413 for a body that is too large",
        "design 11",
        b" " * (LARGEST + 1),
        TOO_LARGE,
        departure="ZITADEL has no such limit over JSON",
    ),
)
