"""RecTools' models, trained by RecTools: its data preparator, Lightning module and Trainer.

What is set and not RecTools' default: width, length, seed, and a Trainer that ends by the clock and not after 3 epochs.
RecTools trains on the last `length` plays of each user alone; so that it sees all plays as the others do, each stretch
of `length` plays is handed to it as a user (--stretches no: whole listeners).
"""
import logging, warnings

import numpy as np
import pandas as pd
import torch

from course import Course
from questions import padded


def stretches(plays, length, overlap):
    """A frame as RecTools reads it: stretches of `length` + overlap plays, of which the last `overlap` open the next."""
    listener, track = plays["listener"], plays["track"]
    begins = np.flatnonzero(np.r_[True, listener[1:] != listener[:-1]])
    ends = np.r_[begins[1:], len(listener)]
    index, user = [], []
    for begin, end in zip(begins, ends):
        for start in range(begin, max(end - overlap, begin + 1), length):
            stop = min(start + length + overlap, end)
            index.append(np.arange(start, stop))
            user.append(np.full(stop - start, len(user)))
    return frame(np.concatenate(user), track[np.concatenate(index)])


def frame(user, track):
    return pd.DataFrame({"user_id": user, "item_id": track, "weight": 1.0, "datetime": pd.to_datetime(np.arange(len(user)), unit="s")})


def make_model(options, trainer):
    from rectools.models import BERT4RecModel, SASRecModel

    model = {"sasrec": SASRecModel, "bert4rec": BERT4RecModel}[options.backbone](
        n_factors=options.width, session_max_len=options.length, get_trainer_func=lambda: trainer, **options.set)
    return model


def make_trainer(callback):
    import pytorch_lightning as lightning

    class Clock(lightning.Callback):
        def on_train_start(self, trainer, module):
            callback.start(module)

        def on_train_batch_end(self, trainer, module, outputs, batch, batch_idx):
            trainer.should_stop = callback.step(batch)

        def __deepcopy__(self, memo):  # RecTools trains a copy of the Trainer that it was given
            return self

    return lightning.Trainer(max_epochs=-1, accelerator="cpu", devices=1, logger=False, enable_checkpointing=False,
                             enable_progress_bar=False, enable_model_summary=False, callbacks=[Clock()])


class Callback:
    """What happens between RecTools' batches."""

    def __init__(self, options, questions, begin):
        self.options, self.questions, self.begin = options, questions, begin

    def start(self, module):
        self.module = module
        preparator = module.data_preparator
        self.rows = len(preparator.get_dataloader_train().dataset)
        ids = preparator.item_id_map
        self.own = np.zeros(self.questions.tracks, np.int64)  # our number of a track to RecTools'
        known = np.array([int(name) for name in preparator.get_known_item_ids()])
        self.own[known] = ids.convert_to_internal(known)
        self.catalogue = torch.from_numpy(self.own[self.questions.catalogue])
        self.mask = preparator.extra_token_ids["MASK"] if self.options.backbone == "bert4rec" else None
        self.prepared = self.begin()
        self.course = Course(self.options.seconds, self.evaluate, self.rows)

    def step(self, batch):
        return self.course.step(len(batch["x"]), int((batch["y"] != 0).sum()))

    def evaluate(self):
        model = self.module.torch_model
        model.eval()
        with torch.no_grad():
            found = self.questions.ask(self.score)
        model.train()
        return found

    def score(self, histories):
        model = self.module.torch_model
        asked = [self.own[history] for history in histories]
        if self.mask is not None:
            asked = [np.append(history, self.mask) for history in asked]
        tracks = model.item_model.get_all_embeddings()
        x = torch.from_numpy(padded(asked, self.options.length, left=True))
        sessions = model.similarity_module.session_tower_forward(model.encode_sessions({"x": x}, tracks)[:, -1, :])
        return (sessions @ model.similarity_module.item_tower_forward(tracks).T)[:, self.catalogue].numpy()


def train(options, plays, questions, begin):
    if options.backbone == "gru4rec":
        raise SystemExit("peer: RecTools has no gru4rec; it has sasrec and bert4rec")
    import pytorch_lightning as lightning
    from rectools.dataset import Dataset

    warnings.filterwarnings("ignore")
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    lightning.seed_everything(options.seed)
    callback = Callback(options, questions, begin)
    if options.stretches == "yes":
        table = stretches(plays, options.length, overlap=1 if options.backbone == "sasrec" else 0)
    else:
        table = frame(plays["listener"], plays["track"])
    model = make_model(options, make_trainer(callback))
    model.fit(Dataset.construct(table))
    return callback.course, {
        "loss": f"{model.loss} over all tracks" + (", masked tracks" if options.backbone == "bert4rec" else ", every place's next"),
        "batch": model.batch_size, "sequences": callback.rows, "parameters": sum(p.numel() for p in model.torch_model.parameters()),
        "seconds_preparing": callback.prepared, "stretches": options.stretches,
    }
