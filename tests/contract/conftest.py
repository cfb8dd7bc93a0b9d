"""The engines on which every contract holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness import emulated_aws


@pytest.fixture(params=["fake", "moto", "embedded"])
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty engine; the AWS clients of ``bootstrap.clients`` reach it."""
    if request.param == "moto":
        with emulated_aws.moto_aws():
            yield request.param
    elif request.param == "embedded":
        with emulated_aws.aws_at(request.getfixturevalue("embedded_aws")):
            yield request.param
    else:
        yield request.param
