"""A telephone-sized Chromium that is driven over a pipe (Chrome DevTools Protocol), scripts switched off or on."""

import base64
import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.peers.peers import require

WAIT_S = 30.0
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
)  # fmt: skip


class Chromium:
    """One browser with one page. Use as a context."""

    def __init__(self, profile: Path, *, width: int = 390, height: int = 844, lang: str = "zh-CN") -> None:
        program = require("chromium")
        self._asked = 0
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        self._rest = b""

        def connect() -> None:  # the protocol wants descriptors 3 and 4
            source, sink = os.dup(to_browser), os.dup(from_browser)
            os.dup2(source, 3)
            os.dup2(sink, 4)

        arguments = [
            program,
            *_FLAGS,
            f"--user-data-dir={profile}",
            f"--lang={lang}",
            f"--accept-lang={lang}",
            "about:blank",
        ]
        self._process = subprocess.Popen(
            arguments, preexec_fn=connect, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(to_browser)
        os.close(from_browser)
        target = self._call("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")
        metrics = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": True}
        self.call("Emulation.setDeviceMetricsOverride", metrics)

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(WAIT_S)
        os.close(self._read)
        os.close(self._write)

    def call(self, method: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        """One command to the page; gives its result."""
        return self._call(method, parameters or {}, self._session)

    def without_scripts(self) -> None:
        """What pages bring with them is not run any more; `value` still works."""
        self.call("Emulation.setScriptExecutionDisabled", {"value": True})

    def in_dark(self, is_dark: bool = True) -> None:
        """As with a telephone set to dark, or to light."""
        value = "dark" if is_dark else "light"
        self.call("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": value}]})

    def open(self, address: str) -> None:
        """Go there and wait until it is loaded."""
        self.call("Page.navigate", {"url": address})
        self.loaded()

    def loaded(self) -> None:
        """Wait for the page that is on its way."""
        self._until("Page.loadEventFired")

    def value(self, expression: str) -> Any:
        """What an expression comes to in the page."""
        asked = {"expression": expression, "returnByValue": True, "userGesture": True}
        result = self.call("Runtime.evaluate", asked)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def press(self, selector: str) -> None:
        """Press a button or a link, and wait for the page it leads to."""
        self.value(f"document.querySelector({json.dumps(selector)}).click()")
        self.loaded()

    def picture(self, file: Path) -> None:
        """The whole page as PNG."""
        shot = self.call("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True})
        file.write_bytes(base64.b64decode(shot["data"]))

    def _call(self, method: str, parameters: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        self._asked += 1
        message: dict[str, Any] = {"id": self._asked, "method": method, "params": parameters}
        if session is not None:
            message["sessionId"] = session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._asked:
                assert "error" not in answer, answer
                return dict(answer["result"])
            self._events.append(answer)

    _events: list[dict[str, Any]] = []

    def _until(self, event: str) -> None:
        if any(each.get("method") == event for each in self._events):
            self._events.clear()
            return
        while self._next().get("method") != event:
            pass
        self._events.clear()

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            chunk = os.read(self._read, 1 << 16)
            assert chunk, "Chromium has gone"
            self._rest += chunk
        said, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(said))
