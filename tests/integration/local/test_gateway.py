"""A request becomes the event that an HTTP API sends (payload 2.0), and an answer what its client gets."""

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local import gateway

NOW = 1_764_493_200.4176


def event(method="POST", target="/system/v1/instances/_create", query="", headers=(), body=b"", **rest):
    request = gateway.Request(
        method=method,
        target=target,
        query=query,
        headers=[("Host", "127.0.0.1:8080"), ("User-Agent", "curl/8.5.0"), *headers],
        body=body,
        request_id="SzGv1hkZliAEMaw=",
        trace_id="Root=1-67891233-abcdef012345678912345678",
        **rest,
    )
    return gateway.event(request, NOW)


def test_a_whole_event():
    assert event(query="a=1&b=%20x&a=2", headers=[("Content-Type", "application/json")], body=b"{}") == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/system/v1/instances/_create",
        "rawQueryString": "a=1&b=%20x&a=2",
        "queryStringParameters": {"a": "1,2", "b": " x"},
        "headers": {
            "content-length": "2",
            "content-type": "application/json",
            "host": "127.0.0.1:8080",
            "user-agent": "curl/8.5.0",
            "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678",
            "x-forwarded-for": "127.0.0.1",
            "x-forwarded-port": "8080",
            "x-forwarded-proto": "http",
        },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "127.0.0.1",
            "domainPrefix": "127",
            "http": {
                "method": "POST",
                "path": "/system/v1/instances/_create",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "curl/8.5.0",
            },
            "requestId": "SzGv1hkZliAEMaw=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "30/Nov/2025:09:00:00 +0000",
            "timeEpoch": 1764493200417,
        },
        "body": "{}",
        "isBase64Encoded": False,
    }


def test_what_does_not_apply_is_absent():
    bare = event(method="GET")
    assert {"body", "cookies", "queryStringParameters", "pathParameters"}.isdisjoint(bare)
    assert bare["isBase64Encoded"] is False
    assert "content-length" not in bare["headers"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([("X-A", "1"), ("x-a", "2"), ("X-B", "3")], {"x-a": "1,2", "x-b": "3"}),
        ([("X-Forwarded-For", "203.0.113.1")], {"x-forwarded-for": "203.0.113.1, 127.0.0.1"}),
        ([("Connection", "keep-alive"), ("Transfer-Encoding", "chunked"), ("TE", "trailers")], {}),
        ([("X-Amzn-Trace-Id", "forged"), ("X-Forwarded-Proto", "https")], {"x-forwarded-proto": "http"}),
        ([("Authorization", "Bearer x")], {"authorization": "Bearer x"}),
    ],
)
def test_headers(headers, expected):
    seen = event(headers=headers)["headers"]
    assert seen | expected == seen
    assert {"connection", "transfer-encoding", "te"}.isdisjoint(seen)
    assert seen["x-amzn-trace-id"].startswith("Root=1-67891233")
    assert all(name == name.lower() for name in seen)


@pytest.mark.parametrize(
    ("headers", "cookies"),
    [
        ([("Cookie", "a=1; b=2")], ["a=1", "b=2"]),
        ([("Cookie", "a=1"), ("cookie", "b=x,y;c=3;")], ["a=1", "b=x,y", "c=3"]),
        ([("Cookie", " ")], None),
    ],
)
def test_cookies_are_no_headers(headers, cookies):
    seen = event(headers=headers)
    assert seen.get("cookies") == cookies
    assert "cookie" not in seen["headers"]


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", "/"),
        ("/a%20b", "/a b"),
        ("/a%2Fb", "/a/b"),
        ("/%C3%A9", "/é"),
        ("/100%", "/100%"),
        ("/a+b", "/a+b"),
        ("//a/../b", "//a/../b"),
        ("/zitadel.system.v1.SystemService/CreateInstance", "/zitadel.system.v1.SystemService/CreateInstance"),
    ],
)
def test_the_path_arrives_decoded(target, path):
    seen = event(target=target)
    assert seen["rawPath"] == path
    assert seen["requestContext"]["http"]["path"] == path


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_path_arrives(path):
    assert event(target="/" + quote(path, safe=""))["rawPath"] == "/" + path


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        ("", None),
        ("a", {"a": ""}),
        ("a=", {"a": ""}),
        ("a=1&a=2", {"a": "1,2"}),
        ("a=x+y%2B", {"a": "x y+"}),
        ("A=1&a=2", {"A": "1", "a": "2"}),
        ("cookie=1&cookie=2", {"cookie": "1,2"}),
    ],
)
def test_query(query, parameters):
    seen = event(query=query)
    assert seen["rawQueryString"] == query
    assert seen.get("queryStringParameters") == parameters


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("application/json", b'{"a":"\xc3\xa9"}', True),
        ("application/json; charset=utf-8", b"{}", True),
        ("APPLICATION/JSON", b"{}", True),
        ("text/plain", b"x", True),
        ("application/xml", b"<x/>", True),
        ("application/json", b'{"a":"\xff"}', False),
        ("application/grpc-web+proto", b"\x00\x00\x00\x00\x00", False),
        ("application/grpc-web-text", b"AAAAAAA=", False),
        ("application/octet-stream", b"plain", False),
        ("application/x-www-form-urlencoded", b"a=1", False),
        ("", b"{}", False),
    ],
)
def test_a_body_is_text_only_for_the_types_that_the_real_service_takes_for_text(content_type, body, text):
    seen = event(headers=[("Content-Type", content_type)] if content_type else [], body=body)
    assert seen["isBase64Encoded"] is not text
    assert seen["body"] == (body.decode() if text else base64.b64encode(body).decode())


