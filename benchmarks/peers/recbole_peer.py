"""RecBole's models, trained by RecBole: its Config, SequentialDataset (every prefix of a listener is a row), Trainer.

What is set and not RecBole's default: width, length, seed, and `train_neg_sample_args: None`, which cross entropy over
all tracks (its default loss) demands. Nothing is held out of the plays, for they are train plays.
"""
import logging, os, sys, tempfile, warnings

import numpy as np
import torch

from course import Course
from questions import padded

MODELS = {"sasrec": "SASRec", "bert4rec": "BERT4Rec", "gru4rec": "GRU4Rec"}


class Over(Exception):
    """The time is up. RecBole's loop ends after epochs only."""


def quiet_recbole():
    """RecBole reads the command line as its own settings and writes logs into the folder that it is started in."""
    sys.argv = sys.argv[:1]
    warnings.filterwarnings("ignore", category=FutureWarning)
    logging.getLogger().setLevel(logging.ERROR)
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def settings(options):
    width = {"embedding_size": options.width}
    if options.backbone == "gru4rec":
        width["hidden_size"] = 2 * options.width  # 64 and 128 are its defaults
    else:
        width |= {"hidden_size": options.width, "inner_size": 4 * options.width}  # 64 and 256
    return width | {
        "MAX_ITEM_LIST_LENGTH": options.length, "seed": options.seed, "use_gpu": False, "train_neg_sample_args": None,
        "load_col": {"inter": ["user_id", "item_id", "timestamp"]}, "epochs": 1_000_000, "show_progress": False,
        "eval_args": {"split": {"RS": [1, 0, 0]}, "order": "TO", "group_by": "user", "mode": "full"}, "data_path": ".",
        "checkpoint_dir": "saved", **options.set,
    }


def write_log(listener, track):
    """RecBole keeps times as 32-bit floats, which seconds since 1970 do not fit: the place in the log is the time."""
    os.mkdir("log")
    with open("log/log.inter", "w") as file:
        file.write("user_id:token\titem_id:token\ttimestamp:float\n")
        file.writelines(f"{u}\t{t}\t{i}\n" for u, t, i in zip(listener, track, places(listener)))


def places(listener):
    """0, 1, 2, ... within each listener; plays stand by listener."""
    opens = np.flatnonzero(np.r_[True, listener[1:] != listener[:-1]])
    return np.arange(len(listener)) - np.repeat(opens, np.diff(np.r_[opens, len(listener)]))


def train(options, plays, questions, begin):
    quiet_recbole()
    with tempfile.TemporaryDirectory() as scratch:
        os.chdir(scratch)
        try:
            return train_here(options, plays, questions, begin)
        finally:
            os.chdir("/")


def train_here(options, plays, questions, begin):
    from recbole.config import Config
    from recbole.data import create_dataset
    from recbole.data.dataloader import TrainDataLoader
    from recbole.data.interaction import Interaction
    from recbole.utils import get_model, get_trainer, init_seed

    write_log(plays["listener"], plays["track"])
    config = Config(model=MODELS[options.backbone], dataset="log", config_dict=settings(options))
    init_seed(config["seed"], config["reproducibility"])
    torch.set_num_threads(options.threads)
    dataset = create_dataset(config)
    rows = dataset.build()[0]
    loader = TrainDataLoader(config, rows, None, shuffle=True)
    init_seed(config["seed"], config["reproducibility"])
    model = get_model(config["model"])(config, rows).to(config["device"])
    trainer = get_trainer(config["MODEL_TYPE"], config["model"])(config, model)

    own = np.zeros(questions.tracks, np.int64)  # our number of a track to RecBole's
    for token, number in dataset.field2token_id[config["ITEM_ID_FIELD"]].items():
        if token != "[PAD]":
            own[int(token)] = number
    catalogue = torch.from_numpy(own[questions.catalogue])

    @torch.no_grad()
    def score(histories):
        lengths = torch.tensor([min(max(len(history), 1), options.length) for history in histories])
        tracks = padded([own[history] for history in histories], options.length, left=False)
        batch = Interaction({model.ITEM_SEQ: torch.from_numpy(tracks), model.ITEM_SEQ_LEN: lengths})
        return model.full_sort_predict(batch)[:, catalogue].numpy()

    def evaluate():
        model.eval()
        found = questions.ask(score)
        model.train()
        return found

    course = None
    taught = [0, 0]
    loss = model.calculate_loss

    def timed_loss(batch):  # is called once a batch, before its step: so the step before it is over
        nonlocal course
        if course is None:
            course = Course(options.seconds, evaluate, len(rows))
        elif course.step(*taught):
            raise Over
        taught[0] = len(batch)
        taught[1] = int((batch["MASK_INDEX"] > 0).sum()) if options.backbone == "bert4rec" else len(batch)
        return loss(batch)

    model.calculate_loss = timed_loss
    prepared = begin()
    try:
        trainer.fit(loader, saved=False, verbose=False)
    except Over:
        pass
    return course, {
        "loss": f"{config['loss_type']} over all tracks" + (", masked tracks" if options.backbone == "bert4rec" else ", each prefix's next"),
        "batch": config["train_batch_size"], "sequences": len(rows), "parameters": sum(p.numel() for p in model.parameters()),
        "seconds_preparing": prepared,
    }
