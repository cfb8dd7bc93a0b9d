"""The page on which a person tries the API: Swagger UI with docs/openapi.json, at ``/docs`` of `make serve`.

Everything comes from this machine, and the page can load nothing else. It is part of `make serve` alone: the deployed
API has no such path.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

from local.gateway import Response
from local.lifeline import ROOT

PATH = "/docs"
DOCUMENT = ROOT / "docs" / "openapi.json"

# The package's own code, which would import Flask, is not used: it is the one current copy of Swagger UI on PyPI.
_PACKAGE = "flask-swagger-ui"
_ASSETS = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")

_HTML = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Instance Foundry</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="page"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
"""

_START = """SwaggerUIBundle({
  url: "/docs/openapi.json",
  dom_id: "#page",
  docExpansion: "full",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
});
"""

# Swagger UI sets styles on elements and has pictures in its style sheet.
_POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"


def pages() -> Mapping[str, Response]:
    """The page and all that it loads, by path."""
    folder = Path(str(distribution(_PACKAGE).locate_file("flask_swagger_ui/dist")))
    return {
        PATH: _page("text/html; charset=utf-8", _HTML.encode()),
        f"{PATH}/start.js": _page("text/javascript", _START.encode()),
        f"{PATH}/openapi.json": _page("application/json", DOCUMENT.read_bytes()),
        **{f"{PATH}/{name}": _page(_media_type(name), (folder / name).read_bytes()) for name in _ASSETS},
    }


def _page(media_type: str, body: bytes) -> Response:
    return Response(200, [("content-type", media_type), ("content-security-policy", _POLICY)], body)


def _media_type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
