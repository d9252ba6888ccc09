"""Debian's Janus with its video room, for comparison: driven over its HTTP interface."""

import http.client
import itertools
import json
import queue
import re
import socket
import subprocess
import threading

from harness.box import ADDRESS
from harness.deadline import SUITE

import load

FOLDER = "/usr/lib/x86_64-linux-gnu/janus"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Janus:
    name = "Janus"

    def __init__(self, folder, event_loops=0):
        self._folder = folder / "janus"
        self._folder.mkdir(exist_ok=True)
        self._port = free_port()
        self._numbers = itertools.count(1)
        self._write("janus", f"""
            general: {{ configs_folder = "{self._folder}" debug_level = 3 debug_colors = false session_timeout = 0
              event_loops = {event_loops} }}
            nat: {{ ice_lite = true ice_enforce_list = "{ADDRESS}" ignore_mdns = true }}
            media: {{ ipv6 = false }}
            plugins: {{ disable = "{self._all_but('plugins', 'videoroom')}" }}
            transports: {{ disable = "{self._all_but('transports', 'http')}" }}
            events: {{ broadcast = false }}
            """)
        self._write("janus.transport.http", f"""
            general: {{ json = "plain" base_path = "/janus" http = true port = {self._port} ip = "127.0.0.1" https = false }}
            admin: {{ admin_http = false }}
            """)
        self._write("janus.plugin.videoroom", "general: { }")
        self._log = open(folder / "janus.log", "ab")
        self.process = subprocess.Popen(
            load.pinned(load.cores()[0], ["janus", "-F", self._folder, "-o"]), stdin=subprocess.DEVNULL,
            stdout=self._log, stderr=self._log)
        SUITE.wait_until("Janus answers", self._is_ready)
        self._session = self._request("", "create")["data"]["id"]
        self._events = {}
        self._lock = threading.Lock()
        self._ends = False
        threading.Thread(target=self._listen, daemon=True).start()
        self._desk = self._attach()
        self._rooms, self._subscribers, self._feeds = {}, [], {}

    @property
    def pid(self):
        return self.process.pid

    def _write(self, name, text):
        (self._folder / f"{name}.jcfg").write_text(text)

    @staticmethod
    def _all_but(kind, wanted):
        files = subprocess.run(["ls", f"{FOLDER}/{kind}"], capture_output=True, text=True, check=True).stdout.split()
        return ",".join(sorted({one.split(".so")[0] + ".so" for one in files if f"_{wanted}." not in one}))

    def _is_ready(self):
        assert self.process.poll() is None, "Janus has ended by itself; see its log"
        try:
            self._get("/janus/info")
            return True
        except OSError:
            return False

    def _connection(self):
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=SUITE.remaining())

    def _get(self, path):
        connection = self._connection()
        try:
            connection.request("GET", path)
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def _request(self, path, kind, **body):
        connection = self._connection()
        try:
            message = {"janus": kind, "transaction": f"t{next(self._numbers)}", **body}
            connection.request("POST", f"/janus{path}", json.dumps(message), {"Content-Type": "application/json"})
            answer = json.loads(connection.getresponse().read())
            assert answer["janus"] in ("success", "ack"), answer
            return answer
        finally:
            connection.close()

    def _listen(self):
        while not self._ends:
            try:
                event = self._get(f"/janus/{self._session}?maxev=1")
            except (OSError, ValueError, http.client.HTTPException):
                return  # it has ended
            for one in event if isinstance(event, list) else [event]:
                if one.get("janus") == "event":
                    self._queue(one["sender"]).put(one)

    def _queue(self, handle):
        with self._lock:
            return self._events.setdefault(handle, queue.Queue())

    def _attach(self):
        return self._request(f"/{self._session}", "attach", plugin="janus.plugin.videoroom")["data"]["id"]

    def _message(self, handle, body, jsep=None):
        more = {"jsep": jsep} if jsep else {}
        return self._request(f"/{self._session}/{handle}", "message", body=body, **more)

    def _event(self, handle, wanted):
        """The next event of a handle that has one of these words."""
        while True:
            event = self._queue(handle).get(timeout=SUITE.remaining())
            data = event["plugindata"]["data"]
            assert "error" not in data, data
            if wanted(event, data):
                return event

    def _room(self, name):
        if name not in self._rooms:
            self._rooms[name] = len(self._rooms) + 1
            answer = self._message(self._desk, {
                "request": "create", "room": self._rooms[name], "publishers": 128, "bitrate": 0, "audiocodec": "opus",
                "videocodec": "vp8", "notify_joining": False, "audiolevel_event": False})
            assert answer["plugindata"]["data"]["videoroom"] == "created", answer
        return self._rooms[name]

    def join(self, phones, name, publisher, sources):
        """As that of the media process; what it gets begins when all are there, on another connection."""
        room = self._room(name.split("-")[0])
        if publisher is not None:
            handle = self._attach()
            self._message(handle, {"request": "join", "ptype": "publisher", "room": room, "id": publisher})
            self._event(handle, lambda _, data: data.get("videoroom") == "joined")
            # Janus wants the second word too, which RFC 8830 leaves free.
            offer = re.sub(r"(a=msid:\S+)\r", r"\1 track\r", phones.offer(name, publisher))
            self._message(handle, {"request": "publish", "audiocodec": "opus", "videocodec": "vp8"}, {"type": "offer", "sdp": offer})
            phones.settle(name, self._event(handle, lambda event, _: "jsep" in event)["jsep"]["sdp"])
            phones.wait("connected", 1)
            self._feeds[name] = publisher
        if sources:
            self._subscribers.append((name, room, sources))

    def settled(self, phones):
        for name, room, sources in self._subscribers:
            handle = self._attach()
            streams = [{"feed": self._feeds[one]} for one in sources]
            self._message(handle, {"request": "join", "ptype": "subscriber", "room": room, "streams": streams})
            offer = self._event(handle, lambda event, _: "jsep" in event)["jsep"]["sdp"]
            answer = phones.accept(f"{name}-gets", offer)
            self._message(handle, {"request": "start", "room": room}, {"type": "answer", "sdp": answer})
            phones.wait("connected", 1)
        self._subscribers = []

    def dropped(self):
        """Nothing is known of that."""
        return 0

    def stop(self):
        self._ends = True
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._log.close()
