"""How fast the box is, with a real Chromium over loopback. See `Tests/Benchmarks/run --help`."""

import json
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import time

from harness.box import OUTPUT, Box
from harness.browsers import Chromium
from harness.deadline import SUITE
from harness.phone import Phone

import forwarding
import joining
import meters
import sound

SCRIPTS = pathlib.Path(__file__).parent / "scripts"
FIGURES = []


def report(name, values, unit, target, note=""):
    values = sorted(values)
    low, high = values[len(values) // 10], values[-1 - len(values) // 10]
    median = statistics.median(values)
    FIGURES.append({"name": name, "median": median, "low": low, "high": high, "unit": unit, "target": target,
                    "count": len(values), "note": note})
    print(f"{name:62} {median:8.2f} {unit:5} ({low:.2f} … {high:.2f}, n={len(values)})   "
          f"{target if isinstance(target, str) else f'at most {target}'}   {note}", flush=True)


def script(page, name, *arguments):
    return page.run((SCRIPTS / f"{name}.js").read_text(), *arguments)


def start(rounds, folder):
    ready, memory = [], []
    for index in range(rounds * 3):
        box = Box(folder / f"start{index}").start()
        try:
            # The first start makes the certificates; every later one is what a restart costs.
            if index == 0:
                print(f"first start of all, with new certificates: {box.status()['readyAfterMilliseconds']} ms")
            assert box.stop() == 0
            box.start()
            ready.append(box.status()["readyAfterMilliseconds"])
            memory.append(meters.memory(box))
        finally:
            box.stop()
    report("start of the supervisor → ready", ready, "ms", 150)
    report("idle memory of the three processes (PSS)", memory, "MB", 40)


def signed_in(chromium, box):
    phone = Phone.of(chromium, box).open().register("ada", "Ada Lovelace")
    phone.wait_presence("box", "online")
    # Becomes administrator and preset user, so that later presses ring at once.
    box.press("call")
    phone.wait_ringing("Fieldbox")
    phone.reject()
    phone.wait_home()
    box.wait_state("ready")
    return phone


def in_call(chromium, box):
    """The box has called, and somebody has accepted."""
    phone = signed_in(chromium, box)
    box.press("call")
    phone.wait_ringing("Fieldbox")
    phone.accept()
    phone.wait_connected()
    return phone


def call(rounds, folder, chromium):
    meters.speak_steadily(chromium)
    preview, decoded, sound = [], [], []
    box = Box(folder / "call").start()
    try:
        phone = signed_in(chromium, box)
        for _ in range(rounds * 4):
            script(phone.page, "watch_call")
            pressed = meters.press(box, "call")
            times = phone.page.wait_for("bench.preview && bench.decoded && bench")
            preview.append(times["preview"] - pressed)
            decoded.append(times["decoded"] - times["offer"])
            # Nobody presses sooner than that, and the browser is busy with the first pictures.
            phone.page.wait_for("document.querySelector('#preview').getVideoPlaybackQuality().totalVideoFrames >= 10")
            with meters.SpeakerWatch(box, chromium.tone) as watch:
                phone.accept()
                phone.wait_connected()
                heard = watch.wait()
            sound.append(heard - phone.page.run("() => bench.accepted"))
            phone.hang_up()
            phone.wait_home()
            box.wait_state("ready")
        phone.page.close()
    finally:
        box.stop()
    report("offer in the browser → first frame decoded", decoded, "ms", 35)
    report("CALL released → first preview frame", preview, "ms", 80)
    report("accepted → the phone's sound at the speaker", sound, "ms", 80)


def button(rounds, folder, chromium):
    lit = []
    box = Box(folder / "button").start()
    try:
        phone = signed_in(chromium, box)
        for _ in range(rounds * 50):
            pressed = meters.press(box, "call")
            lit.append(meters.wait_light(box, "call", "amber", pressed) - pressed)
            meters.press(box, "hangUp")
            phone.wait_home()
            box.wait_state("ready")
        phone.page.close()
    finally:
        box.stop()
    report("CALL released → CALL lamp lit, median", lit, "ms", "–")
    report("CALL released → CALL lamp lit, p99", [sorted(lit)[int(len(lit) * 0.99)]], "ms", 10)


def age(rounds, folder, chromium):
    medians, tails, refreshed = [], [], []
    for index in range(rounds):
        # A fresh page each time: 30 pictures a second beat against the browser's 60 Hz, and each page has its own phase.
        box = Box(folder / f"age{index}").start()
        try:
            phone = in_call(chromium, box)
            ages = sorted(script(phone.page, "ages", 5, 10, False))
            medians.append(statistics.median(ages))
            tails.append(ages[int(len(ages) * 0.99)])
            refreshed.append(statistics.median(script(phone.page, "ages", 0, 5, True)))
            phone.page.close()
        finally:
            box.stop()
    report("age of the picture in a canvas, median", medians, "ms", 7)
    report("age of the picture in a canvas, p99", tails, "ms", 20)
    report("the same at the browser's refresh, median", refreshed, "ms", "–", "(waits of the browser, by the page's phase)")


def cpu(rounds, folder, chromium):
    ratios, shares = [], []
    box = Box(folder / "cpu").start()
    try:
        phone = in_call(chromium, box)
        for index in range(rounds + 1):
            # Both at once, so that both see the same caches and the same load of the browser.
            before = meters.processor_time(box)
            began = time.monotonic()
            alone = meters.codecs_alone(10)
            per_second = (meters.processor_time(box) - before) / (time.monotonic() - began) * 1e6
            if index == 0:
                continue
            codecs = alone["video"] + alone["sound"]
            ratios.append((per_second - alone["draw"]) / codecs)
            shares.append(per_second / 1e4)
        print(f"codecs alone: {codecs / 1e4:.2f} % of a core; by thread of the box: {meters.by_thread(box, 5)}")
        phone.page.close()
    finally:
        box.stop()
    report("CPU in a call over the codecs alone", ratios, "", 1.15, f"(the box: {statistics.median(shares):.2f} % of a core)")


def camera(rounds, folder, chromium):
    film = folder / "film.mjpeg"
    blank = Phone.of(chromium, Box(folder / "blank").start())
    kib = meters.film(blank.open().page, film, 1280, 720)
    blank.box.stop()
    sources = [("640×480 raw", {"camera__width": 640, "camera__height": 480}),
               ("1280×720 raw", {"camera__width": 1280, "camera__height": 720}),
               ("1280×720 MJPEG", {"camera__width": 1280, "camera__height": 720, "camera__source": "file", "camera__file": film})]
    for index, (name, settings) in enumerate(sources):
        medians, tails, shares = [], [], []
        box = Box(folder / f"camera{index}", **settings).start()
        try:
            phone = in_call(chromium, box)
            # The numbers are those of the last thousand pictures, so that many come from each round.
            for _ in range(rounds):
                shares.append(meters.share_of_thread(box, "camera", 35))
                counters = box.status()["children"]["media"]["counters"]
                medians.append(counters["video.ageMedianMicroseconds"] / 1000)
                tails.append(counters["video.ageP99Microseconds"] / 1000)
            phone.page.close()
        finally:
            box.stop()
        report(f"{name}: captured → last packet sent, median", medians, "ms", "–")
        report(f"{name}: captured → last packet sent, p99", tails, "ms", 33.3)
        note = f"(pictures of {kib:.0f} KiB)" if "MJPEG" in name else "(and drawing the scene)"
        report(f"{name}: capture thread of the supervisor", shares, "%", 2 if "MJPEG" in name else "–", note)


def mouth_to_ear(rounds, folder, chromium):
    """The box's own share of the way from mouth to ear, in a call in which both speak."""
    spoken, heard, late = [[], []], [[], []], []
    box = Box(folder / "sound").start()
    try:
        phone = in_call(chromium, box)
        # From the moment at which the speaker sets the pace, the delay is brought to what it should be gently.
        time.sleep(25)
        for _ in range(rounds):
            # The numbers are those of the last thousand blocks.
            time.sleep(21)
            counters = box.status()["children"]["media"]["counters"]
            late.append(counters["speaker.jitterMicroseconds"] / 1000)
            for values, name in (spoken, "microphone"), (heard, "speaker"):
                values[0].append(counters[f"{name}.ageMedianMicroseconds"] / 1000)
                values[1].append(counters[f"{name}.ageP99Microseconds"] / 1000)
        phone.page.close()
    finally:
        box.stop()
    for (medians, tails), name in (spoken, "sound captured → its packet sent"), (heard, "packet here → its sound at the speaker"):
        report(f"{name}, median", medians, "ms", 40)
        report(f"{name}, p99", tails, "ms", 40)
    report("of that kept for packets that come late", late, "ms", "–", "(4 at least; more says that sender or machine is uneven)")


def restarts(rounds, folder, chromium):
    """What a call notices when a process is killed, or stands still."""
    settings = {"supervision__most-restarts": 100}
    gaps = {("server", signal.SIGKILL): [], ("media", signal.SIGKILL): [], ("server", signal.SIGSTOP): [],
            ("media", signal.SIGSTOP): []}
    pictures = []
    box = Box(folder / "restarts", **settings).start()
    try:
        phone = in_call(chromium, box)
        for (child, how), times in gaps.items():
            for _ in range(rounds * (3 if how == signal.SIGKILL else 1)):
                phone.prove_live_picture()
                before = box.status()["children"][child]
                script(phone.page, "watch_restart")
                killed = time.time() * 1000
                os.kill(before["pid"], how)
                if child == "server":
                    times.append(phone.page.wait_for("window.bench.back") - killed)
                    frames = sorted(phone.page.run("() => window.bench.frames"))
                    pictures += [later - one for one, later in zip(frames, frames[1:]) if later > killed]
                else:
                    # The picture at the end of the longest gap, once the new process sends.
                    SUITE.wait_until("it to run again", lambda: box.status()["children"][child]["restarts"] > before["restarts"]
                                     and box.status()["children"][child]["state"] == "running")
                    again = time.time() * 1000
                    phone.page.wait_for(f"window.bench.frames.filter((one) => one > {again}).length > 30")
                    frames = sorted(phone.page.run("() => window.bench.frames"))
                    pairs = [(later - one, later) for one, later in zip(frames, frames[1:]) if later > killed]
                    times.append(max(pairs)[1] - killed)
                print(f"  {child} {how.name}: {times[-1]:.0f} ms", flush=True)
                SUITE.wait_until("it to run again", lambda: box.status()["children"][child]["restarts"] > before["restarts"]
                                 and box.status()["children"][child]["state"] == "running")
        phone.page.close()
    finally:
        box.stop()

    def worst(values):
        return [sorted(values)[int(len(values) * 0.99)]]

    kill, stop = signal.SIGKILL, signal.SIGSTOP
    report("server killed → the page is back, median", gaps["server", kill], "ms", "–")
    report("server killed → the page is back, p99", worst(gaps["server", kill]), "ms", 500)
    report("longest between two pictures meanwhile", [max(pictures)], "ms", "–")
    report("media killed → picture back, median", gaps["media", kill], "ms", "–")
    report("media killed → picture back, p99", worst(gaps["media", kill]), "ms", 2000)
    report("server stands still → the page is back, worst", [max(gaps["server", stop])], "ms", 3000)
    report("media stands still → picture back, worst", [max(gaps["media", stop])], "ms", 3000)


def main():
    arguments = [one for one in sys.argv[1:] if one != "--quick"]
    rounds = 2 if "--quick" in sys.argv else 5
    every = ["start", "button", "call", "age", "cpu", "camera", "restarts", "sound", "forwarding", "joining"]
    unknown = set(arguments) - set(every)
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(sorted(unknown))}; see --help")
    wanted = arguments or every
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        if "start" in wanted:
            start(rounds, folder)
        if "sound" in wanted:
            sound.echo(rounds, folder, report)
        if "forwarding" in wanted:
            forwarding.forwarding(rounds, folder, report)
        if "joining" in wanted:
            joining.joining(rounds, folder, report)
        for name, body in [("button", button), ("call", call), ("age", age), ("cpu", cpu), ("camera", camera),
                           ("restarts", restarts), ("sound", mouth_to_ear)]:
            if name in wanted:
                chromium = Chromium(folder / f"browser-{name}")
                try:
                    body(rounds, folder, chromium)
                finally:
                    chromium.close()
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / "benchmarks.json").write_text(json.dumps(FIGURES, indent=2) + "\n")


main()
