"""Two phones in a call find a direct way past the box, and come back through it by themselves when that breaks."""

import json
import os
import signal

import pytest

from harness import wave
from harness.box import OUTPUT
from harness.cut import cut
from harness.deadline import SUITE
from test_phone_to_phone import start

PAIRS = [("chromium", "chromium"), ("chromium", "firefox"), ("firefox", "chromium")]

# What this page tells the other of the direct way; addresses may be kept from it.
LISTEN = """(tellsAddresses) => {
  window.testSignals = [];
  const own = window.fetch;
  window.fetch = async (path, options) => {
    if (path !== '/api/calls/signal') return own(path, options);
    const { kind } = JSON.parse(options.body);
    window.testSignals.push(kind);
    if (kind === 'lost') window.testLostAfter ??= performance.now() - window.testLastPicture;
    return kind === 'candidate' && !tellsAddresses ? new Response('{}') : own(path, options);
  };
}"""

# When a picture was shown last, the longest time from one to the next until now, and whether the page ever said that it is cut off.
WATCH_PICTURES = """() => {
  const video = document.querySelector('#remote-video');
  window.testLastPicture = performance.now();
  window.testLongest = 0;
  window.testLostAfter = undefined;
  const next = () => {
    window.testLongest = Math.max(window.testLongest, performance.now() - window.testLastPicture);
    window.testLastPicture = performance.now();
    video.requestVideoFrameCallback(next);
  };
  video.requestVideoFrameCallback(next);
  window.testTold = false;
  const banner = document.querySelector('#call-reconnecting');
  new MutationObserver(() => { window.testTold ||= banner.checkVisibility(); }).observe(banner, { attributes: true });
}"""

CALL = "const call = (await import('/app/calls.js')).shownCall();"


def in_call(browsers, box, phones, names=PAIRS[0], tells_addresses=True):
    caller = phones(browsers(names[0]), box).register("ada", "Ada Lovelace")
    callee = phones(browsers(names[1]), box).register("lin", "林晓雨")
    caller.wait_presence("lin", "online")
    for phone in (caller, callee):
        phone.page.run(LISTEN, tells_addresses)
    start(caller, callee)
    callee.accept()
    both = (caller, callee)
    for phone in both:
        phone.wait_connected()
        phone.prove_moving_picture()
    return both


def wait_direct(both):
    for phone in both:
        phone.page.wait_shown("#call-direct")


def prove_media(both):
    for phone, other in (both, both[::-1]):
        phone.prove_moving_picture()
        phone.prove_tone(other.page.browser.tone)


def prove_kept(both):
    """The direct way was not given up while pictures came. Where a machine stands still for long, it is right to give it up."""
    lost_after = [phone.page.run("() => window.testLostAfter") for phone in both]
    assert all(after is None or after > 400 for after in lost_after), f"given up {lost_after} ms after the last picture"


def close_direct(phone):
    phone.page.run(f"async () => {{ {CALL} call.peerInUse.close(); }}")


def ports(phone):
    """The two ports of the direct way."""
    return phone.page.run(f"""async () => {{
      {CALL}
      const report = await call.peerInUse.statistics;
      const pair = [...report.values()].find((one) => one.type === 'candidate-pair' && one.nominated && one.state === 'succeeded');
      return [report.get(pair.localCandidateId).port, report.get(pair.remoteCandidateId).port];
    }}""")


def packets(box, both):
    """Packets that have come to the box, and to the phones directly; and which ways these came, for another way counts anew."""
    phones = [phone.page.run(f"""async () => {{
      {CALL}
      const way = call.peerInUse;
      if (way === call.peer) return ['', 0];
      const streams = [...(await way.statistics).values()].filter((one) => one.type === 'inbound-rtp');
      return [way.testName ??= crypto.randomUUID(), streams.reduce((sum, one) => sum + one.packetsReceived, 0)];
    }}""") for phone in both]
    by_box = box.status()["children"]["media"]["counters"]["rtp.received"]
    return by_box, sum(count for _, count in phones), [way for way, _ in phones]


def carried_by_box(box, both):
    """The share of the packets that come to the box, while some hundred come directly; all, if the direct way ends meanwhile."""
    before = packets(box, both)

    def share():
        after = packets(box, both)
        if "" in before[2] or after[2] != before[2]:
            return [1]
        by_box, direct = after[0] - before[0], after[1] - before[1]
        return [by_box / (by_box + direct)] if direct >= 200 else None

    return SUITE.wait_until("packets come directly", share)[0]


