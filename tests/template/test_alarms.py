"""Whatever goes wrong rings, once, where somebody listens."""

from __future__ import annotations

import json
import re

import pytest

from bootstrap import observability
from bootstrap.observability import METRICS

ALARMS = {
    "ServerErrorRateAlarm",
    "LatencyAlarm",
    "FaultsAlarm",
    "ApiErrorsAlarm",
    "ApiNewVersionErrorsAlarm",
    "ApiNewVersionFaultsAlarm",
    "ApiThrottlesAlarm",
    "OrchestrationCrashesAlarm",
    "OrchestrationNewVersionFaultsAlarm",
    "OrchestrationThrottlesAlarm",
    "SweeperErrorsAlarm",
    "SweeperOrphansAlarm",
    "SweeperSilentAlarm",
    "OutboxDeadLettersAlarm",
    "OutboxDelayAlarm",
    "OnboardingFailedAlarm",
    "BulkFailedAlarm",
    "BulkReportErrorsAlarm",
}


def dimensions(alarm):
    return {each["Name"]: each["Value"] for each in alarm["Dimensions"]}


def test_these_are_the_alarms(stack):
    assert set(stack.every("AWS::CloudWatch::Alarm")) == ALARMS


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_says_when_it_begins_and_when_it_ends(stack, name):
    alarm = stack.properties(name)
    assert alarm["AlarmActions"] == alarm["OKActions"] == ["${AlarmTopic}"]


