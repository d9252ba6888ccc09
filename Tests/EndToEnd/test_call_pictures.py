"""A call of sound alone gets pictures; a screen is shown in place of the camera; devices are changed in mid-call."""

import os
import signal

import pytest

from harness.deadline import SUITE

CAMERA = "(await import('/app/calls.js')).shownCall().media.video"

# A screen in a colour that no camera here has: what the browser's fake screen shows looks like its fake camera. It is painted all the time.
RED_SCREEN = """() => {
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 800, height: 450 });
    const context = canvas.getContext('2d');
    const paint = () => {
      context.fillStyle = performance.now() % 200 < 100 ? 'rgb(230 20 20)' : 'rgb(220 20 20)';
      context.fillRect(0, 0, 800, 450);
    };
    paint();
    setInterval(paint, 50);
    return canvas.captureStream(15);
  };
}"""


@pytest.fixture
def two(browsers, box, phones):
    """Opens two phones, and gives them once they are in a call."""
    return lambda video=True, second="chromium", of=box: talk(browsers, of, phones, video, second)


def talk(browsers, box, phones, video, second):
    caller = phones(browsers("chromium"), box).register("ada", "Ada Lovelace")
    callee = phones(browsers(second), box).register("lin", "林晓雨")
    caller.wait_presence("lin", "online")
    caller.call("lin", video)
    callee.wait_ringing("Ada Lovelace")
    callee.accept()
    for phone in (caller, callee):
        phone.wait_connected()
    return caller, callee


def has_picture(phone):
    return phone.page.run("() => document.querySelector('#call').dataset.picture") == "true"


def settings(phone):
    return phone.page.run(f"async () => ({CAMERA}).getSettings()")


def choose(phone, name, value):
    """As a person does in a list."""
    phone.page.run("""(name, value) => {
      const select = document.querySelector(`#devices [name=${name}]`);
      select.value = value;
      if (select.value !== value) throw new Error(`${name} has no ${value}`);
      select.dispatchEvent(new Event('change', { bubbles: true }));
    }""", name, value)


def values(phone, name):
    """What a list has, once the browser has told its devices."""
    phone.page.wait_for(f"document.querySelector('#devices [name={name}]').options.length > 2")
    return phone.page.run("(name) => Array.from(document.querySelector(`#devices [name=${name}]`).options, (one) => one.value)", name)


@pytest.mark.parametrize("second", ["chromium", "firefox"])
def test_a_voice_call_gets_pictures(two, second):
    caller, callee = two(video=False, second=second)
    for phone, other in ((caller, callee), (callee, caller)):
        phone.prove_tone(other.page.browser.tone)
        assert not has_picture(phone) and not phone.page.is_shown("#self")
    callee.page.click("#toggle-camera")
    caller.prove_moving_picture()
    # Nobody is filmed unasked: our own camera is one click away.
    assert not caller.page.is_shown("#self")
    callee.page.wait_shown("#their-camera")
    assert not has_picture(callee)
    caller.page.click("#toggle-camera")
    callee.prove_moving_picture()
    callee.page.wait_hidden("#their-camera")
    callee.page.click("#toggle-camera")
    caller.page.wait_shown("#their-camera")
    assert not has_picture(caller)
    for phone, other in ((caller, callee), (callee, caller)):
        phone.prove_tone(other.page.browser.tone)


def test_pictures_that_came_later_survive_a_death_of_media_and_of_server(two, open_box):
    box = open_box(restarts=2)
    caller, callee = two(video=False, of=box)
    caller.page.click("#toggle-camera")
    callee.prove_moving_picture()
    os.kill(box.status()["children"]["media"]["pid"], signal.SIGKILL)
    callee.page.wait_for("window.testDescriptions.filter((one) => one.type === 'offer').length >= 2")
    callee.prove_moving_picture()
    os.kill(box.status()["children"]["server"]["pid"], signal.SIGKILL)
    SUITE.wait_until("another server", lambda: box.status()["children"]["server"]["restarts"] == 1)
    # The next server knows it as a call with pictures.
    callee.page.click("#toggle-camera")
    caller.prove_moving_picture()
    callee.prove_moving_picture()


def test_a_screen_in_place_of_the_camera(two):
    caller, callee = two()
    callee.prove_moving_picture()
    camera = callee.page.script("colour", "#remote-video")
    caller.page.run(RED_SCREEN)
    caller.page.click("#toggle-screen")
    callee.page.wait_shown("#their-screen")
    differs = lambda: max(abs(one - two) for one, two in zip(camera, callee.page.script("colour", "#remote-video"))) > 20
    SUITE.wait_until("another picture than the camera's", differs)
    # All of a screen is shown, in full view too.
    callee.page.click("#toggle-full")
    assert callee.page.run("() => getComputedStyle(document.querySelector('#remote-video')).objectFit") == "contain"
    callee.page.click("#toggle-full")
    # The camera's button does not end it.
    caller.page.click("#toggle-camera")
    caller.page.click("#toggle-camera")
    assert differs()
    caller.page.click("#toggle-screen")
    callee.page.wait_hidden("#their-screen")
    SUITE.wait_until("the camera is back", lambda: not differs())
    callee.prove_moving_picture()


