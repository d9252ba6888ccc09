"""The media process without the others: this plays its supervisor and its server."""

import fcntl
import itertools
import json
import os
import socket
import subprocess

from harness.box import ADDRESS, binary

import load

SLOTS, SLOT_BYTES = 4, 640 * 480 * 2
# Its size is fixed, and nobody writes to it later.
F_ADD_SEALS, SEALS = 1033, 0x17


class MediaAlone:
    name = "fieldbox"

    def __init__(self, folder):
        self._ids = itertools.count(1)
        self._control, control = self._pair()
        self._link, link = self._pair()
        devices = [self._pair() for _ in range(3)]
        self._devices = [ours for ours, _ in devices]
        frames, capture, playback = (theirs for _, theirs in devices)
        udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        udp.bind(("::", 0))
        ring = os.memfd_create("ring", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(ring, SLOTS * SLOT_BYTES)
        fcntl.fcntl(ring, F_ADD_SEALS, SEALS)
        numbers = {"control": control.fileno(), "udp": udp.fileno(), "frames": frames.fileno(), "ring": ring,
                   "capture": capture.fileno(), "playback": playback.fileno()}
        arguments = [str(word) for name, number in numbers.items() for word in (f"--{name}", number)]
        arguments += ["--ring-slots", str(SLOTS), "--ring-slot-bytes", str(SLOT_BYTES)]
        self._log = open(folder / "media.log", "ab")
        self.process = subprocess.Popen(
            load.pinned(load.cores()[0], [binary(), "media", *arguments]), pass_fds=numbers.values(), stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=self._log)
        assert self._receive(self._control) == {"ready": {}}
        message = json.dumps({"v": 1, "m": {"mediaLink": {}}}).encode()
        socket.send_fds(self._control, [message], [link.fileno()])
        for one in (control, link, frames, capture, playback, udp):
            one.close()
        os.close(ring)

    @property
    def pid(self):
        return self.process.pid

    @staticmethod
    def _pair():
        return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    @staticmethod
    def _receive(link):
        message = link.recv(65536)
        assert message, "the media process has ended"
        return json.loads(message)["m"]

    def _ask(self, name, **body):
        id = next(self._ids)
        self._link.send(json.dumps({"v": 1, "m": {name: {"id": id, **body}}}).encode())
        while True:
            event = self._receive(self._link)
            if "reply" in event and event["reply"]["id"] == id:
                reply = event["reply"]["_1"]
                assert "refused" not in reply, reply
                return reply

    def _counters(self):
        self._control.send(json.dumps({"v": 1, "m": {"ping": {"_0": next(self._ids)}}}).encode())
        while True:
            report = self._receive(self._control)
            if "pong" in report:
                return report["pong"]["counters"]

    def join(self, phones, name, publisher, sources):
        """A phone that publishes, if it has a number, and gets sound and picture of all `sources`, now or as soon as they are there."""
        shape = {"audio": max(1, len(sources)), "video": max(1, len(sources)), "screen": False, "simulcast": False}
        offer = self._ask("openPeer", peer=name, localAddresses=[ADDRESS], shape=shape)["offer"]["_0"]
        self._ask("setFeed", of={"peer": {"_0": name}}, feed={
            "audio": [{"peer": {"_0": one}} for one in sources],
            "video": [{"from": {"peer": {"_0": one}}, "screen": False} for one in sources]})
        answer = phones.accept(name, offer["sdp"], publisher)
        self._ask("setAnswer", peer=name, sdp=answer)
        phones.wait("connected", 1)

    def settled(self, phones):
        """Nothing more to be done when all are there."""

    def dropped(self):
        """Packets that the process could not send."""
        return self._counters().get("udp.unsent", 0)

    def stop(self):
        self._control.send(json.dumps({"v": 1, "m": {"stop": {}}}).encode())
        self.process.wait(30)
        for one in (self._control, self._link, *self._devices):
            one.close()
        self._log.close()
