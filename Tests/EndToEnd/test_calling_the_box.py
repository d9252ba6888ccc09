"""A phone calls the box: it rings; CALL answers, HANGUP refuses; callers on the list are answered at once."""

import pytest

pytestmark = pytest.mark.any_browser


def calling(browser, box, phones, video=True):
    phone = phones(browser, box).register("ada", "Ada Lovelace")
    phone.wait_presence("box", "online")
    phone.call("box", video)
    phone.wait_phase("calling")
    box.wait_state("incoming")
    return phone


def test_call_answers(browser, box, phones):
    phone = calling(browser, box, phones)
    phone.page.wait_for("document.querySelector('#call-phase').textContent === 'Ringing …'")
    assert box.status()["devices"]["camera"]["state"] == "idle", "the box must not be watched before it answers"
    box.wait_lamp("talk", "green")
    played = box.speaker_position()
    box.press("call")
    phone.wait_connected()
    assert box.wait_state("inCall")["lamps"]["call"] == "off", "the box did not place this call"
    phone.prove_live_picture()
    phone.prove_tone(box.tone)
    box.wait_tone(browser.tone, since=played)
    box.press("hangup")
    phone.wait_ended("Fieldbox ended the call.")


def test_hangup_refuses(browser, box, phones):
    phone = calling(browser, box, phones)
    box.press("hangup")
    phone.wait_ended("Fieldbox declined the call.")
    box.wait_state("ready")
    phone.page.click("#call-again")
    box.wait_state("incoming")
    phone.wait_phase("calling")


def test_the_caller_cancels(browser, box, phones):
    phone = calling(browser, box, phones)
    phone.hang_up()
    phone.wait_notice("You cancelled the call.")
    phone.wait_home()
    box.wait_state("ready")


def test_the_box_does_not_answer_in_time(browser, open_box, phones):
    box = open_box(**{"calls__ring-seconds": 1})
    phone = calling(browser, box, phones)
    phone.wait_ended("Fieldbox did not answer.")
    box.wait_state("ready")


def test_a_caller_on_the_list_is_answered_at_once(browser, open_box, phones):
    box = open_box(**{"calls__auto-answer": "ada"})
    phone = phones(browser, box).register("ada")
    phone.wait_presence("box", "online")
    phone.call("box")
    phone.wait_connected()
    status = box.wait_state("inCall")
    assert status["lamps"]["talk"] == "green"
    phone.prove_live_picture()
    phone.prove_tone(box.tone)


def test_a_voice_call_has_no_picture(browser, box, phones):
    phone = calling(browser, box, phones, video=False)
    box.press("call")
    phone.wait_connected()
    phone.prove_tone(box.tone)
    assert phone.page.run("() => document.querySelector('#call').dataset.picture") == "false"
    assert not phone.page.is_shown("#self")
    assert box.status()["devices"]["camera"]["state"] == "idle"
    # One press later it has pictures, both ways.
    phone.page.click("#toggle-camera")
    phone.prove_live_picture()
    phone.page.wait_shown("#self")
    phone.prove_tone(box.tone)
    # The camera off again is no way back: the box goes on.
    phone.page.click("#toggle-camera")
    phone.page.wait_hidden("#self")
    phone.prove_live_picture()


def test_a_busy_box_says_so(browser, browsers, box, phones):
    first = calling(browser, box, phones)
    box.press("call")
    first.wait_connected()
    # In another browser: Firefox draws a window behind another one rarely or not at all.
    other = browsers("firefox" if browser.name == "chromium" else "chromium")
    second = phones(other, box).register("ben")
    second.wait_presence("box", "busy")
    second.call("box")
    second.wait_ended("Fieldbox is in another call.")
    first.prove_live_picture()
