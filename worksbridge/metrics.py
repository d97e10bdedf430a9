"""The figures of this process, for Prometheus. Ground: everyone may count here, and it imports nothing of ours.

Each is one call for a batch of work, not for each message or page: counting must cost nothing that shows.
"""

from prometheus_client import Counter, Gauge, Histogram

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# More different codes than the product has: a label must not grow without end, whatever raises errors.
MOST_CODES = 60
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500)
SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)

open_sockets = Gauge("worksbridge_open_sockets", "Sockets open in this process")
pushes_published = Counter("worksbridge_pushes_published_total", "Pushes handed to the channel layer")
pushes_delivered = Counter("worksbridge_pushes_delivered_total", "Frames written to sockets for pushes")
pushes_dropped = Counter("worksbridge_pushes_dropped_total", "Pushes lost before the channel layer", ["why"])
writer_batch = Histogram("worksbridge_writer_batch_size", "Drafts in one transaction", buckets=SIZES)
writer_seconds = Histogram("worksbridge_writer_commit_seconds", "From taking a batch to its commit", buckets=SECONDS)
writer_failures = Counter("worksbridge_writer_failures_total", "Batches that could not be stored")
messages_stored = Counter("worksbridge_messages_stored_total", "Messages committed, retries not counted")
catch_ups = Counter("worksbridge_catch_ups_total", "Answers to pages that asked what changed", ["answer"])
connections_unknown = Counter(
    "worksbridge_connections_unknown_total", "Sockets that go the slow way: the server is not as we know it"
)
frames_refused = Counter("worksbridge_frames_refused_total", "Frames answered with a refusal", ["code"])
requests = Counter("worksbridge_http_requests_total", "Pages answered", ["method", "status", "route"])
request_seconds = Histogram("worksbridge_http_request_seconds", "Time to answer a page", ["route"], buckets=SECONDS)
ready = Gauge("worksbridge_ready", "Whether a check of /readyz passes", ["check"])
_codes: set[str] = set()


def refused(code: str) -> None:
    """Count one refused frame."""
    if code not in _codes and len(_codes) < MOST_CODES:
        _codes.add(code)
    frames_refused.labels(code if code in _codes else "other").inc()


def caught_up(*, reload: bool) -> None:
    """Count one page that asked what changed, and whether it had missed too much to be told."""
    catch_ups.labels("reload" if reload else "changes").inc()


def wrote(size: int, seconds: float, *, failed: bool) -> None:
    """Count one batch of the writer."""
    writer_batch.observe(size)
    writer_seconds.observe(seconds)
    if failed:
        writer_failures.inc()


def answered(method: str, status: int, route: str, seconds: float) -> None:
    """Count one page. `route` is the name of its address, never the address itself."""
    requests.labels(method if method in METHODS else "other", str(status), route).inc()
    request_seconds.labels(route).observe(seconds)
