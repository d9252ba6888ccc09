"""The real binary as a person would start it, on the simulated board, on a scratch tree."""

import json
import os
import pathlib
import shutil
import subprocess

from . import process, wave
from .deadline import SUITE

TOP = pathlib.Path(__file__).resolve().parents[3]
OUTPUT = TOP / ".output"
TONE = 620


# Browsers do not look for a peer on the loopback interface, and no test touches a real network: `in-namespace` sets it.
ADDRESS = os.environ.get("FIELDBOX_ADDRESS")


def binary():
    given = os.environ.get("FIELDBOX")
    for path in [given] if given else [TOP / ".build/release/fieldbox", TOP / ".build/debug/fieldbox"]:
        if os.access(path, os.X_OK):
            return str(pathlib.Path(path).resolve())
    raise FileNotFoundError("no fieldbox binary: build it, or name it in FIELDBOX")


class Box:
    """`settings` are keys of both configuration files, `section.key` to value."""

    camera_height = 480
    tone = TONE

    def __init__(self, folder, **settings):
        self.folder = pathlib.Path(folder)
        self.root = self.folder / "root"
        self.root.mkdir(parents=True)
        self.log = self.folder / "box.log"
        self.speaker = self.folder / "speaker.wav"
        self.timeline = self.folder / "lamps.txt"
        self.settings = {
            "box.name": "Fieldbox",
            "network.https-port": 0,
            "network.http-port": 0,
            "network.media-port": 0,
            "limits.registrations-per-minute": 1000,
            "microphone.frequency": TONE,
            "speaker.record": self.speaker,
            "lamps.timeline": self.timeline,
        } | {key.replace("__", "."): value for key, value in settings.items()}
        self.process = None

    def _common(self):
        return ["--root", str(self.root)]

    def start(self):
        arguments = [binary(), "supervise", *self._common(), "--web", str(TOP / "Sources/WebClient")]
        for key, value in self.settings.items():
            arguments += ["--set", f"{key}={value}"]
        self.process = process.start(arguments, self.log)
        SUITE.wait_until("the box is ready", self._is_ready)
        return self

    def _is_ready(self):
        assert self.process.poll() is None, f"the box ended by itself:\n{self.log.read_text(errors='replace')[-3000:]}"
        answer = self._command("status", "--json")
        return answer.returncode == 0 and json.loads(answer.stdout).get("readyAfterMilliseconds") is not None

    def _command(self, *words):
        return subprocess.run(
            [binary(), *words, *self._common()], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=SUITE.remaining())

    def status(self):
        answer = self._command("status", "--json")
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    def press(self, button):
        """A short press of `call` or `hangup`."""
        answer = self._command("press", button)
        assert answer.returncode == 0, answer.stderr

    def unplug(self, device):
        """Pulls the cable of `camera`, `microphone` or `speaker`."""
        answer = self._command("board", "unplug", device)
        assert answer.returncode == 0, answer.stderr

    def plug(self, device):
        answer = self._command("board", "plug", device)
        assert answer.returncode == 0, answer.stderr

    def wait_device(self, device, state):
        SUITE.wait_until(f"the {device} is {state}", lambda: self.status()["devices"][device]["state"] == state)

    @property
    def url(self):
        return f"https://{ADDRESS}:{self.status()['httpsPort']}/"

    @property
    def loopback_url(self):
        return f"https://127.0.0.1:{self.status()['httpsPort']}/"

    def wait_state(self, state):
        """Waits for a state of the box agent, and returns the status that had it."""
        def reached():
            status = self.status()
            return status if status["state"] == state else None

        return SUITE.wait_until(f"the box is {state}", reached)

    def wait_lamp(self, lamp, light):
        SUITE.wait_until(f"the lamp {lamp} is {light}", lambda: self.status()["lamps"].get(lamp) == light)

    def speaker_position(self):
        """How many samples the speaker has played so far."""
        return len(wave.read(self.speaker)) if self.speaker.exists() else 0

    def wait_tone(self, frequency, since):
        """Waits until the speaker has played that tone, after the sample `since`."""
        def heard():
            return self.speaker.exists() and wave.has_tone(wave.read(self.speaker)[since:], frequency)

        SUITE.wait_until(f"the speaker plays {frequency} Hz", heard, every=0.1)

    def stop(self):
        """Ends the box and returns its exit status."""
        return process.end(self.process)

    def keep_output(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path in [self.log, self.timeline, self.speaker]:
            if path.exists():
                shutil.copy(path, folder / path.name)
