"""How other programs are run."""

import os
import subprocess

from .failure import Refused, Unusable


CONFINED = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "confined.sh")


class Failed(Refused):
    """A program failed: what it said."""

    def __init__(self, command, said):
        super().__init__("E_PROGRAM", f"`{command}` failed: {said}")
        self.said = said


def output(*command, cwd=None, env=None, data=None):
    """What a program prints; a failure is reported with what it said."""
    try:
        done = subprocess.run(command, cwd=cwd, env=env, input=data, capture_output=True, check=False)
    except FileNotFoundError:
        raise Unusable(f"{command[0]} is missing; scripts/setup.sh test installs what is needed") from None
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
        raise Failed(" ".join(map(str, command)), said)
    return done.stdout


def text(*command, **options):
    """What a program prints, as one stripped text."""
    return output(*command, **options).decode().strip()


def confined(*command, network=False, cwd=None):
    """What a program of somebody's tree prints, or one that reads it: run without the caller's environment and home."""
    return output(CONFINED, *(("--network",) if network else ()), *command, cwd=cwd)
