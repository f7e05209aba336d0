"""The load test. `make load` runs it; thresholds.json decides whether it passed."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from locust import HttpUser, between, events, task

LIMITS = json.loads(Path(__file__).with_name("thresholds.json").read_text())


class Visitor(HttpUser):
    wait_time = between(0.05, 0.2)

    @task(9)
    def add(self) -> None:
        a, b = random.randrange(1000), random.randrange(1000)
        path = f"/add?a={a}&b={b}"
        with self.client.get(path, name="/add", catch_response=True) as response:
            if response.status_code == 200 and response.json().get("sum") != a + b:
                response.failure("wrong sum")

    @task(1)
    def health(self) -> None:
        self.client.get("/healthz")


@events.quitting.add_listener
def judge(environment: Any, **_: Any) -> None:
    total = environment.stats.total
    found = {
        "fail_ratio": total.fail_ratio,
        "p95_ms": total.get_response_time_percentile(0.95) or 0,
        "p99_ms": total.get_response_time_percentile(0.99) or 0,
        "rps": total.total_rps,
    }
    broken = [
        f"{key} {found[key]:.4g} > {LIMITS[key + '_max']}"
        for key in ("fail_ratio", "p95_ms", "p99_ms")
        if found[key] > LIMITS[key + "_max"]
    ]
    if total.num_requests == 0 or found["rps"] < LIMITS["rps_min"]:
        broken.append(f"rps {found['rps']:.4g} < {LIMITS['rps_min']}")
    for line in broken:
        print("threshold broken:", line)
    if not broken:
        print("thresholds met:", ", ".join(f"{key} {value:.4g}" for key, value in found.items()))
    environment.process_exit_code = 1 if broken else 0
