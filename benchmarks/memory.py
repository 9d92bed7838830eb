#!/usr/bin/env python3
"""What LoRA over a frozen language model takes in memory, also at the shapes of published ones that are filled with random numbers.

  benchmarks/memory.py MODEL... [--storage NAME] [--budget-layers X] [--batch N] [--rank N] [--threads N] [--scratch DIR]

MODEL    a folder in the layout of Hugging Face, or a shape of build/release/benchmarks/made_model with its number of layers:
         qwen2-7b, llama-2-13b, llama-3-70b:4. Made in bf16 and removed afterwards: 15 and 26 GB of disk, 1.7 for a layer of 70B
--storage        of the frozen layers (default: nf4)
--budget-layers  quantises first and reads the layers anew for each pass, within so many layers' room, at least 1
--batch          windows of 50 tracks in a step (default: 8)

A step or two on a made-up log, then the validation and the mix of a small run. Anonymous memory, 50 times a second:
what is mapped from files and can be let go at any time does not count. To enforce a limit, run it in a control group with one.
Environment: SEGUE (default build/release/segue).
"""
import argparse
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parents[1] / "build/release"
SEGUE = os.environ.get("SEGUE", str(HERE / "segue"))


def anonymous_gb(process):
    """Of a process and all that it started."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return 0.0
    own = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon")), 0)
    return own * 1024e-9 + sum(anonymous_gb(child) for child in children)


def run(*command):
    started = time.time()
    with tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=err)
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, anonymous_gb(process.pid))
            time.sleep(0.02)
        if process.returncode != 0:
            err.seek(0)
            sys.exit(f"memory.py: {command[0]} {command[1]}: {err.read().strip()}")
    return peak, time.time() - started


def layer_bytes(folder):
    """Of the first layer, as it is stored; norms and biases are widened to f32."""
    total = 0
    for path in sorted(folder.glob("*.safetensors")):
        with open(path, "rb") as file:
            header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        for name, of in header.items():
            if name.startswith("model.layers.0."):
                size = of["data_offsets"][1] - of["data_offsets"][0]
                total += size * (2 if of["dtype"] in ("BF16", "F16") and len(of["shape"]) == 1 else 1)
    return total


def made_up_data(scratch):
    world, data = scratch / "world", scratch / "data"
    if not data.exists():
        run(SEGUE, "simulate", "--into", world, "--listeners", 4, "--tracks", 300, "--plays", 1500, "--audio-tracks", 0, "--quiet")
        run(SEGUE, "import", world / "spotify", "--into", data, "--quiet")
        run(SEGUE, "prepare", data, "--protocol", "segue-own", "--quiet")
    return data


def measure(model, given, scratch):
    folder, made = Path(model), []
    if not folder.exists():
        shape, _, layers = model.partition(":")
        folder = scratch / model.replace(":", "-")
        made.append(folder)
        run(HERE / "benchmarks/made_model", shape, folder, *([layers] if layers else []))
    storage, budget, layer = given.storage, [], None
    if given.budget_layers > 0:
        if storage in ("int8", "nf4"):
            quantised = scratch / (folder.name + "-" + storage)
            made.append(quantised)
            run(SEGUE, "quantise", folder, "--storage", storage, "--into", quantised, "--quiet")
            folder = quantised
        layer = layer_bytes(folder)
        budget = ["--weights-budget", f"{int(layer * given.budget_layers)}"]
    learnt = scratch / "run"
    shutil.rmtree(learnt, ignore_errors=True)
    settings = {"backbone.name": "language", "backbone.folder": folder, "backbone.storage": storage, "backbone.rank": given.rank, "backbone.recompute": "true",
                "windows.length": 50, "windows.batch": given.batch, "training.epochs": 0.025 * given.batch, "training.refit_epochs": 0,
                "training.validation_cases": 20, "mix.questions": 20}
    peak, seconds = run(SEGUE, "train", made_up_data(scratch), "--protocol", "segue-own", "--run", learnt, "--quiet", "--threads", given.threads, *budget,
                        *(word for name, value in settings.items() for word in ("--set", f"{name}={value}")))
    log = json.loads((learnt / "log.ndjson").read_text().splitlines()[-1])
    print(f"{model:16} {storage:5} {'' if layer is None else f'{layer * given.budget_layers / 1e9:.2f}':>7} {peak:10.2f} {log['step']:6} "
          f"{log['targets']:8.0f} {log['seconds']:9.0f} {seconds:8.0f}", flush=True)
    for gone in made:
        shutil.rmtree(gone)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--storage", default="nf4", choices=["f32", "bf16", "int8", "nf4"])
    parser.add_argument("--budget-layers", type=float, default=0)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--scratch")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as own:
        scratch = Path(given.scratch or own)
        scratch.mkdir(parents=True, exist_ok=True)
        print(f"{'model':16} {'kept':5} {'budget':>7} {'GB at most':>10} {'steps':>6} {'targets':>8} {'learning':>9} {'all':>8}  (seconds)")
        for model in given.models:
            measure(model, given, scratch)


main()
