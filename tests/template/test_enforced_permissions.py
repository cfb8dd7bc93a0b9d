"""The functions under the permissions of the template, in an AWS that refuses what is not allowed.

ministack with AUTH=true checks the actions and resources of every call that a function makes. What AWS does in a
function's name (decrypt, follow a stream, write logs) and the condition on transactions it does not check:
test_permissions.py holds these, and here they are left out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from bootstrap import application
from domain import sweep_secrets
from handlers import api, bulk_report, outbox, sweeper
from harness.api import MACHINE, Context, SystemUser, event
from harness.emulated_aws import forget_application
from harness.orchestration import Failed, invoke
from local.embedded_aws import EmbeddedAws

ACCOUNT, REGION = "111122223333", "eu-central-1"
STREAM_ACTIONS = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}
UNCHECKED_CONDITIONS = {"dynamodb:EnclosingOperation"}
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
GIVEN = ("AccessKeyId", "SecretAccessKey", "SessionToken")
FOREIGN_SECRETS = ("instance-foundry/other/instances/1", "somebody/else")
"""Of another stage of the same service, and of another service."""


TOKEN_ONLY = {"userName": "admin", "name": "Admin", "personalAccessToken": {}}
HUMAN = {
    "instanceName": "Acme",
    "human": {"email": {"email": "a@b.example"}, "profile": {"firstName": "A", "lastName": "B"}},
}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def is_the_functions_own(action: str) -> bool:
    """Whether the function itself makes the call, and not AWS in its name. Tags are part of CreateSecret's."""
    service, operation = action.split(":")
    return service not in {"kms", "logs", "xray", "sqs"} and operation not in {"TagResource", *STREAM_ACTIONS}


@dataclass
class Account:
    """The account that the stack is in, as its administrator sees it."""

    endpoint: str
    caller: SystemUser
    names: dict[str, str] = field(default_factory=dict)
    """What the stack's references stand for."""

    def client(self, service: str, session: Mapping[str, str] | None = None) -> Any:
        """A client of the administrator, or of who has the session's credentials."""
        keys = session or {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "x"}
        credentials = {name.lower(): value for name, value in keys.items()}
        return boto3.client(service, region_name=REGION, endpoint_url=self.endpoint, **credentials)

    def resolved(self, document: Any) -> Any:
        """``document`` with the names of real resources."""
        text = json.dumps(document)
        for reference, name in self.names.items():
            text = text.replace(f"${{{reference}}}", name)
        return json.loads(text)

    def session(self, role: str) -> dict[str, str]:
        """Fresh credentials of a role, as Lambda gives them to a function."""
        arn = f"arn:aws:iam::{ACCOUNT}:role/{role}"
        given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName="function")["Credentials"]
        return dict(zip(CREDENTIALS, (given[name] for name in GIVEN), strict=True))

    def allow(self, role: str, statements: list[Any]) -> None:
        """Let the role do exactly this; a policy may not be empty, a role may have none."""
        if not statements:
            self.client("iam").delete_role_policy(RoleName=role, PolicyName="all")
            return
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.client("iam").put_role_policy(RoleName=role, PolicyName="all", PolicyDocument=document)

    def secrets(self) -> list[Any]:
        """The secrets of instances."""
        found = self.client("secretsmanager").list_secrets()["SecretList"]
        return [each for each in found if each["Name"].startswith("instance-foundry/dev/instances/")]

    def outbox(self) -> list[Any]:
        """The items that the table's stream shows to the outbox."""
        items = self.client("dynamodb").scan(TableName=self.names["InstanceTable"])["Items"]
        return [item for item in items if item.get("type") == {"S": "event"}]


@pytest.fixture(scope="module")
def account(stack, tmp_path_factory) -> Iterator[Account]:
    """An account with what the stack's functions use, and with secrets that are none of their business."""
    with EmbeddedAws(tmp_path_factory.mktemp("aws") / "log", checks_permissions=True) as aws:
        account = Account(aws.endpoint, SystemUser.make())
        table = stack.properties("InstanceTable")
        schema = {name: table[name] for name in ("AttributeDefinitions", "KeySchema", "BillingMode")}
        made = account.client("dynamodb").create_table(TableName="instances", **schema)["TableDescription"]
        key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
        secrets = account.client("secretsmanager")
        fingerprint = secrets.create_secret(Name="fingerprint", SecretString="a key of hashes")["ARN"]
        account.client("s3").create_bucket(Bucket="bulk", CreateBucketConfiguration={"LocationConstraint": REGION})
        for name in FOREIGN_SECRETS:
            secrets.create_secret(Name=name, SecretString="not yours")
        parameter = stack.outputs["SystemUsersParameter"]
        account.client("ssm").put_parameter(Name=parameter, Value=account.caller.configuration, Type="String")
        bus = account.client("events").create_event_bus(Name=stack.properties("EventBus")["Name"])["EventBusArn"]
        account.names |= {
            "InstanceTable.Arn": made["TableArn"],
            "InstanceTable": "instances",
            "FingerprintSecret": fingerprint,
            "Key.Arn": key,
            "EventBus.Arn": bus,
            "BulkBucket.Arn": "arn:aws:s3:::bulk",
            "EventBus": stack.properties("EventBus")["Name"],
        }
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        for role in roles(stack).values():
            document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
            account.client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=document)
        yield account


