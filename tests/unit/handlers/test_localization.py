"""``handlers.localization``: which text a caller gets for an error (spec 2.6, 4.6)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import errors
from handlers import localization
from handlers.localization import translate

LOCALES = Path(localization.__file__).parent / "locales"
LANGUAGES = ["de", "en", "fr"]
KEY = "Errors.User.Invalid"
ENGLISH = "Userdata is invalid"
GERMAN = "Benutzerdaten sind ungültig"
FRENCH = "Les données de l'utilisateur ne sont pas valides"

UNTRANSLATED = {
    "Errors.AuthNKey.ExpireBeforeNow",
    "Errors.Instance.Domain.AlreadyExists",
    "Errors.Instance.Domain.InvalidCharacter",
    "Errors.Invalid.Argument",
}
"""Keys that ZITADEL shows as they are, in every language (spec 2.6)."""


def test_there_is_a_file_for_each_language() -> None:
    assert sorted(path.stem for path in LOCALES.iterdir()) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_key_of_the_catalogue_that_zitadel_translates(language: str) -> None:
    catalogue = {
        reason.key for reason in vars(errors).values() if isinstance(reason, errors.Reason) and reason.localizable
    }
    texts = json.loads((LOCALES / f"{language}.json").read_text("utf-8"))
    assert catalogue > UNTRANSLATED
    assert set(texts) - {"Errors.IAM.NotFound"} == catalogue - UNTRANSLATED
    assert all(text and text.strip() == text for text in texts.values())


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("Errors.Internal", "An internal error occurred"),
        (
            "Errors.Org.Domain.EmptyString",
            "Invalid non numeric and alphabetical characters were replaced with empty spaces and resulting domain is an empty string",
        ),
        ("Errors.User.Email.Invalid", "Email is invalid"),
        ("Errors.User.Profile.FirstNameEmpty", "Given name in profile is empty"),
        ("Errors.User.Profile.LastNameEmpty", "Family name in profile is empty"),
        ("Errors.User.Invalid", "Userdata is invalid"),
        ("Errors.User.PasswordComplexityPolicy.MinLength", "Password is too short"),
        ("Errors.User.PasswordComplexityPolicy.HasLower", "Password must contain lower case"),
        ("Errors.User.PasswordComplexityPolicy.HasUpper", "Password must contain upper case"),
        ("Errors.User.PasswordComplexityPolicy.HasNumber", "Password must contain number"),
        ("Errors.User.PasswordComplexityPolicy.HasSymbol", "Password must contain symbol"),
        (
            "Errors.IAM.NotFound",
            "Instance not found. Make sure you got the domain right. Check out https://zitadel.com/docs/apis/introduction#domains",
        ),
    ],
)
def test_english_is_zitadels(key: str, text: str) -> None:
    assert translate(key, "en") == text


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        pytest.param(None, KEY, id="no header"),
        pytest.param("", KEY, id="empty"),
        pytest.param("de", GERMAN, id="one language"),
        pytest.param("DE", GERMAN, id="case"),
        pytest.param("fr, de", FRENCH, id="order where equal"),
        pytest.param("de;q=0.3, en;q=0.9, fr;q=0.5", ENGLISH, id="highest q"),
        pytest.param("de;q=0.9, fr", FRENCH, id="no q is 1"),
        pytest.param(" de ; q = 1.000 ,en", GERMAN, id="blanks"),
        pytest.param("en;q=0, de;q=0.1", GERMAN, id="q of 0 is a refusal"),
        pytest.param("en;q=0", KEY, id="only refused"),
        pytest.param("en, en;q=0, de", ENGLISH, id="the first of two weights counts"),
        pytest.param("de-CH", GERMAN, id="region"),
        pytest.param("fr-Latn-CA-x-old", FRENCH, id="many subtags"),
        pytest.param("it, fr;q=0.1", FRENCH, id="no such language, then one"),
        pytest.param("it", KEY, id="no such language"),
        pytest.param("i-klingon", KEY, id="grandfathered"),
        pytest.param("*", KEY, id="any"),
        pytest.param("*, de;q=0.5", GERMAN, id="any, then one"),
        pytest.param("de;q=high, en", ENGLISH, id="malformed weight"),
        pytest.param("de;q=2, en", ENGLISH, id="weight above 1"),
        pytest.param("de;level=1, en", ENGLISH, id="unknown parameter"),
        pytest.param("de_CH, en", ENGLISH, id="malformed range"),
        pytest.param("../en, ;,,é", KEY, id="nonsense"),
        pytest.param("ſv, d\u0065\u0301", KEY, id="not ASCII"),
        pytest.param("de" + " " * (localization.LONGEST_HEADER - 2), GERMAN, id="longest"),
        pytest.param("de" + " " * (localization.LONGEST_HEADER - 1), KEY, id="too long"),
    ],
)
def test_the_preferred_language_that_exists(header: str | None, expected: str) -> None:
    assert translate(KEY, header) == expected


@pytest.mark.parametrize("key", [*sorted(UNTRANSLATED), "Errors.Unheard.Of", ""])
def test_a_key_without_text_stands_for_itself(key: str) -> None:
    assert translate(key, "de, en") == key


def test_a_missing_key_is_not_looked_up_in_the_next_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pt-BR.json").write_text("{}")
    (tmp_path / "pt.json").write_text(json.dumps({KEY: "Dados inválidos"}))
    monkeypatch.setattr(localization, "_LOCALES", tmp_path)
    _forget()
    try:
        assert translate(KEY, "pt-br, pt") == KEY
        assert translate(KEY, "pt-PT") == "Dados inválidos"
    finally:
        _forget()


def test_a_file_is_read_when_first_needed_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = []
    read = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda path, *args: reads.append(path.name) or read(path, *args))
    _forget()
    for header in (None, "it", "de", "de-AT", "de, en"):
        translate(KEY, header)
    assert reads == ["de.json"]


def _forget() -> None:
    localization._languages.cache_clear()
    localization._texts.cache_clear()


@given(st.text() | st.lists(st.sampled_from(["de", "en", "-", ",", ";", "q", "=", "0.5", "*", " "])).map("".join))
def test_any_header_gives_a_text_or_the_key(header: str) -> None:
    assert translate(KEY, header) in {KEY, ENGLISH, GERMAN, FRENCH}
