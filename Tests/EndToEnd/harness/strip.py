"""The strip at the foot of each picture of the simulated camera: its time, guarded by a checksum."""

import numpy

CELLS = 64
ROWS = 16


def crc16(data):
    """CRC-16/CCITT-FALSE."""
    value = 0xFFFF
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1) ^ 0x1021 if value & 0x8000 else value << 1
            value &= 0xFFFF
    return value


def read(luma, full_height):
    """The wall-clock milliseconds in a picture's luma, or None. `full_height`: of the camera's own picture."""
    height, width = luma.shape
    row = int(height - ROWS / 2 * height / full_height)
    bits = [int(luma[row, int((cell + 0.5) * width / CELLS)] > 127) for cell in range(CELLS)]
    if bits[:2] != [1, 0] or bits[62:] != [0, 1]:
        return None
    time = int("".join(map(str, bits[2:46])), 2)
    checksum = int("".join(map(str, bits[46:62])), 2)
    return time if crc16(time.to_bytes(6, "big")) == checksum else None
