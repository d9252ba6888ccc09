"""A bad way between a real browser and the box: what is lost is sent again, and the picture follows what the way takes."""

import json

import pytest

from harness.box import OUTPUT
from harness.deadline import SUITE
from harness.impairment import Impairment


@pytest.fixture
def impaired(browser, open_box, phones):
    """A phone in a call with the box, over a way of that kind."""
    ways = []

    def start(**conditions):
        box = open_box(**{"calls__auto-answer": "ada"})
        way = Impairment(box, **conditions)
        ways.append(way)
        phone = phones(browser, box)
        way.lead(phone.page)
        phone.page.reload()
        phone.page.wait_for("document.body.dataset.screen !== 'splash'")
        phone.register("ada").wait_presence("box", "online")
        phone.call("box")
        phone.wait_connected()
        phone.prove_live_picture()
        assert way.passed > 0, "the call must go this way"
        return phone, way

    yield start
    for way in ways:
        way.close()


def inbound(phone):
    return phone.page.script("inbound")


def complete(phone):
    """The statistics when there are those of both kinds."""
    return SUITE.wait_until("statistics of both kinds", lambda: (now := inbound(phone)).keys() >= {"audio", "video"} and now)


def wait_frames(phone, count):
    """So many more pictures."""
    def decoded():
        # A browser may leave a stream out for a moment.
        return inbound(phone).get("video", {}).get("framesDecoded", 0)

    wanted = decoded() + count
    SUITE.wait_until(f"{count} more pictures", lambda: decoded() >= wanted, every=0.2)


def keep(name, browser, before, after):
    """The figures of what came in between, to be read."""
    video = {key: after["video"].get(key, 0) - before["video"].get(key, 0) for key in (
        "framesDecoded", "freezeCount", "totalFreezesDuration", "packetsLost", "nackCount", "pliCount", "retransmittedPacketsReceived")}
    audio = {key: after["audio"].get(key, 0) - before["audio"].get(key, 0) for key in ("concealedSamples", "totalSamplesReceived", "packetsLost")}
    folder = OUTPUT / "impaired"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}-{browser.name}.json").write_text(json.dumps({"video": video, "audio": audio}, indent=1))
    return video, audio


@pytest.mark.parametrize("name, conditions", [
    ("5-loss", {"loss": 0.05, "delay": 0.005}), ("10-loss-50-jitter", {"loss": 0.10, "delay": 0.005, "jitter": 0.05})])
def test_loss_is_mended(browser, impaired, name, conditions):
    phone, way = impaired(**conditions)
    before = complete(phone)
    wait_frames(phone, 150)
    phone.prove_live_picture()
    phone.prove_tone(phone.box.tone)
    video, _ = keep(name, browser, before, complete(phone))
    assert way.dropped > 0
    # All were asked for again, and came: a picture that is stuck would ask for key frames all the time.
    assert video["nackCount"] > 0
    assert video["pliCount"] < video["framesDecoded"] / 10


def test_a_way_that_becomes_narrow_gets_a_smaller_stream_and_a_larger_one_again(browser, impaired):
    phone, way = impaired(delay=0.005, bits=3_000_000)
    before = complete(phone)
    way.bits = 300_000

    def rate():
        """Of the picture over a second or so, in bits per second."""
        first = complete(phone)["video"]
        wait_frames(phone, 15)
        second = complete(phone)["video"]
        return (second["bytesReceived"] - first["bytesReceived"]) * 8_000 / (second["timestamp"] - first["timestamp"])

    SUITE.wait_until("the picture fits the way", lambda: rate() < 300_000)
    lost = way.dropped
    wait_frames(phone, 60)
    phone.prove_live_picture()
    phone.prove_tone(phone.box.tone)
    assert way.dropped - lost < 60, "the queue must not stay full"
    keep("narrow", browser, before, complete(phone))
    way.bits = 3_000_000
    SUITE.wait_until("the picture uses the way again", lambda: rate() > 500_000)


@pytest.mark.any_browser
def test_the_bars_tell_how_good_the_way_is(browser, impaired):
    phone, way = impaired(delay=0.005)
    phone.page.wait_shown("#call-quality")
    way.loss = 0.25
    phone.page.wait_for("document.querySelector('#call-quality').dataset.level === '1'")
    assert phone.page.run("() => document.querySelector('#call-quality').ariaLabel") == "Poor connection"
    way.loss = 0
    # As good as a machine that does other things at the same time lets it be.
    phone.page.wait_for("Number(document.querySelector('#call-quality').dataset.level) > 1")
    assert phone.page.run("() => document.querySelector('#call-quality').ariaLabel") in ("Fair connection", "Good connection")
