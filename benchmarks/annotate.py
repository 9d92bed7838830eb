#!/usr/bin/env python3
"""How many requests `segue annotate` keeps in flight, and how much memory it takes, against a server that answers in 300 ms.

  benchmarks/annotate.py [--program build/release/segue] [--seconds 8] [--json FILE]

Makes a log of 50,000 tracks, says what asking for all of them takes on paper (`--dry-run`), then asks for some of them from a server
of its own, which answers validly after --latency, with 1, 8 and 64 requests at once. ratio: requests a second, of what so many at
once allow. memory: the most that the program held, for few tracks and for four times as many.
"""
import argparse
import asyncio
import json
import os
import re
import subprocess
import tempfile
import threading
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


def annotate(program, data, *words):
    """Its document, and the most KiB that it held."""
    run = subprocess.Popen([program, "annotate", data, *map(str, words), "--json", "--quiet"], stdout=subprocess.PIPE)
    document = json.load(run.stdout)
    _, status, usage = os.wait4(run.pid, 0)
    assert status == 0, status
    return document, usage.ru_maxrss


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
        paper, kib = annotate(given.program, data, "--endpoint", f"http://127.0.0.1:{server.port}", "--model", "paper", "--dry-run")
        print(f"{paper['left']} tracks: {paper['requests']} requests, {paper['prompt_tokens'] / 1e6:.0f} M tokens to read, {paper['answer_tokens'] / 1e6:.0f} M to write; "
              f"planned in {kib // 1024} MiB")
        for lanes in map(int, given.at_once.split(",")):
            for times in (1, 4):
                limit = max(lanes, int(given.seconds * lanes / given.latency * times / 4))
                document, kib = annotate(given.program, data, "--endpoint", f"http://127.0.0.1:{server.port}", "--model", f"of {lanes} {times}", "--at-once", lanes,
                                         "--limit", limit)
                asked = document["asked"]
                ideal = lanes / given.latency
                rows.append({"at_once": lanes, "tracks": limit, "requests": asked["requests"], "seconds": asked["seconds"],
                             "a_second": asked["requests"] / asked["seconds"], "ratio": asked["requests"] / asked["seconds"] / ideal, "mib": kib / 1024})
                print("{at_once:3} at once: {requests} requests in {seconds:.1f} s, {a_second:.1f} a second, ratio {ratio:.3f}; {mib:.0f} MiB".format(**rows[-1]))
        for lanes in (1, 8, 64):
            print(f"{given.tracks} tracks at {given.latency} s and {lanes} at once: {paper['requests'] * given.latency / lanes / 3600:.2f} h")
    if given.json:
        Path(given.json).write_text(json.dumps({"paper": {key: value for key, value in paper.items() if key != "prompt"}, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
