"""A bad way between a browser and the box: a relay of datagrams that loses, delays, and takes only so many bits a second."""

import heapq
import random
import selectors
import socket
import threading
import time

from .box import ADDRESS

# Sends the page's connections to the relay in place of the box.
REDIRECT = """() => {
  const own = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description, ...rest) {
    const sdp = description.sdp.replace(/(a=candidate:\\S+ 1 udp \\d+ \\S+) %d typ/g, '$1 %d typ');
    return own.call(this, { type: description.type, sdp }, ...rest);
  };
}"""
DATAGRAM_HEAD = 28


class Impairment:
    """`loss` from 0 to 1; `delay` and `jitter` in seconds, the jitter evenly spread; `bits` a second from the box to the browser, with a queue
    of `queue` seconds in front, or None for no end. May be changed at any time."""

    def __init__(self, box, loss=0.0, delay=0.0, jitter=0.0, bits=None, queue=0.2, seed=1):
        self.loss, self.delay, self.jitter, self.bits, self.queue = loss, delay, jitter, bits, queue
        self.dropped = 0
        self.passed = 0
        self.carried = 0
        self._random = random.Random(seed)
        self._box = (ADDRESS, box.status()["mediaPort"])
        self._front = self._socket()
        self._backs = {}
        self._waiting = []
        self._number = 0
        self._free_at = 0.0
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._front, selectors.EVENT_READ, None)
        self._ended = False
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @staticmethod
    def _socket():
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((ADDRESS, 0))
        one.setblocking(False)
        return one

    def lead(self, page):
        """From its next load on the page's connections go this way."""
        script = REDIRECT % (self._box[1], self._front.getsockname()[1])
        page.browser.bidi.send("script.addPreloadScript", functionDeclaration=script, contexts=[page.context])

    def _run(self):
        while not self._ended:
            now = time.monotonic()
            pause = max(0.0, self._waiting[0][0] - now) if self._waiting else 0.05
            for key, _ in self._selector.select(min(pause, 0.05)):
                self._read(key.fileobj, key.data)
            now = time.monotonic()
            while self._waiting and self._waiting[0][0] <= now:
                _, _, data, out, to = heapq.heappop(self._waiting)
                try:
                    out.sendto(data, to)
                except OSError:
                    pass  # whoever it was for is gone

    def _read(self, one, browser):
        while True:
            try:
                data, sender = one.recvfrom(2048)
            except OSError:
                return
            if browser is None:
                self._pass(data, self._back(sender), self._box, 0.0)
            else:
                self._limit(data, browser)

    def _back(self, browser):
        if browser not in self._backs:
            self._backs[browser] = self._socket()
            self._selector.register(self._backs[browser], selectors.EVENT_READ, browser)
        return self._backs[browser]

    def _limit(self, data, browser):
        """The way to the browser takes its time for each datagram, and what would wait too long is dropped."""
        waits = 0.0
        if self.bits is not None:
            now = time.monotonic()
            start = max(self._free_at, now)
            if start - now > self.queue:
                self.dropped += 1
                return
            self._free_at = start + (len(data) + DATAGRAM_HEAD) * 8 / self.bits
            waits = self._free_at - now
        self.carried += len(data) + DATAGRAM_HEAD
        self._pass(data, self._front, browser, waits)

    def _pass(self, data, out, to, waits):
        if self._random.random() < self.loss:
            self.dropped += 1
            return
        self.passed += 1
        self._number += 1
        due = time.monotonic() + waits + self.delay + self._random.random() * self.jitter
        heapq.heappush(self._waiting, (due, self._number, data, out, to))

    def close(self):
        self._ended = True
        self._thread.join()
        for one in [self._front, *self._backs.values()]:
            one.close()
        self._selector.close()
