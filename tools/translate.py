"""template.yaml as CloudFormation gets it: through SAM's own translator.

    python -m tools.translate > stack.json

Linters see in it what they can't in the source: the resources that SAM adds, and references inside of its shorthands.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
    from samtranslator.yaml_helper import yaml_parse

TEMPLATE = Path(__file__).resolve().parents[1] / "template.yaml"
REGION = "eu-central-1"
REQUIRED = {"ExternalDomain": "foundry.example"}
"""Parameters without a default."""


def source() -> Any:
    """The template as it is written, with CloudFormation's functions in their long form."""
    return yaml_parse(TEMPLATE.read_text())


def translated(parameters: Mapping[str, str] | None = None) -> Any:
    """The CloudFormation template that SAM makes of ours, with an artefact as `sam deploy` would have uploaded it."""
    template = source()
    template["Globals"]["Function"]["CodeUri"] = "s3://artefacts/api.zip"
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::Serverless::StateMachine":
            resource["Properties"]["DefinitionUri"] = f"s3://artefacts/{name}.asl.yaml"
    session = boto3.session.Session(region_name=REGION)
    return Translator({}, Parser(), None, session).translate(template, {**REQUIRED, **(parameters or {})})


if __name__ == "__main__":
    print(json.dumps(translated(), indent=1))
