#!/usr/bin/env python3
"""What is planted in a made-up log, is it found? Needs numpy and pyarrow, and a log in the format of LastFM-1K with what is known of its tracks:

    LOG.tsv, CONTENT/tracks.tsv (track_key, artist, title, duration_ms …), CONTENT/audio.npy, lyrics.npy [tracks, D] with
    audio_mask.npy, lyrics_mask.npy [tracks], CONTENT/genes.tsv (track_key, then numbers, empty where missing)

    planted.py SEGUE LOG.tsv CONTENT INTO signals     each signal taken away in turn, five seeds: segue compare
    planted.py SEGUE LOG.tsv CONTENT INTO noise       twenty signals of noise: how many are found helpful
    planted.py SEGUE LOG.tsv CONTENT INTO cold        among tracks that nobody plays in train: fused, ids alone, each signal alone
    planted.py SEGUE LOG.tsv CONTENT INTO harmful     a signal that is true in train and false after: what does the guard ship?
    planted.py SEGUE LOG.tsv CONTENT INTO finished    completion: the area under the curve of "finished"
    planted.py SEGUE LOG.tsv CONTENT INTO prepare [PROTOCOL]    only what all of these begin with
"""
import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

segue, log, content, into = sys.argv[1], *map(Path, sys.argv[2:5])
data, runs = into / "data", into / "runs"
SIGNALS = ["audio", "genes", "lyrics"]
SETTINGS = ["training.epochs=6", "training.learn_from=train"]


