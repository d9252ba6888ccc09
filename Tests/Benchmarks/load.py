"""Drives the load generator, and reads what a server takes while it is driven."""

import itertools
import json
import os
import pathlib
import queue
import subprocess
import threading

from harness.box import TOP
from harness.deadline import SUITE

GENERATOR = TOP / ".build/release/load-generator"
# Of the phones, one each: on the interface that the servers serve, for Janus binds its sockets to that.
NETWORK, FIRST, INTERFACE = "10.20.32.0/20", "10.20.32.1", "field0"


def cores():
    """A core for the server and another for the generator; the same where there is one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0], allowed[-1]


def pinned(core, command):
    """A command on one core, before whatever else the machine does where that is allowed."""
    first = ["chrt", "--rr", "1"] if os.geteuid() == 0 else []
    return [*first, "taskset", "-c", str(core), *map(str, command)]


class Processor:
    """What the threads of a process have had of the processors, and how long they had to wait for one, in seconds."""

    def __init__(self, pid):
        self.used, self.waited = 0.0, 0.0
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            used, waited, _ = (task / "schedstat").read_text().split()
            self.used += int(used) / 1e9
            self.waited += int(waited) / 1e9


class Load:
    """The phones. Each is known by a name; those that publish have a number too."""

    def __init__(self, profile="gcm"):
        subprocess.run(["ip", "route", "replace", "local", NETWORK, "dev", INTERFACE], check=True)
        self._ids = itertools.count(1)
        self._replies, self._lock = {}, threading.Lock()
        self.events = queue.Queue()
        command = [GENERATOR, "--first-address", FIRST, "--profile", profile]
        self.process = subprocess.Popen(pinned(cores()[1], command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            (kind, body), = json.loads(line).items()
            if "id" in body:
                self._queue(body["id"]).put((kind, body))
            else:
                self.events.put((kind, body))

    def _queue(self, id):
        with self._lock:
            return self._replies.setdefault(id, queue.Queue())

    def say(self, name, **body):
        with self._lock:
            self.process.stdin.write(json.dumps({name: body}) + "\n")
            self.process.stdin.flush()

    def ask(self, name, expected, **body):
        id = next(self._ids)
        self.say(name, id=id, **body)
        kind, reply = self._queue(id).get(timeout=SUITE.remaining())
        assert kind == expected, reply
        return reply

    def offer(self, peer, publisher=None):
        return self.ask("offer", "description", peer=peer, publisher=publisher)["sdp"]

    def settle(self, peer, sdp):
        self.ask("settle", "done", peer=peer, sdp=sdp)

    def accept(self, peer, sdp, publisher=None):
        return self.ask("accept", "description", peer=peer, publisher=publisher, sdp=sdp)["sdp"]

    def send(self, publishers=1_000_000, kilobits=600):
        """Publishers up to that number send, each at that rate; the others are silent."""
        self.say("send", publishers=publishers, kilobitsPerSecond=kilobits)

    def wait(self, name, count):
        """The next so many events of a name; a peer that ends meanwhile is a failure."""
        found = []
        while len(found) < count:
            kind, body = self.events.get(timeout=SUITE.remaining())
            assert kind != "closed", body
            if kind == name:
                found.append(body)
        return found

    def measure(self, server, seconds):
        """What was sent and received within so many seconds, and the processor time of the process `server` meanwhile."""
        id = next(self._ids)
        replies = self._queue(id)
        self.say("measure", id=id, milliseconds=int(seconds * 1000))
        times = []
        for expected in ("began", "ended"):
            assert replies.get(timeout=SUITE.remaining())[0] == expected
            times.append((Processor(server), Processor(self.process.pid)))
        measured = replies.get(timeout=SUITE.remaining())[1]["_1"]
        (before, ours_before), (after, ours_after) = times
        used = after.used - before.used
        return measured | {
            "seconds": seconds, "used": used, "waited": after.waited - before.waited,
            "generatorUsed": ours_after.used - ours_before.used, "generatorWaited": ours_after.waited - ours_before.waited,
            "perProcessorSecond": measured["received"] / used, "load": os.getloadavg()[0]}

    def stop(self):
        self.process.stdin.close()
        self.process.wait(SUITE.remaining())
