#!/usr/bin/env python3
"""What fewer bits and what is kept of a listener are worth: one more play beside the whole prompt in f32.

  benchmarks/storage.py MODEL [--layers N] [--threads N] [--rounds R] [--program FILE]

MODEL: a folder of LLaMA or Qwen2 in the layout of Hugging Face. Wants build/release/benchmarks/language_benchmark. A program for
each storage, rounds in turn, by the clock; nothing else should run.

  prompt   instruction of 60 tokens and 50 tracks, read as a whole
  one      one more play of a listener of whom all was read but that
  sixteen  one more play of each of 16 listeners, at once; per listener
  read     a text of 512 tokens
"""
import argparse
import statistics

from language_program import PROGRAM, LanguageProgram

STORAGES = ["f32", "bf16", "int8", "nf4"]


def seconds_of(done):
    return done["seconds"] / done["count"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--layers", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--program", default=PROGRAM)
    given = parser.parse_args()
    programs = {storage: LanguageProgram(given.program, given.model, given.layers, 60, 4, storage) for storage in STORAGES}
    jobs = {"prompt": ("prompt", 2), "one": ("play", 1), "sixteen": ("play", 16), "read": ("read", 1)}
    took = {(storage, name): [] for storage in STORAGES for name in jobs}
    for _ in range(given.rounds):
        for name, (what, count) in jobs.items():
            for storage, program in programs.items():
                took[storage, name].append(seconds_of(program(what, count, given.threads)))

    def median(storage, name):
        return statistics.median(took[storage, name])

    def times(storage, name, beside):
        return statistics.median(slow / fast for slow, fast in zip(took[beside], took[storage, name]))

    print(f"{'':6} {'prompt ms':>10} {'one ms':>8} {'x f32 prompt':>13} {'sixteen ms':>11} {'x f32 prompt':>13} {'read: x f32':>12}")
    for storage in STORAGES:
        prompt = ("f32", "prompt")
        print(f"{storage:6} {1e3 * median(storage, 'prompt'):10.1f} {1e3 * median(storage, 'one'):8.1f} {times(storage, 'one', prompt):13.1f} "
              f"{1e3 * median(storage, 'sixteen'):11.1f} {times(storage, 'sixteen', prompt):13.1f} {times(storage, 'read', ('f32', 'read')):12.2f}")


main()
