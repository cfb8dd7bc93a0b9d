"""As much of CloudFormation as it takes to use template.yaml as the one description of what is deployed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_SUBSTITUTION = re.compile(r"\$\{([^!}][^}]*)\}")  # ${!Literal} is none


class _Loader(yaml.SafeLoader):
    """Safe YAML that also knows the short forms of CloudFormation's functions (``!Ref``, ``!Sub`` and all others)."""


def _function(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        argument: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        argument = loader.construct_sequence(node, deep=True)
    else:
        argument = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type] # the third and last kind
    if tag == "GetAtt" and isinstance(argument, list):
        argument = ".".join(argument)
    return {tag if tag in {"Ref", "Condition"} else f"Fn::{tag}": argument}


_Loader.add_multi_constructor("!", _function)


def load(path: Path) -> dict[str, Any]:
    """The template with every function in its long form, ``{"Fn::Sub": …}``; ``Fn::GetAtt`` has its dotted argument."""
    template: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a SafeLoader
    return template


class Stack:
    """A template with the values of its parameters and, as they come to exist, of its resources."""

    def __init__(self, template: Path, parameters: Mapping[str, str]) -> None:
        """Parameters that are not given have their defaults.

        Raises ``ValueError`` for a parameter that is unknown, or has neither.
        """
        self._template = load(template)
        declared = self._template["Parameters"]
        self._references = {name: str(of["Default"]) for name, of in declared.items() if "Default" in of}
        self._references |= parameters
        if self._references.keys() != declared.keys():
            wrong = sorted(self._references.keys() ^ declared.keys())
            raise ValueError(f"parameters unknown or without a value: {', '.join(wrong)}")

    def created(self, resource: str, reference: str, **attributes: str) -> None:
        """``!Ref resource`` means ``reference`` from now on, ``!GetAtt resource.Name`` the attribute of that name."""
        self._references[resource] = reference
        self._references |= {f"{resource}.{name}": value for name, value in attributes.items()}

    def value(self, *path: str) -> Any:
        """What the template has at ``path``, with ``Ref``, ``Fn::GetAtt`` and ``Fn::Sub`` replaced by their values.

        Raises ``ValueError`` for another function, ``KeyError`` where the path or a reference is unknown.
        """
        node: Any = self._template
        for step in path:
            node = node[step]
        return self._resolved(node)

    def _resolved(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self._resolved(item) for item in node]
        if not isinstance(node, Mapping):
            return node
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name in {"Ref", "Fn::GetAtt"}:
                return self._references[argument]
            if name == "Fn::Sub" and isinstance(argument, str):
                return _SUBSTITUTION.sub(lambda found: self._references[found[1]], argument)
            if name.startswith("Fn::"):
                raise ValueError(f"{name} cannot be resolved here")
        return {name: self._resolved(value) for name, value in node.items()}
