"""The stack as CloudFormation would make it: template.yaml through SAM's own translator, then with its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from tools import translate

PSEUDO_PARAMETERS = {
    "AWS::AccountId": "111122223333",
    "AWS::Partition": "aws",
    "AWS::Region": translate.REGION,
    "AWS::StackName": "instance-foundry",
    "AWS::URLSuffix": "amazonaws.com",
}
NO_VALUE = object()


@cache
def translated(**parameters: str) -> Any:
    """What SAM makes of the template with these parameters; not to be changed."""
    return translate.translated(parameters)


@dataclass
class Stack:
    """What CloudFormation makes: only what the conditions ask for, and values instead of functions.

    A reference to a resource stays a text, ``${Key}`` for ``!Ref Key`` and ``${Key.Arn}`` for ``!GetAtt Key.Arn``, so
    that ``!Sub`` and the others give the same.
    """

    values: Mapping[str, Any]
    conditions: Mapping[str, Any]
    resources: dict[str, Any]
    outputs: dict[str, Any]

    @classmethod
    def of(cls, **parameters: str) -> Stack:
        """The stack with these parameters and the template's defaults for all others."""
        given = {**translate.REQUIRED, **parameters}
        template = translated(**parameters)
        defaults = {name: each.get("Default") for name, each in template["Parameters"].items()}
        stack = cls(PSEUDO_PARAMETERS | defaults | given, template["Conditions"], {}, {})
        stack.resources = {
            name: stack.resolve(each)
            for name, each in template["Resources"].items()
            if "Condition" not in each or stack.holds(each["Condition"])
        }
        stack.outputs = {name: stack.resolve(each["Value"]) for name, each in template["Outputs"].items()}
        return stack

    def every(self, kind: str) -> dict[str, Any]:
        """The properties of all resources of a type, by name."""
        return {name: each.get("Properties", {}) for name, each in self.resources.items() if each["Type"] == kind}

    def properties(self, name: str) -> Any:
        """The properties of one resource."""
        return self.resources[name]["Properties"]

    def holds(self, condition: str) -> bool:
        """Whether the condition of that name is true."""
        return bool(self.resolve(self.conditions[condition]))

    def resolve(self, node: Any) -> Any:
        """``node`` with values instead of functions."""
        if isinstance(node, list):
            return [value for value in map(self.resolve, node) if value is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name.startswith("Fn::") or name == "Ref":
                return self._call(name, argument)
        resolved = {name: self.resolve(value) for name, value in node.items()}
        return {name: value for name, value in resolved.items() if value is not NO_VALUE}

    def _call(self, name: str, argument: Any) -> Any:
        match name, argument:
            case "Ref", "AWS::NoValue":
                value = NO_VALUE
            case "Ref", _:
                value = self.values.get(argument, f"${{{argument}}}")
            case "Fn::GetAtt", list():
                value = f"${{{'.'.join(argument)}}}"
            case "Fn::Sub", str():
                value = re.sub(r"\$\{([^}]+)\}", lambda found: str(self.values.get(found[1], found[0])), argument)
            case "Fn::Sub", [text, variables]:
                value = Stack({**self.values, **self.resolve(variables)}, {}, {}, {}).resolve({"Fn::Sub": text})
            case "Fn::If", [condition, then, otherwise]:
                value = self.resolve(then if self.holds(condition) else otherwise)
            case "Fn::Equals", [one, other]:
                value = str(self.resolve(one)) == str(self.resolve(other))
            case "Fn::Not", [condition]:
                value = not self.resolve(condition)
            case _:
                raise NotImplementedError(name)
        return value


@pytest.fixture(scope="session")
def template() -> Any:
    """template.yaml as it is written."""
    return translate.source()


@pytest.fixture(scope="session")
def stack() -> Stack:
    """A deployment with nothing but defaults."""
    return Stack.of()


@pytest.fixture(scope="session")
def production() -> Stack:
    """The stage that callers depend on."""
    return Stack.of(Stage="prod")


@pytest.fixture(scope="session")
def stack_of() -> Any:
    """Makes a stack with the parameters of the test's choice."""
    return Stack.of
