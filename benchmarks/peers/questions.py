"""The validation cases, and how well scores answer them. Needs numpy alone, so that it weighs nothing in a peer."""
import pathlib

import numpy as np


class Questions:
    """The cases that export.py wrote, or those of the half of the listeners that `segue train` looks at; at most `most`
    of them, evenly spread (0: all)."""

    def __init__(self, folder, most=0, early=False):
        tracks = np.load(pathlib.Path(folder) / "tracks.npz")
        self.catalogue = np.flatnonzero(tracks["in_catalogue"])  # tracks that are ranked
        self.tracks = len(tracks["in_catalogue"])
        place = np.full(self.tracks, -1)
        place[self.catalogue] = np.arange(len(self.catalogue))
        cases = np.load(pathlib.Path(folder) / "cases.npz")
        history, begin = cases["history"], cases["begin"]
        asked = np.flatnonzero(cases["early"]) if early and cases["early"].any() else np.arange(len(cases["target"]))
        n, i = len(asked), np.arange(len(asked))
        if most and n > most:
            asked = asked[most * (i + 1) // n != most * i // n]
        self.row = cases["row"][asked]
        self.target = place[cases["target"][asked]]  # columns of the catalogue
        self.history = [history[begin[i]:begin[i + 1]] for i in asked]

    def __len__(self):
        return len(self.target)

    def ask(self, score, at_once=250):
        """NDCG@10 and HR@10. `score` takes histories and returns [histories, catalogue]; ties stand at their mean rank."""
        ranks = []
        for i in range(0, len(self), at_once):
            target = self.target[i:i + at_once]
            scores = np.asarray(score(self.history[i:i + at_once]))
            if np.isnan(scores).any():
                raise ValueError("scores must not be NaN")
            own = np.take_along_axis(scores, target[:, None], 1)
            above, level = (scores > own).sum(1), (scores == own).sum(1) - 1
            ranks.append(1 + above + level / 2)
        rank = np.concatenate(ranks)
        found = rank <= 10
        return {"ndcg@10": float((found / np.log2(rank + 1)).mean()), "hr@10": float(found.mean())}


def padded(histories, length, left):
    """int64 [histories, length]: the last plays of each, 0 where there are none."""
    rows = np.zeros((len(histories), length), np.int64)
    for row, history in zip(rows, histories):
        last = history[-length:]
        if left:
            row[length - len(last):] = last
        else:
            row[:len(last)] = last
    return rows
