"""Rooms: made, found, entered; everyone sees and hears everyone; chat, screens, seats that are kept."""

import os
import signal

import pytest

from harness import wave
from harness.deadline import SUITE


class Guest:
    """Somebody who is on the way into a room, or in one."""

    def __init__(self, phone, name):
        self.phone = phone
        self.page = phone.page
        self.name = name

    def make_room(self, name, private=False):
        self.page.click("#open-rooms")
        self.page.type("#room-create-name", name)
        if private:
            self.page.click("#room-create [name=private]")
        self.page.click("#room-create [type=submit]")
        self.page.wait_shown("#lobby")
        return self.page.text("#lobby-code")

    def find_room(self, code):
        self.page.click("#open-rooms")
        self.page.type("#room-join-code", code)
        self.page.click("#room-join [type=submit]")
        return self

    def enter(self):
        self.page.wait_shown("#lobby")
        self.page.click("#lobby-join")
        self.page.wait_shown("#room")
        return self

    def go_in(self, code):
        return self.find_room(code).enter()

    def wait_people(self, count):
        self.page.wait_for(f"document.querySelectorAll('.tile:not([data-screen=true])').length === {count}")

    def prove_picture_of(self, name, screen=False):
        """A picture that moves, in the tile of somebody."""
        function = """async (name, screen) => {
          const find = () => Array.from(document.querySelectorAll('.tile')).find((one) =>
            one.dataset.screen === String(screen) && one.querySelector('.tile-name').textContent.includes(name));
          const end = performance.now() + 5_000;
          let seen = null;
          while (performance.now() < end) {
            const video = find()?.querySelector('video');
            if (video?.videoWidth > 0) {
              const moved = await Promise.race([
                new Promise((resolve) => video.requestVideoFrameCallback(() => video.requestVideoFrameCallback(() => resolve(true)))),
                new Promise((resolve) => setTimeout(resolve, 500, false))]);
              if (moved && find()?.dataset.picture === 'true') return [];
              seen = [moved, { ...find()?.dataset }, video.paused, video.readyState, video.currentTime, document.visibilityState];
            }
            await new Promise((resolve) => setTimeout(resolve, 25));
          }
          return [seen];
        }"""

        def is_shown():
            missing = self.page.run(function, name, screen)
            if missing:
                # For whoever reads why a test failed.
                print(f"no picture of {name} in {self.page.browser.name}: {missing}")
            return not missing

        SUITE.wait_until(f"{name}'s picture moves", is_shown)

    def hears(self, frequency):
        count = self.page.run("() => document.querySelectorAll('#room-sounds audio').length")
        return any(wave.has_tone(self.phone.recording(f"#room-sounds audio:nth-child({n + 1})"), frequency) for n in range(count))

    def prove_tone(self, frequency):
        SUITE.wait_until(f"{self.name} hears {frequency} Hz", lambda: self.hears(frequency))

    def say(self, text):
        if not self.page.is_shown("#chat"):
            self.page.click("#room-chat-toggle")
        self.page.type("#chat-text", text)
        self.page.press("Enter")

    def wait_line(self, text):
        self.page.wait_for(
            f"Array.from(document.querySelectorAll('.chat-words'), (one) => one.textContent).includes({text!r})")

    def leave(self):
        self.page.click("#room-leave")
        self.page.wait_hidden("#room")


@pytest.fixture
def guests(browsers, phones):
    def guest(browser, box, id, name):
        return Guest(phones(browsers(browser), box).register(id, name), name)

    return guest


