"""How these scripts end: 0 done, 1 refused with a code and a sentence, 2 usage."""

import signal
import sys


class Refused(Exception):
    """What was asked for does not hold: a code for scripts, a sentence for people."""

    def __init__(self, code, sentence):
        super().__init__(f"{code}: {sentence}")


class Unusable(Exception):
    """What was asked for cannot be tried: an option, a missing program."""


def run(name, main):
    """Runs `main` to its exit code; a signal ends it in the orderly way, so that temporary folders go."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except Refused as refused:
        sys.exit(_say(name, refused, 1))
    except Unusable as unusable:
        sys.exit(_say(name, unusable, 2))
    except OSError as error:
        sys.exit(_say(name, f"E_IO: {error}", 1))
    except KeyboardInterrupt:
        sys.exit(130)


def _say(name, what, code):
    print(f"{name}: {what}", file=sys.stderr)
    return code