def call(*words):
    done = subprocess.run([segue, *map(str, words), "--quiet", "--json"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout)


def tracks():
    with open(content / "tracks.tsv", encoding="utf-8", newline="") as lines:
        rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return [(r[1], r[2], "" if r[0].startswith("trackname_") else r[0]) for r in rows]


def encode(name, vectors, known):
    """vectors [tracks, D]: NaN where a number is missing."""
    if (data / "signals" / name).exists():
        return
    table = into / f"{name}.tsv"
    with open(table, "w", encoding="utf-8") as out:
        print("artist", "title", "id", *(f"n{d}" for d in range(vectors.shape[1])), sep="\t", file=out)
        for (artist, title, key), row, here in zip(tracks(), vectors, known):
            if here and artist and title:
                print(artist, title, key, *("" if np.isnan(x) else f"{x:.5g}" for x in row), sep="\t", file=out)
    call("encode", data, "--table", table, "--signal", name)


def numbers(name):
    if name == "genes":
        with open(content / "genes.tsv", encoding="utf-8", newline="") as lines:
            genes = np.array([[float(x or "nan") for x in row[1:]] for row in list(csv.reader(lines, delimiter="\t"))[1:]])
        return genes, ~np.isnan(genes).all(1)
    return np.load(content / f"{name}.npy").astype(float), np.load(content / f"{name}_mask.npy")


def prepare(protocol="segue"):
    if not data.exists():
        call("import", log, "--into", data, "--lengths", content / "tracks.tsv")
    if not (data / "protocols" / protocol).exists():
        call("prepare", data, "--protocol", protocol)
    for name in SIGNALS:
        encode(name, *numbers(name))


def train(name, *settings, seed=1, signals=()):
    words = [x for s in (*SETTINGS, *settings, f"items.signals=[{','.join(signals)}]") for x in ("--set", s)]
    return call("train", data, "--protocol", "segue", "--run", runs / name, "--seed", seed, *words)


def evaluate(names, *more):
    return call("evaluate", data, "--protocol", "segue", "--ranker", "popular", "--into", into / "judged", *more, *(x for n in names for x in ("--run", runs / n)))


def figure(one, metric="ndcg@10"):
    m = one["metrics"][metric]
    return f"{m['mean']:.4f} [{m['low']:.4f}, {m['high']:.4f}]"


def signals():
    grid = {"data": str(data.resolve()), "protocol": "segue", "seeds": [1, 2, 3, 4, 5], "rankers": ["popular", "counters"],
            "base": {"training": {"epochs": 6, "refit_epochs": 1}, "fusion": {"guard": False}},
            "variants": [{"name": "all", "items.signals": SIGNALS}, {"name": "ids"}]
            + [{"name": f"no-{s}", "items.signals": [t for t in SIGNALS if t != s]} for s in SIGNALS]}
    (into / "signals.yaml").write_text(json.dumps(grid))
    found = call("compare", into / "signals.yaml", "--into", into / "signals")
    for among, part in (("catalogue", found), ("everything", found["everything"])):
        for one in part["pairs"]:
            if one["family"] == "effects":
                print(f"{among:10} {one['slice'] or 'all':13} {one['a']} - {one['b']}: {one['difference']:+.4f} [{one['low']:+.4f}, {one['high']:+.4f}] p {one['p_holm']:.3f}")


def noise():
    helpful = []
    for seed in range(1, 21):
        name, made = f"noise-{seed}", np.random.default_rng(seed).standard_normal((len(tracks()), 32))
        encode(name, made, np.ones(len(made), bool))
        train(f"ids-{seed}", seed=seed)
        train(name, "fusion.guard=false", seed=seed, signals=[name])
        found = evaluate([f"ids-{seed}", name])
        for among, part in (("catalogue", found), ("everything", found["everything"])):
            pair = next(p for p in part["pairs"] if p["metric"] == "ndcg@10" and {p["a"], p["b"]} == {f"ids-{seed}", name})
            sign = 1 if pair["a"] == name else -1
            low = min(sign * pair["low"], sign * pair["high"])
            helpful += [among] if low > 0 else []
            print(f"seed {seed}, {among}: {sign * pair['difference']:+.4f}, low {low:+.4f}", flush=True)
    print("found helpful:", {among: helpful.count(among) for among in ("catalogue", "everything")}, "of 20")


def cold():
    train("ids")
    train("all", "fusion.guard=false", signals=SIGNALS)
    for name in SIGNALS:
        train(name, "fusion.guard=false", signals=[name])
    found = evaluate(["ids", "all", *SIGNALS], "--among", "unplayed", "--ties", "expected")
    print(found["protocol"]["candidates"], found["protocol"]["cases"], "cases; chance", f"{found['chance']['ndcg@10']:.4f}")
    for one in found["rankers"]:
        print(f"{one['name']:10} ndcg@10 {figure(one)} recall@10 {figure(one, 'recall@10')}")


def harmful():
    """Tracks that nobody plays in train sound just as those that are played most: what train says of sound is wrong after it."""
    made, known = numbers("audio")
    plays, names = (pq.read_table(data / "protocols" / "segue" / f"{table}.parquet").to_pydict() for table in ("plays", "tracks"))
    train_plays = Counter(track for track, part in zip(plays["track"], plays["part"]) if part < 2)
    of_name = {(a, t): train_plays[i] for i, (a, t) in enumerate(zip(names["artist"], names["title"]))}
    times = np.array([of_name.get(track[:2], 0) for track in tracks()])
    often = [i for i in np.argsort(-times) if known[i]][:50]
    made[times == 0] = made[np.random.default_rng(5).choice(often, (times == 0).sum())]
    encode("turned", made, known | (times == 0))
    for name, sound in (("true", "audio"), ("harmed", "turned")):
        parts = train(name, signals=[sound, "lyrics"])["parts"]
        print(f"{name}: hears {parts['name']}; {parts['reason']}")
        for one in parts["evaluation"]["rankers"]:
            print(f"  {one['name']}: {figure(one)}")


def finished():
    for name, settings in (("finish", ["finish.weight=1"]), ("finish-5", ["finish.weight=5"])):
        print(name, json.dumps(train(name, *settings)["finish"]))
    print("test", json.dumps(evaluate(["finish", "finish-5"])["finish"]))


into.mkdir(parents=True, exist_ok=True)
prepare(*sys.argv[6:])
{"prepare": lambda: None, "signals": signals, "noise": noise, "cold": cold, "harmful": harmful, "finished": finished}[sys.argv[5]]()
