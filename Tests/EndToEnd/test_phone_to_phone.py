"""Chromium and Firefox call each other, forwarded by the box."""

import pytest

from harness import wave
from harness.browsers import EVERY_BROWSER
from harness.deadline import SUITE


PAIRS = [("chromium", "firefox"), ("firefox", "chromium")]
both_ways = pytest.mark.parametrize("pair", PAIRS, ids="-calls-".join, indirect=True)
one_way = pytest.mark.parametrize("pair", PAIRS if EVERY_BROWSER else PAIRS[:1], ids="-calls-".join, indirect=True)


@pytest.fixture
def pair(request, browsers, box, phones):
    caller_browser, callee_browser = (browsers(name) for name in request.param)
    caller = phones(caller_browser, box).register("ada", "Ada Lovelace")
    callee = phones(callee_browser, box).register("lin", "林晓雨")
    caller.wait_presence("lin", "online")
    return caller, callee


def start(caller, callee, video=True):
    caller.call("lin", video)
    callee.wait_ringing("Ada Lovelace")
    caller.page.wait_for("document.querySelector('#call-phase').textContent === 'Ringing …'")


@both_ways
def test_picture_and_sound_both_ways(pair):
    caller, callee = pair
    start(caller, callee)
    # Nothing of the caller is seen or heard before the call is accepted.
    assert callee.page.run("() => document.querySelector('#incoming').dataset.preview") == "false"
    callee.accept()
    for phone, other in ((caller, callee), (callee, caller)):
        phone.wait_connected()
        phone.prove_moving_picture()
        phone.prove_tone(other.page.browser.tone)
    callee.hang_up()
    caller.wait_ended("林晓雨 ended the call.")
    callee.wait_notice("You ended the call.")


@one_way
def test_muted_and_camera_off_are_shown_to_the_other(pair):
    caller, callee = pair
    start(caller, callee)
    callee.accept()
    caller.wait_connected()
    callee.prove_moving_picture()
    tone = caller.page.browser.tone
    callee.prove_tone(tone)
    caller.page.click("#toggle-microphone")
    callee.page.wait_shown("#their-microphone")
    SUITE.wait_until("a second without the caller's tone", lambda: not wave.has_tone(callee.recording(), tone))
    caller.page.click("#toggle-camera")
    callee.page.wait_shown("#their-camera")
    caller.page.wait_hidden("#self")
    assert callee.page.run("() => document.querySelector('#call').dataset.picture") == "false"
    # Firefox goes on with one black picture a second.
    frames = "() => document.querySelector('#remote-video').getVideoPlaybackQuality().totalVideoFrames"
    SUITE.wait_until("the pictures end", lambda: -callee.page.run(frames) + (callee.recording(), callee.page.run(frames))[1] <= 3)
    caller.page.click("#toggle-microphone")
    caller.page.click("#toggle-camera")
    callee.page.wait_hidden("#their-microphone")
    callee.page.wait_hidden("#their-camera")
    callee.prove_moving_picture()
    callee.prove_tone(tone)


@one_way
def test_a_lost_camera_and_microphone_are_told_and_can_come_back(pair):
    caller, callee = pair
    start(caller, callee)
    callee.accept()
    caller.wait_connected()
    callee.prove_moving_picture()
    # Unplugged: the browser ends the tracks. The first word of it is slow on its way; the last one counts all the same.
    caller.page.run("""async () => {
      const own = window.fetch;
      let isFirst = true;
      window.fetch = async (path, options) => {
        const waits = isFirst && path === '/api/calls/media';
        if (waits) isFirst = false;
        for (let frames = 0; waits && frames < 30; frames += 1) await new Promise(requestAnimationFrame);
        return own(path, options);
      };
      const { media } = (await import('/app/calls.js')).shownCall();
      for (const track of [media.audio, media.video]) {
        track.stop();
        track.dispatchEvent(new Event('ended'));
      }
    }""")
    callee.page.wait_shown("#their-microphone")
    callee.page.wait_shown("#their-camera")
    assert caller.page.text("#call-problem").startswith("No microphone or camera found")
    caller.page.click("#toggle-camera")
    callee.page.wait_hidden("#their-camera")
    for _ in range(2):
        caller.page.click("#toggle-microphone")
    callee.page.wait_hidden("#their-microphone")
    caller.page.wait_hidden("#call-problem")
    callee.prove_moving_picture()
    callee.prove_tone(caller.page.browser.tone)


@one_way
def test_refuse_and_cancel(pair):
    caller, callee = pair
    start(caller, callee)
    callee.reject()
    caller.wait_ended("林晓雨 declined the call.")
    caller.page.click("#call-close")
    start(caller, callee, video=False)
    assert not callee.page.is_shown("#accept-voice")
    caller.hang_up()
    callee.wait_notice("You missed a call from Ada Lovelace.")
    callee.wait_home()


@one_way
def test_keyboard_alone_is_enough(pair):
    caller, callee = pair
    caller.page.run("() => document.querySelector('.person[data-id=lin] .person-video').focus()")
    caller.page.press("Enter")
    callee.wait_ringing("Ada Lovelace")
    callee.page.press("Escape")
    assert callee.page.is_shown("#incoming"), "Escape must not refuse"
    callee.page.run("() => document.querySelector('#accept').focus()")
    callee.page.press("Enter")
    callee.wait_connected()
    callee.page.run("() => document.querySelector('#hang-up').focus()")
    callee.page.press("Enter")
    caller.wait_phase("ended")
    caller.page.wait_for("document.activeElement.id === 'call-close'")
    caller.page.press("Enter")
    caller.wait_home()


@both_ways
def test_statistics_of_a_call(pair):
    caller, callee = pair
    start(caller, callee)
    callee.accept()
    caller.wait_connected()
    caller.prove_moving_picture()
    caller.page.click("#call-statistics")
    caller.page.wait_for(
        "['opus', 'VP8', 'kbit/s'].every((word) => document.querySelector('#statistics-rows').textContent.includes(word))")
    caller.page.click("#statistics summary")
    assert "m=audio" in caller.page.text("#statistics-sdp")
    caller.page.click("#statistics-close")
    callee.hang_up()
    caller.wait_phase("ended")
