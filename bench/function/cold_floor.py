"""What a Lambda function of this stack cannot start without: boto3's clients, and Powertools' resolver with validation.

The first invocation validates a body and makes the calls that a first creation makes, with boto3.
"""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import boto3
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from pydantic import BaseModel

app = APIGatewayHttpResolver(enable_validation=True)
dynamodb, secretsmanager, ssm = (boto3.client(name) for name in ("dynamodb", "secretsmanager", "ssm"))


class Machine(BaseModel):
    """As small as a model gets."""

    instanceName: str  # noqa: N815 # as it is sent


@app.post("/system/v1/instances/_create")
def create(machine: Machine) -> dict[str, str]:
    """Read what our function reads on its first invocation, then commit."""
    ssm.get_parameter(Name=os.environ["SYSTEM_USERS_PARAMETER"], WithDecryption=True)
    secretsmanager.get_secret_value(SecretId=os.environ["FINGERPRINT_SECRET"])
    dynamodb.transact_write_items(**_fresh(app.current_event["commit"], app.current_event["fresh"]))
    return {"instanceId": machine.instanceName}


def _fresh(commit: str, fresh: dict[str, str]) -> Any:
    for old, new in fresh.items():
        commit = commit.replace(old, new)
    return json.loads(commit, object_hook=_with_bytes)


def _with_bytes(value: dict[str, Any]) -> dict[str, Any]:
    return {"B": base64.b64decode(value["B"])} if value.keys() == {"B"} else value


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an API Gateway event."""
    return app.resolve(event, context)
