"""Writes src/bootstrap/aws_definitions, what botocore has to know of AWS to make the calls that we make.

    python -m tools.aws_definitions [--check]

botocore builds its clients from descriptions of whole services, for every region and every partition. Reading them is
most of what a client costs: Parameter Store's alone has 146 operations, of which one is called. What is written here is
the same descriptions, from the botocore of the lock, cut down to OPERATIONS. docs/adr/0018 has the numbers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.loaders import Loader, create_loader

FOLDER = Path(__file__).parents[1] / "src" / "bootstrap" / "aws_definitions"

OPERATIONS = {
    "dynamodb": ("BatchGetItem", "GetItem", "TransactWriteItems"),
    "events": ("PutEvents",),
    "s3": ("GetObject", "PutObject"),
    "secretsmanager": ("CreateSecret", "DeleteSecret", "GetSecretValue", "ListSecrets"),
    "ssm": ("GetParameter",),
}
"""Every call that the adapters make."""

SHARED = ("partitions", "sdk-default-configuration", "_retry")
"""Of all services; the last is for clients that are not ours, of credential providers."""


def files() -> dict[str, str]:
    """The text of every file by its place in FOLDER, which is botocore's own layout."""
    loader = create_loader()
    documents = {name: loader.load_data(name) for name in SHARED}
    documents["endpoints"] = _endpoints(loader.load_data("endpoints"))
    for service, operations in OPERATIONS.items():
        documents |= _of_service(loader, service, operations)
    return {f"{name}.json": _text(document) for name, document in documents.items()}


def _of_service(loader: Loader, service: str, operations: tuple[str, ...]) -> dict[str, Any]:
    folder = f"{service}/{loader.determine_latest_version(service, 'service-2')}"
    pages = loader.load_service_model(service, "paginators-1")["pagination"]
    found = {
        f"{folder}/service-2": _service(loader.load_service_model(service, "service-2"), operations),
        f"{folder}/endpoint-rule-set-1": loader.load_service_model(service, "endpoint-rule-set-1"),
    }
    if paginated := {name: pages[name] for name in operations if name in pages}:
        found[f"{folder}/paginators-1"] = {"pagination": paginated}
    return found


def _service(model: Mapping[str, Any], operations: tuple[str, ...]) -> dict[str, Any]:
    """The description of a service with these operations, and the shapes that they need, alone."""
    kept = {name: _without_account(model["operations"][name]) for name in operations}
    needed: set[str] = set()
    waiting = list(_shapes_in(kept))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += _shapes_in(model["shapes"][name])
    shapes = {name: shape for name, shape in model["shapes"].items() if name in needed}
    return {**model, "operations": kept, "shapes": shapes}


def _without_account(operation: Mapping[str, Any]) -> dict[str, Any]:
    """An operation without the search for table ARNs in its parameters, which only endpoints by account are made of.

    template.yaml turns those off, and the search is a twentieth of our own time for a creation.
    """
    return {name: value for name, value in operation.items() if name != "operationContextParams"}


def _shapes_in(description: Any) -> Iterator[str]:
    if isinstance(description, Mapping):
        for name, value in description.items():
            if name == "shape" and isinstance(value, str):
                yield value
            else:
                yield from _shapes_in(value)
    elif isinstance(description, list):
        for value in description:
            yield from _shapes_in(value)


def _endpoints(document: Mapping[str, Any]) -> dict[str, Any]:
    """All partitions and regions, of their services ours alone."""
    partitions = [
        {**each, "services": {name: each["services"][name] for name in OPERATIONS if name in each["services"]}}
        for each in document["partitions"]
    ]
    return {**document, "partitions": partitions}


def _text(document: Any) -> str:
    return json.dumps(_undocumented(document), separators=(",", ":"), ensure_ascii=False) + "\n"


def _undocumented(description: Any) -> Any:
    if isinstance(description, Mapping):
        return {
            # botocore asks for the documentation of these, to keep it.
            name: {each: {**of, "documentation": ""} for each, of in value.items()}
            if name == "clientContextParams"
            else _undocumented(value)
            for name, value in description.items()
            if not (name == "documentation" and isinstance(value, str))
        }
    if isinstance(description, list):
        return [_undocumented(value) for value in description]
    return description


def main(arguments: list[str]) -> int:
    """Write the files, or with ``--check`` compare them."""
    wanted = files()
    present = {str(path.relative_to(FOLDER)): path.read_text("utf-8") for path in FOLDER.rglob("*.json")}
    if arguments == ["--check"]:
        if present != wanted:
            print("src/bootstrap/aws_definitions is not what botocore says: make aws-definitions", file=sys.stderr)
            return 1
        return 0
    for name in present.keys() - wanted.keys():
        (FOLDER / name).unlink()
    for name, text in wanted.items():
        (FOLDER / name).parent.mkdir(parents=True, exist_ok=True)
        (FOLDER / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
