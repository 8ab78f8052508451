"""Jobs that clients asked for: how they go, what came of them, and their end.

https://hl7.org/fhir/R4/async.html
"""

from flask import Blueprint, Response

from psolink.api.gateway import context, gateway
from psolink.api.negotiation import require_acceptable
from psolink.api.responses import fhir_response
from psolink.fhir_json import JsonObject
from psolink.interactions import asynchronous
from psolink.interactions.context import Context
from psolink.interactions.responses import Returning

jobs = Blueprint("jobs", __name__, url_prefix="/fhir")
jobs.before_request(require_acceptable)


def accepted(ctx: Context, bundle: JsonObject, returning: Returning) -> Response:
    """Return the answer to a Bundle that a worker will do: where to ask how it goes."""
    job_id = asynchronous.submit(ctx, gateway().jobs, bundle, returning=returning)
    response = fhir_response(None, 202)
    response.headers["Content-Location"] = f"{ctx.base_url}/_jobs/{job_id}"
    response.headers["Preference-Applied"] = "respond-async"
    response.headers["Retry-After"] = "1"
    return response


@jobs.get("/_jobs/<job>")
def get_job(job: str) -> Response:
    """Status of a job, or what came of it."""
    found = asynchronous.status(context(), gateway().jobs, job)
    if found.result is not None:
        return fhir_response(found.result, 200)
    response = fhir_response(None, 202)
    response.headers["X-Progress"] = found.progress
    response.headers["Retry-After"] = "1"
    return response


@jobs.delete("/_jobs/<job>")
def delete_job(job: str) -> Response:
    """End a job and forget what came of it."""
    asynchronous.cancel(context(), gateway().jobs, job)
    return fhir_response(None, 202)