def test_everyone_sees_and_hears_everyone_and_the_box(open_box, guests):
    box = open_box(**{"calls.auto-answer": "ada"})
    ada = guests("chromium", box, "ada", "Ada Lovelace")
    lin = guests("firefox", box, "lin", "林晓雨")
    code = ada.make_room("Camp 4")
    ada.enter()
    ada.page.wait_shown("#room-alone")
    lin.go_in(code)
    for guest, other in ((ada, lin), (lin, ada)):
        guest.wait_people(2)
        guest.prove_picture_of(other.name)
        guest.prove_tone(other.page.browser.tone)
    # The box itself comes, and the two stay on the connections that they have.
    ada.page.click("#room-invite")
    ada.page.click("#invite-list .invite-row button:not(:disabled)")
    ada.page.click("#invite-close")
    for guest, other in ((ada, lin), (lin, ada)):
        guest.wait_people(3)
        guest.prove_picture_of("Fieldbox")
        guest.prove_tone(box.tone)
        guest.prove_picture_of(other.name)
        guest.prove_tone(other.page.browser.tone)
    box.press("hangup")
    ada.wait_people(2)
    lin.leave()
    ada.wait_people(1)
    lin.page.wait_shown("#lobby")
    assert lin.page.text("#lobby-name") == "Camp 4"


def test_three_pages_and_one_that_is_killed(box, guests):
    ada = guests("chromium", box, "ada", "Ada Lovelace")
    code = ada.make_room("Camp 4")
    ada.enter()
    bob = guests("chromium", box, "bob", "Bob Moran").go_in(code)
    lin = guests("firefox", box, "lin", "林晓雨").go_in(code)
    everyone = [ada, bob, lin]
    for guest in everyone:
        guest.wait_people(3)
        for other in everyone:
            if other is not guest:
                guest.prove_picture_of(other.name)
    seat = bob.page.run("() => document.querySelector('.tile[data-mine=true]').dataset.key")
    bob.page.reload()
    bob.page.wait_shown("#room")
    bob.wait_people(3)
    assert bob.page.run("() => document.querySelector('.tile[data-mine=true]').dataset.key") == seat
    for guest in (ada, lin):
        guest.wait_people(3)
        guest.prove_picture_of("Bob Moran")
    bob.prove_picture_of("Ada Lovelace")


def test_unknown_empty_and_full(box, guests):
    ada = guests("chromium", box, "ada", "Ada")
    bob = guests("chromium", box, "bob", "Bob")
    cid = guests("chromium", box, "cid", "Cid")
    for guest in (ada, bob, cid):
        guest.page.allow("/api/rooms/find", 404)
        guest.page.allow("/api/rooms/join", 409)
    bob.find_room("zzzzzz")
    bob.page.wait_for("document.querySelector('#room-join .form-error').textContent === 'No room has this code.'")
    bob.page.click("#rooms-close")
    code = ada.make_room("Two", private=True)
    bob.find_room(f"{box.url}#room={code}")
    bob.page.wait_for("document.querySelector('#lobby-count').textContent === 'Nobody is there'")
    ada.enter()
    bob.enter()
    cid.find_room(code)
    cid.page.wait_for("document.querySelector('#lobby-count').textContent === 'Full: 2'")
    cid.page.click("#lobby-join")
    cid.page.wait_for("document.querySelector('#lobby-problem').textContent === 'The room is full.'")
    bob.leave()
    ada.wait_people(1)
    cid.enter()
    ada.wait_people(2)


def test_chat_code_and_link(box, guests):
    ada = guests("chromium", box, "ada", "Ada")
    lin = guests("firefox", box, "lin", "林晓雨")
    code = ada.make_room("Camp 4")
    ada.enter()
    ada.say("水在五点到 <b>here</b>")
    lin.go_in(code)
    lin.page.click("#room-chat-toggle")
    lin.wait_line("水在五点到 <b>here</b>")
    ada.wait_line("林晓雨 came in")
    ada.page.click("#chat-close")
    lin.say("thanks")
    ada.page.wait_for("document.querySelector('#room-unread').textContent === '1'")
    ada.page.click("#room-chat-toggle")
    ada.wait_line("thanks")
    ada.page.wait_hidden("#room-unread")
    assert ada.page.text("#room-people") == "2 of 16"
    ada.page.click("#room-code")
    ada.phone.wait_notice(f"The code {code} is copied.")
    lin.leave()
    ada.wait_line("林晓雨 left")


