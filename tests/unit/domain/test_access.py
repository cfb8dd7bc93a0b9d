"""The claim rules of spec 7.2, the membership filter and the roles of spec 7.3."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access import (
    Caller,
    Membership,
    MemberType,
    SystemUser,
    check_claims,
    permissions_of,
    require,
)
from domain.errors import PERMISSION_MISSING, TOKEN_INVALID, Refused
from domain.instant import Instant
from fakes.foundry import SYSTEM_ROLES

AUDIENCE = "https://system.example.com"
NOW = Instant(1_800_000_000)
HALF = 500_000_000
ABSENT = object()


def claims(**changes: object) -> dict[str, object]:
    valid: dict[str, object] = {
        "iss": "operator",
        "sub": "operator",
        "aud": AUDIENCE,
        "iat": NOW.seconds,
        "exp": NOW.seconds + 600,
    }
    return {name: value for name, value in (valid | changes).items() if value is not ABSENT}


def accepts(
    presented: dict[str, object], now: Instant = NOW, audiences: frozenset[str] = frozenset({AUDIENCE})
) -> bool:
    reason = None
    try:
        check_claims(presented, audiences, now)
    except Refused as refusal:
        reason = refusal.reason
    assert reason in (None, TOKEN_INVALID)
    return reason is None


def text(seconds: int, offset_minutes: int = 0) -> str:
    zone = timezone(timedelta(minutes=offset_minutes))
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).isoformat()


def test_the_subject_is_the_answer() -> None:
    assert check_claims(claims(), frozenset({AUDIENCE}), NOW) == "operator"


@pytest.mark.parametrize(
    "audience",
    [AUDIENCE, [AUDIENCE], ["https://other.example.com", AUDIENCE], ["", AUDIENCE, AUDIENCE]],
)
def test_audience_is_a_text_or_contains_one(audience: object) -> None:
    assert accepts(claims(aud=audience))


@pytest.mark.parametrize(
    "audience",
    [
        ABSENT,
        None,
        "",
        [],
        [[AUDIENCE]],
        {"": AUDIENCE},
        {AUDIENCE: AUDIENCE},
        [AUDIENCE, 1],
        [AUDIENCE, None],
        True,
        1,
        AUDIENCE + "/",
        AUDIENCE.upper(),
        AUDIENCE[:-1],
        " " + AUDIENCE,
        f"{AUDIENCE} https://other.example.com",
        "https://other.example.com",
    ],
)
def test_any_other_audience_is_refused(audience: object) -> None:
    assert not accepts(claims(aud=audience))


def test_each_configured_audience_is_one() -> None:
    audiences = frozenset({AUDIENCE, "https://api.example.com"})
    assert accepts(claims(aud="https://api.example.com"), audiences=audiences)
    assert not accepts(claims(), audiences=frozenset())


@pytest.mark.parametrize(
    ("expires", "now", "accepted"),
    [
        (NOW.seconds + 2, NOW, True),
        (NOW.seconds + 1, NOW, False),
        (NOW.seconds + 2, Instant(NOW.seconds, 999_999_999), True),
        (NOW.seconds + 2, Instant(NOW.seconds + 1), False),
        (NOW.seconds + 1, Instant(NOW.seconds - 1, 999_999_999), True),
        (NOW.seconds + 2.9, NOW, True),
        (NOW.seconds + 1.9, NOW, False),
        (NOW.seconds * 1000, NOW, True),
        (2**53 - 1, NOW, True),
        (2**53, NOW, False),
        (text(NOW.seconds + 2), NOW, True),
        (text(NOW.seconds + 1), NOW, False),
        (0, NOW, False),
        (-1, NOW, False),
    ],
)
def test_expiry_leaves_a_second_for_the_clocks(expires: object, now: Instant, accepted: bool) -> None:
    assert accepts(claims(exp=expires), now) is accepted


@pytest.mark.parametrize(
    ("issued", "now", "accepted"),
    [
        (NOW.seconds + 1, NOW, True),
        (NOW.seconds + 2, NOW, False),
        (NOW.seconds + 2, Instant(NOW.seconds, HALF - 1), False),
        (NOW.seconds + 2, Instant(NOW.seconds, HALF), True),
        (NOW.seconds + 1.999, NOW, True),
        (NOW.seconds - 3600, NOW, True),
        (NOW.seconds - 3601, NOW, False),
        (NOW.seconds - 3600, Instant(NOW.seconds, HALF - 1), True),
        (NOW.seconds - 3600, Instant(NOW.seconds, HALF), False),
        (NOW.seconds - 3599.5, NOW, True),
        (text(NOW.seconds - 3600, 330), NOW, True),
        (text(NOW.seconds - 3601, -60), NOW, False),
        (0, NOW, False),
        (-NOW.seconds, NOW, False),
    ],
)
def test_a_token_is_of_use_for_one_hour(issued: object, now: Instant, accepted: bool) -> None:
    assert accepts(claims(iat=issued), now) is accepted


@pytest.mark.parametrize("issued", [0, 0.9, -0.9, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.9Z"])
def test_the_zero_time_is_no_time_even_at_the_epoch(issued: object) -> None:
    assert not accepts(claims(iat=issued, exp=600), Instant(0))
    assert accepts(claims(iat=1, exp=600), Instant(0))


NOT_A_TIME = [
    ABSENT,
    None,
    True,
    False,
    "",
    [],
    {},
    [NOW.seconds],
    math.nan,
    math.inf,
    -math.inf,
    1e300,
    -1e300,
    10**400,
    -(10**400),
    str(NOW.seconds),
    "2027-01-15",
    "2027-01-15T08:00:00",
    "2027-01-15 08:00:00Z",
    "2027-01-15t08:00:00z",
    "2027-01-15T08:00Z",
    "20270115T080000Z",
    "2027-W02-5T08:00:00Z",
    "2027-01-15T08:00:00,5Z",
    "2027-01-15T08:00:00.Z",
    "2027-01-15T08:00:00.٥Z",
    "2027-01-15T08:00:00+0100",
    "2027-01-15T08:00:00+01",
    "2027-01-15T08:00:00+24:00",
    "2027-01-15T08:00:60Z",
    "2027-02-30T08:00:00Z",
    "0000-01-01T00:00:00Z",
    "٢٠٢٧-01-15T08:00:00Z",
    " 2027-01-15T08:00:00Z",
    "2027-01-15T08:00:00Z\n",
]


def test_true_is_not_the_first_second_of_the_epoch() -> None:
    assert accepts(claims(iat=1, exp=9), Instant(0))
    assert not accepts(claims(iat=True, exp=9), Instant(0))
    assert accepts(claims(iat=-1, exp=1), Instant(-1))
    assert not accepts(claims(iat=-1, exp=True), Instant(-1))


@pytest.mark.parametrize("value", NOT_A_TIME)
@pytest.mark.parametrize("claim", ["exp", "iat"])
def test_what_is_not_a_time_is_refused(claim: str, value: object) -> None:
    assert not accepts(claims(**{claim: value}))


@pytest.mark.parametrize(
    "moment",
    [
        "2027-01-15T08:00:00Z",
        "2027-01-15T08:00:00.123456789123Z",
        "2027-01-15T08:00:00-00:00",
        "2027-01-15T13:30:00+05:30",
        "2027-01-14T23:00:00.5-09:00",
    ],
)
def test_one_moment_has_many_texts(moment: str) -> None:
    presented = claims(iat=moment, exp=NOW.seconds + 9000)
    assert accepts(presented)
    assert accepts(presented, NOW.plus(3600))
    assert not accepts(presented, NOW.plus(3601))


def test_times_at_the_ends_of_the_calendar() -> None:
    assert accepts(claims(exp="9999-12-31T23:59:59-23:59"))
    assert not accepts(claims(exp="0001-01-01T00:00:00+23:59"))


@pytest.mark.parametrize(
    ("issuer", "subject"),
    [
        ("operator", "Operator"),
        ("operator", "other"),
        ("operator", ABSENT),
        (ABSENT, "operator"),
        (ABSENT, ABSENT),
        (None, None),
        ("", ""),
        (1, 1),
        (True, True),
        (["operator"], ["operator"]),
        (["operator"], "operator"),
    ],
)
def test_issuer_and_subject_are_one_user(issuer: object, subject: object) -> None:
    assert not accepts(claims(iss=issuer, sub=subject))


def test_other_claims_are_ignored() -> None:
    assert accepts(claims(jti=["x"], nbf=NOW.seconds + 10_000, azp=1, typ="at+jwt", scope=None))


@given(
    issued=st.integers(-4000, 10),
    expires=st.integers(-10, 10_000),
    nanos=st.integers(0, 999_999_999),
)
def test_times_agree_with_exact_arithmetic(issued: int, expires: int, nanos: int) -> None:
    now = Instant(NOW.seconds, nanos)

    def rounded(total: int) -> int:
        return (total + HALF) // 1_000_000_000

    expected = (
        (NOW.seconds + expires) * 1_000_000_000 > now.total_nanos + 1_000_000_000
        and NOW.seconds + issued <= rounded(now.total_nanos + 1_000_000_000)
        and NOW.seconds + issued >= rounded(now.total_nanos - 3600 * 1_000_000_000)
    )
    assert accepts(claims(iat=NOW.seconds + issued, exp=NOW.seconds + expires), now) is expected


texts = st.text("aZ0:-+T.\0\ud800", max_size=10)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["iss", "sub", "aud", "iat", "exp"]), json_values))
def test_no_claims_make_it_fail(changes: dict[str, object]) -> None:
    accepts(claims(**changes))


def user(*memberships: Membership) -> SystemUser:
    return SystemUser("operator", memberships)


def member(member_type: MemberType, aggregate_id: str, *roles: str) -> Membership:
    return Membership(member_type, aggregate_id, frozenset(roles))


ROLES = {"WRITER": frozenset({"write", "read"}), "READER": frozenset({"read"})}


@pytest.mark.parametrize(
    ("memberships", "expected"),
    [
        ([], set()),
        ([member(MemberType.SYSTEM, "")], set()),
        ([member(MemberType.SYSTEM, "", "READER")], {"read"}),
        ([member(MemberType.SYSTEM, "123", "WRITER")], {"read", "write"}),
        ([member(MemberType.SYSTEM, "", "UNKNOWN")], set()),
        ([member(MemberType.SYSTEM, "", "writer")], set()),
        ([member(MemberType.IAM, "", "WRITER")], {"read", "write"}),
        ([member(MemberType.IAM, "123", "WRITER")], set()),
        ([member(MemberType.ORGANIZATION, "", "READER")], {"read"}),
        ([member(MemberType.ORGANIZATION, "123", "READER")], set()),
        ([member(MemberType.IAM, "123", "WRITER"), member(MemberType.SYSTEM, "", "READER")], {"read"}),
        ([member(MemberType.IAM, "", "READER"), member(MemberType.SYSTEM, "", "WRITER")], {"read", "write"}),
    ],
)
def test_memberships_that_count(memberships: list[Membership], expected: set[str]) -> None:
    assert permissions_of(user(*memberships), ROLES) == expected


def test_the_owner_does_everything_and_the_viewer_reads() -> None:
    owner, viewer = SYSTEM_ROLES["SYSTEM_OWNER"], SYSTEM_ROLES["SYSTEM_OWNER_VIEWER"]
    kinds = ("instance", "domain", "debug", "feature")
    assert viewer == {f"system.{kind}.read" for kind in kinds} | {"system.iam.member.read"}
    assert owner == viewer | {f"system.{kind}.{verb}" for kind in kinds for verb in ("write", "delete")} | {
        f"system.{kind}.{verb}" for kind in ("limits", "quota") for verb in ("write", "delete")
    }


def test_no_other_role_allows_anything() -> None:
    assert set(SYSTEM_ROLES) == {"SYSTEM_OWNER", "SYSTEM_OWNER_VIEWER"}


def test_a_permission_is_there_or_it_is_not() -> None:
    caller = Caller("operator", frozenset({"system.instance.read"}))
    require(caller, "system.instance.read")
    with pytest.raises(Refused) as refusal:
        require(caller, "system.instance.write")
    assert refusal.value.reason is PERMISSION_MISSING
