"""Makes the small CLAP model of this folder and what transformers makes of some texts with it.

usage: python make.py   (transformers 5, tokenizers, safetensors, torch)
"""
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import ClapConfig, ClapModel

HERE = Path(__file__).parent
TEXTS = ["slow piano", "a fast song with loud guitars", "", "Björk", "la la la la la la la la"]
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


def tokenizer():
    vocabulary = {token: i for i, token in enumerate(SPECIAL + sorted(pre_tokenizers.ByteLevel.alphabet()))}
    merges = [("l", "a"), ("Ġ", "la"), ("p", "i"), ("a", "n"), ("pi", "an"), ("s", "o"), ("Ġ", "so")]
    for a, b in merges:
        vocabulary[a + b] = len(vocabulary)
    made = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    made.add_special_tokens(SPECIAL)
    made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False)
    return made


def main():
    torch.manual_seed(5)
    tokens = tokenizer()
    tokens.save(str(HERE / "tokenizer.json"))
    text = dict(vocab_size=tokens.get_vocab_size(), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24, max_position_embeddings=50)
    sound = dict(patch_embeds_hidden_size=4, hidden_size=8, depths=[1, 1], num_attention_heads=[1, 1])
    model = ClapModel(ClapConfig(text_config=text, audio_config=sound, projection_dim=12)).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn(parameter.shape) * 0.4)
        out = {}
        for i, words in enumerate(TEXTS):
            ids = torch.tensor([tokens.encode(words).ids])
            out[f"ids.{i}"] = ids[0]
            out[f"vector.{i}"] = model.get_text_features(input_ids=ids, attention_mask=torch.ones_like(ids)).pooler_output[0].contiguous()
    save_file(out, HERE / "expected.safetensors")
    (HERE / "texts.json").write_text(json.dumps(TEXTS, ensure_ascii=False) + "\n")
    weights = {name: value.contiguous() for name, value in model.state_dict().items() if name.startswith("text") and value.is_floating_point()}
    save_file(weights, HERE / "model.safetensors")
    (HERE / "config.json").write_text(json.dumps(dict(model_type="clap", projection_dim=12, text_config=text, audio_config=sound), indent=1) + "\n")


if __name__ == "__main__":
    main()
