#include "audio/tags.h"

#include <fileref.h>
#include <id3v2tag.h>
#include <mpegfile.h>
#include <tiostream.h>
#include <tpropertymap.h>
#include <unsynchronizedlyricsframe.h>

#include <algorithm>
#include <stdexcept>

#include "audio/sound_file.h"
#include "core/console.h"

namespace segue {
namespace {

/// A file for TagLib to read and not to write.
class ReadOnly : public TagLib::IOStream {
 public:
  /// name: empty, so that the content says what it is, or what ends like such a file.
  ReadOnly(SoundFile& file, std::string name) : file_(file), name_(std::move(name)), size_(file.size()) {}

  TagLib::FileName name() const override { return name_.c_str(); }
  TagLib::ByteVector readBlock(unsigned long length) override {
    const auto left = static_cast<unsigned long>(std::max<int64_t>(0, size_ - at_));
    TagLib::ByteVector block(static_cast<unsigned>(std::min({length, left, 0xffffffffUL})), '\0');
    size_t done = 0;
    for (int64_t got = 1; done < block.size() && got > 0; done += static_cast<size_t>(std::max<int64_t>(0, got))) {
      got = file_.read(block.data() + done, block.size() - done, at_ + static_cast<int64_t>(done));
    }
    at_ += static_cast<int64_t>(done);
    // TagLib goes on for as many entries as a few bytes say there are, though nothing comes.
    if (done == 0 && length > 0 && ++reads_behind_the_end_ > 100) throw std::runtime_error("there is no more");
    return block.resize(static_cast<unsigned>(done));
  }
  void writeBlock(const TagLib::ByteVector&) override {}
  void insert(const TagLib::ByteVector&, unsigned long, unsigned long) override {}
  void removeBlock(unsigned long, unsigned long) override {}
  void truncate(long) override {}
  bool readOnly() const override { return true; }
  bool isOpen() const override { return true; }
  void seek(long offset, Position from) override {
    at_ = std::max<int64_t>(0, offset + (from == Beginning ? 0 : from == Current ? at_ : size_));
  }
  long tell() const override { return at_; }
  long length() override { return size_; }

 private:
  SoundFile& file_;
  std::string name_;
  int64_t size_, at_ = 0;
  int reads_behind_the_end_ = 0;
};

std::string text_of(const TagLib::String& text) {
  const auto plain = valid_utf8(text.to8Bit(true));
  const auto blank = [](char c) { return c == '\0' || c == ' ' || (c >= '\t' && c <= '\r'); };
  const auto begin = std::find_if_not(plain.begin(), plain.end(), blank);
  const auto end = std::find_if_not(plain.rbegin(), std::make_reverse_iterator(begin), blank).base();
  return {begin, end};
}

std::string first_of(const TagLib::PropertyMap& all, const char* key) {
  const auto found = all.find(key);
  if (found == all.end()) return {};
  for (const auto& value : found->second) {
    if (auto text = text_of(value); !text.empty()) return text;
  }
  return {};
}

std::string joined(const TagLib::PropertyMap& all, const char* key) {
  const auto found = all.find(key);
  if (found == all.end()) return {};
  std::string text;
  for (const auto& value : found->second) {
    const auto one = text_of(value);
    if (!one.empty()) text += (text.empty() ? "" : ", ") + one;
  }
  return text;
}

std::string with_plain_lines(std::string text) {
  std::string lines;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') lines += text[i];
    else if (i + 1 == text.size() || text[i + 1] != '\n') lines += '\n';
  }
  return lines;
}

std::string lyrics_of(const TagLib::PropertyMap& all) {
  for (const char* key : {"LYRICS", "UNSYNCEDLYRICS", "UNSYNCED LYRICS"}) {
    if (auto text = first_of(all, key); !text.empty()) return with_plain_lines(text);
  }
  for (const auto& [key, values] : all) {  // with a description
    if (!key.startsWith("LYRICS:") && !key.startsWith("UNSYNCEDLYRICS:")) continue;
    for (const auto& value : values) {
      if (auto text = text_of(value); !text.empty()) return with_plain_lines(text);
    }
  }
  return {};
}

/// ID3 says of what language lyrics are; "XXX" and the like say that it doesn't know.
std::string language_of_lyrics(TagLib::File& file) {
  auto* mpeg = dynamic_cast<TagLib::MPEG::File*>(&file);
  if (mpeg == nullptr || !mpeg->hasID3v2Tag()) return {};
  for (auto* frame : mpeg->ID3v2Tag()->frameList("USLT")) {
    const auto* words = dynamic_cast<TagLib::ID3v2::UnsynchronizedLyricsFrame*>(frame);
    if (words == nullptr) continue;
    const auto code = words->language();
    const bool letters = code.size() == 3 && std::all_of(code.begin(), code.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if (letters && code != "und" && code != "xxx" && code != "zxx") return {code.data(), code.size()};
  }
  return {};
}

SoundTags tags_of(TagLib::File& file) {
  const auto all = file.properties();
  SoundTags tags;
  tags.artist = joined(all, "ARTIST");
  tags.album_artist = joined(all, "ALBUMARTIST");
  if (tags.album_artist.empty()) tags.album_artist = joined(all, "ALBUM ARTIST");
  tags.title = joined(all, "TITLE");
  tags.album = first_of(all, "ALBUM");
  tags.recording_mbid = first_of(all, "MUSICBRAINZ_TRACKID");
  tags.track_mbid = first_of(all, "MUSICBRAINZ_RELEASETRACKID");
  tags.isrc = first_of(all, "ISRC");
  tags.lyrics = lyrics_of(all);
  tags.language = first_of(all, "LANGUAGE");
  if (tags.language.empty()) tags.language = language_of_lyrics(file);
  if (const auto* sound = file.audioProperties(); sound != nullptr && sound->lengthInMilliseconds() > 0) {
    tags.seconds = 1e-3 * sound->lengthInMilliseconds();
  }
  return tags;
}

}  // namespace

SoundTags read_tags(const Path& path) {
  SoundFile file(path);
  for (const auto& name : {std::string(), path.filename().string()}) {
    ReadOnly stream(file, name);
    try {
      const TagLib::FileRef found(&stream);
      if (!found.isNull()) return tags_of(*found.file());
    } catch (const std::exception&) {  // a size that lies asks for more than there is
    }
    file.check();
  }
  return {};
}

}  // namespace segue
