// An encoder of words, to be timed beside a peer: answers one command a line on stdin with one line of JSON on stdout.
//   words_benchmark FOLDER TEXTS [STORAGE]
//     TEXTS: a JSON list of them. STORAGE: of the layers (f32, bf16, int8, nf4; default: f32)
//   encode THREADS     all texts
//   write FILE         their vectors to a safetensors file, as `vectors`
//   quit
// processor: seconds of all threads; seconds: by the clock; tokens: of the texts, without those around each.
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.h"
#include "core/parallel.h"
#include "core/tensor_files.h"
#include "encoders/sentence_encoder.h"

namespace segue {
namespace {

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) { return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec); };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

class Bench {
 public:
  Bench(const Path& folder, const Path& texts, const std::string& storage)
      : encoder_(folder, {.storage = storage}), texts_(nlohmann::json::parse(read_file(texts)).get<std::vector<std::string>>()) {
    for (const auto& text : texts_) tokens_ += std::ssize(encoder_.tokens_of(text));
  }

  std::string run(const std::string& what, const std::string& with) {
    if (what == "write") {
      write_tensors(with, {{"vectors", encoder_.encode(texts_)}});
      return "{}";
    }
    if (what != "encode") throw Error("no command '{}'", what);
    set_threads(std::stoi(with));
    const double processor = processor_seconds();
    const auto start = std::chrono::steady_clock::now();
    const Tensor vectors = encoder_.encode(texts_);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return fmt::format(R"({{"count": {}, "tokens": {}, "processor": {:.4f}, "seconds": {:.4f}}})", vectors.size(0), tokens_, processor_seconds() - processor, seconds);
  }

 private:
  SentenceEncoder encoder_;
  std::vector<std::string> texts_;
  int64_t tokens_ = 0;
};

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  if (argc < 3) return std::fprintf(stderr, "words_benchmark FOLDER TEXTS [STORAGE]\n"), 2;
  try {
    at::set_num_threads(1);
    segue::Bench bench(argv[1], argv[2], argc > 3 ? argv[3] : "");
    for (std::string line; std::getline(std::cin, line) && line != "quit";) {
      std::istringstream in(line);
      std::string what, with = "1";
      in >> what >> with;
      std::printf("%s\n", bench.run(what, with).c_str());
      std::fflush(stdout);
    }
  } catch (const segue::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
