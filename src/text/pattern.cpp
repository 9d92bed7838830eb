#include "text/pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <nlohmann/json.hpp>

#include "core/error.h"

namespace segue {
namespace {

// White_Space of Unicode. PCRE2's own \s also has U+180E, which Unicode took out of it.
constexpr std::string_view spaces = R"(\t-\r\x20\x85\xa0\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000})";

/// The expression with \s and \S written out.
std::string with_spaces_of_unicode(const std::string& expression) {
  std::string whole;
  bool in_class = false;
  for (size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c == '\\' && i + 1 < expression.size()) {
      const char next = expression[++i];
      if (next == 's') {
        whole += in_class ? std::string(spaces) : fmt::format("[{}]", spaces);
      } else if (next == 'S' && !in_class) {
        whole += fmt::format("[^{}]", spaces);
      } else {
        whole += {c, next};
      }
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    whole += c;
  }
  return whole;
}

std::string message_of(int number) {
  PCRE2_UCHAR text[256];
  pcre2_get_error_message(number, text, sizeof text);
  return reinterpret_cast<const char*>(text);
}

constexpr uint32_t most_steps = 10'000'000;  // of one match; the library's own limit

}  // namespace

struct Pattern::Code {
  Code(const std::string& expression, uint32_t options, const std::string& where) {
    int number = 0;
    size_t place = 0;
    compiled = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(), options | PCRE2_UTF | PCRE2_UCP, &number, &place, nullptr);
    if (compiled == nullptr) throw Error("{}: no regular expression: '{}', at {}: {}", where, expression, place, message_of(number));
    pcre2_jit_compile(compiled, PCRE2_JIT_COMPLETE);  // where it can't, the expression is interpreted
    context = pcre2_match_context_create(nullptr);
    pcre2_set_match_limit(context, most_steps);
  }
  ~Code() {
    pcre2_match_context_free(context);
    pcre2_code_free(compiled);
  }
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;

  pcre2_code* compiled = nullptr;
  pcre2_match_context* context = nullptr;
};

Pattern::Pattern(const std::string& expression, const std::string& where) : code_(std::make_shared<Code>(with_spaces_of_unicode(expression), 0, where)) {}

Pattern Pattern::literal(const std::string& text) {
  std::string quoted;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x80 && std::string_view(R"(\^$.[]|()?*+{}-)").find(c) != std::string_view::npos) quoted += '\\';
    quoted += c;
  }
  return {quoted, "literal"};
}

std::vector<std::pair<size_t, size_t>> Pattern::matches(std::string_view text) const {
  std::vector<std::pair<size_t, size_t>> found;
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> data(pcre2_match_data_create(1, nullptr), pcre2_match_data_free);
  for (size_t at = 0; at <= text.size();) {
    const int count = pcre2_match(code_->compiled, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at, PCRE2_NO_UTF_CHECK, data.get(), code_->context);
    if (count == PCRE2_ERROR_NOMATCH) break;
    if (count < 0) throw Error("a text of {} bytes can't be split into words, at {}: {}", text.size(), at, message_of(count));
    const size_t* ends = pcre2_get_ovector_pointer(data.get());
    if (ends[1] > ends[0]) found.emplace_back(ends[0], ends[1]);
    at = ends[1] > at ? ends[1] : at + 1;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) ++at;
  }
  return found;
}

Pattern pattern_of(const nlohmann::json& spec, const std::string& where) {
  if (spec.contains("String")) return Pattern::literal(spec["String"].get<std::string>());
  return {spec.at("Regex").get<std::string>(), where};
}

}  // namespace segue
