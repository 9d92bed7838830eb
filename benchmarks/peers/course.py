"""The course of a training: its clock, which stands while the model is evaluated, and how good it was when."""
import sys, time


class Course:
    """A peer's loop calls `step` after every batch and stops when it answers True.

    Evaluated is after 5 s of training, then after a tenth of the time so far, but at least 5 s and at most 30 s, and at
    the end.
    """

    def __init__(self, seconds, evaluate, epoch_rows):
        self.seconds, self.evaluate, self.epoch_rows = seconds, evaluate, epoch_rows
        self.trained, self.processor, self.evaluated, self.rows, self.targets = 0.0, 0.0, 0.0, 0, 0
        self.next = min(5.0, seconds)
        self.curve = []
        self.since = self._now()

    def step(self, rows, targets):
        """rows: sequences of the batch; targets: places that were taught."""
        self.rows += rows
        self.targets += targets
        wall, processor = self._lap()
        self.trained += wall
        self.processor += processor
        if self.trained >= self.next:
            point = {"seconds": self.trained, "epoch": self.rows / self.epoch_rows, **self.evaluate()}
            self.curve.append(point)
            print("{seconds:8.1f} s  epoch {epoch:8.3f}  ndcg@10 {ndcg@10:.4f}  hr@10 {hr@10:.4f}".format(**point), file=sys.stderr)
            self.next = min(self.trained + min(max(5.0, self.trained / 10), 30.0), max(self.seconds, self.trained))
            self.evaluated += self._lap()[0]
        return self.trained >= self.seconds

    @staticmethod
    def _now():
        return time.perf_counter(), time.process_time()

    def _lap(self):
        before, self.since = self.since, self._now()
        return [now - then for now, then in zip(self.since, before)]

    def summary(self):
        return {
            "seconds": self.trained, "processor_seconds": self.processor, "seconds_evaluating": self.evaluated, "epochs": self.rows / self.epoch_rows,
            "sequences_per_second": self.rows / self.trained, "targets_per_second": self.targets / self.trained,
            "best": max(self.curve, key=lambda point: point["ndcg@10"]), "curve": self.curve,
        }
