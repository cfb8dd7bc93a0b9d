"""The configuration of system users, and what verifying costs. What is accepted at all: tests/security."""

from __future__ import annotations

import base64
import json
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jws
from joserfc.jwk import RSAKey

from adapters import system_tokens
from adapters.system_tokens import MAX_TOKEN_LENGTH, ConfigurationError, SystemTokens, load_users
from domain.access import Membership, MemberType
from domain.errors import TOKEN_INVALID, Refused
from domain.instant import Instant
from fakes.foundry import SYSTEM_ROLES

NOW = 1_800_000_000
AUDIENCE = "https://system.example.com"
SPKI = PublicFormat.SubjectPublicKeyInfo
OWNER = Membership(MemberType.SYSTEM, "", frozenset({"SYSTEM_OWNER"}))


class FixedClock:
    def now(self) -> Instant:
        return Instant(NOW)


@pytest.fixture(scope="module")
def private_keys() -> list[rsa.RSAPrivateKey]:
    with ThreadPoolExecutor() as threads:
        return list(threads.map(lambda _: rsa.generate_private_key(65537, 2048), range(2)))


@pytest.fixture(scope="module")
def keys(private_keys: list[rsa.RSAPrivateKey]) -> list[str]:
    return [key.public_key().public_bytes(Encoding.PEM, SPKI).decode() for key in private_keys]


def encoded(pem: str) -> str:
    return base64.b64encode(pem.encode()).decode()


def load(settings: object, user_id: str = "alice") -> system_tokens.ConfiguredUser:
    return load_users(json.dumps([{user_id: settings}]))[user_id]


