"""A riff on a plucked string, as a WAV file of 16 bits, mono, 48,000 samples a second.

    python examples/amp/pluck.py build/string.wav

Karplus and Strong's string: a burst of noise goes round a delay line, and each round averages two neighbours. Nothing is
needed but Python itself, and the file is the same on every machine: there are only products and sums, and Python's own
generator of noise.
"""

import random
import struct
import sys
import wave

RATE = 48_000
# Hertz, and when the note begins, in seconds. E, G, A and their octaves, the last two together.
RIFF = ((82.5, 0.0), (98.0, 0.4), (110.0, 0.8), (165.0, 1.2), (82.5, 1.6), (123.75, 1.6))
SECONDS = 3.0


def pluck(frequency, steps, noise, damping=0.996):
    """`steps` samples of one string, from −1 to 1, loudest when it is plucked."""
    line = [noise.uniform(-1, 1) for _ in range(round(RATE / frequency))]
    samples = []
    for step in range(steps):
        k = step % len(line)
        samples.append(line[k])
        line[k] = damping * 0.5 * (line[k] + line[(k + 1) % len(line)])
    return samples


def riff(seed=1):
    """The whole riff, from −1 to 1."""
    noise = random.Random(seed)  # noqa: S311  noise, and no secret
    total = [0.0] * round(SECONDS * RATE)
    for frequency, begin in RIFF:
        first = round(begin * RATE)
        for k, sample in enumerate(pluck(frequency, len(total) - first, noise)):
            total[first + k] += sample
    loudest = max(map(abs, total))
    return [0.8 * sample / loudest for sample in total]


def write(path, samples):
    """16 bits, rounded to the nearest."""
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        numbers = [max(-32768, min(32767, round(32768 * sample))) for sample in samples]
        file.writeframes(struct.pack(f"<{len(numbers)}h", *numbers))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python examples/amp/pluck.py OUT.wav")
    write(sys.argv[1], riff())
    print(f"{sys.argv[1]}: {SECONDS:g} seconds of a plucked string, {RATE:,} samples a second")
