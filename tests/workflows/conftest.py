"""A deployment for the state machines of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness import account as deployment
from harness.account import Account, Functions


@pytest.fixture(scope="session")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Functions]:
    """The functions and their AWS, which all tests share; none of them looks at what others left there."""
    with deployment.functions(tmp_path_factory.mktemp("functions")) as running:
        yield running


@pytest.fixture
def account(functions: Functions) -> Iterator[Account]:
    """Step Functions and a bus of the test's own."""
    with deployment.account(functions) as deployed:
        yield deployed
