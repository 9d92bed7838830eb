#include "simulation/names.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <string_view>
#include <vector>

namespace segue::simulation {
namespace {

/// Syllables of a script; the first ones of a word have capitals, where the script has them.
struct Syllables {
  std::vector<std::string_view> first, next;
  std::string_view between;  // words
};

const Syllables& syllables(Script script) {
  static const std::array<Syllables, 4> table = {{
      {{"Ka", "Lo", "Mi", "Ren", "Sor", "Vel", "Tan", "Dri", "O", "Ul", "Be", "Nar", "Qui", "Sta", "Fen", "Mor", "É", "Zu",
        "Gra", "Hol", "Wen", "Ø", "Bri", "Sha"},
       {"ka", "lo", "mira", "ren", "sor", "vel", "tan", "dri", "osh", "ul", "beth", "nar", "na", "sta", "fen", "mo", "ali",
        "zu", "pet", "ro", "ve", "né", "ñor", "lia"},
       " "},
      {{"Ка", "Ло", "Ми", "Рен", "Со", "Вель", "Та", "Дру", "Бе", "На"},
       {"ка", "ло", "мир", "рен", "соль", "ве", "тан", "дри", "на", "ша", "ной"},
       " "},
      {{"Κα", "Λο", "Μι", "Ρε", "Σο", "Βε", "Τα", "Θε", "Να", "Φω"},
       {"κα", "λο", "μι", "ρα", "νος", "λια", "τα", "θη", "νη", "δρα"},
       " "},
      {{"カ", "ロ", "ミ", "レン", "ソ", "夜", "月", "ハ", "雪", "ユ"},
       {"カ", "ロ", "ミ", "ラ", "ソ", "川", "の", "ナ", "海", "キ", "ン"},
       ""},
  }};
  return table[static_cast<size_t>(script)];
}

template <class List>
auto one_of(Random& random, const List& list) {
  return list[random.below(list.size())];
}

std::string word(Random& random, Script script) {
  const Syllables& parts = syllables(script);
  std::string text(one_of(random, parts.first));
  const uint64_t more = 1 + random.below(2);
  for (uint64_t i = 0; i < more; ++i) text += one_of(random, parts.next);
  return text;
}

std::string words(Random& random, Script script, uint64_t count) {
  std::string text = word(random, script);
  for (uint64_t i = 1; i < count; ++i) {
    text += syllables(script).between;
    text += word(random, script);
  }
  return text;
}

}  // namespace

Script any_script(Random& random) {
  return random.uniform() < 0.9 ? Script::latin : static_cast<Script>(1 + random.below(3));
}

std::string artist_name(Random& random, Script script) {
  if (script != Script::latin) return words(random, script, 1 + random.below(2));
  const std::string a = word(random, script), b = word(random, script), c = word(random, script);
  const double kind = random.uniform();
  if (kind < 0.30) return fmt::format("{} {}", a, b);
  if (kind < 0.50) return a;
  if (kind < 0.65) return fmt::format("The {}s", a);
  if (kind < 0.73) return fmt::format("{} & {}", a, b);
  if (kind < 0.80) return fmt::format("{}, {} & {}", a, b, c);
  if (kind < 0.87) return fmt::format("{} \"{}\" {}", a, b, c);
  if (kind < 0.93) return fmt::format("{}'s {}", a, b);
  if (kind < 0.97) return fmt::format("DJ {}/{}", a, b);
  return fmt::format("\"{} {}", a, b);  // a lone quote, as in real logs
}

std::string title(Random& random, Script script) {
  if (script != Script::latin) return words(random, script, 1 + random.below(3));
  const std::string a = word(random, script), b = word(random, script);
  const double kind = random.uniform();
  if (kind < 0.35) return fmt::format("{} {}", a, b);
  if (kind < 0.60) return a;
  if (kind < 0.72) return fmt::format("{} of the {}", a, b);
  if (kind < 0.80) return fmt::format("{}, {}", a, b);
  if (kind < 0.86) return fmt::format("\"{}\" {}", a, b);
  if (kind < 0.91) return fmt::format("Don't {} {}", a, b);
  if (kind < 0.95) return fmt::format("{}?", a);
  return fmt::format("{} & {}: {}", a, b, word(random, script));
}

std::string place_name(Random& random) { return word(random, Script::latin); }

std::string uuid(Random& random) {
  const uint64_t a = random(), b = random();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", a >> 32, (a >> 16) & 0xffff, a & 0xfff,
                     0x8000 | ((b >> 48) & 0x3fff), b & 0xffffffffffff);
}

std::string track_uri(Random& random) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string uri = "spotify:track:";
  for (int i = 0; i < 22; ++i) uri += digits[random.below(digits.size())];
  return uri;
}

std::string file_name(const std::string& name) {
  std::string safe;
  for (const char c : name) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    safe += control || std::string_view("<>:\"/\\|?*").find(c) != std::string_view::npos ? '_' : c;
  }
  size_t size = std::min<size_t>(safe.size(), 80);
  while (size < safe.size() && (static_cast<unsigned char>(safe[size]) & 0xc0) == 0x80) --size;  // not inside a character
  safe.resize(size);
  while (!safe.empty() && (safe.back() == '.' || safe.back() == ' ')) safe.pop_back();
  while (!safe.empty() && (safe.front() == '.' || safe.front() == ' ')) safe.erase(0, 1);
  static const std::set<std::string> kept = {"con", "prn", "aux", "nul"};
  std::string lower = safe.substr(0, safe.find('.'));
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const bool port = lower.size() == 4 && (lower.starts_with("com") || lower.starts_with("lpt"));
  const bool device = kept.contains(lower) || (port && lower[3] >= '0' && lower[3] <= '9');
  if (safe.empty() || device) safe = "_" + safe;
  return safe;
}

}  // namespace segue::simulation