def refusal(document: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as error:
        load_users(document)
    return error.value


def numbers(configured: system_tokens.ConfiguredUser) -> list[int]:
    return [key.public_key.public_numbers().n for key in configured.keys]


def modulus(key: rsa.RSAPrivateKey) -> int:
    return key.public_key().public_numbers().n


# --- configuration ----------------------------------------------------------------------------------------------------


def test_a_list_of_users_and_an_object_of_users_are_the_same(keys: list[str]) -> None:
    first, second = {"KeyData": encoded(keys[0])}, {"KeyData": encoded(keys[1])}
    for document in (
        [{"alice": first}, {"bob": second}],
        {"alice": first, "bob": second},
        [{"alice": first, "bob": second}],
    ):
        users = load_users(json.dumps(document))
        assert list(users) == ["alice", "bob"]
        assert [user.user.id for user in users.values()] == ["alice", "bob"]
        assert numbers(users["alice"]) != numbers(users["bob"])


@pytest.mark.parametrize("document", ["[]", "{}", " [{}]\n"])
def test_nobody_is_a_configuration_too(document: str) -> None:
    assert load_users(document) == {}


@pytest.mark.parametrize("field", ["KeyData", "keyData", "keydata", "KEYDATA"])
def test_field_names_in_any_case(field: str, keys: list[str]) -> None:
    assert load({field: encoded(keys[0])}).user.memberships == (OWNER,)


@pytest.mark.parametrize(
    "write",
    [
        lambda pem: pem,
        lambda pem: pem.strip(),
        lambda pem: pem.replace("\n", "\r\n"),
        lambda pem: "# alice\n" + pem,
        encoded,
        lambda pem: "\n".join(encoded(pem)[at : at + 76] for at in range(0, len(encoded(pem)), 76)),
        lambda pem: encoded(pem.replace("PUBLIC KEY", "RSA PUBLIC KEY")),
        lambda pem: pem.replace("PUBLIC KEY", "RSA PUBLIC KEY"),
        lambda pem: pem.replace("PUBLIC KEY", "ANY LABEL"),
    ],
)
def test_key_data_is_pem_or_base64_of_it(write, keys: list[str], private_keys: list[rsa.RSAPrivateKey]) -> None:
    assert numbers(load({"KeyData": write(keys[0])})) == [modulus(private_keys[0])]


def test_several_keys_for_rotation(keys: list[str], private_keys: list[rsa.RSAPrivateKey]) -> None:
    configured = load({"KeyData": [keys[0], encoded(keys[1])]})
    assert numbers(configured) == [modulus(key) for key in private_keys]


@pytest.mark.parametrize("given", [None, []])
def test_without_memberships_the_owner_of_the_system(given: object, keys: list[str]) -> None:
    assert load({"KeyData": keys[0], "Memberships": given, "Path": None}).user.memberships == (OWNER,)
    assert load({"KeyData": keys[0], "Path": ""}).user.memberships == (OWNER,)


def test_memberships_are_kept_as_they_are(keys: list[str]) -> None:
    memberships = [
        {"MemberType": "System", "Roles": ["A", "B", "A"]},
        {"memberType": "IAM", "aggregateId": "7", "roles": ["C"]},
        {"membertype": "organization", "aggregateid": None, "roles": None},
    ]
    assert load({"KeyData": keys[0], "memberships": memberships}).user.memberships == (
        Membership(MemberType.SYSTEM, "", frozenset({"A", "B"})),
        Membership(MemberType.IAM, "7", frozenset({"C"})),
        Membership(MemberType.ORGANIZATION, "", frozenset()),
    )


@pytest.mark.parametrize(
    "document",
    [
        "",
        "alice",
        "null",
        "1",
        '"alice"',
        "[1]",
        "[[]]",
        "[null]",
        "[" * 100_000,
        '{"alice":{},"alice":{}}',
        '[{"alice":{"KeyData":"a","KeyData":"b"}}]',
    ],
)
def test_what_is_no_list_of_users(document: str) -> None:
    assert str(refusal(document)) == ("system users: expected a JSON list of objects or one object, without duplicates")


def test_a_user_is_given_once_and_has_a_name(keys: list[str]) -> None:
    settings = {"KeyData": keys[0]}
    assert "'alice'" in str(refusal(json.dumps([{"alice": settings}, {"alice": settings}])))
    assert "''" in str(refusal(json.dumps({"": settings})))


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"KeyData": None}, "KeyData"),
        ({"KeyData": []}, "KeyData"),
        ({"KeyData": ""}, "KeyData"),
        ({"KeyData": 1}, "KeyData"),
        ({"KeyData": {}}, "KeyData"),
        ({"KeyData": [None]}, "KeyData"),
        ({"KeyData": [[]]}, "KeyData"),
        ({"KeyData": "not base64!"}, "KeyData"),
        ({"KeyData": "AAAA"}, "KeyData"),
        ({"KeyData": "/////w=="}, "KeyData"),
        ({"Path": "/etc/keys/alice.pem"}, "Path"),
        ({"Path": ["x"]}, "Path"),
        ({"Path": False}, "Path"),
        ({"Membership": []}, "unknown field 'Membership'"),
        ({"Keys": "x"}, "unknown field 'Keys'"),
        ({"keydata": "x"}, "field 'keydata' is given twice"),
        ({"Memberships": False}, "Memberships"),
        ({"Memberships": ""}, "Memberships"),
        ({"Memberships": {}}, "Memberships"),
        ({"Memberships": {"MemberType": "System"}}, "Memberships"),
        ({"Memberships": [1]}, "Memberships[0]"),
        ({"Memberships": [{}]}, "Memberships[0].MemberType"),
        ({"Memberships": [{"MemberType": "System"}, {"MemberType": "Project"}]}, "Memberships[1].MemberType"),
        ({"Memberships": [{"MemberType": "ProjectGrant"}]}, "Memberships[0].MemberType"),
        ({"Memberships": [{"MemberType": "Unspecified"}]}, "Memberships[0].MemberType"),
        ({"Memberships": [{"MemberType": ""}]}, "Memberships[0].MemberType"),
        ({"Memberships": [{"MemberType": 1}]}, "Memberships[0].MemberType"),
        ({"Memberships": [{"MemberType": "System", "Role": ["x"]}]}, "Memberships[0]: unknown field 'Role'"),
        ({"Memberships": [{"MemberType": "System", "AggregateID": 7}]}, "Memberships[0].AggregateID"),
        ({"Memberships": [{"MemberType": "System", "Roles": "SYSTEM_OWNER"}]}, "Memberships[0].Roles"),
        ({"Memberships": [{"MemberType": "System", "Roles": [1]}]}, "Memberships[0].Roles"),
    ],
)
def test_mistakes_are_named(changes: dict[str, object], where: str, keys: list[str]) -> None:
    error = str(refusal(json.dumps([{"alice": {"KeyData": keys[0]} | changes}])))
    assert error.startswith("system user 'alice'")
    assert where in error


