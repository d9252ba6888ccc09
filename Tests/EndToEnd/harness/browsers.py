"""Chromium and Firefox behind one interface: a browser opens phones, each with cookies of its own."""

import json
import os
import pathlib
import re
import shutil
import urllib.request

from . import process, wave
from .bidi import BiDi
from .deadline import SUITE
from .page import Page

CHROMIUM_TONE = 1130
FIREFOX_TONE = 1730

# Each test in each browser, also where one does.
EVERY_BROWSER = bool(os.environ.get("FIELDBOX_EVERY_BROWSER"))


def find_program(*names):
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    return None


class Browser:
    """One running browser. `tone`: the frequency of its fake microphone."""

    name = ""
    tone = 0
    events = ["log.entryAdded", "network.responseCompleted", "browsingContext.load"]

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / f"{self.name}.log"
        self.process = None
        self.bidi = None
        self._pages = {}

    def _attach(self, url):
        self.bidi = BiDi(url)
        for event in self.events:
            self.bidi.on(event, lambda params, event=event: self._event(event, params))

    def _subscribe(self):
        self.bidi.send("session.subscribe", events=self.events)

    def _event(self, event, params):
        context = params.get("context") or params.get("source", {}).get("context")
        page = self._pages.get(context)
        if page:
            page.event(event, params)

    def _wait_for_log(self, pattern):
        def found():
            assert self.process.poll() is None, f"{self.name} ended: {self.log.read_text(errors='replace')[-2000:]}"
            return re.search(pattern, self.log.read_text(errors="replace"))

        return SUITE.wait_until(f"{self.name} has started", found)

    def phone(self):
        """A page of a person of its own: no cookies, no storage of others."""
        return self.page(self.bidi.send("browser.createUserContext")["userContext"], "window")

    def page(self, user_context, type):
        """A window is shown as long as it is there; a tab hides the one before it."""
        context = self.bidi.send("browsingContext.create", type=type, userContext=user_context)["context"]
        page = Page(self, context, user_context)
        self._pages[context] = page
        page.prepare()
        return page

    def forget(self, page):
        self._pages.pop(page.context, None)

    def close(self):
        if self.bidi:
            self.bidi.close()
        if self.process:
            process.end(self.process)


class Chromium(Browser):
    name = "chromium"
    tone = CHROMIUM_TONE

    def __init__(self, folder):
        super().__init__(folder)
        # Noise suppression takes a steady tone for noise: this one comes in bursts.
        speech = self.folder / "microphone.wav"
        wave.write_bursts(speech, self.tone)
        self.process = process.start([find_program("chromedriver"), "--port=0"], self.log)
        port = self._wait_for_log(r"started successfully on port (\d+)")[1]
        self.driver = f"http://127.0.0.1:{port}"
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--use-fake-device-for-media-stream=device-count=4",
            "--use-fake-ui-for-media-stream", f"--use-file-for-fake-audio-capture={speech}",
            "--autoplay-policy=no-user-gesture-required", "--lang=en", f"--user-data-dir={self.folder}/profile",
        ]
        options = {"binary": find_program("chromium", "chromium-browser", "google-chrome"), "args": arguments}
        capabilities = {"browserName": "chrome", "acceptInsecureCerts": True, "webSocketUrl": True,
                        "unhandledPromptBehavior": {"default": "ignore"}, "goog:chromeOptions": options}
        body = json.dumps({"capabilities": {"alwaysMatch": capabilities}}).encode()
        request = urllib.request.Request(f"{self.driver}/session", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=SUITE.remaining()) as response:
            session = json.load(response)["value"]
        self.session = session["sessionId"]
        self._attach(session["capabilities"]["webSocketUrl"])
        self._subscribe()

    def close(self):
        request = urllib.request.Request(f"{self.driver}/session/{self.session}", method="DELETE")
        try:
            urllib.request.urlopen(request, timeout=SUITE.remaining()).close()
        except OSError:
            pass
        super().close()


class Firefox(Browser):
    name = "firefox"
    tone = FIREFOX_TONE
    preferences = {
        "media.navigator.streams.fake": True,
        "media.navigator.permission.disabled": True,
        "media.navigator.audio.fake_frequency": FIREFOX_TONE,
        "media.autoplay.default": 0,
        "media.autoplay.blocking_policy": 0,
        "intl.accept_languages": "en",
        "remote.active-protocols": 1,
        "app.update.enabled": False,
        "datareporting.policy.dataSubmissionEnabled": False,
        "network.captive-portal-service.enabled": False,
        "network.connectivity-service.enabled": False,
        "browser.shell.checkDefaultBrowser": False,
    }

    def __init__(self, folder):
        super().__init__(folder)
        profile = self.folder / "profile"
        profile.mkdir()
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in self.preferences.items()]
        (profile / "user.js").write_text("\n".join(lines) + "\n")
        self.process = process.start(
            [find_program("firefox-esr", "firefox"), "--headless", "--no-remote", "--profile", str(profile),
             "--remote-debugging-port", "0"],
            self.log)
        self._attach(self._wait_for_log(r"WebDriver BiDi listening on (ws://\S+)")[1] + "/session")
        self.bidi.send("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
        self._subscribe()


def installed():
    """The browsers of this machine, by name."""
    found = {}
    if find_program("chromedriver") and find_program("chromium", "chromium-browser", "google-chrome"):
        found["chromium"] = Chromium
    if find_program("firefox-esr", "firefox"):
        found["firefox"] = Firefox
    return found
