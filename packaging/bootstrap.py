"""From a bare machine with Python to a running program, in the standard library alone.

`python packaging/bootstrap.py run` does what `make run` does, and each step looks first whether it is still needed:

1. the Python is new enough (another one on the PATH is taken if this one is not);
2. the system libraries under Qt and Python's venv are there; on Debian and Ubuntu, root installs what is missing;
3. `.venv` exists and has pip;
4. the packages are installed, within `constraints.txt`, by uv when there is one and by pip otherwise; a stamp in
   `.venv` remembers for which `pyproject.toml` and `constraints.txt`, so that a second run has nothing to do;
5. the command itself: the editor (or its demonstration where there is no display), the tests, the checks.

What cannot go on says in one line what is missing and what to do.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "ganvas-installed"
OLDEST = (3, 11)
FREE_GB = {"linux": 9}  # the Linux build of torch brings its CUDA libraries
FREE_GB_ELSEWHERE = 3

# What the wheel of Qt expects of a Linux system: the file it loads, and the Debian package that holds it.
OFFSCREEN_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
SCREEN_LIBRARIES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}


class Stop(Exception):
    """Set-up cannot go on; the message says in one line what is missing and what to do."""


def say(text: str) -> None:
    """One line of progress."""
    print(f"[ganvas] {text}", flush=True)


def call(*command: str | Path, **environment: str) -> int:
    """Run a command in the project folder with its output shown; its exit status."""
    return subprocess.call([str(part) for part in command], cwd=ROOT, env={**os.environ, **environment})


def has_display() -> bool:
    """Whether a window can be shown. macOS and Windows always can."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


# Step 1: Python


def newer_python() -> str | None:
    """The newest Python on the PATH that will do."""
    names = [f"python3.{minor}" for minor in range(OLDEST[1] + 3, OLDEST[1] - 1, -1)]
    return next(filter(None, map(shutil.which, names)), None)


def check_python() -> None:
    """Go on under another Python when this one is too old; Stop when there is none."""
    if sys.version_info >= OLDEST:
        return
    other = newer_python()
    if other is None:
        have = ".".join(map(str, sys.version_info[:3]))
        raise Stop(f"Ganvas needs Python 3.{OLDEST[1]} or newer and this is {have}: install one and run this with it")
    say(f"this Python is too old: going on with {other}")
    sys.exit(call(other, __file__, *sys.argv[1:]))


# Step 2: system libraries


