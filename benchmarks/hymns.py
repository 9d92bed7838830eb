"""The words, topics and category of each hymn of the Open Hymnal's ABC file."""
import re
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Hymn:
    title: str = ""
    category: str = ""
    topics: set = field(default_factory=set)
    verses: dict = field(default_factory=dict)  # by the place of a line below its notes
    behind: list = field(default_factory=list)  # W: lines

    @property
    def words(self):
        lines = [" ".join(self.verses[v]) for v in sorted(self.verses)] + self.behind
        return "\n".join(line for line in (tidy(line) for line in lines) if line)


def tidy(sung):
    """'1.~Bles- sed Je- sus' → 'Blessed Jesus': syllables joined, what holds a note or skips one left out."""
    text = sung.replace("\\-", "\0").replace("~", " ")
    text = re.sub(r"[*|_]", " ", text)
    text = re.sub(r"\s*-[-\s]*", "", text).replace("\0", "-")
    text = re.sub(r"(^|\s)\(?\d+[.)]\s*", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def read_hymns(path):
    hymns, comments, place = [], {}, 0
    hymn = None
    for line in Path(path).read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("%OH"):
            name, _, rest = line[3:].partition(" ")
            comments[name] = rest.strip()
        elif line.startswith("X:"):
            hymn = Hymn(category=comments.get("CATEGORY", ""))
            hymn.topics = {re.sub(r"\s*\[[^]]*\]", "", t).strip() for t in re.findall(r"\{([^}]*)\}", comments.get("TOPICS", ""))}
            hymns.append(hymn)
            comments = {}
        elif hymn is None:
            continue
        elif line.startswith("T:") and not hymn.title:
            hymn.title = line[2:].strip()
        elif line.startswith("w:"):
            hymn.verses.setdefault(place, []).append(line[2:].split("%")[0].strip())
            place += 1
        elif line.startswith("W:"):
            hymn.behind.append(line[2:].strip())
        elif not line.startswith("%"):
            place = 0
    return [h for h in hymns if h.words]
