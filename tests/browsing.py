"""A real site and a real browser: fixtures for tests that look at pages as people do."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from tests.worlds import PASSWORD, World

# The headless shell looks at pages alike and takes a fifth less time.
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None
)
WIDTHS = (390, 1440)

# Loud in the summary; in CI scripts/browser.sh has failed before it comes to this.
needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="NO CHROMIUM on this machine"),
]


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the run; each person gets a context of their own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Site:
    """The application served on a port of this machine, over the test's own database."""

    def __init__(self, address: str, browser, world: World) -> None:
        self.address, self.browser, self.world = address, browser, world
        self.refused: list[str] = []

    def page(self, person: str, **options):
        """An empty page for one of the people of tests/worlds.py, in a context of its own.

        Signed in by cookie; how people sign in is looked at where that is the matter.
        """
        cookie = self.world.client(person).get_cookie("careboard")
        page = self._new_page(**options)
        page.context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": self.address, "httpOnly": True}]
        )
        return page

    def home(self, person: str, **options):
        """As `page`, where the person comes to after signing in."""
        page = self.page(person, **options)
        page.goto("/")
        return page

    def sign_in(self, email: str, password: str = PASSWORD, **options):
        """As `home`, for anybody, by the sign-in form."""
        page = self._new_page(**options)
        page.goto("/login")
        page.fill('[name="email"]', email)
        page.fill('[name="password"]', password)
        page.click('main button[type="submit"]')
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    def _new_page(self, *, width: int = 1440, **options):
        context = self.browser.new_context(
            base_url=self.address, viewport={"width": width, "height": 900}, **options
        )
        context.on("console", self._listen)
        return context.new_page()

    def _listen(self, message) -> None:
        if "Content Security Policy" in message.text:
            self.refused.append(f"{message.location['url']}: {message.text}")


# Whether text can be read against its ground is most of axe's work, and depends on these styles
# alone: what looks like something that was looked at already is not asked about again.
_SEEN_STYLES: set[str] = set()
_MARK_NEW_STYLES = """(seen) => {
  const NO_GROUND = "rgba(0, 0, 0, 0),none,1";
  const known = new Set(seen), grounds = new Map([[null, ""]]), found = [];
  const ground = (element) => {
    if (!grounds.has(element)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
      const own = [backgroundColor, backgroundImage, opacity].join().replace(NO_GROUND, "");
      grounds.set(element, `${ground(element.parentElement)} ${own}`.trim());
    }
    return grounds.get(element);
  };
  for (const element of document.body.querySelectorAll("*")) {
    const said = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    const { width, height } = element.getBoundingClientRect();
    if (!said && !element.matches("input, select, textarea")) continue;
    if (width <= 1 || height <= 1 || !element.checkVisibility()) continue;
    if (element.closest(":disabled, [aria-disabled=true]")) continue;
    const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element);
    const style = [color, fontSize, fontWeight, textShadow, ground(element)].join();
    if (known.has(style)) continue;
    element.setAttribute("data-new-style", "");
    found.push(style);
  }
  return found;
}"""
_UNMARK = """() => {
  for (const element of document.querySelectorAll("[data-new-style]"))
    element.removeAttribute("data-new-style");
}"""
_ASK_NEW_STYLES = """
axe.configure({ rules: [{ id: "color-contrast", selector: "[data-new-style]" }] });"""


def check(page) -> list[str]:
    """What is wrong with the page as it stands: axe violations, sideways scrolling, page errors."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_load_state()  # a click only waits until the next page has begun to arrive
    _SEEN_STYLES.update(page.evaluate(_MARK_NEW_STYLES, list(_SEEN_STYLES)))
    wrong = [
        f"{page.url}: {violation['id']}: {violation['nodes'][0]['html'][:160]}"
        for violation in Axe(Axe().axe_script + _ASK_NEW_STYLES).run(page).response["violations"]
    ]
    page.evaluate(_UNMARK)
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        wrong.append(f"{page.url}: scrolls sideways")
    return wrong


@pytest.fixture
def site(app, world, browser) -> Iterator[Site]:
    """A running site over the world; forms are protected as in production."""
    held = app.config["WTF_CSRF_ENABLED"]
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    site = Site(f"http://127.0.0.1:{server.port}", browser, world)
    yield site
    for context in browser.contexts:
        context.close()
    server.shutdown()
    thread.join()
    app.config["WTF_CSRF_ENABLED"] = held
    assert site.refused == [], "the browser refused what a page asked for"
