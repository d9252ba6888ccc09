"""What a person does on a phone, in the words of the person."""

import base64

import numpy

from . import wave
from .deadline import SUITE

PASSWORD = "correct horse"


class Phone:
    """A page of the box's client in a browser."""

    def __init__(self, page, box):
        self.page = page
        self.box = box
        self.id = None

    @classmethod
    def of(cls, browser, box):
        return cls(browser.phone(), box)

    def open(self):
        self.page.open(self.box.url)
        self.page.wait_for("document.body.dataset.screen !== 'splash'")
        return self

    def register(self, id, name=None, password=PASSWORD):
        self.id = id
        self.page.click("#tab-register")
        self.page.type("#register-name", name or id.title())
        self.page.type("#register-id", id)
        self.page.type("#register-password", password)
        self.page.click("#register button[type=submit]")
        return self.wait_signed_in()

    def sign_in(self, id, password=PASSWORD):
        self.id = id
        self.page.click("#tab-sign-in")
        self.page.type("#sign-in-id", id)
        self.page.type("#sign-in-password", password)
        self.page.click("#sign-in button[type=submit]")
        return self

    def wait_signed_in(self):
        self.page.wait_shown('.person[data-kind="box"]')
        return self

    def another_tab(self):
        tab = Phone(self.page.another_tab(), self.box)
        tab.id = self.id
        return tab.open().wait_signed_in()

    def wait_presence(self, id, presence):
        self.page.wait_shown(f'.person[data-id="{id}"][data-presence="{presence}"]')

    # Calls

    def call(self, id, video=True):
        self.page.click(f'.person[data-id="{id}"] .person-{"video" if video else "voice"}')

    def wait_ringing(self, name):
        self.page.wait_shown("#incoming")
        assert self.page.text("#incoming-name") == name

    def accept(self):
        self.page.click("#accept")

    def reject(self):
        self.page.click("#reject")

    def hang_up(self):
        self.page.click("#hang-up")

    def wait_phase(self, phase):
        self.page.wait_shown(f'#call[data-phase="{phase}"]')

    def wait_connected(self):
        self.wait_phase("connected")

    def wait_ended(self, words):
        """The call is over, and the screen says why in these words."""
        self.wait_phase("ended")
        assert self.page.text("#call-reason") == words

    def wait_notice(self, words):
        self.page.wait_for(
            f"Array.from(document.querySelectorAll('.notice'), (one) => one.textContent).includes({words!r})")

    def wait_home(self):
        self.page.wait_hidden("#call")
        self.page.wait_hidden("#incoming")

    # Proofs

    def picture_time(self, css="#remote-video"):
        """The time in the strip of the picture that is shown: it is the box's live camera and nothing else."""
        return SUITE.wait_until(
            "a strip can be read", lambda: self.page.script("strip", css, self.box.camera_height))

    def prove_live_picture(self, css="#remote-video"):
        """The picture's time is now, and goes on."""
        before = self.page.run("() => Date.now()")
        first = SUITE.wait_until(
            "the picture is not older than the question",
            lambda: (time := self.picture_time(css)) >= before and time)
        second = SUITE.wait_until("the picture goes on", lambda: (time := self.picture_time(css)) > first and time)
        assert first <= self.page.run("() => Date.now()"), "the picture comes from the future"
        return second

    def prove_moving_picture(self):
        """The other side's picture is shown, and moves."""
        self.page.run("""async () => {
          const video = document.querySelector('#remote-video');
          const next = () => new Promise((resolve) => video.requestVideoFrameCallback(resolve));
          for (let frames = 0; frames < 5; frames += 1) await next();
          return video.videoWidth;
        }""")
        self.page.wait_for("document.querySelector('#call').dataset.picture === 'true'")

    def prove_fault_picture(self, css="#remote-video"):
        """The box shows that its camera is gone, and not a picture that is stuck."""
        SUITE.wait_until("a fault is shown", lambda: self.page.script("fault-picture", css))

    def prove_tone(self, frequency, css="#remote-sound"):
        """That tone is in what the other side sends."""
        SUITE.wait_until(f"{frequency} Hz are heard in {css}", lambda: wave.has_tone(self.recording(css), frequency))

    def prove_silence(self, frequency, css="#remote-sound"):
        """That tone is not in what the other side sends, for a second."""
        SUITE.wait_until(f"no {frequency} Hz in {css}", lambda: not wave.has_tone(self.recording(css), frequency))

    def recording(self, css="#remote-sound"):
        """A second of the sound of a media element."""
        return numpy.frombuffer(base64.b64decode(self.page.script("record", css, 1000)), "<f4").astype(float)
