#include "annotation/local_tokens.h"

#include <algorithm>

namespace segue {
namespace {

using Conversation = std::vector<ChatProgram::Said>;

/// Stands where the user will speak; no words that anyone would write.
constexpr std::string_view user_here = "\x02user\x03";
/// A text behind which others are cut into tokens: some tokenizers put a blank before what begins.
constexpr const char* anchor = "\n";

size_t alike(const std::vector<int32_t>& some, const std::vector<int32_t>& others) {
  const auto n = static_cast<std::ptrdiff_t>(std::min(some.size(), others.size()));
  return static_cast<size_t>(std::mismatch(some.begin(), some.begin() + n, others.begin()).first - some.begin());
}

}  // namespace

ChatTokens::ChatTokens(const Path& folder) : tokenizer_(open_tokenizer(folder)), program_(folder), anchor_(tokenizer_->encode(anchor, false)) {}

std::string ChatTokens::written(const Conversation& conversation, bool answers) const {
  if (program_.known()) return program_.written(conversation, answers);
  std::string text;
  for (const auto& [role, said] : conversation) text += role + ": " + said + "\n";
  return answers ? text + "assistant:" : text;
}

ChatTokens::Prompt ChatTokens::prompt(const ChatRequest& request) {
  Conversation conversation;
  for (const auto& [role, text] : request.turns) conversation.push_back({role, text});
  Prompt prompt{encoded(written(conversation, true))};
  const auto user = std::find_if(conversation.begin(), conversation.end(), [](const auto& said) { return said.role == "user"; });
  if (user == conversation.end()) return prompt;
  conversation.erase(user, conversation.end());
  std::string before;
  for (const auto& [role, text] : conversation) before += role + "\n" + text + "\n";
  if (front_.empty() || before != before_) {
    conversation.push_back({"user", std::string(user_here)});
    const std::string text = written(conversation, false);
    const size_t at = text.find(user_here);
    front_ = at == std::string::npos ? std::vector<int32_t>() : encoded(text.substr(0, at));
    before_ = std::move(before);
  }
  // Something has to be read for the answer to begin.
  prompt.front = prompt.tokens.empty() ? 0 : std::min(alike(front_, prompt.tokens), prompt.tokens.size() - 1);
  return prompt;
}

std::vector<int32_t> ChatTokens::tokens(const std::string& text) const {
  auto all = tokenizer_->encode(anchor + text, false);
  if (alike(all, anchor_) < anchor_.size()) return tokenizer_->encode(text, false);
  all.erase(all.begin(), all.begin() + std::ssize(anchor_));
  return all;
}

}  // namespace segue
