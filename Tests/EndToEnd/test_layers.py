"""A camera that comes in several sizes: each viewer gets the one that fits its tile, and goes over to another without a break."""

import asyncio

import aioice

from harness.deadline import SUITE
from test_aiortc import Seat
from test_rooms import Guest

# Whatever the page asks for, its camera gives 960 × 540.
CAMERA = """() => {
  const own = MediaDevices.prototype.getUserMedia;
  MediaDevices.prototype.getUserMedia = function (wanted) {
    const video = wanted.video && { ...(wanted.video === true ? {} : wanted.video), width: 960, height: 540 };
    return own.call(this, { ...wanted, video });
  };
}"""


# The sizes that the page sends, and how many pictures of the largest it has encoded.
SENDER = "const sender = (await import('/app/rooms.js')).rooms.room.peer.transceiver('video').sender;"
SENDS_ONLY = f"""async (rids) => {{
  {SENDER}
  const active = () => sender.getParameters().encodings.filter((one) => one.active).map((one) => one.rid);
  while (`${{active()}}` !== `${{rids}}`) await new Promise(requestAnimationFrame);
}}"""
ENCODED = f"""async () => {{
  {SENDER}
  return [...(await sender.getStats()).values()].find((one) => one.type === 'outbound-rtp' && one.rid === 'h').framesEncoded;
}}"""


class Viewer(Seat):
    """Sees one picture, and says how large it shows it."""

    async def show(self, seat, height):
        await self.post("/api/rooms/layout", room=self.room, tiles=[{"seat": seat, "screen": False, "height": height}])

    async def sees(self, height, count=1):
        """So many pictures of that height, one after the other: until then others may come."""
        track, seen = self.tracks("video")[0], 0
        while seen < count:
            frame = await track.recv()
            seen = seen + 1 if frame.height == height else 0
        return frame


async def watch(viewer, code, page):
    try:
        await viewer.join(code)
        view = await asyncio.to_thread(viewer.visitor.wait_event, "room", lambda view: view["tracks"])
        seat = view["tracks"][0]["seat"]
        for height in (540, 270, 135, 540, 135, 270):
            await viewer.show(seat, height)
            frame = await viewer.sees(height, 20)
            assert frame.width == height * 16 // 9
        # Between two sizes the larger one is right.
        await viewer.show(seat, 200)
        await viewer.sees(270, 20)
        # What nobody shows is not sent; shown again, it comes again.
        await viewer.show(seat, 0)
        await viewer.show(seat, 540)
        await viewer.sees(540, 20)
        # A size that nobody shows is not even sent to the box: the air is for all.
        await viewer.show(seat, 135)
        await asyncio.to_thread(page.run, SENDS_ONLY, ["l"])
        before = await asyncio.to_thread(page.run, ENCODED)
        await viewer.sees(135, 20)
        assert await asyncio.to_thread(page.run, ENCODED) == before
        await viewer.show(seat, 540)
        await asyncio.to_thread(page.run, SENDS_ONLY, ["h", "m", "l"])
        await viewer.sees(540, 20)
    finally:
        await viewer.connection.close()


def test_each_size_of_a_camera(browser, open_box, phones, monkeypatch):
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])
    box = open_box()
    phone = phones(browser, box)
    browser.bidi.send("script.addPreloadScript", functionDeclaration=CAMERA, contexts=[phone.page.context])
    phone.page.reload()
    guest = Guest(phone.register("ada"), "Ada")
    code = guest.make_room("Layers")
    guest.enter()
    viewer = Viewer(box, "robot", 1810)
    asyncio.run(asyncio.wait_for(watch(viewer, code, phone.page), SUITE.remaining()))
    phone.page.click("#room-leave")
