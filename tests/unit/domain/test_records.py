"""Every record of the domain is a value: nobody changes it, and nothing can be hung onto it."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil

import pytest
from pydantic import BaseModel

import domain

CLASSES = {
    member
    for module in pkgutil.iter_modules(domain.__path__, "domain.")
    for member in vars(importlib.import_module(module.name)).values()
    if isinstance(member, type) and member.__module__.startswith("domain.")
}
RECORDS = sorted((kind for kind in CLASSES if dataclasses.is_dataclass(kind)), key=str)
MODELS = sorted((kind for kind in CLASSES if issubclass(kind, BaseModel)), key=str)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_a_record_is_frozen_and_has_slots(record: type) -> None:
    assert record.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(record)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_model_is_frozen_strict_and_closed(model: type[BaseModel]) -> None:
    config = model.model_config
    assert (config["frozen"], config["strict"], config["extra"]) == (True, True, "forbid")


def test_there_are_some() -> None:
    assert len(RECORDS) > 20
    assert len(MODELS) > 10
