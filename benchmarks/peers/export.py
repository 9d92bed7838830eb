"""Writes what peers train on and are asked, from a prepared data folder: export.py DATA PROTOCOL --into DIR

  plays.npz     listener, track: the train plays (parts fit and gate), by listener, each in the order heard
  cases.npz     row (of cases.parquet), target, early, history, begin: the validation cases whose target is in the catalogue;
                history[begin[i]:begin[i + 1]] are the last plays before case i, of any part, oldest first; early: the
                listener is of the half that `segue train` looks at to stop early
  tracks.npz    number (of tracks.parquet), train_plays, in_catalogue
  export.json   where this comes from, how much it is, and how a ranking by train plays does (as `segue evaluate
                --part val --ranker popular` says too)

Tracks are numbered anew, without gaps. Cases with a target outside the catalogue are counted and left out, as in the
table `catalogue` of `segue evaluate`.
"""
import argparse, json, pathlib, sys

import numpy as np
import pyarrow.parquet as parquet

from questions import Questions

FIT, GATE, VAL = 0, 1, 2


def column(table, name):
    return table.column(name).to_numpy()


def fail(text):
    sys.exit(f"export: {text}")


def read(folder):
    if not (folder / "protocol.json").exists():
        fail(f"{folder}: not there; first: segue prepare")
    for lists in ("candidates", "relevant"):
        if parquet.read_metadata(folder / f"{lists}.parquet").num_rows:
            fail(f"{folder}: has {lists}.parquet, so it asks for something else than one track of the whole catalogue")
    return [parquet.read_table(folder / f"{name}.parquet") for name in ("plays", "tracks", "cases", "listeners")]


def stops_early(name):
    """The half of the listeners that `segue train` validates on: stops_early in src/training/run.cpp."""
    mask, bits = (1 << 64) - 1, 0xcbf29ce484222325  # FNV-1a, then SplitMix64's finaliser
    for byte in name.encode():
        bits = (bits ^ byte) * 0x100000001b3 & mask
    bits = bits + 0x9e3779b97f4a7c15 & mask
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9 & mask
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb & mask
    return (bits ^ bits >> 31) % 2 == 0


def histories(track, first, cases, longest):
    """The last `longest` known tracks before each case; -1 in `track` is a track that nobody trains on."""
    out = []
    for listener, end, begin in zip(*(column(cases, name) for name in ("listener", "history_end", "history_begin"))):
        heard = track[max(first[listener], begin):end]
        out.append(heard[heard >= 0][-longest:])
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("protocol")
    parser.add_argument("--into", type=pathlib.Path, required=True)
    parser.add_argument("--tracks", choices=("catalogue", "all"), default="catalogue",
                        help="train on plays of tracks in the catalogue, or on all; ranked is the catalogue either way")
    parser.add_argument("--history", type=int, default=200, help="plays known before a case, at most")
    options = parser.parse_args()
    folder = options.data / "protocols" / options.protocol
    plays, tracks, cases, listeners = read(folder)
    stored = json.loads((folder / "protocol.json").read_text())

    part, listener, track = (column(plays, name) for name in ("part", "listener", "track"))
    train = (part == FIT) | (part == GATE)
    in_catalogue = column(tracks, "in_catalogue").astype(bool)
    known = in_catalogue.copy()
    if options.tracks == "all":
        known[track[train]] = True
    number = np.flatnonzero(known).astype(np.int32)
    renumbered = np.full(len(known), -1, np.int32)
    renumbered[number] = np.arange(len(number), dtype=np.int32)
    track = renumbered[track]

    asked = cases.filter(column(cases, "part") == VAL)
    row = np.flatnonzero(column(cases, "part") == VAL)
    target = track[column(asked, "target")]
    inside = (target >= 0) & in_catalogue[number[target]]
    early = np.array([stops_early(name) for name in listeners.column("name").to_pylist()])[column(asked, "listener")]
    first = np.searchsorted(listener, np.arange(listener.max() + 2))  # plays stand by listener
    history = histories(track, first, asked.filter(inside), options.history)

    kept = train & (track >= 0)
    train_plays = np.bincount(track[kept], minlength=len(number))
    options.into.mkdir(parents=True, exist_ok=True)
    np.savez(options.into / "plays.npz", listener=listener[kept], track=track[kept])
    np.savez(options.into / "tracks.npz", number=number, train_plays=train_plays, in_catalogue=in_catalogue[number])
    np.savez(options.into / "cases.npz", row=row[inside], target=target[inside], early=early[inside], history=np.concatenate(history),
             begin=np.cumsum([0] + [len(heard) for heard in history]))
    questions = Questions(options.into)
    popular = train_plays[questions.catalogue].astype(np.float64)
    summary = {
        "data": options.data.name, "protocol": options.protocol, "data_hash": stored["data_hash"], "settings": stored["settings"],
        "tracks_trained_on": options.tracks, "tracks": len(number), "catalogue": int(in_catalogue.sum()),
        "listeners": len(np.unique(listener[kept])), "train_plays": int(kept.sum()),
        "train_plays_left_out": int(train.sum() - kept.sum()), "cases": int(inside.sum()), "cases_early": int(early[inside].sum()),
        "cases_outside_catalogue": int((~inside).sum()), "history": options.history,
        "popular": questions.ask(lambda histories: np.tile(popular, (len(histories), 1))),
    }
    (options.into / "export.json").write_text(json.dumps(summary, indent=1) + "\n")
    print(json.dumps(summary))


main()
