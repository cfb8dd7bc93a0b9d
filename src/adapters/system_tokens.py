"""The tokens of system users: compact JWS, verified with the public keys of the deployment's configuration.

Spec 7.1 and 7.2. The claim rules are the domain's (``domain.access``), the signature is joserfc's, and what lies
between is here: which bytes are a token at all, and whose keys may have signed it. docs/adr/0004 says why.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry, extract_compact, validate_compact

from domain.access import Caller, Membership, MemberType, SystemUser, check_claims, permissions_of
from domain.errors import TOKEN_INVALID, Refused
from domain.ports import Clock
from domain.settings import ConfigurationError

ALGORITHMS = frozenset({"RS256", "PS256"})
"""ZITADEL's list without ES256, for which its RSA-only users have no key (spec 7.2, rule 6)."""

MAX_TOKEN_LENGTH = 16 * 1024
"""Characters; a longer token is refused unread."""

MIN_KEY_BITS = 2048
"""RFC 7518, 3.3 and 3.5: a key of 2048 bits or larger MUST be used."""

# These change what is signed or how it is read; nothing that a system user sends needs them. RFC 7515, 4.1.11 makes
# refusal the only safe answer to an extension that is not understood.
_REFUSED_PARAMETERS = frozenset({"crit", "b64", "zip"})

_PEM = re.compile(r"-----BEGIN ([^\r\n-]+)-----([A-Za-z0-9+/=\s]+)-----END \1-----")


@dataclass(frozen=True, slots=True)
class ConfiguredUser:
    """A system user and its live public keys: several while keys are being rotated, never none."""

    user: SystemUser
    keys: tuple[RSAKey, ...]


def _registry() -> JWSRegistry:
    # An unknown header parameter is ignored, as RFC 7515, 4 demands, hence not strict. joserfc's limits of 512 header
    # and 1024 signature characters would refuse certificate chains and large keys; the token's own limit is enough.
    registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
    registry.max_header_length = registry.max_payload_length = registry.max_signature_length = MAX_TOKEN_LENGTH
    return registry


_REGISTRY = _registry()


class SystemTokens:
    """Verifies bearer tokens against the configured users. Holds no state besides them; safe to share."""

    def __init__(
        self,
        users: Mapping[str, ConfiguredUser],
        audiences: frozenset[str],
        role_permissions: Mapping[str, frozenset[str]],
        clock: Clock,
    ) -> None:
        self._users = users
        self._audiences = audiences
        self._role_permissions = role_permissions
        self._clock = clock

    def verify(self, token: str) -> Caller:
        """Return the caller whose token this is, or raise ``Refused`` with TOKEN_INVALID and nothing else.

        The key is chosen by the issuer alone. ``kid`` and the header's own keys and addresses (``jwk``, ``jku``,
        ``x5c``, ``x5u``) are never used and never fetched. All that costs nothing is checked before any RSA operation.

        A user who is not known is looked for as long as one who is: their token is held against somebody else's keys,
        whatever comes of it, so that the time until the refusal does not tell who is known.
        """
        claims = _claims(token)
        subject = check_claims(claims, self._audiences, self._clock.now())
        configured = self._users.get(subject)
        somebody = configured or next(iter(self._users.values()), None)
        signed = somebody is not None and _is_signed_by(token, somebody.keys)
        if configured is None or not signed:
            raise Refused(TOKEN_INVALID)
        return Caller(subject, permissions_of(configured.user, self._role_permissions))


def _claims(token: str) -> dict[str, object]:
    """The claims of a token whose header is acceptable. Nothing is known of its signature yet."""
    if len(token) > MAX_TOKEN_LENGTH or not token.isascii() or token.count(".") != 2:
        raise Refused(TOKEN_INVALID)
    header_segment, payload_segment, _ = token.split(".")
    try:
        header = _json_object(_base64url(header_segment))
        claims = _json_object(_base64url(payload_segment))
    except (ValueError, RecursionError):
        raise Refused(TOKEN_INVALID) from None
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or not _REFUSED_PARAMETERS.isdisjoint(header):
        raise Refused(TOKEN_INVALID)
    return claims


def _is_signed_by(token: str, keys: Sequence[RSAKey]) -> bool:
    try:
        signature = extract_compact(token.encode(), registry=_REGISTRY)
        return any(validate_compact(signature, key, registry=_REGISTRY) for key in keys)
    except (JoseError, RecursionError):  # joserfc reads the header again, a few frames deeper than we did
        return False


def _base64url(segment: str) -> bytes:
    """Decode RFC 7515's base64url; padding, other alphabets, white space and idle bits raise ``ValueError``."""
    decoded = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    # The standard library skips what it does not know, and a second spelling of the same bytes would be a second token.
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != segment:
        raise ValueError("not base64url")
    return decoded


def _json_object(raw: bytes) -> dict[str, object]:
    """Parse one JSON object without duplicate names, NaN, infinities or lone surrogates, else ``ValueError``."""
    value = json.loads(raw.decode(), object_pairs_hook=_without_duplicates, parse_constant=_not_json)
    if not isinstance(value, dict):
        raise ValueError("not an object")  # noqa: TRY004 - wrong data, not a wrong call
    # A lone surrogate is no character: two readers may see different names (RFC 8259, 8.2). Encoding finds it.
    json.dumps(value, ensure_ascii=False).encode()
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("duplicate name")
    return names


