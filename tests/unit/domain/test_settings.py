"""What a new instance starts with: the project's file, a deployment's changes, and what fits neither (spec 3.4)."""

from __future__ import annotations

import copy
import tomllib
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.settings import ConfigurationError, Defaults, PasswordPolicy, ProjectTemplate, load, patched

DOCUMENT = tomllib.loads(resources.files("domain").joinpath("defaults.toml").read_text(encoding="utf-8"))


def test_the_project_s_defaults_are_zitadel_s() -> None:
    defaults = load(DOCUMENT)
    assert defaults.default_language == "en"
    assert defaults.token_scopes == (
        "openid",
        "profile",
        "urn:zitadel:iam:user:metadata",
        "urn:zitadel:iam:user:resourceowner",
    )
    assert defaults.organization_roles == ("ORG_OWNER",)
    assert defaults.instance_roles == ("IAM_OWNER",)
    assert defaults.project == ProjectTemplate(
        name="ZITADEL",
        api_apps=("Management-API", "Admin-API", "Auth-API"),
        console_app="Console",
        console_redirect_path="/ui/console/auth/callback",
        console_logout_path="/ui/console/signedout",
    )
    assert {role: len(permissions) for role, permissions in defaults.system_roles.items()} == {
        "SYSTEM_OWNER": 17,
        "SYSTEM_OWNER_VIEWER": 5,
    }
    assert defaults.password_policy == PasswordPolicy(min_length=8, lower=True, upper=True, number=True, symbol=True)
    assert defaults.settings == DOCUMENT["settings"]
    assert len(defaults.settings["secret_generators"]) == 11
    assert {language: len(texts) for language, texts in defaults.settings["message_texts"].items()} == {
        "en": 6,
        "de": 6,
    }


def test_a_deployment_changes_single_values() -> None:
    changed = load(
        patched(
            DOCUMENT,
            {
                "default_language": "de",
                "settings": {"password_complexity": {"min_length": 12}, "label": {"primary_color": "#123456"}},
            },
        )
    )
    assert changed.default_language == "de"
    assert changed.password_policy == PasswordPolicy(min_length=12, lower=True, upper=True, number=True, symbol=True)
    assert changed.settings["label"]["primary_color"] == "#123456"
    assert changed.settings["label"]["background_color"] == "#fafafa"
    assert changed.token_scopes == load(DOCUMENT).token_scopes


@pytest.mark.parametrize("min_length", [1, 72])
def test_the_bounds_of_a_password_s_length(min_length: int) -> None:
    changed = load(patched(DOCUMENT, {"settings": {"password_complexity": {"min_length": min_length}}}))
    assert changed.password_policy.min_length == min_length


def test_the_defaults_can_not_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        load(DOCUMENT).default_language = "de"  # type: ignore[misc]


@pytest.mark.parametrize(
    "patch",
    [
        {"default_language": None},
        {"default_language": 5},
        {"personal_access_token": None},
        {"personal_access_token": {"scopes": None}},
        {"personal_access_token": {"scopes": "openid"}},
        {"personal_access_token": {"scopes": [1]}},
        {"admin": None},
        {"admin": {"organization_roles": None}},
        {"admin": {"instance_roles": "IAM_OWNER"}},
        {"project": None},
        {"project": "ZITADEL"},
        {"project": 5},
        {"project": {"api_apps": None}},
        {"project": {"api_apps": "Auth-API"}},
        {"project": {"name": None}},
        {"project": {"name": ["ZITADEL"]}},
        {"project": {"colour": "red"}},
        {"system_roles": None},
        {"system_roles": ["SYSTEM_OWNER"]},
        {"system_roles": {"SYSTEM_OWNER": "system.instance.write"}},
        {"settings": None},
        {"setings": {}},
        {"settings": {"password_complexity": None}},
        {"settings": {"password_complexity": {"min_length": None}}},
        {"settings": {"password_complexity": {"min_length": "8"}}},
        {"settings": {"password_complexity": {"min_length": 0}}},
        {"settings": {"password_complexity": {"min_length": 73}}},
        {"settings": {"password_complexity": {"lower": "no"}}},
        {"settings": {"password_complexity": {"entropy": 60}}},
    ],
    ids=str,
)
def test_a_document_that_does_not_fit(patch: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="the instance defaults do not fit"):
        load(patched(DOCUMENT, patch))


# RFC 7396


@pytest.mark.parametrize(
    ("original", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_the_examples_of_rfc_7396(original: Any, patch: Any, result: Any) -> None:
    """Its appendix A, one level down, since our documents and patches are objects."""
    assert patched({"x": original}, {"x": patch}) == {"x": result}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.sampled_from("abc"), children, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(st.sampled_from("abc"), json_values, max_size=3)


@given(objects, objects)
def test_patching_twice_is_patching_once_and_leaves_its_arguments_alone(document: Any, patch: Any) -> None:
    before = copy.deepcopy((document, patch))
    once = patched(document, patch)
    assert patched(once, patch) == once
    assert (document, patch) == before
    assert patched(document, {}) == document


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(DOCUMENT, json_values | objects)))
def test_any_patch_gives_defaults_or_a_configuration_error(patch: dict[str, Any]) -> None:
    try:
        defaults = load(patched(DOCUMENT, patch))
    except ConfigurationError:
        return
    assert isinstance(defaults, Defaults)
    assert isinstance(defaults.default_language, str)
    for texts in (defaults.token_scopes, defaults.instance_roles, defaults.organization_roles):
        assert all(isinstance(text, str) for text in texts)
