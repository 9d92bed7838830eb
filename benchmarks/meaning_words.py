#!/usr/bin/env python3
"""How often the hymn whose words are nearest is of the same category, or shares topics, by each encoder of words.

  VENV/bin/python benchmarks/meaning_words.py HYMNS FOLDER... [--draws N] [--json FILE]

HYMNS: OpenHymnal.abc. FOLDER: encoders of sentences, each a row beside TF-IDF and chance. Wants numpy, scikit-learn and
safetensors in VENV, and build/release/benchmarks/words_benchmark.

Nearest by cosine. category: the share of hymns whose nearest is of their category. topics: how many of the two hymns' topics
they have in common (of all that either has). Chance: over all pairs. Intervals: 95 %, over hymns drawn anew; beside TF-IDF:
of the difference for the same hymns.
"""
import argparse
import json
import subprocess
import tempfile
from pathlib import Path

import numpy
from safetensors.numpy import load_file
from sklearn.feature_extraction.text import TfidfVectorizer

from hymns import read_hymns


def encoded(program, folder, texts, storage):
    with tempfile.TemporaryDirectory() as scratch:
        Path(f"{scratch}/texts.json").write_text(json.dumps(texts))
        subprocess.run([program, folder, f"{scratch}/texts.json", storage], input=f"write {scratch}/v.safetensors\nquit\n", text=True, check=True, stdout=subprocess.DEVNULL)
        return load_file(f"{scratch}/v.safetensors")["vectors"]


def nearest(vectors):
    unit = vectors / numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    likeness = unit @ unit.T
    numpy.fill_diagonal(likeness, -numpy.inf)
    return likeness.argmax(1)


def common_words(texts):
    return TfidfVectorizer(sublinear_tf=True, stop_words="english").fit_transform(texts).toarray()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hymns")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--draws", type=int, default=5000)
    parser.add_argument("--program", default=str(Path(__file__).parents[1] / "build/release/benchmarks/words_benchmark"))
    parser.add_argument("--storage", default="f32,int8")
    parser.add_argument("--json")
    given = parser.parse_args()
    hymns = read_hymns(given.hymns)
    texts, n = [hymn.words for hymn in hymns], len(hymns)
    same = numpy.array([[a.category == b.category for b in hymns] for a in hymns], float)
    shared = numpy.array([[len(a.topics & b.topics) / max(1, len(a.topics | b.topics)) for b in hymns] for a in hymns])
    rows = {"tf-idf": nearest(common_words(texts))}
    for folder in given.folders:
        for storage in given.storage.split(","):
            rows[f"{Path(folder).name} {storage}"] = nearest(encoded(given.program, folder, texts, storage))
    drawn = numpy.random.default_rng(1).integers(0, n, (given.draws, n))
    interval = lambda each: [float(q) for q in numpy.quantile(each[drawn].mean(1), [0.025, 0.975])]
    found = {"hymns": n, "categories": len({hymn.category for hymn in hymns}), "rows": {}}
    for what, table in (("category", same), ("topics", shared)):
        chance = (table.sum(1) - table.diagonal()) / (n - 1)
        print(f"{what}: chance {chance.mean():.3f}")
        found["rows"].setdefault("chance", {})[what] = {"mean": float(chance.mean()), "interval": interval(chance)}
        base = table[numpy.arange(n), rows["tf-idf"]]
        for name, places in rows.items():
            each = table[numpy.arange(n), places]
            low, high = interval(each)
            gain = interval(each - base)
            found["rows"].setdefault(name, {})[what] = {"mean": float(each.mean()), "interval": [low, high], "beside_tf_idf": gain}
            print(f"  {name:16} {each.mean():.3f} [{low:.3f}, {high:.3f}]   beside tf-idf {each.mean() - base.mean():+.3f} [{gain[0]:+.3f}, {gain[1]:+.3f}]")
    if given.json:
        Path(given.json).write_text(json.dumps(found, indent=1) + "\n")


main()
