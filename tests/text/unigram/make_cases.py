#!/usr/bin/env python3
"""Makes the small Unigram tokenizers of this folder and what the libraries of their makers cut texts into.

  python tests/text/unigram/make_cases.py      wants sentencepiece, tokenizers and protobuf

sentencepiece.bpe.model  trained on the sentences below, written for this
tokenizer.json           the same as XLM-R's is made of it: Precompiled, Metaspace, Unigram, <s> … </s>
fallback/tokenizer.json  told by bytes where no piece is known, spaces joined, without a word's mark in front
cases.json               texts; ids by both libraries, XLM-R's offsets added to sentencepiece's
"""
import json
import tempfile
import unicodedata
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

HERE = Path(__file__).parent

SENTENCES = """\
The river sings a quiet song to every stone it meets.
Walking home, I hear the drums of rain on the roofs.
Der Fluss singt ein leises Lied für jeden Stein.
La rivière chante une chanson douce à chaque pierre.
El río canta una canción tranquila a cada piedra, ¿la oyes?
Dòng sông hát một bài ca lặng lẽ cho mỗi hòn đá.
Nehir her taşa sessiz bir şarkı söyler; İstanbul dinler.
Река поёт тихую песню каждому камню.
Το ποτάμι τραγουδά ένα ήσυχο τραγούδι σε κάθε πέτρα.
النهر يغني أغنية هادئة لكل حجر.
הנהר שר שיר שקט לכל אבן.
नदी हर पत्थर को एक शांत गीत सुनाती है।
নদী প্রতিটি পাথরকে একটি শান্ত গান শোনায়।
நதி ஒவ்வொரு கல்லுக்கும் ஒரு அமைதியான பாடல் பாடுகிறது.
แม่น้ำร้องเพลงเงียบ ๆ ให้ก้อนหินทุกก้อน
川はすべての石に静かな歌をうたう。
河流为每一块石头唱一首安静的歌。
강은 모든 돌에게 조용한 노래를 부른다.
Գետը հանգիստ երգ է երգում ամեն քարի համար։
მდინარე ყველა ქვას წყნარ სიმღერას უმღერის.
ወንዙ ለእያንዳንዱ ድንጋይ ጸጥ ያለ ዘፈን ይዘፍናል።
""".splitlines()

ODD = [
    "", " ", "   ", "a", "\n", "\t tab\tand\nline\r\n", "two  spaces   three", " leads", "trails ", "\u3000wide\u3000space\u3000",
    "ＦＵＬＬ ｗｉｄｔｈ １２３", "ﬁne ﬂow ﬃ", "½ ² ³ ⅷ Ⅳ ①", "ｶﾞｷﾞｸﾞ ﾊﾟ", "ガ ガ", "é é ê̄ ǎ", "Å Å Å", "Ω Ω", "한 한",
    "zero\u200bwidth\u200djoin\u2060er\ufeff", "soft\u00adhyphen", "nul\x00inside", "bell\x07 del\x7f", "\u0085next\u2028line\u2029",
    "right\u202eleft\u202c", "👩‍👩‍👧‍👦 👍🏽 🇩🇪🇫🇷 ❤️ ☃", "𝕊𝕠𝕟𝕘 𝒍𝒐𝒗𝒆", "𐍈𐌰 𓀀", "\u0301 alone", "क्षि त्र श्र", "ก็ น้ำ", "ﷺ", "…‥ ‼ ™ ℡ №",
    "“curly” ‘quotes’ — dash – dash ‑", "▁mark ▁▁ in text", "<s> and </s>", "a<mask>b", "a <mask> b", "<pad><unk>", "< s > <S>", "<0x41>", "<mask",
    "unknown: ☃☃☃ ☂ x ☃", "QqQq ZzZz", "x" * 60, "ab" * 40, "ñandú ÑANDÚ", "naïve façade coöperate", "1999 2024 3.14 1,000", "C++ & <b>html</b>", "http://a.b/c?d=e#f",
    "Ａ́", "ａ\u0300", "\u1100\u1161\u11a8", "ẛ̣", "İi Iı", "ǅ ǆ", "㍿ ㌀ ㋿", "ﾞ", "\ud7ff\ue000\uffff", "\U0010ffff",
]


def cases():
    words = " ".join(SENTENCES).split()
    mixed = [" ".join(words[i::17]) for i in range(17)]
    return ODD + SENTENCES + [s.upper() for s in SENTENCES] + [s.replace(" ", "") for s in SENTENCES] + mixed + [" ".join(SENTENCES)]


