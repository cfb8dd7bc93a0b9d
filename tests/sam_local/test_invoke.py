"""`sam local invoke`: one container an event, as a cold start is."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

OUTCOMES = {
    "create-human-with-password.json": 200,
    "create-invalid.json": 400,
    "create-machine-with-credentials.json": 200,
    "create-machine.json": 200,
    "create-with-custom-domain.json": 200,
    "orchestration/create-human.json": "created",
    "orchestration/create-machine.json": "created",
    "orchestration/refuse-password.json": "InvalidArgument",
    "orchestration/validate.json": "assessed",
}
"""What each event leads to: an HTTP status, or for a task what came of it or the name of its error."""


def outcome(answer):
    if "errorType" in answer:
        return answer["errorType"]
    body = json.loads(answer["body"]) if "statusCode" in answer else answer
    if "instanceId" in body:
        assert body["instanceId"].isdecimal()
    return answer.get("statusCode") or ("created" if "instanceId" in body else "assessed")


def test_every_event_is_invoked(events):
    assert {str(file.relative_to(events.folder)) for file in events.folder.rglob("*.json")} == set(OUTCOMES)


@pytest.fixture(scope="module")
def answers(sam, events, tmp_path_factory):
    """The future answer to each event: as many are invoked at once as there are processors."""
    folder = tmp_path_factory.mktemp("events")

    def invoke(name):
        file = folder / name.replace("/", "-")
        file.write_text(json.dumps(events.read(name)))
        return sam.invoke("OrchestrationFunction" if "orchestration" in name else "ApiFunction", file)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {name: pool.submit(invoke, name) for name in OUTCOMES}


@pytest.mark.parametrize("name", sorted(OUTCOMES))
def test_an_event_is_answered(answers, name):
    answer = answers[name].result()
    assert outcome(answer) == OUTCOMES[name], answer
