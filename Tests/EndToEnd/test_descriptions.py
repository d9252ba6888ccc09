"""Offers and answers of the browsers of this machine, recorded, and proved by a call that they carry."""

import json

from harness.box import ADDRESS, OUTPUT


def record(browser, kind, sdp):
    folder = OUTPUT / "descriptions"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{browser.name}-{kind}.sdp").write_bytes(sdp.encode())


def lines(sdp, start):
    return [line for line in sdp.splitlines() if line.startswith(start)]


def test_the_answer_of_this_browser(browser, box, phones):
    phone = phones(browser, box).register("ada")
    box.press("call")
    phone.wait_ringing("Fieldbox")
    phone.accept()
    phone.wait_connected()
    phone.prove_live_picture()
    offer, answer = phone.page.run("() => window.testDescriptions")
    assert (offer["type"], answer["type"]) == ("offer", "answer")
    record(browser, "answer", answer["sdp"])
    record(browser, "offer-of-the-box", offer["sdp"])
    assert [line.split()[0] for line in lines(answer["sdp"], "m=")] == [line.split()[0] for line in lines(offer["sdp"], "m=")]
    assert lines(answer["sdp"], "a=mid:") == lines(offer["sdp"], "a=mid:")
    assert lines(answer["sdp"], "a=group:BUNDLE")[0].split()[1:] == [line[6:] for line in lines(answer["sdp"], "a=mid:")]
    assert set(lines(answer["sdp"], "a=setup:")) == {"a=setup:active"}
    assert all("a=sendrecv" in section.splitlines() for section in answer["sdp"].split("m=")[1:])
    assert all(line.split()[1] != "0" for line in lines(answer["sdp"], "m=")), "a section was refused"
    assert "a=ice-lite" in offer["sdp"]
    # Offline nothing may be asked of the internet, and the box names only the address it was asked on.
    assert {line.split()[4] for line in lines(offer["sdp"], "a=candidate:")} == {ADDRESS}
    counters = box.status()["children"]["media"]["counters"]
    (OUTPUT / "descriptions" / f"{browser.name}-counters.json").write_text(json.dumps(counters, indent=2))


def test_an_offer_of_this_browser_is_recorded(browser, box, phones):
    phone = phones(browser, box)
    sdp = phone.page.run("""async () => {
      const connection = new RTCPeerConnection({ iceServers: [] });
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      for (const track of stream.getTracks()) connection.addTrack(track, stream);
      connection.createDataChannel('test');
      await connection.setLocalDescription();
      const { sdp } = connection.localDescription;
      connection.close();
      for (const track of stream.getTracks()) track.stop();
      return sdp;
    }""")
    record(browser, "offer", sdp)
    assert sorted(line.split()[0] for line in lines(sdp, "m=")) == ["m=application", "m=audio", "m=video"]
    assert any("VP8/90000" in line for line in lines(sdp, "a=rtpmap:"))
    assert any("opus/48000/2" in line for line in lines(sdp, "a=rtpmap:"))
