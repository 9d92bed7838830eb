#!/usr/bin/env python3
"""How many requests `segue annotate` keeps in flight, and how much memory it takes, against a server that answers in 300 ms.

  benchmarks/annotate.py [--program build/release/segue] [--seconds 8] [--json FILE]

Makes a log of 50,000 tracks, says what asking for all of them takes on paper (`--dry-run`), then asks for some of them from a server
of its own, which answers validly after --latency, with 1, 8 and 64 requests at once. ratio: requests a second, of what so many at
once allow. memory: what the program holds after a fifth of them and at their end.
"""
import argparse
import asyncio
import contextlib
import json
import re
import subprocess
import tempfile
import threading
import time
from pathlib import Path


class Server(threading.Thread):
    """Answers everything that it is asked, after so long."""

    def __init__(self, latency):
        super().__init__(daemon=True)
        self.latency, self.answered, self.ready = latency, 0, threading.Event()
        self.start()
        self.ready.wait()

    def run(self):
        asyncio.run(self.serve())

    async def serve(self):
        server = await asyncio.start_server(self.connection, "127.0.0.1", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        async with server:
            await server.serve_forever()

    async def connection(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(int(re.search(rb"(?i)content-length: *(\d+)", head)[1]))
                begin = asyncio.get_running_loop().time()
                reply = self.reply(json.loads(body))
                await asyncio.sleep(self.latency - (asyncio.get_running_loop().time() - begin))
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(reply) + reply)
                await writer.drain()
                self.answered += 1
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    @staticmethod
    def reply(asked):
        schema = asked["response_format"]["json_schema"]["schema"]
        answer = {}
        for key, track in json.loads(asked["messages"][1]["content"]).items():
            answer[key] = {"id": track["id"]}
            for category, of in schema["$defs"]["track"]["properties"].items():
                if category != "id":
                    answer[key][category] = {gene: "high" if gene == "confidence" else 2.5 for gene in of["required"]}
        content = json.dumps(answer)
        return json.dumps({"choices": [{"message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
                           "usage": {"prompt_tokens": 2250, "completion_tokens": len(content) // 3}}).encode()


def made_data(program, folder, tracks):
    log = folder / "log.tsv"
    with open(log, "w", encoding="utf-8") as out:
        for i in range(tracks):
            day = f"2008-{1 + i % 12:02}-{1 + i // 12 % 28:02}T{i // 336 % 24:02}:{i // 8064 % 60:02}:00Z"
            out.write(f"user_000001\t{day}\t\tArtist {i % 5000}\t\tA song with number {i}\n")
    subprocess.run([program, "import", log, "--into", folder / "data", "--quiet"], check=True, stdout=subprocess.DEVNULL)
    return folder / "data"


def resident_mib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def annotate(program, data, *words, server=None, requests=0):
    """Its document, and the MiB that it holds after a fifth of the requests and after nearly all."""
    begun, held = server.answered if server else 0, [0, 0]
    with tempfile.TemporaryFile("w+") as out:
        run = subprocess.Popen([program, "annotate", data, *map(str, words), "--json", "--quiet"], stdout=out)
        while run.poll() is None:
            share = (server.answered - begun) / requests if server else 0
            with contextlib.suppress(OSError, TypeError):
                if share > 0.2 and not held[0]:
                    held[0] = resident_mib(run.pid)
                if 0.5 < share < 1:
                    held[1] = resident_mib(run.pid)
            time.sleep(0.02)
        assert run.returncode == 0, run.returncode
        out.seek(0)
        return json.load(out), held


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(Path(__file__).parents[1] / "build/release/segue"))
    parser.add_argument("--tracks", type=int, default=50_000)
    parser.add_argument("--latency", type=float, default=0.3)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--at-once", default="1,8,64")
    parser.add_argument("--json")
    given = parser.parse_args()
    server, rows = Server(given.latency), []
    with tempfile.TemporaryDirectory() as scratch:
        data = made_data(given.program, Path(scratch), given.tracks)
        paper, _ = annotate(given.program, data, "--endpoint", f"http://127.0.0.1:{server.port}", "--model", "paper", "--dry-run")
        print(f"{paper['left']} tracks: {paper['requests']} requests, {paper['prompt_tokens'] / 1e6:.0f} M tokens to read, {paper['answer_tokens'] / 1e6:.0f} M to write")
        for lanes in map(int, given.at_once.split(",")):
            limit = max(lanes, int(given.seconds * lanes / given.latency))
            document, held = annotate(given.program, data, "--endpoint", f"http://127.0.0.1:{server.port}", "--model", f"of {lanes}", "--at-once", lanes, "--signal",
                                      f"of-{lanes}", "--limit", limit, server=server, requests=limit)
            asked = document["asked"]
            rate = asked["requests"] / asked["seconds"]
            rows.append({"at_once": lanes, "requests": asked["requests"], "seconds": asked["seconds"], "a_second": rate, "ratio": rate * given.latency / lanes, "mib": held})
            print(f"{lanes:3} at once: {asked['requests']} requests in {asked['seconds']:.1f} s, {rate:.1f} a second, ratio {rows[-1]['ratio']:.3f}; {held[0]:.0f} MiB, then {held[1]:.0f}")
        for lanes in (1, 8, 64):
            print(f"{given.tracks} tracks at {given.latency} s and {lanes} at once: {paper['requests'] * given.latency / lanes / 3600:.2f} h")
    if given.json:
        Path(given.json).write_text(json.dumps({"paper": {key: value for key, value in paper.items() if key != "prompt"}, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