def roles(stack) -> dict[str, str]:
    """The role of each function."""
    return {
        name: each["Role"].removeprefix("${").removesuffix(".Arn}")
        for name, each in stack.every("AWS::Lambda::Function").items()
    }


def permissions(stack, role: str) -> list[Any]:
    """What the template allows a role, one action at a time, as far as it can be checked here."""
    documents = [policy["PolicyDocument"] for policy in stack.properties(role).get("Policies", [])]
    documents += [
        policy["PolicyDocument"]
        for policy in stack.every("AWS::IAM::Policy").values()
        if f"${{{role}}}" in policy.get("Roles", [])
    ]
    found = []
    for statement in (each for document in documents for each in document["Statement"]):
        if UNCHECKED_CONDITIONS & {key for operator in statement.get("Condition", {}).values() for key in operator}:
            statement = {name: value for name, value in statement.items() if name != "Condition"}  # noqa: PLW2901
        found += [
            {**statement, "Action": action} for action in listed(statement["Action"]) if is_the_functions_own(action)
        ]
    return found


# --- What each function does in its life: every call that it ever makes, told by what comes of it -----------------------


def create(account: Account, **changes: Any) -> Any:
    headers = {"authorization": f"Bearer {account.caller.token()}", "content-type": "application/json"}
    headers |= {"idempotency-key": changes.pop("key")}
    return api.handler(event({**MACHINE, "machine": TOKEN_ONLY, **changes}, headers), Context())["statusCode"]


def serve_callers(account: Account) -> Any:
    """A creation, its repetition, one that is refused after its secret was stored, and the question after a lost answer."""
    unique = os.urandom(6).hex()
    before = len(account.secrets())
    domain = f"{unique}.example"
    answers = [create(account, key=f"{unique}-1", customDomain=domain) for _ in range(2)]
    answers.append(create(account, key=f"{unique}-2", customDomain=domain))
    return answers, application.instances().receipt("lost"), len(account.secrets()) - before


def serve_tasks(account: Account) -> Any:
    """The same for a state machine, and people whose passwords are in a secret and in a parameter."""
    unique = os.urandom(6).hex()
    before = len(account.secrets())
    machine = {**MACHINE, "customDomain": f"{unique}.example", "machine": TOKEN_ONLY}
    tasks = [{"request": machine, "idempotencyKey": f"{unique}-{key}", "credentialDelivery": "inline"} for key in "112"]
    place = f"instance-foundry/dev/passwords/{unique}"
    password = account.client("secretsmanager").create_secret(Name=place, SecretString="Correct-Horse-1")["ARN"]
    account.client("ssm").put_parameter(Name=f"/{place}", Value="Correct-Horse-1", Type="SecureString")
    tasks += [{"request": HUMAN, "passwordFrom": each} for each in (password, f"/{place}")]
    answers = [invoke(task) for task in tasks]
    came = [answer.error if isinstance(answer, Failed) else answer["replayed"] for answer in answers]
    return came, application.instances().receipt("lost"), len(account.secrets()) - before


def sweep(account: Account) -> Any:
    """One secret that no instance refers to."""
    administrator = account.client("secretsmanager")
    for left in account.secrets():
        administrator.delete_secret(SecretId=left["ARN"], ForceDeleteWithoutRecovery=True)
    administrator.create_secret(Name=f"instance-foundry/dev/instances/{os.urandom(6).hex()}", SecretString="{}")
    swept = sweeper.handler({}, Context())
    return swept["orphans"], swept["removed"]


def publish(account: Account) -> Any:
    """The events of all creations so far."""
    records = [{"dynamodb": {"SequenceNumber": str(n), "NewImage": item}} for n, item in enumerate(account.outbox())]
    return len(records) > 0, outbox.handler({"Records": records}, Context())


def report(account: Account) -> Any:
    """A run of one line."""
    bucket = account.client("s3")
    files = {"SUCCEEDED": [{"Key": "results/1.jsonl"}], "FAILED": [], "PENDING": []}
    bucket.put_object(Bucket="bulk", Key="results/manifest.json", Body=json.dumps({"ResultFiles": files}).encode())
    bucket.put_object(Bucket="bulk", Key="results/1.jsonl", Body=b'{"line": 1, "status": "created"}\n')
    places = {"bucket": "bulk", "manifest": "results/manifest.json", "report": "results/report.jsonl"}
    return bulk_report.handler(places, Context())["created"]


