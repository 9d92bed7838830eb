#!/usr/bin/env python3
"""Segue's encoders of sound beside librosa and beside a plain torch definition of musicnn, over the same waves.

  VENV/bin/python benchmarks/peers/sound.py FILE... [--musicnn FOLDER] [--rounds R] [--only mfcc,descriptors,musicnn] [--json FILE]

FILE: music; `ffmpeg` decodes it beforehand, which is not timed. Wants librosa 0.11 and torch in VENV, and
build/release/benchmarks/encoders_benchmark. One thread each, rounds in turn, processor time.

  mfcc         40 coefficients of each frame of a whole track: librosa.feature.mfcc(y)
  descriptors  the 63 numbers of the first 60 s: librosa.feature.* of y, each by itself; `shared`: of one spectrum
  musicnn      [patches, 200] of a whole track from the wave: log-mel by torch.stft, then the network patch by patch; `at once`: all patches
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"
import librosa  # noqa: E402
import numpy as np  # noqa: E402

warnings.filterwarnings("ignore")


class Ours:
    def __init__(self, program, scratch, encoder, *folder):
        self.process = subprocess.Popen([program, encoder, *folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.into = scratch / f"{encoder}.f32"

    def __call__(self, file, times):
        self.process.stdin.write(f"{file} {times} {self.into}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("sound.py: ours has ended")
        done = json.loads(line)
        return done["processor"] / times, np.fromfile(self.into, np.float32).reshape(done["frames"], done["width"])


def mfcc(y):
    return librosa.feature.mfcc(y=y, sr=22050, n_mfcc=40).T


def row_of(mfcc, centroid, contrast, rolloff, rms, crossings, tempo):
    both = lambda x: np.concatenate([x.mean(-1), x.std(-1)])
    return np.concatenate([both(mfcc), both(centroid), both(contrast), both(rolloff), both(rms), both(crossings), tempo])[None]


def descriptors(y):
    f = librosa.feature
    return row_of(f.mfcc(y=y, sr=22050, n_mfcc=20), f.spectral_centroid(y=y, sr=22050), f.spectral_contrast(y=y, sr=22050),
                  f.spectral_rolloff(y=y, sr=22050), f.rms(y=y), f.zero_crossing_rate(y), f.tempo(y=y, sr=22050))


def shared(y):
    f = librosa.feature
    magnitudes = np.abs(librosa.stft(y))
    decibels = librosa.power_to_db(f.melspectrogram(S=magnitudes**2, sr=22050))
    onsets = librosa.onset.onset_strength(S=decibels, sr=22050)
    return row_of(f.mfcc(S=decibels, n_mfcc=20), f.spectral_centroid(S=magnitudes, sr=22050), f.spectral_contrast(S=magnitudes, sr=22050),
                  f.spectral_rolloff(S=magnitudes, sr=22050), f.rms(y=y), f.zero_crossing_rate(y), f.tempo(onset_envelope=onsets, sr=22050))


class Musicnn:
    """The network as its paper has it, in plain operations; batch norms after the rectifiers, in evaluation."""

    def __init__(self, folder):
        import torch
        from safetensors.torch import load_file
        torch.set_num_threads(1)
        self.torch, self.w = torch, load_file(Path(folder) / "model.safetensors")
        for name in [name for name in self.w if name.startswith("conv")]:
            if name.endswith("kernel"):
                self.w[name] = self.w[name].permute(3, 2, 0, 1).contiguous()
        self.filters = torch.from_numpy(librosa.filters.mel(sr=16000, n_fft=512, n_mels=96))
        self.window = torch.hann_window(512)

    def log_mel(self, y):
        stft = self.torch.stft(self.torch.from_numpy(y), 512, 256, window=self.window, pad_mode="constant", return_complex=True)
        return self.torch.log10(10000 * (self.filters @ stft.abs().square()) + 1).T

    def norm(self, x, n):
        part = lambda what: self.w[f"batch_normalization{f'_{n}' if n else ''}/{what}"]
        return self.torch.nn.functional.batch_norm(x, part("moving_mean"), part("moving_variance"), part("gamma"), part("beta"), eps=1e-3)

    def convolution(self, x, n):
        name, f = f"conv2d{f'_{n}' if n else ''}", self.torch.nn.functional
        kernel = self.w[f"{name}/kernel"]
        taps = kernel.shape[2]
        padded = f.pad(x, (0, 0, (taps - 1) // 2, taps // 2))
        return self.norm(f.relu(f.conv2d(padded, kernel, self.w[f"{name}/bias"])), n + 1)

    def network(self, patches):
        torch, w = self.torch, self.w
        x = self.norm(patches[:, None], 0)  # [B, 1, times, bands]
        front = torch.cat([self.convolution(x, n).amax(3) for n in range(5)], 1)  # [B, 561, times]
        first = self.convolution(front.transpose(1, 2)[:, None], 5)[..., 0]
        second = first + self.convolution(first.transpose(1, 2)[:, None], 6)[..., 0]
        third = second + self.convolution(second.transpose(1, 2)[:, None], 7)[..., 0]
        all = torch.cat([front, first, second, third], 1)
        pooled = torch.stack([all.amax(2), all.mean(2)], 2).flatten(1)
        return self.norm(torch.relu(self.norm(pooled, 9) @ w["dense/kernel"] + w["dense/bias"]), 10)

    def __call__(self, y, at_once=False):
        with self.torch.inference_mode():
            x = self.log_mel(y)
            patches = x[: len(x) // 187 * 187].reshape(-1, 187, 96)
            return (self.network(patches) if at_once else self.torch.cat([self.network(patch[None]) for patch in patches])).numpy()


def decoded(file, rate, scratch, seconds=None):
    into = scratch / f"{rate}-{seconds}.f32"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", file, "-ac", "1", "-ar", str(rate), *(["-t", str(seconds)] if seconds else []), "-f", "f32le", into], check=True)
    return into, np.fromfile(into, np.float32)


def timed(job):
    began = time.process_time()
    result = job()
    return time.process_time() - began, result


def compare(name, ours, theirs, file, wave, rate, rounds):
    theirs(wave)
    seconds, ratios, mine, other = len(wave) / rate, [], [], []
    for _ in range(rounds):
        took, got = ours(file, 5)
        took_theirs, wanted = timed(lambda: theirs(wave))
        mine.append(took)
        other.append(took_theirs)
        ratios.append(took_theirs / took)
    off = np.abs(got - wanted).max() / np.abs(wanted).max()
    found = {"ratio": statistics.median(ratios), "ratios": ratios, "seconds": seconds, "ours": seconds / statistics.median(mine), "theirs": seconds / statistics.median(other),
             "off": float(off)}
    print(f"{name:24}{found['ratio']:8.2f}x   ours {found['ours']:8.0f}, theirs {found['theirs']:7.1f} s of sound a second   off by {off:.1e} of the largest   "
          f"rounds {', '.join(f'{r:.1f}' for r in ratios)}", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--musicnn")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="mfcc,descriptors,musicnn")
    parser.add_argument("--program", default=str(Path(__file__).parents[2] / "build/release/benchmarks/encoders_benchmark"))
    parser.add_argument("--json")
    given = parser.parse_args()
    only, found = given.only.split(","), {}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for file in given.files:
            print(file)
            rows = found.setdefault(file, {})
            if "mfcc" in only:
                path, wave = decoded(file, 22050, scratch)
                rows["mfcc"] = compare("mfcc", Ours(given.program, scratch, "mfcc"), mfcc, path, wave, 22050, given.rounds)
            if "descriptors" in only:
                path, wave = decoded(file, 22050, scratch, 60)
                for name, theirs in (("descriptors", descriptors), ("descriptors, shared", shared)):
                    rows[name] = compare(name, Ours(given.program, scratch, "descriptors"), theirs, path, wave, 22050, given.rounds)
            if "musicnn" in only and given.musicnn:
                path, wave = decoded(file, 16000, scratch)
                plain = Musicnn(given.musicnn)
                for name, theirs in (("musicnn", plain), ("musicnn, at once", lambda y: plain(y, True))):
                    rows[name] = compare(name, Ours(given.program, scratch, "musicnn", given.musicnn), theirs, path, wave, 16000, given.rounds)
    if given.json:
        Path(given.json).write_text(json.dumps(found, indent=1) + "\n")


main()
