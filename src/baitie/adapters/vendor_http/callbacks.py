"""Receipts that a vendor sends by itself: an HTTP listener that believes only what carries the agreed signature."""

import logging
import ssl

from baitie.adapters.vendor_http.gateway import VendorGateway
from baitie.adapters.vendor_http.serving import HttpAnswer, HttpRequest, HttpServer
from baitie.wire.vendor import VendorAnswerError
from baitie.wire.vendor.submissions import SIGNATURE_HEADER, is_signed

_log = logging.getLogger(__name__)


class CallbackListener:
    """Callback listener (回调监听) for one vendor: POST to `path`, signed with `secret`.

    Of callbacks that were refused the operator is told once for each cause: anybody may send as many as they like.
    """

    def __init__(self, gateway: VendorGateway, path: str, secret: str, tls: ssl.SSLContext | None = None) -> None:
        self._gateway = gateway
        self._path = path
        self._secret = secret
        self._server = HttpServer(self._answer, tls)
        self._told: set[str] = set()
        self.refused = 0

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port. Raises OSError when it is taken."""
        return await self._server.start(host, port)

    async def close(self) -> None:
        """Stop listening."""
        await self._server.close()

    async def _answer(self, request: HttpRequest) -> HttpAnswer:
        if request.method != "POST" or request.path.partition("?")[0] != self._path:
            return HttpAnswer(404)
        if not is_signed(request.body, request.headers.get(SIGNATURE_HEADER.lower(), ""), self._secret):
            self._refuse("signature-wrong")
            return HttpAnswer(403)
        try:
            self._gateway.on_callback_untrusted(request.body)
        except VendorAnswerError as error:
            self._refuse(error.code)
            return HttpAnswer(400)
        return HttpAnswer(200, b"{}", {"content-type": "application/json"})

    def _refuse(self, cause: str) -> None:
        self.refused += 1
        if cause not in self._told:
            self._told.add(cause)
            _log.warning("callbacks of a vendor to %s are refused: %s", self._path, cause)