@pytest.mark.parametrize("names", PAIRS, ids="-calls-".join)
def test_the_direct_way_is_found_and_the_box_has_nothing_to_carry(names, browsers, box, phones):
    both = caller, callee = in_call(browsers, box, phones, names)
    wait_direct(both)
    # It takes a moment until each knows of the other. And Firefox goes on with one black picture a second.
    SUITE.wait_until("the box has little to carry", lambda: carried_by_box(box, both) < 0.1)
    prove_media(both)
    caller.page.click("#call-statistics")
    caller.page.wait_for("document.querySelector('#statistics-rows').textContent.includes('direct')")
    caller.page.click("#statistics-close")
    for phone in both:
        phone.page.run(f"async () => {{ {CALL} window.testPeers = [call.peer, call.peerInUse]; }}")
    callee.hang_up()
    caller.wait_ended("林晓雨 ended the call.")
    for phone in both:
        phone.page.wait_for("window.testPeers.every((peer) => peer.state === 'closed')")


def test_mute_and_camera_off_on_the_direct_way(browsers, box, phones):
    both = caller, callee = in_call(browsers, box, phones)
    wait_direct(both)
    for phone in both:
        phone.page.run(WATCH_PICTURES)
    tone = caller.page.browser.tone
    callee.prove_tone(tone)
    caller.page.click("#toggle-microphone")
    callee.page.wait_shown("#their-microphone")
    SUITE.wait_until("a second without the caller's tone", lambda: not wave.has_tone(callee.recording(), tone))
    prove_kept(both)
    caller.page.click("#toggle-camera")
    callee.page.wait_shown("#their-camera")
    assert callee.page.run("() => document.querySelector('#call').dataset.picture") == "false"
    caller.page.click("#toggle-microphone")
    caller.page.click("#toggle-camera")
    callee.page.wait_hidden("#their-microphone")
    callee.page.wait_hidden("#their-camera")
    callee.prove_moving_picture()
    callee.prove_tone(tone)
    wait_direct(both)


def test_a_direct_way_that_breaks_gives_way_to_the_box_and_is_found_again(browsers, box, phones):
    both = caller, callee = in_call(browsers, box, phones)
    wait_direct(both)
    for phone in both:
        phone.page.run(WATCH_PICTURES)
        phone.prove_moving_picture()
    with cut(ports(caller)):
        for phone in both:
            phone.page.wait_hidden("#call-direct")
        for phone in both:
            phone.prove_moving_picture()
        gaps = [round(phone.page.run("() => window.testLongest")) for phone in both]
        prove_media(both)
        wait_direct(both)
        prove_media(both)
    for phone in both:
        assert not phone.page.run("() => window.testTold"), "the call as a whole was never broken"
    figures = OUTPUT / "browsers" / "direct-path-cut.json"
    figures.parent.mkdir(parents=True, exist_ok=True)
    figures.write_text(json.dumps({"longestMillisecondsWithoutAPicture": gaps}))


def test_without_a_direct_way_the_call_stays_on_the_box(browsers, box, phones):
    both = caller, callee = in_call(browsers, box, phones, tells_addresses=False)
    # The first attempt fails, and another begins.
    caller.page.wait_for("window.testSignals.filter((kind) => kind === 'offer').length === 2")
    assert "lost" in caller.page.run("() => window.testSignals")
    prove_media(both)
    for phone in both:
        assert "receiving" not in phone.page.run("() => window.testSignals")
        assert not phone.page.is_shown("#call-direct")


@pytest.mark.parametrize("child", ["media", "server"])
def test_the_direct_way_outlives_the_death_of(child, browsers, open_box, phones):
    box = open_box(restarts=1)
    both = caller, callee = in_call(browsers, box, phones)
    wait_direct(both)
    for phone in both:
        phone.page.run(f"async () => {{ {CALL} window.testPeer = call.peer; }}")
        phone.page.run(WATCH_PICTURES)
    os.kill(box.status()["children"][child]["pid"], signal.SIGKILL)
    SUITE.wait_until(f"another {child}", lambda: box.status()["children"][child]["restarts"] == 1)
    for phone in both:
        if child == "media":
            phone.page.wait_for("(await import('/app/calls.js')).shownCall().peer !== window.testPeer")
        phone.page.wait_hidden("#offline")
        phone.page.wait_for("(await import('/app/calls.js')).shownCall().peer.state === 'connected'")
    prove_media(both)
    prove_kept(both)
    for phone in both:
        assert not phone.page.run("() => window.testTold"), "nobody was bothered"
        assert phone.page.is_shown("#call-direct")
    # And the way back is there.
    close_direct(caller)
    for phone in both:
        phone.page.wait_hidden("#call-direct")
    prove_media(both)
    wait_direct(both)


def test_who_asks_a_connection_that_closes_gets_an_answer(browser, box, phones):
    page = phones(browser, box).page
    assert page.run("""async () => {
      const { Connection } = await import('/app/connection.js');
      const [one, other] = [new Connection(), new Connection()];
      one.connection.addTransceiver('audio');
      await one.connection.setLocalDescription();
      await other.connection.setRemoteDescription(one.connection.localDescription);
      await other.connection.setLocalDescription();
      await one.connection.setRemoteDescription(other.connection.localDescription);
      const asked = [one.statistics, one.statisticsOf(one.transceiver('audio').receiver)];
      one.close();
      other.close();
      return (await Promise.all(asked)).length;
    }""") == 2
