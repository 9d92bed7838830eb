#!/usr/bin/env python3
"""The paper's grid in miniature, in one command: prepares a made-up log under both protocols, encodes what is known of its tracks, draws decoders
at random, and compares as many cells as it takes for every two values to occur together. Needs numpy and pyarrow, and a log and a folder CONTENT
as planted.py wants them.

    paper_grid.py SEGUE LOG.tsv CONTENT INTO [more of segue compare]
"""
import subprocess
import sys
import time
from pathlib import Path

segue, log, content, into = Path(sys.argv[1]).resolve(), *(Path(x).resolve() for x in sys.argv[2:5])
configs = Path(__file__).resolve().parent.parent / "configs"


def call(*words):
    if subprocess.run([segue, *map(str, words)], cwd=into, check=False).returncode:
        sys.exit(1)


began = time.time()
into.mkdir(parents=True, exist_ok=True)
for protocol in ("segue", "paper"):
    subprocess.run([sys.executable, Path(__file__).with_name("planted.py"), segue, log, content, into, "prepare", protocol], check=True)
for name in ("qwen2-tiny", "llama-tiny"):
    if not (into / "models" / name / "config.json").exists():
        call("quantise", configs / "decoders" / name, "--random-weights", "--into", into / "models" / name, "--quiet")
grid = configs / "grids" / "paper-miniature.yaml"
call("compare", grid, "--data", into / "data", "--into", into / "grid", "--pairwise", *sys.argv[5:])
print(f"{time.time() - began:.0f} seconds", file=sys.stderr)
