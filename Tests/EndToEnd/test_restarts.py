"""A component dies in a call: the page says so and heals by itself."""

import os
import signal


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


def test_after_the_death_of_server_the_page_comes_back_and_the_next_call_works(browser, open_box, phones):
    box = open_box(restarts=1)
    phone = in_call(browser, box, phones)
    for path in ("/api/calls/reconnect", "/api/calls/hangUp"):
        phone.page.allow(path, 404)
    kill(box, "server")
    phone.wait_ended("The call was lost.")
    phone.page.click("#call-close")
    phone.page.wait_hidden("#offline")
    phone.wait_presence("box", "online")
    box.wait_state("ready")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    phone.accept()
    phone.wait_connected()
    phone.prove_live_picture()
