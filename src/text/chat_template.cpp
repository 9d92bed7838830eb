#include "text/chat_template.h"

#include <algorithm>

#include "text/jinja.h"

namespace segue {
namespace {

using namespace jinja;

struct Piece {
  enum Kind { text, output, block } kind = text;
  std::string is;           // text
  std::vector<Word> words;  // of the others
};

/// As Hugging Face sets Jinja: the line break behind a block goes, and so do the blanks of its line before it.
std::vector<Piece> pieces_of(std::string_view program) {
  std::vector<Piece> pieces;
  bool trims = false, skips_break = false;
  const auto add_text = [&](std::string text, bool trims_behind, bool strips_line) {
    const bool begins_line = pieces.empty() || (skips_break && text.starts_with("\n"));
    if (skips_break && text.starts_with("\n")) text.erase(0, 1);
    if (trims) text = trimmed(std::move(text), true, false);
    if (trims_behind) {
      text = trimmed(std::move(text), false, true);
    } else if (strips_line) {
      const size_t last = text.find_last_not_of(" \t");
      const bool whole_line = last == std::string::npos ? begins_line : text[last] == '\n';
      if (whole_line) text.erase(last == std::string::npos ? 0 : last + 1);
    }
    if (!text.empty()) pieces.push_back({Piece::text, std::move(text), {}});
  };
  while (!program.empty()) {
    const auto opens = [&](size_t at) { return at + 1 < program.size() && std::string_view("{%#").find(program[at + 1]) != std::string_view::npos; };
    size_t open = program.find('{');
    while (open != std::string_view::npos && !opens(open)) open = program.find('{', open + 1);
    if (open == std::string_view::npos) {
      add_text(std::string(program), false, false);
      break;
    }
    const char kind = program[open + 1];
    const std::string close = kind == '{' ? "}}" : kind == '%' ? "%}" : "#}";
    size_t end = std::string_view::npos;
    char quote = 0;
    for (size_t i = open + 2; i + 1 < program.size() && end == std::string_view::npos; ++i) {
      if (quote != 0) {
        if (program[i] == '\\') ++i;
        else if (program[i] == quote) quote = 0;
      } else if (kind != '#' && (program[i] == '\'' || program[i] == '"')) {
        quote = program[i];
      } else if (program.substr(i, 2) == close) {
        end = i;
      }
    }
    if (end == std::string_view::npos) throw wrong("a '{" + std::string(1, kind) + "' without its '" + close + "'");
    std::string_view inside = program.substr(open + 2, end - open - 2);
    const bool before = inside.starts_with("-"), after = inside.ends_with("-");
    add_text(std::string(program.substr(0, open)), before, kind != '{' && !inside.starts_with("+"));
    if (before || inside.starts_with("+")) inside.remove_prefix(1);
    if (after && !inside.empty()) inside.remove_suffix(1);
    if (kind == '{') pieces.push_back({Piece::output, {}, words_of(inside)});
    if (kind == '%') pieces.push_back({Piece::block, {}, words_of(inside)});
    trims = after;
    skips_break = kind != '{';
    program.remove_prefix(end + 2);
  }
  return pieces;
}

class Renderer {
 public:
  explicit Renderer(std::vector<Piece> pieces) : pieces_(std::move(pieces)) {}

  std::string whole(Scope& scope) {
    size_t at = 0;
    run(at, scope, true);
    if (at < pieces_.size()) throw wrong("'" + pieces_[at].words[0].is + "' closes nothing");
    return out_;
  }

 private:
  const std::string& word(size_t at) const { return pieces_[at].words[0].is; }
  bool is_block(size_t at) const { return at < pieces_.size() && pieces_[at].kind == Piece::block; }

  Json value(const Piece& piece, const Scope& scope, size_t from) {
    return counted(value_of(piece.words, scope, from)).json;
  }
  /// raise_exception speaks where its value is used.
  static Value counted(Value value) {
    if (!value.defined && value.json.is_object()) throw wrong("it refuses: " + text_of({value.json["refused"]}));
    return value;
  }

