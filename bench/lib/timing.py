"""Seconds of calls, as rounds.ts takes them."""

import time

NOW = {"wall": time.perf_counter, "cpu": time.process_time}


def seconds_of(call, clock, fill=0.2):
    """Seconds that one call takes: the mean of as many as fill some seconds."""
    start = NOW[clock]()
    calls = 0
    while True:
        call()
        calls += 1
        seconds = NOW[clock]() - start
        if seconds >= fill:
            return seconds / calls
