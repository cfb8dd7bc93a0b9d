"""The request as the domain understands it, with its field rules (spec 1.1, 1.2).

The rules stand at the fields, as protoc-gen-validate's annotations do in ZITADEL's .proto; :func:`parse` words the
first violation as that validator does. Model and field order is the order of evaluation: plain fields first, the
owner last.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    InstanceOf,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from domain import mail_address
from domain.errors import Refused, invalid
from domain.instant import Instant
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


class CreateInstance(_Message):
    """A request whose field rules hold. Exactly one of ``human`` and ``machine`` is set."""

    instance_name: RequiredText = ""
    first_org_name: Text = ""
    custom_domain: Text = ""
    default_language: LanguageTag = ""
    human: Human | None = None
    machine: Machine | None = None

    model_config = ConfigDict(validate_default=True)

    @model_validator(mode="after")
    def _has_one_owner(self) -> Self:
        if (self.human is None) == (self.machine is None):
            raise PydanticCustomError("owner", "value is required")
        return self

    @property
    def owner(self) -> Human | Machine:
        """Whichever of the two is set."""
        return cast("Human | Machine", self.human or self.machine)

    @property
    def password_kept_at(self) -> str:
        """Where the human admin's password is kept, empty where the request holds it or has none."""
        return self.human.password.kept_at if self.human else ""

    def with_password(self, password: Secret) -> CreateInstance:
        """The request of a human admin as if it held the password itself.

        Raises Refused where the password breaks the field's rule.
        """
        fields = self.model_dump()
        fields["human"]["password"] |= {"password": password.reveal(), "kept_at": ""}
        return parse(fields)

    def canonical(self) -> bytes:
        """The same bytes for the same request, however it was sent; holds the password, so only ever hashed."""
        return json.dumps(self.model_dump(), default=Secret.reveal, sort_keys=True, separators=(",", ":")).encode()


def parse(fields: Mapping[str, Any]) -> CreateInstance:
    """The command from the fields of a decoded message, keyed by proto name; unset messages are left out.

    Raises Refused with the first field violation (spec 1.2).
    """
    try:
        return CreateInstance.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    # Not raised above, where it would be chained: pydantic's error holds what was sent, and that may be a password.
    raise Refused(invalid(_worded(first)))


def _worded(detail: ErrorDetails) -> str:
    """A violation as the generated Go validator words it, wrapped once per enclosing message."""
    message: type[BaseModel] = CreateInstance
    go_message, fields = "CreateInstanceRequest", []
    for name in detail["loc"] or ("owner",):
        fields.append(f"invalid {go_message}.{''.join(part.title() for part in str(name).split('_'))}: ")
        if nested := _nested_message(message, str(name)):
            message = nested
            go_message = f"CreateInstanceRequest_{nested.__name__}"
    reason = "value is required" if detail["type"] == "missing" else detail["msg"]
    enclosing = "".join(f"{field}embedded message failed validation | caused by: " for field in fields[:-1])
    return enclosing + fields[-1] + reason


def _nested_message(message: type[BaseModel], name: str) -> type[BaseModel] | None:
    field = message.model_fields.get(name)
    annotation = field.annotation if field else None
    kinds = getattr(annotation, "__args__", (annotation,))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
