// A language model over windows of tracks, to be timed beside a peer: answers one command a line on stdin with one line
// of JSON on stdout.
//   language_benchmark MODEL LAYERS INSTRUCTION RESPONSE [STORAGE]
//     INSTRUCTION, RESPONSE: of how many tokens. STORAGE: of the layers (f32, bf16, int8, nf4; default: as it was quantised, else f32)
//   answer N THREADS  windows of 50 tracks behind the instruction, before the response; a state each, in batches of 8
//   cases N THREADS   questions after plays in a row of one listener, as windows read once, pool: positions
//   learn N THREADS   steps of LoRA over 8 windows of 50 tracks, every play a target, with pool: positions
//   prompt N THREADS  prompts of the instruction and 50 tracks, each read as a whole
//   play N THREADS    ten more plays of each of N listeners at once, of whom what was read is kept
//   read N THREADS    texts of 512 tokens
//   quit
// processor: seconds of all threads; seconds: by the clock; tokens: that went through the layers.
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "core/error.h"
#include "core/options.h"
#include "core/parallel.h"
#include "core/progress.h"
#include "language/decoder.h"
#include "made_up_log.h"
#include "ranking/backbone_states.h"
#include "text/tokenizer.h"
#include "training/adam.h"
#include "training/shards.h"

namespace segue {
namespace {

constexpr int64_t tracks = 2000, plays_each = 450, listeners = 16, window = 50, rows = 8;

/// Words of so many tokens.
std::string words(const Tokenizer& tokenizer, int64_t tokens) {
  std::string text = "track";
  while (std::ssize(tokenizer.encode(text, false)) < tokens) text += " track";
  return text;
}

double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) { return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec); };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

int64_t peak_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6));
  }
  return 0;
}

class Bench {
 public:
  Bench(const std::string& folder, const std::string& layers, int64_t instruction, int64_t response, const std::string& storage)
      : folder_(folder), layers_(layers), storage_(storage), table_(log_, 0) {
    const auto tokenizer = open_tokenizer(folder);
    instruction_ = words(*tokenizer, instruction);
    response_ = words(*tokenizer, response);
    spoken_ = std::ssize(tokenizer->encode(instruction_, true));
    answered_ = std::ssize(tokenizer->encode(response_, false));
  }

  std::string run(const std::string& what, int64_t n, int threads) {
    set_threads(threads);
    if (what == "answer") return timed([&] { return answer(n); });
    if (what == "cases") return timed([&] { return cases(n); });
    if (what == "learn") return timed([&] { return learn(n, threads); });
    if (what == "prompt") return timed([&] { return read(n, spoken_ + window); });
    if (what == "play") return timed([&] { return play(n); });
    if (what == "read") return timed([&] { return read(n, 512); });
    throw Error("no command '{}'", what);
  }

 private:
  struct Done {
    int64_t count = 0, tokens = 0;
  };

  template <class Job>
  std::string timed(const Job& job) {
    job();  // once to warm up, and to make what is kept
    const double processor = processor_seconds();
    const auto start = std::chrono::steady_clock::now();
    const Done done = job();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return fmt::format(R"({{"count": {}, "tokens": {}, "processor": {:.4f}, "seconds": {:.4f}, "peak_kib": {}}})", done.count, done.tokens,
                       processor_seconds() - processor, seconds, peak_kib());
  }

  SequenceModel& model(const std::string& pool, bool learns) {
    auto& made = models_[{pool, learns}];
    if (made.model == nullptr) {
      made.configuration = std::make_unique<Configuration>(read_config("", {
          "backbone.name=language", "backbone.folder=" + folder_, "backbone.layers=" + layers_, "backbone.storage=\"" + storage_ + "\"", "backbone.chat=false", "backbone.instruction=" + instruction_,
          "backbone.response=" + response_, "backbone.pool=" + pool, learns ? "backbone.rank=16" : "backbone.rank=0", "backbone.alpha=32", "plays.followed=false",
          "windows.length=50", "windows.batch=8", "objective.negatives=128"}));
      std::vector<int32_t> every;
      for (int32_t j = 0; j < tracks; ++j) every.push_back(j);
      made.model = make_model(*made.configuration, every, tracks, 1);
    }
    return *made.model;
  }

  Done answer(int64_t n) {
    std::vector<Asked> asked;
    for (int64_t i = 0; i < n; ++i) {
      const auto who = static_cast<int32_t>(i % listeners);
      const int64_t from = log_.first[static_cast<size_t>(who)] + i / listeners;
      asked.push_back({who, from, from + window, 0});
    }
    states_of(model("response", false), table_, asked, {.length = window, .case_by_case = true, .plays = rows * window});
    return {n, spoken_ + n * (window + answered_)};
  }

  Done cases(int64_t n) {
    std::vector<Asked> asked;
    for (int64_t to = 1; to <= std::min(n, plays_each); ++to) asked.push_back({0, 0, to, 0});
    states_of(model("positions", false), table_, asked, {.length = window, .plays = rows * window});
    return {std::ssize(asked), spoken_ + 2 * std::ssize(asked)};
  }

