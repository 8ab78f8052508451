"""Health: whether the process lives, and whether it can serve."""

from collections.abc import Callable, Sequence

from flask import Blueprint, Response, jsonify


def health(problems: Callable[[], Sequence[str]]) -> Blueprint:
    """Return the routes; `problems` names what keeps the server from serving."""
    routes = Blueprint("health", __name__, url_prefix="/health")

    @routes.get("/live")
    def live() -> Response:
        return jsonify(status="live")

    @routes.get("/ready")
    def ready() -> tuple[Response, int]:
        found = list(problems())
        if found:
            return jsonify(status="not ready", problems=found), 503
        return jsonify(status="ready"), 200

    return routes
