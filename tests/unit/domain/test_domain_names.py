"""The names of instances and organizations (spec 4.2, 4.4, 5.2, 5.3, 6.5)."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from domain import errors
from domain.domain_names import custom_domain, generated_domain, organization_domain, random_label, uniqueness_key
from domain.errors import Reason
from domain.external_address import ExternalAddress
from domain.text import is_letter_or_mark, lower
from harness.refusals import outcome

EXTERNAL = ExternalAddress("foundry.example", 443, True)
LONGEST = ExternalAddress("x" * 251, 443, True)

labels = st.from_regex(r"[a-z0-9]{6}", fullmatch=True)
external_domains = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,249}[A-Za-z0-9])?", fullmatch=True)
externals = st.builds(ExternalAddress, external_domains, st.just(0), st.booleans())


@st.composite
def long_names(draw: st.DrawFn) -> str:
    """Names around the length of a label, of characters whose lower case is longer, shorter and as long."""
    return "".join(
        draw(st.lists(st.sampled_from("aZ9-é \u023a\u023e\u0130\u212a漢😀\u0301"), min_size=15, max_size=70))
    )


# Random labels


@given(st.binary(min_size=8, max_size=16))
def test_a_random_label_is_six_characters(entropy: bytes) -> None:
    assert re.fullmatch(r"[a-z0-9]{6}", random_label(entropy))


def test_a_random_label_uses_all_of_the_alphabet_evenly() -> None:
    drawn = [random_label(number.to_bytes(8, "big")) for number in range(36**2)]
    assert len(set(drawn)) == 36**2
    assert {label[0] for label in drawn} == {label[1] for label in drawn} == set("abcdefghijklmnopqrstuvwxyz0123456789")


# Generated domains


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("My Inst 1", "my-inst-1-k3x09a.foundry.example"),
        ("  Acme  ", "acme-k3x09a.foundry.example"),
        ("\u00a0Acme\u0085", "acme-k3x09a.foundry.example"),
        ("a  b", "a--b-k3x09a.foundry.example"),
        ("a.b", "a.b-k3x09a.foundry.example"),
        ("-", "--k3x09a.foundry.example"),
        (" ", "-k3x09a.foundry.example"),  # spec 4.4: blanks only, where an organization name is given
        ("Z" * 200, f"{'z' * 200}-k3x09a.foundry.example"),  # spec 4.4: no length is checked
        # Lower-cased before it is checked, as in ZITADEL, so two letters that are not ASCII become ones that are.
        ("\u212aelvin", "kelvin-k3x09a.foundry.example"),
        ("İnci", "inci-k3x09a.foundry.example"),
    ],
)
def test_generated_domain(name: str, domain: str) -> None:
    assert generated_domain(name, "k3x09a", EXTERNAL) == domain


@pytest.mark.parametrize(
    "name",
    [
        "a_b",
        "a/b",
        "a\tb",
        "a\nb",
        "O'Neil",
        "Müller",
        "ſ",
        "a:1",
        "*",
        "a\u00a0b",
        "\x1ca",
        "ａ",
        "a\x00",
        "漢",
        "a\u200b",
    ],
)
def test_a_name_that_can_not_become_a_domain(name: str) -> None:
    assert outcome(generated_domain, name, "k3x09a", EXTERNAL) is errors.DOMAIN_CHARACTERS


@given(st.text(st.characters(max_codepoint=0x24FF), max_size=200), labels)
def test_a_generated_domain_is_lower_case_and_within_the_alphabet(name: str, label: str) -> None:
    domain = outcome(generated_domain, name, label, EXTERNAL)
    if isinstance(domain, Reason):
        assert domain is errors.DOMAIN_CHARACTERS
        return
    assert re.fullmatch(r"[a-z0-9.-]+", domain)
    assert domain.endswith(f"-{label}.foundry.example")
    assert uniqueness_key(domain) == domain


@given(st.from_regex(r"[A-Za-z0-9. -]{1,200}", fullmatch=True), labels, labels)
def test_every_ascii_name_has_a_domain_and_another_label_another_one(name: str, label: str, other: str) -> None:
    domain = generated_domain(name, label, EXTERNAL)
    assert generated_domain(name.swapcase(), label, EXTERNAL) == domain
    assert (generated_domain(name, other, EXTERNAL) == domain) == (label == other)


def test_the_external_domain_is_lower_cased_too() -> None:
    assert generated_domain("a", "k3x09a", ExternalAddress("Foundry.Example", 0, True)) == "a-k3x09a.foundry.example"


# Custom domains


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("", None),
        ("id.acme.test", "id.acme.test"),
        (" ID.Acme.test\u00a0", "ID.Acme.test"),  # the case is kept (spec 4.4)
        ("-", "-"),  # spec 4.4: nothing but the characters is checked
        ("..", ".."),
        ("192.168.0.1", "192.168.0.1"),
        ("localhost", "localhost"),
        ("a" * 200, "a" * 200),
    ],
)
def test_custom_domain(text: str, domain: str | None) -> None:
    assert custom_domain(text) == domain


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (" ", errors.DOMAIN_BLANK),
        ("\t\n\u3000", errors.DOMAIN_BLANK),
        ("\x1c", errors.DOMAIN_CHARACTERS),
        ("acme.test:443", errors.DOMAIN_CHARACTERS),
        ("*.acme.test", errors.DOMAIN_CHARACTERS),
        ("_dmarc.acme.test", errors.DOMAIN_CHARACTERS),
        ("acme .test", errors.DOMAIN_CHARACTERS),
        ("acme.test/", errors.DOMAIN_CHARACTERS),
        ("müller.test", errors.DOMAIN_CHARACTERS),
        ("\u212aelvin.test", errors.DOMAIN_CHARACTERS),  # not lower-cased before it is checked
        ("acme\n.test", errors.DOMAIN_CHARACTERS),
        ("acme.test\n\x1c", errors.DOMAIN_CHARACTERS),
    ],
)
def test_a_custom_domain_that_is_refused(text: str, reason: Reason) -> None:
    assert outcome(custom_domain, text) is reason


# Organization domains


@pytest.mark.parametrize(
    ("name", "label"),
    [
        # The cases of ZITADEL's TestNewIAMDomainName (spec 10.1), told with words of our own
        ("already-valid", "already-valid"),
        ("UPPER Case", "upper-case"),
        ("three word name", "three-word-name"),
        ("mí >**name?", "mí-name"),
        (f"{'a' * 60} 123", f"{'a' * 60}-12"),
        (f"{'a' * 62} b", "a" * 62),
        (" leading", "leading"),
        ("?!*", None),
        # and ours
        ("ACME", "acme"),
        ("Acme GmbH & Co. KG", "acme-gmbh--co-kg"),
        ("a_b.c", "abc"),
        ("a\tb", "ab"),
        ("a\u00a0b", "ab"),
        ("漢字", "漢字"),
        ("e\u0301", "e\u0301"),
        ("1٣²", "1"),
        ("--a--", "-a-"),  # one hyphen goes at each end, no more
        ("-", None),
        ("--", None),
        ("---", "-"),
        (".", None),
        ("😀", None),
        ("İ", "i"),
        ("ΟΔΟΣ", "οδοσ"),
        ("é" * 40, "é" * 31),  # 62 bytes: the 63rd would be half a character
        ("漢" * 40, "漢" * 21),
        ("a" * 63, "a" * 63),
        ("a" * 64, "a" * 63),
        ("Ⱥ" * 31, "ⱥ" * 21),  # 62 bytes, but 93 in lower case
    ],
)
def test_organization_domain(name: str, label: str | None) -> None:
    if label is None:
        assert outcome(organization_domain, name, EXTERNAL) is errors.ORG_DOMAIN_EMPTY
    else:
        assert organization_domain(name, EXTERNAL) == f"{label}.foundry.example"


@pytest.mark.parametrize(
    ("name", "external_bytes", "label"),
    [
        ("Long Enough Name", 231, "long-enough-name"),
        ("twenty-one-characters", 231, "twenty-one-characters"),
        ("twenty-two--characters", 231, "twenty-two--character"),
        ("ab", 251, "a"),
        ("a" * 63, 189, "a" * 63),
        ("a" * 63, 190, "a" * 62),
        ("a b", 250, "a"),  # the hyphen is dropped after the cut
    ],
)
def test_a_label_makes_room_for_the_external_domain(name: str, external_bytes: int, label: str) -> None:
    external = ExternalAddress("x" * external_bytes, 0, True)
    assert organization_domain(name, external) == f"{label}.{'x' * external_bytes}"


def test_no_room_for_half_a_character() -> None:
    assert outcome(organization_domain, "é", LONGEST) is errors.ORG_DOMAIN_EMPTY
    assert organization_domain("e", LONGEST) == f"e.{LONGEST.domain}"


@given(st.text(max_size=200) | long_names(), externals)
@example("\u023a" * 60, EXTERNAL)
@example("a" * 61 + "😀é", EXTERNAL)
def test_an_organization_domain_is_a_domain(name: str, external: ExternalAddress) -> None:
    parent = external.domain.lower()
    domain = outcome(organization_domain, name, external)
    if isinstance(domain, Reason):
        assert domain is errors.ORG_DOMAIN_EMPTY
        return
    label = domain.removesuffix(f".{parent}")
    assert domain == f"{label}.{parent}"
    assert 1 <= len(label.encode()) <= 63
    assert len(domain.encode()) <= 253
    assert domain == lower(domain)
    assert all(char in "-0123456789" or is_letter_or_mark(char) for char in label)
    assert set(label) <= set(lower(name.replace(" ", "-")))  # no half characters


@given(st.text(max_size=200) | long_names(), externals)
def test_a_label_without_outer_hyphens_is_its_own_label(name: str, external: ExternalAddress) -> None:
    domain = outcome(organization_domain, name, external)
    assume(isinstance(domain, str))
    label = domain.removesuffix(f".{external.domain.lower()}")
    assume(label.strip("-") == label)
    assert organization_domain(label, external) == domain


@given(st.text(max_size=40), st.sampled_from("?*_./@😀\x00٣"))
def test_characters_that_no_label_has_make_no_difference(name: str, foreign: str) -> None:
    assert outcome(organization_domain, foreign.join(name), EXTERNAL) == outcome(organization_domain, name, EXTERNAL)


# Uniqueness


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ID.Acme.TEST", "id.acme.test", True),
        ("id.acme.test", "id.acme.test.", False),
        ("ÉCOLE.test", "école.test", True),
        ("ecole.test", "école.test", False),
    ],
)
def test_two_spellings_of_one_domain(one: str, other: str, same: bool) -> None:
    assert (uniqueness_key(one) == uniqueness_key(other)) is same
