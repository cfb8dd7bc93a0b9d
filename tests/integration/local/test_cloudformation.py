"""The template is read as CloudFormation reads it, as far as that goes."""

import pytest

from local import cloudformation
from local.cloudformation import Stack

TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: dev}
  Port: {Type: Number}
  Empty: {Type: String, Default: ""}
Resources:
  Table:
    Properties:
      Name: !Sub a-${Stage}-${Table}-${Key.Arn}-${!Literal}
      Key: !GetAtt Key.Arn
      Long: !GetAtt [Key, Arn]
      Refs: [!Ref Stage, !Ref Port, {Ref: Empty}, 3, true]
      Choice: !If [A, !Ref Stage, b]
      Nested: !Join ["-", [a, !Sub "${Stage}"]]
      Unknown: !Ref Nothing
      Map: !FindInMap {a: 1}
"""


@pytest.fixture
def template(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    return path


def test_short_forms_become_long_forms(template):
    properties = cloudformation.load(template)["Resources"]["Table"]["Properties"]
    assert properties["Key"] == properties["Long"] == {"Fn::GetAtt": "Key.Arn"}
    assert properties["Choice"] == {"Fn::If": ["A", {"Ref": "Stage"}, "b"]}
    assert properties["Nested"] == {"Fn::Join": ["-", ["a", {"Fn::Sub": "${Stage}"}]]}
    assert properties["Map"] == {"Fn::FindInMap": {"a": 1}}


def test_values_are_resolved(template):
    stack = Stack(template, {"Port": "8080"})
    stack.created("Key", "key-id", Arn="arn:key")
    stack.created("Table", "t")
    path = ("Resources", "Table", "Properties")
    assert stack.value(*path, "Name") == "a-dev-t-arn:key-${!Literal}"
    assert stack.value(*path, "Long") == "arn:key"
    assert stack.value(*path, "Refs") == ["dev", "8080", "", 3, True]


@pytest.mark.parametrize(("name", "error"), [("Choice", ValueError), ("Unknown", KeyError), ("Absent", KeyError)])
def test_what_cannot_be_resolved_is_an_error(template, name, error):
    with pytest.raises(error):
        Stack(template, {"Port": "1"}).value("Resources", "Table", "Properties", name)


@pytest.mark.parametrize("parameters", [{}, {"Port": "1", "Other": "x"}])
def test_parameters_must_fit(template, parameters):
    with pytest.raises(ValueError, match=r"Port|Other"):
        Stack(template, parameters)
