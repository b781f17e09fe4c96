"""The routes of the callee's page."""

import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from functools import partial
from importlib import resources
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from baitie.app.page.callee_page import CalleePage, CardLookup, PageActions, Ticket
from baitie.domain.namecard.page_code import PageCode, read_page_code_untrusted
from baitie.kernel.errors import StoreError
from baitie.kernel.foreign_text import shown_value
from baitie.web.callee.forms import (
    FORM_OCTETS_MAX,
    FORM_TYPE,
    Act,
    Form,
    FormError,
    FormTokens,
    call_back_of,
    first,
    grievance_of,
    is_sure,
    read_form_untrusted,
    wish_of,
)
from baitie.web.callee.guard import UNKNOWN_CODE_COST, Allowances, AtOnce, EvenPace, Headers, PlainPaths, address_of
from baitie.web.callee.languages import language_wanted, reads_traditional
from baitie.web.callee.settings import HTML_LANGUAGES, PageSettings
from baitie.web.callee.views import Spoken, card_values, vcard_of

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]
RETRY_AFTER_S = 10


class CalleeSite:
    """The site (查验网站). `app` is what a server runs. Clocks are handed in: civil for people, monotonic for pace."""

    def __init__(
        self,
        page: CalleePage,
        acts: PageActions,
        settings: PageSettings,
        civil_now: Callable[[], datetime],
        now: Callable[[], float],
        lifespan: Lifespan | None = None,
    ) -> None:
        self.page, self.acts, self.settings = page, acts, settings
        self._civil_now = civil_now
        self._tokens = FormTokens(settings.form_key)
        self._allowances = Allowances(
            settings.requests_per_s, settings.requests_per_address_per_s, settings.burst_per_address, now
        )
        self._style = resources.files("baitie.web.callee").joinpath("templates", "page.css").read_text("utf-8")
        self._templates = _environment()
        self.app = Starlette(
            routes=self._routes(),
            middleware=[
                Middleware(PlainPaths),
                Middleware(Headers, policy=_policy(self._style)),
                Middleware(AtOnce, at_once_max=settings.requests_at_once_max),
                Middleware(
                    EvenPace,
                    answer_after_s=settings.answer_after_s,
                    now=now,
                    exempt=(f"{settings.prefix}/pictures/", f"{settings.prefix}/robots.txt"),
                ),
            ],
            exception_handlers={HTTPException: self._on_http_error, StoreError: self._on_store_error},
            lifespan=lifespan,
        )
        self.app.router.redirect_slashes = False  # `PlainPaths` serves both forms; a redirect would name a host

    def _routes(self) -> list[Route]:
        prefix = self.settings.prefix
        acts = {
            Act.STOP: self._stop,
            Act.WISH: self._wish,
            Act.CALL_BACK: self._call_back,
            Act.COMPLAIN: self._complain,
            Act.FORGET: self._forget,
        }
        return [
            Route(prefix or "/", self._entrance, methods=["GET", "POST"]),
            Route(f"{prefix}/c/{{code}}", self._card, methods=["GET"]),
            Route(f"{prefix}/c/{{code}}/contact.vcf", self._vcard, methods=["GET"]),
            *(
                Route(f"{prefix}/c/{{code}}/{act.value}", partial(self._act, act, carry_out), methods=["POST"])
                for act, carry_out in acts.items()
            ),
            Route(f"{prefix}/pictures/{{name}}", self._picture, methods=["GET"]),
            Route(f"{prefix}/robots.txt", self._robots, methods=["GET"]),
        ]

    # Pages

    async def _entrance(self, request: Request) -> Response:
        """Asks for a code. One that was typed has a page with an address of its own, which can be kept."""
        self._admit(request)
        if request.method != "POST":
            return self._show(request, "entrance.html.j2", 200, problem=None)
        form = await self._form(request)
        code = read_page_code_untrusted(first(form, "code"))
        if code is None:
            return self._no_such_card(request)
        return self._go(request, f"/c/{code.text()}")

    async def _card(self, request: Request) -> Response:
        code, sight, now = self._look(request)
        if sight is None:
            return self._no_such_card(request)
        done, *said = self._done(request.query_params.get("done", ""), code, sight, now)
        return self._show_card(request, code, sight, now, done=done, said=said)

    def _done(self, given: str, code: PageCode, sight: CardLookup, now: datetime) -> list[str]:
        """The act that was done last and what is told of it: that calls are stopped only while they are, and of the
        others only to whoever did them."""
        if given == Act.STOP:
            return [given if sight.file.standing.refusals else ""]
        receipt = self._tokens.read_receipt(given, code, now)
        return [""] if receipt is None else [receipt[0].value, *receipt[1]]

    async def _vcard(self, request: Request) -> Response:
        code, sight, now = self._look(request)
        if sight is None:
            return self._no_such_card(request)
        content = vcard_of(sight, code, self._say(request, sight), now)
        said = {"content-disposition": 'attachment; filename="contact.vcf"'}
        return Response(content, media_type="text/vcard; charset=utf-8", headers=said)

    async def _picture(self, request: Request) -> Response:
        self._admit(request)
        picture = self.settings.picture(request.path_params["name"])
        if picture is None:
            raise HTTPException(404)
        return Response(picture.content, media_type=picture.media_type)

    async def _robots(self, request: Request) -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    # Acts

    async def _act(
        self,
        act: Act,
        carry_out: Callable[[CardLookup, Form, datetime], Ticket | date | None],
        request: Request,
    ) -> Response:
        code, sight, now = self._look(request)
        form = await self._form(request)
        if sight is None:
            return self._no_such_card(request)
        is_ours = request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        if not is_ours or not self._tokens.is_right(first(form, "token"), code, act, now):
            return self._show_card(request, code, sight, now, problem="token", status=403)
        try:
            due = await run_in_threadpool(carry_out, sight, form, now)
        except FormError as error:
            problem = str(error.details.get("field", "form"))
            return self._show_card(request, code, sight, now, problem=problem, status=422)
        if act is Act.FORGET:
            return self._show(request, "forgotten.html.j2", 200, sight, day=due)
        said = (due.number, due.due_on.isoformat()) if isinstance(due, Ticket) else ()
        done = act.value if act is Act.STOP else self._tokens.receipt(code, act, said, now)
        return self._go(request, f"/c/{code.text()}?done={done}")

    def _stop(self, sight: CardLookup, form: Form, now: datetime) -> None:
        self.acts.stop_calling(sight.file, now)

    def _wish(self, sight: CardLookup, form: Form, now: datetime) -> None:
        self.acts.wish(sight.file, wish_of(form, sight.file.callee.callee_id, now), now)

    def _call_back(self, sight: CardLookup, form: Form, now: datetime) -> date:
        return self.acts.call_back(sight.file, call_back_of(form, now, self.settings.zone), now)

    def _complain(self, sight: CardLookup, form: Form, now: datetime) -> Ticket:
        return self.acts.complain(sight.file, grievance_of(form).value, now)

    def _forget(self, sight: CardLookup, form: Form, now: datetime) -> date:
        if not is_sure(form):
            raise FormError(field="sure")
        return self.acts.forget(sight.file, now)

    # Parts

    def _admit(self, request: Request) -> None:
        if not self._allowances.take(address_of(request.scope)):
            raise HTTPException(429, headers={"retry-after": str(RETRY_AFTER_S)})

    def _look(self, request: Request) -> tuple[PageCode, CardLookup | None, datetime]:
        self._admit(request)
        now = self._civil_now()
        code = read_page_code_untrusted(request.path_params["code"])
        sight = None if code is None else self.page.look(code, now)
        if code is None or sight is None:
            self._allowances.charge(address_of(request.scope), UNKNOWN_CODE_COST)
            return code or _NO_CODE, None, now
        return code, sight, now

    async def _form(self, request: Request) -> Form:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
            raise HTTPException(415)
        try:
            return read_form_untrusted(await _bounded(request.stream()))
        except FormError as error:
            raise HTTPException(413 if "octets" in error.details else 400) from error

    def _say(self, request: Request, sight: CardLookup | None = None) -> Spoken:
        is_traditional = sight is not None and reads_traditional(sight.file)
        asked = request.query_params.get("lang")
        wanted = language_wanted(asked, request.headers.get("accept-language"), is_traditional)
        return Spoken(wanted if wanted in self.settings.languages else "zh", self.settings)

    def _go(self, request: Request, place: str) -> Response:
        lang = request.query_params.get("lang")
        if lang in self.settings.languages:
            place += f"{'&' if '?' in place else '?'}lang={lang}"
        return RedirectResponse(f"{self.settings.prefix}{place}", 303)

    def _no_such_card(self, request: Request) -> Response:
        """Unknown, expired, forgotten and mistyped codes are answered alike."""
        return self._show(request, "entrance.html.j2", 404, problem="no-such-card")

    def _show_card(
        self, request: Request, code: PageCode, sight: CardLookup, now: datetime, *,
        done: str = "", said: Sequence[str] = (), problem: str | None = None, status: int = 200,
    ) -> Response:  # fmt: skip
        values = card_values(sight, code, self._tokens, self._say(request, sight), now)
        return self._show(request, "card.html.j2", status, sight, done=done, said=said, problem=problem, **values)

    def _show(
        self, request: Request, template: str, status: int, sight: CardLookup | None = None, /, **values: Any
    ) -> Response:
        say = self._say(request, sight)
        asked = request.query_params.get("lang")
        common: Mapping[str, Any] = {
            "t": say,
            "lang": say.lang,
            "html_lang": HTML_LANGUAGES[say.lang],
            "lang_query": f"?lang={say.lang}" if asked in self.settings.languages else "",
            "other_langs": [(lang, HTML_LANGUAGES[lang]) for lang in self.settings.languages if lang != say.lang],
            "here": f"{self.settings.prefix}{_here(request)}",
            "prefix": self.settings.prefix,
            "site": self.settings,
            "style": self._style,
        }
        content = self._templates.get_template(template).render({**common, **values})
        return HTMLResponse(content, status, headers={"content-language": HTML_LANGUAGES[say.lang]})

    async def _on_http_error(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = error.status_code
        response = (
            self._no_such_card(request)
            if status == 404
            else self._show(request, "problem.html.j2", status, code=status)
        )
        response.headers.update(error.headers or {})
        return response

    async def _on_store_error(self, request: Request, error: Exception) -> Response:
        response = self._show(request, "problem.html.j2", 503, code=503)
        response.headers["retry-after"] = str(RETRY_AFTER_S)
        return response


_NO_CODE = PageCode("0" * 13)


def _here(request: Request) -> str:
    """Where a page can be asked for again, under the prefix: its own address if it has one, else the entrance.

    It is made of what a route took out of the path, never of the path itself: that may be anything.
    """
    code = request.path_params.get("code") if request.method == "GET" else None
    return "/" if code is None else f"/c/{quote(code, safe='')}"


async def _bounded(chunks: AsyncIterator[bytes]) -> bytes:
    """The body, read no further than its bound."""
    body = b""
    async for chunk in chunks:
        body += chunk
        if len(body) > FORM_OCTETS_MAX:
            raise FormError(octets=len(body), octets_max=FORM_OCTETS_MAX)
    return body


def _policy(style: str) -> str:
    """The content security policy: the one style of the page, its own pictures, its own forms, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("baitie.web.callee"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=shown_value,
    )
