#!/usr/bin/env python3
"""Segue's reading of sound beside librosa and the program ffmpeg: decoding, mean of the channels, 22,050 Hz.

  VENV/bin/python benchmarks/peers/decode.py MUSIC [--files N] [--rounds R] [--rate HZ] [--json FILE]

MUSIC: a folder; N of its files are taken, evenly among each kind (default 20). Wants librosa 0.11 in VENV (pip install
librosa==0.11.0), the program ffmpeg, and build/release/benchmarks/decode_benchmark. One thread each, file by file in turn,
processor time; ffmpeg's counts the start of the program, for that is how it is used.

  librosa  librosa.load(file, sr=HZ): soundfile, the mean of the channels, soxr_hq
  ffmpeg   ffmpeg -threads 1 -i file -ac 1 -ar HZ -f f32le
  decode   ffmpeg -threads 1 -i file -f null: for comparison, without mean and rate
  windows  ours, 3 s every 30 s, beside ours as a whole
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
import librosa  # noqa: E402

KINDS = (".ogg", ".mp3", ".opus", ".flac", ".m4a", ".wav")


def some(folder, count):
    """As many of each kind as there are kinds to share `count`, evenly spread; what one kind lacks the others give."""
    kinds = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in KINDS and path.is_file():
            kinds.setdefault(path.suffix.lower(), []).append(path)
    chosen = []
    for left, paths in zip(range(len(kinds), 0, -1), sorted(kinds.values(), key=len)):
        share = min(len(paths), (count - len(chosen)) // left)
        chosen += [paths[i * len(paths) // share] for i in range(share)]
    return chosen


class Ours:
    def __init__(self, program, *words):
        self.process = subprocess.Popen([program, *map(str, words)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, path):
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("decode.py: ours has ended")
        answer = json.loads(line)
        if "error" in answer:
            sys.exit(f"decode.py: ours can't read {path}")
        return answer


def with_librosa(path, rate):
    began = time.process_time()
    wave, _ = librosa.load(path, sr=rate)
    return {"processor": time.process_time() - began, "seconds": len(wave) / rate}


def with_ffmpeg(path, arguments):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", str(path), "-vn", "-threads", "1", *arguments]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"processor": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("music", type=Path)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rate", type=int, default=22050)
    parser.add_argument("--program", default=str(Path(__file__).parents[2] / "build/release/benchmarks/decode_benchmark"))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    files = some(given.music, given.files)
    if not files:
        sys.exit(f"decode.py: {given.music} holds no music")

    ours, windows = Ours(given.program, given.rate), Ours(given.program, given.rate, 3, 30)
    raw = ["-ac", "1", "-ar", str(given.rate), "-f", "f32le", "-"]
    sides = {
        "ours": ours,
        "librosa": lambda path: with_librosa(path, given.rate),
        "ffmpeg": lambda path: with_ffmpeg(path, raw),
        "decode": lambda path: with_ffmpeg(path, ["-f", "null", "-"]),
        "windows": windows,
    }
    for side in sides.values():  # what is loaded once
        side(files[0])
    rounds, seconds = [], 0.0
    for turn in range(given.rounds):
        spent = dict.fromkeys(sides, 0.0)
        seconds = 0.0
        for path in files:
            for name, side in sides.items():
                answer = side(path)
                spent[name] += answer["processor"]
                if name == "ours":
                    seconds += answer["seconds"]
        rounds.append(spent)
        print(f"round {turn + 1}: " + ", ".join(f"{name} {value:.2f} s" for name, value in spent.items()), flush=True)

    kinds = {}
    for path in files:
        kinds[path.suffix] = kinds.get(path.suffix, 0) + 1
    print(f"\n{len(files)} files ({', '.join(f'{n} {kind}' for kind, n in sorted(kinds.items()))}), {seconds:.0f} s of sound")
    found = {"files": len(files), "kinds": kinds, "seconds": seconds, "rounds": rounds, "ratio": {}}
    for name in sides:
        ratios = [spent[name] / spent["ours"] for spent in rounds]
        rate = statistics.median(seconds / spent[name] for spent in rounds)
        found["ratio"][name] = statistics.median(ratios)
        print(f"{name:10} {rate:8.0f} s of sound a second   ours is {statistics.median(ratios):6.2f}x as fast   "
              f"rounds {', '.join(f'{ratio:.2f}' for ratio in ratios)}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