def rules():
    """NFKC of the characters here and of what stands beside each other; other spaces become one, what is unseen goes."""
    made = {c: "" for c in map(chr, [*range(1, 9), 11, *range(14, 32), 0x7F, 0xAD, 0xFEFF, 0x202E, 0x202C, 0x2060])}
    made |= {c: " " for c in "\t\n\r\x0c\u0085\u200b\u200d\u2028\u2029"}
    for text in cases():
        for length in (1, 2, 3):
            for run in (text[i:i + length] for i in range(len(text) - length + 1)):
                normal = unicodedata.normalize("NFKC", run)
                plain = len(normal) > length or run[1:] and normal == "".join(unicodedata.normalize("NFKC", c) for c in run)
                if normal != run and not (plain and length > 1) and not any(c in made and made[c] in ("", " ") for c in run) and "\x00" not in run:
                    made[run] = normal
    hexes = lambda text: " ".join(f"{ord(c):X}" for c in text)
    return "".join(f"{hexes(source)}\t{hexes(target)}\n" for source, target in sorted(made.items()) if not any(0xD800 <= ord(c) < 0xE000 for c in source))


def train():
    with tempfile.TemporaryDirectory() as scratch:
        text, table = Path(scratch) / "text", Path(scratch) / "rules.tsv"
        table.write_text(rules(), encoding="utf-8")
        text.write_text("\n".join(SENTENCES * 3) + "\n", encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            input=str(text), model_prefix=f"{scratch}/m", model_type="unigram", vocab_size=560, character_coverage=0.995, num_threads=1,
            unk_id=0, bos_id=1, eos_id=2, pad_id=-1, normalization_rule_tsv=str(table), hard_vocab_limit=False, minloglevel=2)
        model = Path(f"{scratch}/m.model").read_bytes()
    spec = sentencepiece_model_pb2.ModelProto()
    spec.ParseFromString(model)
    spec.trainer_spec.input[:] = []
    spec.trainer_spec.model_prefix = spec.normalizer_spec.normalization_rule_tsv = ""
    return spec


def fairseq_tokenizer(spec):
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)] + [(p.piece, p.score) for p in spec.pieces[3:]] + [("<mask>", 0.0)]
    made = Tokenizer(models.Unigram(pieces, unk_id=3, byte_fallback=False))
    made.normalizer = normalizers.Sequence([normalizers.Precompiled(spec.normalizer_spec.precompiled_charsmap), normalizers.Replace(Regex(" {2,}"), " ")])
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")])
    made.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    made.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    made.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in ("<s>", "<pad>", "</s>", "<unk>")] + [AddedToken("<mask>", lstrip=True, normalized=False, special=True)])
    return made


def fallback_tokenizer(spec):
    pieces = [("<unk>", 0.0)] + [(f"<0x{b:02X}>", -20.0) for b in range(256)] + [(p.piece, p.score) for p in spec.pieces[3:]]
    made = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=True))
    made.normalizer = normalizers.Sequence([normalizers.Strip(left=False, right=True), normalizers.Precompiled(spec.normalizer_spec.precompiled_charsmap)])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
    made.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace(replacement="▁", prepend_scheme="first")])
    return made


def fairseq_ids(processor, text):
    """XLM-R's: special tokens are found first, spaces before <mask> belong to it; pieces are one further, <unk> is 3."""
    special = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": processor.get_piece_size() + 1}
    ids, rest = [], text
    while rest:
        found = [(rest.find(t), -len(t), t) for t in special if t in rest]
        at, _, token = min(found) if found else (len(rest), 0, None)
        before = rest[:at].rstrip() if token == "<mask>" else rest[:at]
        ids += [i + 1 if i else 3 for i in processor.encode(before)]
        if token is None:
            break
        ids.append(special[token])
        rest = rest[at + len(token):]
    return ids


def tied(processor, text):
    """Whether two ways are as probable as each other: which one is taken depends on rounding, and so on the version."""
    best = processor.nbest_encode(text, nbest_size=2, return_type="proto").nbests
    return len(best) > 1 and abs(best[0].score - best[1].score) < 1e-3


def main():
    spec = train()
    (HERE / "sentencepiece.bpe.model").write_bytes(spec.SerializeToString())
    processor = sentencepiece.SentencePieceProcessor(model_proto=spec.SerializeToString())
    tokenizers = {"xlm-roberta": fairseq_tokenizer(spec), "fallback": fallback_tokenizer(spec)}
    (HERE / "fallback").mkdir(exist_ok=True)
    (HERE / "tokenizer.json").write_text(tokenizers["xlm-roberta"].to_str(), encoding="utf-8")
    (HERE / "fallback" / "tokenizer.json").write_text(tokenizers["fallback"].to_str(), encoding="utf-8")
    rows = []
    for text in dict.fromkeys(cases()):
        text = text.encode("utf-8", "replace").decode()
        row = {"text": text} if tied(processor, text) else {"text": text, "sentencepiece": fairseq_ids(processor, text)}
        for name, tokenizer in tokenizers.items():
            row[name] = tokenizer.encode(text, add_special_tokens=False).ids
            row[name + " framed"] = tokenizer.encode(text).ids
            row[name + " decoded"] = tokenizer.decode(row[name], skip_special_tokens=False)
        rows.append(row)
    (HERE / "cases.json").write_text("[\n" + ",\n".join(json.dumps(r, ensure_ascii=True) for r in rows) + "\n]\n")
    print(len(rows), "cases;", spec.normalizer_spec.name, len(spec.pieces), "pieces")


main()
