// Encoders of sound over waves in files of f32 numbers, for scripts in peers/ that compare them with what others have.
//   encoders_benchmark ENCODER [FOLDER]     ENCODER: mfcc, descriptors or musicnn, which wants the FOLDER of its weights
// Reads lines "FILE TIMES INTO" from standard input, writes a line of JSON for each, with the processor seconds of all times
// together; the frames go to INTO in f32, by which both sides can be seen to do the same.
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <ctime>
#include <iostream>
#include <memory>
#include <sstream>

#include "core/error.h"
#include "encoders/descriptors.h"
#include "encoders/mfcc.h"
#include "encoders/musicnn.h"

namespace segue {
namespace {

Tensor read_wave(const Path& file) {
  const std::string bytes = read_file(file);
  const Tensor wave = at::empty({std::ssize(bytes) / 4});
  std::copy(bytes.begin(), bytes.begin() + std::ssize(bytes) / 4 * 4, static_cast<char*>(wave.mutable_data_ptr()));
  return wave;
}

std::unique_ptr<SoundEncoder> make(const std::string& name, const Path& folder) {
  if (name == "mfcc") return std::make_unique<Mfcc>(Mfcc::Options{});
  if (name == "descriptors") return std::make_unique<Descriptors>(Descriptors::Options{});
  if (name == "musicnn") return std::make_unique<Musicnn>(folder);
  throw Error("no encoder '{}'; known: mfcc, descriptors, musicnn", name);
}

double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fputs("encoders_benchmark ENCODER [FOLDER]\n", stderr);
    return 2;
  }
  try {
    at::set_num_threads(1);
    const auto encoder = segue::make(argv[1], argc > 2 ? argv[2] : "");
    for (std::string line; std::getline(std::cin, line);) {
      std::istringstream in(line);
      std::string file, into;
      int times = 1;
      in >> file >> times >> into;
      const at::Tensor wave = segue::read_wave(file);
      at::Tensor frames;
      const double began = segue::processor_seconds();
      for (int i = 0; i < times; ++i) frames = encoder->frames(wave);
      const double took = segue::processor_seconds() - began;
      frames = frames.contiguous();
      if (!into.empty()) segue::write_file(into, {static_cast<const char*>(frames.const_data_ptr()), frames.nbytes()});
      std::printf("{\"processor\": %.9f, \"frames\": %lld, \"width\": %lld}\n", took, static_cast<long long>(frames.size(0)), static_cast<long long>(frames.size(1)));
      std::fflush(stdout);
    }
  } catch (const segue::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
