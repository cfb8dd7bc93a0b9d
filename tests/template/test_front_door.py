"""The HTTP API: every request reaches the function, within limits, and leaves a line without secrets."""

from __future__ import annotations

import json
import re

GRPC_TYPES = {
    "application/grpc",
    "application/grpc+proto",
    "application/grpc-web",
    "application/grpc-web+json",
    "application/grpc-web+proto",
    "application/grpc-web-text",
    "application/grpc-web-text+proto",
}


def stage(stack):
    (found,) = stack.every("AWS::ApiGatewayV2::Stage").values()
    return found


def body(stack):
    return stack.properties("HttpApi")["Body"]


def test_paths_are_at_the_root(stack):
    """ZITADEL's clients know no prefix."""
    assert stage(stack)["StageName"] == "$default"


def test_every_request_reaches_the_function_so_that_all_errors_have_zitadels_shape(stack):
    assert list(body(stack)["paths"]) == ["$default"]
    (route,) = body(stack)["paths"].values()
    integration = route["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]
    assert integration["payloadFormatVersion"] == "2.0"
    assert integration["type"] == "aws_proxy"
    assert "function" in integration["uri"]


def test_the_gateway_calls_the_alias_never_the_latest_code(stack):
    (route,) = body(stack)["paths"].values()
    uri = route["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]["uri"]
    assert uri.endswith("/functions/${ApiFunctionAliaslive}/invocations")


def test_authentication_and_cors_are_the_functions(stack):
    assert "CorsConfiguration" not in stack.properties("HttpApi")
    assert not re.search(r"securit|authorizer|cors", json.dumps(body(stack)), re.IGNORECASE)


def test_requests_are_throttled(stack, stack_of):
    settings = stage(stack)["DefaultRouteSettings"]
    assert settings["ThrottlingRateLimit"] == 20
    assert settings["ThrottlingBurstLimit"] == 40
    raised = stage(stack_of(ThrottlingRate="100", ThrottlingBurst="200"))["DefaultRouteSettings"]
    assert (raised["ThrottlingRateLimit"], raised["ThrottlingBurstLimit"]) == ("100", "200")


def test_the_access_log_is_json_with_a_request_id(stack):
    line = json.loads(stage(stack)["AccessLogSettings"]["Format"])
    assert line["requestId"] == "$context.requestId"
    assert line["integrationRequestId"] == "$context.integration.requestId"
    assert stage(stack)["AccessLogSettings"]["DestinationArn"] == "${AccessLogs.Arn}"


def test_the_access_log_has_no_place_for_a_secret(stack):
    """No body, no query, no authorizer's claims, and of the headers the user agent only."""
    logged = set(json.loads(stage(stack)["AccessLogSettings"]["Format"]).values())
    assert logged == {
        "$context.requestId",
        "$context.requestTime",
        "$context.identity.sourceIp",
        "$context.identity.userAgent",
        "$context.protocol",
        "$context.httpMethod",
        "$context.path",
        "$context.status",
        "$context.responseLength",
        "$context.responseLatency",
        "$context.integrationLatency",
        "$context.integration.requestId",
        "$context.integration.status",
        "$context.integrationErrorMessage",
        "$context.error.message",
    }


def test_the_access_logs_policy_cannot_grow_over_its_limit(stack):
    assert stack.properties("AccessLogs")["LogGroupName"].startswith("/aws/vendedlogs/")


def test_sam_local_learns_the_binary_types_from_an_api_that_is_never_made(template, stack):
    declared = template["Resources"]["SamLocalBinaryTypes"]
    types = {each.replace("~1", "/") for each in declared["Properties"]["BinaryMediaTypes"]}
    assert types == GRPC_TYPES
    assert not stack.every("AWS::ApiGateway::RestApi")
    # The condition asks for a stage whose name is not allowed.
    assert template["Conditions"][declared["Condition"]] == {"Fn::Equals": [{"Ref": "Stage"}, "sam-local"]}
    assert not re.fullmatch(template["Parameters"]["Stage"]["AllowedPattern"], "sam-local")
