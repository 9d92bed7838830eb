"""Trains a peer on what export.py wrote and follows how good it is: peer.py --peer recbole --backbone sasrec --data DIR --out FILE.json

The peer's own loss, sampler, batch and loop; the clock stands while it is evaluated. Writes one JSON document.
"""
import argparse, importlib, importlib.metadata, json, os, pathlib, resource, sys, time

PACKAGES = {"recbole": "recbole", "rectools": "rectools"}


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--versions", action="store_true", help="print what is installed, and end")
    parser.add_argument("--peer", choices=sorted(PACKAGES))
    parser.add_argument("--backbone", choices=("sasrec", "bert4rec", "gru4rec"))
    parser.add_argument("--data", type=pathlib.Path, help="folder that export.py wrote")
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=600, help="of training")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--length", type=int, default=50, help="plays that the model looks at")
    parser.add_argument("--cases", type=int, default=2000, help="asked, evenly spread over the exported ones; 0: all")
    parser.add_argument("--half", choices=("early", "both"), default="early",
                        help="of the listeners: those that `segue train` looks at while it learns, or all")
    parser.add_argument("--stretches", choices=("yes", "no"), default="yes", help="RecTools: see rectools_peer.py")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=JSON", help="another setting of the peer, e.g. lr=0.002")
    options = parser.parse_args(arguments)
    if not options.versions and not all((options.peer, options.backbone, options.data, options.out)):
        parser.error("--peer, --backbone, --data and --out are needed")
    options.set = {key: json.loads(value) for key, value in (pair.split("=", 1) for pair in options.set)}
    return options


def peak_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def versions(names):
    return {name: importlib.metadata.version(name) for name in names}


def main():
    options = options_of(sys.argv[1:])
    if options.versions:
        print(json.dumps(versions(("torch", "numpy", "pytorch-lightning", *PACKAGES.values()))))
        return
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(options.threads)
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    import numpy as np
    import torch

    from questions import Questions

    torch.set_num_threads(options.threads)
    here = options.out.absolute()
    questions = Questions(options.data, options.cases, options.half == "early")
    plays = dict(np.load(options.data / "plays.npz"))
    exported = json.loads((options.data / "export.json").read_text())
    peer = importlib.import_module(f"{options.peer}_peer")
    loaded, start = peak_mb(), time.perf_counter()
    course, about = peer.train(options, plays, questions, begin=lambda: time.perf_counter() - start)
    result = {
        "peer": options.peer, "version": versions([PACKAGES[options.peer]])[PACKAGES[options.peer]], "backbone": options.backbone,
        "torch": torch.__version__, "threads": options.threads, "seed": options.seed, "width": options.width,
        "length": options.length, "set": options.set, **about, **course.summary(), "peak_mb": peak_mb(), "peak_mb_before": loaded,
        "half": options.half, "cases_asked": len(questions), "data": exported,
    }
    here.parent.mkdir(parents=True, exist_ok=True)
    here.write_text(json.dumps(result, indent=1) + "\n")
    print("{peer} {backbone}: best ndcg@10 {best[ndcg@10]:.4f} at {best[seconds]:.0f} s, {targets_per_second:.0f} targets/s, "
          "{peak_mb:.0f} MB".format(**result))


main()
