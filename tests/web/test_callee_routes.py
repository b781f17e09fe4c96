"""schemathesis on the routes of the callee's page: whatever is sent, the answer is one that the document names."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from tests.web.pages import World

from baitie.web.callee.openapi import openapi_document

WORLD = World()


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The page, and beside it the document that the page itself does not serve."""
    if scope["type"] == "http" and scope["path"] == "/document.json":
        await JSONResponse(openapi_document())(scope, receive, send)
    else:
        await WORLD.site.app(scope, receive, send)


SCHEMA = schemathesis.openapi.from_asgi("/document.json", app)


@SCHEMA.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_every_answer_is_one_that_the_document_names(case: schemathesis.Case) -> None:
    response = case.call()
    assert response.status_code < 500
    case.validate_response(response)


@pytest.mark.parametrize("act", ["stop", "wish", "call-back", "complain", "forget"])
@pytest.mark.parametrize("token", ["", "right"])
def test_odd_fields_on_a_card_that_exists_never_break_the_page(act: str, token: str) -> None:
    world = World()
    odd: list[dict[str, Any]] = [
        {name: value}
        for name in ("from", "until", "purpose", "channel", "language", "on", "part", "about", "sure", "token")
        for value in ("", "\0", "²³:45", "9" * 500, "2026-02-30", "-0001-01-01", "'; DROP TABLE leads; --", "\ud7ff")
    ]
    right = world.token(act)
    for fields in odd:
        data = {"token": right if token else "", **fields}
        assert world.ask("POST", f"{world.place()}/{act}", data=data).status_code in (303, 403, 422)


def test_the_document_names_every_route_that_a_browser_is_given() -> None:
    served = {
        (route.path, method.lower())
        for route in WORLD.site.app.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
        if not route.path.endswith(("{name}", "robots.txt"))
    }
    named = {(path, method) for path, methods in openapi_document()["paths"].items() for method in methods}
    assert named == served
