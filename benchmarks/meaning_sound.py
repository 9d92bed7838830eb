#!/usr/bin/env python3
"""How often the track that sounds nearest is of the same package, or album, by each signal of a data folder.

  VENV/bin/python benchmarks/meaning_sound.py DATA MUSIC [DATA MUSIC] [--draws N] [--json FILE]

MUSIC: the folder that `segue encode DATA --music MUSIC` was given; a file's package is its first folder there, its album the
folder it lies in. A second pair: the same music brought to one format. Wants numpy, pyarrow and safetensors in VENV, and the
program ffprobe.

Nearest by the cosine of vectors whose numbers were brought to mean 0 and deviation 1. The row `container` knows nothing of
the sound: bit rate, sample rate, channels and codec. Chance: over all pairs. Only tracks of packages (albums) with at least
two are asked. Intervals: 95 %, over packages drawn anew with all their tracks, for those of one are not independent.
"""
import argparse
import json
import subprocess
from collections import Counter
from pathlib import Path

import numpy
import pyarrow.parquet
from safetensors.numpy import load_file


def files_of_tracks(data):
    """The file that was heard for each track: the largest."""
    best = {}
    for row in pyarrow.parquet.read_table(f"{data}/files.parquet").to_pylist():
        if row["track"] >= 0 and (row["track"] not in best or (-row["bytes"], row["path"]) < (-best[row["track"]]["bytes"], best[row["track"]]["path"])):
            best[row["track"]] = row
    return {track: Path(row["path"]) for track, row in sorted(best.items())}


def container_of(path):
    asked = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "a:0", "-show_entries", "format=bit_rate:stream=codec_name,sample_rate,channels",
                            "-of", "json", path], capture_output=True, text=True, check=False).stdout
    facts = json.loads(asked or "{}")
    stream = (facts.get("streams") or [{}])[0]
    return [float(facts.get("format", {}).get("bit_rate", 0)), float(stream.get("sample_rate", 0)), float(stream.get("channels", 0)),
            *[float(stream.get("codec_name") == codec) for codec in ("vorbis", "opus", "mp3")]]


def nearest(vectors):
    deviation = vectors.std(0)
    x = (vectors - vectors.mean(0)) / numpy.where(deviation > 1e-9, deviation, numpy.inf)
    x /= numpy.maximum(numpy.linalg.norm(x, axis=1, keepdims=True), 1e-12)
    likeness = x @ x.T
    numpy.fill_diagonal(likeness, -numpy.inf)
    return likeness.argmax(1)


def share(hits, groups, draws):
    """The mean of hits, and its interval over groups drawn with all that is theirs."""
    names, place = numpy.unique(groups, return_inverse=True)
    sums, counts = numpy.bincount(place, hits), numpy.bincount(place)
    drawn = numpy.random.default_rng(1).integers(0, len(names), (draws, len(names)))
    low, high = numpy.quantile(sums[drawn].sum(1) / counts[drawn].sum(1), [0.025, 0.975])
    return float(hits.mean()), float(low), float(high)


def measure(data, music, draws):
    files = files_of_tracks(data)
    tracks = list(files)
    package = numpy.array([path.relative_to(music.resolve()).parts[0] for path in files.values()])
    album = numpy.array([str(path.parent) for path in files.values()])
    signals = {"container": numpy.array([container_of(path) for path in files.values()])}
    for folder in sorted(Path(data, "signals").iterdir()):
        arrays = load_file(folder / "vectors.safetensors")
        rows = dict(zip(arrays["track"].tolist(), arrays["vectors"]))
        if arrays["vectors"].shape[1] > 0 and all(track in rows for track in tracks):
            signals[folder.name] = numpy.stack([rows[track] for track in tracks])
    print(f"{data}: {len(tracks)} tracks, {len(set(package))} packages, {len(set(album))} albums")
    found = {}
    for what, group in (("package", package), ("album", album)):
        sizes = Counter(group.tolist())
        asked = numpy.array([sizes[g] > 1 for g in group])
        chance = numpy.array([(sizes[g] - 1) / (len(group) - 1) for g in group])
        for name, at in {"chance": None, **{name: nearest(vectors) for name, vectors in signals.items()}}.items():
            hits = chance if at is None else (group[at] == group).astype(float)
            mean, low, high = share(hits[asked], package[asked], draws)
            found.setdefault(name, {})[what] = {"share": mean, "low": low, "high": high}
            print(f"  {what:8} {name:16} {mean:.3f} [{low:.3f}, {high:.3f}]")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--draws", type=int, default=5000)
    parser.add_argument("--json")
    given = parser.parse_args()
    found = {str(data): measure(data, music, given.draws) for data, music in zip(given.folders[::2], given.folders[1::2])}
    if given.json:
        Path(given.json).write_text(json.dumps(found, indent=1) + "\n")


main()
