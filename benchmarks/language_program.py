"""build/release/benchmarks/language_benchmark as a process that answers a line of JSON for each command."""
import json
import subprocess
import sys
from pathlib import Path

PROGRAM = str(Path(__file__).parents[1] / "build/release/benchmarks/language_benchmark")


class LanguageProgram:
    def __init__(self, program, model, layers, instruction, response, *storage):
        command = [str(part) for part in (program, model, layers, instruction, response, *storage)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, what, count, threads=1):
        self.process.stdin.write(f"{what} {count} {threads}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"{Path(sys.argv[0]).name}: the benchmark has ended")
        return json.loads(line)
