"""Answers requests, one JSON line each, with what a function returns."""

import json
import sys


def serve(tasks):
    """tasks: functions by name; a request is {"task": name, "given": keyword arguments}."""
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(tasks[request["task"]](**request["given"])), flush=True)