  /// One after the other, without anything that was read before; the last state of each.
  Done read(int64_t n, int64_t tokens) {
    const at::NoGradGuard no_grad;
    if (decoder_ == nullptr) {
      decoder_ = std::make_unique<Decoder>(folder_, Decoder::Options{.layers = std::stoll(layers_), .storage = storage_named(storage_), .room = LayerRoom::asked_for()});
    }
    const int before = at::get_num_threads();
    at::set_num_threads(segue::threads());
    const Tensor ids = at::arange(tokens).unsqueeze(0) + 100, last = tensor_of(std::vector<int64_t>{tokens - 1}, {1});
    for (int64_t i = 0; i < n; ++i) decoder_->forward({.vectors = decoder_->vectors_of(ids), .read = last});
    at::set_num_threads(before);
    return {n, n * tokens};
  }

  Done play(int64_t sessions) {
    constexpr int64_t plays = 10, first = window / 2 + 1;
    auto& known = known_[sessions];
    int64_t& heard = heard_[sessions];
    if (heard == 0 || heard + plays > window) {
      known.clear();
      heard = first;
    }
    const int before = at::get_num_threads();
    at::set_num_threads(segue::threads());
    auto& model = this->model("positions", false);
    if (preface_.empty()) {
      const at::NoGradGuard no_grad;
      preface_ = model.backbone().preface();
    }
    for (int64_t i = 0; i < plays; ++i, ++heard) {
      std::vector<Asked> asked;
      for (int64_t u = 0; u < sessions; ++u) {
        const int64_t from = log_.first[static_cast<size_t>(u % listeners)];
        asked.push_back({static_cast<int32_t>(u), from, from + heard, log_.start_ms[static_cast<size_t>(from + heard)]});
      }
      states_of(model, table_, asked, {.length = window, .preface = preface_, .recollection = [&](int32_t who) { return &known[who]; }});
    }
    at::set_num_threads(before);
    return {plays * sessions, plays * sessions};
  }

  Done learn(int64_t n, int threads) {
    auto& model = this->model("positions", true);
    const Configuration& configuration = *models_[{"positions", true}].configuration;
    const Sampler sampler(table_, configuration.windows, Part::val, true, 1);
    const NegativeSampler negatives(sampler.plays(), objective_for(configuration)->negatives(), 0.75, 1);
    StepMaker maker({table_, sampler, negatives, 128, false}, at::kCPU);
    if (shards_ == nullptr || shards_->count() != threads) {
      shards_ = std::make_unique<Shards>(model, configuration, *objective_for(configuration), threads);
      NamedTensors parameters;
      for (const auto& pair : model.named_parameters()) parameters.emplace(pair.key(), pair.value());
      adam_ = std::make_unique<Adam>(configuration.optimiser, parameters, NamedTensors{{"items", model.items().table()}});
    }
    const auto batches = sampler.epoch(0);
    Done done;
    for (int64_t i = 0; i < n; ++i) {
      const Step step = maker.make(batches[static_cast<size_t>(i + 3) % batches.size()], i, {}, threads, 1);
      const auto items = model.items().of(step.tracks, true);
      const auto gradient = shards_->of(step, {items.vectors.detach(), {}});
      items.vectors.backward(gradient.vectors.read);
      adam_->step(1, {{"items", {items.rows, items.leaf.grad()}}});
      done.count += step.labels;
      done.tokens += spoken_;
      for (const auto& shard : step.shards) done.tokens += shard.batch.played.sum().item<int64_t>();
    }
    return done;
  }
  Objective* objective_for(const Configuration& configuration) {
    if (objective_ == nullptr) objective_ = objectives().at(configuration.objective)(configuration.objective_options);
    return objective_.get();
  }

  struct Made {
    std::unique_ptr<Configuration> configuration;
    std::shared_ptr<SequenceModel> model;
  };
  std::string folder_, layers_, storage_, instruction_, response_;
  int64_t spoken_ = 0, answered_ = 0;
  Log log_ = made_up_log(listeners, plays_each, tracks);
  PlayTable table_;
  std::map<std::pair<std::string, bool>, Made> models_;
  std::unique_ptr<Decoder> decoder_;
  std::map<int64_t, std::map<int32_t, Recollection>> known_;  // by the number of listeners
  std::map<int64_t, int64_t> heard_;
  std::vector<Tensor> preface_;
  std::unique_ptr<Objective> objective_;
  std::unique_ptr<Shards> shards_;
  std::unique_ptr<Adam> adam_;
};

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  if (argc != 5 && argc != 6) {
    std::fputs("language_benchmark MODEL LAYERS INSTRUCTION RESPONSE [STORAGE]\n", stderr);
    return 2;
  }
  try {
    at::set_num_threads(1);
    segue::set_quiet(true);
    segue::Bench bench(argv[1], argv[2], std::stoll(argv[3]), std::stoll(argv[4]), argc > 5 ? argv[5] : "");
    for (std::string line; std::getline(std::cin, line) && line != "quit";) {
      std::istringstream in(line);
      std::string what;
      int64_t n = 1;
      int threads = 1;
      in >> what >> n >> threads;
      std::printf("%s\n", bench.run(what, n, threads).c_str());
      std::fflush(stdout);
    }
  } catch (const segue::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