def test_an_invitation_rings_and_is_answered(box, guests):
    ada = guests("chromium", box, "ada", "Ada")
    lin = guests("firefox", box, "lin", "林晓雨")
    ada.make_room("Camp 4")
    ada.enter()
    ada.page.click("#room-invite")
    ada.page.click('#invite-list .invite-row[data-presence="online"]:nth-child(2) button')
    lin.page.wait_shown("#invitation")
    assert lin.page.text("#invitation-line") == "asks you into “Camp 4”"
    lin.page.click("#invitation-accept")
    lin.page.wait_shown("#room")
    ada.page.click("#invite-close")
    ada.wait_people(2)
    lin.prove_picture_of("Ada")


def two_in_a_room(box, guests):
    ada = guests("chromium", box, "ada", "Ada")
    lin = guests("firefox", box, "lin", "林晓雨")
    code = ada.make_room("Camp 4")
    ada.enter()
    lin.go_in(code)
    return ada, lin, code


def test_mute_and_camera_are_shown(box, guests):
    ada, lin, _ = two_in_a_room(box, guests)
    lin.prove_picture_of("Ada")
    lin.page.wait_hidden('.tile[data-mine="false"] .tile-muted')
    ada.page.click("#room-microphone")
    lin.page.wait_shown('.tile[data-mine="false"] .tile-muted')
    ada.page.click("#room-camera")
    lin.page.wait_for("document.querySelector('.tile[data-mine=false]').dataset.picture === 'false'")
    ada.page.click("#room-camera")
    ada.page.click("#room-microphone")
    lin.prove_picture_of("Ada")
    lin.prove_tone(ada.page.browser.tone)
    # One tile large, and back.
    lin.page.click('.tile[data-mine="false"] .tile-full')
    lin.page.wait_for("document.querySelector('#room-tiles').dataset.count === '1'")
    lin.page.press("Escape")
    lin.page.wait_for("document.querySelector('#room-tiles').dataset.count === '2'")


def test_media_is_killed_and_everyone_is_back(open_box, guests):
    box = open_box(restarts=1)
    ada, lin, _ = two_in_a_room(box, guests)
    lin.prove_picture_of("Ada")
    ada.prove_picture_of("林晓雨")
    os.kill(box.status()["children"]["media"]["pid"], signal.SIGKILL)
    for guest, other in ((ada, lin), (lin, ada)):
        guest.page.wait_for("document.querySelector('#room-reconnecting').hidden")
        guest.prove_picture_of(other.name)
        guest.prove_tone(other.page.browser.tone)


def test_a_screen_is_shared_beside_the_camera(box, guests):
    ada, lin, code = two_in_a_room(box, guests)
    lin.prove_picture_of("Ada")
    ada.page.click("#room-screen-share")
    lin.prove_picture_of("Ada", screen=True)
    lin.prove_picture_of("Ada")
    # Who comes later sees it too.
    bob = guests("chromium", box, "bob", "Bob").go_in(code)
    bob.prove_picture_of("Ada", screen=True)
    ada.page.click("#room-screen-share")
    for guest in (lin, bob):
        guest.page.wait_for("document.querySelectorAll('.tile[data-screen=true]').length === 0")


