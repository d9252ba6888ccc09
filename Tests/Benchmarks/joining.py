"""How soon somebody who joins a room of eight sees the seven others: the whole box over its own interface, with synthetic phones."""

import threading
import time

from harness.box import Box
from harness.deadline import SUITE
from harness.phone import PASSWORD
from harness.visitor import Visitor

import load

PEOPLE = 8


class Guest(Visitor):
    """Somebody in a room: answers each offer of the box on the connection of a synthetic phone, as soon as it comes."""

    def __init__(self, box, phones, number):
        super().__init__(box)
        self._phones, self.number = phones, number
        self._kept = None
        self._connections = {}
        self.post("/api/register", id=f"guest{number}", displayName=f"Guest {number}", password=PASSWORD)
        self.listen()
        threading.Thread(target=self._answer, daemon=True).start()

    def post(self, path, **body):
        """Over one connection for all requests, as a browser does."""
        self._kept = self._kept or self._connect()
        return self._post(self._kept, path, body)

    def _answer(self):
        asking = Visitor.post
        while True:
            name, data = self.events.get()
            if name == "offer":
                answer = self._phones.accept(data["peer"], data["sdp"], self.number)
                asking(self, "/api/rooms/answer", device=self.device, room=data["room"], peer=data["peer"], sdp=answer)

    def join(self, code):
        self.room = self.post("/api/rooms/join", device=self.device, code=code, audio=True, video=True)["room"]["id"]

    def leave(self):
        self.post("/api/rooms/leave", device=self.device, room=self.room)


def pictures(phones, count, of):
    """The next so many first pictures that somebody gets of these publishers. Connections that close belong to guests who left."""
    found = []
    while len(found) < count:
        kind, body = phones.events.get(timeout=SUITE.remaining())
        if kind == "picture" and body["publisher"] in of:
            found.append(body)
    return found


def joining(rounds, folder, report):
    times, firsts = [], []
    box = Box(folder / "joining").start()
    phones = load.Load()
    try:
        everyone = range(1, PEOPLE + 1)
        guests = [Guest(box, phones, number) for number in everyone]
        code = guests[0].post("/api/rooms/create", name="Eight", limit=PEOPLE)["room"]["code"]
        for guest in guests:
            guest.join(code)
        pictures(phones, PEOPLE * (PEOPLE - 1), everyone)
        # Each in turn: nobody may join as often as they like.
        for index in range(rounds * 4):
            guest = guests[index % PEOPLE]
            guest.leave()
            began = time.monotonic()
            guest.join(code)
            others = set(everyone) - {guest.number}
            seen = pictures(phones, PEOPLE - 1, others)
            assert {one["publisher"] for one in seen} == others and len({one["peer"] for one in seen}) == 1, seen
            firsts.append(min(one["at"] for one in seen) / 1000 - began * 1000)
            times.append(max(one["at"] for one in seen) / 1000 - began * 1000)
    finally:
        phones.stop()
        box.stop()
    report(f"joined → the first picture of one of {PEOPLE - 1} others", firsts, "ms", "–")
    report(f"joined → the first pictures of all {PEOPLE - 1} others", times, "ms", 500)
