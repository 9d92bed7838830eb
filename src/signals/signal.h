#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/files.h"

namespace segue {

/// What a signal says of one track.
enum class Known : uint8_t {
  nothing = 0,
  vector = 1,
  instrumental = 2,  // it is known that there are no words: no vector, but no gap either
  unreadable = 3,    // there is a file, and it can't be read
};

/// What the vectors of a signal are. Vectors of two spaces are never mixed.
struct SignalAbout {
  std::string name;        // of its folder
  std::string made_from;   // sound, lyrics, names, table
  std::string space;       // in words: all that a vector depends on besides what it is made from
  int64_t width = 0;       // D

  /// 16 hex digits that tell spaces apart.
  std::string space_id() const;
};

/// The vectors of a data folder's tracks by one encoder, as DATA/signals/NAME keeps them:
///
///  * `signal.json`: `about`;
///  * `vectors.safetensors`: track int32 [n], known uint8 [n], content int64 [n], vectors float [n, D], mask uint8 [n, D]
///    where single numbers are missing, and in its metadata the space and what could not be read;
///  * `*.records`: what was made since, by each process that makes some (signals/signal_records.h).
struct Signal {
  SignalAbout about;
  std::vector<int32_t> track;            // [n] of the data folder, ascending
  std::vector<Known> known;              // [n] never nothing
  std::vector<int64_t> content;          // [n] hash of what the vector was made from; 0: not known
  std::vector<float> vectors;            // [n, D] zeros where there is none
  std::vector<uint8_t> mask;             // [n, D] 1 where a number is known; empty: all of a known vector are
  std::map<int32_t, std::string> problems;  // why a track is unreadable

  size_t size() const { return track.size(); }
  std::span<const float> row(size_t i) const { return std::span(vectors).subspan(i * static_cast<size_t>(about.width), static_cast<size_t>(about.width)); }
  /// Where a track stands; size() where it does not.
  size_t find(int32_t of) const;
  /// How many tracks are known so.
  int64_t count(Known what) const;
};

/// Adds rows to a signal; of several for one track the last counts.
class SignalRows {
 public:
  explicit SignalRows(SignalAbout about) : about_(std::move(about)) {}
  /// vector: [D] where known is vector, else empty. mask: [D], or empty where all is known.
  void set(int32_t track, Known known, int64_t content, std::span<const float> vector, std::span<const uint8_t> mask = {}, std::string problem = {});
  void set(const Signal& all);
  bool has(int32_t track, int64_t content) const;
  /// nothing where there is no row.
  Known known(int32_t track) const;
  size_t size() const { return rows_.size(); }
  Signal signal() const;

 private:
  struct Row {
    Known known;
    int64_t content;
    std::vector<float> vector;
    std::vector<uint8_t> mask;
    std::string problem;
  };
  SignalAbout about_;
  std::map<int32_t, Row> rows_;
};

/// DATA/signals/NAME. Throws Error on a name that is no plain word.
Path signal_folder(const Path& data, const std::string& name);
/// Names of the signals of a data folder, sorted.
std::vector<std::string> signal_names(const Path& data);

/// Throws Error where there is no such signal, with those there are, and where its files are not as Segue wrote them.
SignalAbout load_about(const Path& data, const std::string& name);
Signal load_signal(const Path& data, const std::string& name);

/// Writes signal.json into a folder.
void write_about(const Path& folder, const SignalAbout& about);
/// Writes vectors.safetensors (aside, synced, renamed).
void save_vectors(const Path& folder, const Signal& signal);
/// What save_vectors wrote; nothing where there is no such file. Throws Error where it holds another space.
void read_vectors(const Path& folder, const SignalAbout& about, SignalRows& rows);

}  // namespace segue
