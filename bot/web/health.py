"""`/healthz` (alive), `/readyz` (ready, with the reasons when not) and `/metrics` (Prometheus)."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

Checks = Callable[[], Awaitable[Mapping[str, str]]]
Measures = Callable[[], Awaitable[Mapping[str, float]]]


def attach(app: web.Application, checks: Checks, measures: Measures, registry: CollectorRegistry) -> None:
    """Add the three routes.

    `checks` gives the problems by part, none when all is well; `measures` the state of the queues.
    """
    gauge = Gauge("kring_state", "Queues, lags and ages, by name; times in seconds", ["of"], registry=registry)

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def readyz(_: web.Request) -> web.Response:
        problems = await checks()
        return web.json_response({"ready": not problems, "problems": dict(problems)}, status=503 if problems else 200)

    async def metrics(_: web.Request) -> web.Response:
        gauge.clear()
        for name, value in (await measures()).items():
            gauge.labels(of=name).set(value)
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
