#!/usr/bin/env python3
"""Segue's encoders of words beside sentence-transformers, over the same weights and texts.

  VENV/bin/python benchmarks/peers/words.py MODEL HYMNS [--rounds R] [--threads 1,2] [--texts hymns,lines] [--storage f32,int8] [--json FILE]

MODEL: a folder of sentence-transformers. HYMNS: OpenHymnal.abc. Wants sentence-transformers in VENV, and
build/release/benchmarks/words_benchmark. Rounds in turn, processor time; nothing else should run.

  hymns  the words of each hymn, cut where the model stops reading: neither does more than the other
  lines  the lines of the first hymns, each a text
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from hymns import read_hymns  # noqa: E402

import torch  # noqa: E402
from safetensors.numpy import load_file  # noqa: E402
from sentence_transformers import SentenceTransformer  # noqa: E402


class Ours:
    def __init__(self, program, model, texts, storage, threads):
        self.threads = threads
        self.process = subprocess.Popen([program, model, texts, storage], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=os.environ | {"OMP_NUM_THREADS": "1"})

    def __call__(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("words.py: ours has ended")
        return json.loads(line)

    def timed(self):
        return self(f"encode {self.threads}")

    def vectors(self):
        with tempfile.TemporaryDirectory() as scratch:
            self(f"write {scratch}/v.safetensors")
            return load_file(f"{scratch}/v.safetensors")["vectors"]


class Theirs:
    def __init__(self, model, texts, threads):
        self.model, self.texts, self.threads = model, texts, threads

    def vectors(self):
        return self.model.encode(self.texts, show_progress_bar=False)

    def timed(self):
        torch.set_num_threads(self.threads)
        began, clock = time.process_time(), time.perf_counter()
        self.vectors()
        return {"processor": time.process_time() - began, "seconds": time.perf_counter() - clock}


def cut(model, text):
    tokens = model.tokenizer(text, return_offsets_mapping=True, add_special_tokens=False, truncation=False, verbose=False)["offset_mapping"]
    room = model.max_seq_length - model.tokenizer.num_special_tokens_to_add()
    return text if len(tokens) <= room else text[:tokens[room - 1][1]]


def texts_of(model, hymns):
    lines = [line for hymn in hymns[:60] for line in hymn.words.split("\n")]
    parts = [part.strip() for line in lines for part in line.replace(";", ",").split(",")]
    return {"hymns": [cut(model, hymn.words) for hymn in hymns], "lines": [part for part in parts if part]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("hymns")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--texts", default="hymns,lines")
    parser.add_argument("--storage", default="f32,int8")
    parser.add_argument("--first", type=int, default=1000, help="of the hymns")
    parser.add_argument("--program", default=str(Path(__file__).parents[2] / "build/release/benchmarks/words_benchmark"))
    parser.add_argument("--json")
    given = parser.parse_args()
    model = SentenceTransformer(given.model, device="cpu")
    chosen, found = texts_of(model, read_hymns(given.hymns)[:given.first]), {}
    for name in given.texts.split(","):
        texts = chosen[name]
        theirs_vectors = model.encode(texts, show_progress_bar=False)
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / "texts.json"
            file.write_text(json.dumps(texts))
            for threads in map(int, given.threads.split(",")):
                theirs = Theirs(model, texts, threads)
                ours = {storage: Ours(given.program, given.model, str(file), storage, threads) for storage in given.storage.split(",")}
                cosines = {storage: (one.vectors() * theirs_vectors).sum(1) for storage, one in ours.items()}
                rounds = [(theirs.timed(), {storage: one.timed() for storage, one in ours.items()}) for _ in range(given.rounds)]
                for storage in ours:
                    ratio = lambda unit: [a[unit] / b[storage][unit] for a, b in rounds]
                    rate = [len(texts) / b[storage]["processor"] for _, b in rounds]
                    row = {"ratio": statistics.median(ratio("processor")), "rounds": ratio("processor"), "by_clock": statistics.median(ratio("seconds")),
                           "texts_a_processor_second": statistics.median(rate), "theirs": statistics.median(len(texts) / a["processor"] for a, _ in rounds),
                           "least_cosine": float(cosines[storage].min()), "mean_cosine": float(cosines[storage].mean())}
                    found[f"{name}, {threads} threads, {storage}"] = row
                    print(f"{name:6} {threads} threads {storage:5} {row['ratio']:6.2f}x ({row['by_clock']:.2f}x by the clock)   ours {row['texts_a_processor_second']:8.1f}, theirs "
                          f"{row['theirs']:8.1f} texts a processor second   cosine {row['least_cosine']:.5f} at least, {row['mean_cosine']:.5f} on average   "
                          f"rounds {', '.join(f'{r:.2f}' for r in row['rounds'])}", flush=True)
                for one in ours.values():
                    one.process.stdin.close()
                    one.process.wait()
    if given.json:
        Path(given.json).write_text(json.dumps(found, indent=1) + "\n")


main()
