"""The dashboard: valid, of things that exist, and complete."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

OBSERVABILITY = Path(__file__).parents[2] / "src" / "bootstrap" / "observability.py"
AWS_METRICS = {
    "AWS/ApiGateway": {"Count", "4xx", "5xx", "Latency", "IntegrationLatency"},
    "AWS/DynamoDB": {
        "ConditionalCheckFailedRequests",
        "ReadThrottleEvents",
        "TransactionConflict",
        "WriteThrottleEvents",
    },
    "AWS/Lambda": {"ConcurrentExecutions", "Duration", "Errors", "Invocations", "IteratorAge", "Throttles"},
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible"},
}
"""What these services document, by the one dimension that the widgets use, and Lambda's by its alias."""


@pytest.fixture(scope="module")
def widgets(stack) -> list[Any]:
    return json.loads(stack.properties("Dashboard")["DashboardBody"])["widgets"]


def metrics(widgets) -> list[Any]:
    """Namespace, name and dimensions of everything that is drawn."""
    rows = [row for widget in widgets for row in widget["properties"].get("metrics", [])]
    plain = [[value for value in row if isinstance(value, str)] for row in rows]
    return [(row[0], row[1], dict(zip(row[2::2], row[3::2], strict=True))) for row in plain]


def counted() -> set[str]:
    """The names that the code counts under."""
    calls = [node for node in ast.walk(ast.parse(OBSERVABILITY.read_text())) if isinstance(node, ast.Call)]
    names = [call.args[0] for call in calls if ast.unparse(call.func) == "_count"]
    return {
        constant.value
        for name in names
        for constant in ast.walk(name)
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    }


def filtered(stack) -> dict[str, str]:
    """The metrics that are counted in logs, and the log group of each."""
    filters = stack.every("AWS::Logs::MetricFilter").values()
    return {
        counted["MetricName"]: each["LogGroupName"] for each in filters for counted in each["MetricTransformations"]
    }


def test_what_the_code_counts_is_drawn_and_nothing_else(widgets, stack):
    own = [(name, dimensions) for namespace, name, dimensions in metrics(widgets) if namespace == "InstanceFoundry"]
    service = stack.properties("ApiFunction")["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    assert {name for name, dimensions in own if dimensions == {"service": service}} == counted()
    assert {name for name, dimensions in own if not dimensions} == set(filtered(stack))


def test_what_aws_counts_is_drawn_under_its_name_and_for_resources_that_exist(widgets, stack):
    for namespace, name, dimensions in metrics(widgets):
        if namespace != "InstanceFoundry":
            assert name in AWS_METRICS[namespace]
            references = re.findall(r"\$\{(\w+)", " ".join(dimensions.values()))
            assert references
            assert set(references) <= set(stack.resources)


def test_every_function_is_drawn(widgets, stack):
    """Crashes are Lambda's Errors, or where these count refusals too, what a filter finds in the function's log."""
    functions = stack.every("AWS::Lambda::Function")
    logs = set(filtered(stack).values())
    crashes = {name for name, each in functions.items() if each["LoggingConfig"]["LogGroup"] not in logs}
    for metric, expected in (("Errors", crashes), ("Duration", set(functions)), ("Throttles", set(functions))):
        drawn = {dimensions["FunctionName"].strip("${}") for _, name, dimensions in metrics(widgets) if name == metric}
        assert drawn == expected


def test_every_alarm_is_in_sight(widgets, stack):
    (alarms,) = [widget["properties"]["alarms"] for widget in widgets if widget["type"] == "alarm"]
    assert set(alarms) == {f"${{{name}.Arn}}" for name in stack.every("AWS::CloudWatch::Alarm")}


def test_faults_of_every_function_are_listed(widgets, stack):
    (log,) = [widget["properties"]["query"] for widget in widgets if widget["type"] == "log"]
    groups = {
        stack.properties(each["LoggingConfig"]["LogGroup"].strip("${}"))["LogGroupName"]
        for each in stack.every("AWS::Lambda::Function").values()
    }
    assert set(re.findall(r"SOURCE '([^']+)'", log)) == groups


def test_customers_come_first_and_machines_after(widgets):
    views = [widget["properties"]["markdown"].splitlines()[0] for widget in widgets if widget["type"] == "text"]
    assert views == ["# Is the customer fine?", "# What is broken?"]


def test_no_widget_lies_on_another(widgets):
    taken = [
        (x, y)
        for each in widgets
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


def test_stages_of_one_account_have_a_dashboard_each(stack, production):
    assert stack.properties("Dashboard")["DashboardName"] != production.properties("Dashboard")["DashboardName"]
