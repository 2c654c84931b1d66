"""The page in a real browser, on the real service with the demo republic, which is seeded once.

A test asks for `signed_in` and is somebody: `page = signed_in("executor-1020003")`. Tests share the republic, so a test
that changes something takes an institution of its own: `code = institution()`. A console error or a breach of the
content security policy fails the test. `look(page, "home")` keeps a screenshot under out/ui. `ESEP_UI_SIZE=national`
runs the same tests at the size of the nation.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

ROOT = Path(__file__).parent.parent.parent
SHOTS = ROOT / "out" / "ui"
AXE = ROOT / "ui" / "node_modules" / "axe-core" / "axe.min.js"
BUILT = ROOT / "api" / "page" / "index.html"
SIZE = os.environ.get("ESEP_UI_SIZE", "demo")
PASSWORD = "esep-demo-2026"
SMALL = {"width": 1366, "height": 768}
TABLET = {"width": 820, "height": 1180}
PATIENCE = 30_000
"""Milliseconds for whatever a test waits for: machines of tests are busy."""
expect.set_options(timeout=PATIENCE)
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
SignedIn = Callable[..., Page]
Look = Callable[[Page, str], Path]


@dataclass
class Republic:
    """The running service; `taken` counts the institutions that tests have made their own."""

    url: str
    codes: list[str]
    taken: int = 0
    cookies: dict[str, list[Any]] = field(default_factory=dict)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Republic]:
    """The service as `esep demo` starts it."""
    _needs(BUILT.exists() and AXE.exists(), "the page is not built: make page")
    port, log = _free_port(), tmp_path_factory.mktemp("served") / "log"
    command = [sys.executable, "-m", "api.cli", "demo", "--size", SIZE, "--port", str(port), "--folder"]
    # pytest's own folders are root's alone, and the embedded PostgreSQL of root runs as somebody else.
    with tempfile.TemporaryDirectory(prefix="esep-ui-", ignore_cleanup_errors=True) as folder, log.open("w") as told:
        process = subprocess.Popen([*command, f"{folder}/data"], cwd=ROOT, stdout=told, stderr=told)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, process, log)
            yield Republic(url, _institutions(url))
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of this machine; of a module, since nothing else may wait in a thread that drives it."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    _needs(found is not None, "Chromium is missing: make browser")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS.split())
        yield chromium
        chromium.close()


@pytest.fixture
def opened(served: Republic, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a window in which nobody has signed in: `opened("/", viewport=TABLET, color_scheme="dark")`."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_window(path: str = "/", cookies: Any = None, **how: Any) -> Page:
        given = {"viewport": SMALL, "locale": "ru-RU", "timezone_id": "Asia/Almaty", "base_url": served.url} | how
        context = browser.new_context(**given)
        contexts.append(context)
        context.add_cookies(cookies or [])
        page = context.new_page()
        page.on("console", lambda message: complaints.extend(_complaint(message)))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.set_default_timeout(PATIENCE)
        page.goto(path)
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def signed_in(served: Republic, opened: Callable[..., Page]) -> SignedIn:
    """Opens a window as somebody: `signed_in("executor-1020001", "/submissions/2")`."""

    def enter(login: str, path: str = "/", **how: Any) -> Page:
        if login not in served.cookies:
            served.cookies[login] = _cookies(served.url, login)
        return opened(path, cookies=served.cookies[login], **how)

    return enter


@pytest.fixture
def institution(served: Republic) -> Callable[[], str]:
    """Hands out the code of an institution that no other test changes; its people are executor-CODE and head-CODE."""

    def take() -> str:
        served.taken += 1
        return served.codes[-served.taken]

    return take


@pytest.fixture(scope="session")
def look() -> Look:
    """Keeps a screenshot under out/ui."""

    def keep(page: Page, name: str) -> Path:
        path = SHOTS / f"{name}.png"
        page.screenshot(path=path)
        return path

    return keep


def violations(page: Page) -> list[str]:
    """What axe finds on the page, a line each; its script is put in from outside, past the page's policy."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((told) => told.violations)")
    return [f"{one['id']}: {one['help']}: {[node['html'] for node in one['nodes'][:3]]}" for one in found]


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for what no locator tells; the page's policy lets nobody ask again and again inside it."""
    patience = time.monotonic() + PATIENCE / 1_000
    while not holds():
        assert time.monotonic() < patience, "waited in vain"
        page.wait_for_timeout(50)


def _needs(there: bool, otherwise: str) -> None:
    if not there:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(otherwise)


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    patience = time.monotonic() + 300
    while time.monotonic() < patience:
        assert process.poll() is None, log.read_text()
        try:
            if httpx2.get(f"{url}/health").status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.2)
    pytest.fail(f"no answer within five minutes: {log.read_text()}")


def _cookies(url: str, login: str) -> list[Any]:
    answer = httpx2.post(f"{url}/api/v1/session", json={"login": login, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return [{"name": name, "value": value, "url": url} for name, value in answer.cookies.items()]


def _institutions(url: str) -> list[str]:
    with httpx2.Client(base_url=f"{url}/api/v1/") as client:
        client.post("session", json={"login": "curator", "password": PASSWORD})
        listed = client.get("organisations").json()["organisations"]
    return [one["code"] for one in listed if one["kind"] == "institution"]


def _complaint(message: ConsoleMessage) -> list[str]:
    """What a message of the console is worth: the browser also logs each refusal and each lost line of the service."""
    refused = "Failed to load resource" in message.text and "/api/" in message.location.get("url", "")
    broken = message.type == "error" and not (refused and "status of 5" not in message.text)
    return [message.text] if broken else []
