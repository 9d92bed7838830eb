"""Compares the steps of two preparations: compare.py REFERENCE.json OURS.json RESULTS.jsonl

Every figure of the reference must be in ours: whole numbers and texts equal, others within 1e-6. Prints the ratios of
time and memory from what measure.py wrote. Exits with 1 if a figure differs.
"""
import json, sys

differences, compared = [], 0


def compare(reference, ours, where):
    global compared
    if isinstance(reference, dict):
        for key, value in reference.items():
            if key in ("note", "rounds_here"):  # how it went about it
                continue
            if not isinstance(ours, dict) or key not in ours:
                differences.append(f"{where}/{key}: missing")
            else:
                compare(value, ours[key], f"{where}/{key}")
        return
    compared += 1
    number = isinstance(reference, float) or isinstance(ours, float)
    if not (abs(reference - ours) <= 1e-6 if number else reference == ours):
        differences.append(f"{where}: reference {reference}, ours {ours}")


reference, ours = (json.load(open(path)) for path in sys.argv[1:3])
compare(reference["steps"], ours["steps"], "")
runs = {row["name"]: row for row in map(json.loads, open(sys.argv[3]))}
theirs = runs.pop("reference")
wall, peak = sum(r["wall_s"] for r in runs.values()), max(r["peak_mb"] for r in runs.values())
print(f"reference: {theirs['wall_s']:.1f} s, {theirs['peak_mb']:.0f} MB")
print(f"segue:     {wall:.1f} s, {peak:.0f} MB")
print(f"ratio:     {wall / theirs['wall_s']:.2f} of the time, {peak / theirs['peak_mb']:.2f} of the memory")
print(f"figures:   {compared} compared, {len(differences)} differ")
for line in differences[:20]:
    print("  " + line)
sys.exit(1 if differences else 0)
