#!/usr/bin/env python3
"""Segue's language backbone beside transformers and PEFT, doing what E4SRec does, over the same weights in f32.

  VENV/bin/python benchmarks/peers/language.py MODEL [--layers N] [--rounds R] [--only answer,cases,learn,threads] [--json FILE]

MODEL: a folder of LLaMA or Qwen2 in the layout of Hugging Face. Wants transformers, peft and torch in VENV, and
build/release/benchmarks/language_benchmark. One thread each, rounds in turn, processor time; nothing else should run.

  answer   8 windows of 50 tracks behind an instruction of 60 tokens and before a response of 4; theirs: one prompt each
  cases    questions after each play of one listener: theirs a prompt for each question, ours windows read once
  learn    LoRA (rank 16, all seven projections): theirs one target a prompt, ours every play; no activations are recomputed
  threads  ours, with two threads beside one, by the clock
"""
import argparse
import json
import os
import resource
import statistics
import sys
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
sys.path.insert(0, str(Path(__file__).parents[1]))
import torch  # noqa: E402
from language_program import PROGRAM, LanguageProgram  # noqa: E402
from transformers import AutoModel  # noqa: E402

INSTRUCTION, RESPONSE, WINDOW, ROWS = 60, 4, 50, 8


class Theirs:
    """E4SRec's pass: instruction, projected tracks, response; the last state against a head."""

    def __init__(self, folder, layers, learns):
        torch.set_num_threads(1)
        model = AutoModel.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
        if layers:
            model.layers = model.layers[:layers]
            model.config.num_hidden_layers = layers
        self.words = model.get_input_embeddings().weight.detach()
        width = model.config.hidden_size
        self.project = torch.nn.Linear(64, width)
        self.head = torch.nn.Linear(width, 2000, bias=False)
        self.tracks = torch.randn(2000, 64) / 8
        self.model = model
        if learns:
            from peft import LoraConfig, get_peft_model
            names = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
            self.model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, lora_dropout=0.05, target_modules=names))
            self.model.train()
            parameters = [p for p in self.model.parameters() if p.requires_grad]
            parameters += list(self.project.parameters()) + list(self.head.parameters())
            self.optimiser = torch.optim.AdamW(parameters, lr=1e-4)
        else:
            model.eval()

    def states(self, rows, plays=WINDOW):
        some = torch.randint(0, 2000, (rows, plays))
        tokens = lambda n: self.words[torch.full((rows, n), 100)]
        vectors = torch.cat([tokens(INSTRUCTION), self.project(self.tracks[some]), tokens(RESPONSE)], dim=1)
        mask = torch.ones(vectors.shape[:2], dtype=torch.long)
        return self.model(inputs_embeds=vectors, attention_mask=mask, use_cache=False).last_hidden_state[:, -1]

    def answer(self):
        with torch.no_grad():
            self.states(ROWS)
        return {"count": ROWS, "tokens": ROWS * (INSTRUCTION + WINDOW + RESPONSE)}

    def learn(self):
        states = self.states(ROWS)
        loss = torch.nn.functional.cross_entropy(states @ self.head.weight[:129].T, torch.zeros(ROWS, dtype=torch.long))
        loss.backward()
        self.optimiser.step()
        self.optimiser.zero_grad()
        return {"count": ROWS, "tokens": ROWS * (INSTRUCTION + WINDOW + RESPONSE), "prompts": ROWS * (INSTRUCTION + WINDOW + RESPONSE)}

    def timed(self, job):
        began, clock = time.process_time(), time.perf_counter()
        done = job()
        done |= {"processor": time.process_time() - began, "seconds": time.perf_counter() - clock}
        return done


def rate(done, unit="count", time="processor"):
    return done[unit] / done[time]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--layers", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="answer,cases,learn,threads")
    parser.add_argument("--program", default=PROGRAM)
    parser.add_argument("--json")
    given = parser.parse_args()
    found = {}

    def note(name, ratios, ours, theirs, unit):
        found[name] = {"ratio": statistics.median(ratios), "ratios": ratios, "ours": ours, "theirs": theirs, "unit": unit}
        print(f"{name:24} {statistics.median(ratios):8.2f}x   ours {ours:9.2f}, theirs {theirs:9.2f} {unit}   "
              f"rounds {', '.join(f'{r:.2f}' for r in ratios)}", flush=True)

    def peak():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20

    only = given.only.split(",")
    if "answer" in only or "cases" in only:
        ours, theirs = LanguageProgram(given.program, given.model, given.layers, INSTRUCTION, RESPONSE), Theirs(given.model, given.layers, False)
        theirs.answer()
        answers, cases = [], []
        for _ in range(given.rounds):
            one = theirs.timed(theirs.answer)
            if "answer" in only:
                answers.append((rate(ours("answer", 64)), rate(one)))
            if "cases" in only:
                cases.append((rate(ours("cases", 450)), rate(one)))
        for name, pairs in (("answer", answers), ("cases", cases)):
            if pairs:
                note(name, [a / b for a, b in pairs], statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs), "a processor second")
        ours.process.stdin.close()
    if "learn" in only:
        ours, theirs = LanguageProgram(given.program, given.model, given.layers, INSTRUCTION, RESPONSE), Theirs(given.model, given.layers, True)
        theirs.learn()
        pairs = []
        for _ in range(given.rounds):
            mine = ours("learn", 2)
            mine["prompts"] = mine["count"] // WINDOW * (INSTRUCTION + WINDOW)  # had each window its own instruction, without a response
            pairs.append((mine, theirs.timed(theirs.learn)))
        for unit in ("count", "tokens", "prompts"):
            rates = [(rate(a, unit), rate(b, unit)) for a, b in pairs]
            note("learn: " + {"count": "targets", "tokens": "tokens read", "prompts": "tokens of prompts"}[unit], [a / b for a, b in rates], statistics.median(a for a, _ in rates),
                 statistics.median(b for _, b in rates), "a processor second")
        mine, other = max(a["peak_kib"] for a, _ in pairs) / 2**20, peak()
        note("learn: memory", [mine / other], mine, other, "GiB at most")
        ours.process.stdin.close()
    if "threads" in only:
        ours = LanguageProgram(given.program, given.model, given.layers, INSTRUCTION, RESPONSE)
        for what, count in (("answer", 64), ("learn", 2)):
            pairs = [(rate(ours(what, count, 2), "tokens", "seconds"), rate(ours(what, count, 1), "tokens", "seconds")) for _ in range(given.rounds)]
            note(f"two threads: {what}", [a / b for a, b in pairs], statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs),
                 "tokens a second (two, one)")
        ours.process.stdin.close()
    if given.json:
        Path(given.json).write_text(json.dumps(found, indent=1) + "\n")


main()
