"""The first module of the Rasa process: runs Rasa's own command line inside Rasa's environment.

    python -m bot.nlu.rasa_child run --enable-api ...

Its standard input is a line to the parent. The first line is the auth token (empty: none), so that no list of
processes shows it; the end of the input means that the parent is gone, and the process ends too: no orphan is left.
"""

import os
import sys
import threading

GONE_EXIT_CODE = 3


def main() -> None:
    """Take the token, watch the parent, hand over to Rasa."""
    token = sys.stdin.readline().strip()
    threading.Thread(target=_follow_parent, name="follow-parent", daemon=True).start()
    sys.argv = ["rasa", *sys.argv[1:], *((f"--auth-token={token}",) if token else ())]
    from rasa.__main__ import main as run_rasa  # noqa: PLC0415 - takes 20 s: watch the parent first

    run_rasa()


def _follow_parent() -> None:
    while sys.stdin.readline():
        pass
    # Nothing is worth saving here, and Rasa's threads do not answer to anything softer.
    os._exit(GONE_EXIT_CODE)


if __name__ == "__main__":
    main()