LIVES = {
    "ApiFunction": (serve_callers, ([200, 200, 409], None, 1)),
    "OrchestrationFunction": (serve_tasks, ([False, True, "AlreadyExists", False, False], None, 1)),
    "SweeperFunction": (sweep, (1, 1)),
    "OutboxFunction": (publish, (True, {"batchItemFailures": []})),
    "BulkReportFunction": (report, 1),
}
"""What each function does, and what comes of it where everything is allowed."""


@pytest.fixture
def live(account, stack, monkeypatch):
    """Lets a function live under the given permissions; returns what came of it, or the error that ended it."""

    def run(function: str, allowed: list[Any], life: Callable[[Account], Any] | None = None) -> Any:
        role = roles(stack)[function]
        account.allow(role, account.resolved(allowed))
        variables = account.resolved(stack.properties(function)["Environment"]["Variables"])
        monkeypatch.delenv("SYSTEM_USERS", raising=False)
        for name, value in {**variables, **account.session(role), "AWS_DEFAULT_REGION": REGION}.items():
            monkeypatch.setenv(name, str(value))
        monkeypatch.setenv("AWS_ENDPOINT_URL", account.endpoint)
        monkeypatch.setattr(sweep_secrets, "SAFE_AGE_SECONDS", -60)
        # The session keeps the credentials it has once read.
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        forget_application()
        try:
            return (life or LIVES[function][0])(account)
        except Exception as error:  # noqa: BLE001 # whatever ends the function is what came of it
            return error
        finally:
            forget_application()

    return run


def test_every_function_is_tried(stack):
    assert set(LIVES) == set(stack.every("AWS::Lambda::Function"))


@pytest.mark.parametrize("function", LIVES)
def test_a_function_can_do_its_work_with_what_it_is_allowed_and_with_nothing_less(live, account, stack, function):
    allowed = permissions(stack, roles(stack)[function])
    assert allowed
    if function == "OutboxFunction":
        live("ApiFunction", permissions(stack, roles(stack)["ApiFunction"]))
    assert live(function, allowed) == LIVES[function][1]
    for needed in allowed:
        came = live(function, [each for each in allowed if each is not needed])
        assert came != LIVES[function][1], f"{needed['Sid']} need not allow {needed['Action']}"


FOREIGN = [
    *(
        ("secretsmanager", operation, {"SecretId": secret})
        for secret in FOREIGN_SECRETS
        for operation in ("get_secret_value", "delete_secret", "describe_secret", "put_secret_value")
    ),
    ("secretsmanager", "create_secret", {"Name": "instance-foundry/other/instances/2", "SecretString": "x"}),
    ("dynamodb", "get_item", {"TableName": "other", "Key": {"pk": {"S": "1"}, "sk": {"S": "1"}}}),
    ("dynamodb", "put_item", {"TableName": "other", "Item": {"pk": {"S": "1"}, "sk": {"S": "1"}}}),
    ("dynamodb", "scan", {"TableName": "instances"}),
    ("dynamodb", "delete_table", {"TableName": "instances"}),
    ("ssm", "get_parameter", {"Name": "/instance-foundry/other/system-users"}),
    ("ssm", "put_parameter", {"Name": "/instance-foundry/dev/system-users", "Value": "[]", "Overwrite": True}),
    (
        "events",
        "put_events",
        {"Entries": [{"EventBusName": "other", "Source": "x", "DetailType": "x", "Detail": "{}"}]},
    ),
    ("iam", "put_role_policy", {"RoleName": "ApiRole", "PolicyName": "more", "PolicyDocument": "{}"}),
    ("kms", "schedule_key_deletion", {"KeyId": "alias/instance-foundry-dev"}),
]
"""What no function may do: to other stages and services, and to what its own stands on."""


@pytest.mark.parametrize("function", LIVES)
def test_no_function_reaches_what_is_not_its_own(live, account, stack, function):
    def attempts(account):
        credentials = {name: os.environ[name] for name in CREDENTIALS}
        clients = {service: account.client(service, credentials) for service in {service for service, *_ in FOREIGN}}
        return [(call, refusal(clients[call[0]], *call[1:])) for call in FOREIGN]

    refusals = live(function, permissions(stack, roles(stack)[function]), attempts)
    assert [(call, code) for call, code in refusals if not code.startswith("AccessDenied")] == []


def refusal(client: Any, operation: str, parameters: Mapping[str, Any]) -> str:
    """The code of the error that a call ends with, empty if it ends well."""
    try:
        getattr(client, operation)(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""
