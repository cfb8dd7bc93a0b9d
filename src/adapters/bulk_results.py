"""The results of a Distributed Map in S3, as its ResultWriter leaves them (JSON Lines, COMPACT)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from adapters.aws_failures import AwsError, refused
from domain.bulk_report import Line

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3BulkResults:
    """Reads what the manifest at ``manifest`` names, and writes to ``report``, both keys of one bucket."""

    def __init__(self, client: S3Client, bucket: str, manifest: str, report: str) -> None:
        self._client = client
        self._bucket = bucket
        self._manifest = manifest
        self._report = report

    def lines(self) -> Iterator[Line]:
        """What became of each line; the outputs of executions that succeeded, and why others did not."""
        files: dict[str, list[dict[str, Any]]] = json.loads(self._read(self._manifest))["ResultFiles"]
        for file in files["SUCCEEDED"]:
            yield from map(json.loads, self._read(file["Key"]).splitlines())
        for kind in ("FAILED", "PENDING"):
            for file in files[kind]:
                yield from (_failed(json.loads(line)) for line in self._read(file["Key"]).splitlines())

    def write(self, lines: Iterable[Line]) -> None:
        """Write the lines as JSON Lines."""
        body = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=self._report, Body=body.encode(), ContentType="application/jsonl"
            )
        except AwsError as error:
            raise refused(error) from error

    def _read(self, key: str) -> bytes:
        """An object's bytes: their lines end where JSON Lines have it, those of a text also at U+2028 and others."""
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except AwsError as error:
            raise refused(error) from error


def _failed(execution: dict[str, Any]) -> Line:
    """A line whose execution did not end by itself: it was too slow, stopped, or never began."""
    given = json.loads(execution["Input"])
    return {
        "line": given["line"],
        "id": given["item"].get("id"),
        "status": "failed",
        "error": execution.get("Error") or execution["Status"],
        "cause": execution.get("Cause", ""),
    }
