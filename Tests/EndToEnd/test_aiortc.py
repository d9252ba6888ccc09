"""aiortc, a third and independent WebRTC stack, answers a call of the box: what both sides send is proved by what arrives."""

import asyncio
import fractions

import aioice.ice
import numpy
import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from av import AudioFrame

from harness import strip, wave
from harness.deadline import SUITE
from harness.phone import PASSWORD
from harness.visitor import Visitor

TONE = 1370


class Tone(MediaStreamTrack):
    """A steady tone in frames of 20 ms, at their pace."""

    kind = "audio"
    samples = wave.RATE // 50

    def __init__(self, frequency=TONE):
        super().__init__()
        self._frequency = frequency
        self._position = 0
        self._start = None

    async def recv(self):
        loop = asyncio.get_running_loop()
        self._start = self._start if self._start is not None else loop.time()
        due = self._start + self._position / wave.RATE
        await asyncio.sleep(max(0, due - loop.time()))
        time = (numpy.arange(self.samples) + self._position) / wave.RATE
        data = (numpy.sin(2 * numpy.pi * self._frequency * time) * 12_000).astype(numpy.int16)
        frame = AudioFrame.from_ndarray(data[numpy.newaxis], format="s16", layout="mono")
        frame.sample_rate = wave.RATE
        frame.pts = self._position
        frame.time_base = fractions.Fraction(1, wave.RATE)
        self._position += self.samples
        return frame


async def strip_times(track, height, count):
    """The times in the strips of `count` pictures in which one could be read."""
    times = []
    while len(times) < count:
        frame = await track.recv()
        time = strip.read(frame.to_ndarray(format="gray"), height)
        if time is not None:
            times.append(time)
    return times


async def hear(track, frequency):
    """Listens until the tone is there."""
    heard = numpy.zeros(0)
    while not wave.has_tone(heard[-wave.RATE :], frequency):
        frame = await track.recv()
        assert frame.sample_rate == wave.RATE
        samples = frame.to_ndarray().reshape(-1, len(frame.layout.channels))[:, 0]
        heard = numpy.concatenate([heard, samples / 32768])


async def answer_and_prove(box, visitor, offer, call):
    connection = RTCPeerConnection()
    try:
        await connection.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        tracks = {one.receiver.track.kind: one.receiver.track for one in connection.getTransceivers()}
        connection.addTrack(Tone())
        await connection.setLocalDescription(await connection.createAnswer())
        post = lambda path, **body: asyncio.to_thread(visitor.post, path, device=visitor.device, call=call, **body)
        await post("/api/calls/answer", peer=offer["peer"], sdp=connection.localDescription.sdp)
        # The camera's picture comes while it rings.
        preview = await strip_times(tracks["video"], box.camera_height, 5)
        assert preview == sorted(set(preview)), "the time in the pictures must go on"
        played = box.speaker_position()
        await post("/api/calls/accept")
        await hear(tracks["audio"], box.tone)
        later = await strip_times(tracks["video"], box.camera_height, 5)
        assert later[0] > preview[-1]
        await asyncio.to_thread(box.wait_tone, TONE, played)
        await post("/api/calls/hangUp")
    finally:
        await connection.close()


def test_aiortc_answers_a_call_of_the_box(box, monkeypatch):
    # aiortc leaves the loopback interface out, and the box of the test listens on nothing else.
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    visitor = Visitor(box)
    me = visitor.post("/api/register", id="robot", displayName="Robot", password=PASSWORD)["me"]
    assert me["id"] == "robot"
    visitor.listen()
    box.press("call")
    call = visitor.wait_event("call", lambda view: view["state"] == "ringing")
    assert call["preview"] is True
    offer = visitor.wait_event("offer", lambda one: one["call"] == call["id"])
    asyncio.run(asyncio.wait_for(answer_and_prove(box, visitor, offer, call["id"]), SUITE.remaining()))
    ended = visitor.wait_event("call", lambda view: view["id"] == call["id"] and view["state"] == "ended")
    assert ended["reason"] == "hungUp"
    box.wait_state("ready")


class Seat:
    """A visitor in a room: answers each offer on the one connection that it has."""

    def __init__(self, box, id, frequency):
        self.visitor = Visitor(box)
        self.visitor.post("/api/register", id=id, displayName=id.title(), password=PASSWORD)
        self.visitor.listen()
        self.frequency = frequency

    async def post(self, path, **body):
        return await asyncio.to_thread(self.visitor.post, path, device=self.visitor.device, **body)

    async def join(self, code):
        self.room = (await self.post("/api/rooms/join", code=code, audio=True, video=False))["room"]["id"]
        self.connection = RTCPeerConnection()
        await self.answer(first=True)

    async def answer(self, first=False):
        offer = await asyncio.to_thread(self.visitor.wait_event, "offer", lambda one: one.get("room") == self.room)
        await self.connection.setRemoteDescription(RTCSessionDescription(offer["sdp"], "offer"))
        if first:
            self.peer = offer["peer"]
            self.connection.addTrack(Tone(self.frequency))
        assert offer["peer"] == self.peer, "the connection stays"
        await self.connection.setLocalDescription(await self.connection.createAnswer())
        await self.post("/api/rooms/answer", room=self.room, peer=self.peer, sdp=self.connection.localDescription.sdp)

    def tracks(self, kind):
        return [one.receiver.track for one in self.connection.getTransceivers() if one.kind == kind]

    async def hear(self, frequency):
        """In one of the sections of sound."""
        listening = [asyncio.ensure_future(hear(track, frequency)) for track in self.tracks("audio")]
        done, _ = await asyncio.wait(listening, return_when=asyncio.FIRST_COMPLETED)
        for one in listening:
            one.cancel()
        for one in done:
            one.result()


async def meet(box, one, other):
    code = (await asyncio.to_thread(one.visitor.post, "/api/rooms/create", name="Robots"))["room"]["code"]
    try:
        await one.join(code)
        played = box.speaker_position()
        await one.post("/api/rooms/invite", room=one.room, user="box")
        await one.hear(box.tone)
        times = await strip_times(one.tracks("video")[0], box.camera_height, 5)
        assert times == sorted(set(times)), "the box's camera is in the first section of pictures"
        await other.join(code)
        # A third picture wants a section of its own.
        await one.answer()
        assert len(one.tracks("video")) == 2
        await other.hear(one.frequency)
        await one.hear(other.frequency)
        await other.hear(box.tone)
        # The box plays both at once.
        for seat in (one, other):
            await asyncio.to_thread(box.wait_tone, seat.frequency, played)
        await other.post("/api/rooms/leave", room=other.room)
        await one.post("/api/rooms/leave", room=one.room)
    finally:
        for seat in (one, other):
            if hasattr(seat, "connection"):
                await seat.connection.close()


def test_aiortc_in_a_room_with_the_box(open_box, monkeypatch):
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    box = open_box(**{"calls.auto-answer": "robot"})
    seats = [Seat(box, "robot", TONE), Seat(box, "android", 1810)]
    asyncio.run(asyncio.wait_for(meet(box, *seats), SUITE.remaining()))
    box.wait_state("ready")


@pytest.mark.parametrize("path", ["/api/calls/start", "/api/calls/accept"])
def test_a_stranger_without_the_cookie_gets_nothing(box, path):
    visitor = Visitor(box)
    with pytest.raises(AssertionError, match="notSignedIn"):
        visitor.post(path, device="x", call="y", callee="box", audio=True, video=True)
