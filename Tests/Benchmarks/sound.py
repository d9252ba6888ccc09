"""How well the box keeps its own speaker out of its microphone. Speech is synthesised; STOI is pystoi's."""

import json
import pathlib
import subprocess
import wave as wavefile

import numpy
from pystoi import stoi
from scipy.signal import fftconvolve, resample, resample_poly

RATE = 48_000
SECONDS = 30
# The filter knows nothing of the room at first, and the figures are for a call that runs.
SETTLED = 8
TOP = pathlib.Path(__file__).resolve().parents[2]

FAR = ("The river has risen by two metres since the morning. We moved the pumps to the upper road and the clinic is still open. "
       "Please send more blankets, water and a doctor who speaks French. The bridge at the mill cannot carry trucks any more. ")
NEAR = ("This is the base camp speaking. I hear you well. The supply car left an hour ago with six people and a generator. "
        "Weather is getting worse toward the evening, so keep your radios charged. How many tents do you need for the night? ")


def speech(folder, name, text, voice, speed):
    """So many seconds of a synthetic voice, at about -21 dB below full scale."""
    path = folder / f"{name}.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-s", str(speed), "-w", path, text * 3], check=True)
    with wavefile.open(str(path)) as file:
        rate = file.getframerate()
        samples = numpy.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
    samples = numpy.resize(resample_poly(samples, RATE // 50, rate // 50), RATE * SECONDS)
    return numpy.clip(samples * 2_900 / numpy.sqrt(numpy.mean(samples**2)), -32_000, 32_000)


def room(played, delay, coupling, seed):
    """What a microphone hears of a speaker: late by so many milliseconds, quieter by so many dB, with a room of 250 ms."""
    random = numpy.random.default_rng(seed)
    length = int(0.15 * RATE)
    response = random.standard_normal(length) * 10 ** (-3 * numpy.arange(length) / RATE / 0.25) * 0.15
    response *= random.random(length) < 0.2
    response[0] = 1
    echo = fftconvolve(played, numpy.concatenate([numpy.zeros(int(delay * RATE / 1000)), response]))[: len(played)]
    return echo * 10 ** (coupling / 20) * numpy.sqrt(numpy.mean(played**2) / numpy.mean(echo**2))


def process(folder, heard, played, *options):
    """What media makes of it, without its own delay, and what it told."""
    for name, samples in (("heard", heard), ("played", played)):
        numpy.clip(numpy.round(samples), -32_768, 32_767).astype("<i2").tofile(folder / name)
    answer = subprocess.run([TOP / ".build/release/sound-care", folder / "heard", folder / "played", folder / "output", *options],
                            capture_output=True, text=True, check=True)
    told = json.loads(answer.stdout)
    output = numpy.fromfile(folder / "output", "<i2").astype(float)
    return output[told["delaySamples"] :], told


def erle(echo, output):
    count = min(len(echo), len(output))
    part = slice(SETTLED * RATE, count)
    return 10 * numpy.log10(numpy.mean(echo[part] ** 2) / max(1e-3, numpy.mean(output[part] ** 2)))


def intelligibility(near, output):
    count = min(len(near), len(output))
    part = slice(SETTLED * RATE, count)
    return stoi(resample_poly(near[part], 1, 3), resample_poly(output[part], 1, 3), RATE // 3)


def drifted(samples, millionths):
    """The same sound from a card that is faster by so many millionths."""
    count = round(len(samples) / (1 + millionths / 1e6))
    return numpy.concatenate([resample(samples, count), numpy.zeros(max(0, len(samples) - count))])[: len(samples)]


def echo(rounds, folder, report):
    far = numpy.round(speech(folder, "far", FAR, "en-us", 150))
    near = speech(folder, "near", NEAR, "en-gb+f3", 140)
    noise = numpy.random.default_rng(1).standard_normal(len(far)) * 3
    apart, linear, together, plain, used, other = [], [], [], [], [], []
    for index in range(rounds):
        for delay, coupling in ((20, -6), (60, -9), (120, -12)):
            heard = room(far, delay, coupling, index)
            output, told = process(folder, heard + noise, far)
            apart.append(erle(heard + noise, output))
            used.append(told["cpuPercent"])
            output, _ = process(folder, heard + near + noise, far)
            together.append(intelligibility(near, output))
            plain.append(intelligibility(near, heard + near + noise))
        heard = room(drifted(far, 60), 40, -9, index)
        output, _ = process(folder, heard + noise, far, "--drift-ppm", "60")
        other.append(erle(heard + noise, output))
    report("echo return loss enhancement, 20 to 120 ms", apart, "dB", "least 30", "(speech, in a room)")
    report("the same with two cards 60 ppm apart", other, "dB", "–")
    report("STOI of who speaks here while both speak", together, "", "least 0.85", f"(untreated: {numpy.median(plain):.2f})")
    report("CPU of echo, noise and gain", used, "%", "–", "(of a core, while the microphone is heard)")
