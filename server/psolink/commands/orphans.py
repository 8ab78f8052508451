"""End with the parent process, however that ends.

A worker whose master was killed would go on answering for a while, beside the server that was
started in its place.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
"""https://man7.org/linux/man-pages/man2/prctl.2.html"""


def end_with(parent: int) -> None:
    """Let the kernel end this process when `parent` ends; elsewhere than on Linux, do nothing.

    There gunicorn's own watch ends an orphaned worker within a second.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # The parent ended before the kernel was told.
        os.kill(os.getpid(), signal.SIGKILL)
