#include "encoders/encode.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "core/console.h"
#include "core/error.h"
#include "core/progress.h"
#include "core/tensor_threads.h"
#include "signals/artist_words.h"
#include "signals/music_files.h"
#include "signals/track_index.h"

namespace segue {
namespace {

constexpr size_t most_problems = 100;
constexpr int32_t sounds_together = 8, texts_together = 512;  // of a claim

int64_t hash_of(const std::string& text) { return static_cast<int64_t>(XXH3_64bits(text.data(), text.size())); }

/// What threads tell of the work, and how far it is.
class Telling {
 public:
  Telling(EncodeReport& report, const std::string& what, int64_t left) : report_(report), progress_(what, left, "tracks") {}

  void made(double heard_s, bool broken) {
    const std::lock_guard lock(mutex_);
    ++report_.made;
    report_.heard_s += heard_s;
    report_.broken += broken ? 1 : 0;
    progress_.advance(1);
  }
  void unreadable(const std::string& problem) {
    const std::lock_guard lock(mutex_);
    if (report_.problems.size() < most_problems) report_.problems.push_back(problem);
    progress_.advance(1);
  }

 private:
  EncodeReport& report_;
  std::mutex mutex_;
  Progress progress_;
};

void close(EncodeReport& report, const Signal& signal, std::chrono::steady_clock::time_point begun) {
  report.known = signal.count(Known::vector);
  report.instrumental = signal.count(Known::instrumental);
  report.unreadable = signal.count(Known::unreadable);
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

std::string words_of(const HearOptions& hear, const SoundEncoder& encoder) {
  std::string pooling;
  for (const auto& [name, row] : poolings()) {
    if (row == hear.pooling) pooling = name;
  }
  const double window_s = hear.window_s > 0 ? hear.window_s : encoder.window_s();
  return hear.windows == 0 ? fmt::format("{:g} s after {:g} s, {}", window_s, window_s, pooling)
                           : fmt::format("{} times {:g} s, {}", hear.windows, window_s, pooling);
}

EncodeReport encode_sound(const Path& data, const EncodeOptions& options) {
  const auto begun = std::chrono::steady_clock::now();
  const std::string& row = options.encoder;
  const auto encoder = sound_encoders().at(row)(options.settings);
  const auto files = sound_of_tracks(load_music_files(data));
  if (files.empty()) throw Error("{}: no track has sound here yet; --music FOLDER ties files to tracks", data.string());
  EncodeReport report;
  report.about = {options.signal.empty() ? row : options.signal, "sound", fmt::format("{}; {}", encoder->space(), words_of(options.hear, *encoder)),
                  Pool(options.hear.pooling, encoder->width()).width()};
  std::vector<WantedTrack> wanted;
  for (const auto& [track, file] : files) wanted.push_back({track, file.content});
  report.wanted = static_cast<int64_t>(wanted.size());
  SignalWork work(data, report.about, std::move(wanted), {sounds_together, options.again, options.claims});
  Telling telling(report, "hearing", work.left());
  parallel_tensors(options.jobs, [&](int64_t) {
    while (const auto block = work.next()) {
      for (const auto& [track, content] : block->tracks) {
        HeardTrack heard;
        try {
          heard = hear(*encoder, files.at(track).path, options.hear);
        } catch (const Error& problem) {
          work.add(track, Known::unreadable, content, {}, problem.what());
          telling.unreadable(problem.what());
          continue;
        }
        work.add(track, Known::vector, content, heard.vector);
        telling.made(heard.seconds, heard.broken_packets > 0);
      }
    }
  });
  report.elsewhere = work.left() - work.looked_at();
  close(report, work.finish(), begun);
  return report;
}

/// What an encoder of words is to read of each track; nothing for an instrumental.
std::map<int32_t, std::string> texts_of(const Path& data, const EncodeOptions& options) {
  std::map<int32_t, std::string> texts;
  if (options.made_from == "lyrics") {
    for (auto& lyrics : load_lyrics(data)) texts[lyrics.track] = lyrics.instrumental ? std::string() : std::move(lyrics.text);
    if (texts.empty()) throw Error("{}: no lyrics here yet; --music FOLDER finds those beside files and in their tags, --lyrics TABLE brings others", data.string());
    return texts;
  }
  const Tracks tracks = tracks_of(data);
  const ArtistWords words = options.tags.empty() ? ArtistWords() : ArtistWords(options.tags);
  for (int32_t t = 0; t < tracks.size(); ++t) {
    const auto at = static_cast<size_t>(t);
    texts[t] = names_text(tracks.artist[at], tracks.title[at], words.of(tracks.artist[at]));
  }
  if (texts.empty()) throw Error("{}: no tracks here yet; first: segue import, or --music FOLDER", data.string());
  return texts;
}

EncodeReport encode_words(const Path& data, const EncodeOptions& options) {
  const auto begun = std::chrono::steady_clock::now();
  const std::string& row = options.encoder;
  const auto encoder = text_encoders().at(row)(options.settings);
  const auto texts = texts_of(data, options);
  EncodeReport report;
  report.about = {options.signal.empty() ? options.made_from + "-" + row : options.signal, options.made_from,
                  encoder->space() + (options.made_from == "names" && !options.tags.empty() ? "; with words of artists" : ""), encoder->width()};
  std::vector<WantedTrack> wanted;
  for (const auto& [track, text] : texts) wanted.push_back({track, hash_of(text)});
  report.wanted = static_cast<int64_t>(wanted.size());
  SignalWork work(data, report.about, std::move(wanted), {texts_together, options.again, options.claims});
  Telling telling(report, "reading " + options.made_from, work.left());
  while (const auto block = work.next()) {  // the encoder shares a block out over threads
    std::vector<std::string> read;
    for (const auto& [track, content] : block->tracks) {
      if (!texts.at(track).empty()) read.push_back(texts.at(track));
    }
    const Tensor vectors = read.empty() ? Tensor() : encoder->encode(read).contiguous();
    size_t at = 0;
    for (const auto& [track, content] : block->tracks) {
      const bool sung = !texts.at(track).empty();
      const auto width = static_cast<size_t>(report.about.width);
      const std::span vector(sung ? vectors.const_data_ptr<float>() + width * at++ : nullptr, sung ? width : 0);
      work.add(track, sung ? Known::vector : Known::instrumental, content, vector);
      telling.made(0, false);
    }
  }
  report.elsewhere = work.left() - work.looked_at();
  close(report, work.finish(), begun);
  return report;
}

}  // namespace

EncodeReport encode(const Path& data, EncodeOptions options) {
  if (options.encoder.empty() && !options.settings.model.empty()) options.encoder = model_type(options.settings.model);
  if (options.made_from != "sound") return encode_words(data, options);
  const auto words = text_encoders().names(), sounds = sound_encoders().names();
  const auto in = [&](const std::vector<std::string>& names) { return std::find(names.begin(), names.end(), options.encoder) != names.end(); };
  if (in(words) && !in(sounds)) throw Error("encoder '{}' reads words; of what? --read lyrics or --read names", options.encoder);
  return encode_sound(data, options);
}

nlohmann::ordered_json to_json(const EncodeReport& report) {
  return {{"signal", report.about.name}, {"made_from", report.about.made_from}, {"space", report.about.space}, {"space_id", report.about.space_id()},
          {"width", report.about.width}, {"wanted", report.wanted}, {"made", report.made}, {"elsewhere", report.elsewhere}, {"known", report.known},
          {"instrumental", report.instrumental}, {"unreadable", report.unreadable}, {"broken", report.broken}, {"heard_s", report.heard_s},
          {"seconds", report.seconds}, {"problems", report.problems}};
}

std::string text_of(const EncodeReport& report) {
  std::string out = fmt::format("signal {}: {} numbers from {} by {}\n{} of {} tracks made now in {}", report.about.name, report.about.width,
                                report.about.made_from, report.about.space, report.made, report.wanted, clock_time(report.seconds));
  if (report.heard_s > 0) out += fmt::format(", {} of sound, {:.0f} s a second", clock_time(report.heard_s), report.heard_s / report.seconds);
  out += fmt::format("\n{} tracks have a vector", report.known);
  if (report.instrumental > 0) out += fmt::format(", {} are instrumental", report.instrumental);
  if (report.unreadable > 0) out += fmt::format(", {} can't be read", report.unreadable);
  if (report.broken > 0) out += fmt::format("; of {} made now parts could not be decoded", report.broken);
  if (report.elsewhere > 0) out += fmt::format("; {} were left to other processes", report.elsewhere);
  out += "\n";
  for (const auto& problem : report.problems) out += printable(problem) + "\n";
  return out;
}

}  // namespace segue
