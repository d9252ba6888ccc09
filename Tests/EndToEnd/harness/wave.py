"""Sound in files: tones written, and frequencies found."""

import struct

import numpy

RATE = 48_000


def write_bursts(path, frequency, seconds=4.0):
    """A WAV file of bursts: 250 ms of tone, 250 ms of silence."""
    time = numpy.arange(int(RATE * seconds)) / RATE
    wave = numpy.sin(2 * numpy.pi * frequency * time) * (time % 0.5 < 0.25) * 0.6
    data = (wave * 32767).astype("<i2").tobytes()
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE * 2, 2, 16,
                       b"data", len(data))
    path.write_bytes(head + data)


def read(path):
    """The samples of a mono 16-bit WAV file, also of one that is still being written."""
    data = path.read_bytes()
    start = data.find(b"data")
    if start < 0:
        return numpy.zeros(0)
    samples = data[start + 8 :]
    return numpy.frombuffer(samples[: len(samples) // 2 * 2], "<i2").astype(float) / 32768


def share_of(samples, frequency, rate=RATE, width=15):
    """How much of the energy in `samples` lies within `width` hertz of a frequency, 0 … 1."""
    if len(samples) < rate // 10:
        return 0.0
    spectrum = numpy.abs(numpy.fft.rfft(samples * numpy.hanning(len(samples)))) ** 2
    frequencies = numpy.fft.rfftfreq(len(samples), 1 / rate)
    audible = frequencies > 50
    total = spectrum[audible].sum()
    near = audible & (numpy.abs(frequencies - frequency) <= width)
    return float(spectrum[near].sum() / total) if total > 0 else 0.0


def has_tone(samples, frequency, rate=RATE):
    """Whether a stretch of 200 ms in `samples` is loud and holds mostly that tone."""
    step = rate // 10
    length = rate // 5
    for start in range(0, len(samples) - length + 1, step):
        part = samples[start : start + length]
        if numpy.sqrt(numpy.mean(part**2)) > 0.003 and share_of(part, frequency, rate) > 0.5:
            return True
    return False
