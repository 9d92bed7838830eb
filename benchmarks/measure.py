"""Runs a command and appends what it took to a file: measure.py RESULTS.jsonl NAME [--out FILE] -- COMMAND...

Wall seconds and the peak memory of the command, by getrusage. Exits as the command does.
"""
import json, resource, subprocess, sys, time

split = sys.argv.index("--")
results, name, *rest = sys.argv[1:split]
out = open(rest[1], "wb") if rest else None
start = time.monotonic()
code = subprocess.run(sys.argv[split + 1:], stdout=out).returncode
wall = time.monotonic() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(results, "a") as file:
    print(json.dumps({"name": name, "wall_s": wall, "cpu_s": used.ru_utime + used.ru_stime, "peak_mb": peak}), file=file)
print(f"{name:<28}{wall:9.1f} s wall {used.ru_utime + used.ru_stime:9.1f} s processor {peak:9.0f} MB", file=sys.stderr)
sys.exit(code)