def test_a_screen_that_the_browser_ends_leaves_the_camera_as_it_was(two):
    caller, callee = two(video=False)
    caller.page.click("#toggle-screen")
    callee.prove_moving_picture()
    callee.page.wait_shown("#their-screen")
    # What the browser's own bar does.
    caller.page.run("""async () => {
      const { screen } = (await import('/app/calls.js')).shownCall();
      screen.stop();
      screen.dispatchEvent(new Event('ended'));
    }""")
    callee.page.wait_hidden("#their-screen")
    callee.page.wait_shown("#their-camera")
    assert caller.page.run("() => document.querySelector('#toggle-screen').ariaPressed") == "false"
    assert not caller.page.is_shown("#self")


def test_another_camera_and_what_it_may_send(two):
    caller, callee = two()
    callee.prove_moving_picture()
    caller.page.click("#call-devices")
    first = settings(caller)
    others = [one for one in values(caller, "video") if one not in ("user", "environment", first["deviceId"])]
    assert others, "this browser has two cameras"
    choose(caller, "video", others[-1])
    caller.page.run(f"async () => {{ while (({CAMERA})?.getSettings().deviceId !== {others[-1]!r}) await new Promise(requestAnimationFrame); }}")
    callee.prove_moving_picture()
    choose(caller, "height", "360")
    choose(caller, "rate", "15")
    caller.page.run(f"""async () => {{
      for (;;) {{
        const {{ height, frameRate }} = ({CAMERA})?.getSettings() ?? {{}};
        if (height === 360 && frameRate <= 15) return;
        await new Promise(requestAnimationFrame);
      }}
    }}""")
    callee.page.wait_for("document.querySelector('#remote-video').videoHeight === 360")
    caller.page.click("#devices-close")
    # One click changes to the other one.
    caller.page.click("#self-switch")
    caller.page.run(f"async () => {{ while (({CAMERA})?.getSettings().deviceId !== {first['deviceId']!r}) await new Promise(requestAnimationFrame); }}")
    assert settings(caller)["height"] == 360
    callee.prove_moving_picture()
    # It is so in the next call, of a page that was loaded anew.
    callee.hang_up()
    caller.wait_phase("ended")
    caller.page.reload()
    caller.wait_signed_in()
    caller.wait_presence("lin", "online")
    caller.call("lin")
    caller.page.wait_shown("#self")
    assert [settings(caller)[key] for key in ("deviceId", "height")] == [first["deviceId"], 360]
    caller.hang_up()


def test_another_microphone_without_care_and_another_speaker(two):
    caller, callee = two(video=False)
    tone = caller.page.browser.tone
    callee.prove_tone(tone)
    caller.page.click("#call-devices")
    microphones = values(caller, "audio")
    choose(caller, "audio", microphones[-1])
    microphone = CAMERA.replace("video", "audio")
    caller.page.run(f"async () => {{ while (({microphone})?.getSettings().deviceId !== {microphones[-1]!r}) await new Promise(requestAnimationFrame); }}")
    callee.prove_tone(tone)
    for name in ("echo", "noise", "gain"):
        caller.page.click(f"#devices [name={name}]")
    caller.page.run(f"""async () => {{
      for (;;) {{
        const now = ({microphone})?.getSettings() ?? {{}};
        if (['echoCancellation', 'noiseSuppression', 'autoGainControl'].every((key) => now[key] === false)) return;
        await new Promise(requestAnimationFrame);
      }}
    }}""")
    callee.prove_tone(tone)
    speaker = values(caller, "speaker")[-1]
    choose(caller, "speaker", speaker)
    caller.page.wait_for(f"document.querySelector('#remote-sound').sinkId === {speaker!r}")
    caller.page.click("#devices-close")
    caller.prove_tone(callee.page.browser.tone)


def test_a_device_that_was_chosen_once_and_is_gone_is_no_loss(browsers, box, phones):
    phone = phones(browsers("chromium"), box)
    phone.page.run("""() => localStorage.setItem('fieldbox.devices', JSON.stringify(
      { audio: 'gone', video: 'gone', speaker: 'gone', height: 7, rate: '30', echo: false, unknown: true }))""")
    phone.page.reload()
    phone.page.wait_for("document.body.dataset.screen !== 'splash'")
    phone.register("ada", "Ada Lovelace").wait_presence("box", "online")
    choice = phone.page.run("async () => (await import('/app/deviceChoice.js')).choice")
    assert [choice[key] for key in ("audio", "height", "rate", "echo")] == ["gone", 480, 30, False]
    assert "unknown" not in choice
    phone.call("box")
    box.press("call")
    phone.wait_connected()
    phone.page.wait_shown("#self")
    phone.prove_live_picture()
    phone.prove_tone(box.tone)
    assert not phone.page.is_shown("#call-problem")


def test_a_small_window(two):
    caller, callee = two()
    caller.prove_moving_picture()
    caller.page.click("#call-picture")
    caller.page.wait_for("document.pictureInPictureElement?.id === 'remote-video'")
    assert caller.page.run("() => document.querySelector('#call-picture').ariaPressed") == "true"
    callee.hang_up()
    caller.wait_phase("ended")
    caller.page.wait_for("document.pictureInPictureElement === null")


def test_how_good_the_connection_is(two):
    caller, callee = two()
    caller.page.wait_for("document.querySelector('#call-quality').checkVisibility()")
    level = caller.page.run("() => document.querySelector('#call-quality').dataset.level")
    words = caller.page.run("() => document.querySelector('#call-quality').getAttribute('aria-label')")
    assert words == {"1": "Poor connection", "2": "Fair connection", "3": "Good connection"}[level]