def _not_json(constant: str) -> object:
    raise ValueError(constant)


def load_users(document: str) -> dict[str, ConfiguredUser]:
    """Read the system users of a deployment, by id, from ZITADEL's own ``SystemAPIUsers`` as JSON (spec 7.1).

    A list of one-name objects, or one object: ``{"<user id>": {"KeyData": …, "Memberships": […]}}``. Field names are
    accepted in any case. ``KeyData`` is a PKIX (SubjectPublicKeyInfo) RSA key of at least 2048 bits, as PEM or as
    base64 of PEM, under any PEM label; a list of them makes rotation possible. Without memberships the user is
    SYSTEM_OWNER of the system. A field that is not known is an error, because a misspelt ``Memberships`` would do that.

    Raises ``ConfigurationError``.
    """
    try:
        entries = json.loads(document, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError):
        entries = None
    users: dict[str, ConfiguredUser] = {}
    for entry in entries if isinstance(entries, list) else [entries]:
        if not isinstance(entry, dict):
            raise ConfigurationError("system users: expected a JSON list of objects or one object, without duplicates")
        for user_id, settings in entry.items():
            if not user_id or user_id in users:
                raise ConfigurationError(f"system user {user_id!r}: the id is empty or given twice")
            users[user_id] = _configured_user(user_id, settings)
    return users


def _configured_user(user_id: str, settings: object) -> ConfiguredUser:
    where = f"system user {user_id!r}"
    fields = _fields(where, settings, {"path", "keydata", "memberships"})
    if fields.get("path", "") != "":
        raise ConfigurationError(f"{where}, Path: a function has no such file; put the PEM into KeyData")
    keys = fields.get("keydata")
    keys = keys if isinstance(keys, list) else [keys]
    if not keys:
        raise ConfigurationError(f"{where}, KeyData: is empty")
    return ConfiguredUser(
        SystemUser(user_id, _memberships(where, fields.get("memberships"))),
        tuple(_public_key(f"{where}, KeyData", key) for key in keys),
    )


def _fields(where: str, settings: object, known: set[str]) -> dict[str, object]:
    """The settings by lower-case name; null means "not given"."""
    if not isinstance(settings, dict):
        raise ConfigurationError(f"{where}: expected an object")
    fields: dict[str, object] = {}
    for name, value in settings.items():
        if name.lower() not in known:
            raise ConfigurationError(f"{where}: unknown field {name!r}")
        if name.lower() in fields:
            raise ConfigurationError(f"{where}: field {name!r} is given twice")
        fields[name.lower()] = value
    return {name: value for name, value in fields.items() if value is not None}


def _memberships(where: str, settings: object) -> tuple[Membership, ...]:
    if settings is None or settings == []:
        return (Membership(MemberType.SYSTEM, "", frozenset({"SYSTEM_OWNER"})),)
    if not isinstance(settings, list):
        raise ConfigurationError(f"{where}, Memberships: expected a list")
    return tuple(_membership(f"{where}, Memberships[{n}]", item) for n, item in enumerate(settings))


def _membership(where: str, settings: object) -> Membership:
    fields = _fields(where, settings, {"membertype", "aggregateid", "roles"})
    names = {member_type.value.lower(): member_type for member_type in MemberType}
    member_type = names.get(str(fields.get("membertype")).lower())
    if member_type is None:
        raise ConfigurationError(f"{where}.MemberType: expected one of {', '.join(t.value for t in MemberType)}")
    aggregate_id = fields.get("aggregateid", "")
    if not isinstance(aggregate_id, str):
        raise ConfigurationError(f"{where}.AggregateID: expected a text")
    roles = fields.get("roles", [])
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise ConfigurationError(f"{where}.Roles: expected a list of role names")
    return Membership(member_type, aggregate_id, frozenset(roles))


def _public_key(where: str, key_data: object) -> RSAKey:
    key = _load_spki(key_data) if isinstance(key_data, str) else None
    if key is None:
        raise ConfigurationError(f"{where}: expected one PEM of a PKIX (SPKI) RSA public key, or base64 of it")
    if key.key_size < MIN_KEY_BITS:
        raise ConfigurationError(f"{where}: the RSA key has {key.key_size} bits, {MIN_KEY_BITS} are needed")
    return RSAKey.import_key(key)


def _load_spki(text: str) -> RSAPublicKey | None:
    """The key, whatever the PEM's label: tools write "RSA PUBLIC KEY" over PKIX content, and ZITADEL reads it."""
    try:
        pem = text if "-----BEGIN" in text else base64.b64decode("".join(text.split()), validate=True).decode("ascii")
        [(_, body)] = _PEM.findall(pem)
        der = base64.b64decode("".join(body.split()), validate=True)
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        return None
    # The loader also takes bare PKCS#1, which ZITADEL does not: such a configuration would work here and not there.
    if not isinstance(key, RSAPublicKey) or key.public_bytes(Encoding.DER, PublicFormat.PKCS1) == der:
        return None
    return key