def test_settings_are_an_object() -> None:
    assert "'alice'" in str(refusal('{"alice": []}'))


def test_only_rsa_public_keys_of_2048_bits_in_pkix_form(keys: list[str], private_keys: list[rsa.RSAPrivateKey]) -> None:
    def public(key, form: PublicFormat = SPKI) -> str:
        return key.public_key().public_bytes(Encoding.PEM, form).decode()

    private = private_keys[0].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    refused = {
        "PKCS#1": public(private_keys[0], PublicFormat.PKCS1),
        "PKCS#1 under the PKIX label": public(private_keys[0], PublicFormat.PKCS1).replace("RSA ", ""),
        "private": private,
        "private under a public label": private.replace("PRIVATE", "PUBLIC"),
        "EC": public(ec.generate_private_key(ec.SECP256R1())),
        "Ed25519": public(ed25519.Ed25519PrivateKey.generate()),
        "DSA": dsa.DSAPublicNumbers(2, dsa.DSAParameterNumbers(2**2047 + 9, 2**223 + 735, 2))
        .public_key()
        .public_bytes(Encoding.PEM, SPKI)
        .decode(),
        "two in one text": keys[0] + keys[1],
        "cut": keys[0][:200],
        "without end": keys[0].replace("-----END PUBLIC KEY-----", ""),
        "labels that differ": keys[0].replace("END PUBLIC", "END RSA PUBLIC"),
        "DER": base64.b64encode(base64.b64decode("".join(keys[0].splitlines()[1:-1]))).decode(),
        "short": public(rsa.generate_private_key(65537, 2040)),
        "exponent 1": _with_exponent_one(private_keys[0]),
    }
    for name, pem in refused.items():
        for given in (pem, encoded(pem), [keys[0], pem]):
            error = refusal(json.dumps({"alice": {"KeyData": given}}))
            assert "system user 'alice', KeyData" in str(error), name


def _with_exponent_one(key: rsa.RSAPrivateKey) -> str:
    """With it, every signature would be its own message: anybody could sign."""
    der = key.public_key().public_bytes(Encoding.DER, SPKI)
    assert der.endswith(b"\x02\x03\x01\x00\x01")
    return f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(der[:-3] + bytes([0, 0, 1])).decode()}\n-----END PUBLIC KEY-----"


def test_errors_hold_no_key_material(private_keys: list[rsa.RSAPrivateKey]) -> None:
    private = private_keys[0].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    secret = private.splitlines()[5]
    for document in (
        json.dumps({"alice": {"KeyData": private}}),
        json.dumps({"alice": {"KeyData": encoded(private)}}),
        json.dumps({"alice": private}),
        json.dumps([private]),
        json.dumps({"alice": {"KeyData": private}})[:-1],
    ):
        error = refusal(document)
        shown = "".join(traceback.format_exception(error)) + repr(error.args) + repr(error.__context__)
        assert secret not in shown
        assert encoded(private)[100:160] not in shown


# --- verification -----------------------------------------------------------------------------------------------------


@pytest.fixture
def tokens(keys: list[str]) -> SystemTokens:
    users = load_users(json.dumps({"alice": {"KeyData": keys}}))
    return SystemTokens(users, frozenset({AUDIENCE}), SYSTEM_ROLES, FixedClock())


def sign(key: rsa.RSAPrivateKey, algorithm: str = "RS256", **changes: object) -> str:
    claims = {"iss": "alice", "sub": "alice", "aud": AUDIENCE, "iat": NOW, "exp": NOW + 60} | changes
    signing = RSAKey.import_key(key)
    return jws.serialize_compact({"alg": algorithm}, json.dumps(claims), signing, algorithms=[algorithm])


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
@pytest.mark.parametrize("number", [0, 1])
def test_each_live_key_signs(
    number: int, algorithm: str, tokens: SystemTokens, private_keys: list[rsa.RSAPrivateKey]
) -> None:
    caller = tokens.verify(sign(private_keys[number], algorithm))
    assert caller.user_id == "alice"
    assert caller.permissions == SYSTEM_ROLES["SYSTEM_OWNER"]


