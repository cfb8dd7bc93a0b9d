"""The request as the domain understands it, with its field rules (spec 1.1, 1.2).

The rules stand at the fields, as protoc-gen-validate's annotations do in ZITADEL's .proto; :func:`parse` words the
first violation as that validator does. Model and field order is the order of evaluation: plain fields first, the
owner last.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    InstanceOf,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from domain import mail_address
from domain.errors import invalid
from domain.instant import Instant
from domain.rules import Rule, Violation, enforce
from domain.secret import Secret

KEY_TYPE_JSON = 1


def _broken(reason: str) -> PydanticCustomError:
    # The reason is no template: braces that a caller sent must come out as they are.
    return PydanticCustomError("rule", "{reason}", {"reason": reason})


@dataclass(frozen=True, slots=True)
class Runes:
    """A length rule that counts Unicode code points, as protoc-gen-validate does."""

    minimum: int
    maximum: int

    def check(self, text: str) -> str:
        """``text``, if its length is allowed."""
        if self.minimum <= len(text) <= self.maximum:
            return text
        if self.minimum:
            raise _broken(f"value length must be between {self.minimum} and {self.maximum} runes, inclusive")
        raise _broken(f"value length must be at most {self.maximum} runes")

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "minLength": self.minimum, "maxLength": self.maximum}


def _deliverable(text: str) -> str:
    if fault := mail_address.fault(text):
        raise _broken(f"value must be a valid email address | caused by: {fault}")
    return text


def _known_key_type(value: int) -> int:
    if value == 0:
        raise _broken("value must not be in list [KEY_TYPE_UNSPECIFIED]")
    if value != KEY_TYPE_JSON:
        raise _broken("value must be one of the defined enum values")
    return value


Text = Annotated[str, Runes(0, 200)]
RequiredText = Annotated[str, Runes(1, 200)]
LanguageTag = Annotated[str, Runes(0, 10)]
Timestamp = Annotated[InstanceOf[Instant], WithJsonSchema({"type": "string", "format": "date-time"})]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", hide_input_in_errors=True)


class Email(_Message):
    """The human admin's address and whether it counts as verified."""

    email: Annotated[RequiredText, AfterValidator(_deliverable)] = ""
    is_email_verified: bool = False

    model_config = ConfigDict(validate_default=True)


class Profile(_Message):
    """The human admin's names; ``preferred_language`` is a BCP 47 tag or empty."""

    first_name: Text = ""
    last_name: Text = ""
    preferred_language: LanguageTag = ""


class Password(_Message):
    """An initial password, empty for none.

    ``kept_at`` names the place where it is kept instead (domain.ports.Passwords); no message of the wire has it.
    """

    password: Annotated[Secret, Runes(0, 200)] = Field(default_factory=lambda: Secret(""))
    kept_at: str = ""
    password_change_required: bool = False


class Human(_Message):
    """A person as the instance's first admin."""

    user_name: Text = ""
    email: Email
    profile: Profile = Field(default_factory=Profile)
    password: Password = Field(default_factory=Password)


class PersonalAccessToken(_Message):
    """Asks for a PAT; no expiration date, or the year 1, means that it never expires."""

    expiration_date: Timestamp | None = None


class MachineKey(_Message):
    """Asks for an RSA key pair; ``type`` is ``zitadel.authn.v1.KeyType``, of which only JSON (1) exists."""

    type: Annotated[int, AfterValidator(_known_key_type)] = 0
    expiration_date: Timestamp | None = None

    model_config = ConfigDict(validate_default=True)


class Machine(_Message):
    """A service account as the instance's first admin."""

    user_name: Text = ""
    name: Text = ""
    personal_access_token: PersonalAccessToken | None = None
    machine_key: MachineKey | None = None


M = TypeVar("M", bound=_Message)


