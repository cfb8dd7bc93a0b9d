"""docs/operations.md knows every alarm, and everything that a deleted stack leaves behind."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
RUNBOOK = (DOCS / "operations.md").read_text()
COMMANDS = RUNBOOK + (DOCS / "events" / "README.md").read_text()


def section(title: str) -> str:
    """What is below a heading of the second level."""
    return RUNBOOK.split(f"\n## {title}\n")[1].split("\n## ")[0]


def alarm_sections() -> dict[str, str]:
    """What is said about each alarm, by its name."""
    titles = re.split(r"^### (.+)$", section("Alarms"), flags=re.MULTILINE)[1:]
    return dict(zip(titles[::2], titles[1::2], strict=True))


def test_every_alarm_has_its_section_and_no_other_has(stack):
    names = [
        alarm["AlarmName"].removeprefix("instance-foundry-dev-")
        for alarm in stack.every("AWS::CloudWatch::Alarm").values()
    ]
    assert sorted(alarm_sections()) == sorted(names)


@pytest.mark.parametrize("alarm", alarm_sections())
def test_a_section_says_what_it_means_and_what_to_do(alarm):
    assert re.search(r"\*\*Means:\*\* .+\n(.+\n)*?\*\*Do:\*\* .+", alarm_sections()[alarm])


def test_what_is_retained_is_deleted_by_hand(stack_of):
    stack = stack_of(SystemUsers="[]")
    kept = {name: each["Type"] for name, each in stack.resources.items() if each.get("DeletionPolicy") == "Retain"}
    # Versions go with their function.
    retained = {name for name, kind in kept.items() if kind != "AWS::Lambda::Version"}
    assert retained == set(re.findall(r"`(\w+)`", section("Delete everything"))) & set(stack.resources)


def test_what_is_deleted_by_name_is_noted_while_the_stack_knows_it():
    steps = section("Delete everything")
    noted, _ = steps.split("\n2. ")
    assert set(re.findall(r"<(\w+)>", steps)) == set(re.findall(r"\$\((?:output|resource) (\w+)\)", noted))


@pytest.mark.parametrize("verb", ["put", "delete"])
def test_a_restore_stops_everybody_who_creates_and_starts_them_again(stack, verb):
    """Whoever creates while records are gone takes their domains, and makes twins of what is repeated."""
    roles = {f"${{{role.strip('${}')}.Arn}}" for role in stack.properties("CreationPolicy")["Roles"]}
    creating = {name for name, each in stack.every("AWS::Lambda::Function").items() if each["Role"] in roles}
    command = rf'{verb}-function-concurrency --function-name "\$\((output|resource) (\w+)\)"'
    named = {
        stack.outputs[name].strip("${}") if kind == "output" else name
        for kind, name in re.findall(command, section("Restore"))
    }
    assert named == creating


@pytest.mark.parametrize("kind", ["output", "resource"])
def test_commands_name_what_exists(stack, kind):
    named = set(re.findall(rf"\({kind} (\w+)\)", COMMANDS))
    assert named
    assert named <= set(stack.outputs if kind == "output" else stack.resources)


def test_commands_use_variables_that_are_set():
    told = {"STACK", "EDITOR"}
    assert set(re.findall(r"\$([A-Z]+)", COMMANDS)) == told | set(re.findall(r"\b([A-Z]+)=\$\(output", COMMANDS))


def test_links_lead_somewhere():
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", RUNBOOK):
        assert (DOCS / target).exists()
