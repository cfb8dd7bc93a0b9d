"""The results of a Distributed Map, as Step Functions documents them."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from adapters.bulk_results import S3BulkResults
from domain import errors
from domain.errors import Refused

DENIED = ClientError({"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "GetObject")  # type: ignore[typeddict-item]


class Bucket:
    """A bucket in memory; ``refuses`` is raised by every call."""

    def __init__(self, objects: dict[str, str], refuses: Exception | None = None) -> None:
        self.objects = objects
        self.refuses = refuses

    def get_object(self, Bucket: str, Key: str) -> Any:  # noqa: N803 # boto3's names
        if self.refuses:
            raise self.refuses
        return {"Body": io.BytesIO(self.objects[Key].encode())}

    def put_object(self, Bucket: str, Key: str, Body: bytes, ContentType: str) -> None:  # noqa: N803 # boto3's names
        if self.refuses:
            raise self.refuses
        self.objects[Key] = Body.decode()


def results(objects: dict[str, str], refuses: Exception | None = None) -> tuple[S3BulkResults, Bucket]:
    bucket = Bucket(objects, refuses)
    return S3BulkResults(bucket, "bucket", "manifest.json", "report.jsonl"), bucket  # type: ignore[arg-type]


def manifest(**files: list[str]) -> str:
    kinds = ("SUCCEEDED", "FAILED", "PENDING")
    return json.dumps({"ResultFiles": {kind: [{"Key": key} for key in files.get(kind, [])] for kind in kinds}})


def test_outputs_and_failures_of_every_file_are_lines() -> None:
    given = json.dumps({"line": 3, "batch": "b", "item": {"id": "c", "request": {}}})
    unnamed = json.dumps({"line": 4, "batch": "b", "item": {"request": {}}})
    subject, _ = results(
        {
            "manifest.json": manifest(SUCCEEDED=["s0", "s1"], FAILED=["f0"], PENDING=["p0"]),
            "s0": '{"line": 1, "status": "created"}\n{"line": 2, "status": "failed", "error": "Internal"}\n',
            "s1": '{"line": 5, "status": "existing"}\n',
            "f0": json.dumps({"Status": "FAILED", "Error": "States.Timeout", "Cause": "slow", "Input": given}) + "\n",
            "p0": json.dumps({"Status": "PENDING", "Input": unnamed}) + "\n",
        }
    )
    assert list(subject.lines()) == [
        {"line": 1, "status": "created"},
        {"line": 2, "status": "failed", "error": "Internal"},
        {"line": 5, "status": "existing"},
        {"line": 3, "id": "c", "status": "failed", "error": "States.Timeout", "cause": "slow"},
        {"line": 4, "id": None, "status": "failed", "error": "PENDING", "cause": ""},
    ]


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85"], ids=ascii)
def test_a_line_ends_with_a_line_feed_and_with_nothing_else(mark: str) -> None:
    """JSON leaves these in a text as they are; one customer's id must not cost all others their report."""
    lines = [{"line": 1, "id": f"a{mark}b", "status": "failed"}, {"line": 2, "id": "c", "status": "created"}]
    written = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    given = json.dumps({"line": 3, "item": {"id": f"d{mark}e"}}, ensure_ascii=False)
    failed = json.dumps({"Status": "FAILED", "Error": "Slow", "Input": given}, ensure_ascii=False)
    subject, _ = results({"manifest.json": manifest(SUCCEEDED=["s"], FAILED=["f"]), "s": written, "f": f"{failed}\n"})
    assert [line["id"] for line in subject.lines()] == [f"a{mark}b", "c", f"d{mark}e"]


def test_the_report_is_json_lines() -> None:
    subject, bucket = results({})
    subject.write([{"line": 1, "id": "Ä"}, {"line": 2, "id": "b"}])
    assert bucket.objects["report.jsonl"] == '{"line": 1, "id": "Ä"}\n{"line": 2, "id": "b"}\n'


def test_what_s3_refuses_is_refused() -> None:
    subject, _ = results({}, refuses=DENIED)
    with pytest.raises(Refused) as reading:
        list(subject.lines())
    with pytest.raises(Refused) as writing:
        subject.write([])
    assert reading.value.reason is writing.value.reason is errors.INTERNAL
