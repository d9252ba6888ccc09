"""CALL is pressed: browsers ring, with the box's live picture; picture and sound both ways; every way to end it."""


def ringing(browser, box, phones):
    """A registered phone that the box is calling."""
    phone = phones(browser, box).register("ada", "Ada Lovelace")
    phone.wait_presence("box", "online")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    return phone


def connected(browser, box, phones):
    phone = ringing(browser, box, phones)
    phone.accept()
    phone.wait_connected()
    return phone


def test_call_makes_the_first_account_administrator_and_rings_it_with_the_live_picture(browser, box, phones):
    phone = phones(browser, box).register("ada", "Ada Lovelace")
    assert phone.page.is_shown("#administrator-hint")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    page = phone.page
    assert page.text("#incoming-line") == "The box is calling you"
    page.wait_for("document.title === 'Fieldbox is calling'")
    page.wait_for("document.title === 'Fieldbox'")
    assert page.run("() => document.activeElement.id") == "incoming-name", "Enter must not answer by accident"
    assert box.status()["state"] == "calling"
    box.wait_lamp("call", "amber")
    phone.prove_live_picture("#preview")
    page.wait_for("document.querySelector('#incoming').dataset.preview === 'true'")
    box.wait_lamp("talk", "green")
    # Nobody has accepted: the phone's microphone and camera are closed, and nothing of it is heard.
    assert page.run("() => document.querySelector('#self-video').srcObject") is None
    phone.reject()
    phone.wait_home()
    page.click("#open-settings")
    page.wait_shown("#settings-administrator")


def test_picture_and_sound_both_ways(browser, box, phones):
    phone = ringing(browser, box, phones)
    phone.prove_live_picture("#preview")
    played = box.speaker_position()
    phone.accept()
    phone.wait_connected()
    status = box.wait_state("inCall")
    assert status["lamps"]["call"] == "amber" and status["lamps"]["talk"] == "green"
    phone.prove_live_picture()
    phone.prove_tone(box.tone)
    box.wait_tone(browser.tone, since=played)
    phone.page.wait_shown("#self")
    phone.page.wait_for("document.querySelector('#call-clock').textContent >= '0:01'")
    assert phone.page.text("#call-name") == "Fieldbox"
    phone.hang_up()
    phone.wait_notice("You ended the call.")
    phone.wait_home()
    box.wait_state("ready")
    box.wait_lamp("talk", "off")


def test_hangup_on_the_box_ends_it_in_the_browser(browser, box, phones):
    phone = connected(browser, box, phones)
    box.press("hangup")
    phone.wait_ended("Fieldbox ended the call.")
    assert phone.page.text("#call-length").startswith("Call length 0:0")
    phone.page.click("#call-close")
    phone.wait_home()
    box.wait_state("ready")
    assert box.status()["devices"]["camera"]["state"] == "idle", "nobody watches: the camera must be closed"


def test_refusing(browser, box, phones):
    phone = ringing(browser, box, phones)
    phone.reject()
    phone.wait_home()
    assert not phone.page.is_shown("#call")


def test_hangup_on_the_box_cancels(browser, box, phones):
    phone = ringing(browser, box, phones)
    box.press("hangup")
    phone.wait_notice("You missed a call from Fieldbox.")
    phone.wait_home()
    phone.page.wait_for("document.title === 'Fieldbox'")
    box.wait_state("ready")


def test_accepting_without_the_camera(browser, box, phones):
    phone = ringing(browser, box, phones)
    played = box.speaker_position()
    phone.page.click("#accept-voice")
    phone.wait_connected()
    box.wait_tone(browser.tone, since=played)
    assert not phone.page.is_shown("#self")
    phone.page.click("#toggle-camera")
    phone.page.wait_shown("#self")
    phone.page.wait_for("document.querySelector('#self-video').videoWidth > 0")


def test_without_leave_to_use_the_microphone_the_call_is_heard_and_the_page_says_so(browser, box, phones):
    phone = ringing(browser, box, phones)
    phone.page.run("""() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    }""")
    phone.accept()
    phone.wait_connected()
    phone.page.wait_shown("#call-problem")
    assert phone.page.text("#call-problem").startswith("This page may not use microphone and camera")
    phone.prove_live_picture()
    phone.prove_tone(box.tone)


def test_it_rings_aloud_until_it_is_hushed_or_answered(browsers, box, phones):
    """In Chromium alone: Firefox does not run its sound where there is no sound card."""
    phone = ringing(browsers("chromium"), box, phones)
    page = phone.page
    notes = page.run("() => window.testNotes")
    # The melody has twelve notes: more than that is a second round of it.
    page.wait_for(f"window.testNotes > {notes} + 12")
    assert page.run("() => window.testHushed") == 0
    page.press("Escape")
    page.wait_for("window.testHushed === 1")
    assert page.is_shown("#incoming"), "Escape hushes the bell and does not refuse"
    phone.reject()
    phone.wait_home()
    box.wait_state("ready")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    phone.accept()
    phone.wait_connected()
    page.wait_for("window.testHushed === 2")


def test_a_call_that_comes_while_the_settings_are_open(browser, box, phones):
    phone = phones(browser, box).register("ada")
    phone.page.click("#open-settings")
    phone.page.wait_shown("#settings")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    phone.accept()
    phone.wait_connected()
    phone.hang_up()
    phone.wait_home()
    assert not phone.page.is_shown("#settings")
    assert phone.page.run("() => document.activeElement.tagName") != "INPUT", "a phone would open its keyboard"


def test_a_hang_up_that_the_box_does_not_hear_is_said_again(browser, box, phones):
    phone = connected(browser, box, phones)
    phone.page.run("""() => {
      const own = window.fetch;
      let refusals = 2;
      window.fetch = (path, options) => {
        if (path === '/api/calls/hangUp' && refusals > 0) {
          refusals -= 1;
          return Promise.reject(new TypeError('no network'));
        }
        return own(path, options);
      };
    }""")
    phone.hang_up()
    phone.wait_home()
    box.wait_state("ready")


def test_a_second_call_right_after_the_first(browser, box, phones):
    phone = connected(browser, box, phones)
    phone.hang_up()
    phone.wait_home()
    box.wait_state("ready")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    phone.prove_live_picture("#preview")
    phone.accept()
    phone.wait_connected()
    phone.prove_tone(box.tone)