def test_devices_are_changed_in_the_room(box, guests):
    ada = guests("chromium", box, "ada", "Ada")
    lin = guests("firefox", box, "lin", "林晓雨")
    code = ada.make_room("Camp 4")
    # Devices are found a moment after the lobby opens: who is about to join must not miss the button.
    for width, height in ((360, 640), (1000, 700)):
        ada.page.resize(width, height)
        before, after = ada.page.run("""() => {
          const place = () => document.querySelector('#lobby-join').getBoundingClientRect().top;
          const devices = document.querySelector('#lobby-devices');
          devices.style.display = 'none';
          const before = place();
          devices.style.display = '';
          return [before, place()];
        }""")
        assert before == after, "the button to join moves"
    # What the lobby says counts in the room.
    ada.page.wait_for("document.querySelector('#lobby-devices [name=video]').options.length > 2")
    choose = """async (place, name, value) => {
      const { rooms } = await import('/app/rooms.js');
      const select = document.querySelector(`${place} [name=${name}]`);
      select.value = value;
      if (select.value !== value) throw new Error(`${name} has no ${value}`);
      select.dispatchEvent(new Event('change', { bubbles: true }));
      const media = () => (rooms.room ?? rooms.lobby).media.video?.getSettings() ?? {};
      while (String(media()[{ video: 'deviceId', height: 'height' }[name]]) !== value) await new Promise(requestAnimationFrame);
    }"""
    ada.page.run(choose, "#lobby-devices", "height", "360")
    ada.enter()
    lin.go_in(code)
    lin.prove_picture_of("Ada")
    lin.page.wait_for("document.querySelector('.tile[data-mine=false] video').videoHeight === 360")
    ada.page.click("#room-devices")
    current = ada.page.run("async () => (await import('/app/rooms.js')).rooms.room.media.video.getSettings().deviceId")
    cameras = ada.page.run("() => Array.from(document.querySelector('#devices [name=video]').options, (one) => one.value)")
    other = [one for one in cameras if one not in ("user", "environment", current)][-1]
    ada.page.run(choose, "#devices", "video", other)
    lin.prove_picture_of("Ada")
    ada.page.run(choose, "#devices", "height", "540")
    ada.page.click("#devices-close")
    ada.page.click(".tile-switch")
    ada.page.run("""async (wanted) => {
      const { rooms } = await import('/app/rooms.js');
      while (rooms.room.media.video?.getSettings().deviceId !== wanted) await new Promise(requestAnimationFrame);
    }""", current)
    lin.prove_picture_of("Ada")
    lin.prove_tone(ada.page.browser.tone)
    # And how good what comes is, on the tile of the other one alone.
    for guest in (ada, lin):
        guest.page.wait_shown('.tile[data-mine="false"] .bars')
        assert not guest.page.is_shown('.tile[data-mine="true"] .bars')
        assert guest.page.run("() => document.querySelector('.tile[data-mine=false] .bars').ariaLabel").endswith("connection")


def test_a_connection_that_looks_for_a_way_again_goes_on(box, guests):
    """What a page does when its network has changed: the box offers the same connection new credentials."""
    ada, lin, _ = two_in_a_room(box, guests)
    for guest, other in ((ada, lin), (lin, ada)):
        guest.prove_picture_of(other.name)
        credentials = guest.page.run("""async () => {
          const { rooms } = await import('/app/rooms.js');
          const open = () => window.testConnections.filter((one) => one.signalingState !== 'closed' && one.remoteDescription);
          const ufrag = (sdp) => sdp.match(/ice-ufrag:(\\S+)/)[1];
          const [connection] = open();
          const before = [connection.remoteDescription, connection.localDescription].map((one) => ufrag(one.sdp));
          rooms.room.reconnect();
          for (;;) {
            const now = [connection.remoteDescription, connection.localDescription].map((one) => ufrag(one.sdp));
            if (connection.signalingState === 'stable' && now[0] !== before[0] && connection.connectionState === 'connected') {
              return { before, now, open: open().length };
            }
            await new Promise((resolve) => setTimeout(resolve, 20));
          }
        }""")
        assert credentials["open"] == 1, "it is the same connection"
        assert credentials["now"][1] != credentials["before"][1], "the page looks again too"
        for one, another in ((ada, lin), (lin, ada)):
            one.prove_picture_of(another.name)
            one.prove_tone(another.page.browser.tone)
