"""`sam local invoke`: one container an event, as a cold start is."""

from __future__ import annotations

import json

import pytest

from local.demo import event
from local.lifeline import ROOT

EVENTS = ROOT / "events"
ANSWERS = {
    "create-human-with-password.json": 200,
    "create-invalid.json": 400,
    "create-machine-with-credentials.json": 200,
    "create-machine.json": 200,
    "create-with-custom-domain.json": 200,
}


def test_every_event_is_invoked():
    assert {file.name for file in EVENTS.iterdir()} == set(ANSWERS)


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_an_event_is_answered(sam, bearer, tmp_path, name):
    file = tmp_path / name
    file.write_text(json.dumps(event(EVENTS / name, bearer)))
    answer = sam.invoke("ApiFunction", file)
    assert answer["statusCode"] == ANSWERS[name], answer
    body = json.loads(answer["body"])
    assert body["instanceId"].isdecimal() if answer["statusCode"] == 200 else body["code"] == 3
