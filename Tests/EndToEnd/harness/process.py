"""Starting and ending what the tests run, by its own process id only."""

import os
import signal
import subprocess

from .deadline import SUITE


def start(arguments, log, **options):
    """Starts a program in a process group of its own, its output into the file `log`."""
    with open(log, "ab") as output:
        return subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True, **options
        )


def end(process):
    """Asks a program and what it started to end, insists if it does not, and returns the exit status."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(min(10, SUITE.remaining()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return process.returncode
