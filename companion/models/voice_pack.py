"""Kokoro's voices, one raw file each, packed into the one file kokoro-onnx reads."""

from __future__ import annotations

import zipfile
from pathlib import Path

from companion.core.errors import ModelError

SHAPE = (510, 1, 256)
"""A style vector of 256 for each length of text, 0 to 509 phonemes."""
BYTES = 510 * 256 * 4
"""The same as raw 32-bit floats."""


def pack_voices(folder: Path, target: Path) -> None:
    """Pack every ``NAME.bin`` of a folder into a numpy archive of 510x1x256 arrays of float32.

    The archive is written by hand: numpy's header and the dates in a zip file differ between versions, and the
    catalogue's checksum must hold everywhere. Raises ``ModelError``.
    """
    voices = sorted(folder.glob("*.bin"))
    if not voices:
        raise ModelError(f"There are no voices in {folder.name}.")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for voice in voices:
            data = voice.read_bytes()
            if len(data) != BYTES:
                raise ModelError(f"The voice {voice.stem} has {len(data)} bytes instead of {BYTES}.")
            archive.writestr(_entry(voice.stem), _header() + data)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _header() -> bytes:
    """The head of a .npy file, version 1.0, padded with spaces to a multiple of 64 bytes."""
    magic = b"\x93NUMPY\x01\x00"
    words = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {SHAPE}, }}"
    length = -(-(len(magic) + 2 + len(words) + 1) // 64) * 64 - len(magic) - 2
    return magic + length.to_bytes(2, "little") + words.ljust(length - 1).encode() + b"\n"
