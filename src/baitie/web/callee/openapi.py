"""The routes of the callee's page as an OpenAPI document: for tests and for whoever puts a proxy before it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from baitie.domain.consent.register import ReachChannel
from baitie.domain.namecard.page_code import WRITTEN_CHARS_MAX
from baitie.kernel.purpose import Purpose
from baitie.web.callee.forms import FIELDS_MAX, FORM_TYPE, Act, DayPart, Grievance
from baitie.web.callee.settings import LANGUAGES

_HTML: Mapping[str, Any] = {"text/html": {"schema": {"type": "string"}}}
_LANG = {
    "name": "lang", "in": "query", "schema": {"type": "string"},
    "description": f"{' or '.join(LANGUAGES)}; anything else is passed over, and the browser's language counts.",
}  # fmt: skip
_CODE = {
    "name": "code", "in": "path", "required": True, "description": "The code on the card.",
    "schema": {"type": "string", "minLength": 1, "maxLength": WRITTEN_CHARS_MAX},
}  # fmt: skip
_ANSWERS = {
    "200": "the page",
    "303": "done: go to the page named in Location",
    "400": "the body is not a form",
    "403": "the token is missing, old, or of another page: nothing was done",
    "404": "unknown, expired, forgotten or mistyped code: all alike",
    "413": "the body is too long",
    "415": "the body is of another type",
    "422": "a field is none of the answers: nothing was done",
    "429": "too many requests: see Retry-After",
    "503": "the store is not available: nothing was done",
}


def _any_of(answers: type[StrEnum]) -> dict[str, Any]:
    """A field with any of these answers, each once."""
    values = [each.value for each in answers]
    return {
        "type": "array", "items": {"type": "string", "enum": values}, "uniqueItems": True, "maxItems": len(values),
    }  # fmt: skip


_ACT_FIELDS: Mapping[Act, Mapping[str, Any]] = {
    Act.STOP: {},
    Act.WISH: {
        "from": {"type": "string", "description": "HH:MM, or empty"},
        "until": {"type": "string", "description": "HH:MM, or empty"},
        "purpose": _any_of(Purpose),
        "channel": _any_of(ReachChannel),
        "language": {"type": "string", "enum": ["", "zh", "en"]},
    },
    Act.CALL_BACK: {
        "on": {"type": "string", "format": "date"},
        "part": {"type": "string", "enum": [each.value for each in DayPart]},
    },
    Act.COMPLAIN: {"about": {"type": "string", "enum": [each.value for each in Grievance]}},
    Act.FORGET: {"sure": {"type": "string", "enum": ["yes"]}},
}
_ACT_SUMMARIES = {
    Act.STOP: "Stop all calls to this callee",
    Act.WISH: "Set hours, kinds of call, channels and language",
    Act.CALL_BACK: "Ask for a call back",
    Act.COMPLAIN: "Complain",
    Act.FORGET: "Have the callee's data destroyed",
}


def openapi_document(prefix: str = "") -> dict[str, Any]:
    """OpenAPI 3.1. Nothing in it is secret, and nothing serves it: a stranger needs no list of routes."""
    acts = {f"{prefix}/c/{{code}}/{act.value}": {"post": _act(act)} for act in Act}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Callee's page", "version": "1"},
        "paths": {
            f"{prefix}/": {
                "get": _operation("Ask for a code", [_LANG], "200", "429"),
                "post": _operation(
                    "Go to the page of a code", [_LANG], "303", "400", "404", "413", "415", "429",
                    body=_form({"code": {"type": "string"}}),
                ),
            },
            f"{prefix}/c/{{code}}": {
                "get": _operation("Who called, and what the callee may do", [_CODE, _LANG], "200", "404", "429", "503")
            },
            f"{prefix}/c/{{code}}/contact.vcf": {
                "get": _operation(
                    "The contact to save (vCard 4.0)", [_CODE, _LANG], "200", "404", "429", "503", also="text/vcard"
                )
            },
            **acts,
        },
    }  # fmt: skip


def _act(act: Act) -> dict[str, Any]:
    statuses = ("200" if act is Act.FORGET else "303", "400", "403", "404", "413", "415", "422", "429", "503")
    fields = {"token": {"type": "string", "description": "as the page gives it"}, **_ACT_FIELDS[act]}
    return _operation(_ACT_SUMMARIES[act], [_CODE, _LANG], *statuses, body=_form(fields))


def _form(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that are not named here are passed over, but all of them together may not be too many."""
    more_values = sum(field.get("maxItems", 1) - 1 for field in fields.values())
    schema = {
        "type": "object", "properties": dict(fields), "additionalProperties": {"type": "string"},
        "maxProperties": FIELDS_MAX - more_values,
    }  # fmt: skip
    return {"required": True, "content": {FORM_TYPE: {"schema": schema}}}


def _operation(
    summary: str,
    parameters: list[dict[str, Any]],
    *statuses: str,
    body: Mapping[str, Any] | None = None,
    also: str | None = None,
) -> dict[str, Any]:
    content = dict(_HTML) | ({also: {"schema": {"type": "string"}}} if also else {})
    operation: dict[str, Any] = {
        "summary": summary,
        "parameters": parameters,
        "responses": {status: {"description": _ANSWERS[status], "content": content} for status in statuses},
    }
    if body is not None:
        operation["requestBody"] = dict(body)
    return operation
