#include "audio/sound_reader.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "audio/sound_resampler.h"
#include "audio/sound_source.h"
#include "core/error.h"

namespace segue {
namespace {

constexpr float loudest = 1e10F;     // some write samples of 32 bits as they are; what is beyond is no sample
constexpr int64_t filter_samples = 64;  // of the lower rate: longer than the resampler looks back

int64_t silence_broken(std::vector<float>& samples) {
  const auto good = [](float sample) { return std::abs(sample) <= loudest; };  // NaN is not
  int64_t bad = 0;
  for (const float sample : samples) bad += good(sample) ? 0 : 1;
  if (bad != 0) std::replace_if(samples.begin(), samples.end(), [&](float sample) { return !good(sample); }, 0.0F);
  return bad;
}

}  // namespace

struct SoundReader::Impl {
  Impl(const Path& path, int rate) : file(std::make_shared<SoundFile>(path)), rate_hz(rate) { open(); }

  void open();
  bool start(std::unique_ptr<SoundSource> (*make)(std::shared_ptr<SoundFile>));
  void begin_again();
  bool next_block();
  bool refill();
  void convert(std::span<const float> samples);
  void jump(int64_t target);
  void forget();
  bool drop(int64_t until);

  std::shared_ptr<SoundFile> file;
  const int rate_hz;
  std::unique_ptr<SoundSource> source;
  SoundBlock block;             // the last that the source gave
  bool held = false;            // … and that was not converted yet
  int first_rate_hz = 0;        // of the source, where it began
  bool one_rate = true;         // … and never left it, as far as it was read
  int64_t ahead = 0;            // samples of the source to drop before converting
  std::optional<SoundResampler> resampler;
  std::vector<float> ready;     // converted, of which `used` were read
  size_t used = 0;
  int64_t position = 0;         // of the next sample that is read
  bool ended = false;
  int64_t broken_samples = 0, broken_before = 0;  // broken_before: packets of sources that were closed
};

void SoundReader::Impl::open() {
  std::string why;
  for (const auto make : {open_with_ffmpeg, open_with_sndfile}) {
    try {
      if (start(make)) return;
      if (why.empty()) why = fmt::format("{}: nothing of it can be decoded", file->path().string());
    } catch (const Error& refused) {
      file->check();  // then no other library would help
      if (why.empty()) why = refused.what();
    }
  }
  throw Error("{}", why);
}

bool SoundReader::Impl::start(std::unique_ptr<SoundSource> (*make)(std::shared_ptr<SoundFile>)) {
  source = make(file);
  held = next_block();
  first_rate_hz = block.sample_rate_hz;
  return held;
}

bool SoundReader::Impl::next_block() {
  if (!source->next(block)) return false;
  broken_samples += silence_broken(block.samples);
  if (first_rate_hz != 0 && block.sample_rate_hz != first_rate_hz) one_rate = false;
  return true;
}

/// Fills `ready`; false at the end.
bool SoundReader::Impl::refill() {
  ready.clear();
  used = 0;
  while (ready.empty() && !ended) {
    if (!held && !next_block()) {
      ended = true;
      if (resampler) resampler->finish(ready);
      break;
    }
    held = false;
    const auto dropped = std::min<int64_t>(ahead, std::ssize(block.samples));
    ahead -= dropped;
    convert(std::span<const float>(block.samples).subspan(static_cast<size_t>(dropped)));
  }
  return !ready.empty();
}

void SoundReader::Impl::convert(std::span<const float> samples) {
  if (samples.empty()) return;
  if (resampler && resampler->from_hz() != block.sample_rate_hz) {
    resampler->finish(ready);
    resampler.reset();
  }
  if (block.sample_rate_hz == rate_hz) {
    ready.insert(ready.end(), samples.begin(), samples.end());
  } else {
    if (!resampler) resampler.emplace(block.sample_rate_hz, rate_hz);
    resampler->add(samples, ready);
  }
}

void SoundReader::Impl::forget() {
  ready.clear();
  used = 0;
  held = ended = false;
  resampler.reset();
}

/// Goes to shortly before `target`: to where samples of both rates fall together, so that the resampler goes on as if
/// it had read everything. Where the file does not let it: to its beginning, unless `target` lies ahead anyway.
void SoundReader::Impl::jump(int64_t target) {
  const int64_t common = std::gcd(first_rate_hz, rate_hz);
  const int64_t step = first_rate_hz / common, own_step = rate_hz / common;
  const int64_t margin = filter_samples * std::max<int64_t>(1, 1 + first_rate_hz / rate_hz);
  const int64_t steps = std::max<int64_t>(0, target / own_step - 1 - margin / step);
  if (!one_rate || steps == 0 || !source->jumps()) {
    if (target < position) begin_again();
    return;
  }
  auto at = source->seek(steps * step);
  if (!at && target < position) {  // some only go forward
    begin_again();
    at = source->seek(steps * step);
  }
  if (!at) return begin_again();
  forget();
  ahead = steps * step - *at;
  position = steps * own_step;
}

void SoundReader::Impl::begin_again() {
  broken_before += source->broken_packets();
  forget();
  ahead = position = 0;
  first_rate_hz = 0;
  one_rate = true;
  open();
}

bool SoundReader::Impl::drop(int64_t until) {
  while (position < until) {
    if (used == ready.size() && !refill()) return false;
    const auto count = std::min<int64_t>(until - position, std::ssize(ready) - static_cast<int64_t>(used));
    used += static_cast<size_t>(count);
    position += count;
  }
  return used < ready.size() || refill();
}

SoundReader::SoundReader(const Path& file, int sample_rate_hz) {
  if (sample_rate_hz < 1) throw std::invalid_argument("SoundReader: the rate must be above 0");
  impl_ = std::make_unique<Impl>(file, sample_rate_hz);
}

SoundReader::~SoundReader() = default;

const SoundFormat& SoundReader::format() const { return impl_->source->format(); }

size_t SoundReader::read(std::span<float> into) {
  size_t done = 0;
  while (done < into.size()) {
    if (impl_->used == impl_->ready.size() && !impl_->refill()) break;
    const size_t count = std::min(into.size() - done, impl_->ready.size() - impl_->used);
    std::copy_n(impl_->ready.data() + impl_->used, count, into.data() + done);
    impl_->used += count;
    done += count;
  }
  impl_->position += static_cast<int64_t>(done);
  return done;
}

bool SoundReader::skip_to(double seconds) {
  auto& sound = *impl_;
  if (!(seconds >= 0 && seconds < 1e9)) throw std::invalid_argument("SoundReader: seconds out of range");
  const auto target = static_cast<int64_t>(std::llround(seconds * sound.rate_hz));
  const bool near = target >= sound.position && target - sound.position < 2 * int64_t{sound.rate_hz};
  if (!near) sound.jump(target);
  return sound.drop(target);
}

int64_t SoundReader::broken_packets() const { return impl_->broken_before + impl_->source->broken_packets(); }

int64_t SoundReader::broken_samples() const { return impl_->broken_samples; }

}  // namespace segue
