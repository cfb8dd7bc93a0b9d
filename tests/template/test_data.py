"""What is kept survives the stack, can be brought back, and is encrypted with the deployment's own key."""

from __future__ import annotations

import pytest

KEPT = ["InstanceTable", "FingerprintSecret", "Key"]
VALID_UNTIL = "expires_at"


def test_the_table_has_a_partition_and_a_sort_key(stack):
    table = stack.properties("InstanceTable")
    assert table["KeySchema"] == [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ]
    assert {each["AttributeName"]: each["AttributeType"] for each in table["AttributeDefinitions"]} == {
        "pk": "S",
        "sk": "S",
    }


def test_the_table_is_billed_by_request(stack):
    table = stack.properties("InstanceTable")
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert "ProvisionedThroughput" not in table


def test_the_table_can_be_restored_to_any_second_of_the_last_weeks(stack):
    assert stack.properties("InstanceTable")["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_the_table_cannot_be_deleted_by_mistake(stack):
    assert stack.properties("InstanceTable")["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_survives_the_stack_and_its_replacement(stack, name):
    resource = stack.resources[name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize(("name", "naming"), [("InstanceTable", "TableName"), ("FingerprintSecret", "Name")])
def test_what_survives_does_not_block_a_new_stack_by_its_name(stack, name, naming):
    assert naming not in stack.properties(name)


def test_idempotency_records_expire(stack):
    assert stack.properties("InstanceTable")["TimeToLiveSpecification"] == {
        "AttributeName": VALID_UNTIL,
        "Enabled": True,
    }


def test_the_stream_carries_new_records(stack):
    assert stack.properties("InstanceTable")["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}


def test_the_table_is_encrypted_with_the_own_key(stack):
    assert stack.properties("InstanceTable")["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": "${Key.Arn}",
    }


def test_secrets_are_encrypted_with_the_own_key(stack):
    secrets = stack.every("AWS::SecretsManager::Secret")
    assert secrets
    assert {secret["KmsKeyId"] for secret in secrets.values()} == {"${Key.Arn}"}
    assert stack.properties("ApiFunction")["Environment"]["Variables"]["SECRETS_KEY_ID"] == "${Key.Arn}"


def test_every_log_group_is_encrypted_with_the_own_key(stack):
    groups = stack.every("AWS::Logs::LogGroup")
    assert len(groups) >= 2
    assert {group["KmsKeyId"] for group in groups.values()} == {"${Key.Arn}"}


def test_the_key_lets_logs_encrypt_exactly_the_log_groups_of_the_stack(stack):
    (statement,) = [
        each for each in stack.properties("Key")["KeyPolicy"]["Statement"] if each["Sid"] == "LogsOfThisDeployment"
    ]
    prefixes = [arn.rstrip("*") for arn in statement["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]]
    names = [group["LogGroupName"] for group in stack.every("AWS::Logs::LogGroup").values()]
    for name in names:
        assert any(f"arn:aws:logs:eu-central-1:111122223333:log-group:{name}".startswith(prefix) for prefix in prefixes)


def test_alarms_are_encrypted_with_the_own_key(stack):
    topics = stack.every("AWS::SNS::Topic")
    assert topics
    assert {topic["KmsMasterKeyId"] for topic in topics.values()} == {"${Key.Arn}"}


def test_the_key_rotates(stack):
    assert stack.properties("Key")["EnableKeyRotation"] is True


def test_the_fingerprint_key_is_made_by_aws_and_seen_by_nobody(stack):
    secret = stack.properties("FingerprintSecret")
    assert secret["GenerateSecretString"] == {"PasswordLength": 64, "ExcludePunctuation": True}
    assert "SecretString" not in secret


def test_without_system_users_the_parameter_belongs_to_the_operators(stack):
    """The stack neither makes nor touches it, so that no deployment brings a revoked key back."""
    assert not stack.every("AWS::SSM::Parameter")


def test_given_system_users_belong_to_the_stack_and_stay_when_it_gives_them_up(stack_of):
    stack = stack_of(SystemUsers='[{"name": "operator"}]')
    resource = stack.resources["SystemUsersParameter"]
    assert resource["Properties"]["Value"] == '[{"name": "operator"}]'
    assert resource["Properties"]["Name"] == stack.outputs["SystemUsersParameter"]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")
