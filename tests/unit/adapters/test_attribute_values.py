"""DynamoDB's notation of our items, held against boto3's, which has it for all types."""

from __future__ import annotations

from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from adapters.attribute_values import notated, notated_item, plain, plain_item

SCALARS = st.text() | st.booleans() | st.integers(-(10**30), 10**30)
VALUES = st.recursive(
    SCALARS | st.binary(min_size=1), lambda of: st.lists(of) | st.dictionaries(st.text(min_size=1), of), max_leaves=10
)


@given(VALUES)
def test_a_value_is_notated_as_boto3_does(value: Any) -> None:
    assert notated(value) == TypeSerializer().serialize(value)


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    assert plain(notated(value)) == value


@given(st.recursive(SCALARS, lambda of: st.lists(of) | st.dictionaries(st.text(min_size=1), of), max_leaves=10))
def test_a_value_is_read_as_boto3_does(value: Any) -> None:
    notation = TypeSerializer().serialize(value)
    assert plain(notation) == TypeDeserializer().deserialize(notation)


def test_a_tuple_is_a_list_and_an_item_a_map() -> None:
    item = {"pk": "a", "roles": ("x", "y")}
    assert notated_item(item) == {"pk": {"S": "a"}, "roles": {"L": [{"S": "x"}, {"S": "y"}]}}
    assert plain_item(notated_item(item)) == {"pk": "a", "roles": ["x", "y"]}


@pytest.mark.parametrize("value", [None, 1.5, {1, 2}, object()])
def test_what_no_item_has_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="items have no"):
        notated(value)


def test_an_attribute_of_another_type_is_refused() -> None:
    with pytest.raises(ValueError, match="of type NULL"):
        plain({"NULL": True})