def is_loadable(library: str) -> bool:
    """Whether the dynamic linker finds a shared library for this Python."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def is_root() -> bool:
    """Whether packages of the system may be installed."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def apt_install(packages: list[str]) -> None:
    """Install Debian packages, or Stop with the command that would."""
    wanted = " ".join(packages)
    if not is_root():
        command = f"sudo apt-get update && sudo apt-get install -y --no-install-recommends {wanted}"
        raise Stop(f"system packages are missing; run: {command}")
    say(f"installing system packages: {wanted}")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    call("apt-get", "update", "-qq", **quiet)
    if call("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, **quiet) != 0:
        raise Stop(f"apt-get could not install {wanted} (see above): check the network and the package sources")


def missing_libraries() -> dict[str, str]:
    """What Qt needs and is not there: all that draws, and what a screen needs when there is one."""
    if sys.platform != "linux":
        return {}
    wanted = {**OFFSCREEN_LIBRARIES, **(SCREEN_LIBRARIES if has_display() else {})}
    return {library: package for library, package in wanted.items() if not is_loadable(library)}


def check_system() -> None:
    """Install what the system lacks, all at once, or Stop with what it is."""
    missing = missing_libraries()
    if importlib.util.find_spec("ensurepip") is None and not has_working_venv():  # Debian splits it off Python
        missing["ensurepip (Python's venv)"] = f"python3.{sys.version_info[1]}-venv"
    if missing and shutil.which("apt-get"):
        apt_install(list(missing.values()))
    elif missing:
        raise Stop(f"the system lacks these; install them with your package manager: {', '.join(missing)}")


# Step 3: the virtual environment


def executable(name: str) -> Path:
    """A program of the virtual environment."""
    return VENV / "Scripts" / f"{name}.exe" if os.name == "nt" else VENV / "bin" / name


def has_working_venv() -> bool:
    """Whether .venv holds a Python that still starts and has pip (the model packs come through pip)."""
    if not executable("python").exists():
        return False
    probe = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    try:
        return subprocess.call([str(executable("python")), "-c", probe], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make_venv() -> None:
    """Create .venv afresh, with pip."""
    say("creating .venv")
    if call(sys.executable, "-m", "venv", "--clear", VENV) != 0:
        raise Stop(f"could not create {VENV}: see above; is the folder writable?")


# Step 4: packages


def fingerprint() -> str:
    """What the installed packages depend on: the pins, the metadata, the Python, where the project lies."""
    pins = [(ROOT / name).read_text("utf-8") for name in ("pyproject.toml", "constraints.txt")]
    return hashlib.sha256("\0".join([sys.version, str(ROOT), *pins]).encode()).hexdigest()


def is_installed() -> bool:
    """Whether the stamp says that nothing changed since the last installation."""
    return STAMP.exists() and STAMP.read_text("utf-8").strip() == fingerprint() and executable("python").exists()


def check_space() -> None:
    """Stop before a download that cannot end well."""
    need = FREE_GB.get(sys.platform, FREE_GB_ELSEWHERE)
    free = shutil.disk_usage(ROOT).free / 2**30
    if free < need:
        raise Stop(f"the packages need {need} GB of free disk and {ROOT} has {free:.1f} GB: make room, then run again")


def install_packages() -> None:
    """Install the program and what it stands on into .venv, and leave the stamp."""
    what = ["-c", "constraints.txt", "-e", ".[dev]"]
    uv = shutil.which("uv")
    say(f"installing packages with {'uv' if uv else 'pip'}: the first time some minutes and some gigabytes")
    done = uv is not None and call(uv, "pip", "install", "--python", executable("python"), *what) == 0
    if uv and not done:
        say("uv could not: trying pip, which may know another package index")
    if not done and call(executable("python"), "-m", "pip", "install", "--disable-pip-version-check", *what) != 0:
        raise Stop("pip could not install the packages (see above): check the network, then run this again")
    STAMP.write_text(fingerprint() + "\n", "utf-8")


def setup() -> None:
    """Steps 2 to 4."""
    began = time.monotonic()
    check_system()
    if is_installed():
        return
    if not has_working_venv():
        check_space()
        make_venv()
    install_packages()
    say(f"set up in {time.monotonic() - began:.0f} s")


# Step 5: commands


def get_faces() -> None:
    """Install what faces need, unless it lies there: asked of the editor, which answers without loading the engine."""
    ask = "import sys; from editor.places import has_faces; sys.exit(not has_faces())"
    if call(executable("python"), "-c", ask) == 0:
        return
    say("installing the faces pack: some 40 MB the first time")
    if call(executable("ganvas"), "models", "get", "faces") != 0:
        raise Stop("the faces pack could not be installed (see above): check the network, then run this again")


def run(photo: list[str]) -> int:
    """Open the editor; where there is no display, make the demonstration's pictures instead."""
    get_faces()
    if has_display():
        return call(executable("ganvas"), *photo)
    say("no display: running the demonstration, which writes to demo-output/")
    return call(executable("python"), "-m", "editor.demo", *photo, QT_QPA_PLATFORM="offscreen")


def lint() -> int:
    """Style and types."""
    python = executable("python")
    return call(python, "-m", "ruff", "check", ".") | call(python, "-m", "mypy")


def test(*options: str) -> int:
    """The checks, then the tests: always both, so that the last lines are pytest's summary."""
    checked = lint()
    tested = call(executable("python"), "-m", "pytest", *options)
    return tested or checked


def bench() -> int:
    """The engine's times on this machine."""
    get_faces()
    return call(executable("ganvas"), "bench")


def clean() -> int:
    """Remove what tests, builds and the demonstration left; .venv stays."""
    names = ["demo-output", "build", "dist", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis"]
    caches = [path for top in ("editor", "engine", "resources", "tests") for path in (ROOT / top).rglob("__pycache__")]
    for path in [*(ROOT / name for name in names), *caches]:
        shutil.rmtree(path, ignore_errors=True)
    return 0


def perform(command: str, photo: list[str]) -> int:
    """One command of the Makefile; its exit status."""
    if command == "clean":
        return clean()
    setup()
    if command == "run":
        return run(photo)
    steps = {"setup": lambda: 0, "test": test, "test-all": lambda: test("-m", ""), "bench": bench, "lint": lint}
    return steps[command]()


def main() -> int:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(description="Set Ganvas up and run it.")
    parser.add_argument("command", choices=["setup", "run", "test", "test-all", "bench", "lint", "clean"])
    parser.add_argument("photo", nargs="*", help="with run: the photo to open")
    arguments = parser.parse_args()
    # The project folder is where the commands run, so a photo named from elsewhere needs its whole path.
    photo = [str(Path(name).resolve()) for name in arguments.photo]
    try:
        check_python()
        return perform(arguments.command, photo)
    except Stop as reason:
        print(f"ganvas: {reason}", file=sys.stderr)
    except KeyboardInterrupt:
        print("ganvas: stopped", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
