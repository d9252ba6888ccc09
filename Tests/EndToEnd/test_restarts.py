"""A component dies in a call: the page says so and heals by itself."""

import os
import signal

from harness.deadline import SUITE


def in_call(browser, box, phones):
    phone = phones(browser, box).register("ada")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    phone.accept()
    phone.wait_connected()
    phone.prove_live_picture()
    return phone


def kill(box, child):
    os.kill(box.status()["children"][child]["pid"], signal.SIGKILL)


def test_a_call_survives_the_death_of_media(browser, open_box, phones):
    box = open_box(restarts=1)
    phone = in_call(browser, box, phones)
    phone.page.run("""() => {
      const banner = document.querySelector('#call-reconnecting');
      new MutationObserver(() => { window.testTold ||= banner.checkVisibility(); }).observe(banner, { attributes: true });
    }""")
    kill(box, "media")
    phone.page.wait_for("window.testDescriptions.filter((one) => one.type === 'offer').length >= 2")
    assert phone.page.run("() => window.testTold"), "the page says so"
    phone.page.wait_hidden("#call-reconnecting")
    phone.prove_live_picture()
    played = box.speaker_position()
    phone.prove_tone(box.tone)
    box.wait_tone(browser.tone, since=played)
    assert phone.page.run("() => document.querySelector('#call').dataset.phase") == "connected"


def test_a_call_survives_the_death_of_server(browser, open_box, phones):
    box = open_box(restarts=1)
    phone = in_call(browser, box, phones)
    offers = "window.testDescriptions.filter((one) => one.type === 'offer').length"
    before = phone.page.run(f"() => {offers}")
    kill(box, "server")
    SUITE.wait_until("another server", lambda: box.status()["children"]["server"]["restarts"] == 1)
    phone.page.wait_hidden("#offline")
    box.wait_state("inCall")
    phone.prove_live_picture()
    played = box.speaker_position()
    phone.prove_tone(box.tone)
    box.wait_tone(browser.tone, since=played)
    assert phone.page.run("() => document.querySelector('#call').dataset.phase") == "connected"
    assert phone.page.run(f"() => {offers}") == before, "nothing of the call was built anew"
    # And it is a call like any other.
    box.press("hangup")
    phone.wait_ended("Fieldbox ended the call.")
    phone.page.click("#call-close")
    phone.wait_presence("box", "online")
    box.press("call")
    phone.wait_ringing("Fieldbox")


def test_a_ring_survives_the_death_of_server_and_accept_is_heard(browser, open_box, phones):
    box = open_box(restarts=1)
    phone = phones(browser, box).register("ada")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    # Its answer to the preview's offer may be heard by the old server and, told again, by the new one.
    phone.page.allow("/api/calls/answer", 409)
    kill(box, "server")
    # Also while there is no server.
    phone.accept()
    phone.wait_connected()
    phone.prove_live_picture()
    phone.prove_tone(box.tone)
    assert box.wait_state("inCall")["children"]["server"]["restarts"] == 1