  /// Up to the block that ends this one or goes on elsewhere.
  void run(size_t& at, Scope& scope, bool live) {
    while (at < pieces_.size()) {
      const Piece& piece = pieces_[at];
      if (piece.kind == Piece::text) {
        if (live) out_ += piece.is;
        ++at;
      } else if (piece.kind == Piece::output) {
        if (live) out_ += text_of(counted(value_of(piece.words, scope)));
        ++at;
      } else if (word(at) == "if") {
        choose(at, scope, live);
      } else if (word(at) == "for") {
        repeat(at, scope, live);
      } else if (word(at) == "set") {
        if (live) assign(piece, scope);
        ++at;
      } else if (word(at) == "generation" || word(at) == "endgeneration") {
        ++at;
      } else if (word(at).starts_with("end") || word(at) == "else" || word(at) == "elif") {
        return;
      } else {
        throw wrong("no statement '" + word(at) + "'");
      }
    }
  }

  void choose(size_t& at, Scope& scope, bool live) {
    bool done = false;
    for (;;) {
      const bool last = word(at) == "else";
      const bool chosen = live && !done && (last || truth(value(pieces_[at], scope, 1)));
      ++at;
      run(at, scope, chosen);
      done = done || chosen;
      if (!is_block(at)) throw wrong("an 'if' without its 'endif'");
      if (word(at) == "endif") break;
      if (word(at) != "elif" && word(at) != "else") throw wrong("'" + word(at) + "' inside of an 'if'");
    }
    ++at;
  }

  void repeat(size_t& at, Scope& scope, bool live) {
    const Piece& head = pieces_[at];
    std::vector<std::string> names;
    size_t w = 1;
    for (; head.words[w].is != "in"; ++w) {
      if (head.words[w].kind == Word::end) throw wrong("a 'for' without 'in'");
      if (head.words[w].kind == Word::name) names.push_back(head.words[w].is);
    }
    Json list = Json::array();
    if (live) list = value(head, scope, w + 1);
    if (list.is_object()) {
      Json keys = Json::array();
      for (const auto& [key, one] : list.items()) keys.push_back(key);
      list = keys;
    }
    const size_t begin = ++at;
    for (size_t i = 0; i < std::max<size_t>(list.size(), 1); ++i) {
      const bool counts = i < list.size();
      Scope inner(&scope);
      if (counts) {
        for (size_t n = 0; n < names.size(); ++n) inner.set(names[n], names.size() == 1 ? list[i] : list[i].at(n));
        inner.set("loop", {{"index", i + 1}, {"index0", i}, {"first", i == 0}, {"last", i + 1 == list.size()}, {"length", list.size()},
                           {"previtem", i > 0 ? list[i - 1] : Json()}, {"nextitem", i + 1 < list.size() ? list[i + 1] : Json()}});
      }
      at = begin;
      run(at, inner, counts);
    }
    if (is_block(at) && word(at) == "else") {
      ++at;
      run(at, scope, live && list.empty());
    }
    if (!is_block(at) || word(at) != "endfor") throw wrong("a 'for' without its 'endfor'");
    ++at;
  }

  void assign(const Piece& piece, Scope& scope) {
    const auto& words = piece.words;
    const bool inside = words.size() > 4 && words[2].is == ".";
    const size_t sign = inside ? 4 : 2;
    if (words.size() <= sign || words[sign].is != "=") throw wrong("a 'set' that is not understood");
    const Json to = value(piece, scope, sign + 1);
    if (!inside) return scope.set(words[1].is, to);
    Json* const space = scope.find(words[1].is);
    if (space == nullptr) throw wrong("no namespace '" + words[1].is + "'");
    (*space)[words[3].is] = to;
  }

  std::vector<Piece> pieces_;
  std::string out_;
};

}  // namespace

std::string render_chat_template(std::string_view program, const nlohmann::ordered_json& values) {
  Scope scope;
  for (const auto& [name, value] : values.items()) scope.set(name, value);
  try {
    return Renderer(pieces_of(program)).whole(scope);
  } catch (const nlohmann::json::exception& bad) {
    throw wrong(bad.what());
  }
}

}  // namespace segue
