// Seconds of sound that a network hears in a second of one processor, for folders in the layout of Hugging Face:
//   sound_networks_benchmark FOLDER... [--seconds S] [--turns N]
// benchmarks/made_sound_model.py makes folders of published sizes. Beside the rate: hours for 20,000 tracks of 4 minutes, heard whole
// and 30 seconds of each.
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "encoders/clap_audio.h"
#include "encoders/encodec.h"
#include "encoders/speech.h"

namespace segue {
namespace {

std::unique_ptr<SoundEncoder> open(const Path& folder) {
  const auto type = model_type_of(folder);
  if (type == "encodec") return open_encodec(folder);
  return type.starts_with("clap") ? open_clap(folder) : open_speech(folder);
}

double processor_s() {
  std::timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void measure(const Path& folder, double seconds, int turns) {
  const auto encoder = open(folder);
  if (seconds == 0) seconds = encoder->window_s();
  const at::Tensor wave = at::randn({static_cast<int64_t>(seconds * encoder->sample_rate_hz())}) * 0.1;
  double least = 1e9;
  for (int turn = -1; turn < turns; ++turn) {
    const double begin = processor_s();
    encoder->frames(wave);
    if (turn >= 0) least = std::min(least, processor_s() - begin);
  }
  const double rate = seconds / least, library_h = 20'000 * 240 / 3600.0;
  std::printf("%-12s %5.1f s at once   segue        %8.2f seconds of sound a second of one processor; 20,000 tracks: %.1f h whole, %.1f h by 30 s\n", folder.filename().c_str(), seconds, rate,
              library_h / rate, library_h / rate / 8);
  std::fflush(stdout);
}

}  // namespace
}  // namespace segue

int main(int argc, char** argv) {
  at::set_num_threads(1);
  double seconds = 0;
  int turns = 2;
  std::vector<std::string> folders;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--seconds" && i + 1 < argc) seconds = std::atof(argv[++i]);
    else if (word == "--turns" && i + 1 < argc) turns = std::atoi(argv[++i]);
    else folders.push_back(word);
  }
  for (const auto& folder : folders) segue::measure(folder, seconds, turns);
}
