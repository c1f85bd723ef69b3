"""Runs a command and tells what it used: one JSON line. Both sides are measured by this one ruler."""

import json
import os
import subprocess
import sys
import time

start = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
seconds = time.perf_counter() - start
if status:
    sys.exit(f"{sys.argv[1:]} ended with status {os.waitstatus_to_exitcode(status)}")
# macOS counts bytes, Linux kibibytes
peak = usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
cpu = usage.ru_utime + usage.ru_stime
print(json.dumps({"wall": seconds, "cpu": cpu, "mebibytes": peak}))
