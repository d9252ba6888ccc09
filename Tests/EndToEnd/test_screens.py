"""Every screen at the size of a small phone and of a desk, in both languages: kept as pictures, and measured."""

import numpy
import pytest
from PIL import Image

from harness.browsers import EVERY_BROWSER

ALL = [(name, language) for name in ("chromium", "firefox") for language in ("en", "zh")]
SIZES = [(360, 640), (1440, 900)]
# A phone on its side, with the browser's bars.
SIDEWAYS = [*SIZES, (640, 280)]


class Camera:
    """Takes each screen at all sizes, and looks at what no screen may have."""

    def __init__(self, folder, phone, language):
        self.folder = folder
        self.phone = phone
        self.page = phone.page
        self.language = language

    def take(self, name, smallest=24, dialog=None, sizes=SIZES):
        for width, height in sizes:
            self.page.resize(width, height)
            self.page.wait_for(f"innerWidth === {width}")
            self.page.wait_for("document.getAnimations().every((one) => !one.effect.getComputedTiming().endTime || "
                               "one.effect.getComputedTiming().endTime === Infinity || one.playState === 'finished')")
            faults = self.page.script("faults", smallest, dialog)
            assert faults == [], f"{name} at {width}×{height} ({self.language}): {faults}"
            path = self.folder / f"{name}-{width}x{height}-{self.language}-{self.page.browser.name}.png"
            image = Image.open(self.page.screenshot(path))
            assert image.size == (width, height)
            assert numpy.asarray(image.convert("L")).std() > 3, f"{name} is an empty page"


# Without a graphics card screens take long to draw, so not each browser shows each language, unless all are asked for.
@pytest.mark.parametrize("name, language", ALL if EVERY_BROWSER else [("chromium", "en"), ("firefox", "zh")])
def test_every_screen(browsers, box, phones, screens, name, language):
    browser = browsers(name)
    phone = phones(browser, box)
    page = phone.page
    page.click(f'[data-language="{language}"]')
    camera = Camera(screens, phone, language)
    camera.take("sign-in")
    page.click("#tab-register")
    camera.take("register")
    page.click("#register button[type=submit]")
    camera.take("register-errors")
    page.resize(*SIZES[0])
    phone.register("grace", "Grace Hopper")
    camera.take("alone")
    for id, name in [("ada", "Ada Lovelace"), ("lin", "林晓雨"), ("mira", "Mira Okonkwo-Fitzgerald von und zu Hohenzollern")]:
        other = phones(browser, box).register(id, name)
        if id == "mira":
            other.page.click("#open-settings")
            other.page.click("#sign-out")
    phone.wait_presence("mira", "offline")
    camera.take("people", smallest=44)
    page.resize(*SIZES[0])
    page.click('.person[data-id="lin"] .person-open')
    camera.take("person", smallest=44)
    page.resize(*SIZES[0])
    page.click("#stage-back")
    page.click("#open-settings")
    page.wait_shown(".session")
    camera.take("settings", smallest=40, dialog="#settings")
    page.click("#settings-close")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    page.wait_for("document.querySelector('#incoming').dataset.preview === 'true'")
    phone.prove_live_picture("#preview")
    camera.take("incoming", smallest=56, dialog="#incoming", sizes=SIDEWAYS)
    phone.accept()
    phone.wait_connected()
    phone.prove_live_picture()
    camera.take("call", smallest=56, dialog="#call", sizes=SIDEWAYS)
    page.resize(*SIZES[0])
    page.click("#call-devices")
    page.wait_for("document.querySelector('#devices [name=video]').options.length > 1")
    camera.take("call-devices", smallest=40, dialog="#devices", sizes=SIDEWAYS)
    page.click("#devices-close")
    page.click("#toggle-microphone")
    page.click("#toggle-camera")
    page.wait_hidden("#self")
    camera.take("call-muted", smallest=56, dialog="#call")
    box.press("hangup")
    phone.wait_phase("ended")
    camera.take("ended", smallest=44, dialog="#call", sizes=SIDEWAYS)
    page.click("#call-close")
    page.resize(*SIZES[0])
    page.click("#open-settings")
    page.click("#open-health")
    page.wait_shown("#health-rows dd")
    camera.take("health", smallest=40, dialog="#health")
    box.unplug("camera")
    page.wait_shown(".health-fault")
    camera.take("health-fault", smallest=40, dialog="#health")
    box.plug("camera")
    page.click("#health-close")
    page.resize(*SIZES[0])
    phone.call("lin")
    phone.wait_phase("calling")
    page.wait_shown("#self")
    camera.take("calling", smallest=56, dialog="#call")
    phone.hang_up()
    phone.wait_home()
    # The longest name, and no picture.
    mira = phones(browser, box).sign_in("mira").wait_signed_in()
    mira.call("grace", video=False)
    phone.wait_ringing("Mira Okonkwo-Fitzgerald von und zu Hohenzollern")
    camera.take("incoming-voice", smallest=56, dialog="#incoming", sizes=SIDEWAYS)
    phone.accept()
    phone.wait_connected()
    page.wait_shown("#call-quality")
    camera.take("call-voice", smallest=56, dialog="#call", sizes=SIDEWAYS)
    if browser.name == "chromium":
        mira.page.click("#toggle-screen")
        page.wait_shown("#their-screen")
        page.wait_for("document.querySelector('#call').dataset.picture === 'true'")
        page.click("#toggle-screen")
        page.wait_shown("#self")
        camera.take("call-screens", smallest=56, dialog="#call", sizes=SIDEWAYS)
    mira.hang_up()
    phone.wait_phase("ended")
    camera.take("ended-voice", smallest=44, dialog="#call", sizes=SIDEWAYS)