@given(st.binary(min_size=1), st.sampled_from(["application/json", "text/plain", "application/grpc-web+proto", "x"]))
def test_any_body_arrives(body, content_type):
    seen = json.loads(json.dumps(event(headers=[("content-type", content_type)], body=body)))
    arrived = base64.b64decode(seen["body"]) if seen["isBase64Encoded"] else seen["body"].encode()
    assert arrived == body
    assert seen["headers"]["content-length"] == str(len(body))


@pytest.mark.parametrize(
    ("answer", "status", "headers", "body"),
    [
        (
            {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": '{"a":"é"}'},
            200,
            [("content-type", "application/json")],
            '{"a":"é"}'.encode(),
        ),
        ({"statusCode": "404"}, 404, [("content-type", "text/plain; charset=utf-8")], b""),
        ({"statusCode": 200, "body": "AP8=", "isBase64Encoded": True}, 200, None, b"\x00\xff"),
        ({"statusCode": 200, "headers": {"content-length": "7", "X-N": 3, "X-B": True, "Connection": "close"}}, 200,
         [("x-n", "3"), ("x-b", "true"), ("content-type", "text/plain; charset=utf-8")], b""),
        (
            {"statusCode": 200, "headers": {"content-type": "a/b", "x-m": "0"}, "multiValueHeaders": {"X-M": ["1", "2"]},
             "cookies": ["a=1", "b=2"]},
            200,
            [("content-type", "a/b"), ("x-m", "1"), ("x-m", "2"), ("set-cookie", "a=1"), ("set-cookie", "b=2")],
            b"",
        ),
        ({"no": "status"}, 200, [("content-type", "application/json")], b'{"no": "status"}'),
        ("text", 200, [("content-type", "application/json")], b"text"),
        (None, 200, [("content-type", "application/json")], b"null"),
    ],
)  # fmt: skip
def test_an_answer_becomes_a_response(answer, status, headers, body):
    response = gateway.response(answer)
    assert (response.status, response.body) == (status, body)
    assert headers is None or list(response.headers) == headers


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": "no"},
        {"statusCode": None},
        {"statusCode": True},
        {"statusCode": 42},
        {"statusCode": 200, "headers": []},
        {"statusCode": 200, "headers": {"a": None}},
        {"statusCode": 200, "headers": {"a": ["1"]}},
        {"statusCode": 200, "headers": {"a b": "1"}},
        {"statusCode": 200, "headers": {"a": "1\r\nset-cookie: x"}},
        {"statusCode": 200, "headers": {"a": "€"}},
        {"statusCode": 200, "multiValueHeaders": {"a": "1"}},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "cookies": [1, None]},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "%%%", "isBase64Encoded": True},
        {"statusCode": 200, "body": "€", "isBase64Encoded": True},
    ],
)
def test_a_malformed_answer_is_refused(answer):
    with pytest.raises(gateway.MalformedAnswer):
        gateway.response(answer)


@pytest.mark.parametrize(
    ("status", "message"),
    [(500, "Internal Server Error"), (503, "Service Unavailable"), (413, "Request Entity Too Large")],
)
def test_the_gateways_own_answers(status, message):
    response = gateway.failure(status)
    assert (response.status, json.loads(response.body)) == (status, {"message": message})
