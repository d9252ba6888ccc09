"""A cable of the box is pulled in a call and put back: the page shows what is wrong, and nobody touches anything."""

import pytest

pytestmark = pytest.mark.any_browser


def in_call(browser, box, phones):
    phone = phones(browser, box).register("ada")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    phone.accept()
    phone.wait_connected()
    phone.prove_live_picture()
    return phone


def test_the_camera(browser, box, phones, screens):
    phone = in_call(browser, box, phones)
    # Twice: what heals once may have used something up.
    for _ in range(2):
        box.unplug("camera")
        phone.prove_fault_picture()
        box.wait_device("camera", "gone")
        phone.page.screenshot(screens / f"camera-pulled-{browser.name}.png")
        box.plug("camera")
        phone.prove_live_picture()
        box.wait_device("camera", "running")
    assert phone.page.run("() => document.querySelector('#call').dataset.phase") == "connected"
    phone.prove_tone(box.tone)


def test_a_camera_that_is_away_when_the_call_begins(browser, box, phones):
    box.unplug("camera")
    phone = phones(browser, box).register("ada")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    phone.prove_fault_picture("#preview")
    phone.accept()
    phone.wait_connected()
    phone.prove_fault_picture()
    phone.prove_tone(box.tone)
    box.plug("camera")
    phone.prove_live_picture()


def test_microphone_and_speaker(browser, box, phones):
    phone = in_call(browser, box, phones)
    phone.prove_tone(box.tone)
    box.unplug("microphone")
    box.wait_device("microphone", "gone")
    phone.prove_silence(box.tone)
    phone.prove_live_picture()
    box.plug("microphone")
    phone.prove_tone(box.tone)
    box.unplug("speaker")
    box.wait_device("speaker", "gone")
    box.plug("speaker")
    played = box.speaker_position()
    box.wait_device("speaker", "running")
    box.wait_tone(browser.tone, since=played)
    phone.prove_live_picture()