def test_garbage_costs_no_rsa_operation(
    tokens: SystemTokens, private_keys: list[rsa.RSAPrivateKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It does not even get as far as joserfc."""
    reached: list[str] = []
    monkeypatch.setattr(system_tokens, "extract_compact", lambda *_, **__: reached.append("extract"))
    monkeypatch.setattr(system_tokens, "validate_compact", lambda *_, **__: bool(reached.append("validate")))
    key = private_keys[0]
    for token in (
        "",
        "a.b.c",
        "x" * (MAX_TOKEN_LENGTH + 1),
        sign(key) + ".x",
        sign(key).replace(".", "=.", 1),
        sign(key).replace(".", "!.", 1),
        sign(key).replace(".", ".\n", 1),
        sign(key, "RS512"),
        sign(key, exp=NOW),
        sign(key, iat=NOW - 7200),
        sign(key, aud="https://other.example.com"),
        sign(key, sub="bob"),
    ):
        with pytest.raises(Refused) as refused:
            tokens.verify(token)
        assert refused.value.reason is TOKEN_INVALID
    assert not reached
    with pytest.raises(Refused):
        tokens.verify(sign(key))
    assert reached == ["extract", "validate", "validate"]


def test_an_unknown_user_costs_as_many_rsa_operations_as_a_known_one_and_is_refused(
    keys: list[str], private_keys: list[rsa.RSAPrivateKey], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the time until the refusal tells which users there are."""
    users = load_users(json.dumps({"alice": {"KeyData": keys[0]}, "bob": {"KeyData": keys[1]}}))
    tokens = SystemTokens(users, frozenset({AUDIENCE}), SYSTEM_ROLES, FixedClock())
    held_against: list[RSAKey] = []
    validate = system_tokens.validate_compact

    def counted(signature: object, key: RSAKey, **options: object) -> bool:
        held_against.append(key)
        return validate(signature, key, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(system_tokens, "validate_compact", counted)
    for key in private_keys:
        for user in ("alice", "bob", "nobody"):
            held_against.clear()
            if (key, user) in {(private_keys[0], "alice"), (private_keys[1], "bob")}:
                assert tokens.verify(sign(key, iss=user, sub=user)).user_id == user
            else:
                with pytest.raises(Refused):
                    tokens.verify(sign(key, iss=user, sub=user))
            assert len(held_against) == 1, user


def test_without_users_everybody_is_refused(private_keys: list[rsa.RSAPrivateKey]) -> None:
    with pytest.raises(Refused):
        SystemTokens({}, frozenset({AUDIENCE}), SYSTEM_ROLES, FixedClock()).verify(sign(private_keys[0]))


def test_a_token_that_is_too_long_is_not_even_split(tokens: SystemTokens) -> None:
    class Unread(str):
        __slots__ = ()

        def split(self, *_: object) -> list[str]:
            raise AssertionError("the token was read")

        count = isascii = encode = split  # type: ignore[assignment]

    with pytest.raises(Refused):
        tokens.verify(Unread("." * (MAX_TOKEN_LENGTH + 1)))
    with pytest.raises(AssertionError):
        tokens.verify(Unread("." * MAX_TOKEN_LENGTH))


def test_the_clock_is_asked_each_time(keys: list[str], private_keys: list[rsa.RSAPrivateKey]) -> None:
    class Hours:
        hour = 0

        def now(self) -> Instant:
            self.hour += 1
            return Instant(NOW + (self.hour - 1) * 3601)

    tokens = SystemTokens(
        load_users(json.dumps({"alice": {"KeyData": keys}})), frozenset({AUDIENCE}), SYSTEM_ROLES, Hours()
    )
    token = sign(private_keys[0], exp=NOW + 86_400)
    assert tokens.verify(token).user_id == "alice"
    with pytest.raises(Refused):
        tokens.verify(token)
