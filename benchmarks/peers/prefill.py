#!/usr/bin/env python3
"""A text of 512 tokens read by Segue in each storage beside llama.cpp with a file of Q8_0 made from the same weights.

  VENV/bin/python benchmarks/peers/prefill.py MODEL [--rounds R] [--threads N] [--program FILE] [--plain] [--keep FILE]

MODEL: a folder of Qwen2 in the layout of Hugging Face. Wants llama-cpp-python, gguf and numpy in VENV, and
build/release/benchmarks/language_benchmark. Rounds in turn, by the clock; nothing else should run. Norms and biases are of f32 in the
file, all else of Q8_0. Theirs works out the words that may come after the last token, ours its state.
"""
import argparse
import ctypes
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import quantize

sys.path.insert(0, str(Path(__file__).parents[1]))
from language_program import PROGRAM, LanguageProgram  # noqa: E402

TOKENS, STORAGES = 512, ["f32", "bf16", "int8", "nf4"]
NAMES = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
         "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
         "post_attention_layernorm": "ffn_norm"}


def name_there(name):
    whole = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight"}
    if name in whole:
        return whole[name]
    _, _, layer, rest = name.split(".", 3)
    part, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{NAMES[part]}.{kind}"


def tensors(path):
    """Name and numbers in f32 of a safetensors file of f32 or bf16."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        begin = file.tell()
        for name, about in header.items():
            if name == "__metadata__":
                continue
            first, last = about["data_offsets"]
            file.seek(begin + first)
            raw = file.read(last - first)
            if about["dtype"] == "BF16":
                numbers = (numpy.frombuffer(raw, numpy.uint16).astype(numpy.uint32) << 16).view(numpy.float32)
            elif about["dtype"] == "F32":
                numbers = numpy.frombuffer(raw, numpy.float32)
            else:
                sys.exit(f"prefill.py: {path}: {name} is of {about['dtype']}; f32 and bf16 are read")
            yield name, numbers.reshape(about["shape"])


def write_file(model, into):
    config = json.loads((model / "config.json").read_text())
    if config.get("model_type") != "qwen2":
        sys.exit(f"prefill.py: {model} is of {config.get('model_type')}; qwen2 is known")
    writer = GGUFWriter(into, "qwen2")
    writer.add_context_length(2048)
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("no_vocab")
    for path in sorted(model.glob("*.safetensors")):
        for name, numbers in tensors(path):
            if numbers.ndim == 1:
                writer.add_tensor(name_there(name), numbers)
            else:
                writer.add_tensor(name_there(name), quantize(numbers, GGMLQuantizationType.Q8_0), raw_dtype=GGMLQuantizationType.Q8_0)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


class Theirs:
    def __init__(self, path, threads, extra):
        import llama_cpp
        self.lib = llama_cpp
        llama_cpp.llama_backend_init()
        self.silent = llama_cpp.llama_log_callback(lambda level, text, data: None)
        llama_cpp.llama_log_set(self.silent, ctypes.c_void_p(0))
        how = llama_cpp.llama_model_default_params()
        how.use_extra_bufts = extra  # weights laid out anew for what the processor has
        self.model = llama_cpp.llama_model_load_from_file(str(path).encode(), how)
        given = llama_cpp.llama_context_default_params()
        given.n_ctx = given.n_batch = given.n_ubatch = TOKENS
        given.n_threads = given.n_threads_batch = threads
        self.context = llama_cpp.llama_init_from_model(self.model, given)
        if not self.context:
            sys.exit("prefill.py: llama.cpp does not open the file")
        self.tokens = (ctypes.c_int32 * TOKENS)(*(i * 37 % 5000 + 100 for i in range(TOKENS)))

    def seconds(self):
        self.lib.llama_memory_clear(self.lib.llama_get_memory(self.context), True)
        begin = time.perf_counter()
        if self.lib.llama_decode(self.context, self.lib.llama_batch_get_one(self.tokens, TOKENS)) != 0:
            sys.exit("prefill.py: llama.cpp has failed")
        self.lib.llama_synchronize(self.context)
        return time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--program", default=PROGRAM)
    parser.add_argument("--plain", action="store_true", help="llama.cpp multiplies weights as they lie in the file (its tiles crash on some machines)")
    parser.add_argument("--keep", type=Path, help="where the file of Q8_0 is kept (default: nowhere)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.keep or Path(folder) / "model.gguf"
        if not path.exists():
            write_file(given.model, path)
        who = {"llama.cpp Q8_0": Theirs(path, given.threads, not given.plain).seconds}
        for storage in STORAGES:
            ours = LanguageProgram(given.program, given.model, 0, 60, 4, storage)
            who[f"segue {storage}"] = lambda ours=ours: ours("read", 1, given.threads)["seconds"]
        took = {name: [] for name in who}
        for turn in range(given.rounds + 1):
            for name, one in who.items():
                seconds = one()
                if turn > 0:  # the first one warms up
                    took[name].append(seconds)
    print(f"{TOKENS} tokens, {given.threads} thread(s), median of {given.rounds} rounds")
    for name, seconds in took.items():
        ratio = statistics.median(a / b for a, b in zip(took["llama.cpp Q8_0"], seconds))
        print(f"{name:16} {TOKENS / statistics.median(seconds):8.0f} tokens/s  {ratio:5.2f} times theirs")


main()
