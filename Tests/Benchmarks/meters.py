"""What a benchmark reads: CPU and memory from the kernel, the moment of a press, the moment a tone reaches the speaker."""

import base64
import json
import os
import pathlib
import socket
import struct
import subprocess
import threading
import time

import numpy

from harness import wave
from harness.box import TOP
from harness.deadline import SUITE


def _pids(box):
    return [box.process.pid, *(child["pid"] for child in box.status()["children"].values())]


def _threads(box):
    return [task for pid in _pids(box) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]


def processor_time(box):
    """CPU seconds of the three processes since they began."""
    return sum(int((task / "schedstat").read_text().split()[0]) for task in _threads(box)) / 1e9


def by_thread(box, seconds):
    """Per cent of a core, by thread, over so many seconds."""
    def now():
        return {task: int((task / "schedstat").read_text().split()[0]) for task in _threads(box)}

    before = now()
    time.sleep(seconds)
    after = now()
    shares = {f"{task.parent.parent.name}/{(task / 'comm').read_text().strip()}": (after[task] - before[task]) / seconds / 1e7
              for task in after if task in before}
    return ", ".join(f"{name} {share:.2f}" for name, share in sorted(shares.items(), key=lambda one: -one[1]) if share > 0.05)


def share_of_thread(box, name, seconds):
    """Per cent of a core that the threads of this name take."""
    def now():
        return sum(int((task / "schedstat").read_text().split()[0]) for task in _threads(box)
                   if (task / "comm").read_text().strip() == name)

    before, began = now(), time.monotonic()
    time.sleep(seconds)
    return (now() - before) / (time.monotonic() - began) / 1e7


def film(page, path, width, height):
    """Writes JPEG pictures one behind the other, as the browser makes them: of noise and colours, so as long as a camera's."""
    script = (pathlib.Path(__file__).parent / "scripts" / "film.js").read_text()
    path.write_bytes(b"".join(base64.b64decode(picture) for picture in page.run(script, width, height, 30)))
    return path.stat().st_size / 30 / 1024


def memory(box):
    """Proportional set size of the three processes, in MB."""
    total = 0
    for pid in _pids(box):
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def codecs_alone(seconds):
    """CPU microseconds a second that libvpx and libopus take alone, and what drawing the scene takes."""
    answer = subprocess.run(
        [TOP / ".build/release/codec-baseline", "--seconds", str(seconds)], capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def press(box, button):
    """A short press; returns the wall time in milliseconds of the release, which is when it can be told from a long one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
        link.connect(str(box.root / "run/fieldbox/fieldbox.sock"))
        for down in (True, False):
            if not down:
                time.sleep(0.06)
            moment = time.time() * 1000
            link.send(json.dumps({"v": 1, "m": {"button": {"_0": button, "down": down}}}).encode())
            answer = json.loads(link.recv(65536))
            assert "done" in answer["m"], answer
    return moment


def speak_steadily(chromium):
    """The fake microphone's file is read when the microphone opens: bursts so close that none is waited for."""
    path = chromium.folder / "microphone.wav"
    rate = wave.RATE
    moment = numpy.arange(rate * 4) / rate
    samples = numpy.sin(2 * numpy.pi * chromium.tone * moment) * (moment % 0.02 < 0.015) * 0.6
    data = (samples * 32767).astype("<i2").tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16,
                       b"data", len(data))
    path.write_bytes(head + data)


def wait_light(box, lamp, light, since):
    """The wall time in milliseconds when that lamp first had that light, after the wall time `since`."""
    def lit():
        for line in reversed(box.timeline.read_text().splitlines()):
            change = json.loads(line)
            if change["lamp"] == lamp and change["light"] == light and change["time"] >= int(since):
                # The clock of the microseconds is the one that does not jump.
                return (change["microseconds"] / 1e6 - time.monotonic() + time.time()) * 1000
        return None

    return SUITE.wait_until(f"the lamp {lamp} is {light}", lit)


class SpeakerWatch:
    """Notes when the recording of the speaker grows, to tell when a sample was handed to it."""

    def __init__(self, box, frequency):
        self.path = box.speaker
        self.frequency = frequency
        self.sizes = []
        self.running = True
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self.start = self._size()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.running = False
        self.thread.join()

    def _size(self):
        return self.path.stat().st_size if self.path.exists() else 0

    def _watch(self):
        last = 0
        while self.running:
            size = self._size()
            if size != last:
                self.sizes.append((time.time() * 1000, size))
                last = size
            time.sleep(0.0005)

    def wait(self):
        """The wall time in milliseconds when the first block with the tone was played."""
        return SUITE.wait_until(f"{self.frequency} Hz at the speaker", self._find)

    def _find(self):
        if not self.path.exists():
            return None
        first = max(0, self.start - 44) // 2
        samples = wave.read(self.path)[first:]
        block = 240
        phase = numpy.exp(-2j * numpy.pi * self.frequency * numpy.arange(block) / wave.RATE)
        for index in range(len(samples) // block):
            part = samples[index * block : (index + 1) * block]
            power = abs((part * phase).sum()) / block * 2
            if power > 0.01 and power > 0.4 * numpy.sqrt(2 * numpy.mean(part**2)):
                end = 44 + (first + (index + 1) * block) * 2
                # The file grows by 100 ms at once, with what came last at its end.
                return next((moment - (size - end) / 2 / wave.RATE * 1000 for moment, size in self.sizes if size >= end), None)
        return None