def test_dark_and_light_differ(browsers, box, phones, screens):
    """Chromium can be told which one; the colours come from one place for both browsers."""
    phone = phones(browsers("chromium"), box).register("ada", "Ada Lovelace")
    brightness = {}
    for scheme in ("light", "dark"):
        phone.page.prefer_colors(scheme)
        for width, height in SIZES:
            phone.page.resize(width, height)
            path = phone.page.screenshot(screens / f"people-{width}x{height}-{scheme}.png")
            brightness[scheme] = numpy.asarray(Image.open(path).convert("L")).mean()
            assert phone.page.script("faults", 44, None) == []
    assert brightness["light"] > 200 and brightness["dark"] < 60


def test_full_view_fills_the_page_and_steps_back(browser, box, phones):
    phone = phones(browser, box).register("ada")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    phone.accept()
    phone.wait_connected()
    phone.prove_live_picture()
    phone.page.click("#toggle-full")
    phone.page.wait_for("document.querySelector('#call').dataset.full === 'true'")
    assert phone.page.run("() => getComputedStyle(document.querySelector('#remote-video')).objectFit") == "cover"
    phone.page.run("() => document.activeElement.blur()")
    phone.page.wait_for("document.querySelector('#call').dataset.quiet === 'true'")
    phone.page.press("Escape")
    phone.page.wait_for("document.querySelector('#call').dataset.full !== 'true'")
    phone.page.wait_shown("#hang-up")


@pytest.mark.parametrize("name, language", ALL if EVERY_BROWSER else [("chromium", "en")])
def test_every_screen_of_rooms(browsers, box, phones, screens, name, language):
    browser = browsers(name)
    phone = phones(browser, box)
    page = phone.page
    page.click(f'[data-language="{language}"]')
    camera = Camera(screens, phone, language)
    phone.register("grace", "Grace Hopper")
    page.click("#open-rooms")
    camera.take("rooms", smallest=40, dialog="#rooms")
    page.type("#room-create-name", "Basecamp 4")
    page.click("#room-create [type=submit]")
    page.wait_shown("#lobby")
    page.wait_for("document.querySelector('#lobby-video').videoWidth > 0")
    camera.take("lobby", smallest=40, dialog="#lobby", sizes=SIDEWAYS)
    code = page.text("#lobby-code")
    page.click("#lobby-join")
    page.wait_shown("#room")
    camera.take("room-alone", smallest=40, dialog="#room")
    for id, name in [("ada", "Ada Lovelace"), ("lin", "林晓雨"), ("mira", "Mira Okonkwo-Fitzgerald von und zu Hohenzollern")]:
        other = phones(browser, box).register(id, name)
        other.page.click("#open-rooms")
        other.page.type("#room-join-code", code)
        other.page.click("#room-join [type=submit]")
        other.page.click("#lobby-join")
        other.page.wait_shown("#room")
        if id == "lin":
            other.page.click("#room-camera")
            other.page.click("#room-microphone")
        if id == "mira":
            if not other.page.is_shown("#chat"):
                other.page.click("#room-chat-toggle")
            other.page.type("#chat-text", "Water at the north tent from five o'clock on. Bring your own bottles, please.")
            other.page.press("Enter")
    page.wait_for("document.querySelectorAll('.tile').length === 4")
    page.wait_for("document.querySelectorAll('.tile[data-picture=true]').length === 3")
    page.wait_shown('.tile[data-mine="false"] .bars')
    camera.take("room", smallest=40, dialog="#room", sizes=SIDEWAYS)
    page.resize(*SIZES[0])
    page.click("#room-devices")
    camera.take("room-devices", smallest=40, dialog="#devices")
    page.click("#devices-close")
    page.resize(*SIZES[0])
    if not page.is_shown("#chat"):
        page.click("#room-chat-toggle")
    page.type("#chat-text", "好的，收到！")
    page.press("Enter")
    page.wait_for("document.querySelectorAll('.chat-line[data-kind=text]').length === 2")
    camera.take("room-chat", smallest=40, dialog="#room")
    page.resize(*SIZES[0])
    page.click("#chat-close")
    page.click("#room-invite")
    camera.take("room-invite", smallest=40, dialog="#invite")
    page.click("#invite-close")
    page.resize(*SIZES[1])
    page.click('.tile[data-mine="false"] .tile-full')
    page.wait_for("document.querySelector('#room-tiles').dataset.count === '1'")
    camera.take("room-full", smallest=40, dialog="#room")
