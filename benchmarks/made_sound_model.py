"""Writes networks for sound of published sizes, with random weights: speed does not depend on them.

usage: made_sound_model.py KIND FOLDER     KIND: encodec mert-95m mert-330m music2vec clap-tiny clap-base   (transformers, torch)
       made_sound_model.py --time FOLDER... [--seconds S] [--turns N]    what transformers' own forward takes, one thread
"""
import argparse
import json
import time
from pathlib import Path

import torch
import transformers as tf

SPEECH_LARGE = dict(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096, feat_extract_norm="layer", do_stable_layer_norm=True, conv_bias=True)
CLAP_BASE = dict(patch_embeds_hidden_size=128, hidden_size=1024, depths=[2, 2, 12, 2])
KINDS = {
    "encodec": lambda: (tf.EncodecModel(tf.EncodecConfig()), {}),
    "mert-95m": lambda: (tf.HubertModel(tf.HubertConfig()), dict(sampling_rate=24000, do_normalize=True)),
    "mert-330m": lambda: (tf.HubertModel(tf.HubertConfig(**SPEECH_LARGE)), dict(sampling_rate=24000, do_normalize=True)),
    "music2vec": lambda: (tf.Data2VecAudioModel(tf.Data2VecAudioConfig()), dict(sampling_rate=16000, do_normalize=True)),
    "clap-tiny": lambda: (tf.ClapAudioModelWithProjection(tf.ClapAudioConfig()), {}),
    "clap-base": lambda: (tf.ClapAudioModelWithProjection(tf.ClapAudioConfig(**CLAP_BASE)), {}),
}


def write(kind, folder):
    torch.manual_seed(1)
    model, front_end = KINDS[kind]()
    model.save_pretrained(folder)
    if front_end:
        (folder / "preprocessor_config.json").write_text(json.dumps(front_end))


def opened(folder):
    kind = json.loads((folder / "config.json").read_text())["model_type"]
    model = {"encodec": tf.EncodecModel, "hubert": tf.HubertModel, "data2vec-audio": tf.Data2VecAudioModel, "clap_audio_model": tf.ClapAudioModelWithProjection}[kind].from_pretrained(folder).eval()
    front_end = folder / "preprocessor_config.json"
    rate = json.loads(front_end.read_text())["sampling_rate"] if front_end.exists() else {"encodec": 24000, "clap_audio_model": 48000}[kind]
    return kind, model, rate


def forward(kind, model, wave):
    if kind == "encodec":
        return model.encoder(torch.from_numpy(wave)[None, None])
    if kind == "clap_audio_model":
        extractor = tf.ClapFeatureExtractor()
        features = extractor(wave, sampling_rate=48000, return_tensors="pt", truncation="rand_trunc", padding="repeatpad")["input_features"]
        return model(input_features=features).audio_embeds
    return model(torch.from_numpy((wave - wave.mean()) / (wave.var() + 1e-7) ** 0.5)[None]).last_hidden_state


def measure(folder, seconds, turns):
    kind, model, rate = opened(folder)
    wave = (0.1 * torch.randn(int(rate * seconds))).numpy()
    took = []
    for _ in range(turns + 1):
        begin = time.process_time()
        with torch.inference_mode():
            forward(kind, model, wave)
        took.append(time.process_time() - begin)
    print(f"{folder.name:12} {seconds:5.1f} s at once   transformers {seconds / min(took[1:]):8.2f} seconds of sound a second of one processor", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--time", action="store_true")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("words", nargs="+")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if given.time:
        for word in given.words:
            measure(Path(word), given.seconds, given.turns)
    else:
        write(given.words[0], Path(given.words[1]))