@pytest.mark.parametrize("name", sorted(ALARMS - {"SweeperSilentAlarm"}))
def test_an_idle_service_is_a_healthy_one(stack, name):
    assert stack.properties(name)["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_explains_itself_and_has_a_name_that_the_topic_accepts(stack, name):
    alarm = stack.properties(name)
    assert len(alarm["AlarmDescription"]) > 40
    assert alarm["AlarmName"].startswith("instance-foundry-dev-")


def test_the_share_of_server_errors_rings(stack):
    rate, errors, requests = stack.properties("ServerErrorRateAlarm")["Metrics"]
    assert rate["Expression"] == "100 * FILL(errors, 0) / requests"
    for metric, name in ((errors, "5xx"), (requests, "Count")):
        assert metric["ReturnData"] is False
        assert metric["MetricStat"]["Metric"]["MetricName"] == name
        assert dimensions(metric["MetricStat"]["Metric"]) == {"ApiId": "${HttpApi}"}


def test_slow_answers_ring_at_the_promised_time(stack_of):
    alarm = stack_of(LatencyAlarmMilliseconds="1500").properties("LatencyAlarm")
    assert (alarm["MetricName"], alarm["ExtendedStatistic"], alarm["Threshold"]) == ("Latency", "p99", "1500")
    assert dimensions(alarm) == {"ApiId": "${HttpApi}"}


def test_a_single_fault_rings(stack):
    """The handler answers every exception, so that Lambda's own Errors know nothing of faults."""
    counts(stack, "FaultsAlarm", "Faults", {})


def test_secrets_without_an_instance_ring(stack):
    counts(stack, "SweeperOrphansAlarm", "OrphansFound", {})
    assert stack.properties("SweeperOrphansAlarm")["Period"] == 3600, "a sweep an hour"


def test_a_sweeper_that_does_not_run_rings(stack):
    """What does not run counts nothing: a rule that was disabled, or may not invoke, shows in no other alarm."""
    alarm = stack.properties("SweeperSilentAlarm")
    assert (alarm["MetricName"], alarm["TreatMissingData"]) == ("Invocations", "breaching")
    assert dimensions(alarm) == {"FunctionName": "${SweeperFunction}", "Resource": "${SweeperFunction}:live"}
    assert (alarm["Threshold"], alarm["ComparisonOperator"], alarm["Statistic"]) == (1, "LessThanThreshold", "Sum")
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (3600, 3), "sweeps come hourly, not on the hour"


@pytest.mark.parametrize("name", ["Api", "Orchestration"])
def test_faults_of_the_version_being_replaced_do_not_stop_its_repair(stack, name):
    (version,) = [each for each in stack.every("AWS::Lambda::Version") if each.startswith(f"{name}Function")]
    new = {"function_name": f"${{{name}Function}}", "function_version": f"${{{version}.Version}}"}
    counts(stack, f"{name}NewVersionFaultsAlarm", "Faults", new)


def test_a_task_that_ends_without_an_answer_rings_and_one_that_is_refused_does_not(stack):
    """Both are Errors to Lambda, which writes a report of each in its own words; a refusal's has a type of ours."""
    alarm, pattern = stack.properties("OrchestrationCrashesAlarm"), stack.properties("OrchestrationCrashes")
    (counted,) = pattern["MetricTransformations"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (counted["MetricNamespace"], counted["MetricName"])
    assert counted["MetricName"].endswith("-dev"), "stages of one account must not ring for each other"
    assert pattern["LogGroupName"] == "${OrchestrationLogs}"
    assert stack.properties("OrchestrationFunction")["LoggingConfig"]["SystemLogLevel"] == "INFO"
    told = re.findall(r'\$\.record\.(\w+) = "([\w.*]+)"', pattern["FilterPattern"])
    assert told == [("status", "timeout"), ("errorType", "Runtime.*")]


def counts(stack, name, metric, of):
    """The alarm rings at the first count of a metric of ours, with the dimensions it is counted by."""
    alarm = stack.properties(name)
    variables = stack.properties("ApiFunction")["Environment"]["Variables"]
    assert alarm["MetricName"] == metric
    assert metric in METRICS
    assert alarm["Namespace"] == variables["POWERTOOLS_METRICS_NAMESPACE"] == "InstanceFoundry"
    assert dimensions(alarm) == {"service": variables["POWERTOOLS_SERVICE_NAME"], **of}
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


def test_stages_of_one_account_do_not_ring_for_each_other(stack, production):
    assert dimensions(stack.properties("FaultsAlarm")) != dimensions(production.properties("FaultsAlarm"))


@pytest.mark.parametrize(
    ("name", "function", "metric"),
    [
        ("ApiErrorsAlarm", "ApiFunction", "Errors"),
        ("ApiThrottlesAlarm", "ApiFunction", "Throttles"),
        ("OrchestrationThrottlesAlarm", "OrchestrationFunction", "Throttles"),
        ("SweeperErrorsAlarm", "SweeperFunction", "Errors"),
        ("BulkReportErrorsAlarm", "BulkReportFunction", "Errors"),
    ],
)
def test_a_function_rings_for_what_is_called_the_alias(stack, name, function, metric):
    alarm = stack.properties(name)
    assert alarm["MetricName"] == metric
    assert dimensions(alarm) == {"FunctionName": f"${{{function}}}", "Resource": f"${{{function}}}:live"}
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


def test_a_fault_is_counted_for_the_service_and_for_the_version_that_runs(capsys, log):
    observability.failed(RuntimeError("x"))
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] for line in lines] == [
        [["service"]],
        [["service", "function_name", "function_version"]],
    ]
    assert [(line["Faults"], line.get("function_version")) for line in lines] == [([1.0], None), ([1.0], "$LATEST")]


def test_an_event_that_was_given_up_rings(stack):
    alarm = stack.properties("OutboxDeadLettersAlarm")
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 0)
    assert dimensions(alarm) == {"QueueName": "${OutboxDeadLetters.QueueName}"}


def test_events_that_wait_ring(stack):
    alarm = stack.properties("OutboxDelayAlarm")
    assert (alarm["MetricName"], alarm["Threshold"]) == ("IteratorAge", 300_000)
    assert dimensions(alarm) == {"FunctionName": "${OutboxFunction}", "Resource": "${OutboxFunction}:live"}


def test_the_canary_judges_the_new_version_by_itself(stack):
    alarm = stack.properties("ApiNewVersionErrorsAlarm")
    (version,) = [name for name in stack.every("AWS::Lambda::Version") if name.startswith("ApiFunction")]
    assert dimensions(alarm) == {
        "FunctionName": "${ApiFunction}",
        "Resource": "${ApiFunction}:live",
        "ExecutedVersion": f"${{{version}.Version}}",
    }


def test_an_address_is_subscribed_if_there_is_one(stack, stack_of):
    assert not stack.every("AWS::SNS::Subscription")
    (subscription,) = stack_of(AlarmEmail="ops@foundry.example").every("AWS::SNS::Subscription").values()
    assert subscription == {"TopicArn": "${AlarmTopic}", "Protocol": "email", "Endpoint": "ops@foundry.example"}
