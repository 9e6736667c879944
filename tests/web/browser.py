"""The chromium of this machine, for tests that look at a page as a person would.

It is started once, so a test that asks for `browser` runs in the loop of the whole session, and on the one worker that
has the browser: `pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.xdist_group("chromium")]`.
"""

import os
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """Where it is; without one the test is skipped, or fails where KRING_REQUIRE_CHROMIUM=1 asks for that."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found:
        return found
    reason = f"no chromium on this machine (looked for {', '.join(NAMES)})"
    if os.environ.get("KRING_REQUIRE_CHROMIUM") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        await browser.close()


async def faults(page: Page, *rules: str) -> list[str]:
    """What axe finds wrong with a page, one line each; with names, by those rules only."""
    found = await Axe().run(page, options={"runOnly": list(rules)} if rules else None)
    return [
        f"{fault['id']}: {fault['help']}: {node['html']}"
        for fault in found.response["violations"]
        for node in fault["nodes"]
    ]
