"""A way of the network on which nothing arrives any more, without anybody being told."""

import contextlib
import subprocess

import pytest

from .box import ADDRESS

TABLE = "77"


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@contextlib.contextmanager
def cut(ports):
    """Loses what goes over UDP between the two `ports`, in both directions."""
    one, other = (str(port) for port in ports)
    with contextlib.ExitStack() as undo:
        def change(words, back):
            ip(*words)
            undo.callback(ip, *back)

        try:
            # The other end of the box's own cable; whoever lives there does not exist, so what is sent to them is lost.
            ghost = [ADDRESS, "lladdr", "02:00:00:00:00:07", "dev", "field1"]
            change(["neigh", "add", *ghost, "nud", "permanent"], ["neigh", "del", *ghost])
        except subprocess.CalledProcessError as error:
            pytest.skip(f"the network cannot be changed here: {error.stderr}")
        route = [f"{ADDRESS}/32", "dev", "field1", "table", TABLE]
        change(["route", "add", *route], ["route", "del", *route])
        # The rule for the machine's own addresses stands first; it makes room before it.
        change(["rule", "add", "pref", "9", "lookup", "local"], ["rule", "del", "pref", "9"])
        change(["rule", "del", "pref", "0"], ["rule", "add", "pref", "0", "lookup", "local"])
        for source, target in ((one, other), (other, one)):
            rule = ["pref", "5", "ipproto", "udp", "sport", source, "dport", target, "lookup", TABLE]
            change(["rule", "add", *rule], ["rule", "del", *rule])
        yield
