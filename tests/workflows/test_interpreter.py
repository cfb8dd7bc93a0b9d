"""What the interpreter cannot do by itself: when one of these fails, a part of harness.step_functions can go."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from harness.account import Account
from harness.step_functions import ROLE

MAP: dict[str, Any] = {
    "Type": "Map",
    "ItemReader": {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Arguments": {"Bucket": "b", "Key": "k"},
    },
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Nothing",
        "States": {"Nothing": {"Type": "Succeed"}},
    },
    "End": True,
}
WRITER = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "b", "Prefix": "p"}}


def create(account: Account, **changes: Any) -> None:
    document = {"QueryLanguage": "JSONata", "StartAt": "Map", "States": {"Map": {**MAP, **changes}}}
    account.service.client.create_state_machine(name="bare", definition=json.dumps(document), roleArn=ROLE)


def test_it_has_a_distributed_map(account: Account) -> None:
    create(account)


@pytest.mark.parametrize(
    "changes",
    [
        {"ItemReader": {**MAP["ItemReader"], "ReaderConfig": {"InputType": "JSONL"}}},
        {
            "ItemProcessor": {
                **MAP["ItemProcessor"],
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
            }
        },
        {"ResultWriter": WRITER},
        {"ToleratedFailurePercentage": 100},
    ],
    ids=["JSON Lines", "Express children", "a ResultWriter in JSONata", "a whole percentage"],
)
def test_it_has_no_words_for(account: Account, changes: dict[str, Any]) -> None:
    with pytest.raises(ClientError):
        create(account, **changes)