class CreateInstance(_Message):
    """A request whose field rules hold. Exactly one of ``human`` and ``machine`` is set."""

    instance_name: RequiredText = ""
    first_org_name: Text = ""
    custom_domain: Text = ""
    default_language: LanguageTag = ""
    human: Human | None = None
    machine: Machine | None = None

    model_config = ConfigDict(validate_default=True)

    @field_validator("machine")
    @classmethod
    def _has_one_owner(cls, machine: Machine | None, info: ValidationInfo) -> Machine | None:
        # A rule of the last field and not of the message, which pydantic would check only where all fields are right.
        human = info.data.get("human", "one that breaks a rule")
        if (human is None) == (machine is None):
            raise PydanticCustomError("owner", "value is required")
        return machine

    @property
    def owner(self) -> Human | Machine:
        """Whichever of the two is set."""
        return cast("Human | Machine", self.human or self.machine)

    @property
    def password_kept_at(self) -> str:
        """Where the human admin's password is kept, empty where the request holds it or has none."""
        return self.human.password.kept_at if self.human else ""

    def with_password(self, password: Secret) -> Rule[CreateInstance]:
        """The request of a human admin as if it held the password itself, which has to keep the rule of its field."""
        human = cast("Human", self.human)
        fields = {**human.password.model_dump(exclude={"kept_at"}), "password": password.reveal()}
        held = yield from _read(Password, fields, "human", "password")
        return self.model_copy(update={"human": human.model_copy(update={"password": held})})

    def canonical(self) -> bytes:
        """The same bytes for the same request, however it was sent; holds the password, so only ever hashed."""
        return json.dumps(self.model_dump(), default=Secret.reveal, sort_keys=True, separators=(",", ":")).encode()


def parse(fields: Mapping[str, Any]) -> CreateInstance:
    """The command from the fields of a decoded message, keyed by proto name; unset messages are left out.

    Raises Refused with the first field violation (spec 1.2).
    """
    return enforce(read(fields))


def read(fields: Mapping[str, Any]) -> Rule[CreateInstance]:
    """The command as of :func:`parse`; where field rules are broken, what was sent all the same."""
    command = yield from _read(CreateInstance, fields)
    return command if command.human or command.machine else command.model_copy(update={"machine": Machine()})


def _read(message: type[M], fields: Mapping[str, Any], *enclosing: str) -> Rule[M]:
    try:
        return message.model_validate(fields)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    # Not yielded above, where it would be chained: pydantic's error holds what was sent, and that may be a password.
    for detail in details:
        path = (*enclosing, *map(str, detail["loc"])) if detail["type"] != "owner" else ("owner",)
        yield Violation(invalid(_worded(path, detail)), ".".join(path))
    return _unchecked(message, fields)


def _unchecked(message: type[M], fields: Mapping[str, Any]) -> M:
    """The message as it was sent, whatever rules it breaks; the types of its fields are the wire's."""
    values: dict[str, Any] = {}
    for name, field in message.model_fields.items():
        nested, value = _nested_message(message, name), fields.get(name)
        if nested and (value is not None or field.is_required()):
            values[name] = _unchecked(nested, value or {})
        elif value is not None:
            values[name] = Secret(value) if field.annotation is Secret else value
    return cast("M", message.model_construct(**values))


def _worded(path: tuple[str, ...], detail: ErrorDetails) -> str:
    """A violation as the generated Go validator words it, wrapped once per enclosing message."""
    message: type[BaseModel] = CreateInstance
    go_message, fields = "CreateInstanceRequest", []
    for name in path:
        fields.append(f"invalid {go_message}.{''.join(part.title() for part in name.split('_'))}: ")
        if nested := _nested_message(message, name):
            message = nested
            go_message = f"CreateInstanceRequest_{nested.__name__}"
    reason = "value is required" if detail["type"] == "missing" else detail["msg"]
    enclosing = "".join(f"{field}embedded message failed validation | caused by: " for field in fields[:-1])
    return enclosing + fields[-1] + reason


def _nested_message(message: type[BaseModel], name: str) -> type[_Message] | None:
    field = message.model_fields.get(name)
    annotation = field.annotation if field else None
    kinds = getattr(annotation, "__args__", (annotation,))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, _Message)), None)
