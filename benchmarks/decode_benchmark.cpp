// Decodes the files whose names come on stdin, one a line, and answers each with a line of JSON on stdout:
//   decode_benchmark RATE [SECONDS EVERY]   the mean of the channels at RATE Hz; of it windows of SECONDS, one EVERY so many
// processor: seconds; seconds: of sound; peak_kib: of the whole process so far.
#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include "audio/sound_reader.h"
#include "core/error.h"

namespace segue {
namespace {

double seconds_of(const rusage& usage) {
  const auto of = [](const timeval& time) { return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec); };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

rusage used() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage;
}

/// How many samples were read.
int64_t read_all(const Path& file, int rate, double seconds, double every) {
  SoundReader sound(file, rate);
  std::vector<float> block(every > 0 ? static_cast<size_t>(seconds * rate) : 65536);
  int64_t samples = 0;
  for (int window = 0;; ++window) {
    if (every > 0 && !sound.skip_to(window * every)) break;
    const auto got = sound.read(block);
    samples += static_cast<int64_t>(got);
    if (got < block.size()) break;
  }
  return samples;
}

void run(int rate, double seconds, double every) {
  for (std::string line; std::getline(std::cin, line);) {
    const double began = seconds_of(used());
    try {
      const auto samples = read_all(line, rate, seconds, every);
      fmt::print("{{\"processor\": {:.6f}, \"seconds\": {:.6f}, \"peak_kib\": {}}}\n", seconds_of(used()) - began,
                 static_cast<double>(samples) / rate, used().ru_maxrss);
    } catch (const Error& error) {
      fmt::print("{{\"processor\": {:.6f}, \"error\": true}}\n", seconds_of(used()) - began);
      fmt::print(stderr, "{}\n", error.what());
    }
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace segue

int main(int count, char** words) {
  if (count != 2 && count != 4) return std::fputs("decode_benchmark RATE [SECONDS EVERY]\n", stderr), 2;
  segue::run(std::stoi(words[1]), count == 4 ? std::stod(words[2]) : 0, count == 4 ? std::stod(words[3]) : 0);
}
