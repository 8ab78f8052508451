"""End with the parent process, however that ends.

A worker whose master was killed would go on answering for a while, beside the server that was
started in its place.
"""

import ctypes
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
"""https://man7.org/linux/man-pages/man2/prctl.2.html"""

_LOOK_SECONDS = 1.0


def end_with(parent: int) -> None:
    """Let this process end when `parent` ends: by the kernel on Linux, elsewhere by looking."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_look_after, args=(parent,), daemon=True).start()
    if os.getppid() != parent:
        # The parent ended before the kernel was told.
        os.kill(os.getpid(), signal.SIGKILL)


def _look_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGKILL)
