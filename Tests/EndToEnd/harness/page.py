"""One tab: evaluate, wait, click, type, look. What goes wrong in it is kept and fails the test."""

import base64
import json
import pathlib
import urllib.parse

from .bidi import BiDiError

SCRIPTS = pathlib.Path(__file__).parent.parent / "scripts"
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004", "Backspace": "\ue003"}


class PageError(AssertionError):
    pass


class Page:
    def __init__(self, browser, context, user_context):
        self.browser = browser
        self.context = context
        self.user_context = user_context
        self.problems = []
        self.statuses = []
        # Asked on every start, to find out whether somebody is signed in.
        self.allowed = {("/api/me", 401)}
        # Two devices that look for a direct way may still be telling each other of it when the call ends.
        self.allowed |= {("/api/calls/signal", 404), ("/api/calls/signal", 409)}
        # Leaving a room may overtake the word of how large its pictures were shown.
        self.allowed |= {("/api/rooms/layout", 404)}

    # Life

    def prepare(self):
        preload = (SCRIPTS / "preload.js").read_text()
        self.browser.bidi.send("script.addPreloadScript", functionDeclaration=preload, contexts=[self.context])
        self.resize(1000, 700)

    def open(self, url):
        self.browser.bidi.send("browsingContext.navigate", context=self.context, url=url, wait="complete")
        return self

    def reload(self):
        self.browser.bidi.send("browsingContext.reload", context=self.context, wait="complete")

    def bring_to_front(self):
        if self.run("() => document.hidden"):
            self.browser.bidi.send("browsingContext.activate", context=self.context)

    def another_tab(self):
        """A second tab of the same person."""
        return self.browser.page(self.user_context, "tab")

    def close(self):
        self.browser.forget(self)
        self.browser.bidi.send("browsingContext.close", context=self.context)

    # Problems

    def event(self, name, params):
        # Newer Firefox says that of an event stream whenever a reload ends it, before the page can close it.
        reloaded = "/api/events was interrupted while the page was loading" in str(params.get("text"))
        if name == "log.entryAdded" and params["level"] == "error" and not reloaded:
            self.problems.append(f"{params['type']}: {params['text']}")
        elif name == "network.responseCompleted" and params["response"]["status"] >= 400:
            path = urllib.parse.urlsplit(params["request"]["url"]).path
            self.statuses.append((path, params["response"]["status"]))

    def allow(self, path, status):
        """This test provokes that answer."""
        self.allowed.add((path, status))

    def check(self):
        """Nothing went wrong that the test did not provoke."""
        refused = [one for one in self.statuses if one not in self.allowed]
        assert not self.problems, f"{self.browser.name} reported: {self.problems}"
        assert not refused, f"{self.browser.name} got refusals that the test did not provoke: {refused}"

    # Scripts

    def run(self, function, *arguments):
        """Calls an (async) JavaScript function with JSON arguments in the page and returns its JSON result."""
        wrapped = f"async (text) => JSON.stringify((await ({function})(...JSON.parse(text))) ?? null)"
        result = self.browser.bidi.send(
            "script.callFunction", functionDeclaration=wrapped, awaitPromise=True,
            target={"context": self.context}, userActivation=True,
            arguments=[{"type": "string", "value": json.dumps(arguments)}])
        if result["type"] == "exception":
            raise PageError(f"in {self.browser.name}: {result['exceptionDetails']['text']}\n{function[:500]}")
        return json.loads(result["result"]["value"])

    def script(self, name, *arguments):
        """Calls the function in `scripts/<name>.js`."""
        return self.run((SCRIPTS / f"{name}.js").read_text(), *arguments)

    def wait_for(self, expression):
        """Waits in the page until the expression is true, and returns its value."""
        function = f"""async () => {{
          for (;;) {{
            const value = {expression};
            if (value) return value === true ? true : value instanceof Node ? true : value;
            await new Promise((resolve) => setTimeout(resolve, 25));
          }}
        }}"""
        return self.run(function)

    # Elements

    def wait_shown(self, css):
        self.wait_for(f"(document.querySelector({json.dumps(css)})?.checkVisibility() ?? false)")

    def wait_hidden(self, css):
        self.wait_for(f"!(document.querySelector({json.dumps(css)})?.checkVisibility() ?? false)")

    def is_shown(self, css):
        return self.run("(css) => document.querySelector(css)?.checkVisibility() ?? false", css)

    def text(self, css):
        return self.run("(css) => document.querySelector(css).innerText.trim()", css)

    def texts(self, css):
        return self.run("(css) => Array.from(document.querySelectorAll(css), (one) => one.innerText.trim())", css)

    def _element(self, css):
        nodes = self.browser.bidi.send(
            "browsingContext.locateNodes", context=self.context, locator={"type": "css", "value": css})["nodes"]
        assert nodes, f"no element {css}"
        return {"sharedId": nodes[0]["sharedId"]}

    def click(self, css):
        """A real click in the middle of a shown element that nothing covers."""
        for tries in range(5):
            try:
                return self._click(css)
            except (BiDiError, PageError):
                # The page has drawn it anew in between, and the next one is another element.
                if tries == 4 or not self.is_shown(css):
                    raise

    def _click(self, css):
        self.bring_to_front()
        self.wait_shown(css)
        # Where it will stay: in view, and at the end of its movement.
        self.run("""async (css) => {
            const element = document.querySelector(css);
            element.scrollIntoView({ block: 'nearest', behavior: 'instant' });
            const place = () => JSON.stringify(element.getBoundingClientRect());
            for (let before = ''; before !== place(); ) {
              before = place();
              await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
            }
        }""", css)
        covered = self.run("""(css) => {
            const element = document.querySelector(css);
            const box = element.getBoundingClientRect();
            const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return element === top || element.contains(top) ? null : (top?.outerHTML ?? 'nothing').slice(0, 200);
        }""", css)
        assert covered is None, f"{css} is covered by {covered}"
        self.browser.bidi.send("input.performActions", context=self.context, actions=[{
            "type": "pointer", "id": "finger", "actions": [
                {"type": "pointerMove", "x": 0, "y": 0, "origin": {"type": "element", "element": self._element(css)}},
                {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}]}])

    def type(self, css, text):
        self.click(css)
        self.run("(css) => document.querySelector(css).select()", css)
        self.press(*text)

    def press(self, *keys):
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.browser.bidi.send(
            "input.performActions", context=self.context, actions=[{"type": "key", "id": "keys", "actions": actions}])

    # Looks

    def resize(self, width, height):
        self.browser.bidi.send(
            "browsingContext.setViewport", context=self.context, viewport={"width": width, "height": height},
            devicePixelRatio=1)

    def prefer_colors(self, scheme):
        """`light` or `dark`; Chromium only, by its own protocol within BiDi."""
        send = self.browser.bidi.send
        session = send("goog:cdp.getSession", context=self.context)["session"]
        feature = {"name": "prefers-color-scheme", "value": scheme}
        send("goog:cdp.sendCommand", method="Emulation.setEmulatedMedia", params={"features": [feature]}, session=session)

    def screenshot(self, path):
        self.bring_to_front()
        # Two frames, so that what the page was told is painted.
        self.run("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")
        data = self.browser.bidi.send("browsingContext.captureScreenshot", context=self.context)["data"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))
        return path
