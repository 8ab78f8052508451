"""The WSGI application for a server of your choice: `gunicorn psolink.wsgi:app`.

It needs PSOLINK_MONGODB_URI: the embedded engine is started by `psolink serve` only.
"""

import os

from psolink.app import create_app
from psolink.settings import Settings
from psolink.store.startup import connect

_settings = Settings.from_env(os.environ)
app = create_app(_settings, connect(_settings.mongodb_uri or ""))
