"""Prints the comparison as one Markdown table: table.py RESULTS

RESULTS holds, for each data set, DATA/PEER-BACKBONE-SEED.json (from peer.py) and, where Segue trained too,
DATA/ours-INPUTS-BACKBONE-SEED/log.ndjson with DATA/ours-INPUTS-BACKBONE-SEED.jsonl (from measure.py), INPUTS being
`tracks` (the order of the tracks alone, as the peers) or `all` (also times, sessions, what followed before). Lines of the log that count:
{"event": "validation", "seconds": ..., "ndcg@10": ...}, seconds of training alone. Ours of the same backbone and seed
stands beside a peer.
"""
import json, pathlib, sys

HEAD = ("data", "peer", "backbone", "seed", "popular", "peer's best ndcg@10", "s to it", "ours from", "s to reach it", "times faster",
        "ours' best", "at s", "peer's MB", "ours' MB")


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()] if path.exists() else []


def ours_of(peer, folder, inputs):
    """What ours did: (curve, peak MB), both None where it did not train."""
    name = f"ours-{inputs}-{peer['backbone']}-{peer['seed']}"
    curve = [line for line in lines(folder / name / "log.ndjson") if line.get("event") == "validation"]
    for asked in {line.get("cases", peer["cases_asked"]) for line in curve} - {peer["cases_asked"]}:
        sys.exit(f"table: {folder / name} was asked {asked} cases and {peer['peer']} {peer['cases_asked']}: not comparable")
    runs = [line for line in lines(folder / f"{name}.jsonl") if line["name"] == "train"]
    return curve or None, runs[-1]["peak_mb"] if runs else None


def row(peer, folder, inputs):
    curve, peak = ours_of(peer, folder, inputs)
    best, at = peer["best"]["ndcg@10"], peer["best"]["seconds"]
    cells = [folder.name, f"{peer['peer']} {peer['version']}", peer["backbone"], peer["seed"],
             f"{peer['data']['popular']['ndcg@10']:.4f}", f"{best:.4f}", f"{at:.0f}"]
    if curve is None:
        return [*cells, "", "", "", "", "", f"{peer['peak_mb']:.0f}", ""]
    reached = next((point["seconds"] for point in curve if point["ndcg@10"] >= best), None)
    top = max(curve, key=lambda point: point["ndcg@10"])
    return [*cells, inputs, "never" if reached is None else f"{reached:.1f}", "" if not reached else f"{at / reached:.1f}",
            f"{top['ndcg@10']:.4f}", f"{top['seconds']:.0f}", f"{peer['peak_mb']:.0f}", "" if peak is None else f"{peak:.0f}"]


def main():
    results = pathlib.Path(sys.argv[1])
    files = sorted(path for path in results.glob("*/*.json") if path.name != "export.json")
    if not files:
        sys.exit(f"table: no result in {results}")
    peers = [(json.loads(path.read_text()), path.parent) for path in files]
    print("| " + " | ".join(HEAD) + " |")
    print("| --- | --- | --- " + "| --: " * (len(HEAD) - 3) + "|")
    for peer, folder in peers:
        rows = [row(peer, folder, inputs) for inputs in ("tracks", "all")]
        for cells in [cells for cells in rows if cells[7]] or rows[:1]:
            print("| " + " | ".join(str(cell) for cell in cells) + " |")
    first = peers[0][0]
    spread = sorted({(p["threads"], p["width"], p["length"], p["cases_asked"]) for p, _ in peers})
    print(f"\nProtocol `{first['data']['protocol']}`, validation cases with a target in the catalogue; whole catalogue ranked, repeats "
          "allowed, ties at the mean rank; seconds of training without evaluation. "
          + "; ".join(f"{t} threads, width {w}, length {n}, {c} cases" for t, w, n, c in spread) + f". torch {first['torch']}.")
    for data, digest in sorted({(folder.name, p["data"]["data_hash"]) for p, folder in peers}):
        print(f"Data `{data}`: hash {digest}.")


main()
